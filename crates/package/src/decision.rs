//! The agreement that let a release out, with the proof that it stands in the log: the proposal, and of every originator as many
//! signed consents as its quorum.
//!
//! A consent is a ballot (an approval or a reservation on exactly this proposal, round and roster) or a consent given beforehand whose
//! bounds cover the release. Of a wave of standards, a ballot may consent to some parts: then the quorum is counted for each part, of
//! each of its originators. Ballots stand after the proposal in the log, consents given beforehand stand before it. All entries are
//! proved under one checkpoint, which is kept once, with the cosignatures that witnesses gave it.
//!
//! What an offline reader cannot see, because it would take the whole log (`tearline ledger verify`): that nobody objected or took a
//! ballot back afterwards; that the members who are not originators were silent; that the deadline was kept; that a consent given
//! beforehand was not taken back before the proposal; that a key was not revoked before it signed, and whether it signed before it
//! expired. A key that is revoked later was good when it signed: its consent stands.
//!
//! Shape: `tearline-decision/2`, a JSON object: `checkpoint` (C2SP tlog-checkpoint), `proposal` and `consents`, each an `envelope` and a
//! `proof`: the head of a C2SP `tlog-proof@v1` file, which becomes the whole file when the checkpoint is put behind it.
//!
//! # Guarantee
//! A decision has one byte form. [`Decision::agreed`] holds only if every originator that the office's proposal names gave consent by its
//! quorum of distinct keys, and all of it stands in the trusted log, cosigned as the trusted policy asks.

use std::collections::{BTreeMap, BTreeSet};

use label::{Classification, Label};
use ledger::{
    Digest,
    act::{
        self, Act, ActBody, Ballot, Code, Delegation, Entrust, Level, PartId, Propose, ReleaseDraft, Scope,
        Subject, UtcTime,
    },
    checkpoint::SignedCheckpoint,
    dsse::Envelope,
    key::KeyId,
    policy::Quorum,
    proof::{LogProof, ProofHead},
};

use crate::trust::{Trust, TrustedRoster, quorum};

mod error;
mod wire;

pub use error::{Bound, DecisionError, Lacking};

/// Longest decision in bytes: as many consents as there may be, with their proofs.
pub const DECISION_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Most consents: four keys of each member of the largest roster.
pub const CONSENTS_MAX: usize = 4 * crate::trust::MEMBERS_MAX;

/// An act with the proof of its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// The act in its envelope.
    pub envelope: Envelope,
    /// Where it stands.
    pub proof: LogProof,
}

/// An act and its place, without the checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    envelope: Envelope,
    place: ProofHead,
}

/// Proposal and consents, not yet judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    checkpoint: SignedCheckpoint,
    proposal: Entry,
    /// INVARIANT: in the order of their places, at most [`CONSENTS_MAX`]; kept by `assemble`.
    consents: Vec<Entry>,
}

/// A proposal that the office signed, under a roster trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// What was proposed.
    pub propose: Propose,
    /// The digest by which ballots name it.
    pub digest: Digest,
    /// The release in it.
    pub release: ReleaseDraft,
}

/// How a member consented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Consent {
    /// By ballots on this proposal.
    InTheRound,
    /// By a consent given before it, whose bounds cover the release.
    Beforehand,
}

/// What a key said: only keys that said the same are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Voice {
    Ballot,
    Grant(Digest),
}

/// To how much a key said yes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Extent {
    Whole,
    /// To these parts of a wave.
    Parts(BTreeSet<PartId>),
}

/// Keys of one member that said the same kind of thing, and each to how much.
struct Keys<'a> {
    /// Parts of a wave that the member originates.
    own: Vec<&'a PartId>,
    said: BTreeMap<KeyId, Extent>,
}

impl Keys<'_> {
    /// How many keys stand behind the member's yes: of a wave, behind its yes to the part that fewest stand behind.
    fn count(&self) -> usize {
        let to = |part: &PartId| {
            let yes = |extent: &&Extent| match extent {
                Extent::Whole => true,
                Extent::Parts(parts) => parts.contains(part),
            };
            self.said.values().filter(yes).count()
        };
        self.own.iter().map(|part| to(part)).min().unwrap_or(self.said.len())
    }
}

