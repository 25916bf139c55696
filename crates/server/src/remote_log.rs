//! A log's files over HTTP, for whoever verifies a log where it is: `ledger::verify` asks for one file after the other, and
//! several are fetched ahead.
//!
//! Nothing fetched is believed here; the verifier judges every byte. What is kept apart is *not there* (an answer of the
//! log) and *could not be asked* ([`RemoteLog::failure`]).
//!
//! # Guarantee
//!
//! Memory is bounded, whatever the log sends: no file is longer than its path allows, at most [`AHEAD_MAX`] files and, but
//! for those being fetched, [`AHEAD_BYTES_MAX`] bytes wait to be read. Each file is tried at most [`TRIES`] times.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use ledger::checkpoint::SignedCheckpoint;
use ledger::tile::{TILE_WIDTH, TileKind, TilePath};

use crate::client::{Client, ClientError};
use crate::log_files::LogFile;

/// How often a file is asked for before it counts as unreachable.
pub const TRIES: usize = 3;

/// The most files that wait to be read.
pub const AHEAD_MAX: u64 = 64;

/// The most bytes that wait to be read.
pub const AHEAD_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Files fetched at a time. More would gain little over one connection's worth of delay, and load the log.
const FETCHERS: usize = 4;

/// Why a file could not be asked for.
#[derive(Debug, thiserror::Error)]
pub enum RemoteLogError {
    /// No answer.
    #[error("`{path}` could not be fetched")]
    Client {
        /// The file.
        path: String,
        /// Why.
        source: ClientError,
    },
    /// An answer that is neither the file nor that it is not there.
    #[error("`{path}` was answered with status {status}")]
    Status {
        /// The file.
        path: String,
        /// The status.
        status: u16,
    },
}

impl RemoteLogError {
    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Client { source, .. } => source.advice(),
            Self::Status { .. } => "check the address of the log, or try again later",
        }
    }

    fn retryable(&self) -> bool {
        match self {
            Self::Client { source, .. } => source.retryable(),
            Self::Status { status, .. } => *status == 429 || *status >= 500,
        }
    }
}

type Fetched = Result<Option<Vec<u8>>, RemoteLogError>;

/// A log behind an address.
pub struct RemoteLog {
    remote: Remote,
    failure: Option<RemoteLogError>,
    ahead: Option<Ahead>,
    /// Tiles of level 0, which a verifier reads twice: 32 bytes an entry, half of what the verifier's tree takes.
    leaves: BTreeMap<String, Vec<u8>>,
}

/// How a file is fetched.
#[derive(Clone)]
struct Remote {
    client: Client,
    url: String,
    time: Duration,
}

impl RemoteLog {
    /// The log whose `checkpoint` and `tile/` lie under `url`; each file is given `time`.
    pub fn new(client: Client, url: &str, time: Duration) -> Self {
        let remote = Remote { client, url: url.trim_end_matches('/').to_owned(), time };
        Self { remote, failure: None, ahead: None, leaves: BTreeMap::new() }
    }

    /// A file of the log, for `ledger::verify::verify_log`; none when it is not there or cannot be had.
    pub fn read(&mut self, path: &str) -> Option<Vec<u8>> {
        if self.failure.is_some() {
            return None;
        }
        if let Some(leaves) = self.leaves.remove(path) {
            return Some(leaves);
        }
        let file = LogFile::read(path)?;
        let fetched = match self.ahead.as_ref().and_then(|ahead| ahead.take(path)) {
            Some(fetched) => fetched,
            None => self.remote.fetch(path, file),
        };
        let bytes = match fetched {
            Ok(bytes) => bytes?,
            Err(failure) => {
                self.failure = Some(failure);
                return None;
            }
        };
        match file {
            LogFile::Checkpoint => self.look_ahead(&bytes),
            LogFile::Tile(tile) if tile.kind() == (TileKind::Hashes { level: 0 }) => {
                self.leaves.insert(path.to_owned(), bytes.clone());
            }
            LogFile::Tile(_) => {}
        }
        Some(bytes)
    }

    /// Why a file could not be had, if it was not the log that said so. Then whatever the verifier concluded is void.
    pub fn failure(&self) -> Option<&RemoteLogError> {
        self.failure.as_ref()
    }

    /// Starts to fetch what a verifier of this checkpoint asks for. Its signature is the verifier's to judge: a false one costs
    /// a few files.
    fn look_ahead(&mut self, checkpoint: &[u8]) {
        let signed = std::str::from_utf8(checkpoint).ok().map(SignedCheckpoint::from_text);
        if let Some(Ok(signed)) = signed {
            self.ahead = Some(Ahead::start(&self.remote, signed.unverified().size));
        }
    }
}

