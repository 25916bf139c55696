//! Arguments of `tearline act prepare`: one struct an act, and what every act is prepared with.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum, ValueHint};
use ledger::act::{Code, Content, Level, PartId, Title, UtcTime};
use ledger::key::KeyId;

use crate::folder::Existing;

/// The acts that can be prepared.
#[derive(Debug, Subcommand)]
pub enum Kind {
    /// Say yes to a proposal
    #[command(before_help = APPROVE_EXAMPLES)]
    Approve(Drawn<Approve>),
    /// Say yes to parts of a wave of standards, and to no more of it
    #[command(before_help = CONSENT_EXAMPLES)]
    Consent(Drawn<Consent>),
    /// Object to a proposal: its round ends
    #[command(before_help = OBJECT_EXAMPLES)]
    Object(Drawn<Objection>),
    /// Ask for something else: the round ends, and an amended draft may circulate
    #[command(before_help = AMEND_EXAMPLES)]
    Amend(Drawn<Objection>),
    /// Say yes, with a reservation on record
    #[command(before_help = RESERVE_EXAMPLES)]
    Reserve(Drawn<Reasoned>),
    /// Say that you need not be waited for
    #[command(before_help = WAIVE_EXAMPLES)]
    Waive(Drawn<Ballot>),
    /// Take back what this key said, while the round is open
    #[command(before_help = RETRACT_EXAMPLES)]
    Retract(Drawn<Ballot>),
    /// Sign for a change of keys, with a key that the change is about
    #[command(before_help = ENDORSE_EXAMPLES)]
    Endorse(Drawn<Ballot>),
    /// Consent beforehand to releases within bounds
    #[command(before_help = ENTRUST_EXAMPLES)]
    Entrust(Drawn<Entrust>),
    /// Take such a consent back
    #[command(before_help = RECLAIM_EXAMPLES)]
    Reclaim(Drawn<Reclaim>),
    /// Declare a key of your party lost or stolen
    #[command(before_help = REVOKE_EXAMPLES)]
    Revoke(Drawn<Revoke>),
    /// Hand in figures, sealed to the office
    #[command(before_help = DEPOSIT_EXAMPLES)]
    Deposit(Drawn<Deposit>),
    /// Acknowledge a package that was delivered to you
    #[command(before_help = ACKNOWLEDGE_EXAMPLES)]
    Acknowledge(Drawn<Acknowledge>),
    /// The office: log the time
    #[command(before_help = TICK_EXAMPLES)]
    Tick(Drawn<Tick>),
    /// The office: register a reviewed change of the standards
    #[command(before_help = REGISTER_EXAMPLES)]
    Register(Drawn<Register>),
    /// The office: circulate a release, from the files that it would consist of
    #[command(before_help = RELEASE_EXAMPLES)]
    Release(Drawn<Release>),
    /// The office: circulate a change of the roster, or any draft that is written down already
    #[command(before_help = PROPOSE_EXAMPLES)]
    Propose(Drawn<Propose>),
    /// The office: give a round more time
    #[command(before_help = EXTEND_EXAMPLES)]
    Extend(Drawn<Extend>),
    /// The office: take a proposal or a release back
    #[command(before_help = WITHDRAW_EXAMPLES)]
    Withdraw(Drawn<Reasoned>),
    /// The office: log that a package is handed to a receiver
    #[command(before_help = DELIVER_EXAMPLES)]
    Deliver(Drawn<Deliver>),
    /// The office: open a log with its roster
    #[command(before_help = FOUND_EXAMPLES)]
    Found(Found),
}

impl Kind {
    /// The log that it is prepared from, and who signs. What founds a log is prepared from none.
    #[must_use]
    pub fn parts(&self) -> (Option<&Source>, &Signer) {
        match self {
            Self::Approve(of) => of.parts(),
            Self::Waive(of) | Self::Retract(of) | Self::Endorse(of) => of.parts(),
            Self::Consent(of) => of.parts(),
            Self::Object(of) | Self::Amend(of) => of.parts(),
            Self::Reserve(of) | Self::Withdraw(of) => of.parts(),
            Self::Entrust(of) => of.parts(),
            Self::Reclaim(of) => of.parts(),
            Self::Revoke(of) => of.parts(),
            Self::Deposit(of) => of.parts(),
            Self::Register(of) => of.parts(),
            Self::Acknowledge(of) => of.parts(),
            Self::Tick(of) => of.parts(),
            Self::Release(of) => of.parts(),
            Self::Propose(of) => of.parts(),
            Self::Extend(of) => of.parts(),
            Self::Deliver(of) => of.parts(),
            Self::Found(of) => (None, &of.signer),
        }
    }
}

