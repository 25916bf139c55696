//! What follows from the edges of one part: what it needs, what it travels with, what stands in its place.

use std::collections::BTreeSet;

use ledger::act::PartId;

use super::{Edge, Obligation, Registry, Relation, Status};

impl Edge {
    /// Whether its subject normatively needs its object. Nothing needs itself.
    pub(super) fn is_need(&self) -> bool {
        let binding = match self.relation {
            Relation::HasPart => true,
            Relation::References => self.obligation == Some(Obligation::Mandatory),
            Relation::Covers | Relation::Supersedes | Relation::ProfileRequires => false,
        };
        binding && self.from != self.to
    }
}

impl Registry {
    /// What a part normatively needs: what it refers to with an obligation, and the parts of a whole. Ascending within each.
    pub fn needs<'a>(&'a self, id: &'a PartId) -> impl Iterator<Item = &'a PartId> {
        self.edges_from(id).filter(|edge| edge.is_need()).map(|edge| &edge.to)
    }

    /// What a part travels with: what it covers, and what covers it, as far as that is in force.
    pub fn beside<'a>(&'a self, id: &'a PartId) -> impl Iterator<Item = &'a PartId> {
        let covers = |edge: &&Edge| edge.relation == Relation::Covers;
        let covered = self.edges_from(id).filter(covers).map(|edge| &edge.to);
        let covering = self.edges_to(id).filter(covers).map(|edge| &edge.from);
        covered.chain(covering).filter(|id| self.is_in_force(id))
    }

    /// The newest parts in force that stand in the place of one, over chains of superseding; empty where it is the newest itself. A draft
    /// takes no place yet. Cost: the edges of the chain.
    #[must_use]
    pub fn successors(&self, id: &PartId) -> BTreeSet<PartId> {
        let (mut newest, mut seen, mut open) =
            (BTreeSet::new(), BTreeSet::from([id.clone()]), vec![id.clone()]);
        while let Some(next) = open.pop() {
            let later = self.edges_to(&next).filter(|edge| edge.relation == Relation::Supersedes);
            let later: Vec<&PartId> = later.map(|edge| &edge.from).collect();
            if next != *id && self.is_in_force(&next) && !later.iter().any(|later| self.leads_to_force(later))
            {
                newest.insert(next.clone());
            }
            open.extend(later.into_iter().filter(|later| seen.insert((*later).clone())).cloned());
        }
        newest
    }

    /// Whether a part, or one that supersedes it, is in force.
    fn leads_to_force(&self, id: &PartId) -> bool {
        let (mut seen, mut open) = (BTreeSet::from([id]), vec![id]);
        while let Some(next) = open.pop() {
            if self.is_in_force(next) {
                return true;
            }
            let later = self.edges_to(next).filter(|edge| edge.relation == Relation::Supersedes);
            open.extend(later.map(|edge| &edge.from).filter(|later| seen.insert(later)));
        }
        false
    }

    pub(super) fn is_in_force(&self, id: &PartId) -> bool {
        self.record(id).is_some_and(|record| record.status == Status::Accepted)
    }
}
