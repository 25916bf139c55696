//! Step 15: a revision makes copies stale; what follows goes out, and the reports say who holds what.

use office::standards::{Chronicle, Standing};

use super::standards::{FOLDER, SECOND, desk, take};
use super::story::Story;
use super::waves::{agree, circulate, deliver, title};
use super::{Stage, unexpected};
use crate::commands::standards::office::holdings::view;
use crate::commands::verify::EXERCISE;
use crate::failure::Failure;
use crate::standards_report::held_files;

/// Days after which a receipt is overdue.
const RECEIPT_DAYS: u32 = 30;
/// The part whose new edition comes.
const OLD: &str = "ex-avoc-9002-ed.a-v1";

pub(super) fn revise(
    stage: &mut Stage<'_>,
    chronicle: &Chronicle,
    story: &mut Story<'_>,
) -> Result<(), Failure> {
    story.step("a revision makes copies stale, and what follows goes out");
    let chronicle = take(stage, chronicle, &SECOND, story)?;
    let stale = standings(stage, &chronicle, story)?;
    if stale == 0 {
        return Err(unexpected("a new edition makes no copy stale"));
    }
    let delta = desk(stage, &chronicle)?.delta();
    let mut waves = Vec::new();
    for release in &delta.releases {
        let audience: Vec<String> = release.audience.iter().map(ToString::to_string).collect();
        let title = title(&format!("EXERCISE standards, revision, {}", audience.join(", ")))?;
        let wave = circulate(stage, &chronicle, &title, release)?;
        agree(stage, &wave, None)?;
        let replaced: Vec<String> = release
            .wave
            .parts
            .iter()
            .map(|(id, part)| match &part.replaces {
                Some(earlier) => format!("{id} in place of {earlier}"),
                None => id.to_string(),
            })
            .collect();
        let told: Vec<String> = release.wave.notices.keys().map(ToString::to_string).collect();
        story.does(&format!(
            "To {}: {}; notice of {}.",
            audience.join(", "),
            if replaced.is_empty() { "no part".to_owned() } else { replaced.join(", ") },
            if told.is_empty() { "nothing".to_owned() } else { told.join(", ") }
        ));
        waves.push(wave);
    }
    deliver(stage, &waves, "revision", story)?;
    if standings(stage, &chronicle, story)? > 0 {
        return Err(unexpected("copies are stale after the delta"));
    }
    let replaced = desk(stage, &chronicle)?;
    let names = replaced.holdings().parts().into_iter().any(|id| id.as_str() == OLD);
    if !names {
        return Err(unexpected("a copy that was replaced is not held any more"));
    }
    let view = view(stage.journal.state(), chronicle.newest().1, &replaced, RECEIPT_DAYS, EXERCISE)?;
    stage.place.put_folder(&format!("{FOLDER}/held"), &held_files(&view)?)?;
    story.proves(
        "Nobody can take back what was handed over, but the log says who holds the old edition, who got the new one in its place and who was \
         told, and what each of them held at any past time.",
    );
    story.file(stage.place, &format!("{FOLDER}/held/held.html"), "who holds what, for a board");
    Ok(())
}

/// How copies stand, in words; how many are stale or withdrawn without a word about it.
fn standings(stage: &Stage<'_>, chronicle: &Chronicle, story: &mut Story<'_>) -> Result<usize, Failure> {
    let overview = desk(stage, chronicle)?.overview(u64::from(RECEIPT_DAYS) * 86_400);
    let mut open = 0;
    for receiver in &overview.receivers {
        let count = |standing| receiver.parts.iter().filter(|part| part.standing == standing).count();
        let (stale, withdrawn) = (count(Standing::Stale), count(Standing::Withdrawn));
        story.does(&format!(
            "{} holds {} parts: {} in force, {stale} stale, {withdrawn} withdrawn, {} replaced or told; {} parts may not go to it.",
            receiver.receiver,
            receiver.parts.len(),
            count(Standing::Current),
            count(Standing::Told),
            receiver.blocked.len()
        ));
        open += stale + withdrawn;
    }
    Ok(open)
}
