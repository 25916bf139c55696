//! A round, counted anew from the acts: who has a voice, what was said in time, what came of it.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    Digest,
    act::{ActBody, Ballot, Code, Entrust, Level, PartId, ReleaseDraft, Subject, UtcTime},
    key::KeyId,
};

use super::{Judge, scope_of, table};
use crate::{Decision, Outcome};

/// What an act says in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Yes,
    Reserved,
    /// To the parts that the act names.
    InPart,
    Waived,
    No,
    Otherwise,
}

impl Word {
    pub(super) fn means(self, decision: &Decision) -> bool {
        matches!(
            (self, decision),
            (Self::Yes, Decision::Approve)
                | (Self::Reserved, Decision::Reserve(_))
                | (Self::InPart, Decision::Consent(_))
                | (Self::Waived, Decision::Waive)
                | (Self::No, Decision::Object(_))
                | (Self::Otherwise, Decision::Amend(_))
        )
    }

    fn is_consent(self) -> bool {
        matches!(self, Self::Yes | Self::Reserved)
    }
}

/// The ballot that an act casts, and its word; none for taking back.
pub(super) fn ballot(body: &ActBody) -> Option<(Ballot, Option<Word>)> {
    match body {
        ActBody::Approve(ballot) => Some((*ballot, Some(Word::Yes))),
        ActBody::Reserve(said) => Some((said.ballot(), Some(Word::Reserved))),
        ActBody::Consent(said) => Some((said.ballot(), Some(Word::InPart))),
        ActBody::Waive(ballot) => Some((*ballot, Some(Word::Waived))),
        ActBody::Object(said) => Some((said.ballot(), Some(Word::No))),
        ActBody::Amend(said) => Some((said.ballot(), Some(Word::Otherwise))),
        ActBody::Retract(ballot) => Some((*ballot, None)),
        _ => None,
    }
}

/// Parts that an act names.
pub(super) fn parts_of(body: &ActBody) -> BTreeSet<PartId> {
    match body {
        ActBody::Consent(said) => said.parts.clone(),
        ActBody::Object(said) | ActBody::Amend(said) => said.parts.clone(),
        _ => BTreeSet::new(),
    }
}

/// Parts that the fold takes a decision to name.
pub(super) fn parts_said(decision: &Decision) -> BTreeSet<PartId> {
    match decision {
        Decision::Consent(parts) => parts.clone(),
        Decision::Object(objection) | Decision::Amend(objection) => objection.parts.clone(),
        Decision::Approve | Decision::Reserve(_) | Decision::Waive => BTreeSet::new(),
    }
}

/// Whether a ballot is for exactly this proposal.
pub(super) fn is_for(judge: &Judge, start: usize, ballot: &Ballot) -> bool {
    let propose = judge.propose(start);
    *ballot
        == Ballot {
            proposal: judge.log[start].digest,
            round: propose.round,
            roster_epoch: propose.roster_epoch,
        }
}

/// The deadline after the entries up to and including `last`.
pub(super) fn deadline(judge: &Judge, start: usize, last: usize) -> UtcTime {
    let proposal = judge.log[start].digest;
    let extended = judge.log[start..=last].iter().rev().find_map(|logged| match &logged.act.body {
        ActBody::Extend(extend) if extend.proposal == proposal => Some(extend.deadline_utc),
        _ => None,
    });
    extended.unwrap_or(judge.propose(start).deadline_utc)
}

/// Everybody with a voice and the number of keys that it takes.
pub(super) fn voices(judge: &Judge, start: usize) -> BTreeMap<&Code, usize> {
    let roster = &judge.rosters[start];
    let silenced = match &judge.propose(start).subject {
        Subject::Release(_) => BTreeSet::new(),
        Subject::Roster(draft) => table::voices(roster, &draft.changes).0,
    };
    let heard = roster.members.iter().filter(|member| !silenced.contains(&member.code));
    heard.map(|member| (&member.code, member.delegation.quorum.get() as usize)).collect()
}

/// Everybody whose silence is not enough.
fn consents(judge: &Judge, start: usize) -> BTreeSet<Code> {
    match &judge.propose(start).subject {
        Subject::Release(draft) => draft.originators.keys().cloned().collect(),
        Subject::Roster(draft) => table::voices(&judge.rosters[start], &draft.changes).1,
    }
}

pub(super) fn needed(judge: &Judge, start: usize) -> table::Needed {
    match &judge.propose(start).subject {
        Subject::Release(_) => Vec::new(),
        Subject::Roster(draft) => table::needed(&judge.rosters[start], &draft.changes),
    }
}

