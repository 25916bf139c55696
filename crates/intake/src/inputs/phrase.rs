//! The grammar of phrases: what each says is awkward.
//!
//! ```text
//! input      := clause { ";" clause }                        all clauses describe one input
//! clause     := row { tail }
//!             | column value { "or" value }                   remarks in parentheses are passed over
//!             | "measure" name "has domain [" low "," high "]"
//!             | "a conversion" unit "=" number unit "is declared"
//!             | "header without column" column
//!             | "codes file:" ( code ">" code { "," code ">" code } | code "has no parent" ...
//!                             | code "under" code { "and under" code } | code "twice" )
//!             | "supplied parent" code "=" number "but" code { "+" code } "=" number
//!             | "no row for" text { "," text }
//!             | "a" column "with no record" ...
//!             | "table with one contributor" ...
//!             | "grand total" ... "sensitive for a declared coalition"
//!             | "attacker with" members { "or with" members }
//!             | "file in" encoding [ "with" text ] { "or" form }
//!             | ... "starting with" mark { mark } "in a text field"
//!             | "revised hierarchy" ... "older release" ...
//!             | code "is new in the revised hierarchy" ... "older release" ...
//!             | parameter "=" number { "," parameter "=" number }
//! row        := field "," field ...                           as many fields as the base has columns
//! tail       := "twice" | "then" row | "and" row | "with a later vintage" | "under one total"
//!             | "where the unit is" unit | "and a conversion" ... | "and no conversion is declared"
//!             | "or" ( row | value )
//! ```
//! A value after "or" takes the place of the field that is written like it, otherwise of the figure.

use super::scenario::{Base, Draft, DraftCells, DraftRow, Form, Revision};
use super::world::World;

/// How several alternatives become one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Combine {
    /// The worst of them.
    Worst,
    /// What most of them get.
    Most,
}

/// A phrase that is understood: the inputs it describes.
#[derive(Debug)]
pub(super) struct Understood {
    pub(super) drafts: Vec<Draft>,
    pub(super) combine: Combine,
}

/// Alternatives of one phrase.
const DRAFTS_MAX: usize = 64;
/// Rows of one draft.
const ROWS_MAX: usize = 64;

/// Takes a clause, or leaves it to the next rule.
type Rule = fn(&World, &str, &mut Understood) -> Option<()>;

/// In this order: a row and a column's value are what is left.
const RULES: [Rule; 16] = [
    domain,
    conversion_clause,
    header,
    code_list,
    supplied_parent,
    no_row_for,
    no_record_from,
    one_contributor,
    exposed_total,
    attackers,
    encodings,
    text_field,
    revised_hierarchy,
    parameters,
    rows,
    column_values,
];

/// The inputs that a phrase describes; nothing where it lies outside the grammar.
pub(super) fn understand(world: &World, input: &str) -> Option<Understood> {
    let mut understood = Understood { drafts: vec![Draft::default()], combine: Combine::Worst };
    let mut any = false;
    for clause in split_outside_quotes(input, ';') {
        let clause = clause.trim().trim_end_matches('.');
        if clause.is_empty() {
            continue;
        }
        any = true;
        RULES.iter().find_map(|rule| rule(world, clause, &mut understood))?;
        if understood.drafts.len() > DRAFTS_MAX {
            return None;
        }
    }
    any.then_some(understood)
}

impl Understood {
    fn each(&mut self, change: impl Fn(&mut Draft)) -> Option<()> {
        self.drafts.iter_mut().for_each(change);
        Some(())
    }

    /// One draft an alternative, each changed from what is known so far.
    fn alternatives<T>(&mut self, alternatives: &[T], change: impl Fn(&mut Draft, &T)) -> Option<()> {
        if alternatives.is_empty() {
            return None;
        }
        let mut drafts = Vec::new();
        for draft in &self.drafts {
            for alternative in alternatives {
                let mut draft = draft.clone();
                change(&mut draft, alternative);
                drafts.push(draft);
            }
        }
        self.drafts = drafts;
        Some(())
    }
}

