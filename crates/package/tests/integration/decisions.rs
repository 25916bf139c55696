//! Agreements that are none.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    Digest,
    act::{self, Act, ActBody, Ballot, Code, Counter, Entrust, Epoch, Level, RoundNumber, Scope, Subject},
    act_key::Signer,
    checkpoint::SignedCheckpoint,
    dsse::Envelope,
    key::SigningKey,
    log::{LogSigner, LogVerifier},
    policy::{Policy, PolicyError},
    proof::LogProof,
};
use package::{
    Decision, SealKey, Trust,
    decision::{Bound, Consent, DecisionError, Lacking, Logged},
    seal::SealError,
    trust::{TrustedRoster, Use},
    verify,
};

use crate::world::{
    BE, NO, PROPOSAL, Seeded, US, World, archive, at, code, content, decision, label_xml, members, policy,
    reasoned, roster, sign, terms, trust,
};

fn judged(world: &World, envelopes: &[Envelope]) -> Result<(), DecisionError> {
    decision(world.logged(envelopes)).agreed(&world.trust).map(drop)
}

fn refused(world: &World, envelopes: &[Envelope]) -> DecisionError {
    judged(world, envelopes).unwrap_err()
}

/// The usual agreement with one entry exchanged.
fn with(world: &World, place: usize, envelope: Envelope) -> Vec<Envelope> {
    let mut envelopes = world.agreed(&world.propose());
    envelopes[place] = envelope;
    envelopes
}

fn ballot(world: &World) -> Ballot {
    let proposal = world.agreed(&world.propose())[PROPOSAL].digest();
    Ballot { proposal, round: RoundNumber::FIRST, roster_epoch: Epoch::FIRST }
}

fn missing(member: &str, found: usize, quorum: usize) -> DecisionError {
    DecisionError::NotConsented { missing: vec![Lacking { code: code(member), found, quorum }] }
}

#[test]
fn the_good_one_is_agreed_and_reads_back() {
    let world = World::new();
    let good = world.decision();
    let proposal = good.agreed(&world.trust).unwrap();
    assert_eq!(proposal.propose, world.propose());
    assert_eq!(Subject::Release(proposal.release.clone()), proposal.propose.subject);
    assert_eq!(Decision::from_bytes(&good.to_bytes().unwrap()).unwrap(), good);
    let how = [("BE", Consent::InTheRound), ("NO", Consent::InTheRound), ("US", Consent::Beforehand)];
    let how = how.map(|(member, how)| (code(member), how));
    assert_eq!(good.consents(&world.trust, &proposal).unwrap(), BTreeMap::from(how));
    let cosigned = good.witnessed(&world.trust).unwrap().cosigned;
    let names = cosigned.keys().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(names, ["BE-ed25519", "BE-ml-dsa-44", "NO-ed25519", "NO-ml-dsa-44"]);
}

#[test]
fn every_entry_has_a_proof_file_of_its_own_and_the_checkpoint_is_kept_once() {
    let world = World::new();
    let good = world.decision();
    for (entry, envelope) in good.envelopes().enumerate() {
        let proof = good.proof_of(entry).unwrap();
        let read = LogProof::from_text(&proof.to_text()).unwrap();
        read.verify(&envelope.to_bytes(), world.trust.log()).unwrap();
        world.trust.witnesses().satisfied_by(read.checkpoint()).unwrap();
    }
    assert_eq!((good.envelopes().count(), good.proof_of(5)), (5, None));
    let json = serde_json::from_slice::<serde_json::Value>(&good.to_bytes().unwrap()).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let file = text(&json["consents"][2]["proof"]) + &text(&json["checkpoint"]);
    assert_eq!(file, good.proof_of(3).unwrap().to_text());
}

#[test]
fn the_order_in_which_consents_are_given_makes_no_difference() {
    let world = World::new();
    let logged = world.logged(&world.agreed(&world.propose()));
    let mut reversed = logged.clone();
    reversed[PROPOSAL + 1..].reverse();
    assert_eq!(decision(reversed), decision(logged));
}

