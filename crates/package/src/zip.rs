//! A zip archive in one spelling: stored members, fixed times, no extra fields, no comments, nothing between or after.
//!
//! Any zip program reads it. Reading here is the other way round from usual: members are found from the front, then the archive is
//! written again from them and compared, so that *every* byte of a file is accounted for. General zip readers find members from
//! the end and skip what they do not know, which is where changed and hidden bytes live.
//!
//! # Source
//! APPNOTE.TXT 6.3.10, sections 4.3.7 (local header), 4.3.9 (descriptor), 4.3.12 (directory), 4.3.16 (end record).

/// Signature of a local header.
const LOCAL: &[u8; 4] = b"PK\x03\x04";
/// Signature of a directory entry.
const DIRECTORY: &[u8; 4] = b"PK\x01\x02";
/// Signature of the end record.
const END: &[u8; 4] = b"PK\x05\x06";
/// Signature of a descriptor.
const DESCRIPTOR: &[u8; 4] = b"PK\x07\x08";
/// Length of a local header without its name.
pub(crate) const LOCAL_LEN: usize = 30;
/// Length of a directory entry without its name.
pub(crate) const DIRECTORY_LEN: usize = 46;
/// Length of the end record.
pub(crate) const END_LEN: usize = 22;
/// Length of a descriptor.
pub(crate) const DESCRIPTOR_LEN: usize = 16;
/// Version 2.0 of the format, by a program for MS-DOS file attributes: what the least demanding readers expect.
const VERSION: u16 = 20;
/// 1 January 1980, the earliest date of the format: a time of day would make two archives of one content.
const DATE: u16 = 0x0021;

/// Most members of an archive.
pub(crate) const MEMBERS_MAX: usize = 1_024;
/// Longest name in bytes.
pub(crate) const NAME_BYTES_MAX: usize = 200;
/// Longest archive: offsets have 32 bits, and the value with all of them set means "look elsewhere" (APPNOTE, section 4.4.8).
pub(crate) const ARCHIVE_BYTES_MAX: u64 = u32::MAX as u64 - 1;

/// A member: name and content.
pub(crate) type Member<'a> = (&'a str, &'a [u8]);

/// Why bytes are not an archive in its one spelling.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ZipError {
    #[error("the archive is longer than {ARCHIVE_BYTES_MAX} bytes or has more than {MEMBERS_MAX} members")]
    TooLarge,
    #[error("no member or directory starts at byte {offset}")]
    Structure { offset: usize },
    #[error("the header of a member at byte {offset} is not plain: {field}")]
    Header { offset: usize, field: &'static str },
    #[error("the checksum of `{name}` does not fit its content")]
    Checksum { name: String },
    #[error("byte {offset}, in {region}, is not what a package has there")]
    Byte { offset: usize, region: String },
    #[error("{found} bytes where the archive has {expected}")]
    Length { expected: usize, found: usize },
}

/// Members of an archive and, when it is readable but not in its one spelling, what is wrong with it.
#[derive(Debug)]
pub(crate) struct Read<'a> {
    pub(crate) members: Vec<Member<'a>>,
    pub(crate) fault: Option<ZipError>,
}

/// What an archive says of a member's content beside its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) checksum: u32,
    pub(crate) bytes: u32,
}

impl Facts {
    /// Of nothing.
    pub(crate) const NONE: Self = Self { checksum: 0, bytes: 0 };

    /// `None` for more bytes than an archive may have.
    pub(crate) fn new(checksum: u32, bytes: u64) -> Option<Self> {
        let bytes = u32::try_from(bytes).ok().filter(|bytes| u64::from(*bytes) <= ARCHIVE_BYTES_MAX)?;
        Some(Self { checksum, bytes })
    }

    /// `None` for more bytes than an archive may have.
    pub(crate) fn of(content: &[u8]) -> Option<Self> {
        Self::new(crc32(content), content.len() as u64)
    }
}

/// Where the checksum and the sizes of a member stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In its local header.
    Before,
    /// In a descriptor behind its content, because they are not known when the header is written (APPNOTE, section 4.3.9).
    Behind,
}

