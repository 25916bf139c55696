//! The office's journal: the one way by which an act gets into the log.
//!
//! A batch of acts is decided one after the other, each against what the log would say after those before it; what was
//! accepted is appended together with one signed checkpoint over all of it, in one transaction; only then is it answered.
//! What is not on disk has not happened: when the transaction fails, the state in memory is folded from the store again,
//! and if even that fails the journal stops.
//!
//! It is not a queue: one thread owns it. [`crate::sequencer`] shares it.
//!
//! # Guarantee
//!
//! An answer other than an error means that the act is durable, and covered by a durable checkpoint. A refused act changes
//! nothing. The answers of a batch are those that its acts would get one by one.

use std::collections::BTreeMap;

use ledger::Digest;
use ledger::act::{Act, ActBody, CheckpointText, Code, Counter, Tick, UtcTime, Witness};
use ledger::act_key::Signer;
use ledger::checkpoint::SignedCheckpoint;
use ledger::dsse::Envelope;
use ledger::log::LogSigner;
use ledger::merkle::Tree;
use ledger::proof::LogProof;
use ledger::tile;
use office::{Command, Context, EntryIndex, Event, Refusal, State, apply, decide};
use package::Decision;
use package::decision::Logged;
use store::{Store, StoreError};

use crate::replay::{all_threads, replay};

mod error;

pub use error::JournalError;

/// The log of an office, with its state and the keys of the office that only log and date.
pub struct Journal<S> {
    store: S,
    state: State,
    // INVARIANT: between calls, and unless `stopped`, the tree over the store's entries that `state` was folded from.
    tree: Tree,
    log: LogSigner,
    /// Signs what the office itself does; without it the journal takes acts that were signed elsewhere.
    office: Option<Box<dyn Signer + Send>>,
    /// Set when memory and store could not be brought together again.
    stopped: bool,
}

/// What a batch came to before it was written.
struct Decided {
    /// One answer an act, in order.
    answers: Vec<Result<Vec<Event>, Refusal>>,
    /// What is to be logged.
    entries: Vec<Vec<u8>>,
    /// The answer whose events are not yet in the state: the last accepted one. A batch of one thus leaves the state alone
    /// until it is written.
    unapplied: Option<usize>,
}

impl<S: Store> Journal<S> {
    /// Opens a log and folds it: every signature and rule is judged again.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`], or [`JournalError::Replay`] for an entry that should never have been logged.
    pub fn open(
        store: S,
        log: LogSigner,
        office: Option<Box<dyn Signer + Send>>,
    ) -> Result<Self, JournalError> {
        let (state, tree) = fold(&store)?;
        Ok(Self { store, state, tree, log, office, stopped: false })
    }

    /// What the log says.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The tree over the log's entries.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Where sealed boxes are kept.
    pub fn store(&mut self) -> &mut S {
        &mut self.store
    }

    /// Logs a signed act, or refuses it and leaves everything as it was.
    ///
    /// # Errors
    ///
    /// [`JournalError::Refused`], or those of [`Journal::submit_all`].
    pub fn submit(&mut self, envelope: Envelope) -> Result<Vec<Event>, JournalError> {
        let command = Command::of(envelope).map_err(JournalError::Refused)?;
        let answer = self.submit_all(vec![command])?.pop();
        // One command has one answer.
        answer.unwrap_or_else(|| Ok(Vec::new())).map_err(JournalError::Refused)
    }

    /// Logs what may be logged of a batch, in order; one answer for each command.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`] when the accepted ones could not be kept: then none of the batch was logged, and refusals in
    /// it are void too, as they may rest on what was not logged. [`JournalError::Stopped`] after a failure that left memory
    /// and store apart.
    ///
    /// # Cost
    ///
    /// One transaction and one signature, whatever the size of the batch; a failed one may cost a replay of the log.
    pub fn submit_all(
        &mut self,
        commands: Vec<Command>,
    ) -> Result<Vec<Result<Vec<Event>, Refusal>>, JournalError> {
        if self.stopped {
            return Err(JournalError::Stopped);
        }
        let before = self.tree.size();
        let Decided { answers, entries, unapplied } = self.decide(commands);
        if entries.is_empty() {
            return Ok(answers);
        }
        let kept = self
            .checkpoint()
            .and_then(|checkpoint| Ok(self.store.append_with_checkpoint(before, &entries, &checkpoint)?));
        if let Err(error) = kept {
            self.take_back(before, entries.len() > 1, &error);
            return Err(error);
        }
        if let Some(Ok(events)) = unapplied.and_then(|position| answers.get(position)) {
            events.iter().for_each(|event| apply(&mut self.state, event));
        }
        Ok(answers)
    }

