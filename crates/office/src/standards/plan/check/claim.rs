//! What may be planned, worked out a second time and in another way than for the search: sets of ids, parts taken out one by one, and units by
//! two searches in depth.

use std::collections::{BTreeMap, BTreeSet};

use ledger::act::{Code, PartId, UtcTime};

use crate::standards::eligibility::{Purpose, may_have};
use crate::standards::plan::Capacity;
use crate::standards::plan::bound::{Relaxation, Unit};
use crate::standards::policy::{Covers, Missing, Policy, Superseded};
use crate::standards::record::{Edge, Obligation, Relation, Status};
use crate::standards::registry::Registry;

type Sets<'a> = BTreeMap<&'a PartId, BTreeSet<&'a PartId>>;

/// What may be planned.
pub(super) struct Claim<'a> {
    policy: &'a Policy,
    registry: &'a Registry,
    gets: BTreeMap<PartId, BTreeSet<Code>>,
    points: BTreeMap<PartId, u64>,
    units: BTreeSet<Vec<PartId>>,
    /// Pairs of parts of which the second goes no later.
    arcs: BTreeSet<(&'a PartId, &'a PartId)>,
}

impl<'a> Claim<'a> {
    pub(super) fn new(registry: &'a Registry, policy: &'a Policy, at: UtcTime, capacity: Capacity) -> Self {
        let mut claim = Self {
            policy,
            registry,
            gets: BTreeMap::new(),
            points: BTreeMap::new(),
            units: BTreeSet::new(),
            arcs: BTreeSet::new(),
        };
        let hangs = claim.hangs();
        let mut out = BTreeSet::new();
        loop {
            claim.close(at, &hangs, &out);
            claim.join();
            let effort = |unit: &&Vec<PartId>| unit.iter().map(|part| claim.effort(part)).sum::<u64>();
            let large = claim.units.iter().filter(|unit| effort(unit) > capacity.per_wave).flatten();
            let before = out.len();
            out.extend(large.cloned());
            if out.len() == before {
                break;
            }
        }
        claim.value();
        claim
    }

    /// Who gets a part that is planned or waits.
    pub(super) fn gets(&self, part: &PartId) -> Option<&BTreeSet<Code>> {
        self.gets.get(part)
    }

    /// What it is worth.
    pub(super) fn points(&self, part: &PartId) -> Option<u64> {
        self.points.get(part).copied()
    }

    /// Whether a relaxation is about exactly these units and needs.
    pub(super) fn is(&self, relaxation: &Relaxation) -> bool {
        let mut unit_of = BTreeMap::new();
        for (place, unit) in relaxation.units.iter().enumerate() {
            unit_of.extend(unit.parts.iter().map(|part| (part, place)));
        }
        let sum = |unit: &Unit, of: &dyn Fn(&PartId) -> u64| unit.parts.iter().map(of).sum::<u64>();
        let sound = |unit: &Unit| {
            self.units.contains(&unit.parts)
                && unit.effort == sum(unit, &|part| self.effort(part))
                && unit.value == sum(unit, &|part| self.points(part).unwrap_or(0))
        };
        let ends = |(part, need): &(&PartId, &PartId)| Some((*unit_of.get(part)?, *unit_of.get(need)?));
        let arcs: BTreeSet<(usize, usize)> =
            self.arcs.iter().filter_map(ends).filter(|(a, b)| a != b).collect();
        relaxation.units.len() == self.units.len()
            && relaxation.units.iter().all(sound)
            && arcs.iter().eq(relaxation.needs.iter())
    }

    fn effort(&self, part: &PartId) -> u64 {
        let record = self.registry.record(part);
        record.map_or(0, |record| self.policy.review.effort(self.policy.level(record)))
    }

    fn needs(edge: &Edge) -> bool {
        match edge.relation {
            Relation::References => edge.obligation == Some(Obligation::Mandatory) && edge.from != edge.to,
            Relation::HasPart => edge.from != edge.to,
            _ => false,
        }
    }

