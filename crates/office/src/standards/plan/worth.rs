//! What a part is worth.

use std::collections::BTreeSet;

use ledger::act::PartId;

use super::ground::{Ground, Mask};
use crate::standards::record::Relation;

/// What a part is worth, in points, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Worth {
    /// As any part.
    pub base: u64,
    /// Profiles that require it.
    pub profiles: u64,
    /// Points for them.
    pub uses: u64,
    /// Points where a receiver of it holds an edition that it supersedes.
    pub stale: u64,
}

impl Worth {
    /// All points.
    #[must_use]
    pub const fn points(&self) -> u64 {
        self.base + self.uses + self.stale
    }
}

/// Worth of every part.
pub(super) fn worths(ground: &Ground<'_>, gets: &[Mask]) -> Vec<Worth> {
    (0..gets.len())
        .map(|part| {
            let value = &ground.policy.value;
            let stale = if replaced(ground, part, gets[part]).is_some() { value.stale } else { 0 };
            Worth { base: value.base, stale, ..uses(ground, part) }
        })
        .collect()
}

/// Points of the profiles; of several requirements of one profile the highest counts.
fn uses(ground: &Ground<'_>, part: usize) -> Worth {
    let (mut worth, mut last): (Worth, Option<(&PartId, u64)>) = (Worth::default(), None);
    // Edges into a part come ordered by relation and subject.
    let edges = ground.registry.edges_to(ground.ids[part]);
    for edge in edges.filter(|edge| edge.relation == Relation::ProfileRequires) {
        let points = ground.policy.value.of_use(edge.obligation, edge.lifecycle);
        match &mut last {
            Some((profile, most)) if **profile == edge.from => {
                worth.uses += points.saturating_sub(*most);
                *most = points.max(*most);
            }
            _ => {
                worth.profiles += 1;
                worth.uses += points;
                last = Some((&edge.from, points));
            }
        }
    }
    worth
}

/// An edition that the part supersedes, directly or through others, and that one of the receivers holds: the first one on the way back.
pub(super) fn replaced(ground: &Ground<'_>, part: usize, receivers: Mask) -> Option<usize> {
    if receivers == 0 || ground.policy.held.is_empty() {
        return None;
    }
    let (mut seen, mut queue) = (BTreeSet::from([part]), std::collections::VecDeque::from([part]));
    while let Some(current) = queue.pop_front() {
        for edge in ground.registry.edges_from(ground.ids[current]) {
            if edge.relation != Relation::Supersedes {
                continue;
            }
            let Ok(earlier) = ground.ids.binary_search(&&edge.to) else { continue };
            if seen.insert(earlier) {
                if ground.holds(earlier) & receivers != 0 {
                    return Some(earlier);
                }
                queue.push_back(earlier);
            }
        }
    }
    None
}
