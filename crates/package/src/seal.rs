//! Making packages: encrypt once, then for each receiver wrap the key, bind to label and agreement, sign.
//!
//! A [`Sealer`] judges the agreement once. A [`Group`] is one encryption of the content: the prefix that all its copies share, written as
//! the content streams by. A [`struct@Copy`] is the tail that makes a package of the prefix for one receiver; it costs one key wrapping and two
//! signatures, whatever the length of the content, and copies can be made by as many threads as there are.
//!
//! Copies whose drawn forms carry marks ([`crate::fingerprint`]) have a prefix of their own each ([`Sealer::marked_copy`]).
//!
//! Copies of a group have one content key. That gives no receiver anything that it does not have: the content is the same. What the key
//! alone could bind, the policy of another's copy, the office's signatures bind too.
//!
//! # Guarantee
//! What comes out verifies under the same trust ([`crate::verify()`]): what was not agreed cannot be sealed. The agreement is judged by
//! [`Sealer::new`], the content by [`Sealer::group`], and all that is a copy's own by [`Sealer::copy`], by the code that verifies packages.

use std::{
    fmt,
    io::{Read, Write},
};

use label::{Classification, Label};
use ledger::{
    Digest, Randomness,
    act::{Code, UtcTime},
};

use zeroize::Zeroizing;

use crate::{
    access::{AccessPublic, ContentKey, Wrapping},
    content::Content,
    cores::{Cores, InTurn},
    crypto::Hasher,
    decision::{Decision, Proposal},
    encrypt::encrypt,
    fingerprint::{Fingerprints, neutral},
    kem,
    key::{OpenPublic, SealKey},
    layout::{Layout, SHARED},
    manifest::{self, Manifest, ManifestError, PackageId, Segment, ServiceAccess},
    report::Report,
    signature,
    statement::{Part, STATEMENT_TYPE, Statement},
    trust::Trust,
    verify::{Parts, own_checks},
    zip::{self, Facts},
};

mod error;

pub use error::SealError;

/// An agreed release and the office's key: what all its packages have in common before anything is encrypted.
pub struct Sealer<'a> {
    key: &'a SealKey,
    trust: &'a Trust,
    proposal: Proposal,
    decision: Vec<u8>,
    label: Digest,
    classification: Classification,
    marking: String,
}

/// One encryption of the content, and all that copies of it share.
pub struct Group {
    key: ContentKey,
    segments: Vec<Segment>,
    root_signature: Vec<u8>,
    label_binding: String,
    fingerprint: Option<Digest>,
    shared: [Facts; SHARED],
    prefix: Part,
    /// Has seen the prefix, and goes on from there for every copy.
    hasher: Hasher,
}

impl Group {
    /// Length of the prefix in bytes.
    #[must_use]
    pub fn prefix_bytes(&self) -> u64 {
        self.prefix.bytes()
    }
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Group({} bytes in {} segments)", self.prefix_bytes(), self.segments.len())
    }
}

/// For whom a copy is.
pub struct CopyRequest<'a> {
    /// Who receives it.
    pub receiver: &'a Code,
    /// The receiver's key.
    pub receiver_key: &'a OpenPublic,
    /// Number of this copy, from 1.
    pub copy: u32,
    /// The time, by the log.
    pub sealed_utc: UtcTime,
    /// The service that may unwrap it too: profile `interop`. Without one it is `pq`.
    pub service: Option<Service<'a>>,
}

/// A key access service.
#[derive(Clone, Copy)]
pub struct Service<'a> {
    /// Its address, as clients call it.
    pub url: &'a str,
    /// Its key.
    pub access: &'a AccessPublic,
    /// By which of its algorithms the key is wrapped.
    pub wrapping: Wrapping,
}

/// What makes a package of a prefix.
#[derive(Clone, PartialEq, Eq)]
pub struct Copy {
    /// What stands behind the prefix.
    pub tail: Vec<u8>,
    /// Id of the package.
    pub package: PackageId,
    /// Digest of the whole package, by which acts name it.
    pub digest: Digest,
}

