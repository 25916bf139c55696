//! Laws over generated events and logs.

use std::collections::{BTreeMap, BTreeSet};

use ledger::act::{AccessDecision, ActBody, Counter, Epoch, RoundNumber, Schema, Scope, UtcTime};
use ledger::{act, act_key::Signer as _};
use proptest::prelude::*;

use super::world::{
    World, acknowledge, answer, approve_of, ballot_of, code, codes, deliver, deposit, digest, entrust, key,
    minute, object_of, part_id, reason, reasoned_of, register_of, tick, title,
};
use crate::{
    Decision, EntryIndex, Event, Fact, Objection, Outcome, Release, Stamp, State, Terms, agreement::Round,
    apply, replay,
};

fn arb_time() -> impl Strategy<Value = UtcTime> {
    (0_u32..200).prop_map(minute)
}

fn arb_digest() -> impl Strategy<Value = ledger::Digest> {
    (0_u8..3).prop_map(|number| digest(&number.to_string()))
}

fn arb_actor() -> impl Strategy<Value = act::Code> {
    prop_oneof![Just("AA"), Just("BB"), Just("ACME"), Just("OFFICE")].prop_map(code)
}

fn arb_key() -> impl Strategy<Value = ledger::key::KeyId> {
    prop_oneof![Just("AA"), Just("BB"), Just("ACME"), Just("OFFICE")].prop_map(|name| key(name).key().id())
}

/// Terms of a round of `AA`, who must say yes, and `BB`.
fn terms(proposal: ledger::Digest, deadline: UtcTime, number: u64) -> Terms {
    Terms {
        proposal,
        number: RoundNumber::new(number).unwrap(),
        epoch: Epoch::FIRST,
        deadline,
        scope: Scope::Agree,
        members: [(code("AA"), 1), (code("BB"), 1)].into(),
        consents: codes(&["AA"]),
        parts: [(code("AA"), BTreeSet::from([part_id("A")]))].into(),
        standing: BTreeMap::new(),
        endorsements: Vec::new(),
    }
}

fn arb_proposed() -> impl Strategy<Value = Fact> {
    (arb_digest(), arb_time(), 1_u64..4, any::<bool>()).prop_map(|(proposal, deadline, number, release)| {
        let world = World::small();
        let mut propose = if release {
            world.draft("demand")
        } else {
            let line = super::world::eligibility();
            world.reform("a line less", vec![act::Change::RemoveEligibility(line)])
        };
        propose.deadline_utc = deadline;
        Fact::Proposed { propose: Box::new(propose), terms: terms(proposal, deadline, number) }
    })
}

fn arb_decision() -> impl Strategy<Value = Decision> {
    prop_oneof![
        Just(Decision::Approve),
        Just(Decision::Waive),
        Just(Decision::Reserve(reason("but"))),
        Just(Decision::Object(Objection { reason: reason("no"), parts: BTreeSet::new() })),
        Just(Decision::Amend(Objection { reason: reason("otherwise"), parts: BTreeSet::new() })),
        Just(Decision::Consent(BTreeSet::from([part_id("A")]))),
    ]
}

fn arb_outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        Just(Outcome::Agreed),
        Just(Outcome::Objected),
        Just(Outcome::Lapsed),
        Just(Outcome::Withdrawn),
        Just(Outcome::Void),
    ]
}

