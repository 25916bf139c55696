//! Rules of the release: draft, witnesses, seal, delivery, receipt, withdrawal.

use ledger::{
    act::{
        self, ActBody, Change, CheckpointText, Content, Counter, History, LabelXml, Level, Schema, Subject,
    },
    act_key::Signer as _,
    merkle::Tree,
    policy::PolicyError,
};

use super::{
    super::world::{
        World, acknowledge, code, codes, cosigned, deliver, deposit, digest, eligibility, key, minute,
        receiver, tick, wave_of,
    },
    Met,
};
use crate::{Command, Context, EntryIndex, Event, Fact, Refusal, Stamp, apply, decide, roster::Ineligible};

/// Circulates the world's own draft, changed.
fn propose_with(
    world: &mut World,
    change: impl FnOnce(&mut act::ReleaseDraft),
) -> Result<ledger::Digest, Refusal> {
    let mut draft = world.release("demand");
    change(&mut draft);
    let propose = world.circulate("demand", Subject::Release(draft));
    world.propose(propose)
}

/// A world in which `package` is sealed for both companies.
fn sealed() -> World {
    let mut world = World::small();
    let proposal = world.agree("demand");
    world.seal(proposal, digest("package")).unwrap();
    world
}

pub(super) fn audience(met: &mut Met) {
    let mut world = World::small();
    met.refused(propose_with(&mut world, |draft| draft.audience.clear()), &Refusal::NoAudience);
}

pub(super) fn eligible(met: &mut Met) {
    let mut world = World::small();
    for unknown in ["NEWCO", "AA"] {
        let answer = propose_with(&mut world, |draft| draft.audience = codes(&["ACME", unknown]));
        let source = Ineligible::Unknown { receiver: code(unknown) };
        met.refused(answer, &Refusal::NotEligible { source });
    }
    let secret = super::super::world::label(label::Classification::NatoConfidential);
    let answer = propose_with(&mut world, |draft| draft.label = secret);
    let (receiver_code, state) = (code("ACME"), code("XX"));
    let (content, level) = (Content::Figures, Level::Confidential);
    let source = Ineligible::NoAgreement { receiver: receiver_code, state, content, level };
    met.refused(answer, &Refusal::NotEligible { source });
    let mut cleared = super::super::world::roster(&["AA"], &["ACME"]);
    cleared.receivers[0].clearance = Level::Unclassified;
    met.breaks(propose_with(&mut World::with(cleared), |_| ()));
    // The table has dates, and what it allows may end between seal and delivery.
    let mut dated = super::super::world::roster(&["AA", "BB"], &["ACME", "BOLT"]);
    dated.eligibility[0].from_utc = minute(10);
    dated.eligibility[0].until_utc = minute(20);
    let mut world = World::with(dated);
    world.office(tick(9)).unwrap();
    met.breaks(propose_with(&mut world, |_| ()));
    world.office(tick(10)).unwrap();
    let proposal = world.agree("in time");
    world.seal(proposal, digest("package")).unwrap();
    world.office(tick(19)).unwrap();
    world.office(deliver(digest("package"), "ACME")).unwrap();
    world.office(tick(20)).unwrap();
    let refusal = met.breaks(world.office(deliver(digest("package"), "BOLT")));
    assert!(matches!(refusal, Refusal::NotEligible { source: Ineligible::NotNow { .. } }), "{refusal}");
    // So may a clearance, by a change of the roster.
    let mut world = sealed();
    let lower = act::Receiver { clearance: Level::Public, ..receiver("ACME", "AA") };
    let reform = world.reform("clearance", vec![Change::Receiver(lower)]);
    let proposal = world.propose(reform).unwrap();
    world.approve("AA", proposal).unwrap();
    world.office(tick(100)).unwrap();
    met.breaks(world.office(deliver(digest("package"), "ACME")));
    world.office(deliver(digest("package"), "BOLT")).unwrap();
}

pub(super) fn label(met: &mut Met) {
    let mut world = World::small();
    for text in ["<label/>", "RESTRICTED"] {
        let xml = LabelXml::new(text).unwrap();
        met.breaks(propose_with(&mut world, |draft| draft.label = xml));
    }
}

