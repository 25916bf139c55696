//! Salts of commitments, as they travel beside what was committed to: one line of hexadecimal digits in a file of its own.

use std::path::{Path, PathBuf};

use ledger::encoding::{from_hex, to_hex};
use office::Salt;
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::input;

/// What is added to the name of a file to name that of its salt.
const SUFFIX: &str = ".salt";

/// The line.
pub(crate) fn to_line(salt: &Salt) -> Vec<u8> {
    format!("{}\n", to_hex(salt.reveal())).into_bytes()
}

/// Where the salt of a file stands.
pub(crate) fn path_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(SUFFIX);
    PathBuf::from(name)
}

/// The salt of a file.
pub(crate) fn read_for(file: &Path) -> Result<Salt, Failure> {
    let path = path_of(file);
    let bytes = Zeroizing::new(input::read_file(&path)?);
    let digits = std::str::from_utf8(&bytes).ok().and_then(|text| from_hex(text.trim_end()));
    digits.map(Salt::from_bytes).ok_or_else(|| {
        Failure::usage(
            format!("`{}` holds no salt", path.display()),
            "ask the office for the file again: one line of 64 hexadecimal digits",
        )
    })
}
