//! The one definition of the command line: parser, help, completions and manual pages come from here.
//!
//! Not here: what a command does. Options that every command has are [`Cli`]'s; arguments are one struct a command.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgGroup, Args, CommandFactory as _, Parser, Subcommand, ValueEnum, ValueHint};

use crate::gap::Gap;

pub mod act;
pub mod forms;
pub mod label;
pub mod ledger;
pub(crate) mod mistyped;
pub mod sealed;
pub mod serve;
pub mod standards;
pub mod tdf;

const EXAMPLES: &str = "\
Examples:
  tearline protect spec.toml --out out                   what may be published, and the proof
  tearline certificate check spec.toml --release out     the exact checker alone, no solver
  tearline audit spec.toml --pattern out/internal/pattern.csv
                                                         is a pattern of any origin safe?
  tearline protect spec.toml --pattern pattern.csv       the pattern only, for comparisons
  tearline suggest spec.toml --out breakdowns            which breakdowns could be published instead
  tearline verify demand.tdf --trust trust.json          is a package what the office sealed and all owners agreed to?
  tearline demo                                          the whole path on invented data";

const AFTER: &str = "\
Exit codes: 0 done or yes, 1 failed, 2 usage or bad input, 3 answered no (unsafe, cannot be protected, invalid).
Words go to stderr; --json prints one document on stdout, whose schema `tearline schema NAME` prints.";

/// A release office for classified figures: what may be said, and the proof that it is safe.
#[derive(Debug, Parser)]
#[command(name = "tearline", version, before_help = EXAMPLES, after_help = AFTER)]
#[command(subcommand_required = true, arg_required_else_help = true, disable_help_subcommand = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// Print one stable document on stdout.
    #[arg(long, global = true)]
    pub json: bool,

    /// When to colour words; NO_COLOR is obeyed.
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    pub color: Colour,
}

/// When to colour words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl From<Colour> for clap::ColorChoice {
    fn from(colour: Colour) -> Self {
        match colour {
            Colour::Auto => Self::Auto,
            Colour::Always => Self::Always,
            Colour::Never => Self::Never,
        }
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Decide what may be published, prove it, write the release
    Protect(Protect),
    /// Check a pattern of any origin, and spell out the attack where it is unsafe
    Audit(Audit),
    /// Find the finest breakdowns that may be published, side by side
    Suggest(Suggest),
    /// Show one contributor what others could tell of its figures in a draft
    Exposure(Exposure),
    /// Check a release by its certificate, with whole numbers and without a solver
    #[command(subcommand_required = true, arg_required_else_help = true)]
    Certificate {
        /// What to do with the certificate.
        #[command(subcommand)]
        command: Certificate,
    },
    /// Write what people read of a release: page, PDF, workbook, JSON
    Forms(forms::Forms),
    /// Make keys, show what may be shown of them
    Key(sealed::Key),
    /// Seal what was agreed: one package a receiver
    Seal(sealed::Seal),
    /// Check a sealed package offline, line by line
    Verify(sealed::Verify),
    /// Open a sealed package, only after everything verified
    Open(sealed::Open),
    /// Name the receivers whose copies a leak was made from, within a stated error, or nobody
    Trace(forms::Trace),
    /// Read OpenTDF files that other people's clients made
    Tdf(tdf::Tdf),
    /// Check a log from its files alone, write, serve or witness it
    Ledger(ledger::Ledger),
    /// Serve the office's key access service
    Serve(serve::Serve),
    /// Watch logs and cosign what extends what was seen before
    Witness(ledger::Witness),
    /// Prepare, show, sign and submit acts, each where its key or its log is
    Act(act::Act),
    /// Open what members have deposited, in the office
    Deposits(act::Deposits),
    /// What waits for whom
    Inbox(act::Inbox),
    /// Read, judge, translate and bind confidentiality labels
    Label(label::Label),
    /// Check, compare, plan and report standards, which are handed over part by part
    Standards(standards::Standards),
    /// Carry packages over the gap between the two sides
    Transfer(sealed::Transfer),
    /// Tell the whole story on invented data
    Demo(sealed::Demo),
    /// Print the JSON schema of a document
    Schema(Schema),
    /// Judge a list of awkward inputs: severity and code of each
    Inputs(Inputs),
    /// Answer cases of the exact model: what each attacker can infer, to the last fraction
    Case(Case),
    /// Print the completions of a shell
    Completions(Completions),
    /// Print a manual page, for `man -l -`
    Man(Man),
}

const PROTECT_EXAMPLES: &str = "\
Examples:
  tearline protect spec.toml --out out
  tearline protect spec.toml --out out --force           replace what an earlier run wrote
  tearline protect spec.toml --out out --gap 5%          stop when that close to the lightest, proved
  tearline protect spec.toml --out out --marking 'EXERCISE EXERCISE EXERCISE'
  tearline protect spec.toml --pattern pattern.csv       the pattern only";