#[test]
fn a_missing_consent() {
    let world = World::new();
    let propose = world.propose();
    for (place, lacking) in [(BE, ("BE", 0, 1)), (NO[0], ("NO", 1, 2)), (NO[1], ("NO", 1, 2))] {
        let mut envelopes = world.agreed(&propose);
        envelopes.remove(place);
        let (member, found, quorum) = lacking;
        let wanted = missing(member, found, quorum);
        assert_eq!(refused(&world, &envelopes), wanted);
        assert_eq!(world.seal(&decision(world.logged(&envelopes))), Err(SealError::NotAgreed(wanted)));
    }
    assert_eq!(missing("NO", 1, 2).to_string(), "no consent of NO (1 of 2 keys)");
    // Another grant in place of the one of US: of a member who needs none.
    let other = sign(world.key("BE", 0), &code("BE"), ActBody::Entrust(terms()));
    assert_eq!(refused(&world, &with(&world, US, other)), missing("US", 0, 1));
}

#[test]
fn a_key_counts_once() {
    let world = World::new();
    let (no, key) = (code("NO"), world.key("NO", 0));
    let twice = |key: &dyn Signer| DecisionError::Twice { code: code("NO"), key: key.key().id() };
    let again = Act::new(no.clone(), Counter::FIRST.next().unwrap(), ActBody::Approve(ballot(&world)));
    assert_eq!(refused(&world, &with(&world, NO[1], again.sign(key).unwrap())), twice(key));
    let reserved = sign(key, &no, ActBody::Reserve(reasoned(&ballot(&world))));
    assert_eq!(refused(&world, &with(&world, NO[1], reserved)), twice(key));
    // A ballot and a consent given beforehand are two things said, by one key each.
    let mut envelopes = world.agreed(&world.propose());
    envelopes[NO[1]] = sign(world.key("US", 0), &code("US"), ActBody::Approve(ballot(&world)));
    envelopes.insert(0, sign(key, &no, ActBody::Entrust(terms())));
    let mut logged = world.logged(&envelopes);
    let proposal = logged.remove(PROPOSAL + 1);
    let mixed = Decision::new(proposal, logged).unwrap();
    assert_eq!(mixed.agreed(&world.trust).unwrap_err(), missing("NO", 1, 2));
}

#[test]
fn more_than_is_needed_may_be_there_and_must_hold() {
    let world = World::new();
    let mut draft = world.draft();
    draft.originators.remove(&code("US"));
    let propose = world.propose_with(draft);
    let mut envelopes = world.agreed(&propose);
    let agreed = decision(world.logged(&envelopes)).agreed(&world.trust).unwrap();
    assert_eq!(agreed.uninvolved(&world.trust), BTreeSet::from([code("US")]));
    let Ok(ActBody::Approve(said)) = Act::claimed(&envelopes[BE]).map(|act| act.body) else {
        panic!("BE approves")
    };
    envelopes.push(sign(world.key("NO", 2), &code("NO"), ActBody::Approve(said)));
    envelopes.push(sign(world.key("US", 0), &code("US"), ActBody::Approve(said)));
    assert_eq!(judged(&world, &envelopes), Ok(()));
    envelopes.push(sign(world.key("US", 0), &code("US"), ActBody::Waive(said)));
    assert_eq!(refused(&world, &envelopes), DecisionError::OtherProposal { code: code("US") });
}

#[test]
fn consents_to_something_else() {
    let world = World::new();
    let good = ballot(&world);
    let another = Ballot { proposal: Digest::of(b"another proposal"), ..good };
    let round = Ballot { round: RoundNumber::new(2).unwrap(), ..good };
    let epoch = Ballot { roster_epoch: Epoch::new(2).unwrap(), ..good };
    let mut others = vec![
        ActBody::Waive(good),
        ActBody::Retract(good),
        ActBody::Endorse(good),
        ActBody::Object(reasoned(&good)),
        ActBody::Amend(reasoned(&good)),
        ActBody::Tick(act::Tick { at_utc: at("2026-11-22T16:00:00Z") }),
    ];
    for ballot in [another, round, epoch] {
        others.extend([ActBody::Approve(ballot), ActBody::Reserve(reasoned(&ballot))]);
    }
    for body in others {
        let said = sign(world.key("NO", 0), &code("NO"), body);
        let wanted = DecisionError::OtherProposal { code: code("NO") };
        assert_eq!(refused(&world, &with(&world, NO[0], said)), wanted);
    }
    for body in [ActBody::Approve(good), ActBody::Reserve(reasoned(&good))] {
        let said = sign(world.key("NO", 0), &code("NO"), body);
        assert_eq!(judged(&world, &with(&world, NO[0], said)), Ok(()));
    }
}

