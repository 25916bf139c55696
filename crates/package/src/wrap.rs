//! The sealed box: figures on their way to the office, readable by the holders of the named keys and nobody else.
//!
//! A box is no signature: whoever has a receiver's card can make one. Who deposited what is an act of the ledger, which names the
//! box by its digest; the associated data binds the box to its place (for example the depositor and the release), so that it
//! cannot be passed off elsewhere.
//!
//! Shape: `tearline-box/1\n`, the number of receivers (1 byte), for each its key id (16 bytes) and the DER envelope of the box key
//! behind its length (2 bytes, big-endian), a commitment to the box key (32 bytes), then nonce, ciphertext and tag.
//!
//! # Guarantee
//! A box opens only whole, unchanged and with the same associated data; and to the same plaintext for every receiver. The second
//! needs the commitment, because AES-GCM alone lets a forger make one ciphertext that opens differently under two keys (Albertini
//! and others, "How to Abuse and Fix Authenticated Encryption Without Key Commitment", 2022, section 3).

use ledger::{Randomness, key::KeyId};
use zeroize::Zeroizing;

use crate::{
    crypto::{NONCE_LEN, OVERHEAD, Secret, fresh, same},
    kem,
    key::{OpenKey, OpenPublic},
};

/// First bytes of every box.
const MAGIC: &[u8] = b"tearline-box/1\n";
const COMMITMENT_LEN: usize = 32;
const KEY_ID_LEN: usize = 16;

/// Most receivers of a box: the office's key and its reserves.
pub const RECIPIENTS_MAX: usize = 16;
/// Longest plaintext in bytes; a deposit of a million rows has some 50 MB.
pub const PLAINTEXT_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Why a box cannot be made or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WrapError {
    /// Nobody or too many to seal to.
    #[error("a box has 1 to {RECIPIENTS_MAX} receivers, not {found}")]
    Recipients {
        /// Receivers given.
        found: usize,
    },
    /// The same receiver twice.
    #[error("the key `{id}` is named twice as a receiver")]
    Twice {
        /// Its id.
        id: KeyId,
    },
    /// Too long a plaintext.
    #[error("the content has {bytes} bytes, more than {PLAINTEXT_BYTES_MAX}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Not the bytes of a box.
    #[error("the bytes are not a sealed box")]
    NotABox,
    /// A box for others.
    #[error("the box is not sealed to the key `{id}`")]
    NotForThisKey {
        /// Id of the key tried.
        id: KeyId,
    },
    /// Changed, cut, or moved from where it belongs.
    #[error("the box was changed after sealing, or does not belong here")]
    Changed,
    /// The provider failed.
    #[error("the cryptographic library refused to work")]
    Cryptography,
}

impl WrapError {
    /// What the reader of the error can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Recipients { .. } | Self::Twice { .. } => {
                "name each receiver once; the office's open key is usually the only one"
            }
            Self::TooLong { .. } => "split the content into several deposits",
            Self::NotABox | Self::Changed => "do not use it; ask the depositor to deposit again",
            Self::NotForThisKey { .. } => {
                "use the key that the depositor sealed to, or ask to seal to this one"
            }
            Self::Cryptography => "try again; if it stays so, the installation is broken",
        }
    }
}

/// Seals a plaintext to every one of the receivers, bound to the associated data.
///
/// # Errors
/// [`WrapError::Recipients`], [`WrapError::Twice`], [`WrapError::TooLong`], [`WrapError::Cryptography`].
pub fn seal_to(
    recipients: &[&OpenPublic],
    aad: &[u8],
    plaintext: &[u8],
    randomness: &mut dyn Randomness,
) -> Result<Vec<u8>, WrapError> {
    let broken = |_| WrapError::Cryptography;
    if plaintext.len() > PLAINTEXT_BYTES_MAX {
        return Err(WrapError::TooLong { bytes: plaintext.len() });
    }
    let count =
        u8::try_from(recipients.len()).ok().filter(|n| (1..=RECIPIENTS_MAX).contains(&usize::from(*n)));
    let count = count.ok_or(WrapError::Recipients { found: recipients.len() })?;
    let key = Secret::random(randomness);
    let mut sealed = [MAGIC, &[count]].concat();
    let mut ids = Vec::new();
    for recipient in recipients {
        let id = recipient.id();
        if ids.contains(&id) {
            return Err(WrapError::Twice { id });
        }
        ids.push(id);
        let envelope = kem::wrap(recipient, &key, randomness).map_err(broken)?;
        let length = u16::try_from(envelope.len()).map_err(|_| WrapError::Cryptography)?;
        sealed.extend(id.as_bytes());
        sealed.extend(length.to_be_bytes());
        sealed.extend(envelope);
    }
    let commitment = commitment(&key, &sealed);
    sealed.extend(commitment);
    let body = content_key(&key)?
        .seal(fresh::<NONCE_LEN>(randomness), &bound(&sealed, aad), plaintext)
        .map_err(broken)?;
    sealed.extend(body);
    Ok(sealed)
}

