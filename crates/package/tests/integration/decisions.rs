//! Agreements that are none.

use std::collections::BTreeSet;

use ledger::{
    Digest,
    act::{ActBody, Approve, Code, Epoch, Object, Reason, RoundNumber},
    dsse::Envelope,
    key::SigningKey,
    note::{KeyName, NoteSigner},
};
use package::{
    Decision, SealKey,
    decision::{DecisionError, Logged},
    seal::SealError,
};

use crate::world::{Seeded, World, code, content, decision, sign};

fn refused(world: &World, envelopes: &[Envelope]) -> DecisionError {
    decision(world.logged(envelopes)).agreed(&world.trust).unwrap_err()
}

fn approve(proposal: Digest) -> Approve {
    Approve { proposal, round: RoundNumber::FIRST, roster_epoch: Epoch::FIRST }
}

#[test]
fn the_good_one_is_agreed_and_reads_back() {
    let world = World::new();
    let good = world.decision();
    assert_eq!(good.agreed(&world.trust).unwrap().propose, world.propose());
    assert_eq!(Decision::from_bytes(&good.to_bytes().unwrap()).unwrap(), good);
}

#[test]
fn a_missing_approval() {
    let world = World::new();
    let mut envelopes = world.agreed(&world.propose());
    envelopes.remove(2);
    let missing = DecisionError::NotApproved { missing: vec![code("NO")] };
    assert_eq!(missing.to_string(), "no approval of NO");
    assert_eq!(refused(&world, &envelopes), missing);
    let sealed = world.seal(&decision(world.logged(&envelopes)));
    assert_eq!(sealed, Err(SealError::NotAgreed(missing)));
}

#[test]
fn members_beyond_the_originators_may_approve_but_need_not() {
    let world = World::new();
    let mut propose = world.propose();
    propose.originators.remove(&code("US"));
    let mut envelopes = world.agreed(&propose);
    let agreed = decision(world.logged(&envelopes)).agreed(&world.trust).unwrap();
    assert_eq!(agreed.uninvolved(&world.trust), BTreeSet::from([code("US")]));
    envelopes.pop();
    assert!(decision(world.logged(&envelopes)).agreed(&world.trust).is_ok());
}

#[test]
fn approvals_of_something_else() {
    let world = World::new();
    let no = &world.members[&code("NO")];
    let good = world.agreed(&world.propose());
    let proposal = good[0].digest();
    let others = [
        ActBody::Approve(approve(Digest::of(b"another proposal"))),
        ActBody::Approve(Approve { round: RoundNumber::new(2).unwrap(), ..approve(proposal) }),
        ActBody::Approve(Approve { roster_epoch: Epoch::new(2).unwrap(), ..approve(proposal) }),
        ActBody::Object(Object {
            proposal,
            round: RoundNumber::FIRST,
            roster_epoch: Epoch::FIRST,
            reason: Reason::new("no").unwrap(),
        }),
    ];
    for body in others {
        let mut envelopes = good.clone();
        envelopes[2] = sign(no, &code("NO"), body);
        assert_eq!(refused(&world, &envelopes), DecisionError::OtherProposal { code: code("NO") });
    }
}

#[test]
fn approvals_by_somebody_else() {
    let world = World::new();
    let good = world.agreed(&world.propose());
    let body = ActBody::Approve(approve(good[0].digest()));
    let stranger = SigningKey::generate(&mut Seeded::new(77));
    for key in [&stranger, &world.office, &world.members[&code("BE")]] {
        let mut envelopes = good.clone();
        envelopes[2] = sign(key, &code("NO"), body.clone());
        assert_eq!(refused(&world, &envelopes), DecisionError::ApprovalSignature { code: code("NO") });
    }
    let mut envelopes = good.clone();
    envelopes.push(sign(&stranger, &code("XX"), body.clone()));
    assert_eq!(refused(&world, &envelopes), DecisionError::Surplus { code: code("XX") });
    let mut envelopes = good.clone();
    envelopes.push(sign(&world.members[&code("NO")], &code("NO"), body));
    assert_eq!(refused(&world, &envelopes), DecisionError::Surplus { code: code("NO") });
}

