//! `tearline ledger export`: the office's log as files that anybody can verify.

use crate::cli::ledger::LedgerExport;
use crate::failure::{Answer, Failure};
use crate::folder::{Existing, Target};
use crate::office_shell::failed;
use crate::office_shell::house::{self, Acting};
use crate::terminal::{Terminal, Tone, shell_word};

pub(crate) fn export(arguments: &LedgerExport, terminal: &Terminal) -> Result<Answer, Failure> {
    let target = Target::new(&arguments.out, Existing::Refuse)?;
    let journal = house::open(&arguments.office, Acting::Others, arguments.passphrase_file.as_deref())?;
    let files = journal.files().map_err(|error| failed(&error, error.advice()))?;
    let listed: Vec<(&str, Vec<u8>)> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    target.put(&listed)?;
    let word = terminal.err_word(Tone::Good, "written");
    let entries = journal.state().next_entry();
    terminal.say(&format!("{word}: {entries} entries in {} files", files.len()));
    terminal.next(&format!("tearline ledger verify --dir {} --trust trust.json", shell_word(&arguments.out)));
    Ok(Answer::Yes)
}
