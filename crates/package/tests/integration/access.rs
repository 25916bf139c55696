//! Keys of a key access service: both algorithms both ways, the forms of policy bindings, and every other object refused.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ledger::keyfile::{Cost, KeyFile, KeyKind, Opened, open_key, seal_key};
use package::{
    OpenKey,
    access::{
        AccessError, AccessKey, AccessPublic, ClientPublic, ContentKey, KEY_ACCESS_BYTES_MAX, KeyAccess,
        KeyAccessKind, PolicyBinding, WrappedKey, Wrapping,
    },
    key::KeyError,
};

use crate::world::Seeded;

/// Objects and files that other implementations made, and the keys that open them.
pub(crate) static KNOWN: LazyLock<serde_json::Value> =
    LazyLock::new(|| serde_json::from_slice(include_bytes!("../data/access-pyca.json")).unwrap());

/// The provider takes some tenths of a second for an RSA key.
static KEY: LazyLock<AccessKey> = LazyLock::new(|| AccessKey::generate(&mut Seeded::new(1)).unwrap());
static OTHER: LazyLock<AccessKey> = LazyLock::new(|| AccessKey::generate(&mut Seeded::new(2)).unwrap());

/// A policy, and HMAC-SHA256 of it under 32 bytes of 0x07, as `openssl dgst -sha256 -mac HMAC -macopt hexkey:0707...` gives it.
const POLICY: &str = "eyJ1dWlkIjoiMDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDAwIn0=";
const MAC: &str = "e0642597740c770341a9a5aa50a31e4a9b8a7eaf9a790c527a5324398fb20ba5";

fn content_key(byte: u8) -> ContentKey {
    ContentKey::generate(&mut |out: &mut [u8]| out.fill(byte))
}

/// Two keys are told apart by what they bind.
fn same(a: &ContentKey, byte: u8) -> bool {
    assert_eq!(byte, 7, "the binding below is of that key");
    a.policy_bound(POLICY, &binding())
}

fn binding() -> PolicyBinding {
    PolicyBinding::new("HS256", &STANDARD.encode(MAC)).unwrap()
}

fn object(wrapped: &WrappedKey, kid: Option<&str>) -> serde_json::Value {
    let kind = wrapped.wrapping.kind();
    let mut object = serde_json::json!({
        "type": kind.as_str(), "url": "https://kas.example", "protocol": "kas", "schemaVersion": "1.0",
        "wrappedKey": STANDARD.encode(&wrapped.wrapped),
        "policyBinding": { "alg": "HS256", "hash": STANDARD.encode(MAC) },
    });
    if let Some(kid) = kid {
        object["kid"] = kid.into();
    }
    if let Some(pem) = &wrapped.ephemeral_public_key_pem {
        object["ephemeralPublicKey"] = pem.as_str().into();
    }
    object
}

fn read(object: &serde_json::Value) -> KeyAccess {
    KeyAccess::from_json(object.to_string().as_bytes()).unwrap()
}

#[test]
fn a_key_reads_back_and_stands_in_a_key_file() {
    let card = KEY.public().card("office").unwrap();
    let secret = KEY.to_secret_bytes();
    let file = KeyFile::new(card.clone(), secret.clone()).unwrap();
    let sealed = seal_key(&file, b"four random words", Cost::LIGHT, &mut Seeded::new(8)).unwrap();
    let Opened::Key(opened) = open_key(&sealed, b"four random words").unwrap() else {
        panic!("wrong passphrase")
    };
    let key = AccessKey::from_secret_bytes(opened.secret()).unwrap();
    assert_eq!(key.public().card("office").unwrap(), card);
    let public = AccessPublic::from_card(&card).unwrap();
    for wrapping in Wrapping::ALL {
        assert_eq!(public.kid(wrapping), KEY.public().kid(wrapping));
        assert_eq!(public.pem(wrapping), KEY.public().pem(wrapping));
        let lines = public.pem(wrapping).lines().map(str::len).max();
        assert_eq!(lines, Some(64), "{}", wrapping.algorithm());
    }
    assert_eq!(format!("{:?} {:?}", &*KEY, content_key(7)), "AccessKey ContentKey");

    let wrong = KeyError::Secret { kind: KeyKind::Access };
    let longer = [secret.as_slice(), b"x"].concat();
    let zero = [&[0; 32], &secret[32..]].concat();
    for bytes in [&secret[1..], &secret[..32], &[], &longer, &zero] {
        assert_eq!(AccessKey::from_secret_bytes(bytes).unwrap_err(), wrong);
    }
    let open = OpenKey::generate(&mut Seeded::new(9)).unwrap().public().card("office").unwrap();
    assert_eq!(AccessPublic::from_card(&open).unwrap_err(), KeyError::Card { kind: KeyKind::Access });
}

