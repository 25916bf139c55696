//! Any OpenTDF file, made by whomever: read in both dialects, and its content handed on piece by piece.
//!
//! This is not [`verify()`](crate::verify()): a package of ours names its signers, its agreement and its label, and every byte of it
//! is accounted for. Of a file that some other client made, only this can be checked: that whoever encrypted it had the content key
//! that is wrapped in it, that nothing of the content was changed, cut or moved since, and that the policy is the one bound to the
//! key. Who that was, nobody can tell; a label in it ([`Assertion`]) is at best bound to the content key, which every reader has.
//!
//! # Guarantee
//! The root signature over all segments and the policy binding hold before the first byte of content is handed on, and each
//! segment is handed on only after it was authenticated and found in its place. A sink should still be thrown away when
//! [`Unlocked::write_to`] fails, because a file can be cut short or changed further on. Memory is bounded by the limits below,
//! whatever the length of the content.
//!
//! # Source
//! OpenTDF specification 4.3.0 and, where public clients differ from it, these: entries `0.payload` and `0.manifest.json`
//! (specification: without `0.`), `schemaVersion` (specification: `tdf_spec_version`), `statement.value` as text or object,
//! hashes in hexadecimal before base64 in files before 4.3.0. APPNOTE 6.3.10 (zip).

use std::{
    collections::BTreeMap,
    io::{self, Read, Seek, SeekFrom, Write},
};

use zeroize::Zeroizing;

use self::{
    archive::{Archive, Extent},
    manifest::Hash,
};
pub use self::{
    assertion::{Assertion, AssertionError, Proof},
    manifest::{MANIFEST_BYTES_MAX, Manifest, Policy, SEGMENT_BYTES_MAX, SEGMENTS_MAX},
};
use crate::{
    access::{AccessError, ContentKey, KeyAccess},
    crypto::{TAG_LEN, same},
};

mod archive;
mod assertion;
mod jcs;
mod manifest;

/// Names of the manifest: as clients write it, and as the specification has it.
const MANIFEST_NAMES: [&str; 2] = ["0.manifest.json", "manifest.json"];
/// A member that packages of ours have and other files do not.
const STATEMENT_NAME: &str = "release.json";

/// Why a file cannot be read, unlocked or handed on.
#[derive(Debug, thiserror::Error)]
pub enum TdfError {
    /// Reading or writing failed.
    #[error("reading or writing failed")]
    Io(#[from] io::Error),
    /// Not a zip archive that can be read in one way only.
    #[error("the file is no zip archive that reads in one way: {detail}")]
    Archive {
        /// What is wrong with it.
        detail: &'static str,
    },
    /// A member that is not there, or twice.
    #[error("the archive has no {what}, or more than one")]
    Member {
        /// Which one.
        what: &'static str,
    },
    /// The manifest is not JSON, or lacks something.
    #[error("the manifest does not read as one, at line {line} column {column}")]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// A field of the manifest that is none.
    #[error("the manifest's {field} is not well-formed, or not one that is read here")]
    Field {
        /// Which field.
        field: &'static str,
    },
    /// A key access object that is none.
    #[error("a key access object in the manifest cannot be used")]
    KeyAccess(#[source] AccessError),
    /// No key for some share of the content key.
    #[error("no key given opens share {share} of {shares} of the content key")]
    NoKey {
        /// Number of the share, from 1.
        share: usize,
        /// How many there are.
        shares: usize,
        /// Why the last key that was tried does not.
        #[source]
        last: AccessError,
    },
    /// The policy was exchanged or changed.
    #[error("the policy is not the one that was bound to the content key")]
    PolicyBinding,
    /// The list of segments was changed: cut, put in another order, or made without the content key.
    #[error("the root signature over the segments does not hold")]
    RootSignature,
    /// A segment was changed.
    #[error("segment {segment} of {segments} was changed")]
    Segment {
        /// Number of the segment, from 1.
        segment: usize,
        /// How many there are.
        segments: usize,
    },
    /// An assertion, for example a label, was changed or moved here from another file.
    #[error("the assertion `{id}` does not belong to this content")]
    Assertion {
        /// Its id.
        id: String,
        /// In what way.
        #[source]
        error: AssertionError,
    },
}

impl TdfError {
    /// What the reader of the error can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Io(_) => "check the disk and the rights to the file, then try again",
            Self::Archive { .. } | Self::Member { .. } | Self::Json { .. } | Self::Field { .. } => {
                "check that the file is an OpenTDF file and whole; ask whoever made it for it again"
            }
            Self::KeyAccess(error) => error.advice(),
            Self::NoKey { .. } => {
                "`tearline tdf show FILE` names the keys that it is wrapped to; give one of each share with --key"
            }
            Self::PolicyBinding | Self::RootSignature | Self::Segment { .. } | Self::Assertion { .. } => {
                "do not use the file: it was changed after it was made; ask whoever made it for it again"
            }
        }
    }

    pub(crate) fn field(field: &'static str) -> Self {
        Self::Field { field }
    }
}

/// A file whose manifest is read and whose content is still locked.
#[derive(Debug)]
pub struct Tdf<R> {
    source: R,
    manifest: Manifest,
    payload: Extent,
    names: Vec<String>,
}

