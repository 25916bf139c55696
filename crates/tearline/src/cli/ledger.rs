//! Arguments of the commands around the log and its witnesses.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};
use ledger::act::Code;

const LEDGER_EXAMPLES: &str = "\
Examples:
  tearline ledger verify --dir ledger --trust trust.json
  tearline ledger verify --dir tearline-demo             the log of a demo, with the trust file beside it
  tearline ledger verify --url https://office.example/log/ --trust trust.json
  tearline ledger export --office . --out ledger         the log as files that anybody can verify
  tearline ledger witness --office . --witnesses policy.txt
  tearline ledger serve --dir ledger --listen 127.0.0.1:8080
  tearline ledger trust --dir ledger --trust trust.json --out newer.json";

/// `tearline ledger`
#[derive(Debug, Args)]
#[command(before_help = LEDGER_EXAMPLES, subcommand_required = true, arg_required_else_help = true)]
pub struct Ledger {
    /// What to do.
    #[command(subcommand)]
    pub command: LedgerCommand,
}

/// What can be done with a log.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Replay a log from its first entry: every hash, every signature, every rule
    #[command(before_help = LEDGER_EXAMPLES)]
    Verify(LedgerVerify),
    /// Write the office's log as checkpoint and tiles
    #[command(before_help = LEDGER_EXAMPLES)]
    Export(LedgerExport),
    /// Have the newest checkpoint cosigned by the witnesses, and log it
    #[command(before_help = LEDGER_EXAMPLES)]
    Witness(LedgerWitness),
    /// Serve a log's folder over HTTP
    #[command(before_help = LEDGER_EXAMPLES)]
    Serve(LedgerServe),
    /// List who received what and when: packages, acknowledgements, keys
    #[command(before_help = RECEIPTS_EXAMPLES)]
    Receipts(LedgerReceipts),
    /// Make a trust file that also knows the rosters agreed since
    #[command(before_help = LEDGER_EXAMPLES)]
    Trust(LedgerTrust),
}

/// Where a log is.
#[derive(Debug, Args)]
pub struct Log {
    /// Folder with `checkpoint` and `tile/`, or one with such a folder `ledger`.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, required_unless_present = "url", conflicts_with = "url")]
    pub dir: Option<PathBuf>,

    /// Address below which `checkpoint` and `tile/` are.
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub url: Option<String>,

    /// Certificates (PEM) that are believed for https; the system's without it.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "url")]
    pub roots: Option<PathBuf>,
}

/// `tearline ledger verify`
#[derive(Debug, Args)]
pub struct LedgerVerify {
    /// Where the log is.
    #[command(flatten)]
    pub log: Log,

    /// Whom you trust. Without it, a `trust.json` beside the log shows only that the two belong together.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub trust: Option<PathBuf>,
}

/// `tearline ledger export`
#[derive(Debug, Args)]
pub struct LedgerExport {
    /// The office's folder.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub office: PathBuf,

    /// Folder for the log; it must not exist.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: PathBuf,

    /// File with the passphrase of the office's keys; `-` is stdin, /dev/fd/3 an open descriptor.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub passphrase_file: Option<PathBuf>,
}

/// `tearline ledger witness`
#[derive(Debug, Args)]
pub struct LedgerWitness {
    /// The office's folder.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub office: PathBuf,

    /// Where the witnesses are: a policy (C2SP tlog-policy) with their addresses. Which of them must have cosigned is for the
    /// log's roster to say.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub witnesses: PathBuf,

    /// Certificates (PEM) that are believed for https; the system's without it.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub roots: Option<PathBuf>,

    /// Seconds that the witnesses have together.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub time: u64,

    /// File with the passphrase of the office's keys; `-` is stdin, /dev/fd/3 an open descriptor.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub passphrase_file: Option<PathBuf>,

    /// Ask, and say what came of it, but log nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// `tearline ledger serve`
#[derive(Debug, Args)]
pub struct LedgerServe {
    /// Folder with `checkpoint` and `tile/`, or one with such a folder `ledger`.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub dir: PathBuf,

    /// Address and port to listen on; port 0 takes any that is free.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: std::net::SocketAddr,
}

const RECEIPTS_EXAMPLES: &str = "\
Examples:
  tearline ledger receipts --dir ledger --trust trust.json
  tearline ledger receipts --dir ledger --trust trust.json --receiver ACME --release 'Demand 2030'
  tearline ledger receipts --url https://office.example/log/ --trust trust.json --json";

/// `tearline ledger receipts`
#[derive(Debug, Args)]
pub struct LedgerReceipts {
    /// Where the log is.
    #[command(flatten)]
    pub log: Log,

    /// Whom you trust.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub trust: PathBuf,

    /// Of this receiver alone.
    #[arg(long, value_name = "CODE")]
    pub receiver: Option<Code>,

    /// Of this release alone: its title, in any round, or the digest of its proposal.
    #[arg(long, value_name = "RELEASE")]
    pub release: Option<String>,
}

/// `tearline ledger trust`
#[derive(Debug, Args)]
pub struct LedgerTrust {
    /// Where the log is.
    #[command(flatten)]
    pub log: Log,

    /// The trust file that you have.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub trust: PathBuf,

    /// The card of the key with which the office seals now, where that changed.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub seal: Option<PathBuf>,

    /// The new trust file; it must not exist.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: PathBuf,
}

const WITNESS_EXAMPLES: &str = "\
Examples:
  tearline key new --kind witness --name witness.example/NO --out no.witness.key
  tearline witness --key no.witness.key --trust trust.json --record no.witness.record --listen 127.0.0.1:8081

The office asks it with `tearline ledger witness`; readers find its cosignatures under every checkpoint.";

/// `tearline witness`
#[derive(Debug, Args)]
#[command(before_help = WITNESS_EXAMPLES)]
pub struct Witness {
    /// The witness's key (kind witness).
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub key: PathBuf,

    /// Trust files of the logs that it watches.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, required = true)]
    pub trust: Vec<PathBuf>,

    /// What it has cosigned so far. Made where there is none; never set it back, and never run two witnesses on copies of one.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub record: PathBuf,

    /// Address and port to listen on.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8081")]
    pub listen: std::net::SocketAddr,

    /// File with the passphrase on one line; `-` is stdin, /dev/fd/3 an open descriptor.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub passphrase_file: Option<PathBuf>,
}
