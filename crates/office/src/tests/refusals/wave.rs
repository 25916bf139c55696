//! Rules of standards: waves, consents to parts, the registry.

use ledger::act::{self, ActBody, Content, Level, Notice, RoundNumber, Wave};

use super::{
    super::world::{
        World, code, consent_of, deliver, deposit, digest, part_id, reasoned_of, register_of, tick, wave_of,
    },
    Met,
};
use crate::Refusal;

/// The small world with a registry at its first revision.
fn world() -> World {
    let mut world = World::small();
    world.register();
    world
}

/// Two parts, the first of `AA`, the second of both members.
fn two() -> Wave {
    wave_of(1, &[("A", &["AA"]), ("B", &["AA", "BB"])])
}

/// The two, changed.
fn two_but(change: impl FnOnce(&mut Wave)) -> Wave {
    let mut wave = two();
    change(&mut wave);
    wave
}

fn first(wave: &mut Wave) -> &mut act::Part {
    wave.parts.get_mut(&part_id("A")).unwrap()
}

pub(super) fn wave_of_standards(met: &mut Met) {
    let mut world = world();
    let figures = act::ReleaseDraft { content: Content::Figures, ..world.wave("wave", two()) };
    met.refused(world.propose_draft("wave", figures), &Refusal::WaveMisplaced);
    let without = act::ReleaseDraft { wave: None, ..world.wave("wave", two()) };
    met.refused(world.propose_draft("wave", without), &Refusal::WaveMisplaced);
    world.propose_wave("wave", two()).unwrap();
}

pub(super) fn registry_current(met: &mut Met) {
    let mut world = World::small();
    let outdated = |newest: Option<u64>, found: u64| Refusal::RegistryOutdated {
        newest: newest.map(|newest| act::Revision::new(newest).unwrap()),
        found: act::Revision::new(found).unwrap(),
    };
    met.refused(world.propose_wave("wave", two()), &outdated(None, 1));
    world.register();
    let later = two_but(|wave| wave.registry = act::Revision::new(2).unwrap());
    met.refused(world.propose_wave("wave", later.clone()), &outdated(Some(1), 2));
    world.register();
    met.refused(world.propose_wave("wave", two()), &outdated(Some(2), 1));
    world.propose_wave("wave", later).unwrap();
}

pub(super) fn wave_not_empty(met: &mut Met) {
    let mut world = world();
    let draft = world.wave("wave", two());
    let empty = act::ReleaseDraft { wave: Some(Box::new(wave_of(1, &[]))), ..draft };
    met.refused(world.propose_draft("wave", empty), &Refusal::WaveEmpty);
}

pub(super) fn part_consistent(met: &mut Met) {
    let mut world = world();
    world.hand_over("held", wave_of(1, &[("H", &["AA"])]), &["ACME", "BOLT"]);
    let (a, b, h) = (part_id("A"), part_id("B"), part_id("H"));
    let told = |part, notice| move |wave: &mut Wave| drop(wave.notices.insert(part, notice));
    type Change = Box<dyn FnOnce(&mut Wave)>;
    let by = Notice::Superseded { by: h.clone() };
    let cases: Vec<Change> = vec![
        Box::new(|wave| {
            first(wave).needs.insert(part_id("A"));
        }),
        Box::new(|wave| {
            first(wave).needs.insert(part_id("H"));
            first(wave).lacks.insert(part_id("H"));
        }),
        Box::new(|wave| {
            first(wave).lacks.insert(part_id("B"));
        }),
        Box::new(|wave| {
            first(wave).lacks.insert(part_id("A"));
        }),
        Box::new(|wave| first(wave).replaces = Some(part_id("B"))),
        Box::new(|wave| first(wave).replaces = Some(part_id("A"))),
        Box::new(told(a, Notice::Withdrawn)),
        Box::new(told(b, Notice::Superseded { by: h.clone() })),
        Box::new(told(h.clone(), by)),
    ];
    for change in cases {
        met.breaks(world.propose_wave("wave", two_but(change)));
    }
    // What is not in the wave may be needed, lacking or replaced; and what is held may be told of.
    let sound = two_but(|wave| {
        first(wave).needs.insert(part_id("H"));
        first(wave).lacks.insert(part_id("elsewhere"));
        first(wave).replaces = Some(part_id("H"));
        wave.notices.insert(h, Notice::Superseded { by: part_id("A") });
    });
    world.propose_wave("wave", sound).unwrap();
}

