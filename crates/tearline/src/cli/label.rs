//! Arguments of `tearline label`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};

const EXAMPLES: &str = "\
Examples:
  tearline label show label.xml                          what it says, its marking, what deviates
  tearline label check label.xml --policy nato.xml       is it what its policy allows?
  tearline label check label.xml --up-to RESTRICTED --holds 'Context=NATO'
                                                         may somebody with this clearance see it?
  tearline label marking label.xml --language fr         what to print on each page
  tearline label translate label.xml --to EU             the same in the words of another policy
  tearline label convert label.xml --form json           the same in another syntax
  tearline label bind report.pdf --label label.xml --key signer.key.pem --certificate signer.pem --out report.bdi
  tearline label unbind report.bdi --certificate signer.pem --data report.pdf

Labels are STANAG 4774 in XML or JSON. Without --policy the exercise policies of this program count (NATO, EU, PUBLIC).";

/// `tearline label`
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, subcommand_required = true, arg_required_else_help = true)]
pub struct Label {
    /// What to do.
    #[command(subcommand)]
    pub command: LabelCommand,
}

/// What can be done with labels.
#[derive(Debug, Subcommand)]
pub enum LabelCommand {
    /// Say what a label says, whatever is wrong with it
    #[command(before_help = EXAMPLES)]
    Show(LabelShown),
    /// Say whether a label is what standard and policy want, and whether a clearance may see it
    #[command(before_help = EXAMPLES)]
    Check(LabelCheck),
    /// Print the marking for pages
    #[command(before_help = EXAMPLES)]
    Marking(LabelShown),
    /// Say a label in the words of another policy, never to more people
    #[command(before_help = EXAMPLES)]
    Translate(LabelTranslate),
    /// Write a label in its XML or JSON form
    #[command(before_help = EXAMPLES)]
    Convert(LabelConvert),
    /// Bind a label to a file by a signature (STANAG 4778)
    #[command(before_help = EXAMPLES)]
    Bind(LabelBind),
    /// Check a binding, and take out what is in it
    #[command(before_help = EXAMPLES)]
    Unbind(LabelUnbind),
}

/// Which policies count, and when.
#[derive(Debug, Args)]
pub struct Policies {
    /// A policy file (Open XML SPIF 2.0, 2.1 or 3.0); several may be given.
    #[arg(long = "policy", value_name = "SPIF", value_hint = ValueHint::FilePath)]
    pub policies: Vec<PathBuf>,

    /// The time to judge at, as 2026-11-22T16:00:00Z; now unless given.
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
}

/// How a marking is shown.
#[derive(Debug, Args)]
pub struct Shown {
    /// Language of the marking, for example fr or fr-CA.
    #[arg(long, value_name = "TAG", default_value = "")]
    pub language: String,

    /// Where the marking stands.
    #[arg(long, value_enum, value_name = "PLACE", default_value_t = Where::PageTop)]
    pub place: Where,
}

/// Where a marking stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Where {
    /// At the top of each page.
    PageTop,
    /// At the bottom of each page.
    PageBottom,
    /// Once, before the text.
    DocumentStart,
    /// Once, after the text.
    DocumentEnd,
}

/// A label that is to be read aloud: `tearline label show` and `marking`.
#[derive(Debug, Args)]
pub struct LabelShown {
    /// The label.
    #[arg(value_name = "LABEL", value_hint = ValueHint::FilePath)]
    pub label: PathBuf,

    /// Which policies count.
    #[command(flatten)]
    pub policies: Policies,

    /// How the marking is shown.
    #[command(flatten)]
    pub shown: Shown,
}

/// `tearline label check`
#[derive(Debug, Args)]
pub struct LabelCheck {
    /// The label.
    #[command(flatten)]
    pub said: LabelShown,

    /// A clearance in XML that must dominate the label.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["up_to", "holds"])]
    pub clearance: Option<PathBuf>,

    /// A clearance up to this classification must dominate the label.
    #[arg(long, value_name = "CLASSIFICATION")]
    pub up_to: Option<String>,

    /// Values that the clearance holds, as `Releasable To=NATO,CHE`; may be given several times.
    #[arg(long, value_name = "TAG=VALUES", requires = "up_to")]
    pub holds: Vec<String>,
}

/// `tearline label translate`
#[derive(Debug, Args)]
pub struct LabelTranslate {
    /// The label.
    #[arg(value_name = "LABEL", value_hint = ValueHint::FilePath)]
    pub label: PathBuf,

    /// Name of the policy to say it in.
    #[arg(long, value_name = "POLICY")]
    pub to: String,

    /// Which policies count.
    #[command(flatten)]
    pub policies: Policies,

    /// File for the new label; stdout unless given.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,

    /// Replace a file that is there.
    #[arg(long)]
    pub force: bool,
}

/// `tearline label convert`
#[derive(Debug, Args)]
pub struct LabelConvert {
    /// The label.
    #[arg(value_name = "LABEL", value_hint = ValueHint::FilePath)]
    pub label: PathBuf,

    /// Which form to write.
    #[arg(long, value_enum, value_name = "FORM")]
    pub form: Form,

    /// File for the result; stdout unless given.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,

    /// Replace a file that is there.
    #[arg(long)]
    pub force: bool,
}

/// A syntax of labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// STANAG 4774.
    Xml,
    /// As assertions of OpenTDF have it.
    Json,
}

/// `tearline label bind`
#[derive(Debug, Args)]
pub struct LabelBind {
    /// The file to bind the label to.
    #[arg(value_name = "DATA", value_hint = ValueHint::FilePath)]
    pub data: PathBuf,

    /// The label.
    #[arg(long, value_name = "LABEL", value_hint = ValueHint::FilePath)]
    pub label: PathBuf,

    /// The signer's private key (PKCS#8 in PEM; P-256, or RSA of 2048 bits and more).
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub key: PathBuf,

    /// The signer's certificate (X.509 in PEM).
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub certificate: PathBuf,

    /// Put the data into the binding instead of leaving it beside.
    #[arg(long)]
    pub embed: bool,

    /// File for the binding.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: PathBuf,

    /// Replace a file that is there.
    #[arg(long)]
    pub force: bool,
}

/// `tearline label unbind`
#[derive(Debug, Args)]
pub struct LabelUnbind {
    /// The binding.
    #[arg(value_name = "BINDING", value_hint = ValueHint::FilePath)]
    pub binding: PathBuf,

    /// A certificate that is trusted to bind (X.509 in PEM); several may be given.
    #[arg(long = "certificate", value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    pub certificates: Vec<PathBuf>,

    /// The file that the label is bound to; beside the binding, by the name in it, unless given.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub data: Option<PathBuf>,

    /// File for data that stands in the binding.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,

    /// File for the label.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub label_out: Option<PathBuf>,

    /// Replace files that are there.
    #[arg(long)]
    pub force: bool,
}