impl Decision {
    /// Consents are kept in the order of their places in the log.
    ///
    /// # Errors
    /// [`DecisionError::Checkpoints`] when the proofs are not all under one checkpoint with the same signature lines,
    /// [`DecisionError::TooLong`].
    pub fn new(proposal: Logged, consents: Vec<Logged>) -> Result<Self, DecisionError> {
        let checkpoint = proposal.proof.checkpoint().clone();
        if consents.iter().any(|logged| *logged.proof.checkpoint() != checkpoint) {
            return Err(DecisionError::Checkpoints);
        }
        let entry = |logged: Logged| Entry { place: logged.proof.head().clone(), envelope: logged.envelope };
        let decision =
            Self::assemble(checkpoint, entry(proposal), consents.into_iter().map(entry).collect())?;
        decision.to_bytes()?;
        Ok(decision)
    }

    fn assemble(
        checkpoint: SignedCheckpoint,
        proposal: Entry,
        mut consents: Vec<Entry>,
    ) -> Result<Self, DecisionError> {
        if consents.len() > CONSENTS_MAX {
            return Err(DecisionError::TooLong);
        }
        // Two entries at one place are refused later, but even they have one order.
        consents.sort_by_cached_key(|entry| (entry.place.index(), entry.envelope.digest()));
        Ok(Self { checkpoint, proposal, consents })
    }

    /// The checkpoint under which all entries stand, with its cosignatures. Judged by [`Decision::logged`] and
    /// [`Decision::witnessed`].
    #[must_use]
    pub fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// The envelopes: the proposal, then the consents. Not judged.
    pub fn envelopes(&self) -> impl Iterator<Item = &Envelope> {
        self.entries().map(|entry| &entry.envelope)
    }

    /// The proof of an entry, as a file of its own: 0 is the proposal, then the consents.
    #[must_use]
    pub fn proof_of(&self, entry: usize) -> Option<LogProof> {
        Some(self.entries().nth(entry)?.place.clone().under(self.checkpoint.clone()))
    }

    fn entries(&self) -> impl Iterator<Item = &Entry> {
        std::iter::once(&self.proposal).chain(&self.consents)
    }

    /// The proposal, if a key of the office that may propose signed it, under a trusted roster.
    ///
    /// # Errors
    /// [`DecisionError`].
    pub fn proposal(&self, trust: &Trust) -> Result<Proposal, DecisionError> {
        let envelope = &self.proposal.envelope;
        let act = Act::claimed(envelope).map_err(|_| DecisionError::NotAProposal)?;
        let office = Code::office();
        let (true, ActBody::Propose(propose)) = (act.actor == office, act.body) else {
            return Err(DecisionError::NotAProposal);
        };
        let Subject::Release(release) = propose.subject.clone() else {
            return Err(DecisionError::NotAProposal);
        };
        let roster = roster_of(&propose, trust)?;
        let key = signer(envelope, &roster.office, Scope::Propose);
        key.map_err(|fault| fault.of(office, || DecisionError::ProposalSignature))?;
        if let Some(code) = release.originators.keys().find(|code| roster.member(code).is_none()) {
            return Err(DecisionError::Stranger { code: code.clone() });
        }
        if release.originators.is_empty() {
            return Err(DecisionError::NoOriginator);
        }
        if !parts_fit(&release) {
            return Err(DecisionError::Parts);
        }
        Ok(Proposal { digest: envelope.digest(), release, propose })
    }

