//! What `tearline verify`, `tearline open` and `tearline ledger verify` print with `--json`: checks, line by line.

use schemars::JsonSchema;
use serde::Serialize;

/// The document's schema.
pub const VERIFY_SCHEMA: &str = "tearline-verify/1";
/// The document's schema.
pub const OPEN_SCHEMA: &str = "tearline-open/1";
/// The document's schema.
pub const LEDGER_SCHEMA: &str = "tearline-ledger-verify/1";

/// The document's schema.
pub const SEAL_SCHEMA: &str = "tearline-seal/1";

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CheckLine {
    /// What was checked; a closed set.
    pub name: String,
    /// How it came out; `not-reached` where what it needs did not read.
    #[schemars(extend("enum" = ["passed", "failed", "not-reached"]))]
    pub outcome: &'static str,
    /// What was found, for people.
    pub detail: String,
}

impl From<&package::Check> for CheckLine {
    fn from(check: &package::Check) -> Self {
        let package::Check { name, outcome, detail } = check;
        Self { name: name.as_str().to_owned(), outcome: outcome.as_str(), detail: detail.clone() }
    }
}

/// The answer of `tearline verify`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct VerifyDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = VERIFY_SCHEMA))]
    pub schema: &'static str,
    /// `valid` only when every check was made and passed.
    #[schemars(extend("enum" = ["valid", "invalid"]))]
    pub verdict: &'static str,
    /// SHA-256 of the file, by which the log names a package.
    pub package_sha256: String,
    /// Whether the trust file is for exercise.
    pub exercise: bool,
    /// What the package says of itself; absent unless valid.
    pub about: Option<About>,
    /// Every check, in order.
    pub checks: Vec<CheckLine>,
    /// What to do.
    pub advice: String,
}

/// What a package that verified says of itself.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct About {
    /// Marking to show wherever the content is shown.
    pub marking: String,
    /// Title of the release.
    pub title: String,
    /// Who it is for.
    pub receiver: String,
    /// Which of the receiver's keys opens it.
    pub receiver_key: String,
    /// Which copy it is, from 1.
    pub copy: u32,
    /// When it was sealed.
    pub sealed_utc: String,
    /// Digest of the proposal that was agreed.
    pub proposal_sha256: String,
    /// Who else may unwrap its key: nobody, or a key access service.
    #[schemars(extend("enum" = ["pq", "interop"]))]
    pub profile: &'static str,
    /// Whether the drawn forms of this copy carry marks of its own.
    pub marked: bool,
}

impl About {
    /// What a verified package says of itself.
    pub(crate) fn of(verified: &package::Verified<'_>) -> Self {
        let statement = verified.statement();
        Self {
            marking: statement.marking.clone(),
            title: statement.title.to_string(),
            receiver: statement.receiver.to_string(),
            receiver_key: statement.receiver_key.to_string(),
            copy: statement.copy,
            sealed_utc: statement.sealed_utc.to_string(),
            proposal_sha256: verified.proposal().digest.to_string(),
            profile: statement.profile.as_str(),
            marked: statement.fingerprint.is_some(),
        }
    }
}

/// The answer of `tearline seal`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SealDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = SEAL_SCHEMA))]
    pub schema: &'static str,
    /// `complete`: every package was there and is unchanged.
    #[schemars(extend("enum" = ["sealed", "complete", "would-be-sealed"]))]
    pub verdict: &'static str,
    /// Digest of the proposal that was agreed.
    pub proposal_sha256: String,
    /// Who else may unwrap the keys: nobody, or a service.
    #[schemars(extend("enum" = ["pq", "interop"]))]
    pub profile: String,
    /// Whether every copy carries marks of its own.
    pub marked: bool,
    /// Folder of the batch.
    pub out: String,
    /// Packages sealed in this run.
    pub sealed: u64,
    /// Packages of an earlier run whose seal acts were missing in the log and stand there now.
    pub logged_again: u64,
    /// Every package of the batch; none in a dry run.
    pub packages: Vec<SealedLine>,
}

/// One package of a batch.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SealedLine {
    /// Number of the copy.
    pub copy: u32,
    /// Who it is for.
    pub receiver: String,
    /// SHA-256 of the file, by which the log names it.
    pub package_sha256: String,
    /// The file.
    pub file: String,
    /// `checked`: it was there before this run, and is unchanged.
    #[schemars(extend("enum" = ["sealed", "checked"]))]
    pub state: &'static str,
}

/// The answer of `tearline open`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OpenDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = OPEN_SCHEMA))]
    pub schema: &'static str,
    /// `opened`; `invalid`: a check failed; `refused`: it verifies, but the key or passphrase does not open it.
    #[schemars(extend("enum" = ["opened", "invalid", "refused"]))]
    pub verdict: &'static str,
    /// SHA-256 of the file.
    pub package_sha256: String,
    /// What the package says of itself; absent where it is invalid.
    pub about: Option<About>,
    /// Every check, in order.
    pub checks: Vec<CheckLine>,
    /// Folder that was written.
    pub out: Option<String>,
    /// Its files.
    pub files: Vec<String>,
    /// Why it was not opened.
    pub refusal: Option<String>,
    /// What to do.
    pub advice: String,
}

/// The answer of `tearline ledger verify`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LedgerDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = LEDGER_SCHEMA))]
    pub schema: &'static str,
    /// `valid` only when every check was made and passed.
    #[schemars(extend("enum" = ["valid", "invalid"]))]
    pub verdict: &'static str,
    /// The log's origin.
    pub origin: String,
    /// Where the trust came from.
    #[schemars(extend("enum" = ["given", "beside the log"]))]
    pub trust: &'static str,
    /// Entries of the log; absent where the checkpoint cannot be believed.
    pub entries: Option<u64>,
    /// Root of the tree, in hexadecimal.
    pub root_sha256: Option<String>,
    /// Every check, in order.
    pub checks: Vec<CheckLine>,
    /// The first entry at fault, where it can be told.
    pub first_fault: Option<u64>,
    /// What became of every release, by the log.
    pub releases: Vec<ReleaseLine>,
    /// What to do.
    pub advice: String,
}

/// One release in a log.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ReleaseLine {
    /// Digest of the proposal.
    pub proposal_sha256: String,
    /// Its title.
    pub title: String,
    /// Its round.
    pub round: u64,
    /// How far it got.
    #[schemars(extend("enum" = ["proposed", "refused", "agreed", "sealed", "superseded", "withdrawn"]))]
    pub stage: &'static str,
    /// Members who approved.
    pub approvals: u64,
    /// Packages sealed.
    pub packages: u64,
    /// Packages delivered.
    pub delivered: u64,
    /// Packages acknowledged.
    pub acknowledged: u64,
}
