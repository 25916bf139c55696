//! Rules of actors, of their keys, and of what keys give beforehand.

use ledger::{
    act::{self, ActBody, Scope, Succession},
    act_key::Signer as _,
};

use super::{
    super::world::{
        MEMBER_SCOPES, World, acknowledge, approve_of, ballot_of, code, delegate, delegation, deliver,
        deposit, digest, entrust, far, key, minute, new_keys, object_of, roster, tick,
    },
    Met,
};
use crate::{Refusal, Role};

pub(super) fn known_actor(met: &mut Met) {
    let mut world = World::small();
    met.refused(world.acts("CC", deposit("CC")), &Refusal::UnknownActor { actor: code("CC") });
    met.refused(world.acts("aa", deposit("CC")), &Refusal::UnknownActor { actor: code("aa") });
    let ballot = ActBody::Endorse(ballot_of(world.state(), digest("none")));
    met.breaks(world.acts("CC", ballot));
}

pub(super) fn actor_key(met: &mut Met) {
    let mut world = World::small();
    for wrong in ["BB", "ACME", act::OFFICE, "nobody"] {
        let expected = Refusal::UnknownKey { actor: code("AA"), key: key(wrong).key().id() };
        met.refused(world.acts_by("AA", wrong, deposit("AA")), &expected);
    }
    // Signed by another key than the one that the envelope names.
    let act = world.state().act(code("AA"), &key("AA").key().id(), deposit("AA")).unwrap();
    let (right, wrong) = (act.sign(&key("AA")).unwrap().to_bytes(), act.sign(&key("BB")).unwrap().to_bytes());
    let text = String::from_utf8(wrong).unwrap();
    let named =
        text.replace(&key("BB").key().id().to_string(), &key("AA").key().id().to_string()).into_bytes();
    assert!(named != right);
    let refusal = met.breaks(world.admit(&named));
    assert!(matches!(&refusal, Refusal::WrongKey { actor, .. } if *actor == code("AA")), "{refusal}");
    // A key on the roster does not act for another party, even one that a proposal is about to give it.
    let new = new_keys("BB", Succession::Rotate, delegation(1, &["BB.2"], &MEMBER_SCOPES));
    let reform = world.reform("rotation", vec![new]);
    let proposal = world.propose(reform).unwrap();
    met.breaks(world.acts_by("BB", "BB.2", deposit("BB")));
    // Nor does it endorse for anybody but the party that it is named for.
    met.breaks(world.endorse("AA", "BB.2", proposal));
    world.endorse("BB", "BB.2", proposal).unwrap();
}

pub(super) fn key_revoked(met: &mut Met) {
    let mut world = World::pairs();
    world.revoke("AA", "AA.2", "AA.3").unwrap();
    let expected = Refusal::RevokedKey { actor: code("AA"), key: key("AA.3").key().id() };
    met.refused(world.acts_by("AA", "AA.3", deposit("AA")), &expected);
    met.refused(world.revoke("AA", "AA.3", "AA.3"), &expected);
    let proposal = world.propose(world.draft("demand")).unwrap();
    let body = object_of(world.state(), proposal);
    met.refused(world.acts_by("AA", "AA.3", body), &expected);
}

pub(super) fn key_expired(met: &mut Met) {
    let mut small = roster(&["AA", "BB"], &["ACME"]);
    small.members[0].delegation.delegates[0].expires_utc = minute(50);
    let mut world = World::with(small);
    world.office(tick(49)).unwrap();
    world.acts("AA", deposit("in time")).unwrap();
    world.office(tick(50)).unwrap();
    let expired = minute(50);
    let expected = Refusal::ExpiredKey { actor: code("AA"), key: key("AA").key().id(), expired };
    met.refused(world.acts("AA", deposit("late")), &expected);
    met.refused(world.revoke("AA", "AA", "AA"), &expected);
    world.acts("BB", deposit("BB")).unwrap();
}

