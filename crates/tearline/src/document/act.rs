//! The prepared act as a file, and what `tearline act` and `tearline inbox` print with `--json`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::package::CheckLine;

/// The document's schema.
pub const PREPARED_SCHEMA: &str = "tearline-prepared/1";
/// The document's schema.
pub const SHOW_SCHEMA: &str = "tearline-act-show/1";
/// The document's schema.
pub const SIGN_SCHEMA: &str = "tearline-act-sign/1";
/// The document's schema.
pub const SUBMIT_SCHEMA: &str = "tearline-act-submit/1";
/// The document's schema.
pub const DEPOSITS_SCHEMA: &str = "tearline-deposits/1";
/// The document's schema.
pub const RECEIPTS_SCHEMA: &str = "tearline-receipts/1";
/// The document's schema.
pub const INBOX_SCHEMA: &str = "tearline-inbox/1";

/// An act that is ready to be signed: the bytes, for which key, and the log that it was prepared on. The file has one byte form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PreparedDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = PREPARED_SCHEMA))]
    pub schema: String,
    /// Who acts.
    pub actor: String,
    /// Id of the key that is to sign.
    pub key: String,
    /// The same key in full: `ed25519:BASE64`, `p256:BASE64` or `webauthn:DOMAIN:BASE64`.
    pub public_key: String,
    /// Type of the payload; it is signed with it.
    pub payload_type: String,
    /// The act in its one byte form, in base64.
    pub payload: String,
    /// SHA-256 of what is signed, in base64url: what a page hands to a security key as its challenge.
    pub challenge: String,
    /// The log that it was prepared on; absent for the act that founds one.
    pub log: Option<LogMark>,
    /// The act in words, as the log stood then.
    pub words: Words,
    /// SHA-256 of this document without this member, in the same byte form: a slip of the hand or of a disk shows. It is no proof
    /// of origin.
    pub document_sha256: Option<String>,
}

/// A state of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogMark {
    /// Its name.
    pub origin: String,
    /// Entries.
    pub size: u64,
    /// Root of the tree over them.
    pub root_sha256: String,
}

/// An act in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Who does what.
    pub sentence: String,
    /// The particulars.
    pub details: Vec<Detail>,
}

/// One particular.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Detail {
    /// Its name.
    pub name: String,
    /// What it is.
    pub content: String,
}

impl From<office::statement::Statement> for Words {
    fn from(statement: office::statement::Statement) -> Self {
        let details = statement.details.into_iter();
        let details = details.map(|(name, content)| Detail { name: name.to_owned(), content });
        Self { sentence: statement.sentence, details: details.collect() }
    }
}

/// The answer of `tearline act prepare`: the prepared act, or why it would be refused.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PrepareDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = PREPARE_SCHEMA))]
    pub schema: &'static str,
    /// `prepared`, or `refused`: then nothing was written.
    #[schemars(extend("enum" = ["prepared", "refused"]))]
    pub verdict: &'static str,
    /// The file.
    pub file: Option<String>,
    /// The act in words.
    pub words: Words,
    /// What would follow if it were logged now.
    pub followed: Vec<String>,
    /// Why it would be refused.
    pub refusal: Option<RefusedAct>,
}

/// The document's schema.
pub const PREPARE_SCHEMA: &str = "tearline-act-prepare/1";

/// The answer of `tearline act show`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ShowDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = SHOW_SCHEMA))]
    pub schema: &'static str,
    /// `sound`, `not-sound` when the file does not say what its bytes say, or `refused` when the log would not take the act now.
    #[schemars(extend("enum" = ["sound", "not-sound", "refused"]))]
    pub verdict: &'static str,
    /// The words, computed from the bytes; absent when those are no act.
    pub words: Option<Words>,
    /// Id of the key that is to sign.
    pub key: String,
    /// Every check, in order.
    pub checks: Vec<CheckLine>,
    /// What would follow if it were logged now.
    pub followed: Vec<String>,
    /// Why it would be refused.
    pub refusal: Option<RefusedAct>,
}

/// Why an act is refused.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RefusedAct {
    /// The rule, as one stable word.
    pub rule: &'static str,
    /// What was found.
    pub message: String,
    /// What its author can do.
    pub advice: &'static str,
}

impl From<&office::Refusal> for RefusedAct {
    fn from(refusal: &office::Refusal) -> Self {
        let message = crate::office_shell::with_causes(refusal);
        Self { rule: refusal.rule(), message, advice: refusal.advice() }
    }
}