impl Place {
    /// General purpose flags: bit 3 for a descriptor (APPNOTE, section 4.4.4).
    fn flags(self) -> u16 {
        match self {
            Self::Before => 0,
            Self::Behind => 1 << 3,
        }
    }
}

/// The local header of a member.
pub(crate) fn local_header(name: &str, facts: Facts, place: Place) -> Vec<u8> {
    let said = match place {
        Place::Before => facts,
        Place::Behind => Facts::NONE,
    };
    [LOCAL.as_slice(), &common(name, said, place), name.as_bytes()].concat()
}

/// What stands behind the content of a member with [`Place::Behind`].
pub(crate) fn descriptor(facts: Facts) -> [u8; DESCRIPTOR_LEN] {
    let mut out = [0; DESCRIPTOR_LEN];
    let parts =
        [*DESCRIPTOR, facts.checksum.to_le_bytes(), facts.bytes.to_le_bytes(), facts.bytes.to_le_bytes()];
    out.chunks_exact_mut(4).zip(parts).for_each(|(four, part)| four.copy_from_slice(&part));
    out
}

/// The directory entry of a member whose local header starts at `offset`.
pub(crate) fn directory_entry(name: &str, facts: Facts, place: Place, offset: u32) -> Vec<u8> {
    let mut out = Vec::with_capacity(DIRECTORY_LEN + name.len());
    out.extend(DIRECTORY);
    out.extend(VERSION.to_le_bytes());
    out.extend(common(name, facts, place));
    // Comment length, disk, internal attributes (2 bytes each), external attributes (4).
    out.extend([0; 10]);
    out.extend(offset.to_le_bytes());
    out.extend(name.as_bytes());
    out
}

/// The end record of an archive whose directory starts at `start`.
pub(crate) fn end_record(members: usize, directory_bytes: u32, start: u32) -> [u8; END_LEN] {
    let mut out = [0; END_LEN];
    // INVARIANT: below `MEMBERS_MAX`, which the callers check. Between the fields: this disk, the disk of the directory, and at the
    // end the length of the comment, all zero.
    let members = (members as u16).to_le_bytes();
    let fields: [(usize, &[u8]); 5] = [
        (0, END),
        (8, &members),
        (10, &members),
        (12, &directory_bytes.to_le_bytes()),
        (16, &start.to_le_bytes()),
    ];
    for (at, bytes) in fields {
        out.iter_mut().skip(at).zip(bytes).for_each(|(to, from)| *to = *from);
    }
    out
}

/// The directory and end record of members whose local headers stand one behind the other from the beginning.
///
/// # Errors
/// [`ZipError::TooLarge`].
pub(crate) fn directory(members: &[(&str, Facts)]) -> Result<Vec<u8>, ZipError> {
    let mut out = Vec::new();
    let mut offset = 0_u64;
    for (name, facts) in members {
        out.extend(directory_entry(name, *facts, Place::Before, offset_of(offset)?));
        offset += (LOCAL_LEN + name.len()) as u64 + u64::from(facts.bytes);
    }
    let (start, length) = (offset_of(offset)?, offset_of(out.len() as u64)?);
    offset_of(offset + (out.len() + END_LEN) as u64)?;
    out.extend(end_record(members.len(), length, start));
    Ok(out)
}

fn offset_of(offset: u64) -> Result<u32, ZipError> {
    let fits = u32::try_from(offset).ok().filter(|_| offset <= ARCHIVE_BYTES_MAX);
    fits.ok_or(ZipError::TooLarge)
}

