//! What a log means, read from the definition by the slowest road: for each question the log is walked again. Shares no code with
//! the fold; takes the log's word that signatures hold.
//!
//! A [`Judge`] takes in the entries that the fold accepted, one after the other. It keeps no round: what was said in one is counted
//! anew from the acts after every entry. It answers with the first promise that is broken.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ledger::{
    Digest,
    act::{self, Act, ActBody, Code, Propose, Scope, Subject, UtcTime},
    dsse::Envelope,
    key::KeyId,
};

use crate::{Decision, Outcome, Release, State};

mod acts;
mod round;
mod table;
mod wave;

/// An act in the log, the digest that names it, and the key that signed it.
#[derive(Clone, Debug)]
pub(crate) struct Logged {
    pub(crate) act: Act,
    pub(crate) digest: Digest,
    pub(crate) key: KeyId,
    entry: Vec<u8>,
}

impl Logged {
    pub(crate) fn read(entry: &[u8]) -> Self {
        let envelope = Envelope::from_bytes(entry).unwrap();
        let key = envelope.signers().next().unwrap();
        Self { act: Act::claimed(&envelope).unwrap(), digest: Digest::of(entry), key, entry: entry.to_vec() }
    }
}

/// What was found wrong.
pub(crate) type Verdict = Result<(), String>;

/// Answers with what is wrong unless it holds.
macro_rules! ensure {
    ($holds:expr, $($what:tt)+) => {
        if !$holds {
            return Err(format!($($what)+));
        }
    };
}
use ensure;

/// A log, and what came of its rounds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Judge {
    log: Vec<Arc<Logged>>,
    /// The roster in force before each entry, and the one after the last.
    rosters: Vec<Arc<act::Roster>>,
    outcomes: BTreeMap<Digest, (Outcome, usize)>,
    /// Entries with which parties recovered.
    recoveries: Vec<(usize, BTreeSet<Code>)>,
}

impl Judge {
    /// Takes in an entry that the fold accepted.
    pub(crate) fn step(&mut self, logged: Logged) -> Verdict {
        let entry = self.log.len();
        if let ActBody::Found(found) = &logged.act.body {
            ensure!(entry == 0, "founded again");
            self.rosters.push(Arc::new(found.roster.clone()));
        }
        ensure!(!self.rosters.is_empty(), "the log does not start with a roster");
        self.log.push(Arc::new(logged));
        acts::check_signer(self, entry).map_err(|what| format!("entry {entry}: {what}"))?;
        acts::check_act(self, entry).map_err(|what| format!("entry {entry}: {what}"))?;
        self.settle(entry);
        Ok(())
    }

    /// Outcomes that an entry brings: earliest deadline first; a roster that changes voids what is still open.
    fn settle(&mut self, entry: usize) {
        let mut next = Arc::clone(&self.rosters[entry]);
        let mut open: Vec<(UtcTime, Digest, usize)> = self
            .proposals(entry)
            .filter(|(_, digest, _)| !self.outcomes.contains_key(digest))
            .map(|(start, digest, _)| (round::deadline(self, start, entry), digest, start))
            .collect();
        open.sort();
        let mut changed = false;
        for (_, digest, start) in &open {
            if changed {
                break;
            }
            let Some(mut outcome) = round::outcome(self, *start, entry) else { continue };
            if let (Outcome::Agreed, Subject::Roster(draft)) = (outcome, &self.propose(*start).subject) {
                if self.adds_revoked(&draft.changes, entry) {
                    outcome = Outcome::Void;
                } else {
                    next = Arc::new(table::after(&next, &draft.changes));
                    self.recoveries.push((entry, table::recovered(&draft.changes)));
                    changed = true;
                }
            }
            self.outcomes.insert(*digest, (outcome, entry));
        }
        for (_, digest, _) in open.iter().filter(|_| changed) {
            self.outcomes.entry(*digest).or_insert((Outcome::Void, entry));
        }
        self.rosters.push(next);
    }

    fn adds_revoked(&self, changes: &[act::Change], entry: usize) -> bool {
        table::new_keys(&self.rosters[entry], changes).iter().any(|key| self.is_revoked(key, entry + 1))
    }

