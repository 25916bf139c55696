//! The path from deposit to acknowledgement, and the turns on it.

use ledger::{
    act::{self, AccessDecision, AccessRefusal, ActBody, Code, History, Subject},
    act_key::Signer as _,
    dsse::Envelope,
};

use super::world::{
    World, acknowledge, answer, approve_of, ballot_of, code, consent_of, cosigned, deliver, deposit, digest,
    eligibility, entrust, key, minute, object_of, reason, reasoned_of, register_of, tick, title,
};
use crate::{
    Command, Decision, Delivery, EntryIndex, Fact, Outcome, Recorded, Refusal, Release, Replay, Salt, commit,
    release::{Changed, difference},
    replay, statement,
};

/// Circulates a draft in which only these members' information is.
fn propose_of(world: &mut World, originators: &[&str]) -> ledger::Digest {
    let mut draft = world.release("demand");
    draft.originators.retain(|code, _| originators.contains(&code.as_str()));
    let propose = world.circulate("demand", Subject::Release(draft));
    world.propose(propose).unwrap()
}

#[test]
fn a_release_goes_from_deposit_to_acknowledgement() {
    let mut world = World::small();
    world.acts("AA", deposit("AA figures")).unwrap();
    world.acts("BB", deposit("BB figures")).unwrap();
    let proposal = world.agree("demand");
    let agreed = world.state().agreed(&proposal).unwrap();
    let evidence = agreed.evidence();
    assert_eq!(evidence.proposal, EntryIndex(4));
    let at = |entry| [EntryIndex(entry)].into();
    assert_eq!(evidence.consents, [(code("AA"), at(5)), (code("BB"), at(6))].into());
    assert_eq!(evidence.settled, EntryIndex(6));

    let package = digest("package");
    let seal = agreed.seal(package);
    world.office(seal).unwrap();
    let to_acme = world.state().sealed(&proposal).unwrap().deliver(package, &code("ACME")).unwrap();
    world.office(to_acme).unwrap();
    world.acts("ACME", acknowledge(package)).unwrap();

    let sealed = world.state().sealed_with(&package).unwrap();
    let deliveries = sealed.packages()[&package].deliveries();
    assert!(matches!(&deliveries[&code("ACME")], Delivery::Acknowledged(receipt)
        if receipt.delivered().entry == EntryIndex(8) && receipt.stamp().entry == EntryIndex(9)));
    assert_eq!(world.state().history(), History::EMPTY.with(&digest("demand release")));
    assert_eq!(replay(&world.log).unwrap(), world.fold);
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
    let words = statement::of(&world.acts.last().unwrap().act, world.state()).to_string();
    let seen = [
        String::from_utf8_lossy(entry).into_owned(),
        String::from_utf8_lossy(&payload).into_owned(),
        words,
        format!("{events:?} {:?} {salt:?}", world.state()),
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
    assert_eq!(world.state().sealed(&proposal).unwrap().packages().len(), 2);
    assert_eq!(world.state().history().releases, 1, "one release was said, however many copies");
}

#[test]
fn silence_of_others_settles_the_round_at_the_deadline_and_not_before() {
    let mut world = World::small();
    let proposal = propose_of(&mut world, &["AA"]);
    world.approve("AA", proposal).unwrap();
    assert_eq!(world.outcome(&proposal), None, "BB may still object");
    world.office(tick(99)).unwrap();
    assert_eq!(world.outcome(&proposal), None);
    world.office(tick(100)).unwrap();
    assert_eq!(world.outcome(&proposal), Some(Outcome::Agreed));
    let evidence = world.state().agreed(&proposal).unwrap().evidence();
    assert_eq!(evidence.consents, [(code("AA"), [EntryIndex(3)].into())].into());
    assert_eq!(evidence.settled, EntryIndex(5));
}

#[test]
fn the_evidence_is_of_originators_alone() {
    let mut world = World::small();
    let proposal = propose_of(&mut world, &["BB"]);
    world.approve("AA", proposal).unwrap();
    world.approve("BB", proposal).unwrap();
    let evidence = world.state().agreed(&proposal).unwrap().evidence();
    assert_eq!(evidence.consents, [(code("BB"), [EntryIndex(4)].into())].into());
}

#[test]
fn silence_never_stands_for_an_originator() {
    let mut world = World::small();
    let proposal = world.propose(world.draft("demand")).unwrap();
    world.approve("AA", proposal).unwrap();
    let awaited: Vec<_> = world.state().release(&proposal).unwrap().round().awaited().cloned().collect();
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
    assert_eq!(world.outcome(&proposal), Some(Outcome::Objected));
    let Some(Release::Refused(refused)) = world.state().release(&proposal) else { panic!("not refused") };
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
    let early = world.signed_at("AA", 7, approve_of(world.state(), first));
    world.object("BB", first).unwrap();
    let mut amended = world.release("demand");
    amended.release = digest("amended");
    let propose = world.circulate("demand", Subject::Release(amended));
    let second = world.propose(propose).unwrap();
    assert_eq!(world.admit(&early), Err(Refusal::RoundClosed { outcome: Outcome::Objected }));
    world.approve("AA", second).unwrap();
    assert_eq!(world.outcome(&second), None);
    world.approve("BB", second).unwrap();
    assert_eq!(world.outcome(&second), Some(Outcome::Agreed));
    assert_eq!(world.state().rounds(&title("demand")), [first, second]);
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
        assert_eq!(world.outcome(&agreed), Some(Outcome::Agreed));
        assert_eq!(world.outcome(&lapsed), Some(Outcome::Lapsed));
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
            assert_ne!(replay(&log).unwrap(), world.fold);
        }
    }
    for swapped in 0..whole.len() - 1 {
        let mut log = whole.clone();
        log.swap(swapped, swapped + 1);
        assert_ne!(replay(&log).ok(), Some(world.fold.clone()));
    }
}

