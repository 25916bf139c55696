//! Waves of standards from proposal to receipt: consents part by part, objections that take out parts, and who holds what since when.

use std::collections::BTreeSet;

use ledger::act::{self, ActBody, Code, Content, Notice, Wave};
use ledger::act_key::Signer as _;
use proptest::prelude::*;

use super::world::{
    World, acknowledge, approve_of, code, consent_of, deliver, digest, key, minute, part_id, reason, tick,
    wave_of,
};
use crate::{
    Outcome, State,
    release::difference,
    replay,
    standards::{Held, TakenOut, holdings, overdue, remaining},
    statement,
};

/// Two members, the first with two keys of three, and a registry.
fn pairs() -> World {
    let mut world = World::pairs();
    world.register();
    world
}

fn small() -> World {
    let mut world = World::small();
    world.register();
    world
}

/// A and B of `AA`, C of `BB`, D of both.
fn four() -> Wave {
    wave_of(1, &[("A", &["AA"]), ("B", &["AA"]), ("C", &["BB"]), ("D", &["AA", "BB"])])
}

fn ids(parts: &[&str]) -> BTreeSet<act::PartId> {
    parts.iter().map(|part| part_id(part)).collect()
}

fn consent_by(world: &mut World, by: &str, proposal: ledger::Digest, parts: &[&str]) {
    let body = consent_of(world.state(), proposal, parts);
    world.acts_by("AA", by, body).unwrap();
}

#[test]
fn an_originator_has_consented_when_its_quorum_has_for_each_part_of_its_own() {
    let mut world = pairs();
    let proposal = world.propose_wave("wave", four()).unwrap();
    world.consent("BB", proposal, &["C", "D"]).unwrap();
    let awaited = |world: &World| -> BTreeSet<act::PartId> {
        world.state().round(&proposal).unwrap().awaited_parts(&code("AA")).cloned().collect()
    };
    assert_eq!(awaited(&world), ids(&["A", "B", "D"]));
    // Three keys, and each part has two of them in the end; no key ever names all.
    consent_by(&mut world, "AA", proposal, &["A", "B"]);
    consent_by(&mut world, "AA.2", proposal, &["B", "D"]);
    assert_eq!(awaited(&world), ids(&["A", "D"]));
    assert_eq!(world.state().round(&proposal).unwrap().keys_for(&code("AA"), &part_id("A")), 1);
    let evidence_of = |world: &World| world.state().agreed(&proposal).map(crate::Agreed::evidence);
    assert_eq!(evidence_of(&world), None);
    consent_by(&mut world, "AA.3", proposal, &["A", "D"]);
    assert_eq!(world.outcome(&proposal), Some(Outcome::Agreed), "everybody has spoken");
    let evidence = evidence_of(&world).unwrap();
    assert_eq!(evidence.consents[&code("AA")].len(), 3);
    assert_eq!(evidence.consents[&code("BB")].len(), 1);
}

#[test]
fn the_last_word_of_a_key_counts_and_adds_nothing_to_the_one_before() {
    let mut world = small();
    let proposal = world.propose_wave("wave", four()).unwrap();
    world.approve("BB", proposal).unwrap();
    world.consent("AA", proposal, &["A", "B"]).unwrap();
    world.consent("AA", proposal, &["D"]).unwrap();
    let said = world.events.last().unwrap();
    let words = "a key of AA has consented to 1 part of `wave` (2 of its own still wait for its yes)";
    assert_eq!(statement::followed(said, world.state()), words);
    let awaited: Vec<_> = world.state().round(&proposal).unwrap().awaited_parts(&code("AA")).collect();
    assert_eq!(awaited, [&part_id("A"), &part_id("B")]);
    let mut lapses = world.clone();
    lapses.office(tick(100)).unwrap();
    assert_eq!(lapses.outcome(&proposal), Some(Outcome::Lapsed));
    world.approve("AA", proposal).unwrap();
    assert_eq!(world.outcome(&proposal), Some(Outcome::Agreed));
}

