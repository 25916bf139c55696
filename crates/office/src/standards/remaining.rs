//! What is left of a wave that came to nothing: the parts that nothing was said against circulate again, without the others.
//!
//! An objection or an amendment that names parts takes out those; one that names none takes out all. Of a wave that lapsed, the
//! parts go to which some originator did not consent. Whatever needs a part that goes, goes with it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use ledger::{
    Digest,
    act::{Code, PartId, Reason, Wave},
};

use crate::{
    agreement::{Outcome, Round},
    state::State,
};

/// Why a part does not circulate again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum TakenOut {
    /// A member objected to it, or asked for something else in its place.
    Objected {
        /// Who.
        member: Code,
        /// In what words.
        reason: Reason,
    },
    /// An originator of it did not consent by the deadline.
    Unconsented {
        /// Who.
        member: Code,
        /// How many of its keys did.
        given: usize,
        /// How many it takes.
        wanted: usize,
    },
    /// It needs a part of the wave that goes.
    Needs {
        /// Which.
        part: PartId,
    },
}

impl TakenOut {
    /// One of each kind, by its stable code.
    pub const CODES: [&'static str; 3] = ["objected", "unconsented", "needs"];

    /// The stable code of its kind.
    #[must_use]
    pub fn code(&self) -> &'static str {
        let [objected, unconsented, needs] = Self::CODES;
        match self {
            Self::Objected { .. } => objected,
            Self::Unconsented { .. } => unconsented,
            Self::Needs { .. } => needs,
        }
    }
}

impl fmt::Display for TakenOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Objected { member, reason } => write!(f, "{member} objected: {reason}"),
            Self::Unconsented { member, given, wanted } => {
                write!(f, "{member} did not consent: {given} of {wanted} keys did by the deadline")
            }
            Self::Needs { part } => write!(f, "it needs {part}, which is taken out"),
        }
    }
}

/// What circulates next, and what does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remaining {
    /// Parts that circulate again.
    pub parts: BTreeSet<PartId>,
    /// Notices that circulate again, by the parts that they are of.
    pub notices: BTreeSet<PartId>,
    /// Parts and notices that do not, and why: never without a reason.
    pub taken_out: BTreeMap<PartId, Vec<TakenOut>>,
}

impl Remaining {
    /// The wave of the next round: the one before, without what was taken out.
    #[must_use]
    pub fn of(&self, wave: &Wave) -> Wave {
        let mut left = wave.clone();
        left.parts.retain(|id, _| self.parts.contains(id));
        left.notices.retain(|id, _| self.notices.contains(id));
        left
    }
}

/// What is left of a wave whose round is over; none for anything else, while it circulates, and once it is agreed.
#[must_use]
pub fn remaining(state: &State, proposal: &Digest) -> Option<Remaining> {
    let release = state.release(proposal)?;
    let wave = release.protected().draft().wave.as_deref()?;
    let round = release.round();
    let mut taken_out = match round.settled()?.0 {
        Outcome::Agreed => return None,
        Outcome::Objected => objected(wave, round),
        Outcome::Lapsed => unconsented(wave, round),
        Outcome::Withdrawn | Outcome::Void => BTreeMap::new(),
    };
    close(wave, &mut taken_out);
    let left = |id: &&PartId| !taken_out.contains_key(*id);
    Some(Remaining {
        parts: wave.parts.keys().filter(left).cloned().collect(),
        notices: wave.notices.keys().filter(left).cloned().collect(),
        taken_out,
    })
}

fn objected(wave: &Wave, round: &Round) -> BTreeMap<PartId, Vec<TakenOut>> {
    let mut out: BTreeMap<PartId, Vec<TakenOut>> = BTreeMap::new();
    for (member, objection) in round.objections() {
        let named = |id: &&PartId| objection.parts.is_empty() || objection.parts.contains(*id);
        for id in wave.parts.keys().chain(wave.notices.keys()).filter(named) {
            let (member, reason) = (member.clone(), objection.reason.clone());
            out.entry(id.clone()).or_default().push(TakenOut::Objected { member, reason });
        }
    }
    out
}

fn unconsented(wave: &Wave, round: &Round) -> BTreeMap<PartId, Vec<TakenOut>> {
    let mut out: BTreeMap<PartId, Vec<TakenOut>> = BTreeMap::new();
    for member in &round.terms().consents {
        let wanted = round.terms().members.get(member).copied().unwrap_or(usize::MAX);
        for id in round.awaited_parts(member) {
            let (member, given) = (member.clone(), round.keys_for(member, id));
            out.entry(id.clone()).or_default().push(TakenOut::Unconsented { member, given, wanted });
        }
        // Of a wave of notices alone, whoever the draft names consents to the whole.
        let whole = !round.terms().parts.contains_key(member) && !round.consents(member);
        for id in wave.notices.keys().filter(|_| whole) {
            let given = round
                .decisions()
                .get(member)
                .map_or(0, |said| said.values().filter(|word| word.decision.is_consent()).count());
            let member = member.clone();
            out.entry(id.clone()).or_default().push(TakenOut::Unconsented { member, given, wanted });
        }
    }
    out
}

/// Takes out what needs something that is taken out, and what needs that. Cost: O((n + m) log n) for n parts and m needs.
fn close(wave: &Wave, out: &mut BTreeMap<PartId, Vec<TakenOut>>) {
    let mut needed_by: BTreeMap<&PartId, Vec<&PartId>> = BTreeMap::new();
    for (id, part) in &wave.parts {
        for needs in part.needs.iter().filter(|needs| wave.parts.contains_key(*needs)) {
            needed_by.entry(needs).or_default().push(id);
        }
    }
    let mut next: Vec<PartId> = out.keys().cloned().collect();
    while let Some(gone) = next.pop() {
        for id in needed_by.get(&gone).into_iter().flatten() {
            let why = TakenOut::Needs { part: gone.clone() };
            let reasons = out.entry((*id).clone()).or_insert_with(|| {
                next.push((*id).clone());
                Vec::new()
            });
            reasons.push(why);
        }
    }
    // Whoever reads them finds them in one order, however they were come by.
    out.values_mut().for_each(|reasons| reasons.sort());
}
