//! Opening a package that verified.
//!
//! Key, policy, label and order of the segments are checked before anything is decrypted; every byte of the ciphertext was verified under
//! the office's signatures before ([`crate::verify()`]).
//!
//! # Guarantee
//! The content comes out whole or not at all, and only if it is the one that was agreed. [`Verified::open`] keeps it in memory until that
//! is known; [`Verified::open_into`] hands it to a sink that it gives back only then. Where the statement
//! names a mark, "the one that was agreed" is what is left of the content without marks ([`crate::fingerprint::neutral`]): so a receiver
//! proves that its copy differs from all others in layout alone. Of a wave of standards, the documents are those of the agreed parts
//! ([`crate::documents`]).

use std::{fmt, io};

use ledger::{Digest, key::KeyId};
use zeroize::Zeroizing;

use crate::{
    content::{CONTENT_BYTES_MAX, Content, ContentError, Memory},
    cores::{Cores, InTurn},
    crypto::{Broken, Hasher, NONCE_LEN, OVERHEAD, Secret, SegmentKey, TAG_LEN, same},
    documents::{Digested, are_those_of, is_document},
    fingerprint::neutral,
    kem,
    key::OpenKey,
    manifest::{self, Manifest},
    unpack::{Sink, UnpackError, Unpacker},
    verify::Verified,
};

/// Why a package that verified does not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It is for another key.
    #[error("the package is sealed to key {sealed_to}, not to {given}")]
    NotForThisKey {
        /// Key in the package.
        sealed_to: KeyId,
        /// Key tried.
        given: KeyId,
    },
    /// The wrapped key does not unwrap.
    #[error("the wrapped key does not unwrap")]
    WrappedKey,
    /// The policy is not the one that was bound to the key.
    #[error("the policy is not the one that was sealed")]
    Policy,
    /// The segments are not the ones that were sealed, or in another order.
    #[error("the segments are not the ones that were sealed, in their order")]
    RootSignature,
    /// The label is not the one that was bound to the content.
    #[error("the label is not the one that was sealed")]
    Label,
    /// A segment does not decrypt.
    #[error("segment {number} does not decrypt")]
    Segment {
        /// Which one, from 1.
        number: usize,
    },
    /// The content is another than the originators agreed to.
    #[error("the content has digest {found}, but {agreed} was agreed")]
    OtherContent {
        /// Digest of the content.
        found: Digest,
        /// Digest in the proposal.
        agreed: Digest,
    },
    /// The documents of a wave are others than those of its parts.
    #[error("the documents in it are not those of the parts that were agreed")]
    OtherDocuments,
    /// The content does not unpack.
    #[error("the content does not unpack")]
    Content(#[from] ContentError),
    /// The package cannot be read any more, or what is in it not be put away.
    #[error("the package cannot be read, or its content not be put away: {detail}")]
    Stream {
        /// What reading or writing came to.
        kind: io::ErrorKind,
        /// The same in words.
        detail: String,
    },
}

impl From<UnpackError> for OpenError {
    fn from(error: UnpackError) -> Self {
        match error {
            UnpackError::Content(error) => Self::Content(error),
            UnpackError::Sink(error) => Self::Stream { kind: error.kind(), detail: error.to_string() },
        }
    }
}

impl OpenError {
    /// What the reader of the error can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::NotForThisKey { .. } => {
                "use the key whose id the package names, or ask the office for a copy of your own"
            }
            Self::Stream { .. } => "see that the file is there and that there is room, then open it again",
            Self::Content(ContentError::Size) => "open it into a folder: it is too long for memory",
            Self::WrappedKey
            | Self::Policy
            | Self::RootSignature
            | Self::Label
            | Self::Segment { .. }
            | Self::OtherContent { .. }
            | Self::OtherDocuments
            | Self::Content(_) => {
                "do not use it: report it to the releasing office, which signed a package that does not hold"
            }
        }
    }
}

/// What a package held. `Debug` shows names and sizes only.
pub struct Opened {
    content: Content,
}

impl Opened {
    /// The files.
    #[must_use]
    pub fn content(&self) -> &Content {
        &self.content
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opened({:?})", self.content)
    }
}