#[test]
fn consents_by_somebody_else() {
    let world = World::new();
    let approve = ActBody::Approve(ballot(&world));
    let stranger = SigningKey::generate(&mut Seeded::new(77));
    for key in [&stranger as &dyn Signer, &world.office, world.key("BE", 0)] {
        let said = sign(key, &code("NO"), approve.clone());
        let wanted = DecisionError::ConsentSignature { code: code("NO") };
        assert_eq!(refused(&world, &with(&world, NO[0], said)), wanted);
    }
    for nobody in ["XX", "OFFICE"] {
        let said = sign(&stranger, &code(nobody), approve.clone());
        let wanted = DecisionError::NotAMember { code: code(nobody) };
        assert_eq!(refused(&world, &with(&world, NO[0], said)), wanted);
    }
    // The right key's id over a signature that it did not make.
    let payload = Act::new(code("NO"), Counter::FIRST, approve).to_bytes().unwrap();
    let id = world.key("NO", 0).key().id();
    let forged = Envelope::signed(act::PAYLOAD_TYPE, &payload, id, vec![1; 64]).unwrap();
    let wanted = DecisionError::ConsentSignature { code: code("NO") };
    assert_eq!(refused(&world, &with(&world, NO[0], forged)), wanted);
}

#[test]
fn keys_without_the_scope() {
    let world = World::new();
    let not_entitled = |party: &str, key: &dyn Signer, scope| DecisionError::NotEntitled {
        code: code(party),
        key: key.key().id(),
        scope,
    };
    let deposits = world.key("NO", 3);
    for body in [ActBody::Approve(ballot(&world)), ActBody::Reserve(reasoned(&ballot(&world)))] {
        let said = sign(deposits, &code("NO"), body);
        assert_eq!(refused(&world, &with(&world, NO[0], said)), not_entitled("NO", deposits, Scope::Agree));
    }
    let entrusted = sign(deposits, &code("NO"), ActBody::Entrust(terms()));
    assert_eq!(refused(&world, &with(&world, US, entrusted)), not_entitled("NO", deposits, Scope::Agree));
    let proposed = sign(&world.clock, &Code::office(), ActBody::Propose(world.propose()));
    let wanted = not_entitled("OFFICE", &world.clock, Scope::Propose);
    assert!(wanted.to_string().ends_with("lacks the scope Propose"), "{wanted}");
    assert_eq!(refused(&world, &with(&world, PROPOSAL, proposed)), wanted);
}

#[test]
fn a_consent_given_beforehand_covers_what_it_says_and_no_more() {
    let world = World::new();
    let judge = |terms: Entrust| {
        judged(&world, &with(&world, US, sign(world.key("US", 0), &code("US"), ActBody::Entrust(terms))))
    };
    let beyond = |bound| Err(DecisionError::NotCovered { code: code("US"), bound });
    let audience = |codes: &[&str]| codes.iter().map(|c| code(c)).collect();
    assert_eq!(judge(Entrust { audience: audience(&["ACME", "BOLT"]), ..terms() }), Ok(()));
    assert_eq!(judge(Entrust { audience: audience(&["ACME", "CORE"]), ..terms() }), beyond(Bound::Audience));
    assert_eq!(judge(Entrust { audience: audience(&[]), ..terms() }), beyond(Bound::Audience));
    let both = BTreeSet::from([act::Content::Figures, act::Content::Standards]);
    assert_eq!(judge(Entrust { contents: both, ..terms() }), Ok(()));
    let contents = BTreeSet::from([act::Content::Standards]);
    assert_eq!(judge(Entrust { contents, ..terms() }), beyond(Bound::Content));
    assert_eq!(judge(Entrust { highest: Level::Secret, ..terms() }), Ok(()));
    assert_eq!(judge(Entrust { highest: Level::Public, ..terms() }), beyond(Bound::Classification));
    // It must outlast the deadline by a second at least.
    let until = |expires| judge(Entrust { expires_utc: at(expires), ..terms() });
    assert_eq!(until("2026-12-01T00:00:01Z"), Ok(()));
    assert_eq!(until("2026-12-01T00:00:00Z"), beyond(Bound::Expiry));
    assert_eq!(until("2026-11-30T23:59:59Z"), beyond(Bound::Expiry));
    // A label that says nothing is within no bound.
    let mut draft = world.draft();
    draft.label = act::LabelXml::new("<label/>").unwrap();
    assert_eq!(judged(&world, &world.agreed(&world.propose_with(draft))), beyond(Bound::Classification));
}

