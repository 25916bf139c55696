//! The office as a shell around pure crates: the clock, the operating system's randomness, keys.
//!
//! No rule is decided here: `office::decide` judges every act, `package` every box, `ledger` every proof. Acts get into the log
//! by `server::journal`.

use std::error::Error;

use crate::failure::Failure;

pub(crate) mod batch;
pub(crate) mod clock;
pub(crate) mod committed;
pub(crate) mod content;
pub(crate) mod deposit;
pub(crate) mod house;
pub(crate) mod keys;
pub(crate) mod labels;
pub(crate) mod log_folder;
pub(crate) mod passphrase;
pub(crate) mod randomness;
pub(crate) mod registry;
pub(crate) mod salt;
pub(crate) mod token;

/// A message with its causes, each level saying what it adds.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

/// An error of a crate below that should not have happened here.
pub(crate) fn failed(error: &dyn Error, advice: &str) -> Failure {
    Failure::failed(with_causes(error), advice)
}

/// An error of a crate below that the user's input brought about.
pub(crate) fn bad_input(what: &str, error: &dyn Error, advice: &str) -> Failure {
    Failure::usage(format!("{what}: {}", with_causes(error)), advice)
}