impl fmt::Debug for Copy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Copy({}, {} bytes of its own)", self.package, self.tail.len())
    }
}

impl<'a> Sealer<'a> {
    /// Judges the agreement, once for all copies.
    ///
    /// # Errors
    /// [`SealError::NotAgreed`], [`SealError::Manifest`] for a label that is none.
    pub fn new(decision: &Decision, key: &'a SealKey, trust: &'a Trust) -> Result<Self, SealError> {
        let proposal = decision.agreed(trust)?;
        let label = proposal.release.label.as_str().as_bytes();
        let read = Label::from_xml(label).map_err(|_| ManifestError::Field { field: "label" })?;
        let (label, decision) = (Digest::of(label), decision.to_bytes()?);
        let (classification, marking) = (read.information().classification(), read.marking());
        Ok(Self { key, trust, decision, label, classification, marking, proposal })
    }

    /// What was agreed.
    #[must_use]
    pub fn proposal(&self) -> &Proposal {
        &self.proposal
    }

    /// Encrypts the content, packed as [`Content::to_bytes`] and [`crate::content::Packed`] pack it, under a new key, and writes the
    /// prefix. Memory is a few segments, whatever the length.
    ///
    /// # Errors
    /// [`SealError::OtherContent`], [`SealError::Stream`], [`SealError::TooLarge`], [`SealError::Cryptography`]. What was written until
    /// then is worth nothing: no copy can be made of it.
    pub fn group(
        &self,
        content: &mut (dyn Read + Send),
        out: &mut (dyn Write + Send),
        cores: &dyn Cores,
        randomness: &mut dyn Randomness,
    ) -> Result<Group, SealError> {
        let (group, found) = self.encrypt(content, out, cores, randomness)?;
        self.is_agreed(found)?;
        Ok(group)
    }

    /// The prefix, written, and the digest of what was encrypted.
    fn encrypt(
        &self,
        content: &mut (dyn Read + Send),
        out: &mut (dyn Write + Send),
        cores: &dyn Cores,
        randomness: &mut dyn Randomness,
    ) -> Result<(Group, Digest), SealError> {
        let mut hasher = Hasher::new();
        let put = |out: &mut (dyn Write + Send), hasher: &mut Hasher, bytes: &[u8]| {
            hasher.update(bytes);
            out.write_all(bytes)
        };
        // Sizes and checksum stand behind the payload: what is given for them here is not written.
        put(out, &mut hasher, &Layout::header(0, Facts::NONE))?;
        let encrypted = encrypt(content, out, hasher, cores, randomness)?;
        let mut hasher = encrypted.hasher;
        put(out, &mut hasher, &zip::descriptor(encrypted.facts))?;
        let label = self.label_xml().as_bytes();
        let [label_facts, decision_facts] = [label, &self.decision].map(Facts::of);
        let (label_facts, decision_facts) = label_facts.zip(decision_facts).ok_or(SealError::TooLarge)?;
        for (member, facts, bytes) in [(1, label_facts, label), (2, decision_facts, &self.decision)] {
            put(out, &mut hasher, &Layout::header(member, facts))?;
            put(out, &mut hasher, bytes)?;
        }
        let shared = [encrypted.facts, label_facts, decision_facts];
        let prefix = layout(shared, [Facts::NONE; 3]).ok_or(SealError::TooLarge)?.prefix;
        let tags = encrypted.segments.iter().flat_map(|segment| segment.tag).collect::<Vec<_>>();
        let group = Group {
            root_signature: encrypted.key.secret().hmac(&[&tags]).as_ref().to_vec(),
            label_binding: manifest::label_binding(encrypted.key.secret(), self.label_xml(), &tags)?,
            key: encrypted.key,
            segments: encrypted.segments,
            fingerprint: None,
            shared,
            prefix: Part::new(hasher.clone().finish(), prefix),
            hasher,
        };
        Ok((group, encrypted.content))
    }

