//! Laws over generated events and logs.

use std::collections::BTreeSet;

use ledger::act::{Counter, Epoch, LabelXml, RoundNumber, Schema, UtcTime};
use proptest::prelude::*;

use super::world::{World, acknowledge, code, codes, deliver, deposit, digest, minute, reason, tick, title};
use crate::{
    Draft, EntryIndex, Event, Fact, Outcome, Release, Stamp, State, Terms, agreement::Round, apply, replay,
};

fn arb_time() -> impl Strategy<Value = UtcTime> {
    (0_u32..200).prop_map(minute)
}

fn arb_digest() -> impl Strategy<Value = ledger::Digest> {
    (0_u8..3).prop_map(|number| digest(&number.to_string()))
}

fn arb_actor() -> impl Strategy<Value = ledger::act::Code> {
    prop_oneof![Just("AA"), Just("BB"), Just("ACME"), Just("OFFICE")].prop_map(code)
}

fn arb_proposed() -> impl Strategy<Value = Fact> {
    (arb_digest(), arb_time(), 1_u64..4).prop_map(|(proposal, deadline, number)| {
        let draft = Draft {
            title: title("demand"),
            release: proposal,
            certificate: digest("certificate"),
            history: Vec::new(),
            label: LabelXml::new("<label/>").unwrap(),
            audience: codes(&["ACME"]),
        };
        let (members, originators) = (codes(&["AA", "BB"]), codes(&["AA"]));
        let (number, epoch) = (RoundNumber::new(number).unwrap(), Epoch::FIRST);
        Fact::Proposed { draft, terms: Terms { proposal, number, epoch, deadline, members, originators } }
    })
}

fn arb_fact() -> impl Strategy<Value = Fact> {
    let outcome = prop_oneof![Just(Outcome::Agreed), Just(Outcome::Objected), Just(Outcome::Lapsed)];
    prop_oneof![
        Just(Fact::Founded { roster: World::small().state.roster().unwrap().clone() }),
        arb_time().prop_map(|at| Fact::Ticked { at }),
        (arb_digest(), arb_digest(), any::<u64>()).prop_map(|(commitment, blob, rows)| Fact::Deposited {
            commitment,
            blob,
            rows
        }),
        arb_proposed(),
        arb_digest().prop_map(|proposal| Fact::Approved { proposal }),
        arb_digest().prop_map(|proposal| Fact::Objected { proposal, reason: reason("no") }),
        (arb_digest(), outcome).prop_map(|(proposal, outcome)| Fact::Settled { proposal, outcome }),
        (arb_digest(), arb_digest()).prop_map(|(proposal, package)| Fact::Sealed { proposal, package }),
        (arb_digest(), arb_actor()).prop_map(|(package, to)| Fact::Delivered { package, to }),
        arb_digest().prop_map(|package| Fact::Acknowledged { package }),
    ]
}

fn arb_event() -> impl Strategy<Value = Event> {
    (any::<u64>(), arb_actor(), 1_u64..100, arb_fact()).prop_map(|(entry, actor, counter, fact)| {
        let stamp = Stamp { entry: EntryIndex(entry), at: Some(minute(0)) };
        Event { schema: Schema::V1, stamp, actor, counter: Counter::new(counter).unwrap(), fact }
    })
}

proptest! {
    /// `apply` takes any event in any state, and even then nothing is sealed that was not settled as agreed, and no outcome changes.
    #[test]
    fn apply_is_total_and_keeps_the_order(events in prop::collection::vec(arb_event(), 0..60)) {
        let mut state = State::default();
        let mut outcomes = std::collections::BTreeMap::new();
        for event in &events {
            apply(&mut state, event);
            for (proposal, release) in state.releases() {
                let settled = release.round().settled();
                let outcome = settled.map(|(outcome, _)| outcome);
                let fits = match release {
                    Release::Proposed(_) => outcome.is_none(),
                    Release::Refused(refused) => outcome == Some(refused.outcome()) && outcome != Some(Outcome::Agreed),
                    Release::Agreed(_) | Release::Sealed(_) => outcome == Some(Outcome::Agreed),
                };
                prop_assert!(fits);
                if let Some(settled) = settled {
                    prop_assert_eq!(*outcomes.entry(*proposal).or_insert(settled), settled);
                }
            }
        }
    }

    /// The same decisions in any order before the deadline come to the same outcome, unless an objection or the last approval
    /// has closed the round before.
    #[test]
    fn the_order_of_approvals_does_not_matter(order in Just(vec!["AA", "BB", "CC", "DD"]).prop_shuffle(), silent in 0_usize..5) {
        let mut world = World::founded(&["AA", "BB", "CC", "DD"], &["ACME"]);
        let mut draft = world.draft("demand");
        draft.originators = codes(&["AA", "BB"]);
        let proposal = world.propose(draft).unwrap();
        let speakers: BTreeSet<&str> = order[silent.min(4)..].iter().copied().collect();
        for member in &order[silent.min(4)..] {
            world.approve(member, proposal).unwrap();
        }
        world.office(tick(100)).unwrap();
        let outcome = world.state.release(&proposal).unwrap().round().settled().unwrap().0;
        let agreed = speakers.contains("AA") && speakers.contains("BB");
        prop_assert_eq!(outcome, if agreed { Outcome::Agreed } else { Outcome::Lapsed });
    }

    /// Whatever is tried, in whatever order: what was accepted replays to the live state.
    #[test]
    fn replay_is_live(tries in prop::collection::vec((0_u8..12, 0_u8..3, 0_u32..150), 0..40)) {
        let mut world = World::small();
        for (what, which, minutes) in tries {
            let (name, member) = (["one", "two", "three"][usize::from(which)], ["AA", "BB", "AA"][usize::from(which)]);
            let last = world.state.rounds(&title(name)).last().copied().unwrap_or_else(|| digest("none"));
            let package = digest(&format!("{name} package"));
            // Refusals are part of the game; `World::admit` checks that they change nothing.
            let _ = match what {
                0 => world.office(tick(minutes)),
                1 => world.acts(member, deposit(&format!("{member} {minutes}"))),
                2..=3 => world.propose(world.draft(name)).map(|_| Vec::new()),
                4..=6 => world.approve(member, last),
                7 => world.object(member, last),
                8..=9 => world.seal(last, package),
                10 => world.office(deliver(package, "ACME")),
                _ => world.acts("ACME", acknowledge(package)),
            };
        }
        super::oracle::check(&world.acts, &world.state);
        prop_assert_eq!(replay(&world.log).unwrap(), world.state);
    }

    /// A round's outcome is a matter of the log: ticks that come earlier, later or more often do not change what was settled.
    #[test]
    fn a_settled_round_stays(ticks in prop::collection::vec(0_u32..300, 1..20)) {
        let stamp = |entry| Stamp { entry: EntryIndex(entry), at: Some(minute(0)) };
        let (members, originators) = (codes(&["AA", "BB"]), codes(&["AA"]));
        let (proposal, number, epoch) = (digest("p"), RoundNumber::FIRST, Epoch::FIRST);
        let terms = Terms { proposal, number, epoch, deadline: minute(100), members, originators };
        let mut round = Round::open(terms, stamp(0));
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
