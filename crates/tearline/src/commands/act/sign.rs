//! `tearline act sign`: shows the words, asks, signs, and verifies what came out before anything is written.

use ledger::act::PAYLOAD_TYPE;
use ledger::act_key::{ActKey, ActKeyError, Signer};
use ledger::dsse::Envelope;
use ledger::webauthn::Assertion;

use super::{lines, print_refusal, refused, show};
use crate::cli::act::Sign;
use crate::commands::verify::print_checks;
use crate::document::act::{SIGN_SCHEMA, SignDocument, Words};
use crate::document::package::CheckLine;
use crate::failure::{Answer, Failure};
use crate::folder::{self, Existing};
use crate::input;
use crate::office_shell::passphrase::{Passphrase, Purpose};
use crate::office_shell::token::{self, Token};
use crate::office_shell::{bad_input, keys, with_causes};
use crate::prepared::Judged;
use crate::terminal::{Terminal, Tone, shell_word};

/// An answer's file holds four times a signature at most: base64 and spaces.
const ASSERTION_BYTES_MAX: usize = 4 * ledger::act_key::SIGNATURE_BYTES_MAX;

pub(super) fn run(arguments: &Sign, terminal: &Terminal) -> Result<Answer, Failure> {
    let existing = if arguments.force { Existing::Replace } else { Existing::Refuse };
    folder::check_file(&arguments.out, existing)?;
    let log = show::read_log(&arguments.source)?;
    let (prepared, judged) = show::read(&arguments.file, log.as_ref())?;
    let mut answer = SignDocument {
        schema: SIGN_SCHEMA,
        verdict: "not-signed",
        file: None,
        act_sha256: None,
        key: prepared.key,
        algorithm: judged.key.as_ref().map(ActKey::algorithm).unwrap_or_default().to_owned(),
        words: judged.statement.clone().map(Words::from),
        checks: judged.checks.clone(),
        refusal: judged.refusal.as_ref().map(refused),
    };
    // Whoever signs reads these, whatever is printed on stdout.
    answer.words.iter().flat_map(lines).for_each(|line| terminal.say(&line));
    let Some(key) = judged.key.as_ref().filter(|_| judged.is_sound() && judged.refusal.is_none()) else {
        return Ok(finish(&answer, terminal));
    };
    let made = match Source::of(arguments, key)? {
        Ok(source) if arguments.yes || confirm(terminal)? => source.sign(&judged),
        Ok(_) => Err("the signer did not say yes".to_owned()),
        Err(fault) => Err(fault),
    };
    match made.and_then(|signature| envelope(&judged, key, signature)) {
        Ok(envelope) => {
            folder::put_file(&arguments.out, &envelope.to_bytes())?;
            note(&mut answer, "passed", format!("verifies under key {}", key.id()));
            answer.verdict = "signed";
            answer.file = Some(arguments.out.display().to_string());
            answer.act_sha256 = Some(envelope.digest().to_string());
        }
        Err(fault) => note(&mut answer, "failed", fault),
    }
    let answered = finish(&answer, terminal);
    if answered == Answer::Yes {
        terminal.next(&format!("tearline act submit {} --office DIR", shell_word(&arguments.out)));
    }
    Ok(answered)
}

fn note(answer: &mut SignDocument, outcome: &'static str, detail: String) {
    answer.checks.push(CheckLine { name: "signature".to_owned(), outcome, detail });
}

fn finish(answer: &SignDocument, terminal: &Terminal) -> Answer {
    if terminal.json() {
        terminal.document(answer);
    } else {
        print_checks(&answer.checks, false, terminal);
        match (&answer.file, &answer.refusal) {
            (Some(file), _) => {
                let word = terminal.out_word(Tone::Good, "signed");
                terminal.answer(&format!("{word}: {file}"));
                terminal.answer(&format!("  act {}", answer.act_sha256.as_deref().unwrap_or_default()));
            }
            (None, Some(refusal)) => print_refusal("not signed", refusal, terminal),
            (None, None) => {
                let word = terminal.out_word(Tone::Bad, "not signed");
                let failed = answer.checks.iter().find(|check| check.outcome == "failed");
                terminal.answer(&format!("{word}: {}", failed.map_or("", |check| check.detail.as_str())));
            }
        }
    }
    if answer.file.is_some() { Answer::Yes } else { Answer::No }
}

/// Asks on the terminal.
fn confirm(terminal: &Terminal) -> Result<bool, Failure> {
    let answer = terminal.ask("Sign exactly this? Type yes: ").ok_or_else(|| {
        let advice = "read the words with `tearline act show`, then add --yes";
        Failure::usage("there is no terminal to ask on", advice)
    })?;
    Ok(answer.trim() == "yes")
}

/// Where the signature comes from. It belongs to the key that the act was prepared for: another one is refused before it signs.
enum Source {
    File(Box<ledger::keyfile::ActSecret>),
    Token(Box<Token>),
    Browser(Assertion),
}

impl Source {
    /// The source that the command line names, or why it cannot be that of this key.
    fn of(arguments: &Sign, key: &ActKey) -> Result<Result<Self, String>, Failure> {
        if let Some(path) = &arguments.assertion {
            let bytes = input::read_at_most(path, ASSERTION_BYTES_MAX)?;
            let assertion = Assertion::from_json(&bytes)
                .map_err(|error| bad_input(&format!("`{}`", path.display()), &error, error.advice()))?;
            return Ok(match key {
                ActKey::WebAuthn(_) => Ok(Self::Browser(assertion)),
                ActKey::Ed25519(_) | ActKey::P256(_) => Err(format!(
                    "the act was prepared for a key of {}, not for a security key",
                    key.algorithm()
                )),
            });
        }
        if let Some(path) = &arguments.key {
            // The card needs no passphrase: a wrong file is told before one is asked for.
            let card = keys::read_card(path)?;
            if card.id() != key.id() {
                return Ok(Err(other_key(&card.id().to_string(), key)));
            }
            let passphrase =
                Passphrase::obtain(arguments.passphrase_file.as_deref(), Purpose::Open, &shell_word(path))?;
            let secret = keys::unlock_act(path, &passphrase)?;
            return Ok(Ok(Self::File(Box::new(secret))));
        }
        let token = token::open(&arguments.token)?;
        let found = token.key();
        Ok(if found == *key {
            Ok(Self::Token(Box::new(token)))
        } else {
            Err(other_key(&found.id().to_string(), key))
        })
    }

    fn sign(&self, judged: &Judged) -> Result<Vec<u8>, String> {
        let told = |error: ActKeyError| format!("{}; {}", with_causes(&error), error.advice());
        match self {
            Self::File(secret) => secret.sign(&judged.message()).map_err(told),
            Self::Token(token) => token.sign(&judged.message()).map_err(told),
            Self::Browser(assertion) => Ok(assertion.to_bytes()),
        }
    }
}

fn other_key(found: &str, key: &ActKey) -> String {
    format!("this is key {found}; the act was prepared for key {}", key.id())
}

/// The envelope, if the signature holds under the key.
fn envelope(judged: &Judged, key: &ActKey, signature: Vec<u8>) -> Result<Envelope, String> {
    let envelope = Envelope::signed(PAYLOAD_TYPE, &judged.payload, key.id(), signature)
        .map_err(|error| with_causes(&error))?;
    match envelope.verify_as(PAYLOAD_TYPE, key) {
        Ok(_) => Ok(envelope),
        Err(error) if matches!(key, ActKey::WebAuthn(_)) => Err(format!(
            "{error}: it answers another challenge, is from another site or key, or the user was not verified"
        )),
        Err(error) => Err(error.to_string()),
    }
}
