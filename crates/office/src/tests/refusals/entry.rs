//! Rules of the entry, of the log's beginning, of counters and time.

use ledger::{
    act::{self, ActBody, Code, Counter},
    dsse::{Envelope, EnvelopeError},
    merkle::Tree,
};

use super::{
    super::world::{self, World, acknowledge, code, deposit, digest, key, minute, tick},
    Met,
};
use crate::{Command, Context, EntryIndex, Refusal, RosterError, decide};

pub(super) fn envelope(met: &mut Met) {
    let mut world = World::small();
    met.refused(world.admit(b"{}"), &Refusal::Envelope { source: EnvelopeError::NotAnEnvelope });
    met.breaks(world.admit(b""));
    let mut spaced = world.signed("AA", deposit("AA"));
    spaced.push(b'\n');
    met.breaks(world.admit(&spaced));
}

pub(super) fn act(met: &mut Met) {
    let mut world = World::small();
    let other_type = Envelope::sign("application/json", b"{}", &key("AA")).unwrap().to_bytes();
    let not_json = Envelope::sign(act::PAYLOAD_TYPE, b"{", &key("AA")).unwrap().to_bytes();
    let signed = Envelope::from_bytes(&world.signed("AA", deposit("AA"))).unwrap();
    let twice_signed = signed.sign_also(&key("BB")).unwrap().to_bytes();
    for entry in [other_type, not_json, twice_signed] {
        met.breaks(world.admit(&entry));
    }
}

pub(super) fn next_entry(met: &mut Met) {
    let world = World::small();
    let command = Command::read(&world.signed("AA", deposit("AA"))).unwrap();
    let expected = EntryIndex(2);
    for offered in [0, 1, 3] {
        let found = EntryIndex(offered);
        let context = Context { entry: found, tree: world.fold.tree() };
        met.refused(decide(world.state(), &command, &context), &Refusal::NotNext { expected, found });
    }
    let shorter = Tree::of_entries(&world.log[..1]);
    let context = Context { entry: expected, tree: &shorter };
    met.breaks(decide(world.state(), &command, &context));
    let longer = Tree::of_entries(world.log.iter().map(Vec::as_slice).chain([&b"more"[..]]));
    let context = Context { entry: EntryIndex(3), tree: &longer };
    met.breaks(decide(world.state(), &command, &context));
    let context = Context { entry: expected, tree: world.fold.tree() };
    assert!(decide(world.state(), &command, &context).is_ok());
}

pub(super) fn founded_once(met: &mut Met) {
    let mut world = World::empty();
    met.refused(world.office(tick(0)), &Refusal::NotFounded);
    met.refused(world.acts("AA", deposit("AA")), &Refusal::NotFounded);
    let mut world = World::small();
    let roster = world::roster(&["AA"], &[]);
    met.refused(world.office(ActBody::Found(act::Found { roster })), &Refusal::AlreadyFounded);
}

pub(super) fn roster(met: &mut Met) {
    let founding = |roster| World::empty().office(ActBody::Found(act::Found { roster }));
    let none = act::Roster { members: Vec::new(), ..world::roster(&["AA"], &[]) };
    met.refused(founding(none), &Refusal::Roster { source: RosterError::NoMembers });
    let mut foreign = world::roster(&["AA"], &[]);
    foreign.office.delegation.delegates[0].key = world::delegate("AA", &[], world::far()).key;
    met.breaks(founding(foreign));
    let mut world = World::small();
    let nothing = world.reform("nothing", Vec::new());
    met.refused(world.propose(nothing), &Refusal::Roster { source: RosterError::Nothing });
}

pub(super) fn counter_rises(met: &mut Met) {
    let mut world = World::small();
    let first = world.signed_at("AA", 5, deposit("one"));
    world.admit(&first).unwrap();
    for found in [1, 4, 5] {
        let (last, found) = (Counter::new(5).unwrap(), Counter::new(found).unwrap());
        let entry = world.signed_at("AA", found.get(), deposit("two"));
        let expected = Refusal::CounterNotRising { actor: code("AA"), last, found };
        met.refused(world.admit(&entry), &expected);
    }
    met.breaks(world.admit(&first));
    // A counter may be passed over: the act that bore it was lost. Other keys have their own.
    let entry = world.signed_at("AA", 9, deposit("two"));
    world.admit(&entry).unwrap();
    let entry = world.signed_at("BB", 1, deposit("three"));
    world.admit(&entry).unwrap();
    let mut world = World::pairs();
    world.acts_by("AA", "AA", deposit("one")).unwrap();
    world.acts_by("AA", "AA.2", deposit("two")).unwrap();
    assert_eq!(world.acts[3].act.counter, Counter::FIRST);
}

pub(super) fn time_known(met: &mut Met) {
    let mut world = World::empty();
    world.office(ActBody::Found(act::Found { roster: world::roster(&["AA"], &["ACME"]) })).unwrap();
    met.refused(world.acts("AA", deposit("AA")), &Refusal::NoTime);
    let draft = world.draft("demand");
    met.refused(world.propose(draft), &Refusal::NoTime);
    met.refused(world.acts("AA", ActBody::Entrust(world::entrust())), &Refusal::NoTime);
    met.refused(world.revoke("AA", "AA", "AA"), &Refusal::NoTime);
    assert!(world.acts("ACME", acknowledge(digest("none"))).is_err());
}

pub(super) fn time_runs_forward(met: &mut Met) {
    let mut world = World::small();
    world.office(tick(10)).unwrap();
    let expected = Refusal::TimeRunsBack { last: minute(10), found: minute(9) };
    met.refused(world.office(tick(9)), &expected);
    world.office(tick(10)).unwrap();
    let at_utc = act::UtcTime::new("2026-03-01T00:09:59Z").unwrap();
    met.breaks(world.acts(Code::office().as_str(), ActBody::Tick(act::Tick { at_utc })));
}

pub(super) fn deposit_once(met: &mut Met) {
    let mut world = World::small();
    world.acts("AA", deposit("AA")).unwrap();
    let ActBody::Deposit(first) = deposit("AA") else { panic!("a deposit") };
    let same_content = act::Deposit { blob: digest("other box"), ..first.clone() };
    let same_box = act::Deposit { commitment: digest("other commitment"), ..first.clone() };
    for actor in ["AA", "BB"] {
        let answer = world.acts(actor, ActBody::Deposit(same_content.clone()));
        met.refused(answer, &Refusal::DepositRepeated { digest: first.commitment });
        let answer = world.acts(actor, ActBody::Deposit(same_box.clone()));
        met.refused(answer, &Refusal::DepositRepeated { digest: first.blob });
    }
}
