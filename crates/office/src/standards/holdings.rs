//! What each receiver holds, at any past time: read from the state, never stored.
//!
//! A part is held from the delivery of a package of its wave on. Nobody can take back what was handed over: a part that was
//! replaced, whose wave was withdrawn or of which a notice was given is still held, and says so.
//!
//! # Guarantee
//! `holdings(state, at)` is the same for every state whose log begins with the same entries up to the last one at or before `at`: what
//! was logged later is not looked at. [`Held::stands`] at the log's present time is [`State::holds`].

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    Digest,
    act::{Code, Level, Notice, PartId, Title, UtcTime, Wave},
};

use crate::{
    event::Stamp,
    release::{Delivery, Release, Sealed},
    state::State,
};

/// One handing over of a part.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HeldCopy {
    /// Digest of the document.
    pub document: Digest,
    /// How highly it is classified.
    pub level: Level,
    /// The proposal of the wave.
    pub wave: Digest,
    /// The package that was delivered.
    pub package: Digest,
    /// Where and when.
    pub delivered: Stamp,
    /// Where and when the receiver said that it has it.
    pub acknowledged: Option<Stamp>,
    /// Where and when the wave was withdrawn, after it was delivered.
    pub withdrawn: Option<Stamp>,
}

/// A part at a receiver.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Held {
    /// The newest copy whose wave stands; the newest of all where none does.
    pub copy: HeldCopy,
    /// Other copies, oldest first.
    pub others: Vec<HeldCopy>,
    /// The newest notice that was given of it after this copy, and with which delivery.
    pub notice: Option<(Notice, Stamp)>,
    /// Parts in its place that the receiver got, in a wave that stands, and when.
    pub replaced_by: BTreeMap<PartId, Stamp>,
}

impl Held {
    /// Whether it counts where something needs it: its wave was not withdrawn, and the receiver was not told that it is no more.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.copy.withdrawn.is_none() && !matches!(self.notice, Some((Notice::Withdrawn, _)))
    }

    /// Whether the receiver was given another in its place, or told that it has one or is no more.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        !self.stands() || self.notice.is_some() || !self.replaced_by.is_empty()
    }
}

/// What all receivers hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holdings {
    held: BTreeMap<Code, BTreeMap<PartId, Held>>,
    none: BTreeMap<PartId, Held>,
}

impl Holdings {
    /// What a receiver holds, by part; nothing for one that nothing was delivered to.
    #[must_use]
    pub fn of(&self, receiver: &Code) -> &BTreeMap<PartId, Held> {
        self.held.get(receiver).unwrap_or(&self.none)
    }

    /// Receivers that hold something, ascending.
    pub fn receivers(&self) -> impl Iterator<Item = &Code> {
        self.held.keys()
    }

    /// Who holds a part, ascending.
    pub fn holders(&self, part: &PartId) -> impl Iterator<Item = (&Code, &Held)> {
        self.held.iter().filter_map(move |(receiver, parts)| Some((receiver, parts.get(part)?)))
    }

    /// Every part that somebody holds.
    #[must_use]
    pub fn parts(&self) -> BTreeSet<&PartId> {
        self.held.values().flat_map(BTreeMap::keys).collect()
    }
}

/// Put together by whoever read them elsewhere.
impl FromIterator<(Code, BTreeMap<PartId, Held>)> for Holdings {
    fn from_iter<T: IntoIterator<Item = (Code, BTreeMap<PartId, Held>)>>(held: T) -> Self {
        Self { held: held.into_iter().collect(), none: BTreeMap::new() }
    }
}

/// A delivery of a wave, as it stood at some time.
struct Handed<'a> {
    receiver: &'a Code,
    wave: &'a Wave,
    proposal: Digest,
    package: Digest,
    delivered: Stamp,
    acknowledged: Option<Stamp>,
    withdrawn: Option<Stamp>,
}

/// What every receiver held at a time: all that the log says up to it.
#[must_use]
pub fn holdings(state: &State, at: UtcTime) -> Holdings {
    let mut handed: Vec<Handed<'_>> = deliveries(state, at).collect();
    handed.sort_by_key(|handed| handed.delivered.entry);
    let mut copies: BTreeMap<&Code, BTreeMap<&PartId, Vec<HeldCopy>>> = BTreeMap::new();
    for one in &handed {
        for (id, part) in &one.wave.parts {
            let copy = HeldCopy {
                document: part.document,
                level: part.level,
                wave: one.proposal,
                package: one.package,
                delivered: one.delivered,
                acknowledged: one.acknowledged,
                withdrawn: one.withdrawn,
            };
            copies.entry(one.receiver).or_default().entry(id).or_default().push(copy);
        }
    }
    let mut held: BTreeMap<Code, BTreeMap<PartId, Held>> = BTreeMap::new();
    for (receiver, parts) in copies {
        let parts = parts.into_iter().filter_map(|(id, copies)| Some((id.clone(), newest(copies)?)));
        held.insert(receiver.clone(), parts.collect());
    }
    for one in &handed {
        if let Some(parts) = held.get_mut(one.receiver) {
            tell(one, parts);
        }
    }
    Holdings { held, none: BTreeMap::new() }
}

