//! Round trips, crashes between any two steps of a write, tampering, and two processes.

use std::fs;

use tempfile::TempDir;

use super::*;

fn place() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("witness");
    (folder, path)
}

#[test]
fn what_was_kept_is_there_after_opening_again() {
    let (_folder, path) = place();
    let mut record = WitnessRecord::open(&path).unwrap();
    assert_eq!(record.state(), None);
    // Bytes are bytes: a state may be empty, and may look like the end of a record.
    for state in [&b"one\n"[..], b"", &trailer_of(b"x"), &[0xff; STATE_BYTES_MAX]] {
        record.keep(state).unwrap();
        assert_eq!(record.state(), Some(state));
        drop(record);
        record = WitnessRecord::open(&path).unwrap();
        assert_eq!(record.state(), Some(state));
    }
}

#[test]
fn one_process_at_a_time() {
    let (_folder, path) = place();
    let record = WitnessRecord::open(&path).unwrap();
    assert!(matches!(WitnessRecord::open(&path), Err(WitnessRecordError::Busy)));
    drop(record);
    assert!(WitnessRecord::open(&path).is_ok());
}

#[test]
fn a_crash_during_a_write_leaves_the_old_or_the_new() {
    let (_folder, path) = place();
    let mut record = WitnessRecord::open(&path).unwrap();
    record.keep(b"old").unwrap();
    let old = fs::read(&path).unwrap();
    record.keep(b"new").unwrap();
    let new = fs::read(&path).unwrap();
    drop(record);
    // Killed while the new file was written, at every length of it.
    for cut in 0..=new.len() {
        fs::write(&path, &old).unwrap();
        fs::write(beside(&path, ".new"), &new[..cut]).unwrap();
        let mut record = WitnessRecord::open(&path).unwrap();
        assert_eq!(record.state(), Some(&b"old"[..]));
        record.keep(b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), new, "cut at {cut}");
        assert!(!beside(&path, ".new").exists());
    }
}

#[test]
fn every_changed_or_missing_byte_is_found() {
    let (_folder, path) = place();
    WitnessRecord::open(&path).unwrap().keep(b"office.example/log 12 root\n").unwrap();
    let bytes = fs::read(&path).unwrap();
    assert!(state_of(&bytes).is_some());
    for position in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[position] ^= 0x01;
        assert_eq!(state_of(&changed), None, "at {position}");
        assert_eq!(state_of(&bytes[..position]), None, "cut at {position}");
    }
    fs::write(&path, [&bytes[..], b"\n"].concat()).unwrap();
    assert!(matches!(WitnessRecord::open(&path), Err(WitnessRecordError::Damaged)));
}

#[test]
fn a_state_that_is_too_long_changes_nothing() {
    let (_folder, path) = place();
    let mut record = WitnessRecord::open(&path).unwrap();
    record.keep(b"state").unwrap();
    let before = fs::read(&path).unwrap();
    assert!(matches!(record.keep(&[0; STATE_BYTES_MAX + 1]), Err(WitnessRecordError::TooLong)));
    assert_eq!((record.state(), fs::read(&path).unwrap()), (Some(&b"state"[..]), before));
    record.keep(b"next").unwrap();
}

#[test]
fn nothing_is_promised_after_a_failed_write() {
    let (_folder, path) = place();
    let mut record = WitnessRecord::open(&path).unwrap();
    record.keep(b"old").unwrap();
    // A folder where the new file should be cannot be written.
    fs::create_dir(beside(&path, ".new")).unwrap();
    assert!(matches!(record.keep(b"new"), Err(WitnessRecordError::Files(_))));
    assert_eq!(record.state(), Some(&b"old"[..]));
    fs::remove_dir(beside(&path, ".new")).unwrap();
    assert!(matches!(record.keep(b"new"), Err(WitnessRecordError::Stopped)));
    drop(record);
    let mut record = WitnessRecord::open(&path).unwrap();
    assert_eq!(record.state(), Some(&b"old"[..]));
    record.keep(b"new").unwrap();
}
