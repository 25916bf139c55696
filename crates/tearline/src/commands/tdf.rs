//! `tearline tdf`: OpenTDF files of other people's clients. What comes out never passes for a package that was verified.

use std::fs::File;
use std::path::Path;

use package::OpenKey;
use package::access::{AccessError, AccessKey, ContentKey, KeyAccess};
use package::tdf::{Tdf, TdfError};

use crate::cli::tdf::{TdfOpen, TdfShow};
use crate::document::tdf::{
    OPEN_SCHEMA, SHOW_SCHEMA, TdfAssertion, TdfOpenDocument, TdfSays, TdfShowDocument,
};
use crate::failure::{Answer, Failure};
use crate::folder::{self, Existing};
use crate::office_shell::keys;
use crate::office_shell::passphrase::{Passphrase, Purpose};
use crate::office_shell::with_causes;
use crate::terminal::{Terminal, Tone, printable, shell_word};

/// What holds of every file that opens.
const PROVED: [&str; 2] = [
    "the content is whole, in order and unchanged since somebody with its key sealed it",
    "the policy is the one that was bound to that key",
];
/// What holds of none, whatever it says.
const NOT_PROVED: [&str; 2] = [
    "who made it, when, and whether anybody agreed to that",
    "any label in it: whoever can read the file could have written one",
];

pub(super) fn show(arguments: &TdfShow, terminal: &Terminal) -> Result<Answer, Failure> {
    let mut document = TdfShowDocument {
        schema: SHOW_SCHEMA,
        verdict: "readable",
        says: None,
        refusal: None,
        advice: "nothing of this is proved before the file is opened".to_owned(),
    };
    match Tdf::read(open_file(&arguments.file)?) {
        Ok(tdf) => document.says = Some(TdfSays::of(tdf.manifest(), tdf.looks_like_a_package())),
        Err(error) => {
            document.verdict = "invalid";
            document.advice = error.advice().to_owned();
            document.refusal = Some(refusal(error, &arguments.file)?);
        }
    }
    if terminal.json() {
        terminal.document(&document);
    } else if let Some(says) = &document.says {
        print_says(says, terminal);
        terminal.answer(&document.advice);
    } else {
        print_refusal("not readable", document.refusal.as_deref(), &document.advice, terminal);
    }
    match &document.says {
        None => Ok(Answer::No),
        Some(says) => {
            let file = shell_word(&arguments.file);
            terminal.next(&match says.package {
                true => format!("tearline verify {file} --trust TRUST"),
                false => format!("tearline tdf open {file} --key KEY --out FILE"),
            });
            Ok(Answer::Yes)
        }
    }
}

pub(super) fn open(arguments: &TdfOpen, terminal: &Terminal) -> Result<Answer, Failure> {
    let existing = if arguments.force { Existing::Replace } else { Existing::Refuse };
    folder::check_file(&arguments.out, existing)?;
    let mut document = TdfOpenDocument {
        schema: OPEN_SCHEMA,
        verdict: "invalid",
        says: None,
        assertions: Vec::new(),
        proved: Vec::new(),
        not_proved: Vec::new(),
        out: None,
        refusal: None,
        advice: String::new(),
    };
    let opened = decrypt(arguments, &mut document);
    match opened {
        Ok(()) => {}
        Err(Stopped::Failure(failure)) => return Err(failure),
        Err(Stopped::Refused(error)) => {
            document.advice = error.advice().to_owned();
            if matches!(error, TdfError::NoKey { .. }) {
                document.verdict = "refused";
            }
            document.refusal = Some(refusal(error, &arguments.file)?);
        }
    }
    if terminal.json() {
        terminal.document(&document);
    } else if document.out.is_some() {
        print_opened(&document, arguments, terminal);
    } else {
        print_refusal("not opened", document.refusal.as_deref(), &document.advice, terminal);
    }
    Ok(if document.out.is_some() { Answer::Yes } else { Answer::No })
}

