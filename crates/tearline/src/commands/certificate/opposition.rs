//! What a certificate proves against the attackers of the specification.

use disclosure::certificate::Certificate;
use disclosure::coalition::checker::{self, Claim, Exposure, Failure};
use disclosure::pattern::Pattern;

use super::Wrong;
use crate::input::Input;
use crate::opposition::Opposition;

/// How many quantities of units are proved to be hidden; what is not goes to `wrong`.
pub(super) fn judge(
    input: &Input,
    pattern: &Pattern,
    certificate: &Certificate,
    wrong: &mut Vec<Wrong>,
) -> usize {
    let Some(opposition) = &input.opposition else { return 0 };
    let claim = Claim {
        problem: &input.problem,
        pattern,
        coalitions: &opposition.coalitions,
        guarantee: &opposition.guarantee,
    };
    match checker::check(&claim, &opposition.contributions, certificate) {
        Ok(checked) => checked.quantities,
        Err(failures) => {
            // Worlds that are no tables are named by the checker of the rules already.
            let exposed = failures.iter().filter(|failure| !matches!(failure, Failure::World(_)));
            wrong.extend(exposed.map(|failure| wrong_of(input, opposition, failure)));
            0
        }
    }
}

fn wrong_of(input: &Input, opposition: &Opposition, failure: &Failure) -> Wrong {
    let advice = failure.advice().to_owned();
    let Failure::Exposed { coalition, unit, cell, along, exposure } = failure else {
        return Wrong { cell: None, message: failure.to_string(), advice };
    };
    let attacker = opposition.coalitions.get(*coalition).map_or("", |coalition| coalition.id.as_str());
    let unit = opposition.unit(unit.0);
    let part = match along.and_then(|variable| input.problem.table().hierarchies().get(variable)) {
        Some(tree) => format!("part of what is hidden along {}", tree.name()),
        None => "part".to_owned(),
    };
    let why = match exposure {
        Exposure::Above => "is far enough above the truth",
        Exposure::Below => "is far enough below the truth",
        Exposure::Exact => "differs from the truth",
    };
    let message = format!("no world that `{attacker}` cannot exclude has a {part} of `{unit}` that {why}");
    Wrong { cell: Some(*cell), message, advice }
}
