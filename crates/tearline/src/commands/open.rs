//! `tearline open`: the content of a package, only after everything verified, whole or not at all.

use ledger::Digest;
use package::trust::Use;
use package::{Content, OpenKey, Trust};

use crate::cli::sealed::Open;
use crate::commands::verify::{EXERCISE, broken, print_checks, read_package, read_trust};
use crate::document::package::{About, CheckLine, OPEN_SCHEMA, OpenDocument};
use crate::failure::{Answer, Failure};
use crate::folder::{Existing, Target};
use crate::office_shell::keys::{self, Unlocked};
use crate::office_shell::passphrase::{Passphrase, Purpose};
use crate::office_shell::with_causes;
use crate::terminal::{Terminal, Tone, shell_word};

pub(super) fn run(arguments: &Open, terminal: &Terminal) -> Result<Answer, Failure> {
    let target = Target::new(&arguments.out, Existing::Refuse)?;
    let trust = read_trust(&arguments.trust)?;
    let bytes = read_package(&arguments.package)?;
    let verified = match package::verify(&bytes, &trust) {
        Ok(verified) => verified,
        // No key is asked for: what is not verified is not worth a passphrase.
        Err(report) => return Ok(invalid(&bytes, &trust, &report, terminal)),
    };
    let mut document = OpenDocument {
        schema: OPEN_SCHEMA,
        verdict: "refused",
        package_sha256: Digest::of(&bytes).to_string(),
        about: Some(About::of(&verified)),
        checks: verified.report().checks().iter().map(CheckLine::from).collect(),
        out: None,
        files: Vec::new(),
        refusal: None,
        advice: String::new(),
    };
    let passphrase =
        Passphrase::obtain(arguments.passphrase_file.as_deref(), Purpose::Open, &shell_word(&arguments.key))?;
    let opened = match keys::unlock(&arguments.key, &passphrase)? {
        Unlocked::Refused => Err((
            "the passphrase does not fit, or the key file was changed".to_owned(),
            "try the passphrase again, then another copy of the key file",
        )),
        Unlocked::Key(file) => {
            let key: OpenKey = keys::open_key(&file)?;
            verified.open(&key).map_err(|error| (with_causes(&error), error.advice()))
        }
    };
    let opened = match opened {
        Ok(opened) => opened,
        Err((refusal, advice)) => {
            document.refusal = Some(refusal);
            document.advice = advice.to_owned();
            return Ok(refused(&document, terminal));
        }
    };
    target.put(&files_of(opened.content()))?;
    document.verdict = "opened";
    document.out = Some(arguments.out.display().to_string());
    document.files = opened.content().files().keys().map(|name| name.as_str().to_owned()).collect();
    document.advice = "show the marking wherever the content is shown".to_owned();
    if terminal.json() {
        terminal.document(&document);
    } else {
        print(&document, trust.kind(), terminal);
    }
    Ok(Answer::Yes)
}

/// The files of a content as they are put into a folder.
pub(crate) fn files_of(content: &Content) -> Vec<(&str, Vec<u8>)> {
    content.files().iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect()
}

fn invalid(bytes: &[u8], trust: &Trust, report: &package::Report, terminal: &Terminal) -> Answer {
    let document = OpenDocument {
        schema: OPEN_SCHEMA,
        verdict: "invalid",
        package_sha256: Digest::of(bytes).to_string(),
        about: None,
        checks: report.checks().iter().map(CheckLine::from).collect(),
        out: None,
        files: Vec::new(),
        refusal: Some("the package does not verify".to_owned()),
        advice: report.advice().to_owned(),
    };
    if terminal.json() {
        terminal.document(&document);
    } else {
        print_checks(&document.checks, trust.kind() == Use::Exercise, terminal);
        let word = terminal.out_word(Tone::Bad, "not opened");
        terminal.answer(&format!("{word}: {}", broken(&document.checks)));
        terminal.answer(&format!("  advice: {}", document.advice));
    }
    Answer::No
}

fn refused(document: &OpenDocument, terminal: &Terminal) -> Answer {
    if terminal.json() {
        terminal.document(document);
    } else {
        let word = terminal.out_word(Tone::Bad, "not opened");
        terminal.answer(&format!("{word}: {}", document.refusal.as_deref().unwrap_or_default()));
        terminal.answer(&format!("  advice: {}", document.advice));
    }
    Answer::No
}

fn print(document: &OpenDocument, kind: Use, terminal: &Terminal) {
    if kind == Use::Exercise {
        terminal.answer(EXERCISE);
    }
    if let Some(about) = &document.about {
        terminal.answer(&about.marking);
        let word = terminal.out_word(Tone::Good, "opened");
        terminal.answer(&format!("{word}: {} ({} checks passed first)", about.title, document.checks.len()));
    }
    for file in &document.files {
        terminal.answer(&format!("  {}/{file}", document.out.as_deref().unwrap_or_default()));
    }
}
