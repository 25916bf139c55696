//! `tearline serve`: the office's key access service on its folder, until Ctrl-C or SIGTERM.
//!
//! Words of the service are JSON lines on stderr, fields only; what must be provable is in the log.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ledger::act::{Code, Scope, UtcTime};
use server::http::{Limits, Service};
use server::journal::Journal;
use server::kas::jwk::ClientKey;
use server::kas::sign_in::{Proving, SignIn, SignIns};
use server::kas::{KeyAccessService, Settings};
use server::log_files;
use server::sequencer::Sequencer;
use store::SqliteStore;

use crate::cli::serve::Serve;
use crate::document::serve::{Proof, ReceiverTable, SERVE_SCHEMA, ServeDocument};
use crate::failure::{Answer, Failure};
use crate::office_shell::clock::{Clock as _, SystemClock};
use crate::office_shell::passphrase::{Passphrase, Purpose};
use crate::office_shell::randomness::OsRandomness;
use crate::office_shell::{bad_input, house, keys};
use crate::terminal::Terminal;
use crate::{input, interrupt};

/// Time that a request's body has to arrive.
const BODY_TIME: Duration = Duration::from_secs(10);
/// Seconds that an access token may count.
const TOKEN_LIFETIMES_S: std::ops::RangeInclusive<u32> = 30..=3_600;

pub(super) fn run(arguments: &Serve, terminal: &Terminal) -> Result<Answer, Failure> {
    let config = Config::read(&arguments.config)?;
    let sign_ins = config.sign_ins()?;
    let file = arguments.passphrase_file.as_deref();
    let passphrase = Passphrase::obtain(file, Purpose::Open, "the keys of the office")?;
    let document = &config.document;
    let journal = house::open_unlocked(&config.at(&document.office), &document.access.act_key, &passphrase)?;
    signs_answers(&journal, &config.at(&document.office).join(&document.access.act_key))?;
    let access = keys::access_key(&keys::open(&config.at(&document.access.key), &passphrase)?)?;
    let strangers = sign_ins
        .receivers()
        .filter(|code| journal.state().roster().is_none_or(|roster| !roster.receivers().contains_key(*code)));
    for code in strangers {
        terminal.say(&format!("`{code}` is not on the roster: until it is, it gets no keys"));
    }
    let unusable = |error: std::io::Error| {
        Failure::failed(
            format!("cannot serve on {}: {error}", document.listen),
            "choose another address in `listen`",
        )
    };
    let listener = TcpListener::bind(document.listen).map_err(unusable)?;
    let settings = config.settings(listener.local_addr().map_err(unusable)?)?;
    interrupt::listen()?;
    tell();
    let sequencer = Sequencer::start(journal).map_err(unusable)?;
    let service = KeyAccessService::new(
        &settings,
        access,
        sign_ins,
        sequencer.submitter(),
        Box::new(now),
        Box::new(OsRandomness::new()?),
    );
    let service = service.map_err(|error| bad_input("`url`", &error, error.advice()))?;
    let mut routes = service.routes();
    if document.log {
        routes = routes.nest("/log", log_files::routes(sequencer.submitter()));
    }
    let running = Service::start(listener, routes, Limits::default()).map_err(unusable)?;
    terminal.answer(&format!("http://{}/", running.address()));
    terminal.say(&format!("serving {} until Ctrl-C", settings.url));
    interrupt::wait();
    running.stop();
    // Everything that was answered is in the log by now.
    drop(sequencer.stop());
    let counts = service.counts();
    tracing::info!(
        granted = counts.granted,
        refused = counts.refused,
        unauthenticated = counts.unauthenticated,
        malformed = counts.malformed,
        "stopped"
    );
    Ok(Answer::Yes)
}

/// Whether the key that is to sign the answers may: better said now than to the first receiver.
fn signs_answers(journal: &Journal<SqliteStore>, act_key: &Path) -> Result<(), Failure> {
    let id = keys::read_card(act_key)?.id();
    let office = journal.state().roster().and_then(|roster| roster.party(&Code::office()));
    let delegate = office.and_then(|(_, delegation)| delegation.delegates().get(&id));
    let may = |scope| delegate.is_some_and(|delegate| delegate.scopes.contains(&scope));
    if may(Scope::Access) && may(Scope::Clock) {
        return Ok(());
    }
    let message = format!("`{}` may not answer for the office by its roster", act_key.display());
    Err(Failure::usage(
        message,
        "name in `act_key` a key that the roster gives the scopes `access` and `clock`",
    ))
}

fn now() -> Option<UtcTime> {
    SystemClock.now().ok()
}

/// From here on `tracing` writes. A second service in one process would find it done.
fn tell() {
    let lines = tracing_subscriber::fmt().json().flatten_event(true).with_target(false);
    let _ = lines.with_max_level(tracing::Level::INFO).with_writer(std::io::stderr).try_init();
}

/// A configuration and the folder that its paths are relative to.
struct Config {
    document: ServeDocument,
    folder: PathBuf,
    shown: String,
}

