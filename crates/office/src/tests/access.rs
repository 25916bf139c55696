//! Who may have the key of a package, when, and what the log keeps of the answers.

use ledger::{
    Digest,
    act::{self, AccessDecision, AccessRefusal, Change, Level, Scope, Subject},
};

use super::world::{
    RECEIVER_SCOPES, World, acknowledge, answer, code, codes, delegate, delegation, deliver, digest,
    eligibility, far, label, minute, new_keys, receiver, roster, tick,
};
use crate::{Role, access::may_open, receipts::receipts, statement};

/// A world in which the release `demand` is sealed for both companies.
fn sealed() -> (World, Digest) {
    sealed_in(World::small())
}

fn sealed_in(mut world: World) -> (World, Digest) {
    let proposal = world.agree("demand");
    world.seal(proposal, digest("package")).unwrap();
    (world, proposal)
}

/// What the log says now, after it was tried as an act, both ways.
#[track_caller]
fn judged(world: &mut World, proposal: Digest, receiver: &str) -> Result<Level, AccessRefusal> {
    let now = world.state().now().unwrap();
    let found = may_open(world.state(), &proposal, &code(receiver), now).map(|access| access.level);
    let refused = AccessDecision::Refused(found.err().unwrap_or(AccessRefusal::NotNow));
    let (holds, not) =
        if found.is_ok() { (AccessDecision::Granted, refused) } else { (refused, AccessDecision::Granted) };
    assert_eq!(world.office(answer(proposal, receiver, not)).unwrap_err().rule(), "access-as-judged");
    world.office(answer(proposal, receiver, holds)).unwrap();
    found
}

#[test]
fn the_audience_of_a_sealed_release_may_open_it() {
    let (mut world, proposal) = sealed();
    assert_eq!(judged(&mut world, proposal, "ACME"), Ok(Level::Restricted));
    let access = may_open(world.state(), &proposal, &code("BOLT"), minute(1)).unwrap();
    assert_eq!(access.title.as_str(), "demand");
    assert_eq!(access.content, act::Content::Figures);
    assert_eq!(*access.label, label(label::Classification::NatoRestricted));
    // Nobody else, whatever it is.
    for other in ["AA", act::OFFICE, "NEWCO"] {
        assert_eq!(judged(&mut world, proposal, other), Err(AccessRefusal::Audience), "{other}");
    }
}

#[test]
fn nothing_is_opened_before_it_is_sealed_or_after_it_was_taken_back() {
    let mut world = World::small();
    assert_eq!(judged(&mut world, digest("nothing"), "ACME"), Err(AccessRefusal::UnknownRelease));
    let reform = world.reform("a line less", vec![Change::RemoveEligibility(eligibility())]);
    let reform = world.propose(reform).unwrap();
    assert_eq!(judged(&mut world, reform, "ACME"), Err(AccessRefusal::UnknownRelease));
    world.withdraw(reform).unwrap();
    let proposal = world.propose(world.draft("demand")).unwrap();
    assert_eq!(judged(&mut world, proposal, "ACME"), Err(AccessRefusal::NotSealed));
    world.approve("AA", proposal).unwrap();
    world.approve("BB", proposal).unwrap();
    assert_eq!(judged(&mut world, proposal, "ACME"), Err(AccessRefusal::NotSealed));
    world.seal(proposal, digest("package")).unwrap();
    assert!(judged(&mut world, proposal, "ACME").is_ok());
    world.withdraw(proposal).unwrap();
    assert_eq!(judged(&mut world, proposal, "ACME"), Err(AccessRefusal::Withdrawn));
    let refused = world.propose(world.draft("other")).unwrap();
    world.object("AA", refused).unwrap();
    assert_eq!(judged(&mut world, refused, "ACME"), Err(AccessRefusal::NotSealed));
}