/// Whether the key that signed an entry was in force for its actor, with what a voice in this round takes.
fn speaks(judge: &Judge, start: usize, entry: usize) -> bool {
    let logged = &judge.log[entry];
    let delegation = table::delegation(&judge.rosters[start], &logged.act.actor);
    let delegate = delegation.and_then(|found| found.delegates.iter().find(|one| one.key.id() == logged.key));
    delegate.is_some_and(|delegate| {
        delegate.scopes.contains(&scope_of(&judge.propose(start).subject))
            && judge.time_before(entry) < Some(delegate.expires_utc)
    })
}

/// The last word of every key, and its entry.
type Said = BTreeMap<(Code, KeyId), (Word, usize)>;

/// The last word of every key, and its entry, of those that count.
pub(super) fn said(judge: &Judge, start: usize, last: usize) -> Said {
    let voices = voices(judge, start);
    let proposal = judge.log[start].digest;
    let (mut said, mut until) = (BTreeMap::new(), judge.propose(start).deadline_utc);
    for entry in start + 1..=last {
        let logged = &judge.log[entry];
        let actor = &logged.act.actor;
        match &logged.act.body {
            ActBody::Revoke(revoke) => drop(said.remove(&(actor.clone(), revoke.key))),
            ActBody::Extend(extend) if extend.proposal == proposal => until = extend.deadline_utc,
            _ => {}
        }
        let Some((ballot, word)) = ballot(&logged.act.body) else { continue };
        let counts = is_for(judge, start, &ballot)
            && voices.contains_key(actor)
            && judge.time_before(entry) < Some(until)
            && speaks(judge, start, entry);
        if !counts {
            continue;
        }
        match word {
            Some(word) => said.insert((actor.clone(), logged.key), (word, entry)),
            None => said.remove(&(actor.clone(), logged.key)),
        };
    }
    said
}

/// Keys that signed for a change of keys.
pub(super) fn endorsed(judge: &Judge, start: usize, last: usize) -> BTreeSet<KeyId> {
    let needed = needed(judge, start);
    let mut endorsed = BTreeSet::new();
    for entry in start + 1..=last {
        let logged = &judge.log[entry];
        match &logged.act.body {
            ActBody::Revoke(revoke) => {
                endorsed.remove(&revoke.key);
            }
            ActBody::Endorse(ballot) if is_for(judge, start, ballot) => {
                let actor = &logged.act.actor;
                if needed.iter().any(|(party, keys, _)| party == actor && keys.contains(&logged.key)) {
                    endorsed.insert(logged.key);
                }
            }
            _ => {}
        }
    }
    endorsed
}

/// The outcome of a round that has none yet, after the entries up to and including `last`.
pub(super) fn outcome(judge: &Judge, start: usize, last: usize) -> Option<Outcome> {
    let proposal = judge.log[start].digest;
    if matches!(&judge.log[last].act.body, ActBody::Withdraw(withdraw) if withdraw.proposal == proposal) {
        return Some(Outcome::Withdrawn);
    }
    let said = said(judge, start, last);
    if said.values().any(|(word, _)| matches!(word, Word::No | Word::Otherwise)) {
        return Some(Outcome::Objected);
    }
    let count = |code: &Code, kind: fn(Word) -> bool| {
        said.iter().filter(|((who, _), (word, _))| who == code && kind(*word)).count()
    };
    let voices = voices(judge, start);
    let spoken = |word: Word| word.is_consent() || word == Word::Waived;
    let everybody = voices.iter().all(|(code, quorum)| {
        count(code, spoken) >= *quorum || parts_consented(judge, start, &said, code, *quorum)
    });
    let over = judge.time_before(last + 1) >= Some(deadline(judge, start, last));
    if !everybody && !over {
        return None;
    }
    let consented = consents(judge, start).iter().all(|code| {
        let here = voices.get(code).is_some_and(|quorum| count(code, Word::is_consent) >= *quorum);
        let in_parts =
            voices.get(code).is_some_and(|quorum| parts_consented(judge, start, &said, code, *quorum));
        here || in_parts || has_stood(judge, start, last, code)
    });
    let signed = endorsed(judge, start, last);
    let endorsed = needed(judge, start)
        .iter()
        .all(|(_, keys, wanted)| keys.iter().filter(|key| signed.contains(*key)).count() >= *wanted);
    match (consented && endorsed, over) {
        (true, _) => Some(Outcome::Agreed),
        (false, true) => Some(Outcome::Lapsed),
        (false, false) => None,
    }
}

/// Parts of a proposal that a member originates.
fn own_parts<'a>(judge: &'a Judge, start: usize, member: &Code) -> Vec<&'a PartId> {
    let Subject::Release(draft) = &judge.propose(start).subject else { return Vec::new() };
    let parts = draft.wave.iter().flat_map(|wave| &wave.parts);
    parts.filter(|(_, part)| part.originators.contains(member)).map(|(id, _)| id).collect()
}

