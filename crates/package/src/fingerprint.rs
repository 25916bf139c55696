//! Marks that tell the copies of a release apart, in the layout of its drawn forms and nowhere else.
//!
//! A drawn form is an HTML page with drawings or a PDF that says of itself, in its first bytes, that it can carry marks
//! ([`Form`]). A mark is the copy's number and receiver, visible on every page, and a symmetric Tardos code over small gaps
//! between drawn glyphs. Figures, words and everything else are the same in every copy: two versions of one table would undo
//! its protection.
//!
//! What it is not: a lock. Whoever wants the marks out takes them out with [`neutral`], which every receiver has, or types the
//! page again; nothing here says who did. [`Fingerprints::trace`] names those who passed a copy on as it was, or several copies mixed.
//!
//! # Guarantee
//! - [`neutral`] maps every copy of a release to the one content that the originators agreed to, byte for byte. A receiver that
//!   computes it has proved that marks touch layout only: the grammar below leaves room for nothing else.
//! - Marks never change the length of a file, nor where anything in it stands.
//! - Everything is drawn from one key by HMAC-SHA256, so that the same key gives the same copies again.
//!
//! # The grammar of marks
//!
//! | | HTML | PDF |
//! | --- | --- | --- |
//! | the file begins | `<!DOCTYPE html><!-- tearline-form/1 -->` | `%PDF-1.7`, and `%` before the bytes `D4 C5 C1 D2` on the second line |
//! | a carrier | `<text dx="G G ... G"` | `[<hex>G<hex>G ... G<hex>]TJ` |
//! | a gap `G`: none, one, zero | `+0.00`, `+0.10`, `-0.10` user units | `+000`, `+012`, `-012` thousandths of the font size |
//! | a stamp | `<b class="copy">STAMP</b>` | `<STAMP>Tj`, each character as four hexadecimal digits of its code |
//!
//! `STAMP` is `COPY`, six digits, `FOR` and 24 characters of the receiver's code, filled up with spaces; of no copy, zeros and
//! hyphens. Gaps in other spellings are not marks, and [`neutral`] leaves them alone.
//!
//! # Source
//! B. Škorić, S. Katzenbeisser, M. Celik, "Symmetric Tardos fingerprinting codes for arbitrary alphabet sizes", Designs, Codes and
//! Cryptography 46 (2008), for the binary code; G. Tardos, "Optimal probabilistic fingerprint codes", Journal of the ACM 55 (2008).

use std::{collections::BTreeMap, fmt};

use ledger::{
    Digest, Randomness,
    act::Code,
    keyfile::{KeyKind, PublicCard},
};
use zeroize::Zeroizing;

use crate::{
    content::{Content, ContentError, FileName},
    crypto::Secret,
    key::KeyError,
};

mod code;
mod grammar;
mod trace;

pub use grammar::{Form, GAP_HTML, GAP_PDF, HTML_HEAD, PDF_MARKER, STAMP_HTML, neutral_stamp};

pub use trace::{Accused, Ground, Reading, Traced};

use code::Codes;
use grammar::Places;

/// Highest number of a copy: six digits have room on a page.
pub const COPY_MAX: u32 = 999_999;
/// Gaps of one form that carry the code; more would make tracing slow and tell little more. Of more gaps, so many are
/// taken evenly; the others stay as they are.
pub const FORM_POSITIONS_MAX: usize = 4_096;
/// Longest drawn form in bytes; longer files are documents like any other.
pub const FORM_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Most drawn forms of a content; further ones are documents like any other.
pub const FORMS_MAX: usize = 2;
/// Field of the card of a trace key: a check of the secret, by which two files of one key are told to be that.
pub const TRACE_FIELD: &str = "trace-check";

/// Domain of everything drawn from a key.
const DOMAIN: &[u8] = b"tearline-fingerprint/1\0";

/// Why a content cannot be marked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FingerprintError {
    /// It carries marks already, so it is not what was agreed.
    #[error("`{file}` carries the marks of a copy already")]
    Marked {
        /// The form.
        file: String,
    },
    /// A number that no stamp has room for.
    #[error("copy {copy} is not a number from 1 to {COPY_MAX}")]
    Copy {
        /// The number.
        copy: u32,
    },
    /// The marked files are not a content.
    #[error("the marked files are not a content")]
    Content(#[from] ContentError),
}