#[test]
fn a_superseded_release_opens_no_more_and_the_later_one_opens_for_its_own_audience() {
    let (mut world, first) = sealed();
    let mut draft = world.release("second");
    (draft.supersedes, draft.audience) = (Some(first), codes(&["ACME"]));
    let propose = world.circulate("second", Subject::Release(draft));
    let second = world.propose(propose).unwrap();
    world.approve("AA", second).unwrap();
    world.approve("BB", second).unwrap();
    assert!(judged(&mut world, first, "BOLT").is_ok(), "until the later one is sealed");
    world.seal(second, digest("second")).unwrap();
    assert_eq!(judged(&mut world, first, "BOLT"), Err(AccessRefusal::Superseded));
    assert!(judged(&mut world, second, "ACME").is_ok());
    assert_eq!(judged(&mut world, second, "BOLT"), Err(AccessRefusal::Audience));
}

#[test]
fn clearance_and_agreement_are_those_of_now() {
    // An agreement that ends at minute 50, beside one for something else.
    let mut wire = roster(&["AA", "BB"], &["ACME", "BOLT"]);
    wire.eligibility[0].until_utc = minute(50);
    let (mut world, proposal) = sealed_in(World::with(wire));
    world.office(tick(49)).unwrap();
    assert!(judged(&mut world, proposal, "ACME").is_ok());
    world.office(tick(50)).unwrap();
    assert_eq!(judged(&mut world, proposal, "ACME"), Err(AccessRefusal::NotNow));
    // Cleared for less since, gone since, and no agreement any more.
    let (mut world, proposal) = sealed();
    let mut lower = receiver("ACME", "AA");
    lower.clearance = Level::Unclassified;
    let less = world.propose(world.reform("less", vec![Change::Receiver(lower)])).unwrap();
    world.approve("AA", less).unwrap();
    world.approve("BB", less).unwrap();
    assert_eq!(judged(&mut world, proposal, "ACME"), Err(AccessRefusal::Clearance));
    let leaving = act::Leaving { code: code("ACME") };
    world.change_by_silence("out", Change::RemoveReceiver(leaving), 20);
    assert_eq!(judged(&mut world, proposal, "ACME"), Err(AccessRefusal::NotOnRoster));
    world.change_by_silence("none", Change::RemoveEligibility(eligibility()), 30);
    assert_eq!(judged(&mut world, proposal, "BOLT"), Err(AccessRefusal::NoAgreement));
}

#[test]
fn a_receiver_without_a_key_in_force_opens_nothing_until_it_has_a_new_one() {
    let mut wire = roster(&["AA", "BB"], &["ACME", "BOLT"]);
    wire.receivers[0].delegation.delegates = vec![
        delegate("ACME", &RECEIVER_SCOPES, far()),
        delegate("ACME.2", &[Scope::Receive], minute(40)),
        delegate("ACME.3", &[Scope::Govern], far()),
    ];
    let (mut world, proposal) = sealed_in(World::with(wire));
    world.revoke("ACME", "ACME", "ACME").unwrap();
    assert!(judged(&mut world, proposal, "ACME").is_ok(), "another key still receives");
    world.office(tick(40)).unwrap();
    assert_eq!(judged(&mut world, proposal, "ACME"), Err(AccessRefusal::NoKey), "the last one has expired");
    assert!(judged(&mut world, proposal, "BOLT").is_ok());
    let new = new_keys("ACME", act::Succession::Recover, delegation(1, &["ACME.4"], &RECEIVER_SCOPES));
    let mut propose = world.reform("recovery", vec![new]);
    propose.deadline_utc = minute(60);
    let recovery = world.propose(propose).unwrap();
    world.endorse("ACME", "ACME.4", recovery).unwrap();
    world.approve("AA", recovery).unwrap();
    world.office(tick(60)).unwrap();
    assert_eq!(world.state().roster().unwrap().epoch().get(), 2);
    assert!(judged(&mut world, proposal, "ACME").is_ok());
}

