//! Rosters that do not hold, changes that do not apply, and what a change needs.

use ledger::act::{
    self, Change, Code, Content, Group, Leaving, Level, Membership, NewWitnesses, OfficeCards, PolicyText,
    Scope, Succession,
};

use super::*;
use crate::tests::world::{
    MEMBER_SCOPES, OFFICE_SCOPES, RECEIVER_SCOPES, code, codes, delegate, delegation, digest, eligibility,
    far, key, member, minute, new_keys, receiver, roster,
};
use ledger::act_key::Signer as _;

fn read(wire: &act::Roster) -> Roster {
    Roster::read(wire).unwrap()
}

#[track_caller]
fn fault(wire: &act::Roster, expected: &RosterError) {
    let error = Roster::read(wire).unwrap_err();
    assert_eq!(&error, expected);
    speaks(&error);
}

#[track_caller]
fn speaks(error: &RosterError) {
    let message = error.to_string();
    assert!(!message.ends_with('.') && !message.starts_with(|c: char| c.is_ascii_uppercase()), "{message}");
    assert!(!error.advice().is_empty() && !error.advice().ends_with('.'));
}

/// What a change of the roster of three members and two companies is refused with.
#[track_caller]
fn refused(changes: &[Change], expected: &RosterError) {
    let error = read(&three()).after(changes).unwrap_err();
    assert_eq!(&error, expected);
    speaks(&error);
}

fn three() -> act::Roster {
    let mut wire = roster(&["AA", "BB", "CC"], &["ACME", "BOLT"]);
    wire.groups = vec![group("EU")];
    wire
}

fn group(name: &str) -> Group {
    Group {
        code: code(name),
        memberships: vec![Membership {
            state: code("XX"),
            from_utc: minute(10),
            until_utc: Some(minute(20)),
        }],
    }
}

fn leaving(name: &str) -> Leaving {
    Leaving { code: code(name) }
}

fn rotate(name: &str, keys: &[&str]) -> Change {
    new_keys(name, Succession::Rotate, delegation(1, keys, &MEMBER_SCOPES))
}

fn recover(name: &str, keys: &[&str]) -> Change {
    new_keys(name, Succession::Recover, delegation(1, keys, &MEMBER_SCOPES))
}

#[test]
fn codes_ascend_and_name_one_thing() {
    for members in [["BB", "AA"], ["AA", "AA"]] {
        let mut wire = roster(&["AA"], &[]);
        wire.members = members.map(member).to_vec();
        fault(&wire, &RosterError::Order { code: code(members[1]) });
    }
    fault(&roster(&["AA"], &["Z", "B"]), &RosterError::Order { code: code("B") });
    let mut wire = three();
    wire.groups = vec![group("EU"), group("EU")];
    fault(&wire, &RosterError::Order { code: code("EU") });
    let mut wire = three();
    wire.members[0].delegation.delegates =
        vec![delegate("b", &MEMBER_SCOPES, far()), delegate("a", &MEMBER_SCOPES, far())];
    fault(&wire, &RosterError::Order { code: code("a") });
    let mut wire = three();
    wire.receivers[0] = act::Receiver { code: code("AA"), ..wire.receivers[0].clone() };
    fault(&wire, &RosterError::Ambiguous { code: code("AA") });
    let mut wire = three();
    wire.groups = vec![group("BOLT")];
    fault(&wire, &RosterError::Ambiguous { code: code("BOLT") });
    let mut wire = roster(&["AA"], &[]);
    wire.members.push(act::Member { code: Code::office(), ..member("other") });
    fault(&wire, &RosterError::Ambiguous { code: Code::office() });
}

#[test]
fn a_key_stands_for_one_delegate() {
    let mut wire = three();
    let shared = key("AA").key();
    for (place, party) in [(1, "BB"), (2, "CC")] {
        wire.members[place].delegation.delegates[0].key = shared.clone();
        fault(&wire, &RosterError::SharedKey { code: code(party), key: shared.id() });
        wire = three();
    }
    wire.receivers[0].delegation.delegates[0].key = shared.clone();
    fault(&wire, &RosterError::SharedKey { code: code("ACME"), key: shared.id() });
    let mut wire = three();
    wire.office.delegation.delegates[0].key = shared.clone();
    fault(&wire, &RosterError::SharedKey { code: code("AA"), key: shared.id() });
}