fn domain(_: &World, clause: &str, understood: &mut Understood) -> Option<()> {
    let (before, bounds) = clause.split_once('[')?;
    if !before.contains("domain") {
        return None;
    }
    let (low, high) = bounds.trim_end().strip_suffix(']')?.split_once(',')?;
    let (low, high) = (low.trim().to_owned(), high.trim().to_owned());
    understood.each(|draft| draft.domain = Some((low.clone(), high.clone())))
}

fn conversion_clause(_: &World, clause: &str, understood: &mut Understood) -> Option<()> {
    let (_, rest) = clause.split_once("conversion ")?;
    if clause.contains(',') {
        return None;
    }
    let conversion = conversion(rest)?.0;
    understood.each(|draft| draft.conversions.push(conversion.clone()))
}

type Conversion = (String, String, String);

/// `brigade=120 piece is declared`, and what follows.
fn conversion(text: &str) -> Option<(Conversion, &str)> {
    let (from, rest) = text.split_once('=')?;
    let from = from.split_whitespace().last()?;
    let (factor, rest) = rest.trim_start().split_once(' ')?;
    let (to, rest) = rest.trim_start().split_once(' ').unwrap_or((rest.trim(), ""));
    let rest = rest.trim_start();
    let rest = rest.strip_prefix("is declared").unwrap_or(rest);
    Some(((from.to_owned(), factor.to_owned(), to.to_owned()), rest))
}

fn header(world: &World, clause: &str, understood: &mut Understood) -> Option<()> {
    let (before, column) = clause.split_once("without ")?;
    if !before.contains("header") {
        return None;
    }
    let column = column.replace("column", "").replace("the ", "");
    let column = column.trim().trim_matches(['`', '"', '\'']).to_owned();
    world.position(&column)?;
    understood.each(|draft| draft.without_column = Some(column.clone()))
}

fn code_list(world: &World, clause: &str, understood: &mut Understood) -> Option<()> {
    let body =
        ["codes file:", "code file:", "code list:"].iter().find_map(|prefix| clause.strip_prefix(prefix))?;
    let body = body.trim();
    let mut parents: Vec<(String, Vec<Option<String>>)> = Vec::new();
    let first = body.split_whitespace().next()?.to_owned();
    if body.contains('>') {
        for chain in body.split([',', ' ']).filter(|chain| !chain.is_empty() && *chain != "and") {
            let codes: Vec<&str> = chain.split('>').map(str::trim).collect();
            for pair in codes.windows(2) {
                let [parent, child] = pair else { return None };
                parents.push(((*child).to_owned(), vec![Some((*parent).to_owned())]));
            }
        }
    } else if body.contains("no parent") || body.contains("without parent") {
        parents.push((first, vec![None]));
    } else if body.contains(" under ") && !body.contains("second grouping") {
        let after = body.split("under ").skip(1);
        let codes = after.filter_map(|text| text.split([' ', ',']).next()).map(|code| Some(code.to_owned()));
        parents.push((first, codes.collect()));
    } else if body.contains("twice") {
        let codes = world.variables.get(world.variable_of(&first)?)?;
        let parent = codes.lines.iter().find(|(code, _)| *code == first)?.1.clone();
        parents.push((first, vec![parent.clone(), parent]));
    }
    if parents.is_empty() {
        return None;
    }
    understood.each(|draft| draft.parents.clone_from(&parents))
}

