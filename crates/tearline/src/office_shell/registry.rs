//! The registry of standards in an office's folder: reviewed changes and documents as sealed boxes that the log names, folded in memory.
//!
//! A change is a box that its `register` act commits to; a document is a box that the change names by digest. The store holds
//! ciphertext alone, and whoever has log, boxes and the office's open key has the registry of every past day.

use ledger::act::{PartId, Revision};
use ledger::{Digest, Randomness};
use office::State;
use office::standards::{Change, Chronicle, Document};
use package::wrap;
use package::{OpenKey, OpenPublic};
use store::{SqliteStore, Store as _};
use zeroize::Zeroizing;

use super::committed::{self, BoxError, Committed};
use super::{failed, with_causes};
use crate::failure::Failure;

/// What a box with a change is bound to.
const CHANGE: &[u8] = b"tearline-registry/1\n";
/// What a box with a document is bound to, before its digest: a part may be renamed, its document stays.
const DOCUMENT: &[u8] = b"tearline-document/1\n";

/// Seals a change for the act that registers it.
pub(crate) fn seal_change(
    change: &[u8],
    office: &OpenPublic,
    randomness: &mut dyn Randomness,
) -> Result<Committed, BoxError> {
    committed::seal(CHANGE, change, office, randomness)
}

/// Seals a document for the store.
pub(crate) fn seal_document(
    bytes: &[u8],
    office: &OpenPublic,
    randomness: &mut dyn Randomness,
) -> Result<Vec<u8>, BoxError> {
    Ok(wrap::seal_to(&[office], &document_of(&Digest::of(bytes)), bytes, randomness)?)
}

/// All changes of the registry that took effect.
pub(crate) fn read(store: &SqliteStore, state: &State, key: &OpenKey) -> Result<Chronicle, Failure> {
    let mut chronicle = Chronicle::default();
    for (revision, registration) in state.registrations() {
        let change = change(store, *revision, registration, key)?;
        // An act is logged after the first tick.
        let at = registration.stamp.at.ok_or_else(|| lost(&format!("revision {revision} has no time")))?;
        if chronicle.take(at, change) != *revision {
            return Err(lost(&format!("a revision before {revision}")));
        }
    }
    Ok(chronicle)
}

fn change(
    store: &SqliteStore,
    revision: Revision,
    registration: &office::Registration,
    key: &OpenKey,
) -> Result<Change, Failure> {
    let what =
        format!("the change of the registry at entry {}, revision {revision}", registration.stamp.entry);
    let sealed =
        blob(store, &registration.register.blob)?.ok_or_else(|| lost(&format!("the box of {what}")))?;
    let opened = committed::open(CHANGE, &registration.register.changes, &sealed, key);
    let bytes = opened
        .map_err(|error| Failure::failed(format!("{what}: {}", with_causes(&error)), error.advice()))?;
    Change::from_bytes(&bytes)
        .map_err(|error| Failure::failed(format!("{what}: {}", with_causes(&error)), error.advice()))
}

/// The document of a part, which must be the one that is registered.
pub(crate) fn document(
    store: &SqliteStore,
    part: &PartId,
    document: &Document,
    key: &OpenKey,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let what = format!("the document of {part}");
    let named = document.sealed.ok_or_else(|| {
        let message = format!("{what} is registered by its digest alone; the office has no copy of it");
        Failure::usage(message, "register it again with --documents")
    })?;
    let sealed = blob(store, &named)?.ok_or_else(|| lost(&format!("the box of {what}")))?;
    let opened = wrap::open_box(key, &document_of(&document.digest), &sealed);
    let bytes = opened
        .map_err(|error| Failure::failed(format!("{what}: {}", with_causes(&error)), error.advice()))?;
    if Digest::of(&bytes) == document.digest { Ok(bytes) } else { Err(lost(&what)) }
}

fn blob(store: &SqliteStore, digest: &Digest) -> Result<Option<Vec<u8>>, Failure> {
    store.blob(digest).map_err(|error| failed(&error, error.advice()))
}

fn document_of(digest: &Digest) -> Vec<u8> {
    [DOCUMENT, digest.to_string().as_bytes()].concat()
}

fn lost(what: &str) -> Failure {
    Failure::failed(format!("{what} is not in the store"), "restore the store from a copy that has it")
}