#[test]
fn whoever_originates_nothing_may_be_silent_and_a_grant_covers_all_parts() {
    let mut world = World::three();
    world.register();
    let proposal = world.propose_wave("wave", four()).unwrap();
    let terms = || super::world::entrust();
    world.approve("BB", proposal).unwrap();
    world.consent("AA", proposal, &["A", "B", "D"]).unwrap();
    assert_eq!(world.outcome(&proposal), None, "CC may still object");
    world.office(tick(100)).unwrap();
    assert_eq!(world.outcome(&proposal), Some(Outcome::Agreed));
    // Given beforehand, for standards: nobody need sign, and the round closes in silence.
    for member in ["AA", "BB"] {
        world
            .acts(member, ActBody::Entrust(act::Entrust { contents: [Content::Standards].into(), ..terms() }))
            .unwrap();
    }
    let mut draft = world.wave("second", four());
    draft.history = world.state().history();
    let mut propose = world.circulate("second", act::Subject::Release(draft));
    propose.deadline_utc = minute(200);
    let second = world.propose(propose).unwrap();
    assert_eq!(world.state().round(&second).unwrap().awaited_parts(&code("AA")).count(), 0);
    world.office(tick(200)).unwrap();
    assert_eq!(world.outcome(&second), Some(Outcome::Agreed));
}

#[test]
fn an_objection_takes_out_the_parts_it_names_and_what_needs_them() {
    let mut world = small();
    let mut wave = four();
    wave.parts.get_mut(&part_id("C")).unwrap().needs = ids(&["B"]);
    wave.parts.get_mut(&part_id("D")).unwrap().needs = ids(&["C"]);
    let proposal = world.propose_wave("wave", wave.clone()).unwrap();
    assert_eq!(remaining(world.state(), &proposal), None, "it circulates");
    world.object_to("BB", proposal, &["B"]).unwrap();
    assert_eq!(world.outcome(&proposal), Some(Outcome::Objected));
    let left = remaining(world.state(), &proposal).unwrap();
    assert_eq!(left.parts, ids(&["A"]));
    let why = |part: &str| left.taken_out[&part_id(part)].clone();
    assert_eq!(why("B"), [TakenOut::Objected { member: code("BB"), reason: reason("not this one") }]);
    assert_eq!(why("C"), [TakenOut::Needs { part: part_id("B") }]);
    assert_eq!(why("D"), [TakenOut::Needs { part: part_id("C") }]);
    assert_eq!(why("C")[0].to_string(), "it needs B, which is taken out");
    // What is left circulates again, is agreed and goes out; the objection is answered in the words of the next round.
    let next = left.of(&wave);
    let second = world.propose_wave("wave", next).unwrap();
    let drafts = |proposal| world.state().release(proposal).unwrap().protected().draft();
    let changed: Vec<String> =
        difference(drafts(&proposal), drafts(&second)).iter().map(ToString::to_string).collect();
    assert_eq!(changed, ["no more information of BB", "without B, C, D"]);
    world.consent("AA", second, &["A"]).unwrap();
    world.office(tick(100)).unwrap();
    assert_eq!(world.outcome(&second), Some(Outcome::Agreed));
    assert_eq!(remaining(world.state(), &second), None, "nothing remains of what is agreed");
    world.deliver_all("wave", second, &["ACME"]);
    assert!(world.holds("ACME", "A") && !world.holds("ACME", "B") && !world.holds("BOLT", "A"));
}

