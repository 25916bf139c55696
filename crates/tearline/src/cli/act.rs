//! Arguments of the commands around acts: prepared from a log, shown, signed and submitted, each on whichever machine it takes;
//! and of the inbox, which says what waits.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueHint};
use ledger::act::Code;

pub mod kind;

pub use kind::{Kind, Source};

const ACT_EXAMPLES: &str = "\
Examples:
  tearline act prepare approve 'Demand 2030' --ledger ledger --trust trust.json --card no.card.json --out approve.json
  tearline act show approve.json --ledger ledger --trust trust.json
  tearline act sign approve.json --key no.key --out approve.act
  tearline act submit approve.act --office .

Prepare and show need the log, sign needs the key, submit the office: three machines, if you like, and files between them.";

/// `tearline act`
#[derive(Debug, Args)]
#[command(before_help = ACT_EXAMPLES, subcommand_required = true, arg_required_else_help = true)]
pub struct Act {
    /// What to do.
    #[command(subcommand)]
    pub command: ActCommand,
}

/// What can be done with acts.
#[derive(Debug, Subcommand)]
pub enum ActCommand {
    /// Write down an act as the log calls for it, ready to be signed
    Prepare(Prepare),
    /// Print in words what would be signed, and check it
    Show(Show),
    /// Sign a prepared act with a key file, a token or a security key's answer
    Sign(Sign),
    /// Hand a signed act to the office, which logs or refuses it
    Submit(Submit),
}

const PREPARE_EXAMPLES: &str = "\
Examples:
  tearline act prepare approve 'Demand 2030' --ledger ledger --trust trust.json --card no.card.json --out approve.json
  tearline act prepare object 'Demand 2030' --reason 'line 3 tells our number' --ledger ledger --trust trust.json \\
      --card no.card.json --out object.json
  tearline act prepare found --roster roster.json --card office.card.json --out found.json";

/// `tearline act prepare`
#[derive(Debug, Args)]
#[command(before_help = PREPARE_EXAMPLES, subcommand_required = true, arg_required_else_help = true)]
pub struct Prepare {
    /// Which act.
    #[command(subcommand)]
    pub kind: Kind,
}

const SHOW_EXAMPLES: &str = "\
Examples:
  tearline act show approve.json                         what the bytes say
  tearline act show approve.json --ledger ledger --trust trust.json
                                                         and whether the log agrees, and would take it";

/// `tearline act show`
#[derive(Debug, Args)]
#[command(before_help = SHOW_EXAMPLES)]
pub struct Show {
    /// A prepared act.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,

    /// The log.
    #[command(flatten)]
    pub source: OptionalSource,
}

/// The log that an act is checked against, where there is one at hand.
#[derive(Debug, Args)]
pub struct OptionalSource {
    /// Folder with `checkpoint` and `tile/`, or one with such a folder `ledger`.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, requires = "trust")]
    pub ledger: Option<PathBuf>,

    /// Whom you trust.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "ledger")]
    pub trust: Option<PathBuf>,
}

const SIGN_EXAMPLES: &str = "\
Examples:
  tearline act sign approve.json --key no.key --out approve.act
  tearline act sign approve.json --token /usr/lib/softhsm/libsofthsm2.so --token-label NO --key-label act \\
      --out approve.act                                  asks for the PIN without showing it
  tearline act sign approve.json --assertion answer.json --out approve.act

