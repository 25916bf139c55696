//! `tearline standards held`: who holds what at a stated time, as page, workbook, CSV and document.

use std::path::Path;

use intake::nearest;

use crate::cli::standards::Held;
use crate::document::standards::{HeldState, HeldView};
use crate::failure::{Answer, Failure};
use crate::folder::{Existing, Target};
use crate::input;
use crate::office_shell::bad_input;
use crate::standards_report::{HELD_NAMES, held_files};
use crate::terminal::{Terminal, Tone, printable, shell_word};

pub(super) fn run(arguments: &Held, terminal: &Terminal) -> Result<Answer, Failure> {
    let existing = if arguments.force { Existing::Replace } else { Existing::Refuse };
    let target = Target::of(&arguments.out, existing, "standards held", |name| HELD_NAMES.contains(&name))?;
    let mut view = read(&arguments.held)?;
    if let Some(code) = &arguments.receiver {
        view = of_receiver(&view, code)?;
    }
    if let Some(marking) = &arguments.marking {
        view.marking.clone_from(marking);
    }
    target.put(&held_files(&view)?)?;
    let word = terminal.err_word(Tone::Good, "wrote");
    terminal.say(&format!("{word} {}: {}", shell_word(&arguments.out), printable(&view.marking)));
    print(&view, terminal);
    Ok(Answer::Yes)
}

/// A line a receiver, or the document.
pub(super) fn print(view: &HeldView, terminal: &Terminal) {
    if terminal.json() {
        terminal.document(view);
        return;
    }
    for receiver in &view.receivers {
        let [current, stale, withdrawn, told] = HeldState::ALL.map(|state| receiver.count(state));
        terminal.answer(&format!(
            "{:<10} holds {}: {current} in force, {stale} stale, {withdrawn} withdrawn, {told} told; receipts overdue {}; blocked {}",
            printable(&receiver.code),
            receiver.parts.len(),
            receiver.overdue(),
            receiver.blocked.len()
        ));
    }
}

/// Reads what receivers hold.
pub(super) fn read(path: &Path) -> Result<HeldView, Failure> {
    let bytes = input::read_file(path)?;
    HeldView::read(&bytes)
        .map_err(|error| bad_input(&format!("`{}`", path.display()), &error, error.advice()))
}

pub(super) fn of_receiver(view: &HeldView, code: &str) -> Result<HeldView, Failure> {
    view.for_receiver(code).ok_or_else(|| {
        let near = nearest(code, view.receivers.iter().map(|receiver| receiver.code.as_str()));
        let advice = match near.first() {
            Some(near) => format!("did you mean `{}`?", printable(near)),
            None => "the document lists no receiver".to_owned(),
        };
        Failure::usage(format!("there is no receiver `{}`", printable(code)), advice)
    })
}
