//! What each receiver may get at all: parts in numbers, their needs and covers, and for every receiver the largest set of parts that it may
//! have and that is closed under needs.
//!
//! Parts are numbered in the order of their ids, receivers in the order of their codes. What a receiver does not get has one cause here:
//! reasons of its own (`eligibility` spells them out), or one part that it would need and does not get either. Following causes ends
//! at a part with reasons of its own, since a cause is always found before what it blocks.

use std::collections::VecDeque;

use ledger::act::{Code, Level, PartId, UtcTime};

use crate::standards::eligibility::{Purpose, may_have, superseded_by};
use crate::standards::policy::{Covers, Missing, Policy, Superseded};
use crate::standards::record::Relation;
use crate::standards::registry::Registry;

/// A set of receivers, by number.
pub(super) type Mask = u128;

/// The most receivers of one plan.
pub(super) const RECEIVERS_MAX: usize = 128;

/// How one part hangs on another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    /// It needs it.
    Needs,
    /// It covers it.
    Covers,
    /// It is covered by it.
    CoveredBy,
}

/// Where a part stands with a receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    /// The receiver may get it.
    Gets,
    /// It holds it.
    Holds,
    /// It has reasons of its own.
    Denied,
    /// It hangs on another that the receiver does not get.
    Blocked { by: usize, link: Link },
    /// What travels in one wave with it is too much for one.
    OverCapacity { group: usize },
}

/// The registry under a policy, in numbers.
pub(super) struct Ground<'a> {
    pub(super) registry: &'a Registry,
    pub(super) policy: &'a Policy,
    pub(super) at: UtcTime,
    pub(super) ids: Vec<&'a PartId>,
    pub(super) receivers: Vec<&'a Code>,
    pub(super) levels: Vec<Level>,
    pub(super) efforts: Vec<u64>,
    /// Whether status and successors let the part go: what is not in force is not missed by its cover.
    in_force: Vec<bool>,
    pub(super) needs: Vec<Vec<usize>>,
    needed_by: Vec<Vec<usize>>,
    /// What a cover covers, and the covers of a part.
    pub(super) covers: Vec<Vec<usize>>,
    pub(super) covered_by: Vec<Vec<usize>>,
    /// By receiver, then part.
    stands: Vec<Vec<Stand>>,
    /// Groups that are too much for one wave.
    pub(super) groups: Vec<Group>,
}

/// Parts that would have to travel in one wave and are too much for one.
pub(super) struct Group {
    pub(super) parts: Vec<usize>,
    pub(super) effort: u64,
}

impl<'a> Ground<'a> {
    /// Numbers everything and finds what each receiver may get.
    ///
    /// Cost: `O(r (n + m))` for `r` receivers, `n` parts and `m` edges, times what a question of eligibility takes.
    pub(super) fn new(registry: &'a Registry, policy: &'a Policy, at: UtcTime) -> Self {
        let ids: Vec<&PartId> = registry.records().keys().collect();
        let levels: Vec<Level> = registry.records().values().map(|record| policy.level(record)).collect();
        let efforts = levels.iter().map(|level| policy.review.effort(*level)).collect();
        let standing = |id: &PartId, status| {
            let sends = policy.planning.superseded == Superseded::Send;
            policy.planning.statuses.contains(status) && (sends || superseded_by(registry, id).is_none())
        };
        let in_force = registry.records().iter().map(|(id, record)| standing(id, &record.status)).collect();
        let empty = || vec![Vec::new(); ids.len()];
        let (mut needs, mut needed_by, mut covers, mut covered_by) = (empty(), empty(), empty(), empty());
        for edge in registry.edges() {
            let ends = (ids.binary_search(&&edge.from), ids.binary_search(&&edge.to));
            let (Ok(from), Ok(to)) = ends else { continue };
            if edge.is_need() {
                needs[from].push(to);
                needed_by[to].push(from);
            } else if edge.relation == Relation::Covers && from != to {
                covers[from].push(to);
                covered_by[to].push(from);
            }
        }
        for list in [&mut needs, &mut needed_by, &mut covers, &mut covered_by].into_iter().flatten() {
            list.sort_unstable();
            list.dedup();
        }
        let receivers: Vec<&Code> = policy.conditions.receivers.keys().collect();
        let (stands, groups) = (Vec::new(), Vec::new());
        let mut ground = Self {
            registry,
            policy,
            at,
            ids,
            receivers,
            levels,
            efforts,
            in_force,
            needs,
            needed_by,
            covers,
            covered_by,
            stands,
            groups,
        };
        ground.stands = ground.receivers.iter().map(|receiver| ground.stands_of(receiver)).collect();
        ground
    }

