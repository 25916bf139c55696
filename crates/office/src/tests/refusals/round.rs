//! Rules of the round.

use ledger::act::{self, ActBody, Ballot, Epoch, RoundNumber, Succession};

use super::{
    super::world::{
        MEMBER_SCOPES, World, approve_of, ballot_of, code, delegation, digest, eligibility, minute, new_keys,
        object_of, reasoned_of, tick, title,
    },
    Met,
};
use crate::{Outcome, Refusal};

pub(super) fn known_proposal(met: &mut Met) {
    let mut world = World::small();
    let proposal = digest("never proposed");
    let expected = Refusal::UnknownProposal { proposal };
    met.refused(world.approve("AA", proposal), &expected);
    met.refused(world.object("AA", proposal), &expected);
    met.refused(world.seal(proposal, digest("package")), &expected);
    met.refused(world.withdraw(proposal), &expected);
    met.refused(world.extend(proposal, 200), &expected);
    met.refused(world.endorse("AA", "AA", proposal), &expected);
}

pub(super) fn number(met: &mut Met) {
    let mut world = World::small();
    let (one, two) = (RoundNumber::FIRST, RoundNumber::new(2).unwrap());
    let mut draft = world.draft("demand");
    draft.round = two;
    met.refused(world.propose(draft), &Refusal::WrongRound { expected: one, found: two });
    let proposal = world.propose(world.draft("demand")).unwrap();
    let ballot = Ballot { round: two, ..ballot_of(world.state(), proposal) };
    let expected = Refusal::WrongRound { expected: one, found: two };
    for body in [ActBody::Approve(ballot), ActBody::Waive(ballot), ActBody::Retract(ballot)] {
        met.refused(world.acts("AA", body), &expected);
    }
    world.object("BB", proposal).unwrap();
    let mut again = world.draft("demand");
    again.round = one;
    met.refused(world.propose(again), &Refusal::WrongRound { expected: two, found: one });
}

pub(super) fn roster_epoch(met: &mut Met) {
    let mut world = World::small();
    let (one, two) = (Epoch::FIRST, Epoch::new(2).unwrap());
    let mut draft = world.draft("demand");
    draft.roster_epoch = two;
    met.refused(world.propose(draft), &Refusal::WrongEpoch { expected: one, found: two });
    let agreed = world.agree("agreed");
    let proposal = world.propose(world.draft("demand")).unwrap();
    let ballot = Ballot { roster_epoch: two, ..ballot_of(world.state(), proposal) };
    let expected = Refusal::WrongEpoch { expected: one, found: two };
    met.refused(world.acts("AA", ActBody::Approve(ballot)), &expected);
    // What was agreed under the roster before cannot be sealed.
    world.change_by_silence("a line less", act::Change::RemoveEligibility(eligibility()), 10);
    met.refused(world.seal(agreed, digest("p")), &Refusal::WrongEpoch { expected: two, found: one });
}

pub(super) fn deadline_ahead(met: &mut Met) {
    let mut world = World::small();
    world.office(tick(10)).unwrap();
    for minutes in [9, 10] {
        let mut draft = world.draft("demand");
        draft.deadline_utc = minute(minutes);
        let expected = Refusal::DeadlineNotAhead { deadline: minute(minutes), now: minute(10) };
        met.refused(world.propose(draft), &expected);
    }
    let mut draft = world.draft("demand");
    draft.deadline_utc = act::UtcTime::new("2026-03-01T00:10:01Z").unwrap();
    world.propose(draft).unwrap();
}

pub(super) fn deadline_later(met: &mut Met) {
    let mut world = World::small();
    let proposal = world.propose(world.draft("demand")).unwrap();
    for minutes in [0, 99, 100] {
        let expected = Refusal::DeadlineNotLater { deadline: minute(100), found: minute(minutes) };
        met.refused(world.extend(proposal, minutes), &expected);
    }
    world.extend(proposal, 101).unwrap();
    met.breaks(world.extend(proposal, 101));
}

pub(super) fn amends_last(met: &mut Met) {
    let mut world = World::small();
    let mut draft = world.draft("demand");
    draft.amends = Some(digest("nothing"));
    let round = RoundNumber::FIRST;
    met.refused(world.propose(draft), &Refusal::NotAmending { title: title("demand"), round });
    let first = world.propose(world.draft("demand")).unwrap();
    world.object("AA", first).unwrap();
    for amends in [None, Some(digest("nothing"))] {
        let mut draft = world.draft("demand");
        draft.amends = amends;
        met.breaks(world.propose(draft));
    }
    let second = world.propose(world.draft("demand")).unwrap();
    world.object("AA", second).unwrap();
    let mut draft = world.draft("demand");
    draft.amends = Some(first);
    met.breaks(world.propose(draft));
}

pub(super) fn one_round_open(met: &mut Met) {
    let mut world = World::small();
    world.propose(world.draft("demand")).unwrap();
    let again = world.draft("demand");
    met.refused(world.propose(again), &Refusal::RoundOpen { title: title("demand") });
    let less = || vec![act::Change::RemoveEligibility(eligibility())];
    let reform = world.reform("a line less", less());
    world.propose(reform).unwrap();
    let again = world.reform("a line less", less());
    met.refused(world.propose(again), &Refusal::RoundOpen { title: title("a line less") });
}