#[test]
fn one_changed_byte_in_an_entry_is_found() {
    let mut world = World::small();
    let proposal = world.propose(world.draft("demand")).unwrap();
    let entry = world.signed("AA", approve_of(world.state(), proposal));
    for at in 0..entry.len() {
        let mut changed = entry.clone();
        changed[at] ^= 1;
        let refusal = world.admit(&changed).unwrap_err();
        let found =
            matches!(refusal, Refusal::Envelope { .. } | Refusal::Act { .. } | Refusal::WrongKey { .. });
        // The actor or counter may be hit so that it still reads; the signature then fails, or nobody of that name is there.
        let nobody = matches!(refusal, Refusal::UnknownActor { .. } | Refusal::UnknownKey { .. });
        assert!(found || nobody, "byte {at}: {refusal}");
    }
    world.admit(&entry).unwrap();
}

#[test]
fn replay_in_two_halves_is_replay() {
    let mut world = World::witnessed();
    world.acts("AA", deposit("AA figures")).unwrap();
    let proposal = world.agree("demand");
    world.witness(&["W1", "W3"]).unwrap();
    world.seal(proposal, digest("package")).unwrap();
    let mut halves = Replay::default();
    let pending: Vec<_> =
        world.log.iter().map(|entry| halves.fold(Command::read(entry).unwrap()).unwrap()).collect();
    // In any order, and none before all of them held.
    let mut held: Vec<_> = pending.iter().rev().map(|pending| pending.judge().unwrap()).collect();
    assert_eq!(halves.confirm(held.drain(..)), Ok(world.fold.clone()));
    let mut halves = Replay::default();
    let held =
        world.log.iter().map(|entry| halves.fold(Command::read(entry).unwrap()).unwrap().judge().unwrap());
    let held: Vec<_> = held.collect();
    assert_eq!(halves.confirm(held.into_iter().skip(1)), Err(EntryIndex(0)));
}