/// Writes an archive. Same members, same bytes.
///
/// # Errors
/// [`ZipError::TooLarge`], or [`ZipError::Header`] for a name that is empty or too long.
pub(crate) fn write(members: &[Member<'_>]) -> Result<Vec<u8>, ZipError> {
    let content = members.iter().map(|(name, bytes)| bytes.len() + 2 * name.len() + 128).sum::<usize>();
    if members.len() > MEMBERS_MAX || content as u64 > ARCHIVE_BYTES_MAX {
        return Err(ZipError::TooLarge);
    }
    let mut archive = Vec::with_capacity(content);
    let mut listed = Vec::with_capacity(members.len());
    for (name, bytes) in members {
        if name.is_empty() || name.len() > NAME_BYTES_MAX {
            return Err(ZipError::Header { offset: archive.len(), field: "length of the name" });
        }
        let facts = Facts::of(bytes).ok_or(ZipError::TooLarge)?;
        archive.extend(local_header(name, facts, Place::Before));
        archive.extend(*bytes);
        listed.push((*name, facts));
    }
    archive.extend(directory(&listed)?);
    Ok(archive)
}

/// Reads an archive. [`Read::fault`] is none exactly when [`write()`] would give the same bytes.
///
/// # Errors
/// [`ZipError`] when no members can be told apart.
pub(crate) fn read(archive: &[u8]) -> Result<Read<'_>, ZipError> {
    if archive.len() as u64 > ARCHIVE_BYTES_MAX {
        return Err(ZipError::TooLarge);
    }
    let mut members = Vec::new();
    let mut fault = None;
    let mut offset = 0;
    loop {
        let rest = archive.get(offset..).ok_or(ZipError::Structure { offset })?;
        if rest.starts_with(DIRECTORY) || rest.starts_with(END) {
            break;
        }
        if members.len() >= MEMBERS_MAX {
            return Err(ZipError::TooLarge);
        }
        let (name, bytes, checksum) = member(rest, offset)?;
        if checksum != crc32(bytes) {
            fault = fault.or(Some(ZipError::Checksum { name: name.to_owned() }));
        }
        offset += LOCAL_LEN + name.len() + bytes.len();
        members.push((name, bytes));
    }
    let expected = write(&members)?;
    let fault = fault.or_else(|| difference(&expected, archive, &members));
    Ok(Read { members, fault })
}

/// Version needed, flags, method, time, date, checksum, two sizes, length of the name, length of extra fields.
fn common(name: &str, facts: Facts, place: Place) -> [u8; 26] {
    let mut out = [0; 26];
    // Method 0, stored; midnight. INVARIANT: names are at most `NAME_BYTES_MAX` long, which the callers check.
    let fields: [(usize, &[u8]); 7] = [
        (0, &VERSION.to_le_bytes()),
        (2, &place.flags().to_le_bytes()),
        (8, &DATE.to_le_bytes()),
        (10, &facts.checksum.to_le_bytes()),
        (14, &facts.bytes.to_le_bytes()),
        (18, &facts.bytes.to_le_bytes()),
        (22, &(name.len() as u16).to_le_bytes()),
    ];
    for (at, bytes) in fields {
        out.iter_mut().skip(at).zip(bytes).for_each(|(to, from)| *to = *from);
    }
    out
}

/// The member whose local header starts `rest`: name, content, checksum as written.
fn member(rest: &[u8], offset: usize) -> Result<(&str, &[u8], u32), ZipError> {
    let structure = ZipError::Structure { offset };
    let refuse = |field| ZipError::Header { offset, field };
    let (header, after) = rest.split_first_chunk::<LOCAL_LEN>().ok_or_else(|| structure.clone())?;
    let half = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
    let word = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    if !header.starts_with(LOCAL) {
        return Err(structure);
    }
    // Only what is needed to find the next member; all else is found by writing the archive again.
    let (compressed, size) = (word(18), word(22));
    if compressed != size {
        return Err(refuse("sizes differ"));
    }
    let name_length = usize::from(half(26));
    if name_length == 0 || name_length > NAME_BYTES_MAX {
        return Err(refuse("length of the name"));
    }
    if half(28) != 0 {
        return Err(refuse("extra fields"));
    }
    let (name, after) = after.split_at_checked(name_length).ok_or_else(|| structure.clone())?;
    let name = str::from_utf8(name).map_err(|_| refuse("name is not UTF-8"))?;
    let size = usize::try_from(size).map_err(|_| structure.clone())?;
    let (bytes, _) = after.split_at_checked(size).ok_or(structure)?;
    Ok((name, bytes, word(14)))
}

