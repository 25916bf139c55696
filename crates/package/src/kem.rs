//! The composite key encapsulation P-384 with ML-KEM-1024: secret as long as either of the two holds.
//!
//! # Source
//! `draft-ietf-lamps-pq-composite-kem-14`: section 3.4 (combiner), section 4 (byte layout, ML-KEM part first), section 6 (label and
//! object identifier 1.3.6.1.5.5.7.6.63). Its known answer for the combiner is a test below.

use aws_lc_rs::{
    agreement::{self, ECDH_P384, UnparsedPublicKey},
    digest,
    kem::Ciphertext,
};
use ledger::Randomness;
use zeroize::Zeroizing;

use crate::{
    crypto::{Broken, NONCE_LEN, Secret, fresh},
    envelope,
    key::{OpenKey, OpenPublic, p384_generate},
};

/// Domain separator of this pair of algorithms (section 6 of the draft).
const LABEL: &[u8] = b"MLKEM1024-P384";
/// Length of an uncompressed point (SEC 1, section 2.3.3).
pub(crate) const POINT_LEN: usize = 97;
/// Length of an ML-KEM-1024 ciphertext (FIPS 203, table 3).
const ML_KEM_CIPHERTEXT_LEN: usize = 1_568;
/// Length of what the receiver needs beside its key.
const CIPHERTEXT_LEN: usize = ML_KEM_CIPHERTEXT_LEN + POINT_LEN;

/// Wraps a key for one receiver: the DER envelope of key access type `hybrid-wrapped`.
pub(crate) fn wrap(
    to: &OpenPublic,
    key: &Secret,
    randomness: &mut dyn Randomness,
) -> Result<Vec<u8>, Broken> {
    let (ciphertext, secret) = encapsulate(to, randomness)?;
    // The secret is used for this one sealing only, so that any nonce is unique under it.
    let sealed = secret.seal(fresh::<NONCE_LEN>(randomness), &[], key.expose())?;
    Ok(envelope::write(&ciphertext, &sealed))
}

/// The wrapped key; `None` when the envelope was changed or is for another receiver.
pub(crate) fn unwrap(with: &OpenKey, der: &[u8]) -> Option<Secret> {
    let (ciphertext, sealed) = envelope::read(der)?;
    let secret = decapsulate(with, ciphertext)?;
    Secret::from_slice(&secret.open(&[], sealed)?)
}

fn encapsulate(to: &OpenPublic, randomness: &mut dyn Randomness) -> Result<(Vec<u8>, Secret), Broken> {
    let ephemeral = p384_generate(randomness).ok_or(Broken)?;
    let ephemeral_point = ephemeral.compute_public_key().map_err(|_| Broken)?;
    let (ml_kem_ciphertext, ml_kem_secret) = to.ml_kem().encapsulate().map_err(|_| Broken)?;
    let static_point = UnparsedPublicKey::new(&ECDH_P384, to.point());
    let secret = agreement::agree(&ephemeral, static_point, Broken, |ecdh_secret| {
        Ok(combine(ml_kem_secret.as_ref(), ecdh_secret, ephemeral_point.as_ref(), to.point()))
    })?;
    Ok(([ml_kem_ciphertext.as_ref(), ephemeral_point.as_ref()].concat(), secret))
}

fn decapsulate(with: &OpenKey, ciphertext: &[u8]) -> Option<Secret> {
    if ciphertext.len() != CIPHERTEXT_LEN {
        return None;
    }
    let (ml_kem_ciphertext, ephemeral_point) = ciphertext.split_at_checked(ML_KEM_CIPHERTEXT_LEN)?;
    // Other encodings of the same point would give one key two envelopes.
    if ephemeral_point.first() != Some(&0x04) {
        return None;
    }
    let ml_kem_secret = with.ml_kem().decapsulate(Ciphertext::from(ml_kem_ciphertext)).ok()?;
    let peer = UnparsedPublicKey::new(&ECDH_P384, ephemeral_point);
    agreement::agree(with.p384(), peer, (), |ecdh_secret| {
        Ok(combine(ml_kem_secret.as_ref(), ecdh_secret, ephemeral_point, with.public().point()))
    })
    .ok()
}

/// `SHA3-256(mlkemSS || tradSS || tradCT || tradPK || Label)`, section 3.4 of the draft.
fn combine(ml_kem_secret: &[u8], ecdh_secret: &[u8], ephemeral_point: &[u8], static_point: &[u8]) -> Secret {
    let parts = [ml_kem_secret, ecdh_secret, ephemeral_point, static_point, LABEL];
    let mut context = digest::Context::new(&digest::SHA3_256);
    parts.iter().for_each(|part| context.update(part));
    let mut secret = Zeroizing::new([0; 32]);
    // INVARIANT: SHA3-256 gives 32 bytes (FIPS 202, table 3).
    secret.copy_from_slice(context.finish().as_ref());
    Secret::from_array(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Published known answer: `kemCombiner_MLKEM1024_ECDH_P384_SHA3_256` beside the draft.
    #[test]
    fn the_combiner_gives_the_published_answer() {
        let bytes = |hex: &str| hex::decode(hex).unwrap();
        let ml_kem = bytes("c0f87f0c53fa8e2ba192a494694d37d1e3cf99c65e0dc5f69b2cc044b3fb205d");
        let ecdh = bytes(concat!(
            "4d52b7ef430382f479603207c0b8f7aa5bc35d8758835007e39a2642ad65e635",
            "d674db7a5513889657fb24e4e228a098"
        ));
        let ephemeral = bytes(concat!(
            "0401a5b81dcb51290a0eb142b9032d5a37503164b7a20ac0e3b52dc54f9b0b7c9f",
            "dd2699a59563a0b9ad0e54478846faeab72b92275e1fbb8b963bcc6e80e30c089",
            "fbe4ed8d47ec76951db94aede46e679d5692eeb1d1b150d5b2e6660dc67c469"
        ));
        let fixed = bytes(concat!(
            "0468cc4acc5dd85edbcbf25bae7ee7dcacec2968ea7ee57fc91311cb9c47d4a24c",
            "3854e5ce3e5d0b309fda493224520f2870496eb16571108b3deafd72c1df17edc",
            "302fbb8b60bae44d93177e6df5278e4667a090a2d59a2076f41d693975e8d19"
        ));
        let answer = bytes("eb60f6c80a309ad4158d7b02f2cf8c947faead96ebbd85c3f62a94868ffddca4");
        assert_eq!(combine(&ml_kem, &ecdh, &ephemeral, &fixed).expose().as_slice(), answer);
        assert_eq!(hex::encode(LABEL), "4d4c4b454d313032342d50333834");
    }
}
