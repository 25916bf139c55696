//! Arguments of `tearline tdf`: OpenTDF files of other people's clients.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

const EXAMPLES: &str = "\
Examples:
  tearline tdf show report.tdf                           what it says of itself, and which keys open it
  tearline tdf open report.tdf --key office.access.key --out report.pdf
  tearline tdf open split.tdf --key a.access.key --key b.access.key --out report.pdf
                                                         a content key in shares needs one key for each

For packages of an office use `tearline verify` and `tearline open`: they prove who sealed them and who agreed.";

/// `tearline tdf`
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, subcommand_required = true, arg_required_else_help = true)]
pub struct Tdf {
    /// What to do.
    #[command(subcommand)]
    pub command: TdfCommand,
}

/// What can be done with OpenTDF files.
#[derive(Debug, Subcommand)]
pub enum TdfCommand {
    /// Print what a file says of itself; without a key nothing of it is proved
    #[command(before_help = EXAMPLES)]
    Show(TdfShow),
    /// Decrypt a file, and say what is proved of it and what is not
    #[command(before_help = EXAMPLES)]
    Open(TdfOpen),
}

/// `tearline tdf show`
#[derive(Debug, Args)]
pub struct TdfShow {
    /// The file.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
}

/// `tearline tdf open`
#[derive(Debug, Args)]
pub struct TdfOpen {
    /// The file.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,

    /// A key file that it is wrapped to (kind access or open); repeat for a content key in shares.
    #[arg(long = "key", value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    pub keys: Vec<PathBuf>,

    /// File for the content.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: PathBuf,

    /// File with the passphrase of every key given, on one line; `-` is stdin, /dev/fd/3 an open descriptor.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub passphrase_file: Option<PathBuf>,

    /// Replace the file for the content if it is there.
    #[arg(long)]
    pub force: bool,
}