/// Keys of a member that said yes to a part, to the whole or by name.
fn yes_to(judge: &Judge, said: &Said, member: &Code, part: &PartId) -> usize {
    let of_member = said.iter().filter(|((who, _), _)| who == member);
    let yes = of_member.filter(|(_, (word, entry))| {
        word.is_consent() || (*word == Word::InPart && parts_of(&judge.log[*entry].act.body).contains(part))
    });
    yes.count()
}

/// Whether a member that originates parts has said yes to each of them.
fn parts_consented(judge: &Judge, start: usize, said: &Said, member: &Code, quorum: usize) -> bool {
    let own = own_parts(judge, start, member);
    !own.is_empty() && own.iter().all(|part| yes_to(judge, said, member, part) >= quorum)
}

/// Whether a member had said yes to a part, here or beforehand, when the entry `last` was in the log.
pub(super) fn has_consented_to(
    judge: &Judge,
    start: usize,
    last: usize,
    member: &Code,
    part: &PartId,
) -> bool {
    let said = said(judge, start, last);
    let quorum = voices(judge, start).get(member).copied();
    quorum.is_some_and(|quorum| yes_to(judge, &said, member, part) >= quorum)
        || has_stood(judge, start, last, member)
}

/// Whether a consent given before the round opened has stood for the member all along.
fn has_stood(judge: &Judge, start: usize, last: usize, member: &Code) -> bool {
    let Subject::Release(draft) = &judge.propose(start).subject else { return false };
    let terms: BTreeMap<Digest, &Entrust> = judge.log[..start]
        .iter()
        .filter(|logged| logged.act.actor == *member)
        .filter_map(|logged| match &logged.act.body {
            ActBody::Entrust(terms) => Some((terms.digest().unwrap(), terms)),
            _ => None,
        })
        .collect();
    let first = judge.propose(start).deadline_utc;
    let covering = |(digest, terms): &(&Digest, &&Entrust)| {
        covers(terms, draft, first) && is_given(judge, member, digest, start)
    };
    let Some((digest, terms)) = terms.iter().find(covering) else { return false };
    (start..=last).all(|entry| is_given(judge, member, digest, entry + 1))
        && deadline(judge, start, last) < terms.expires_utc
}

fn covers(terms: &Entrust, draft: &ReleaseDraft, deadline: UtcTime) -> bool {
    draft.audience.iter().all(|code| terms.audience.contains(code))
        && terms.contents.contains(&draft.content)
        && level(draft) <= terms.highest
        && deadline < terms.expires_utc
}

/// The classification on a draft's label.
pub(super) fn level(draft: &ReleaseDraft) -> Level {
    let label = label::Label::from_xml(draft.label.as_str().as_bytes()).unwrap();
    match label.information().classification() {
        label::Classification::PublicUnmarked => Level::Public,
        label::Classification::NatoUnclassified => Level::Unclassified,
        label::Classification::NatoRestricted => Level::Restricted,
        label::Classification::NatoConfidential => Level::Confidential,
        label::Classification::NatoSecret => Level::Secret,
        label::Classification::NatoTopSecret => Level::TopSecret,
    }
}

/// Whether a consent was given by enough keys, and not ended, by the entries before `end`.
pub(super) fn is_given(judge: &Judge, member: &Code, grant: &Digest, end: usize) -> bool {
    let (mut signed, mut given) = (BTreeSet::new(), false);
    for entry in 0..end {
        let logged = &judge.log[entry];
        let Some(delegation) = table::delegation(&judge.rosters[entry], member) else {
            (signed, given) = (BTreeSet::new(), false);
            continue;
        };
        // What was signed with keys that are gone, or by fewer than it takes now, is signed anew or not at all.
        let keys = table::keys(delegation);
        signed.retain(|key| keys.contains(key));
        let quorum = delegation.quorum.get() as usize;
        given &= signed.len() >= quorum;
        let by_member = logged.act.actor == *member;
        match &logged.act.body {
            ActBody::Entrust(terms) if by_member && terms.digest().unwrap() == *grant => {
                signed.insert(logged.key);
                given |= signed.len() >= quorum;
            }
            ActBody::Reclaim(reclaim) if by_member && reclaim.grant == *grant => {
                (signed, given) = (BTreeSet::new(), false);
            }
            ActBody::Revoke(revoke) if by_member && signed.remove(&revoke.key) => {
                given &= signed.len() >= quorum;
            }
            _ => {}
        }
        let recovered = |(at, who): &(usize, BTreeSet<Code>)| *at == entry && who.contains(member);
        if judge.recoveries.iter().any(recovered) {
            (signed, given) = (BTreeSet::new(), false);
        }
    }
    given
}
