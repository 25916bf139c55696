//! Arguments of the commands around keys, packages, the log, the gap and the demo.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum, ValueHint};
use ledger::act::Code;
use ledger::keyfile::KeyKind;

use super::act::TokenKey;

const KEY_EXAMPLES: &str = "\
Examples:
  tearline key new --kind act --name NO --out no.key     asks for a passphrase without showing it
  tearline key new --kind act --algorithm p256 --name NO --out no.key
  tearline key new --kind open --out acme.key --passphrase-file passphrase.txt
  tearline key show no.key                               what may be shown to others
  tearline key card --token /usr/lib/softhsm/libsofthsm2.so --token-label NO --key-label act \
      --name NO --out no.card.json                       of a key that stays in its token
  tearline key card --webauthn office.example --spki key.der --name NO --out no.card.json
                                                         of a security key, as getPublicKey() gave it
  tearline key credential --out acme.secret              a client secret or bearer token for `tearline serve`";

/// `tearline key`
#[derive(Debug, Args)]
#[command(before_help = KEY_EXAMPLES, subcommand_required = true, arg_required_else_help = true)]
pub struct Key {
    /// What to do.
    #[command(subcommand)]
    pub command: KeyCommand,
}

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a key: a file under a passphrase, and its public card
    #[command(before_help = KEY_EXAMPLES)]
    New(KeyNew),
    /// Print the public card of a key file
    #[command(before_help = KEY_EXAMPLES)]
    Show(KeyShow),
    /// Write the public card of a key for acts that stays in a token or a security key
    #[command(before_help = KEY_EXAMPLES)]
    Card(KeyCard),
    /// Draw what a receiver signs in with at the key access service, and print its digest
    #[command(before_help = KEY_EXAMPLES)]
    Credential(KeyCredential),
}

/// `tearline key credential`
#[derive(Debug, Args)]
pub struct KeyCredential {
    /// File for the credential, for the receiver alone.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: PathBuf,

    /// Replace a credential that is there.
    #[arg(long)]
    pub force: bool,
}

/// `tearline key new`
#[derive(Debug, Args)]
pub struct KeyNew {
    /// What the key is for.
    #[arg(long, value_enum, value_name = "KIND")]
    pub kind: Kind,

    /// How a key of kind act signs.
    #[arg(long, value_enum, value_name = "ALGORITHM", default_value_t = Algorithm::Ed25519)]
    pub algorithm: Algorithm,

    /// The key file; the public card is written beside it as FILE.card.json.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: PathBuf,

    /// Whose key it is: a code, a company, a log's origin; the name of the file without it.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,

    /// File with the passphrase on one line; `-` is stdin, /dev/fd/3 an open descriptor.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub passphrase_file: Option<PathBuf>,

    /// Replace a key that is there. What was sealed to it can never be opened again.
    #[arg(long)]
    pub force: bool,
}

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Signs acts of a delegation, a company or the office.
    Act,
    /// Signs the checkpoints of a log.
    Log,
    /// Cosigns the checkpoints of other logs, as a witness.
    Witness,
    /// Signs packages.
    Seal,
    /// Opens packages and deposits.
    Open,
    /// Unwraps content keys for a key access service.
    Access,
    /// Marks the copies of a release, and traces what leaked.
    Trace,
}

impl From<Kind> for KeyKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Act => Self::Act,
            Kind::Log => Self::Log,
            Kind::Witness => Self::Witness,
            Kind::Seal => Self::Seal,
            Kind::Open => Self::Open,
            Kind::Access => Self::Access,
            Kind::Trace => Self::Trace,
        }
    }
}

/// How a key for acts signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Algorithm {
    /// Ed25519.
    Ed25519,
    /// ECDSA over P-256 with SHA-256.
    P256,
}

/// `tearline key card`
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("from").required(true).args(["token", "webauthn"]))]
pub struct KeyCard {
    /// A key in a token.
    #[command(flatten)]
    pub token: TokenKey,

    /// A security key: the domain for whose pages it signs (relying party).
    #[arg(long, value_name = "DOMAIN", requires = "spki")]
    pub webauthn: Option<String>,

