//! What `tearline tdf` prints with `--json`.

use package::access::KeyAccess;
use package::tdf::{Assertion, Manifest, Proof};
use schemars::JsonSchema;
use serde::Serialize;

/// The document's schema.
pub const SHOW_SCHEMA: &str = "tearline-tdf-show/1";
/// The document's schema.
pub const OPEN_SCHEMA: &str = "tearline-tdf-open/1";

/// The answer of `tearline tdf show`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TdfShowDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = SHOW_SCHEMA))]
    pub schema: &'static str,
    /// `readable`, or `invalid`: then only the refusal is said.
    #[schemars(extend("enum" = ["readable", "invalid"]))]
    pub verdict: &'static str,
    /// What the file says of itself, unproved.
    pub says: Option<TdfSays>,
    /// Why it is invalid.
    pub refusal: Option<String>,
    /// What to do.
    pub advice: String,
}

/// The answer of `tearline tdf open`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TdfOpenDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = OPEN_SCHEMA))]
    pub schema: &'static str,
    /// `opened`; `invalid`: not readable, or changed; `refused`: no key given opens it.
    #[schemars(extend("enum" = ["opened", "invalid", "refused"]))]
    pub verdict: &'static str,
    /// What the file says of itself.
    pub says: Option<TdfSays>,
    /// Its assertions, for example its label, each with what proves it; only where it was opened.
    pub assertions: Vec<TdfAssertion>,
    /// What is proved of the content.
    pub proved: Vec<&'static str>,
    /// What is not.
    pub not_proved: Vec<&'static str>,
    /// The file of the content.
    pub out: Option<String>,
    /// Why it was not opened.
    pub refusal: Option<String>,
    /// What to do.
    pub advice: String,
}

/// What a manifest says.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TdfSays {
    /// Version of the format, where it is named.
    pub version: Option<String>,
    /// Media type of the content.
    pub media_type: Option<String>,
    /// Length of the content.
    pub content_bytes: u64,
    /// Number of segments.
    pub segments: usize,
    /// Id of the policy.
    pub policy: String,
    /// Attributes that the policy asks for.
    pub attributes: Vec<String>,
    /// Receivers that the policy names.
    pub receivers: Vec<String>,
    /// The keys that the content key is wrapped to.
    pub key_access: Vec<TdfKeyAccess>,
    /// Number of assertions.
    pub assertions: usize,
    /// Whether it has the members of an office's package.
    pub package: bool,
}

/// One key that the content key, or a share of it, is wrapped to.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TdfKeyAccess {
    /// How: `wrapped`, `ec-wrapped`, `hybrid-wrapped`, `mlkem-wrapped` or another word of the format.
    pub kind: String,
    /// Address of the service that holds the key.
    pub url: String,
    /// Id of the key.
    pub key: Option<String>,
    /// Id of the share; one of each different one is needed.
    pub share: Option<String>,
}

/// One assertion.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TdfAssertion {
    /// Its id.
    pub id: String,
    /// Its type: `handling` for labels.
    pub kind: String,
    /// Schema of what it states.
    pub statement_schema: Option<String>,
    /// What it states.
    pub statement: String,
    /// `content-key`: any reader could have written it; `unchecked`: signed by a key that nothing here vouches for; `nothing`.
    #[schemars(extend("enum" = ["content-key", "unchecked", "nothing"]))]
    pub proof: &'static str,
}

impl TdfSays {
    /// What a manifest says of a file.
    pub(crate) fn of(manifest: &Manifest, package: bool) -> Self {
        let policy = manifest.policy();
        Self {
            version: manifest.version().map(str::to_owned),
            media_type: manifest.media_type().map(str::to_owned),
            content_bytes: manifest.content_bytes(),
            segments: manifest.segment_count(),
            policy: policy.uuid.clone(),
            attributes: policy.attributes.clone(),
            receivers: policy.receivers.clone(),
            key_access: manifest.key_access().iter().map(TdfKeyAccess::from).collect(),
            assertions: manifest.assertions().count(),
            package,
        }
    }
}

impl From<&KeyAccess> for TdfKeyAccess {
    fn from(access: &KeyAccess) -> Self {
        Self {
            kind: access.kind().as_str().to_owned(),
            url: access.url().to_owned(),
            key: access.kid().map(str::to_owned),
            share: access.sid().map(str::to_owned),
        }
    }
}

impl From<&Assertion> for TdfAssertion {
    fn from(assertion: &Assertion) -> Self {
        let proof = match assertion.proof {
            Proof::ContentKey => "content-key",
            Proof::Unchecked { .. } => "unchecked",
            Proof::Nothing => "nothing",
        };
        Self {
            id: assertion.id.clone(),
            kind: assertion.kind.clone(),
            statement_schema: assertion.schema.clone(),
            statement: assertion.value.clone(),
            proof,
        }
    }
}
