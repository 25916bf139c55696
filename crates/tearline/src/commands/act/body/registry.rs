//! A reviewed change of the registry of standards: sealed to the office's own key before the log commits to it.

use ledger::act::ActBody;
use office::State;
use office::standards::Change;
use zeroize::Zeroizing;

use super::figures::receiver;
use super::{Beside, Made};
use crate::cli::act::kind;
use crate::failure::Failure;
use crate::folder::{self, Existing, Readers};
use crate::input;
use crate::office_shell::randomness::OsRandomness;
use crate::office_shell::{bad_input, failed, registry};

/// The act that names a sealed change as the next revision, and the box.
pub(super) fn register(
    state: &State,
    arguments: &kind::Register,
    existing: Existing,
) -> Result<Made, Failure> {
    folder::check_file(&arguments.sealed, existing)?;
    let bytes = Zeroizing::new(input::read_file(&arguments.change)?);
    let shown = format!("`{}` is no change of a registry", arguments.change.display());
    let change = Change::from_bytes(&bytes).map_err(|error| bad_input(&shown, &error, error.advice()))?;
    if change.is_empty() {
        let message = format!("`{}` changes nothing", arguments.change.display());
        return Err(Failure::usage(message, "there is nothing to register"));
    }
    let office = receiver(state, &arguments.to)?;
    let sealed = registry::seal_change(&bytes, &office, &mut OsRandomness::new()?)
        .map_err(|error| failed(&error, error.advice()))?;
    let body = registry::register(state, &change, &sealed)?;
    let beside = Beside { path: arguments.sealed.clone(), bytes: sealed.sealed, readers: Readers::Usual };
    Ok(Made { body: ActBody::Register(body), beside: vec![beside] })
}
