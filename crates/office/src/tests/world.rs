//! A small alliance with its keys and its log.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    Digest,
    act::{
        self, AccessDecision, Act, ActBody, Ballot, Change, CheckpointText, Code, Content, Counter, Epoch,
        LabelXml, Level, Name, PolicyText, Propose, Quorum, Reason, Reasoned, ReleaseDraft, Scope, Subject,
        Succession, Title, UtcTime,
    },
    act_key::Signer as _,
    checkpoint::SignedCheckpoint,
    cosignature::Cosigner,
    key::SigningKey,
    log::{LogSigner, LogVerifier},
    merkle::{ConsistencyProof, Tree},
    note::KeyName,
    policy::{Policy, WitnessKeys},
    witness::{Request, WitnessState},
};

mod wave;

pub(crate) use wave::{consent_of, part_id, register_of, wave_of};

use super::oracle::{Judge, Logged};
use crate::{Event, Fold, Outcome, Refusal, State};

pub(crate) fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

pub(crate) fn title(text: &str) -> Title {
    Title::new(text).unwrap()
}

pub(crate) fn reason(text: &str) -> Reason {
    Reason::new(text).unwrap()
}

pub(crate) fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

/// Some minutes after the first of March.
pub(crate) fn minute(minutes: u32) -> UtcTime {
    let (day, hour, minute) = (1 + minutes / 1440, minutes / 60 % 24, minutes % 60);
    UtcTime::new(&format!("2026-03-{day:02}T{hour:02}:{minute:02}:00Z")).unwrap()
}

/// The key of a delegate, which depends on its name alone: `NO` is the first delegate of NO, `NO.2` the second.
pub(crate) fn key(name: &str) -> SigningKey {
    SigningKey::from_seed(digest(name).as_bytes())
}

/// Long after everything else here.
pub(crate) fn far() -> UtcTime {
    UtcTime::new("2036-01-01T00:00:00Z").unwrap()
}

/// A delegate with a key that depends on its name.
pub(crate) fn delegate(name: &str, scopes: &[Scope], expires_utc: UtcTime) -> act::Delegate {
    let scopes = scopes.iter().copied().collect();
    act::Delegate { id: code(name), key: key(name).key(), scopes, expires_utc }
}

pub(crate) const OFFICE_SCOPES: [Scope; 5] =
    [Scope::Clock, Scope::Propose, Scope::Seal, Scope::Access, Scope::Govern];
pub(crate) const MEMBER_SCOPES: [Scope; 3] = [Scope::Deposit, Scope::Agree, Scope::Govern];
pub(crate) const RECEIVER_SCOPES: [Scope; 2] = [Scope::Receive, Scope::Govern];

/// A delegation of these delegates, each with all scopes of its role.
pub(crate) fn delegation(quorum: u64, names: &[&str], scopes: &[Scope]) -> act::Delegation {
    let delegates = names.iter().map(|name| delegate(name, scopes, far())).collect();
    act::Delegation { quorum: Quorum::new(quorum).unwrap(), delegates }
}

pub(crate) fn member(name: &str) -> act::Member {
    act::Member { code: code(name), delegation: delegation(1, &[name], &MEMBER_SCOPES) }
}

/// A company under the state `XX`, cleared for everything that the eligibility table lets it have.
pub(crate) fn receiver(name: &str, sponsor: &str) -> act::Receiver {
    act::Receiver {
        code: code(name),
        name: Name::new(&format!("{name} Ltd")).unwrap(),
        kind: act::ReceiverKind::Company,
        state: code("XX"),
        sponsor: code(sponsor),
        clearance: Level::Secret,
        open: digest(&format!("{name} open card")),
        delegation: delegation(1, &[name], &RECEIVER_SCOPES),
    }
}

/// What receivers under `XX` may have: figures and standards up to RESTRICTED, from 2026 until [`far`].
pub(crate) fn eligibility() -> act::Eligibility {
    act::Eligibility {
        party: code("XX"),
        contents: [Content::Figures, Content::Standards].into(),
        highest: Level::Restricted,
        from_utc: UtcTime::new("2026-01-01T00:00:00Z").unwrap(),
        until_utc: far(),
    }
}

