//! Packages as files: read at any place, hashed and opened on two cores, in memory that does not grow with them.

use std::fs::File;
use std::io;
use std::path::Path;
use std::thread;

use ledger::Digest;
use package::{Cores, Refused, Source, Trust, Verified};

use crate::failure::Failure;

/// A file of which any part can be read.
pub(crate) struct PackageFile {
    file: File,
    bytes: u64,
}

impl PackageFile {
    /// Opens it.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let opened = File::open(path).and_then(|file| Ok((file.metadata()?, file)));
        let (found, file) = opened.map_err(|error| Failure::unreadable(path, &error))?;
        if !found.is_file() {
            return Err(Failure::usage(format!("`{}` is not a file", path.display()), "name a package"));
        }
        Ok(Self { bytes: found.len(), file })
    }
}

impl Source for PackageFile {
    fn bytes(&self) -> u64 {
        self.bytes
    }

    #[cfg(unix)]
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.file, out, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, mut offset: u64, mut out: &mut [u8]) -> io::Result<()> {
        while !out.is_empty() {
            match std::os::windows::fs::FileExt::seek_read(&self.file, out, offset)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                here => (out, offset) = (out.get_mut(here..).unwrap_or_default(), offset + here as u64),
            }
        }
        Ok(())
    }
}

/// Two things at once, one of them on a thread of its own.
pub(crate) struct TwoCores;

impl Cores for TwoCores {
    fn both(&self, one: &mut (dyn FnMut() + Send), other: &mut (dyn FnMut() + Send)) {
        thread::scope(|scope| {
            scope.spawn(one);
            other();
        });
    }
}

/// Verifies the package in a file.
pub(crate) fn verify(path: &Path, trust: &Trust) -> Result<Result<Verified<'static>, Refused>, Failure> {
    let file = PackageFile::open(path)?;
    package::verify_source(Box::new(file), trust, &TwoCores)
        .map_err(|error| Failure::unreadable(path, &error))
}

/// The digest by which acts name the package in a file.
pub(crate) fn digest(path: &Path) -> Result<Digest, Failure> {
    let digest = File::open(path).and_then(|mut file| package::digest_of(&mut file));
    digest.map_err(|error| Failure::unreadable(path, &error))
}
