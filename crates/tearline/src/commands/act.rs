//! `tearline act`: an act from the log to the log, over as many machines as there are duties.

use office::Refusal;

use crate::cli::act::{Act, ActCommand};
use crate::document::act::{RefusedAct, Words};
use crate::failure::{Answer, Failure};
use crate::terminal::{Terminal, Tone};

mod body;
mod prepare;
mod show;
mod sign;
mod submit;

pub(super) use body::find;

pub(super) fn run(arguments: &Act, terminal: &Terminal) -> Result<Answer, Failure> {
    match &arguments.command {
        ActCommand::Prepare(arguments) => prepare::run(&arguments.kind, terminal),
        ActCommand::Show(arguments) => show::run(arguments, terminal),
        ActCommand::Sign(arguments) => sign::run(arguments, terminal),
        ActCommand::Submit(arguments) => submit::run(arguments, terminal),
    }
}

/// An act in words, as lines behind a bar: a text that an author chose cannot pose as another line.
fn lines(words: &Words) -> Vec<String> {
    let mut lines = vec![words.sentence.clone()];
    for detail in &words.details {
        let mut content = detail.content.lines();
        lines.push(format!("  {:<14}| {}", detail.name, content.next().unwrap_or_default()));
        lines.extend(content.map(|line| format!("  {:<14}| {line}", "")));
    }
    lines
}

/// What would follow, a line each.
fn print_followed(followed: &[String], terminal: &Terminal) {
    for line in followed {
        terminal.answer(&format!("  {line}"));
    }
}

/// A refusal with its rule and advice.
fn print_refusal(what: &str, refusal: &RefusedAct, terminal: &Terminal) {
    let word = terminal.out_word(Tone::Bad, what);
    terminal.answer(&format!("{word}: rule `{}`: {}", refusal.rule, refusal.message));
    terminal.answer(&format!("  advice: {}", refusal.advice));
}

/// A refusal as documents have it.
fn refused(refusal: &Refusal) -> RefusedAct {
    RefusedAct::from(refusal)
}