/// A roster of these members, one key each, and these companies, sponsored by the first member; without witnesses.
pub(crate) fn roster(members: &[&str], companies: &[&str]) -> act::Roster {
    act::Roster {
        epoch: Epoch::FIRST,
        office: act::Office {
            seal: digest("office seal card"),
            open: digest("office open card"),
            delegation: delegation(1, &[act::OFFICE], &OFFICE_SCOPES),
        },
        members: members.iter().map(|name| member(name)).collect(),
        receivers: companies.iter().map(|name| receiver(name, members[0])).collect(),
        groups: Vec::new(),
        eligibility: vec![eligibility()],
        witnesses: PolicyText::new("quorum none\n").unwrap(),
    }
}

/// The log's own key.
pub(crate) fn log_signer() -> LogSigner {
    LogSigner::from_seeds(KeyName::new("office.example/log").unwrap(), &[1; 32], &[2; 32]).unwrap()
}

/// By its Ed25519 key alone: the other is verified in `ledger`, and costs more than everything else here.
fn log_verifier() -> LogVerifier {
    LogVerifier::ed25519_alone(log_signer().verifier().ed25519().clone())
}

/// The witness that a name stands for.
fn witness(name: &str) -> Cosigner {
    let key_name = KeyName::new(&format!("witness.example/{name}")).unwrap();
    Cosigner::ed25519(key_name, key(&format!("witness {name}")))
}

/// A policy by which `needed` of these witnesses must have cosigned.
pub(crate) fn policy(names: &[&str], needed: usize) -> PolicyText {
    let cosigners: Vec<_> = names.iter().map(|name| (*name, witness(name).keys())).collect();
    let keys: Vec<WitnessKeys<'_>> =
        cosigners.iter().map(|(name, keys)| WitnessKeys { name, keys, url: None }).collect();
    let policy = Policy::of_witnesses(&log_verifier(), &keys, needed).unwrap();
    PolicyText::new(&policy.to_text()).unwrap()
}

/// The act that logs a checkpoint over the first `size` entries of a tree, cosigned by these witnesses.
pub(crate) fn cosigned(tree: &Tree, size: u64, witnesses: &[&str]) -> ActBody {
    let log = log_signer();
    let mut checkpoint = SignedCheckpoint::sign(size, tree.root_at(size).unwrap(), &log).unwrap();
    for name in witnesses {
        let cosigner = witness(name);
        let proof = ConsistencyProof { old: 0, new: size, hashes: Vec::new() };
        let request = Request::new(&proof, checkpoint.clone()).unwrap();
        let mut state = WitnessState::new();
        let update = state.decide(&request, &[log_verifier()]).unwrap();
        let persisted = update.persist(&mut state, |_| Ok::<(), ()>(())).unwrap();
        let lines = persisted.cosign(&cosigner, 1_772_323_200).unwrap();
        checkpoint.add_cosignatures(&lines, &cosigner.keys()).unwrap();
    }
    ActBody::Witness(act::Witness { checkpoint: CheckpointText::new(&checkpoint.to_text()).unwrap() })
}

/// The change by which a party takes other keys.
pub(crate) fn new_keys(party: &str, succession: Succession, delegation: act::Delegation) -> Change {
    Change::Delegation(act::NewDelegation { party: code(party), succession, delegation })
}

/// A consent to releases for `ACME` and `BOLT`, figures and standards up to RESTRICTED, until minute 1000.
pub(crate) fn entrust() -> act::Entrust {
    act::Entrust {
        audience: codes(&["ACME", "BOLT"]),
        contents: [Content::Figures, Content::Standards].into(),
        highest: Level::Restricted,
        expires_utc: minute(1000),
    }
}

/// A label of this classification of the NATO policy, as XML.
pub(crate) fn label(classification: label::Classification) -> LabelXml {
    let information = label::Information::nato(classification, &[]).unwrap();
    let time = |text: &str| text.parse::<label::UtcTime>().unwrap();
    let label =
        label::Label::reviewed(information, None, time("2026-01-01T00:00:00Z"), time("2036-01-01T00:00:00Z"));
    LabelXml::new(&label.to_xml().unwrap()).unwrap()
}