    /// Whether every originator of the proposal consented by its quorum, of a wave to each part of its own, and how. Consents of further
    /// members, and of more keys than a quorum, may be there; every one must hold.
    ///
    /// # Errors
    /// [`DecisionError`]; [`DecisionError::NotConsented`] names who did not.
    pub fn consents(
        &self,
        trust: &Trust,
        proposal: &Proposal,
    ) -> Result<BTreeMap<Code, Consent>, DecisionError> {
        let roster = roster_of(&proposal.propose, trust)?;
        let mut said = BTreeMap::<Code, BTreeMap<Voice, Keys<'_>>>::new();
        for (consent, entry) in self.consents.iter().zip(1..) {
            let act = Act::claimed(&consent.envelope);
            let Act { actor: code, body, .. } =
                act.map_err(|_| DecisionError::Entry { part: "envelope", entry })?;
            let delegation = roster.member(&code);
            let delegation = delegation.ok_or_else(|| DecisionError::NotAMember { code: code.clone() })?;
            let key = signer(&consent.envelope, delegation, Scope::Agree).map_err(|fault| {
                fault.of(code.clone(), || DecisionError::ConsentSignature { code: code.clone() })
            })?;
            let (voice, extent) = proposal.voice(&code, body)?;
            let keys = said
                .entry(code.clone())
                .or_default()
                .entry(voice)
                .or_insert_with(|| Keys { own: proposal.own_parts(&code), said: BTreeMap::new() });
            if keys.said.insert(key, extent).is_some() {
                return Err(DecisionError::Twice { code, key });
            }
        }
        let mut consented = BTreeMap::new();
        for (code, voices) in &said {
            let needed = roster.member(code).map_or(usize::MAX, quorum);
            let enough = voices.iter().find(|(_, keys)| keys.count() >= needed);
            let how = enough.map(|(voice, _)| match voice {
                Voice::Ballot => Consent::InTheRound,
                Voice::Grant(_) => Consent::Beforehand,
            });
            consented.extend(how.map(|how| (code.clone(), how)));
        }
        let missing = proposal.release.originators.keys().filter(|code| !consented.contains_key(*code));
        let missing = missing.map(|code| Lacking {
            code: code.clone(),
            found: said.get(code).into_iter().flat_map(BTreeMap::values).map(Keys::count).max().unwrap_or(0),
            quorum: roster.member(code).map_or(usize::MAX, quorum),
        });
        let missing = missing.collect::<Vec<_>>();
        if missing.is_empty() { Ok(consented) } else { Err(DecisionError::NotConsented { missing }) }
    }

    /// Whether all entries stand in the trusted log, ballots after the proposal and consents given beforehand before it. Gives the size of
    /// the log at the checkpoint.
    ///
    /// # Errors
    /// [`DecisionError`].
    pub fn logged(&self, trust: &Trust) -> Result<u64, DecisionError> {
        let checkpoint = self.checkpoint.verify(trust.log()).map_err(DecisionError::Checkpoint)?;
        let mut places = BTreeSet::new();
        let proposed = self.proposal.place.index();
        for (entry, logged) in self.entries().enumerate() {
            let index = logged.place.index();
            if !logged.place.leads(&logged.envelope.to_bytes(), checkpoint) {
                return Err(DecisionError::NotLogged { entry });
            }
            let beforehand =
                Act::claimed(&logged.envelope).is_ok_and(|act| matches!(act.body, ActBody::Entrust(_)));
            let ordered = entry == 0 || if beforehand { index < proposed } else { index > proposed };
            if !ordered || !places.insert(index) {
                return Err(DecisionError::Order { entry });
            }
        }
        Ok(checkpoint.size)
    }

    /// Whether the witnesses that the trusted policy asks for cosigned the checkpoint. Gives those whose cosignatures held; nobody when
    /// the policy asks for none. Fails closed.
    ///
    /// Says nothing about the log's own signatures: [`Decision::logged`] does.
    ///
    /// # Errors
    /// [`DecisionError::NotWitnessed`], whose source names the witnesses that are missing.
    pub fn witnessed(&self, trust: &Trust) -> Result<Quorum, DecisionError> {
        let policy = trust.witnesses();
        if !policy.needs_witnesses() {
            return Ok(Quorum { cosigned: BTreeMap::new() });
        }
        policy.cosigned(&self.checkpoint).map_err(DecisionError::NotWitnessed)
    }

    /// All four checks at once.
    ///
    /// # Errors
    /// [`DecisionError`], the first that does not hold.
    pub fn agreed(&self, trust: &Trust) -> Result<Proposal, DecisionError> {
        let proposal = self.proposal(trust)?;
        self.consents(trust, &proposal)?;
        self.logged(trust)?;
        self.witnessed(trust)?;
        Ok(proposal)
    }
}

impl Proposal {
    /// Members of the proposal's roster whose information is not in the release, by what the office proposed.
    #[must_use]
    pub fn uninvolved(&self, trust: &Trust) -> BTreeSet<Code> {
        let roster = trust.roster(self.propose.roster_epoch);
        let members = roster.into_iter().flat_map(|roster| &roster.members);
        members
            .map(|member| &member.code)
            .filter(|code| !self.release.originators.contains_key(*code))
            .cloned()
            .collect()
    }

    /// Parts of a wave that a member originates.
    fn own_parts(&self, code: &Code) -> Vec<&PartId> {
        let parts = self.release.wave.iter().flat_map(|wave| &wave.parts);
        parts.filter(|(_, part)| part.originators.contains(code)).map(|(id, _)| id).collect()
    }