#[test]
fn proposals_that_are_none() {
    let world = World::new();
    let propose = world.propose();
    let no = &world.members[&code("NO")];
    let mut envelopes = world.agreed(&propose);
    envelopes[0] = sign(no, &Code::office(), ActBody::Propose(propose.clone()));
    assert_eq!(refused(&world, &envelopes), DecisionError::ProposalSignature);
    envelopes[0] = sign(&world.office, &code("NO"), ActBody::Propose(propose.clone()));
    assert_eq!(refused(&world, &envelopes), DecisionError::NotAProposal);
    envelopes[0] = sign(&world.office, &Code::office(), ActBody::Approve(approve(Digest::of(b""))));
    assert_eq!(refused(&world, &envelopes), DecisionError::NotAProposal);

    let mut other = propose.clone();
    other.roster_epoch = Epoch::new(2).unwrap();
    assert_eq!(refused(&world, &world.agreed(&other)), DecisionError::Epoch { found: 2, trusted: 1 });
    let mut other = propose.clone();
    other.originators.insert(code("XX"));
    assert_eq!(refused(&world, &world.agreed(&other)), DecisionError::Stranger { code: code("XX") });
    let mut other = propose;
    other.originators.clear();
    assert_eq!(refused(&world, &world.agreed(&other)), DecisionError::NoOriginator);
}

#[test]
fn entries_that_do_not_stand_in_the_log() {
    let world = World::new();
    let envelopes = world.agreed(&world.propose());
    let judged = |logged: Vec<Logged>| decision(logged).agreed(&world.trust).unwrap_err();

    let mut swapped = world.logged(&envelopes);
    swapped[1].proof = swapped[2].proof.clone();
    assert_eq!(judged(swapped), DecisionError::NotLogged { entry: 1 });

    let foreign =
        NoteSigner::new(KeyName::new("office.example/log").unwrap(), SigningKey::from_seed(&[9; 32]));
    let foreign = World { log: foreign, ..World::new() };
    assert_eq!(judged(foreign.logged(&envelopes)), DecisionError::NotLogged { entry: 0 });

    let mut mixed = world.logged(&envelopes);
    mixed[3] = world.logged(&envelopes[..4].iter().rev().cloned().collect::<Vec<_>>())[0].clone();
    assert_eq!(judged(mixed), DecisionError::Checkpoints);

    // The approval of BE stands before the proposal.
    let mut early = envelopes;
    early.swap(0, 1);
    let mut early = world.logged(&early);
    early.swap(0, 1);
    assert_eq!(judged(early), DecisionError::Order { entry: 1 });
}

#[test]
fn sealing_refuses_what_was_not_agreed() {
    let world = World::new();
    let good = world.decision();
    let other = World { content: content(&[("other.csv", b"1")]), ..World::new() };
    assert!(matches!(other.seal(&good), Err(SealError::OtherContent { .. })));

    let mut propose = world.propose();
    propose.audience = BTreeSet::from([code("BOLT")]);
    let elsewhere = decision(world.logged(&world.agreed(&propose)));
    assert_eq!(world.seal(&elsewhere), Err(SealError::OtherReceiver { receiver: code("ACME") }));

    let mut propose = world.propose();
    propose.label = ledger::act::LabelXml::new("<label/>").unwrap();
    let unlabelled = decision(world.logged(&world.agreed(&propose)));
    assert!(matches!(world.seal(&unlabelled), Err(SealError::Manifest(_))));

    let world = World { seal: SealKey::generate(&mut Seeded::new(3)).unwrap(), ..world };
    let Err(SealError::WouldNotVerify { report }) = world.seal(&good) else {
        panic!("sealed with a strange key")
    };
    let failed = report.failures().map(|check| check.name.as_str()).collect::<Vec<_>>();
    assert_eq!(failed, ["signature-ed25519", "signature-ml-dsa-65"]);
}
