//! The DER envelope around a wrapped key, as the OpenTDF platform writes it for key access type `hybrid-wrapped`.
//!
//! `SEQUENCE { [0] IMPLICIT OCTET STRING, [1] IMPLICIT OCTET STRING }`: the KEM ciphertext, and the key sealed under the KEM's
//! secret. Only distinguished encoding is read (X.690, section 10.1), so that one envelope has one spelling.

const SEQUENCE: u8 = 0x30;
const KEM_CIPHERTEXT: u8 = 0x80;
const SEALED_KEY: u8 = 0x81;

/// The two parts in DER.
pub(crate) fn write(kem_ciphertext: &[u8], sealed_key: &[u8]) -> Vec<u8> {
    let mut inner = element(KEM_CIPHERTEXT, kem_ciphertext);
    inner.extend(element(SEALED_KEY, sealed_key));
    element(SEQUENCE, &inner)
}

/// The two parts, borrowed; `None` for anything that [`write()`] would not write.
pub(crate) fn read(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (inner, rest) = take(SEQUENCE, der)?;
    let (kem_ciphertext, after) = take(KEM_CIPHERTEXT, inner)?;
    let (sealed_key, end) = take(SEALED_KEY, after)?;
    (rest.is_empty() && end.is_empty()).then_some((kem_ciphertext, sealed_key))
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut der = vec![tag];
    let length = content.len().to_be_bytes();
    let significant = length.iter().copied().skip_while(|b| *b == 0).collect::<Vec<_>>();
    match significant.as_slice() {
        [] => der.push(0),
        [short] if *short < 0x80 => der.push(*short),
        // X.690, section 8.1.3.5: at most eight bytes of length, so the count fits beside the high bit.
        long => {
            der.push(0x80 | long.len() as u8);
            der.extend(long);
        }
    }
    der.extend(content);
    der
}

fn take(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (found, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match *first {
        short @ 0..=0x7f => (usize::from(short), rest),
        0x81 => {
            let (bytes, rest) = rest.split_first_chunk::<1>()?;
            (usize::from(bytes[0]), rest)
        }
        0x82 => {
            let (bytes, rest) = rest.split_first_chunk::<2>()?;
            (usize::from(u16::from_be_bytes(*bytes)), rest)
        }
        _ => return None,
    };
    // Minimal length only: 0x81 from 128 on, 0x82 from 256 on.
    let minimal = match *first {
        0x81 => length >= 0x80,
        0x82 => length >= 0x100,
        _ => true,
    };
    (*found == tag && minimal).then(|| rest.split_at_checked(length)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling() {
        for (a, b) in [(0, 0), (1, 127), (127, 128), (255, 256), (1665, 60)] {
            let (kem, key) = (vec![7; a], vec![9; b]);
            let der = write(&kem, &key);
            assert_eq!(read(&der), Some((kem.as_slice(), key.as_slice())));
            for end in 0..der.len() {
                assert_eq!(read(&der[..end]), None);
            }
            assert_eq!(read(&[der.as_slice(), &[0]].concat()), None);
        }
        // The sizes of P-384 with ML-KEM-1024 and a 32-byte key.
        let der = write(&[0; 1665], &[0; 60]);
        assert_eq!(&der[..8], &[0x30, 0x82, 0x06, 0xc3, 0x80, 0x82, 0x06, 0x81]);
        assert_eq!(&der[8 + 1665..10 + 1665], &[0x81, 0x3c]);
    }

    #[test]
    fn long_forms_of_short_lengths_are_refused() {
        assert_eq!(read(&[0x30, 0x04, 0x80, 0x00, 0x81, 0x00]), Some((&[][..], &[][..])));
        assert_eq!(read(&[0x30, 0x81, 0x04, 0x80, 0x00, 0x81, 0x00]), None);
        assert_eq!(read(&[0x30, 0x80, 0x80, 0x00, 0x81, 0x00, 0x00, 0x00]), None);
        assert_eq!(read(&[0x31, 0x04, 0x80, 0x00, 0x81, 0x00]), None);
        assert_eq!(read(&[0x30, 0x04, 0x81, 0x00, 0x80, 0x00]), None);
    }
}
