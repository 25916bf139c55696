//! What `tearline label` prints with `--json`.

use label::{Document, Finding, Reading, Statement, Withheld};
use schemars::JsonSchema;
use serde::Serialize;

/// The document's schema.
pub const LABEL_SCHEMA: &str = "tearline-label/1";
/// The document's schema.
pub const BINDING_SCHEMA: &str = "tearline-label-binding/1";

/// The answer of `tearline label show`, `check`, `marking`, `translate` and `convert`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LabelDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = LABEL_SCHEMA))]
    pub schema: &'static str,
    /// `allowed`, `faults` (standard or policy have something against it), `withheld` (the clearance may not see it), or
    /// `no-equivalent` (it cannot be said in the other policy).
    #[schemars(extend("enum" = ["allowed", "faults", "withheld", "no-equivalent"]))]
    pub verdict: &'static str,
    /// Whether the policy is one of the exercise policies.
    pub exercise: bool,
    /// The root element: whose label it is.
    pub root: &'static str,
    /// What it says at the time asked about.
    pub statement: StatementLine,
    /// When it is due for review.
    pub review_utc: Option<String>,
    /// When another label takes its place.
    pub succession_utc: Option<String>,
    /// The marking for pages; absent where no policy file is at hand or it has something that the policy does not know.
    pub marking: Option<String>,
    /// What deviates.
    pub findings: Vec<FindingLine>,
    /// Why a clearance may not see it; absent where none was asked about.
    pub withheld: Option<Vec<WithheldLine>>,
    /// Why it cannot be said in another policy.
    pub refusal: Option<String>,
    /// Values without counterpart that were left out, as `TAG=VALUE`.
    pub left_out: Vec<String>,
    /// The label that was made, in its syntax.
    pub label: Option<String>,
}

/// What a label says.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct StatementLine {
    /// The policy.
    pub policy: String,
    /// Its identifier.
    pub policy_identifier: Option<String>,
    /// The classification.
    pub classification: String,
    /// A mark that restricts nobody.
    pub privacy_mark: Option<String>,
    /// The categories.
    pub categories: Vec<CategoryLine>,
    /// Who put it on.
    pub originator: Option<String>,
    /// When.
    pub created_utc: Option<String>,
}

/// A category.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CategoryLine {
    /// What it does to the circle of readers.
    #[schemars(extend("enum" = ["RESTRICTIVE", "PERMISSIVE", "INFORMATIVE"]))]
    pub kind: &'static str,
    /// The tag set.
    pub tag: String,
    /// The values.
    pub values: Vec<String>,
}

/// One deviation.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FindingLine {
    /// The stable word.
    pub code: &'static str,
    /// `fault` or `note`.
    #[schemars(extend("enum" = ["fault", "note"]))]
    pub severity: &'static str,
    /// Element or category.
    pub place: String,
    /// The value.
    pub found: String,
    /// The deviation as a sentence.
    pub message: String,
    /// What to do about it.
    pub advice: &'static str,
}

/// One reason.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WithheldLine {
    /// `classification`, `value` (one of a restrictive tag), or `none-of` (a permissive tag).
    #[schemars(extend("enum" = ["classification", "value", "none-of"]))]
    pub reason: &'static str,
    /// The reason as a sentence.
    pub message: String,
}

/// The answer of `tearline label bind` and `tearline label unbind`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct BindingDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = BINDING_SCHEMA))]
    pub schema: &'static str,
    /// `bound`, or `refused`: then nothing was written.
    #[schemars(extend("enum" = ["bound", "refused"]))]
    pub verdict: &'static str,
    /// Why it was refused.
    pub refusal: Option<String>,
    /// Name of the file beside the binding; absent for data inside it.
    pub beside: Option<String>,
    /// What the label says.
    pub statement: Option<StatementLine>,
    /// SHA-256 of the signer's certificate.
    pub signer_sha256: Option<String>,
    /// What was written.
    pub files: Vec<String>,
}

impl From<&Statement> for StatementLine {
    fn from(statement: &Statement) -> Self {
        let categories = statement.categories.iter().map(|category| CategoryLine {
            kind: category.kind.name(),
            tag: category.tag.to_string(),
            values: category.values.iter().map(ToString::to_string).collect(),
        });
        Self {
            policy: statement.policy.name.to_string(),
            policy_identifier: statement.policy.identifier.as_ref().map(ToString::to_string),
            classification: statement.classification.to_string(),
            privacy_mark: statement.privacy_mark.as_ref().map(ToString::to_string),
            categories: categories.collect(),
            originator: statement.originator.as_ref().map(|o| o.id.to_string()),
            created_utc: statement.created_utc.map(|t| t.to_string()),
        }
    }
}

impl From<&Finding> for FindingLine {
    fn from(finding: &Finding) -> Self {
        Self {
            code: finding.code.name(),
            severity: finding.code.severity().name(),
            place: finding.place.clone(),
            found: finding.found.clone(),
            message: finding.to_string(),
            advice: finding.code.advice(),
        }
    }
}

impl From<&Withheld> for WithheldLine {
    fn from(reason: &Withheld) -> Self {
        Self { reason: reason.name(), message: reason.to_string() }
    }
}

impl LabelDocument {
    /// What there is to say of a label before any policy is asked.
    pub(crate) fn of(reading: &Reading, statement: &Statement) -> Self {
        let document: &Document = &reading.document;
        Self {
            schema: LABEL_SCHEMA,
            verdict: "allowed",
            exercise: false,
            root: document.root.name(),
            statement: statement.into(),
            review_utc: document.review_utc.map(|t| t.to_string()),
            succession_utc: document.succession.as_ref().map(|s| s.at_utc.to_string()),
            marking: None,
            findings: reading.findings.iter().map(FindingLine::from).collect(),
            withheld: None,
            refusal: None,
            left_out: Vec::new(),
            label: None,
        }
    }
}
