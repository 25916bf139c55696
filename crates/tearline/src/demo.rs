//! `tearline demo`: the whole path on invented data, both sides of the gap in one process, with nothing but files between them.
//!
//! Nothing here is a stand-in: every step calls what the commands call. What is invented are the figures, the companies and that
//! one person holds all keys. The guarantee is the classical one against an outsider; coalitions of allies need a later version.

use std::path::Path;

use ledger::act::Code;
use office::Refusal;
use package::Trust;
use server::journal::{Journal, JournalError};
use store::SqliteStore;

use crate::cli::sealed::Demo;
use crate::commands::verify::EXERCISE;
use crate::document::office::{DEMO_SCHEMA, DemoDocument};
use crate::document::package::CheckLine;
use crate::failure::{Answer, Failure};
use crate::office_shell::clock::{Clock, SystemClock};
use crate::office_shell::failed;
use crate::office_shell::randomness::OsRandomness;
use crate::terminal::Terminal;

mod agree;
mod alliance;
mod cast;
mod deliver;
mod deposit;
mod figures;
mod found;
mod place;
mod protect;
mod recheck;
mod revision;
mod standards;
mod story;
mod waves;
mod witness;

#[cfg(test)]
mod tests;

use cast::Cast;
use figures::Figures;
use place::Place;
use story::Story;

/// Everything on the stage once the log is founded.
struct Stage<'a> {
    place: &'a Place,
    clock: &'a dyn Clock,
    randomness: OsRandomness,
    cast: Cast,
    journal: Journal<SqliteStore>,
    trust: Trust,
    witnesses: witness::Witnesses,
}

pub(crate) fn run(arguments: &Demo, terminal: &Terminal) -> Result<Answer, Failure> {
    let mut tell = |line: &str| {
        if !terminal.json() {
            terminal.answer(line);
        }
    };
    let allies: Vec<Code> = alliance::allies()?.into_iter().map(|party| party.code).collect();
    let figures = figures::invent(&allies, figures::SEED);
    let document = play(&arguments.dir, &figures, arguments.check, &SystemClock, &mut tell)?;
    if terminal.json() {
        terminal.document(&document);
    }
    Ok(Answer::Yes)
}

/// Plays the story in a folder, with these figures.
fn play(
    dir: &Path,
    figures: &Figures,
    check: bool,
    clock: &dyn Clock,
    tell: &mut dyn FnMut(&str),
) -> Result<DemoDocument, Failure> {
    let place = Place::take(dir)?;
    let mut story = Story::new(tell);
    story.line(EXERCISE);
    story.line("All figures, companies, keys and labels below are invented. Codes of allies are real; nothing said of them is.");
    let mut stage = found::found(&place, clock, &mut story)?;
    deposit::deposit(&mut stage, figures, &mut story)?;
    let draft = protect::protect(&mut stage, &mut story)?;
    let proposal = agree::propose(&mut stage, &draft, &mut story)?;
    agree::approve(&mut stage, &proposal, &mut story)?;
    witness::witness(&mut stage, &proposal, &mut story)?;
    let packages = deliver::seal(&mut stage, &draft, &proposal, &mut story)?;
    deliver::transfer(&mut stage, &packages, &mut story)?;
    deliver::receive(&mut stage, &proposal, &mut story)?;
    let chronicle = standards::register(&mut stage, &mut story)?;
    let hand_overs = standards::plan(&stage, &chronicle, &mut story)?;
    let waves = waves::agreed(&mut stage, &chronicle, &hand_overs.releases, &mut story)?;
    waves::delivered(&mut stage, &waves, &mut story)?;
    revision::revise(&mut stage, &chronicle, &mut story)?;
    recheck::publish(&mut stage, &mut story)?;
    let checks = if check { recheck::everything(&stage, figures, &mut story)? } else { Vec::new() };
    let next = recheck::next_commands(&place)?;
    stage.witnesses.stop();
    ending(&mut story, &place, &checks, &next);
    Ok(DemoDocument {
        schema: DEMO_SCHEMA,
        exercise: true,
        folder: place.root().display().to_string(),
        steps: story.into_steps(),
        checks,
        next,
    })
}

fn ending(story: &mut Story<'_>, place: &Place, checks: &[CheckLine], next: &[String]) {
    story.line("");
    if !checks.is_empty() {
        story.line(&format!("All {} checks passed.", checks.len()));
    }
    story.line(&format!("Read {} in a browser, then try:", place.shown("report.html")));
    for command in next {
        story.line(&format!("  {command}"));
    }
    story.line("From a checkout, write `./run tearline` in place of `tearline`.");
    story.line("");
    story.line(EXERCISE);
}

/// A step of the story that had to work.
fn done<T>(result: Result<T, JournalError>) -> Result<T, Failure> {
    result.map_err(|error| failed(&error, error.advice()))
}

/// An act that had to be refused, with the rule it broke.
fn refused<T>(result: Result<T, JournalError>, rule: &str) -> Result<Refusal, Failure> {
    match result {
        Err(JournalError::Refused(refusal)) if refusal.rule() == rule => Ok(refusal),
        Err(error) => Err(failed(&error, error.advice())),
        Ok(_) => Err(unexpected("an act that breaks a rule was logged")),
    }
}

/// The program is not as it should be.
fn unexpected(what: &str) -> Failure {
    Failure::failed(what, "report this: the demo does the same on every machine")
}
