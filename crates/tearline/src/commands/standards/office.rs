//! `tearline standards import | wave | holdings`: what takes an office's log and the registry in its sealed boxes.
//!
//! What may go, what follows and why is `office::standards`'s to say; here it is read, written and printed.

use ledger::act::UtcTime;
use office::State;
use office::standards::{Chronicle, Desk, Policy, Registry};
use package::OpenKey;
use store::SqliteStore;

use crate::cli::standards::office::OfficeArgs;
use crate::failure::Failure;
use crate::office_shell::passphrase::{Passphrase, Purpose};
use crate::office_shell::{house, keys, registry};
use crate::terminal::shell_word;

pub(crate) mod holdings;
pub(super) mod import;
pub(crate) mod wave;

/// An office with its registry open in memory.
struct Opened {
    store: SqliteStore,
    state: State,
    key: OpenKey,
    chronicle: Chronicle,
}

impl Opened {
    /// Opens it as it is, or as the log stood at a time.
    fn open(arguments: &OfficeArgs, at: Option<UtcTime>) -> Result<Self, Failure> {
        let (store, state) = house::read_until(&arguments.office, at)?;
        let (file, passphrase) = (&arguments.key, arguments.passphrase_file.as_deref());
        let passphrase = Passphrase::obtain(passphrase, Purpose::Open, &shell_word(file))?;
        let key = keys::open_key(&keys::open(file, &passphrase)?)?;
        let chronicle = registry::read(&store, &state, &key)?;
        Ok(Self { store, state, key, chronicle })
    }

    /// The registry at its newest revision.
    fn registry(&self) -> Result<&Registry, Failure> {
        match self.chronicle.newest() {
            (Some(_), registry) => Ok(registry),
            (None, _) => {
                let message = "nothing is registered in this office's log";
                Err(Failure::usage(
                    message,
                    "begin with `tearline standards import`, then register the change",
                ))
            }
        }
    }

    /// The time of the log; what is asked about is judged at it.
    fn now(&self) -> Result<UtcTime, Failure> {
        self.state.now().ok_or_else(|| {
            Failure::usage("the log says no time yet", "log one: tearline act prepare tick, sign, submit")
        })
    }

    /// The desk at a time.
    fn desk(&self, policy: Policy, at: UtcTime) -> Result<Desk<'_>, Failure> {
        let desk = Desk::new(&self.state, self.registry()?, policy, at);
        desk.ok_or_else(|| Failure::usage("the log has no roster or no registry", "found the log first"))
    }
}