/// What a delivery says of parts that the receiver holds.
fn tell(one: &Handed<'_>, parts: &mut BTreeMap<PartId, Held>) {
    for (id, notice) in &one.wave.notices {
        // Deliveries come oldest first, so that the newest notice stays.
        if let Some(held) = parts.get_mut(id).filter(|held| held.copy.delivered.entry < one.delivered.entry) {
            held.notice = Some((notice.clone(), one.delivered));
        }
    }
    if one.withdrawn.is_some() {
        return;
    }
    for (id, part) in &one.wave.parts {
        if let Some(held) = part.replaces.as_ref().and_then(|earlier| parts.get_mut(earlier)) {
            held.replaced_by.entry(id.clone()).or_insert(one.delivered);
        }
    }
}

/// The copy that counts, of copies in the order of their deliveries.
fn newest(mut copies: Vec<HeldCopy>) -> Option<Held> {
    let standing = copies.iter().rposition(|copy| copy.withdrawn.is_none());
    let copy = match standing {
        Some(place) => copies.remove(place),
        None => copies.pop()?,
    };
    Some(Held { copy, others: copies, notice: None, replaced_by: BTreeMap::new() })
}

fn deliveries(state: &State, at: UtcTime) -> impl Iterator<Item = Handed<'_>> {
    state.releases().iter().flat_map(move |(proposal, release)| {
        let wave = release.protected().draft().wave.as_deref();
        let packaged = wave.zip(release.packaged());
        packaged.into_iter().flat_map(move |(wave, sealed)| of_wave(release, *proposal, wave, sealed, at))
    })
}

fn of_wave<'a>(
    release: &'a Release,
    proposal: Digest,
    wave: &'a Wave,
    sealed: &'a Sealed,
    at: UtcTime,
) -> impl Iterator<Item = Handed<'a>> {
    let withdrawn = match release {
        Release::Withdrawn(withdrawn) => Some(withdrawn.stamp()),
        Release::Proposed(_)
        | Release::Refused(_)
        | Release::Agreed(_)
        | Release::Sealed(_)
        | Release::Superseded(_) => None,
    };
    let withdrawn = withdrawn.filter(|stamp| is_by(*stamp, at));
    let packages = sealed.packages().iter();
    let found = packages.flat_map(|(package, found)| {
        found.deliveries().iter().map(move |(receiver, delivery)| (*package, receiver, delivery))
    });
    found.filter_map(move |(package, receiver, delivery)| {
        let (delivered, acknowledged) = match delivery {
            Delivery::Delivered(delivered) => (delivered.stamp(), None),
            Delivery::Acknowledged(both) => (both.delivered(), Some(both.stamp())),
        };
        let acknowledged = acknowledged.filter(|stamp| is_by(*stamp, at));
        let handed = Handed { receiver, wave, proposal, package, delivered, acknowledged, withdrawn };
        is_by(delivered, at).then_some(handed)
    })
}

/// Whether something was logged by a time. Nothing is delivered before there is time.
fn is_by(stamp: Stamp, at: UtcTime) -> bool {
    stamp.at.is_some_and(|logged| logged <= at)
}

/// A wave that was delivered and not acknowledged for long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overdue {
    /// Who does not say that it has it.
    pub receiver: Code,
    /// The proposal of the wave.
    pub wave: Digest,
    /// Its title.
    pub title: Title,
    /// The package.
    pub package: Digest,
    /// Where and when it was delivered.
    pub delivered: Stamp,
    /// Parts that it hands over.
    pub parts: BTreeSet<PartId>,
}

/// Receipts of waves that were outstanding at a time for more than so many seconds, the oldest first.
#[must_use]
pub fn overdue(state: &State, at: UtcTime, seconds: u64) -> Vec<Overdue> {
    let late = |stamp: Stamp| {
        let since = stamp.at.map(|then| at.posix_seconds().saturating_sub(then.posix_seconds()));
        since.is_some_and(|since| since > seconds)
    };
    let open = deliveries(state, at).filter(|one| one.acknowledged.is_none() && late(one.delivered));
    let mut overdue: Vec<Overdue> = open
        .filter_map(|one| {
            Some(Overdue {
                receiver: one.receiver.clone(),
                wave: one.proposal,
                title: state.title(&one.proposal)?.clone(),
                package: one.package,
                delivered: one.delivered,
                parts: one.wave.parts.keys().cloned().collect(),
            })
        })
        .collect();
    overdue.sort_by_key(|one| one.delivered.entry);
    overdue
}
