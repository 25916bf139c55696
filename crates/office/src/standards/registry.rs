//! The registry at one revision: parts by id, the edges between them, profiles, and what states say.
//!
//! INVARIANT: every end of an edge is a part of the registry, but for the profile in front of a `ProfileRequires`; edges are sorted and
//! none stands twice. Kept by [`Registry::new`], which leaves out what does not fit: whoever reads files makes findings of it first.

use std::collections::{BTreeMap, BTreeSet};

use ledger::Digest;
use ledger::act::PartId;

use super::record::{Edge, National, Profile, Record, Relation};

/// Something that a snapshot may say nothing of, because a file or a column is absent. Silence changes nothing in the registry that
/// the snapshot is imported into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Aspect {
    /// How parts are marked.
    Markings,
    /// Whose consent parts take.
    Originators,
    /// To whom alone parts are releasable.
    Caveats,
    /// The documents.
    Documents,
    /// What happened to records.
    History,
    /// Edges.
    Edges,
    /// Titles of profiles.
    Profiles,
    /// What states say.
    National,
}

/// All that is registered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registry {
    records: BTreeMap<PartId, Record>,
    edges: Vec<Edge>,
    /// Edges again, by their object: places in `edges`, in the order of (`to`, `relation`, `from`).
    into: Vec<usize>,
    profiles: BTreeMap<PartId, Profile>,
    national: Vec<National>,
    /// INVARIANT: no key is the id of a record, every value is; kept by [`Registry::with_aliases`].
    aliases: BTreeMap<PartId, PartId>,
    silent: BTreeSet<Aspect>,
}

impl Registry {
    /// Takes records, edges, profiles and what states say; what refers to nothing is left out, of two records with one id the first stays.
    ///
    /// Cost: O(n log n).
    #[must_use]
    pub fn new(
        records: Vec<Record>,
        edges: Vec<Edge>,
        profiles: Vec<Profile>,
        national: Vec<National>,
    ) -> Self {
        let mut registry = Self::default();
        for record in records {
            registry.records.entry(record.id.clone()).or_insert(record);
        }
        registry.profiles = profiles.into_iter().map(|profile| (profile.id.clone(), profile)).collect();
        let known = |id: &PartId| registry.records.contains_key(id);
        let fits = |edge: &Edge| {
            known(&edge.to) && (edge.relation == Relation::ProfileRequires || known(&edge.from))
        };
        registry.edges = edges.into_iter().filter(fits).collect();
        registry.edges.sort();
        registry.edges.dedup();
        registry.national =
            national.into_iter().filter(|said| registry.records.contains_key(&said.part)).collect();
        registry.national.sort();
        registry.national.dedup();
        registry.into = (0..registry.edges.len()).collect();
        let edges = &registry.edges;
        let key = |place: &usize| edges.get(*place).map(|edge| (&edge.to, edge.relation, &edge.from));
        registry.into.sort_by(|a, b| key(a).cmp(&key(b)));
        registry
    }

    /// The same, by other ids too: from an id that a part had to the one that it has. Those that are ids of parts themselves, or lead to
    /// none, are left out.
    #[must_use]
    pub fn with_aliases(mut self, aliases: BTreeMap<PartId, PartId>) -> Self {
        let records = &self.records;
        let fits = |from: &PartId, to: &PartId| !records.contains_key(from) && records.contains_key(to);
        self.aliases = aliases.into_iter().filter(|(from, to)| fits(from, to)).collect();
        self
    }

    /// The same, as a snapshot that says nothing of some things.
    #[must_use]
    pub fn silent_on(mut self, aspects: BTreeSet<Aspect>) -> Self {
        self.silent = aspects;
        self
    }

    /// The same, each document with the sealed box that holds it.
    #[must_use]
    pub fn with_boxes(mut self, box_of: impl Fn(&Digest) -> Option<Digest>) -> Self {
        for document in self.records.values_mut().filter_map(|record| record.document.as_mut()) {
            document.sealed = box_of(&document.digest);
        }
        self
    }

    /// What it says nothing of, if it is a snapshot; empty otherwise.
    #[must_use]
    pub fn silent(&self) -> &BTreeSet<Aspect> {
        &self.silent
    }

    /// Ids that parts had before they were renamed, with the ones that they have.
    #[must_use]
    pub fn aliases(&self) -> &BTreeMap<PartId, PartId> {
        &self.aliases
    }

    /// The id that the part has now which has or had this one; none for what was never registered.
    #[must_use]
    pub fn canonical<'a>(&'a self, id: &PartId) -> Option<&'a PartId> {
        let own = self.records.get_key_value(id).map(|(id, _)| id);
        own.or_else(|| self.aliases.get(id))
    }

    /// Parts, ascending by id.
    #[must_use]
    pub fn records(&self) -> &BTreeMap<PartId, Record> {
        &self.records
    }

    /// The part with this id.
    #[must_use]
    pub fn record(&self, id: &PartId) -> Option<&Record> {
        self.records.get(id)
    }

    /// All edges, ascending by subject, relation and object.
    #[must_use]
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// Edges whose subject this is, ascending by relation and object.
    pub fn edges_from<'a>(&'a self, id: &'a PartId) -> impl Iterator<Item = &'a Edge> {
        let begin = self.edges.partition_point(|edge| edge.from < *id);
        self.edges.iter().skip(begin).take_while(move |edge| edge.from == *id)
    }

    /// Edges whose object this is, ascending by relation and subject.
    pub fn edges_to<'a>(&'a self, id: &'a PartId) -> impl Iterator<Item = &'a Edge> {
        let edge = |place: &usize| self.edges.get(*place);
        let begin = self.into.partition_point(|place| edge(place).is_some_and(|edge| edge.to < *id));
        self.into.iter().skip(begin).filter_map(edge).take_while(move |edge| edge.to == *id)
    }

    /// Profiles by id.
    #[must_use]
    pub fn profiles(&self) -> &BTreeMap<PartId, Profile> {
        &self.profiles
    }

    /// What states say of parts, ascending by part and state.
    #[must_use]
    pub fn national(&self) -> &[National] {
        &self.national
    }
}
