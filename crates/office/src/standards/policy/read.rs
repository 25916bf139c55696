//! Reading a policy file: strict, within limits, the first fault with its place.

use std::collections::BTreeSet;
use std::str::FromStr;

use ledger::act::{Code, Level, PartId, UtcTime};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{
    Agreement, Body, Caveat, Consent, ConsentRule, Covers, Missing, OriginatorRule, POLICY_SCHEMA, Place,
    Policy, PolicyError, Review, Selection, Superseded, Value,
};
use crate::standards::record::{Date, Status, read_marking};

/// Bytes of a policy file.
const BYTES_MAX: usize = 4 << 20;
/// Lines of one kind: each is asked about every part.
const LINES_MAX: usize = 1_000;
/// Receivers: each is judged by itself over all parts.
const RECEIVERS_MAX: usize = 64;
/// Entries of one list of ids.
const LIST_MAX: usize = 100_000;
/// Bytes of a value that an error repeats.
const SHOWN_MAX: usize = 80;

const LEVEL_WORDS: [&str; 6] =
    ["public", "unclassified", "restricted", "confidential", "secret", "top-secret"];
const LEVELS: &str = "`public`, `unclassified`, `restricted`, `confidential`, `secret` or `top-secret`";
const TIMES: &str = "a day, `YYYY-MM-DD`, or a second in UTC, `YYYY-MM-DDTHH:MM:SSZ`";
const CODES: &str = "a code of 1 to 64 letters, digits, `-`, `_` and `.`";
const IDS: &str = "the id of a part";
const SELECTION: [&str; 4] = ["standards", "series", "custodian", "publisher"];

type Read<T> = Result<T, PolicyError>;