    /// Its public key in DER (SubjectPublicKeyInfo).
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "webauthn")]
    pub spki: Option<PathBuf>,

    /// Whose key it is: a code, a company.
    #[arg(long, value_name = "NAME")]
    pub name: String,

    /// The public card.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: PathBuf,

    /// Replace a card that is there.
    #[arg(long)]
    pub force: bool,
}

/// `tearline key show`
#[derive(Debug, Args)]
pub struct KeyShow {
    /// A key file or a public card; no passphrase is needed.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
}

const VERIFY_EXAMPLES: &str = "\
Examples:
  tearline verify demand.tdf --trust trust.json
  tearline verify demand.tdf --trust trust.json --json > checks.json";

/// `tearline verify`
#[derive(Debug, Args)]
#[command(before_help = VERIFY_EXAMPLES)]
pub struct Verify {
    /// A sealed package.
    #[arg(value_name = "PACKAGE", value_hint = ValueHint::FilePath)]
    pub package: PathBuf,

    /// Whom you trust: the office's keys, the log's key, the roster.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub trust: PathBuf,
}

const OPEN_EXAMPLES: &str = "\
Examples:
  tearline open demand.tdf --key acme.key --trust trust.json --out demand
  tearline open demand.tdf --key acme.key --trust trust.json --out demand --passphrase-file passphrase.txt";

/// `tearline open`
#[derive(Debug, Args)]
#[command(before_help = OPEN_EXAMPLES)]
pub struct Open {
    /// A sealed package.
    #[arg(value_name = "PACKAGE", value_hint = ValueHint::FilePath)]
    pub package: PathBuf,

    /// The key file that opens it (kind open).
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub key: PathBuf,

    /// Whom you trust: the office's keys, the log's key, the roster.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub trust: PathBuf,

    /// Folder for the content; it must not exist.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: PathBuf,

    /// File with the passphrase on one line; `-` is stdin, /dev/fd/3 an open descriptor.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub passphrase_file: Option<PathBuf>,
}

const SEAL_EXAMPLES: &str = "\
Examples:
  tearline seal 'Demand 2030' --office . --content release --cards cards --key office.seal.key --trust trust.json --out sealed
  tearline seal 'Demand 2030' --office . --content forms --cards cards --key office.seal.key --trust trust.json \\
      --marks office.trace.key --out sealed              every copy of the drawn forms with marks of its own
  tearline seal 'Demand 2030' --office . --content release --cards cards --key office.seal.key --trust trust.json \\
      --service https://office.example --access service.card.json --out sealed
                                                         for a key access service too (profile interop)

A run that was cut off goes on where it ended when the same command is given again; a finished batch is only checked.";

/// `tearline seal`
#[derive(Debug, Args)]
#[command(before_help = SEAL_EXAMPLES)]
pub struct Seal {
    /// The agreed proposal: its title, which means its last round, or its digest.
    #[arg(value_name = "PROPOSAL")]
    pub proposal: String,

    /// The office's folder; seal acts are logged there.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub office: PathBuf,

    /// Folder with the files that were agreed to.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub content: PathBuf,

    /// Folder with the receivers' cards (kind open); the roster says whose is whose.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub cards: PathBuf,

    /// The office's key for packages (kind seal).
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub key: PathBuf,

    /// Whom receivers trust.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub trust: PathBuf,

    /// Folder of the batch; it may hold an unfinished one of the same release.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: PathBuf,

    /// Only for these receivers; without it for all that were agreed.
    #[arg(long = "receiver", value_name = "CODE", value_delimiter = ',', value_parser = Code::new)]
    pub receivers: Vec<Code>,

    /// Address of a key access service that may unwrap the key too (profile interop); the label must allow it.
    #[arg(long, value_name = "URL", requires = "access")]
    pub service: Option<String>,