impl<R: Read + Seek> Tdf<R> {
    /// Reads the archive's directory and the manifest. Nothing is decrypted, and nothing it says is proved.
    ///
    /// # Errors
    /// [`TdfError::Io`], [`TdfError::Archive`], [`TdfError::Member`], [`TdfError::Json`], [`TdfError::Field`],
    /// [`TdfError::KeyAccess`].
    pub fn read(mut source: R) -> Result<Self, TdfError> {
        let archive = Archive::read(&mut source)?;
        let mut manifests = MANIFEST_NAMES.iter().filter_map(|name| archive.member(name));
        // Two manifests would be two files in one, and every client would see the one it looks for.
        let (Some(member), None) = (manifests.next(), manifests.next()) else {
            return Err(TdfError::Member { what: "manifest" });
        };
        let manifest = Manifest::from_bytes(&archive.content(&mut source, member, MANIFEST_BYTES_MAX)?)?;
        let payload = archive.member(manifest.payload_name()).ok_or(TdfError::Member { what: "payload" })?;
        let payload = archive.stored(&mut source, payload)?;
        if payload.length() != manifest.encrypted_bytes() {
            return Err(TdfError::field("sum of the segment sizes"));
        }
        Ok(Self { source, manifest, payload, names: archive.into_names() })
    }

    /// What the manifest says.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Names of all members of the archive.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether the file has the members of a package of ours, which has its own, far stronger check.
    pub fn looks_like_a_package(&self) -> bool {
        self.names.iter().any(|name| name == STATEMENT_NAME)
    }

    /// Puts the content key together with what `unwrap` makes of the key access objects, one for each share, and checks with it the
    /// policy binding, the root signature and every assertion that can be checked.
    ///
    /// # Errors
    /// [`TdfError::NoKey`], [`TdfError::PolicyBinding`], [`TdfError::RootSignature`], [`TdfError::Assertion`].
    pub fn unlock(
        self,
        unwrap: &mut dyn FnMut(&KeyAccess) -> Result<ContentKey, AccessError>,
    ) -> Result<Unlocked<R>, TdfError> {
        let (key, used) = content_key(&self.manifest, unwrap)?;
        if !same(key.secret().hmac(&[self.manifest.aggregate()]).as_ref(), self.manifest.root_signature()) {
            return Err(TdfError::RootSignature);
        }
        let assertions = assertion::judge(&self.manifest, &key)?;
        Ok(Unlocked { tdf: self, key, used, assertions })
    }
}

/// The content key, and the number of each object that gave a share of it.
fn content_key(
    manifest: &Manifest,
    unwrap: &mut dyn FnMut(&KeyAccess) -> Result<ContentKey, AccessError>,
) -> Result<(ContentKey, Vec<usize>), TdfError> {
    let mut groups = BTreeMap::<Option<&str>, Vec<usize>>::new();
    for (n, access) in manifest.key_access().iter().enumerate() {
        groups.entry(access.sid()).or_default().push(n);
    }
    let (mut shares, mut used) = (Vec::new(), Vec::new());
    for (n, group) in groups.values().enumerate() {
        let mut last = AccessError::NoShare;
        let opened = group.iter().find_map(|at| {
            let access = manifest.key_access().get(*at)?;
            unwrap(access).map(|share| (*at, access, share)).map_err(|error| last = error).ok()
        });
        let Some((at, access, share)) = opened else {
            return Err(TdfError::NoKey { share: n + 1, shares: groups.len(), last });
        };
        if !share.policy_bound(manifest.policy_base64(), access.policy_binding()) {
            return Err(TdfError::PolicyBinding);
        }
        shares.push(share);
        used.push(at);
    }
    Ok((ContentKey::join(&shares).map_err(TdfError::KeyAccess)?, used))
}

/// A file whose key is known and whose seals hold.
#[derive(Debug)]
pub struct Unlocked<R> {
    tdf: Tdf<R>,
    key: ContentKey,
    used: Vec<usize>,
    assertions: Vec<Assertion>,
}

impl<R: Read + Seek> Unlocked<R> {
    /// What the manifest says.
    pub fn manifest(&self) -> &Manifest {
        &self.tdf.manifest
    }

    /// The key access objects that gave the key, one for each share.
    pub fn used(&self) -> impl Iterator<Item = &KeyAccess> {
        self.used.iter().filter_map(|at| self.tdf.manifest.key_access().get(*at))
    }

    /// What is asserted of the content, each with what proves it.
    pub fn assertions(&self) -> &[Assertion] {
        &self.assertions
    }

    /// Writes the content, segment by segment, each after it was found unchanged. Returns the number of bytes.
    ///
    /// # Errors
    /// [`TdfError::Segment`], [`TdfError::Io`]. What was written so far must then be thrown away.
    pub fn write_to(&mut self, sink: &mut dyn Write) -> Result<u64, TdfError> {
        let Self { tdf: Tdf { source, manifest, payload, .. }, key, .. } = self;
        source.seek(SeekFrom::Start(payload.start()))?;
        let segments = manifest.segments().len();
        let mut written = 0;
        let mut sealed = Vec::new();
        for (n, segment) in manifest.segments().iter().enumerate() {
            let changed = TdfError::Segment { segment: n + 1, segments };
            sealed.resize(segment.encrypted_bytes(), 0);
            source.read_exact(&mut sealed)?;
            if !in_place(segment.hash(), key, &sealed) {
                return Err(changed);
            }
            let plain: Zeroizing<Vec<u8>> = key.secret().open(&[], &sealed).ok_or(changed)?;
            sink.write_all(&plain)?;
            written += plain.len() as u64;
        }
        Ok(written)
    }
}

/// Whether a sealed segment is the one that the root signature has at its place.
fn in_place(hash: &Hash, key: &ContentKey, sealed: &[u8]) -> bool {
    match hash {
        Hash::Tag(tag) => sealed.last_chunk::<TAG_LEN>() == Some(tag),
        Hash::Hmac(mac) => same(key.secret().hmac(&[sealed]).as_ref(), mac),
    }
}