pub(super) fn part_originators(met: &mut Met) {
    let mut world = world();
    let nobody = two_but(|wave| first(wave).originators.clear());
    met.refused(world.propose_wave("wave", nobody), &Refusal::PartUnoriginated { part: part_id("A") });
}

/// An originator of a part is a member, as one of a release is.
pub(super) fn part_of_a_stranger(met: &mut Met) {
    let mut world = world();
    let stranger = two_but(|wave| {
        first(wave).originators.insert(code("ACME"));
    });
    let answer = world.propose_wave("wave", stranger);
    met.refused(answer, &Refusal::UnknownOriginator { member: code("ACME") });
}

pub(super) fn part_level(met: &mut Met) {
    let mut world = world();
    // The label of the world's drafts is RESTRICTED.
    let above = two_but(|wave| first(wave).level = Level::Confidential);
    let (part, level, label) = (part_id("A"), Level::Confidential, Level::Restricted);
    met.refused(world.propose_wave("wave", above), &Refusal::PartAboveLabel { part, level, label });
    world.propose_wave("wave", two_but(|wave| first(wave).level = Level::Restricted)).unwrap();
}

pub(super) fn originators_of_parts(met: &mut Met) {
    let mut world = world();
    let differs = |member: &str| Refusal::OriginatorsDiffer { member: code(member) };
    let mut draft = world.wave("wave", two());
    draft.originators.remove(&code("BB"));
    met.refused(world.propose_draft("wave", draft), &differs("BB"));
    let mut draft = world.wave("wave", wave_of(1, &[("A", &["AA"])]));
    draft.originators.insert(code("BB"), digest("exposure"));
    met.refused(world.propose_draft("wave", draft), &differs("BB"));
}

pub(super) fn needs_first(met: &mut Met) {
    let mut world = world();
    let needy = |needs: &str| {
        two_but(|wave| {
            first(wave).needs.insert(part_id(needs));
        })
    };
    let missing = |receiver: &str| Refusal::NeedNotHeld {
        part: part_id("A"),
        needs: part_id("H"),
        receiver: code(receiver),
    };
    met.refused(world.propose_wave("wave", needy("H")), &missing("ACME"));
    world.propose_wave("within", needy("B")).unwrap();
    // One receiver has it: that is not enough for both.
    let held = world.hand_over("held", wave_of(1, &[("H", &["AA"])]), &["ACME"]);
    met.refused(world.propose_wave("wave", needy("H")), &missing("BOLT"));
    world.office(deliver(digest("package held"), "BOLT")).unwrap();
    let proposal = world.propose_wave("wave", needy("H")).unwrap();
    // What it needs is taken back once it is agreed: then it is not sealed, and may circulate again.
    world.approve("AA", proposal).unwrap();
    world.approve("BB", proposal).unwrap();
    let mut taken_back = world.clone();
    taken_back.withdraw(held).unwrap();
    met.refused(taken_back.seal(proposal, digest("package wave")), &missing("ACME"));
    taken_back.propose_wave("wave", two()).unwrap();
    // Or once it is sealed: then it is handed to nobody that does not hold it.
    world.seal(proposal, digest("package wave")).unwrap();
    world.withdraw(held).unwrap();
    met.refused(world.office(deliver(digest("package wave"), "ACME")), &missing("ACME"));
    world.hand_over("held again", wave_of(1, &[("H", &["AA"])]), &["BOLT"]);
    met.refused(world.office(deliver(digest("package wave"), "ACME")), &missing("ACME"));
    world.office(deliver(digest("package wave"), "BOLT")).unwrap();
    // A notice that it is no more ends it as well.
    let mut told = world.wave("told", wave_of(1, &[("C", &["AA"])]));
    told.audience.retain(|receiver| receiver.as_str() == "BOLT");
    if let Some(wave) = &mut told.wave {
        wave.notices.insert(part_id("H"), Notice::Withdrawn);
    }
    let proposal = world.propose_draft("told", told).unwrap();
    world.approve("AA", proposal).unwrap();
    world.approve("BB", proposal).unwrap();
    world.deliver_all("told", proposal, &["BOLT"]);
    let mut again = world.wave("again", needy("H"));
    again.audience.retain(|receiver| receiver.as_str() == "BOLT");
    met.refused(world.propose_draft("again", again), &missing("BOLT"));
}

