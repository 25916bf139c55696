//! Where a package is read from: bytes by their places, as often and by as many threads as it takes.

use std::io::{self, Read};

use ledger::Digest;

use crate::crypto::Hasher;

/// What is hashed at once.
const CHUNK_BYTES: usize = 256 * 1024;

/// Bytes that can be read at any place. The shell has files of this kind; a byte string in memory is one.
///
/// Whatever is read twice may be another the second time, if somebody changes a file meanwhile: those who read rely on what they
/// verified, never on having read it before.
pub trait Source: Sync {
    /// How many bytes there are.
    fn bytes(&self) -> u64;

    /// Fills `out` with the bytes from `offset` on.
    ///
    /// # Errors
    /// [`io::ErrorKind::UnexpectedEof`] when there are fewer, and whatever reading comes to.
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()>;
}

impl Source for &[u8] {
    fn bytes(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let from = usize::try_from(offset).ok().and_then(|offset| self.get(offset..));
        let found = from.and_then(|rest| rest.get(..out.len())).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(found);
        Ok(())
    }
}

/// The digest of all that a reader gives: that of a package, by which acts name it, or of a content as [`crate::content::Packed`] gives it.
///
/// # Errors
/// Whatever reading comes to.
pub fn digest_of(reader: &mut dyn Read) -> io::Result<Digest> {
    let (mut hasher, mut chunk) = (Hasher::new(), vec![0; CHUNK_BYTES]);
    loop {
        match reader.read(&mut chunk)? {
            0 => return Ok(hasher.finish()),
            here => hasher.update(chunk.get(..here).unwrap_or_default()),
        }
    }
}

/// All of a part, in a vector.
pub(crate) fn read_part(source: &dyn Source, offset: u64, bytes: usize) -> io::Result<Vec<u8>> {
    let mut out = vec![0; bytes];
    source.read_at(offset, &mut out)?;
    Ok(out)
}