const APPROVE_EXAMPLES: &str = "\
Examples:
  tearline act prepare approve 'Demand 2030' --ledger ledger --trust trust.json --card no.card.json --out approve.json
  tearline act prepare approve 'Demand 2030' --exposure no.exposure.json --ledger ledger --trust trust.json \
      --card no.card.json --out approve.json             only if the proposal names what you were shown";
const CONSENT_EXAMPLES: &str = "\
Examples:
  tearline act prepare consent 'Wave 3' --parts stanag4559-ed4,aedp-17-edA-v1 --ledger ledger --trust trust.json \\
      --card no.card.json --out consent.json

A later consent of the same key takes the place of this one: name all the parts that you consent to.";
const OBJECT_EXAMPLES: &str = "\
Examples:
  tearline act prepare object 'Demand 2030' --reason-file why.txt --ledger ledger --trust trust.json \\
      --card no.card.json --out object.json
  tearline act prepare object 'Wave 3' --parts aedp-17-edA-v1 --reason 'annex C is not ours to give' \\
      --ledger ledger --trust trust.json --card no.card.json --out object.json";
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
const DEPOSIT_EXAMPLES: &str = "\
Examples:
  tearline act prepare deposit --figures figures.csv --to office.open.card.json --box deposit.box \\
      --ledger ledger --trust trust.json --card no.card.json --out deposit.json
  tearline act sign deposit.json --key no.key --out deposit.act
  tearline act submit deposit.act --box deposit.box --office .

The box and the act leave your hands, the figures do not. The act names both by digests that tell nothing of the figures.";
const REGISTER_EXAMPLES: &str = "\
Examples:
  tearline act prepare register --change change.json --to office.open.card.json --box change.box \\
      --ledger ledger --trust trust.json --card office.card.json --out register.json
  tearline act sign register.json --key office.key --out register.act
  tearline act submit register.act --box change.box --office .

The log holds a commitment to the change and how many records it touches, nothing of what they say.";
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
const RELEASE_EXAMPLES: &str = "\
Examples:
  tearline act prepare release --title 'Demand 2030' --content release --certificate out/internal/certificate.json \\
      --label label.xml --audience ACME,BOLT --exposure NO=no.exposure.json --exposure DE=de.exposure.json \\
      --deadline 2026-12-24T12:00:00Z --ledger ledger --trust trust.json --card office.card.json --out release.json

Each exposure is what `tearline exposure` wrote for that member. The proposal names it by a commitment; its salt is written
beside it as FILE.salt: send both to that member, and to nobody else. Standards (--kind standards) take --wave as well.";
const DELIVER_EXAMPLES: &str = "\
Examples:
  tearline act prepare deliver --package acme.tdf --to ACME --ledger ledger --trust trust.json \\
      --card office.card.json --out deliver.json";
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

impl Signer {
    /// Whether a file that is there is replaced.
    pub(crate) fn existing(&self) -> Existing {
        if self.force { Existing::Replace } else { Existing::Refuse }
    }
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

/// An act that is drawn up from a log for a key.
#[derive(Debug, Args)]
pub struct Drawn<T: Args> {
    /// What is done.
    #[command(flatten)]
    pub what: T,

    /// The log.
    #[command(flatten)]
    pub source: Source,

    /// Who signs.
    #[command(flatten)]
    pub signer: Signer,
}

impl<T: Args> Drawn<T> {
    fn parts(&self) -> (Option<&Source>, &Signer) {
        (Some(&self.source), &self.signer)
    }
}

/// `tearline act prepare waive` and its kin
#[derive(Debug, Args)]
pub struct Ballot {
    /// The proposal: its title, which means its last round, or its digest.
    #[arg(value_name = "PROPOSAL")]
    pub proposal: String,
}

/// `tearline act prepare approve`
#[derive(Debug, Args)]
pub struct Approve {
    /// Which proposal.
    #[command(flatten)]
    pub ballot: Ballot,

    /// The exposure that the office showed you, with its salt beside it as FILE.salt: compared with the proposal.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub exposure: Option<PathBuf>,
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
}

/// `tearline act prepare object` and `tearline act prepare amend`
#[derive(Debug, Args)]
pub struct Objection {
    /// To what, and why.
    #[command(flatten)]
    pub said: Reasoned,