pub(crate) fn tick(minutes: u32) -> ActBody {
    ActBody::Tick(act::Tick { at_utc: minute(minutes) })
}

pub(crate) fn deposit(text: &str) -> ActBody {
    let (commitment, blob) = (digest(&format!("{text} commitment")), digest(&format!("{text} box")));
    ActBody::Deposit(act::Deposit { commitment, blob, rows: 3 })
}

pub(crate) fn deliver(package: Digest, to: &str) -> ActBody {
    ActBody::Deliver(act::Deliver { package, to: code(to) })
}

pub(crate) fn acknowledge(package: Digest) -> ActBody {
    ActBody::Acknowledge(act::Acknowledge { package })
}

/// The service answers a company that asked for the key of a package of this proposal.
pub(crate) fn answer(proposal: Digest, receiver: &str, decision: AccessDecision) -> ActBody {
    let package = act::PackageUuid::new("0d9f5c1e-7a5b-4c3d-9e8f-001122334455").unwrap();
    let client_key = digest(&format!("client key of {receiver}"));
    ActBody::KeyAccess(act::KeyAccess { proposal, package, receiver: code(receiver), client_key, decision })
}

/// A log and what it says.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) fold: Fold,
    pub(crate) log: Vec<Vec<u8>>,
    pub(crate) acts: Vec<Logged>,
    pub(crate) events: Vec<Event>,
    /// Judges every entry that is accepted.
    pub(crate) judge: Judge,
}

impl World {
    /// An empty log.
    pub(crate) fn empty() -> Self {
        let (log, acts, events) = (Vec::new(), Vec::new(), Vec::new());
        Self { fold: Fold::default(), log, acts, events, judge: Judge::default() }
    }

    /// A log founded with this roster at minute 0.
    pub(crate) fn with(roster: act::Roster) -> Self {
        let mut world = Self::empty();
        world.office(ActBody::Found(act::Found { roster })).unwrap();
        world.office(tick(0)).unwrap();
        world
    }

    /// A log founded with a roster of these names.
    pub(crate) fn founded(members: &[&str], companies: &[&str]) -> Self {
        Self::with(roster(members, companies))
    }

    /// Two members, `AA` and `BB`, and two companies, `ACME` and `BOLT`.
    pub(crate) fn small() -> Self {
        Self::founded(&["AA", "BB"], &["ACME", "BOLT"])
    }

    /// The same, but `AA` speaks through any two of three keys, `AA`, `AA.2` and `AA.3`.
    pub(crate) fn pairs() -> Self {
        let mut roster = roster(&["AA", "BB"], &["ACME", "BOLT"]);
        roster.members[0].delegation = delegation(2, &["AA", "AA.2", "AA.3"], &MEMBER_SCOPES);
        Self::with(roster)
    }

    /// Three members, so that two can vouch for the third.
    pub(crate) fn three() -> Self {
        Self::founded(&["AA", "BB", "CC"], &["ACME", "BOLT"])
    }

    /// The small world with a witness policy: two of the three witnesses `W1`, `W2` and `W3`.
    pub(crate) fn witnessed() -> Self {
        let mut roster = roster(&["AA", "BB"], &["ACME", "BOLT"]);
        roster.witnesses = policy(&["W1", "W2", "W3"], 2);
        Self::with(roster)
    }

    pub(crate) fn state(&self) -> &State {
        self.fold.state()
    }

    /// The entry by which `delegate` would do this next for `actor`.
    pub(crate) fn signed_by(&self, actor: &str, delegate: &str, body: ActBody) -> Vec<u8> {
        let signer = key(delegate);
        self.state().act(code(actor), &signer.key().id(), body).unwrap().sign(&signer).unwrap().to_bytes()
    }

    /// The entry by which the delegate of the actor's own name would do this next.
    pub(crate) fn signed(&self, actor: &str, body: ActBody) -> Vec<u8> {
        self.signed_by(actor, actor, body)
    }