pub(super) fn originators(met: &mut Met) {
    let mut world = World::small();
    met.refused(propose_with(&mut world, |draft| draft.originators.clear()), &Refusal::NoOriginators);
    for unknown in ["CC", "ACME"] {
        let answer = propose_with(&mut world, |draft| {
            draft.originators.insert(code(unknown), digest("exposure"));
        });
        met.refused(answer, &Refusal::UnknownOriginator { member: code(unknown) });
    }
    super::wave::part_of_a_stranger(met);
}

pub(super) fn originators_whole(met: &mut Met) {
    let mut world = World::small();
    world.acts("BB", deposit("BB")).unwrap();
    let without = |draft: &mut act::ReleaseDraft| draft.originators.retain(|code, _| code.as_str() != "BB");
    let answer = propose_with(&mut world, without);
    met.refused(answer, &Refusal::OriginatorLeftOut { member: code("BB") });
    // A standard holds nobody's figures.
    world.register();
    let wave = wave_of(1, &[("A", &["AA"])]);
    let standard = |draft: &mut act::ReleaseDraft| {
        without(draft);
        draft.content = Content::Standards;
        draft.wave = Some(Box::new(wave));
    };
    propose_with(&mut world.clone(), standard).unwrap();
    propose_with(&mut world, |draft| draft.originators.retain(|code, _| code.as_str() != "AA")).unwrap();
}

pub(super) fn history_whole(met: &mut Met) {
    let mut world = World::small();
    let first = world.agree("one");
    let late = world.agree("late");
    let invented = History::EMPTY.with(&digest("never sealed"));
    let answer = propose_with(&mut world, |draft| draft.history = invented);
    met.refused(answer, &Refusal::HistoryNotWhole { sealed: 0 });
    world.seal(first, digest("package")).unwrap();
    for history in [History::EMPTY, invented] {
        let answer = propose_with(&mut world, |draft| draft.history = history);
        met.refused(answer, &Refusal::HistoryNotWhole { sealed: 1 });
    }
    met.refused(world.seal(late, digest("late package")), &Refusal::HistoryNotWhole { sealed: 1 });
}

pub(super) fn supersedes_sealed(met: &mut Met) {
    let mut world = World::small();
    let agreed = world.agree("agreed");
    let open = world.propose(world.draft("open")).unwrap();
    for earlier in [agreed, open, digest("never proposed")] {
        let answer = propose_with(&mut world, |draft| draft.supersedes = Some(earlier));
        met.refused(answer, &Refusal::NothingToSupersede { proposal: earlier });
    }
    // It may be withdrawn after the draft that takes its place was agreed.
    let mut world = sealed();
    let first = *world.state().proposal_of(&digest("package")).unwrap();
    let mut draft = world.release("second");
    draft.supersedes = Some(first);
    let propose = world.circulate("second", Subject::Release(draft));
    let second = world.propose(propose).unwrap();
    world.approve("AA", second).unwrap();
    world.approve("BB", second).unwrap();
    world.withdraw(first).unwrap();
    met.refused(world.seal(second, digest("second")), &Refusal::NothingToSupersede { proposal: first });
}

pub(super) fn withdraw_standing(met: &mut Met) {
    let mut world = World::small();
    let refused = world.propose(world.draft("refused")).unwrap();
    world.object("AA", refused).unwrap();
    met.breaks(world.withdraw(refused));
    let agreed = world.agree("agreed");
    world.withdraw(agreed).unwrap();
    let expected = Refusal::NothingToWithdraw { proposal: agreed, stage: "withdrawn" };
    met.refused(world.withdraw(agreed), &expected);
    let reform = world.change_by_silence("a line less", Change::RemoveEligibility(eligibility()), 10);
    met.breaks(world.withdraw(reform));
}

pub(super) fn checkpoint(met: &mut Met) {
    let mut world = World::witnessed();
    for text in ["not a checkpoint", "office.example/log\n2\n"] {
        let checkpoint = CheckpointText::new(text).unwrap();
        met.breaks(world.office(ActBody::Witness(act::Witness { checkpoint })));
    }
}