    /// Latest tick among the entries before `end`.
    fn time_before(&self, end: usize) -> Option<UtcTime> {
        self.log[..end].iter().rev().find_map(|logged| match &logged.act.body {
            ActBody::Tick(tick) => Some(tick.at_utc),
            _ => None,
        })
    }

    /// Proposals up to and including an entry.
    fn proposals(&self, last: usize) -> impl Iterator<Item = (usize, Digest, &Propose)> {
        let entries = self.log[..=last].iter().enumerate();
        entries.filter_map(|(entry, logged)| match &logged.act.body {
            ActBody::Propose(propose) => Some((entry, logged.digest, propose)),
            _ => None,
        })
    }

    fn propose(&self, start: usize) -> &Propose {
        match &self.log[start].act.body {
            ActBody::Propose(propose) => propose,
            other => panic!("{other:?}"),
        }
    }

    fn start_of(&self, proposal: &Digest, last: usize) -> Option<usize> {
        self.proposals(last).find(|(_, digest, _)| digest == proposal).map(|(start, ..)| start)
    }

    fn is_revoked(&self, key: &KeyId, end: usize) -> bool {
        let revokes = |body: &ActBody| matches!(body, ActBody::Revoke(revoke) if revoke.key == *key);
        self.log[..end].iter().any(|logged| revokes(&logged.act.body))
    }

    /// Releases sealed by the entries before `end`, each once, oldest first.
    fn sealed_before(&self, end: usize) -> Vec<Digest> {
        let mut sealed = Vec::new();
        for logged in &self.log[..end] {
            let ActBody::Seal(seal) = &logged.act.body else { continue };
            let Some(start) = self.start_of(&seal.proposal, end - 1) else { continue };
            let Subject::Release(draft) = &self.propose(start).subject else { continue };
            if !sealed.contains(&draft.release) {
                sealed.push(draft.release);
            }
        }
        sealed
    }

    fn history_before(&self, end: usize) -> act::History {
        self.sealed_before(end).iter().fold(act::History::EMPTY, |history, release| history.with(release))
    }

    fn witnessed_before(&self, end: usize) -> u64 {
        let sizes = self.log[..end].iter().filter_map(|logged| match &logged.act.body {
            ActBody::Witness(witness) => acts::size_of(witness),
            _ => None,
        });
        sizes.max().unwrap_or(0)
    }

    /// Panics unless the state says what the log says.
    pub(crate) fn check(&self, state: &State) {
        if let Err(what) = self.agrees_with(state) {
            panic!("{what}");
        }
    }

    /// Whether the state says what the log says.
    pub(crate) fn agrees_with(&self, state: &State) -> Verdict {
        let end = self.log.len();
        let Some(roster) = self.rosters.last() else { return Ok(()) };
        let found = state.roster().ok_or("the state has no roster")?;
        ensure!(found.wire() == &**roster, "another roster is in force");
        let revokes = self.log.iter().filter_map(|logged| match &logged.act.body {
            ActBody::Revoke(revoke) => Some(revoke.key),
            _ => None,
        });
        ensure!(*found.revoked() == revokes.collect(), "other keys are revoked");
        ensure!(state.now() == self.time_before(end), "another time");
        ensure!(state.history() == self.history_before(end), "another history");
        ensure!(state.witnessed() == self.witnessed_before(end), "witnessed otherwise");
        ensure!(state.next_entry().0 == end as u64, "another length");
        let mut count = 0;
        for (start, digest, _) in self.proposals(end.saturating_sub(1)) {
            self.check_round(state, start, digest)?;
            count += 1;
        }
        ensure!(state.releases().len() + state.reforms().len() == count, "other proposals");
        let open: Vec<Digest> = state.open_rounds().map(|round| round.terms().proposal).collect();
        ensure!(open.len() == count - self.outcomes.len(), "{} rounds are open", open.len());
        ensure!(open.iter().all(|proposal| !self.outcomes.contains_key(proposal)), "a settled round is open");
        wave::agrees_with(self, state)?;
        self.check_answers(state)
    }

