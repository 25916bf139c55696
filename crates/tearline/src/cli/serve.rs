//! Arguments of the command that serves the office.

use std::path::PathBuf;

use clap::{Args, ValueHint};

const SERVE_EXAMPLES: &str = "\
Examples:
  tearline key new --kind access --out keys/access.key   what packages of the profile `interop` are wrapped to
  tearline key credential --out acme.secret              what a receiver signs in with; prints its digest
  tearline serve --config serve.toml
  tearline serve --config serve.toml --passphrase-file /dev/fd/3 3<passphrase.txt

The configuration is TOML; `tearline schema serve` prints its schema. The least that it can say:

  schema = \"tearline-serve/1\"
  office = \".\"
  listen = \"127.0.0.1:8443\"
  url = \"https://keys.office.example\"

  [access]
  key = \"keys/access.key\"

  [[receiver]]
  code = \"ACME\"
  client_id = \"acme\"
  secret_sha256 = \"...\"";

/// `tearline serve`
#[derive(Debug, Args)]
#[command(before_help = SERVE_EXAMPLES)]
pub struct Serve {
    /// The configuration (TOML, schema tearline-serve/1); paths in it are relative to it.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: PathBuf,

    /// File with the passphrase of the keys that the configuration names; `-` is stdin, /dev/fd/3 an open descriptor.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub passphrase_file: Option<PathBuf>,
}
