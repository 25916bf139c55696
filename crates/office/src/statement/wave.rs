//! A wave of standards in words: what a member reads before it consents, its own parts first.

use std::collections::BTreeSet;

use ledger::act::{Code, Consent, Notice, Part, PartId, Reasoned, Register, ReleaseDraft, Wave};

use super::{Details, Words, list, of_ballot};
use crate::state::State;

/// What a draft hands over part by part; nothing for figures. `actor` reads it.
pub(super) fn details(draft: &ReleaseDraft, actor: &Code, state: &State) -> Details {
    let Some(Wave { registry, parts, notices }) = draft.wave.as_deref() else { return Vec::new() };
    let mut details = vec![("registry", format!("revision {registry}")), ("parts", counted(parts.len()))];
    let (own, others): (Vec<_>, Vec<_>) =
        parts.iter().partition(|(_, part)| part.originators.contains(actor));
    details.extend(own.into_iter().map(|(id, part)| ("own part", words(id, part, draft, state))));
    details.extend(others.into_iter().map(|(id, part)| ("part", words(id, part, draft, state))));
    details.extend(notices.iter().map(|(id, notice)| ("notice", told(id, notice))));
    details
}

pub(super) fn counted(parts: usize) -> String {
    if parts == 1 { "1 part".to_owned() } else { format!("{parts} parts") }
}

fn words(id: &PartId, part: &Part, draft: &ReleaseDraft, state: &State) -> String {
    let Part { document, level, originators, needs, lacks, replaces } = part;
    let mut lines = vec![
        format!("{id}, {}, of {}", format!("{level:?}").to_lowercase(), list(originators)),
        format!("document {document}"),
    ];
    if !needs.is_empty() {
        lines.push(format!("needs {}", ids(needs)));
    }
    if !lacks.is_empty() {
        lines.push(format!("goes without {}, which it needs too", ids(lacks)));
    }
    lines.extend(replaces.as_ref().map(|earlier| format!("takes the place of {earlier}")));
    let held = |same: bool| {
        let holders = draft.audience.iter().filter(|receiver| {
            let mut documents = state.held_documents(receiver, id).peekable();
            documents.peek().is_some() && documents.any(|found| found == *document) == same
        });
        list(holders)
    };
    lines.extend(Some(held(true)).filter(|who| !who.is_empty()).map(|who| format!("held already by {who}")));
    let other = Some(held(false)).filter(|who| !who.is_empty());
    lines.extend(other.map(|who| format!("held with another document by {who}")));
    lines.join("\n")
}

fn told(id: &PartId, notice: &Notice) -> String {
    match notice {
        Notice::Superseded { by } => format!("{id} is superseded by {by}"),
        Notice::Withdrawn => format!("{id} is withdrawn"),
    }
}

/// A consent to parts, named before all else.
pub(super) fn of_consent(state: &State, actor: &Code, said: &Consent) -> Words {
    let verb = format!("consents to {} and to no more of", counted(said.parts.len()));
    let (sentence, mut details) = of_ballot(state, actor, &verb, &said.ballot());
    details.splice(0..0, said.parts.iter().map(|part| ("consents to", part.to_string())));
    (sentence, details)
}

/// The parts that an objection or an amendment is about; for anything but a wave, nothing.
pub(super) fn of_objection(state: &State, said: &Reasoned) -> Details {
    let release = state.release(&said.proposal);
    let is_wave = release.is_some_and(|release| release.protected().draft().wave.is_some());
    if said.parts.is_empty() {
        return if is_wave { vec![("about", "the whole wave".to_owned())] } else { Vec::new() };
    }
    said.parts.iter().map(|part| ("about", part.to_string())).collect()
}

pub(super) fn of_register(actor: &Code, register: &Register) -> Words {
    let Register { revision, changes, blob, added, changed, withdrawn, renamed } = register;
    let details = vec![
        ("added", added.to_string()),
        ("changed", changed.to_string()),
        ("withdrawn", withdrawn.to_string()),
        ("renamed", renamed.to_string()),
        ("commitment", changes.to_string()),
        ("sealed box", blob.to_string()),
    ];
    (format!("{actor} changes the registry of standards to revision {revision}."), details)
}

fn ids(parts: &BTreeSet<PartId>) -> String {
    parts.iter().map(PartId::as_str).collect::<Vec<_>>().join(", ")
}
