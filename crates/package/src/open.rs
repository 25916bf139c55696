//! Opening a package that verified.
//!
//! # Guarantee
//! The content comes out whole or not at all, and only if it is the one that was agreed: key, policy, label, order of the segments
//! and every segment are checked before a byte of it is handed on.

use std::fmt;

use ledger::{Digest, key::KeyId};
use zeroize::Zeroizing;

use crate::{
    content::{Content, ContentError},
    crypto::{OVERHEAD, Secret, same},
    kem,
    key::OpenKey,
    manifest::{self, Manifest},
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
    /// The content does not unpack.
    #[error("the content does not unpack")]
    Content(#[from] ContentError),
}

impl OpenError {
    /// What the reader of the error can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::NotForThisKey { .. } => {
                "use the key whose id the package names, or ask the office for a copy of your own"
            }
            Self::WrappedKey
            | Self::Policy
            | Self::RootSignature
            | Self::Label
            | Self::Segment { .. }
            | Self::OtherContent { .. }
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
    /// Opens the package with the receiver's key.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(&self, key: &OpenKey) -> Result<Opened, OpenError> {
        let given = key.public().id();
        let sealed_to = self.manifest.receiver_key;
        if given != sealed_to {
            return Err(OpenError::NotForThisKey { sealed_to, given });
        }
        let content_key = kem::unwrap(key, &self.manifest.wrapped_key).ok_or(OpenError::WrappedKey)?;
        bound(&self.manifest, &content_key)?;
        let content = decrypt(&self.manifest, self.payload, &content_key)?;
        let (found, agreed) = (Digest::of(&content), self.proposal.release.release);
        if found != agreed {
            return Err(OpenError::OtherContent { found, agreed });
        }
        Ok(Opened { content: Content::from_bytes(&content)? })
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

fn decrypt(manifest: &Manifest, payload: &[u8], key: &Secret) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    // Room for all of it at once: growing would leave copies of the plaintext in freed memory.
    let mut content = Zeroizing::new(Vec::with_capacity(payload.len()));
    let mut rest = payload;
    for (segment, number) in manifest.segments.iter().zip(1..) {
        let broken = OpenError::Segment { number };
        let (sealed, after) =
            rest.split_at_checked(segment.plain_bytes + OVERHEAD).ok_or_else(|| broken.clone())?;
        content.extend_from_slice(&key.open(&[], sealed).ok_or(broken)?);
        rest = after;
    }
    Ok(content)
}