#[test]
fn consents_given_beforehand_need_a_quorum_on_the_same_terms() {
    let world = World::new();
    let entrust = |n, terms: &Entrust| sign(world.key("NO", n), &code("NO"), ActBody::Entrust(terms.clone()));
    let judge = |grants: [Envelope; 2]| {
        let good = world.agreed(&world.propose());
        let envelopes = [grants.as_slice(), &good[..NO[0]]].concat();
        let mut logged = world.logged(&envelopes);
        let proposal = logged.remove(PROPOSAL + 2);
        Decision::new(proposal, logged).unwrap().agreed(&world.trust).map(drop)
    };
    let wider = Entrust { highest: Level::Secret, ..terms() };
    assert_eq!(judge([entrust(0, &terms()), entrust(1, &terms())]), Ok(()));
    assert_eq!(judge([entrust(0, &terms()), entrust(1, &wider)]), Err(missing("NO", 1, 2)));
    let twice = DecisionError::Twice { code: code("NO"), key: world.key("NO", 0).key().id() };
    let again = Act::new(code("NO"), Counter::FIRST.next().unwrap(), ActBody::Entrust(terms()));
    let again = again.sign(world.key("NO", 0)).unwrap();
    assert_eq!(judge([entrust(0, &terms()), again]), Err(twice));
}

#[test]
fn proposals_that_are_none() {
    let world = World::new();
    let refuse = |envelope| refused(&world, &with(&world, PROPOSAL, envelope));
    let proposed = ActBody::Propose(world.propose());
    let office = Code::office();
    assert_eq!(refuse(sign(world.key("NO", 0), &office, proposed.clone())), DecisionError::ProposalSignature);
    assert_eq!(refuse(sign(&world.office, &code("NO"), proposed)), DecisionError::NotAProposal);
    let approved = ActBody::Approve(ballot(&world));
    assert_eq!(refuse(sign(&world.office, &office, approved)), DecisionError::NotAProposal);
    let mut reform = world.propose();
    reform.subject = Subject::Roster(act::RosterDraft { changes: Vec::new() });
    assert_eq!(refuse(sign(&world.office, &office, ActBody::Propose(reform))), DecisionError::NotAProposal);

    let mut draft = world.draft();
    draft.originators.insert(code("XX"), Digest::of(b"exposure"));
    let stranger = world.agreed(&world.propose_with(draft));
    assert_eq!(refused(&world, &stranger), DecisionError::Stranger { code: code("XX") });
    let mut draft = world.draft();
    draft.originators.clear();
    assert_eq!(refused(&world, &world.agreed(&world.propose_with(draft))), DecisionError::NoOriginator);
}

/// The world after everybody exchanged keys: its log and witnesses are the same.
fn after_rotation(world: &World) -> World {
    let mut seeded = Seeded::new(50);
    let mut next = World::new();
    next.office = SigningKey::generate(&mut seeded);
    for key in next.members.values_mut().flatten() {
        *key = Box::new(SigningKey::generate(&mut seeded));
    }
    let epoch = Epoch::new(2).unwrap();
    let rosters =
        vec![world.trust.newest().clone(), roster(epoch, [&next.office, &next.clock], &next.members)];
    next.trust = trust(Use::Exercise, &world.seal, &world.log, rosters, world.trust.witnesses().clone());
    next
}

#[test]
fn rosters_of_several_epochs_stand_side_by_side() {
    let old = World::new();
    let new = after_rotation(&old);
    let second = Epoch::new(2).unwrap();
    let mut propose = new.propose();
    propose.roster_epoch = second;
    // Old packages stay verifiable, new ones verify too.
    let package = old.package();
    assert!(verify(&package, &new.trust).is_ok());
    assert_eq!(judged(&new, &new.agreed(&propose)), Ok(()));
    assert!(new.seal(&decision(new.logged(&new.agreed(&propose)))).is_ok());
    // Who has the old trust file does not know the new roster.
    let unknown = DecisionError::Epoch { found: second, newest: Epoch::FIRST };
    assert_eq!(refused(&old, &old.agreed(&propose)), unknown);
    // Keys count in their own epoch only, both ways.
    let stolen = World { trust: new.trust.clone(), ..World::new() };
    assert_eq!(refused(&stolen, &stolen.agreed(&propose)), DecisionError::ProposalSignature);
    let mut mixed = new.agreed(&propose);
    let Ok(ActBody::Approve(said)) = Act::claimed(&mixed[BE]).map(|act| act.body) else {
        panic!("BE approves")
    };
    mixed[BE] = sign(old.key("BE", 0), &code("BE"), ActBody::Approve(said));
    assert_eq!(refused(&new, &mixed), DecisionError::ConsentSignature { code: code("BE") });
    let early = with(&old, BE, sign(new.key("BE", 0), &code("BE"), ActBody::Approve(ballot(&old))));
    assert_eq!(
        decision(old.logged(&early)).agreed(&new.trust).unwrap_err(),
        DecisionError::ConsentSignature { code: code("BE") }
    );
}

