//! C2SP signed notes: a text and lines of signatures under it.
//!
//! A checkpoint is a note. Signatures by keys that the reader does not know are kept and ignored, as the specification
//! demands: that is how witnesses add theirs. This module makes and verifies the Ed25519 signatures of logs (type `01`);
//! cosignatures (types `04` and `06`) are those of [`crate::cosignature`].
//!
//! # Source
//!
//! C2SP signed-note, "Format" and "Signatures"; the text form of verifier keys is that of Go's `sumdb/note`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use crate::Digest;
use crate::encoding::{from_base64, to_base64, to_hex};
use crate::key::{Signature, SigningKey, VerifyingKey};

/// The largest note in bytes: the two signatures of a log and those of 32 witnesses with two keys each take half of it.
pub const NOTE_BYTES_MAX: usize = 256 * 1024;

/// The most signature lines; the specification asks readers for at least 16, an alliance of 32 witnesses with two keys each
/// needs 66.
pub const NOTE_SIGNATURES_MAX: usize = 128;

/// Signature type of Ed25519 over the note text (C2SP signed-note, "Signature types").
const TYPE_ED25519: u8 = 0x01;

/// The longest verifier key read; one of ML-DSA-44 under the longest name has about 2 kB.
const VKEY_BYTES_MAX: usize = 4 * 1024;

/// The longest name in bytes: signed messages of type `06` give its length in eight bits (C2SP tlog-cosignature).
const KEY_NAME_BYTES_MAX: usize = 255;

/// How a signature line begins: em dash and space.
const SIGNATURE_MARK: &str = "\u{2014} ";

/// The name of a note key: not empty, without spaces, plus signs or control characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct KeyName(String);

impl KeyName {
    /// Reads a name.
    ///
    /// # Errors
    ///
    /// [`NoteError::KeyName`].
    pub fn new(name: &str) -> Result<Self, NoteError> {
        let refused = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        if name.is_empty() || name.len() > KEY_NAME_BYTES_MAX || name.chars().any(refused) {
            return Err(NoteError::KeyName);
        }
        Ok(Self(name.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The four bytes that tell keys of one name apart. Short by design: an identifier, not a commitment to the key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NoteKeyId([u8; 4]);

impl NoteKeyId {
    /// `SHA-256(name || 0A || type || public key)[:4]` (C2SP signed-note, "Signatures").
    pub(crate) fn of(name: &KeyName, signature_type: u8, public: &[u8]) -> Self {
        let digest = Digest::of_parts(&[name.0.as_bytes(), b"\n", &[signature_type], public]);
        let [a, b, c, d, ..] = *digest.as_bytes();
        Self([a, b, c, d])
    }
}

impl fmt::Display for NoteKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_hex(&self.0))
    }
}

impl fmt::Debug for NoteKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NoteKeyId({self})")
    }
}

/// A named key that signs notes. The secret is wiped when dropped.
#[derive(Debug)]
pub struct NoteSigner {
    name: KeyName,
    key: SigningKey,
}

impl NoteSigner {
    /// Signs as `name` with `key`.
    pub fn new(name: KeyName, key: SigningKey) -> Self {
        Self { name, key }
    }

    /// The name it signs as.
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// The key that verifies what it signs.
    pub fn verifier(&self) -> NoteVerifier {
        NoteVerifier::new(self.name.clone(), self.key.verifying_key())
    }

    /// A signature over `text`.
    fn sign(&self, text: &str) -> NoteSignature {
        NoteSignature {
            name: self.name.clone(),
            id: self.verifier().id(),
            bytes: self.key.sign(text.as_bytes()).as_bytes().to_vec(),
        }
    }
}

/// A named key that verifies notes. Text and JSON form: the vkey `name+keyid+base64(type || public key)`.
///
/// ```
/// use ledger::note::NoteVerifier;
///
/// let vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
/// let key: NoteVerifier = vkey.parse().unwrap();
/// assert_eq!(key.name().as_str(), "PeterNeumann");
/// assert_eq!(key.to_string(), vkey);
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct NoteVerifier {
    name: KeyName,
    key: VerifyingKey,
}

