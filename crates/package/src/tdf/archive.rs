//! The zip archives of other people's clients: members by the directory, checked against their own headers.
//!
//! Unlike [`crate::zip`], which knows one spelling, this reads what clients write: data descriptors, ZIP64 fields, a compressed
//! manifest. What could be read in two ways is refused: names twice, members that overlap or differ from their directory entry,
//! bytes after the end record, several disks.
//!
//! # Source
//! APPNOTE.TXT 6.3.10, sections 4.3.7 (local header), 4.3.12 (directory), 4.3.14 and 4.3.15 (ZIP64 end record and its locator),
//! 4.3.16 (end record), 4.5.3 (ZIP64 extra field); RFC 1951 (deflate).

use std::{
    collections::BTreeSet,
    io::{Read, Seek, SeekFrom},
};

use flate2::{Crc, read::DeflateDecoder};

use super::TdfError;

const LOCAL: &[u8; 4] = b"PK\x03\x04";
const DIRECTORY: &[u8; 4] = b"PK\x01\x02";
const END: &[u8; 4] = b"PK\x05\x06";
const END_64: &[u8; 4] = b"PK\x06\x06";
const LOCATOR_64: &[u8; 4] = b"PK\x06\x07";

const LOCAL_LEN: usize = 30;
const END_LEN: usize = 22;
const END_64_LEN: usize = 56;
const LOCATOR_64_LEN: usize = 20;
/// Longest comment: its length has 16 bits.
const COMMENT_MAX: usize = u16::MAX as usize;

/// Most members: files have two, packages of ours six.
const MEMBERS_MAX: u64 = 64;
/// Longest directory.
const DIRECTORY_BYTES_MAX: u64 = 128 * 1024;

/// Flag: the member is encrypted by the archive's own means.
const FLAG_ENCRYPTED: u16 = 1;
/// Flag: checksum and sizes stand behind the member instead of in its header.
const FLAG_DESCRIPTOR: u16 = 1 << 3;
/// Flags that change nothing here: how hard the compressor tried, and that names are UTF-8.
const FLAGS_HARMLESS: u16 = 1 << 1 | 1 << 2 | 1 << 11;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// Id of the extra field with sizes and offset in 64 bits.
const EXTRA_64: u16 = 1;
/// A size or offset that is in the extra field instead.
const ELSEWHERE: u64 = u32::MAX as u64;

/// Where bytes stand in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    start: u64,
    length: u64,
}

impl Extent {
    /// Offset of the first byte.
    pub(super) fn start(self) -> u64 {
        self.start
    }

    /// Number of bytes.
    pub(super) fn length(self) -> u64 {
        self.length
    }
}

/// A member as the directory has it.
#[derive(Debug)]
pub(super) struct Member {
    name: String,
    flags: u16,
    method: u16,
    checksum: u32,
    compressed: u64,
    size: u64,
    offset: u64,
}

/// The directory of an archive.
#[derive(Debug)]
pub(super) struct Archive {
    members: Vec<Member>,
    /// Where the directory starts: no member reaches past it.
    directory: u64,
}

fn refuse<T>(detail: &'static str) -> Result<T, TdfError> {
    Err(TdfError::Archive { detail })
}

impl Archive {
    /// # Errors
    /// [`TdfError::Archive`], [`TdfError::Io`].
    pub(super) fn read<R: Read + Seek>(source: &mut R) -> Result<Self, TdfError> {
        let end = End::read(source)?;
        if end.members > MEMBERS_MAX || end.size > DIRECTORY_BYTES_MAX {
            return refuse("more members than an OpenTDF file has");
        }
        if end.offset.checked_add(end.size) != Some(end.at) {
            return refuse("the directory does not end where the end record starts");
        }
        let directory = bytes_at(source, end.offset, end.size)?;
        let mut rest = Fields(&directory);
        let mut members = Vec::new();
        for _ in 0..end.members {
            members.push(Member::read(&mut rest)?);
        }
        if !rest.0.is_empty() {
            return refuse("the directory is longer than its members");
        }
        let names = members.iter().map(|m| m.name.as_str()).collect::<BTreeSet<_>>();
        if names.len() != members.len() {
            return refuse("two members have one name");
        }
        let archive = Self { members, directory: end.offset };
        archive.check_apart()?;
        Ok(archive)
    }