pub(super) fn checkpoint_of_log(met: &mut Met) {
    let mut world = World::witnessed();
    let fork = Tree::of_entries([b"another", b"history"]);
    let body = cosigned(&fork, 2, &["W1", "W2"]);
    met.refused(world.office(body), &Refusal::OtherLog { size: 2 });
    // Nor one of entries that are still to come.
    let ahead = Tree::of_entries(world.log.iter().map(Vec::as_slice).chain([&b"more"[..]]));
    let body = cosigned(&ahead, 3, &["W1", "W2"]);
    met.refused(world.office(body), &Refusal::OtherLog { size: 3 });
}

pub(super) fn witness_forward(met: &mut Met) {
    let mut world = World::witnessed();
    world.witness(&["W1", "W2"]).unwrap();
    for size in [1, 2] {
        let body = cosigned(world.fold.tree(), size, &["W2", "W3"]);
        met.refused(world.office(body), &Refusal::WitnessedBefore { witnessed: 2, size });
    }
    world.witness(&["W2", "W3"]).unwrap();
}

pub(super) fn witness_quorum(met: &mut Met) {
    let mut world = World::witnessed();
    for witnesses in [&[][..], &["W1"], &["W1", "stranger"]] {
        let refusal = met.breaks(world.witness(witnesses));
        let missing = matches!(&refusal, Refusal::Quorum { source: PolicyError::Missing { .. } });
        assert!(missing, "{refusal}");
    }
    // Without a policy there is nothing to meet, and nothing counts.
    met.breaks(World::small().witness(&["W1", "W2"]));
    world.witness(&["W3", "W1"]).unwrap();
}

pub(super) fn witnessed_before_seal(met: &mut Met) {
    let mut world = World::witnessed();
    let proposal = world.agree("demand");
    let settled = EntryIndex(4);
    let package = digest("package");
    met.refused(world.seal(proposal, package), &Refusal::NotWitnessed { witnessed: 0, settled });
    // The witnesses must have seen the entry itself, not only what is before it.
    let body = cosigned(world.fold.tree(), 4, &["W1", "W2"]);
    world.office(body).unwrap();
    met.refused(world.seal(proposal, package), &Refusal::NotWitnessed { witnessed: 4, settled });
    let body = cosigned(world.fold.tree(), 5, &["W1", "W2"]);
    world.office(body).unwrap();
    world.seal(proposal, package).unwrap();
}

pub(super) fn only_agreed_is_sealed(met: &mut Met) {
    let mut world = World::small();
    let open = world.propose(world.draft("open")).unwrap();
    let expected = Refusal::NotAgreed { proposal: open };
    met.refused(world.seal(open, digest("package")), &expected);
    world.approve("AA", open).unwrap();
    met.refused(world.seal(open, digest("package")), &expected);
    world.object("BB", open).unwrap();
    met.refused(world.seal(open, digest("package")), &expected);
}

pub(super) fn in_force(met: &mut Met) {
    let mut world = sealed();
    let proposal = *world.state().proposal_of(&digest("package")).unwrap();
    world.withdraw(proposal).unwrap();
    let expected = Refusal::NotInForce { proposal, stage: "withdrawn" };
    met.refused(world.seal(proposal, digest("another")), &expected);
    met.refused(world.office(deliver(digest("package"), "ACME")), &expected);
    let mut world = sealed();
    let first = *world.state().proposal_of(&digest("package")).unwrap();
    let mut draft = world.release("second");
    draft.supersedes = Some(first);
    let propose = world.circulate("second", Subject::Release(draft));
    let second = world.propose(propose).unwrap();
    world.approve("AA", second).unwrap();
    world.approve("BB", second).unwrap();
    world.seal(second, digest("second")).unwrap();
    let expected = Refusal::NotInForce { proposal: first, stage: "superseded" };
    met.refused(world.office(deliver(digest("package"), "ACME")), &expected);
    met.refused(world.seal(first, digest("another")), &expected);
}