impl NoteVerifier {
    /// Verifies what `key` signed as `name`.
    pub fn new(name: KeyName, key: VerifyingKey) -> Self {
        Self { name, key }
    }

    /// The name that signature lines carry.
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// The key.
    pub fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// The id that signature lines carry.
    pub fn id(&self) -> NoteKeyId {
        NoteKeyId::of(&self.name, TYPE_ED25519, self.key.as_bytes())
    }
}

impl fmt::Display for NoteVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_vkey(f, &self.name, TYPE_ED25519, self.key.as_bytes())
    }
}

impl FromStr for NoteVerifier {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let vkey = Vkey::from_text(text)?;
        if vkey.signature_type != TYPE_ED25519 {
            return Err(NoteError::SignatureType { found: vkey.signature_type });
        }
        let key = VerifyingKey::from_bytes(&vkey.public).map_err(|_| NoteError::VerifierKey)?;
        Ok(Self::new(vkey.name, key))
    }
}

impl Serialize for NoteVerifier {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for NoteVerifier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A verifier key of any type, whose id belongs to it.
pub(crate) struct Vkey {
    pub(crate) name: KeyName,
    pub(crate) signature_type: u8,
    pub(crate) public: Vec<u8>,
}

impl Vkey {
    /// Reads `name+keyid+base64(type || public key)`.
    pub(crate) fn from_text(text: &str) -> Result<Self, NoteError> {
        if text.len() > VKEY_BYTES_MAX {
            return Err(NoteError::VerifierKey);
        }
        // Base64 may itself contain plus signs, names and ids may not.
        let mut fields = text.splitn(3, '+');
        let (Some(name), Some(id), Some(public)) = (fields.next(), fields.next(), fields.next()) else {
            return Err(NoteError::VerifierKey);
        };
        let name = KeyName::new(name)?;
        let public = from_base64(public).ok_or(NoteError::VerifierKey)?;
        let (&signature_type, public) = public.split_first().ok_or(NoteError::VerifierKey)?;
        if NoteKeyId::of(&name, signature_type, public).to_string() != id {
            return Err(NoteError::VerifierKey);
        }
        Ok(Self { name, signature_type, public: public.to_vec() })
    }
}

/// Writes what [`Vkey::from_text`] reads.
pub(crate) fn write_vkey(
    f: &mut fmt::Formatter<'_>,
    name: &KeyName,
    signature_type: u8,
    public: &[u8],
) -> fmt::Result {
    let id = NoteKeyId::of(name, signature_type, public);
    write!(f, "{name}+{id}+{}", to_base64(&[&[signature_type], public].concat()))
}

/// One signature line, not yet judged; of any algorithm.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct NoteSignature {
    pub(crate) name: KeyName,
    pub(crate) id: NoteKeyId,
    pub(crate) bytes: Vec<u8>,
}

impl fmt::Debug for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Two and a half thousand numbers would bury what a failed test wants to say.
        write!(f, "NoteSignature({} {}, {} bytes)", self.name, self.id, self.bytes.len())
    }
}

impl NoteSignature {
    fn from_line(line: &str) -> Result<Self, NoteError> {
        let rest = line.strip_prefix(SIGNATURE_MARK).ok_or(NoteError::SignatureLine)?;
        let (name, encoded) = rest.split_once(' ').ok_or(NoteError::SignatureLine)?;
        let name = KeyName::new(name)?;
        let decoded = from_base64(encoded).ok_or(NoteError::SignatureLine)?;
        let (id, bytes) = decoded.split_first_chunk::<4>().ok_or(NoteError::SignatureLine)?;
        if bytes.is_empty() {
            return Err(NoteError::SignatureLine);
        }
        Ok(Self { name, id: NoteKeyId(*id), bytes: bytes.to_vec() })
    }

