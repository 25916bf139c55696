//! Why a package cannot be sealed.

use std::io;

use label::Classification;
use ledger::{Digest, act::Code};

use crate::{
    content::ContentError, decision::DecisionError, encrypt::EncryptError, fingerprint::FingerprintError,
    manifest::ManifestError, report::Report,
};

/// Why a package cannot be sealed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The agreement does not hold.
    #[error("the release was not agreed")]
    NotAgreed(#[from] DecisionError),
    /// The content is not the one that was agreed.
    #[error("the content has digest {found}, but {agreed} was agreed")]
    OtherContent {
        /// Digest of the content.
        found: Digest,
        /// Digest in the proposal.
        agreed: Digest,
    },
    /// The receiver is not one that was agreed.
    #[error("`{receiver}` is not in the audience that was agreed")]
    OtherReceiver {
        /// The receiver.
        receiver: Code,
    },
    /// The key would be wrapped for a service, in ways that one day may be broken, and the label is too high for that.
    #[error("what is {classification} is not sealed for a key access service")]
    NotForInterop {
        /// By the label.
        classification: Classification,
    },
    /// The forms cannot carry marks.
    #[error("the copy cannot be marked")]
    Marks(#[from] FingerprintError),
    /// The content cannot be packed.
    #[error("the content cannot be packed")]
    Content(#[from] ContentError),
    /// The label of the proposal is none, or something too long for a manifest.
    #[error("the manifest cannot be written")]
    Manifest(#[from] ManifestError),
    /// The content cannot be read, or the package not be written.
    #[error("the content cannot be read, or the package not be written: {detail}")]
    Stream {
        /// What reading or writing came to.
        kind: io::ErrorKind,
        /// The same in words.
        detail: String,
    },
    /// Too large, all in all.
    #[error("the package would be too large")]
    TooLarge,
    /// The provider failed.
    #[error("the cryptographic library refused to work")]
    Cryptography,
    /// The package would not pass its own verification, for example because the key is not the trusted one.
    #[error("the package would not verify: {}", failures(report))]
    WouldNotVerify {
        /// What does not hold.
        report: Box<Report>,
    },
}

impl SealError {
    /// What the reader of the error can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::NotAgreed(error) => error.advice(),
            Self::OtherContent { .. } => {
                "seal the release folder as it was proposed, or propose the changed one"
            }
            Self::OtherReceiver { .. } => "propose a new round with this receiver in the audience",
            Self::NotForInterop { .. } => {
                "seal it with profile pq, or have the trust file allow interop for this classification"
            }
            Self::Marks(error) => error.advice(),
            Self::Content(error) => error.advice(),
            Self::Manifest(_) => "propose the release with a label of the NATO or PUBLIC policy",
            Self::Stream { .. } => "see that the files are there and that there is room, then seal again",
            Self::TooLarge => "split the release",
            Self::Cryptography => "try again; if it stays so, the installation is broken",
            Self::WouldNotVerify { .. } => "seal with the key whose card the trust file names",
        }
    }
}

fn failures(report: &Report) -> String {
    let lines = report.failures().map(|check| format!("{}: {}", check.name, check.detail));
    lines.collect::<Vec<_>>().join("; ")
}

impl From<io::Error> for SealError {
    fn from(error: io::Error) -> Self {
        Self::Stream { kind: error.kind(), detail: error.to_string() }
    }
}

impl From<EncryptError> for SealError {
    fn from(error: EncryptError) -> Self {
        match error {
            EncryptError::Io(error) => error.into(),
            EncryptError::TooLarge => Self::TooLarge,
            EncryptError::Broken => Self::Cryptography,
        }
    }
}