/// `tearline protect`
#[derive(Debug, Args)]
#[command(before_help = PROTECT_EXAMPLES)]
#[command(group = ArgGroup::new("result").required(true).multiple(true).args(["out", "pattern", "suggest_base"]))]
pub struct Protect {
    /// The specification (TOML, schema tearline-spec/1).
    #[arg(value_name = "SPEC", value_hint = ValueHint::FilePath)]
    pub spec: PathBuf,

    /// Folder for release, proof and report; it must not exist.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,

    /// File for the pattern alone; `-` is stdout.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub pattern: Option<PathBuf>,

    /// Try bases of 2, 5, 10, 20, 50 and so on in place of the declared one, and say which is the first that is safe.
    #[arg(long, conflicts_with_all = ["out", "pattern"])]
    pub suggest_base: bool,

    /// Replace what an earlier run wrote, in one step.
    #[arg(long)]
    pub force: bool,

    /// Go on although intake holds something back; whoever may decide has decided.
    #[arg(long)]
    pub accept_holds: bool,

    /// Banner on every page of the report.
    #[arg(long, value_name = "TEXT", default_value = crate::document::report::MARKING_DEFAULT)]
    pub marking: String,

    /// Seconds to search at most, in place of the specification's.
    #[arg(long, value_name = "SECONDS")]
    pub time_limit_s: Option<u32>,

    /// Stop when the weight is proved to be within this share of the lightest possible: `5%`, `0.5%`; `0` is the lightest.
    #[arg(long, value_name = "SHARE", default_value = "0")]
    pub gap: Gap,
}

const AUDIT_EXAMPLES: &str = "\
Examples:
  tearline audit spec.toml --pattern pattern.csv
  tearline audit spec.toml --pattern pattern.csv --json > findings.json

The pattern is CSV: one column a variable and `status` (published, primary, secondary); cells left out are published.";

/// `tearline audit`
#[derive(Debug, Args)]
#[command(before_help = AUDIT_EXAMPLES)]
pub struct Audit {
    /// The specification (TOML, schema tearline-spec/1).
    #[arg(value_name = "SPEC", value_hint = ValueHint::FilePath)]
    pub spec: PathBuf,

    /// The pattern to check.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, required_unless_present = "structural")]
    pub pattern: Option<PathBuf>,

    /// Look only for what the published equations give away whatever the figures; without a pattern, as if every
    /// cell were published.
    #[arg(long)]
    pub structural: bool,

    /// Seconds to audit at most; none unless given, since an audit that ends early answers nothing.
    #[arg(long, value_name = "SECONDS")]
    pub time_limit_s: Option<u32>,
}

const SUGGEST_EXAMPLES: &str = "\
Examples:
  tearline suggest spec.toml --out breakdowns
  tearline suggest spec.toml --out breakdowns --json     the same as a document
  tearline protect breakdowns/1/spec.toml --out out      the first of them, as a release

Nothing in the folder may leave: it holds figures, and which breakdown is safe depends on them.";

/// `tearline suggest`
#[derive(Debug, Args)]
#[command(before_help = SUGGEST_EXAMPLES)]
pub struct Suggest {
    /// The specification (TOML, schema tearline-spec/1).
    #[arg(value_name = "SPEC", value_hint = ValueHint::FilePath)]
    pub spec: PathBuf,

    /// Folder for the breakdowns, each as files that `protect` takes; it must not exist.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: PathBuf,

    /// Replace what an earlier run wrote, in one step.
    #[arg(long)]
    pub force: bool,

    /// Banner of the page.
    #[arg(long, value_name = "TEXT", default_value = crate::document::report::MARKING_DEFAULT)]
    pub marking: String,

    /// Units with a record that every attacker must face in the structural breakdown.
    #[arg(long, value_name = "COUNT", default_value = "3", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub least_outsiders: u32,
}

const EXPOSURE_EXAMPLES: &str = "\
Examples:
  tearline exposure spec.toml --release out --contributor NO --out for-NO

The folder is for that contributor alone: it holds its figures, and nothing of others beyond what the draft says.";

/// `tearline exposure`
#[derive(Debug, Args)]
#[command(before_help = EXPOSURE_EXAMPLES)]
pub struct Exposure {
    /// The specification that the draft was made from.
    #[arg(value_name = "SPEC", value_hint = ValueHint::FilePath)]
    pub spec: PathBuf,

    /// Folder that `protect` wrote.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub release: PathBuf,

    /// Whose figures: a contributor's code, or its holding.
    #[arg(long, value_name = "CODE")]
    pub contributor: String,

    /// Folder for the page and the document; it must not exist.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: PathBuf,

    /// Replace what an earlier run wrote, in one step.
    #[arg(long)]
    pub force: bool,