impl Verified<'_> {
    /// Opens the package with the receiver's key, in memory.
    ///
    /// # Errors
    /// [`OpenError`]; [`ContentError::Size`] in it for a content that is too long for memory: [`Verified::open_into`] takes any.
    pub fn open(&self, key: &OpenKey) -> Result<Opened, OpenError> {
        if self.content_bytes() > CONTENT_BYTES_MAX as u64 {
            return Err(ContentError::Size.into());
        }
        Ok(Opened { content: self.open_into(key, Memory::default(), &InTurn)?.into_content()? })
    }

    /// Opens the package with the receiver's key into a sink, in memory of a constant size.
    ///
    /// # Guarantee
    /// The sink comes back only when all of it was the content that was agreed. If not it is dropped, and discards what it was given.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open_into<S: Sink>(&self, key: &OpenKey, sink: S, cores: &dyn Cores) -> Result<S, OpenError> {
        let given = key.public().id();
        let sealed_to = self.manifest.receiver_key;
        if given != sealed_to {
            return Err(OpenError::NotForThisKey { sealed_to, given });
        }
        let content_key = kem::unwrap(key, &self.manifest.wrapped_key).ok_or(OpenError::WrappedKey)?;
        bound(&self.manifest, &content_key)?;
        if self.statement().fingerprint.is_some() {
            return self.open_marked(&content_key, sink, cores);
        }
        let (digested, found) = self.decrypt(&content_key, Digested::new(sink), cores)?;
        self.is_agreed(found)?;
        let (sink, documents) = digested.finish();
        self.are_agreed(documents)?;
        Ok(sink)
    }

    /// Opens a copy whose drawn forms carry its marks: without them it must be what was agreed. It was marked in memory and fits there;
    /// the sink gets nothing before that is known.
    fn open_marked<S: Sink>(&self, key: &Secret, mut sink: S, cores: &dyn Cores) -> Result<S, OpenError> {
        if self.content_bytes() > CONTENT_BYTES_MAX as u64 {
            return Err(ContentError::Size.into());
        }
        let (memory, _) = self.decrypt(key, Memory::default(), cores)?;
        let content = memory.into_content()?;
        self.is_agreed(neutral(&content).digest()?)?;
        // As they are handed over: a mark has no place in a standard.
        let documents = content.files().iter().filter(|(name, _)| is_document(name));
        self.are_agreed(documents.map(|(_, bytes)| Digest::of(bytes)))?;
        for (name, bytes) in content.files() {
            let put = sink.begin(name, bytes.len() as u64).and_then(|()| sink.write(bytes));
            put.map_err(UnpackError::Sink)?;
        }
        Ok(sink)
    }

    fn is_agreed(&self, found: Digest) -> Result<(), OpenError> {
        let agreed = self.proposal.release.release;
        if found == agreed { Ok(()) } else { Err(OpenError::OtherContent { found, agreed }) }
    }

    /// Of a wave: whether the documents are those of its parts, no more and no fewer.
    fn are_agreed(&self, documents: impl IntoIterator<Item = Digest>) -> Result<(), OpenError> {
        match &self.proposal.release.wave {
            Some(wave) if !are_those_of(wave, documents) => Err(OpenError::OtherDocuments),
            Some(_) | None => Ok(()),
        }
    }

    /// Length of the content, packed.
    fn content_bytes(&self) -> u64 {
        self.manifest.segments.iter().map(|segment| segment.plain_bytes as u64).sum()
    }

    /// Decrypts segment by segment; while one is hashed and handed on, the next is read and decrypted. Gives the digest of all.
    fn decrypt<S: Sink>(&self, key: &Secret, sink: S, cores: &dyn Cores) -> Result<(S, Digest), OpenError> {
        let broken = |Broken| OpenError::Segment { number: 1 };
        let mut segments =
            Segments { package: self, key: key.segments().map_err(broken)?, offset: self.payload, number: 0 };
        let (mut hasher, mut unpacker) = (Hasher::new(), Unpacker::new(sink));
        let [mut now, mut next] = [(); 2].map(|()| Zeroizing::new(Vec::new()));
        segments.fill(&mut now)?;
        while !now.is_empty() {
            let (mut read, mut passed) = (Ok(()), Ok(()));
            cores.both(&mut || read = segments.fill(&mut next), &mut || {
                let plain = now.get(NONCE_LEN..now.len() - TAG_LEN).unwrap_or_default();
                hasher.update(plain);
                passed = unpacker.feed(plain);
            });
            read?;
            passed?;
            std::mem::swap(&mut now, &mut next);
        }
        let (sink, _) = unpacker.finish()?;
        Ok((sink, hasher.finish()))
    }
}

/// The segments of a package, one after the other.
struct Segments<'a> {
    package: &'a Verified<'a>,
    key: SegmentKey,
    offset: u64,
    number: usize,
}

impl Segments<'_> {
    /// The next segment, decrypted between its nonce and its tag; nothing at the end.
    fn fill(&mut self, round: &mut Vec<u8>) -> Result<(), OpenError> {
        let Some(segment) = self.package.manifest.segments.get(self.number) else {
            round.clear();
            return Ok(());
        };
        self.number += 1;
        // INVARIANT: no longer than the first, so that no copy of the plaintext is left in freed memory.
        round.resize(segment.plain_bytes + OVERHEAD, 0);
        let unread = |error: io::Error| OpenError::Stream { kind: error.kind(), detail: error.to_string() };
        self.package.source.read_at(self.offset, round).map_err(unread)?;
        self.offset += round.len() as u64;
        // The tag is the one that was verified: what was read now may be another file.
        let same_tag = round.last_chunk::<TAG_LEN>() == Some(&segment.tag);
        let plain = self.key.open(round).filter(|_| same_tag).map(<[u8]>::len);
        if plain == Some(segment.plain_bytes) {
            Ok(())
        } else {
            Err(OpenError::Segment { number: self.number })
        }
    }
}

/// Policy, order of segments and label, each by its code under the content key.
fn bound(manifest: &Manifest, key: &Secret) -> Result<(), OpenError> {
    let policy = manifest.policy().map_err(|_| OpenError::Policy)?;
    let bindings =
        [manifest::policy_binding(key, &policy), manifest::policy_binding_of_the_specification(key, &policy)];
    if !bindings.iter().any(|binding| same(binding.as_bytes(), manifest.policy_binding.as_bytes())) {
        return Err(OpenError::Policy);
    }
    let tags = manifest.tags();
    if !same(key.hmac(&[&tags]).as_ref(), &manifest.root_signature) {
        return Err(OpenError::RootSignature);
    }
    let label = manifest::label_binding(key, &manifest.label_xml, &tags).map_err(|_| OpenError::Label)?;
    if same(label.as_bytes(), manifest.label_binding.as_bytes()) { Ok(()) } else { Err(OpenError::Label) }
}