pub(super) fn key_scope(met: &mut Met) {
    let mut split = roster(&["AA", "BB"], &["ACME", "BOLT"]);
    split.office.delegation.delegates = vec![
        delegate("OFFICE.clock", &[Scope::Clock], far()),
        delegate("OFFICE.head", &[Scope::Propose, Scope::Seal, Scope::Govern], far()),
    ];
    split.members[0].delegation.delegates = vec![
        delegate("AA.agrees", &[Scope::Agree], far()),
        delegate("AA.deposits", &[Scope::Deposit], far()),
        delegate("AA.governs", &[Scope::Govern], far()),
    ];
    let mut world = World::empty();
    world.acts_by(act::OFFICE, "OFFICE.head", ActBody::Found(act::Found { roster: split })).unwrap();
    let mut wrong = |world: &mut World, actor: &str, by: &str, body, scope| {
        met.refused(world.acts_by(actor, by, body), &Refusal::WrongScope { actor: code(actor), scope });
    };
    wrong(&mut world, act::OFFICE, "OFFICE.head", tick(0), Scope::Clock);
    world.acts_by(act::OFFICE, "OFFICE.clock", tick(0)).unwrap();
    let draft = ActBody::Propose(world.draft("demand"));
    wrong(&mut world, act::OFFICE, "OFFICE.clock", draft.clone(), Scope::Propose);
    let entry = world.signed_by(act::OFFICE, "OFFICE.head", draft);
    world.admit(&entry).unwrap();
    let proposal = ledger::Digest::of(&entry);
    let approve = approve_of(world.state(), proposal);
    wrong(&mut world, "AA", "AA.agrees", deposit("AA"), Scope::Deposit);
    wrong(&mut world, "AA", "AA.deposits", approve.clone(), Scope::Agree);
    wrong(&mut world, "AA", "AA.governs", approve.clone(), Scope::Agree);
    wrong(&mut world, "AA", "AA.deposits", ActBody::Entrust(entrust()), Scope::Agree);
    world.acts_by("AA", "AA.agrees", approve).unwrap();
    wrong(&mut world, act::OFFICE, "OFFICE.clock", deliver(digest("p"), "ACME"), Scope::Seal);
    let seal = ActBody::Seal(act::Seal { proposal, package: digest("p") });
    wrong(&mut world, act::OFFICE, "OFFICE.clock", seal, Scope::Seal);
    // What is said about the roster takes another scope than what is said about releases.
    let reform = ActBody::Propose(
        world.reform("a line less", vec![act::Change::RemoveEligibility(super::super::world::eligibility())]),
    );
    let entry = world.signed_by(act::OFFICE, "OFFICE.head", reform);
    world.admit(&entry).unwrap();
    let object = object_of(world.state(), ledger::Digest::of(&entry));
    wrong(&mut world, "AA", "AA.agrees", object.clone(), Scope::Govern);
    // A key may declare itself lost; others only by a key that governs.
    let lost = |name: &str| {
        let reason = super::super::world::reason("lost");
        ActBody::Revoke(act::Revoke { key: key(name).key().id(), reason })
    };
    wrong(&mut world, "AA", "AA.deposits", lost("AA.agrees"), Scope::Govern);
    world.acts_by("AA", "AA.deposits", lost("AA.deposits")).unwrap();
    world.acts_by("AA", "AA.governs", object).unwrap();
}

pub(super) fn actor_role(met: &mut Met) {
    let mut world = World::small();
    let proposal = world.propose(world.draft("demand")).unwrap();
    let draft = ActBody::Propose(world.draft("other"));
    let reform = ActBody::Propose(world.reform(
        "out",
        vec![super::super::world::new_keys(
            "BB",
            Succession::Recover,
            delegation(1, &["thief"], &MEMBER_SCOPES),
        )],
    ));
    let approve = approve_of(world.state(), proposal);
    let object = object_of(world.state(), proposal);
    let (grant, deadline_utc) = (digest("terms"), minute(500));
    let cases = [
        ("AA", tick(1), Role::Member),
        ("AA", draft.clone(), Role::Member),
        ("AA", reform, Role::Member),
        ("ACME", draft, Role::Receiver),
        ("AA", ActBody::Extend(act::Extend { proposal, deadline_utc }), Role::Member),
        ("AA", ActBody::Seal(act::Seal { proposal, package: digest("p") }), Role::Member),
        ("ACME", deliver(digest("p"), "ACME"), Role::Receiver),
        ("ACME", approve.clone(), Role::Receiver),
        (act::OFFICE, approve, Role::Office),
        (act::OFFICE, object, Role::Office),
        (act::OFFICE, deposit("office"), Role::Office),
        ("ACME", deposit("ACME"), Role::Receiver),
        ("ACME", ActBody::Entrust(entrust()), Role::Receiver),
        (act::OFFICE, ActBody::Reclaim(act::Reclaim { grant }), Role::Office),
        (act::OFFICE, acknowledge(digest("p")), Role::Office),
        ("BB", acknowledge(digest("p")), Role::Member),
    ];
    for (actor, body, role) in cases {
        met.refused(world.acts(actor, body), &Refusal::WrongRole { actor: code(actor), role });
    }
}