    /// Card of its key (kind access).
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "service")]
    pub access: Option<PathBuf>,

    /// By which of its algorithms the key is wrapped to it.
    #[arg(long, value_enum, value_name = "ALGORITHM", default_value_t = Wrap::Rsa2048, requires = "service")]
    pub wrapping: Wrap,

    /// Key from which each copy's marks are drawn (kind trace).
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub marks: Option<PathBuf>,

    /// File with the passphrase of all keys on one line; `-` is stdin, /dev/fd/3 an open descriptor.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub passphrase_file: Option<PathBuf>,

    /// Judge, encrypt and sign, but write and log nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// By which algorithm a content key is wrapped to a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Wrap {
    /// RSA of 2048 bits, OAEP.
    #[value(name = "rsa-2048")]
    Rsa2048,
    /// ECDH over P-256.
    #[value(name = "p256")]
    P256,
}

impl From<Wrap> for package::access::Wrapping {
    fn from(wrap: Wrap) -> Self {
        match wrap {
            Wrap::Rsa2048 => Self::Rsa2048,
            Wrap::P256 => Self::P256,
        }
    }
}

const TRANSFER_EXAMPLES: &str = "\
Examples:
  tearline transfer export a.tdf b.tdf --side side.json --key office.seal.key --trust trust.json --out outbox
  tearline transfer import outbox/bundle-000001.zip --side side.json --trust trust.json --portal portal
  tearline transfer import bundle.zip --side side.json --trust trust.json --portal portal --dry-run

The side's description (JSON):
  {\"schema\":\"tearline-side/1\",\"name\":\"PORTAL\",\"policy\":\"NATO\",\"highest\":\"UNCLASSIFIED\",\"releasable_to\":[\"INDUSTRY\"]}";

/// `tearline transfer`
#[derive(Debug, Args)]
#[command(before_help = TRANSFER_EXAMPLES, subcommand_required = true, arg_required_else_help = true)]
pub struct Transfer {
    /// What to do.
    #[command(subcommand)]
    pub command: TransferCommand,
}

/// What can be done over the gap.
#[derive(Debug, Subcommand)]
pub enum TransferCommand {
    /// Write a signed bundle of packages for the other side
    #[command(before_help = TRANSFER_EXAMPLES)]
    Export(TransferExport),
    /// The guard: let a bundle in whole, or refuse it
    #[command(before_help = TRANSFER_EXAMPLES)]
    Import(TransferImport),
}

/// `tearline transfer export`
#[derive(Debug, Args)]
pub struct TransferExport {
    /// The sealed packages.
    #[arg(value_name = "PACKAGE", required = true, value_hint = ValueHint::FilePath)]
    pub packages: Vec<PathBuf>,

    /// Description of the side they go to.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub side: PathBuf,

    /// The office's key for packages (kind seal).
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub key: PathBuf,

    /// Whom the other side trusts.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub trust: PathBuf,

    /// Folder of bundles; the next number in it is taken.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: PathBuf,

    /// File with the passphrase on one line; `-` is stdin, /dev/fd/3 an open descriptor.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub passphrase_file: Option<PathBuf>,

    /// Judge and sign, but write nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// `tearline transfer import`
#[derive(Debug, Args)]
pub struct TransferImport {
    /// The bundle.
    #[arg(value_name = "BUNDLE", value_hint = ValueHint::FilePath)]
    pub bundle: PathBuf,

    /// Description of this side.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub side: PathBuf,

    /// Whom this side trusts.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub trust: PathBuf,

    /// Folder of this side: packages go to `packages/`, the number of the last bundle to `guard.json`.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub portal: PathBuf,

    /// Judge, but let nothing in.
    #[arg(long)]
    pub dry_run: bool,
}

const DEMO_EXAMPLES: &str = "\
Examples:
  tearline demo                                          the whole path, into ./tearline-demo
  tearline demo --check --dir /tmp/demo                  the same, then every check again from the files";

/// `tearline demo`
#[derive(Debug, Args)]
#[command(before_help = DEMO_EXAMPLES)]
pub struct Demo {
    /// Folder to tell the story in. An earlier demo there is replaced; nothing else is.
    #[arg(long, value_name = "DIR", default_value = "tearline-demo", value_hint = ValueHint::DirPath)]
    pub dir: PathBuf,

    /// At the end, check everything again from the files alone, as outsiders would.
    #[arg(long)]
    pub check: bool,
}
