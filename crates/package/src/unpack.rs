//! A content taken apart as it streams by: file after file, each handed on as it comes, in memory of a constant size.
//!
//! # Guarantee
//! [`Unpacker::finish`] succeeds only if what was fed is, byte for byte, the one spelling of a [`crate::Content`]. Before that nothing of
//! what a [`Sink`] was given is proved.

use std::{io, mem};

use crate::{
    content::{ContentError, FileName, names_fit},
    zip::{Facts, LOCAL_LEN, MEMBERS_MAX, NAME_BYTES_MAX, Place, directory, local_header},
};

/// Where the files of a content go. Whoever implements it keeps what it was given apart until it is told that everything held, and
/// discards it when it is dropped before.
pub trait Sink: Send {
    /// A file begins; `bytes` of it follow.
    ///
    /// # Errors
    /// Whatever keeps it from being taken.
    fn begin(&mut self, name: &FileName, bytes: u64) -> io::Result<()>;

    /// The next bytes of the file begun last.
    ///
    /// # Errors
    /// Whatever keeps them from being taken.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
}

/// Why a content cannot be taken apart.
#[derive(Debug)]
pub(crate) enum UnpackError {
    /// It is none.
    Content(ContentError),
    /// The sink takes no more.
    Sink(io::Error),
}

impl From<ContentError> for UnpackError {
    fn from(error: ContentError) -> Self {
        Self::Content(error)
    }
}

enum State {
    /// Within a local header or at the beginning of the directory.
    Header,
    /// Within a file.
    File { left: u64, checksum: crc32fast::Hasher },
    /// Within the directory, of which this much was seen.
    Directory { expected: Vec<u8>, seen: usize },
}

/// Takes a content apart.
pub(crate) struct Unpacker<S> {
    sink: S,
    state: State,
    files: Vec<(FileName, Facts)>,
    /// The header so far.
    held: Vec<u8>,
    offset: u64,
}

impl<S: Sink> Unpacker<S> {
    pub(crate) fn new(sink: S) -> Self {
        Self { sink, state: State::Header, files: Vec::new(), held: Vec::new(), offset: 0 }
    }

    /// Takes the next bytes.
    pub(crate) fn feed(&mut self, mut bytes: &[u8]) -> Result<(), UnpackError> {
        while !bytes.is_empty() {
            let taken = match &mut self.state {
                State::Header => self.header(bytes)?,
                State::File { left, checksum } => {
                    let here = usize::try_from(*left).map_or(bytes.len(), |left| left.min(bytes.len()));
                    let (now, _) = bytes.split_at(here);
                    checksum.update(now);
                    self.sink.write(now).map_err(UnpackError::Sink)?;
                    *left -= here as u64;
                    if *left == 0 {
                        self.file_ended()?;
                    }
                    here
                }
                State::Directory { expected, seen } => {
                    let rest = expected.get(*seen..).unwrap_or_default();
                    let here = rest.len().min(bytes.len());
                    let same = rest.iter().zip(bytes).all(|(a, b)| a == b);
                    if here == 0 || !same {
                        return Err(malformed("its directory is not that of its files").into());
                    }
                    *seen += here;
                    here
                }
            };
            self.offset += taken as u64;
            bytes = bytes.get(taken..).unwrap_or_default();
        }
        Ok(())
    }

    /// Everything was fed: the sink, if it was a content in its one spelling.
    pub(crate) fn finish(self) -> Result<(S, Vec<FileName>), UnpackError> {
        match self.state {
            State::Directory { expected, seen } if seen == expected.len() => {
                let names = self.files.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
                names_fit(&names)?;
                Ok((self.sink, names))
            }
            _ => Err(malformed("it ends too early").into()),
        }
    }

    /// Collects a header; gives how many bytes of `bytes` belong to it.
    fn header(&mut self, bytes: &[u8]) -> Result<usize, UnpackError> {
        let held = self.held.len();
        let mut wanted = LOCAL_LEN;
        if let Some(length) =
            self.held.get(26..28).and_then(|two| two.try_into().ok()).map(u16::from_le_bytes)
        {
            wanted += usize::from(length).min(NAME_BYTES_MAX + 1);
        }
        // Four bytes tell a file from the directory, thirty the length of the name.
        let stop = if held < 4 {
            4
        } else if held < LOCAL_LEN {
            LOCAL_LEN
        } else {
            wanted
        };
        let here = (stop - held).min(bytes.len());
        self.held.extend(bytes.iter().take(here));
        if self.held.len() == 4 && !self.held.starts_with(b"PK\x03\x04") {
            // What was held belongs to the directory.
            let expected = self.directory()?;
            if !expected.starts_with(&self.held) {
                return Err(self.structure());
            }
            self.state = State::Directory { expected, seen: 4 };
            self.held.clear();
        } else if self.held.len() > LOCAL_LEN && self.held.len() == wanted {
            self.file_begins()?;
        } else if self.held.len() == LOCAL_LEN && self.held.get(26..28) == Some(&[0, 0]) {
            return Err(self.structure());
        }
        Ok(here)
    }

    fn file_begins(&mut self) -> Result<(), UnpackError> {
        let held = mem::take(&mut self.held);
        let word =
            |at: usize| held.get(at..at + 4).and_then(|four| four.try_into().ok()).map(u32::from_le_bytes);
        let name = held.get(LOCAL_LEN..).and_then(|name| str::from_utf8(name).ok());
        let (Some(checksum), Some(bytes), Some(name)) = (word(14), word(22), name) else {
            return Err(self.structure());
        };
        let name = FileName::new(name)?;
        let facts = Facts::new(checksum, bytes.into()).ok_or(ContentError::Size)?;
        if local_header(name.as_str(), facts, Place::Before) != held {
            return Err(malformed(&format!("the header of `{}` is not plain", name.as_str())).into());
        }
        if self.files.len() >= MEMBERS_MAX {
            return Err(ContentError::Size.into());
        }
        if self.files.last().is_some_and(|(last, _)| *last >= name) {
            return Err(malformed("its files are not in order").into());
        }
        self.sink.begin(&name, bytes.into()).map_err(UnpackError::Sink)?;
        self.files.push((name, facts));
        self.state = State::File { left: bytes.into(), checksum: crc32fast::Hasher::new() };
        if bytes == 0 { self.file_ended() } else { Ok(()) }
    }

    fn file_ended(&mut self) -> Result<(), UnpackError> {
        let State::File { checksum, .. } = mem::replace(&mut self.state, State::Header) else {
            return Ok(());
        };
        let found = checksum.finalize();
        match self.files.last() {
            Some((name, facts)) if facts.checksum != found => {
                Err(malformed(&format!("the checksum of `{}` does not fit", name.as_str())).into())
            }
            _ => Ok(()),
        }
    }

    fn directory(&self) -> Result<Vec<u8>, UnpackError> {
        if self.files.is_empty() {
            return Err(ContentError::Size.into());
        }
        let listed = self.files.iter().map(|(name, facts)| (name.as_str(), *facts)).collect::<Vec<_>>();
        Ok(directory(&listed).map_err(|_| ContentError::Size)?)
    }

    fn structure(&self) -> UnpackError {
        malformed(&format!("no file or directory starts at byte {}", self.offset)).into()
    }
}

fn malformed(detail: &str) -> ContentError {
    ContentError::Malformed { detail: detail.to_owned() }
}
