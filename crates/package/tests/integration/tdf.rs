//! OpenTDF files of other clients: both dialects, shares, assertions; and every way of changing one that the clients let pass.

use std::io::{Cursor, Write as _};

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    hmac,
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ledger::Digest;
use package::{
    access::{AccessError, AccessKey, ContentKey, Wrapping},
    tdf::{Assertion, AssertionError, Proof, Tdf, TdfError},
};
use serde_json::{Value, json};

use crate::{access::KNOWN, world::Seeded};

const TEXT: &str = "EXERCISE EXERCISE EXERCISE: content that another client sealed\n";

fn known(field: &str) -> Vec<u8> {
    STANDARD.decode(KNOWN[field].as_str().unwrap()).unwrap()
}

fn known_key() -> AccessKey {
    AccessKey::from_secret_bytes(&known("secret")).unwrap()
}

/// Content and assertions, with one access key for every object.
fn open(file: &[u8], key: &AccessKey) -> Result<(Vec<u8>, Vec<Assertion>), TdfError> {
    open_by(file, &mut |access| key.unwrap(access))
}

fn open_by(
    file: &[u8],
    unwrap: &mut dyn FnMut(&package::access::KeyAccess) -> Result<ContentKey, AccessError>,
) -> Result<(Vec<u8>, Vec<Assertion>), TdfError> {
    let mut unlocked = Tdf::read(Cursor::new(file))?.unlock(unwrap)?;
    let mut content = Vec::new();
    let written = unlocked.write_to(&mut content)?;
    assert_eq!(written, content.len() as u64);
    Ok((content, unlocked.assertions().to_vec()))
}

#[test]
fn a_file_of_a_public_client_opens() {
    let file = known("otdf");
    let tdf = Tdf::read(Cursor::new(&file)).unwrap();
    let manifest = tdf.manifest();
    assert_eq!(manifest.version(), Some("4.3.0"));
    assert_eq!((manifest.content_bytes(), manifest.segment_count()), (TEXT.len() as u64, 4));
    let attribute = "https://tearline.invalid/attr/classification/value/unclassified";
    assert_eq!(manifest.policy().attributes, [attribute]);
    assert_eq!(manifest.policy().receivers, [""; 0]);
    assert_eq!(tdf.names(), ["0.payload", "0.manifest.json"]);
    assert!(!tdf.looks_like_a_package());
    let (content, assertions) = open(&file, &known_key()).unwrap();
    assert_eq!((content.as_slice(), assertions), (TEXT.as_bytes(), vec![]));
}

/// Names without `0.`, a deflated manifest, data descriptors, ZIP64, hexadecimal hashes, HMAC segments, sizes left out, a key in
/// two shares of which one is wrapped twice, statements as text and as object.
#[test]
fn a_file_in_the_older_dialect_opens() {
    let (content, assertions) = open(&known("older"), &known_key()).unwrap();
    assert_eq!(content, TEXT.as_bytes());
    let proofs = assertions.iter().map(|a| (a.id.as_str(), a.proof.clone())).collect::<Vec<_>>();
    let bound = Proof::ContentKey;
    assert_eq!(proofs, [("as-object", bound.clone()), ("as-text", bound), ("bare", Proof::Nothing)]);
    assert!(assertions[0].value.contains("r\u{e9}serv\u{e9}") || assertions[0].value.contains("\\u00e9"));
    assert_eq!(assertions[2].value, "unbound");
}

#[test]
fn no_changed_byte_gives_another_content_and_no_cut_file_opens() {
    let key = known_key();
    for name in ["otdf", "older"] {
        let file = known(name);
        let mut found = 0;
        for at in 0..file.len() {
            let mut changed = file.clone();
            changed[at] ^= 1 << (at % 8);
            match open(&changed, &key) {
                // Times, names of clients and the like: nothing that anybody relies on.
                Ok((content, _)) => assert_eq!(content, TEXT.as_bytes(), "{name}, byte {at}"),
                Err(_) => found += 1,
            }
            assert!(open(&file[..at], &key).is_err(), "{name}, cut at {at}");
        }
        assert!(found > file.len() / 2, "{found} of {} found", file.len());
    }
}