#[test]
fn a_signature_put_off_is_still_judged() {
    let mut world = World::small();
    world.acts("AA", deposit("AA figures")).unwrap();
    // The same act under a signature by somebody else who writes the right key's id on it.
    let act = world.acts.last().unwrap().act.clone();
    let forged = String::from_utf8(act.sign(&key("BB")).unwrap().to_bytes()).unwrap();
    let forged = forged.replace(&key("BB").key().id().to_string(), &key("AA").key().id().to_string());
    let mut halves = Replay::default();
    for entry in &world.log[..2] {
        halves.fold(Command::read(entry).unwrap()).unwrap();
    }
    let pending = halves.fold(Command::read(forged.as_bytes()).unwrap()).unwrap();
    let (entry, refusal) = pending.judge().unwrap_err();
    assert_eq!((entry, refusal.rule()), (EntryIndex(2), "actor-key"));
}

#[test]
fn a_signature_checked_ahead_counts_for_that_key_only() {
    let world = World::small();
    let command = Command::read(&world.signed("AA", deposit("AA"))).unwrap();
    assert!(command.clone().checked(&key("BB").key()).is_err());
    let checked = command.checked(&key("AA").key()).unwrap();
    assert!(world.fold.decide(&checked).is_ok());
}

#[test]
fn waiving_is_no_consent_and_ends_the_waiting() {
    let mut world = World::small();
    let proposal = propose_of(&mut world, &["AA"]);
    let waive = ActBody::Waive(ballot_of(world.state(), proposal));
    world.acts("BB", waive.clone()).unwrap();
    world.acts("AA", waive.clone()).unwrap();
    assert_eq!(world.outcome(&proposal), None, "an originator that waives has not consented");
    world.approve("AA", proposal).unwrap();
    assert_eq!(world.outcome(&proposal), Some(Outcome::Agreed), "nobody is to be waited for");
    let mut world = World::small();
    let proposal = propose_of(&mut world, &["AA", "BB"]);
    world.approve("AA", proposal).unwrap();
    world.acts("BB", waive_of(&world, proposal)).unwrap();
    world.office(tick(100)).unwrap();
    assert_eq!(world.outcome(&proposal), Some(Outcome::Lapsed));
}

fn waive_of(world: &World, proposal: ledger::Digest) -> ActBody {
    ActBody::Waive(ballot_of(world.state(), proposal))
}

#[test]
fn a_reservation_is_consent_on_record() {
    let mut world = World::small();
    let proposal = propose_of(&mut world, &["AA", "BB"]);
    let body = ActBody::Reserve(reasoned_of(world.state(), proposal, "not to be read as a precedent"));
    world.acts("BB", body).unwrap();
    world.approve("AA", proposal).unwrap();
    let agreed = world.state().agreed(&proposal).unwrap();
    let said: Vec<_> = agreed.round().decisions()[&code("BB")].values().collect();
    assert!(matches!(&said[..], [Recorded { decision: Decision::Reserve(text), .. }]
        if text.as_str() == "not to be read as a precedent"));
}

#[test]
fn an_amendment_asked_for_breaks_silence_and_the_next_draft_says_what_changed() {
    let mut world = World::small();
    let first = world.propose(world.draft("demand")).unwrap();
    let body = ActBody::Amend(reasoned_of(world.state(), first, "leave BOLT out"));
    world.acts("BB", body).unwrap();
    assert_eq!(world.outcome(&first), Some(Outcome::Objected));
    let mut amended = world.release("demand");
    amended.audience.remove(&code("BOLT"));
    amended.originators.insert(code("AA"), digest("another exposure"));
    let propose = world.circulate("demand", Subject::Release(amended));
    let second = world.propose(propose).unwrap();
    let release = world.state().release(&second).unwrap().protected();
    assert_eq!(release.amends(), Some(first));
    let before = world.state().release(&first).unwrap().protected().draft();
    let changed = difference(before, release.draft());
    let codes = |name: &str| [code(name)].into();
    assert_eq!(changed, [Changed::AudienceNarrower(codes("BOLT")), Changed::Exposure(codes("AA"))]);
}