An answer (JSON) is what `navigator.credentials.get` gave for the challenge of the prepared act, each part in base64url:
  {\"authenticatorData\":\"...\",\"clientDataJSON\":\"...\",\"signature\":\"...\"}";

/// `tearline act sign`
#[derive(Debug, Args)]
#[command(before_help = SIGN_EXAMPLES)]
#[command(group = ArgGroup::new("with").required(true).args(["key", "token", "assertion"]))]
pub struct Sign {
    /// A prepared act.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,

    /// A key file (kind act).
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub key: Option<PathBuf>,

    /// File with the passphrase on one line; `-` is stdin, /dev/fd/3 an open descriptor.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "key")]
    pub passphrase_file: Option<PathBuf>,

    /// A token, in place of a key file.
    #[command(flatten)]
    pub token: TokenKey,

    /// What a security key answered in a browser (JSON).
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub assertion: Option<PathBuf>,

    /// The log.
    #[command(flatten)]
    pub source: OptionalSource,

    /// The signed act.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: PathBuf,

    /// Replace a file that is there.
    #[arg(long)]
    pub force: bool,

    /// Sign without asking; for programs that have shown the words themselves.
    #[arg(long)]
    pub yes: bool,
}

/// A key in a PKCS#11 token.
#[derive(Debug, Args)]
pub struct TokenKey {
    /// PKCS#11 module of the token.
    #[arg(long, value_name = "MODULE", value_hint = ValueHint::FilePath)]
    pub token: Option<PathBuf>,

    /// Label of the token; needed where the module has more than one.
    #[arg(long, value_name = "LABEL", requires = "token", conflicts_with = "token_slot")]
    pub token_label: Option<String>,

    /// Number of the token's slot, in place of its label.
    #[arg(long, value_name = "NUMBER", requires = "token")]
    pub token_slot: Option<u64>,

    /// Label of the key; needed where the token has more than one.
    #[arg(long, value_name = "LABEL", requires = "token", conflicts_with = "key_id")]
    pub key_label: Option<String>,

    /// Id of the key in the token, in hexadecimal digits, in place of its label.
    #[arg(long, value_name = "HEX", requires = "token")]
    pub key_id: Option<String>,

    /// File with the PIN on one line; `-` is stdin, /dev/fd/3 an open descriptor.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "token")]
    pub pin_file: Option<PathBuf>,
}

const SUBMIT_EXAMPLES: &str = "\
Examples:
  tearline act submit approve.act --office .
  tearline act submit deposit.act --box deposit.box --office .
  tearline act submit approve.act --office . --dry-run   judge, but log nothing

The office's folder holds `office/store.sqlite`, which the act that founds a log makes, and `keys/log.key`.";

/// `tearline act submit`
#[derive(Debug, Args)]
#[command(before_help = SUBMIT_EXAMPLES)]
pub struct Submit {
    /// A signed act.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub envelope: PathBuf,

    /// Folder of the office.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub office: PathBuf,

    /// The sealed box that a deposit or a change of the registry names; of the registry, again for the sealed documents, or for the
    /// folder that holds them. The office keeps them before the act is logged.
    #[arg(long = "box", value_name = "FILE|DIR", value_hint = ValueHint::AnyPath)]
    pub sealed: Vec<PathBuf>,

    /// File with the passphrase of the log's key on one line; `-` is stdin, /dev/fd/3 an open descriptor.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub passphrase_file: Option<PathBuf>,

    /// Judge, but log nothing.
    #[arg(long)]
    pub dry_run: bool,
}

const INBOX_EXAMPLES: &str = "\
Examples:
  tearline inbox --ledger ledger --trust trust.json --party NO
  tearline inbox --ledger ledger --trust trust.json --reminders
                                                         everybody whose yes is missing and due";

/// `tearline inbox`
#[derive(Debug, Args)]
#[command(before_help = INBOX_EXAMPLES)]
#[command(group = ArgGroup::new("whose").required(true).args(["party", "reminders"]))]
pub struct Inbox {
    /// The log.
    #[command(flatten)]
    pub source: Source,

    /// Whose inbox: a code on the roster.
    #[arg(long, value_name = "CODE")]
    pub party: Option<Code>,

    /// Everybody who must be reminded, with what.
    #[arg(long)]
    pub reminders: bool,
}

const DEPOSITS_EXAMPLES: &str = "\
Examples:
  tearline deposits --office . --key keys/office.open.key --out deposits

Writes each member's newest deposit as MEMBER.csv, in files that you alone can read. They hold classified figures in the clear.";

/// `tearline deposits`
#[derive(Debug, Args)]
#[command(before_help = DEPOSITS_EXAMPLES)]
pub struct Deposits {
    /// Folder of the office.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub office: PathBuf,

    /// The key file that opens deposits (kind open).
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub key: PathBuf,

    /// Folder for the figures; it must not exist.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: PathBuf,

    /// File with the passphrase of the key on one line; `-` is stdin, /dev/fd/3 an open descriptor.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub passphrase_file: Option<PathBuf>,
}
