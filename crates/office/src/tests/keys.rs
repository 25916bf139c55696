//! Delegations with quorums, rotation, recovery, revocation, and consents given beforehand, through signed entries.

use ledger::{
    Digest,
    act::{self, ActBody, Change, Content, Level, Scope, Subject, Succession},
};

use super::world::{
    MEMBER_SCOPES, OFFICE_SCOPES, RECEIVER_SCOPES, World, acknowledge, approve_of, code, codes, delegate,
    delegation, deliver, deposit, digest, eligibility, entrust, far, minute, new_keys, object_of, roster,
    tick,
};
use crate::{EntryIndex, Fact, Outcome, Refusal, Release};

/// Circulates a draft, perhaps changed.
fn propose_with(world: &mut World, name: &str, change: impl FnOnce(&mut act::Propose)) -> Digest {
    let mut propose = world.draft(name);
    change(&mut propose);
    world.propose(propose).unwrap()
}

fn release_of(propose: &mut act::Propose) -> &mut act::ReleaseDraft {
    match &mut propose.subject {
        Subject::Release(draft) => draft,
        Subject::Roster(_) => panic!("a roster"),
    }
}

fn propose_change(world: &mut World, name: &str, change: Change) -> Digest {
    let reform = world.reform(name, vec![change]);
    world.propose(reform).unwrap()
}

fn approve_by(world: &mut World, member: &str, by: &str, proposal: Digest) {
    let body = approve_of(world.state(), proposal);
    world.acts_by(member, by, body).unwrap();
}

fn epoch(world: &World) -> u64 {
    world.state().roster().unwrap().epoch().get()
}

#[test]
fn a_member_of_two_keys_says_yes_with_both_and_no_with_one() {
    let mut world = World::pairs();
    let proposal = world.propose(world.draft("demand")).unwrap();
    world.approve("BB", proposal).unwrap();
    approve_by(&mut world, "AA", "AA", proposal);
    assert_eq!(world.outcome(&proposal), None, "one key of two is not enough");
    let mut lapses = world.clone();
    lapses.office(tick(100)).unwrap();
    assert_eq!(lapses.outcome(&proposal), Some(Outcome::Lapsed));
    let mut objects = world.clone();
    let body = object_of(objects.state(), proposal);
    objects.acts_by("AA", "AA.3", body).unwrap();
    assert_eq!(objects.outcome(&proposal), Some(Outcome::Objected), "one key is enough to object");
    approve_by(&mut world, "AA", "AA.3", proposal);
    let evidence = world.state().agreed(&proposal).unwrap().evidence();
    assert_eq!(evidence.consents[&code("AA")], [EntryIndex(4), EntryIndex(5)].into());
    assert_eq!(evidence.settled, EntryIndex(5));
}

#[test]
fn one_key_that_approves_and_one_that_waives_are_no_consent() {
    let mut world = World::pairs();
    let proposal = world.propose(world.draft("demand")).unwrap();
    world.approve("BB", proposal).unwrap();
    approve_by(&mut world, "AA", "AA", proposal);
    let waive = ActBody::Waive(super::world::ballot_of(world.state(), proposal));
    world.acts_by("AA", "AA.2", waive).unwrap();
    assert_eq!(world.outcome(&proposal), None);
    world.office(tick(100)).unwrap();
    assert_eq!(world.outcome(&proposal), Some(Outcome::Lapsed));
}

/// `AA` puts `AA.4` in place of `AA.3`, any two of three keys as before.
fn rotation() -> Change {
    new_keys("AA", Succession::Rotate, delegation(2, &["AA", "AA.2", "AA.4"], &MEMBER_SCOPES))
}

#[test]
fn a_rotation_takes_the_old_quorum_the_new_quorum_and_the_new_key() {
    let mut world = World::pairs();
    let proposal = propose_change(&mut world, "rotation", rotation());
    for one in ["AA.3", "AA.4", "AA"] {
        world.endorse("AA", one, proposal).unwrap();
    }
    // Two old keys (AA, AA.3), two new ones (AA, AA.4), and AA.4 itself.
    assert_eq!(world.outcome(&proposal), None, "the others may object");
    world.office(tick(100)).unwrap();
    assert_eq!(world.outcome(&proposal), Some(Outcome::Agreed));
    assert_eq!(epoch(&world), 2);
    let refusal = world.acts_by("AA", "AA.3", deposit("late")).unwrap_err();
    assert!(matches!(refusal, Refusal::UnknownKey { .. }), "{refusal}");
    world.acts_by("AA", "AA.4", deposit("AA")).unwrap();
}

