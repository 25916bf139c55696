//! Display markings: what stands at the top and bottom of a page, and at the two ends of a document, by language.
//!
//! A marking is made of the policy's name, the classification and the values, in the order of the file. Phrases replace names;
//! qualifiers stand before, between and after what belongs together. What is not there in a language is there in the language
//! without its region, and then in no language at all.
//!
//! # Source
//! Open XML SPIF, `markingData` and `markingQualifier`. How they combine is not spelt out there; it follows the markings that
//! the public test data expects for the labels of ADatP-4774, table 17.

use crate::{
    document::Statement,
    field::Text,
    finding::Finding,
    spif::{Spif, SpifError, SpifTag, ValueId, read::Node},
    xml::XML_NAMESPACE,
};

/// Where a marking stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// At the top of each page.
    PageTop,
    /// At the bottom of each page.
    PageBottom,
    /// Once, before the text.
    DocumentStart,
    /// Once, after the text.
    DocumentEnd,
}

impl Place {
    /// Every place.
    pub const ALL: [Self; 4] = [Self::PageTop, Self::PageBottom, Self::DocumentStart, Self::DocumentEnd];

    /// The word in policy files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PageTop => "pageTop",
            Self::PageBottom => "pageBottom",
            Self::DocumentStart => "documentStart",
            Self::DocumentEnd => "documentEnd",
        }
    }
}

/// What a phrase is for, and where it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Codes {
    /// Where; everywhere when empty.
    pub places: Vec<Place>,
    /// Nothing is shown for the value itself.
    pub hidden: bool,
    /// The phrase takes the place of the policy's name.
    pub replaces_policy: bool,
    /// The classification's name is left out.
    pub suppresses_class: bool,
}

/// A phrase in a language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// The language; empty for none.
    pub language: String,
    /// What is shown in place of the name; the name itself when there is none.
    pub text: Option<String>,
    /// What it is for.
    pub codes: Codes,
}

/// Where a qualifier stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QualifierCode {
    /// Before all of them.
    Prefix,
    /// Between two of them.
    Separator,
    /// After all of them.
    Suffix,
}

/// What joins values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qualifier {
    /// The language; empty for none.
    pub language: String,
    /// Where it stands.
    pub code: QualifierCode,
    /// In which markings; in all when empty.
    pub places: Vec<Place>,
    /// What is shown, spaces included.
    pub text: String,
}

/// How something is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Markings {
    /// What is shown in place of its name.
    pub phrases: Vec<Phrase>,
    /// What joins what belongs to it.
    pub qualifiers: Vec<Qualifier>,
}

/// For whom a marking is made.
#[derive(Debug, Clone, Copy)]
struct View<'l> {
    language: &'l str,
    place: Place,
}

impl Markings {
    /// Takes `markingData` and `markingQualifier` out of an element.
    pub(super) fn read(node: &mut Node) -> Result<Self, SpifError> {
        let mut markings = Self::default();
        for mut data in node.children("markingData")? {
            let language = data.element.take_in(XML_NAMESPACE, "lang").unwrap_or_default();
            let text = data.element.take("phrase").map(|t| shown(&data, "phrase", t)).transpose()?;
            for unused in ["shortPhrase", "simplePhrase", "inputPhrase"] {
                data.element.take(unused);
            }
            let mut codes = Codes::default();
            for code in data.children("code")? {
                codes.add(&code.into_text()?)?;
            }
            data.end()?;
            markings.phrases.push(Phrase { language, text, codes });
        }
        for mut group in node.children("markingQualifier")? {
            let places = match group.element.take("markingCode") {
                None => Vec::new(),
                Some(word) => places(&word).ok_or_else(|| group.word("markingCode", &word))?,
            };
            for mut qualifier in group.children("qualifier")? {
                let language = qualifier.element.take_in(XML_NAMESPACE, "lang").unwrap_or_default();
                let text = qualifier.element.take("markingQualifier").unwrap_or_default();
                let text = shown(&qualifier, "markingQualifier", text)?;
                let word = qualifier.element.take("qualifierCode").unwrap_or_default();
                let code = match word.as_str() {
                    "prefix" => QualifierCode::Prefix,
                    "separator" => QualifierCode::Separator,
                    "suffix" => QualifierCode::Suffix,
                    other => return Err(qualifier.word("qualifierCode", other)),
                };
                qualifier.end()?;
                markings.qualifiers.push(Qualifier { language, code, places: places.clone(), text });
            }
            group.end()?;
        }
        Ok(markings)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.phrases.is_empty() && self.qualifiers.is_empty()
    }

