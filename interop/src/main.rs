//! The Rust client `opentdf`, unmodified, against `tearline serve` on loopback: it encrypts to our key and decrypts through our
//! service, with requests signed by the key that it proves (DPoP); other receivers and other keys get nothing; we open its file.
//!
//!     interop PATH_OF_TEARLINE
//!
//! `./run interop` builds and runs it; docs/interop.md holds what came of it last.

use std::error::Error;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use opentdf::ed25519_dalek::SigningKey;
use opentdf::kas::{CallerKey, KasClient};
use opentdf::kas_discovery::{OpentdfConfiguration, fetch_well_known};
use opentdf::kas_key::fetch_kas_public_key_connect;
use opentdf::manifest::{IntegrityInformationExt as _, KeyAccessExt as _, TdfManifest};
use opentdf::{Segment, Tdf, TdfArchiveMemoryBuilder, TdfEncryption, wrap_key_with_rsa_oaep};
use serde_json::{Value, json};

type Done<T = ()> = Result<T, Box<dyn Error>>;

const TEXT: &[u8] = b"EXERCISE EXERCISE EXERCISE\nwhat only one receiver may read\n";
const PASSPHRASE: [&str; 2] = ["--passphrase-file", "demo/keys/PASSPHRASE"];
/// Two companies of the demo; its release is for both.
const COMPANIES: [&str; 2] = ["AURORA", "BOREAL"];

