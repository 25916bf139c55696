//! Stage C: ruin and recreate. A few neighbouring secondaries are given up at once, some of them forbidden, and
//! what they proved is proved again in another order; the result stays if it is no heavier.
//!
//! Source: Schrimpf, Schneider, Stamm-Wilbrandt and Dueck, J. Comput. Phys. 159 (2000); docs/METHOD.md, "Stage C".

use crate::budget::{Budget, Progress, Stage, Stopped};
use crate::component::relations_of;
use crate::construct::Means;
use crate::exchange::attempt;
use crate::search::{Search, WitnessId};
use crate::table::CellId;

/// Secondaries given up at once, at most.
const RUINED_MAX: u64 = 8;
/// Witnesses taken out at once, at most: more are rarely put back at less weight.
const USERS_MAX: usize = 40;
/// Moves that found nothing, for each secondary, before the search is taken to be finished.
const PATIENCE: u64 = 40;
/// Moves between two looks at which secondaries there are.
const ROUND: u64 = 64;

/// Numbers that look random and are the same on every run: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Below `end`, which is at least 1.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap_or(0)
    }
}

/// Improves until nothing was found for long, the weight is down to `bound`, or the budget ends.
pub(crate) fn improve(
    search: &mut Search<'_>,
    means: &mut Means<'_>,
    budget: &Budget<'_>,
    bound: u128,
) -> Stopped {
    // Continues differently after each visit, and the same on every run.
    let mut numbers = Numbers(means.work());
    let (mut idle, mut secondaries) = (0_u64, Vec::new());
    for done in 0_u64.. {
        if let Some(stopped) = budget.stopped(means.work()) {
            return stopped;
        }
        if done.is_multiple_of(ROUND) {
            let weight = search.weight();
            secondaries = search.secondaries().collect();
            let total = done + PATIENCE * secondaries.len() as u64 - idle;
            (budget.progress)(Progress { stage: Stage::Exchange, done, total, weight, bound });
            if weight <= bound {
                return Stopped::Optimal;
            }
            if idle >= PATIENCE * secondaries.len() as u64 {
                break;
            }
        }
        let before = search.weight();
        let seed = secondaries[numbers.below(secondaries.len())];
        if search.secondary(seed) {
            ruin(search, means, &mut numbers, seed);
        }
        idle = if search.weight() < before { 0 } else { idle + 1 };
    }
    Stopped::Finished
}

fn ruin(search: &mut Search<'_>, means: &mut Means<'_>, numbers: &mut Numbers, seed: CellId) {
    let count = 1 + numbers.below(usize::try_from(RUINED_MAX).unwrap_or(1));
    let ruined = neighbours(search, numbers, seed, count);
    let mut users: Vec<WitnessId> = ruined.iter().flat_map(|&cell| search.users(cell)).copied().collect();
    users.sort_unstable();
    users.dedup();
    if users.len() > USERS_MAX {
        return;
    }
    let forbidden: Vec<CellId> =
        ruined.iter().copied().filter(|&cell| cell == seed || numbers.next().is_multiple_of(2)).collect();
    attempt(search, means, users, &forbidden, &mut |opened| {
        opened.sort_by_key(|open| (open.requirement.cell, open.layer));
        for place in (1..opened.len()).rev() {
            opened.swap(place, numbers.below(place + 1));
        }
    });
}

/// The seed and up to `count - 1` secondaries that share relations with it or with one another.
fn neighbours(search: &Search<'_>, numbers: &mut Numbers, seed: CellId, count: usize) -> Vec<CellId> {
    let table = search.problem.table();
    let mut found = vec![seed];
    // A few steps of a walk through relations; it may meet a cell twice and then comes away with fewer.
    for _ in 1..count {
        let from = found[numbers.below(found.len())];
        let beside: Vec<CellId> = relations_of(table, from)
            .flat_map(|(relation, _)| relation.members(table))
            .filter(|&cell| search.secondary(cell) && !found.contains(&cell))
            .collect();
        if beside.is_empty() {
            continue;
        }
        found.push(beside[numbers.below(beside.len())]);
    }
    found
}