    /// Makes one copy: a package is the prefix of the group with this tail behind it.
    ///
    /// # Errors
    /// [`SealError::OtherReceiver`], [`SealError::Manifest`], [`SealError::TooLarge`], [`SealError::Cryptography`], and
    /// [`SealError::WouldNotVerify`] for example when the key is not the trusted one.
    pub fn copy(
        &self,
        group: &Group,
        request: &CopyRequest<'_>,
        randomness: &mut dyn Randomness,
    ) -> Result<Copy, SealError> {
        self.may_receive(request)?;
        let manifest = self.manifest(group, request, randomness)?;
        let manifest_bytes = manifest.to_bytes()?;
        let statement = self.statement(group, request, &manifest, &manifest_bytes);
        let statement = statement.to_bytes().ok_or(SealError::TooLarge)?;
        let signatures =
            signature::sign(self.key, STATEMENT_TYPE, &statement).ok_or(SealError::Cryptography)?;
        let parts = Parts {
            label: self.label_xml().as_bytes(),
            decision: Part::of(&self.decision),
            manifest: &manifest_bytes,
            statement: &statement,
            signatures: &signatures,
            prefix: group.prefix,
        };
        let mut report = Report::new();
        if own_checks(&parts, Some(&self.proposal), self.trust, &mut report).held.is_none() {
            return Err(SealError::WouldNotVerify { report: Box::new(report) });
        }
        let tail = tail(group, [&manifest_bytes, &statement, &signatures]).ok_or(SealError::TooLarge)?;
        let mut hasher = group.hasher.clone();
        hasher.update(&tail);
        Ok(Copy { digest: hasher.finish(), package: manifest.package, tail })
    }

    /// Makes one copy whose drawn forms carry its own marks, with an encryption of its own: writes the prefix, gives the tail.
    ///
    /// # Errors
    /// [`SealError::Marks`], and those of [`Sealer::group`] and [`Sealer::copy`].
    pub fn marked_copy(
        &self,
        fingerprints: &Fingerprints<'_>,
        request: &CopyRequest<'_>,
        out: &mut (dyn Write + Send),
        cores: &dyn Cores,
        randomness: &mut dyn Randomness,
    ) -> Result<Copy, SealError> {
        self.may_receive(request)?;
        let marked = fingerprints.mark(request.copy, request.receiver)?;
        // What every receiver checks: marks touch layout alone.
        self.is_agreed(neutral(&marked).digest()?)?;
        let content = Zeroizing::new(marked.to_bytes()?);
        let (mut group, _) = self.encrypt(&mut content.as_slice(), out, cores, randomness)?;
        group.fingerprint = Some(fingerprints.commitment(request.copy, request.receiver));
        self.copy(&group, request, randomness)
    }

    fn is_agreed(&self, found: Digest) -> Result<(), SealError> {
        let agreed = self.proposal.release.release;
        if found == agreed { Ok(()) } else { Err(SealError::OtherContent { found, agreed }) }
    }

    /// Before any work is done for a copy.
    fn may_receive(&self, request: &CopyRequest<'_>) -> Result<(), SealError> {
        if !self.proposal.release.audience.contains(request.receiver) {
            return Err(SealError::OtherReceiver { receiver: request.receiver.clone() });
        }
        if request.service.is_some() && !self.trust.interop().contains(&self.classification) {
            return Err(SealError::NotForInterop { classification: self.classification });
        }
        Ok(())
    }

    fn label_xml(&self) -> &str {
        self.proposal.release.label.as_str()
    }

    fn manifest(
        &self,
        group: &Group,
        request: &CopyRequest<'_>,
        randomness: &mut dyn Randomness,
    ) -> Result<Manifest, SealError> {
        let wrapped_key = kem::wrap(request.receiver_key, group.key.secret(), randomness)
            .map_err(|_| SealError::Cryptography)?;
        let mut manifest = Manifest {
            package: PackageId::random(randomness),
            receiver: request.receiver.clone(),
            label: self.label,
            proposal: self.proposal.digest,
            receiver_key: request.receiver_key.id(),
            wrapped_key,
            service: service_access(&group.key, request.service.as_ref(), randomness)?,
            policy_binding: String::new(),
            root_signature: group.root_signature.clone(),
            segments: group.segments.clone(),
            label_xml: self.label_xml().to_owned(),
            label_binding: group.label_binding.clone(),
        };
        manifest.policy_binding = manifest::policy_binding(group.key.secret(), &manifest.policy()?);
        Ok(manifest)
    }

