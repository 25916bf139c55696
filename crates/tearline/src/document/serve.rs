//! The configuration of a service, as it is written in TOML; and what `key credential` prints.

use std::net::SocketAddr;

use ledger::Digest;
use ledger::act::{Code, Level};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The configuration's schema.
pub const SERVE_SCHEMA: &str = "tearline-serve/1";
/// The schema of what `tearline key credential --json` prints.
pub const CREDENTIAL_SCHEMA: &str = "tearline-credential/1";

/// What an office serves, and to whom.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServeDocument {
    /// Name and version of this document.
    #[schemars(extend("const" = SERVE_SCHEMA))]
    pub schema: String,
    /// The office's folder, relative to this file.
    pub office: String,
    /// Address and port to listen on; port 0 takes any that is free.
    #[schemars(with = "String")]
    pub listen: SocketAddr,
    /// Where clients reach the service: scheme and host. It may be left out on a loopback address.
    pub url: Option<String>,
    /// The key access service.
    pub access: AccessTable,
    /// Who may sign in.
    #[serde(default)]
    pub receiver: Vec<ReceiverTable>,
    /// Whether the log's files are served below `/log/` as well.
    #[serde(default)]
    pub log: bool,
}

/// The key access service.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessTable {
    /// Its key (kind access).
    pub key: String,
    /// The key (kind act) that signs its answers in the log; it needs the scopes `access` and `clock`.
    #[serde(default = "act_key")]
    pub act_key: String,
    /// Up to which classification it gives keys: their wrapping is not safe from quantum computers.
    #[serde(default = "unclassified")]
    #[schemars(with = "String", extend("enum" = ["public", "unclassified", "restricted", "confidential", "secret", "top-secret"]))]
    pub classification_max: Level,
    /// How long an access token counts.
    #[serde(default = "token_lifetime")]
    #[schemars(range(min = 30, max = 3600))]
    pub token_lifetime_s: u32,
    /// How many keys one client may ask for in a minute: each answer is an entry of the log.
    #[serde(default = "keys_per_minute")]
    #[schemars(range(min = 1))]
    pub keys_per_minute: u32,
}

fn act_key() -> String {
    crate::office_shell::house::ACT_KEY.to_owned()
}

fn unclassified() -> Level {
    Level::Unclassified
}

fn token_lifetime() -> u32 {
    300
}

fn keys_per_minute() -> u32 {
    120
}

/// How one receiver signs in: by a secret, by assertions that its key signs, or by a static token.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiverTable {
    /// The receiver's code on the roster.
    #[schemars(with = "String")]
    pub code: Code,
    /// The name by which its client signs in.
    pub client_id: String,
    /// Digest of its client secret, as `tearline key credential` printed it.
    #[schemars(with = "Option<String>")]
    pub secret_sha256: Option<Digest>,
    /// Its public key as a JSON Web Key, relative to this file: it signs assertions and requests with it.
    pub key: Option<String>,
    /// Digests of static bearer tokens, for clients that cannot fetch tokens.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub bearer_sha256: Vec<Digest>,
    /// Whether its requests have to be signed by a known key. Waived, whoever holds its credential is the receiver.
    #[serde(default)]
    pub proof: Proof,
}

/// Whether a client has to prove a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// By its registered key, or by one that it proves when it fetches a token (DPoP).
    #[default]
    Required,
    /// For clients that sign by a key which they show nobody.
    Waived,
}

/// A credential that was drawn.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CredentialDocument {
    /// Name and version of this document.
    pub schema: &'static str,
    /// Where the credential stands.
    pub file: String,
    /// What stands in the configuration.
    pub sha256: String,
}
