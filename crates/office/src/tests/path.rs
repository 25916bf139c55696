//! The path from deposit to acknowledgement, and the turns on it.

use ledger::{
    act::{self, ActBody},
    dsse::Envelope,
};

use super::{
    oracle,
    world::{World, acknowledge, code, codes, deliver, deposit, digest, minute, tick},
};
use crate::{Delivery, EntryIndex, Fact, Outcome, Refusal, Release, Salt, commit, replay, statement};

fn outcome(world: &World, proposal: &ledger::Digest) -> Option<Outcome> {
    world.state.release(proposal).unwrap().round().settled().map(|(outcome, _)| outcome)
}

#[test]
fn a_release_goes_from_deposit_to_acknowledgement() {
    let mut world = World::small();
    world.acts("AA", deposit("AA figures")).unwrap();
    world.acts("BB", deposit("BB figures")).unwrap();
    let proposal = world.agree("demand");
    let agreed = world.state.agreed(&proposal).unwrap();
    let evidence = agreed.evidence();
    assert_eq!(evidence.proposal, EntryIndex(4));
    assert_eq!(evidence.approvals, [(code("AA"), EntryIndex(5)), (code("BB"), EntryIndex(6))].into());
    assert_eq!(evidence.settled, EntryIndex(6));

    let package = digest("package");
    let seal = agreed.seal(package);
    world.office(seal).unwrap();
    let to_acme = world.state.sealed(&proposal).unwrap().deliver(package, &code("ACME")).unwrap();
    world.office(to_acme).unwrap();
    world.acts("ACME", acknowledge(package)).unwrap();

    let sealed = world.state.sealed_with(&package).unwrap();
    let deliveries = sealed.packages()[&package].deliveries();
    assert!(matches!(&deliveries[&code("ACME")], Delivery::Acknowledged(receipt)
        if receipt.delivered().entry == EntryIndex(8) && receipt.stamp().entry == EntryIndex(9)));
    assert_eq!(world.state.history(), [digest("demand release")]);
    oracle::check(&world.acts, &world.state);
    assert_eq!(replay(&world.log).unwrap(), world.state);
}

#[test]
fn a_deposited_figure_is_nowhere_in_the_log_or_the_state() {
    let canary = "738194650217";
    let (salt, content) = (Salt::from_bytes([0x5a; 32]), format!("AA,LAND-7,{canary}\n"));
    let mut world = World::small();
    let commitment = commit(&salt, content.as_bytes());
    let deposit = act::Deposit { commitment, blob: digest("sealed box"), rows: 1 };
    let events = world.acts("AA", ActBody::Deposit(deposit)).unwrap();
    let entry = world.log.last().unwrap();
    let payload = Envelope::from_bytes(entry).unwrap().payload_unverified().to_vec();
    let words = statement::of(&world.acts.last().unwrap().act, &world.state).to_string();
    let seen = [
        String::from_utf8_lossy(entry).into_owned(),
        String::from_utf8_lossy(&payload).into_owned(),
        words,
        format!("{events:?} {:?} {salt:?}", world.state),
    ];
    for text in seen {
        assert!(!text.contains(canary) && !text.contains("5a5a5a") && !text.contains("90, 90"), "{text}");
    }
}

#[test]
fn one_agreement_gives_a_package_for_every_company() {
    let mut world = World::small();
    let proposal = world.agree("demand");
    for company in ["ACME", "BOLT"] {
        let package = digest(company);
        world.seal(proposal, package).unwrap();
        world.office(deliver(package, company)).unwrap();
    }
    assert_eq!(world.state.sealed(&proposal).unwrap().packages().len(), 2);
    assert_eq!(world.state.history().len(), 1, "one release was said, however many copies");
    oracle::check(&world.acts, &world.state);
}

#[test]
fn silence_of_others_settles_the_round_at_the_deadline_and_not_before() {
    let mut world = World::small();
    let mut draft = world.draft("demand");
    draft.originators = codes(&["AA"]);
    let proposal = world.propose(draft).unwrap();
    world.approve("AA", proposal).unwrap();
    assert_eq!(outcome(&world, &proposal), None, "BB may still object");
    world.office(tick(99)).unwrap();
    assert_eq!(outcome(&world, &proposal), None);
    world.office(tick(100)).unwrap();
    assert_eq!(outcome(&world, &proposal), Some(Outcome::Agreed));
    let evidence = world.state.agreed(&proposal).unwrap().evidence();
    assert_eq!(evidence.approvals, [(code("AA"), EntryIndex(3))].into());
    assert_eq!(evidence.settled, EntryIndex(5));
}