#[test]
fn what_was_said_can_be_taken_back_while_the_round_is_open() {
    let mut world = World::small();
    let proposal = world.propose(world.draft("demand")).unwrap();
    world.approve("AA", proposal).unwrap();
    let retract = ActBody::Retract(ballot_of(world.state(), proposal));
    world.acts("AA", retract).unwrap();
    world.approve("BB", proposal).unwrap();
    assert_eq!(world.outcome(&proposal), None);
    world.office(tick(100)).unwrap();
    assert_eq!(world.outcome(&proposal), Some(Outcome::Lapsed), "what was taken back does not count");
}

#[test]
fn more_time_keeps_what_was_said() {
    let mut world = World::small();
    let proposal = world.propose(world.draft("demand")).unwrap();
    world.approve("AA", proposal).unwrap();
    world.office(tick(99)).unwrap();
    world.extend(proposal, 200).unwrap();
    world.office(tick(199)).unwrap();
    assert_eq!(world.outcome(&proposal), None);
    world.approve("BB", proposal).unwrap();
    assert_eq!(world.outcome(&proposal), Some(Outcome::Agreed));
    let proposal = world.propose(world.circulate_until("other", 250)).unwrap();
    world.extend(proposal, 300).unwrap();
    world.office(tick(299)).unwrap();
    assert_eq!(world.outcome(&proposal), None);
    world.office(tick(300)).unwrap();
    assert_eq!(world.outcome(&proposal), Some(Outcome::Lapsed), "the new deadline is one");
}

#[test]
fn the_office_withdraws_what_circulates_is_agreed_or_is_sealed() {
    let mut world = World::small();
    let open = world.propose(world.draft("demand")).unwrap();
    world.withdraw(open).unwrap();
    assert_eq!(world.outcome(&open), Some(Outcome::Withdrawn));
    let agreed = world.agree("demand");
    world.withdraw(agreed).unwrap();
    assert!(matches!(world.state().release(&agreed), Some(Release::Withdrawn(_))));
    assert!(matches!(world.seal(agreed, digest("no")), Err(Refusal::NotInForce { .. })));
    let sealed = world.agree("demand");
    let package = digest("package");
    world.seal(sealed, package).unwrap();
    world.office(deliver(package, "ACME")).unwrap();
    world.withdraw(sealed).unwrap();
    assert!(matches!(world.office(deliver(package, "BOLT")), Err(Refusal::NotInForce { .. })));
    // Whoever has it may still say so, and it stays among what was said.
    world.acts("ACME", acknowledge(package)).unwrap();
    assert_eq!(world.state().history().releases, 1);
    let body = ActBody::Propose(world.reform("less", vec![act::Change::RemoveEligibility(eligibility())]));
    let entry = world.signed(act::OFFICE, body);
    world.admit(&entry).unwrap();
    let reform = ledger::Digest::of(&entry);
    world.withdraw(reform).unwrap();
    assert_eq!(world.outcome(&reform), Some(Outcome::Withdrawn));
}

#[test]
fn a_release_takes_the_place_of_another() {
    let mut world = World::small();
    let first = world.agree("first");
    world.seal(first, digest("first package")).unwrap();
    let mut draft = world.release("second");
    draft.supersedes = Some(first);
    let propose = world.circulate("second", Subject::Release(draft));
    let second = world.propose(propose).unwrap();
    world.approve("AA", second).unwrap();
    world.approve("BB", second).unwrap();
    assert!(matches!(world.state().release(&first), Some(Release::Sealed(_))), "until it is sealed");
    world.seal(second, digest("second package")).unwrap();
    assert!(matches!(world.state().release(&first), Some(Release::Superseded(_))));
    world.seal(second, digest("another copy")).unwrap();
    assert!(matches!(world.withdraw(first), Err(Refusal::NothingToWithdraw { .. })));
    assert_eq!(world.state().history().releases, 2);
}

