//! `tearline inputs`: what the real reader says of awkward input, case by case. Always prints one JSON object.

use std::collections::BTreeMap;

use intake::inputs;
use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::Inputs;
use crate::failure::{Answer, Failure};
use crate::input;
use crate::terminal::{Terminal, shell_word};

/// Severity and code of every case, by id.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct InputsDocument(BTreeMap<String, InputAnswer>);

/// What the reader says of one case.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct InputAnswer {
    /// `reject`, `hold`, `warn` or `accept`; nothing for a phrase that is not understood.
    pub severity: Option<String>,
    /// Code of the first fault of that severity; nothing for `accept`.
    pub code: Option<String>,
}

pub(super) fn run(arguments: &Inputs, terminal: &Terminal) -> Result<Answer, Failure> {
    let bytes = input::read_file(&arguments.file)?;
    let answers = inputs::answers(&bytes).map_err(|error| {
        let message = format!("`{}` cannot be used: {error}", arguments.file.display());
        Failure::usage(message, error.advice())
    })?;
    let unknown = answers.values().filter(|answer| answer.severity.is_none()).count();
    let entry = |(id, answer): (String, inputs::Answer)| {
        (id, InputAnswer { severity: answer.severity, code: answer.code })
    };
    terminal.document(&InputsDocument(answers.into_iter().map(entry).collect()));
    if unknown > 0 {
        let file = shell_word(&arguments.file);
        terminal.say(&format!("{unknown} cases of {file} were not understood: their severity is null"));
    }
    Ok(Answer::Yes)
}
