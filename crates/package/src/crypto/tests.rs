//! Published vectors (C2SP Wycheproof) for every primitive, through the same calls of the provider as everywhere in this crate:
//! what is valid gives the published answer, what is invalid is refused. Vectors of the composite key encapsulation are beside it
//! in [`crate::kem`], of Argon2id in `ledger::keyfile`, of Ed25519 and ML-DSA-44 as the log uses them in `ledger`.

use std::collections::BTreeMap;

use aws_lc_rs::{
    agreement::{self, ECDH_P256, ECDH_P384, UnparsedPublicKey},
    digest::{SHA3_256, digest},
    hkdf::{HKDF_SHA256, KeyType, Salt},
    kem::Ciphertext,
    rsa::{OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, PrivateDecryptingKey},
};
use ledger::keyfile::{KeyKind, PublicCard};
use wycheproof::TestResult;

use super::*;
use crate::key::{ED25519_FIELD, ML_DSA_FIELD, OpenKey, SealPublic};

/// How many vectors were checked: a set that reads as empty would prove nothing.
struct Count(usize);

impl Count {
    /// One vector: whether it may pass, and whether it did.
    fn check(&mut self, tc: usize, result: TestResult, passed: bool) {
        match result {
            TestResult::Valid => assert!(passed, "vector {tc} is valid"),
            TestResult::Invalid => assert!(!passed, "vector {tc} is invalid"),
            TestResult::Acceptable => {}
        }
        self.0 += 1;
    }
}

#[test]
fn aes_256_gcm() {
    let set = wycheproof::aead::TestSet::load(wycheproof::aead::TestName::AesGcm).unwrap();
    let mut count = Count(0);
    let ours = |g: &&wycheproof::aead::TestGroup| (g.key_size, g.nonce_size, g.tag_size) == (256, 96, 128);
    for test in set.test_groups.iter().filter(ours).flat_map(|g| &g.tests) {
        let key = Secret::from_slice(&test.key).unwrap();
        let sealed = [test.nonce.as_ref(), &test.ct, &test.tag].concat();
        let opened = key.open(&test.aad, &sealed);
        count.check(
            test.tc_id,
            test.result,
            opened.is_some_and(|plain| plain.as_slice() == test.pt.as_ref()),
        );
        if test.result == TestResult::Valid {
            let nonce = <[u8; NONCE_LEN]>::try_from(test.nonce.as_ref()).unwrap();
            assert_eq!(key.seal(nonce, &test.aad, &test.pt), Ok(sealed), "vector {}", test.tc_id);
        }
    }
    assert!(count.0 > 60, "{}", count.0);
}

#[test]
fn hmac_sha_256() {
    let set = wycheproof::mac::TestSet::load(wycheproof::mac::TestName::HmacSha256).unwrap();
    let mut count = Count(0);
    for test in set.test_groups.iter().filter(|g| g.tag_size == 256).flat_map(|g| &g.tests) {
        // Our keys have 256 bits; vectors of other lengths are about keys that there are none of here.
        let Some(key) = Secret::from_slice(&test.key) else { continue };
        count.check(test.tc_id, test.result, same(key.hmac(&[&test.msg]).as_ref(), &test.tag));
    }
    assert!(count.0 > 40, "{}", count.0);
}

#[test]
fn hkdf_sha_256() {
    struct Length(usize);
    impl KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }
    let set = wycheproof::hkdf::TestSet::load(wycheproof::hkdf::TestName::HkdfSha256).unwrap();
    let mut count = Count(0);
    for test in set.test_groups.iter().flat_map(|g| &g.tests) {
        let mut out = vec![0; test.size];
        let info = [test.info.as_ref()];
        let key = Salt::new(HKDF_SHA256, &test.salt).extract(&test.ikm);
        let filled = key.expand(&info, Length(test.size)).and_then(|okm| okm.fill(&mut out));
        count.check(test.tc_id, test.result, filled.is_ok() && out == test.okm.as_ref());
    }
    assert!(count.0 > 80, "{}", count.0);
}

#[test]
fn rsa_oaep_sha_1() {
    let name = wycheproof::rsa_oaep::TestName::Rsa2048Sha1Mgf1Sha1;
    let set = wycheproof::rsa_oaep::TestSet::load(name).unwrap();
    let mut count = Count(0);
    for group in &set.test_groups {
        let key = PrivateDecryptingKey::from_pkcs8(&group.pkcs8).unwrap();
        let key = OaepPrivateDecryptingKey::new(key).unwrap();
        for test in &group.tests {
            let mut plain = vec![0; key.min_output_size()];
            let label = Some(test.label.as_ref()).filter(|label: &&[u8]| !label.is_empty());
            let opened = key.decrypt(&OAEP_SHA1_MGF1SHA1, &test.ct, &mut plain, label);
            let passed = opened.is_ok_and(|plain| plain == test.pt.as_ref());
            count.check(test.tc_id, test.result, passed);
        }
    }
    assert!(count.0 > 25, "{}", count.0);
}

fn ecdh(name: wycheproof::ecdh::TestName, curve: &'static agreement::Algorithm, length: usize) {
    let set = wycheproof::ecdh::TestSet::load(name).unwrap();
    let mut count = Count(0);
    for test in set.test_groups.iter().flat_map(|g| &g.tests) {
        // Whole numbers of any length in the vectors, of a fixed one in keys.
        let digits = test.private_key.iter().skip_while(|b| **b == 0).copied().collect::<Vec<_>>();
        let mut scalar = vec![0; length - digits.len()];
        scalar.extend(digits);
        let Ok(own) = agreement::PrivateKey::from_private_key(curve, &scalar) else { continue };
        let peer = UnparsedPublicKey::new(curve, test.public_key.as_ref());
        let agreed = agreement::agree(&own, peer, (), |shared| Ok(shared == test.shared_secret.as_ref()));
        count.check(test.tc_id, test.result, agreed == Ok(true));
    }
    assert!(count.0 > 200, "{}", count.0);
}

