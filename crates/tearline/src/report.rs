//! The report of a release: the facts, and the page that a planner reads.
//!
//! The facts are one document ([`crate::document::report`]); figures are drawn from it and from nothing else, so
//! the page cannot say more than `report.json` does.

use disclosure::pattern::{Pattern, Status};
use disclosure::protect::Protected;
use disclosure::rounding::Rounded;
use disclosure::rounding::checker::Proved;
use intake::spec::{Method, Weight};
use ledger::Digest;

use crate::document::error::NoteLines;
use crate::document::report::{
    AttackersReport, DeclaredAttacker, Hidden, InputsReport, Lost, OutputFile, ProofReport, Report,
    RoundingReport, SCHEMA, SearchReport,
};
use crate::gap::Gap;
use crate::input::Input;
use crate::statement::{self, Loss, Statements};
use crate::utility;

mod demand;
mod demand_figure;
mod heat;
mod heat_figure;
mod levels;
mod numbers;
mod page;

pub(crate) use demand::{is_years, year};
pub(crate) use demand_figure::step;
pub(crate) use numbers::{counted, float, grouped, percent, shortened};
pub(crate) use page::render;

/// What the caller knows beside the input and the pattern.
pub(crate) struct Circumstances<'a> {
    pub(crate) marking: &'a str,
    pub(crate) time_limit_s: u32,
    pub(crate) outputs: Vec<OutputFile>,
}

/// The facts about a release.
pub(crate) fn facts(
    input: &Input,
    protected: &Protected,
    said: &Statements,
    circumstances: Circumstances<'_>,
) -> Report {
    let table = input.problem.table();
    let parts = Parts {
        loss: statement::loss(table, &protected.pattern),
        hidden: hidden(&protected.pattern),
        search: Some(search(input, protected, circumstances.time_limit_s)),
        rounding: None,
        proof: ProofReport {
            verdict: "accepted",
            requirements: protected.checked.requirements as u64,
            worlds: protected.checked.worlds as u64,
            deviations: protected.checked.deviations as u64,
            attackers: attackers_of(input),
        },
    };
    report(input, said, parts, circumstances)
}

/// The facts about a rounded release, made to withstand so many attackers and proved by so many worlds.
pub(crate) fn rounded_facts(
    input: &Input,
    (rounded, attackers): (&Rounded, usize),
    proved: &Proved,
    worlds: usize,
    said: &Statements,
    circumstances: Circumstances<'_>,
) -> Report {
    let table = input.problem.table();
    let finest = table.cells().filter(|&cell| statement::is_finest(table, cell)).count() as u64;
    let parts = Parts {
        // Nothing is shown exactly, nothing is hidden.
        loss: Loss { cells: finest, hidden: finest, value_permille: 1_000 },
        hidden: Hidden { primary: 0, secondary: 0 },
        search: None,
        rounding: Some(utility::movement(table, rounded, attackers, input.decimals())),
        proof: ProofReport {
            verdict: "accepted",
            requirements: proved.claims as u64,
            worlds: worlds as u64,
            deviations: proved.deviations as u64,
            attackers: attackers_of(input),
        },
    };
    report(input, said, parts, circumstances)
}

/// What depends on how the table was protected.
struct Parts {
    loss: Loss,
    hidden: Hidden,
    search: Option<SearchReport>,
    rounding: Option<RoundingReport>,
    proof: ProofReport,
}

fn report(input: &Input, said: &Statements, parts: Parts, circumstances: Circumstances<'_>) -> Report {
    let table = input.problem.table();
    let specification = &input.loaded.specification;
    let shown = levels::all(table, said);
    Report {
        schema: SCHEMA,
        title: specification.title.clone(),
        marking: circumstances.marking.to_owned(),
        units: units(input),
        decimals: input.decimals(),
        method: method_word(specification.method),
        variables: levels::variables(input, said),
        lost: lost(shown.cells, shown.cells - shown.exact, parts.loss),
        hidden: parts.hidden,
        shown,
        search: parts.search,
        rounding: parts.rounding,
        utility: utility::of(table, said, demand::years(table), &input.loaded.capacities),
        proof: parts.proof,
        inputs: InputsReport { sha256: input.digest.to_string(), files: input.files.clone() },
        outputs: circumstances.outputs,
        notes: NoteLines::from(&input.loaded.notes),
        heat_map: heat::map(input, said),
        demand: demand::chart(input, said),
    }
}