impl Config {
    fn read(path: &Path) -> Result<Self, Failure> {
        let shown = path.display().to_string();
        let bytes = input::read_file(path)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| {
            Failure::usage(format!("`{shown}` is not UTF-8"), "write the configuration in TOML")
        })?;
        let document: ServeDocument = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            Failure::usage(
                format!("`{shown}`, line {line}: {}", error.message().trim_end()),
                "`tearline schema serve` prints what may stand there; `tearline serve --help` shows an example",
            )
        })?;
        if document.schema != SERVE_SCHEMA {
            let message = format!("`{shown}` has schema `{}`", document.schema);
            return Err(Failure::usage(message, format!("write schema = \"{SERVE_SCHEMA}\"")));
        }
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        Ok(Self { document, folder, shown })
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    fn settings(&self, bound: std::net::SocketAddr) -> Result<Settings, Failure> {
        let Self { document, shown, .. } = self;
        let url = match &document.url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None if bound.ip().is_loopback() => format!("http://{bound}"),
            None => {
                let message = format!("`{shown}` does not say where clients reach the service");
                return Err(Failure::usage(message, "give `url`: packages and proofs name that address"));
            }
        };
        let access = &document.access;
        if !TOKEN_LIFETIMES_S.contains(&access.token_lifetime_s) || access.keys_per_minute == 0 {
            let message = format!("`{shown}`: `token_lifetime_s` or `keys_per_minute` is out of range");
            return Err(Failure::usage(message, "give 30 to 3600 seconds, and one key or more a minute"));
        }
        Ok(Settings {
            url,
            token_lifetime_s: access.token_lifetime_s,
            keys_per_minute: access.keys_per_minute,
            classical_max: access.classification_max,
            body: BODY_TIME,
        })
    }

    fn sign_ins(&self) -> Result<SignIns, Failure> {
        let all = self.document.receiver.iter().map(|receiver| self.sign_in(receiver));
        let all = all.collect::<Result<Vec<_>, _>>()?;
        SignIns::new(all).map_err(|error| bad_input(&format!("`{}`", self.shown), &error, error.advice()))
    }

    fn sign_in(&self, receiver: &ReceiverTable) -> Result<SignIn, Failure> {
        let key = match &receiver.key {
            None => None,
            Some(file) => {
                let path = self.at(file);
                let key = ClientKey::from_jwk(&input::read_file(&path)?);
                let bad = |error: server::kas::jwk::JwkError| {
                    bad_input(&format!("`{}`", path.display()), &error, error.advice())
                };
                Some(key.map_err(bad)?)
            }
        };
        Ok(SignIn {
            receiver: receiver.code.clone(),
            client: receiver.client_id.clone(),
            secret: receiver.secret_sha256,
            key,
            bearers: receiver.bearer_sha256.clone(),
            proving: match receiver.proof {
                Proof::Required => Proving::Required,
                Proof::Waived => Proving::Waived,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The least that help shows, and what may stand beside it.
    const LEAST: &str = "schema = \"tearline-serve/1\"\noffice = \".\"\nlisten = \"127.0.0.1:0\"\n\n[access]\nkey = \"a.key\"\n";
    const DIGEST: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn config(text: &str) -> Result<Config, Failure> {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("serve.toml");
        std::fs::write(&path, text).unwrap();
        Config::read(&path)
    }

    fn refused(text: &str) -> String {
        let failure = config(text).and_then(|config| config.sign_ins().map(|_| ())).unwrap_err();
        assert_eq!(failure.exit_code(), 2);
        failure.to_string()
    }

    #[test]
    fn a_configuration_says_little_and_every_fault_has_its_line() {
        let least = config(LEAST).unwrap();
        assert_eq!(least.document.access.act_key, house::ACT_KEY);
        let loopback = least.settings("127.0.0.1:77".parse().unwrap()).unwrap();
        assert_eq!(loopback.url, "http://127.0.0.1:77");
        assert!(least.settings("192.0.2.1:77".parse().unwrap()).is_err());
        assert!(refused(&LEAST.replace("listen", "lisen")).contains("line 3: unknown field `lisen`"));
        assert!(refused(&LEAST.replace("serve/1", "serve/2")).contains("tearline-serve/2"));
        let receiver =
            |rest: &str| format!("{LEAST}\n[[receiver]]\ncode = \"ACME\"\nclient_id = \"acme\"\n{rest}");
        assert!(config(&receiver(&format!("secret_sha256 = \"{DIGEST}\""))).is_ok());
        assert!(refused(&receiver("")).contains("neither secret, nor key, nor bearer token"));
        assert!(refused(&receiver("secret_sha256 = \"abc\"")).contains("line 11"));
        assert!(refused(&receiver(&format!("bearer_sha256 = [\"{DIGEST}\"]"))).contains("no key"));
        let waived = receiver(&format!("bearer_sha256 = [\"{DIGEST}\"]\nproof = \"waived\""));
        assert!(config(&waived).unwrap().sign_ins().is_ok());
    }
}
