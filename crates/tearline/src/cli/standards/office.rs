//! Arguments of `tearline standards` where an office's log and registry are needed.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueHint};
use ledger::act::{Title, UtcTime};
use office::standards::Date;

use super::SourceArgs;

/// An office's folder and the key that opens its boxes.
#[derive(Debug, Args)]
pub struct OfficeArgs {
    /// Folder of the office: its store with log and sealed boxes.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub office: PathBuf,

    /// The office's open key.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub key: PathBuf,

    /// File with the passphrase of the key; asked for without it.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub passphrase_file: Option<PathBuf>,
}

const IMPORT_EXAMPLES: &str = "\
Examples:
  tearline standards import standards.csv --edges edges.csv --as-of 2026-09-30 --documents documents \\
      --office . --key keys/office.open.key --out change
  tearline act prepare register --change change/change.json --to office.open.key.card.json --box change.box \\
      --ledger ledger --trust trust.json --card office.act.key.card.json --out register.json

Nothing takes effect: what would change is written down for review. Whoever signs the act has reviewed it.";

/// `tearline standards import`
#[derive(Debug, Args)]
#[command(before_help = IMPORT_EXAMPLES)]
pub struct Import {
    /// The snapshot.
    #[command(flatten)]
    pub source: SourceArgs,

    /// The day of the snapshot, `YYYY-MM-DD`: what it lacks is withdrawn on that day.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub as_of: Date,

    /// Folder with documents, each named by the id of its part and any extension, or as `documents.csv` in it says (`id,file`).
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub documents: Option<PathBuf>,

    /// Go on although rows of the snapshot cannot be read: their records are withdrawn.
    #[arg(long)]
    pub accept_errors: bool,

    /// The office.
    #[command(flatten)]
    pub office: OfficeArgs,

    /// Folder for the change, what it says in a table, and the sealed documents; it must not exist.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: PathBuf,

    /// Replace what an earlier run wrote, in one step.
    #[arg(long)]
    pub force: bool,
}

fn date(text: &str) -> Result<Date, String> {
    Date::read(text).ok_or_else(|| "write YYYY-MM-DD, YYYY-MM or YYYY".to_owned())
}

const WAVE_EXAMPLES: &str = "\
Examples:
  tearline standards wave --office . --key keys/office.open.key --policy policy.toml \\
      --capacity 40 --title 'Standards, wave 3' --out wave-3     the best next wave
  tearline standards wave --office . --key keys/office.open.key --policy policy.toml \\
      --delta --title 'Revision of May' --out delta              new editions and notices that a revision made due
  tearline standards wave --office . --key keys/office.open.key --policy policy.toml \\
      --bulk --deadline 2026-12-24T12:00:00Z --title 'Unclassified standards' --out bulk
                                                                 all that was consented to beforehand
  tearline standards wave --office . --key keys/office.open.key --policy policy.toml \\
      --again 'Standards, wave 3 (1)' --out again                what an objection left, for its next round

One folder a release: receivers that get exactly the same share one. Nothing is proposed: `act prepare release` does that.";

/// `tearline standards wave`
#[derive(Debug, Args)]
#[command(before_help = WAVE_EXAMPLES)]
#[command(group = ArgGroup::new("what").required(true).args(["capacity", "delta", "bulk", "again"]))]
pub struct Wave {
    /// The office.
    #[command(flatten)]
    pub office: OfficeArgs,

    /// Markings, effort, value and rules (TOML, schema tearline-standards-policy/1); receivers come from the roster.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub policy: PathBuf,

    /// The best next wave that takes no more review than this.
    #[arg(long, value_name = "EFFORT", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    pub capacity: Option<u64>,

    /// What a revision made due, whatever it takes.
    #[arg(long)]
    pub delta: bool,

    /// Everything unclassified that every originator consented to beforehand.
    #[arg(long, requires = "deadline")]
    pub bulk: bool,

    /// What is left of a wave that was objected to or lapsed: its title or the digest of its proposal.
    #[arg(long, value_name = "PROPOSAL", conflicts_with = "title")]
    pub again: Option<String>,

    /// Waves that are planned; the first is written.
    #[arg(long, value_name = "COUNT", default_value = "12", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub waves: u32,

    /// Title of the releases; each of several gets its number behind it.
    #[arg(long, value_name = "TEXT", value_parser = Title::new, required_unless_present = "again")]
    pub title: Option<Title>,

    /// Until when the round would last; consents beforehand must last longer.
    #[arg(long, value_name = "TIME")]
    pub deadline: Option<UtcTime>,

    /// Whom the label calls releasable to, beside the alliance. Once for each.
    #[arg(long, value_name = "TEXT")]
    pub releasable_to: Vec<String>,

    /// Words before the marking on every page, for example `EXERCISE`.
    #[arg(long, value_name = "TEXT")]
    pub banner: Option<String>,

    /// Folder for the releases; it must not exist.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: PathBuf,

    /// Replace what an earlier run wrote, in one step.
    #[arg(long)]
    pub force: bool,
}

const HOLDINGS_EXAMPLES: &str = "\
Examples:
  tearline standards holdings --office . --key keys/office.open.key --policy policy.toml --out held
  tearline standards holdings --office . --key keys/office.open.key --policy policy.toml --at 2026-03-01T00:00:00Z --json
                                                         what the partner held on that day, and what was stale then";

/// `tearline standards holdings`
#[derive(Debug, Args)]
#[command(before_help = HOLDINGS_EXAMPLES)]
pub struct Holdings {
    /// The office.
    #[command(flatten)]
    pub office: OfficeArgs,

    /// Markings and rules by which is judged what is blocked (TOML, schema tearline-standards-policy/1).
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub policy: PathBuf,

    /// As the log stood at this time; now without it.
    #[arg(long, value_name = "TIME")]
    pub at: Option<UtcTime>,

    /// Only what this receiver holds, in words that it may read.
    #[arg(long, value_name = "CODE")]
    pub receiver: Option<String>,

    /// Days after which a receipt is overdue.
    #[arg(long, value_name = "DAYS", default_value = "30", value_parser = clap::value_parser!(u32).range(1..=3_650))]
    pub receipt_days: u32,

    /// Folder for page, table and workbook; it must not exist.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,

    /// Replace what an earlier run wrote, in one step.
    #[arg(long)]
    pub force: bool,

    /// Banner of the page.
    #[arg(long, value_name = "TEXT", default_value = crate::document::standards::MARKING_DEFAULT)]
    pub marking: String,
}