fn arb_fact() -> impl Strategy<Value = Fact> {
    let roster = || Box::new(World::small().state().roster().unwrap().clone());
    let grant = entrust().digest().unwrap();
    prop_oneof![
        Just(Fact::Founded { roster: roster() }),
        arb_time().prop_map(|at| Fact::Ticked { at }),
        (arb_digest(), arb_digest(), any::<u64>()).prop_map(|(commitment, blob, rows)| Fact::Deposited {
            commitment,
            blob,
            rows
        }),
        arb_proposed(),
        (arb_digest(), arb_time()).prop_map(|(proposal, deadline)| Fact::Extended { proposal, deadline }),
        (arb_digest(), arb_decision()).prop_map(|(proposal, decision)| Fact::Said { proposal, decision }),
        arb_digest().prop_map(|proposal| Fact::Retracted { proposal }),
        arb_digest().prop_map(|proposal| Fact::Endorsed { proposal }),
        (arb_digest(), arb_outcome()).prop_map(|(proposal, outcome)| Fact::Settled { proposal, outcome }),
        Just(Fact::RosterChanged { roster: roster(), recovered: codes(&["AA"]) }),
        Just(Fact::Entrusted { grant, terms: entrust() }),
        Just(Fact::Reclaimed { grant }),
        arb_key().prop_map(|key| Fact::Revoked { key }),
        arb_digest().prop_map(|proposal| Fact::Withdrawn { proposal, reason: reason("an error") }),
        (0_u64..9).prop_map(|size| Fact::Witnessed { size }),
        (arb_digest(), arb_digest()).prop_map(|(proposal, package)| Fact::Sealed { proposal, package }),
        (arb_digest(), arb_digest()).prop_map(|(proposal, by)| Fact::Superseded { proposal, by }),
        (arb_digest(), arb_actor()).prop_map(|(package, to)| Fact::Delivered { package, to }),
        arb_digest().prop_map(|package| Fact::Acknowledged { package }),
        (1_u64..4, arb_digest())
            .prop_map(|(revision, blob)| Fact::Registered { register: register_of(revision, blob) }),
        arb_digest().prop_map(|proposal| answered(answer(proposal, "ACME", AccessDecision::Granted))),
    ]
}

fn answered(body: ActBody) -> Fact {
    let ActBody::KeyAccess(access) = body else { unreachable!("an answer") };
    Fact::Answered { access }
}

fn arb_event() -> impl Strategy<Value = Event> {
    (any::<u64>(), arb_actor(), arb_key(), 1_u64..100, arb_fact()).prop_map(
        |(entry, actor, key, counter, fact)| {
            let stamp = Stamp { entry: EntryIndex(entry), at: Some(minute(0)) };
            Event { schema: Schema::V2, stamp, actor, key, counter: Counter::new(counter).unwrap(), fact }
        },
    )
}

