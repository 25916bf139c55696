//! What takes a registry from one state to the next: a value that can be looked at before it takes effect, signed, and applied again.
//!
//! Nothing is ever deleted: what a snapshot has no more is withdrawn on the snapshot's date, and an id that a part had leads to the one
//! that it has. All of a change is said in absolute terms (this record, without that edge), so that applying it twice is applying it
//! once, and applying it cannot fail.

use std::collections::{BTreeMap, BTreeSet};

use ledger::act::PartId;

use super::record::{Date, Edge, National, Profile, Record};
use super::registry::Registry;

mod chronicle;
mod lines;
mod merge;
mod wire;

pub use chronicle::{Chronicle, Step};
pub use lines::Line;
pub use wire::ChangeError;

/// Why a record is in a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// It is new.
    Added,
    /// It says something else, whether or not it was renamed as well.
    Changed,
    /// It has another id and says the same.
    Renamed,
    /// The snapshot has it no more.
    Withdrawn,
}

impl Act {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Added, Self::Changed, Self::Renamed, Self::Withdrawn];

    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Renamed => "renamed",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A record as it is from now on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Put {
    /// The record.
    pub record: Record,
    /// Why.
    pub act: Act,
    /// The id that it had, where it is another one.
    pub before: Option<PartId>,
}

/// How much a change changes, in records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// New ones.
    pub added: usize,
    /// Those that say something else.
    pub changed: usize,
    /// Those that the snapshot has no more and that were not withdrawn yet.
    pub withdrawn: usize,
    /// Those with another id, some of which are among the changed.
    pub renamed: usize,
}

/// A change of the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    as_of: Date,
    puts: BTreeMap<PartId, Put>,
    /// Ids that no part has any more.
    removed: BTreeSet<PartId>,
    aliases: BTreeMap<PartId, PartId>,
    edges_added: BTreeSet<Edge>,
    edges_removed: BTreeSet<Edge>,
    profiles: BTreeMap<PartId, Profile>,
    profiles_removed: BTreeSet<PartId>,
    national_added: BTreeSet<National>,
    national_removed: BTreeSet<National>,
}

impl Change {
    /// What a snapshot of this date changes.
    ///
    /// Records are matched as in [`super::difference()`]. What the snapshot is silent on ([`Registry::silent`]) stays as it is. A record
    /// that it has no more is withdrawn; of its edges those stay that say what supersedes what, and where the snapshot has the next
    /// edition of it, or the same under another UUID, that one supersedes it. A record whose id went to another one stays under an id with its end `:withdrawn-DATE`.
    ///
    /// # Guarantee
    /// `before.apply(&Change::between(before, after, date))` has every record of `after` as it is there, but for what `after` is silent
    /// on; all others are withdrawn. Cost: O(n log n).
    #[must_use]
    pub fn between(before: &Registry, after: &Registry, as_of: Date) -> Self {
        let merged = merge::merge(before, after, as_of);
        let target = &merged.registry;
        let mut puts = BTreeMap::new();
        for (id, record) in target.records() {
            let from = merged.came_from.get(id);
            let old = from.and_then(|from| before.record(from));
            if old == Some(record) {
                continue;
            }
            let renamed = from.filter(|from| *from != id).cloned();
            let act = match old {
                None => Act::Added,
                Some(_) if merged.withdrawn.contains(id) => Act::Withdrawn,
                Some(old) if renamed.is_some() && Record { id: id.clone(), ..old.clone() } == *record => {
                    Act::Renamed
                }
                Some(_) => Act::Changed,
            };
            puts.insert(id.clone(), Put { record: record.clone(), act, before: renamed });
        }
        let differs = |known: Option<&Profile>, profile: &Profile| known != Some(profile);
        Self {
            as_of,
            puts,
            removed: before.records().keys().filter(|id| target.record(id).is_none()).cloned().collect(),
            aliases: newer(target.aliases(), before.aliases()),
            edges_added: only_in(target.edges(), before.edges()),
            edges_removed: only_in(before.edges(), target.edges()),
            profiles: target
                .profiles()
                .iter()
                .filter(|(id, profile)| differs(before.profiles().get(*id), profile))
                .map(|(id, profile)| (id.clone(), profile.clone()))
                .collect(),
            profiles_removed: before
                .profiles()
                .keys()
                .filter(|id| !target.profiles().contains_key(*id))
                .cloned()
                .collect(),
            national_added: only_in(target.national(), before.national()),
            national_removed: only_in(before.national(), target.national()),
        }
    }

