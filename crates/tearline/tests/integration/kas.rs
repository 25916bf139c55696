//! `tearline serve` as the alliance's own clients meet it: the public Python client, unmodified, against the program on loopback.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::run::{Answer, Bench};

/// A package's id that no package has.
const PACKAGE: &str = "0d9f5c1e-7a5b-4c3d-9e8f-001122334455";
/// Two companies of the demo; the release is for both.
const COMPANIES: [&str; 2] = ["AURORA", "BOREAL"];
const TEXT: &str = "EXERCISE EXERCISE EXERCISE\nwhat only one receiver may read\n";

/// The interpreter of the environment that `./run test` makes; nothing elsewhere.
fn python() -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_BIN_EXE_tearline")).parent().and_then(Path::parent)?;
    let interpreter = target.join("otdf-venv/bin/python");
    if interpreter.is_file() {
        return Some(interpreter);
    }
    assert!(std::env::var_os("CI").is_none(), "no {}: ./run test makes it", interpreter.display());
    println!("skipped: no {}; ./run test makes it", interpreter.display());
    None
}

/// An office in a folder, and its running service.
struct Served {
    bench: Bench,
    child: Child,
    url: String,
    python: PathBuf,
}

impl Served {
    /// The demo's office, which serves keys to two companies, with this beside it in the configuration of each.
    fn start(python: PathBuf) -> Self {
        let bench = Bench::empty();
        bench.expect(0, "demo --check --dir demo");
        let passphrase = "--passphrase-file demo/keys/PASSPHRASE";
        bench.expect(0, &format!("key new --kind access --out demo/keys/access.key {passphrase}"));
        let digest =
            |name: &str| bench.expect(0, &format!("key credential --out {name}")).out.trim().to_owned();
        let mut config =
            "schema = \"tearline-serve/1\"\noffice = \"demo\"\nlisten = \"127.0.0.1:0\"\nlog = true\n\n\
             [access]\nkey = \"demo/keys/access.key\"\n"
                .to_owned();
        for company in COMPANIES {
            let client = company.to_lowercase();
            let (secret, bearer) = (digest(&format!("{client}.secret")), digest(&format!("{client}.bearer")));
            config.push_str(&format!(
                "\n[[receiver]]\ncode = \"{company}\"\nclient_id = \"{client}\"\nsecret_sha256 = \"{secret}\"\n\
                 bearer_sha256 = [\"{bearer}\"]\nproof = \"waived\"\n"
            ));
        }
        bench.write("serve.toml", &config);
        let (child, url) = serve(&bench, passphrase);
        Self { bench, child, url, python }
    }

    fn client(&self, arguments: &[&str]) -> Answer {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/integration/kas/otdf_client.py");
        let mut command = Command::new(&self.python);
        command.arg(script).args(arguments).current_dir(self.bench.path("."));
        Answer::of(&command.output().unwrap())
    }

    fn decrypt(&self, client: &str, package: &str) -> Answer {
        self.client(&["decrypt", &self.url, client, &format!("{client}.secret"), package, "opened"])
    }

    /// A file that the Python client encrypts to our key, under this policy.
    fn encrypt(&self, name: &str, policy: &Value) {
        self.bench.write("text", TEXT);
        let policy = policy.to_string();
        let by = COMPANIES[0].to_lowercase();
        let secret = format!("{by}.secret");
        let answer = self.client(&["encrypt", &self.url, &by, &secret, &policy, "text", name]);
        assert_eq!(answer.code, 0, "{}", answer.err);
    }

    /// The release in the log.
    fn proposal(&self) -> String {
        let log =
            self.bench.expect(0, "ledger verify --dir demo/ledger --trust demo/trust.json --json").json();
        let of_figures = |release: &&Value| release["title"].as_str().unwrap().contains("demand");
        let release = log["releases"].as_array().unwrap().iter().find(of_figures).unwrap();
        release["proposal_sha256"].as_str().unwrap().to_owned()
    }

    /// A policy as our packages have it.
    fn policy(&self, receiver: &str) -> Value {
        json!({
            "uuid": PACKAGE,
            "attributes": [
                format!("https://tearline.invalid/attr/proposal/value/{}", self.proposal()),
                format!("https://tearline.invalid/attr/label-sha256/value/{}", self.label()),
            ],
            "dissem": [receiver],
        })
    }

    /// Digest of the label of the demo's packages, as one of them binds it.
    fn label(&self) -> String {
        let of_figures = |path: &String| path.starts_with("demo/portal/") && path.ends_with(".tdf");
        let package = self.bench.list().into_iter().find(of_figures).unwrap();
        let bytes = std::fs::read(self.bench.path(&package)).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let policy = text.split("\"policy\":\"").nth(1).unwrap().split('"').next().unwrap();
        let policy = ledger::encoding::from_base64(policy).unwrap();
        let policy = String::from_utf8(policy).unwrap();
        policy.split("attr/label-sha256/value/").nth(1).unwrap().chars().take(64).collect()
    }

    /// Ends the service as a supervisor does; what it said.
    fn stop(mut self) -> (Bench, String) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(self.child.wait().unwrap().success(), "{said}");
        (self.bench, said)
    }
}

