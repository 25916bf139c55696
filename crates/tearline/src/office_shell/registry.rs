//! The registry of standards in an office's folder: reviewed changes and documents as sealed boxes that the log names, folded in memory.
//!
//! A change is a box that its `register` act commits to; a document is a box that the change names by digest. The store holds
//! ciphertext alone, and whoever has log, boxes and the office's open key has the registry of every past day.

use std::collections::BTreeMap;

use ledger::act::{PartId, Register, Revision};
use ledger::{Digest, Randomness};
use office::State;
use office::standards::{Change, Chronicle, Document, Registry};
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

/// The act that puts a sealed change in force, as the next one.
pub(crate) fn register(state: &State, change: &Change, sealed: &Committed) -> Result<Register, Failure> {
    let counts = change.counts();
    let used_up = || Failure::failed("revisions of the registry are used up", "begin another log");
    Ok(Register {
        revision: state.next_revision().ok_or_else(used_up)?,
        changes: sealed.commitment,
        blob: sealed.blob,
        added: counts.added as u64,
        changed: counts.changed as u64,
        withdrawn: counts.withdrawn as u64,
        renamed: counts.renamed as u64,
    })
}

/// Documents that come with a snapshot, each as a sealed box, and of which part each is.
pub(crate) struct Documents {
    /// Boxes that the office has, by the digests of the documents in them: these are not sealed again.
    known: BTreeMap<Digest, Digest>,
    of: BTreeMap<PartId, (Digest, usize, String)>,
    boxes: BTreeMap<Digest, Vec<u8>>,
}

impl Documents {
    /// None yet, beside those of what is registered.
    pub(crate) fn beside(registered: &Registry) -> Self {
        let documents = registered.records().values().filter_map(|record| record.document.as_ref());
        let known = documents.filter_map(|document| Some((document.digest, document.sealed?)));
        Self { known: known.collect(), of: BTreeMap::new(), boxes: BTreeMap::new() }
    }

    /// Takes the document of a part; `name` can stand in a line of CSV.
    pub(crate) fn add(
        &mut self,
        part: PartId,
        name: String,
        bytes: &[u8],
        office: &OpenPublic,
        randomness: &mut dyn Randomness,
    ) -> Result<(), BoxError> {
        let digest = Digest::of(bytes);
        if self.box_of(&digest).is_none() {
            self.boxes.insert(digest, wrap::seal_to(&[office], &document_of(&digest), bytes, randomness)?);
        }
        self.of.insert(part, (digest, bytes.len(), name));
        Ok(())
    }

    /// The box of a document, by the digests of both.
    pub(crate) fn box_of(&self, document: &Digest) -> Option<Digest> {
        self.known
            .get(document)
            .copied()
            .or_else(|| self.boxes.get(document).map(|sealed| Digest::of(sealed)))
    }

    /// Boxes that the office does not have yet.
    pub(crate) fn boxes(&self) -> impl ExactSizeIterator<Item = &Vec<u8>> {
        self.boxes.values()
    }

    /// The documents as a file that the reader of registries takes.
    pub(crate) fn table(&self) -> Vec<u8> {
        let line = |(part, (digest, bytes, name)): (&PartId, &(Digest, usize, String))| {
            format!("{part},{digest},{bytes},{name}\n")
        };
        let lines: String = self.of.iter().map(line).collect();
        format!("id,document_sha256,document_bytes,document_name\n{lines}").into_bytes()
    }
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