    /// Each answer of the key access service stands in the state, about its release, and no other.
    fn check_answers(&self, state: &State) -> Verdict {
        let mut logged = Vec::new();
        for (entry, one) in self.log.iter().enumerate() {
            let ActBody::KeyAccess(access) = &one.act.body else { continue };
            logged.push((access.proposal, entry));
            let mut found = state.answers_about(&access.proposal);
            let holds = found.any(|answer| {
                answer.access == *access
                    && answer.key == one.key
                    && answer.stamp.entry.0 == entry as u64
                    && answer.stamp.at == self.time_before(entry)
            });
            ensure!(holds, "the answer of entry {entry} is not in the state");
        }
        logged.sort_unstable();
        let told = state.answers().map(|answer| (answer.access.proposal, answer.stamp.entry.0 as usize));
        ensure!(told.eq(logged), "other answers than those logged");
        Ok(())
    }

    fn check_round(&self, state: &State, start: usize, digest: Digest) -> Verdict {
        let round = state.round(&digest).ok_or("a logged proposal is not in the state")?;
        let settled = self.outcomes.get(&digest).copied();
        let found = round.settled().map(|(outcome, stamp)| (outcome, stamp.entry.0 as usize));
        ensure!(found == settled, "outcome of {digest}: {found:?} where the log says {settled:?}");
        // What was said is looked at as it was when the round was settled.
        let last = settled.map_or(self.log.len() - 1, |(_, entry)| entry);
        let said = round::said(self, start, last);
        let mut counted: BTreeMap<(Code, KeyId), (&Decision, usize)> = BTreeMap::new();
        for (code, keys) in round.decisions() {
            for (key, recorded) in keys {
                counted.insert((code.clone(), *key), (&recorded.decision, recorded.stamp.entry.0 as usize));
            }
        }
        ensure!(said.keys().eq(counted.keys()), "who has spoken in {digest}");
        for (who, (word, entry)) in &said {
            let (decision, at) = counted[who];
            let parts = round::parts_of(&self.log[*entry].act.body);
            let same = *entry == at && word.means(decision) && parts == round::parts_said(decision);
            ensure!(same, "what {} said in {digest}", who.0);
        }
        let endorsed = round::endorsed(self, start, last);
        ensure!(round.endorsed().keys().eq(&endorsed), "who endorsed {digest}");
        if let Some(release) = state.release(&digest) {
            self.check_stage(release, digest, settled.map(|(outcome, _)| outcome))?;
        }
        Ok(())
    }

    fn check_stage(&self, release: &Release, digest: Digest, outcome: Option<Outcome>) -> Verdict {
        let end = self.log.len();
        let seals = acts::packages(self, &digest, end);
        let stage = match outcome {
            None => "in circulation",
            Some(Outcome::Agreed) if acts::is_withdrawn(self, &digest, end) => "withdrawn",
            Some(Outcome::Agreed) if acts::is_superseded(self, &digest, end) => "superseded",
            Some(Outcome::Agreed) if !seals.is_empty() => "sealed",
            Some(Outcome::Agreed) => "agreed",
            Some(Outcome::Objected | Outcome::Lapsed | Outcome::Withdrawn | Outcome::Void) => "settled",
        };
        let found = match release {
            Release::Proposed(_) => "in circulation",
            Release::Refused(_) => "settled",
            Release::Agreed(_) => "agreed",
            Release::Sealed(_) => "sealed",
            Release::Superseded(_) => "superseded",
            Release::Withdrawn(_) => "withdrawn",
        };
        ensure!(stage == found, "{digest} is {found}, not {stage}");
        let sealed = release.packaged().into_iter().flat_map(|sealed| sealed.packages().keys());
        ensure!(sealed.eq(&seals), "packages of {digest}");
        Ok(())
    }
}

/// What a key must be allowed to sign to speak about this.
fn scope_of(subject: &Subject) -> Scope {
    match subject {
        Subject::Release(_) => Scope::Agree,
        Subject::Roster(_) => Scope::Govern,
    }
}