#[test]
fn a_rotation_with_one_endorsement_missing_lapses() {
    for missing in ["AA", "AA.3", "AA.4"] {
        let mut world = World::pairs();
        let proposal = propose_change(&mut world, "rotation", rotation());
        for one in ["AA", "AA.3", "AA.4"].iter().filter(|one| **one != missing) {
            world.endorse("AA", one, proposal).unwrap();
        }
        let waits: Vec<_> = world.state().round(&proposal).unwrap().unendorsed().collect();
        assert!(!waits.is_empty());
        world.office(tick(100)).unwrap();
        assert_eq!(world.outcome(&proposal), Some(Outcome::Lapsed), "without {missing}");
        assert_eq!(epoch(&world), 1);
    }
}

#[test]
fn keys_that_do_not_govern_cannot_hand_their_party_over() {
    let mut split = roster(&["AA", "BB"], &["ACME"]);
    split.members[0].delegation.delegates.push(delegate("AA.deposits", &[Scope::Deposit], far()));
    let mut world = World::with(split);
    let thief = new_keys("AA", Succession::Rotate, delegation(1, &["thief"], &MEMBER_SCOPES));
    let proposal = propose_change(&mut world, "rotation", thief);
    world.endorse("AA", "thief", proposal).unwrap();
    assert!(matches!(world.endorse("AA", "AA.deposits", proposal), Err(Refusal::NotToEndorse { .. })));
    world.office(tick(100)).unwrap();
    assert_eq!(world.outcome(&proposal), Some(Outcome::Lapsed));
}

#[test]
fn a_member_recovers_and_the_stolen_key_cannot_stop_it() {
    let mut world = World::three();
    let new = new_keys("BB", Succession::Recover, delegation(1, &["BB.new"], &MEMBER_SCOPES));
    let proposal = propose_change(&mut world, "recovery", new);
    // The thief objects, approves, waives, endorses: it has no voice, and its revocation of itself only helps.
    for body in [object_of(world.state(), proposal), approve_of(world.state(), proposal)] {
        assert!(matches!(world.acts("BB", body), Err(Refusal::NotInRound { .. })));
    }
    assert!(matches!(world.endorse("BB", "BB", proposal), Err(Refusal::NotToEndorse { .. })));
    world.endorse("BB", "BB.new", proposal).unwrap();
    world.approve("AA", proposal).unwrap();
    assert_eq!(world.outcome(&proposal), None, "CC must say yes, too");
    world.approve("CC", proposal).unwrap();
    assert_eq!(world.outcome(&proposal), Some(Outcome::Agreed), "at once: nobody is waited for");
    assert!(matches!(world.acts("BB", deposit("thief")), Err(Refusal::UnknownKey { .. })));
    world.acts_by("BB", "BB.new", deposit("BB")).unwrap();
}

#[test]
fn a_recovery_without_every_other_member_or_without_the_new_key_lapses() {
    for (approvers, endorses) in [(&["AA"][..], true), (&["AA", "CC"], false)] {
        let mut world = World::three();
        let new = new_keys("BB", Succession::Recover, delegation(1, &["BB.new"], &MEMBER_SCOPES));
        let proposal = propose_change(&mut world, "recovery", new);
        for member in approvers {
            world.approve(member, proposal).unwrap();
        }
        if endorses {
            world.endorse("BB", "BB.new", proposal).unwrap();
        }
        world.office(tick(100)).unwrap();
        assert_eq!(world.outcome(&proposal), Some(Outcome::Lapsed));
        world.acts("BB", deposit("BB")).unwrap();
    }
}

