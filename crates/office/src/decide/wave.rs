//! Rules of standards: what a wave may say of its parts, who may consent to which, and how the registry changes.

use std::collections::BTreeSet;

use ledger::{
    Digest,
    act::{Code, Content, Level, Notice, Part, PartId, Register, ReleaseDraft, Title, Wave},
};

use super::Rules;
use crate::{agreement::Decision, event::Fact, refusal::Refusal};

impl Rules<'_> {
    pub(super) fn register(&self, register: &Register) -> Result<Vec<Fact>, Refusal> {
        let Register { revision: found, changes, blob, .. } = *register;
        self.now()?;
        let expected = self.state.next_revision();
        if let Some(expected) = expected.filter(|expected| *expected != found) {
            return Err(Refusal::NotNextRevision { expected, found });
        }
        let mut earlier = self.state.registrations().values();
        if earlier.any(|earlier| earlier.register.changes == changes) {
            return Err(Refusal::RegisteredBefore { digest: changes });
        }
        if self.state.has_box(&blob) {
            return Err(Refusal::RegisteredBefore { digest: blob });
        }
        Ok(vec![Fact::Registered { register: register.clone() }])
    }

    /// Whether a draft says what it must of the parts that it hands over.
    pub(super) fn check_wave(
        &self,
        title: &Title,
        draft: &ReleaseDraft,
        label: Level,
    ) -> Result<(), Refusal> {
        let wave = match (&draft.wave, draft.content) {
            (None, Content::Figures) => return Ok(()),
            (Some(wave), Content::Standards) => wave,
            (None, Content::Standards) | (Some(_), Content::Figures) => return Err(Refusal::WaveMisplaced),
        };
        let newest = self.state.registry_revision();
        if newest != Some(wave.registry) {
            return Err(Refusal::RegistryOutdated { newest, found: wave.registry });
        }
        if wave.parts.is_empty() && wave.notices.is_empty() {
            return Err(Refusal::WaveEmpty);
        }
        if draft.supersedes.is_some() {
            return Err(Refusal::WaveSupersedes);
        }
        for (id, part) in &wave.parts {
            self.check_part(id, part, label)?;
            consistent(wave, id, part)?;
        }
        self.check_wave_originators(draft, wave)?;
        self.check_needs(wave, draft.audience.iter())?;
        self.check_notices(wave, &draft.audience)?;
        self.check_objected(title, wave)
    }

    fn check_part(&self, id: &PartId, part: &Part, label: Level) -> Result<(), Refusal> {
        if part.originators.is_empty() {
            return Err(Refusal::PartUnoriginated { part: id.clone() });
        }
        if let Some(member) = part.originators.iter().find(|code| !self.roster.is_member(code)) {
            return Err(Refusal::UnknownOriginator { member: member.clone() });
        }
        if part.level > label {
            return Err(Refusal::PartAboveLabel { part: id.clone(), level: part.level, label });
        }
        Ok(())
    }

    /// Nobody is asked about nothing, and nobody's part goes unasked. A wave of notices alone is of whom the draft names.
    fn check_wave_originators(&self, draft: &ReleaseDraft, wave: &Wave) -> Result<(), Refusal> {
        if wave.parts.is_empty() {
            return Ok(());
        }
        let of_parts: BTreeSet<&Code> = wave.parts.values().flat_map(|part| &part.originators).collect();
        let of_draft: BTreeSet<&Code> = draft.originators.keys().collect();
        match of_parts.symmetric_difference(&of_draft).next() {
            Some(member) => Err(Refusal::OriginatorsDiffer { member: (*member).clone() }),
            None => Ok(()),
        }
    }

    /// Each part finds what it needs, in the wave or with each of these receivers.
    pub(super) fn check_needs<'c>(
        &self,
        wave: &Wave,
        receivers: impl Iterator<Item = &'c Code> + Clone,
    ) -> Result<(), Refusal> {
        for (id, part) in &wave.parts {
            for needs in part.needs.iter().filter(|needs| !wave.parts.contains_key(*needs)) {
                if let Some(receiver) = receivers.clone().find(|code| !self.state.holds(code, needs)) {
                    let (part, needs, receiver) = (id.clone(), needs.clone(), receiver.clone());
                    return Err(Refusal::NeedNotHeld { part, needs, receiver });
                }
            }
        }
        Ok(())
    }

    fn check_notices(&self, wave: &Wave, audience: &BTreeSet<Code>) -> Result<(), Refusal> {
        for (id, notice) in &wave.notices {
            let contradicts = |how| Refusal::PartContradicts { part: id.clone(), other: id.clone(), how };
            if wave.parts.contains_key(id) {
                return Err(contradicts("hands over and gives notice of"));
            }
            if matches!(notice, Notice::Superseded { by } if by == id) {
                return Err(contradicts("is superseded by"));
            }
            if let Some(receiver) = audience.iter().find(|code| !self.state.holds(code, id)) {
                return Err(Refusal::NoticeOfNothing { part: id.clone(), receiver: receiver.clone() });
            }
        }
        Ok(())
    }

    /// What was objected to by name in any earlier round of this title is not in this one, unless it is another document or says
    /// something else. An objection to the whole is answered by an amended draft, as ever.
    fn check_objected(&self, title: &Title, wave: &Wave) -> Result<(), Refusal> {
        for earlier in self.state.rounds(title).iter().filter_map(|earlier| self.state.release(earlier)) {
            let Some(before) = &earlier.protected().draft().wave else { continue };
            for part in earlier.round().objections().flat_map(|(_, objection)| &objection.parts) {
                let document = |wave: &Wave| wave.parts.get(part).map(|part| part.document);
                let handed = document(before).is_some() && document(before) == document(wave);
                let told = wave.notices.get(part).is_some_and(|told| before.notices.get(part) == Some(told));
                if handed || told {
                    let round = earlier.round().terms().number;
                    return Err(Refusal::PartObjected { part: part.clone(), round });
                }
            }
        }
        Ok(())
    }

    /// Whether a decision names parts that are there, and whether the actor may decide about them.
    pub(super) fn check_parts(&self, proposal: &Digest, decision: &Decision) -> Result<(), Refusal> {
        let named = match decision {
            Decision::Consent(parts) if parts.is_empty() => return Err(Refusal::NoPartNamed),
            Decision::Consent(parts) => parts,
            Decision::Object(objection) | Decision::Amend(objection) => &objection.parts,
            Decision::Approve | Decision::Reserve(_) | Decision::Waive => return Ok(()),
        };
        let release = self.state.release(proposal);
        let wave = release.and_then(|release| release.protected().draft().wave.as_deref());
        let consents = matches!(decision, Decision::Consent(_));
        for id in named {
            let part = wave.and_then(|wave| wave.parts.get(id));
            let told = !consents && wave.is_some_and(|wave| wave.notices.contains_key(id));
            match part {
                None if told => {}
                None => return Err(Refusal::NotInWave { part: id.clone() }),
                Some(part) if consents && !part.originators.contains(self.actor) => {
                    return Err(Refusal::NotOriginated { actor: self.actor.clone(), part: id.clone() });
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

/// What a wave says of one part, held against the rest of it.
fn consistent(wave: &Wave, id: &PartId, part: &Part) -> Result<(), Refusal> {
    let contradicts =
        |other: &PartId, how| Err(Refusal::PartContradicts { part: id.clone(), other: other.clone(), how });
    if part.needs.contains(id) {
        return contradicts(id, "needs");
    }
    if let Some(other) = part.lacks.iter().find(|other| part.needs.contains(*other)) {
        return contradicts(other, "both has and lacks");
    }
    if let Some(other) = part.lacks.iter().find(|other| wave.parts.contains_key(*other)) {
        return contradicts(other, "lacks what it hands over,");
    }
    match &part.replaces {
        Some(other) if wave.parts.contains_key(other) => contradicts(other, "replaces what it hands over,"),
        Some(_) | None => Ok(()),
    }
}
