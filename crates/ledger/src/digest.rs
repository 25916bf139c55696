//! SHA-256 digests: the names of blobs, entries and tree nodes.
//!
//! Not a commitment to something guessable: a digest of a small figure can be searched. Commitments add a salt and are made
//! where the figure is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::encoding::{from_hex, from_str_value, write_hex};

/// A SHA-256 digest. Text and JSON form: 64 lower-case hexadecimal characters, no other spelling is read.
///
/// ```
/// use ledger::Digest;
///
/// let digest = Digest::of(b"abc");
/// assert_eq!(digest.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
/// assert_eq!(digest.to_string().parse::<Digest>().unwrap(), digest);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Length in bytes.
    pub const LEN: usize = 32;

    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of several byte strings written one after the other, without joining them first.
    ///
    /// The parts are not separated: the caller sees to it that no two lists of parts give the same bytes.
    pub fn of_parts(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }

    /// A digest from its 32 bytes, computed elsewhere.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The text form, without putting it on the heap.
    fn as_hex<T>(&self, take: impl FnOnce(&str) -> T) -> T {
        let mut text = [b'0'; 2 * Self::LEN];
        write_hex(&self.0, &mut text);
        // Hexadecimal digits are ASCII.
        take(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_hex(|text| f.write_str(text))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        // Capitals are refused: one digest has one spelling, for it is compared as text in documents.
        match from_hex(text) {
            Some(bytes) => Ok(Self(bytes)),
            None if text.len().is_multiple_of(2)
                && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) =>
            {
                Err(DigestError::Length { found: text.len() / 2 })
            }
            None => Err(DigestError::NotHex),
        }
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_hex(|text| serializer.serialize_str(text))
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_str_value(deserializer)
    }
}

/// A text that is not a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DigestError {
    /// Not lower-case hexadecimal.
    #[error("the digest is not lower-case hexadecimal")]
    NotHex,
    /// Another length than 32 bytes.
    #[error("the digest has {found} bytes, not 32")]
    Length {
        /// Bytes found.
        found: usize,
    },
}

impl DigestError {
    /// What the reader can do about it.
    pub fn advice(&self) -> &'static str {
        "copy the SHA-256 digest again as 64 hexadecimal characters in lower case"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_have_one_spelling() {
        // FIPS 180-4 example, one block.
        let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Digest::of(b"abc").to_string(), text);
        assert_eq!(Digest::of_parts(&[b"a", b"bc"]), Digest::of(b"abc"));
        assert_eq!(text.to_uppercase().parse::<Digest>(), Err(DigestError::NotHex));
        assert_eq!("ba78".parse::<Digest>(), Err(DigestError::Length { found: 2 }));
        assert_eq!("zz".parse::<Digest>(), Err(DigestError::NotHex));
        assert_eq!(serde_json::to_string(&Digest::of(b"abc")).unwrap(), format!("\"{text}\""));
        assert!(serde_json::from_str::<Digest>("\"ba78\"").is_err());
    }
}