/// The demo's office in a folder of its own, and its running service.
struct Served {
    tearline: PathBuf,
    folder: PathBuf,
    child: Child,
    url: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        // Nothing is to be done about either.
        let _ = self.child.kill();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Served {
    fn start(tearline: &Path) -> Done<Self> {
        let folder = std::env::temp_dir().join(format!("tearline-interop-{}", std::process::id()));
        fs::create_dir(&folder)?;
        let run = |arguments: &[&str]| run(tearline, &folder, arguments);
        run(&["demo", "--check", "--dir", "demo"])?;
        run(&["key", "new", "--kind", "access", "--out", "access.key", PASSPHRASE[0], PASSPHRASE[1]])?;
        let mut config = "schema = \"tearline-serve/1\"\noffice = \"demo\"\nlisten = \"127.0.0.1:0\"\n\
             [access]\nkey = \"access.key\"\n"
            .to_owned();
        for company in COMPANIES {
            let digest = run(&["key", "credential", "--out", company])?;
            config.push_str(&format!(
                "[[receiver]]\ncode = \"{company}\"\nclient_id = \"{company}\"\nsecret_sha256 = \"{}\"\n",
                digest.trim()
            ));
        }
        fs::write(folder.join("serve.toml"), config)?;
        let mut child = Command::new(tearline)
            .args(["serve", "--config", "serve.toml", PASSPHRASE[0], PASSPHRASE[1]])
            .current_dir(&folder)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        let url = line.trim().trim_end_matches('/').to_owned();
        Ok(Self { tearline: tearline.to_owned(), folder, child, url })
    }

    fn run(&self, arguments: &[&str]) -> Done<String> {
        run(&self.tearline, &self.folder, arguments)
    }

    /// A policy as our packages have it: for one receiver, of the release that the demo sealed, under its label.
    fn policy(&self, receiver: &str) -> Done<Value> {
        let log = self.run(&["ledger", "verify", "--dir", "demo/ledger", "--trust", "demo/trust.json", "--json"])?;
        let log: Value = serde_json::from_str(&log)?;
        let proposal = log["releases"][0]["proposal_sha256"].as_str().ok_or("no release in the log")?;
        let package = fs::read_dir(self.folder.join("demo/portal/packages"))?.next().ok_or("no package")??;
        let shown = self.run(&["tdf", "show", &package.path().display().to_string(), "--json"])?;
        let label = shown.split("attr/label-sha256/value/").nth(1).and_then(|rest| rest.get(..64));
        let attribute = |name: &str, value: &str| json!({"attribute": format!("https://tearline.invalid/attr/{name}/value/{value}")});
        let attributes = [attribute("proposal", proposal), attribute("label-sha256", label.ok_or("no label")?)];
        let uuid = "0d9f5c1e-7a5b-4c3d-9e8f-001122334455";
        Ok(json!({"uuid": uuid, "body": {"dataAttributes": attributes, "dissem": [receiver]}}))
    }

    /// An access token for a company, bound to the key that it proves.
    async fn token(&self, http: &reqwest::Client, company: &str, key: &CallerKey, endpoint: &str) -> Done<String> {
        let secret = fs::read_to_string(self.folder.join(company))?;
        let proof = key.dpop_proof("POST", endpoint, "")?;
        let form = format!(
            "grant_type=client_credentials&client_id={company}&client_secret={}",
            secret.trim()
        );
        let answer = http
            .post(endpoint)
            .header("dpop", proof)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
            .send()
            .await?
            .error_for_status()?;
        let answer: Value = answer.json().await?;
        Ok(answer["access_token"].as_str().ok_or("no access token")?.to_owned())
    }
}

fn run(tearline: &Path, folder: &Path, arguments: &[&str]) -> Done<String> {
    let output = Command::new(tearline).args(arguments).current_dir(folder).output()?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    Err(format!("tearline {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr)).into())
}

/// A file that the client encrypts to the service's RSA key.
async fn encrypt(http: &reqwest::Client, config: &OpentdfConfiguration, policy: &Value) -> Done<Vec<u8>> {
    let kas = config.kas.as_ref().ok_or("no key access service was discovered")?;
    let endpoint = kas.connect_public_key_url.as_deref().ok_or("no address for public keys")?;
    let public = fetch_kas_public_key_connect(endpoint, http).await?;
    let encryption = TdfEncryption::new()?;
    let segmented = encryption.encrypt_with_segments(TEXT, 1 << 20)?;
    let mut manifest = TdfManifest::new("0.payload".to_owned(), kas.uri.clone());
    let policy = policy.to_string();
    manifest.set_policy_raw(&policy);
    let information = &mut manifest.encryption_information;
    information.method.algorithm = "AES-256-GCM".to_owned();
    information.method.iv = String::new();
    let access = information.key_access.first_mut().ok_or("no key access object")?;
    access.generate_policy_binding_raw(&policy, encryption.payload_key())?;
    access.wrapped_key = wrap_key_with_rsa_oaep(encryption.payload_key(), &public.public_key)?;
    access.kid = Some(public.kid);
    let integrity = &mut information.integrity_information;
    for segment in &segmented.segment_info {
        integrity.segment_size_default = segment.plaintext_size;
        integrity.encrypted_segment_size_default = segment.encrypted_size;
        integrity.segments.push(Segment {
            hash: segment.hash.clone(),
            segment_size: Some(segment.plaintext_size),
            encrypted_segment_size: Some(segment.encrypted_size),
        });
    }
    integrity.generate_root_signature(&segmented.gmac_tags, encryption.payload_key())?;
    let mut archive = TdfArchiveMemoryBuilder::new();
    archive.add_entry_with_segments(&manifest, &segmented.segments, 0)?;
    Ok(archive.finish()?)
}

async fn decrypt(config: &OpentdfConfiguration, token: &str, key: CallerKey, file: &[u8]) -> Done<Vec<u8>> {
    let client = KasClient::new(config, token)?.with_caller_key(key);
    Ok(Tdf::decrypt(file).kas_client(client).to_bytes().await?)
}

fn key(seed: u8) -> CallerKey {
    CallerKey::Ed25519(SigningKey::from_bytes(&[seed; 32]))
}

fn passed(what: &str) {
    println!("passed  {what}");
}

fn refused<T>(outcome: Done<T>, said: &str, what: &str) -> Done {
    match outcome {
        Err(error) if error.to_string().contains(said) => {
            passed(what);
            Ok(())
        }
        Err(error) => Err(format!("{what}: refused for another reason: {error}").into()),
        Ok(_) => Err(format!("{what}: not refused").into()),
    }
}

async fn story(served: &Served) -> Done {
    let http = reqwest::Client::new();
    let config = fetch_well_known(&served.url, &http).await?;
    let endpoint = config.idp.as_ref().and_then(|idp| idp.token_endpoint.clone()).ok_or("no token endpoint")?;
    let [own, other] = COMPANIES;
    let file = encrypt(&http, &config, &served.policy(own)?).await?;
    let token = served.token(&http, own, &key(1), &endpoint).await?;
    if decrypt(&config, &token, key(1), &file).await? != TEXT {
        return Err("the client decrypted something else".into());
    }
    passed("opentdf encrypts to our key and decrypts through our service, with DPoP (Ed25519)");
    let theirs = served.token(&http, other, &key(2), &endpoint).await?;
    refused(decrypt(&config, &theirs, key(2), &file).await, "addressee", "another receiver gets nothing")?;
    refused(decrypt(&config, &token, key(3), &file).await, "another key", "a stolen token under another key gets nothing")?;
    let plain = KasClient::new(&config, token)?;
    let outcome = Tdf::decrypt(file.as_slice()).kas_client(plain).to_bytes().await.map_err(Into::into);
    refused(outcome, "no DPoP proof", "a stolen token without a proof gets nothing")?;
    fs::write(served.folder.join("theirs.tdf"), &file)?;
    served.run(&["tdf", "open", "theirs.tdf", "--key", "access.key", "--out", "theirs.txt", PASSPHRASE[0], PASSPHRASE[1]])?;
    if fs::read(served.folder.join("theirs.txt"))? != TEXT {
        return Err("we opened something else".into());
    }
    passed("we open what opentdf encrypted (tearline tdf open)");
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Done {
    let tearline = std::env::args_os().nth(1).ok_or("name the program: interop PATH_OF_TEARLINE")?;
    let served = Served::start(&fs::canonicalize(tearline)?)?;
    story(&served).await
}