#[test]
fn an_objection_to_the_whole_takes_out_all_and_a_lapse_what_lacks_consent() {
    let mut world = pairs();
    let proposal = world.propose_wave("wave", four()).unwrap();
    world.object("BB", proposal).unwrap();
    let left = remaining(world.state(), &proposal).unwrap();
    assert!(left.parts.is_empty() && left.taken_out.len() == 4);
    // The office may circulate the same again, perhaps to fewer: nobody named a part.
    let second = world.propose_wave("wave", four()).unwrap();
    consent_by(&mut world, "AA", second, &["A", "B"]);
    consent_by(&mut world, "AA.2", second, &["A", "D"]);
    world.approve("BB", second).unwrap();
    world.office(tick(100)).unwrap();
    let left = remaining(world.state(), &second).unwrap();
    assert_eq!(left.parts, ids(&["A", "C"]));
    let lacking = TakenOut::Unconsented { member: code("AA"), given: 1, wanted: 2 };
    assert_eq!(left.taken_out[&part_id("B")], std::slice::from_ref(&lacking));
    assert_eq!(left.taken_out[&part_id("D")], [lacking]);
    // A wave that is taken back is left whole.
    let other = world.circulate("other", act::Subject::Release(world.wave("other", four())));
    let other = world.propose(act::Propose { deadline_utc: minute(200), ..other }).unwrap();
    world.withdraw(other).unwrap();
    assert_eq!(remaining(world.state(), &other).unwrap().parts.len(), 4);
    assert_eq!(remaining(world.state(), &digest("nothing")), None);
}

#[test]
fn waves_to_different_receivers_circulate_side_by_side() {
    let mut world = small();
    let to = |world: &World, name: &str, part: &str, receiver: &str| {
        let mut draft = world.wave(name, wave_of(1, &[(part, &["AA"])]));
        draft.audience.retain(|code| code.as_str() == receiver);
        draft
    };
    let (one, two) = (to(&world, "one", "A", "ACME"), to(&world, "two", "B", "BOLT"));
    let (one, two) = (world.propose_draft("one", one).unwrap(), world.propose_draft("two", two).unwrap());
    let figures = world.agree("figures");
    for proposal in [one, two] {
        world.approve("AA", proposal).unwrap();
        world.approve("BB", proposal).unwrap();
    }
    world.deliver_all("one", one, &["ACME"]);
    // Standards that went out since do not make the other wave stale; figures they do.
    world.deliver_all("two", two, &["BOLT"]);
    assert!(world.holds("ACME", "A") && world.holds("BOLT", "B") && !world.holds("ACME", "B"));
    assert_eq!(world.seal(figures, digest("figures")).unwrap_err().rule(), "history-whole");
    assert_eq!(world.propose_wave("one", four()).unwrap_err().rule(), "agreed-once");
}

/// The same log with the entries up to the last one whose time is at most `minutes`.
fn as_of(world: &World, minutes: u32) -> State {
    let mut time = None;
    let until = world.acts.iter().take_while(|logged| {
        if let ActBody::Tick(tick) = &logged.act.body {
            time = Some(tick.at_utc);
        }
        time.is_none_or(|time| time <= minute(minutes))
    });
    replay(&world.log[..until.count()]).unwrap().state().clone()
}

/// A log in which everything happens that can happen to a part.
fn eventful() -> World {
    let mut world = small();
    let one = world.hand_over("one", four(), &["ACME"]);
    world.acts("ACME", acknowledge(digest("package one"))).unwrap();
    world.office(tick(10)).unwrap();
    world.office(deliver(digest("package one"), "BOLT")).unwrap();
    world.office(tick(20)).unwrap();
    // A revision of A, and the news that B is no more.
    let mut wave = wave_of(1, &[("A2", &["AA"])]);
    wave.parts.get_mut(&part_id("A2")).unwrap().replaces = Some(part_id("A"));
    wave.notices.insert(part_id("B"), Notice::Withdrawn);
    wave.notices.insert(part_id("C"), Notice::Superseded { by: part_id("C2") });
    world.hand_over("two", wave, &["ACME"]);
    world.office(tick(30)).unwrap();
    // B again, after all; and the first wave is taken back.
    world.hand_over("three", wave_of(1, &[("B", &["AA"])]), &["ACME"]);
    world.office(tick(40)).unwrap();
    world.withdraw(one).unwrap();
    world.office(tick(50)).unwrap();
    world.acts("BOLT", acknowledge(digest("package one"))).unwrap();
    world
}

