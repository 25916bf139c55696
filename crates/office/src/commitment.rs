//! Salted commitments: what the log says of classified content.
//!
//! The log is public to every member, so an entry names content by `SHA-256(salt || content)`. Without the salt, which travels
//! inside the sealed box, nobody can test a guess at the content; with it, anybody who may open the box can check that the
//! content is the one deposited.

use ledger::{Digest, Randomness};
use zeroize::Zeroizing;

/// 32 random bytes. Their fixed length makes `salt || content` unambiguous. A secret: it opens the commitment to guessing.
pub struct Salt(Zeroizing<[u8; 32]>);

impl Salt {
    /// A fresh salt.
    pub fn generate(randomness: &mut dyn Randomness) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        randomness.fill(bytes.as_mut());
        Self(bytes)
    }

    /// A salt read back from a sealed box.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, to be put inside the sealed box and nowhere else.
    #[must_use]
    pub fn reveal(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for Salt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Salt")
    }
}

/// `SHA-256(salt || content)`.
///
/// # Guarantee
/// Binding as SHA-256 is collision resistant; hiding as long as the salt is unknown (256 bits of it).
#[must_use]
pub fn commit(salt: &Salt, content: &[u8]) -> Digest {
    Digest::of_parts(&[salt.reveal(), content])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commitment_is_the_digest_of_salt_then_content() {
        let salt = Salt::from_bytes([7; 32]);
        let mut message = vec![7; 32];
        message.extend_from_slice(b"4 battalions");
        assert_eq!(commit(&salt, b"4 battalions"), Digest::of(&message));
    }

    #[test]
    fn another_salt_or_another_content_is_another_commitment() {
        let (one, two) = (Salt::from_bytes([1; 32]), Salt::from_bytes([2; 32]));
        assert_ne!(commit(&one, b"x"), commit(&two, b"x"));
        assert_ne!(commit(&one, b"x"), commit(&one, b"y"));
        assert_ne!(commit(&one, b"x"), commit(&one, b""));
    }

    #[test]
    fn a_salt_does_not_show_its_bytes() {
        assert_eq!(format!("{:?}", Salt::from_bytes([0xab; 32])), "Salt");
    }
}
