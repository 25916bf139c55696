//! The writer's thread: many clients hand in acts, one thread logs them in batches, each client waits for its own answer.
//!
//! A batch is whatever waits when the thread is free, so that the one sync that a commit costs is shared by all who came while
//! the one before it ran. A lone act is logged at once: the thread waits, for a moment, only for acts whose clients are
//! already inside [`Submitter::submit`] with their signature being verified. That, the dear part, is done in the client's own
//! thread against the roster as last logged; `decide` holds it against the roster that counts.
//!
//! # Guarantee
//!
//! That of [`crate::journal`]. After [`Sequencer::stop`] everything that was answered is durable and nothing is half done; after
//! a failure from which the journal cannot recover, everything is refused.
//!
//! # Source
//!
//! Group commit: DeWitt et al., "Implementation techniques for main memory database systems" (SIGMOD 1984), section 5.2.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use office::{Command, Event, Refusal, Roster};
use store::Store;
use thiserror::Error;

use crate::journal::{Journal, JournalError};

/// The most acts of one batch. Past this a batch costs more to decide than the sync that it shares.
pub const BATCH_MAX: usize = 256;

/// The most acts that wait; who comes then waits to be let into the queue.
const QUEUE_MAX: usize = 4 * BATCH_MAX;

/// How long a batch waits at most for clients that are verifying; as many verifications as fit in a small part of a sync.
const GATHER_MAX: Duration = Duration::from_millis(3);

/// Why an act was not logged.
#[derive(Clone, Debug, Error)]
pub enum SubmitError {
    /// It breaks a rule: an answer, after which everything is as it was.
    #[error("the act is refused by rule `{}`", .0.rule())]
    Refused(#[source] Refusal),
    /// The whole batch was not kept.
    #[error("the act was not logged")]
    Failed(#[source] Arc<JournalError>),
    /// The sequencer has stopped.
    #[error("the office is stopping")]
    Closed,
}

impl SubmitError {
    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.advice(),
            Self::Failed(error) => error.advice(),
            Self::Closed => "submit the act again once the office runs",
        }
    }
}

type Answer = Result<Vec<Event>, SubmitError>;

/// What runs on the journal between two batches.
type Ask<S> = Box<dyn FnOnce(&mut Journal<S>) + Send>;

/// What the thread is asked to do.
enum Work<S> {
    Log { command: Box<Command>, answer: SyncSender<Answer> },
    Run(Ask<S>),
    Stop,
}

/// What clients and thread share beside the queue.
#[derive(Default)]
struct Shared {
    /// The roster as last logged; written by the thread before it answers. A stale one only costs time.
    roster: RwLock<Option<Arc<Roster>>>,
    /// Clients inside `submit` whose act is not yet in the queue.
    arriving: AtomicUsize,
}

/// The thread that owns a journal.
pub struct Sequencer<S> {
    submitter: Submitter<S>,
    thread: JoinHandle<Journal<S>>,
}

impl<S: Store + 'static> Sequencer<S> {
    /// Hands a journal to a thread of its own.
    ///
    /// # Errors
    ///
    /// When the operating system has no thread.
    pub fn start(journal: Journal<S>) -> io::Result<Self> {
        let (sender, receiver) = sync_channel(QUEUE_MAX);
        let shared = Arc::new(Shared::default());
        let writer = Writer { journal, receiver, shared: Arc::clone(&shared) };
        writer.publish();
        let thread = std::thread::Builder::new().name("sequencer".to_owned()).spawn(move || writer.run())?;
        Ok(Self { submitter: Submitter { sender, shared }, thread })
    }

    /// A way to hand in acts, for another thread.
    pub fn submitter(&self) -> Submitter<S> {
        self.submitter.clone()
    }

    /// Logs what waits, stops, and gives the journal back; nothing when its thread died.
    pub fn stop(self) -> Option<Journal<S>> {
        // A thread that is gone needs no telling.
        let _ = self.submitter.sender.send(Work::Stop);
        self.thread.join().ok()
    }
}

/// Hands acts to a sequencer; one for each thread.
pub struct Submitter<S> {
    sender: SyncSender<Work<S>>,
    shared: Arc<Shared>,
}

impl<S> Clone for Submitter<S> {
    fn clone(&self) -> Self {
        Self { sender: self.sender.clone(), shared: Arc::clone(&self.shared) }
    }
}

