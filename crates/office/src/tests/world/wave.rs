//! Standards in the small alliance: a registry, waves, and consents to parts.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    Digest,
    act::{self, ActBody, Content, Level, Part, PartId, Register, ReleaseDraft, Revision, Subject, Wave},
};

use super::{World, ballot_of, code, codes, digest};
use crate::{Event, Refusal, State};

pub(crate) fn part_id(text: &str) -> PartId {
    PartId::new(text).unwrap()
}

/// A part, RESTRICTED at most, that needs nothing; its document depends on its name alone.
fn part(name: &str, originators: &[&str]) -> Part {
    Part {
        document: digest(&format!("document {name}")),
        level: Level::Unclassified,
        originators: codes(originators),
        needs: BTreeSet::new(),
        lacks: BTreeSet::new(),
        replaces: None,
    }
}

/// A wave of these parts and of whom, planned on a registry.
pub(crate) fn wave_of(registry: u64, parts: &[(&str, &[&str])]) -> Wave {
    let parts = parts.iter().map(|(name, originators)| (part_id(name), part(name, originators)));
    Wave { registry: Revision::new(registry).unwrap(), parts: parts.collect(), notices: BTreeMap::new() }
}

/// A change of the registry; its box depends on the digest.
pub(crate) fn register_of(revision: u64, blob: Digest) -> Register {
    Register {
        revision: Revision::new(revision).unwrap(),
        changes: Digest::of(blob.as_bytes()),
        blob,
        added: 3,
        changed: 2,
        withdrawn: 1,
        renamed: 0,
    }
}

/// The act by which a key consents to parts.
pub(crate) fn consent_of(state: &State, proposal: Digest, parts: &[&str]) -> ActBody {
    let act::Ballot { proposal, round, roster_epoch } = ballot_of(state, proposal);
    let parts = parts.iter().map(|part| part_id(part)).collect();
    ActBody::Consent(act::Consent { proposal, round, roster_epoch, parts })
}

impl World {
    /// A change of the registry, of which nothing but its number matters.
    pub(crate) fn register(&mut self) {
        let next = self.state().registry_revision().map_or(1, |revision| revision.get() + 1);
        let register = register_of(next, digest(&format!("box {next}")));
        self.office(ActBody::Register(register)).unwrap();
    }

    /// A release that hands over a wave: to both companies, of the members that originate its parts.
    pub(crate) fn wave(&self, name: &str, wave: Wave) -> ReleaseDraft {
        let originators: BTreeSet<_> =
            wave.parts.values().flat_map(|part| part.originators.iter().cloned()).collect();
        let mut draft = self.release(name);
        draft.originators.retain(|member, _| originators.contains(member));
        ReleaseDraft { content: Content::Standards, wave: Some(Box::new(wave)), ..draft }
    }

    /// Circulates a wave until minute 100.
    pub(crate) fn propose_wave(&mut self, name: &str, wave: Wave) -> Result<Digest, Refusal> {
        self.propose_draft(name, self.wave(name, wave))
    }

    pub(crate) fn propose_draft(&mut self, name: &str, draft: ReleaseDraft) -> Result<Digest, Refusal> {
        let propose = self.circulate(name, Subject::Release(draft));
        self.propose(propose)
    }

    pub(crate) fn consent(
        &mut self,
        member: &str,
        proposal: Digest,
        parts: &[&str],
    ) -> Result<Vec<Event>, Refusal> {
        let body = consent_of(self.state(), proposal, parts);
        self.acts(member, body)
    }

    /// A member objects to these parts.
    pub(crate) fn object_to(
        &mut self,
        member: &str,
        proposal: Digest,
        parts: &[&str],
    ) -> Result<Vec<Event>, Refusal> {
        let said = super::reasoned_of(self.state(), proposal, "not this one");
        let parts = parts.iter().map(|part| part_id(part)).collect();
        self.acts(member, ActBody::Object(act::Reasoned { parts, ..said }))
    }

    /// Circulates a wave that every member approves, seals it, and hands it to these receivers.
    pub(crate) fn hand_over(&mut self, name: &str, wave: Wave, to: &[&str]) -> Digest {
        let proposal = self.propose_wave(name, wave).unwrap();
        let members: Vec<act::Code> =
            self.state().roster().unwrap().members().map(|(member, _)| member.clone()).collect();
        for member in members {
            self.approve(member.as_str(), proposal).unwrap();
        }
        self.deliver_all(name, proposal, to);
        proposal
    }

    /// Seals what was agreed and hands it to these receivers.
    pub(crate) fn deliver_all(&mut self, name: &str, proposal: Digest, to: &[&str]) {
        let package = digest(&format!("package {name}"));
        self.seal(proposal, package).unwrap();
        for receiver in to {
            self.office(super::deliver(package, receiver)).unwrap();
        }
    }

    pub(crate) fn holds(&self, receiver: &str, part: &str) -> bool {
        self.state().holds(&code(receiver), &part_id(part))
    }
}