#[test]
fn what_is_held_and_stale_is_known_for_every_past_time() {
    let world = eventful();
    let at = |minutes: u32| holdings(world.state(), minute(minutes));
    let of = |minutes: u32, who: &str, part: &str| at(minutes).of(&code(who)).get(&part_id(part)).cloned();
    let before = of(5, "ACME", "A").unwrap();
    assert!(before.stands() && !before.is_stale() && before.copy.acknowledged.is_some());
    assert_eq!(of(5, "BOLT", "A"), None, "not yet delivered");
    assert!(of(10, "BOLT", "A").is_some_and(|held| held.copy.acknowledged.is_none()));
    let replaced = of(20, "ACME", "A").unwrap();
    assert!(replaced.stands() && replaced.is_stale());
    assert_eq!(replaced.replaced_by.keys().collect::<Vec<_>>(), [&part_id("A2")]);
    assert!(!of(20, "BOLT", "A").unwrap().is_stale(), "the other one was not given the revision");
    let gone = of(20, "ACME", "B").unwrap();
    assert!(!gone.stands() && matches!(gone.notice, Some((Notice::Withdrawn, _))));
    assert!(matches!(of(20, "ACME", "C").unwrap().notice, Some((Notice::Superseded { .. }, _))));
    let again = of(30, "ACME", "B").unwrap();
    assert!(again.stands() && !again.is_stale() && again.others.len() == 1);
    let taken_back = of(40, "ACME", "A").unwrap();
    assert!(!taken_back.stands() && taken_back.copy.withdrawn.is_some());
    assert!(of(39, "ACME", "A").unwrap().stands());
    assert!(of(50, "BOLT", "D").unwrap().copy.acknowledged.is_some());
    assert!(of(49, "BOLT", "D").unwrap().copy.acknowledged.is_none());
    let now = at(60);
    let holders: Vec<&Code> = now.holders(&part_id("D")).map(|(receiver, _)| receiver).collect();
    assert_eq!(holders, [&code("ACME"), &code("BOLT")]);
    assert_eq!(now.receivers().count(), 2);
    assert_eq!(now.parts().len(), 5);
}

/// What the law says of every log: what was held at a time is what the log up to then says.
pub(super) fn holdings_are_those_of_the_log(state: &State, at: act::UtcTime, then: &State) {
    assert_eq!(holdings(state, at), holdings(then, at));
    let now = then.now().unwrap();
    let held = holdings(then, now);
    for (receiver, parts) in held.receivers().map(|receiver| (receiver, held.of(receiver))) {
        for (part, found) in parts {
            assert_eq!(Held::stands(found), then.holds(receiver, part), "{receiver} {part}");
        }
    }
}

#[test]
fn the_holdings_of_a_past_time_are_those_that_the_log_had_then() {
    let world = eventful();
    for minutes in 0..60 {
        holdings_are_those_of_the_log(world.state(), minute(minutes), &as_of(&world, minutes));
    }
}

#[test]
fn a_receipt_is_overdue_after_its_time_and_not_before() {
    let world = eventful();
    let late = |minutes: u32, seconds| overdue(world.state(), minute(minutes), seconds);
    assert!(late(20, 600).is_empty(), "ten minutes are not more than ten minutes");
    let found = late(21, 600);
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0].receiver, found[0].parts.len()), (&code("BOLT"), 4));
    assert!(late(51, 600).iter().all(|one| one.receiver == code("ACME")), "it was acknowledged");
    assert_eq!(late(51, 600).len(), 2, "the second and the third wave of ACME");
    assert!(late(9, 0).is_empty(), "acknowledged at once");
}