#[test]
fn only_a_key_of_the_office_with_the_scope_answers() {
    let mut wire = roster(&["AA", "BB"], &["ACME", "BOLT"]);
    let scopes = [Scope::Clock, Scope::Propose, Scope::Seal, Scope::Govern];
    wire.office.delegation.delegates =
        vec![delegate(act::OFFICE, &scopes, far()), delegate("OFFICE.service", &[Scope::Access], far())];
    let (mut world, proposal) = sealed_in(World::with(wire));
    let given = answer(proposal, "ACME", AccessDecision::Granted);
    let scope = world.office(given.clone()).unwrap_err();
    assert_eq!(scope, crate::Refusal::WrongScope { actor: code(act::OFFICE), scope: Scope::Access });
    for (other, role) in [("AA", Role::Member), ("ACME", Role::Receiver)] {
        let refusal = world.acts(other, given.clone()).unwrap_err();
        assert_eq!(refusal, crate::Refusal::WrongRole { actor: code(other), role });
    }
    world.acts_by(act::OFFICE, "OFFICE.service", given).unwrap();
    // And that key answers only.
    let seal = act::ActBody::Seal(act::Seal { proposal, package: digest("another") });
    assert_eq!(world.acts_by(act::OFFICE, "OFFICE.service", seal).unwrap_err().rule(), "key-scope");
}

#[test]
fn the_log_keeps_who_was_told_what_about_which_release() {
    let (mut world, first) = sealed();
    let second = world.agree("second");
    world.seal(second, digest("second")).unwrap();
    let binding = AccessDecision::Refused(AccessRefusal::Binding);
    let events = world.office(answer(first, "ACME", AccessDecision::Granted)).unwrap();
    world.office(answer(second, "BOLT", AccessDecision::Granted)).unwrap();
    world.office(tick(5)).unwrap();
    world.office(answer(first, "ACME", binding)).unwrap();
    let told = |proposal: &Digest| {
        let answers = world.state().answers_about(proposal);
        answers
            .map(|one| (one.access.receiver.to_string(), one.access.decision, one.stamp.at))
            .collect::<Vec<_>>()
    };
    let acme = || "ACME".to_owned();
    assert_eq!(
        told(&first),
        [(acme(), AccessDecision::Granted, Some(minute(0))), (acme(), binding, Some(minute(5)))]
    );
    assert_eq!(told(&second).len(), 1);
    assert_eq!(told(&digest("nothing")), []);
    assert_eq!(world.state().answers().count(), 3);
    assert_eq!(
        statement::followed(&events[0], world.state()),
        "ACME asked for the key of a package of `demand`: granted"
    );
    let told = statement::of(&world.acts.last().unwrap().act, world.state()).to_string();
    assert!(told.starts_with("OFFICE refuses ACME the key of a package of the release below.\n"), "{told}");
    assert!(told.contains("reason        | the policy is not bound to the key of the package\n"), "{told}");
}

#[test]
fn receipts_tell_in_order_who_received_what() {
    let (mut world, proposal) = sealed();
    let package = digest("package");
    world.office(deliver(package, "BOLT")).unwrap();
    world.office(deliver(package, "ACME")).unwrap();
    world.office(answer(proposal, "ACME", AccessDecision::Granted)).unwrap();
    world.office(tick(7)).unwrap();
    world.acts("ACME", acknowledge(package)).unwrap();
    world.withdraw(proposal).unwrap();
    let withdrawn = AccessDecision::Refused(AccessRefusal::Withdrawn);
    world.office(answer(proposal, "ACME", withdrawn)).unwrap();
    let nothing = AccessDecision::Refused(AccessRefusal::UnknownRelease);
    world.office(answer(digest("nothing"), "BOLT", nothing)).unwrap();
    let told = receipts(world.state());
    let id = "0d9f5c1e-7a5b-4c3d-9e8f-001122334455";
    let words: Vec<String> = told.iter().map(|one| format!("{}: {}", one.receiver, one.what)).collect();
    assert_eq!(
        words,
        [
            format!("BOLT: package {package} was delivered"),
            format!("ACME: package {package} was delivered"),
            format!("ACME: key of package {id}: granted"),
            format!("ACME: package {package} was acknowledged"),
            format!("ACME: key of package {id}: refused: the release was withdrawn"),
            format!("BOLT: key of package {id}: refused: no such release is in the log"),
        ]
    );
    assert_eq!(told[0].title.as_ref().unwrap().as_str(), "demand");
    assert_eq!((told[2].stamp.at, told[3].stamp.at), (Some(minute(0)), Some(minute(7))));
    assert_eq!((&told[5].title, told[5].proposal), (&None, digest("nothing")));
    assert!(told.is_sorted_by(|a, b| a.stamp.entry < b.stamp.entry));
}
