//! A log's files over HTTP, from a folder or from a running journal: `checkpoint` and `tile/...`, nothing else.
//!
//! Only a path that `ledger::tile` reads is looked up, so no request names a file of its own. The files are public; who may
//! connect is for the proxy in front to say.
//!
//! # Source
//!
//! C2SP tlog-tiles, "Parameters" and "Checkpoints": media types, tiles that never change, a checkpoint that does.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use ledger::note::NOTE_BYTES_MAX;
use ledger::tile::{CHECKPOINT_PATH, ENTRY_BYTES_MAX, TILE_MEDIA_TYPE, TILE_WIDTH, TileKind, TilePath};
use store::Store;

use crate::http::{blocking, text};
use crate::sequencer::Submitter;

/// A tile or bundle never changes; a week is what caches make of "for ever".
const FIXED: &str = "public, max-age=604800, immutable";

/// A checkpoint is asked for again each time.
const CHANGING: &str = "no-cache";

/// A file of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFile {
    /// The newest signed checkpoint.
    Checkpoint,
    /// A tile or bundle.
    Tile(TilePath),
}

impl LogFile {
    /// Reads a path.
    pub fn read(path: &str) -> Option<Self> {
        if path == CHECKPOINT_PATH { Some(Self::Checkpoint) } else { path.parse().ok().map(Self::Tile) }
    }

    /// The most bytes that the file can have.
    pub fn bytes_max(&self) -> usize {
        match self {
            Self::Checkpoint => NOTE_BYTES_MAX,
            Self::Tile(path) => match path.kind() {
                TileKind::Hashes { .. } => 32 * usize::from(path.width()),
                TileKind::Entries => (2 + ENTRY_BYTES_MAX) * usize::from(path.width()),
            },
        }
    }
}

/// The largest file that a log has.
pub const FILE_BYTES_MAX: usize = (2 + ENTRY_BYTES_MAX) * TILE_WIDTH as usize;

/// Where a log's files come from.
pub trait LogSource: Send + Sync + 'static {
    /// The bytes of a file; none when the log does not reach that far.
    ///
    /// # Errors
    ///
    /// When it cannot be read; the client learns no more than that.
    fn file(&self, file: LogFile) -> io::Result<Option<Vec<u8>>>;
}

/// A folder that holds the files under their paths.
pub struct Folder(pub PathBuf);

impl LogSource for Folder {
    fn file(&self, file: LogFile) -> io::Result<Option<Vec<u8>>> {
        let path = match &file {
            LogFile::Checkpoint => self.0.join(CHECKPOINT_PATH),
            LogFile::Tile(path) => self.0.join(path.to_string()),
        };
        let opened = match File::open(path) {
            Ok(opened) => opened,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut bytes = Vec::new();
        opened.take(file.bytes_max() as u64 + 1).read_to_end(&mut bytes)?;
        if bytes.len() > file.bytes_max() {
            Err(io::Error::other("a file of the log is too long"))
        } else {
            Ok(Some(bytes))
        }
    }
}

/// The log of a running journal: what is durable, and no more.
impl<S: Store + 'static> LogSource for Submitter<S> {
    fn file(&self, file: LogFile) -> io::Result<Option<Vec<u8>>> {
        let ask = self.run(move |journal| match file {
            LogFile::Checkpoint => {
                Ok(journal.published()?.map(|checkpoint| checkpoint.to_text().into_bytes()))
            }
            LogFile::Tile(path) => journal.file(&path),
        });
        ask.map_err(io::Error::other)?.map_err(io::Error::other)
    }
}

/// The routes of a log's files.
pub fn routes(source: impl LogSource) -> Router {
    let source: Arc<dyn LogSource> = Arc::new(source);
    Router::new()
        .route(
            "/checkpoint",
            get(|State(source): State<Arc<dyn LogSource>>| answer(source, LogFile::Checkpoint)),
        )
        .route("/tile/{*path}", get(tile))
        .with_state(source)
}

async fn tile(State(source): State<Arc<dyn LogSource>>, Path(path): Path<String>) -> Response {
    match LogFile::read(&format!("tile/{path}")) {
        Some(file) => answer(source, file).await,
        None => text(StatusCode::NOT_FOUND, "not a file of a log\n"),
    }
}

async fn answer(source: Arc<dyn LogSource>, file: LogFile) -> Response {
    let (media_type, cache) = match file {
        LogFile::Checkpoint => ("text/plain; charset=utf-8", CHANGING),
        LogFile::Tile(_) => (TILE_MEDIA_TYPE, FIXED),
    };
    blocking(move || match source.file(file) {
        Ok(Some(bytes)) => {
            let no_guessing = (HeaderName::from_static("x-content-type-options"), "nosniff");
            let heads = [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, cache), no_guessing];
            (heads, bytes).into_response()
        }
        Ok(None) => text(StatusCode::NOT_FOUND, "the log does not have this file\n"),
        Err(_) => text(StatusCode::INTERNAL_SERVER_ERROR, "the log cannot be read\n"),
    })
    .await
}
