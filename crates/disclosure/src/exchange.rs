//! Exchange: takes a secondary out again where its witnesses can be replaced more cheaply.
//!
//! For each secondary, heaviest first: detach the witnesses that use it, forbid it, protect again what is open
//! now, and keep the result if it is lighter. Everything stays proved at every step; a step that fails is taken
//! back whole. Source: docs/METHOD.md, "Stage B".

use crate::budget::{Budget, Progress, Stage, Stopped};
use crate::protect::{Means, protect_cell};
use crate::search::{Search, Witness, WitnessId};
use crate::table::CellId;

/// A secondary that more witnesses use than this is not worth the try: nearly all of them would fail.
const USERS_MAX: usize = 64;
/// Passes over all secondaries; later ones find next to nothing.
const PASSES_MAX: usize = 6;

/// Improves until a pass finds nothing, or the budget ends.
pub(crate) fn improve(search: &mut Search<'_>, means: &mut Means<'_>, budget: &Budget<'_>) -> Stopped {
    for _ in 0..PASSES_MAX {
        let before = search.weight();
        let table = search.problem.table();
        let mut secondaries: Vec<CellId> = table.cells().filter(|&cell| search.secondary(cell)).collect();
        secondaries.sort_by_key(|&cell| (std::cmp::Reverse(search.problem.weight(cell)), cell));
        let total = secondaries.len() as u64;
        for (done, &cell) in (0..).zip(&secondaries) {
            if let Some(stopped) = budget.stopped(means.work()) {
                return stopped;
            }
            if done % 64 == 0 {
                (budget.progress)(Progress { stage: Stage::Exchange, done, total, weight: search.weight() });
            }
            if search.secondary(cell) && search.users(cell).len() <= USERS_MAX {
                without(search, means, cell);
            }
        }
        if search.weight() == before {
            break;
        }
    }
    Stopped::Finished
}

/// Tries to do without one secondary; true if that made the pattern lighter.
fn without(search: &mut Search<'_>, means: &mut Means<'_>, cell: CellId) -> bool {
    let before = search.weight();
    let users: Vec<WitnessId> = search.users(cell).to_vec();
    let mut taken: Vec<Witness> = Vec::with_capacity(users.len());
    let mut opened = Vec::new();
    for id in users {
        let (witness, requirements) = search.detach(id);
        taken.extend(witness);
        opened.extend(requirements);
    }
    search.forbid(cell, true);
    opened.sort_by_key(|requirement| (std::cmp::Reverse(requirement.need), requirement.cell));
    let mut adopted = Vec::new();
    let mut good = true;
    for requirement in opened {
        let room = before - search.weight().min(before);
        if !protect_cell(search, means, requirement.cell, room, &mut adopted) || search.weight() >= before {
            good = false;
            break;
        }
    }
    search.forbid(cell, false);
    if good && search.weight() < before {
        return true;
    }
    for id in adopted {
        search.detach(id);
    }
    for witness in taken {
        search.adopt(witness);
    }
    false
}
