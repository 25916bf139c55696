//! A content as a stream: the same bytes as [`super::Content::to_bytes`], from files of any size, in memory of a constant size.
//!
//! Every file is read twice: once for its length and checksum, which stand before it, and once to be passed on.

use std::io::{self, Read};

use crate::zip::{self, Facts, LOCAL_LEN, Place};

use super::{ContentError, FileName, STREAM_BYTES_MAX, names_fit};

/// What is read at once to find a checksum.
const CHUNK_BYTES: usize = 256 * 1024;

/// Files by their names, to be read from the beginning, twice.
pub trait Files: Sync {
    /// Opens a file at its beginning.
    ///
    /// # Errors
    /// Whatever opening comes to.
    fn open(&self, name: &FileName) -> io::Result<Box<dyn Read + Send + '_>>;
}

/// Why files cannot be packed.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// They are not a content.
    #[error("the files are not a content")]
    Content(#[from] ContentError),
    /// A file cannot be read.
    #[error("`{}` cannot be read", name.as_str())]
    Read {
        /// Which one.
        name: FileName,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

impl PackError {
    /// What the reader of the error can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Content(error) => error.advice(),
            Self::Read { .. } => "see that the file is there and may be read",
        }
    }
}

/// The bytes of a content, one after the other.
pub struct Packed<'a> {
    files: &'a dyn Files,
    /// What is still to come, the next last.
    pending: Vec<(FileName, Facts)>,
    directory: Vec<u8>,
    bytes: u64,
    now: Now<'a>,
}

enum Now<'a> {
    /// Bytes of a header or of the directory, of which so many were passed on; behind a header comes its file.
    Bytes {
        bytes: Vec<u8>,
        at: usize,
        file: Option<(FileName, Facts)>,
    },
    /// A file, of which this much is left; its checksum so far, and what it must come to.
    File {
        name: FileName,
        file: Box<dyn Read + Send + 'a>,
        left: u64,
        checksum: crc32fast::Hasher,
        expected: u32,
    },
    End,
}

impl<'a> Packed<'a> {
    /// Reads every file once, for its length and checksum.
    ///
    /// # Errors
    /// [`PackError`].
    pub fn new(mut names: Vec<FileName>, files: &'a dyn Files) -> Result<Self, PackError> {
        names.sort();
        if names.is_empty() || names.len() > zip::MEMBERS_MAX {
            return Err(ContentError::Size.into());
        }
        names_fit(&names)?;
        let mut listed = Vec::with_capacity(names.len());
        let mut bytes = 0;
        for name in names {
            let facts = measure(&name, files)?;
            bytes += (LOCAL_LEN + name.as_str().len()) as u64 + u64::from(facts.bytes);
            listed.push((name, facts));
        }
        let members = listed.iter().map(|(name, facts)| (name.as_str(), *facts)).collect::<Vec<_>>();
        let directory = zip::directory(&members).map_err(|_| ContentError::Size)?;
        bytes += directory.len() as u64;
        if bytes > STREAM_BYTES_MAX {
            return Err(ContentError::Size.into());
        }
        listed.reverse();
        Ok(Self {
            files,
            pending: listed,
            directory,
            bytes,
            now: Now::Bytes { bytes: Vec::new(), at: 0, file: None },
        })
    }

    /// How many bytes the content has, packed.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.bytes
    }

    /// The next part, when the one before was passed on.
    fn next_part(&mut self) {
        self.now = match self.pending.pop() {
            Some((name, facts)) => {
                let bytes = zip::local_header(name.as_str(), facts, Place::Before);
                Now::Bytes { bytes, at: 0, file: Some((name, facts)) }
            }
            None if self.directory.is_empty() => Now::End,
            None => Now::Bytes { bytes: std::mem::take(&mut self.directory), at: 0, file: None },
        };
    }
}

impl Read for Packed<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            match &mut self.now {
                Now::End => return Ok(0),
                Now::Bytes { bytes, at, file } => {
                    let rest = bytes.get(*at..).unwrap_or_default();
                    if !rest.is_empty() {
                        let here = rest.len().min(out.len());
                        out.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
                        *at += here;
                        return Ok(here);
                    }
                    match file.take() {
                        None => self.next_part(),
                        Some((name, facts)) => {
                            let file = self.files.open(&name)?;
                            let (left, checksum) = (facts.bytes.into(), crc32fast::Hasher::new());
                            self.now = Now::File { name, file, left, checksum, expected: facts.checksum };
                        }
                    }
                }
                Now::File { name, file, left: left @ 1.., checksum, .. } => {
                    let most = usize::try_from(*left).map_or(out.len(), |left| left.min(out.len()));
                    let here = file.read(out.get_mut(..most).unwrap_or_default())?;
                    if here == 0 && most > 0 {
                        return Err(changed(name));
                    }
                    checksum.update(out.get(..here).unwrap_or_default());
                    *left -= here as u64;
                    return Ok(here);
                }
                Now::File { name, checksum, expected, .. } => {
                    if checksum.clone().finalize() != *expected {
                        return Err(changed(name));
                    }
                    self.next_part();
                }
            }
        }
    }
}

fn changed(name: &FileName) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("`{}` changed while it was read", name.as_str()))
}

fn measure(name: &FileName, files: &dyn Files) -> Result<Facts, PackError> {
    let failed = |source| PackError::Read { name: name.clone(), source };
    let mut file = files.open(name).map_err(failed)?;
    let mut checksum = crc32fast::Hasher::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut bytes = 0_u64;
    loop {
        match file.read(&mut chunk).map_err(failed)? {
            0 => break,
            here => {
                checksum.update(chunk.get(..here).unwrap_or_default());
                bytes += here as u64;
            }
        }
        if bytes > STREAM_BYTES_MAX {
            return Err(ContentError::Size.into());
        }
    }
    Ok(Facts::new(checksum.finalize(), bytes).ok_or(ContentError::Size)?)
}
