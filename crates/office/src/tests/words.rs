//! What a signer is told before signing, and everybody afterwards.

use ledger::act::{self, ActBody, Code};
use ledger::act_key::Signer as _;

use super::world::{World, approve_of, code, digest, key, member, reason, tick};
use crate::{Fold, inbox, statement};

/// What would follow if the delegate signed this next.
fn foreseen(
    world: &World,
    actor: &str,
    delegate: &str,
    body: ActBody,
) -> Result<Vec<crate::Event>, crate::Refusal> {
    let key = key(delegate).key();
    let act = world.state().act(code(actor), &key.id(), body).unwrap();
    world.fold.foresee(&act, &key)
}

#[test]
fn what_is_foreseen_is_what_happens_and_admits_nothing() {
    let mut world = World::small();
    let proposal = world.propose(world.draft("demand")).unwrap();
    let before = world.fold.clone();
    let body = approve_of(world.state(), proposal);
    let events = foreseen(&world, "AA", "AA", body.clone()).unwrap();
    assert_eq!(world.fold, before);
    assert_eq!(events, world.acts("AA", body.clone()).unwrap());
    // Said already; a key of somebody else; a key that nobody knows.
    assert_eq!(foreseen(&world, "AA", "AA", body.clone()).unwrap_err().rule(), "decide-once");
    assert_eq!(foreseen(&world, "BB", "AA", body.clone()).unwrap_err().rule(), "actor-key");
    assert_eq!(foreseen(&world, "BB", "nobody", body).unwrap_err().rule(), "actor-key");
}

#[test]
fn a_foreseen_entry_is_none_that_the_log_takes() {
    let world = World::small();
    let signer = key(act::OFFICE).key();
    let act = world.state().act(Code::office(), &signer.id(), tick(1)).unwrap();
    world.fold.foresee(&act, &signer).unwrap();
    let payload = act.to_bytes().unwrap();
    let unsigned = ledger::dsse::Envelope::signed(act::PAYLOAD_TYPE, &payload, signer.id(), vec![0]).unwrap();
    let mut fold = world.fold.clone();
    assert_eq!(fold.admit(&unsigned.to_bytes()).unwrap_err().rule(), "actor-key");
    assert_eq!(Fold::default().foresee(&act, &signer).unwrap_err().rule(), "founded-once");
}

#[test]
fn events_are_told_with_titles_and_with_how_many_keys_are_missing() {
    let mut roster = super::world::roster(&["AA", "BB"], &["ACME"]);
    roster.members[0].delegation = super::world::delegation(2, &["AA", "AA.2"], &super::world::MEMBER_SCOPES);
    let mut world = World::with(roster);
    let told = |world: &World, events: &[crate::Event]| {
        events.iter().map(|event| statement::followed(event, world.state())).collect::<Vec<_>>()
    };
    let proposal = world.propose(world.draft("demand")).unwrap();
    let body = approve_of(world.state(), proposal);
    let first = world.acts_by("AA", "AA", body.clone()).unwrap();
    assert_eq!(told(&world, &first), ["a key of AA has approved `demand` (1 of 2 keys)"]);
    let waits = &inbox::inbox(world.state(), &code("AA"))[0];
    assert_eq!(waits.matter.to_string(), "`demand` waits for your yes: 1 of 2 keys have said so");
    assert_eq!(waits.urgency.to_string(), "last day");
    world.acts_by("AA", "AA.2", body.clone()).unwrap();
    let last = world.acts("BB", body).unwrap();
    assert_eq!(told(&world, &last), ["a key of BB has approved `demand`", "`demand` is agreed"]);
    let sealed = world.seal(proposal, digest("package")).unwrap();
    assert_eq!(told(&world, &sealed), [format!("package {} of `demand` is sealed", digest("package"))]);
    // A proposal that the state does not know is named by its digest.
    let unknown = statement::followed(&last[1], &crate::State::default());
    assert_eq!(unknown, format!("proposal {proposal} is agreed"));
    let withdraw = ActBody::Withdraw(act::Withdraw { proposal, reason: reason("a figure was wrong") });
    let withdrawn = world.office(withdraw).unwrap();
    assert_eq!(told(&world, &withdrawn), ["`demand` is withdrawn"]);
}

#[test]
fn a_ballot_on_an_amended_draft_says_what_the_amendment_changed() {
    let mut world = World::small();
    let first = world.propose(world.draft("demand")).unwrap();
    world.object("AA", first).unwrap();
    let mut draft = world.draft("demand");
    if let act::Subject::Release(release) = &mut draft.subject {
        release.release = digest("another release");
    }
    let second = world.propose(draft).unwrap();
    let act =
        world.state().act(code("AA"), &key("AA").key().id(), approve_of(world.state(), second)).unwrap();
    let words = statement::of(&act, world.state());
    assert!(words.details.contains(&("changed", "what would be released".to_owned())), "{words}");
    let joins = world.reform("CC joins", vec![act::Change::AddMember(member("CC"))]);
    let joins = world.propose(joins).unwrap();
    let act = world.state().act(code("AA"), &key("AA").key().id(), approve_of(world.state(), joins)).unwrap();
    assert!(statement::of(&act, world.state()).to_string().contains("CC joins; its keys: any 1 of: CC"));
}
