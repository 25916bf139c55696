//! Deposits: a member's figures, sealed to the office before they leave the member's hands.
//!
//! Shape: the box holds 32 bytes of salt, then a CSV with the header `ally,capability,year,quantity` or any other. Associated
//! data of the box: `tearline-deposit/1\n` and the member's code, so that a box cannot be passed off as another member's.
//!
//! # Guarantee
//! What [`open`] gives is what the member committed to in the log, and nobody without the office's key learns more of it than
//! its number of rows and its length.

use ledger::Digest;
use ledger::Randomness;
use ledger::act::{self, Code};
use package::{OpenKey, OpenPublic};
use zeroize::Zeroizing;

use super::committed::{self, BoxError, Committed};

const SCHEMA: &[u8] = b"tearline-deposit/1\n";

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
) -> Result<SealedDeposit, BoxError> {
    let Committed { commitment, blob, sealed } =
        committed::seal(&bound_to(member), content, office, randomness)?;
    Ok(SealedDeposit { body: act::Deposit { commitment, blob, rows }, sealed })
}

/// Opens a box with the office's key and compares its content with the commitment in the log.
pub(crate) fn open(
    member: &Code,
    commitment: &Digest,
    sealed: &[u8],
    key: &OpenKey,
) -> Result<Zeroizing<Vec<u8>>, BoxError> {
    committed::open(&bound_to(member), commitment, sealed, key)
}

fn bound_to(member: &Code) -> Vec<u8> {
    [SCHEMA, member.as_str().as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use package::wrap::WrapError;

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
        assert!(matches!(open(&de, &body.commitment, sealed, &key), Err(BoxError::Box(WrapError::Changed))));
        let other = Digest::of(b"another commitment");
        assert_eq!(open(&no, &other, sealed, &key).unwrap_err(), BoxError::OtherContent);
    }
}