/// Opens a box with the key of one of its receivers and the associated data it was sealed with.
///
/// # Errors
/// [`WrapError::NotABox`], [`WrapError::NotForThisKey`], [`WrapError::Changed`], [`WrapError::Cryptography`].
pub fn open_box(key: &OpenKey, aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, WrapError> {
    if sealed.len() > PLAINTEXT_BYTES_MAX + RECIPIENTS_MAX * (usize::from(u16::MAX) + KEY_ID_LEN + 2) {
        return Err(WrapError::NotABox);
    }
    let id = key.public().id();
    let parts = Parts::read(sealed).ok_or(WrapError::NotABox)?;
    let mine = parts.envelopes.iter().find(|(for_id, _)| *for_id == id.as_bytes());
    let (_, envelope) = mine.ok_or(WrapError::NotForThisKey { id })?;
    let box_key = kem::unwrap(key, envelope).ok_or(WrapError::Changed)?;
    if !same(&commitment(&box_key, parts.stanzas), parts.commitment) {
        return Err(WrapError::Changed);
    }
    content_key(&box_key)?.open(&bound(parts.header, aad), parts.body).ok_or(WrapError::Changed)
}

/// A box taken apart; nothing is judged.
struct Parts<'a> {
    /// From the first byte to the commitment.
    stanzas: &'a [u8],
    envelopes: Vec<(&'a [u8; KEY_ID_LEN], &'a [u8])>,
    commitment: &'a [u8],
    /// The stanzas with the commitment.
    header: &'a [u8],
    body: &'a [u8],
}

impl<'a> Parts<'a> {
    fn read(sealed: &'a [u8]) -> Option<Self> {
        let (count, mut rest) = sealed.strip_prefix(MAGIC)?.split_first()?;
        if !(1..=RECIPIENTS_MAX).contains(&usize::from(*count)) {
            return None;
        }
        let mut envelopes: Vec<(&[u8; KEY_ID_LEN], &[u8])> = Vec::new();
        for _ in 0..*count {
            let (id, after) = rest.split_first_chunk::<KEY_ID_LEN>()?;
            let (length, after) = after.split_first_chunk::<2>()?;
            let (envelope, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
            if envelopes.iter().any(|(other, _)| *other == id) {
                return None;
            }
            envelopes.push((id, envelope));
            rest = after;
        }
        let stanzas = sealed.get(..sealed.len().checked_sub(rest.len())?)?;
        let (commitment, body) = rest.split_at_checked(COMMITMENT_LEN)?;
        let header = sealed.get(..stanzas.len() + COMMITMENT_LEN)?;
        (body.len() >= OVERHEAD).then_some(Self { stanzas, envelopes, commitment, header, body })
    }
}

/// Binds the box key to the receivers it was wrapped for.
fn commitment(key: &Secret, stanzas: &[u8]) -> [u8; COMMITMENT_LEN] {
    let mut out = [0; COMMITMENT_LEN];
    out.copy_from_slice(key.hmac(&[b"tearline-box/1 commitment\n", stanzas]).as_ref());
    out
}

/// The key of the content, apart from the one that the commitment is made with.
fn content_key(key: &Secret) -> Result<Secret, WrapError> {
    Secret::from_slice(key.hmac(&[b"tearline-box/1 content\n"]).as_ref()).ok_or(WrapError::Cryptography)
}

/// What the content is bound to: the header behind its length, so that no byte can move between the two.
fn bound(header: &[u8], aad: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_be_bytes(), header, aad].concat()
}