#[test]
fn the_evidence_is_of_originators_alone() {
    let mut world = World::small();
    let mut draft = world.draft("demand");
    draft.originators = codes(&["BB"]);
    let proposal = world.propose(draft).unwrap();
    world.approve("AA", proposal).unwrap();
    world.approve("BB", proposal).unwrap();
    let evidence = world.state.agreed(&proposal).unwrap().evidence();
    assert_eq!(evidence.approvals, [(code("BB"), EntryIndex(4))].into());
}

#[test]
fn silence_never_stands_for_an_originator() {
    let mut world = World::small();
    let proposal = world.propose(world.draft("demand")).unwrap();
    world.approve("AA", proposal).unwrap();
    let awaited: Vec<_> = world.state.release(&proposal).unwrap().round().awaited().cloned().collect();
    assert_eq!(awaited, [code("BB")]);
    let events = world.office(tick(100)).unwrap();
    assert_eq!(events[1].fact, Fact::Settled { proposal, outcome: Outcome::Lapsed });
    assert!(matches!(world.seal(proposal, digest("package")), Err(Refusal::NotAgreed { .. })));
}

#[test]
fn an_objection_after_an_approval_breaks_the_round() {
    let mut world = World::small();
    let proposal = world.propose(world.draft("demand")).unwrap();
    world.approve("AA", proposal).unwrap();
    world.object("AA", proposal).unwrap();
    assert_eq!(outcome(&world, &proposal), Some(Outcome::Objected));
    let Some(Release::Refused(refused)) = world.state.release(&proposal) else { panic!("not refused") };
    assert_eq!(refused.objections().map(|(code, _)| code.as_str()).collect::<Vec<_>>(), ["AA"]);
    // It stands: neither the objector nor anybody else can bring the proposal back.
    for member in ["AA", "BB"] {
        let refusal = world.approve(member, proposal).unwrap_err();
        assert_eq!(refusal, Refusal::RoundClosed { outcome: Outcome::Objected });
    }
}

#[test]
fn an_amended_draft_circulates_in_the_next_round_and_old_approvals_do_not_count() {
    let mut world = World::small();
    let first = world.propose(world.draft("demand")).unwrap();
    let early = world.signed_at("AA", 7, super::world::approve_of(&world.state, first));
    world.object("BB", first).unwrap();
    let mut amended = world.draft("demand");
    amended.release = digest("amended");
    let second = world.propose(amended).unwrap();
    assert_eq!(world.admit(&early), Err(Refusal::RoundClosed { outcome: Outcome::Objected }));
    world.approve("AA", second).unwrap();
    assert_eq!(outcome(&world, &second), None);
    world.approve("BB", second).unwrap();
    assert_eq!(outcome(&world, &second), Some(Outcome::Agreed));
    assert_eq!(world.state.rounds(&super::world::title("demand")), [first, second]);
}

#[test]
fn an_agreement_goes_stale_when_another_release_is_sealed_first() {
    let mut world = World::small();
    let (one, two) = (world.agree("one"), world.agree("two"));
    world.seal(one, digest("package one")).unwrap();
    assert_eq!(world.seal(two, digest("package two")), Err(Refusal::HistoryNotWhole { sealed: 1 }));
    // It circulates again, proved together with what was said since; the old round stays unsealable.
    let again = world.agree("two");
    assert_ne!(again, two);
    world.seal(again, digest("package two")).unwrap();
    assert_eq!(world.seal(two, digest("package three")), Err(Refusal::HistoryNotWhole { sealed: 2 }));
    oracle::check(&world.acts, &world.state);
}

#[test]
fn time_that_stands_still_or_jumps_changes_no_outcome() {
    let mut world = World::small();
    let agreed = world.agree("demand");
    let mut other = world.draft("lapse");
    other.deadline_utc = minute(50);
    let lapsed = world.propose(other).unwrap();
    world.office(tick(60)).unwrap();
    for minutes in [60, 100, 5000, 40_000] {
        world.office(tick(minutes)).unwrap();
        assert_eq!(outcome(&world, &agreed), Some(Outcome::Agreed));
        assert_eq!(outcome(&world, &lapsed), Some(Outcome::Lapsed));
    }
    for minutes in [0, 60, 39_999] {
        assert!(matches!(world.office(tick(minutes)), Err(Refusal::TimeRunsBack { .. })));
    }
    world.seal(agreed, digest("package")).unwrap();
}

