//! Keys, signed acts and the append-only log that holds them.
//!
//! The log is a Merkle tree of DSSE envelopes, signed as C2SP checkpoints and laid out as C2SP tiles, so that anybody can
//! verify it offline with programs other than this one. This crate is pure: it opens no file, asks no clock and draws no
//! randomness of its own; bytes, readers and a [`Randomness`] come in as arguments.
//!
//! What is absent: HTTP, SQL, files, and any knowledge of what an act *means* (that is `office`).
//!
//! # Example
//!
//! An act is signed, logged and published; a reader far away verifies the log and one proof with the log's keys alone.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use ledger::checkpoint::SignedCheckpoint;
//! use ledger::dsse::Envelope;
//! use ledger::key::SigningKey;
//! use ledger::log::LogSigner;
//! use ledger::merkle::Tree;
//! use ledger::note::KeyName;
//! use ledger::proof::LogProof;
//! use ledger::{tile, verify};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let delegation = SigningKey::from_seed(&[1; 32]);
//! let log = LogSigner::from_seeds(KeyName::new("office.example/log")?, &[2; 32], &[3; 32])?;
//!
//! let entries = vec![Envelope::sign("application/example+json", b"{}", &delegation)?.to_bytes()];
//! let tree = Tree::of_entries(&entries);
//! let checkpoint = SignedCheckpoint::sign(tree.size(), tree.root(), &log)?;
//! let mut files: BTreeMap<String, Vec<u8>> = tile::write_log(0, &entries)?;
//! files.insert(tile::CHECKPOINT_PATH.to_owned(), checkpoint.to_text().into_bytes());
//! let proof = LogProof::new(&tree, 0, checkpoint)?.to_text();
//!
//! let keys = log.verifier();
//! let verified = verify::verify_log(&keys, &mut |path| files.get(path).cloned())?;
//! assert!(verified.entries().eq(&entries));
//! LogProof::from_text(&proof)?.verify(&entries[0], &keys)?;
//! # Ok(())
//! # }
//! ```
//!
//! # Source
//!
//! RFC 6962 and RFC 9162 (tree), C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-witness, tlog-policy, tlog-tiles and
//! tlog-proof, DSSE 1.0 (envelopes), RFC 8032 (Ed25519, strict verification), FIPS 204 (ML-DSA-44), RFC 9106 (Argon2id).

pub mod act;
pub mod act_key;
pub mod checkpoint;
pub mod cosignature;
pub mod digest;
pub mod dsse;
pub mod encoding;
pub mod key;
pub mod keyfile;
pub mod log;
pub mod merkle;
pub mod mldsa;
pub mod note;
pub mod policy;
pub mod proof;
pub mod randomness;
pub mod tile;
pub mod verify;
pub mod webauthn;
pub mod witness;

#[cfg(test)]
mod seeded;

pub use digest::Digest;
pub use randomness::Randomness;