/// Why opening stopped: no answer, or *no* as the answer.
enum Stopped {
    Failure(Failure),
    Refused(TdfError),
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<TdfError> for Stopped {
    fn from(error: TdfError) -> Self {
        Self::Refused(error)
    }
}

fn decrypt(arguments: &TdfOpen, document: &mut TdfOpenDocument) -> Result<(), Stopped> {
    // No passphrase is asked for a file that does not read.
    let tdf = Tdf::read(open_file(&arguments.file)?)?;
    document.says = Some(TdfSays::of(tdf.manifest(), tdf.looks_like_a_package()));
    let keys = unlock(arguments)?;
    let mut unlocked = tdf.unlock(&mut |access| keys.unwrap(access))?;
    let content_bytes = unlocked.manifest().content_bytes();
    let written = folder::put_file_by(&arguments.out, |sink| unlocked.write_to(sink))?;
    written.map_err(|error| match error {
        TdfError::Io(error) => Stopped::Failure(Failure::unwritable(&arguments.out, &error)),
        other => Stopped::Refused(other),
    })?;
    document.verdict = "opened";
    document.assertions = unlocked.assertions().iter().map(TdfAssertion::from).collect();
    document.proved = PROVED.to_vec();
    document.not_proved = NOT_PROVED.to_vec();
    document.out = Some(arguments.out.display().to_string());
    document.advice =
        format!("handle the {content_bytes} bytes as their maker asks; nothing here vouches for it");
    Ok(())
}

/// The keys given, opened.
#[derive(Default)]
struct Keys {
    access: Vec<AccessKey>,
    open: Vec<OpenKey>,
}

impl Keys {
    /// What the first key that opens an object makes of it, or the most telling of the refusals.
    fn unwrap(&self, object: &KeyAccess) -> Result<ContentKey, AccessError> {
        let access = self.access.iter().map(|key| key.unwrap(object));
        let open = self.open.iter().map(|key| key.unwrap(object));
        let mut telling = AccessError::NoShare;
        for result in access.chain(open) {
            match result {
                Ok(key) => return Ok(key),
                // That a key is of the wrong kind says less than why one of the right kind does not open it.
                Err(error) if matches!(telling, AccessError::NoShare | AccessError::Type { .. }) => {
                    telling = error;
                }
                Err(_) => {}
            }
        }
        Err(telling)
    }
}

fn unlock(arguments: &TdfOpen) -> Result<Keys, Failure> {
    let given = arguments.passphrase_file.as_deref();
    let given = given.map(|file| Passphrase::obtain(Some(file), Purpose::Open, "")).transpose()?;
    let mut keys = Keys::default();
    for path in &arguments.keys {
        let asked = match &given {
            Some(_) => None,
            None => Some(Passphrase::obtain(None, Purpose::Open, &shell_word(path))?),
        };
        let Some(passphrase) = given.as_ref().or(asked.as_ref()) else { continue };
        let file = keys::open(path, passphrase)?;
        match file.card().kind() {
            ledger::keyfile::KeyKind::Open => keys.open.push(keys::open_key(&file)?),
            _ => keys.access.push(keys::access_key(&file)?),
        }
    }
    Ok(keys)
}

fn open_file(path: &Path) -> Result<File, Failure> {
    File::open(path).map_err(|error| Failure::unreadable(path, &error))
}

/// The words of a *no*; a disk that fails is none.
fn refusal(error: TdfError, path: &Path) -> Result<String, Failure> {
    match error {
        TdfError::Io(error) => Err(Failure::unreadable(path, &error)),
        other => Ok(with_causes(&other)),
    }
}

fn print_refusal(word: &str, refusal: Option<&str>, advice: &str, terminal: &Terminal) {
    let word = terminal.out_word(Tone::Bad, word);
    terminal.answer(&format!("{word}: {}", printable(refusal.unwrap_or_default())));
    terminal.answer(&format!("  advice: {advice}"));
}

fn print_says(says: &TdfSays, terminal: &Terminal) {
    let version = says.version.as_deref().unwrap_or("of no named version");
    let kind = says.media_type.as_deref().unwrap_or("unnamed type");
    let line =
        format!("OpenTDF {version}: {} bytes of {kind}, in {} segments", says.content_bytes, says.segments);
    terminal.answer(&printable(&line));
    terminal.answer(&printable(&format!("policy {}", says.policy)));
    for attribute in &says.attributes {
        terminal.answer(&printable(&format!("  asks for   {attribute}")));
    }
    for receiver in &says.receivers {
        terminal.answer(&printable(&format!("  is for     {receiver}")));
    }
    for access in &says.key_access {
        let share = access.share.as_ref().map(|share| format!(", share {share}")).unwrap_or_default();
        let key = access.key.as_deref().unwrap_or("unnamed");
        let line = format!("{} to key {key} of {}{share}", access.kind, access.url);
        terminal.answer(&printable(&line));
    }
    terminal.answer(&format!("assertions: {}", says.assertions));
    if says.package {
        terminal.answer("it has the members of an office's package; `tearline verify` checks those");
    }
}

fn print_opened(document: &TdfOpenDocument, arguments: &TdfOpen, terminal: &Terminal) {
    let word = terminal.out_word(Tone::Good, "opened");
    terminal.answer(&format!("{word}: {}", arguments.out.display()));
    for line in &document.proved {
        terminal.answer(&format!("  proved      {line}"));
    }
    for line in &document.not_proved {
        terminal.answer(&format!("  not proved  {line}"));
    }
    for assertion in &document.assertions {
        let by = match assertion.proof {
            "content-key" => "bound to the content by its key",
            "unchecked" => "signed by a key that nothing here vouches for",
            _ => "bound to nothing",
        };
        let line =
            format!("  says        {} ({}), {by}: {}", assertion.id, assertion.kind, assertion.statement);
        terminal.answer(&printable(&line));
    }
    if document.says.as_ref().is_some_and(|says| says.package) {
        let line = "it has the members of an office's package: `tearline open` proves what this cannot";
        let word = terminal.out_word(Tone::Caution, "caution");
        terminal.answer(&format!("{word}: {line}"));
    }
}
