//! Arguments of the commands around acts: prepared from a log, shown, signed and submitted, each on whichever machine it takes;
//! and of the inbox, which says what waits.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum, ValueHint};
use ledger::act::{Code, Content, Level, Title, UtcTime};
use ledger::key::KeyId;

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

/// The acts that can be prepared.
#[derive(Debug, Subcommand)]
pub enum Kind {
    /// Say yes to a proposal
    #[command(before_help = APPROVE_EXAMPLES)]
    Approve(Ballot),
    /// Object to a proposal: its round ends
    #[command(before_help = OBJECT_EXAMPLES)]
    Object(Reasoned),
    /// Ask for something else: the round ends, and an amended draft may circulate
    #[command(before_help = AMEND_EXAMPLES)]
    Amend(Reasoned),
    /// Say yes, with a reservation on record
    #[command(before_help = RESERVE_EXAMPLES)]
    Reserve(Reasoned),
    /// Say that you need not be waited for
    #[command(before_help = WAIVE_EXAMPLES)]
    Waive(Ballot),
    /// Take back what this key said, while the round is open
    #[command(before_help = RETRACT_EXAMPLES)]
    Retract(Ballot),
    /// Sign for a change of keys, with a key that the change is about
    #[command(before_help = ENDORSE_EXAMPLES)]
    Endorse(Ballot),
    /// Consent beforehand to releases within bounds
    #[command(before_help = ENTRUST_EXAMPLES)]
    Entrust(Entrust),
    /// Take such a consent back
    #[command(before_help = RECLAIM_EXAMPLES)]
    Reclaim(Reclaim),
    /// Declare a key of your party lost or stolen
    #[command(before_help = REVOKE_EXAMPLES)]
    Revoke(Revoke),
    /// Acknowledge a package that was delivered to you
    #[command(before_help = ACKNOWLEDGE_EXAMPLES)]
    Acknowledge(Acknowledge),
    /// The office: log the time
    #[command(before_help = TICK_EXAMPLES)]
    Tick(Tick),
    /// The office: circulate a release or a change of the roster
    #[command(before_help = PROPOSE_EXAMPLES)]
    Propose(Propose),
    /// The office: give a round more time
    #[command(before_help = EXTEND_EXAMPLES)]
    Extend(Extend),
    /// The office: take a proposal or a release back
    #[command(before_help = WITHDRAW_EXAMPLES)]
    Withdraw(Reasoned),
    /// The office: open a log with its roster
    #[command(before_help = FOUND_EXAMPLES)]
    Found(Found),
}

const APPROVE_EXAMPLES: &str = "\
Examples:
  tearline act prepare approve 'Demand 2030' --ledger ledger --trust trust.json --card no.card.json --out approve.json";
const OBJECT_EXAMPLES: &str = "\
Examples:
  tearline act prepare object 'Demand 2030' --reason-file why.txt --ledger ledger --trust trust.json \\
      --card no.card.json --out object.json";
const AMEND_EXAMPLES: &str = "\
Examples:
  tearline act prepare amend 'Demand 2030' --reason 'leave out ACME' --ledger ledger --trust trust.json \\
      --card no.card.json --out amend.json";
const RESERVE_EXAMPLES: &str = "\
Examples:
  tearline act prepare reserve 'Demand 2030' --reason 'for this year only' --ledger ledger --trust trust.json \\
      --card no.card.json --out reserve.json";
const WAIVE_EXAMPLES: &str = "\
Examples:
  tearline act prepare waive 'Demand 2030' --ledger ledger --trust trust.json --card se.card.json --out waive.json";
const RETRACT_EXAMPLES: &str = "\
Examples:
  tearline act prepare retract 'Demand 2030' --ledger ledger --trust trust.json --card no.card.json --out retract.json";
const ENDORSE_EXAMPLES: &str = "\
Examples:
  tearline act prepare endorse 'New keys of NO' --actor NO --ledger ledger --trust trust.json \\
      --card no.new.card.json --out endorse.json";
const ENTRUST_EXAMPLES: &str = "\
Examples:
  tearline act prepare entrust --audience ACME,BOLT --content standards --up-to unclassified \\
      --expires 2027-01-01T00:00:00Z --ledger ledger --trust trust.json --card no.card.json --out entrust.json";
