//! `tearline forms`: what people and programs read of a release, from `cells.csv`, the code lists and the label alone.

use std::path::{Path, PathBuf};

use label::Label;

use crate::cli::forms::Forms;
use crate::commands::verify::EXERCISE;
use crate::document::cells::{FORMS_SCHEMA, FormsDocument};
use crate::document::office::FileDocument;
use crate::failure::{Answer, Failure};
use crate::folder::{Existing, Target};
use crate::forms::{self, Heading};
use crate::input;
use crate::office_shell::bad_input;
use crate::release::CELLS;
use crate::terminal::{Terminal, Tone, shell_word};

/// Longest title, as a proposal takes it.
const TITLE_CHARS_MAX: usize = 200;

pub(super) fn run(arguments: &Forms, terminal: &Terminal) -> Result<Answer, Failure> {
    let existing = if arguments.force { Existing::Replace } else { Existing::Refuse };
    let target =
        Target::of(&arguments.out, existing, "forms", |name| name.ends_with(".csv") || what(name) != A_LIST)?;
    let title = arguments.title.trim();
    if title.is_empty() || title.chars().count() > TITLE_CHARS_MAX || title.chars().any(char::is_control) {
        let message = format!("a title has 1 to {TITLE_CHARS_MAX} characters on one line");
        return Err(Failure::usage(message, "give the title that the proposal will have"));
    }
    let label = input::read_file(&arguments.label)?;
    let label = Label::from_xml(&label)
        .map_err(|error| bad_input(&format!("`{}`", arguments.label.display()), &error, error.advice()))?;
    let marking = label.marking();
    let marking = if arguments.exercise { format!("{EXERCISE} {marking}") } else { marking };
    let cells =
        if arguments.release.is_dir() { arguments.release.join(CELLS) } else { arguments.release.clone() };
    let cells = input::read_file(&cells)?;
    let lists = arguments.codes.iter().map(|text| list(text)).collect::<Result<Vec<_>, _>>()?;
    let borrowed: Vec<forms::CodeList<'_>> = lists
        .iter()
        .map(|(variable, file, bytes)| (variable.as_str(), file.as_str(), bytes.as_slice()))
        .collect();
    let forms = forms::all(&Heading { title, marking: &marking }, &cells, &borrowed)?;
    target.put(&forms)?;
    let word = terminal.err_word(Tone::Good, "wrote");
    terminal.say(&format!("{word} {}: {marking}", shell_word(&arguments.out)));
    for (name, bytes) in &forms {
        terminal.say(&format!("  {name}, {} bytes", bytes.len()));
    }
    if terminal.json() {
        let files = forms.iter().map(|(name, _)| FileDocument {
            path: arguments.out.join(name).display().to_string(),
            what: what(name).to_owned(),
        });
        terminal.document(&FormsDocument { schema: FORMS_SCHEMA, marking, files: files.collect() });
    } else {
        terminal.answer(&arguments.out.display().to_string());
    }
    Ok(Answer::Yes)
}

/// What a file is that no form is.
const A_LIST: &str = "a code list";

fn what(name: &str) -> &'static str {
    match name {
        "README.txt" => "what a receiver reads first",
        "cells.csv" => "all cells, as `protect` wrote them",
        "cells.json" => "the same with the titles of the codes",
        "cells.schema.json" => "JSON schema of cells.json",
        "cells.xlsx" => "the same as a workbook",
        "report.html" => "drawings and cells, for a browser",
        "report.pdf" => "the same for paper",
        _ => A_LIST,
    }
}

/// A code list as `VARIABLE=FILE`: variable, name of the file in the folder, bytes.
fn list(text: &str) -> Result<(String, String, Vec<u8>), Failure> {
    let (variable, path) = text.split_once('=').ok_or_else(|| {
        Failure::usage(
            format!("`{text}` is not VARIABLE=FILE"),
            "write for example --codes capability=capability.csv",
        )
    })?;
    let path = PathBuf::from(path);
    let bytes = input::read_file(&path)?;
    let name = path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
    let name = name.filter(|name| plain(Path::new(name))).ok_or_else(|| {
        Failure::usage(
            format!("`{}` cannot be in a package by this name", path.display()),
            "name the list for example capability.csv",
        )
    })?;
    Ok((variable.to_owned(), name, bytes))
}

/// Whether a code list may stand beside the forms under its name.
fn plain(name: &Path) -> bool {
    let text = name.to_string_lossy();
    what(&text) == A_LIST && package::content::FileName::new(&text).is_ok()
}
