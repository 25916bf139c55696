//! Deposits: a member's figures, sealed to the office before they leave the member's hands.
//!
//! Shape: the box holds 32 bytes of salt, then a CSV with the header `ally,capability,year,quantity` or any other. Associated
//! data of the box: `tearline-deposit/1\n` and the member's code, so that a box cannot be passed off as another member's.
//!
//! # Guarantee
//! What [`open`] gives is what the member committed to in the log, and nobody without the office's key learns more of it than
//! its number of rows and its length.

use ledger::act::{self, Code};
use ledger::{Digest, Randomness};
use office::{Salt, commit};
use package::wrap::{self, WrapError};
use package::{OpenKey, OpenPublic};
use zeroize::Zeroizing;

const SCHEMA: &[u8] = b"tearline-deposit/1\n";
const SALT_LEN: usize = 32;

/// Why a deposit cannot be made or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DepositError {
    /// The box does not seal or open.
    #[error("the sealed box cannot be used")]
    Box(#[from] WrapError),
    /// The content is not the one that the log names.
    #[error("the content of the box is not the one that the member committed to")]
    OtherContent,
}

impl DepositError {
    pub(crate) fn advice(&self) -> &'static str {
        match self {
            Self::Box(error) => error.advice(),
            Self::OtherContent => "do not use it; ask the depositor to deposit again",
        }
    }
}

/// A deposit ready to be handed in: the body of the act, and the box that it names.
pub(crate) struct SealedDeposit {
    pub(crate) body: act::Deposit,
    pub(crate) sealed: Vec<u8>,
}

/// Seals `rows` lines of figures to the office.
pub(crate) fn seal(
    member: &Code,
    content: &[u8],
    rows: u64,
    office: &OpenPublic,
    randomness: &mut dyn Randomness,
) -> Result<SealedDeposit, DepositError> {
    let salt = Salt::generate(randomness);
    let plaintext = Zeroizing::new([salt.reveal().as_slice(), content].concat());
    let sealed = wrap::seal_to(&[office], &bound_to(member), &plaintext, randomness)?;
    let body = act::Deposit { commitment: commit(&salt, content), blob: Digest::of(&sealed), rows };
    Ok(SealedDeposit { body, sealed })
}

/// Opens a box with the office's key and compares its content with the commitment in the log.
pub(crate) fn open(
    member: &Code,
    commitment: &Digest,
    sealed: &[u8],
    key: &OpenKey,
) -> Result<Zeroizing<Vec<u8>>, DepositError> {
    let plaintext = wrap::open_box(key, &bound_to(member), sealed)?;
    let (salt, content) = plaintext.split_first_chunk::<SALT_LEN>().ok_or(DepositError::OtherContent)?;
    if commit(&Salt::from_bytes(*salt), content) == *commitment {
        Ok(Zeroizing::new(content.to_vec()))
    } else {
        Err(DepositError::OtherContent)
    }
}

fn bound_to(member: &Code) -> Vec<u8> {
    [SCHEMA, member.as_str().as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::office_shell::randomness::OsRandomness;

    #[test]
    fn a_deposit_opens_for_its_member_and_commitment_only() {
        let mut randomness = OsRandomness::new().unwrap();
        let key = OpenKey::generate(&mut randomness).unwrap();
        let (no, de) = (Code::new("NO").unwrap(), Code::new("DE").unwrap());
        let deposit = seal(&no, b"NO,C1,2030,731908264517\n", 1, key.public(), &mut randomness).unwrap();
        let SealedDeposit { body, sealed } = &deposit;
        assert!(!sealed.windows(12).any(|bytes| bytes == b"731908264517"));
        assert_eq!(
            open(&no, &body.commitment, sealed, &key).unwrap().as_slice(),
            b"NO,C1,2030,731908264517\n"
        );
        assert!(matches!(
            open(&de, &body.commitment, sealed, &key),
            Err(DepositError::Box(WrapError::Changed))
        ));
        let other = Digest::of(b"another commitment");
        assert_eq!(open(&no, &other, sealed, &key).unwrap_err(), DepositError::OtherContent);
    }
}