    fn to_line(&self) -> String {
        let encoded = to_base64(&[self.id.0.as_slice(), &self.bytes].concat());
        format!("{SIGNATURE_MARK}{} {encoded}\n", self.name)
    }
}

/// Signature lines without a text: what a witness answers. Parsing and printing are inverse to each other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignatureLines(Vec<NoteSignature>);

impl SignatureLines {
    pub(crate) fn new(lines: Vec<NoteSignature>) -> Self {
        Self(lines)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &NoteSignature> {
        self.0.iter()
    }

    /// Reads one to 128 lines. No signature is judged.
    ///
    /// # Errors
    ///
    /// See [`NoteError`].
    pub fn from_text(text: &str) -> Result<Self, NoteError> {
        if text.len() > NOTE_BYTES_MAX {
            return Err(NoteError::TooLong { found: text.len() });
        }
        let lines = text.strip_suffix('\n').ok_or(NoteError::SignatureLine)?;
        let count = lines.split('\n').count();
        if count > NOTE_SIGNATURES_MAX {
            return Err(NoteError::SignatureCount { found: count });
        }
        lines.split('\n').map(NoteSignature::from_line).collect::<Result<_, _>>().map(Self)
    }

    /// The lines, each with its newline.
    pub fn to_text(&self) -> String {
        self.0.iter().map(NoteSignature::to_line).collect()
    }
}

/// A text with at least one signature line under it. Parsing and printing are inverse to each other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedNote {
    /// INVARIANT: ends in a newline and has no control character but newlines; kept by `sign` and `from_text`.
    text: String,
    signatures: Vec<NoteSignature>,
}

impl SignedNote {
    /// Signs `text`, which must end in a newline.
    ///
    /// # Errors
    ///
    /// [`NoteError::Text`] when the text cannot stand in a note.
    pub fn sign(text: &str, signer: &NoteSigner) -> Result<Self, NoteError> {
        readable(text)?;
        Ok(Self { text: text.to_owned(), signatures: vec![signer.sign(text)] })
    }

    /// Reads a note. No signature is judged.
    ///
    /// # Errors
    ///
    /// See [`NoteError`].
    pub fn from_text(note: &str) -> Result<Self, NoteError> {
        if note.len() > NOTE_BYTES_MAX {
            return Err(NoteError::TooLong { found: note.len() });
        }
        // The last empty line divides; the text before it may have empty lines of its own.
        let (head, lines) = note.rsplit_once("\n\n").ok_or(NoteError::Text)?;
        let text = format!("{head}\n");
        readable(&text)?;
        Ok(Self { text, signatures: SignatureLines::from_text(lines)?.0 })
    }

    /// The note as a file: text, empty line, signature lines.
    pub fn to_text(&self) -> String {
        let lines: String = self.signatures.iter().map(NoteSignature::to_line).collect();
        format!("{}\n{lines}", self.text)
    }

    /// The text before any signature was judged.
    pub fn text_unverified(&self) -> &str {
        &self.text
    }

    /// The text, if the key signed it.
    ///
    /// # Errors
    ///
    /// [`NoteError::NotSigned`] when no line names the key; [`NoteError::BadSignature`] when one does and does not hold,
    /// even if another does: "if a signature from a known key fails to verify, clients SHOULD reject the whole note".
    pub fn verify(&self, verifier: &NoteVerifier) -> Result<&str, NoteError> {
        let mut found = false;
        for line in self.lines_by(&verifier.name, verifier.id()) {
            let holds = Signature::from_bytes(&line.bytes)
                .is_ok_and(|signature| verifier.key.verify(self.text.as_bytes(), &signature));
            if !holds {
                return Err(NoteError::BadSignature { name: verifier.name.to_string() });
            }
            found = true;
        }
        if found { Ok(&self.text) } else { Err(NoteError::NotSigned { name: verifier.name.to_string() }) }
    }
}

