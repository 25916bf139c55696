//! Waves in the simulator: the office plans them on whatever registry it believes in, of parts that need each other, and circulates again
//! what is left; members consent in part, object to parts, or name what is not theirs.

use std::collections::BTreeMap;

use ledger::{
    Digest,
    act::{self, ActBody, Content, Level, Notice, Part, PartId, ReleaseDraft, Revision, Subject, Wave},
};
use rand::{Rng as _, RngExt as _};

use super::{
    super::{
        waves::holdings_are_those_of_the_log,
        world::{code, consent_of, digest, part_id, reasoned_of, register_of, title},
    },
    COMPANIES, Simulator,
};
use crate::{
    replay,
    standards::{holdings, remaining},
};

/// Parts of the alliance's standards; each needs the one before it, every third starts anew.
const PARTS: usize = 9;

fn name(number: usize) -> PartId {
    part_id(&format!("P{number}"))
}

impl Simulator {
    /// Perhaps a change of the registry, perhaps a wave.
    pub(super) fn standards(&mut self, now: u32) {
        let next = self.state().registry_revision().map_or(1, |revision| revision.get() + 1);
        if next == 1 || self.chance(5) {
            let revision = if self.chance(80) { next } else { next + 1 };
            let register = register_of(revision, digest(&format!("box {}", self.random.next_u64())));
            self.send_of(now, act::OFFICE, ActBody::Register(register));
        }
        let name = format!("wave {}", self.random.random_range(0..12));
        let last = self.state().rounds(&title(&name)).last().copied();
        let left = last.and_then(|last| {
            let wave = self.state().release(&last)?.protected().draft().wave.clone()?;
            Some((remaining(self.state(), &last)?, *wave))
        });
        let wave = match left {
            // What is left, or, against the rules, all of it again.
            Some((left, wave)) if self.chance(80) => left.of(&wave),
            Some((_, wave)) => wave,
            None => self.wave(),
        };
        let mut draft = self.release(&name);
        draft.release = digest(&format!("wave {}", self.random.next_u64()));
        draft
            .originators
            .retain(|member, _| wave.parts.values().any(|part| part.originators.contains(member)));
        let company = COMPANIES[self.pick(3)];
        draft.audience.retain(|receiver| receiver.as_str() == company);
        let revision = self.state().registry_revision().unwrap_or(Revision::FIRST);
        let wave = Wave { registry: if self.chance(97) { revision } else { Revision::FIRST }, ..wave };
        let draft = ReleaseDraft { content: Content::Standards, wave: Some(Box::new(wave)), ..draft };
        let propose = self.circulate(&name, Subject::Release(draft));
        self.send_of(now, act::OFFICE, ActBody::Propose(propose));
    }

    /// Some parts, with what they need or without, and news of one that somebody may hold.
    fn wave(&mut self) -> Wave {
        let first = self.pick(PARTS);
        let mut parts = BTreeMap::new();
        for number in first..PARTS.min(first + 1 + self.pick(3)) {
            let originators = (0..=self.pick(2)).map(|_| code(&format!("D{:02}", self.pick(4)))).collect();
            let needs = if number % 3 == 0 { None } else { Some(name(number - 1)) };
            let (needs, lacks) = if self.chance(70) { (needs, None) } else { (None, needs) };
            let part = Part {
                document: digest(&format!("document {number} {}", self.pick(2))),
                level: Level::Unclassified,
                originators,
                needs: needs.into_iter().collect(),
                lacks: lacks.into_iter().filter(|lacks| !parts.contains_key(lacks)).collect(),
                replaces: (number > 3 && self.chance(30)).then(|| name(number - 4)),
            };
            parts.insert(name(number), part);
        }
        let told = name(self.pick(PARTS));
        let notice = if self.chance(50) { Notice::Withdrawn } else { Notice::Superseded { by: name(PARTS) } };
        let notices = if self.chance(30) { BTreeMap::from([(told, notice)]) } else { BTreeMap::new() };
        Wave { registry: Revision::FIRST, parts, notices }
    }

    /// Of a wave, mostly a yes to some or all of the member's own parts; sometimes a no to some.
    pub(super) fn answer_in_part(&mut self, member: &str, proposal: Digest) -> Option<ActBody> {
        let wave = self.state().release(&proposal)?.protected().draft().wave.clone()?;
        let own = wave.parts.iter().filter(|(_, part)| part.originators.contains(&code(member)));
        let own: Vec<String> = own.map(|(part, _)| part.to_string()).collect();
        let mut own: Vec<&str> = own.iter().map(String::as_str).collect();
        let any = name(self.pick(PARTS + 1)).to_string();
        match self.random.random_range(0..200) {
            0 => {
                let said = reasoned_of(self.state(), proposal, "not this one");
                Some(ActBody::Object(act::Reasoned { parts: [part_id(&any)].into(), ..said }))
            }
            1..4 => Some(consent_of(self.state(), proposal, &[&any])),
            4..100 if !own.is_empty() => {
                if self.chance(20) {
                    own.truncate(1);
                }
                Some(consent_of(self.state(), proposal, &own))
            }
            _ => None,
        }
    }

    /// At a few past times: what was held is what the log up to then says, and every part was handed over with the consent of each of its
    /// originators, to somebody in the audience, after what it needs. The oracle has looked at each delivery; this looks at what came of it.
    pub(super) fn check_past(&mut self) {
        let mut ticks: Vec<(usize, act::UtcTime)> = Vec::new();
        for (entry, bytes) in self.log.iter().enumerate() {
            if let ActBody::Tick(tick) = super::Logged::read(bytes).act.body {
                ticks.push((entry, tick.at_utc));
            }
        }
        for _ in 0..4 {
            let at = ticks[self.pick(ticks.len())].1;
            let end = ticks.iter().find(|(_, later)| *later > at).map_or(self.log.len(), |(entry, _)| *entry);
            let then = replay(&self.log[..end]).unwrap();
            holdings_are_those_of_the_log(self.fold.state(), at, then.state());
            let held = holdings(self.fold.state(), at);
            for (receiver, parts) in held.receivers().map(|receiver| (receiver, held.of(receiver))) {
                for (part, found) in parts {
                    let release = self.fold.state().release(&found.copy.wave).unwrap();
                    let (draft, round) = (release.protected().draft(), release.round());
                    assert!(draft.audience.contains(receiver), "{receiver} was not meant");
                    let handed = &draft.wave.as_ref().unwrap().parts[part];
                    for member in &handed.originators {
                        let given = round.terms().standing.contains_key(member)
                            || round.keys_for(member, part) >= round.terms().members[member];
                        assert!(given, "{receiver} holds {part} without the consent of {member}");
                    }
                    self.held += 1;
                }
            }
        }
    }
}