#[test]
fn what_is_wrapped_is_unwrapped() {
    for wrapping in Wrapping::ALL {
        let wrapped = KEY.public().wrap(&content_key(7), wrapping, &mut Seeded::new(3)).unwrap();
        let kid = wrapped.kid.to_string();
        for kid in [None, Some(""), Some(kid.as_str())] {
            let access = read(&object(&wrapped, kid));
            assert!(same(&KEY.unwrap(&access).unwrap(), 7));
        }
        // Another service's key, by name and by what it does.
        let named = OTHER.unwrap(&read(&object(&wrapped, Some(&kid)))).unwrap_err();
        assert_eq!(named, AccessError::NotForThisKey { kid });
        assert_eq!(OTHER.unwrap(&read(&object(&wrapped, None))).unwrap_err(), AccessError::Refused);
    }
}

#[test]
fn every_changed_byte_of_a_wrapped_key_is_refused_alike() {
    for wrapping in Wrapping::ALL {
        let wrapped = KEY.public().wrap(&content_key(7), wrapping, &mut Seeded::new(3)).unwrap();
        for at in 0..wrapped.wrapped.len() {
            let mut changed = wrapped.clone();
            changed.wrapped[at] ^= 1;
            assert_eq!(KEY.unwrap(&read(&object(&changed, None))).unwrap_err(), AccessError::Refused);
        }
        let mut cut = wrapped.clone();
        cut.wrapped.pop();
        assert_eq!(KEY.unwrap(&read(&object(&cut, None))).unwrap_err(), AccessError::Refused);
    }
    // The ephemeral key of another wrapping, and none.
    let [a, b] = [3, 4]
        .map(|seed| KEY.public().wrap(&content_key(7), Wrapping::P256, &mut Seeded::new(seed)).unwrap());
    let exchanged = WrappedKey { ephemeral_public_key_pem: b.ephemeral_public_key_pem, ..a.clone() };
    assert_eq!(KEY.unwrap(&read(&object(&exchanged, None))).unwrap_err(), AccessError::Refused);
    let bare = WrappedKey { ephemeral_public_key_pem: None, ..a };
    let malformed = AccessError::Malformed { field: "ephemeralPublicKey" };
    assert_eq!(KEY.unwrap(&read(&object(&bare, None))).unwrap_err(), malformed);
}

#[test]
fn keys_open_their_own_types_only() {
    let open = OpenKey::generate(&mut Seeded::new(9)).unwrap();
    let wrapped = KEY.public().wrap(&content_key(7), Wrapping::Rsa2048, &mut Seeded::new(3)).unwrap();
    let mut object = object(&wrapped, None);
    let refused = |key, found: &str| AccessError::Type { key, found: found.to_owned() };
    assert_eq!(open.unwrap(&read(&object)).unwrap_err(), refused(KeyKind::Open, "wrapped"));
    for kind in ["hybrid-wrapped", "mlkem-wrapped", "remote"] {
        object["type"] = kind.into();
        assert_eq!(KEY.unwrap(&read(&object)).unwrap_err(), refused(KeyKind::Access, kind));
    }
    assert_eq!(read(&object).kind(), &KeyAccessKind::Other("remote".to_owned()));
}

#[test]
fn policies_are_bound_in_both_forms_and_no_other() {
    let key = content_key(7);
    let raw = hex::decode(MAC).unwrap();
    for hash in [STANDARD.encode(MAC), STANDARD.encode(&raw)] {
        let binding = PolicyBinding::new("HS256", &hash).unwrap();
        assert!(key.policy_bound(POLICY, &binding));
        assert!(!key.policy_bound(&POLICY.replace("eyJ1", "eyJ2"), &binding));
        assert!(!content_key(8).policy_bound(POLICY, &binding));
    }
    let malformed = Err(AccessError::Malformed { field: "policyBinding" });
    for hash in [MAC, "", "====", &STANDARD.encode(&raw[..31]), &STANDARD.encode(&MAC.as_bytes()[..62])] {
        assert_eq!(PolicyBinding::new("HS256", hash), malformed, "{hash}");
    }
    assert_eq!(PolicyBinding::new("none", &STANDARD.encode(MAC)), malformed);
}

#[test]
fn shares_join_to_the_key() {
    // 7 = 5 xor 2 xor 0.
    let joined = ContentKey::join(&[5, 2, 0].map(content_key)).unwrap();
    assert!(same(&joined, 7));
    assert!(same(&ContentKey::join(&[content_key(7)]).unwrap(), 7));
    assert_eq!(ContentKey::join(&[]).unwrap_err(), AccessError::NoShare);
}