/// Starts the service; its address when it is ready.
fn serve(bench: &Bench, passphrase: &str) -> (Child, String) {
    let mut command = bench.command(&format!("serve --config serve.toml {passphrase}"));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    if line.is_empty() {
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        panic!("{said}");
    }
    (child, line.trim().trim_end_matches('/').to_owned())
}

/// A package of the profile `interop`: the public client opens it through our service, the receiver's own key without it.
#[test]
fn the_python_client_opens_our_package_through_our_service() {
    let Some(python) = python() else { return };
    let served = Served::start(python);
    let bench = &served.bench;
    let [own, other] = COMPANIES.map(str::to_lowercase);
    let (proposal, url) = (served.proposal(), &served.url);
    let passphrase = "--passphrase-file demo/keys/PASSPHRASE";
    bench.expect(
        0,
        &format!(
            "seal {proposal} --office demo --content demo/forms --cards demo/keys --key demo/keys/office.seal.key \
             --trust demo/trust.json --out interop --service {url} --access demo/keys/access.key.card.json {passphrase}"
        ),
    );
    let package = |company: &str| {
        let named =
            |path: &&String| path.starts_with("interop/") && path.contains(company) && path.ends_with(".tdf");
        bench.list().iter().find(named).unwrap().clone()
    };
    let sealed = package(COMPANIES[0]);
    bench.expect(0, &format!("verify {sealed} --trust demo/trust.json"));
    let answer = served.decrypt(&own, &sealed);
    assert_eq!(answer.code, 0, "{}", answer.err);
    let through_the_service = std::fs::read(bench.path("opened")).unwrap();
    // The same content by the receiver's own key, which needs nobody.
    let open =
        format!("tdf open {sealed} --key demo/keys/{}.open.key --out alone {passphrase}", COMPANIES[0]);
    bench.expect(0, &open);
    assert!(through_the_service == std::fs::read(bench.path("alone")).unwrap());
    assert_eq!(served.decrypt(&other, &sealed).code, 1);
    let (_, said) = served.stop();
    assert_eq!(decisions(&said), ["granted", "addressee"]);
}

/// What the service said that it decided, in order.
fn decisions(said: &str) -> Vec<String> {
    let lines = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter_map(|line| line["decision"].as_str().map(str::to_owned)).collect()
}

/// What `otdf-python` encrypts it decrypts through our service; nobody else does; all of it is in the log.
#[test]
fn the_python_client_encrypts_to_our_key_and_decrypts_through_our_service() {
    let Some(python) = python() else { return };
    let served = Served::start(python);
    let [own, other] = COMPANIES.map(str::to_lowercase);
    served.encrypt("own.tdf", &served.policy(COMPANIES[0]));
    let answer = served.decrypt(&own, "own.tdf");
    assert_eq!(answer.code, 0, "{}", answer.err);
    assert_eq!(served.bench.read("opened"), TEXT);
    let bearer = format!("{own}.bearer");
    let answer = served.client(&["bearer-decrypt", &served.url, &bearer, "own.tdf", "opened"]);
    assert_eq!(answer.code, 0, "{}", answer.err);
    // The other company, a wrong secret, a policy about no release, and one about a release that nobody knows. The client does not
    // say why; the service does.
    assert_eq!(served.decrypt(&other, "own.tdf").code, 1);
    std::fs::copy(served.bench.path(&bearer), served.bench.path("wrong.secret")).unwrap();
    let wrong = served.client(&["decrypt", &served.url, &own, "wrong.secret", "own.tdf", "opened"]);
    assert_eq!(wrong.code, 1);
    served.encrypt("none.tdf", &json!({"uuid": PACKAGE, "attributes": [], "dissem": [COMPANIES[0]]}));
    assert_eq!(served.decrypt(&own, "none.tdf").code, 1);
    let mut unknown = served.policy(COMPANIES[0]);
    unknown["attributes"][0] =
        json!(format!("https://tearline.invalid/attr/proposal/value/{}", "ab".repeat(32)));
    served.encrypt("unknown.tdf", &unknown);
    assert_eq!(served.decrypt(&own, "unknown.tdf").code, 1);
    // We open theirs.
    served.bench.expect(
        0,
        "tdf open own.tdf --key demo/keys/access.key --out theirs --passphrase-file demo/keys/PASSPHRASE",
    );
    assert_eq!(served.bench.read("theirs"), TEXT);
    // Served beside it: the log, in which every answer stands.
    let url = format!("{}/log", served.url);
    let log = served.bench.run(&format!("ledger verify --url {url} --trust demo/trust.json --json")).json();
    for check in log["checks"].as_array().unwrap() {
        // No witness has seen these entries yet.
        let expected = if check["name"] == "witnesses" { "failed" } else { "passed" };
        assert_eq!(check["outcome"], expected, "{check}");
    }
    let (bench, said) = served.stop();
    assert_eq!(decisions(&said), ["granted", "granted", "addressee", "unknown_release"]);
    let last: Value = serde_json::from_str(said.trim().lines().last().unwrap()).unwrap();
    assert_eq!(last["message"], "stopped", "{said}");
    for (count, expected) in [("granted", 2), ("refused", 2), ("unauthenticated", 1), ("malformed", 1)] {
        assert_eq!(last[count], expected, "{said}");
    }
    for secret in [&bearer, &format!("{own}.secret")] {
        assert!(!said.contains(bench.read(secret).trim()));
    }
}