    /// The date of the snapshot.
    #[must_use]
    pub fn as_of(&self) -> Date {
        self.as_of
    }

    /// Records as they are from now on, ascending by id.
    #[must_use]
    pub fn puts(&self) -> &BTreeMap<PartId, Put> {
        &self.puts
    }

    /// Edges that there are from now on.
    #[must_use]
    pub fn edges_added(&self) -> &BTreeSet<Edge> {
        &self.edges_added
    }

    /// Edges that there are no more.
    #[must_use]
    pub fn edges_removed(&self) -> &BTreeSet<Edge> {
        &self.edges_removed
    }

    /// How much it changes.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for put in self.puts.values() {
            match put.act {
                Act::Added => counts.added += 1,
                Act::Changed => counts.changed += 1,
                Act::Withdrawn => counts.withdrawn += 1,
                Act::Renamed => {}
            }
            if put.before.is_some() && put.act != Act::Withdrawn {
                counts.renamed += 1;
            }
        }
        counts
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let edges = self.edges_added.is_empty() && self.edges_removed.is_empty();
        let profiles = self.profiles.is_empty() && self.profiles_removed.is_empty();
        let national = self.national_added.is_empty() && self.national_removed.is_empty();
        let records = self.puts.is_empty() && self.removed.is_empty() && self.aliases.is_empty();
        records && edges && profiles && national
    }
}

/// What the first of two ascending lists has and the second has not.
fn only_in<T: Ord + Clone>(of: &[T], not: &[T]) -> BTreeSet<T> {
    let mut not = not.iter().peekable();
    let alone = |item: &&T| {
        while not.next_if(|other| other < item).is_some() {}
        not.peek() != Some(item)
    };
    of.iter().filter(alone).cloned().collect()
}

/// Entries that the other lacks or has otherwise.
fn newer(of: &BTreeMap<PartId, PartId>, than: &BTreeMap<PartId, PartId>) -> BTreeMap<PartId, PartId> {
    let new = of.iter().filter(|(from, to)| than.get(*from) != Some(*to));
    new.map(|(from, to)| (from.clone(), to.clone())).collect()
}

impl Registry {
    /// The registry after a change. Total: whatever does not fit is left out, as by [`Registry::new`].
    #[must_use]
    pub fn apply(&self, change: &Change) -> Self {
        let gone = |id: &PartId| change.removed.contains(id) || change.puts.contains_key(id);
        let kept = self.records().values().filter(|record| !gone(&record.id)).cloned();
        let records = kept.chain(change.puts.values().map(|put| put.record.clone())).collect();
        let kept = self.edges().iter().filter(|edge| !change.edges_removed.contains(edge));
        let edges = kept.chain(&change.edges_added).cloned().collect();
        let mut profiles = self.profiles().clone();
        profiles.retain(|id, _| !change.profiles_removed.contains(id));
        profiles.extend(change.profiles.clone());
        let kept = self.national().iter().filter(|said| !change.national_removed.contains(said));
        let national = kept.chain(&change.national_added).cloned().collect();
        let mut aliases = self.aliases().clone();
        aliases.extend(change.aliases.clone());
        Self::new(records, edges, profiles.into_values().collect(), national)
            .with_aliases(aliases)
            .silent_on(self.silent().clone())
    }
}