#[test]
fn entries_that_do_not_stand_in_the_log() {
    let world = World::new();
    let envelopes = world.agreed(&world.propose());
    let judged = |logged: Vec<Logged>| decision(logged).agreed(&world.trust).unwrap_err();

    let mut swapped = world.logged(&envelopes);
    let (be, no) = (swapped[BE].proof.clone(), swapped[NO[0]].proof.clone());
    (swapped[BE].proof, swapped[NO[0]].proof) = (no, be);
    assert_eq!(judged(swapped), DecisionError::NotLogged { entry: 2 });

    let origin = world.log.origin().clone();
    let foreign = LogSigner::from_seeds(origin, &[9; 32], &[9; 32]).unwrap();
    let foreign = World { log: foreign, ..World::new() };
    assert!(matches!(judged(foreign.logged(&envelopes)), DecisionError::Checkpoint(_)));

    let mut mixed = world.logged(&envelopes);
    mixed[3] = world.logged(&envelopes[..4]).remove(3);
    let proposal = mixed.remove(PROPOSAL);
    assert_eq!(Decision::new(proposal, mixed), Err(DecisionError::Checkpoints));
    // The same tree under fewer cosignatures is another checkpoint to keep.
    let mut mixed = world.logged(&envelopes);
    mixed[3] = world.logged_before(&envelopes, &world.witnesses[..1]).remove(3);
    let proposal = mixed.remove(PROPOSAL);
    assert_eq!(Decision::new(proposal, mixed), Err(DecisionError::Checkpoints));

    // BE approves before the proposal; US gives its consent after it.
    for (swap, entry) in [(BE, 2), (US, 1)] {
        let mut early = envelopes.clone();
        early.swap(swap, PROPOSAL);
        let mut logged = world.logged(&early);
        logged.swap(swap, PROPOSAL);
        assert_eq!(judged(logged), DecisionError::Order { entry });
    }
}

#[test]
fn a_log_with_two_keys_must_sign_with_both() {
    let world = World::new();
    let origin = world.log.origin().clone();
    let half = LogSigner::from_seeds(origin, &seed_of(&world.log), &[9; 32]).unwrap();
    let half = World { log: half, ..World::new() };
    let logged = decision(half.logged(&half.agreed(&half.propose())));
    assert!(matches!(logged.logged(&world.trust), Err(DecisionError::Checkpoint(_))));
    // A reader who was given the Ed25519 key alone believes it.
    let alone = LogVerifier::ed25519_alone(world.log.verifier().ed25519().clone());
    let rosters = world.trust.rosters().cloned().collect();
    let none = Policy::parse(b"quorum none\n").unwrap();
    let card = world.trust.office_seal().clone();
    let trust = Trust::new(Use::Exercise, alone, card, rosters, none).unwrap();
    assert_eq!(logged.agreed(&trust).map(drop), Ok(()));
}

fn seed_of(log: &LogSigner) -> [u8; 32] {
    log.to_secret_bytes()[..32].try_into().unwrap()
}

/// The usual agreement under the checkpoint that `change` makes of its text.
fn under(world: &World, change: impl FnOnce(String) -> String) -> Decision {
    let logged = world.logged(&world.agreed(&world.propose()));
    let text = change(logged[0].proof.checkpoint().to_text());
    let checkpoint = SignedCheckpoint::from_text(&text).unwrap();
    let moved = logged.into_iter().map(|logged| Logged {
        proof: logged.proof.head().clone().under(checkpoint.clone()),
        envelope: logged.envelope,
    });
    decision(moved.collect())
}