#[test]
fn a_roster_change_makes_an_agreement_stale_and_lets_it_circulate_again() {
    let mut world = World::small();
    let first = world.agree("demand");
    let line = act::Eligibility { party: code("YY"), ..eligibility() };
    world.change_by_silence("one more line", act::Change::AddEligibility(line), 10);
    assert!(matches!(world.seal(first, digest("no")), Err(Refusal::WrongEpoch { .. })));
    let second = world.agree("demand");
    world.seal(second, digest("package")).unwrap();
    assert!(matches!(world.state().release(&first), Some(Release::Agreed(_))));
}

#[test]
fn a_seal_waits_for_the_witnesses_and_a_second_copy_does_not() {
    let mut world = World::witnessed();
    let proposal = world.agree("demand");
    assert!(matches!(world.seal(proposal, digest("package")), Err(Refusal::NotWitnessed { .. })));
    world.witness(&["W2", "W3"]).unwrap();
    let witnessed = world.state().witnessed();
    assert_eq!(witnessed, world.log.len() as u64 - 1, "the entry itself was not there yet");
    world.seal(proposal, digest("package")).unwrap();
    world.seal(proposal, digest("copy")).unwrap();
    // A checkpoint that is cosigned later, of fewer entries, takes nothing back.
    let body = cosigned(world.fold.tree(), witnessed - 1, &["W1", "W2"]);
    assert!(world.office(body).is_err());
    assert_eq!(world.state().witnessed(), witnessed);
}

#[test]
fn a_statement_says_what_is_signed() {
    let mut world = World::small();
    let proposal = world.propose(world.draft("demand 2026")).unwrap();
    let body = object_of(world.state(), proposal);
    let act = world.state().act(code("AA"), &key("AA").key().id(), body).unwrap();
    let words = statement::of(&act, world.state()).to_string();
    let head = "AA objects to the proposal below, in round 1 of roster 1.\n  reason        | too revealing\n";
    assert!(words.starts_with(head), "{words}");
    let release = world.state().release(&proposal).unwrap().protected().draft().clone();
    let history = History::EMPTY;
    for line in [
        format!("proposal      | {proposal}"),
        "title         | demand 2026".to_owned(),
        "content       | figures".to_owned(),
        format!("release       | {}", release.release),
        format!("certificate   | {}", release.certificate),
        format!("safe with     | {} releases sealed before ({})", history.releases, history.head),
        "audience      | ACME, BOLT".to_owned(),
        "originators   | AA, BB".to_owned(),
        "deadline      | 2026-03-01T01:40:00Z".to_owned(),
        format!("own exposure  | {}", release.originators[&code("AA")]),
        "counter       | 1".to_owned(),
    ] {
        assert!(words.contains(&format!("\n  {line}\n")), "{line} is not in\n{words}");
    }
}

#[test]
fn a_statement_of_an_amended_draft_says_what_changed() {
    let mut world = World::small();
    let first = world.propose(world.draft("demand")).unwrap();
    world.object("AA", first).unwrap();
    let words = |world: &World, propose| {
        let act = world.state().act(Code::office(), &key(act::OFFICE).key().id(), ActBody::Propose(propose));
        statement::of(&act.unwrap(), world.state()).to_string()
    };
    let same = words(&world, world.draft("demand"));
    assert!(same.contains("\n  changed       | nothing but round and deadline\n"), "{same}");
    let mut amended = world.release("demand");
    amended.audience.remove(&code("BOLT"));
    let narrower = words(&world, world.circulate("demand", Subject::Release(amended)));
    assert!(narrower.contains("\n  changed       | no more to BOLT\n"), "{narrower}");
    assert!(narrower.contains(&format!("\n  amends        | {first}\n")));
}

