//! Making a package: encrypt for one receiver, bind to label and agreement, sign.
//!
//! # Guarantee
//! [`seal`] gives out nothing that [`crate::verify()`] would refuse under the same trust: what was not agreed cannot be sealed.

use std::fmt;

use label::Label;
use ledger::{
    Digest, Randomness,
    act::{Code, UtcTime},
};

use crate::{
    content::{Content, ContentError},
    crypto::{NONCE_LEN, Secret, TAG_LEN, fresh},
    decision::{Decision, DecisionError},
    kem,
    key::{OpenPublic, SealKey},
    manifest::{self, Manifest, ManifestError, PackageId, SEGMENT_BYTES, Segment},
    report::Report,
    signature,
    statement::{Part, STATEMENT_TYPE, Statement},
    trust::Trust,
    verify::{self, MEMBERS, verify},
    zip,
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
    /// The content cannot be packed.
    #[error("the content cannot be packed")]
    Content(#[from] ContentError),
    /// The label of the proposal is none, or something too long for a manifest.
    #[error("the manifest cannot be written")]
    Manifest(#[from] ManifestError),
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
            Self::Content(error) => error.advice(),
            Self::Manifest(_) => "propose the release with a label of the NATO or PUBLIC policy",
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

/// What to seal, and for whom.
pub struct SealRequest<'a> {
    /// The files, the same for every receiver.
    pub content: &'a Content,
    /// The agreement, with its proofs.
    pub decision: &'a Decision,
    /// Who receives this copy.
    pub receiver: &'a Code,
    /// The receiver's key.
    pub receiver_key: &'a OpenPublic,
    /// Number of this copy, from 1.
    pub copy: u32,
    /// The time, by the log.
    pub sealed_utc: UtcTime,
}

/// A sealed package.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its id.
    pub package: PackageId,
    /// Its digest, by which acts name it.
    pub digest: Digest,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({}, {} bytes)", self.package, self.bytes.len())
    }
}

/// Seals one copy of a release. Every copy has a key, and so a ciphertext, of its own.
///
/// # Errors
/// [`SealError`].
pub fn seal(
    request: &SealRequest<'_>,
    key: &SealKey,
    trust: &Trust,
    randomness: &mut dyn Randomness,
) -> Result<Sealed, SealError> {
    let proposal = request.decision.agreed(trust)?;
    let release = &proposal.release;
    let content = request.content.to_bytes()?;
    let found = Digest::of(&content);
    if found != release.release {
        return Err(SealError::OtherContent { found, agreed: release.release });
    }
    if !release.audience.contains(request.receiver) {
        return Err(SealError::OtherReceiver { receiver: request.receiver.clone() });
    }
    let label_xml = release.label.as_str();
    let not_a_label = |_| ManifestError::Field { field: "label" };
    let marking = Label::from_xml(label_xml.as_bytes()).map_err(not_a_label)?.marking();
    let (manifest, payload) = encrypt(request, &content, label_xml, randomness)?;
    let manifest_bytes = manifest.to_bytes()?;
    let decision = request.decision.to_bytes()?;
    let statement = Statement {
        package: manifest.package.clone(),
        copy: request.copy,
        kind: trust.kind(),
        title: proposal.propose.title.clone(),
        marking,
        receiver: request.receiver.clone(),
        receiver_key: manifest.receiver_key,
        sealed_utc: request.sealed_utc,
        manifest: Part::of(&manifest_bytes),
        payload: Part::of(&payload),
        label: Part::of(label_xml.as_bytes()),
        decision: Part::of(&decision),
    };
    let statement = statement.to_bytes().ok_or(SealError::TooLarge)?;
    let signatures = signature::sign(key, STATEMENT_TYPE, &statement).ok_or(SealError::Cryptography)?;
    let parts = [payload, manifest_bytes, label_xml.as_bytes().to_vec(), decision, statement, signatures];
    let members = MEMBERS.into_iter().zip(parts.iter().map(Vec::as_slice)).collect::<Vec<_>>();
    let bytes = zip::write(&members).map_err(|_| SealError::TooLarge)?;
    if bytes.len() > verify::PACKAGE_BYTES_MAX {
        return Err(SealError::TooLarge);
    }
    verify(&bytes, trust).map_err(|report| SealError::WouldNotVerify { report: Box::new(report) })?;
    Ok(Sealed { digest: Digest::of(&bytes), package: manifest.package, bytes })
}

/// Manifest and payload of one copy.
fn encrypt(
    request: &SealRequest<'_>,
    content: &[u8],
    label_xml: &str,
    randomness: &mut dyn Randomness,
) -> Result<(Manifest, Vec<u8>), SealError> {
    let key = Secret::random(randomness);
    let mut payload = Vec::with_capacity(content.len());
    let mut segments = Vec::new();
    for plain in content.chunks(SEGMENT_BYTES) {
        // At most 256 random nonces under one key: far below the 2^32 of NIST SP 800-38D, section 8.3.
        let sealed =
            key.seal(fresh::<NONCE_LEN>(randomness), &[], plain).map_err(|_| SealError::Cryptography)?;
        let tag = sealed.last_chunk::<TAG_LEN>().ok_or(SealError::Cryptography)?;
        segments.push(Segment { plain_bytes: plain.len(), tag: *tag });
        payload.extend(sealed);
    }
    let wrapped_key =
        kem::wrap(request.receiver_key, &key, randomness).map_err(|_| SealError::Cryptography)?;
    let package = PackageId::random(randomness);
    let policy = manifest::policy(&package, request.receiver, label_xml)?;
    let tags = segments.iter().flat_map(|s| s.tag).collect::<Vec<_>>();
    let manifest = Manifest {
        package,
        receiver: request.receiver.clone(),
        receiver_key: request.receiver_key.id(),
        wrapped_key,
        policy_binding: manifest::policy_binding(&key, &policy),
        root_signature: key.hmac(&[&tags]).as_ref().to_vec(),
        segments,
        label_xml: label_xml.to_owned(),
        label_binding: manifest::label_binding(&key, label_xml, &tags)?,
    };
    Ok((manifest, payload))
}
