//! The commands, one module each. To add one: a variant in [`crate::cli::Command`], a module here, a line in
//! `run`.

use crate::cli::ledger::LedgerCommand;
use crate::cli::sealed::{KeyCommand, TransferCommand};
use crate::cli::tdf::TdfCommand;
use crate::cli::{Certificate, Command};
use crate::demo;
use crate::failure::{Answer, Failure};
use crate::terminal::Terminal;

mod act;
mod audit;
mod case;
pub(crate) mod certificate;
mod deposits;
pub(crate) mod exposure;
mod forms;
mod inbox;
mod inputs;
mod key;
mod label;
pub(crate) mod ledger;
pub(crate) mod open;
pub(crate) mod protect;
mod schema;
mod seal;
mod serve;
mod shell;
pub(crate) mod standards;
mod suggest;
mod tdf;
pub(crate) mod trace;
pub(crate) mod transfer;
pub(crate) mod verify;
pub(crate) mod witness;

pub use inputs::{InputAnswer, InputsDocument};

/// Runs one command.
pub(crate) fn run(command: Command, terminal: &Terminal) -> Result<Answer, Failure> {
    match command {
        Command::Protect(arguments) => protect::run(&arguments, terminal),
        Command::Audit(arguments) => audit::run(&arguments, terminal),
        Command::Suggest(arguments) => suggest::run(&arguments, terminal),
        Command::Exposure(arguments) => exposure::run(&arguments, terminal),
        Command::Certificate { command: Certificate::Check(arguments) } => {
            certificate::check(&arguments, terminal)
        }
        Command::Forms(arguments) => forms::run(&arguments, terminal),
        Command::Trace(arguments) => trace::run(&arguments, terminal),
        Command::Key(key) => match key.command {
            KeyCommand::New(arguments) => key::new(&arguments, terminal),
            KeyCommand::Show(arguments) => key::show(&arguments, terminal),
            KeyCommand::Card(arguments) => key::card(&arguments, terminal),
            KeyCommand::Credential(arguments) => key::credential(&arguments, terminal),
        },
        Command::Seal(arguments) => seal::run(&arguments, terminal),
        Command::Verify(arguments) => verify::run(&arguments, terminal),
        Command::Open(arguments) => open::run(&arguments, terminal),
        Command::Tdf(tdf) => match tdf.command {
            TdfCommand::Show(arguments) => tdf::show(&arguments, terminal),
            TdfCommand::Open(arguments) => tdf::open(&arguments, terminal),
        },
        Command::Ledger(ledger) => match ledger.command {
            LedgerCommand::Verify(arguments) => ledger::verify(&arguments, terminal),
            LedgerCommand::Export(arguments) => ledger::export(&arguments, terminal),
            LedgerCommand::Witness(arguments) => ledger::witness(&arguments, terminal),
            LedgerCommand::Serve(arguments) => ledger::serve(&arguments, terminal),
            LedgerCommand::Receipts(arguments) => ledger::receipts(&arguments, terminal),
            LedgerCommand::Trust(arguments) => ledger::trust(&arguments, terminal),
        },
        Command::Serve(arguments) => serve::run(&arguments, terminal),
        Command::Witness(arguments) => witness::run(&arguments, terminal),
        Command::Transfer(transfer) => match transfer.command {
            TransferCommand::Export(arguments) => transfer::export(&arguments, terminal),
            TransferCommand::Import(arguments) => transfer::import(&arguments, terminal),
        },
        Command::Act(arguments) => act::run(&arguments, terminal),
        Command::Deposits(arguments) => deposits::run(&arguments, terminal),
        Command::Label(arguments) => label::run(&arguments, terminal),
        Command::Standards(arguments) => standards::run(&arguments, terminal),
        Command::Inbox(arguments) => inbox::run(&arguments, terminal),
        Command::Demo(arguments) => demo::run(&arguments, terminal),
        Command::Schema(arguments) => schema::run(&arguments, terminal),
        Command::Inputs(arguments) => inputs::run(&arguments, terminal),
        Command::Case(arguments) => case::run(&arguments, terminal),
        Command::Completions(arguments) => shell::completions(&arguments, terminal),
        Command::Man(arguments) => shell::man(&arguments, terminal),
    }
}
