//! Public keys as clients exchange them: `SubjectPublicKeyInfo` in PEM.
//!
//! # Source
//! RFC 7468, section 13 (PEM); RFC 5480, section 2 (P-256 keys): one fixed head, then the uncompressed point.

use aws_lc_rs::agreement::{ECDH_P256, ParsedPublicKey, UnparsedPublicKey};
use ledger::encoding::{from_base64, to_base64};

const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";
/// Longest PEM read: RSA-8192 has 1.5 kB.
const PEM_BYTES_MAX: usize = 4 * 1024;
/// Characters of base64 in a line (RFC 7468, section 2).
const LINE: usize = 64;
/// All of a P-256 `SubjectPublicKeyInfo` before its point: algorithm id-ecPublicKey, curve prime256v1, bit string of 66 bytes.
const P256_HEAD: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// Length of an uncompressed point (SEC 1, section 2.3.3).
const POINT_LEN: usize = 65;

/// PEM with the label `PUBLIC KEY`.
pub(super) fn to_pem(der: &[u8]) -> String {
    let base64 = to_base64(der);
    let mut pem = format!("{BEGIN}\n");
    for (n, character) in base64.chars().enumerate() {
        if n > 0 && n % LINE == 0 {
            pem.push('\n');
        }
        pem.push(character);
    }
    pem.push('\n');
    pem.push_str(END);
    pem.push('\n');
    pem
}

/// The bytes between the lines; space around and between lines is anyone's, as clients differ there.
pub(super) fn from_pem(pem: &str) -> Option<Vec<u8>> {
    if pem.len() > PEM_BYTES_MAX {
        return None;
    }
    let inner = pem.trim().strip_prefix(BEGIN)?.strip_suffix(END)?;
    from_base64(&inner.split_ascii_whitespace().collect::<String>())
}

/// The `SubjectPublicKeyInfo` of a point.
pub(super) fn of_p256(point: &[u8]) -> Vec<u8> {
    [&P256_HEAD, point].concat()
}

/// The point in a `SubjectPublicKeyInfo`; `None` for anything that [`of_p256`] would not write.
pub(super) fn p256_of(der: &[u8]) -> Option<&[u8]> {
    der.strip_prefix(&P256_HEAD).filter(|point| is_p256_point(point))
}

/// The point in a PEM.
pub(super) fn p256_from_pem(pem: &str) -> Option<Vec<u8>> {
    from_pem(pem).and_then(|der| p256_of(&der).map(<[u8]>::to_vec))
}

/// Whether the bytes are an uncompressed point of the curve.
pub(super) fn is_p256_point(point: &[u8]) -> bool {
    point.len() == POINT_LEN
        && point.first() == Some(&0x04)
        && ParsedPublicKey::try_from(UnparsedPublicKey::new(&ECDH_P256, point)).is_ok()
}