proptest! {
    /// `apply` takes any event in any state, and even then nothing is sealed that was not settled as agreed, and no outcome changes.
    #[test]
    fn apply_is_total_and_keeps_the_order(events in prop::collection::vec(arb_event(), 0..60)) {
        let mut state = State::default();
        let mut outcomes = BTreeMap::new();
        for event in &events {
            apply(&mut state, event);
            let reforms = state.reforms().iter().map(|(proposal, reform)| (proposal, reform.round()));
            let releases = state.releases().iter().map(|(proposal, release)| (proposal, release.round()));
            for (proposal, round) in reforms.chain(releases) {
                if let Some(settled) = round.settled() {
                    prop_assert_eq!(*outcomes.entry(*proposal).or_insert(settled), settled);
                }
            }
            for release in state.releases().values() {
                let outcome = release.round().settled().map(|(outcome, _)| outcome);
                let fits = match release {
                    Release::Proposed(_) => outcome.is_none(),
                    Release::Refused(refused) => outcome == Some(refused.outcome()) && outcome != Some(Outcome::Agreed),
                    Release::Agreed(_) | Release::Sealed(_) | Release::Superseded(_) | Release::Withdrawn(_) => {
                        outcome == Some(Outcome::Agreed)
                    }
                };
                prop_assert!(fits);
            }
            prop_assert!(state.open_rounds().all(|round| round.settled().is_none()));
        }
    }

    /// The same decisions in any order before the deadline come to the same outcome, unless an objection or the last approval
    /// has closed the round before.
    #[test]
    fn the_order_of_approvals_does_not_matter(order in Just(vec!["AA", "BB", "CC", "DD"]).prop_shuffle(), silent in 0_usize..5) {
        let mut world = World::founded(&["AA", "BB", "CC", "DD"], &["ACME"]);
        let mut draft = world.release("demand");
        draft.originators.retain(|code, _| ["AA", "BB"].contains(&code.as_str()));
        let propose = world.circulate("demand", act::Subject::Release(draft));
        let proposal = world.propose(propose).unwrap();
        let speakers: BTreeSet<&str> = order[silent.min(4)..].iter().copied().collect();
        for member in &order[silent.min(4)..] {
            world.approve(member, proposal).unwrap();
        }
        world.office(tick(100)).unwrap();
        let agreed = speakers.contains("AA") && speakers.contains("BB");
        let expected = if agreed { Outcome::Agreed } else { Outcome::Lapsed };
        prop_assert_eq!(world.outcome(&proposal), Some(expected));
    }

    /// Whatever is tried, in whatever order: what was accepted replays to the live state.
    #[test]
    fn replay_is_live(tries in prop::collection::vec((0_u8..24, 0_u8..3, 0_u32..150), 0..40)) {
        let mut world = World::pairs();
        for (what, which, minutes) in tries {
            let name = ["one", "two", "three"][usize::from(which)];
            let (member, by) = [("AA", "AA"), ("BB", "BB"), ("AA", "AA.2")][usize::from(which)];
            let last = world.state().rounds(&title(name)).last().copied().unwrap_or_else(|| digest("none"));
            let package = digest(&format!("{name} package"));
            let ballot = ballot_of(world.state(), last);
            let grant = entrust().digest().unwrap();
            // Refusals are part of the game; `World::admit` checks that they change nothing, and the oracle what is accepted.
            let _ = match what {
                0..=1 => world.office(tick(minutes)),
                2 => world.acts_by(member, by, deposit(&format!("{member} {minutes}"))),
                3..=5 => world.propose(world.draft(name)).map(|_| Vec::new()),
                6..=10 => world.acts_by(member, by, approve_of(world.state(), last)),
                11 => world.acts_by(member, by, object_of(world.state(), last)),
                12 => world.acts_by(member, by, ActBody::Reserve(reasoned_of(world.state(), last, "but"))),
                13 => world.acts_by(member, by, ActBody::Waive(ballot)),
                14 => world.acts_by(member, by, ActBody::Retract(ballot)),
                15 => world.acts_by(member, by, ActBody::Entrust(entrust())),
                16 => world.acts_by(member, by, ActBody::Reclaim(act::Reclaim { grant })),
                17 => world.extend(last, minutes + 50),
                18 => world.withdraw(last),
                19..=20 => world.seal(last, package),
                21 => world.office(deliver(package, "ACME")),
                22 => world.acts("ACME", acknowledge(package)),
                _ if minutes > 140 => world.revoke(member, by, "AA.3"),
                _ => world.acts_by(member, by, ActBody::Amend(reasoned_of(world.state(), last, "less"))),
            };
        }
        prop_assert_eq!(replay(&world.log).unwrap(), world.fold);
    }

    /// A round's outcome is a matter of the log: ticks that come earlier, later or more often do not change what was settled.
    #[test]
    fn a_settled_round_stays(ticks in prop::collection::vec(0_u32..300, 1..20)) {
        let stamp = |entry| Stamp { entry: EntryIndex(entry), at: Some(minute(0)) };
        let mut round = Round::open(terms(digest("p"), minute(100), 1), stamp(0));
        let mut first = None;
        for (entry, minutes) in ticks.into_iter().enumerate() {
            if let Some(outcome) = round.outcome_at(minute(minutes)) {
                round.settle(outcome, stamp(entry as u64));
                first.get_or_insert((outcome, stamp(entry as u64)));
            }
            prop_assert_eq!(round.settled(), first);
        }
    }
}
