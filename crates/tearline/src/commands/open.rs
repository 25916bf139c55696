//! `tearline open`: the content of a package, only after everything verified, whole or not at all.

use std::io;

use package::content::FileName;
use package::trust::Use;
use package::{Content, OpenError, OpenKey, Refused, Sink, Trust, Verified};

use crate::cli::sealed::Open;
use crate::commands::verify::{EXERCISE, broken, print_checks, read_trust};
use crate::document::package::{About, CheckLine, OPEN_SCHEMA, OpenDocument};
use crate::failure::{Answer, Failure};
use crate::folder::{Existing, Staged, Target};
use crate::interrupt;
use crate::office_shell::keys::{self, Unlocked};
use crate::office_shell::passphrase::{Passphrase, Purpose};
use crate::office_shell::{failed, with_causes};
use crate::package_file::{self, TwoCores};
use crate::terminal::{Terminal, Tone, shell_word};

pub(super) fn run(arguments: &Open, terminal: &Terminal) -> Result<Answer, Failure> {
    let target = Target::new(&arguments.out, Existing::Refuse)?;
    let trust = read_trust(&arguments.trust)?;
    let verified = match package_file::verify(&arguments.package, &trust)? {
        Ok(verified) => verified,
        // No key is asked for: what is not verified is not worth a passphrase.
        Err(refused) => return Ok(invalid(&refused, &trust, terminal)),
    };
    let mut document = OpenDocument {
        schema: OPEN_SCHEMA,
        verdict: "refused",
        package_sha256: verified.digest().to_string(),
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
            into_folder(&verified, &key, &target)?
        }
    };
    let files = match opened {
        Ok(files) => files,
        Err((refusal, advice)) => {
            document.refusal = Some(refusal);
            document.advice = advice.to_owned();
            return Ok(refused(&document, terminal));
        }
    };
    document.verdict = "opened";
    document.out = Some(arguments.out.display().to_string());
    document.files = files;
    document.advice = "show the marking wherever the content is shown".to_owned();
    if terminal.json() {
        terminal.document(&document);
    } else {
        print(&document, trust.kind(), terminal);
    }
    Ok(Answer::Yes)
}

/// Why a key does not open a package, and what to do about it.
type Refusal = (String, &'static str);

/// Opens the package into the folder, which is there only if all of it holds; gives the names of the files.
fn into_folder(
    verified: &Verified<'_>,
    key: &OpenKey,
    target: &Target,
) -> Result<Result<Vec<String>, Refusal>, Failure> {
    interrupt::uninterrupted(|| {
        let sink = Named { staged: target.stage()?, names: Vec::new() };
        match verified.open_into(key, sink, &TwoCores) {
            Ok(Named { staged, names }) => {
                staged.put()?;
                Ok(Ok(names))
            }
            Err(error @ OpenError::Stream { .. }) => Err(failed(&error, error.advice())),
            Err(error) => Ok(Err((with_causes(&error), error.advice()))),
        }
    })
}

/// A folder on its way into place, and what is in it.
struct Named<'t> {
    staged: Staged<'t>,
    names: Vec<String>,
}

impl Sink for Named<'_> {
    fn begin(&mut self, name: &FileName, bytes: u64) -> io::Result<()> {
        self.names.push(name.as_str().to_owned());
        Sink::begin(&mut self.staged, name, bytes)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        Sink::write(&mut self.staged, bytes)
    }
}

/// The files of a content as they are put into a folder.
pub(crate) fn files_of(content: &Content) -> Vec<(&str, Vec<u8>)> {
    content.files().iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect()
}

fn invalid(Refused { report, digest }: &Refused, trust: &Trust, terminal: &Terminal) -> Answer {
    let document = OpenDocument {
        schema: OPEN_SCHEMA,
        verdict: "invalid",
        package_sha256: digest.to_string(),
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
