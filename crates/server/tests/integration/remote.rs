//! A log verified over HTTP, from a folder and from a running office; logs that lie, break off or send too much.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use ledger::verify::{VerifiedLog, VerifyError, verify_log};
use server::client::{Client, ClientError};
use server::http::text;
use server::log_files::{Folder, LogFile, LogSource, routes};
use server::remote_log::{AHEAD_MAX, RemoteLog, RemoteLogError, TRIES};
use server::sequencer::Sequencer;

use crate::office::{Office, commands, deposit, log, member};
use crate::serving;

const LONG: Duration = Duration::from_secs(20);

fn remote(url: &str) -> RemoteLog {
    RemoteLog::new(Client::new(None).unwrap(), url, LONG)
}

fn verify(remote: &mut RemoteLog) -> Result<VerifiedLog, VerifyError> {
    verify_log(&log().verifier(), &mut |path| remote.read(path))
}

/// An office with 802 entries: three full bundles and a part of one.
fn grown() -> Office {
    let office = Office::founded();
    let mut journal = office.journal();
    for counter in 1..=25 {
        let batch: Vec<_> = (0..32).map(|number| deposit(&member(number), counter)).collect();
        assert!(journal.submit_all(commands(&batch)).unwrap().iter().all(Result::is_ok));
    }
    office
}

/// The same log as files in a folder.
fn laid_out(office: &Office) -> tempfile::TempDir {
    let folder = tempfile::TempDir::new().unwrap();
    for (path, bytes) in office.journal().files().unwrap() {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    folder
}

#[test]
fn a_log_is_verified_over_http() {
    let office = grown();
    let sequencer = Sequencer::start(office.journal()).unwrap();
    let folder = laid_out(&office);
    let live = serving(routes(sequencer.submitter()));
    let fixed = serving(routes(Folder(folder.path().to_owned())));
    for (service, url) in [live, fixed] {
        let mut remote = remote(&format!("{url}/"));
        let verified = verify(&mut remote).unwrap();
        assert_eq!(verified.entries().collect::<Vec<_>>(), office.held().0);
        assert!(remote.failure().is_none());
        service.stop();
    }
}

#[test]
fn files_have_their_media_types_and_nothing_else_is_served() {
    let office = grown();
    let folder = laid_out(&office);
    std::fs::write(folder.path().join("secret"), b"secret").unwrap();
    let (service, url) = serving(routes(Folder(folder.path().join("tile").join(".."))));
    let client = Client::new(None).unwrap();
    let ask = |path: &str| client.get(&format!("{url}/{path}"), 1 << 20, LONG).unwrap();
    let answer = ask("checkpoint");
    assert_eq!((answer.status, &*answer.media_type), (200, "text/plain; charset=utf-8"));
    let answer = ask("tile/entries/003.p/34");
    assert_eq!((answer.status, &*answer.media_type), (200, "application/octet-stream"));
    assert_eq!(ask("tile/0/000").body.len(), 256 * 32);
    for path in [
        "",
        "secret",
        "tile",
        "tile/",
        "tile/0/0",
        "tile/0/000.p/256",
        "tile/0/004",
        "tile/9/000",
        "tile/entries/x001",
        "tile/..%2fsecret",
        "tile/%2e%2e/secret",
        "tile//secret",
        "checkpoint/",
    ] {
        assert_eq!(ask(path).status, 404, "{path}");
    }
    assert_eq!(client.post(&format!("{url}/checkpoint"), "x", 100, LONG).unwrap().status, 405);
    service.stop();
}

#[test]
fn what_is_missing_is_told_from_what_cannot_be_had() {
    let office = grown();
    let folder = laid_out(&office);
    std::fs::remove_file(folder.path().join("tile/0/001")).unwrap();
    let (service, url) = serving(routes(Folder(folder.path().to_owned())));
    let mut missing = remote(&url);
    let error = verify(&mut missing).unwrap_err();
    assert!(matches!(error, VerifyError::Missing { index: 256, .. }), "{error}");
    assert!(missing.failure().is_none());
    // Longer than its path allows.
    std::fs::write(folder.path().join("tile/0/001"), vec![0; 256 * 32 + 1]).unwrap();
    let mut broken = remote(&url);
    assert!(verify(&mut broken).is_err());
    assert!(matches!(broken.failure(), Some(RemoteLogError::Status { status: 500, .. })));
    service.stop();
    let mut gone = remote(&url);
    assert!(verify(&mut gone).is_err());
    assert!(matches!(gone.failure(), Some(RemoteLogError::Client { .. })));
    assert!(!gone.failure().unwrap().advice().is_empty());
}

#[test]
fn a_file_is_tried_a_few_times_and_never_read_beyond_its_length() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let failing = get(async move || {
        count.fetch_add(1, Ordering::SeqCst);
        text(StatusCode::SERVICE_UNAVAILABLE, "")
    });
    let long = get(async || vec![b'x'; 256 * 32 + 1]);
    let (service, url) = serving(Router::new().route("/checkpoint", failing).route("/tile/0/000", long));
    let mut failing = remote(&url);
    assert_eq!(failing.read("checkpoint"), None);
    assert!(matches!(failing.failure(), Some(RemoteLogError::Status { status: 503, .. })));
    assert_eq!(asked.load(Ordering::SeqCst), TRIES);
    let mut long = remote(&url);
    assert_eq!(long.read("tile/0/000"), None);
    let too_long = matches!(
        long.failure(),
        Some(RemoteLogError::Client { source: ClientError::TooLong { allowed: 8192 }, .. })
    );
    assert!(too_long, "{:?}", long.failure());
    assert_eq!(long.read("checkpoint"), None);
    service.stop();
}

/// A log that says it has 2^60 entries, and counts what it is asked for.
struct Endless(Arc<AtomicUsize>);

impl LogSource for Endless {
    fn file(&self, file: LogFile) -> std::io::Result<Option<Vec<u8>>> {
        Ok(Some(match file {
            LogFile::Checkpoint => {
                let root = ledger::Digest::of(b"a root");
                let signed = ledger::checkpoint::SignedCheckpoint::sign(1 << 60, root, &log()).unwrap();
                signed.to_text().into_bytes()
            }
            LogFile::Tile(_) => {
                self.0.fetch_add(1, Ordering::SeqCst);
                vec![0; 16]
            }
        }))
    }
}

#[test]
fn an_endless_log_costs_a_window_of_files() {
    let asked = Arc::new(AtomicUsize::new(0));
    let (service, url) = serving(routes(Endless(Arc::clone(&asked))));
    let mut remote = remote(&url);
    assert!(remote.read("checkpoint").is_some());
    // Nobody reads on; the reader that does not ask in order is served beside the window.
    assert_eq!(remote.read("tile/1/000").map(|bytes| bytes.len()), Some(16));
    drop(remote);
    let asked = asked.load(Ordering::SeqCst);
    assert!(asked <= AHEAD_MAX as usize + 1, "{asked} files");
    service.stop();
}