fn supplied_parent(world: &World, clause: &str, understood: &mut Understood) -> Option<()> {
    let rest = clause.strip_prefix("supplied ")?;
    let rest = rest.strip_prefix("parent ").or_else(|| rest.strip_prefix("margin ")).unwrap_or(rest);
    let (margin, parts) = rest.split_once(" but ").or_else(|| rest.split_once(" while "))?;
    let equation = |text: &str| {
        let (left, right) = text.split_once('=')?;
        Some((left.trim().to_owned(), right.trim().parse::<i64>().ok()?))
    };
    let (code, value) = equation(margin)?;
    let (parts, sum) = equation(parts)?;
    let parts: Vec<String> = parts.split('+').map(|part| part.trim().to_owned()).collect();
    let cells = DraftCells { variable: world.variable_of(&code)?, margin: (code, value), parts, sum };
    let small = |number: i64| (0..1 << 40).contains(&number);
    if !small(cells.margin.1) || !small(cells.sum) {
        return None;
    }
    understood.each(|draft| draft.cells = Some(cells.clone()))
}

fn no_row_for(_: &World, clause: &str, understood: &mut Understood) -> Option<()> {
    let prefixes = ["no row for ", "no rows for ", "no record for ", "no records for "];
    let texts = prefixes.iter().find_map(|prefix| clause.strip_prefix(prefix))?;
    let texts: Vec<String> = texts.split(',').map(|text| text.trim().to_owned()).collect();
    understood.each(|draft| draft.removed.push(texts.clone()))
}

fn no_record_from(world: &World, clause: &str, understood: &mut Understood) -> Option<()> {
    let (before, _) =
        clause.split_once(" with no record").or_else(|| clause.split_once(" without any record"))?;
    let noun = before.split_whitespace().last()?;
    let text = match world.column_of(noun) {
        Some(column) if column == world.contributor => world.contributors.last()?.clone(),
        Some(column) => {
            world.variables.iter().find(|codes| codes.column == column)?.leaves().first()?.clone()
        }
        None => world.variable_of(noun).map(|_| noun.to_owned())?,
    };
    understood.each(|draft| draft.removed.push(vec![text.clone()]))
}

fn one_contributor(world: &World, clause: &str, understood: &mut Understood) -> Option<()> {
    let said = |noun: &str| {
        ["one ", "a single ", "only one "].iter().any(|count| clause.contains(&format!("{count}{noun}")))
    };
    let is_table = clause.contains("table") || clause.contains("in all");
    if !is_table || !(said("contributor") || said(&world.contributor)) {
        return None;
    }
    understood.each(|draft| draft.base = Base::OneContributor)
}

fn exposed_total(world: &World, clause: &str, understood: &mut Understood) -> Option<()> {
    if !(clause.contains("total") && clause.contains("sensitive") && clause.contains("coalition")) {
        return None;
    }
    let pooling = world.contributors.len().checked_sub(2).filter(|&count| count > 0)?;
    let members: Vec<String> = world.contributors.iter().take(pooling).cloned().collect();
    understood.each(|draft| {
        draft.base = Base::Exposed;
        draft.attackers.push(members.clone());
    })
}

fn attackers(world: &World, clause: &str, understood: &mut Understood) -> Option<()> {
    const UNLISTED: &str = "not-on-the-roster";
    let rest = clause.strip_prefix("attacker ").or_else(|| clause.strip_prefix("coalition "))?;
    let mut alternatives: Vec<Vec<String>> = Vec::new();
    for piece in rest.split(" or ") {
        let piece = piece.trim().trim_end_matches(',');
        let has = |words: &[&str]| words.iter().any(|word| piece.contains(word));
        if has(&["unknown"]) {
            let known = world.contributors.first().cloned();
            alternatives.push(known.into_iter().chain([UNLISTED.to_owned()]).collect());
        } else if has(&["every", "all contributors", "all allies"]) {
            alternatives.push(world.contributors.clone());
        } else if has(&["no member", "without member"]) {
            alternatives.push(Vec::new());
        } else {
            let (_, names) = piece.split_once("members ").or_else(|| piece.split_once("member "))?;
            let names = names.split([',', ' ']).filter(|name| !name.is_empty() && *name != "and");
            alternatives.push(names.map(str::to_owned).collect());
        }
    }
    understood.alternatives(&alternatives, |draft, members| draft.attackers.push(members.clone()))
}