/// The lines of a checkpoint by this witness, Ed25519 first.
fn lines<'a>(text: &'a str, witness: &str) -> Vec<&'a str> {
    let mark = format!("\u{2014} witness.example/{witness} ");
    text.lines().filter(|line| line.starts_with(&mark)).collect()
}

fn not_witnessed(decision: &Decision, world: &World) -> PolicyError {
    match decision.agreed(&world.trust) {
        Err(DecisionError::NotWitnessed(error)) => error,
        other => panic!("witnessed: {other:?}"),
    }
}

#[test]
fn cosignatures_that_are_missing() {
    let world = World::new();
    let envelopes = world.agreed(&world.propose());
    for (witnesses, missing) in [(0, 6), (1, 4)] {
        let fewer = decision(world.logged_before(&envelopes, &world.witnesses[..witnesses]));
        let PolicyError::Missing { witnesses } = not_witnessed(&fewer, &world) else { panic!("missing") };
        assert_eq!(witnesses.len(), missing);
    }
    for two in [&world.witnesses[..2], &world.witnesses[1..], &world.witnesses[..]] {
        assert!(decision(world.logged_before(&envelopes, two)).agreed(&world.trust).is_ok());
    }
    // One of the two signatures of a witness does not stand for the other.
    for n in [0, 1] {
        let half = under(&world, |text| {
            let line = lines(&text, "NO")[n].to_owned() + "\n";
            text.replace(&line, "")
        });
        let PolicyError::Missing { witnesses } = not_witnessed(&half, &world) else { panic!("missing") };
        assert!(witnesses.contains(&["NO-ed25519", "NO-ml-dsa-44"][n].to_owned()), "{witnesses:?}");
        assert!(!witnesses.contains(&["NO-ml-dsa-44", "NO-ed25519"][n].to_owned()), "{witnesses:?}");
    }
}

#[test]
fn cosignatures_that_do_not_hold() {
    let world = World::new();
    // Of another checkpoint of the same log.
    let shorter = world.logged(&world.agreed(&world.propose())[..4]);
    let other = shorter[0].proof.checkpoint().to_text();
    for n in [0, 1] {
        let moved = under(&world, |text| text.replace(lines(&text, "NO")[n], lines(&other, "NO")[n]));
        assert!(matches!(not_witnessed(&moved, &world), PolicyError::Checkpoint(_)));
    }
    // By somebody else in the witness's name, with keys of his own: unknown keys count for nothing.
    let mut forger = World::new();
    let mut seeded = Seeded::new(90);
    let name = forger.witnesses[1].name().clone();
    forger.witnesses[1] = ledger::cosignature::Cosigner::generate(name, &mut seeded).unwrap();
    let forged = decision(forger.logged(&forger.agreed(&forger.propose())));
    assert!(matches!(not_witnessed(&forged, &world), PolicyError::Missing { .. }));
    // With a third witness whose line does not hold, two good ones do not help.
    let third = world.logged_before(&world.agreed(&world.propose())[..4], &world.witnesses[2..]);
    let third = third[0].proof.checkpoint().to_text();
    let spoilt = under(&world, |text| format!("{text}{}\n", lines(&third, "US")[0]));
    assert!(matches!(not_witnessed(&spoilt, &world), PolicyError::Checkpoint(_)));
}

#[test]
fn a_policy_that_asks_for_nobody_is_satisfied_by_nobody() {
    let world = World::new();
    let unwitnessed = decision(world.logged_before(&world.agreed(&world.propose()), &[]));
    for none in [Policy::parse(b"quorum none\n").unwrap(), policy(&world.log, &world.witnesses, 0)] {
        let rosters = world.trust.rosters().cloned().collect();
        let trust = trust(Use::Exercise, &world.seal, &world.log, rosters, none);
        assert!(unwitnessed.witnessed(&trust).unwrap().cosigned.is_empty());
        let world = World { trust, ..World::new() };
        let package = world.seal(&unwitnessed).unwrap().bytes;
        let verified = verify(&package, &world.trust).unwrap();
        let last = verified.report().checks().last().unwrap();
        assert_eq!(
            (last.name.as_str(), last.detail.as_str()),
            ("witnessed", "the trust file asks for no witnesses")
        );
    }
}

