//! The lower bound of a release, judged again: the proof in `internal/bound.json` against the figures, and what
//! `report.json` says against both.

use std::path::Path;

use disclosure::bound;
use disclosure::pattern::Pattern;
use serde_json::Value;

use super::Wrong;
use crate::document::check::BoundDocument;
use crate::failure::Failure;
use crate::gap::Gap;
use crate::input::{self, Input};
use crate::release::BOUND;
use crate::report;

const REPORT: &str = "report.json";
const UNCHANGED: &str = "take the folder as `protect` wrote it, with the specification it was made from";

/// What the proof in the folder proves of the pattern; nothing where there is none.
pub(super) fn judge(
    input: &Input,
    folder: &Path,
    pattern: &Pattern,
    wrong: &mut Vec<Wrong>,
) -> Result<Option<BoundDocument>, Failure> {
    let path = folder.join(BOUND);
    if !path.exists() {
        return Ok(None);
    }
    let bytes = input::read_file(&path)?;
    let proved = match intake::bound::read(&bytes, &input.problem) {
        Ok(proof) => bound::verify(&input.problem, &proof).map_err(|fault| (fault.to_string(), UNCHANGED)),
        Err(error) => {
            let cause =
                std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
            Err((format!("{error}{cause}"), error.advice()))
        }
    };
    let bound = match proved {
        Ok(bound) => bound,
        Err((message, advice)) => {
            wrong.push(Wrong::of_bound(format!("{BOUND} proves nothing: {message}"), advice));
            return Ok(None);
        }
    };
    let weight = weight(input, pattern);
    let gap = Gap::between(weight, bound);
    let found = BoundDocument {
        weight: report::weight_text(input, weight),
        bound: report::weight_text(input, bound),
        gap: gap.percent(),
    };
    if bound > weight {
        let message = format!("{BOUND} proves that the pattern, of weight {}, is not safe", found.weight);
        wrong.push(Wrong::of_bound(message, "do not release it"));
    }
    let report = folder.join(REPORT);
    if report.exists() {
        let said = Said::read(&input::read_file(&report)?, report::weight_decimals(input));
        claims(said, weight, bound, &found, wrong);
    }
    Ok(Some(found))
}

/// Summed weight of what is hidden only to protect others.
fn weight(input: &Input, pattern: &Pattern) -> u128 {
    let secondaries = pattern.hidden_cells().filter(|&cell| !input.problem.must_hide(cell));
    secondaries.map(|cell| u128::from(input.problem.weight(cell))).sum()
}

/// What `report.json` says of the search.
struct Said {
    weight: Option<u128>,
    bound: Option<u128>,
    gap: Option<Gap>,
}

impl Said {
    fn read(bytes: &[u8], decimals: u32) -> Self {
        let report: Value = serde_json::from_slice(bytes).unwrap_or_default();
        let text = |key: &str| report.get("search")?.get(key)?.as_str();
        Self {
            weight: text("secondaries_weight").and_then(|text| units(text, decimals)),
            bound: text("bound").and_then(|text| units(text, decimals)),
            gap: text("gap").and_then(|text| format!("{text}%").parse().ok()),
        }
    }
}

/// The inverse of [`report::scaled`].
fn units(text: &str, decimals: u32) -> Option<u128> {
    let digits: String = match text.split_once("e-") {
        Some((digits, _)) => digits.to_owned(),
        None => text.chars().filter(|letter| *letter != '.').collect(),
    };
    let units = digits.parse().ok()?;
    (report::scaled(units, decimals) == text).then_some(units)
}

/// Compares what the report says with what was found.
fn claims(said: Said, weight: u128, bound: u128, found: &BoundDocument, wrong: &mut Vec<Wrong>) {
    let mut refute = |message: String| wrong.push(Wrong::of_bound(message, UNCHANGED));
    let (Some(said_weight), Some(said_bound), Some(said_gap)) = (said.weight, said.bound, said.gap) else {
        refute(format!("{REPORT} does not say weight, bound and gap of the search"));
        return;
    };
    if said_weight != weight {
        refute(format!("{REPORT} says another weight than the release has, {}", found.weight));
    }
    if said_bound > bound {
        refute(format!("{REPORT} says a higher bound than {BOUND} proves, {}", found.bound));
    }
    if said_gap < Gap::between(weight, bound).shown() {
        refute(format!("{REPORT} says a smaller gap than there is, {} %", found.gap));
    }
}