fn attackers_of(input: &Input) -> Option<AttackersReport> {
    let opposition = input.opposition.as_ref()?;
    let declared = input.loaded.coalitions.iter().map(|coalition| DeclaredAttacker {
        id: coalition.id.clone(),
        members: coalition.members.len() as u64,
    });
    Some(AttackersReport {
        count: opposition.coalitions.len() as u64,
        declared: declared.collect(),
        pooling: input.loaded.specification.pooling as u64,
        p: opposition.guarantee.p.to_string(),
        floor: input.amount(opposition.guarantee.floor),
        two_sided: opposition.guarantee.two_sided,
    })
}

/// A file that will be written, with its digest.
pub(crate) fn output_file(name: &str, bytes: &[u8]) -> OutputFile {
    OutputFile { name: name.to_owned(), bytes: bytes.len() as u64, sha256: Digest::of(bytes).to_string() }
}

fn search(input: &Input, protected: &Protected, time_limit_s: u32) -> SearchReport {
    let weight = match &input.loaded.specification.search.weight {
        Weight::Value => "value",
        Weight::Count => "count",
        Weight::Log => "log",
        Weight::Column(_) => "column",
    };
    SearchReport {
        weight,
        secondaries_weight: weight_text(input, protected.weight),
        bound: weight_text(input, protected.bound),
        gap: Gap::between(protected.weight, protected.bound).percent(),
        first_certified_s: seconds(protected.first_ms),
        stopped: protected.stopped.word(),
        time_limit_s,
        work: protected.work,
    }
}

fn seconds(milliseconds: u64) -> String {
    format!("{}.{:03}", milliseconds / 1_000, milliseconds % 1_000)
}

/// A summed weight as text: in the declared scale where it is one of values.
pub(crate) fn weight_text(input: &Input, weight: u128) -> String {
    scaled(weight, weight_decimals(input))
}

/// Digits after the point of a weight.
pub(crate) fn weight_decimals(input: &Input) -> u32 {
    match &input.loaded.specification.search.weight {
        Weight::Value => input.decimals(),
        Weight::Count | Weight::Log => 0,
        Weight::Column(_) => input.loaded.costs.decimals,
    }
}

/// A weight as decimal text.
pub(crate) fn scaled(weight: u128, decimals: u32) -> String {
    match i64::try_from(weight) {
        Ok(units) => intake::decimal_text(units, decimals),
        // Past 2^63 the scale is given up, not the number.
        Err(_) => format!("{weight}e-{decimals}"),
    }
}

fn hidden(pattern: &Pattern) -> Hidden {
    Hidden {
        primary: pattern.count(Status::Primary) as u64,
        secondary: pattern.count(Status::Secondary) as u64,
    }
}

fn lost(cells: u64, hidden: u64, loss: Loss) -> Lost {
    Lost {
        cells_permille: permille(hidden, cells),
        finest_cells: loss.cells,
        finest_hidden: loss.hidden,
        finest_cells_permille: permille(loss.hidden, loss.cells),
        finest_value_permille: loss.value_permille,
    }
}

/// `part` of `whole` in parts of a thousand, rounded up: losses are never made to look smaller.
fn permille(part: u64, whole: u64) -> u64 {
    let (part, whole) = (u128::from(part), u128::from(whole));
    if whole == 0 { 0 } else { u64::try_from((part * 1_000).div_ceil(whole)).unwrap_or(1_000) }
}

fn method_word(method: Method) -> &'static str {
    match method {
        Method::Ranges => "ranges",
        Method::Blanks => "blanks",
        Method::Rounding { .. } => "rounding",
    }
}

/// The units in the order of the first cells that have them.
fn units(input: &Input) -> Vec<String> {
    let mut units: Vec<String> = Vec::new();
    for cell in input.problem.table().cells() {
        let unit = input.unit(cell);
        if !unit.is_empty() && !units.iter().any(|known| known == unit) {
            units.push(unit.to_owned());
        }
    }
    units
}