pub(super) fn agreed_once(met: &mut Met) {
    let mut world = World::small();
    let proposal = world.agree("demand");
    let expected = Refusal::AlreadyAgreed { title: title("demand") };
    let again = world.draft("demand");
    met.refused(world.propose(again), &expected);
    world.seal(proposal, digest("package")).unwrap();
    let again = world.draft("demand");
    met.refused(world.propose(again), &expected);
    world.change_by_silence("a line less", act::Change::RemoveEligibility(eligibility()), 10);
    let again = world.reform("a line less", vec![act::Change::AddEligibility(eligibility())]);
    met.refused(world.propose(again), &Refusal::AlreadyAgreed { title: title("a line less") });
}

pub(super) fn one_subject(met: &mut Met) {
    let mut world = World::small();
    let proposal = world.propose(world.draft("demand")).unwrap();
    world.object("AA", proposal).unwrap();
    let expected = Refusal::OtherSubject { title: title("demand") };
    let reform = world.reform("demand", vec![act::Change::RemoveEligibility(eligibility())]);
    met.refused(world.propose(reform), &expected);
}

pub(super) fn round_members(met: &mut Met) {
    // Whoever is to be removed, or whose keys are said to be lost, has no voice in it.
    let mut world = World::three();
    let out = act::Change::RemoveMember(act::Leaving { code: code("BB") });
    let new = new_keys("BB", Succession::Recover, delegation(1, &["BB.new"], &MEMBER_SCOPES));
    for (name, member, change) in [("out", "BB", out), ("recovery", "BB", new)] {
        let reform = world.reform(name, vec![change]);
        let proposal = world.propose(reform).unwrap();
        let expected = Refusal::NotInRound { actor: code(member) };
        met.refused(world.object(member, proposal), &expected);
        met.refused(world.approve(member, proposal), &expected);
        world.object("CC", proposal).unwrap();
    }
}

pub(super) fn deadline(met: &mut Met) {
    let mut world = World::small();
    let proposal = world.propose(world.draft("demand")).unwrap();
    let second_before = act::UtcTime::new("2026-03-01T01:39:59Z").unwrap();
    world.office(ActBody::Tick(act::Tick { at_utc: second_before })).unwrap();
    world.approve("AA", proposal).unwrap();
    let ballot = ballot_of(world.state(), proposal);
    world.office(tick(100)).unwrap();
    let late = Refusal::Late { deadline: minute(100), now: minute(100) };
    met.refused(world.approve("BB", proposal), &late);
    met.refused(world.object("BB", proposal), &late);
    met.refused(world.extend(proposal, 200), &late);
    for body in [ActBody::Retract(ballot), ActBody::Waive(ballot)] {
        met.refused(world.acts("AA", body), &late);
    }
}

pub(super) fn one_outcome(met: &mut Met) {
    let mut world = World::small();
    let proposal = world.agree("demand");
    let closed = Refusal::RoundClosed { outcome: Outcome::Agreed };
    met.refused(world.object("BB", proposal), &closed);
    met.refused(world.approve("BB", proposal), &closed);
    met.refused(world.extend(proposal, 200), &closed);
    let ballot = ballot_of(world.state(), proposal);
    met.refused(world.acts("BB", ActBody::Retract(ballot)), &closed);
    let proposal = world.propose(world.draft("other")).unwrap();
    world.object("AA", proposal).unwrap();
    met.refused(world.object("BB", proposal), &Refusal::RoundClosed { outcome: Outcome::Objected });
    let proposal = world.propose(world.draft("taken back")).unwrap();
    world.withdraw(proposal).unwrap();
    met.refused(world.object("BB", proposal), &Refusal::RoundClosed { outcome: Outcome::Withdrawn });
    let proposal = world.propose(world.draft("void")).unwrap();
    world.change_by_silence("a line less", act::Change::RemoveEligibility(eligibility()), 10);
    met.refused(world.object("BB", proposal), &Refusal::RoundClosed { outcome: Outcome::Void });
}

pub(super) fn decide_once(met: &mut Met) {
    let mut world = World::pairs();
    let proposal = world.propose(world.draft("demand")).unwrap();
    world.approve("AA", proposal).unwrap();
    let expected = Refusal::AlreadyDecided { actor: code("AA") };
    met.refused(world.approve("AA", proposal), &expected);
    let reserve = |text| ActBody::Reserve(reasoned_of(world.state(), proposal, text));
    let (one, two) = (reserve("not for LAND-7"), reserve("not for LAND-8"));
    world.acts("AA", one).unwrap();
    met.refused(world.acts("AA", two), &expected);
    super::wave::late_consent(met);
    // Another key says the same for itself, and a key may say something else.
    let body = approve_of(world.state(), proposal);
    world.acts_by("AA", "AA.2", body).unwrap();
    let body = object_of(world.state(), proposal);
    world.acts("AA", body).unwrap();
}

pub(super) fn retract_own(met: &mut Met) {
    let mut world = World::pairs();
    let proposal = world.propose(world.draft("demand")).unwrap();
    let retract = ActBody::Retract(ballot_of(world.state(), proposal));
    met.refused(world.acts("AA", retract.clone()), &Refusal::NothingToRetract { actor: code("AA") });
    world.approve("AA", proposal).unwrap();
    met.refused(world.acts("BB", retract.clone()), &Refusal::NothingToRetract { actor: code("BB") });
    met.breaks(world.acts_by("AA", "AA.2", retract.clone()));
    world.acts("AA", retract.clone()).unwrap();
    met.refused(world.acts("AA", retract), &Refusal::NothingToRetract { actor: code("AA") });
}