fn encodings(_: &World, clause: &str, understood: &mut Understood) -> Option<()> {
    const ACCENTED: &str = "T\u{fc}rkiye";
    let rest = clause.strip_prefix("file ")?;
    let mut forms: Vec<Form> = Vec::new();
    for piece in rest.split(" or ").flat_map(|piece| piece.split(", ")) {
        let piece = piece.trim().trim_end_matches(',').to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| piece.contains(word));
        if has(&["latin-1", "latin1", "iso-8859", "windows-125", "cp125"]) {
            forms.push(Form::Latin1);
        } else if has(&["utf-16", "utf16"]) {
            forms.push(Form::Utf16);
        } else if has(&["byte order mark", "bom"]) {
            forms.push(Form::ByteOrderMark);
        } else if has(&["crlf", "carriage return"]) {
            forms.push(Form::CarriageReturns);
        } else if has(&["utf-8", "utf8"]) {
            forms.push(Form::Plain);
        } else if !piece.is_empty() {
            return None;
        }
    }
    let is_accented = |word: &&str| !word.is_ascii();
    let word = clause.split([' ', ',']).find(is_accented).unwrap_or(ACCENTED).to_owned();
    understood.combine = Combine::Most;
    understood.alternatives(&forms, |draft, &form| {
        draft.form = form;
        draft.notes.push(word.clone());
    })
}

fn text_field(_: &World, clause: &str, understood: &mut Understood) -> Option<()> {
    let (_, marks) = clause.split_once("starting with ")?;
    let (marks, _) = marks.split_once(" in a text")?;
    let marks = marks.split([' ', ',']).filter(|mark| !mark.is_empty() && !["or", "and"].contains(mark));
    let notes: Vec<String> =
        marks.map(|mark| format!("{}1+1", mark.trim_matches(['"', '`', '\'']))).collect();
    if notes.is_empty() {
        return None;
    }
    understood.each(|draft| draft.notes.clone_from(&notes))
}

fn revised_hierarchy(_: &World, clause: &str, understood: &mut Understood) -> Option<()> {
    let (before, after) = clause.split_once("revised hierarchy")?;
    if !after.contains("older release") {
        return None;
    }
    let revision = match before.trim() {
        "" => Revision::Split,
        words => Revision::Added(words.split_once(" is new in")?.0.trim().to_owned()),
    };
    understood.each(|draft| draft.revision = Some(revision.clone()))
}

fn parameters(_: &World, clause: &str, understood: &mut Understood) -> Option<()> {
    const NAMES: &[&str] = &[
        "p",
        "q",
        "pooling",
        "n",
        "k",
        "minimum_frequency",
        "floor",
        "base",
        "decimals",
        "time_limit_s",
        "threads",
        "seed",
    ];
    let mut alternatives: Vec<(String, String)> = Vec::new();
    for piece in
        clause.split(',').flat_map(|piece| piece.split(" or ")).flat_map(|piece| piece.split(" and "))
    {
        let piece = piece.trim();
        if piece.is_empty() {
            continue;
        }
        let (name, value) = piece.split_once('=')?;
        let (name, value) = (name.trim().replace(' ', "_"), value.trim());
        if !NAMES.contains(&name.as_str()) || value.is_empty() || value.contains(' ') {
            return None;
        }
        alternatives.push((name, value.to_owned()));
    }
    understood.alternatives(&alternatives, |draft, parameter| draft.parameters.push(parameter.clone()))
}

fn column_values(world: &World, clause: &str, understood: &mut Understood) -> Option<()> {
    let clause = without_remarks(clause);
    let words = clause.strip_prefix("a ").or_else(|| clause.strip_prefix("an ")).unwrap_or(&clause);
    let (noun, values) = words.split_once(' ')?;
    let column = world.column_of(noun)?;
    let at = world.position(&column)?;
    let values: Vec<String> = values
        .split(" or ")
        .map(|value| value.trim().trim_matches(['`', '"', ',']).trim().to_owned())
        .collect();
    if values.iter().any(|value| value.is_empty() || value.contains(' ')) {
        return None;
    }
    let plain = plain_row(world)?;
    understood.alternatives(&values, |draft, value| {
        let mut fields = plain.clone();
        if let Some(field) = fields.get_mut(at) {
            field.clone_from(value);
        }
        draft.rows.push(DraftRow { fields, vintage: 1 });
    })
}

