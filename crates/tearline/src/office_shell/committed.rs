//! Boxes for the office whose content the log commits to: a random salt, then the content, sealed to the office's open key and bound to
//! what the box is.
//!
//! # Guarantee
//! What [`open`] gives is what was committed to, and nobody without the office's key learns more of it than its length.

use ledger::{Digest, Randomness};
use office::{Salt, commit};
use package::wrap::{self, WrapError};
use package::{OpenKey, OpenPublic};
use zeroize::Zeroizing;

const SALT_LEN: usize = 32;

/// Why a box cannot be made or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BoxError {
    /// The box does not seal or open.
    #[error("the sealed box cannot be used")]
    Box(#[from] WrapError),
    /// The content is not the one that the log names.
    #[error("the content of the box is not the one that the log commits to")]
    OtherContent,
}

impl BoxError {
    pub(crate) fn advice(&self) -> &'static str {
        match self {
            Self::Box(error) => error.advice(),
            Self::OtherContent => "do not use it; ask whoever handed it in to do so again",
        }
    }
}

/// A box ready to be handed in.
pub(crate) struct Committed {
    /// Salted digest of the content.
    pub(crate) commitment: Digest,
    /// Digest of the box.
    pub(crate) blob: Digest,
    pub(crate) sealed: Vec<u8>,
}

/// Seals content to the office. `bound_to` says what the box is, so that it cannot be passed off as another.
pub(crate) fn seal(
    bound_to: &[u8],
    content: &[u8],
    office: &OpenPublic,
    randomness: &mut dyn Randomness,
) -> Result<Committed, BoxError> {
    let salt = Salt::generate(randomness);
    let plaintext = Zeroizing::new([salt.reveal().as_slice(), content].concat());
    let sealed = wrap::seal_to(&[office], bound_to, &plaintext, randomness)?;
    Ok(Committed { commitment: commit(&salt, content), blob: Digest::of(&sealed), sealed })
}

/// Opens a box with the office's key and compares its content with the commitment.
pub(crate) fn open(
    bound_to: &[u8],
    commitment: &Digest,
    sealed: &[u8],
    key: &OpenKey,
) -> Result<Zeroizing<Vec<u8>>, BoxError> {
    let plaintext = wrap::open_box(key, bound_to, sealed)?;
    let (salt, content) = plaintext.split_first_chunk::<SALT_LEN>().ok_or(BoxError::OtherContent)?;
    if commit(&Salt::from_bytes(*salt), content) == *commitment {
        Ok(Zeroizing::new(content.to_vec()))
    } else {
        Err(BoxError::OtherContent)
    }
}