    fn stands_of(&self, receiver: &Code) -> Vec<Stand> {
        let direct = |id: &&PartId| {
            if self.policy.holds(receiver, id) {
                Stand::Holds
            } else if may_have(self.registry, self.policy, id, receiver, self.at, Purpose::Plan).is_empty() {
                Stand::Gets
            } else {
                Stand::Denied
            }
        };
        let mut stands: Vec<Stand> = self.ids.iter().map(direct).collect();
        let denied = (0..stands.len()).filter(|part| stands[*part] == Stand::Denied).collect();
        self.block(&mut stands, denied);
        stands
    }

    /// Blocks what hangs on parts that a receiver does not get.
    fn block(&self, stands: &mut [Stand], mut queue: VecDeque<usize>) {
        let planning = &self.policy.planning;
        while let Some(part) = queue.pop_front() {
            let mut hit = |other: usize, link: Link| {
                if stands[other] == Stand::Gets {
                    stands[other] = Stand::Blocked { by: part, link };
                    queue.push_back(other);
                }
            };
            if planning.missing_needs == Missing::Block {
                self.needed_by[part].iter().for_each(|other| hit(*other, Link::Needs));
            }
            if planning.incomplete_covers == Missing::Block && self.in_force[part] {
                self.covered_by[part].iter().for_each(|cover| hit(*cover, Link::Covers));
                self.covers[part].iter().for_each(|covered| hit(*covered, Link::CoveredBy));
            }
        }
    }

    /// Where a part stands with a receiver.
    pub(super) fn stand(&self, receiver: usize, part: usize) -> Stand {
        self.stands[receiver][part]
    }

    /// Whether its status and its successors let a part go.
    pub(super) fn in_force(&self, part: usize) -> bool {
        self.in_force[part]
    }

    /// Receivers that a part stands so with.
    fn mask(&self, part: usize, stand: Stand) -> Mask {
        let with = self.stands.iter().enumerate().filter(|(_, stands)| stands[part] == stand);
        with.fold(0, |mask, (receiver, _)| mask | (1 << receiver))
    }

    /// Receivers that may get each part.
    pub(super) fn gets(&self) -> Vec<Mask> {
        (0..self.ids.len()).map(|part| self.mask(part, Stand::Gets)).collect()
    }

    /// Receivers that hold a part.
    pub(super) fn holds(&self, part: usize) -> Mask {
        self.mask(part, Stand::Holds)
    }

    /// For each part that somebody may get, the parts that go no later: what it needs, and what a common receiver gets of cover and covered.
    pub(super) fn arcs(&self, gets: &[Mask]) -> Vec<Vec<usize>> {
        let common = |a: usize, b: usize| gets[a] & gets[b] != 0;
        let arcs = |part: usize| {
            let needs = self.needs[part].iter().copied().filter(|need| common(part, *need));
            let covers = self.covered_by[part].iter().copied().filter(|cover| common(part, *cover));
            let mut list: Vec<usize> = needs.chain(covers).collect();
            if self.policy.planning.covers == Covers::Together {
                list.extend(self.covers[part].iter().copied().filter(|covered| common(part, *covered)));
            }
            list.sort_unstable();
            list.dedup();
            list
        };
        (0..self.ids.len()).map(arcs).collect()
    }

    /// Takes out a group that is too much for one wave, and blocks what hangs on it.
    pub(super) fn take_out(&mut self, parts: Vec<usize>, effort: u64) {
        let group = self.groups.len();
        let mut all = std::mem::take(&mut self.stands);
        for stands in &mut all {
            let mut queue = VecDeque::new();
            for part in &parts {
                if stands[*part] == Stand::Gets {
                    stands[*part] = Stand::OverCapacity { group };
                    queue.push_back(*part);
                }
            }
            self.block(stands, queue);
        }
        self.stands = all;
        self.groups.push(Group { parts, effort });
    }
}