    /// The first phrase for a purpose, in the nearest language that has one at the place.
    fn phrase(&self, view: View<'_>, purpose: fn(&Codes) -> bool) -> Option<&Phrase> {
        let here = |p: &&Phrase| p.codes.places.is_empty() || p.codes.places.contains(&view.place);
        let fitting = || self.phrases.iter().filter(here).filter(|p| purpose(&p.codes));
        languages(view.language).find_map(|language| fitting().find(|p| same(&p.language, language)))
    }

    /// What a qualifier says; those for the place go before those for another one.
    fn qualifier(&self, code: QualifierCode, view: View<'_>) -> Option<&str> {
        let of_code = || self.qualifiers.iter().filter(|q| q.code == code);
        let here = |q: &&Qualifier| q.places.is_empty() || q.places.contains(&view.place);
        languages(view.language).find_map(|language| {
            let fitting = || of_code().filter(|q| same(&q.language, language));
            fitting().find(here).or_else(|| fitting().next()).map(|q| q.text.as_str())
        })
    }
}

impl Codes {
    fn add(&mut self, word: &str) -> Result<(), SpifError> {
        match word {
            "noMarkingDisplay" | "noNameDisplay" => self.hidden = true,
            "suppressClassName" => self.suppresses_class = true,
            "replacePolicy" => self.replaces_policy = true,
            other => {
                let element = "markingData".to_owned();
                let unknown = SpifError::Word { element, attribute: "code", found: other.to_owned() };
                self.places.extend(places(other).ok_or(unknown)?);
            }
        }
        Ok(())
    }
}

fn places(word: &str) -> Option<Vec<Place>> {
    match word {
        "pageTopBottom" => Some(vec![Place::PageTop, Place::PageBottom]),
        word => Place::ALL.into_iter().find(|p| p.name() == word).map(|p| vec![p]),
    }
}

/// A text for a page: like a [`Text`], but it may be empty and have spaces at its ends.
fn shown(node: &Node, attribute: &'static str, text: String) -> Result<String, SpifError> {
    let trimmed = text.trim_matches(' ');
    if !trimmed.is_empty() {
        let element = node.element.name.clone();
        Text::new(trimmed).map_err(|source| SpifError::Text { element, attribute, source })?;
    }
    Ok(text)
}

/// A language, then the same without region, then none (RFC 4647, section 3.4).
fn languages(language: &str) -> impl Iterator<Item = &str> {
    let mut next = Some(language);
    std::iter::from_fn(move || {
        let now = next?;
        next = match now.rfind(['-', '_']) {
            Some(at) => now.get(..at),
            None if now.is_empty() => None,
            None => Some(""),
        };
        Some(now)
    })
}

fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

impl Spif {
    /// The marking of a statement. `language` is a tag such as `fr` or `fr-CA`, or empty.
    ///
    /// # Errors
    /// What the policy does not have: a marking that leaves something out would understate the label.
    pub fn marking(
        &self,
        statement: &Statement,
        language: &str,
        place: Place,
    ) -> Result<String, Vec<Finding>> {
        let (selection, mut findings) = self.select(statement);
        let view = View { language, place };
        let mark = statement.privacy_mark.as_ref().map(|m| self.privacy_mark(m, view, &mut findings));
        match selection {
            Some(selection) if findings.is_empty() => {
                let values: Vec<_> = selection.values.iter().collect();
                let mut words = self.head(selection.grade, &values, view);
                self.append(&mut words, &values, view);
                if let Some(mark) = mark.filter(|m| !m.is_empty()) {
                    words.push_str(self.separator(view));
                    words.push_str(&mark);
                }
                Ok(self.around(&words, view))
            }
            _ => Err(findings),
        }
    }

