//! Our notes, tiles and proofs, verified by the Go packages of the checksum database (`sumdb/note`, `sumdb/tlog`).
//!
//! Runs Debian's `golang-go` with `golang-golang-x-mod-dev`, without a network. Where there is no Go the test says so and passes;
//! in CI it fails.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ledger::checkpoint::SignedCheckpoint;
use ledger::log::LogSigner;
use ledger::merkle::Tree;
use ledger::note::{KeyName, NoteVerifier};
use ledger::proof::LogProof;
use ledger::tile;
use ledger::witness::Request;
use tempfile::TempDir;

/// Where Debian puts the sources of Go packages.
const GOPATH: &str = "/usr/share/gocode";

fn log() -> LogSigner {
    LogSigner::from_seeds(KeyName::new("office.example/log").unwrap(), &[1; 32], &[2; 32]).unwrap()
}

fn vkey() -> NoteVerifier {
    log().verifier().ed25519().clone()
}

/// `go`, shut off from the network and from the settings of whoever runs the test.
fn go(cache: &Path) -> Command {
    let mut command = Command::new("go");
    command
        .envs([("GOPATH", GOPATH), ("GO111MODULE", "off"), ("GOFLAGS", ""), ("GOPROXY", "off")])
        .env("GOCACHE", cache)
        .current_dir(cache);
    command
}

/// The verifier, compiled; `None` where it cannot be.
fn program(folder: &TempDir) -> Option<PathBuf> {
    let ci = std::env::var_os("CI").is_some_and(|value| value == "true");
    let packages = Path::new(GOPATH).join("src/golang.org/x/mod/sumdb/tlog").is_dir();
    let there = go(folder.path()).arg("version").output().is_ok_and(|output| output.status.success());
    if !packages || !there {
        assert!(!ci, "golang-go and golang-golang-x-mod-dev must be installed in CI");
        println!("skipped: no Go with golang.org/x/mod here");
        return None;
    }
    let program = folder.path().join("verify");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/go/verify.go");
    let output = go(folder.path()).args(["build", "-o"]).arg(&program).arg(source).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(program)
}

/// Writes a log with the proofs of all its records and of its growth from `olds`.
fn write(folder: &Path, size: u64, olds: &[u64]) {
    let log = log();
    let entries: Vec<Vec<u8>> = (0..size).map(|i| format!("entry {i}\n").into_bytes()).collect();
    let tree = Tree::of_entries(&entries);
    let checkpoint = SignedCheckpoint::sign(size, tree.root(), &log).unwrap();
    let put = |path: String, bytes: &[u8]| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    for (path, bytes) in tile::write_log(0, &entries).unwrap() {
        put(path, &bytes);
    }
    put(tile::CHECKPOINT_PATH.to_owned(), checkpoint.to_text().as_bytes());
    for index in 0..size {
        let proof = LogProof::new(&tree, index, checkpoint.clone()).unwrap();
        put(format!("proof/{index}"), proof.to_text().as_bytes());
    }
    fs::create_dir_all(folder.join("growth")).unwrap();
    for old in olds {
        let request = Request::new(&tree.consistency(*old, size).unwrap(), checkpoint.clone()).unwrap();
        put(format!("growth/{old}-{size}"), request.to_text().as_bytes());
    }
}

fn verify(program: &Path, folder: &Path, vkey: &NoteVerifier) -> Output {
    Command::new(program).arg(folder).arg(vkey.to_string()).output().unwrap()
}

#[test]
fn go_verifies_our_logs() {
    let build = TempDir::new().unwrap();
    let Some(program) = program(&build) else { return };
    for size in [1, 2, 3, 7, 8, 255, 256, 257, 600] {
        let folder = TempDir::new().unwrap();
        let olds: Vec<u64> = (1..=size).collect();
        write(folder.path(), size, &olds);
        let output = verify(&program, folder.path(), &vkey());
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(said, format!("{size} records, {} growths\n", olds.len()), "{output:?}");
    }
}

#[test]
fn go_refuses_what_is_not_ours() {
    let build = TempDir::new().unwrap();
    let Some(program) = program(&build) else { return };
    let folder = TempDir::new().unwrap();
    write(folder.path(), 300, &[7, 256]);
    assert!(verify(&program, folder.path(), &vkey()).status.success());
    let stranger = LogSigner::from_seeds(KeyName::new("office.example/log").unwrap(), &[3; 32], &[3; 32]);
    let stranger = stranger.unwrap().verifier().ed25519().clone();
    assert!(!verify(&program, folder.path(), &stranger).status.success());
    for file in
        ["checkpoint", "tile/0/000", "tile/1/000.p/1", "tile/entries/001.p/44", "proof/5", "growth/7-300"]
    {
        let path = folder.path().join(file);
        let good = fs::read(&path).unwrap();
        let mut bad = good.clone();
        // Into a hash or an entry.
        bad[40.min(good.len() - 1)] ^= 1;
        fs::write(&path, &bad).unwrap();
        assert!(!verify(&program, folder.path(), &vkey()).status.success(), "{file}");
        fs::write(&path, &good).unwrap();
    }
    assert!(verify(&program, folder.path(), &vkey()).status.success());
}