    /// For each part those that do not go to a receiver who does not get it.
    fn hangs(&self) -> Sets<'a> {
        let planning = &self.policy.planning;
        let in_force = |part: &PartId| {
            let accepted = |edge: &&Edge| {
                let later = self.registry.record(&edge.from);
                edge.relation == Relation::Supersedes
                    && edge.from != edge.to
                    && later.is_some_and(|later| later.status == Status::Accepted)
            };
            let status = self.registry.record(part).map(|record| record.status);
            status.is_some_and(|status| planning.statuses.contains(&status))
                && (planning.superseded == Superseded::Send
                    || !self.registry.edges_to(part).any(|edge| accepted(&edge)))
        };
        let mut hangs = Sets::new();
        for edge in self.registry.edges() {
            if Self::needs(edge) && planning.missing_needs == Missing::Block {
                hangs.entry(&edge.to).or_default().insert(&edge.from);
            }
            if edge.relation == Relation::Covers
                && planning.incomplete_covers == Missing::Block
                && edge.from != edge.to
            {
                if in_force(&edge.to) {
                    hangs.entry(&edge.to).or_default().insert(&edge.from);
                }
                if in_force(&edge.from) {
                    hangs.entry(&edge.from).or_default().insert(&edge.to);
                }
            }
        }
        hangs
    }

    /// Who gets what, without the parts that are out: all that a receiver may have, less what hangs on anything that it neither gets nor holds.
    fn close(&mut self, at: UtcTime, hangs: &Sets<'a>, out: &BTreeSet<PartId>) {
        self.gets.clear();
        for receiver in self.policy.conditions.receivers.keys() {
            let mut stack = Vec::new();
            let mut gone = BTreeSet::new();
            for part in self.registry.records().keys().filter(|part| !self.policy.holds(receiver, part)) {
                let reasons = may_have(self.registry, self.policy, part, receiver, at, Purpose::Plan);
                if (out.contains(part) || !reasons.is_empty()) && gone.insert(part) {
                    stack.push(part);
                }
            }
            while let Some(part) = stack.pop() {
                let hanging = hangs.get(part).into_iter().flatten();
                stack.extend(
                    hanging.filter(|part| !self.policy.holds(receiver, part) && gone.insert(part)).copied(),
                );
            }
            let held = |part: &&PartId| self.policy.holds(receiver, part);
            for part in self.registry.records().keys().filter(|part| !gone.contains(part) && !held(part)) {
                self.gets.entry(part.clone()).or_default().insert(receiver.clone());
            }
        }
    }

    /// Arcs and units: parts that reach one another.
    fn join(&mut self) {
        let common = |a: &PartId, b: &PartId| match (self.gets.get(a), self.gets.get(b)) {
            (Some(a), Some(b)) => !a.is_disjoint(b),
            _ => false,
        };
        let mut arcs = BTreeSet::new();
        for edge in self.registry.edges().iter().filter(|edge| common(&edge.from, &edge.to)) {
            if Self::needs(edge) {
                arcs.insert((&edge.from, &edge.to));
            }
            if edge.relation == Relation::Covers && edge.from != edge.to {
                arcs.insert((&edge.to, &edge.from));
                if self.policy.planning.covers == Covers::Together {
                    arcs.insert((&edge.from, &edge.to));
                }
            }
        }
        let (mut forth, mut back) = (Sets::new(), Sets::new());
        for (part, need) in &arcs {
            forth.entry(*part).or_default().insert(*need);
            back.entry(*need).or_default().insert(*part);
        }
        self.arcs = arcs;
        let nodes: Vec<&PartId> =
            self.registry.records().keys().filter(|part| self.gets.contains_key(*part)).collect();
        self.units = components(&nodes, &forth, &back);
    }

    fn value(&mut self) {
        let mut uses: BTreeMap<(&PartId, &PartId), u64> = BTreeMap::new();
        for edge in self.registry.edges().iter().filter(|edge| edge.relation == Relation::ProfileRequires) {
            let points = self.policy.value.of_use(edge.obligation, edge.lifecycle);
            let most = uses.entry((&edge.to, &edge.from)).or_default();
            *most = points.max(*most);
        }
        let base = self.policy.value.base;
        self.points = self.gets.keys().map(|part| (part.clone(), base)).collect();
        for ((part, _), points) in uses {
            if let Some(sum) = self.points.get_mut(part) {
                *sum += points;
            }
        }
        // From what is held up to what supersedes it.
        for (receiver, held) in &self.policy.held {
            let (mut seen, mut stack): (BTreeSet<&PartId>, Vec<&PartId>) =
                (held.iter().collect(), held.iter().collect());
            let mut above = BTreeSet::new();
            while let Some(part) = stack.pop() {
                let later = self
                    .registry
                    .edges_to(part)
                    .filter(|edge| edge.relation == Relation::Supersedes && edge.from != edge.to);
                for edge in later {
                    above.insert(&edge.from);
                    if seen.insert(&edge.from) {
                        stack.push(&edge.from);
                    }
                }
            }
            for part in above {
                let gets = self.gets.get(part).is_some_and(|receivers| receivers.contains(receiver));
                if gets && !self.stale_counted(part, receiver) {
                    *self.points.entry(part.clone()).or_default() += self.policy.value.stale;
                }
            }
        }
    }

    /// Whether a receiver before this one in the order of codes made the part count as replacing a held one.
    fn stale_counted(&self, part: &PartId, receiver: &Code) -> bool {
        let earlier = self.gets.get(part).into_iter().flatten().take_while(|code| *code < receiver);
        let mut earlier = earlier.filter(|code| self.policy.held.contains_key(*code)).peekable();
        if earlier.peek().is_none() {
            return false;
        }
        let (mut seen, mut stack) = (BTreeSet::from([part]), vec![part]);
        let mut below = BTreeSet::new();
        while let Some(part) = stack.pop() {
            for edge in self.registry.edges_from(part).filter(|edge| edge.relation == Relation::Supersedes) {
                if seen.insert(&edge.to) {
                    below.insert(&edge.to);
                    stack.push(&edge.to);
                }
            }
        }
        earlier.any(|code| below.iter().any(|part| self.policy.holds(code, part)))
    }
}