impl FingerprintError {
    /// What the reader of the error can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Marked { .. } => "propose and seal the forms as `tearline forms` wrote them, without marks",
            Self::Copy { .. } => "number the copies from 1, and start a new release past the last number",
            Self::Content(error) => error.advice(),
        }
    }
}

/// The secret from which marks are drawn. Whoever has it can make any receiver's copy. Wiped when dropped.
pub struct FingerprintKey(Secret);

impl FingerprintKey {
    /// Length of the secret in bytes.
    pub const LEN: usize = 32;

    /// A new key from 32 random bytes.
    #[must_use]
    pub fn generate(randomness: &mut dyn Randomness) -> Self {
        Self(Secret::random(randomness))
    }

    /// The key in the bytes that [`FingerprintKey::to_secret_bytes`] wrote.
    ///
    /// # Errors
    /// [`KeyError::Secret`] for another length.
    pub fn from_secret_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        Secret::from_slice(bytes).map(Self).ok_or(KeyError::Secret { kind: KeyKind::Trace })
    }

    /// The secret, for a key file.
    #[must_use]
    pub fn to_secret_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.0.expose().to_vec())
    }

    /// The card under a name. It holds no public key, for there is none, but a check of the secret.
    ///
    /// # Errors
    /// [`KeyError::Card`] for an unusable name.
    pub fn card(&self, name: &str) -> Result<PublicCard, KeyError> {
        let check = self.0.hmac(&[DOMAIN, b"check"]).as_ref().to_vec();
        PublicCard::new(KeyKind::Trace, name, BTreeMap::from([(TRACE_FIELD.to_owned(), check)]))
            .map_err(|_| KeyError::Card { kind: KeyKind::Trace })
    }

    /// A key for one purpose within one release.
    fn derive(&self, purpose: &str, release: &Digest, parts: &[&[u8]]) -> Secret {
        let mut all = vec![DOMAIN, purpose.as_bytes(), b"\0", release.as_bytes()];
        all.extend(parts);
        let tag = self.0.hmac(&all);
        let mut bytes = Zeroizing::new([0; 32]);
        bytes.copy_from_slice(tag.as_ref());
        Secret::from_array(bytes)
    }
}

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FingerprintKey")
    }
}

/// A content without marks: of any copy of a release the one that was agreed. Files that are no drawn forms are untouched.
///
/// Idempotent, and `neutral` of what [`Fingerprints::mark`] made is what it was made from.
#[must_use]
pub fn neutral(content: &Content) -> Content {
    let mut forms =
        forms(content.files()).map(|(name, _)| name.clone()).collect::<Vec<_>>().into_iter().peekable();
    if forms.peek().is_none() {
        return content.clone();
    }
    let mut files = content.files().clone();
    for name in forms {
        if let Some(bytes) = files.get_mut(&name) {
            neutralise(name.as_str(), bytes);
        }
    }
    // Same names, same lengths: what was a content stays one.
    Content::new(files).unwrap_or_else(|_| content.clone())
}

/// The same for one file of a content, in place; whether it is a drawn form at all.
///
/// For readers that do not hold a whole content: apply it to the first [`FORMS_MAX`] files, ascending by name, for which
/// [`Form::of`] is one.
pub fn neutralise(name: &str, bytes: &mut [u8]) -> bool {
    let Some(form) = Form::of(name, bytes) else { return false };
    Places::of(form, bytes).clear(bytes);
    true
}

/// The drawn forms of a content, ascending by name.
fn forms(files: &BTreeMap<FileName, Vec<u8>>) -> impl Iterator<Item = (&FileName, Form)> {
    let found = files.iter().filter_map(|(name, bytes)| Some((name, Form::of(name.as_str(), bytes)?)));
    found.take(FORMS_MAX)
}

/// The marks of all copies of one release. `Debug` shows how many gaps carry the code, and nothing of it.
pub struct Fingerprints<'a> {
    key: &'a FingerprintKey,
    release: Digest,
    content: &'a Content,
    forms: Vec<MarkedForm>,
}

/// A drawn form with its code.
struct MarkedForm {
    name: FileName,
    places: Places,
    /// Which gaps carry the code, ascending: spread over the form where it has more than are needed, so that every part of it does.
    carrying: Vec<usize>,
    codes: Codes,
}

