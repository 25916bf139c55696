//! The keys of a log: it signs every checkpoint twice, with Ed25519 and with ML-DSA-44.
//!
//! Both signatures stand under the log's origin: a note signature of type `01`, which every reader of notes knows, and one of
//! type `06`, which a quantum computer does not forge. The time in the second is zero: the log makes no statement that a tree is
//! its newest, for it has no clock of its own; that statement is the witnesses'. A reader takes any time that holds, because it
//! is signed.
//!
//! # Source
//!
//! C2SP tlog-checkpoint, "Signatures" (ML-DSA-44 recommended) and tlog-tiles, "Checkpoints" (Ed25519 required of public logs).

use std::fmt;

use zeroize::Zeroizing;

use crate::Randomness;
use crate::checkpoint::Checkpoint;
use crate::cosignature::{CosignatureAlgorithm, Cosigner, CosignerKey};
use crate::key::SigningKey;
use crate::mldsa::MlDsaKey;
use crate::note::{KeyName, NoteError, NoteSigner, NoteVerifier, SignedNote};

/// The time in the log's own signature of type `06`.
const NO_STATEMENT_OF_TIME: u64 = 0;

/// The two secret keys of a log. Wiped when dropped; not printable.
pub struct LogSigner {
    ed25519: NoteSigner,
    seed: Zeroizing<[u8; SigningKey::SEED_LEN]>,
    ml_dsa_seed: Zeroizing<[u8; crate::mldsa::SEED_LEN]>,
    ml_dsa: Cosigner,
}

impl LogSigner {
    /// A log with new keys, from 64 random bytes.
    ///
    /// # Errors
    ///
    /// [`NoteError::Cryptography`] when the provider refuses.
    pub fn generate(origin: KeyName, randomness: &mut dyn Randomness) -> Result<Self, NoteError> {
        let (mut ed25519, mut ml_dsa) = (Zeroizing::new([0; 32]), Zeroizing::new([0; 32]));
        randomness.fill(ed25519.as_mut());
        randomness.fill(ml_dsa.as_mut());
        Self::from_seeds(origin, &ed25519, &ml_dsa)
    }

    /// The log of these two seeds.
    ///
    /// # Errors
    ///
    /// [`NoteError::Cryptography`] when the provider refuses.
    pub fn from_seeds(
        origin: KeyName,
        ed25519: &[u8; SigningKey::SEED_LEN],
        ml_dsa: &[u8; crate::mldsa::SEED_LEN],
    ) -> Result<Self, NoteError> {
        let key = MlDsaKey::from_seed(ml_dsa).ok_or(NoteError::Cryptography)?;
        Ok(Self {
            ed25519: NoteSigner::new(origin.clone(), SigningKey::from_seed(ed25519)),
            seed: Zeroizing::new(*ed25519),
            ml_dsa_seed: Zeroizing::new(*ml_dsa),
            ml_dsa: Cosigner::ml_dsa_44(origin, key),
        })
    }

    /// Both seeds in a row, for a key file.
    pub fn to_secret_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new([self.seed.as_slice(), self.ml_dsa_seed.as_slice()].concat())
    }

    /// The log's name.
    pub fn origin(&self) -> &KeyName {
        self.ed25519.name()
    }

    /// What verifies both signatures.
    pub fn verifier(&self) -> LogVerifier {
        LogVerifier { ed25519: self.ed25519.verifier(), ml_dsa: self.ml_dsa.keys().pop() }
    }

    /// Signs twice.
    pub(crate) fn sign(&self, checkpoint: &Checkpoint) -> Result<SignedNote, NoteError> {
        let mut note = SignedNote::sign(&checkpoint.text(), &self.ed25519)?;
        for line in self.ml_dsa.cosign(checkpoint, NO_STATEMENT_OF_TIME)? {
            note.add(line)?;
        }
        Ok(note)
    }
}

impl fmt::Debug for LogSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogSigner({})", self.origin())
    }
}

/// The public keys by which a reader knows a log. Which of the two constructors made it is how much the reader asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogVerifier {
    ed25519: NoteVerifier,
    /// INVARIANT: of type `06` and of the same name; kept by the constructors.
    ml_dsa: Option<CosignerKey>,
}

impl LogVerifier {
    /// Believes a checkpoint only if both keys signed it.
    ///
    /// # Errors
    ///
    /// [`NoteError::VerifierKey`] when the second key is not of type `06` or has another name.
    pub fn both(ed25519: NoteVerifier, ml_dsa: CosignerKey) -> Result<Self, NoteError> {
        if ml_dsa.algorithm() != CosignatureAlgorithm::MlDsa44 || ml_dsa.name() != ed25519.name() {
            return Err(NoteError::VerifierKey);
        }
        Ok(Self { ed25519, ml_dsa: Some(ml_dsa) })
    }

    /// Believes a checkpoint if the Ed25519 key signed it; a signature of type `06` is not looked at.
    ///
    /// For readers that were given this key alone. It holds no longer than Ed25519 does.
    pub fn ed25519_alone(ed25519: NoteVerifier) -> Self {
        Self { ed25519, ml_dsa: None }
    }

    /// The log's origin.
    pub fn name(&self) -> &KeyName {
        self.ed25519.name()
    }

    /// The Ed25519 key.
    pub fn ed25519(&self) -> &NoteVerifier {
        &self.ed25519
    }

    /// The ML-DSA-44 key, if the reader asks for its signature.
    pub fn ml_dsa(&self) -> Option<&CosignerKey> {
        self.ml_dsa.as_ref()
    }

    /// Judges the signatures of a note that says `checkpoint`.
    pub(crate) fn judge(&self, checkpoint: &Checkpoint, note: &SignedNote) -> Result<(), NoteError> {
        note.verify(&self.ed25519)?;
        let Some(key) = &self.ml_dsa else { return Ok(()) };
        let mut found = false;
        for line in note.lines_by(key.name(), key.id()) {
            key.judge(checkpoint, line)?;
            found = true;
        }
        if found { Ok(()) } else { Err(NoteError::NotSigned { name: key.name().to_string() }) }
    }
}