/// Strongly connected components.
///
/// # Source
/// Kosaraju and Sharir: one search in depth for the order of leaving, one against the arcs in the reverse of it. (Sharir, A strong-connectivity algorithm and its applications in data flow analysis, 1981.)
fn components(nodes: &[&PartId], forth: &Sets<'_>, back: &Sets<'_>) -> BTreeSet<Vec<PartId>> {
    let none = BTreeSet::new();
    let (mut seen, mut left) = (BTreeSet::new(), Vec::with_capacity(nodes.len()));
    for node in nodes {
        if !seen.insert(*node) {
            continue;
        }
        let mut walk = vec![(*node, forth.get(*node).unwrap_or(&none).iter())];
        while let Some((current, next)) = walk.last_mut() {
            match next.find(|to| !seen.contains(**to)) {
                Some(to) => {
                    seen.insert(*to);
                    walk.push((*to, forth.get(*to).unwrap_or(&none).iter()));
                }
                None => {
                    left.push(*current);
                    walk.pop();
                }
            }
        }
    }
    let (mut taken, mut found) = (BTreeSet::new(), BTreeSet::new());
    for node in left.iter().rev() {
        if !taken.insert(*node) {
            continue;
        }
        let (mut unit, mut stack) = (Vec::new(), vec![*node]);
        while let Some(part) = stack.pop() {
            unit.push(part.clone());
            let into = back.get(part).into_iter().flatten();
            stack.extend(into.filter(|other| taken.insert(**other)).copied());
        }
        unit.sort();
        found.insert(unit);
    }
    found
}
