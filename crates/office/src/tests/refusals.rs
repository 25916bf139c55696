//! One test a refusal: the rule that was broken is the rule that is named, and nothing changes.

use ledger::{
    act::{self, Act, ActBody, Code, Counter, Epoch, RoundNumber, Schema},
    dsse::{Envelope, EnvelopeError},
};

use super::world::{
    World, acknowledge, approve_of, code, codes, deliver, deposit, digest, key, minute, roster, tick,
};
use crate::{
    Command, Context, Decision, EntryIndex, Event, Fact, Outcome, Refusal, Role, RosterError, Stamp, Terms,
    agreement::Round, apply, decide,
};

/// Refused with this, and with a rule and advice to go with it.
#[track_caller]
fn refused<T: std::fmt::Debug>(answer: Result<T, Refusal>, expected: &Refusal) {
    let refusal = answer.unwrap_err();
    assert_eq!(&refusal, expected);
    speaks(&refusal);
}

/// Message and advice keep the house's form: no capital, no full stop, something to do.
#[track_caller]
fn speaks(refusal: &Refusal) {
    let message = refusal.to_string();
    assert!(!message.ends_with('.') && !message.contains('\n'), "{message}");
    assert!(!message.starts_with(|c: char| c.is_ascii_uppercase()), "{message}");
    assert!(!refusal.advice().is_empty() && !refusal.advice().ends_with('.'));
    assert!(refusal.rule().bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", refusal.rule());
}

#[test]
fn envelope() {
    let refusal = World::small().admit(b"{}").unwrap_err();
    assert_eq!(refusal, Refusal::Envelope(EnvelopeError::NotAnEnvelope));
    speaks(&refusal);
}

#[test]
fn act() {
    let mut world = World::small();
    let other_type = Envelope::sign("application/json", b"{}", &key("AA")).unwrap().to_bytes();
    let not_json = Envelope::sign(act::PAYLOAD_TYPE, b"{", &key("AA")).unwrap().to_bytes();
    let signed = Envelope::from_bytes(&world.signed("AA", deposit("AA"))).unwrap();
    let twice_signed = signed.sign_also(&key("BB")).unwrap().to_bytes();
    for entry in [other_type, not_json, twice_signed] {
        let refusal = world.admit(&entry).unwrap_err();
        assert!(matches!(refusal, Refusal::Act(_)), "{refusal}");
        speaks(&refusal);
    }
}

#[test]
fn next_entry() {
    let world = World::small();
    let command = Command::read(&world.signed("AA", deposit("AA"))).unwrap();
    for offered in [0, 1, 3] {
        let answer = decide(&world.state, command.clone(), &Context { entry: EntryIndex(offered) });
        refused(answer, &Refusal::NotNext { expected: EntryIndex(2), found: EntryIndex(offered) });
    }
    assert!(Refusal::NotNext { expected: EntryIndex(2), found: EntryIndex(1) }.is_retryable());
    assert!(decide(&world.state, command, &Context { entry: EntryIndex(2) }).is_ok());
}

#[test]
fn founded_once() {
    let mut empty = World::empty();
    refused(empty.office(tick(0)), &Refusal::NotFounded);
    let mut world = World::small();
    let found = ActBody::Found(act::Found { roster: roster(&["AA"], &[]) });
    refused(world.office(found), &Refusal::AlreadyFounded);
}

#[test]
fn a_log_is_founded_by_the_office_key_that_it_names() {
    let mut world = World::empty();
    let found = ActBody::Found(act::Found { roster: roster(&["AA"], &[]) });
    let act = Act::new(Code::office(), Counter::FIRST, found.clone());
    let entry = act.sign(&key("AA")).unwrap().to_bytes();
    assert!(matches!(world.admit(&entry), Err(Refusal::WrongKey { .. })));
    refused(world.acts("AA", found), &Refusal::WrongRole { actor: code("AA"), role: Role::Member });
}

#[test]
fn roster_faults() {
    let founding = |roster: act::Roster| World::empty().office(ActBody::Found(act::Found { roster }));
    let fault = |error: RosterError| Refusal::Roster(error);
    refused(founding(roster(&[], &["ACME"])), &fault(RosterError::NoMembers));
    for members in [["BB", "AA"], ["AA", "AA"]] {
        refused(founding(roster(&members, &[])), &fault(RosterError::Order { code: code(members[1]) }));
    }
    refused(founding(roster(&["AA"], &["Z", "B"])), &fault(RosterError::Order { code: code("B") }));
    refused(founding(roster(&["AA"], &["AA"])), &fault(RosterError::Ambiguous { code: code("AA") }));
    for (members, companies) in [(vec![act::OFFICE], vec![]), (vec!["AA"], vec![act::OFFICE])] {
        let error = RosterError::Ambiguous { code: Code::office() };
        refused(founding(roster(&members, &companies)), &fault(error));
    }
    let mut shared = roster(&["AA", "BB"], &["ACME"]);
    shared.companies[0].key = shared.members[0].key;
    refused(founding(shared), &fault(RosterError::SharedKey { code: code("ACME") }));
    let mut shared = roster(&["AA", "BB"], &[]);
    shared.members[1].key = shared.office.key;
    refused(founding(shared), &fault(RosterError::SharedKey { code: code("BB") }));
}

#[test]
fn known_actor() {
    let mut world = World::small();
    refused(world.acts("CC", deposit("CC")), &Refusal::UnknownActor { actor: code("CC") });
    refused(world.acts("aa", deposit("CC")), &Refusal::UnknownActor { actor: code("aa") });
}

#[test]
fn actor_key() {
    let mut world = World::small();
    let act = world.state.act(code("AA"), deposit("AA")).unwrap();
    for wrong in ["BB", "ACME", act::OFFICE, "nobody"] {
        let refusal = world.admit(&act.sign(&key(wrong)).unwrap().to_bytes()).unwrap_err();
        assert!(matches!(&refusal, Refusal::WrongKey { actor, .. } if *actor == code("AA")), "{refusal}");
        speaks(&refusal);
    }
}

#[test]
fn actor_role() {
    let mut world = World::small();
    let proposal = world.propose(world.draft("demand")).unwrap();
    let draft = ActBody::Propose(world.draft("other"));
    let cases = [
        ("AA", tick(1), Role::Member),
        ("AA", draft.clone(), Role::Member),
        ("ACME", draft, Role::Company),
        ("AA", ActBody::Seal(act::Seal { proposal, package: digest("p") }), Role::Member),
        ("ACME", deliver(digest("p"), "ACME"), Role::Company),
        ("ACME", approve_of(&world.state, proposal), Role::Company),
        (act::OFFICE, approve_of(&world.state, proposal), Role::Office),
        (act::OFFICE, super::world::object_of(&world.state, proposal), Role::Office),
        (act::OFFICE, deposit("office"), Role::Office),
        ("ACME", deposit("ACME"), Role::Company),
        (act::OFFICE, acknowledge(digest("p")), Role::Office),
        ("BB", acknowledge(digest("p")), Role::Member),
    ];
    for (actor, body, role) in cases {
        refused(world.acts(actor, body), &Refusal::WrongRole { actor: code(actor), role });
    }
}

#[test]
fn counter_rises() {
    let mut world = World::small();
    world.admit(&world.signed_at("AA", 5, deposit("one"))).unwrap();
    for found in [1, 4, 5] {
        let (last, found) = (Counter::new(5).unwrap(), Counter::new(found).unwrap());
        let entry = world.signed_at("AA", found.get(), deposit("two"));
        refused(world.admit(&entry), &Refusal::CounterNotRising { actor: code("AA"), last, found });
    }
    // A counter may be passed over: the act that bore it was lost. Other actors have their own.
    world.admit(&world.signed_at("AA", 9, deposit("two"))).unwrap();
    world.admit(&world.signed_at("BB", 1, deposit("three"))).unwrap();
}

#[test]
fn time_known() {
    let mut world = World::empty();
    world.office(ActBody::Found(act::Found { roster: roster(&["AA"], &["ACME"]) })).unwrap();
    refused(world.acts("AA", deposit("AA")), &Refusal::NoTime);
    refused(world.propose(world.draft("demand")), &Refusal::NoTime);
    let proposal = digest("none");
    refused(world.approve("AA", proposal), &Refusal::NoTime);
}

#[test]
fn time_runs_forward() {
    let mut world = World::small();
    world.office(tick(10)).unwrap();
    refused(world.office(tick(9)), &Refusal::TimeRunsBack { last: minute(10), found: minute(9) });
    world.office(tick(10)).unwrap();
}

#[test]
fn deposit_once() {
    let mut world = World::small();
    world.acts("AA", deposit("AA")).unwrap();
    let ActBody::Deposit(first) = deposit("AA") else { panic!("a deposit") };
    let same_content = act::Deposit { blob: digest("other box"), ..first.clone() };
    let same_box = act::Deposit { commitment: digest("other commitment"), ..first.clone() };
    for actor in ["AA", "BB"] {
        let answer = world.acts(actor, ActBody::Deposit(same_content.clone()));
        refused(answer, &Refusal::DepositRepeated { digest: first.commitment });
        let answer = world.acts(actor, ActBody::Deposit(same_box.clone()));
        refused(answer, &Refusal::DepositRepeated { digest: first.blob });
    }
}

#[test]
fn known_proposal() {
    let mut world = World::small();
    let proposal = digest("never proposed");
    refused(world.approve("AA", proposal), &Refusal::UnknownProposal { proposal });
    refused(world.object("AA", proposal), &Refusal::UnknownProposal { proposal });
    refused(world.seal(proposal, digest("package")), &Refusal::UnknownProposal { proposal });
}

#[test]
fn round() {
    let mut world = World::small();
    let (one, two) = (RoundNumber::FIRST, RoundNumber::new(2).unwrap());
    let mut draft = world.draft("demand");
    draft.round = two;
    refused(world.propose(draft), &Refusal::WrongRound { expected: one, found: two });
    let proposal = world.propose(world.draft("demand")).unwrap();
    let approve = act::Approve { proposal, round: two, roster_epoch: Epoch::FIRST };
    refused(world.acts("AA", ActBody::Approve(approve)), &Refusal::WrongRound { expected: one, found: two });
}

#[test]
fn roster_epoch() {
    let mut world = World::small();
    let (one, two) = (Epoch::FIRST, Epoch::new(2).unwrap());
    let mut draft = world.draft("demand");
    draft.roster_epoch = two;
    refused(world.propose(draft), &Refusal::WrongEpoch { expected: one, found: two });
    let proposal = world.propose(world.draft("demand")).unwrap();
    let (round, roster_epoch) = (RoundNumber::FIRST, two);
    let approve = ActBody::Approve(act::Approve { proposal, round, roster_epoch });
    refused(world.acts("AA", approve), &Refusal::WrongEpoch { expected: one, found: two });
}

#[test]
fn deadline_ahead() {
    let mut world = World::small();
    world.office(tick(10)).unwrap();
    for minutes in [9, 10] {
        let mut draft = world.draft("demand");
        draft.deadline_utc = minute(minutes);
        let expected = Refusal::DeadlineNotAhead { deadline: minute(minutes), now: minute(10) };
        refused(world.propose(draft), &expected);
    }
    let mut draft = world.draft("demand");
    draft.deadline_utc = minute(11);
    world.propose(draft).unwrap();
}

#[test]
fn audience() {
    let mut world = World::small();
    let mut draft = world.draft("demand");
    draft.audience = codes(&[]);
    refused(world.propose(draft.clone()), &Refusal::NoAudience);
    for unknown in ["NEWCO", "AA"] {
        draft.audience = codes(&["ACME", unknown]);
        refused(world.propose(draft.clone()), &Refusal::UnknownAudience { company: code(unknown) });
    }
}

#[test]
fn originators() {
    let mut world = World::small();
    let mut draft = world.draft("demand");
    draft.originators = codes(&[]);
    refused(world.propose(draft.clone()), &Refusal::NoOriginators);
    for unknown in ["CC", "ACME"] {
        draft.originators = codes(&["AA", unknown]);
        refused(world.propose(draft.clone()), &Refusal::UnknownOriginator { member: code(unknown) });
    }
    world.acts("BB", deposit("BB")).unwrap();
    draft.originators = codes(&["AA"]);
    refused(world.propose(draft.clone()), &Refusal::OriginatorLeftOut { member: code("BB") });
    draft.originators = codes(&["BB"]);
    world.propose(draft).unwrap();
}

#[test]
fn history_whole() {
    let mut world = World::small();
    let first = world.agree("one");
    let late = world.agree("late");
    let mut draft = world.draft("two");
    draft.history = vec![digest("one release")];
    refused(world.propose(draft), &Refusal::HistoryNotWhole { sealed: 0 });
    world.seal(first, digest("package")).unwrap();
    let mut draft = world.draft("two");
    draft.history = Vec::new();
    refused(world.propose(draft), &Refusal::HistoryNotWhole { sealed: 1 });
    refused(world.seal(late, digest("late package")), &Refusal::HistoryNotWhole { sealed: 1 });
}

#[test]
fn one_round_open() {
    let mut world = World::small();
    world.propose(world.draft("demand")).unwrap();
    let answer = world.propose(world.draft("demand"));
    refused(answer, &Refusal::RoundOpen { title: super::world::title("demand") });
}

#[test]
fn agreed_once() {
    let mut world = World::small();
    let proposal = world.agree("demand");
    let expected = Refusal::AlreadyAgreed { title: super::world::title("demand") };
    refused(world.propose(world.draft("demand")), &expected);
    world.seal(proposal, digest("package")).unwrap();
    refused(world.propose(world.draft("demand")), &expected);
}

#[test]
fn round_members() {
    let terms = Terms {
        proposal: digest("proposal"),
        number: RoundNumber::FIRST,
        epoch: Epoch::FIRST,
        deadline: minute(10),
        members: codes(&["AA"]),
        originators: codes(&["AA"]),
    };
    let round = Round::open(terms, Stamp { entry: EntryIndex(0), at: Some(minute(0)) });
    let (approve, now) = (Decision::Approve, minute(1));
    let answer = round.admit(&code("BB"), RoundNumber::FIRST, Epoch::FIRST, &approve, now);
    refused(answer, &Refusal::NotInRound { actor: code("BB") });
    assert!(round.admit(&code("AA"), RoundNumber::FIRST, Epoch::FIRST, &approve, now).is_ok());
}

#[test]
fn deadline() {
    let mut world = World::small();
    let proposal = world.propose(world.draft("demand")).unwrap();
    world.office(tick(99)).unwrap();
    world.approve("AA", proposal).unwrap();
    world.office(tick(100)).unwrap();
    let late = Refusal::Late { deadline: minute(100), now: minute(100) };
    refused(world.approve("BB", proposal), &late);
    refused(world.object("BB", proposal), &late);
}

#[test]
fn one_outcome() {
    let mut world = World::small();
    let proposal = world.agree("demand");
    let closed = Refusal::RoundClosed { outcome: Outcome::Agreed };
    refused(world.object("BB", proposal), &closed);
    refused(world.approve("BB", proposal), &closed);
    let proposal = world.propose(world.draft("other")).unwrap();
    world.object("AA", proposal).unwrap();
    refused(world.object("BB", proposal), &Refusal::RoundClosed { outcome: Outcome::Objected });
}

#[test]
fn decide_once() {
    let mut world = World::small();
    let proposal = world.propose(world.draft("demand")).unwrap();
    world.approve("AA", proposal).unwrap();
    refused(world.approve("AA", proposal), &Refusal::AlreadyDecided { actor: code("AA") });
}

#[test]
fn only_agreed_is_sealed() {
    let mut world = World::small();
    let open = world.propose(world.draft("open")).unwrap();
    refused(world.seal(open, digest("package")), &Refusal::NotAgreed { proposal: open });
    world.approve("AA", open).unwrap();
    refused(world.seal(open, digest("package")), &Refusal::NotAgreed { proposal: open });
    world.object("BB", open).unwrap();
    refused(world.seal(open, digest("package")), &Refusal::NotAgreed { proposal: open });
}

#[test]
fn seal_once() {
    let mut world = World::small();
    let proposal = world.agree("demand");
    let package = digest("package");
    world.seal(proposal, package).unwrap();
    refused(world.seal(proposal, package), &Refusal::PackageRepeated { package });
    let other = world.agree("other");
    refused(world.seal(other, package), &Refusal::PackageRepeated { package });
}

#[test]
fn packages_bounded() {
    let mut world = World::small();
    let proposal = world.agree("demand");
    // Straight through `apply`: signing so many seals would take minutes.
    for number in 0..crate::PACKAGES_MAX {
        let fact = Fact::Sealed { proposal, package: digest(&number.to_string()) };
        let stamp = Stamp { entry: EntryIndex(5 + number as u64), at: Some(minute(0)) };
        let (schema, counter) = (Schema::V1, Counter::new(4).unwrap());
        apply(&mut world.state, &Event { schema, stamp, actor: Code::office(), counter, fact });
    }
    let command = Command::read(
        &world.signed(act::OFFICE, ActBody::Seal(act::Seal { proposal, package: digest("one more") })),
    );
    let answer = decide(&world.state, command.unwrap(), &Context { entry: world.state.next_entry() });
    refused(answer, &Refusal::TooManyPackages { found: crate::PACKAGES_MAX });
}

#[test]
fn known_package() {
    let mut world = World::small();
    world.agree("demand");
    let package = digest("package");
    refused(world.office(deliver(package, "ACME")), &Refusal::UnknownPackage { package });
    refused(world.acts("ACME", acknowledge(package)), &Refusal::UnknownPackage { package });
}

#[test]
fn agreed_audience() {
    let mut world = World::small();
    let mut draft = world.draft("demand");
    draft.audience = codes(&["ACME"]);
    let proposal = world.propose(draft).unwrap();
    world.approve("AA", proposal).unwrap();
    world.approve("BB", proposal).unwrap();
    let package = digest("package");
    world.seal(proposal, package).unwrap();
    assert_eq!(world.state.sealed(&proposal).unwrap().deliver(digest("another"), &code("ACME")), None);
    for outsider in ["BOLT", "AA", "NEWCO"] {
        assert_eq!(world.state.sealed(&proposal).unwrap().deliver(package, &code(outsider)), None);
        let answer = world.office(deliver(package, outsider));
        refused(answer, &Refusal::NotInAudience { company: code(outsider) });
    }
}

#[test]
fn deliver_once() {
    let mut world = sealed();
    world.office(deliver(digest("package"), "ACME")).unwrap();
    let expected = Refusal::DeliveryRepeated { company: code("ACME") };
    refused(world.office(deliver(digest("package"), "ACME")), &expected);
    world.acts("ACME", acknowledge(digest("package"))).unwrap();
    refused(world.office(deliver(digest("package"), "ACME")), &expected);
}

#[test]
fn acknowledge_delivered() {
    let mut world = sealed();
    world.office(deliver(digest("package"), "ACME")).unwrap();
    let answer = world.acts("BOLT", acknowledge(digest("package")));
    refused(answer, &Refusal::NotDelivered { company: code("BOLT") });
}

#[test]
fn acknowledge_once() {
    let mut world = sealed();
    world.office(deliver(digest("package"), "ACME")).unwrap();
    world.acts("ACME", acknowledge(digest("package"))).unwrap();
    let answer = world.acts("ACME", acknowledge(digest("package")));
    refused(answer, &Refusal::AcknowledgementRepeated { company: code("ACME") });
}

/// A world in which `package` is sealed for both companies.
fn sealed() -> World {
    let mut world = World::small();
    let proposal = world.agree("demand");
    world.seal(proposal, digest("package")).unwrap();
    world
}