/// The first contributor at the first lowest codes.
fn plain_row(world: &World) -> Option<Vec<String>> {
    let field = |column: &String| match column.as_str() {
        World::VALUE => Some("5".to_owned()),
        World::UNIT => {
            let codes = world.variables.iter().filter_map(|codes| codes.leaves().first().cloned());
            Some(codes.filter_map(|code| world.units.get(&code).cloned()).next().unwrap_or_default())
        }
        name if name == world.contributor => world.contributors.first().cloned(),
        name => world.variables.iter().find(|codes| codes.column == name)?.leaves().first().cloned(),
    };
    world.columns.iter().map(field).collect()
}

fn rows(world: &World, clause: &str, understood: &mut Understood) -> Option<()> {
    let (fields, mut rest) = take_row(world, clause)?;
    let mut draft = understood.drafts.first()?.clone();
    draft.rows.push(DraftRow { fields, vintage: 1 });
    let mut alternatives: Vec<Draft> = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', ',']);
        if rest.is_empty() {
            break;
        }
        if let Some(after) = rest.strip_prefix("or ") {
            let (alternative, after) = alternative(world, &draft, after)?;
            alternatives.push(alternative);
            rest = after;
        } else {
            rest = tail(world, &mut draft, rest)?;
        }
        if draft.rows.len() > ROWS_MAX || alternatives.len() > DRAFTS_MAX {
            return None;
        }
    }
    alternatives.insert(0, draft);
    understood.drafts = alternatives;
    Some(())
}

/// Takes one tail; what follows it.
fn tail<'t>(world: &World, draft: &mut Draft, rest: &'t str) -> Option<&'t str> {
    for (words, times) in [("twice", 2), ("three times", 3), ("four times", 4), ("again", 2)] {
        if let Some(after) = rest.strip_prefix(words) {
            let last = draft.rows.last()?.clone();
            draft.rows.extend(std::iter::repeat_n(last, times - 1));
            return Some(after);
        }
    }
    for (words, later) in [("later", 2), ("newer", 2), ("earlier", 0), ("older", 0), ("same", 1)] {
        for article in ["with a", "with an", "with the", "at a", "in a"] {
            if let Some(after) = rest.strip_prefix(&format!("{article} {words} vintage")) {
                draft.with_vintage = true;
                draft.rows.last_mut()?.vintage = later;
                return Some(after);
            }
        }
    }
    if let Some(after) = rest.strip_prefix("under one total") {
        draft.one_total = true;
        return Some(after);
    }
    for words in ["where the unit is ", "where its unit is ", "when the unit is "] {
        if let Some(after) = rest.strip_prefix(words) {
            let (unit, after) = after.split_once([' ', ',']).unwrap_or((after, ""));
            draft.unit = Some(unit.to_owned());
            return Some(after);
        }
    }
    let more = rest.strip_prefix("and ").or_else(|| rest.strip_prefix("then ")).unwrap_or(rest);
    for words in ["no conversion is declared", "without a declared conversion", "without a conversion"] {
        if let Some(after) = more.strip_prefix(words) {
            return Some(after);
        }
    }
    for words in ["a conversion ", "the conversion ", "conversion ", "with a conversion "] {
        if let Some(after) = more.strip_prefix(words) {
            let (conversion, after) = conversion(after)?;
            draft.conversions.push(conversion);
            return Some(after);
        }
    }
    let (fields, after) = take_row(world, more)?;
    draft.rows.push(DraftRow { fields, vintage: 1 });
    Some(after)
}