#[test]
fn a_reason_cannot_pose_as_another_line_of_the_statement() {
    let mut world = World::small();
    let proposal = world.propose(world.draft("demand")).unwrap();
    let said = reasoned_of(world.state(), proposal, "no\naudience      | nobody");
    let act = world.state().act(code("AA"), &key("AA").key().id(), ActBody::Object(said)).unwrap();
    let words = statement::of(&act, world.state()).to_string();
    assert!(words.contains("\n                | audience      | nobody\n"), "{words}");
}

/// One act of every kind, for a proposal and its package.
fn one_of_each(
    world: &World,
    proposal: ledger::Digest,
    package: ledger::Digest,
) -> Vec<(&'static str, ActBody)> {
    let ballot = ballot_of(world.state(), proposal);
    let said = || reasoned_of(world.state(), proposal, "because");
    let (grant, lost) = (entrust().digest().unwrap(), key("AA").key().id());
    let reason = reason("an error");
    vec![
        ("BB", ActBody::Approve(ballot)),
        ("BB", ActBody::Waive(ballot)),
        ("BB", ActBody::Retract(ballot)),
        ("BB", ActBody::Endorse(ballot)),
        ("BB", ActBody::Object(said())),
        ("BB", ActBody::Amend(said())),
        ("BB", ActBody::Reserve(said())),
        ("BB", consent_of(world.state(), proposal, &["A"])),
        (act::OFFICE, ActBody::Register(register_of(1, digest("box")))),
        (act::OFFICE, ActBody::Extend(act::Extend { proposal, deadline_utc: minute(300) })),
        (act::OFFICE, ActBody::Withdraw(act::Withdraw { proposal, reason: reason.clone() })),
        (act::OFFICE, ActBody::Seal(act::Seal { proposal, package })),
        (act::OFFICE, deliver(package, "ACME")),
        ("ACME", acknowledge(package)),
        (act::OFFICE, answer(proposal, "ACME", AccessDecision::Granted)),
        (act::OFFICE, answer(proposal, "ACME", AccessDecision::Refused(AccessRefusal::Binding))),
        ("AA", deposit("AA")),
        ("AA", ActBody::Entrust(entrust())),
        ("AA", ActBody::Reclaim(act::Reclaim { grant })),
        ("AA", ActBody::Revoke(act::Revoke { key: lost, reason })),
        (act::OFFICE, tick(7)),
        (act::OFFICE, cosigned(world.fold.tree(), 1, &["W1"])),
        (act::OFFICE, ActBody::Propose(world.draft("another"))),
        (act::OFFICE, world.acts[0].act.body.clone()),
    ]
}

#[test]
fn every_act_has_a_statement_and_what_is_unknown_is_said_to_be() {
    let mut world = World::small();
    let proposal = world.agree("demand");
    let package = digest("package");
    world.seal(proposal, package).unwrap();
    for (actor, body) in one_of_each(&world, proposal, package) {
        let act = world.state().act(code(actor), &key(actor).key().id(), body).unwrap();
        let known = statement::of(&act, world.state());
        assert!(known.sentence.starts_with(actor) && known.sentence.ends_with('.'), "{known}");
        assert!(!known.to_string().contains("not known"), "{known}");
        let unknown = statement::of(&act, &crate::State::default()).to_string();
        let names = matches!(
            act.body,
            ActBody::Approve(_)
                | ActBody::Waive(_)
                | ActBody::Retract(_)
                | ActBody::Endorse(_)
                | ActBody::Object(_)
                | ActBody::Amend(_)
                | ActBody::Reserve(_)
                | ActBody::Consent(_)
                | ActBody::Extend(_)
                | ActBody::Withdraw(_)
                | ActBody::Seal(_)
                | ActBody::Deliver(_)
                | ActBody::Acknowledge(_)
                | ActBody::KeyAccess(_)
        );
        assert_eq!(unknown.contains("not known"), names, "{unknown}");
    }
}