/// The answer of `tearline act sign`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SignDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = SIGN_SCHEMA))]
    pub schema: &'static str,
    /// `signed`, or `not-signed`: then nothing was written.
    #[schemars(extend("enum" = ["signed", "not-signed"]))]
    pub verdict: &'static str,
    /// The file.
    pub file: Option<String>,
    /// Digest of the signed act, by which others name it.
    pub act_sha256: Option<String>,
    /// Id of the key.
    pub key: String,
    /// Its algorithm.
    pub algorithm: String,
    /// The words; absent when the bytes are no act.
    pub words: Option<Words>,
    /// Every check, in order.
    pub checks: Vec<CheckLine>,
    /// Why it would be refused; known only with the log.
    pub refusal: Option<RefusedAct>,
}

/// The answer of `tearline act submit`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SubmitDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = SUBMIT_SCHEMA))]
    pub schema: &'static str,
    /// `logged`, `would-be-logged` in a dry run, or `refused`: then everything is as it was.
    #[schemars(extend("enum" = ["logged", "would-be-logged", "refused"]))]
    pub verdict: &'static str,
    /// Digest of the signed act, by which others name it.
    pub act_sha256: String,
    /// Index of the entry; of a refused act, the entry that it would have been. Absent of bytes that are no act.
    pub entry: Option<u64>,
    /// What became true.
    pub followed: Vec<String>,
    /// Why it was refused.
    pub refusal: Option<RefusedAct>,
}

/// The answer of `tearline inbox`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct InboxDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = INBOX_SCHEMA))]
    pub schema: &'static str,
    /// Time of the log.
    pub time_utc: Option<String>,
    /// Whose inbox; absent of reminders, which are for everybody.
    pub party: Option<String>,
    /// What waits, the most pressing first.
    pub items: Vec<InboxItem>,
}

/// One thing that waits.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct InboxItem {
    /// For whom.
    pub party: String,
    /// What kind of thing.
    #[schemars(extend("enum" = ["consent", "silence", "endorsement", "outcome", "seal", "acknowledge", "receipt", "expiry"]))]
    pub matter: &'static str,
    /// The same in words.
    pub words: String,
    /// How pressing it is.
    #[schemars(extend("enum" = ["notice", "open", "reminder", "last day"]))]
    pub urgency: String,
    /// By when.
    pub due_utc: Option<String>,
    /// The proposal that it is about.
    pub proposal_sha256: Option<String>,
    /// The package that it is about.
    pub package_sha256: Option<String>,
    /// The key that it is about.
    pub key: Option<String>,
    /// Of a wave of standards, the parts that wait for the party's yes.
    pub parts: Vec<PartLine>,
}

/// A part of a wave that waits for a member's yes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PartLine {
    /// Its id.
    pub id: String,
    /// How many keys of the member have said yes to it.
    pub given: usize,
    /// How many it takes.
    pub wanted: usize,
}

/// The answer of `tearline deposits`. It holds no figure.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DepositsDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = DEPOSITS_SCHEMA))]
    pub schema: &'static str,
    /// Where the figures were written.
    pub folder: String,
    /// The newest deposit of each member, ascending by member.
    pub deposits: Vec<DepositLine>,
}

/// One deposit.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DepositLine {
    /// Who handed it in.
    pub member: String,
    /// The file, below the folder.
    pub file: String,
    /// The entry of the log that names it.
    pub entry: u64,
    /// Rows, as the member counted them.
    pub rows: u64,
    /// What the member committed to.
    pub commitment_sha256: String,
}

/// The answer of `tearline ledger receipts`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ReceiptsDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = RECEIPTS_SCHEMA))]
    pub schema: &'static str,
    /// Time of the log.
    pub time_utc: Option<String>,
    /// In the order of the log.
    pub receipts: Vec<ReceiptLine>,
}

/// Something that reached a receiver, or was kept from it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ReceiptLine {
    /// The entry of the log that says so.
    pub entry: u64,
    /// The log's time then.
    pub time_utc: Option<String>,
    /// The receiver.
    pub receiver: String,
    /// Digest of the proposal.
    pub proposal_sha256: String,
    /// Title of the release; absent where a request named no release of this log.
    pub title: Option<String>,
    /// What it was.
    #[schemars(extend("enum" = ["delivered", "acknowledged", "key-granted", "key-refused"]))]
    pub what: &'static str,
    /// The package by the digest of its bytes; absent where its key was asked for.
    pub package_sha256: Option<String>,
    /// The package by the id in its policy; absent where it was handed over.
    pub package: Option<String>,
    /// Digest of the public key for which the key of the package was asked.
    pub client_key_sha256: Option<String>,
    /// Why the key was refused, in one stable word.
    pub reason: Option<String>,
    /// The same in words.
    pub words: String,
}