#[test]
fn the_office_recovers_by_the_word_of_every_member() {
    let mut world = World::small();
    let new = new_keys(act::OFFICE, Succession::Recover, delegation(1, &["OFFICE.new"], &OFFICE_SCOPES));
    // A member circulates it: whoever stole the office's keys would not.
    let mut reform = world.reform("recovery", vec![new]);
    reform.deadline_utc = minute(50);
    let entry = world.signed("AA", ActBody::Propose(reform.clone()));
    world.admit(&entry).unwrap();
    let proposal = Digest::of(&entry);
    assert!(matches!(world.withdraw(proposal), Err(Refusal::NothingToWithdraw { .. })));
    let mut silent = world.clone();
    silent.endorse(act::OFFICE, "OFFICE.new", proposal).unwrap();
    silent.approve("AA", proposal).unwrap();
    silent.office(tick(50)).unwrap();
    assert_eq!(silent.outcome(&proposal), Some(Outcome::Lapsed), "silence is not enough");
    world.approve("AA", proposal).unwrap();
    world.approve("BB", proposal).unwrap();
    world.endorse(act::OFFICE, "OFFICE.new", proposal).unwrap();
    assert_eq!(world.outcome(&proposal), Some(Outcome::Agreed));
    assert!(matches!(world.office(tick(60)), Err(Refusal::UnknownKey { .. })));
    world.acts_by(act::OFFICE, "OFFICE.new", tick(60)).unwrap();
    // It is the only thing that a member circulates.
    let mut mixed = world.reform("mixed", vec![Change::RemoveEligibility(eligibility())]);
    assert!(matches!(world.acts("AA", ActBody::Propose(mixed.clone())), Err(Refusal::WrongRole { .. })));
    mixed.subject = reform.subject.clone();
    if let Subject::Roster(draft) = &mut mixed.subject {
        draft.changes.push(Change::RemoveEligibility(eligibility()));
    }
    assert!(matches!(world.acts("AA", ActBody::Propose(mixed)), Err(Refusal::WrongRole { .. })));
}

#[test]
fn a_receiver_recovers_by_its_sponsor() {
    let mut world = World::small();
    let proposal = world.agree("demand");
    let package = digest("package");
    world.seal(proposal, package).unwrap();
    world.office(deliver(package, "ACME")).unwrap();
    let new = new_keys("ACME", Succession::Recover, delegation(1, &["ACME.new"], &RECEIVER_SCOPES));
    let proposal = propose_change(&mut world, "recovery", new);
    world.endorse("ACME", "ACME.new", proposal).unwrap();
    let mut unsponsored = world.clone();
    unsponsored.office(tick(100)).unwrap();
    assert_eq!(unsponsored.outcome(&proposal), Some(Outcome::Lapsed));
    world.approve("AA", proposal).unwrap();
    world.office(tick(100)).unwrap();
    assert_eq!(world.outcome(&proposal), Some(Outcome::Agreed));
    assert!(world.acts("ACME", acknowledge(package)).is_err());
    world.acts_by("ACME", "ACME.new", acknowledge(package)).unwrap();
}

#[test]
fn a_member_joins_with_every_yes_and_its_own_keys() {
    let mut world = World::small();
    let joining = Change::AddMember(super::world::member("CC"));
    let proposal = propose_change(&mut world, "CC joins", joining);
    world.approve("AA", proposal).unwrap();
    world.approve("BB", proposal).unwrap();
    assert_eq!(world.outcome(&proposal), None, "CC's keys have not signed");
    world.endorse("CC", "CC", proposal).unwrap();
    assert_eq!(world.outcome(&proposal), Some(Outcome::Agreed));
    world.acts("CC", deposit("CC")).unwrap();
    // A member that leaves is asked no more, even if it has deposited.
    let leaves = Change::RemoveMember(act::Leaving { code: code("CC") });
    let proposal = propose_change(&mut world, "CC leaves", leaves);
    world.approve("AA", proposal).unwrap();
    world.approve("BB", proposal).unwrap();
    assert_eq!(world.outcome(&proposal), Some(Outcome::Agreed));
    assert!(matches!(world.acts("CC", deposit("more")), Err(Refusal::UnknownActor { .. })));
    world.agree("demand");
}

#[test]
fn a_roster_change_voids_every_other_open_round() {
    let mut world = World::small();
    let release = world.propose(world.draft("demand")).unwrap();
    world.approve("AA", release).unwrap();
    let line = act::Eligibility { party: code("YY"), ..eligibility() };
    let other = propose_change(&mut world, "other", Change::AddEligibility(line));
    world.change_by_silence("less", Change::RemoveEligibility(eligibility()), 10);
    assert_eq!(world.outcome(&release), Some(Outcome::Void));
    assert_eq!(world.outcome(&other), Some(Outcome::Void));
    assert_eq!(world.state().open_rounds().count(), 0);
    assert!(matches!(world.approve("BB", release), Err(Refusal::RoundClosed { outcome: Outcome::Void })));
    // Both may circulate again, under the roster that is now.
    let line = act::Eligibility { party: code("YY"), ..eligibility() };
    world.change_by_silence("other", Change::AddEligibility(line), 50);
    assert_eq!(epoch(&world), 3);
}