#[test]
fn objects_read_in_both_dialects_within_limits() {
    let wrapped = KEY.public().wrap(&content_key(7), Wrapping::Rsa2048, &mut Seeded::new(3)).unwrap();
    let plain = object(&wrapped, Some("k"));
    let mut older = plain.clone();
    older["policyBinding"] = STANDARD.encode(MAC).into();
    older["encryptedMetadata"] = "eyJub3QiOiJvdXJzIn0=".into();
    older["sid"] = "s-1".into();
    assert_eq!(read(&older).policy_binding(), read(&plain).policy_binding());
    assert_eq!((read(&older).sid(), read(&plain).sid()), (Some("s-1"), None));
    assert_eq!(read(&plain).url(), "https://kas.example");

    let refused = |name: &str, value: serde_json::Value| {
        let mut changed = plain.clone();
        changed[name] = value;
        KeyAccess::from_json(changed.to_string().as_bytes()).unwrap_err()
    };
    let malformed = |field| AccessError::Malformed { field };
    assert_eq!(refused("wrappedKey", "".into()), malformed("wrappedKey"));
    assert_eq!(refused("wrappedKey", "AAA".into()), malformed("wrappedKey"));
    assert_eq!(refused("wrappedKey", STANDARD.encode(vec![0; 9_000]).into()), malformed("wrappedKey"));
    assert_eq!(refused("url", "x".repeat(3_000).into()), malformed("length of a text"));
    assert_eq!(refused("url", 7.into()), malformed("JSON"));
    let long = "x".repeat(KEY_ACCESS_BYTES_MAX);
    assert_eq!(refused("encryptedMetadata", long.into()), malformed("length"));
    assert_eq!(KeyAccess::from_json("[".repeat(50_000).as_bytes()), Err(malformed("JSON")));
}

#[test]
fn clients_get_the_key_by_either_algorithm() {
    // A client is anybody with such a key: here the other service.
    for wrapping in Wrapping::ALL {
        let client = ClientPublic::from_pem(OTHER.public().pem(wrapping)).unwrap();
        let rewrapped = content_key(7).rewrap(&client, &mut Seeded::new(5)).unwrap();
        let for_client = WrappedKey {
            wrapping,
            kid: OTHER.public().kid(wrapping),
            wrapped: rewrapped.wrapped,
            ephemeral_public_key_pem: rewrapped.session_public_key_pem,
        };
        assert!(same(&OTHER.unwrap(&read(&object(&for_client, None))).unwrap(), 7));
        assert_eq!(KEY.unwrap(&read(&object(&for_client, None))).unwrap_err(), AccessError::Refused);
        // Line ends and widths are the client's; the key is the same.
        let pem = OTHER.public().pem(wrapping).replace('\n', "\r\n");
        assert_eq!(ClientPublic::from_pem(&pem).unwrap().digest(), client.digest());
    }
}

#[test]
fn what_is_no_client_key_is_refused() {
    let rsa = KEY.public().pem(Wrapping::Rsa2048);
    let p256 = KEY.public().pem(Wrapping::P256);
    // Byte 100 is of the point, which then is off the curve; byte 40 of the algorithm.
    let changed = |pem: &str, at: usize| {
        let mut bytes = pem.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    };
    let certificate = rsa.replace("PUBLIC KEY", "CERTIFICATE");
    let long = format!("{rsa}{}", " ".repeat(5_000));
    let twice = rsa.repeat(2);
    for pem in [
        "",
        "x",
        &certificate,
        &long,
        &twice,
        &changed(p256, 100),
        &changed(rsa, 40),
        p256.trim_start_matches('-'),
    ] {
        assert_eq!(ClientPublic::from_pem(pem).unwrap_err(), AccessError::ClientKey, "{pem}");
    }
}

/// Each type of object, wrapped by another implementation: RSA and P-256 to an access key, ML-KEM-1024 to an open key.
#[test]
fn objects_of_another_implementation_open() {
    let bytes = |text: &serde_json::Value| STANDARD.decode(text.as_str().unwrap()).unwrap();
    let access = AccessKey::from_secret_bytes(&bytes(&KNOWN["secret"])).unwrap();
    let boxed = serde_json::from_slice::<serde_json::Value>(include_bytes!("../data/box-pyca.json")).unwrap();
    let open = OpenKey::from_secret_bytes(&bytes(&boxed["secret"])).unwrap();
    let policy = KNOWN["policy"].as_str().unwrap();
    for kind in ["wrapped", "ec-wrapped", "mlkem-wrapped"] {
        let mut object = KNOWN["objects"][kind].clone();
        let unwrap = |object: &serde_json::Value| match kind {
            "mlkem-wrapped" => open.unwrap(&read(object)),
            _ => access.unwrap(&read(object)),
        };
        let key = unwrap(&object).unwrap();
        assert!(key.policy_bound(policy, read(&object).policy_binding()), "{kind}");
        let mut wrapped = bytes(&object["wrappedKey"]);
        let last = wrapped.len() - 1;
        wrapped[last] ^= 1;
        object["wrappedKey"] = STANDARD.encode(wrapped).into();
        assert_eq!(unwrap(&object).unwrap_err(), AccessError::Refused, "{kind}");
    }
}
