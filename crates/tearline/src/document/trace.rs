//! What `tearline trace` prints with `--json`.

use schemars::JsonSchema;
use serde::Serialize;

/// The document's schema.
pub const SCHEMA: &str = "tearline-trace/1";

/// The answer of `tearline trace`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TraceDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
    /// `named`; `nobody`: nobody can be named within the error; `refused`: packages, log and key do not fit together.
    #[schemars(extend("enum" = ["named", "nobody", "refused"]))]
    pub verdict: &'static str,
    /// Digest of the content without marks, which the proposal names as its release.
    pub release_sha256: String,
    /// Gaps that carry the code.
    pub positions: u64,
    /// Of these, found in the leak, whatever they say.
    pub found: u64,
    /// Of these, saying one or zero.
    pub read: u64,
    /// Numbers of copies in the leak's stamps. A stamp alone proves nothing: anybody can type one.
    pub stamps: Vec<u32>,
    /// Marked copies of the release, by packages that verify and whose commitments hold.
    pub copies: u64,
    /// Whether all of them are in the log; absent where no log was given.
    pub logged: Option<bool>,
    /// The chance of naming any receiver that had no part is at most this.
    pub error_allowed: String,
    /// Score from which a copy is named, in eighths; absent where no score would do.
    pub threshold: Option<i64>,
    /// The highest score of any copy, in eighths.
    pub highest: i64,
    /// Who is named, the surest first.
    pub named: Vec<NamedDocument>,
    /// Why, in words.
    pub why: String,
    /// What to do.
    pub advice: String,
}

/// A receiver that is named.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct NamedDocument {
    /// Number of its copy.
    pub copy: u32,
    /// Whose copy it is.
    pub receiver: String,
    /// `every-mark`: the copy agrees with the leak at every mark read. `score`: it was one of several that were mixed, or changed.
    #[schemars(extend("enum" = ["every-mark", "score"]))]
    pub ground: &'static str,
    /// Its score, in eighths.
    pub score: i64,
    /// Upper bound on the chance that any innocent copy looks so.
    pub error_bound: String,
    /// The package that it came in.
    pub package_sha256: String,
    /// The commitment in its signed statement.
    pub commitment: String,
}