/// The first difference between what should be there and what is.
fn difference(expected: &[u8], found: &[u8], members: &[Member<'_>]) -> Option<ZipError> {
    match expected.iter().zip(found).position(|(a, b)| a != b) {
        Some(offset) => Some(ZipError::Byte { offset, region: region(offset, members) }),
        None if expected.len() != found.len() => {
            Some(ZipError::Length { expected: expected.len(), found: found.len() })
        }
        None => None,
    }
}

/// Where in the archive of these members a byte stands, in words.
fn region(offset: usize, members: &[Member<'_>]) -> String {
    let mut end = 0;
    for (name, bytes) in members {
        end += LOCAL_LEN + name.len();
        if offset < end {
            return format!("the header of `{name}`");
        }
        end += bytes.len();
        if offset < end {
            return format!("the content of `{name}`");
        }
    }
    for (name, _) in members {
        // A directory entry is 16 bytes longer than a local header.
        end += LOCAL_LEN + 16 + name.len();
        if offset < end {
            return format!("the directory entry of `{name}`");
        }
    }
    "the end record".to_owned()
}

/// CRC-32 as of ISO 3309 (APPNOTE, section 4.4.7). Finds accidents; attacks are found by digests and signatures.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    crc32fast::hash(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read as _};

    use proptest::prelude::*;

    use super::*;

    const MEMBERS: &[Member<'_>] = &[("0.payload", b"payload"), ("empty", b""), ("a/b.txt", b"text")];

    #[test]
    fn the_checksum_is_the_published_one() {
        // The check value of CRC-32/ISO-HDLC.
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn another_implementation_reads_it() {
        let bytes = write(MEMBERS).unwrap();
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        assert_eq!(archive.len(), MEMBERS.len());
        for (n, (name, content)) in MEMBERS.iter().enumerate() {
            let mut file = archive.by_index(n).unwrap();
            let mut read = Vec::new();
            file.read_to_end(&mut read).unwrap();
            assert_eq!((file.name().unwrap().as_ref(), read.as_slice()), (*name, *content));
        }
    }

    #[test]
    fn every_changed_bit_and_every_cut_is_found() {
        let bytes = write(MEMBERS).unwrap();
        assert_eq!(read(&bytes).unwrap().members, MEMBERS);
        assert_eq!(read(&bytes).unwrap().fault, None);
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << bit;
                assert!(read(&changed).map_or_else(Some, |r| r.fault).is_some(), "byte {at}, bit {bit}");
            }
            assert!(read(&bytes[..at]).map_or_else(Some, |r| r.fault).is_some(), "cut at {at}");
        }
        let longer = [bytes.as_slice(), b"x"].concat();
        let fault = read(&longer).unwrap().fault.unwrap();
        assert_eq!(fault, ZipError::Length { expected: bytes.len(), found: bytes.len() + 1 });
    }

    #[test]
    fn faults_are_named() {
        let bytes = write(MEMBERS).unwrap();
        let fault = |at: usize| {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            read(&changed).map_or_else(Some, |r| r.fault).unwrap().to_string()
        };
        assert_eq!(fault(0), "no member or directory starts at byte 0");
        assert_eq!(fault(11), "byte 11, in the header of `0.payload`, is not what a package has there");
        assert_eq!(fault(40), "the checksum of `0.payload` does not fit its content");
        assert_eq!(fault(22), "the header of a member at byte 0 is not plain: sizes differ");
        assert_eq!(
            fault(bytes.len() - 1),
            format!("byte {}, in the end record, is not what a package has there", bytes.len() - 1)
        );
        let directory = bytes.len() - 22 - 46 - 7 + 8;
        assert!(fault(directory).contains("the directory entry of `a/b.txt`"), "{}", fault(directory));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), start in 0_usize..3) {
            let heads: [&[u8]; 3] = [b"", LOCAL, DIRECTORY];
            let _ = read(&[heads[start], &bytes].concat());
        }
    }
}