    fn statement(
        &self,
        group: &Group,
        request: &CopyRequest<'_>,
        manifest: &Manifest,
        manifest_bytes: &[u8],
    ) -> Statement {
        Statement {
            package: manifest.package.clone(),
            copy: request.copy,
            kind: self.trust.kind(),
            title: self.proposal.propose.title.clone(),
            marking: self.marking.clone(),
            receiver: request.receiver.clone(),
            receiver_key: manifest.receiver_key,
            sealed_utc: request.sealed_utc,
            profile: manifest.profile(),
            certificate: self.proposal.release.certificate,
            fingerprint: group.fingerprint,
            prefix: group.prefix,
            label: Part::of(self.label_xml().as_bytes()),
            decision: Part::of(&self.decision),
            manifest: Part::of(manifest_bytes),
        }
    }
}

fn layout(shared: [Facts; SHARED], own: [Facts; 3]) -> Option<Layout> {
    let ([a, b, c], [d, e, f]) = (shared, own);
    Layout::of([a, b, c, d, e, f])
}

/// What the manifest says to a key access service.
fn service_access(
    key: &ContentKey,
    service: Option<&Service<'_>>,
    randomness: &mut dyn Randomness,
) -> Result<Option<ServiceAccess>, SealError> {
    let Some(Service { url, access, wrapping }) = service else { return Ok(None) };
    let wrapped = access.wrap(key, *wrapping, randomness).map_err(|_| SealError::Cryptography)?;
    Ok(Some(ServiceAccess {
        kind: wrapping.kind().as_str().to_owned(),
        url: (*url).to_owned(),
        kid: wrapped.kid.to_string(),
        wrapped_key: wrapped.wrapped,
        ephemeral_public_key: wrapped.ephemeral_public_key_pem,
    }))
}

/// The members of a copy's own, and the directory; `None` when the package would be too long.
fn tail(group: &Group, own: [&[u8]; 3]) -> Option<Vec<u8>> {
    let [manifest, statement, signatures] = own.map(Facts::of);
    let layout = layout(group.shared, [manifest?, statement?, signatures?])?;
    let mut tail = Vec::new();
    for ((member, span), bytes) in layout.members.iter().enumerate().skip(SHARED).zip(own) {
        tail.extend(Layout::header(member, span.facts));
        tail.extend(bytes);
    }
    tail.extend(layout.directory());
    Some(tail)
}

/// What to seal, and for whom: one package, in memory.
pub struct SealRequest<'a> {
    /// The files.
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
    /// The service that may unwrap it too: profile `interop`. Without one it is `pq`.
    pub service: Option<Service<'a>>,
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

/// Seals one copy of a release, with an encryption of its own.
///
/// # Errors
/// [`SealError`].
pub fn seal(
    request: &SealRequest<'_>,
    key: &SealKey,
    trust: &Trust,
    randomness: &mut dyn Randomness,
) -> Result<Sealed, SealError> {
    let sealer = Sealer::new(request.decision, key, trust)?;
    let content = request.content.to_bytes()?;
    let mut bytes = Vec::with_capacity(content.len());
    let group = sealer.group(&mut content.as_slice(), &mut bytes, &InTurn, randomness)?;
    let SealRequest { receiver, receiver_key, copy, sealed_utc, service, .. } = *request;
    let request = CopyRequest { receiver, receiver_key, copy, sealed_utc, service };
    let copy = sealer.copy(&group, &request, randomness)?;
    bytes.extend(copy.tail);
    Ok(Sealed { digest: copy.digest, package: copy.package, bytes })
}
