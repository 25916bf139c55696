//! A security key in a browser: made, asked with the challenge of a prepared act, and its answer taken as a signature that the log
//! keeps whole. The answer is verified a second time by OpenSSL, which knows nothing of us.

use std::fs;
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ledger::Digest;

use super::browser::{Browser, serve};
use super::office::{Delegate, Office, TITLE};

/// Makes a credential; gives its id and its public key.
const CREATE: &str = r#"(async () => {
    const text = bytes => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
    const credential = await navigator.credentials.create({publicKey: {
        challenge: new Uint8Array(32), rp: {id: 'localhost', name: 'exercise'},
        user: {id: new Uint8Array([1]), name: 'exercise', displayName: 'exercise'},
        pubKeyCredParams: [{type: 'public-key', alg: -7}],
        authenticatorSelection: {userVerification: 'required'},
    }});
    return {id: text(credential.rawId), spki: text(credential.response.getPublicKey())};
})()"#;

/// Asks it; CHALLENGE and ID are put in.
const GET: &str = r#"(async () => {
    const text = bytes => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
    const bytes = text => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), c => c.charCodeAt(0));
    const {response} = await navigator.credentials.get({publicKey: {
        challenge: bytes('CHALLENGE'), rpId: 'localhost', userVerification: 'required',
        allowCredentials: [{type: 'public-key', id: bytes('ID')}],
    }});
    return {authenticatorData: text(response.authenticatorData), clientDataJSON: text(response.clientDataJSON), signature: text(response.signature)};
})()"#;

fn bytes(value: &serde_json::Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(value.as_str().unwrap()).unwrap()
}

#[test]
fn a_security_key_in_a_browser_signs_an_act() {
    let office = Office::empty();
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&format!("http://localhost:{}/", serve()));
    let made = browser.evaluate(CREATE);
    fs::write(office.bench.path("no.der"), bytes(&made["spki"])).unwrap();
    office.bench.expect(0, "key card --webauthn localhost --spki no.der --name NO --out no.card.json");
    office.bench.expect(2, "key card --webauthn localhost --spki pass --name NO --out other.card.json");
    let card = office.card("no.card.json");
    office.found(1, &[Delegate { id: "chair", card, expires: "2036-01-01T00:00:00Z" }]);
    office.prepare(0, &format!("approve '{TITLE}'"), "no.card.json", "no.json");
    let prepared: serde_json::Value = serde_json::from_str(&office.bench.read("no.json")).unwrap();
    let ask =
        |challenge: &str| GET.replace("CHALLENGE", challenge).replace("ID", made["id"].as_str().unwrap());
    let answer = browser.evaluate(&ask(prepared["challenge"].as_str().unwrap()));
    office.bench.write("answer.json", &serde_json::to_string_pretty(&answer).unwrap());
    office.bench.expect(0, "act sign no.json --assertion answer.json --yes --out no.act");
    openssl(&office, &answer);
    // An answer to another challenge, or with a changed byte, is none to this act; a key file cannot stand in.
    let other = browser.evaluate(&ask(&URL_SAFE_NO_PAD.encode([7; 32])));
    office.bench.write("other.json", &other.to_string());
    let refused = office.bench.expect(3, "act sign no.json --assertion other.json --yes --out other.act");
    assert!(refused.out.contains("it answers another challenge"), "{}", refused.out);
    let mut changed = answer.clone();
    changed["authenticatorData"] = answer["authenticatorData"].as_str().unwrap().replacen('A', "B", 1).into();
    office.bench.write("changed.json", &changed.to_string());
    office.bench.expect(3, "act sign no.json --assertion changed.json --yes --out other.act");
    office.sign(3, "no.json", "de.key", "other.act");
    assert!(!office.bench.path("other.act").exists());
    let logged = office.submit(0, "no.act");
    assert_eq!(logged["followed"], serde_json::json!([format!("a key of NO has approved `{TITLE}`")]));
    // Anybody verifies it later, without the browser and without the office.
    office.bench.expect(0, &format!("ledger verify --dir {} --trust trust.json", office.log()));
    record(&made, &prepared, &answer);
}

/// `openssl dgst -verify` over the authenticator data and the digest of the client data (Web Authentication, section 7.2).
fn openssl(office: &Office, answer: &serde_json::Value) {
    let signed = [
        bytes(&answer["authenticatorData"]),
        Digest::of(&bytes(&answer["clientDataJSON"])).as_bytes().to_vec(),
    ]
    .concat();
    fs::write(office.bench.path("signed.bin"), signed).unwrap();
    fs::write(office.bench.path("signature.der"), bytes(&answer["signature"])).unwrap();
    for arguments in [
        &["pkey", "-pubin", "-inform", "DER", "-in", "no.der", "-out", "no.pem"][..],
        &["dgst", "-sha256", "-verify", "no.pem", "-signature", "signature.der", "signed.bin"],
    ] {
        let output =
            Command::new("openssl").args(arguments).current_dir(office.bench.path(".")).output().unwrap();
        assert!(
            output.status.success(),
            "openssl {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

/// With `TEARLINE_BLESS` set, keeps one answer as a vector for the verifier alone; the key is invented.
fn record(made: &serde_json::Value, prepared: &serde_json::Value, answer: &serde_json::Value) {
    if std::env::var_os("TEARLINE_BLESS").is_some() {
        let vector = serde_json::json!({
            "about": "an assertion by the virtual authenticator of Chromium for a prepared act; the key was invented for it",
            "rp": "localhost", "spki": made["spki"], "payload_type": prepared["payload_type"],
            "payload": prepared["payload"], "challenge": prepared["challenge"], "assertion": answer,
        });
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ledger/testdata/webauthn/chromium.json");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("{}\n", serde_json::to_string_pretty(&vector).unwrap())).unwrap();
    }
}
