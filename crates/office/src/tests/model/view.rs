//! What of a state can still matter: two states with the same view take the same acts to states with the same view.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    Digest,
    act::{Code, Epoch, PartId, UtcTime},
    key::KeyId,
};

use crate::{Decision, Delivery, Outcome, Release, Round, State};

/// A state without its places in the log, its counters and its digests.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct View {
    now: Option<UtcTime>,
    epoch: Option<Epoch>,
    revoked: BTreeSet<KeyId>,
    /// By member: which keys signed, and whether that is enough.
    grants: BTreeMap<Code, (Vec<KeyId>, bool)>,
    /// By title, oldest round first.
    rounds: Vec<(String, Vec<Seen>)>,
    packages: usize,
    registry: bool,
    /// Who holds which part.
    held: BTreeSet<(Code, PartId)>,
}

/// A round.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Seen {
    /// It circulates.
    Open {
        deadline: UtcTime,
        said: BTreeMap<Code, BTreeMap<KeyId, (u8, BTreeSet<PartId>)>>,
        parts: BTreeSet<PartId>,
        endorsed: BTreeSet<KeyId>,
        standing: BTreeSet<Code>,
        whole: bool,
        supersedes: bool,
    },
    /// It came to this outcome.
    Settled {
        outcome: Outcome,
        stage: &'static str,
        /// Whether it could still be sealed.
        fresh: bool,
        witnessed: bool,
        supersedes: bool,
        deliveries: Vec<BTreeMap<Code, bool>>,
        parts: BTreeSet<PartId>,
        /// Parts that were objected to by name.
        objected: BTreeSet<PartId>,
    },
}

impl View {
    pub(super) fn of(state: &State) -> Self {
        let mut rounds: BTreeMap<String, Vec<(u64, Seen)>> = BTreeMap::new();
        let releases = state.releases().iter().map(|(proposal, release)| (proposal, release.round()));
        let reforms = state.reforms().iter().map(|(proposal, reform)| (proposal, reform.round()));
        for (proposal, round) in releases.chain(reforms) {
            let title = state.title(proposal).unwrap().to_string();
            rounds.entry(title).or_default().push((round.terms().number.get(), seen(state, proposal, round)));
        }
        let in_order = |(title, mut rounds): (String, Vec<(u64, Seen)>)| {
            rounds.sort_by_key(|(number, _)| *number);
            (title, rounds.into_iter().map(|(_, seen)| seen).collect())
        };
        let grants = state.grants().iter().map(|((member, _), grant)| {
            (member.clone(), (grant.signed().keys().copied().collect(), grant.given().is_some()))
        });
        Self {
            now: state.now(),
            epoch: state.roster().map(crate::Roster::epoch),
            revoked: state.roster().map(|roster| roster.revoked().clone()).unwrap_or_default(),
            grants: grants.collect(),
            rounds: rounds.into_iter().map(in_order).collect(),
            registry: state.registry_revision().is_some(),
            held: held(state),
            packages: state.releases().values().filter_map(Release::packaged).count(),
        }
    }
}

fn held(state: &State) -> BTreeSet<(Code, PartId)> {
    let waves = state.releases().values().filter_map(|release| release.protected().draft().wave.as_ref());
    let parts: BTreeSet<&PartId> = waves.flat_map(|wave| wave.parts.keys()).collect();
    let receivers = state.roster().into_iter().flat_map(|roster| roster.receivers().keys());
    let pairs =
        receivers.flat_map(|receiver| parts.iter().map(move |part| (receiver.clone(), (*part).clone())));
    pairs.filter(|(receiver, part)| state.holds(receiver, part)).collect()
}

fn seen(state: &State, proposal: &Digest, round: &Round) -> Seen {
    let release = state.release(proposal);
    let terms = round.terms();
    let whole = release.is_none_or(|release| release.protected().draft().history == state.history());
    let supersedes = release.is_some_and(|release| release.protected().draft().supersedes.is_some());
    let wave = release.and_then(|release| release.protected().draft().wave.as_ref());
    let parts: BTreeSet<PartId> = wave.into_iter().flat_map(|wave| wave.parts.keys().cloned()).collect();
    let Some((outcome, stamp)) = round.settled() else {
        let word = |decision: &Decision| match decision {
            Decision::Approve => 0,
            Decision::Reserve(_) => 1,
            Decision::Waive => 2,
            Decision::Object(_) => 3,
            Decision::Amend(_) => 4,
            Decision::Consent(_) => 5,
        };
        let named = |decision: &Decision| match decision {
            Decision::Consent(parts) => parts.clone(),
            other => other.objection().map(|objection| objection.parts.clone()).unwrap_or_default(),
        };
        let said = round.decisions().iter().map(|(code, keys)| {
            let words = keys
                .iter()
                .map(|(key, recorded)| (*key, (word(&recorded.decision), named(&recorded.decision))));
            (code.clone(), words.collect())
        });
        return Seen::Open {
            deadline: terms.deadline,
            said: said.collect(),
            parts,
            endorsed: round.endorsed().keys().copied().collect(),
            standing: terms.standing.keys().cloned().collect(),
            whole,
            supersedes,
        };
    };
    let packages =
        release.and_then(Release::packaged).into_iter().flat_map(|sealed| sealed.packages().values());
    let deliveries = packages.map(|package| {
        let delivery =
            |(code, found): (&Code, &Delivery)| (code.clone(), matches!(found, Delivery::Acknowledged(_)));
        package.deliveries().iter().map(delivery).collect()
    });
    let deliveries: Vec<_> = deliveries.collect();
    let agreed = release.is_some_and(|release| matches!(release, Release::Agreed(_)));
    let epoch = state.roster().map(crate::Roster::epoch);
    Seen::Settled {
        outcome,
        stage: release.map_or("a change of the roster", Release::stage),
        fresh: agreed && whole && Some(terms.epoch) == epoch,
        witnessed: agreed && state.witnessed() > stamp.entry.0,
        supersedes: agreed && supersedes,
        deliveries,
        parts,
        objected: round.objections().flat_map(|(_, objection)| objection.parts.iter().cloned()).collect(),
    }
}