pub(super) fn endorse_named(met: &mut Met) {
    let mut world = World::three();
    let new = new_keys("AA", Succession::Rotate, delegation(1, &["AA.new"], &MEMBER_SCOPES));
    let reform = world.reform("rotation", vec![new]);
    let proposal = world.propose(reform).unwrap();
    for other in ["BB", "ACME", act::OFFICE] {
        let expected = Refusal::NotToEndorse { key: key(other).key().id() };
        met.refused(world.endorse(other, other, proposal), &expected);
    }
    // In a recovery the old keys have nothing to say.
    let new = new_keys("BB", Succession::Recover, delegation(1, &["BB.new"], &MEMBER_SCOPES));
    let reform = world.reform("recovery", vec![new]);
    let proposal = world.propose(reform).unwrap();
    met.breaks(world.endorse("BB", "BB", proposal));
    let release = world.propose(world.draft("demand")).unwrap();
    met.breaks(world.endorse("BB", "BB", release));
}

pub(super) fn endorse_once(met: &mut Met) {
    let mut world = World::three();
    let new = new_keys("AA", Succession::Rotate, delegation(1, &["AA.new"], &MEMBER_SCOPES));
    let reform = world.reform("rotation", vec![new]);
    let proposal = world.propose(reform).unwrap();
    for one in ["AA", "AA.new"] {
        world.endorse("AA", one, proposal).unwrap();
        let expected = Refusal::AlreadyEndorsed { key: key(one).key().id() };
        met.refused(world.endorse("AA", one, proposal), &expected);
    }
}

pub(super) fn grant_ahead(met: &mut Met) {
    let mut world = World::small();
    world.office(tick(10)).unwrap();
    for minutes in [9, 10] {
        let terms = act::Entrust { expires_utc: minute(minutes), ..entrust() };
        let expected = Refusal::GrantExpired { expires: minute(minutes), now: minute(10) };
        met.refused(world.acts("AA", ActBody::Entrust(terms)), &expected);
    }
    world.acts("AA", ActBody::Entrust(act::Entrust { expires_utc: minute(11), ..entrust() })).unwrap();
}

pub(super) fn grant_bounds(met: &mut Met) {
    let mut world = World::small();
    let nobody = act::Entrust { audience: [].into(), ..entrust() };
    let nothing = act::Entrust { contents: [].into(), ..entrust() };
    for terms in [nobody, nothing] {
        met.refused(world.acts("AA", ActBody::Entrust(terms)), &Refusal::GrantEmpty);
    }
}

pub(super) fn entrust_once(met: &mut Met) {
    let mut world = World::pairs();
    world.acts("AA", ActBody::Entrust(entrust())).unwrap();
    let expected = Refusal::AlreadyEntrusted { actor: code("AA") };
    met.refused(world.acts("AA", ActBody::Entrust(entrust())), &expected);
    world.acts_by("AA", "AA.2", ActBody::Entrust(entrust())).unwrap();
    met.refused(world.acts_by("AA", "AA.2", ActBody::Entrust(entrust())), &expected);
}

pub(super) fn known_grant(met: &mut Met) {
    let mut world = World::small();
    world.acts("AA", ActBody::Entrust(entrust())).unwrap();
    let grant = entrust().digest().unwrap();
    let reclaim = ActBody::Reclaim(act::Reclaim { grant });
    let expected = Refusal::UnknownGrant { actor: code("BB"), grant };
    met.refused(world.acts("BB", reclaim.clone()), &expected);
    world.acts("AA", reclaim.clone()).unwrap();
    let expected = Refusal::UnknownGrant { actor: code("AA"), grant };
    met.refused(world.acts("AA", reclaim), &expected);
}

pub(super) fn revoke_own(met: &mut Met) {
    let mut world = World::small();
    for other in ["BB", "ACME", act::OFFICE, "nobody"] {
        let expected = Refusal::ForeignKey { actor: code("AA"), key: key(other).key().id() };
        met.refused(world.revoke("AA", "AA", other), &expected);
    }
    met.breaks(world.revoke(act::OFFICE, act::OFFICE, "AA"));
}

pub(super) fn revoke_once(met: &mut Met) {
    let mut world = World::pairs();
    world.revoke("AA", "AA.2", "AA").unwrap();
    let expected = Refusal::AlreadyRevoked { key: key("AA").key().id() };
    met.refused(world.revoke("AA", "AA.2", "AA"), &expected);
    met.refused(world.revoke("AA", "AA.3", "AA"), &expected);
}