impl SignedNote {
    /// All lines.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &NoteSignature> {
        self.signatures.iter()
    }

    /// The lines that name this key.
    pub(crate) fn lines_by(&self, name: &KeyName, id: NoteKeyId) -> impl Iterator<Item = &NoteSignature> {
        self.signatures.iter().filter(move |line| line.name == *name && line.id == id)
    }

    /// Adds a line, unless the very same is there.
    pub(crate) fn add(&mut self, line: NoteSignature) -> Result<(), NoteError> {
        if self.signatures.contains(&line) {
            return Ok(());
        }
        let found = self.signatures.len() + 1;
        if found > NOTE_SIGNATURES_MAX {
            return Err(NoteError::SignatureCount { found });
        }
        let bytes = self.to_text().len() + line.to_line().len();
        if bytes > NOTE_BYTES_MAX {
            return Err(NoteError::TooLong { found: bytes });
        }
        self.signatures.push(line);
        Ok(())
    }
}

/// Refuses a text that no note can carry.
fn readable(text: &str) -> Result<(), NoteError> {
    let refused = |c: char| c < '\u{20}' && c != '\n';
    if text.len() < 2 || !text.ends_with('\n') || text.chars().any(refused) {
        Err(NoteError::Text)
    } else {
        Ok(())
    }
}

/// Why a text is not a note or a verifier key, or why a note is not believed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoteError {
    /// A name that is empty, too long or holds a space, a plus sign or a control character.
    #[error("the key name is empty, too long, or holds a space, a plus sign or a control character")]
    KeyName,
    /// Not `name+keyid+base64`, or the id does not belong to the key.
    #[error("the verifier key is not of the form name+keyid+key, or its parts do not belong together")]
    VerifierKey,
    /// A key of an algorithm that does not sign here.
    #[error("the verifier key is of signature type {found:#04x}, which cannot be used here")]
    SignatureType {
        /// Type found.
        found: u8,
    },
    /// More bytes than any note has.
    #[error("the note has {found} bytes, more than 262144")]
    TooLong {
        /// Bytes found.
        found: usize,
    },
    /// A text that does not end in a newline, has a control character, or no empty line after it.
    #[error("the note has no text followed by an empty line")]
    Text,
    /// A line below the text that is not a signature.
    #[error("a line under the note's text is not a signature")]
    SignatureLine,
    /// Too many signatures.
    #[error("the note carries {found} signatures, more than 128")]
    SignatureCount {
        /// Signatures found.
        found: usize,
    },
    /// No signature by the asked key.
    #[error("the note is not signed by the key of `{name}`")]
    NotSigned {
        /// Name of the key asked for.
        name: String,
    },
    /// A time that no witness may sign.
    #[error("the time of a cosignature is not between 1 and 2^63 - 1 seconds after 1970")]
    Timestamp,
    /// The provider failed to sign.
    #[error("the cryptographic library refused to work")]
    Cryptography,
    /// A signature by the asked key that does not hold.
    #[error("the signature of `{name}` does not match the note")]
    BadSignature {
        /// Name of the key asked for.
        name: String,
    },
}

impl NoteError {
    /// What the reader can do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::KeyName => "choose a name such as `office.example/log`, without spaces or plus signs",
            Self::VerifierKey | Self::SignatureType { .. } => {
                "copy the verifier key again from the log's public card"
            }
            Self::TooLong { .. } | Self::Text | Self::SignatureLine | Self::SignatureCount { .. } => {
                "fetch the note again from its source"
            }
            Self::NotSigned { .. } => "check that the trust file names the key of this log",
            Self::Timestamp => "set the clock of the witness",
            Self::Cryptography => "free some memory and try again",
            Self::BadSignature { .. } => "do not use the note: it was changed after signing",
        }
    }
}

#[cfg(test)]
mod tests;
