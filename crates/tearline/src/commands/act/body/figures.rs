//! Figures that a member hands in: sealed to the office before they leave the member's hands.

use std::path::Path;

use ledger::Digest;
use ledger::act::{ActBody, Code};
use office::State;
use package::OpenPublic;
use zeroize::Zeroizing;

use super::{Beside, Made};
use crate::cli::act::kind::Deposit;
use crate::failure::Failure;
use crate::folder::{self, Existing, Readers};
use crate::input;
use crate::office_shell::randomness::OsRandomness;
use crate::office_shell::{bad_input, deposit, failed, keys};

/// The act that names a sealed box of figures, and the box.
pub(super) fn deposit(
    state: &State,
    member: &Code,
    arguments: &Deposit,
    existing: Existing,
) -> Result<Made, Failure> {
    folder::check_file(&arguments.sealed, existing)?;
    let content = Zeroizing::new(input::read_file(&arguments.figures)?);
    let rows = rows(&content).map_err(|fault| {
        Failure::usage(
            format!("`{}` is not CSV: {fault}", arguments.figures.display()),
            "save the figures as CSV in UTF-8, with a header and a line for each figure",
        )
    })?;
    if rows == 0 {
        let message = format!("`{}` holds a header and no figures", arguments.figures.display());
        return Err(Failure::usage(message, "name the file with your figures"));
    }
    let office = receiver(state, &arguments.to)?;
    let mut randomness = OsRandomness::new()?;
    let sealed = deposit::seal(member, &content, rows, &office, &mut randomness)
        .map_err(|error| failed(&error, error.advice()))?;
    let beside = Beside { path: arguments.sealed.clone(), bytes: sealed.sealed, readers: Readers::Usual };
    Ok(Made { body: ActBody::Deposit(sealed.body), beside: vec![beside] })
}

/// The office's key that opens deposits and changes of the registry. What is sealed to any other would be lost, or read by somebody else.
pub(super) fn receiver(state: &State, to: &Path) -> Result<OpenPublic, Failure> {
    let shown = to.display();
    let card = keys::read_card(to)?;
    let key = OpenPublic::from_card(&card)
        .map_err(|error| bad_input(&format!("nothing can be sealed to `{shown}`"), &error, error.advice()))?;
    let json = card.to_json().map_err(|error| failed(&error, error.advice()))?;
    let named = state.roster().map(|roster| roster.office().open);
    if named == Some(Digest::of(&json)) {
        return Ok(key);
    }
    Err(Failure::usage(
        format!("`{shown}` is not the card to which the roster of this log has deposits sealed"),
        "ask the office for its card of kind open; do not seal anything to this one",
    ))
}

/// How many lines of figures follow the header.
fn rows(content: &[u8]) -> Result<u64, String> {
    let mut reader = csv::Reader::from_reader(content);
    let header = reader.byte_headers().map_err(|error| error.to_string())?;
    if header.is_empty() {
        return Err("it holds nothing".to_owned());
    }
    let mut record = csv::ByteRecord::new();
    let mut rows = 0;
    // The position of a fault is told, never what stands there.
    while reader.read_byte_record(&mut record).map_err(|error| place(&error))? {
        rows += 1;
    }
    Ok(rows)
}

fn place(error: &csv::Error) -> String {
    let line = error.position().map_or(0, csv::Position::line);
    format!("line {line} has another number of columns than the header")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_lines_of_figures_and_faults_do_not_tell_them() {
        assert_eq!(rows(b"ally,year,quantity\nNO,2030,7\nNO,2031,\"1,5\"\n"), Ok(2));
        assert_eq!(rows(b"ally,year,quantity\n"), Ok(0));
        assert!(rows(b"").is_err());
        let fault = rows(b"ally,year\nNO,2030\nNO,2031,731908264517\n").unwrap_err();
        assert_eq!(fault, "line 3 has another number of columns than the header");
    }
}