    /// What an act of a member says about this proposal, if it consents to it or to parts of it.
    fn voice(&self, code: &Code, body: ActBody) -> Result<(Voice, Extent), DecisionError> {
        let Propose { round, roster_epoch, deadline_utc, .. } = self.propose;
        let ballot = Ballot { proposal: self.digest, round, roster_epoch };
        let other = || DecisionError::OtherProposal { code: code.clone() };
        match body {
            ActBody::Approve(said) if said == ballot => Ok((Voice::Ballot, Extent::Whole)),
            ActBody::Reserve(said) if said.ballot() == ballot && said.parts.is_empty() => {
                Ok((Voice::Ballot, Extent::Whole))
            }
            ActBody::Consent(said) if said.ballot() == ballot => {
                let own = self.own_parts(code);
                if said.parts.is_empty() || !said.parts.iter().all(|part| own.contains(&part)) {
                    return Err(other());
                }
                Ok((Voice::Ballot, Extent::Parts(said.parts)))
            }
            ActBody::Entrust(terms) => match beyond(&terms, &self.release, deadline_utc) {
                Some(bound) => Err(DecisionError::NotCovered { code: code.clone(), bound }),
                None => Ok((Voice::Grant(terms.digest().map_err(|_| other())?), Extent::Whole)),
            },
            _ => Err(other()),
        }
    }
}

/// Whether a release of standards has parts and one of figures none, and its originators are those of its parts.
fn parts_fit(release: &ReleaseDraft) -> bool {
    let Some(wave) = &release.wave else { return release.content == act::Content::Figures };
    let of_parts: BTreeSet<&Code> = wave.parts.values().flat_map(|part| &part.originators).collect();
    let named: BTreeSet<&Code> = release.originators.keys().collect();
    let nobodys = wave.parts.values().any(|part| part.originators.is_empty());
    release.content == act::Content::Standards && !nobodys && (wave.parts.is_empty() || of_parts == named)
}

/// The first bound of a consent given beforehand that a release with this deadline does not keep.
fn beyond(terms: &Entrust, release: &ReleaseDraft, deadline: UtcTime) -> Option<Bound> {
    let Entrust { audience, contents, highest, expires_utc } = terms;
    // A label that does not read has no classification, which no bound covers.
    let level = Label::from_xml(release.label.as_str().as_bytes());
    let level = level.map(|label| level_of(label.information().classification()));
    [
        (Bound::Audience, release.audience.is_subset(audience)),
        (Bound::Content, contents.contains(&release.content)),
        (Bound::Classification, level.is_ok_and(|level| level <= *highest)),
        (Bound::Expiry, deadline < *expires_utc),
    ]
    .into_iter()
    .find_map(|(bound, kept)| (!kept).then_some(bound))
}

fn level_of(classification: Classification) -> Level {
    match classification {
        Classification::PublicUnmarked => Level::Public,
        Classification::NatoUnclassified => Level::Unclassified,
        Classification::NatoRestricted => Level::Restricted,
        Classification::NatoConfidential => Level::Confidential,
        Classification::NatoSecret => Level::Secret,
        Classification::NatoTopSecret => Level::TopSecret,
    }
}

fn roster_of<'a>(propose: &Propose, trust: &'a Trust) -> Result<&'a TrustedRoster, DecisionError> {
    let found = propose.roster_epoch;
    trust.roster(found).ok_or_else(|| DecisionError::Epoch { found, newest: trust.newest().epoch })
}

/// Why an act does not count as one of a party.
enum Unsigned {
    /// No key of the delegation signed it.
    NoKey,
    /// A key signed it that may not sign such acts.
    Scope(KeyId, Scope),
}

impl Unsigned {
    fn of(self, code: Code, no_key: impl FnOnce() -> DecisionError) -> DecisionError {
        match self {
            Self::NoKey => no_key(),
            Self::Scope(key, scope) => DecisionError::NotEntitled { code, key, scope },
        }
    }
}

/// The key of the delegation that signed the act of an envelope, if it may sign such acts.
fn signer(envelope: &Envelope, delegation: &Delegation, scope: Scope) -> Result<KeyId, Unsigned> {
    let key = envelope.signers().next().ok_or(Unsigned::NoKey)?;
    let delegate = delegation.delegates.iter().find(|delegate| delegate.key.id() == key);
    let delegate = delegate.ok_or(Unsigned::NoKey)?;
    Act::verified(envelope, &delegate.key).map_err(|_| Unsigned::NoKey)?;
    if delegate.scopes.contains(&scope) { Ok(key) } else { Err(Unsigned::Scope(key, scope)) }
}