    /// The entry with another counter.
    pub(crate) fn signed_at(&self, actor: &str, counter: u64, body: ActBody) -> Vec<u8> {
        let act = Act::new(code(actor), Counter::new(counter).unwrap(), body);
        act.sign(&key(actor)).unwrap().to_bytes()
    }

    /// Logs an entry, or leaves everything as it was.
    pub(crate) fn admit(&mut self, entry: &[u8]) -> Result<Vec<Event>, Refusal> {
        let before = self.fold.clone();
        match self.fold.admit(entry) {
            Ok(events) => {
                self.log.push(entry.to_vec());
                self.acts.push(Logged::read(entry));
                self.judge.step(Logged::read(entry)).unwrap();
                self.judge.check(self.fold.state());
                self.events.extend(events.iter().cloned());
                Ok(events)
            }
            Err(refusal) => {
                assert_eq!(self.fold, before, "a refused act changed the state");
                Err(refusal)
            }
        }
    }

    pub(crate) fn acts(&mut self, actor: &str, body: ActBody) -> Result<Vec<Event>, Refusal> {
        let entry = self.signed(actor, body);
        self.admit(&entry)
    }

    /// The same, signed by another delegate.
    pub(crate) fn acts_by(
        &mut self,
        actor: &str,
        delegate: &str,
        body: ActBody,
    ) -> Result<Vec<Event>, Refusal> {
        let entry = self.signed_by(actor, delegate, body);
        self.admit(&entry)
    }

    pub(crate) fn office(&mut self, body: ActBody) -> Result<Vec<Event>, Refusal> {
        self.acts(act::OFFICE, body)
    }

    /// A release that keeps every rule: all members originate, all receivers get it.
    pub(crate) fn release(&self, name: &str) -> ReleaseDraft {
        let roster = self.state().roster().unwrap();
        let exposure = |(code, _): (&Code, _)| (code.clone(), digest(&format!("{name} exposure of {code}")));
        ReleaseDraft {
            content: Content::Figures,
            release: digest(&format!("{name} release")),
            certificate: digest(&format!("{name} certificate")),
            history: self.state().history(),
            label: label(label::Classification::NatoRestricted),
            audience: roster.receivers().keys().cloned().collect(),
            originators: roster.members().map(exposure).collect(),
            supersedes: None,
            wave: None,
        }
    }

    /// A proposal of this subject in its next round, with its deadline at minute 100.
    pub(crate) fn circulate(&self, name: &str, subject: Subject) -> Propose {
        Propose {
            title: title(name),
            subject,
            amends: self.state().rounds(&title(name)).last().copied(),
            round: self.state().next_round(&title(name)),
            roster_epoch: self.state().roster().unwrap().epoch(),
            deadline_utc: minute(100),
        }
    }

    /// A proposal of a release that keeps every rule, until minute `minutes`.
    pub(crate) fn circulate_until(&self, name: &str, minutes: u32) -> Propose {
        Propose { deadline_utc: minute(minutes), ..self.draft(name) }
    }

    /// A proposal of a release that keeps every rule.
    pub(crate) fn draft(&self, name: &str) -> Propose {
        self.circulate(name, Subject::Release(self.release(name)))
    }

    /// A proposal to change the roster.
    pub(crate) fn reform(&self, name: &str, changes: Vec<act::Change>) -> Propose {
        self.circulate(name, Subject::Roster(act::RosterDraft { changes }))
    }

    /// Circulates a draft; answers with the proposal's digest.
    pub(crate) fn propose(&mut self, propose: Propose) -> Result<Digest, Refusal> {
        let entry = self.signed(act::OFFICE, ActBody::Propose(propose));
        self.admit(&entry)?;
        Ok(Digest::of(&entry))
    }

    pub(crate) fn approve(&mut self, member: &str, proposal: Digest) -> Result<Vec<Event>, Refusal> {
        let body = approve_of(self.state(), proposal);
        self.acts(member, body)
    }

    pub(crate) fn object(&mut self, member: &str, proposal: Digest) -> Result<Vec<Event>, Refusal> {
        let body = object_of(self.state(), proposal);
        self.acts(member, body)
    }