#[test]
fn no_entry_of_a_log_can_be_logged_again() {
    let mut world = World::small();
    world.acts("AA", deposit("AA figures")).unwrap();
    let proposal = world.agree("demand");
    let package = digest("package");
    world.seal(proposal, package).unwrap();
    world.office(deliver(package, "ACME")).unwrap();
    world.acts("ACME", acknowledge(package)).unwrap();
    for entry in world.log.clone() {
        assert!(matches!(world.admit(&entry), Err(Refusal::CounterNotRising { .. })));
    }
}

#[test]
fn replay_names_the_entry_that_should_not_be_there() {
    let mut world = World::small();
    world.agree("demand");
    let whole = world.log.clone();
    for cut in 0..=whole.len() {
        assert!(replay(&whole[..cut]).is_ok(), "a prefix is a log");
    }
    for missing in 0..whole.len() - 1 {
        let mut log = whole.clone();
        log.remove(missing);
        if let Err((index, _)) = replay(&log) {
            assert!(index.0 >= missing as u64);
        } else {
            // Without the first approval the rest is still a log, of another story; the checkpoint tells them apart.
            assert_ne!(replay(&log).unwrap(), world.state);
        }
    }
    for swapped in 0..whole.len() - 1 {
        let mut log = whole.clone();
        log.swap(swapped, swapped + 1);
        assert_ne!(replay(&log).ok(), Some(world.state.clone()));
    }
}

#[test]
fn one_changed_byte_in_an_entry_is_found() {
    let mut world = World::small();
    let proposal = world.propose(world.draft("demand")).unwrap();
    let entry = world.signed("AA", super::world::approve_of(&world.state, proposal));
    for at in 0..entry.len() {
        let mut changed = entry.clone();
        changed[at] ^= 1;
        let refusal = world.admit(&changed).unwrap_err();
        let found = matches!(refusal, Refusal::Envelope(_) | Refusal::Act(_) | Refusal::WrongKey { .. });
        // The actor or counter may be hit so that it still reads; the signature then fails, or nobody of that name is there.
        assert!(found || matches!(refusal, Refusal::UnknownActor { .. }), "byte {at}: {refusal}");
    }
    world.admit(&entry).unwrap();
}

#[test]
fn a_statement_says_what_is_signed() {
    let mut world = World::small();
    let proposal = world.propose(world.draft("demand 2026")).unwrap();
    let body = super::world::object_of(&world.state, proposal);
    let act = world.state.act(code("AA"), body).unwrap();
    let words = statement::of(&act, &world.state).to_string();
    let expected = format!(
        "AA objects to the release below, in round 1.
  reason        | too revealing
  proposal      | {proposal}
  title         | demand 2026
  release       | {}
  certificate   | {}
  safe with     | 0 releases sealed before
  label         | <label/>
  audience      | ACME, BOLT
  originators   | AA, BB
  deadline      | 2026-03-01T01:40:00Z
  counter       | 1
",
        digest("demand 2026 release"),
        digest("demand 2026 certificate")
    );
    assert_eq!(words, expected);
}

#[test]
fn a_reason_cannot_pose_as_another_line_of_the_statement() {
    let mut world = World::small();
    let proposal = world.propose(world.draft("demand")).unwrap();
    let ActBody::Object(object) = super::world::object_of(&world.state, proposal) else { panic!("objects") };
    let reason = super::world::reason("no\naudience      | nobody");
    let act = world.state.act(code("AA"), ActBody::Object(act::Object { reason, ..object })).unwrap();
    let words = statement::of(&act, &world.state).to_string();
    assert!(words.contains("\n                | audience      | nobody\n"), "{words}");
}

#[test]
fn every_act_has_a_statement() {
    let mut world = World::small();
    world.acts("AA", deposit("AA figures")).unwrap();
    let proposal = world.agree("demand");
    let package = digest("package");
    world.seal(proposal, package).unwrap();
    world.office(deliver(package, "ACME")).unwrap();
    world.acts("ACME", acknowledge(package)).unwrap();
    for logged in &world.acts {
        let known = statement::of(&logged.act, &world.state);
        assert!(known.sentence.starts_with(logged.act.actor.as_str()) && known.sentence.ends_with('.'));
        let unknown = statement::of(&logged.act, &crate::State::default()).to_string();
        let names = matches!(
            logged.act.body,
            ActBody::Approve(_)
                | ActBody::Object(_)
                | ActBody::Seal(_)
                | ActBody::Deliver(_)
                | ActBody::Acknowledge(_)
        );
        assert_eq!(unknown.contains("not known"), names);
    }
}
