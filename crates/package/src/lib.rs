//! The sealed package: what leaves the house, and how a receiver checks it offline.
//!
//! A package is an OpenTDF container (a zip) for one receiver: the encrypted content, its manifest, its label, the agreement that
//! let it out with the ledger's proofs, and the office's signatures over all of that. [`verify()`] checks it without any secret key
//! and says line by line what it checked; only what verified can be opened. [`wrap`] seals figures to a key on their way in,
//! [`transfer`] carries packages over the gap between the two sides.
//!
//! What is absent: files, clocks, network, and any knowledge of how an agreement comes about (that is `office`). Time and
//! randomness come in as arguments, with one exception: the provider draws the randomness of ML-KEM and of ML-DSA signatures
//! itself and offers no other way.
//!
//! # Source
//!
//! OpenTDF specification 4.3.0 as its public clients read it; `draft-ietf-lamps-pq-composite-kem-14` (key wrapping), FIPS 203
//! (ML-KEM), FIPS 204 (ML-DSA), RFC 8032 (Ed25519), NIST SP 800-38D (GCM), APPNOTE 6.3.10 (zip).

pub mod access;
pub mod content;
mod cores;
mod crypto;
pub mod decision;
pub mod documents;
mod encrypt;
mod envelope;
pub mod fingerprint;
mod kem;
pub mod key;
mod layout;
pub mod manifest;
mod open;
pub mod profile;
pub mod report;
pub mod seal;
mod signature;
mod source;
pub mod statement;
pub mod tdf;
pub mod transfer;
pub mod trust;
mod unpack;
mod verify;
pub mod wrap;
mod zip;

pub use crate::{
    content::Content,
    cores::{Cores, InTurn},
    decision::Decision,
    key::{OpenKey, OpenPublic, SealKey, SealPublic},
    open::{OpenError, Opened},
    profile::Profile,
    report::{Check, CheckName, Outcome, Report},
    seal::{CopyRequest, SealRequest, Sealed, Sealer, Service, seal},
    source::{Source, digest_of},
    trust::Trust,
    unpack::Sink,
    verify::{PACKAGE_BYTES_MAX, Refused, Verified, verify, verify_source},
};
