//! Waves, read from the acts: what each may say, who holds what, and how the registry changed.

use std::collections::BTreeSet;

use ledger::{
    Digest,
    act::{ActBody, Code, Content, Notice, PartId, Propose, Register, ReleaseDraft, Subject, Wave},
};

use super::{Judge, Verdict, acts, ensure, round, table};
use crate::State;

/// The changes of the registry before `end`.
fn registers(judge: &Judge, end: usize) -> Vec<&Register> {
    let found = judge.log[..end].iter().filter_map(|logged| match &logged.act.body {
        ActBody::Register(register) => Some(register),
        _ => None,
    });
    found.collect()
}

pub(super) fn check_register(judge: &Judge, entry: usize, register: &Register) -> Verdict {
    let before = registers(judge, entry);
    ensure!(register.revision.get() == before.len() as u64 + 1, "a revision was left out or doubled");
    let doubled = before.iter().any(|other| other.changes == register.changes);
    let boxed = judge.log[..entry].iter().any(|other| match &other.act.body {
        ActBody::Register(other) => other.blob == register.blob,
        ActBody::Deposit(other) => other.blob == register.blob,
        _ => false,
    });
    ensure!(!doubled && !boxed, "registered twice");
    Ok(())
}

/// The proposal of a package that was sealed before `end`.
fn proposal_of(judge: &Judge, package: &Digest, end: usize) -> Option<Digest> {
    judge.log[..end].iter().find_map(|logged| match &logged.act.body {
        ActBody::Seal(seal) if seal.package == *package => Some(seal.proposal),
        _ => None,
    })
}

pub(super) fn wave_of<'a>(judge: &'a Judge, proposal: &Digest, end: usize) -> Option<&'a Wave> {
    let start = judge.start_of(proposal, end.checked_sub(1)?)?;
    match &judge.propose(start).subject {
        Subject::Release(draft) => draft.wave.as_deref(),
        Subject::Roster(_) => None,
    }
}

/// Whether a receiver was handed the part by the entries before `end`, through a wave that stands, and not told since that it is no more.
pub(super) fn holds(judge: &Judge, receiver: &Code, part: &PartId, end: usize) -> bool {
    let mut through = BTreeSet::new();
    for entry in 0..end {
        let ActBody::Deliver(deliver) = &judge.log[entry].act.body else { continue };
        if deliver.to != *receiver {
            continue;
        }
        let Some(proposal) = proposal_of(judge, &deliver.package, entry) else { continue };
        let Some(wave) = wave_of(judge, &proposal, entry) else { continue };
        if wave.notices.get(part) == Some(&Notice::Withdrawn) {
            through.clear();
        }
        if wave.parts.contains_key(part) {
            through.insert(proposal);
        }
    }
    through.iter().any(|proposal| !acts::is_withdrawn(judge, proposal, end))
}

pub(super) fn check_wave(judge: &Judge, entry: usize, propose: &Propose, draft: &ReleaseDraft) -> Verdict {
    let Some(wave) = draft.wave.as_deref() else {
        ensure!(draft.content == Content::Figures, "standards without their parts");
        return Ok(());
    };
    ensure!(draft.content == Content::Standards, "figures with parts");
    ensure!(draft.supersedes.is_none(), "a wave in the place of a release");
    ensure!(wave.registry.get() == registers(judge, entry).len() as u64, "planned on another registry");
    ensure!(wave.parts.len() + wave.notices.len() > 0, "an empty wave");
    let mut originators = BTreeSet::new();
    for (id, part) in &wave.parts {
        ensure!(!part.originators.is_empty(), "a part of nobody");
        ensure!(part.level <= round::level(draft), "a part above the label");
        originators.extend(part.originators.iter().cloned());
        let others: Vec<&PartId> = part.lacks.iter().chain(&part.replaces).collect();
        ensure!(!others.iter().any(|other| wave.parts.contains_key(*other)), "lacks or replaces what goes");
        ensure!(part.needs.is_disjoint(&part.lacks) && !part.needs.contains(id), "needs what it lacks");
        for needs in part.needs.iter().filter(|needs| !wave.parts.contains_key(*needs)) {
            let held = draft.audience.iter().all(|receiver| holds(judge, receiver, needs, entry));
            ensure!(held, "`{id}` before `{needs}`");
        }
    }
    let members = originators.iter().all(|code| table::is_member(&judge.rosters[entry], code));
    ensure!(members, "an originator of a part is no member");
    let named: BTreeSet<Code> = draft.originators.keys().cloned().collect();
    ensure!(wave.parts.is_empty() || originators == named, "originators of other parts");
    for (id, notice) in &wave.notices {
        ensure!(!wave.parts.contains_key(id), "handed over and told of");
        ensure!(*notice != Notice::Superseded { by: id.clone() }, "superseded by itself");
        let held = draft.audience.iter().all(|receiver| holds(judge, receiver, id, entry));
        ensure!(held, "told of `{id}`, which somebody does not hold");
    }
    check_objections(judge, entry, propose, wave)
}

