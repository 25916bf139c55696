//! Arguments of `tearline standards`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use crate::document::standards::MARKING_DEFAULT;

pub mod office;

const EXAMPLES: &str = "\
Examples:
  tearline standards check standards.csv --edges edges.csv
                                                         what is wrong with a registry, by code
  tearline standards diff old.csv new.csv                added, changed, withdrawn, renamed
  tearline standards search standards.csv 'stanag 5651'  by number or words
  tearline standards show standards.csv PART --edges edges.csv
                                                         everything about one part
  tearline standards eligible standards.csv --policy policy.toml --receiver AURORA PART
                                                         may it have that part today, and if not, why?
  tearline standards plan standards.csv --edges edges.csv --policy policy.toml --capacity 40 --waves 6 --out plan
                                                         the best next waves, proved, and what is left out and why
  tearline standards graph standards.csv PART --edges edges.csv --out graph.html
                                                         the reference graph around a part, for a board
  tearline standards held held.json --out held           who holds what, what is stale, what is blocked, for a board
  tearline standards holdings --help                     the same from an office's log; so are import and wave

STANDARDS and the files beside it are CSV or JSON, whatever they are called; docs/standards.md says which columns there are.";

/// `tearline standards`
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, subcommand_required = true, arg_required_else_help = true)]
pub struct Standards {
    /// What to do.
    #[command(subcommand)]
    pub command: StandardsCommand,
}

/// What can be done with standards.
#[derive(Debug, Subcommand)]
pub enum StandardsCommand {
    /// Say what is wrong with a registry: counts by code, then the findings
    #[command(before_help = EXAMPLES)]
    Check(Check),
    /// Say what is different between two snapshots
    #[command(before_help = EXAMPLES)]
    Diff(Diff),
    /// Find parts by number or words
    #[command(before_help = EXAMPLES)]
    Search(Search),
    /// Say everything about one part
    #[command(before_help = EXAMPLES)]
    Show(Show),
    /// Say who may have which part, and if not, why
    #[command(before_help = EXAMPLES)]
    Eligible(Eligible),
    /// Plan the next waves, with a proved bound, and say why the rest is left out
    #[command(before_help = EXAMPLES)]
    Plan(Plan),
    /// Draw the reference graph around a part
    #[command(before_help = EXAMPLES)]
    Graph(Graph),
    /// Report who holds what, what of it is stale, and what is blocked
    #[command(before_help = EXAMPLES)]
    Held(Held),
    /// Say what a snapshot would change in the office's registry, for review
    Import(office::Import),
    /// Put together the releases of the next wave, of a revision, or of everything unclassified
    Wave(office::Wave),
    /// Report from the log who holds what, what of it is stale, and what is blocked, now or at any past time
    Holdings(office::Holdings),
}

/// What a registry is read from.
#[derive(Debug, Args)]
pub struct SourceArgs {
    /// The records (CSV or JSON).
    #[arg(value_name = "STANDARDS", value_hint = ValueHint::FilePath)]
    pub standards: PathBuf,

    /// Edges: covers, has_part, references, supersedes, profile_requires.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub edges: Option<PathBuf>,

    /// The history of the status of each record.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub events: Option<PathBuf>,

    /// Profiles, which require standards.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub profiles: Option<PathBuf>,

    /// Publishers by their codes.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub organizations: Option<PathBuf>,

    /// Responsible bodies by their codes.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub bodies: Option<PathBuf>,

    /// What states ratified, reserved and implemented.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub national: Option<PathBuf>,
}

/// `tearline standards check`
#[derive(Debug, Args)]
pub struct Check {
    /// The registry.
    #[command(flatten)]
    pub source: SourceArgs,

    /// List every finding, not only the first of each code.
    #[arg(long)]
    pub all: bool,
}

/// `tearline standards diff`
#[derive(Debug, Args)]
pub struct Diff {
    /// The records before (CSV or JSON).
    #[arg(value_name = "OLD", value_hint = ValueHint::FilePath)]
    pub old: PathBuf,

    /// The records after.
    #[arg(value_name = "NEW", value_hint = ValueHint::FilePath)]
    pub new: PathBuf,