    /// Banner of the page.
    #[arg(long, value_name = "TEXT", default_value = crate::document::report::MARKING_DEFAULT)]
    pub marking: String,
}

/// What can be done with a certificate.
#[derive(Debug, Subcommand)]
pub enum Certificate {
    /// Judge a release by its certificate: yes, or what is wrong
    Check(CertificateCheck),
}

const CHECK_EXAMPLES: &str = "\
Examples:
  tearline certificate check spec.toml --release out";

/// `tearline certificate check`
#[derive(Debug, Args)]
#[command(before_help = CHECK_EXAMPLES)]
pub struct CertificateCheck {
    /// The specification that the release was made from.
    #[arg(value_name = "SPEC", value_hint = ValueHint::FilePath)]
    pub spec: PathBuf,

    /// The folder that `protect` wrote.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub release: PathBuf,
}

const SCHEMA_EXAMPLES: &str = "\
Examples:
  tearline schema report > report.schema.json
  tearline schema                                        the names there are";

/// `tearline schema`
#[derive(Debug, Args)]
#[command(before_help = SCHEMA_EXAMPLES)]
pub struct Schema {
    /// The document; without it, the names are listed.
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
}

const INPUTS_EXAMPLES: &str = "\
Examples:
  tearline inputs cases/inputs.json";

/// `tearline inputs`
#[derive(Debug, Args)]
#[command(before_help = INPUTS_EXAMPLES)]
pub struct Inputs {
    /// The list (JSON, schema tearline-inputs/1).
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
}

const CASE_EXAMPLES: &str = "\
Examples:
  tearline case cases/c12-coalition-secondary.json
  tearline case cases/*.json > answers.json               files of other tearline schemas are passed over";

/// `tearline case`
#[derive(Debug, Args)]
#[command(before_help = CASE_EXAMPLES)]
pub struct Case {
    /// Cases (JSON, schema tearline-case/1), one a file.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath, required = true)]
    pub files: Vec<PathBuf>,
}

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  tearline completions bash > ~/.local/share/bash-completion/completions/tearline";

/// `tearline completions`
#[derive(Debug, Args)]
#[command(before_help = COMPLETIONS_EXAMPLES)]
pub struct Completions {
    /// The shell.
    #[arg(value_name = "SHELL", value_enum)]
    pub shell: clap_complete::Shell,
}

const MAN_EXAMPLES: &str = "\
Examples:
  tearline man | man -l -
  tearline man certificate check | man -l -";

/// `tearline man`
#[derive(Debug, Args)]
#[command(before_help = MAN_EXAMPLES)]
pub struct Man {
    /// The command whose page is wanted; the program's own without it.
    #[arg(value_name = "COMMAND")]
    pub command: Vec<String>,
}

/// The definition as the parser, completions and manual use it.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

/// Whether a document is wanted, known before the rest is parsed: a usage error must answer in kind.
#[must_use]
pub fn json_of(arguments: &[OsString]) -> bool {
    own_words(arguments).any(|word| word == "--json")
}

/// When colour is wanted, known before the rest is parsed.
#[must_use]
pub fn colour_of(arguments: &[OsString]) -> Colour {
    let words: Vec<&str> = own_words(arguments).filter_map(|word| word.to_str()).collect();
    let separate = words.iter().zip(words.iter().skip(1)).find(|(option, _)| **option == "--color");
    let joined = words.iter().find_map(|word| word.strip_prefix("--color="));
    let value = joined.or(separate.map(|(_, value)| *value));
    value.and_then(|value| Colour::from_str(value, false).ok()).unwrap_or(Colour::Auto)
}

/// The words before `--`, which ends the options.
fn own_words(arguments: &[OsString]) -> impl Iterator<Item = &OsString> {
    arguments.iter().skip(1).take_while(|word| *word != "--")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn definition_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn json_and_colour_are_known_before_parsing() {
        assert!(json_of(&words("tearline audit --json")));
        assert!(!json_of(&words("tearline audit -- --json")));
        assert_eq!(colour_of(&words("tearline --color never audit")), Colour::Never);
        assert_eq!(colour_of(&words("tearline audit --color=always")), Colour::Always);
        assert_eq!(colour_of(&words("tearline audit --color=blue")), Colour::Auto);
    }

    #[test]
    fn every_help_begins_with_examples() {
        fn walk(command: &clap::Command) {
            let has_children = command.get_subcommands().next().is_some();
            let begins =
                command.get_before_help().is_some_and(|text| text.to_string().starts_with("Examples:"));
            // A group of commands that only has sub-commands shows theirs.
            assert!(
                begins || (has_children && command.get_name() == "certificate"),
                "{}",
                command.get_name()
            );
            command.get_subcommands().for_each(walk);
        }
        walk(&command());
    }
}