/// Whether an agreement can still be sealed at an entry: on figures, while nothing was sealed since; on a wave, while what it needs is held.
pub(super) fn check_outlasts(judge: &Judge, entry: usize, draft: &ReleaseDraft) -> Verdict {
    let Some(wave) = draft.wave.as_deref() else {
        ensure!(draft.history == judge.history_before(entry), "sealed with a certificate out of date");
        return Ok(());
    };
    for needs in wave.parts.values().flat_map(|part| &part.needs) {
        let held = draft.audience.iter().all(|receiver| holds(judge, receiver, needs, entry));
        ensure!(held || wave.parts.contains_key(needs), "sealed before `{needs}`");
    }
    Ok(())
}

/// Nothing that an earlier round of this title was objected to by name comes back as it was.
fn check_objections(judge: &Judge, entry: usize, propose: &Propose, wave: &Wave) -> Verdict {
    for logged in &judge.log[..entry] {
        let (ActBody::Object(said) | ActBody::Amend(said)) = &logged.act.body else { continue };
        let Some(start) = judge.start_of(&said.proposal, entry - 1) else { continue };
        if judge.propose(start).title != propose.title {
            continue;
        }
        let Some(before) = wave_of(judge, &said.proposal, entry) else { continue };
        for part in &said.parts {
            let same = |a: Option<Digest>, b: Option<Digest>| a.is_some() && a == b;
            let document = |wave: &Wave| wave.parts.get(part).map(|part| part.document);
            ensure!(!same(document(before), document(wave)), "`{part}` comes back after an objection");
            let told = before.notices.get(part);
            ensure!(told.is_none() || told != wave.notices.get(part), "a notice comes back");
        }
    }
    Ok(())
}

/// Parts that an act names, and whether it may.
pub(super) fn check_parts(judge: &Judge, entry: usize) -> Verdict {
    let logged = &judge.log[entry];
    let (proposal, parts) = match &logged.act.body {
        ActBody::Reserve(said) => {
            ensure!(said.parts.is_empty(), "a reservation to parts");
            return Ok(());
        }
        ActBody::Consent(said) => (said.proposal, &said.parts),
        ActBody::Object(said) | ActBody::Amend(said) => (said.proposal, &said.parts),
        _ => return Ok(()),
    };
    let consents = matches!(logged.act.body, ActBody::Consent(_));
    ensure!(!consents || !parts.is_empty(), "a consent to nothing");
    let wave = wave_of(judge, &proposal, entry);
    for id in parts {
        let part = wave.and_then(|wave| wave.parts.get(id));
        let own = part.is_some_and(|part| part.originators.contains(&logged.act.actor));
        let told = wave.is_some_and(|wave| wave.notices.contains_key(id));
        ensure!(if consents { own } else { part.is_some() || told }, "`{id}` is not theirs to name");
    }
    Ok(())
}

/// A delivery hands over nothing before what it needs, and nothing that an originator did not consent to.
pub(super) fn check_deliver(judge: &Judge, entry: usize, proposal: &Digest, to: &Code) -> Verdict {
    let Some(wave) = wave_of(judge, proposal, entry) else { return Ok(()) };
    let start = judge.start_of(proposal, entry).ok_or("delivered nothing")?;
    let settled = judge.outcomes.get(proposal).ok_or("delivered what is not settled")?.1;
    for (id, part) in &wave.parts {
        let missing = part
            .needs
            .iter()
            .find(|needs| !wave.parts.contains_key(*needs) && !holds(judge, to, needs, entry));
        ensure!(missing.is_none(), "`{id}` was handed over before `{missing:?}`");
        for member in &part.originators {
            let consented = round::has_consented_to(judge, start, settled, member, id);
            ensure!(consented, "`{id}` was handed over without the consent of `{member}`");
        }
    }
    Ok(())
}

/// The state says the same of the registry and of what everybody holds.
pub(super) fn agrees_with(judge: &Judge, state: &State) -> Verdict {
    let end = judge.log.len();
    let logged = registers(judge, end);
    let found: Vec<&Register> = state.registrations().values().map(|one| &one.register).collect();
    ensure!(found == logged, "another registry");
    let proposals = judge.proposals(end.saturating_sub(1));
    let parts: BTreeSet<&PartId> = proposals
        .filter_map(|(.., propose)| match &propose.subject {
            Subject::Release(draft) => draft.wave.as_deref(),
            Subject::Roster(_) => None,
        })
        .flat_map(|wave| wave.parts.keys())
        .collect();
    let Some(roster) = judge.rosters.last() else { return Ok(()) };
    for receiver in &roster.receivers {
        for part in &parts {
            let holds = holds(judge, &receiver.code, part, end);
            ensure!(state.holds(&receiver.code, part) == holds, "`{}` and `{part}`", receiver.code);
        }
    }
    Ok(())
}
