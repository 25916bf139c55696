//! `tearline standards`: what is wrong with a registry, what changed, who may have what, what goes next, who holds what.
//!
//! Every decision and every explanation is `office::standards`'; here files are read and answers are shown.

use crate::cli::standards::{Standards, StandardsCommand};
use crate::failure::{Answer, Failure};
use crate::terminal::Terminal;

mod check;
mod diff;
mod eligible;
mod graph;
mod held;
pub(crate) mod office;
mod plan;
mod search;
mod show;
mod source;

pub(super) fn run(arguments: &Standards, terminal: &Terminal) -> Result<Answer, Failure> {
    match &arguments.command {
        StandardsCommand::Check(arguments) => check::run(arguments, terminal),
        StandardsCommand::Diff(arguments) => diff::run(arguments, terminal),
        StandardsCommand::Search(arguments) => search::run(arguments, terminal),
        StandardsCommand::Show(arguments) => show::run(arguments, terminal),
        StandardsCommand::Eligible(arguments) => eligible::run(arguments, terminal),
        StandardsCommand::Plan(arguments) => plan::run(arguments, terminal),
        StandardsCommand::Graph(arguments) => graph::run(arguments, terminal),
        StandardsCommand::Held(arguments) => held::run(arguments, terminal),
        StandardsCommand::Import(arguments) => office::import::run(arguments, terminal),
        StandardsCommand::Wave(arguments) => office::wave::run(arguments, terminal),
        StandardsCommand::Holdings(arguments) => office::holdings::run(arguments, terminal),
    }
}