    /// A key endorses a change of keys.
    pub(crate) fn endorse(
        &mut self,
        party: &str,
        delegate: &str,
        proposal: Digest,
    ) -> Result<Vec<Event>, Refusal> {
        let body = ActBody::Endorse(ballot_of(self.state(), proposal));
        self.acts_by(party, delegate, body)
    }

    pub(crate) fn seal(&mut self, proposal: Digest, package: Digest) -> Result<Vec<Event>, Refusal> {
        self.office(ActBody::Seal(act::Seal { proposal, package }))
    }

    pub(crate) fn withdraw(&mut self, proposal: Digest) -> Result<Vec<Event>, Refusal> {
        self.office(ActBody::Withdraw(act::Withdraw { proposal, reason: reason("an error in it") }))
    }

    pub(crate) fn extend(&mut self, proposal: Digest, minutes: u32) -> Result<Vec<Event>, Refusal> {
        self.office(ActBody::Extend(act::Extend { proposal, deadline_utc: minute(minutes) }))
    }

    /// A party revokes a key, by the delegate of this name.
    pub(crate) fn revoke(&mut self, party: &str, by: &str, lost: &str) -> Result<Vec<Event>, Refusal> {
        let revoke = act::Revoke { key: key(lost).key().id(), reason: reason("stolen") };
        self.acts_by(party, by, ActBody::Revoke(revoke))
    }

    /// Logs a checkpoint of everything so far, cosigned by these witnesses.
    pub(crate) fn witness(&mut self, witnesses: &[&str]) -> Result<Vec<Event>, Refusal> {
        let body = cosigned(self.fold.tree(), self.fold.tree().size(), witnesses);
        self.office(body)
    }

    /// What came of a round, if anything.
    pub(crate) fn outcome(&self, proposal: &Digest) -> Option<Outcome> {
        self.state().round(proposal).unwrap().settled().map(|(outcome, _)| outcome)
    }

    /// A change of the roster that is agreed by silence at minute `minutes`.
    pub(crate) fn change_by_silence(&mut self, name: &str, change: Change, minutes: u32) -> Digest {
        let mut propose = self.reform(name, vec![change]);
        propose.deadline_utc = minute(minutes);
        let proposal = self.propose(propose).unwrap();
        self.office(tick(minutes)).unwrap();
        proposal
    }

    /// A draft that every member has approved.
    pub(crate) fn agree(&mut self, name: &str) -> Digest {
        let proposal = self.propose(self.draft(name)).unwrap();
        let members: Vec<Code> =
            self.state().roster().unwrap().members().map(|(code, _)| code.clone()).collect();
        for member in members {
            self.approve(member.as_str(), proposal).unwrap();
        }
        proposal
    }
}

/// What a ballot about a proposal names; of one that is not in the log, round 1.
pub(crate) fn ballot_of(state: &State, proposal: Digest) -> Ballot {
    let unknown = Ballot { proposal, round: act::RoundNumber::FIRST, roster_epoch: Epoch::FIRST };
    state.round(&proposal).map_or(unknown, crate::Round::ballot)
}

pub(crate) fn approve_of(state: &State, proposal: Digest) -> ActBody {
    ActBody::Approve(ballot_of(state, proposal))
}

pub(crate) fn reasoned_of(state: &State, proposal: Digest, text: &str) -> Reasoned {
    let Ballot { proposal, round, roster_epoch } = ballot_of(state, proposal);
    Reasoned { proposal, round, roster_epoch, reason: reason(text), parts: BTreeSet::new() }
}

pub(crate) fn object_of(state: &State, proposal: Digest) -> ActBody {
    ActBody::Object(reasoned_of(state, proposal, "too revealing"))
}

pub(crate) fn codes(names: &[&str]) -> BTreeSet<Code> {
    names.iter().map(|name| code(name)).collect()
}

/// How often each kind of refusal was met.
#[derive(Default)]
pub(crate) struct Tally(pub(crate) BTreeMap<&'static str, usize>);

impl Tally {
    pub(crate) fn count(&mut self, rule: &'static str) {
        *self.0.entry(rule).or_default() += 1;
    }
}