/// The draft with its last row, or one field of it, replaced.
fn alternative<'t>(world: &World, draft: &Draft, text: &'t str) -> Option<(Draft, &'t str)> {
    let mut draft = draft.clone();
    let last = draft.rows.last_mut()?;
    if let Some((fields, after)) = take_row(world, text) {
        last.fields = fields;
        return Some((draft, after));
    }
    let (value, after) = match text.split_once(" or ") {
        // The "or" stays, for the next alternative.
        Some((value, _)) => (value, text.get(value.len()..)?),
        None => (text, ""),
    };
    let value = without_remarks(value).trim().trim_matches(['"', '`', ',']).to_owned();
    if value.contains(' ') {
        return None;
    }
    let value_at = world.position(World::VALUE)?;
    let is_numeric = value.contains(|c: char| c.is_ascii_digit())
        || ["nan", "inf", "infinity", "null", "none"]
            .contains(&value.to_lowercase().trim_start_matches(['-', '+']));
    let alike = last.fields.iter().position(|field| shape(field) == shape(&value));
    let at = if is_numeric { value_at } else { alike.unwrap_or(value_at) };
    *last.fields.get_mut(at)? = value;
    Some((draft, after))
}

/// Kinds of characters in order, runs taken together: how a text is written.
fn shape(text: &str) -> Vec<u8> {
    let mut kinds: Vec<u8> = text
        .chars()
        .map(|c| match c {
            c if c.is_numeric() => b'9',
            c if c.is_uppercase() => b'A',
            c if c.is_alphabetic() => b'a',
            _ => b'-',
        })
        .collect();
    kinds.dedup();
    kinds
}

/// The fields of a row at the start of a text, and what follows. The last field ends at a space; a text of fewer
/// than three fields is no row.
fn take_row<'t>(world: &World, text: &'t str) -> Option<(Vec<String>, &'t str)> {
    const FIELDS_MIN: usize = 3;
    let mut fields: Vec<String> = Vec::new();
    let mut rest = text;
    loop {
        let (field, after) = take_field(rest)?;
        fields.push(field);
        match after.strip_prefix(',') {
            // A comma before a space ends the row: it belongs to the phrase.
            Some(more) if !more.starts_with(' ') => rest = more,
            _ => {
                rest = after;
                break;
            }
        }
    }
    // A space inside a figure: the row goes on after it.
    if fields.len() < world.columns.len()
        && let Some((field, after)) = rest.strip_prefix(' ').and_then(take_field)
        && let Some(mut more) = after.strip_prefix(',')
        && let Some(last) = fields.last_mut()
    {
        last.push(' ');
        last.push_str(&field);
        while let Some((field, after)) = take_field(more) {
            fields.push(field);
            rest = after;
            match after.strip_prefix(',') {
                Some(next) if !next.starts_with(' ') => more = next,
                _ => break,
            }
        }
    }
    let first_is_name = fields.first().is_some_and(|first| !first.is_empty() && !first.contains(' '));
    (fields.len() >= FIELDS_MIN && first_is_name).then_some((fields, rest))
}

/// A quoted field, or everything up to a comma or a space.
fn take_field(text: &str) -> Option<(String, &str)> {
    if let Some(quoted) = text.strip_prefix('"') {
        let (field, rest) = quoted.split_once('"')?;
        return Some((field.to_owned(), rest));
    }
    let end = text.find([',', ' ']).unwrap_or(text.len());
    Some((text.get(..end)?.to_owned(), text.get(end..)?))
}

/// The text without what stands in parentheses.
fn without_remarks(text: &str) -> String {
    let mut depth = 0_u32;
    let mut plain = String::new();
    for mark in text.chars() {
        match mark {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            other if depth == 0 => plain.push(other),
            _ => {}
        }
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn split_outside_quotes(text: &str, mark: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        quoted ^= c == '"';
        match parts.last_mut() {
            Some(last) if c != mark || quoted => last.push(c),
            _ => parts.push(String::new()),
        }
    }
    parts
}
