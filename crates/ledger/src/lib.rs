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
//! An act is signed, logged and published; a reader far away verifies the log and one proof with the log's key alone.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use ledger::checkpoint::SignedCheckpoint;
//! use ledger::dsse::Envelope;
//! use ledger::key::SigningKey;
//! use ledger::merkle::Tree;
//! use ledger::note::{KeyName, NoteSigner};
//! use ledger::proof::LogProof;
//! use ledger::{tile, verify};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let delegation = SigningKey::from_seed(&[1; 32]);
//! let log = NoteSigner::new(KeyName::new("office.example/log")?, SigningKey::from_seed(&[2; 32]));
//!
//! let entries = vec![Envelope::sign("application/example+json", b"{}", &delegation)?.to_bytes()];
//! let tree = Tree::of_entries(&entries);
//! let checkpoint = SignedCheckpoint::sign(tree.size(), tree.root(), &log)?;
//! let mut files: BTreeMap<String, Vec<u8>> = tile::write_log(0, &entries)?;
//! files.insert(tile::CHECKPOINT_PATH.to_owned(), checkpoint.to_text().into_bytes());
//! let proof = LogProof::new(&tree, 0, checkpoint)?.to_text();
//!
//! let vkey = log.verifier();
//! let verified = verify::verify_log(&vkey, &mut |path| files.get(path).cloned())?;
//! assert_eq!(verified.entries(), entries);
//! LogProof::from_text(&proof)?.verify(&entries[0], &vkey)?;
//! # Ok(())
//! # }
//! ```
//!
//! # Source
//!
//! RFC 6962 and RFC 9162 (tree), C2SP signed-note, tlog-checkpoint, tlog-tiles and tlog-proof, DSSE 1.0 (envelopes),
//! RFC 8032 (Ed25519, strict verification), RFC 9106 (Argon2id).

pub mod act;
pub mod checkpoint;
pub mod digest;
pub mod dsse;
pub mod encoding;
pub mod key;
pub mod keyfile;
pub mod merkle;
pub mod note;
pub mod proof;
pub mod randomness;
pub mod tile;
pub mod verify;

#[cfg(test)]
mod seeded;

pub use digest::Digest;
pub use randomness::Randomness;