#[test]
fn of_two_roster_changes_due_with_one_tick_the_earlier_takes_effect() {
    let mut world = World::small();
    let line = |party: &str| act::Eligibility { party: code(party), ..eligibility() };
    let mut early = world.reform("early", vec![Change::AddEligibility(line("YY"))]);
    early.deadline_utc = minute(20);
    let mut late = world.reform("late", vec![Change::AddEligibility(line("ZZ"))]);
    late.deadline_utc = minute(21);
    let late = world.propose(late).unwrap();
    let early = world.propose(early).unwrap();
    // Due with the same tick, and before both, a release that everybody is silent about.
    let before = propose_with(&mut world, "before", |propose| propose.deadline_utc = minute(19));
    let after = propose_with(&mut world, "after", |propose| propose.deadline_utc = minute(22));
    let events = world.office(tick(30)).unwrap();
    let outcomes = [before, early, late, after].map(|proposal| world.outcome(&proposal).unwrap());
    assert_eq!(outcomes, [Outcome::Lapsed, Outcome::Agreed, Outcome::Void, Outcome::Void]);
    assert_eq!(epoch(&world), 2);
    let settled = events.iter().filter(|event| matches!(event.fact, Fact::Settled { .. })).count();
    assert_eq!(settled, 4, "each once");
}

#[test]
fn revoking_a_key_takes_back_what_it_said() {
    let mut world = World::pairs();
    let proposal = world.propose(world.draft("demand")).unwrap();
    world.approve("BB", proposal).unwrap();
    approve_by(&mut world, "AA", "AA.2", proposal);
    world.revoke("AA", "AA", "AA.2").unwrap();
    approve_by(&mut world, "AA", "AA", proposal);
    assert_eq!(world.outcome(&proposal), None, "the revoked key does not count");
    approve_by(&mut world, "AA", "AA.3", proposal);
    assert_eq!(world.outcome(&proposal), Some(Outcome::Agreed));
    // What was settled stands.
    world.revoke("AA", "AA", "AA.3").unwrap();
    assert!(matches!(world.state().release(&proposal), Some(Release::Agreed(_))));
}

#[test]
fn revoking_a_key_takes_back_its_endorsement() {
    let mut world = World::pairs();
    let proposal = propose_change(&mut world, "rotation", rotation());
    for one in ["AA", "AA.3", "AA.4"] {
        world.endorse("AA", one, proposal).unwrap();
    }
    world.revoke("AA", "AA", "AA.3").unwrap();
    world.office(tick(100)).unwrap();
    assert_eq!(world.outcome(&proposal), Some(Outcome::Lapsed));
}

#[test]
fn a_change_that_would_bring_back_a_revoked_key_is_void() {
    let mut world = World::pairs();
    let proposal = propose_change(&mut world, "rotation", rotation());
    for one in ["AA", "AA.3", "AA.4", "AA.2"] {
        world.endorse("AA", one, proposal).unwrap();
    }
    // The new delegation keeps AA.2, which is stolen meanwhile.
    world.revoke("AA", "AA", "AA.2").unwrap();
    world.office(tick(100)).unwrap();
    assert_eq!(world.outcome(&proposal), Some(Outcome::Void));
    assert_eq!(epoch(&world), 1);
}

#[test]
fn a_standing_consent_stands_for_the_originator() {
    let mut world = World::small();
    world.acts("BB", ActBody::Entrust(entrust())).unwrap();
    let proposal = world.propose(world.draft("demand")).unwrap();
    world.approve("AA", proposal).unwrap();
    assert_eq!(world.outcome(&proposal), None, "BB may still object");
    let mut objects = world.clone();
    objects.object("BB", proposal).unwrap();
    assert_eq!(objects.outcome(&proposal), Some(Outcome::Objected));
    world.office(tick(100)).unwrap();
    let evidence = world.state().agreed(&proposal).unwrap().evidence();
    assert_eq!(evidence.consents[&code("BB")], [EntryIndex(2)].into(), "the entry that gave it");
}

