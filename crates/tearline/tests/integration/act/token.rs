//! Keys in a PKCS#11 token: softhsm2, in a folder of its own.

use std::fs;
use std::process::Command;

use super::office::{Delegate, Office, TITLE};
use crate::run::Answer;

/// A PIN that stands nowhere else.
const PIN: &str = "83140296";

/// A token with one key of each algorithm.
struct Token<'a> {
    office: &'a Office,
    module: String,
}

impl<'a> Token<'a> {
    /// Nothing where softhsm2 is missing, which CI does not forgive.
    fn new(office: &'a Office) -> Option<Self> {
        let places = [
            "/usr/lib/softhsm",
            "/usr/lib/x86_64-linux-gnu/softhsm",
            "/usr/lib/aarch64-linux-gnu/softhsm",
            "/usr/lib64/softhsm",
            "/usr/local/lib/softhsm",
        ];
        let module = places
            .iter()
            .map(|place| format!("{place}/libsofthsm2.so"))
            .find(|path| fs::exists(path).unwrap());
        let Some(module) = module else {
            assert_ne!(std::env::var_os("CI").as_deref(), Some("true".as_ref()), "softhsm2 is missing");
            println!("skipped: softhsm2 is not installed, so no token to sign with");
            return None;
        };
        let token = Self { office, module };
        let folder = office.bench.path("tokens");
        fs::create_dir(&folder).unwrap();
        office.bench.write(
            "softhsm2.conf",
            &format!("directories.tokendir = {}\nlog.level = ERROR\n", folder.display()),
        );
        office.bench.write("pin", &format!("{PIN}\n"));
        token.tool(
            "softhsm2-util",
            &["--init-token", "--free", "--label", "NO", "--so-pin", "5678", "--pin", PIN],
        );
        token.import("p256", "01", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]);
        token.import("ed25519", "02", &["-algorithm", "ED25519"]);
        Some(token)
    }

    fn import(&self, label: &str, id: &str, algorithm: &[&str]) {
        let arguments = [&["genpkey"], algorithm, &["-out", "key.pem"]].concat();
        self.tool("openssl", &arguments);
        self.tool(
            "softhsm2-util",
            &["--import", "key.pem", "--token", "NO", "--label", label, "--id", id, "--pin", PIN],
        );
        fs::remove_file(self.office.bench.path("key.pem")).unwrap();
    }

    fn tool(&self, program: &str, arguments: &[&str]) {
        let output = Command::new(program)
            .args(arguments)
            .current_dir(self.office.bench.path("."))
            .env("SOFTHSM2_CONF", self.office.bench.path("softhsm2.conf"))
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{program} {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// Runs `tearline` with the token.
    fn expect(&self, code: i32, line: &str) -> Answer {
        let line = line.replace("TOKEN", &format!("--token {} --pin-file pin", self.module));
        let conf = self.office.bench.path("softhsm2.conf");
        let answer =
            Answer::of(&self.office.bench.command(&line).env("SOFTHSM2_CONF", conf).output().unwrap());
        assert_eq!(answer.code, code, "tearline {line}\nstdout: {}\nstderr: {}", answer.out, answer.err);
        for text in [&answer.out, &answer.err] {
            assert!(!text.contains(PIN), "the PIN is printed by {line}");
        }
        answer
    }

    fn delegate(&self, id: &'static str, key: &str) -> Delegate {
        self.expect(0, &format!("key card TOKEN --token-label NO {key} --name NO --out {id}.card.json"));
        Delegate { id, card: self.office.card(&format!("{id}.card.json")), expires: "2036-01-01T00:00:00Z" }
    }
}

#[test]
fn keys_in_a_token_sign_and_the_pin_stays_where_it_is() {
    let office = Office::empty();
    let Some(token) = Token::new(&office) else { return };
    let delegates = [token.delegate("p256", "--key-label p256"), token.delegate("q-ed25519", "--key-id 02")];
    assert_eq!(
        delegates.each_ref().map(|who| who.card.act_key().unwrap().algorithm()),
        ["ECDSA P-256", "Ed25519"]
    );
    office.found(2, &delegates);
    for (id, key) in [("p256", "--key-id 01"), ("q-ed25519", "--key-label ed25519")] {
        office.prepare(0, &format!("approve '{TITLE}'"), &format!("{id}.card.json"), &format!("{id}.json"));
        // Whichever half of the order the token signs in, the act has one spelling: several signatures, all of them taken.
        for round in 0..8 {
            token.expect(
                0,
                &format!("act sign {id}.json TOKEN --token-label NO {key} --yes --force --out {id}.act"),
            );
            if round < 7 {
                office
                    .bench
                    .expect(0, &format!("act submit {id}.act --office . --passphrase-file pass --dry-run"));
            }
        }
        let answer = office.submit(0, &format!("{id}.act"));
        assert_eq!(answer["verdict"], "logged", "{answer}");
    }
    // Not the key of the act; a name that fits several or none; a token that is not there; a wrong PIN.
    let sign = |code, rest: &str| {
        token.expect(code, &format!("act sign p256.json TOKEN {rest} --yes --out other.act"))
    };
    assert!(sign(3, "--token-label NO --key-label ed25519").out.contains("the act was prepared for key"));
    assert!(sign(2, "--token-label NO").err.contains("several keys of its own that sign"));
    assert!(sign(2, "--token-label NO --key-label nobody").err.contains("has no key called `nobody`"));
    assert!(sign(2, "--token-label SE --key-label p256").err.contains("it has `NO`"));
    assert!(sign(2, "--token-slot 7 --key-label p256").err.contains("no token in slot 7"));
    assert!(sign(2, "--token-label NO --key-id 0x").err.contains("is not the id of a key"));
    office.bench.write("pin", "00000000\n");
    assert!(sign(2, "--token-label NO --key-label p256").err.contains("does not take the PIN"));
    assert!(!office.bench.path("other.act").exists());
    office.bench.expect(2, "act sign p256.json --token trust.json --pin-file pin --yes --out other.act");
    // Nothing that was written holds the PIN.
    fs::remove_file(office.bench.path("pin")).unwrap();
    for name in office.bench.list() {
        let path = office.bench.path(&name);
        if path.is_file() {
            let bytes = fs::read(&path).unwrap();
            assert!(!bytes.windows(PIN.len()).any(|window| window == PIN.as_bytes()), "{name} holds the PIN");
        }
    }
}