/// Reads a moment: a day stands for its first second in UTC.
#[must_use]
pub fn moment(text: &str) -> Option<UtcTime> {
    match text.len() {
        10 => Date::read(text).and_then(|_| UtcTime::new(&format!("{text}T00:00:00Z")).ok()),
        _ => UtcTime::new(text).ok(),
    }
}

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// The first fault found.
    pub fn read(text: &str) -> Result<Self, PolicyError> {
        if text.len() > BYTES_MAX {
            return Err(PolicyError::TooLarge { max: BYTES_MAX });
        }
        let document = DeTable::parse(text).map_err(|error| PolicyError::Toml {
            place: place(text, error.span().map_or(0, |span| span.start)),
            message: error.message().to_owned(),
        })?;
        let top = Section { text, table: document.get_ref(), at: 0, name: "" };
        top.only(&[
            "schema",
            "at",
            "markings",
            "review",
            "value",
            "planning",
            "receiver",
            "agreement",
            "group",
            "originator",
            "consent",
            "caveat",
            "held",
        ])?;
        top.word("schema", &[(POLICY_SCHEMA, ())], "`tearline-standards-policy/1`")?;
        let mut policy = Self { at: top.moment("at")?, ..Self::default() };
        policy.read_numbers(&top)?;
        policy.read_planning(&top)?;
        // Groups first: whoever names one as a party is told so.
        policy.read_groups(&top)?;
        policy.read_receivers(&top)?;
        policy.read_agreements(&top)?;
        policy.read_originators(&top)?;
        policy.read_caveats(&top)?;
        policy.read_held(&top)?;
        Ok(policy)
    }

    fn read_numbers(&mut self, top: &Section<'_>) -> Read<()> {
        if let Some(markings) = top.section("markings")? {
            markings.only(&["unmarked", "parts"])?;
            self.markings.unmarked = markings.level("unmarked")?.unwrap_or(self.markings.unmarked);
            if let Some(parts) = markings.section("parts")? {
                for (key, value) in parts.table {
                    let id = PartId::new(key.get_ref())
                        .map_err(|_| parts.bad(key.get_ref(), key.span().start, key.get_ref(), IDS))?;
                    let level = parts.text_of(key.get_ref(), value)?;
                    let level = read_marking(level)
                        .ok_or_else(|| parts.bad(key.get_ref(), value.span().start, level, LEVELS))?;
                    self.markings.parts.insert(id, level);
                }
            }
        }
        if let Some(review) = top.section("review")? {
            review.only(&LEVEL_WORDS)?;
            for word in LEVEL_WORDS {
                if let (Some(level), Some(effort)) = (
                    read_marking(word),
                    review.whole(word, 1, Review::EFFORT_MAX, "a whole number from 1 to 1000")?,
                ) {
                    self.review.set(level, effort);
                }
            }
        }
        let Some(value) = top.section("value")? else { return Ok(()) };
        let points = &mut self.value;
        let mut fields = [
            ("base", &mut points.base),
            ("mandatory", &mut points.mandatory),
            ("conditional", &mut points.conditional),
            ("recommended", &mut points.recommended),
            ("optional", &mut points.optional),
            ("candidate", &mut points.candidate),
            ("fading", &mut points.fading),
            ("stale", &mut points.stale),
        ];
        value.only(&fields.each_ref().map(|(key, _)| *key))?;
        for (key, field) in &mut fields {
            let found = value.whole(key, 0, Value::POINTS_MAX, "a whole number from 0 to 1000")?;
            **field = found.unwrap_or(**field);
        }
        Ok(())
    }

    fn read_planning(&mut self, top: &Section<'_>) -> Read<()> {
        let Some(section) = top.section("planning")? else { return Ok(()) };
        section.only(&["statuses", "covers", "missing_needs", "incomplete_covers", "superseded"])?;
        let planning = &mut self.planning;
        let statuses = "`accepted`, `draft` or `withdrawn`";
        if let Some(words) = section.texts("statuses")? {
            planning.statuses.clear();
            for (word, at) in words {
                planning.statuses.insert(match word {
                    "accepted" => Status::Accepted,
                    "draft" => Status::Draft,
                    "withdrawn" => Status::Withdrawn,
                    _ => return Err(section.bad("statuses", at, word, statuses)),
                });
            }
        }
        let covers = [("together", Covers::Together), ("first", Covers::First)];
        let missing = [("block", Missing::Block), ("flag", Missing::Flag)];
        let superseded = [("leave", Superseded::Leave), ("send", Superseded::Send)];
        let (wide, either) = ("`together` or `first`", "`block` or `flag`");
        planning.covers = section.word("covers", &covers, wide)?.unwrap_or(planning.covers);
        planning.missing_needs =
            section.word("missing_needs", &missing, either)?.unwrap_or(planning.missing_needs);
        planning.incomplete_covers =
            section.word("incomplete_covers", &missing, either)?.unwrap_or(planning.incomplete_covers);
        planning.superseded =
            section.word("superseded", &superseded, "`leave` or `send`")?.unwrap_or(planning.superseded);
        Ok(())
    }

    fn read_groups(&mut self, top: &Section<'_>) -> Read<()> {
        for group in top.sections("group", LINES_MAX)? {
            group.only(&["code", "members"])?;
            let (code, at) = group.required_code("code")?;
            let members =
                group.codes("members")?.unwrap_or_default().into_iter().map(|(code, _)| code).collect();
            if self.conditions.groups.insert(code.clone(), members).is_some() {
                return Err(PolicyError::Twice { place: group.place(at), code: code.to_string() });
            }
        }
        Ok(())
    }

    fn read_receivers(&mut self, top: &Section<'_>) -> Read<()> {
        for section in top.sections("receiver", RECEIVERS_MAX)? {
            section.only(&["code", "state", "clearance"])?;
            let (code, at) = section.required_code("code")?;
            let (state, state_at) = section.required_code("state")?;
            self.no_group(&section, &code, at)?;
            self.no_group(&section, &state, state_at)?;
            let clearance = section.level("clearance")?.ok_or_else(|| section.missing("clearance"))?;
            let twice = PolicyError::Twice { place: section.place(at), code: code.to_string() };
            if self.conditions.receivers.insert(code, Body { state, clearance }).is_some() {
                return Err(twice);
            }
        }
        if self.conditions.receivers.is_empty() { Err(top.missing("receiver")) } else { Ok(()) }
    }

    fn read_agreements(&mut self, top: &Section<'_>) -> Read<()> {
        for section in top.sections("agreement", LINES_MAX)? {
            section.only(&["party", "highest", "from", "until"])?;
            let (party, at) = section.required_code("party")?;
            self.no_group(&section, &party, at)?;
            let highest = section.level("highest")?.ok_or_else(|| section.missing("highest"))?;
            let from_utc = section.moment("from")?.ok_or_else(|| section.missing("from"))?;
            let until_utc = section.moment("until")?.ok_or_else(|| section.missing("until"))?;
            if from_utc >= until_utc {
                return Err(PolicyError::Period { place: section.place(section.at) });
            }
            self.conditions.agreements.push(Agreement { party, highest, from_utc, until_utc });
        }
        self.conditions.agreements.sort();
        Ok(())
    }

    fn read_originators(&mut self, top: &Section<'_>) -> Read<()> {
        for section in top.sections("originator", LINES_MAX)? {
            section.only(&["code", "default", "standards", "series", "custodian", "publisher"])?;
            let (originator, _) = section.required_code("code")?;
            let default = section.flag("default")?.unwrap_or(false);
            let of = if default { None } else { Some(section.selection()?) };
            self.originators.push(OriginatorRule { originator, of });
        }
        let decisions =
            [("agreed", Consent::Agreed), ("objected", Consent::Objected), ("pending", Consent::Pending)];
        for section in top.sections("consent", LINES_MAX)? {
            section.only(&[
                "originator",
                "decision",
                "receivers",
                "standards",
                "series",
                "custodian",
                "publisher",
            ])?;
            let (originator, _) = section.required_code("originator")?;
            let decision = section
                .word("decision", &decisions, "`agreed`, `objected` or `pending`")?
                .ok_or_else(|| section.missing("decision"))?;
            let receivers = match section.codes("receivers")? {
                None => None,
                Some(codes) => {
                    for (code, at) in &codes {
                        self.is_receiver(&section, code, *at)?;
                    }
                    Some(codes.into_iter().map(|(code, _)| code).collect())
                }
            };
            self.consents.rule(ConsentRule { originator, of: section.selection()?, decision, receivers });
        }
        Ok(())
    }

    fn read_caveats(&mut self, top: &Section<'_>) -> Read<()> {
        for section in top.sections("caveat", LINES_MAX)? {
            section.only(&["releasable_to", "standards", "series", "custodian", "publisher"])?;
            let codes = section.codes("releasable_to")?.ok_or_else(|| section.missing("releasable_to"))?;
            for (code, at) in &codes {
                self.no_group(&section, code, *at)?;
            }
            let releasable_to = codes.into_iter().map(|(code, _)| code).collect();
            self.caveats.push(Caveat { of: section.selection()?, releasable_to });
        }
        Ok(())
    }

    fn read_held(&mut self, top: &Section<'_>) -> Read<()> {
        for section in top.sections("held", LINES_MAX)? {
            section.only(&["receiver", "standards"])?;
            let (receiver, at) = section.required_code("receiver")?;
            self.is_receiver(&section, &receiver, at)?;
            let parts = section.ids("standards")?.ok_or_else(|| section.missing("standards"))?;
            self.held.entry(receiver).or_default().extend(parts);
        }
        Ok(())
    }

    fn no_group(&self, section: &Section<'_>, code: &Code, at: usize) -> Read<()> {
        if self.conditions.groups.contains_key(code) {
            return Err(PolicyError::Group { place: section.place(at), code: code.clone() });
        }
        Ok(())
    }

    fn is_receiver(&self, section: &Section<'_>, code: &Code, at: usize) -> Read<()> {
        self.no_group(section, code, at)?;
        if self.conditions.receivers.contains_key(code) {
            return Ok(());
        }
        let near = nearest(code.as_str(), self.conditions.receivers.keys().map(Code::as_str));
        Err(PolicyError::NoReceiver { place: section.place(at), code: code.clone(), near })
    }
}