const RECLAIM_EXAMPLES: &str = "\
Examples:
  tearline act prepare reclaim --ledger ledger --trust trust.json --card no.card.json --out reclaim.json
                                                         where there is one consent; else add --terms SHA256";
const REVOKE_EXAMPLES: &str = "\
Examples:
  tearline act prepare revoke --key 6f1f4c5a9d0b7e38a2c4d6e8f0123456 --reason 'left in a taxi' \\
      --ledger ledger --trust trust.json --card no.card.json --out revoke.json";
const ACKNOWLEDGE_EXAMPLES: &str = "\
Examples:
  tearline act prepare acknowledge --package demand.tdf --ledger ledger --trust trust.json \\
      --card acme.card.json --out acknowledge.json";
const TICK_EXAMPLES: &str = "\
Examples:
  tearline act prepare tick --ledger ledger --trust trust.json --card office.card.json --out tick.json";
const PROPOSE_EXAMPLES: &str = "\
Examples:
  tearline act prepare propose --title 'New keys of NO' --draft change.json --deadline 2026-12-24T12:00:00Z \\
      --ledger ledger --trust trust.json --card office.card.json --out propose.json

The draft (JSON) is the subject of the act: {\"of\":\"roster\",\"changes\":[...]} or {\"of\":\"release\",...}.";
const EXTEND_EXAMPLES: &str = "\
Examples:
  tearline act prepare extend 'Demand 2030' --deadline 2026-12-31T12:00:00Z --ledger ledger --trust trust.json \\
      --card office.card.json --out extend.json";
const WITHDRAW_EXAMPLES: &str = "\
Examples:
  tearline act prepare withdraw 'Demand 2030' --reason 'a figure was wrong' --ledger ledger --trust trust.json \\
      --card office.card.json --out withdraw.json";
const FOUND_EXAMPLES: &str = "\
Examples:
  tearline act prepare found --roster roster.json --card office.card.json --out found.json";

/// Who signs, and where the prepared act goes.
#[derive(Debug, Args)]
pub struct Signer {
    /// Public card of the key that will sign.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub card: PathBuf,

    /// The party that acts; the owner of the key on the roster without it.
    #[arg(long, value_name = "CODE")]
    pub actor: Option<Code>,

    /// The prepared act.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: PathBuf,

    /// Replace a file that is there.
    #[arg(long)]
    pub force: bool,
}

/// The log that an act is prepared from.
#[derive(Debug, Args)]
pub struct Source {
    /// Folder with `checkpoint` and `tile/`, or one with such a folder `ledger`.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub ledger: PathBuf,

    /// Whom you trust.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub trust: PathBuf,
}

/// `tearline act prepare approve` and its kin
#[derive(Debug, Args)]
pub struct Ballot {
    /// The proposal: its title, which means its last round, or its digest.
    #[arg(value_name = "PROPOSAL")]
    pub proposal: String,

    /// The log.
    #[command(flatten)]
    pub source: Source,

    /// Who signs.
    #[command(flatten)]
    pub signer: Signer,
}

/// Why.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("why").required(true).args(["reason", "reason_file"]))]
pub struct Why {
    /// Why, or what instead, in words that everybody will read.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,

    /// File with these words.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub reason_file: Option<PathBuf>,
}

/// `tearline act prepare object` and its kin
#[derive(Debug, Args)]
pub struct Reasoned {
    /// The proposal: its title, which means its last round, or its digest.
    #[arg(value_name = "PROPOSAL")]
    pub proposal: String,

    /// Why.
    #[command(flatten)]
    pub why: Why,

    /// The log.
    #[command(flatten)]
    pub source: Source,

    /// Who signs.
    #[command(flatten)]
    pub signer: Signer,
}

/// `tearline act prepare entrust`
#[derive(Debug, Args)]
pub struct Entrust {
    /// Receivers: releases may go to these and no others.
    #[arg(long, value_name = "CODE", required = true, value_delimiter = ',')]
    pub audience: Vec<Code>,

    /// Kinds of content.
    #[arg(long, value_name = "KIND", required = true, value_enum, value_delimiter = ',')]
    pub content: Vec<ContentKind>,

    /// The highest classification.
    #[arg(long, value_name = "LEVEL", value_enum)]
    pub up_to: LevelName,

    /// A round whose deadline is at or after this time is not covered.
    #[arg(long, value_name = "TIME")]
    pub expires: UtcTime,

    /// The log.
    #[command(flatten)]
    pub source: Source,

    /// Who signs.
    #[command(flatten)]
    pub signer: Signer,
}

/// Kinds of content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ContentKind {
    /// Figures: capability targets, demand, offers.
    Figures,
    /// Standards and other documents.
    Standards,
}