    /// Decides a batch; tree and, but for the last accepted command, state are then as if it had been logged.
    fn decide(&mut self, commands: Vec<Command>) -> Decided {
        let mut decided = Decided { answers: Vec::new(), entries: Vec::new(), unapplied: None };
        for command in commands {
            if let Some(Ok(events)) = decided.unapplied.take().and_then(|last| decided.answers.get(last)) {
                events.iter().for_each(|event| apply(&mut self.state, event));
            }
            let context = Context { entry: self.state.next_entry(), tree: &self.tree };
            let answer = decide(&self.state, &command, &context);
            if answer.is_ok() {
                self.tree.push(command.leaf());
                decided.entries.push(command.entry().to_vec());
                decided.unapplied = Some(decided.answers.len());
            }
            decided.answers.push(answer);
        }
        decided
    }

    /// Brings memory back to what the store holds after a batch that was not kept.
    fn take_back(&mut self, before: u64, applied: bool, error: &JournalError) {
        self.tree.truncate(before);
        if !applied && !matches!(error, JournalError::Store(StoreError::Stale { .. })) {
            return;
        }
        match fold(&self.store) {
            Ok((state, tree)) => (self.state, self.tree) = (state, tree),
            Err(_) => self.stopped = true,
        }
    }

    /// Signs and logs an act of the office; gives the digest by which other acts name it.
    ///
    /// # Errors
    ///
    /// [`JournalError::NoOfficeKey`], [`JournalError::CounterUsedUp`], or those of [`Journal::submit`].
    pub fn act(&mut self, body: ActBody) -> Result<Digest, JournalError> {
        let actor = Code::office();
        let key = self.office.as_deref().ok_or(JournalError::NoOfficeKey)?;
        let act = self.state.act(actor.clone(), &key.key().id(), body);
        let envelope = act.ok_or(JournalError::CounterUsedUp { actor })?.sign(key)?;
        let digest = envelope.digest();
        self.submit(envelope)?;
        Ok(digest)
    }

    /// Signs and logs acts of the office in one transaction; gives the digest of each, or which rule it breaks.
    ///
    /// # Errors
    ///
    /// [`JournalError::NoOfficeKey`], [`JournalError::CounterUsedUp`], or those of [`Journal::submit_all`].
    pub fn acts(&mut self, bodies: Vec<ActBody>) -> Result<Vec<Result<Digest, Refusal>>, JournalError> {
        let actor = Code::office();
        let key = self.office.as_deref().ok_or(JournalError::NoOfficeKey)?;
        let mut last = self.state.last_counter(&key.key().id());
        let (mut commands, mut digests) = (Vec::new(), Vec::new());
        for body in bodies {
            let counter = last.map_or(Some(Counter::FIRST), Counter::next);
            let counter = counter.ok_or_else(|| JournalError::CounterUsedUp { actor: actor.clone() })?;
            last = Some(counter);
            let envelope = Act::new(actor.clone(), counter, body).sign(key)?;
            digests.push(envelope.digest());
            commands.push(Command::of(envelope).map_err(JournalError::Refused)?);
        }
        let answers = self.submit_all(commands)?;
        Ok(answers.into_iter().zip(digests).map(|(answer, digest)| answer.map(|_| digest)).collect())
    }

    /// Logs the time.
    ///
    /// # Errors
    ///
    /// Those of [`Journal::act`].
    pub fn tick(&mut self, at_utc: UtcTime) -> Result<(), JournalError> {
        self.act(ActBody::Tick(Tick { at_utc })).map(|_| ())
    }

    /// A checkpoint over all entries, signed.
    ///
    /// # Errors
    ///
    /// [`JournalError::Checkpoint`].
    pub fn checkpoint(&self) -> Result<SignedCheckpoint, JournalError> {
        Ok(SignedCheckpoint::sign(self.tree.size(), self.tree.root(), &self.log)?)
    }

    /// The newest checkpoint that was kept: what may be published, for everything that it covers is durable.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`].
    pub fn published(&self) -> Result<Option<SignedCheckpoint>, JournalError> {
        Ok(self.store.newest_checkpoint()?)
    }