impl Remote {
    fn fetch(&self, path: &str, file: LogFile) -> Fetched {
        let mut tried = 1;
        loop {
            match self.try_once(path, file) {
                Err(error) if error.retryable() && tried < TRIES => tried += 1,
                outcome => return outcome,
            }
        }
    }

    fn try_once(&self, path: &str, file: LogFile) -> Fetched {
        let url = format!("{}/{path}", self.url);
        let answer = self
            .client
            .get(&url, file.bytes_max(), self.time)
            .map_err(|source| RemoteLogError::Client { path: path.to_owned(), source })?;
        match answer.status {
            200 => Ok(Some(answer.body)),
            404 | 410 => Ok(None),
            status => Err(RemoteLogError::Status { path: path.to_owned(), status }),
        }
    }
}

/// The files that a verifier reads first, in its order: each bundle, then its tile of level 0.
fn place(position: u64, size: u64) -> Option<TilePath> {
    let (index, width) = (position / 2, u64::from(TILE_WIDTH));
    let left = size.checked_sub(index.checked_mul(width)?)?.min(width);
    let kind = if position.is_multiple_of(2) { TileKind::Entries } else { TileKind::Hashes { level: 0 } };
    TilePath::new(kind, index, u16::try_from(left).ok()?)
}

/// Fetches ahead of the reader.
struct Ahead {
    shared: Arc<Shared>,
    fetchers: Vec<JoinHandle<()>>,
}

struct Shared {
    size: u64,
    window: Mutex<Window>,
    changed: Condvar,
}

/// Which files are where.
#[derive(Default)]
struct Window {
    /// Position that the reader asks for next; nothing before it is kept.
    reading: u64,
    /// Position that nobody fetches yet.
    unclaimed: u64,
    /// Fetched and not yet read.
    fetched: BTreeMap<u64, Fetched>,
    /// Bytes in `fetched`.
    bytes: usize,
    /// The reader is gone.
    closed: bool,
}

impl Shared {
    fn window(&self) -> MutexGuard<'_, Window> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, window: MutexGuard<'a, Window>) -> MutexGuard<'a, Window> {
        self.changed.wait(window).unwrap_or_else(PoisonError::into_inner)
    }

    /// The next position to fetch, once there is room for it.
    fn claim(&self) -> Option<(u64, TilePath)> {
        let mut window = self.window();
        loop {
            let position = window.unclaimed;
            if window.closed {
                return None;
            }
            let path = place(position, self.size)?;
            // What the reader waits for is fetched however full it is: it would wait for ever.
            let room = position < window.reading + AHEAD_MAX && window.bytes < AHEAD_BYTES_MAX;
            if room || position == window.reading {
                window.unclaimed += 1;
                return Some((position, path));
            }
            window = self.wait(window);
        }
    }

    fn run(&self, remote: &Remote) {
        let _dying = Dying(self);
        while let Some((position, path)) = self.claim() {
            let fetched = remote.fetch(&path.to_string(), LogFile::Tile(path));
            let mut window = self.window();
            window.bytes += length(&fetched);
            window.fetched.insert(position, fetched);
            self.changed.notify_all();
        }
    }
}

/// Frees the reader from waiting for a thread that panicked; it fetches by itself then.
struct Dying<'a>(&'a Shared);

impl Drop for Dying<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.window().closed = true;
            self.0.changed.notify_all();
        }
    }
}

fn length(fetched: &Fetched) -> usize {
    fetched.as_ref().ok().and_then(Option::as_ref).map_or(0, Vec::len)
}

impl Ahead {
    fn start(remote: &Remote, size: u64) -> Self {
        let shared = Arc::new(Shared { size, window: Mutex::default(), changed: Condvar::new() });
        let fetcher = |number: usize| {
            let (shared, remote) = (Arc::clone(&shared), remote.clone());
            let name = format!("fetch-{number}");
            std::thread::Builder::new().name(name).spawn(move || shared.run(&remote)).ok()
        };
        // With fewer threads than asked for it is slower, with none the reader fetches by itself.
        let fetchers = (0..FETCHERS).filter_map(fetcher).collect();
        Self { shared, fetchers }
    }

    /// The file, if it is the next in order.
    fn take(&self, path: &str) -> Option<Fetched> {
        if self.fetchers.is_empty() {
            return None;
        }
        let mut window = self.shared.window();
        let position = window.reading;
        if place(position, self.shared.size)?.to_string() != path {
            return None;
        }
        loop {
            if let Some(fetched) = window.fetched.remove(&position) {
                window.reading += 1;
                window.bytes -= length(&fetched);
                self.shared.changed.notify_all();
                return Some(fetched);
            }
            if window.closed {
                return None;
            }
            window = self.shared.wait(window);
        }
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.shared.window().closed = true;
        self.shared.changed.notify_all();
        for fetcher in self.fetchers.drain(..) {
            // Bounded by the time of the file that it fetches.
            let _ = fetcher.join();
        }
    }
}