#[test]
fn a_signer_reads_its_own_parts_first_and_what_they_are() {
    let mut world = small();
    world.hand_over("one", wave_of(1, &[("D", &["BB"]), ("D0", &["BB"])]), &["ACME", "BOLT"]);
    let mut wave = four();
    let c = wave.parts.get_mut(&part_id("C")).unwrap();
    (c.needs, c.lacks, c.replaces) = (ids(&["A"]), ids(&["X"]), Some(part_id("C1")));
    wave.notices.insert(part_id("D0"), Notice::Superseded { by: part_id("D") });
    let proposal = world.propose_wave("wave", wave).unwrap();
    let words = |by: &str, body: ActBody| {
        let act = world.state().act(code(by), &key(by).key().id(), body).unwrap();
        statement::of(&act, world.state())
    };
    let approves = words("BB", approve_of(world.state(), proposal));
    let parts: Vec<(&str, &str)> = approves
        .details
        .iter()
        .filter(|(name, _)| name.ends_with("part"))
        .map(|(name, content)| (*name, content.lines().next().unwrap()))
        .collect();
    let expected = [
        ("own part", "C, unclassified, of BB"),
        ("own part", "D, unclassified, of AA, BB"),
        ("part", "A, unclassified, of AA"),
        ("part", "B, unclassified, of AA"),
    ];
    assert_eq!(parts, expected);
    let whole = approves.to_string();
    for line in [
        &format!("document {}", digest("document C")),
        "needs A",
        "goes without X, which it needs too",
        "takes the place of C1",
        "held already by ACME, BOLT",
        "D0 is superseded by D",
    ] {
        assert!(whole.contains(line), "{line} is not in {whole}");
    }
    let consents = words("BB", consent_of(world.state(), proposal, &["C"]));
    assert!(consents.sentence.starts_with("BB consents to 1 part and to no more of the proposal below"));
    assert_eq!(consents.details[0], ("consents to", "C".to_owned()));
    let said = super::world::reasoned_of(world.state(), proposal, "no");
    let some = ActBody::Object(act::Reasoned { parts: ids(&["A"]), ..said.clone() });
    assert_eq!(words("BB", some).details[1], ("about", "A".to_owned()));
    assert_eq!(words("BB", ActBody::Object(said)).details[1], ("about", "the whole wave".to_owned()));
}

proptest! {
    /// Whatever needs what, cycles included, and whatever is objected to: what is left and what goes are the whole; what is left needs
    /// nothing that goes, and goes for no other reason; and the office may circulate it at once.
    #[test]
    fn what_is_left_is_closed_under_needs(
        needs in prop::collection::btree_set((0_usize..6, 0_usize..6), 0..10),
        objected in prop::collection::btree_set(0_usize..6, 1..3),
    ) {
        let names = ["A", "B", "C", "D", "E", "F"];
        let all: Vec<(&str, &[&str])> = names.iter().map(|name| (*name, &["AA"][..])).collect();
        let mut wave = wave_of(1, &all);
        for (part, other) in needs.iter().filter(|(part, other)| part != other) {
            wave.parts.get_mut(&part_id(names[*part])).unwrap().needs.insert(part_id(names[*other]));
        }
        let mut world = small();
        let proposal = world.propose_wave("wave", wave.clone()).unwrap();
        let objected: Vec<&str> = objected.iter().map(|part| names[*part]).collect();
        world.object_to("BB", proposal, &objected).unwrap();
        let left = remaining(world.state(), &proposal).unwrap();
        // The smallest set that holds what was objected to and whatever needs something in it, by the slowest road.
        let mut gone = ids(&objected);
        for _ in names {
            let more = wave.parts.iter().filter(|(_, part)| !part.needs.is_disjoint(&gone));
            gone = more.map(|(id, _)| id.clone()).chain(gone.clone()).collect();
        }
        prop_assert_eq!(left.taken_out.keys().cloned().collect::<BTreeSet<_>>(), gone.clone());
        let kept: BTreeSet<_> = wave.parts.keys().filter(|id| !gone.contains(*id)).cloned().collect();
        prop_assert_eq!(&left.parts, &kept);
        prop_assert!(left.taken_out.values().all(|reasons| !reasons.is_empty()));
        if !kept.is_empty() {
            prop_assert!(world.propose_wave("wave", left.of(&wave)).is_ok());
        }
    }
}
