//! The sections of a specification, each with the keys it knows and the bounds of their values.

use disclosure::Ratio;
use disclosure::block::VariableSet;
use disclosure::rule::{Dominance, PPercent, Rules};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::read::{Reader, Section};
use super::{
    Attacker, Cells, Family, Figures, Guarantee, Members, Method, Repeated, Roster, SCHEMA, Search, Source,
    Specification, UnitConversion, Variable, Weight,
};
use crate::fault::{AttackerTrouble, FaultList, Place, Trouble};
use crate::grid;
use crate::limits::{
    CONTRIBUTORS_IN_RULE_MAX, DECIMALS_MAX, PERCENT_MAX, POOLING_MAX, SPECIFICATION_BYTES_MAX, THREADS_MAX,
    TIME_LIMIT_S_MAX,
};

/// Reads all sections. `None` is always accompanied by a fault that rejects.
pub(super) fn specification(name: &str, bytes: &[u8], faults: &mut FaultList) -> Option<Specification> {
    if bytes.len() > SPECIFICATION_BYTES_MAX {
        let limit = SPECIFICATION_BYTES_MAX as u64;
        faults.push(Place::file(name), Trouble::TooLarge { what: "bytes", limit });
        return None;
    }
    let text = grid::utf8(name, bytes, faults)?;
    let (root, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader::new(name, text, faults);
    for error in &errors {
        let reason = error.message().lines().next().unwrap_or_default().to_owned();
        reader.fault(error.span().map_or(0, |span| span.start), None, Trouble::BadToml { reason });
    }
    if !errors.is_empty() {
        return None;
    }
    let top = Section { table: root.get_ref(), at: 0, name: "" };
    schema(&mut reader, top)?;
    reader.only(
        top,
        &[
            "schema",
            "title",
            "figures",
            "cells",
            "variable",
            "table",
            "unit_conversion",
            "rule",
            "guarantee",
            "attacker",
            "search",
            "history",
            "output",
        ],
    );
    let title = reader.required_text(top, "title");
    let source = source(&mut reader, top);
    let decimals = match &source {
        Some(Source::Figures(figures)) => figures.decimals,
        Some(Source::Cells(cells)) => cells.decimals,
        None => 0,
    };
    let variables = variables(&mut reader, top);
    let tables = tables(&mut reader, top, &variables);
    let rules = rules(&mut reader, top);
    let guarantee = guarantee(&mut reader, top, decimals);
    let pooling = pooling(&mut reader, top);
    let attackers = attackers(&mut reader, top);
    let search = search(&mut reader, top);
    let history = history(&mut reader, top);
    let (method, capacity) = output(&mut reader, top, decimals);
    let has_rule = top.get("rule").is_some() || top.get("guarantee").is_some();
    if matches!(source, Some(Source::Figures(_))) && !has_rule {
        reader.faults.push(Place::file(name), Trouble::NoRule);
    }
    Some(Specification {
        title: title?,
        source: source?,
        variables,
        tables,
        rules,
        guarantee,
        pooling,
        attackers,
        search,
        history,
        method,
        capacity,
    })
}

fn schema(reader: &mut Reader<'_>, top: Section<'_>) -> Option<()> {
    let found = reader.required_text(top, "schema")?;
    if found != SCHEMA {
        let at = top.get("schema").map_or(0, |value| value.span().start);
        reader.fault(at, Some("schema".to_owned()), Trouble::WrongSchema { found });
        return None;
    }
    Some(())
}

fn source(reader: &mut Reader<'_>, top: Section<'_>) -> Option<Source> {
    let figures_section = reader.section(top, "figures");
    let cells_section = reader.section(top, "cells");
    match (figures_section, cells_section) {
        (Some(section), None) => figures(reader, top, section).map(Source::Figures),
        (None, Some(section)) => cells(reader, section).map(Source::Cells),
        (Some(_), Some(section)) => {
            let trouble = Trouble::KeysConflict { one: "figures".to_owned(), other: "cells".to_owned() };
            reader.fault(section.at, Some("cells".to_owned()), trouble);
            None
        }
        (None, None) => {
            if top.get("figures").is_none() && top.get("cells").is_none() {
                reader.missing(top, "figures");
            }
            None
        }
    }
}

fn decimals(reader: &mut Reader<'_>, section: Section<'_>) -> u32 {
    let most = i64::from(DECIMALS_MAX);
    let decimals = reader.whole(section, "decimals", 0..=most, "a whole number from 0 to 15");
    decimals.and_then(|decimals| u32::try_from(decimals).ok()).unwrap_or(0)
}

fn figures(reader: &mut Reader<'_>, top: Section<'_>, section: Section<'_>) -> Option<Figures> {
    reader.only(
        section,
        &[
            "file",
            "sheet",
            "contributor",
            "value",
            "decimals",
            "unit",
            "unit_column",
            "whole_units",
            "holding",
            "waiver",
            "vintage",
            "contributors",
            "repeated",
            "domain",
        ],
    );
    let file = reader.required_text(section, "file");
    let contributor = reader.required_text(section, "contributor");
    let value = reader.required_text(section, "value");
    let decimals = decimals(reader, section);
    let contributors = roster(reader, section);
    let repeated = repeated(reader, section, contributors.is_some());
    let domain = domain(reader, section, decimals);
    let figures = Figures {
        file: file.unwrap_or_default(),
        sheet: reader.text(section, "sheet"),
        contributor: contributor.unwrap_or_default(),
        value: value.unwrap_or_default(),
        decimals,
        unit: reader.text(section, "unit"),
        unit_column: reader.text(section, "unit_column"),
        whole_units: reader.texts(section, "whole_units").unwrap_or_default(),
        holding: reader.text(section, "holding"),
        waiver: reader.text(section, "waiver"),
        vintage: reader.text(section, "vintage"),
        contributors,
        repeated,
        domain,
        conversions: conversions(reader, top),
    };
    let complete = ![&figures.file, &figures.contributor, &figures.value].iter().any(|text| text.is_empty());
    complete.then_some(figures)
}

fn roster(reader: &mut Reader<'_>, section: Section<'_>) -> Option<Roster> {
    let value = section.get("contributors")?;
    match value.get_ref() {
        DeValue::String(_) => reader.text(section, "contributors").map(Roster::File),
        DeValue::Array(_) => reader.texts(section, "contributors").map(Roster::Listed),
        _ => {
            reader.wrong_type(section, "contributors", value, "a list of texts or the name of a file");
            None
        }
    }
}

fn repeated(reader: &mut Reader<'_>, section: Section<'_>, has_roster: bool) -> Repeated {
    let default = if has_roster { Repeated::Reject } else { Repeated::Sum };
    match reader.text(section, "repeated").as_deref() {
        None => default,
        Some("reject") => Repeated::Reject,
        Some("sum") => Repeated::Sum,
        Some(_) => {
            let span = section.get("repeated").map_or(0..0, Spanned::span);
            reader.bad(section, "repeated", span, "\"reject\" or \"sum\"");
            default
        }
    }
}

fn domain(reader: &mut Reader<'_>, section: Section<'_>, decimals: u32) -> Option<(i64, i64)> {
    let value = section.get("domain")?;
    let items = match value.get_ref() {
        DeValue::Array(items) => items,
        _ => {
            reader.wrong_type(section, "domain", value, "a list of two numbers");
            return None;
        }
    };
    let bounds: Vec<i64> =
        items.iter().filter_map(|item| reader.units(section, "domain", item, decimals)).collect();
    match bounds[..] {
        [low, high] if low < high => Some((low, high)),
        _ => {
            if bounds.len() == items.len() {
                reader.bad(section, "domain", value.span(), "two numbers, the lower first");
            }
            None
        }
    }
}

fn conversions(reader: &mut Reader<'_>, top: Section<'_>) -> Vec<UnitConversion> {
    let mut conversions: Vec<UnitConversion> = Vec::new();
    for section in reader.sections(top, "unit_conversion") {
        reader.only(section, &["from", "to", "factor"]);
        let from = reader.required_text(section, "from");
        let to = reader.required_text(section, "to");
        if section.get("factor").is_none() {
            reader.missing(section, "factor");
        }
        let factor = reader.ratio(section, "factor", "above 0", |factor| !factor.is_zero());
        let (Some(from), Some(to), Some(factor)) = (from, to, factor) else { continue };
        if from == to || conversions.iter().any(|known| known.from == from && known.to == to) {
            let span = section.get("from").map_or(0..0, Spanned::span);
            reader.bad(section, "from", span, "a unit that is not converted to the same unit yet");
            continue;
        }
        conversions.push(UnitConversion { from, to, factor });
    }
    conversions
}

fn cells(reader: &mut Reader<'_>, section: Section<'_>) -> Option<Cells> {
    reader
        .only(section, &["file", "sheet", "value", "primary", "lower", "upper", "count", "decimals", "unit"]);
    let file = reader.required_text(section, "file");
    let value = reader.required_text(section, "value");
    let primary = reader.required_text(section, "primary");
    let lower = reader.required_text(section, "lower");
    let upper = reader.required_text(section, "upper");
    let decimals = decimals(reader, section);
    let sheet = reader.text(section, "sheet");
    let count = reader.text(section, "count");
    let unit = reader.text(section, "unit");
    Some(Cells {
        file: file?,
        sheet,
        value: value?,
        primary: primary?,
        lower: lower?,
        upper: upper?,
        count,
        decimals,
        unit,
    })
}

fn variables(reader: &mut Reader<'_>, top: Section<'_>) -> Vec<Variable> {
    if top.get("variable").is_none() {
        reader.missing(top, "variable");
    }
    let mut variables: Vec<Variable> = Vec::new();
    for section in reader.sections(top, "variable") {
        reader.only(section, &["name", "codes"]);
        let name = reader.required_text(section, "name");
        let codes = reader.required_text(section, "codes");
        let (Some(name), Some(codes)) = (name, codes) else { continue };
        if variables.iter().any(|variable| variable.name == name) {
            let span = section.get("name").map_or(0..0, Spanned::span);
            reader.bad(section, "name", span, "a name that no other variable has");
            continue;
        }
        variables.push(Variable { name, codes });
    }
    variables
}

fn tables(reader: &mut Reader<'_>, top: Section<'_>, variables: &[Variable]) -> Vec<VariableSet> {
    let mut tables: Vec<VariableSet> = Vec::new();
    for section in reader.sections(top, "table") {
        reader.only(section, &["variables"]);
        if section.get("variables").is_none() {
            reader.missing(section, "variables");
        }
        let Some(names) = reader.texts(section, "variables") else { continue };
        let place = |name: &String| variables.iter().position(|variable| variable.name == *name);
        let places: Vec<usize> = names.iter().filter_map(place).collect();
        let table: VariableSet = places.iter().copied().collect();
        let span = section.get("variables").map_or(0..0, Spanned::span);
        if places.len() < names.len() || table.is_empty() || table.len() < places.len() {
            reader.bad(section, "variables", span, "names of [[variable]], at least one, each once");
        } else if tables.contains(&table) {
            reader.bad(section, "variables", span, "variables that no other [[table]] crosses");
        } else {
            tables.push(table);
        }
    }
    let unused = (0..variables.len()).find(|&place| !tables.iter().any(|table| table.has(place)));
    if let (Some(unused), false) = (unused.and_then(|place| variables.get(place)), tables.is_empty()) {
        let (found, allowed) = (unused.name.clone(), "each [[variable]] stands in some [[table]]");
        let at = top.get("table").map_or(0, |value| value.span().start);
        reader.fault(at, Some("table.variables".to_owned()), Trouble::BadParameter { found, allowed });
    }
    tables
}

fn rules(reader: &mut Reader<'_>, top: Section<'_>) -> Rules {
    let Some(section) = reader.section(top, "rule") else { return Rules::default() };
    reader.only(section, &["p", "q", "pooling", "dominance", "minimum_frequency", "zero"]);
    let p = p_percent(reader, section);
    let mut dominance = Vec::new();
    for rule in reader.sections(section, "dominance") {
        reader.only(rule, &["n", "k"]);
        for key in ["n", "k"] {
            if rule.get(key).is_none() {
                reader.missing(rule, key);
            }
        }
        let n = reader.whole(rule, "n", 1..=CONTRIBUTORS_IN_RULE_MAX, "a whole number from 1 to 1000");
        let hundred = Ratio::whole(100);
        let k = reader.ratio(rule, "k", "above 0 and below 100", |k| !k.is_zero() && below(k, hundred));
        if let (Some(n), Some(k)) = (n, k) {
            dominance.push(Dominance { n: u32::try_from(n).unwrap_or(u32::MAX), k });
        }
    }
    let least = reader.whole(
        section,
        "minimum_frequency",
        1..=CONTRIBUTORS_IN_RULE_MAX,
        "a whole number from 1 to 1000",
    );
    Rules {
        p,
        dominance,
        minimum_frequency: least.and_then(|least| u32::try_from(least).ok()),
        zero: reader.flag(section, "zero").unwrap_or(false),
    }
}

fn p_percent(reader: &mut Reader<'_>, section: Section<'_>) -> Option<PPercent> {
    let q = reader.ratio(section, "q", "above 0, at most 1000", |q| !q.is_zero() && at_most_percent_max(q));
    let pooling =
        reader.whole(section, "pooling", 1..=CONTRIBUTORS_IN_RULE_MAX, "a whole number from 1 to 1000");
    if section.get("p").is_none() {
        if section.get("q").is_some() || section.get("pooling").is_some() {
            reader.missing(section, "p");
        }
        return None;
    }
    let p = percent(reader, section)?;
    let q = q.unwrap_or(Ratio::whole(100));
    let pooling = pooling.and_then(|pooling| u32::try_from(pooling).ok()).unwrap_or(1);
    Some(PPercent { p, q, pooling })
}

/// `p`, with a warning where it is 0.
fn percent(reader: &mut Reader<'_>, section: Section<'_>) -> Option<Ratio> {
    let p = reader.ratio(section, "p", "from 0 to 1000 per cent", at_most_percent_max)?;
    if p.is_zero() {
        let at = section.get("p").map_or(0, |value| value.span().start);
        reader.fault(at, Some(format!("{}.p", section.name)), Trouble::ZeroParameter);
    }
    Some(p)
}

fn below(a: Ratio, b: Ratio) -> bool {
    i128::from(a.numerator()) * i128::from(b.denominator())
        < i128::from(b.numerator()) * i128::from(a.denominator())
}

fn at_most_percent_max(ratio: Ratio) -> bool {
    !below(Ratio::whole(PERCENT_MAX), ratio)
}

fn guarantee(reader: &mut Reader<'_>, top: Section<'_>, decimals: u32) -> Option<Guarantee> {
    let section = reader.section(top, "guarantee")?;
    reader.only(section, &["p", "floor", "two_sided", "families", "pooling"]);
    if section.get("p").is_none() {
        reader.missing(section, "p");
    }
    let p = percent(reader, section);
    let floor = match section.get("floor") {
        Some(value) => match reader.units(section, "floor", value, decimals) {
            Some(floor) if floor < 0 => {
                reader.bad(section, "floor", value.span(), "at least 0");
                0
            }
            floor => floor.unwrap_or(0),
        },
        None => 0,
    };
    let two_sided = reader.flag(section, "two_sided").unwrap_or(false);
    let has_history = top.get("history").is_some();
    let families = families(reader, section, has_history);
    Some(Guarantee { p: p?, floor, two_sided, families })
}

/// Units that may pool what they know, any of them: 1 is each alone.
fn pooling(reader: &mut Reader<'_>, top: Section<'_>) -> usize {
    let Some(section) = reader.section(top, "guarantee") else { return 1 };
    let pooling = reader.whole(section, "pooling", 1..=POOLING_MAX, "a whole number from 1 to 3");
    pooling.and_then(|pooling| usize::try_from(pooling).ok()).unwrap_or(1)
}

/// Without being asked, changes are protected as soon as there is a release to compare with.
fn families(reader: &mut Reader<'_>, section: Section<'_>, has_history: bool) -> Vec<Family> {
    let Some(names) = reader.texts(section, "families") else {
        return match has_history {
            true => vec![Family::Cells, Family::Deltas, Family::Relations],
            false => vec![Family::Cells, Family::Relations],
        };
    };
    let span = section.get("families").map_or(0..0, Spanned::span);
    let mut families = Vec::new();
    for name in names {
        match name.as_str() {
            "cells" => families.push(Family::Cells),
            "deltas" => families.push(Family::Deltas),
            "relations" => families.push(Family::Relations),
            "derivable" => families.push(Family::Derivable),
            _ => {
                let allowed = "\"cells\", \"deltas\", \"relations\" or \"derivable\"";
                reader.bad(section, "families", span.clone(), allowed);
            }
        }
    }
    families.sort_unstable();
    families.dedup();
    families
}

fn attackers(reader: &mut Reader<'_>, top: Section<'_>) -> Vec<Attacker> {
    let mut attackers: Vec<Attacker> = Vec::new();
    for section in reader.sections(top, "attacker") {
        reader.only(section, &["id", "members", "members_from"]);
        let id = reader.required_text(section, "id");
        let members = members(reader, section);
        let (line, _) = reader.position(section.at);
        let (Some(id), Some(members)) = (id, members) else { continue };
        if attackers.iter().any(|attacker| attacker.id == id) {
            let trouble = Trouble::AttackerBad { id, why: AttackerTrouble::SameId };
            reader.fault(section.at, Some("attacker.id".to_owned()), trouble);
            continue;
        }
        attackers.push(Attacker { id, members, line });
    }
    attackers
}

fn members(reader: &mut Reader<'_>, section: Section<'_>) -> Option<Members> {
    match (section.get("members"), section.get("members_from")) {
        (Some(_), None) => reader.texts(section, "members").map(Members::Listed),
        (None, Some(value)) => {
            let DeValue::Table(table) = value.get_ref() else {
                reader.wrong_type(section, "members_from", value, "a table with `file` and `below`");
                return None;
            };
            let from = Section { table, at: value.span().start, name: "members_from" };
            reader.only(from, &["file", "below"]);
            let file = reader.required_text(from, "file");
            let code = reader.required_text(from, "below");
            Some(Members::Below { file: file?, code: code? })
        }
        (Some(_), Some(value)) => {
            let trouble =
                Trouble::KeysConflict { one: "members".to_owned(), other: "members_from".to_owned() };
            reader.fault(value.span().start, Some("attacker.members_from".to_owned()), trouble);
            None
        }
        (None, None) => {
            reader.missing(section, "members");
            None
        }
    }
}

fn search(reader: &mut Reader<'_>, top: Section<'_>) -> Search {
    let default = Search::default();
    let Some(section) = reader.section(top, "search") else { return default };
    reader.only(section, &["weight", "fixed", "time_limit_s", "threads", "seed"]);
    let weight = match reader.text(section, "weight").as_deref() {
        None => default.weight,
        Some("value") => Weight::Value,
        Some("count") => Weight::Count,
        Some("log") => Weight::Log,
        Some(column) => Weight::Column(column.to_owned()),
    };
    let small = |whole: Option<i64>, default: u32| {
        whole.and_then(|whole| u32::try_from(whole).ok()).unwrap_or(default)
    };
    let time_limit = reader.whole(section, "time_limit_s", 1..=TIME_LIMIT_S_MAX, "seconds from 1 to 604800");
    let threads = reader.whole(section, "threads", 1..=THREADS_MAX, "a whole number from 1 to 1024");
    let seed = reader.whole(section, "seed", 0..=i64::MAX, "a whole number, at least 0");
    Search {
        weight,
        fixed: reader.text(section, "fixed"),
        time_limit_s: small(time_limit, default.time_limit_s),
        threads: threads.and_then(|threads| u32::try_from(threads).ok()),
        seed: seed.and_then(|seed| u64::try_from(seed).ok()).unwrap_or(default.seed),
    }
}

fn history(reader: &mut Reader<'_>, top: Section<'_>) -> Vec<String> {
    let Some(section) = reader.section(top, "history") else { return Vec::new() };
    reader.only(section, &["releases"]);
    reader.texts(section, "releases").unwrap_or_default()
}

fn output(reader: &mut Reader<'_>, top: Section<'_>, decimals: u32) -> (Method, Option<String>) {
    let Some(section) = reader.section(top, "output") else { return (Method::Ranges, None) };
    reader.only(section, &["method", "base", "capacity"]);
    let capacity = reader.text(section, "capacity");
    let base = section.get("base").and_then(|value| {
        let base = reader.units(section, "base", value, decimals);
        if base.is_some_and(|base| base < 1) {
            reader.bad(section, "base", value.span(), "above 0");
            return None;
        }
        base
    });
    let method = reader.text(section, "method");
    if section.get("base").is_some() && method.as_deref() != Some("rounding") {
        let span = section.get("base").map_or(0..0, Spanned::span);
        reader.bad(section, "base", span, "nothing, unless the method is \"rounding\"");
    }
    let method = match method.as_deref() {
        None | Some("ranges") => Method::Ranges,
        Some("blanks") => Method::Blanks,
        Some("rounding") => {
            if section.get("base").is_none() {
                reader.missing(section, "base");
            }
            Method::Rounding { base: base.unwrap_or(1) }
        }
        Some(_) => {
            let span = section.get("method").map_or(0..0, Spanned::span);
            reader.bad(section, "method", span, "\"blanks\", \"ranges\" or \"rounding\"");
            Method::Blanks
        }
    };
    (method, capacity)
}