#[test]
fn a_standing_consent_covers_nothing_beyond_its_bounds() {
    let lapses = |terms: act::Entrust, change: &dyn Fn(&mut act::Propose)| {
        let mut world = World::small();
        world.acts("BB", ActBody::Entrust(terms)).unwrap();
        let proposal = propose_with(&mut world, "demand", change);
        world.approve("AA", proposal).unwrap();
        world.office(tick(1000)).unwrap();
        world.outcome(&proposal) == Some(Outcome::Lapsed)
    };
    let same = |_: &mut act::Propose| ();
    assert!(!lapses(entrust(), &same));
    assert!(lapses(act::Entrust { audience: codes(&["ACME"]), ..entrust() }, &same), "also to BOLT");
    assert!(lapses(act::Entrust { contents: [Content::Standards].into(), ..entrust() }, &same));
    assert!(lapses(act::Entrust { highest: Level::Unclassified, ..entrust() }, &same));
    assert!(!lapses(act::Entrust { highest: Level::Secret, ..entrust() }, &same));
    assert!(lapses(act::Entrust { expires_utc: minute(100), ..entrust() }, &same), "at its expiry");
    let second = act::UtcTime::new("2026-03-01T01:40:01Z").unwrap();
    assert!(!lapses(act::Entrust { expires_utc: second, ..entrust() }, &same), "one second before it");
    let narrower = |propose: &mut act::Propose| release_of(propose).audience = codes(&["ACME"]);
    assert!(!lapses(act::Entrust { audience: codes(&["ACME"]), ..entrust() }, &narrower));
}

#[test]
fn a_standing_consent_does_not_stretch_with_the_deadline() {
    for (minutes, outcome) in [(999, Outcome::Agreed), (1000, Outcome::Lapsed)] {
        let mut world = World::small();
        world.acts("BB", ActBody::Entrust(entrust())).unwrap();
        let proposal = world.propose(world.draft("demand")).unwrap();
        world.approve("AA", proposal).unwrap();
        world.extend(proposal, minutes).unwrap();
        world.office(tick(minutes)).unwrap();
        assert_eq!(world.outcome(&proposal), Some(outcome), "until minute {minutes}");
    }
}

#[test]
fn a_standing_consent_taken_back_is_missing_in_open_rounds() {
    let mut world = World::small();
    world.acts("BB", ActBody::Entrust(entrust())).unwrap();
    let proposal = world.propose(world.draft("demand")).unwrap();
    world.approve("AA", proposal).unwrap();
    let grant = entrust().digest().unwrap();
    world.acts("BB", ActBody::Reclaim(act::Reclaim { grant })).unwrap();
    // Given again, it is for rounds that open from then on.
    world.acts("BB", ActBody::Entrust(entrust())).unwrap();
    world.office(tick(100)).unwrap();
    assert_eq!(world.outcome(&proposal), Some(Outcome::Lapsed));
}

#[test]
fn a_standing_consent_of_a_member_of_two_keys_takes_both() {
    let mut world = World::pairs();
    world.acts("AA", ActBody::Entrust(entrust())).unwrap();
    let grant = entrust().digest().unwrap();
    let given = |world: &World| world.state().grants()[&(code("AA"), grant)].given();
    assert_eq!(given(&world), None);
    let early = world.propose(world.draft("early")).unwrap();
    world.acts_by("AA", "AA.3", ActBody::Entrust(entrust())).unwrap();
    assert_eq!(given(&world).unwrap().entry, EntryIndex(4));
    let late = world.propose(world.draft("late")).unwrap();
    for proposal in [early, late] {
        world.approve("BB", proposal).unwrap();
    }
    let mut revoked = world.clone();
    world.office(tick(100)).unwrap();
    assert_eq!(world.outcome(&early), Some(Outcome::Lapsed), "it was not there when the round opened");
    assert_eq!(world.outcome(&late), Some(Outcome::Agreed));
    let evidence = world.state().agreed(&late).unwrap().evidence();
    assert_eq!(evidence.consents[&code("AA")], [EntryIndex(2), EntryIndex(4)].into());
    // A key that is revoked has given nothing; one that gave nothing takes nothing back.
    let mut kept = revoked.clone();
    kept.revoke("AA", "AA", "AA.2").unwrap();
    kept.office(tick(100)).unwrap();
    assert_eq!(kept.outcome(&late), Some(Outcome::Agreed));
    revoked.revoke("AA", "AA", "AA.3").unwrap();
    revoked.office(tick(100)).unwrap();
    assert_eq!(revoked.outcome(&late), Some(Outcome::Lapsed));
}