    /// List every record, not only the first of each kind.
    #[arg(long)]
    pub all: bool,
}

/// `tearline standards search`
#[derive(Debug, Args)]
pub struct Search {
    /// The registry.
    #[command(flatten)]
    pub source: SourceArgs,

    /// A number, or words that all must occur.
    #[arg(value_name = "WORDS", required = true)]
    pub words: Vec<String>,

    /// Parts to list at most.
    #[arg(long, value_name = "COUNT", default_value = "20", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
}

/// `tearline standards show`
#[derive(Debug, Args)]
pub struct Show {
    /// The registry.
    #[command(flatten)]
    pub source: SourceArgs,

    /// Id of the part.
    #[arg(value_name = "ID")]
    pub id: String,
}

/// `tearline standards eligible`
#[derive(Debug, Args)]
pub struct Eligible {
    /// The registry.
    #[command(flatten)]
    pub source: SourceArgs,

    /// Ids of parts; all parts unless given.
    #[arg(value_name = "ID")]
    pub ids: Vec<String>,

    /// The policy (TOML, schema tearline-standards-policy/1).
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub policy: PathBuf,

    /// A body or a state; every receiver of the policy unless given.
    #[arg(long, value_name = "CODE")]
    pub receiver: Option<String>,

    /// The day to judge at, as 2026-11-27; the policy's, or today, unless given.
    #[arg(long, value_name = "DATE")]
    pub at: Option<String>,
}

/// `tearline standards plan`
#[derive(Debug, Args)]
pub struct Plan {
    /// The registry.
    #[command(flatten)]
    pub source: SourceArgs,

    /// The policy (TOML, schema tearline-standards-policy/1).
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub policy: PathBuf,

    /// Effort of review that one wave has room for; a part takes 1 unless the policy says otherwise.
    #[arg(long, value_name = "EFFORT", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub capacity: u64,

    /// How many waves to plan.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub waves: u32,

    /// The day to judge at, as 2026-11-27; the policy's, or today, unless given.
    #[arg(long, value_name = "DATE")]
    pub at: Option<String>,

    /// What receivers hold already, as `tearline standards held` has it in held.json; beside what the policy says.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub held: Option<PathBuf>,

    /// Folder for page, workbook, CSV and document; it must not exist.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,

    /// How they are made and marked.
    #[command(flatten)]
    pub form: FormArgs,
}

/// `tearline standards graph`
#[derive(Debug, Args)]
pub struct Graph {
    /// The registry.
    #[command(flatten)]
    pub source: SourceArgs,

    /// Id of the part in the middle.
    #[arg(value_name = "ID")]
    pub id: String,

    /// How many steps around it.
    #[arg(long, value_name = "STEPS", default_value = "2", value_parser = clap::value_parser!(u32).range(0..=10))]
    pub depth: u32,

    /// Parts to draw at most; the nearest stay.
    #[arg(long, value_name = "COUNT", default_value = "60", value_parser = clap::value_parser!(u32).range(1..=400))]
    pub parts: u32,

    /// File for the page.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: PathBuf,

    /// How it is made and marked.
    #[command(flatten)]
    pub form: FormArgs,
}

/// `tearline standards held`
#[derive(Debug, Args)]
pub struct Held {
    /// The document (JSON, schema tearline-standards-held/1).
    #[arg(value_name = "HELD", value_hint = ValueHint::FilePath)]
    pub held: PathBuf,

    /// Make it for this receiver: only what it holds itself.
    #[arg(long, value_name = "CODE")]
    pub receiver: Option<String>,

    /// Folder for page, workbook, CSV and document; it must not exist.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: PathBuf,

    /// Banner of page and workbook; the document's unless given.
    #[arg(long, value_name = "TEXT")]
    pub marking: Option<String>,

    /// Replace what an earlier run wrote, in one step.
    #[arg(long)]
    pub force: bool,
}

/// How reports are made and marked.
#[derive(Debug, Args)]
pub struct FormArgs {
    /// Banner of every page and sheet.
    #[arg(long, value_name = "TEXT", default_value = MARKING_DEFAULT)]
    pub marking: String,

    /// Replace what an earlier run wrote, in one step.
    #[arg(long)]
    pub force: bool,
}