#[test]
fn a_package_whose_log_is_not_witnessed_is_refused_and_says_by_whom() {
    let world = World::new();
    let unwitnessed = decision(world.logged_before(&world.agreed(&world.propose()), &world.witnesses[..1]));
    assert!(matches!(world.seal(&unwitnessed), Err(SealError::NotAgreed(DecisionError::NotWitnessed(_)))));
    // An office that seals all the same, for readers who ask for nobody.
    let none = Policy::parse(b"quorum none\n").unwrap();
    let rosters = world.trust.rosters().cloned().collect::<Vec<TrustedRoster>>();
    let careless =
        World { trust: trust(Use::Exercise, &world.seal, &world.log, rosters, none), ..World::new() };
    let package = careless.seal(&unwitnessed).unwrap().bytes;
    assert_eq!(archive(&members(&package)), package);
    let report = verify(&package, &world.trust).unwrap_err();
    let failed = report.failures().collect::<Vec<_>>();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].name.as_str(), "witnessed");
    let detail = &failed[0].detail;
    assert!(detail.contains("`NO-ed25519`, `NO-ml-dsa-44`") && !detail.contains("`BE-ed25519`"), "{detail}");
    assert!(report.advice().contains("witnesses"));
}

/// Every byte of a decision counts by itself, before the office's signature is looked at. As many witnesses cosigned as must.
fn every_byte_of_a_share(remainder: usize) {
    let world = World::new();
    let bytes = world.decision().to_bytes().unwrap();
    for at in (remainder..bytes.len()).step_by(4) {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at / 4 % 7);
        let verdict = Decision::from_bytes(&changed).and_then(|decision| decision.agreed(&world.trust));
        assert!(verdict.is_err(), "byte {at} of {} changed unnoticed", bytes.len());
        assert!(!verdict.is_err_and(|error| error.advice().is_empty()));
    }
}

macro_rules! shares {
    ($($name:ident $remainder:literal)*) => {
        $(#[test]
        fn $name() {
            every_byte_of_a_share($remainder);
        })*
    };
}

shares! {
    every_byte_0 0
    every_byte_1 1
    every_byte_2 2
    every_byte_3 3
}

#[test]
fn sealing_refuses_what_was_not_agreed() {
    let world = World::new();
    let good = world.decision();
    let other = World { content: content(&[("other.csv", b"1")]), ..World::new() };
    assert!(matches!(other.seal(&good), Err(SealError::OtherContent { .. })));

    let mut draft = world.draft();
    draft.audience = BTreeSet::from([code("BOLT")]);
    let elsewhere = decision(world.logged(&world.agreed(&world.propose_with(draft))));
    assert_eq!(world.seal(&elsewhere), Err(SealError::OtherReceiver { receiver: code("ACME") }));

    let mut draft = world.draft();
    draft.label = act::LabelXml::new("<label/>").unwrap();
    draft.originators.remove(&code("US"));
    let mut unlabelled = world.agreed(&world.propose_with(draft));
    unlabelled.remove(US);
    let mut unlabelled = world.logged(&unlabelled);
    let proposal = unlabelled.remove(PROPOSAL - 1);
    let unlabelled = Decision::new(proposal, unlabelled).unwrap();
    assert!(matches!(world.seal(&unlabelled), Err(SealError::Manifest(_))));

    let world = World { seal: SealKey::generate(&mut Seeded::new(3)).unwrap(), ..world };
    let Err(SealError::WouldNotVerify { report }) = world.seal(&good) else {
        panic!("sealed with a strange key")
    };
    let failed = report.failures().map(|check| check.name.as_str()).collect::<Vec<_>>();
    assert_eq!(failed, ["signature-ed25519", "signature-ml-dsa-65"]);
}

#[test]
fn a_label_above_the_bound_is_not_covered_and_one_within_is() {
    let world = World::new();
    let mut draft = world.draft();
    draft.label = act::LabelXml::new(&label_xml(&["INDUSTRY", "EU"])).unwrap();
    assert_eq!(judged(&world, &world.agreed(&world.propose_with(draft))), Ok(()));
    let mut draft = world.draft();
    let restricted = label_xml(&["INDUSTRY"]).replace("UNCLASSIFIED", "RESTRICTED");
    assert!(label::Label::from_xml(restricted.as_bytes()).is_ok());
    draft.label = act::LabelXml::new(&restricted).unwrap();
    let bound = Bound::Classification;
    let wanted = DecisionError::NotCovered { code: code("US"), bound };
    assert_eq!(refused(&world, &world.agreed(&world.propose_with(draft))), wanted);
}
