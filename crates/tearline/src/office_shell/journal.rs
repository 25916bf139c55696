//! The office's journal: the one way by which an act gets into the log.
//!
//! Order of effects: `decide`, append to the store, `apply`, sign a checkpoint, keep it. A crash between two of them loses
//! nothing that was acknowledged: on opening, the state is folded from the store's entries again.

use std::collections::BTreeMap;

use ledger::Digest;
use ledger::act::{ActBody, ActError, Code, Tick, UtcTime};
use ledger::checkpoint::{CheckpointError, SignedCheckpoint};
use ledger::dsse::{Envelope, EnvelopeError};
use ledger::key::SigningKey;
use ledger::merkle::{Tree, leaf_hash};
use ledger::note::NoteSigner;
use ledger::proof::{LogProof, LogProofError};
use ledger::tile::{self, TileError};
use office::{Command, Context, EntryIndex, Event, Refusal, State, apply, decide};
use package::Decision;
use package::decision::{DecisionError, Logged};
use store::{Store, StoreError};

/// Why an act was not logged, or the log not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JournalError {
    /// It breaks a rule: an answer, after which everything is as it was.
    #[error("the act is refused by rule `{}`", .0.rule())]
    Refused(#[source] Refusal),
    /// The store holds an entry that should never have been logged.
    #[error("entry {index} of the store breaks a rule")]
    Replay {
        /// The first such entry.
        index: EntryIndex,
        /// The rule.
        source: Refusal,
    },
    /// The store failed.
    #[error("the store did not take the act")]
    Store(#[from] StoreError),
    /// The checkpoint could not be made.
    #[error("the checkpoint could not be signed")]
    Checkpoint(#[from] CheckpointError),
    /// The act could not be signed.
    #[error("the act could not be signed")]
    Act(#[from] ActError),
    /// The actor has used all its counters.
    #[error("`{actor}` has used up its counter")]
    CounterUsedUp {
        /// Who.
        actor: Code,
    },
    /// An entry that is no envelope.
    #[error("an entry of the log is not an envelope")]
    Envelope(#[from] EnvelopeError),
    /// A proof could not be made.
    #[error("a proof of the log could not be made")]
    Proof(#[from] LogProofError),
    /// Only what is agreed has a decision.
    #[error("the proposal `{proposal}` is not agreed")]
    NotAgreed {
        /// The proposal.
        proposal: Digest,
    },
    /// The decision is too long.
    #[error("the decision could not be put together")]
    Decision(#[from] DecisionError),
    /// The log could not be laid out as files.
    #[error("the log could not be laid out as tiles")]
    Tile(#[from] TileError),
}

impl JournalError {
    /// What to do about it.
    pub(crate) fn advice(&self) -> &'static str {
        match self {
            Self::Refused(refusal) | Self::Replay { source: refusal, .. } => refusal.advice(),
            Self::Store(error) => error.advice(),
            Self::Checkpoint(error) => error.advice(),
            Self::Act(error) => error.advice(),
            Self::CounterUsedUp { .. } => "give the actor a new key under a new roster",
            Self::Envelope(error) => error.advice(),
            Self::Proof(error) => error.advice(),
            Self::NotAgreed { .. } => "wait for the missing approvals; nothing is released without them",
            Self::Decision(error) => error.advice(),
            Self::Tile(error) => error.advice(),
        }
    }
}

/// The log of an office, with its state and the keys of the office that only log and date.
pub(crate) struct Journal<S> {
    store: S,
    state: State,
    // INVARIANT: the tree over the store's entries that `state` was folded from.
    tree: Tree,
    log: NoteSigner,
    office: SigningKey,
}

impl<S: Store> Journal<S> {
    /// Opens a log and folds it: every signature and rule is judged again.
    pub(crate) fn open(store: S, log: NoteSigner, office: SigningKey) -> Result<Self, JournalError> {
        let entries = store.entries(0..store.size()?)?;
        let state =
            office::replay(&entries).map_err(|(index, source)| JournalError::Replay { index, source })?;
        Ok(Self { store, state, tree: Tree::of_entries(&entries), log, office })
    }

    /// What the log says.
    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// Where sealed boxes are kept.
    pub(crate) fn store(&mut self) -> &mut S {
        &mut self.store
    }

    /// Logs a signed act, or refuses it and leaves everything as it was.
    pub(crate) fn submit(&mut self, envelope: Envelope) -> Result<Vec<Event>, JournalError> {
        let command = Command::of(envelope).map_err(JournalError::Refused)?;
        let entry = command.entry();
        let context = Context { entry: self.state.next_entry() };
        let events = decide(&self.state, command, &context).map_err(JournalError::Refused)?;
        let leaf = leaf_hash(&entry);
        self.store.append(context.entry.0, &[entry])?;
        self.tree.push(leaf);
        for event in &events {
            apply(&mut self.state, event);
        }
        let checkpoint = self.checkpoint()?;
        self.store.put_checkpoint(&checkpoint)?;
        Ok(events)
    }

    /// Signs and logs an act of the office; gives the digest by which other acts name it.
    pub(crate) fn act(&mut self, body: ActBody) -> Result<Digest, JournalError> {
        let actor = Code::office();
        let act = self.state.act(actor.clone(), body).ok_or(JournalError::CounterUsedUp { actor })?;
        let envelope = act.sign(&self.office)?;
        let digest = envelope.digest();
        self.submit(envelope)?;
        Ok(digest)
    }

    /// Logs the time.
    pub(crate) fn tick(&mut self, at_utc: UtcTime) -> Result<(), JournalError> {
        self.act(ActBody::Tick(Tick { at_utc })).map(|_| ())
    }

    /// The newest checkpoint, signed.
    pub(crate) fn checkpoint(&self) -> Result<SignedCheckpoint, JournalError> {
        Ok(SignedCheckpoint::sign(self.tree.size(), self.tree.root(), &self.log)?)
    }

    /// The proof of an agreement: the proposal and every approval, all under the newest checkpoint.
    pub(crate) fn decision(&self, proposal: &Digest) -> Result<Decision, JournalError> {
        let agreed = match self.state.agreed(proposal) {
            Some(agreed) => agreed,
            None => self
                .state
                .sealed(proposal)
                .map(office::Sealed::agreed)
                .ok_or(JournalError::NotAgreed { proposal: *proposal })?,
        };
        let evidence = agreed.evidence();
        let checkpoint = self.checkpoint()?;
        let logged = |EntryIndex(index): EntryIndex| -> Result<Logged, JournalError> {
            let entries = self.store.entries(index..index + 1)?;
            let entry = entries.first().map(Vec::as_slice).unwrap_or_default();
            let proof = LogProof::new(&self.tree, index, checkpoint.clone())?;
            Ok(Logged { envelope: Envelope::from_bytes(entry)?, proof })
        };
        let approvals = evidence.approvals.values().map(|index| logged(*index)).collect::<Result<_, _>>()?;
        Ok(Decision::new(logged(evidence.proposal)?, approvals)?)
    }

    /// The log as the files that anybody can verify: path to bytes, the checkpoint among them.
    pub(crate) fn files(&self) -> Result<BTreeMap<String, Vec<u8>>, JournalError> {
        let entries = self.store.entries(0..self.tree.size())?;
        let mut files = tile::write_log(0, &entries)?;
        files.insert(tile::CHECKPOINT_PATH.to_owned(), self.checkpoint()?.to_text().into_bytes());
        Ok(files)
    }
}