impl<S: Store + 'static> Submitter<S> {
    /// Logs an entry, or refuses it; blocks until either is certain.
    ///
    /// # Errors
    ///
    /// See [`SubmitError`].
    ///
    /// # Cost
    ///
    /// One verification in this thread, and one or two commits of waiting.
    pub fn submit(&self, entry: &[u8]) -> Answer {
        let arriving = Arriving::new(&self.shared.arriving);
        let command = Command::read(entry).and_then(|command| self.verify(command));
        let command = command.map_err(SubmitError::Refused)?;
        let (answer, answered) = sync_channel(1);
        let work = Work::Log { command: Box::new(command), answer };
        // Before it is in the queue: the thread must not wait for an act that it already has.
        drop(arriving);
        self.sender.send(work).map_err(|_| SubmitError::Closed)?;
        answered.recv().unwrap_or(Err(SubmitError::Closed))
    }

    /// Runs `ask` on the journal between two batches, when all that it says is durable; blocks until it is done.
    ///
    /// # Errors
    ///
    /// [`SubmitError::Closed`].
    pub fn run<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&mut Journal<S>) -> T + Send + 'static,
    ) -> Result<T, SubmitError> {
        let (answer, answered) = sync_channel(1);
        let run = move |journal: &mut Journal<S>| {
            // Whoever asked and left does not want to know.
            let _ = answer.send(ask(journal));
        };
        self.sender.send(Work::Run(Box::new(run))).map_err(|_| SubmitError::Closed)?;
        answered.recv().map_err(|_| SubmitError::Closed)
    }

    /// Verifies ahead with the key that the actor had when last something was logged. Such a refusal is a true answer as of
    /// then; whatever else is to be said of the act, `decide` says.
    fn verify(&self, command: Command) -> Result<Command, Refusal> {
        let roster = self.shared.roster.read().unwrap_or_else(PoisonError::into_inner).clone();
        let delegation = roster.as_deref().and_then(|roster| roster.party(&command.claimed().actor));
        match delegation.and_then(|(_, delegation)| delegation.delegates().get(&command.signer())) {
            Some(delegate) => command.checked(&delegate.key),
            None => Ok(command),
        }
    }
}

/// Counts a client as on its way, also if it leaves by an error.
struct Arriving<'a>(&'a AtomicUsize);

impl<'a> Arriving<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for Arriving<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The thread's side.
struct Writer<S> {
    journal: Journal<S>,
    receiver: Receiver<Work<S>>,
    shared: Arc<Shared>,
}

/// Acts with who waits for them, in the order in which they came.
type Batch = Vec<(Command, SyncSender<Answer>)>;

impl<S: Store> Writer<S> {
    fn run(mut self) -> Journal<S> {
        let mut next = self.receiver.recv().ok();
        while let Some(work) = next.take() {
            match work {
                Work::Log { command, answer } => {
                    let (batch, other) = self.gather((*command, answer));
                    self.log(batch);
                    next = other.or_else(|| self.receiver.recv().ok());
                }
                Work::Run(run) => {
                    run(&mut self.journal);
                    self.publish();
                    next = self.receiver.recv().ok();
                }
                Work::Stop => break,
            }
        }
        self.journal
    }

    /// What waits after `first`, up to the next work of another kind.
    fn gather(&self, first: (Command, SyncSender<Answer>)) -> (Batch, Option<Work<S>>) {
        let mut batch = vec![first];
        let mut began = None;
        while batch.len() < BATCH_MAX {
            let work = match self.receiver.try_recv() {
                Ok(work) => Ok(work),
                // Nobody is on the way: nothing is gained by waiting.
                Err(_) if self.shared.arriving.load(Ordering::SeqCst) == 0 => break,
                Err(_) => {
                    let left = GATHER_MAX.saturating_sub(elapsed(&mut began));
                    self.receiver.recv_timeout(left)
                }
            };
            match work {
                Ok(Work::Log { command, answer }) => batch.push((*command, answer)),
                Ok(other) => return (batch, Some(other)),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            }
        }
        (batch, None)
    }

    fn log(&mut self, batch: Batch) {
        let (commands, waiting): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        let outcome = self.journal.submit_all(commands);
        // Before the answers: whoever has one finds the roster that it rests on.
        self.publish();
        let answers: Vec<Answer> = match outcome {
            Ok(answers) => answers.into_iter().map(|answer| answer.map_err(SubmitError::Refused)).collect(),
            Err(error) => {
                let error = Arc::new(error);
                waiting.iter().map(|_| Err(SubmitError::Failed(Arc::clone(&error)))).collect()
            }
        };
        for (answer, waiting) in answers.into_iter().zip(waiting) {
            // Whoever left does not want to know.
            let _ = waiting.send(answer);
        }
    }

    /// Shows the roster to clients if it is another one; its epoch tells.
    fn publish(&self) {
        let roster = self.journal.state().roster();
        let mut published = self.shared.roster.write().unwrap_or_else(PoisonError::into_inner);
        if published.as_ref().map(|roster| roster.epoch()) != roster.map(Roster::epoch) {
            *published = roster.cloned().map(Arc::new);
        }
    }
}

/// Time since the first call.
#[expect(clippy::disallowed_methods, reason = "how long a batch has waited; no date comes of it")]
fn elapsed(began: &mut Option<Instant>) -> Duration {
    began.get_or_insert_with(Instant::now).elapsed()
}