pub(super) fn notice_of_held(met: &mut Met) {
    let mut world = world();
    let told = || two_but(|wave| drop(wave.notices.insert(part_id("H"), Notice::Withdrawn)));
    let nothing = |receiver: &str| Refusal::NoticeOfNothing { part: part_id("H"), receiver: code(receiver) };
    met.refused(world.propose_wave("wave", told()), &nothing("ACME"));
    world.hand_over("held", wave_of(1, &[("H", &["AA"])]), &["ACME"]);
    met.refused(world.propose_wave("wave", told()), &nothing("BOLT"));
    world.office(deliver(digest("package held"), "BOLT")).unwrap();
    world.propose_wave("wave", told()).unwrap();
}

pub(super) fn supersedes_figures(met: &mut Met) {
    let mut world = world();
    let earlier = world.hand_over("earlier", two(), &["ACME"]);
    let later = act::ReleaseDraft { supersedes: Some(earlier), ..world.wave("wave", two()) };
    met.refused(world.propose_draft("wave", later), &Refusal::WaveSupersedes);
}

pub(super) fn objected_part(met: &mut Met) {
    let mut world = world();
    world.hand_over("held", wave_of(1, &[("H", &["AA"])]), &["ACME", "BOLT"]);
    let superseded = || Notice::Superseded { by: part_id("A") };
    let told = || two_but(|wave| drop(wave.notices.insert(part_id("H"), superseded())));
    let first_round = world.propose_wave("wave", told()).unwrap();
    world.object_to("BB", first_round, &["A", "H"]).unwrap();
    let back = |part: &str| Refusal::PartObjected { part: part_id(part), round: RoundNumber::FIRST };
    met.refused(world.propose_wave("wave", two()), &back("A"));
    let without = || told().parts.into_iter().filter(|(id, _)| id.as_str() != "A").collect();
    let notice_alone = Wave { parts: without(), ..told() };
    met.refused(world.propose_wave("wave", notice_alone), &back("H"));
    // A round that is taken back in between does not make it forgotten.
    let second = world.propose_wave("wave", Wave { parts: without(), ..two() }).unwrap();
    world.withdraw(second).unwrap();
    met.refused(world.propose_wave("wave", two()), &back("A"));
    // Another document is another matter, and so is another notice, and another title.
    let another = two_but(|wave| {
        first(wave).document = digest("another document");
        wave.notices.insert(part_id("H"), Notice::Withdrawn);
    });
    world.propose_wave("wave", another).unwrap();
    world.propose_wave("another wave", two()).unwrap();
}

pub(super) fn parts_named(met: &mut Met) {
    let mut world = world();
    let proposal = world.propose_wave("wave", two()).unwrap();
    met.refused(world.consent("AA", proposal, &[]), &Refusal::NoPartNamed);
}