    /// What a clearance allows, in the form of a marking: the classifications in braces, ascending.
    pub(crate) fn clearance_marking(
        &self,
        grades: &[usize],
        values: &[(&ValueId, &Vec<Text>)],
        language: &str,
        place: Place,
    ) -> String {
        let view = View { language, place };
        let mut ascending: Vec<_> = grades.iter().filter_map(|n| self.grades.get(*n)).collect();
        ascending.sort_by_key(|g| g.hierarchy);
        let names: Vec<_> = ascending.iter().map(|g| g.name.as_str()).collect();
        let mut words = format!("{{{}}}", names.join("|"));
        self.append(&mut words, values, view);
        self.around(&words, view)
    }

    fn separator(&self, view: View<'_>) -> &str {
        self.markings.qualifier(QualifierCode::Separator, view).filter(|s| !s.is_empty()).unwrap_or(" ")
    }

    fn around(&self, words: &str, view: View<'_>) -> String {
        let of = |code| self.markings.qualifier(code, view).unwrap_or("");
        format!("{}{words}{}", of(QualifierCode::Prefix), of(QualifierCode::Suffix))
    }

    fn privacy_mark(&self, mark: &Text, view: View<'_>, findings: &mut Vec<Finding>) -> String {
        let Some(known) = &self.privacy_marks else { return mark.to_string() };
        match known.iter().find(|k| k.name.says(mark.as_str())) {
            Some(known) => phrase_or_name(&known.markings, known.name.as_str(), view),
            None => {
                let code = crate::finding::Code::PrivacyMarkUnknown;
                findings.push(Finding::new(code, "PrivacyMark", mark.as_str()));
                String::new()
            }
        }
    }

    /// The policy's name or what takes its place, and the classification.
    fn head(&self, grade: usize, values: &[(&ValueId, &Vec<Text>)], view: View<'_>) -> String {
        let Some(grade) = self.grades.get(grade) else { return self.name.to_string() };
        let of_values = values.iter().filter_map(|(id, _)| Some(&self.value(**id)?.2.markings));
        let mut all = [&self.markings, &grade.markings].into_iter().chain(of_values.clone());
        let mut words = match all.find_map(|m| m.phrase(view, |c| c.replaces_policy)) {
            Some(phrase) => phrase.text.clone().unwrap_or_default(),
            None => self.name.to_string(),
        };
        if !of_values.clone().any(|m| m.phrase(view, |c| c.suppresses_class).is_some()) {
            let name = phrase_or_name(&grade.markings, grade.name.as_str(), view);
            if !words.is_empty() && !name.is_empty() {
                words.push_str(self.separator(view));
            }
            words.push_str(&name);
        }
        words
    }

    /// Adds the values, tag by tag.
    fn append(&self, words: &mut String, values: &[(&ValueId, &Vec<Text>)], view: View<'_>) {
        let mut open: Option<((usize, usize), &SpifTag)> = None;
        let close = |open: Option<((usize, usize), &SpifTag)>, words: &mut String| {
            let suffix = open.and_then(|(_, tag)| tag.markings.qualifier(QualifierCode::Suffix, view));
            words.push_str(suffix.unwrap_or(""));
        };
        for (id, written) in values {
            let Some((_, tag, value)) = self.value(**id) else { continue };
            let names = if value.free { (*written).clone() } else { vec![value.name.clone()] };
            for name in names {
                let shown = phrase_or_name(&value.markings, name.as_str(), view);
                if shown.is_empty() {
                    continue;
                }
                if open.is_some_and(|(at, _)| at == (id.set, id.tag)) {
                    let between = tag.markings.qualifier(QualifierCode::Separator, view);
                    words.push_str(between.filter(|s| !s.is_empty()).unwrap_or("/"));
                } else {
                    close(open, words);
                    if !words.is_empty() {
                        words.push_str(self.separator(view));
                    }
                    words.push_str(tag.markings.qualifier(QualifierCode::Prefix, view).unwrap_or(""));
                    open = Some(((id.set, id.tag), tag));
                }
                words.push_str(&shown);
            }
        }
        close(open, words);
    }
}

/// What is shown for something of this name. A phrase that only takes the policy's place is not for the name.
fn phrase_or_name(markings: &Markings, name: &str, view: View<'_>) -> String {
    match markings.phrase(view, |c| c.hidden || !c.replaces_policy) {
        Some(phrase) if phrase.codes.hidden => String::new(),
        Some(phrase) => phrase.text.clone().unwrap_or_else(|| name.to_owned()),
        None => name.to_owned(),
    }
}