/// Line and character of a byte offset.
fn place(text: &str, offset: usize) -> Place {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.bytes().filter(|&byte| byte == b'\n').count() as u64 + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as u64 + 1;
    Place { line, column }
}

/// The known words nearest to a mistyped one, up to three at the same distance.
fn nearest<'k>(wanted: &str, known: impl IntoIterator<Item = &'k str>) -> Vec<String> {
    let wanted: String = wanted.chars().take(SHOWN_MAX).flat_map(char::to_lowercase).collect();
    let distance = |name: &str| strsim::osa_distance(&wanted, &name.to_lowercase());
    let mut names: Vec<(usize, &str)> = known.into_iter().map(|name| (distance(name), name)).collect();
    names.sort_unstable();
    let best = names.first().map(|(distance, _)| *distance);
    names.iter().take(3).filter(|(at, _)| Some(*at) == best).map(|(_, name)| (*name).to_owned()).collect()
}

/// A table of the file.
struct Section<'t> {
    text: &'t str,
    table: &'t DeTable<'t>,
    /// Byte at which it stands.
    at: usize,
    /// Named in front of its keys; empty at the top.
    name: &'t str,
}

impl<'t> Section<'t> {
    fn place(&self, at: usize) -> Place {
        place(self.text, at)
    }

    fn path(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    fn missing(&self, key: &str) -> PolicyError {
        PolicyError::KeyMissing { place: self.place(self.at), key: self.path(key) }
    }

    fn bad(&self, key: &str, at: usize, found: &str, expected: &'static str) -> PolicyError {
        let found = found.chars().take(SHOWN_MAX).collect();
        PolicyError::BadValue { place: self.place(at), key: self.path(key), found, expected }
    }

    fn wrong(&self, key: &str, value: &Spanned<DeValue<'_>>, expected: &'static str) -> PolicyError {
        let found = value.get_ref().type_str();
        PolicyError::WrongType { place: self.place(value.span().start), key: self.path(key), expected, found }
    }

    fn only(&self, known: &[&str]) -> Read<()> {
        for (key, _) in self.table {
            if !known.contains(&key.get_ref().as_ref()) {
                let near = nearest(key.get_ref(), known.iter().copied());
                let shown: String = key.get_ref().chars().take(SHOWN_MAX).collect();
                let place = self.place(key.span().start);
                return Err(PolicyError::KeyUnknown { place, key: self.path(&shown), near });
            }
        }
        Ok(())
    }

    fn section(&self, key: &'t str) -> Read<Option<Section<'t>>> {
        let Some(value) = self.table.get(key) else { return Ok(None) };
        match value.get_ref() {
            DeValue::Table(table) => {
                Ok(Some(Section { text: self.text, table, at: value.span().start, name: key }))
            }
            _ => Err(self.wrong(key, value, "a table")),
        }
    }

    fn sections(&self, key: &'t str, max: usize) -> Read<Vec<Section<'t>>> {
        let Some(value) = self.table.get(key) else { return Ok(Vec::new()) };
        let DeValue::Array(items) = value.get_ref() else {
            return Err(self.wrong(key, value, "a list of tables"));
        };
        self.at_most(key, value, items.len(), max)?;
        let mut sections = Vec::with_capacity(items.len());
        for item in items {
            let DeValue::Table(table) = item.get_ref() else { return Err(self.wrong(key, item, "a table")) };
            sections.push(Section { text: self.text, table, at: item.span().start, name: key });
        }
        Ok(sections)
    }

    fn at_most(&self, key: &str, value: &Spanned<DeValue<'_>>, found: usize, max: usize) -> Read<()> {
        if found > max {
            let place = self.place(value.span().start);
            return Err(PolicyError::TooMany { place, key: self.path(key), max });
        }
        Ok(())
    }

    fn text_of<'v>(&self, key: &str, value: &'v Spanned<DeValue<'_>>) -> Read<&'v str> {
        match value.get_ref() {
            DeValue::String(text) => Ok(text.as_ref()),
            _ => Err(self.wrong(key, value, "a text")),
        }
    }

    fn text(&self, key: &str) -> Read<Option<(&'t str, usize)>> {
        let Some(value) = self.table.get(key) else { return Ok(None) };
        Ok(Some((self.text_of(key, value)?, value.span().start)))
    }

    fn word<T: Copy>(&self, key: &str, words: &[(&str, T)], expected: &'static str) -> Read<Option<T>> {
        let Some((found, at)) = self.text(key)? else { return Ok(None) };
        let meant = words.iter().find(|(word, _)| *word == found).map(|(_, meant)| *meant);
        meant.map(Some).ok_or_else(|| self.bad(key, at, found, expected))
    }

    fn level(&self, key: &str) -> Read<Option<Level>> {
        let Some((found, at)) = self.text(key)? else { return Ok(None) };
        read_marking(found).map(Some).ok_or_else(|| self.bad(key, at, found, LEVELS))
    }

    /// A moment, as a text or a date of TOML.
    fn moment(&self, key: &str) -> Read<Option<UtcTime>> {
        let Some(value) = self.table.get(key) else { return Ok(None) };
        let found = match value.get_ref() {
            DeValue::Datetime(date) => date.to_string(),
            _ => self.text_of(key, value)?.to_owned(),
        };
        moment(&found).map(Some).ok_or_else(|| self.bad(key, value.span().start, &found, TIMES))
    }

    fn whole(&self, key: &str, min: u64, max: u64, expected: &'static str) -> Read<Option<u64>> {
        let Some(value) = self.table.get(key) else { return Ok(None) };
        let DeValue::Integer(integer) = value.get_ref() else {
            return Err(self.wrong(key, value, "a whole number"));
        };
        let whole = u64::from_str_radix(integer.as_str(), integer.radix()).ok();
        let whole = whole.filter(|whole| (min..=max).contains(whole));
        whole.map(Some).ok_or_else(|| self.bad(key, value.span().start, integer.as_str(), expected))
    }

    fn flag(&self, key: &str) -> Read<Option<bool>> {
        let Some(value) = self.table.get(key) else { return Ok(None) };
        value.get_ref().as_bool().map(Some).ok_or_else(|| self.wrong(key, value, "true or false"))
    }

    fn texts(&self, key: &str) -> Read<Option<Vec<(&'t str, usize)>>> {
        let Some(value) = self.table.get(key) else { return Ok(None) };
        let DeValue::Array(items) = value.get_ref() else {
            return Err(self.wrong(key, value, "a list of texts"));
        };
        self.at_most(key, value, items.len(), LIST_MAX)?;
        let texts = items.iter().map(|item| Ok((self.text_of(key, item)?, item.span().start)));
        texts.collect::<Read<Vec<_>>>().map(Some)
    }

    fn each<T: FromStr>(&self, key: &str, expected: &'static str) -> Read<Option<Vec<(T, usize)>>> {
        let Some(texts) = self.texts(key)? else { return Ok(None) };
        let read = |(text, at): (&str, usize)| match text.parse() {
            Ok(value) => Ok((value, at)),
            Err(_) => Err(self.bad(key, at, text, expected)),
        };
        texts.into_iter().map(read).collect::<Read<Vec<_>>>().map(Some)
    }

    fn codes(&self, key: &str) -> Read<Option<Vec<(Code, usize)>>> {
        self.each(key, CODES)
    }

    fn ids(&self, key: &str) -> Read<Option<BTreeSet<PartId>>> {
        Ok(self.each(key, IDS)?.map(|ids| ids.into_iter().map(|(id, _)| id).collect()))
    }

    fn required_code(&self, key: &str) -> Read<(Code, usize)> {
        let (found, at) = self.text(key)?.ok_or_else(|| self.missing(key))?;
        Ok((Code::new(found).map_err(|_| self.bad(key, at, found, CODES))?, at))
    }

    /// The parts that a line is about.
    fn selection(&self) -> Read<Selection> {
        let words = |key: &str| -> Read<BTreeSet<String>> {
            let texts = self.texts(key)?.unwrap_or_default();
            Ok(texts.into_iter().map(|(text, _)| text.to_ascii_lowercase()).collect())
        };
        if !SELECTION.iter().any(|key| self.table.contains_key(*key)) {
            let (place, key) = (self.place(self.at), self.name.to_owned());
            return Err(PolicyError::NoSelection { place, key });
        }
        Ok(Selection {
            standards: self.ids("standards")?.unwrap_or_default(),
            series: words("series")?,
            custodian: words("custodian")?,
            publisher: words("publisher")?,
        })
    }
}
