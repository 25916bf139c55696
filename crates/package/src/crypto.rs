//! The symmetric primitives, each in the one form used here. Nothing of our own invention: all is the provider's.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    digest, hmac,
};
use ledger::{Digest, Randomness};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// Length of a GCM nonce (NIST SP 800-38D, section 8.2).
pub(crate) const NONCE_LEN: usize = 12;
/// Length of a GCM tag.
pub(crate) const TAG_LEN: usize = 16;
/// What sealing adds to a plaintext.
pub(crate) const OVERHEAD: usize = NONCE_LEN + TAG_LEN;

/// A 256-bit secret. Wiped when dropped; cannot be copied or printed.
pub(crate) struct Secret(Zeroizing<[u8; 32]>);

/// The provider refused to work, which it does only when something is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken;

impl Secret {
    pub(crate) fn random(randomness: &mut dyn Randomness) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        randomness.fill(bytes.as_mut());
        Self(bytes)
    }

    /// A secret that was made elsewhere.
    pub(crate) fn from_array(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// A copy of exactly 32 bytes; `None` for another length.
    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        let mut copy = Zeroizing::new([0; 32]);
        if bytes.len() != copy.len() {
            return None;
        }
        copy.copy_from_slice(bytes);
        Some(Self(copy))
    }

    /// The bytes: for wrapping this secret under another.
    pub(crate) fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// HMAC-SHA256 of the parts in a row under this secret (RFC 2104).
    pub(crate) fn hmac(&self, parts: &[&[u8]]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, self.0.as_ref()));
        for part in parts {
            context.update(part);
        }
        context.sign()
    }

    /// AES-256-GCM: nonce, ciphertext, tag in a row.
    pub(crate) fn seal(
        &self,
        nonce: [u8; NONCE_LEN],
        aad: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, Broken> {
        let key = self.aead()?;
        let mut bytes = Zeroizing::new(plaintext.to_vec());
        let once = Nonce::assume_unique_for_key(nonce);
        // The tag apart: appending it could move the vector and leave a copy of the plaintext in freed memory.
        let tag = key.seal_in_place_separate_tag(once, Aad::from(aad), &mut bytes).map_err(|_| Broken)?;
        Ok([&nonce[..], &bytes, tag.as_ref()].concat())
    }

    /// The plaintext of what [`Secret::seal`] wrote; `None` when key, associated data or bytes are others.
    pub(crate) fn open(&self, aad: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let key = self.aead().ok()?;
        let mut bytes = Zeroizing::new(rest.to_vec());
        let once = Nonce::assume_unique_for_key(*nonce);
        let length = key.open_in_place(once, Aad::from(aad), &mut bytes).ok()?.len();
        bytes.truncate(length);
        Some(bytes)
    }

    /// This secret made ready for many segments, by as many threads as there are.
    pub(crate) fn segments(&self) -> Result<SegmentKey, Broken> {
        self.aead().map(SegmentKey)
    }

    fn aead(&self) -> Result<LessSafeKey, Broken> {
        UnboundKey::new(&AES_256_GCM, self.0.as_ref()).map(LessSafeKey::new).map_err(|_| Broken)
    }
}

/// A secret made ready to encrypt and decrypt in place.
pub(crate) struct SegmentKey(LessSafeKey);

impl SegmentKey {
    /// Encrypts where the plaintext stands; gives the tag.
    pub(crate) fn seal(&self, nonce: [u8; NONCE_LEN], bytes: &mut [u8]) -> Result<[u8; TAG_LEN], Broken> {
        let once = Nonce::assume_unique_for_key(nonce);
        let tag = self.0.seal_in_place_separate_tag(once, Aad::empty(), bytes).map_err(|_| Broken)?;
        tag.as_ref().try_into().map_err(|_| Broken)
    }

    /// Decrypts nonce, ciphertext and tag in a row where they stand; gives the plaintext, `None` when key or bytes are others.
    pub(crate) fn open<'a>(&self, sealed: &'a mut [u8]) -> Option<&'a [u8]> {
        let (nonce, rest) = sealed.split_first_chunk_mut::<NONCE_LEN>()?;
        let once = Nonce::assume_unique_for_key(*nonce);
        self.0.open_in_place(once, Aad::empty(), rest).ok().map(|plain| &*plain)
    }
}

/// SHA-256 of bytes that come one part after the other. Cloned where many byte strings begin alike.
#[derive(Clone)]
pub(crate) struct Hasher(digest::Context);

impl Hasher {
    pub(crate) fn new() -> Self {
        Self(digest::Context::new(&digest::SHA256))
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> Digest {
        let mut out = [0; Digest::LEN];
        // INVARIANT: SHA-256 gives 32 bytes (FIPS 180-4, figure 1).
        out.copy_from_slice(self.0.finish().as_ref());
        Digest::from_bytes(out)
    }
}

/// Random bytes that need not be secret.
pub(crate) fn fresh<const N: usize>(randomness: &mut dyn Randomness) -> [u8; N] {
    let mut bytes = [0; N];
    randomness.fill(&mut bytes);
    bytes
}

/// Equality in a time that does not depend on where the two differ.
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

#[cfg(test)]
mod tests;
