//! One pass over a file: its digest, that of its prefix, the payload's checksum. What is hashed is read while the part before it is.

use std::{io, ops::Range};

use ledger::Digest;

use crate::{cores::Cores, crypto::Hasher, layout::Layout, source::Source};

/// What is read at once.
const CHUNK_BYTES: usize = 1024 * 1024;

/// What the pass comes to.
pub(super) struct Sums {
    pub(super) file: Digest,
    pub(super) prefix: Digest,
    pub(super) payload: u32,
}

/// Sums over a file; without a layout it has no prefix and no payload to tell apart.
pub(super) fn sums(source: &dyn Source, layout: Option<&Layout>, cores: &dyn Cores) -> io::Result<Sums> {
    let payload = layout.and_then(|layout| layout.members.first());
    let payload = payload.map_or(0..0, |span| span.offset..span.offset + u64::from(span.facts.bytes));
    let mut reader = Reader { source, offset: 0, payload, checksum: crc32fast::Hasher::new() };
    let (mut hasher, mut prefix) = (Hasher::new(), None);
    let end = layout.map_or(0, |layout| layout.prefix);
    let [mut now, mut next] = [Vec::new(), Vec::new()];
    let mut hashed = 0_u64;
    reader.fill(&mut now)?;
    while !now.is_empty() {
        let mut read = Ok(());
        cores.both(&mut || read = reader.fill(&mut next), &mut || {
            // The prefix ends within a chunk: its digest is taken there.
            let within = end.checked_sub(hashed).and_then(|left| usize::try_from(left).ok());
            let here = within.filter(|_| prefix.is_none()).and_then(|left| now.split_at_checked(left));
            let (before, after) = here.unwrap_or((&[], &now));
            hasher.update(before);
            if here.is_some() {
                prefix = Some(hasher.clone());
            }
            hasher.update(after);
            hashed += now.len() as u64;
        });
        read?;
        std::mem::swap(&mut now, &mut next);
    }
    let prefix = prefix.unwrap_or_else(Hasher::new).finish();
    Ok(Sums { file: hasher.finish(), prefix, payload: reader.checksum.finalize() })
}

struct Reader<'a> {
    source: &'a dyn Source,
    offset: u64,
    payload: Range<u64>,
    checksum: crc32fast::Hasher,
}

impl Reader<'_> {
    /// The next chunk; an empty one at the end.
    fn fill(&mut self, chunk: &mut Vec<u8>) -> io::Result<()> {
        let left = self.source.bytes().saturating_sub(self.offset);
        chunk.resize(usize::try_from(left).map_or(CHUNK_BYTES, |left| left.min(CHUNK_BYTES)), 0);
        self.source.read_at(self.offset, chunk)?;
        let end = self.offset + chunk.len() as u64;
        let within =
            |place: u64| usize::try_from(place.clamp(self.offset, end) - self.offset).unwrap_or(chunk.len());
        let payload = chunk.get(within(self.payload.start)..within(self.payload.end));
        self.checksum.update(payload.unwrap_or_default());
        self.offset = end;
        Ok(())
    }
}
