//! Passphrases: from a file, a descriptor or a prompt without echo; never from an argument or the environment, which other
//! processes can read.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use zeroize::{Zeroize as _, Zeroizing};

use crate::failure::Failure;

/// Longest passphrase in bytes; more is some other file.
const BYTES_MAX: usize = 1_024;

/// A passphrase. Wiped when dropped, never printed.
pub(crate) struct Passphrase(Zeroizing<Vec<u8>>);

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase")
    }
}

/// What a passphrase is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To seal a new key: asked twice, because a mistake would lose the key.
    Seal,
    /// To open a key.
    Open,
    /// To log in to a token; such a passphrase is a PIN.
    Token,
}

impl Purpose {
    fn word(self) -> &'static str {
        match self {
            Self::Seal | Self::Open => "passphrase",
            Self::Token => "PIN",
        }
    }
}

impl Passphrase {
    /// Takes bytes drawn by the program.
    pub(crate) fn from_bytes(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The passphrase for the key that `what` names: the file's, or else asked for on the terminal.
    pub(crate) fn obtain(file: Option<&Path>, purpose: Purpose, what: &str) -> Result<Self, Failure> {
        match file {
            Some(file) => Self::read(file, purpose),
            None => Self::ask(purpose, what),
        }
    }

    /// The first line of a file; `-` is stdin, `/dev/fd/3` an open descriptor.
    fn read(path: &Path, purpose: Purpose) -> Result<Self, Failure> {
        // One byte more than allowed tells a longer file. Room for all at once: growing would leave copies in freed memory.
        let mut bytes = Zeroizing::new(Vec::with_capacity(BYTES_MAX + 2));
        let limit = BYTES_MAX as u64 + 1;
        let read = if path == Path::new("-") {
            io::stdin().lock().take(limit).read_to_end(&mut bytes)
        } else {
            File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes))
        };
        read.map_err(|error| Failure::unreadable(path, &error))?;
        while bytes.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
            bytes.pop();
        }
        if bytes.is_empty() || bytes.len() > BYTES_MAX || bytes.contains(&b'\n') {
            let word = purpose.word();
            let message = format!("`{}` does not hold a {word}", path.display());
            return Err(Failure::usage(message, format!("put the {word} alone on one line of the file")));
        }
        Ok(Self(bytes))
    }

    fn ask(purpose: Purpose, what: &str) -> Result<Self, Failure> {
        let ask = |prompt: String| {
            rpassword::prompt_password(prompt).map_err(|_| {
                let (word, option) = match purpose {
                    Purpose::Seal | Purpose::Open => ("passphrase", "--passphrase-file"),
                    Purpose::Token => ("PIN", "--pin-file"),
                };
                let message = format!("there is no terminal to ask for a {word} on");
                Failure::usage(message, format!("give {option} FILE; /dev/fd/3 names an open descriptor"))
            })
        };
        let asked = match purpose {
            Purpose::Seal | Purpose::Open => "Passphrase for",
            Purpose::Token => "PIN of",
        };
        let mut first = ask(format!("{asked} {what}: "))?;
        if purpose == Purpose::Seal {
            let mut second = ask("The same again: ".to_owned())?;
            let same = first == second;
            second.zeroize();
            if !same {
                first.zeroize();
                return Err(Failure::usage("the two passphrases differ", "type the same passphrase twice"));
            }
        }
        Ok(Self(Zeroizing::new(first.into_bytes())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Passphrase, Failure> {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("passphrase");
        std::fs::write(&path, bytes).unwrap();
        Passphrase::obtain(Some(&path), Purpose::Open, "a key")
    }

    #[test]
    fn a_file_holds_one_line() {
        assert_eq!(read(b"four random words\n").unwrap().as_bytes(), b"four random words");
        assert_eq!(read(b"four random words\r\n").unwrap().as_bytes(), b"four random words");
        for bad in [&b""[..], b"\n", b"two\nlines\n", &[b'a'; BYTES_MAX + 1]] {
            assert_eq!(read(bad).unwrap_err().exit_code(), 2);
        }
    }

    #[test]
    fn a_passphrase_is_never_printed() {
        assert_eq!(format!("{:?}", read(b"four random words").unwrap()), "Passphrase");
    }
}