#[test]
fn a_consent_that_waits_for_keys_counts_only_keys_that_are_still_there() {
    let mut world = World::pairs();
    world.acts_by("AA", "AA.3", ActBody::Entrust(entrust())).unwrap();
    let proposal = propose_change(&mut world, "rotation", rotation());
    for one in ["AA", "AA.3", "AA.4"] {
        world.endorse("AA", one, proposal).unwrap();
    }
    world.office(tick(100)).unwrap();
    assert_eq!(world.outcome(&proposal), Some(Outcome::Agreed));
    world.acts_by("AA", "AA.4", ActBody::Entrust(entrust())).unwrap();
    let grant = entrust().digest().unwrap();
    assert_eq!(world.state().grants()[&(code("AA"), grant)].given(), None, "AA.3 is gone");
    world.acts_by("AA", "AA.2", ActBody::Entrust(entrust())).unwrap();
    assert!(world.state().grants()[&(code("AA"), grant)].given().is_some());
}

#[test]
fn what_was_given_beforehand_ends_with_the_keys_that_gave_it() {
    let both: &[&str] = &["BB", "BB.new"];
    for (succession, names, stands) in [
        (Succession::Rotate, both, true),
        (Succession::Rotate, &["BB.new"], false),
        (Succession::Recover, &["BB.new"], false),
        // A key that stays through a recovery may have been in other hands when it gave it.
        (Succession::Recover, both, false),
    ] {
        let mut world = World::three();
        world.acts("BB", ActBody::Entrust(entrust())).unwrap();
        let new = new_keys("BB", succession, delegation(1, names, &MEMBER_SCOPES));
        let proposal = propose_change(&mut world, "new keys", new);
        world.endorse("BB", "BB.new", proposal).unwrap();
        if succession == Succession::Rotate {
            world.endorse("BB", "BB", proposal).unwrap();
        }
        world.approve("AA", proposal).unwrap();
        world.approve("CC", proposal).unwrap();
        world.office(tick(100)).unwrap();
        assert_eq!(world.outcome(&proposal), Some(Outcome::Agreed));
        let grant = world.state().grants().get(&(code("BB"), entrust().digest().unwrap()));
        assert_eq!(grant.is_some_and(|grant| grant.given().is_some()), stands);
        // The new key gives it again, where it ended.
        world.acts_by("BB", "BB.new", ActBody::Entrust(entrust())).unwrap();
        let grant = &world.state().grants()[&(code("BB"), entrust().digest().unwrap())];
        assert!(grant.given().is_some());
    }
}

#[test]
fn a_vote_before_the_key_expired_counts_and_one_after_does_not() {
    let mut dated = roster(&["AA", "BB"], &["ACME"]);
    dated.members[0].delegation = delegation(2, &["AA", "AA.2"], &MEMBER_SCOPES);
    for one in &mut dated.members[0].delegation.delegates {
        one.expires_utc = minute(50);
    }
    let mut world = World::with(dated);
    let proposal = world.propose(world.draft("demand")).unwrap();
    world.approve("BB", proposal).unwrap();
    approve_by(&mut world, "AA", "AA", proposal);
    let mut in_time = world.clone();
    in_time.office(tick(49)).unwrap();
    approve_by(&mut in_time, "AA", "AA.2", proposal);
    assert_eq!(in_time.outcome(&proposal), Some(Outcome::Agreed));
    world.office(tick(50)).unwrap();
    let body = approve_of(world.state(), proposal);
    assert!(matches!(world.acts_by("AA", "AA.2", body), Err(Refusal::ExpiredKey { .. })));
}

#[test]
fn a_receiver_that_left_gets_nothing_more() {
    let mut world = World::small();
    let proposal = world.agree("demand");
    world.seal(proposal, digest("package")).unwrap();
    let leaves = Change::RemoveReceiver(act::Leaving { code: code("ACME") });
    world.change_by_silence("ACME leaves", leaves, 10);
    let refusal = world.office(deliver(digest("package"), "ACME")).unwrap_err();
    assert!(matches!(refusal, Refusal::NotEligible { .. }), "{refusal}");
    world.office(deliver(digest("package"), "BOLT")).unwrap();
}
