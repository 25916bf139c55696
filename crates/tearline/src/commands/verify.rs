//! `tearline verify`: checks a package offline, without any decryption key, and says line by line what it checked.

use std::path::Path;

use package::trust::Use;
use package::{Refused, Trust};

use crate::cli::sealed::Verify;
use crate::document::package::{About, CheckLine, VERIFY_SCHEMA, VerifyDocument};
use crate::failure::{Answer, Failure};
use crate::input;
use crate::office_shell::bad_input;
use crate::package_file;
use crate::terminal::{Terminal, Tone, shell_word};

/// The banner over everything that was checked with a trust file for exercise.
pub(crate) const EXERCISE: &str = "EXERCISE EXERCISE EXERCISE";

pub(super) fn run(arguments: &Verify, terminal: &Terminal) -> Result<Answer, Failure> {
    let trust = read_trust(&arguments.trust)?;
    let verified = package_file::verify(&arguments.package, &trust)?;
    let (report, about, digest) = match &verified {
        Ok(verified) => (verified.report(), Some(About::of(verified)), verified.digest()),
        Err(Refused { report, digest }) => (report, None, *digest),
    };
    let document = VerifyDocument {
        schema: VERIFY_SCHEMA,
        verdict: if about.is_some() { "valid" } else { "invalid" },
        package_sha256: digest.to_string(),
        exercise: trust.kind() == Use::Exercise,
        about,
        checks: report.checks().iter().map(CheckLine::from).collect(),
        advice: report.advice().to_owned(),
    };
    if terminal.json() {
        terminal.document(&document);
    } else {
        print_checks(&document.checks, document.exercise, terminal);
        print_verdict(&document, terminal);
    }
    if document.about.is_none() {
        return Ok(Answer::No);
    }
    terminal.next(&format!(
        "tearline open {} --key KEY --trust {} --out DIR",
        shell_word(&arguments.package),
        shell_word(&arguments.trust)
    ));
    Ok(Answer::Yes)
}

/// Reads a trust file.
pub(crate) fn read_trust(path: &Path) -> Result<Trust, Failure> {
    let bytes = input::read_file(path)?;
    Trust::from_json(&bytes)
        .map_err(|error| bad_input(&format!("`{}`", path.display()), &error, error.advice()))
}

/// Each check on a line: outcome, name, what was found.
pub(crate) fn print_checks(checks: &[CheckLine], exercise: bool, terminal: &Terminal) {
    if exercise {
        terminal.answer(EXERCISE);
    }
    for CheckLine { name, outcome, detail } in checks {
        let tone = match *outcome {
            "passed" => Tone::Good,
            "failed" => Tone::Bad,
            _ => Tone::Caution,
        };
        // Padded before it is painted: colour codes have no width.
        let word = terminal.out_word(tone, &format!("{outcome:<11}"));
        terminal.answer(&format!("{word}  {name:<20} {detail}"));
    }
}

fn print_verdict(document: &VerifyDocument, terminal: &Terminal) {
    match &document.about {
        Some(about) => {
            let word = terminal.out_word(Tone::Good, "valid");
            terminal.answer(&format!("{word}: {}", about.title));
            terminal.answer(&format!(
                "  {}; copy {} for {}, sealed {}",
                about.marking, about.copy, about.receiver, about.sealed_utc
            ));
            terminal.answer(&format!("  opens with key {}", about.receiver_key));
        }
        None => {
            let word = terminal.out_word(Tone::Bad, "invalid");
            terminal.answer(&format!("{word}: {}", broken(&document.checks)));
            terminal.answer(&format!("  advice: {}", document.advice));
        }
    }
}

/// Which checks do not hold, in one line.
pub(crate) fn broken(checks: &[CheckLine]) -> String {
    let failed = checks.iter().filter(|check| check.outcome == "failed");
    let names = failed.map(|check| check.name.as_str()).collect::<Vec<_>>();
    match names.as_slice() {
        [one] => format!("check `{one}` does not hold"),
        several => format!("checks `{}` do not hold", several.join("`, `")),
    }
}