/// A file put together by hand, to be taken apart again.
struct Maker {
    key: [u8; 32],
    segments: Vec<Vec<u8>>,
    policy: Value,
    assertions: Vec<Value>,
}

impl Maker {
    fn new() -> Self {
        Self {
            key: [7; 32],
            segments: ["first ", "second ", "third"].map(|text| text.as_bytes().to_vec()).to_vec(),
            policy: json!({"uuid": "p", "body": {"dataAttributes": [], "dissem": ["ACME"]}}),
            assertions: Vec::new(),
        }
    }

    fn mac(&self, data: &[u8]) -> Vec<u8> {
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.key), data).as_ref().to_vec()
    }

    fn sealed(&self) -> Vec<Vec<u8>> {
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &self.key).unwrap());
        let seal = |(n, text): (usize, &Vec<u8>)| {
            let nonce = [n as u8; 12];
            let mut bytes = text.clone();
            let once = Nonce::assume_unique_for_key(nonce);
            key.seal_in_place_append_tag(once, Aad::empty(), &mut bytes).unwrap();
            [&nonce[..], &bytes].concat()
        };
        self.segments.iter().enumerate().map(seal).collect()
    }

    fn tags(&self) -> Vec<u8> {
        self.sealed().iter().flat_map(|s| s[s.len() - 16..].to_vec()).collect()
    }

    fn manifest(&self, to: &AccessKey) -> Value {
        let content_key = ContentKey::generate(&mut |out: &mut [u8]| out.copy_from_slice(&self.key));
        let wrapped = to.public().wrap(&content_key, Wrapping::Rsa2048, &mut Seeded::new(3)).unwrap();
        let policy = STANDARD.encode(self.policy.to_string());
        let segment = |s: &Vec<u8>| json!({"hash": STANDARD.encode(&s[s.len() - 16..]), "segmentSize": s.len() - 28, "encryptedSegmentSize": s.len()});
        json!({
            "payload": {"type": "reference", "url": "0.payload", "protocol": "zip", "isEncrypted": true},
            "schemaVersion": "4.3.0",
            "assertions": self.assertions,
            "encryptionInformation": {
                "type": "split",
                "keyAccess": [{
                    "type": "wrapped", "url": "https://kas.example", "protocol": "kas",
                    "wrappedKey": STANDARD.encode(wrapped.wrapped), "kid": wrapped.kid.to_string(),
                    "policyBinding": {
                        "alg": "HS256", "hash": STANDARD.encode(hex::encode(self.mac(policy.as_bytes()))),
                    },
                }],
                "policy": policy,
                "method": {"algorithm": "AES-256-GCM", "iv": "", "isStreamable": true},
                "integrityInformation": {
                    "rootSignature": {"alg": "HS256", "sig": STANDARD.encode(self.mac(&self.tags()))},
                    "segmentHashAlg": "GMAC",
                    "segmentSizeDefault": 1024, "encryptedSegmentSizeDefault": 1052,
                    "segments": self.sealed().iter().map(segment).collect::<Vec<_>>(),
                },
            },
        })
    }

    /// An assertion that is bound as clients do, with claims that can be spoilt before they are signed.
    fn assertion(&self, algorithm: &str, spoil: impl Fn(&mut Value)) -> Value {
        let mut assertion = json!({
            "id": "label", "type": "handling", "scope": "payload", "appliesToState": "unencrypted",
            "statement": {"format": "string", "schema": "s", "value": "NATO UNCLASSIFIED"},
        });
        // Without preserved order, serde_json writes the fields in the order that RFC 8785 wants.
        let hash = Digest::of(assertion.to_string().as_bytes());
        let bound = STANDARD.encode([self.tags().as_slice(), hash.as_bytes()].concat());
        let mut claims = json!({"assertionHash": hash.to_string(), "assertionSig": bound});
        spoil(&mut claims);
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(&json!({"alg": algorithm})), encode(&claims));
        let signature = URL_SAFE_NO_PAD.encode(self.mac(signed.as_bytes()));
        assertion["binding"] = json!({"method": "jws", "signature": format!("{signed}.{signature}")});
        assertion
    }
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in members {
        writer.start_file(*name, stored).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn file(manifest: &Value, segments: &[Vec<u8>]) -> Vec<u8> {
    zip(&[("0.payload", &segments.concat()), ("0.manifest.json", manifest.to_string().as_bytes())])
}

const INTEGRITY: &str = "/encryptionInformation/integrityInformation";

fn segments_of(manifest: &mut Value) -> &mut Vec<Value> {
    manifest.pointer_mut(INTEGRITY).unwrap()["segments"].as_array_mut().unwrap()
}

/// What an attacker does to the manifest's list of segments and to the sealed segments.
type Change = dyn Fn(&mut Vec<Value>, &mut Vec<Vec<u8>>);

#[test]
fn segments_cannot_be_cut_swapped_repeated_or_changed() {
    let (key, maker) = (known_key(), Maker::new());
    let (manifest, sealed) = (maker.manifest(&key), maker.sealed());
    assert_eq!(open(&file(&manifest, &sealed), &key).unwrap().0, b"first second third");
    // The manifest follows each change, as an attacker without the key would have it follow.
    let with = |change: &Change| {
        let (mut manifest, mut sealed) = (manifest.clone(), sealed.clone());
        change(segments_of(&mut manifest), &mut sealed);
        open(&file(&manifest, &sealed), &key).unwrap_err()
    };
    let root = |error| matches!(error, TdfError::RootSignature);
    assert!(
        root(with(&|m, s| {
            m.pop();
            s.pop();
        })),
        "cut"
    );
    assert!(
        root(with(&|m, s| {
            m.clear();
            s.clear();
        })),
        "emptied"
    );
    assert!(
        root(with(&|m, s| {
            m.swap(0, 1);
            s.swap(0, 1);
        })),
        "swapped"
    );
    assert!(
        root(with(&|m, s| {
            m.push(m[0].clone());
            s.push(s[0].clone());
        })),
        "repeated"
    );
    let forged = |m: &mut Vec<Value>, s: &mut Vec<Vec<u8>>| {
        s[1][12] ^= 1;
        m[1]["hash"] = STANDARD.encode(&s[1][s[1].len() - 16..]).into();
    };
    assert!(matches!(with(&forged), TdfError::Segment { segment: 2, segments: 3 }), "changed");
    let swapped_below = |_: &mut Vec<Value>, s: &mut Vec<Vec<u8>>| {
        s[0][12] ^= 1;
    };
    assert!(matches!(with(&swapped_below), TdfError::Segment { segment: 1, .. }), "changed");
    // Same sizes, other place: each segment decrypts, and is not where the signature has it.
    let mut even = Maker::new();
    even.segments = vec![b"aaaa".to_vec(), b"bbbb".to_vec()];
    let (manifest, mut sealed) = (even.manifest(&key), even.sealed());
    sealed.swap(0, 1);
    assert!(matches!(
        open(&file(&manifest, &sealed), &key).unwrap_err(),
        TdfError::Segment { segment: 1, .. }
    ));
    let field = |error| matches!(error, TdfError::Field { field: "sum of the segment sizes" });
    assert!(field(with(&|m, _| {
        m.pop();
    })));
    assert!(field(with(&|_, s| s.push(vec![0; 30]))));
}

#[test]
fn root_signatures_that_sign_nothing_are_not_read() {
    let (key, maker) = (known_key(), Maker::new());
    let sealed = maker.sealed();
    let with = |alg: &str, sig: &[u8]| {
        let mut manifest = maker.manifest(&key);
        manifest.pointer_mut(INTEGRITY).unwrap()["rootSignature"] =
            json!({"alg": alg, "sig": STANDARD.encode(sig)});
        open(&file(&manifest, &sealed), &key).unwrap_err()
    };
    // What the platform's `GMAC` would be: the end of what it should protect.
    let tags = maker.tags();
    assert!(matches!(with("GMAC", &tags[tags.len() - 16..]), TdfError::Field { field: "root signature" }));
    assert!(matches!(with("HS256", &[]), TdfError::Field { field: "root signature" }));
    assert!(matches!(with("HS256", &[0; 32]), TdfError::RootSignature));
}

#[test]
fn the_policy_cannot_be_exchanged() {
    let (key, maker) = (known_key(), Maker::new());
    let mut manifest = maker.manifest(&key);
    let wider = json!({"uuid": "p", "body": {"dataAttributes": [], "dissem": ["ACME", "MALLORY"]}});
    manifest["encryptionInformation"]["policy"] = STANDARD.encode(wider.to_string()).into();
    assert!(matches!(open(&file(&manifest, &maker.sealed()), &key).unwrap_err(), TdfError::PolicyBinding));
    // Nor the key access object of another file with the same policy put in.
    let mut other = Maker::new();
    other.key = [8; 32];
    let mut manifest = maker.manifest(&key);
    manifest["encryptionInformation"]["keyAccess"] =
        other.manifest(&key)["encryptionInformation"]["keyAccess"].clone();
    assert!(matches!(open(&file(&manifest, &maker.sealed()), &key).unwrap_err(), TdfError::RootSignature));
}

#[test]
fn keys_of_others_do_not_open_it() {
    let maker = Maker::new();
    let key = known_key();
    let bytes = file(&maker.manifest(&key), &maker.sealed());
    let error = open_by(&bytes, &mut |_| Err(AccessError::Refused)).unwrap_err();
    assert!(matches!(error, TdfError::NoKey { share: 1, shares: 1, last: AccessError::Refused }));
    // One share of two is not enough.
    let older = known("older");
    let error = open_by(&older, &mut |access| match access.sid() {
        Some("a") => key.unwrap(access),
        _ => Err(AccessError::Refused),
    });
    assert!(matches!(error.unwrap_err(), TdfError::NoKey { share: 2, shares: 2, .. }));
}

#[test]
fn assertions_are_worth_what_binds_them() {
    let key = known_key();
    let judged = |assertions: Vec<Value>| {
        let mut maker = Maker::new();
        maker.assertions = assertions;
        open(&file(&maker.manifest(&key), &maker.sealed()), &key).map(|(_, assertions)| assertions)
    };
    let maker = Maker::new();
    let bound = maker.assertion("HS256", |_| {});
    assert_eq!(judged(vec![bound.clone()]).unwrap()[0].proof, Proof::ContentKey);
    // Signed by another key, perhaps one in its own header: it proves nothing, and is not taken for more.
    let foreign = maker.assertion("RS256", |_| {});
    assert_eq!(
        judged(vec![foreign.clone()]).unwrap()[0].proof,
        Proof::Unchecked { algorithm: "RS256".to_owned() }
    );
    let mut stripped = bound.clone();
    stripped.as_object_mut().unwrap().remove("binding");
    assert_eq!(judged(vec![stripped]).unwrap()[0].proof, Proof::Nothing);

    let refused = |assertion: Value| match judged(vec![assertion]).unwrap_err() {
        TdfError::Assertion { error, .. } => error,
        other => panic!("{other:?}"),
    };
    // The label changed and not signed again, whoever signed it.
    for mut changed in [bound.clone(), foreign] {
        changed["statement"]["value"] = "NATO SECRET".into();
        assert_eq!(refused(changed), AssertionError::Hash);
    }
    // Moved here from another file, and signed by somebody without the key.
    let mut other = Maker::new();
    other.segments.pop();
    assert_eq!(refused(other.assertion("HS256", |_| {})), AssertionError::Content);
    let mut stranger = Maker::new();
    stranger.key = [9; 32];
    let of_stranger = stranger.assertion("HS256", |claims| {
        let hash = hex::decode(claims["assertionHash"].as_str().unwrap()).unwrap();
        claims["assertionSig"] = STANDARD.encode([maker.tags(), hash].concat()).into();
    });
    assert_eq!(refused(of_stranger), AssertionError::Signature);
    let mut formless = bound.clone();
    formless["binding"]["signature"] = "a.b".into();
    assert_eq!(refused(formless), AssertionError::Binding);
    let mut other_method = bound;
    other_method["binding"]["method"] = "none".into();
    assert_eq!(refused(other_method), AssertionError::Binding);
    assert_eq!(refused(json!({"id": 7})), AssertionError::Form);
}

#[test]
fn archives_that_read_in_two_ways_are_refused() {
    let (key, maker) = (known_key(), Maker::new());
    let manifest = maker.manifest(&key).to_string();
    let payload = maker.sealed().concat();
    let good = zip(&[("0.payload", &payload), ("0.manifest.json", manifest.as_bytes())]);
    open(&good, &key).unwrap();
    let archive = |bytes: &[u8]| matches!(Tdf::read(Cursor::new(bytes)), Err(TdfError::Archive { .. }));
    let member = |bytes: &[u8]| matches!(Tdf::read(Cursor::new(bytes)), Err(TdfError::Member { .. }));

    assert!(archive(b""), "nothing");
    assert!(archive(&[good.as_slice(), b"x"].concat()), "bytes after the end");
    assert!(archive(&[b"x", good.as_slice()].concat()), "bytes before the start");
    assert!(archive(&[good.as_slice(), &good].concat()), "two archives in a row");
    let both: &[(&str, &[u8])] = &[
        ("0.payload", &payload),
        ("0.manifest.json", manifest.as_bytes()),
        ("manifest.json", manifest.as_bytes()),
    ];
    assert!(member(&zip(both)), "two manifests");
    assert!(member(&zip(&[("0.payload", &payload)])), "no manifest");
    assert!(member(&zip(&[("payload", &payload), both[1]])), "no payload of that name");

    // Two members of one name, and a header that names another than the directory.
    let renamed = |times: usize| {
        let mut twice = zip(&[("0.payload", &payload), both[1], ("1.payload", b"other")]);
        let places =
            (0..twice.len() - 9).filter(|at| &twice[*at..at + 9] == b"1.payload").collect::<Vec<_>>();
        places.iter().rev().take(times).for_each(|at| twice[*at] = b'0');
        twice
    };
    assert!(archive(&renamed(2)), "one name twice");
    assert!(archive(&renamed(1)), "one name twice in the directory");
    let shifted = |offset: usize, value: u8| {
        let mut changed = good.clone();
        let directory = changed.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
        changed[directory + offset] = value;
        changed
    };
    for (offset, value, what) in [
        (8, 1, "encrypted"),
        (10, 8, "another method"),
        (20, 1, "another size"),
        (42, 1, "another place"),
        (34, 1, "another disk"),
    ] {
        assert!(archive(&shifted(offset, value)), "{what}");
    }
}

/// The end of an archive in 64 bits, as clients write it that do not know the length beforehand.
fn with_wide_end(archive: &[u8]) -> Vec<u8> {
    let (body, end) = archive.split_at(archive.len() - 22);
    let number = |at: usize, length: usize| {
        let mut bytes = [0; 8];
        bytes[..length].copy_from_slice(&end[at..at + length]);
        bytes
    };
    let (members, size, offset) = (number(10, 2), number(12, 4), number(16, 4));
    let versions = [45, 0, 45, 0];
    let wide = [
        b"PK\x06\x06".as_slice(),
        &44_u64.to_le_bytes(),
        &versions,
        &[0; 8],
        &members,
        &members,
        &size,
        &offset,
    ];
    let locator =
        [b"PK\x06\x07".as_slice(), &[0; 4], &(body.len() as u64).to_le_bytes(), &1_u32.to_le_bytes()];
    let narrow = [b"PK\x05\x06".as_slice(), &[0; 4], &[0xff; 12], &[0; 2]];
    [body, &wide.concat(), &locator.concat(), &narrow.concat()].concat()
}

#[test]
fn archives_with_a_wide_end_open() {
    let (key, maker) = (known_key(), Maker::new());
    let wide = with_wide_end(&file(&maker.manifest(&key), &maker.sealed()));
    assert_eq!(open(&wide, &key).unwrap().0, b"first second third");
    let (locator, record) = (wide.len() - 42, wide.len() - 98);
    // The locator's offset and disks, the record's length, disks, counts, size and offset.
    for at in [
        locator + 8,
        locator + 4,
        locator + 16,
        record + 4,
        record + 16,
        record + 24,
        record + 32,
        record + 40,
        record + 48,
    ] {
        let mut changed = wide.clone();
        changed[at] ^= 0x40;
        assert!(open(&changed, &key).is_err(), "byte {at} of {}", wide.len());
    }
}

#[test]
fn limits_hold_before_memory_is_taken() {
    let (key, maker) = (known_key(), Maker::new());
    let sealed = maker.sealed();
    let refused = |change: &dyn Fn(&mut Value)| {
        let mut manifest = maker.manifest(&key);
        change(&mut manifest);
        match open(&file(&manifest, &sealed), &key).unwrap_err() {
            TdfError::Field { field } => field.to_owned(),
            other => format!("{other:?}"),
        }
    };
    let size = |plain: u64, encrypted: u64| {
        move |manifest: &mut Value| {
            let segment = &mut segments_of(manifest)[0];
            (segment["segmentSize"], segment["encryptedSegmentSize"]) = (plain.into(), encrypted.into());
        }
    };
    assert_eq!(refused(&size(1 << 40, (1 << 40) + 28)), "segment size");
    assert_eq!(refused(&size(u64::MAX, 27)), "segment size");
    assert_eq!(refused(&size(6, 33)), "segment size");
    let objects = |manifest: &mut Value| {
        let objects = manifest["encryptionInformation"]["keyAccess"].as_array_mut().unwrap();
        *objects = vec![objects[0].clone(); 65];
    };
    assert_eq!(refused(&objects), "number of key access objects");
    assert_eq!(
        refused(&|m| m["encryptionInformation"]["keyAccess"] = json!([])),
        "number of key access objects"
    );
    assert_eq!(refused(&|m| m["assertions"] = json!(vec![1; 65])), "assertions");
    assert_eq!(refused(&|m| m["payload"]["isEncrypted"] = false.into()), "payload");
    assert_eq!(
        refused(&|m| m["encryptionInformation"]["method"]["algorithm"] = "AES-128-CBC".into()),
        "encryption algorithm"
    );
    assert_eq!(refused(&|m| m["encryptionInformation"]["policy"] = "e30=".into()), "policy");
    assert_eq!(
        refused(&|m| m.pointer_mut(INTEGRITY).unwrap()["segmentHashAlg"] = "MD5".into()),
        "segment hash"
    );
    // Nesting that would overrun a stack, and a manifest of another kind of JSON.
    let deep = "[".repeat(100_000);
    for text in [deep.as_str(), "{}", "", "null"] {
        let bytes = zip(&[("0.payload", b""), ("0.manifest.json", text.as_bytes())]);
        assert!(matches!(Tdf::read(Cursor::new(bytes)), Err(TdfError::Json { .. })));
    }
}
