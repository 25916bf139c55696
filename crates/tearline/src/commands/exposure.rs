//! `tearline exposure`: what every attacker could tell of one contributor's figures, were a draft released.

use disclosure::coalition::exposure::{self, Exposure};
use disclosure::fraction::Fraction;
use disclosure::pattern::{Pattern, Status};
use disclosure::problem::UnitId;
use disclosure::simplex::Small;
use disclosure::table::CellId;
use intake::nearest;

use crate::cli;
use crate::document::audit::Interval;
use crate::document::codes;
use crate::document::exposure::{ExposedCell, ExposureDocument, SCHEMA};
use crate::exposure_page;
use crate::failure::{Answer, Failure};
use crate::folder::{Existing, Target};
use crate::input::{self, Input};
use crate::opposition::Opposition;
use crate::release::{self, CELLS, Release};
use crate::statement::Statement;
use crate::terminal::{Terminal, Tone, shell_word};

const PAGE: &str = "exposure.html";
const DOCUMENT: &str = "exposure.json";

pub(super) fn run(arguments: &cli::Exposure, terminal: &Terminal) -> Result<Answer, Failure> {
    let existing = if arguments.force { Existing::Replace } else { Existing::Refuse };
    let target = Target::of(&arguments.out, existing, "exposure", |name| name == PAGE || name == DOCUMENT)?;
    let input = Input::read(&arguments.spec)?;
    let path = arguments.release.join(CELLS);
    let bytes = input::read_file(&path)?;
    let document =
        judge(&input, &path.display().to_string(), &bytes, &arguments.contributor, &arguments.marking)?;
    let mut json = serde_json::to_vec_pretty(&document)
        .map_err(|error| Failure::failed(format!("cannot write `{DOCUMENT}`: {error}"), "try again"))?;
    json.push(b'\n');
    target.put(&[(PAGE, exposure_page::render(&document)?), (DOCUMENT, json)])?;
    say(arguments, &document, terminal);
    if terminal.json() {
        terminal.document(&document);
    }
    Ok(if document.verdict == "unsafe" { Answer::No } else { Answer::Yes })
}

/// The exposure of one contributor in a release that is still in memory.
pub(crate) fn of_release(
    input: &Input,
    cells: &[u8],
    contributor: &str,
    marking: &str,
) -> Result<ExposureDocument, Failure> {
    judge(input, CELLS, cells, contributor, marking)
}

fn judge(
    input: &Input,
    name: &str,
    cells: &[u8],
    contributor: &str,
    marking: &str,
) -> Result<ExposureDocument, Failure> {
    let Some(opposition) = &input.opposition else {
        return Err(Failure::usage(
            "the specification names nobody to protect contributors from",
            "add [guarantee] with p, and [[attacker]] for groups that pool what they know",
        ));
    };
    input.refuse_rounding()?;
    let unit = unit(opposition, contributor)?;
    let release = release::read(name, cells, input.problem.table(), input.decimals())
        .map_err(|faults| Failure::faults(format!("`{name}`"), faults))?;
    document(input, opposition, &release, unit, marking)
}

fn unit(opposition: &Opposition, name: &str) -> Result<UnitId, Failure> {
    let place = opposition.units.iter().position(|unit| unit == name);
    let place = place.and_then(|place| u32::try_from(place).ok());
    place.map(UnitId).ok_or_else(|| {
        let near = nearest(name, opposition.units.iter().map(String::as_str));
        let advice = match near.first() {
            Some(near) => format!("did you mean `{near}`?"),
            None => "name a contributor as the figures do, or its holding".to_owned(),
        };
        Failure::usage(format!("nobody called `{name}` has a record"), advice)
    })
}

fn document(
    input: &Input,
    opposition: &Opposition,
    release: &Release,
    unit: UnitId,
    marking: &str,
) -> Result<ExposureDocument, Failure> {
    let table = input.problem.table();
    let mut pattern = Pattern::all_published(table.len());
    for cell in table.cells() {
        if matches!(release.said.of(cell), Statement::Range(_) | Statement::Blank) {
            pattern.set(cell, Status::Secondary);
        }
    }
    let opponents = opposition.opponents();
    let found = exposure::exposures(&opponents, &input.problem, &pattern, unit, &Small)
        .map_err(|error| Failure::usage(error.to_string(), error.advice()))?;
    let attackers = opposition.coalitions.iter().filter(|coalition| !coalition.has(unit));
    let mut by_cell: Vec<&Exposure> = found.iter().collect();
    by_cell.sort_by_key(|exposure| (exposure.cell, exposure.coalition));
    let cells: Vec<ExposedCell> = by_cell
        .chunk_by(|one, next| one.cell == next.cell)
        .filter_map(|exposures| exposed(input, opposition, &pattern, unit, exposures))
        .collect();
    let verdict = match cells.iter().any(|cell| !cell.broken_by.is_empty()) {
        _ if opponents.shares.waived(unit) => "waived",
        true => "unsafe",
        false => "safe",
    };
    Ok(ExposureDocument {
        schema: SCHEMA,
        title: input.loaded.specification.title.clone(),
        marking: marking.to_owned(),
        unit: opposition.unit(unit.0).to_owned(),
        verdict,
        p: opposition.guarantee.p.to_string(),
        floor: input.amount(opposition.guarantee.floor),
        two_sided: opposition.guarantee.two_sided,
        attackers: attackers.map(|coalition| coalition.id.clone()).collect(),
        cells,
        inputs_sha256: input.digest.to_string(),
        release_sha256: release.digest.to_string(),
    })
}

/// One cell as all attackers see it; the outsider comes first in every list of attackers.
fn exposed(
    input: &Input,
    opposition: &Opposition,
    pattern: &Pattern,
    unit: UnitId,
    exposures: &[&Exposure],
) -> Option<ExposedCell> {
    let outsider = exposures.first()?;
    let cell: CellId = outsider.cell;
    let own = opposition.opponents().shares.amount_of(cell, unit)?;
    let amount = |end: Fraction| input.fraction(end);
    let broken = exposures.iter().filter(|exposure| !exposure.holds);
    Some(ExposedCell {
        cell: codes(input.problem.table(), cell),
        unit: input.unit(cell).to_owned(),
        own: input.amount(own),
        need: input.amount(opposition.guarantee.need(own)),
        shown: !pattern.hidden(cell),
        outsider: Interval { low: amount(outsider.low), high: outsider.high.map(amount) },
        broken_by: broken.map(|exposure| opposition.coalitions[exposure.coalition].id.clone()).collect(),
    })
}

fn say(arguments: &cli::Exposure, document: &ExposureDocument, terminal: &Terminal) {
    let tone = if document.verdict == "unsafe" { Tone::Bad } else { Tone::Good };
    let word = terminal.err_word(tone, document.verdict);
    let broken = document.cells.iter().filter(|cell| !cell.broken_by.is_empty()).count();
    terminal.say(&format!(
        "{word}: {} in {} cells against {} attackers; {broken} cells fall short",
        document.unit,
        document.cells.len(),
        document.attackers.len()
    ));
    terminal.say(&format!("  wrote {}: for {} alone", shell_word(&arguments.out), document.unit));
}