    /// Logs a checkpoint that witnesses have cosigned, and keeps it.
    ///
    /// # Errors
    ///
    /// [`JournalError::Checkpoint`] when it is too long for an entry, [`JournalError::Refused`] when too few have cosigned it, or
    /// those of [`Journal::act`].
    pub fn witness(&mut self, cosigned: &SignedCheckpoint) -> Result<(), JournalError> {
        let checkpoint =
            CheckpointText::new(&cosigned.to_text()).map_err(JournalError::TooManyCosignatures)?;
        self.act(ActBody::Witness(Witness { checkpoint }))?;
        Ok(self.store.put_checkpoint(cosigned)?)
    }

    /// Keeps a checkpoint over all entries with what witnesses added to it: the one to be published.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`] when it is not of this log.
    pub fn keep(&mut self, cosigned: &SignedCheckpoint) -> Result<(), JournalError> {
        Ok(self.store.put_checkpoint(cosigned)?)
    }

    /// The checkpoint under which proofs are made: the newest that witnesses have cosigned, as the log has it; without witnesses,
    /// one over all entries.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`], [`JournalError::Checkpoint`], [`JournalError::Envelope`] or [`JournalError::Act`].
    pub fn cosigned(&self) -> Result<SignedCheckpoint, JournalError> {
        let Some(entry) = self.state.witnessed_by() else { return self.checkpoint() };
        match Act::claimed(&self.envelope(entry)?)?.body {
            ActBody::Witness(witness) => Ok(SignedCheckpoint::from_text(witness.checkpoint.as_str())?),
            _ => self.checkpoint(),
        }
    }

    /// The proof of an agreement: the proposal and every consent, all under the newest checkpoint that witnesses have cosigned.
    ///
    /// # Errors
    ///
    /// [`JournalError::NotAgreed`], or that a proof could not be made.
    pub fn decision(&self, proposal: &Digest) -> Result<Decision, JournalError> {
        let agreed = match self.state.agreed(proposal) {
            Some(agreed) => agreed,
            None => self
                .state
                .sealed(proposal)
                .map(office::Sealed::agreed)
                .ok_or(JournalError::NotAgreed { proposal: *proposal })?,
        };
        let evidence = agreed.evidence();
        let checkpoint = self.cosigned()?;
        let logged = |entry: EntryIndex| -> Result<Logged, JournalError> {
            let proof = LogProof::new(&self.tree, entry.0, checkpoint.clone())?;
            Ok(Logged { envelope: self.envelope(entry)?, proof })
        };
        let consents = evidence.consents.values().flatten();
        let consents = consents.map(|entry| logged(*entry)).collect::<Result<_, _>>()?;
        Ok(Decision::new(logged(evidence.proposal)?, consents)?)
    }

    /// An entry as it was logged.
    fn envelope(&self, EntryIndex(index): EntryIndex) -> Result<Envelope, JournalError> {
        let entries = self.store.entries(index..index + 1)?;
        Ok(Envelope::from_bytes(entries.first().map(Vec::as_slice).unwrap_or_default())?)
    }

    /// The log as the files that anybody can verify: path to bytes, the checkpoint among them.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`], [`JournalError::Tile`] or [`JournalError::Checkpoint`].
    pub fn files(&self) -> Result<BTreeMap<String, Vec<u8>>, JournalError> {
        let entries = self.store.entries(0..self.tree.size())?;
        let mut files = tile::write_log(0, &entries)?;
        // The one that was kept has the cosignatures of witnesses, if they were asked.
        let checkpoint = match self.published()?.filter(|kept| kept.unverified().size == self.tree.size()) {
            Some(kept) => kept,
            None => self.checkpoint()?,
        };
        files.insert(tile::CHECKPOINT_PATH.to_owned(), checkpoint.to_text().into_bytes());
        Ok(files)
    }

    /// One tile or bundle of the log, if it reaches that far.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`] or [`JournalError::Tile`].
    pub fn file(&self, path: &tile::TilePath) -> Result<Option<Vec<u8>>, JournalError> {
        match path.kind() {
            tile::TileKind::Hashes { .. } => Ok(tile::hashes(&self.tree, path)),
            tile::TileKind::Entries if path.entries().end > self.tree.size() => Ok(None),
            tile::TileKind::Entries => Ok(Some(tile::bundle(&self.store.entries(path.entries())?)?)),
        }
    }
}

/// State and tree of what the store holds.
fn fold(store: &impl Store) -> Result<(State, Tree), JournalError> {
    let entries = store.entries(0..store.size()?)?;
    let fold = replay(&entries, all_threads(), &mut |_| ());
    Ok(fold.map_err(|(index, source)| JournalError::Replay { index, source })?.into_parts())
}
