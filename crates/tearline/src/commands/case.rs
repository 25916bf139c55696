//! `tearline case`: cases of the exact model, answered. Always prints one JSON object, id to answers.

use std::collections::BTreeMap;
use std::path::Path;

use intake::case::{self, CaseError};

use crate::cli::Case;
use crate::code_table::FaultLines;
use crate::document::case::{AnswersDocument, CasesDocument};
use crate::document::error::FaultLine;
use crate::failure::{Answer, Failure};
use crate::input;
use crate::terminal::{Terminal, shell_word};

pub(super) fn run(arguments: &Case, terminal: &Terminal) -> Result<Answer, Failure> {
    let mut answers = BTreeMap::new();
    let mut faults = FaultLines::default();
    for file in &arguments.files {
        let bytes = input::read_file(file)?;
        let answered = case::read(&bytes).and_then(|case| Ok((case.id().to_owned(), case.answers()?)));
        match answered {
            Ok((id, found)) => {
                if answers.insert(id.clone(), AnswersDocument::from(found)).is_some() {
                    faults.push(twice(file, &id));
                }
            }
            // A folder of cases may hold other documents of ours.
            Err(CaseError::Schema { found }) if found.starts_with("tearline-") => {
                terminal.say(&format!("{} is of schema {found}: passed over", shell_word(file)));
            }
            Err(error) => faults.push(line(file, &error)),
        }
    }
    // What could be answered is: the other cases have nothing to do with a wrong one.
    if faults.lines.is_empty() || !terminal.json() {
        terminal.document(&CasesDocument(answers));
    }
    match faults.lines.as_slice() {
        [] => Ok(Answer::Yes),
        [one] => Err(Failure::faults(format!("`{}`", one.file), faults)),
        [..] => Err(Failure::faults("some cases".to_owned(), faults)),
    }
}

fn line(file: &Path, error: &CaseError) -> FaultLine {
    let position = error.position();
    let number = |number: usize| u64::try_from(number).ok();
    let field = match error {
        CaseError::Fault { place, .. } => Some(place.clone()),
        CaseError::Untrue(at) => Some(format!("releases[{}].statements[{}]", at.release, at.statement)),
        CaseError::Attacker { .. } => Some("attackers".to_owned()),
        CaseError::TooLarge | CaseError::Shape(_) | CaseError::Schema { .. } => None,
    };
    FaultLine::at(
        &file.display().to_string(),
        position.and_then(|(line, _)| number(line)),
        position.and_then(|(_, column)| number(column)),
        field,
        error.code(),
        error.to_string(),
        error.advice(),
    )
}

fn twice(file: &Path, id: &str) -> FaultLine {
    let message = format!("another file has the case `{id}`");
    let file = file.display().to_string();
    FaultLine::at(
        &file,
        None,
        None,
        Some("id".to_owned()),
        "case-twice",
        message,
        "give each case its own id",
    )
}
