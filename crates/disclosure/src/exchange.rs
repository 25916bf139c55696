//! Exchange: takes a secondary out again where its witnesses can be replaced more cheaply.
//!
//! For each secondary, heaviest first: detach the witnesses that use it, forbid it, protect again what is open
//! now, and keep the result if it is lighter. Everything stays proved at every step; a step that fails is taken
//! back whole. Source: docs/METHOD.md, "Stage B".

use crate::budget::{Budget, Progress, Stage, Stopped};
use crate::construct::{Means, protect_cell};
use crate::search::{Open, Placed, Search, WitnessId};
use crate::table::CellId;

/// A secondary that more witnesses use than this is not worth the try: nearly all of them would fail.
const USERS_MAX: usize = 64;
/// Passes over all secondaries; later ones find next to nothing.
const PASSES_MAX: usize = 6;

/// Improves until a pass finds nothing, the weight is down to `bound`, or the budget ends.
pub(crate) fn improve(
    search: &mut Search<'_>,
    means: &mut Means<'_>,
    budget: &Budget<'_>,
    bound: u128,
) -> Stopped {
    for _ in 0..PASSES_MAX {
        let before = search.weight();
        if let Some(stopped) = pass(search, means, budget, bound) {
            return stopped;
        }
        if search.weight() == before {
            break;
        }
    }
    Stopped::Finished
}

/// One pass: every witness that alone uses some secondary, then every secondary, the heaviest first.
fn pass(search: &mut Search<'_>, means: &mut Means<'_>, budget: &Budget<'_>, bound: u128) -> Option<Stopped> {
    let mut witnesses = search.exclusive();
    witnesses.sort_by_key(|&(id, weight)| (std::cmp::Reverse(weight), id));
    let mut secondaries: Vec<CellId> = search.secondaries().collect();
    secondaries.sort_by_key(|&cell| (std::cmp::Reverse(search.problem.weight(cell)), cell));
    let total = (witnesses.len() + secondaries.len()) as u64;
    let moves = witnesses.into_iter().map(|(id, _)| Move::Reroute(id));
    for (done, step) in (0..).zip(moves.chain(secondaries.into_iter().map(Move::Without))) {
        if let Some(stopped) = budget.stopped(means.work()) {
            return Some(stopped);
        }
        if done % 64 == 0 {
            let weight = search.weight();
            (budget.progress)(Progress { stage: Stage::Exchange, done, total, weight, bound });
            if weight <= bound {
                return Some(Stopped::Optimal);
            }
        }
        match step {
            Move::Reroute(id) if search.exclusive_weight(id) > 0 => {
                attempt(search, means, vec![id], &[], &mut largest_first);
            }
            Move::Without(cell) if search.secondary(cell) && search.users(cell).len() <= USERS_MAX => {
                let users = search.users(cell).to_vec();
                attempt(search, means, users, &[cell], &mut largest_first);
            }
            Move::Reroute(_) | Move::Without(_) => {}
        }
    }
    None
}

enum Move {
    /// Prove again what one witness proves.
    Reroute(WitnessId),
    /// Do without one secondary.
    Without(CellId),
}

/// Puts open requirements into the order in which they are proved again.
pub(crate) type Order<'a> = &'a mut dyn FnMut(&mut [Open]);

fn largest_first(opened: &mut [Open]) {
    opened.sort_by_key(|open| (std::cmp::Reverse(open.requirement.need), open.requirement.cell, open.layer));
}

/// Takes the witnesses out and proves again what is open then, without the forbidden cells; takes all of it back unless
/// the pattern is lighter.
pub(crate) fn attempt(
    search: &mut Search<'_>,
    means: &mut Means<'_>,
    users: Vec<WitnessId>,
    forbidden: &[CellId],
    order: Order<'_>,
) {
    let before = search.weight();
    let mut taken: Vec<Placed> = Vec::with_capacity(users.len());
    let mut opened = Vec::new();
    for id in users {
        let (placed, requirements) = search.detach(id);
        taken.extend(placed);
        opened.extend(requirements);
    }
    forbidden.iter().for_each(|&cell| search.forbid(cell, true));
    order(&mut opened);
    let mut adopted = Vec::new();
    let good = opened.into_iter().all(|open| {
        let room = before - search.weight().min(before);
        search.focus(open.layer);
        protect_cell(search, means, open.requirement.cell, room, &mut adopted) && search.weight() < before
    });
    forbidden.iter().for_each(|&cell| search.forbid(cell, false));
    if good && search.weight() < before {
        return;
    }
    for id in adopted {
        search.detach(id);
    }
    for placed in taken {
        search.place(placed);
    }
}
