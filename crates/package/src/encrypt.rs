//! The payload, encrypted as it streams by.
//!
//! Rounds of a few segments: while one round is read and its plaintext hashed, the one before is encrypted where it stands, hashed and
//! written. Memory is two rounds, whatever the length of the content; the two halves of a round run at once where [`Cores`] has two.
//! The ciphertext is hashed once: its digest is that of the prefix, which the digest of the whole file goes on from.

use std::io::{self, Read, Write};

use ledger::{Digest, Randomness};
use zeroize::Zeroizing;

use crate::{
    access::ContentKey,
    content::STREAM_BYTES_MAX,
    cores::Cores,
    crypto::{Broken, Hasher, NONCE_LEN, OVERHEAD, SegmentKey, fresh},
    manifest::{SEGMENT_BYTES, Segment},
    zip::Facts,
};

/// Segments of a round: long enough that starting a thread for it costs nothing.
const ROUND_SEGMENTS: usize = 4;

/// Why a payload cannot be made.
#[derive(Debug)]
pub(crate) enum EncryptError {
    /// Content that cannot be read, or payload that cannot be written.
    Io(io::Error),
    /// More than a package may hold.
    TooLarge,
    /// The provider failed.
    Broken,
}

impl From<io::Error> for EncryptError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Broken> for EncryptError {
    fn from(Broken: Broken) -> Self {
        Self::Broken
    }
}

/// What is known of a payload once it is written.
pub(crate) struct Encrypted {
    pub(crate) key: ContentKey,
    pub(crate) segments: Vec<Segment>,
    pub(crate) facts: Facts,
    /// Digest of the plaintext.
    pub(crate) content: Digest,
    /// Everything written so far, what was hashed before the payload included.
    pub(crate) hasher: Hasher,
}

/// Encrypts all that `plain` gives and writes it; `hasher` has seen what stands before it.
pub(crate) fn encrypt(
    plain: &mut (dyn Read + Send),
    out: &mut (dyn Write + Send),
    hasher: Hasher,
    cores: &dyn Cores,
    randomness: &mut dyn Randomness,
) -> Result<Encrypted, EncryptError> {
    let key = ContentKey::generate(randomness);
    let mut plain = Plain { reader: plain, hasher: Hasher::new(), bytes: 0 };
    let checksum = crc32fast::Hasher::new();
    let mut sealed = Writer { key: key.secret().segments()?, out, hasher, checksum, segments: Vec::new() };
    let [mut now, mut next] = [(); 2].map(|()| Zeroizing::new(Vec::new()));
    plain.fill(&mut now)?;
    while !now.is_empty() {
        // At most 4,096 random nonces under one key: far below the 2^32 of NIST SP 800-38D, section 8.3.
        let nonces = [(); ROUND_SEGMENTS].map(|()| fresh::<NONCE_LEN>(randomness));
        let (mut read, mut written) = (Ok(()), Ok(()));
        cores.both(&mut || read = plain.fill(&mut next), &mut || written = sealed.round(&mut now, &nonces));
        read?;
        written?;
        std::mem::swap(&mut now, &mut next);
    }
    let bytes = plain.bytes + (sealed.segments.len() * OVERHEAD) as u64;
    let facts = Facts::new(sealed.checksum.finalize(), bytes).ok_or(EncryptError::TooLarge)?;
    let (segments, hasher) = (sealed.segments, sealed.hasher);
    Ok(Encrypted { key, segments, facts, content: plain.hasher.finish(), hasher })
}

struct Plain<'a> {
    reader: &'a mut (dyn Read + Send),
    hasher: Hasher,
    bytes: u64,
}

impl Plain<'_> {
    /// The next round; an empty one at the end.
    fn fill(&mut self, round: &mut Vec<u8>) -> Result<(), EncryptError> {
        // INVARIANT: never longer than at first, so that no copy of the plaintext is left in freed memory.
        round.resize(ROUND_SEGMENTS * SEGMENT_BYTES, 0);
        let mut filled = 0;
        while let Some(room) = round.get_mut(filled..).filter(|room| !room.is_empty()) {
            match self.reader.read(room) {
                Ok(0) => break,
                Ok(here) => filled += here,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        round.truncate(filled);
        self.bytes += filled as u64;
        if self.bytes > STREAM_BYTES_MAX {
            return Err(EncryptError::TooLarge);
        }
        self.hasher.update(round);
        Ok(())
    }
}

struct Writer<'a> {
    key: SegmentKey,
    out: &'a mut (dyn Write + Send),
    hasher: Hasher,
    checksum: crc32fast::Hasher,
    segments: Vec<Segment>,
}

impl Writer<'_> {
    fn round(&mut self, round: &mut [u8], nonces: &[[u8; NONCE_LEN]]) -> Result<(), EncryptError> {
        for (segment, nonce) in round.chunks_mut(SEGMENT_BYTES).zip(nonces) {
            let tag = self.key.seal(*nonce, segment)?;
            for part in [nonce, &*segment, &tag] {
                self.hasher.update(part);
                self.checksum.update(part);
                self.out.write_all(part)?;
            }
            self.segments.push(Segment { plain_bytes: segment.len(), tag });
        }
        Ok(())
    }
}