impl From<ContentKind> for Content {
    fn from(kind: ContentKind) -> Self {
        match kind {
            ContentKind::Figures => Self::Figures,
            ContentKind::Standards => Self::Standards,
        }
    }
}

/// Classifications, ascending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LevelName {
    /// For anybody.
    Public,
    /// Not public, for official use.
    Unclassified,
    /// RESTRICTED.
    Restricted,
    /// CONFIDENTIAL.
    Confidential,
    /// SECRET.
    Secret,
    /// TOP SECRET.
    TopSecret,
}

impl From<LevelName> for Level {
    fn from(name: LevelName) -> Self {
        match name {
            LevelName::Public => Self::Public,
            LevelName::Unclassified => Self::Unclassified,
            LevelName::Restricted => Self::Restricted,
            LevelName::Confidential => Self::Confidential,
            LevelName::Secret => Self::Secret,
            LevelName::TopSecret => Self::TopSecret,
        }
    }
}

/// `tearline act prepare reclaim`
#[derive(Debug, Args)]
pub struct Reclaim {
    /// Digest of the terms; needed where the member gave more than one consent.
    #[arg(long, value_name = "SHA256")]
    pub terms: Option<String>,

    /// The log.
    #[command(flatten)]
    pub source: Source,

    /// Who signs.
    #[command(flatten)]
    pub signer: Signer,
}

/// `tearline act prepare revoke`
#[derive(Debug, Args)]
pub struct Revoke {
    /// Id of the key, as `tearline key show` prints it.
    #[arg(long, value_name = "ID")]
    pub key: KeyId,

    /// Why.
    #[command(flatten)]
    pub why: Why,

    /// The log.
    #[command(flatten)]
    pub source: Source,

    /// Who signs.
    #[command(flatten)]
    pub signer: Signer,
}

/// `tearline act prepare acknowledge`
#[derive(Debug, Args)]
pub struct Acknowledge {
    /// The package, or the SHA-256 of its bytes.
    #[arg(long, value_name = "FILE|SHA256", value_hint = ValueHint::FilePath)]
    pub package: String,

    /// The log.
    #[command(flatten)]
    pub source: Source,

    /// Who signs.
    #[command(flatten)]
    pub signer: Signer,
}

/// `tearline act prepare tick`
#[derive(Debug, Args)]
pub struct Tick {
    /// The time, `YYYY-MM-DDTHH:MM:SSZ`; the machine's clock without it.
    #[arg(long, value_name = "TIME")]
    pub at: Option<UtcTime>,

    /// The log.
    #[command(flatten)]
    pub source: Source,

    /// Who signs.
    #[command(flatten)]
    pub signer: Signer,
}

/// `tearline act prepare propose`
#[derive(Debug, Args)]
pub struct Propose {
    /// Title of the draft; its rounds share it.
    #[arg(long, value_name = "TEXT", value_parser = Title::new)]
    pub title: Title,

    /// What is proposed (JSON).
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub draft: PathBuf,

    /// Until when, `YYYY-MM-DDTHH:MM:SSZ`.
    #[arg(long, value_name = "TIME")]
    pub deadline: UtcTime,

    /// The log.
    #[command(flatten)]
    pub source: Source,

    /// Who signs.
    #[command(flatten)]
    pub signer: Signer,
}

/// `tearline act prepare extend`
#[derive(Debug, Args)]
pub struct Extend {
    /// The proposal: its title, which means its last round, or its digest.
    #[arg(value_name = "PROPOSAL")]
    pub proposal: String,

    /// The new deadline, `YYYY-MM-DDTHH:MM:SSZ`.
    #[arg(long, value_name = "TIME")]
    pub deadline: UtcTime,

    /// The log.
    #[command(flatten)]
    pub source: Source,

    /// Who signs.
    #[command(flatten)]
    pub signer: Signer,
}

/// `tearline act prepare found`
#[derive(Debug, Args)]
pub struct Found {
    /// The roster (JSON).
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub roster: PathBuf,

    /// Who signs.
    #[command(flatten)]
    pub signer: Signer,
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