pub(super) fn part_in_wave(met: &mut Met) {
    let mut world = world();
    let proposal = world.propose_wave("wave", two()).unwrap();
    let unknown = Refusal::NotInWave { part: part_id("C") };
    met.refused(world.consent("AA", proposal, &["A", "C"]), &unknown);
    met.refused(world.object_to("AA", proposal, &["C"]), &unknown);
    let said = reasoned_of(world.state(), proposal, "more of it");
    let amend = ActBody::Amend(act::Reasoned { parts: [part_id("C")].into(), ..said });
    met.refused(world.acts("AA", amend), &unknown);
    // Figures have no parts.
    let figures = world.propose(world.draft("demand")).unwrap();
    let unknown = Refusal::NotInWave { part: part_id("A") };
    met.refused(world.consent("AA", figures, &["A"]), &unknown);
    met.refused(world.object_to("AA", figures, &["A"]), &unknown);
}

pub(super) fn consent_own(met: &mut Met) {
    let mut world = world();
    let proposal = world.propose_wave("wave", two()).unwrap();
    let expected = Refusal::NotOriginated { actor: code("BB"), part: part_id("A") };
    met.refused(world.consent("BB", proposal, &["A", "B"]), &expected);
    world.consent("BB", proposal, &["B"]).unwrap();
    // Whoever does not originate a part may object to it all the same.
    world.object_to("BB", proposal, &["A"]).unwrap();
}

pub(super) fn reserve_whole(met: &mut Met) {
    let mut world = world();
    let proposal = world.propose_wave("wave", two()).unwrap();
    let said = reasoned_of(world.state(), proposal, "for this year only");
    let reserve = ActBody::Reserve(act::Reasoned { parts: [part_id("A")].into(), ..said });
    met.refused(world.acts("AA", reserve), &Refusal::ReservedInPart);
}

pub(super) fn registry_next(met: &mut Met) {
    let mut world = World::small();
    let number = |number| act::Revision::new(number).unwrap();
    for found in [2, 9] {
        let answer = world.office(ActBody::Register(register_of(found, digest("box"))));
        met.refused(answer, &Refusal::NotNextRevision { expected: number(1), found: number(found) });
    }
    world.register();
    let answer = world.office(ActBody::Register(register_of(1, digest("box"))));
    met.refused(answer, &Refusal::NotNextRevision { expected: number(2), found: number(1) });
    world.register();
}

pub(super) fn register_once(met: &mut Met) {
    let mut world = World::small();
    let one = register_of(1, digest("box"));
    world.office(ActBody::Register(one.clone())).unwrap();
    let second =
        |register| ActBody::Register(act::Register { revision: act::Revision::new(2).unwrap(), ..register });
    let same_change = act::Register { blob: digest("another box"), ..one.clone() };
    let answer = world.office(second(same_change));
    met.refused(answer, &Refusal::RegisteredBefore { digest: one.changes });
    let same_box = act::Register { changes: digest("another change"), ..one.clone() };
    met.refused(world.office(second(same_box)), &Refusal::RegisteredBefore { digest: one.blob });
    // Nor is the box of a deposit one of a change, or the other way round.
    world.acts("AA", deposit("AA")).unwrap();
    let of_deposit = act::Register { changes: digest("another change"), blob: digest("AA box"), ..one };
    met.refused(world.office(second(of_deposit)), &Refusal::RegisteredBefore { digest: digest("AA box") });
}

/// What is said of parts keeps the rules of the round as well: time, round, key.
pub(super) fn late_consent(met: &mut Met) {
    let mut world = world();
    let proposal = world.propose_wave("wave", two()).unwrap();
    let body = consent_of(world.state(), proposal, &["A"]);
    world.acts("AA", body.clone()).unwrap();
    met.breaks(world.acts("AA", body));
    world.consent("AA", proposal, &["A", "B"]).unwrap();
    world.office(tick(100)).unwrap();
    assert_eq!(world.consent("BB", proposal, &["B"]).unwrap_err().rule(), "deadline");
}
