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

pub mod content;
mod crypto;
pub mod decision;
mod envelope;
mod kem;
pub mod key;
pub mod manifest;
mod open;
pub mod report;
pub mod seal;
mod signature;
pub mod statement;
pub mod transfer;
pub mod trust;
mod verify;
pub mod wrap;
mod zip;

pub use crate::{
    content::Content,
    decision::Decision,
    key::{OpenKey, OpenPublic, SealKey, SealPublic},
    open::{OpenError, Opened},
    report::{Check, CheckName, Outcome, Report},
    seal::{SealRequest, Sealed, seal},
    trust::Trust,
    verify::{PACKAGE_BYTES_MAX, Verified, verify},
};