#[test]
fn a_quorum_can_be_reached() {
    for (scope, wanted) in [(Scope::Agree, 2), (Scope::Govern, 2), (Scope::Deposit, 1)] {
        let mut wire = three();
        let mut other = delegation(2, &["AA", "AA.2"], &MEMBER_SCOPES);
        other.delegates[0].scopes.remove(&scope);
        if wanted == 1 {
            other.delegates[1].scopes.remove(&scope);
        }
        wire.members[0].delegation = other;
        fault(&wire, &RosterError::Quorum { code: code("AA"), scope, wanted });
    }
    let mut wire = three();
    wire.members[0].delegation = delegation(3, &["AA", "AA.2"], &MEMBER_SCOPES);
    fault(&wire, &RosterError::Quorum { code: code("AA"), scope: Scope::Agree, wanted: 3 });
    wire.members[0].delegation = delegation(2, &["AA", "AA.2"], &MEMBER_SCOPES);
    assert_eq!(read(&wire).party(&code("AA")).unwrap().1.quorum(), 2);
    for scope in OFFICE_SCOPES {
        let mut wire = three();
        wire.office.delegation.delegates[0].scopes.remove(&scope);
        if scope == Scope::Access {
            // An office need not run a key access service.
            read(&wire);
        } else {
            fault(&wire, &RosterError::Quorum { code: Code::office(), scope, wanted: 1 });
        }
    }
    for scope in RECEIVER_SCOPES {
        let mut wire = three();
        wire.receivers[1].delegation.delegates[0].scopes.remove(&scope);
        fault(&wire, &RosterError::Quorum { code: code("BOLT"), scope, wanted: 1 });
    }
    let names: Vec<String> = (0..=DELEGATES_MAX).map(|number| format!("D{number:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut wire = three();
    wire.members[0].delegation = delegation(1, &names, &MEMBER_SCOPES);
    fault(&wire, &RosterError::TooManyDelegates { code: code("AA"), found: DELEGATES_MAX + 1 });
    wire.members[0].delegation = delegation(1, &names[1..], &MEMBER_SCOPES);
    read(&wire);
}

#[test]
fn a_receiver_has_a_sponsor_and_groups_receive_nothing() {
    let mut wire = three();
    for sponsor in ["ZZ", "BOLT", act::OFFICE] {
        wire.receivers[0].sponsor = code(sponsor);
        let (receiver, sponsor) = (code("ACME"), code(sponsor));
        fault(&wire, &RosterError::Sponsor { receiver, sponsor });
    }
    let mut wire = three();
    wire.receivers[0].state = code("EU");
    fault(&wire, &RosterError::GroupAsParty { code: code("EU") });
    let mut wire = three();
    wire.eligibility[0].party = code("EU");
    fault(&wire, &RosterError::GroupAsParty { code: code("EU") });
}

#[test]
fn dates_run_forward() {
    let mut wire = three();
    wire.groups[0].memberships[0].until_utc = Some(minute(10));
    fault(&wire, &RosterError::Memberships { group: code("EU") });
    let mut wire = three();
    let twice = wire.groups[0].memberships[0].clone();
    wire.groups[0].memberships.push(twice);
    fault(&wire, &RosterError::Memberships { group: code("EU") });
    let mut wire = three();
    wire.eligibility[0].until_utc = wire.eligibility[0].from_utc;
    fault(&wire, &RosterError::Eligibility);
    let mut wire = three();
    wire.eligibility.push(eligibility());
    fault(&wire, &RosterError::Eligibility);
}

#[test]
fn the_witness_policy_reads() {
    let mut wire = three();
    wire.witnesses = PolicyText::new("quorum nobody\n").unwrap();
    let error = Roster::read(&wire).unwrap_err();
    assert!(matches!(&error, RosterError::Witnesses(_)), "{error}");
    speaks(&error);
}

#[test]
fn belonging_to_a_group_has_dates() {
    let roster = read(&three());
    for (at, expected) in [(9, false), (10, true), (19, true), (20, false)] {
        assert_eq!(roster.belongs(&code("XX"), &code("EU"), minute(at)), expected, "minute {at}");
    }
    assert!(!roster.belongs(&code("YY"), &code("EU"), minute(10)));
    assert!(!roster.belongs(&code("XX"), &code("UE"), minute(10)));
    let mut lasting = three();
    lasting.groups[0].memberships[0].until_utc = None;
    assert!(read(&lasting).belongs(&code("XX"), &code("EU"), far()));
}

#[test]
fn eligibility_is_by_state_or_receiver_kind_level_and_date() {
    let mut wire = three();
    wire.eligibility[0].contents = [Content::Figures].into();
    wire.eligibility[0].from_utc = minute(10);
    wire.eligibility[0].until_utc = minute(20);
    let line =
        act::Eligibility { party: code("BOLT"), contents: [Content::Standards].into(), ..eligibility() };
    wire.eligibility.insert(0, line);
    let roster = read(&wire);
    let ask = |who: &str, content, level, at| roster.eligible(&code(who), content, level, minute(at));
    assert_eq!(ask("ACME", Content::Figures, Level::Restricted, 10), Ok(()));
    assert_eq!(ask("ACME", Content::Figures, Level::Restricted, 19), Ok(()));
    for at in [9, 20] {
        let error = ask("ACME", Content::Figures, Level::Restricted, at).unwrap_err();
        assert!(matches!(error, Ineligible::NotNow { .. }), "{error}");
        assert!(!error.advice().is_empty());
    }
    let error = ask("ACME", Content::Figures, Level::Confidential, 10).unwrap_err();
    assert!(matches!(error, Ineligible::NoAgreement { .. }), "{error}");
    assert!(ask("ACME", Content::Standards, Level::Public, 10).is_err());
    assert_eq!(ask("BOLT", Content::Standards, Level::Public, 10), Ok(()), "a line of its own");
    let error = ask("ACME", Content::Figures, Level::TopSecret, 10).unwrap_err();
    assert!(matches!(error, Ineligible::Clearance { .. }), "{error}");
    let error = ask("AA", Content::Figures, Level::Public, 10).unwrap_err();
    assert!(matches!(error, Ineligible::Unknown { .. }), "{error}");
}

#[test]
fn every_change_applies_one_epoch_later() {
    let before = read(&three());
    let line = act::Eligibility { party: code("YY"), ..eligibility() };
    let changes = vec![
        Change::AddMember(member("DD")),
        Change::RemoveMember(leaving("CC")),
        rotate("BB", &["BB.2"]),
        Change::Receiver(receiver("CORE", "DD")),
        Change::RemoveReceiver(leaving("BOLT")),
        Change::OfficeCards(OfficeCards { seal: digest("s"), open: digest("o") }),
        Change::Group(group("AU")),
        Change::RemoveGroup(leaving("EU")),
        Change::AddEligibility(line.clone()),
        Change::RemoveEligibility(eligibility()),
        Change::Witnesses(NewWitnesses { policy: PolicyText::new("quorum none\n").unwrap() }),
    ];
    let after = before.after(&changes).unwrap();
    assert_eq!(after.epoch().get(), before.epoch().get() + 1);
    let members: Vec<&Code> = after.members().map(|(code, _)| code).collect();
    assert_eq!(members, [&code("AA"), &code("BB"), &code("DD")]);
    assert_eq!(
        after.receivers().keys().cloned().collect::<std::collections::BTreeSet<_>>(),
        codes(&["ACME", "CORE"])
    );
    assert_eq!(after.office().seal, digest("s"));
    assert_eq!(after.owner(&key("BB.2").key().id()), Some(&code("BB")));
    assert_eq!(after.owner(&key("BB").key().id()), None);
    assert_eq!(after.wire().eligibility, [line]);
    assert_eq!(after.wire().groups, [group("AU")]);
    assert_eq!(Roster::read(after.wire()).unwrap(), after);
}

#[test]
fn a_change_that_does_not_apply_is_refused() {
    refused(&[], &RosterError::Nothing);
    let absent = RosterError::Absent { code: code("ZZ") };
    refused(&[Change::RemoveMember(leaving("ZZ"))], &absent);
    refused(&[Change::RemoveReceiver(leaving("ZZ"))], &absent);
    refused(&[Change::RemoveGroup(leaving("ZZ"))], &absent);
    refused(&[rotate("ZZ", &["ZZ"])], &absent);
    let line = act::Eligibility { party: code("ZZ"), ..eligibility() };
    refused(&[Change::RemoveEligibility(line)], &absent);
    refused(&[Change::AddEligibility(eligibility())], &RosterError::Present { code: code("XX") });
    refused(&[Change::AddMember(member("AA"))], &RosterError::Present { code: code("AA") });
    let mut other = receiver("ACME", "AA");
    other.delegation = delegation(1, &["thief"], &RECEIVER_SCOPES);
    refused(&[Change::Receiver(other)], &RosterError::DelegationInside { code: code("ACME") });
    let mut last = three();
    last.epoch = act::Epoch::new(u64::from(u32::MAX)).unwrap();
    let error = read(&last).after(&[Change::RemoveGroup(leaving("EU"))]).unwrap_err();
    assert_eq!(error, RosterError::LastEpoch);
    speaks(&error);
}

#[test]
fn a_party_changes_once_in_a_proposal() {
    let twice = |name: &str| RosterError::Twice { code: code(name) };
    refused(&[rotate("BB", &["BB.2"]), rotate("BB", &["BB.3"])], &twice("BB"));
    // Leaving and coming back would be other keys without the signatures that they take.
    let mut back = receiver("BOLT", "AA");
    back.delegation = delegation(1, &["thief"], &RECEIVER_SCOPES);
    refused(&[Change::RemoveReceiver(leaving("BOLT")), Change::Receiver(back)], &twice("BOLT"));
    let back = act::Member { delegation: delegation(1, &["thief"], &MEMBER_SCOPES), ..member("CC") };
    refused(&[Change::RemoveMember(leaving("CC")), Change::AddMember(back)], &twice("CC"));
}

#[test]
fn one_member_at_a_time_loses_its_voice() {
    let voiceless = |name: &str| RosterError::NoVoice { code: code(name) };
    refused(&[recover("BB", &["x"]), recover("CC", &["y"])], &voiceless("CC"));
    refused(&[Change::RemoveMember(leaving("BB")), recover("CC", &["y"])], &voiceless("CC"));
    let alone = read(&roster(&["AA"], &[]));
    assert_eq!(alone.after(&[recover("AA", &["x"])]), Err(voiceless("AA")));
    speaks(&voiceless("AA"));
    // Another that joins in the same proposal is no one to vouch.
    let joined = [recover("AA", &["x"]), Change::AddMember(member("DD"))];
    assert_eq!(alone.after(&joined), Err(voiceless("AA")));
    assert!(read(&three()).after(&[recover("CC", &["y"])]).is_ok());
}

#[test]
fn a_revoked_key_never_comes_back() {
    let mut before = read(&three());
    let lost = key("BB.2").key().id();
    before.revoke(lost);
    let error = before.after(&[rotate("BB", &["BB.2"])]).unwrap_err();
    assert_eq!(error, RosterError::RevokedKey { code: code("BB"), key: lost });
    speaks(&error);
    let mut joining = member("DD");
    joining.delegation = delegation(1, &["BB.2"], &MEMBER_SCOPES);
    assert!(before.after(&[Change::AddMember(joining)]).is_err());
    // It is remembered over changes of the roster.
    let next = before.after(&[Change::RemoveGroup(leaving("EU"))]).unwrap();
    assert!(next.revoked().contains(&lost) && next.after(&[rotate("BB", &["BB.2"])]).is_err());
}

/// Party, side, names of the keys and how many, of every endorsement.
fn endorsements(needs: &change::Needs, names: &[&str]) -> Vec<(String, Side, Vec<String>, usize)> {
    let name = |id: &KeyId| {
        let named = names.iter().find(|name| key(name).key().id() == *id);
        named.map_or_else(|| id.to_string(), |name| (*name).to_owned())
    };
    let one = |needed: &Endorsement| {
        let mut keys: Vec<String> = needed.keys.keys().map(name).collect();
        keys.sort();
        (needed.party.to_string(), needed.side, keys, needed.count)
    };
    needs.endorsements.iter().map(one).collect()
}

#[test]
fn a_rotation_needs_the_old_quorum_the_new_quorum_and_every_new_key() {
    let mut wire = three();
    wire.members[0].delegation = delegation(2, &["AA", "AA.2", "AA.3"], &MEMBER_SCOPES);
    wire.members[0].delegation.delegates[2].scopes.remove(&Scope::Govern);
    let mut new = delegation(2, &["AA", "AA.4", "AA.5"], &MEMBER_SCOPES);
    new.delegates[2].scopes.remove(&Scope::Govern);
    let before = read(&wire);
    let needs = before.needs(&[new_keys("AA", Succession::Rotate, new.clone())]);
    let names = ["AA", "AA.2", "AA.3", "AA.4", "AA.5"];
    let of = |side, keys: &[&str], count| {
        ("AA".to_owned(), side, keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>(), count)
    };
    // A key that does not govern does not help to hand the party over, but its holder proves that it is there.
    let (old, fresh) = (of(Side::Old, &["AA", "AA.2"], 2), of(Side::New, &["AA", "AA.4"], 2));
    let unseen = of(Side::Possession, &["AA.4", "AA.5"], 2);
    assert_eq!(endorsements(&needs, &names), [old, fresh.clone(), unseen.clone()]);
    assert!(needs.silenced.is_empty() && needs.consent.is_empty());
    let needs = before.needs(&[new_keys("AA", Succession::Recover, new)]);
    assert_eq!(endorsements(&needs, &names), [fresh, unseen]);
    assert_eq!((needs.silenced, needs.consent), (codes(&["AA"]), codes(&["BB", "CC"])));
}

#[test]
fn who_must_say_yes_depends_on_the_change() {
    let before = read(&three());
    let needs = |change: Change| {
        let needs = before.needs(&[change]);
        (needs.silenced, needs.consent, !needs.endorsements.is_empty())
    };
    let (nobody, all) = (codes(&[]), codes(&["AA", "BB", "CC"]));
    let others = codes(&["AA", "BB"]);
    let receiver_keys = |how| new_keys("ACME", how, delegation(1, &["ACME.2"], &RECEIVER_SCOPES));
    let office_keys = |how| new_keys(act::OFFICE, how, delegation(1, &["OFFICE.2"], &OFFICE_SCOPES));
    let line = act::Eligibility { party: code("YY"), ..eligibility() };
    let policy = PolicyText::new("quorum none\n").unwrap();
    let cards = OfficeCards { seal: digest("s"), open: digest("o") };
    let moved = act::Receiver { sponsor: code("BB"), ..receiver("ACME", "AA") };
    let cases = [
        (Change::AddMember(member("DD")), (nobody.clone(), all.clone(), true)),
        (Change::RemoveMember(leaving("CC")), (codes(&["CC"]), others.clone(), false)),
        (recover("CC", &["CC.2"]), (codes(&["CC"]), others.clone(), true)),
        (rotate("CC", &["CC.2"]), (nobody.clone(), nobody.clone(), true)),
        (office_keys(Succession::Rotate), (nobody.clone(), nobody.clone(), true)),
        (office_keys(Succession::Recover), (nobody.clone(), all.clone(), true)),
        (receiver_keys(Succession::Rotate), (nobody.clone(), codes(&["AA"]), true)),
        (receiver_keys(Succession::Recover), (nobody.clone(), codes(&["AA"]), true)),
        (Change::Receiver(receiver("CORE", "BB")), (nobody.clone(), codes(&["BB"]), true)),
        (Change::Receiver(moved), (nobody.clone(), others, false)),
        (Change::RemoveReceiver(leaving("ACME")), (nobody.clone(), nobody.clone(), false)),
        (Change::OfficeCards(cards), (nobody.clone(), all.clone(), false)),
        (Change::Witnesses(NewWitnesses { policy }), (nobody.clone(), all, false)),
        (Change::Group(group("EU")), (nobody.clone(), nobody.clone(), false)),
        (Change::RemoveGroup(leaving("EU")), (nobody.clone(), nobody.clone(), false)),
        (Change::AddEligibility(line), (nobody.clone(), nobody.clone(), false)),
        (Change::RemoveEligibility(eligibility()), (nobody.clone(), nobody, false)),
    ];
    for (change, expected) in cases {
        assert_eq!(needs(change.clone()), expected, "{change:?}");
    }
}