pub(super) fn seal_once(met: &mut Met) {
    let mut world = sealed();
    let package = digest("package");
    let proposal = *world.state().proposal_of(&package).unwrap();
    met.refused(world.seal(proposal, package), &Refusal::PackageRepeated { package });
    let other = world.agree("other");
    met.refused(world.seal(other, package), &Refusal::PackageRepeated { package });
}

pub(super) fn packages_bounded(met: &mut Met) {
    let mut world = World::small();
    let proposal = world.agree("demand");
    // Straight through `apply`: signing so many seals would take minutes.
    let mut state = world.state().clone();
    let key = key(act::OFFICE).key().id();
    for number in 0..crate::PACKAGES_MAX {
        let fact = Fact::Sealed { proposal, package: digest(&number.to_string()) };
        let stamp = Stamp { entry: state.next_entry(), at: Some(minute(0)) };
        // One entry's facts carry one stamp; only the last count of entries matters below.
        let stamp = Stamp { entry: EntryIndex(stamp.entry.0.min(world.state().next_entry().0)), ..stamp };
        let (schema, counter, actor) = (Schema::V2, Counter::new(3).unwrap(), code(act::OFFICE));
        apply(&mut state, &Event { schema, stamp, actor, key, counter, fact });
    }
    let seal = ActBody::Seal(act::Seal { proposal, package: digest("one more") });
    let act = state.act(code(act::OFFICE), &key, seal).unwrap();
    let command = Command::of(act.sign(&super::super::world::key(act::OFFICE)).unwrap()).unwrap();
    world.log.push(b"the entry of the seals".to_vec());
    let tree = Tree::of_entries(&world.log);
    let answer = decide(&state, &command, &Context { entry: state.next_entry(), tree: &tree });
    met.refused(answer, &Refusal::TooManyPackages { found: crate::PACKAGES_MAX });
}

pub(super) fn known_package(met: &mut Met) {
    let mut world = World::small();
    world.agree("demand");
    let package = digest("package");
    met.refused(world.office(deliver(package, "ACME")), &Refusal::UnknownPackage { package });
    met.refused(world.acts("ACME", acknowledge(package)), &Refusal::UnknownPackage { package });
}

pub(super) fn agreed_audience(met: &mut Met) {
    let mut world = World::small();
    let proposal = propose_with(&mut world, |draft| draft.audience = codes(&["ACME"])).unwrap();
    world.approve("AA", proposal).unwrap();
    world.approve("BB", proposal).unwrap();
    let package = digest("package");
    world.seal(proposal, package).unwrap();
    let sealed = |world: &World| world.state().sealed(&proposal).unwrap().clone();
    assert_eq!(sealed(&world).deliver(digest("another"), &code("ACME")), None);
    for outsider in ["BOLT", "AA", "NEWCO"] {
        assert_eq!(sealed(&world).deliver(package, &code(outsider)), None);
        let answer = world.office(deliver(package, outsider));
        met.refused(answer, &Refusal::NotInAudience { receiver: code(outsider) });
    }
}

pub(super) fn deliver_once(met: &mut Met) {
    let mut world = sealed();
    world.office(deliver(digest("package"), "ACME")).unwrap();
    let expected = Refusal::DeliveryRepeated { receiver: code("ACME") };
    met.refused(world.office(deliver(digest("package"), "ACME")), &expected);
    world.acts("ACME", acknowledge(digest("package"))).unwrap();
    met.refused(world.office(deliver(digest("package"), "ACME")), &expected);
}

pub(super) fn acknowledge_delivered(met: &mut Met) {
    let mut world = sealed();
    world.office(deliver(digest("package"), "ACME")).unwrap();
    let answer = world.acts("BOLT", acknowledge(digest("package")));
    met.refused(answer, &Refusal::NotDelivered { receiver: code("BOLT") });
}

pub(super) fn acknowledge_once(met: &mut Met) {
    let mut world = sealed();
    world.office(deliver(digest("package"), "ACME")).unwrap();
    world.acts("ACME", acknowledge(digest("package"))).unwrap();
    let answer = world.acts("ACME", acknowledge(digest("package")));
    met.refused(answer, &Refusal::AcknowledgementRepeated { receiver: code("ACME") });
}
