//! Step 3: every ally deposits its figures, sealed before they leave its hands.

use ledger::act::ActBody;
use store::Store as _;

use super::figures::{self, Figures};
use super::found::STORE;
use super::place::Place;
use super::story::Story;
use super::{Stage, unexpected};
use crate::failure::Failure;
use crate::input;
use crate::office_shell::deposit;
use crate::office_shell::failed;

/// Largest file that is searched for plaintext.
const SEARCHED_BYTES_MAX: usize = 64 << 20;

pub(super) fn deposit(
    stage: &mut Stage<'_>,
    figures: &Figures,
    story: &mut Story<'_>,
) -> Result<(), Failure> {
    story.step("every ally deposits its figures, sealed");
    let (mut rows_all, mut bytes_all) = (0, 0);
    for (ally, rows) in figures {
        let content = figures::lines(ally, rows);
        let to = stage.cast.deposits_to();
        let sealed = deposit::seal(ally, &content, rows.len() as u64, to, &mut stage.randomness)
            .map_err(|error| failed(&error, error.advice()))?;
        // The box first: an act in the log must never name one that is nowhere.
        let kept =
            stage.journal.store().put_blob(&sealed.sealed).map_err(|error| failed(&error, error.advice()))?;
        if kept != sealed.body.blob {
            return Err(unexpected("the store keeps a box under another digest"));
        }
        stage.sign_once(ally, ActBody::Deposit(sealed.body))?;
        rows_all += rows.len();
        bytes_all += sealed.sealed.len();
    }
    story.does(&format!(
        "{} allies seal {rows_all} lines of figures to the office's open key, on their own machines, and sign an act that names \
         the sealed box and a salted commitment to its content.",
        figures.len()
    ));
    let lines = plaintext_lines(figures)?;
    match search(&[stage.place.at("office")], &lines)? {
        Some(found) => return Err(unexpected(&format!("`{found}` holds a figure in the clear"))),
        None => story.does(&format!(
            "The store holds {bytes_all} bytes of sealed boxes. Its files were searched for each of the {rows_all} lines: none is there."
        )),
    }
    story.proves(
        "A stolen disk or a curious administrator reads nothing; nobody can pass a box off as another ally's; the office cannot \
         exchange what was deposited, because the log has the commitment.",
    );
    story.file(stage.place, STORE, "sealed boxes and signed acts, no figure");
    Ok(())
}

/// Every line of every ally, as it would stand in a file.
pub(super) fn plaintext_lines(figures: &Figures) -> Result<Vec<Vec<u8>>, Failure> {
    let mut lines = Vec::new();
    for (ally, rows) in figures {
        let text = figures::lines(ally, rows);
        lines.extend(text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec));
    }
    if lines.is_empty() { Err(unexpected("there are no figures")) } else { Ok(lines) }
}

/// The first file below these places that holds one of the lines.
pub(super) fn search(places: &[std::path::PathBuf], lines: &[Vec<u8>]) -> Result<Option<String>, Failure> {
    let wanted: std::collections::BTreeSet<&[u8]> = lines.iter().map(Vec::as_slice).collect();
    let lengths: std::collections::BTreeSet<usize> = lines.iter().map(Vec::len).collect();
    for place in places {
        for file in Place::files_below(place)? {
            let bytes = input::read_at_most(&file, SEARCHED_BYTES_MAX)?;
            let held =
                lengths.iter().any(|length| bytes.windows(*length).any(|window| wanted.contains(window)));
            if held {
                return Ok(Some(file.display().to_string()));
            }
        }
    }
    Ok(None)
}