impl<'a> Fingerprints<'a> {
    /// The marks for a content without marks. The codes depend on the key and on the content's digest, which is the release's.
    ///
    /// # Errors
    /// [`FingerprintError::Marked`] for a content that is not its own [`neutral`] form, [`FingerprintError::Content`] for one that
    /// cannot be packed.
    pub fn new(key: &'a FingerprintKey, content: &'a Content) -> Result<Self, FingerprintError> {
        let release = content.digest()?;
        let mut marked = Vec::new();
        for (name, form) in forms(content.files()) {
            let bytes = content.files().get(name).map(Vec::as_slice).unwrap_or_default();
            let places = Places::of(form, bytes);
            if !places.is_clear(bytes) {
                return Err(FingerprintError::Marked { file: name.as_str().to_owned() });
            }
            let bias = key.derive("bias", &release, &[name.as_str().as_bytes()]);
            let gaps = places.gaps().len();
            let count = gaps.min(FORM_POSITIONS_MAX);
            let carrying = (0..count).map(|position| position * gaps / count).collect();
            marked.push(MarkedForm { name: name.clone(), places, carrying, codes: Codes::new(&bias, count) });
        }
        Ok(Self { key, release, content, forms: marked })
    }

    /// Digest of the content without marks, which the proposal names as its release.
    #[must_use]
    pub fn release(&self) -> Digest {
        self.release
    }

    /// Gaps that carry the code, over all forms. Without any, copies differ in their stamps at most.
    #[must_use]
    pub fn positions(&self) -> usize {
        self.forms.iter().map(|form| form.codes.len()).sum()
    }

    /// The content as one copy, with its number and receiver on every page. The receiver may be a group that shares a copy.
    ///
    /// # Errors
    /// [`FingerprintError::Copy`] for a number that has no room, [`FingerprintError::Content`].
    pub fn mark(&self, copy: u32, receiver: &Code) -> Result<Content, FingerprintError> {
        let stamp = grammar::stamp(copy, receiver.as_str()).ok_or(FingerprintError::Copy { copy })?;
        let mut files = self.content.files().clone();
        for form in &self.forms {
            if let Some(bytes) = files.get_mut(&form.name) {
                let bits = self.bits(form, copy);
                form.places.write(bytes, &stamp, &form.carrying, &bits);
            }
        }
        Ok(Content::new(files)?)
    }

    /// What binds the office to the code of a copy before anybody has it: it stands in the copy's signed statement, and the
    /// package's digest in the log before delivery. Salted, so that it tells nothing of the code.
    ///
    /// SHA-256 of `tearline-fingerprint-commitment/1`, a zero byte, a salt of 32 bytes, the release's digest, the copy's number (32
    /// bits), the receiver behind its length (8 bits), and of each form its name behind its length (8 bits) and its bits, one a
    /// byte, behind their count (32 bits). Numbers are big-endian.
    #[must_use]
    pub fn commitment(&self, copy: u32, receiver: &Code) -> Digest {
        let number = copy.to_be_bytes();
        let salt = self.key.derive("salt", &self.release, &[&number]);
        let receiver = receiver.as_str().as_bytes();
        let mut bytes = Zeroizing::new(b"tearline-fingerprint-commitment/1\0".to_vec());
        bytes.extend_from_slice(salt.expose());
        bytes.extend_from_slice(self.release.as_bytes());
        bytes.extend_from_slice(&number);
        // INVARIANT: codes have 64 characters at most, names of files 200.
        bytes.push(receiver.len() as u8);
        bytes.extend_from_slice(receiver);
        for form in &self.forms {
            let (name, bits) = (form.name.as_str().as_bytes(), self.bits(form, copy));
            bytes.push(name.len() as u8);
            bytes.extend_from_slice(name);
            bytes.extend_from_slice(&(bits.len() as u32).to_be_bytes());
            bytes.extend(bits.iter().map(|bit| u8::from(*bit)));
        }
        Digest::of(&bytes)
    }

    fn bits(&self, form: &MarkedForm, copy: u32) -> Zeroizing<Vec<bool>> {
        let name = form.name.as_str().as_bytes();
        form.codes.of(&self.key.derive("code", &self.release, &[&copy.to_be_bytes(), name]))
    }
}

impl fmt::Debug for Fingerprints<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprints({} positions)", self.positions())
    }
}

#[cfg(test)]
mod tests;