#[test]
fn ecdh_p256() {
    ecdh(wycheproof::ecdh::TestName::EcdhSecp256r1Ecpoint, &ECDH_P256, 32);
}

#[test]
fn ecdh_p384() {
    ecdh(wycheproof::ecdh::TestName::EcdhSecp384r1Ecpoint, &ECDH_P384, 48);
}

/// An open key with this ML-KEM half.
fn open_key(decapsulation_key: &[u8]) -> Option<OpenKey> {
    OpenKey::from_secret_bytes(&[&[7; 48], decapsulation_key].concat()).ok()
}

#[test]
#[expect(deprecated, reason = "the provider reads expanded keys only, and the vectors have seeds")]
fn ml_kem_1024_from_seeds() {
    use ml_kem::{ExpandedKeyEncoding as _, FromSeed as _, MlKem1024};
    let set = wycheproof::mlkem::TestSet::load(wycheproof::mlkem::TestName::MlKem1024).unwrap();
    let mut count = Count(0);
    for test in set.test_groups.iter().flat_map(|g| &g.tests) {
        let Some(Ok(seed)) = test.seed.as_ref().map(|seed| seed.as_ref().try_into()) else { continue };
        let (key, _) = MlKem1024::from_seed(seed);
        let key = open_key(&key.to_expanded_bytes()).unwrap();
        let ciphertext = test.ct.as_ref().map(|ct| ct.as_ref()).unwrap_or_default();
        let shared = key.ml_kem().decapsulate(Ciphertext::from(ciphertext));
        let wanted = test.shared_secret.as_ref().map(|secret| secret.as_ref());
        count.check(test.tc_id, test.result, shared.is_ok_and(|shared| Some(shared.as_ref()) == wanted));
    }
    assert!(count.0 > 20, "{}", count.0);
}

/// Mostly keys that are none (FIPS 203, section 7.3), which the provider alone would take.
#[test]
fn ml_kem_1024_from_expanded_keys() {
    let name = wycheproof::mlkem::TestName::MlKem1024SemiExpandedDecaps;
    let set = wycheproof::mlkem::TestSet::load(name).unwrap();
    let mut count = Count(0);
    for test in set.test_groups.iter().flat_map(|g| &g.tests) {
        let bytes = |field: &Option<wycheproof::ByteString>| {
            field.as_ref().map(|bytes| bytes.to_vec()).unwrap_or_default()
        };
        let (key, ciphertext) = (bytes(&test.decaps_key), bytes(&test.ct));
        let shared =
            open_key(&key).map(|key| key.ml_kem().decapsulate(Ciphertext::from(ciphertext.as_slice())));
        let passed = shared.is_some_and(|shared| {
            shared.is_ok_and(|shared| {
                test.shared_secret.as_ref().is_none_or(|wanted| wanted.as_ref() == shared.as_ref())
            })
        });
        count.check(test.tc_id, test.result, passed);
    }
    assert!(count.0 > 5, "{}", count.0);
}

/// A key that verifies seals, with these halves.
fn seal_public(ed25519: &[u8], ml_dsa: &[u8]) -> Option<SealPublic> {
    let fields = [(ED25519_FIELD, ed25519), (ML_DSA_FIELD, ml_dsa)];
    let fields = fields.map(|(field, bytes)| (field.to_owned(), bytes.to_vec()));
    let card = PublicCard::new(KeyKind::Seal, "office", BTreeMap::from(fields)).ok()?;
    SealPublic::from_card(&card).ok()
}

/// The generator of Ed25519 (RFC 8032, section 5.1), encoded: a sound key where the other half is asked about.
const ED25519_KEY: &str = "5866666666666666666666666666666666666666666666666666666666666666";

#[test]
fn ml_dsa_65() {
    let set =
        wycheproof::mldsa_verify::TestSet::load(wycheproof::mldsa_verify::TestName::MlDsa65Verify).unwrap();
    let mut count = Count(0);
    for group in &set.test_groups {
        let key = seal_public(&hex::decode(ED25519_KEY).unwrap(), &group.pubkey);
        // Packages are signed without a context.
        for test in group.tests.iter().filter(|t| t.ctx.as_ref().is_none_or(|ctx| ctx.is_empty())) {
            let passed = key.as_ref().is_some_and(|key| key.signed_ml_dsa(&test.msg, &test.sig));
            count.check(test.tc_id, test.result, passed);
        }
    }
    assert!(count.0 > 30, "{}", count.0);
}

#[test]
fn ed25519() {
    let set = wycheproof::eddsa::TestSet::load(wycheproof::eddsa::TestName::Ed25519).unwrap();
    let mut count = Count(0);
    for group in &set.test_groups {
        let key = seal_public(&group.key.pk, &[0; 1_952]);
        for test in &group.tests {
            let passed = key.as_ref().is_some_and(|key| key.signed_ed25519(&test.msg, &test.sig));
            count.check(test.tc_id, test.result, passed);
        }
    }
    assert!(count.0 > 140, "{}", count.0);
}

/// NIST's example values for FIPS 202: the empty message, and 1,600 bits of 0xa3.
#[test]
fn sha3_256() {
    let of = |message: &[u8]| hex::encode(digest(&SHA3_256, message));
    assert_eq!(of(b""), "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a");
    assert_eq!(of(&[0xa3; 200]), "79f38adec5c20307a98ef76e8324afbfd46cfd81b22e3973c65fa1bd9de31787");
}