    /// Of a wave of standards, the parts that it is about; the whole without it.
    #[arg(long, value_name = "ID", value_delimiter = ',', value_parser = PartId::new)]
    pub parts: Vec<PartId>,
}

/// `tearline act prepare consent`
#[derive(Debug, Args)]
pub struct Consent {
    /// Which proposal.
    #[command(flatten)]
    pub ballot: Ballot,

    /// The parts; each must be of your own.
    #[arg(long, value_name = "ID", required = true, value_delimiter = ',', value_parser = PartId::new)]
    pub parts: Vec<PartId>,
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
}

/// `tearline act prepare deposit`
#[derive(Debug, Args)]
pub struct Deposit {
    /// The figures: CSV with a header.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub figures: PathBuf,

    /// Public card of the office's key that opens deposits; the roster names its digest.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub to: PathBuf,

    /// The sealed box: hand it in with the signed act.
    #[arg(long = "box", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub sealed: PathBuf,
}

/// `tearline act prepare register`
#[derive(Debug, Args)]
pub struct Register {
    /// The change, as it was reviewed.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub change: PathBuf,

    /// Public card of the office's key that opens deposits; the roster names its digest.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub to: PathBuf,

    /// The sealed box: hand it in with the signed act.
    #[arg(long = "box", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub sealed: PathBuf,
}

/// `tearline act prepare deliver`
#[derive(Debug, Args)]
pub struct Deliver {
    /// The package, or the SHA-256 of its bytes.
    #[arg(long, value_name = "FILE|SHA256", value_hint = ValueHint::FilePath)]
    pub package: String,

    /// The receiver.
    #[arg(long, value_name = "CODE")]
    pub to: Code,
}

/// `tearline act prepare release`
#[derive(Debug, Args)]
pub struct Release {
    /// Title of the draft; its rounds share it.
    #[arg(long, value_name = "TEXT", value_parser = Title::new)]
    pub title: Title,

    /// Folder with the files that would be released, and nothing else.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub content: PathBuf,

    /// Whether they are figures or standards.
    #[arg(long, value_name = "KIND", value_enum, default_value_t = ContentKind::Figures)]
    pub kind: ContentKind,

    /// The certificate that proves them safe.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub certificate: PathBuf,

    /// The label that every package will carry (STANAG 4774, XML).
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub label: PathBuf,

    /// Receivers: the release may go to these and no others.
    #[arg(long, value_name = "CODE", required = true, value_delimiter = ',')]
    pub audience: Vec<Code>,

    /// A member whose information is in it, with the exposure that it is shown. Once for each such member.
    #[arg(long, value_name = "MEMBER=FILE", required = true, value_parser = exposure)]
    pub exposure: Vec<Exposure>,

    /// The parts that a release of standards hands over (JSON, as `tearline standards wave` writes it): its documents are then the files
    /// below `documents/` of the folder, one for each part.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, required_if_eq("kind", "standards"))]
    pub wave: Option<PathBuf>,

    /// The sealed release whose place it takes: its title or the digest of its proposal.
    #[arg(long, value_name = "PROPOSAL")]
    pub supersedes: Option<String>,

    /// Until when, `YYYY-MM-DDTHH:MM:SSZ`.
    #[arg(long, value_name = "TIME")]
    pub deadline: UtcTime,
}

/// What a member is shown of its own figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// The member.
    pub member: Code,
    /// The file.
    pub file: PathBuf,
}

fn exposure(text: &str) -> Result<Exposure, String> {
    let (member, file) = text.split_once('=').ok_or("write MEMBER=FILE, for example NO=no.exposure.json")?;
    let member = Code::new(member).map_err(|error| error.to_string())?;
    Ok(Exposure { member, file: PathBuf::from(file) })
}

/// `tearline act prepare acknowledge`
#[derive(Debug, Args)]
pub struct Acknowledge {
    /// The package, or the SHA-256 of its bytes.
    #[arg(long, value_name = "FILE|SHA256", value_hint = ValueHint::FilePath)]
    pub package: String,
}

/// `tearline act prepare tick`
#[derive(Debug, Args)]
pub struct Tick {
    /// The time, `YYYY-MM-DDTHH:MM:SSZ`; the machine's clock without it.
    #[arg(long, value_name = "TIME")]
    pub at: Option<UtcTime>,
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