    /// The member of a name.
    pub(super) fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }

    /// All names, in the order of the directory.
    pub(super) fn into_names(self) -> Vec<String> {
        self.members.into_iter().map(|member| member.name).collect()
    }

    /// Where the bytes of a member stand, which must be stored as they are.
    ///
    /// # Errors
    /// [`TdfError::Archive`], [`TdfError::Io`].
    pub(super) fn stored<R: Read + Seek>(&self, source: &mut R, member: &Member) -> Result<Extent, TdfError> {
        if member.method != STORED || member.compressed != member.size {
            return refuse("the payload is compressed");
        }
        self.extent(source, member)
    }

    /// The content of a small member, stored or deflated.
    ///
    /// # Errors
    /// [`TdfError::Archive`], [`TdfError::Io`].
    pub(super) fn content<R: Read + Seek>(
        &self,
        source: &mut R,
        member: &Member,
        most: usize,
    ) -> Result<Vec<u8>, TdfError> {
        let extent = self.extent(source, member)?;
        let most = most as u64;
        if extent.length > most || member.size > most {
            return refuse("a member is longer than it may be");
        }
        let bytes = bytes_at(source, extent.start, extent.length)?;
        let content = match member.method {
            STORED => bytes,
            DEFLATED => inflated(&bytes, member.size)?,
            _ => return refuse("a member is compressed in a way that is not read here"),
        };
        let mut checksum = Crc::new();
        checksum.update(&content);
        if content.len() as u64 != member.size || checksum.sum() != member.checksum {
            return refuse("the checksum of a member does not fit its content");
        }
        Ok(content)
    }

    /// Where the bytes of a member stand, after its own header was found to say the same as the directory.
    fn extent<R: Read + Seek>(&self, source: &mut R, member: &Member) -> Result<Extent, TdfError> {
        let header = bytes_at(source, member.offset, LOCAL_LEN as u64)?;
        let mut fields = Fields(&header);
        fields.signature(LOCAL)?;
        let _version = fields.half()?;
        let (flags, method) = (fields.half()?, fields.half()?);
        let _time_and_date = fields.word()?;
        let (checksum, compressed, size) = (fields.word()?, fields.word()?, fields.word()?);
        let (name_length, extra_length) = (fields.half()?, fields.half()?);
        let start = member.offset + LOCAL_LEN as u64;
        let name = bytes_at(source, start, u64::from(name_length))?;
        // ZIP64 writers put the marker into the header of members that turn out short as well.
        let agrees = |here: u32, there: u64| u64::from(here) == there || u64::from(here) == ELSEWHERE;
        let sizes = agrees(compressed, member.compressed) && agrees(size, member.size);
        let described = flags & FLAG_DESCRIPTOR != 0;
        if name != member.name.as_bytes()
            || (flags, method) != (member.flags, member.method)
            || !(described || (sizes && u64::from(checksum) == u64::from(member.checksum)))
        {
            return refuse("a member's header differs from its directory entry");
        }
        let start = start + u64::from(name_length) + u64::from(extra_length);
        match start.checked_add(member.compressed) {
            Some(end) if end <= self.directory => Ok(Extent { start, length: member.compressed }),
            _ => refuse("a member reaches into the directory"),
        }
    }

    /// Members overlap in no byte, as far as the directory tells: each starts after the last one's content must have ended.
    fn check_apart(&self) -> Result<(), TdfError> {
        let mut places = self.members.iter().map(|m| (m.offset, m)).collect::<Vec<_>>();
        places.sort_unstable_by_key(|(offset, _)| *offset);
        let mut free = 0;
        for (offset, member) in places {
            let header = (LOCAL_LEN + member.name.len()) as u64;
            let end = offset.checked_add(header).and_then(|start| start.checked_add(member.compressed));
            match end {
                Some(end) if offset >= free && end <= self.directory => free = end,
                _ => return refuse("members overlap"),
            }
        }
        Ok(())
    }
}

impl Member {
    fn read(rest: &mut Fields<'_>) -> Result<Self, TdfError> {
        rest.signature(DIRECTORY)?;
        let _versions = rest.word()?;
        let (flags, method) = (rest.half()?, rest.half()?);
        let _time_and_date = rest.word()?;
        let checksum = rest.word()?;
        let (mut compressed, mut size) = (u64::from(rest.word()?), u64::from(rest.word()?));
        let (name, extra, comment) = (rest.half()?, rest.half()?, rest.half()?);
        let disk = rest.half()?;
        let _attributes = rest.take(6)?;
        let mut offset = u64::from(rest.word()?);
        let name = rest.take(usize::from(name))?;
        let extra = rest.take(usize::from(extra))?;
        rest.take(usize::from(comment))?;
        let name = str::from_utf8(name).ok().filter(|name| !name.is_empty());
        let Some(name) = name else { return refuse("a name is not UTF-8") };
        if flags & FLAG_ENCRYPTED != 0 || flags & !(FLAG_DESCRIPTOR | FLAGS_HARMLESS) != 0 || disk != 0 {
            return refuse("a member is encrypted, patched or on another disk");
        }
        widen(extra, [&mut size, &mut compressed, &mut offset])?;
        Ok(Self { name: name.to_owned(), flags, method, checksum, compressed, size, offset })
    }
}

