//! The documents of a wave of standards: one file below `documents/` for each document that the agreed parts name, and no other there.
//!
//! The agreement names each part's document by its digest. What else is in the content (a list of the parts, a note) stands outside that
//! folder, is under the digest of the whole like everything, and claims to be no part.

use std::{collections::BTreeSet, io};

use ledger::{Digest, act::Wave};

use crate::{content::FileName, crypto::Hasher, unpack::Sink};

/// The folder of the documents.
pub const DOCUMENTS: &str = "documents/";

/// Whether a file is a document of a wave, by its place.
#[must_use]
pub fn is_document(name: &FileName) -> bool {
    name.as_str().starts_with(DOCUMENTS)
}

/// Whether documents with these digests are those of the parts of a wave: each there once, and none besides.
#[must_use]
pub fn are_those_of(wave: &Wave, found: impl IntoIterator<Item = Digest>) -> bool {
    let wanted: BTreeSet<Digest> = wave.parts.values().map(|part| part.document).collect();
    let mut met = BTreeSet::new();
    let known = found.into_iter().all(|digest| wanted.contains(&digest) && met.insert(digest));
    known && met.len() == wanted.len()
}

/// Hands files on, and takes the digests of the documents among them.
pub(crate) struct Digested<S> {
    sink: S,
    now: Option<Hasher>,
    found: Vec<Digest>,
}

impl<S> Digested<S> {
    pub(crate) fn new(sink: S) -> Self {
        Self { sink, now: None, found: Vec::new() }
    }

    /// The sink, and the digest of each document that it was given.
    pub(crate) fn finish(mut self) -> (S, Vec<Digest>) {
        self.end();
        (self.sink, self.found)
    }

    fn end(&mut self) {
        self.found.extend(self.now.take().map(Hasher::finish));
    }
}

impl<S: Sink> Sink for Digested<S> {
    fn begin(&mut self, name: &FileName, bytes: u64) -> io::Result<()> {
        self.end();
        self.now = is_document(name).then(Hasher::new);
        self.sink.begin(name, bytes)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some(hasher) = &mut self.now {
            hasher.update(bytes);
        }
        self.sink.write(bytes)
    }
}
