//! A log as a folder of files, read whole and verified as `tearline ledger verify` does before anything in it is believed.

use std::path::Path;

use office::Fold;

use crate::commands::ledger;
use crate::commands::verify::{broken, read_trust};
use crate::failure::Failure;
use crate::prepared::Known;

/// A log that was verified to its last entry.
pub(crate) struct ReadLog {
    origin: String,
    entries: Vec<Vec<u8>>,
    fold: Fold,
}

impl ReadLog {
    /// Reads the log of a folder with a trust file.
    pub(crate) fn read(folder: &Path, trust_file: &Path) -> Result<Self, Failure> {
        let trust = read_trust(trust_file)?;
        let mut source = ledger::Source::folder(folder)?;
        let (document, judged) = ledger::judge_entries(&mut source, &trust, "given")?;
        let Some((log, fold)) = judged else {
            let message =
                format!("the log in `{}` cannot be believed: {}", folder.display(), broken(&document.checks));
            return Err(Failure::usage(message, format!("run `{}`", ledger::command(folder, trust_file))));
        };
        Ok(Self { origin: document.origin, entries: log.entries().map(<[u8]>::to_vec).collect(), fold })
    }

    /// What it says.
    pub(crate) fn fold(&self) -> &Fold {
        &self.fold
    }

    /// As prepared acts know it.
    pub(crate) fn known(&self) -> Known<'_> {
        Known { origin: &self.origin, entries: &self.entries, fold: &self.fold }
    }
}