/// Takes the numbers that are marked as elsewhere from the ZIP64 extra field, in its order.
fn widen(extra: &[u8], numbers: [&mut u64; 3]) -> Result<(), TdfError> {
    let mut fields = Fields(extra);
    let mut wide = None;
    while !fields.0.is_empty() {
        let (id, length) = (fields.half()?, fields.half()?);
        let bytes = fields.take(usize::from(length))?;
        if id == EXTRA_64 && wide.replace(Fields(bytes)).is_some() {
            return refuse("a member has two ZIP64 fields");
        }
    }
    for number in numbers.into_iter().filter(|number| **number == ELSEWHERE) {
        match &mut wide {
            Some(wide) => *number = wide.long()?,
            None => return refuse("a size or offset is missing"),
        }
    }
    Ok(())
}

/// What the end record says, in either width.
struct End {
    /// Where the first of the end records starts.
    at: u64,
    members: u64,
    size: u64,
    offset: u64,
}

impl End {
    fn read<R: Read + Seek>(source: &mut R) -> Result<Self, TdfError> {
        let length = source.seek(SeekFrom::End(0))?;
        let tail = length.min((END_LEN + COMMENT_MAX) as u64);
        let bytes = bytes_at(source, length - tail, tail)?;
        // From the back: the record whose comment ends with the file.
        let found = (0..bytes.len()).rev().find(|at| {
            let fits = |record: &&[u8]| {
                let comment = record.get(END_LEN - 2..).and_then(|field| field.first_chunk::<2>());
                comment.is_some_and(|c| usize::from(u16::from_le_bytes(*c)) == record.len() - END_LEN)
            };
            bytes.get(*at..).filter(|record| record.starts_with(END)).filter(fits).is_some()
        });
        let Some(found) = found else { return refuse("it has no end record") };
        let mut fields = Fields(bytes.get(found..).unwrap_or_default());
        fields.signature(END)?;
        let disks = (fields.half()?, fields.half()?);
        let (here, members) = (fields.half()?, fields.half()?);
        let (size, offset) = (fields.word()?, fields.word()?);
        let at = length - tail + found as u64;
        if members == u16::MAX || u64::from(size) == ELSEWHERE || u64::from(offset) == ELSEWHERE {
            return Self::read_64(source, at);
        }
        if disks != (0, 0) || here != members {
            return refuse("it is on several disks");
        }
        Ok(Self { at, members: u64::from(members), size: u64::from(size), offset: u64::from(offset) })
    }

    fn read_64<R: Read + Seek>(source: &mut R, end: u64) -> Result<Self, TdfError> {
        let Some(locator) = end.checked_sub(LOCATOR_64_LEN as u64) else {
            return refuse("the ZIP64 end record is missing");
        };
        let bytes = bytes_at(source, locator, LOCATOR_64_LEN as u64)?;
        let mut fields = Fields(&bytes);
        fields.signature(LOCATOR_64)?;
        let (disk, at, disks) = (fields.word()?, fields.long()?, fields.word()?);
        if at.checked_add(END_64_LEN as u64) != Some(locator) || disk != 0 || disks > 1 {
            return refuse("the ZIP64 end record is not in front of its locator");
        }
        let bytes = bytes_at(source, at, END_64_LEN as u64)?;
        let mut fields = Fields(&bytes);
        fields.signature(END_64)?;
        // Length of the rest, which is fixed without extensions, then two versions.
        let (length, _versions) = (fields.long()?, fields.word()?);
        let disks = (fields.word()?, fields.word()?);
        let (here, members) = (fields.long()?, fields.long()?);
        if length != END_64_LEN as u64 - 12 || disks != (0, 0) || here != members {
            return refuse("it is on several disks");
        }
        Ok(Self { at, members, size: fields.long()?, offset: fields.long()? })
    }
}

/// Bytes of a known place; short files end in an error of the archive, not of the disk.
fn bytes_at<R: Read + Seek>(source: &mut R, start: u64, length: u64) -> Result<Vec<u8>, TdfError> {
    source.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    source.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == length { Ok(bytes) } else { refuse("it ends too early") }
}

/// No more than `size` bytes, whatever the compressed ones promise.
fn inflated(bytes: &[u8], size: u64) -> Result<Vec<u8>, TdfError> {
    let mut content = Vec::new();
    let mut decoder = DeflateDecoder::new(bytes);
    match Read::take(&mut decoder, size.saturating_add(1)).read_to_end(&mut content) {
        Ok(_) => Ok(content),
        Err(_) => refuse("a compressed member does not decompress"),
    }
}

/// Little-endian numbers from the front of bytes.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], TdfError> {
        let Some((taken, rest)) = self.0.split_at_checked(length) else {
            return refuse("a record ends too early");
        };
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], TdfError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn signature(&mut self, wanted: &[u8; 4]) -> Result<(), TdfError> {
        if self.array::<4>()? == *wanted { Ok(()) } else { refuse("a record is not where it must be") }
    }

    fn half(&mut self) -> Result<u16, TdfError> {
        self.array().map(u16::from_le_bytes)
    }

    fn word(&mut self) -> Result<u32, TdfError> {
        self.array().map(u32::from_le_bytes)
    }

    fn long(&mut self) -> Result<u64, TdfError> {
        self.array().map(u64::from_le_bytes)
    }
}
