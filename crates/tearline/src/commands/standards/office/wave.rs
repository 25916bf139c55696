//! `tearline standards wave`: the releases that go next, each as a folder from which it is proposed. Nothing is proposed by it.

use std::collections::BTreeMap;
use std::path::Path;

use ledger::act::{PartId, Title, UtcTime};
use office::standards::{
    Bulk, Capacity, Desk, HandOver, HandOvers, Plan, Record, Registry, TakenOut, marking_word,
};

use super::super::{plan, source};
use super::Opened;
use crate::cli::standards::office::Wave;
use crate::commands::act::find;
use crate::document::json_file;
use crate::document::standards::{MARKING_DEFAULT, NEXT_SCHEMA, NextDocument, ReleaseLine};
use crate::failure::{Answer, Failure};
use crate::folder::{Existing, Readers, Target};
use crate::forms::Heading;
use crate::office_shell::{bad_input, failed, labels, registry};
use crate::report::counted;
use crate::terminal::{Terminal, Tone, shell_word};
use crate::wave;

/// What is written at the top of the folder beside the releases, which have numbers.
const OURS: &str = "plan.json";

pub(crate) fn run(arguments: &Wave, terminal: &Terminal) -> Result<Answer, Failure> {
    let existing = if arguments.force { Existing::Replace } else { Existing::Refuse };
    let ours = |name: &str| name == OURS || name.bytes().all(|b| b.is_ascii_digit());
    let target = Target::of(&arguments.out, existing, "standards wave", ours)?;
    let opened = Opened::open(&arguments.office, None)?;
    let now = opened.now()?;
    let desk = opened.desk(source::policy(&arguments.policy)?, now)?;
    let chosen = choose(arguments, &opened, &desk)?;
    let mut written = Vec::new();
    let mut document = NextDocument {
        schema: NEXT_SCHEMA,
        kind: chosen.kind,
        folder: arguments.out.display().to_string(),
        releases: Vec::new(),
        without_document: ids(chosen.hand_overs.without_document.iter()),
        without_originator: ids(chosen.hand_overs.without_originator.iter()),
        awaiting: chosen.awaiting,
        taken_out: chosen.taken_out,
    };
    let several = chosen.hand_overs.releases.len() > 1;
    for (number, release) in (1_u32..).zip(&chosen.hand_overs.releases) {
        let title = if several { numbered(&chosen.title, number)? } else { chosen.title.clone() };
        let files = files_of(arguments, &opened, release, &title, now)?;
        document.releases.push(line(number, &title, release, &arguments.out));
        written.extend(files.into_iter().map(|(name, bytes)| (format!("{number}/{name}"), bytes)));
    }
    if let Some(plan) = &chosen.plan {
        written.push((OURS.to_owned(), plan_json(arguments, plan, &desk, opened.registry()?)?));
    }
    if document.releases.is_empty() {
        print(&document, terminal);
        return Ok(Answer::No);
    }
    target.put_for(Readers::Nobody, &written)?;
    print(&document, terminal);
    Ok(Answer::Yes)
}

/// What goes, of which kind, and what does not and why.
struct Chosen {
    kind: &'static str,
    title: Title,
    hand_overs: HandOvers,
    plan: Option<Plan>,
    awaiting: BTreeMap<String, Vec<String>>,
    taken_out: BTreeMap<String, Vec<String>>,
}

fn choose(arguments: &Wave, opened: &Opened, desk: &Desk<'_>) -> Result<Chosen, Failure> {
    let mut chosen = Chosen {
        kind: "planned",
        title: title(arguments, opened)?,
        hand_overs: HandOvers::default(),
        plan: None,
        awaiting: BTreeMap::new(),
        taken_out: BTreeMap::new(),
    };
    if let Some(per_wave) = arguments.capacity {
        let next = desk.next_wave(Capacity { per_wave, waves: arguments.waves });
        let (plan, hand_overs) = next.map_err(|error| bad_input("the plan", &error, error.advice()))?;
        (chosen.plan, chosen.hand_overs) = (Some(plan), hand_overs);
    } else if let Some(proposal) = &arguments.again {
        chosen.kind = "again";
        let (hand_overs, left) = desk.again(&find(&opened.state, proposal)?).ok_or_else(|| {
            let message = format!("`{proposal}` is no wave that was objected to or lapsed");
            Failure::usage(message, "see `tearline inbox` for what became of each round")
        })?;
        chosen.hand_overs = hand_overs;
        let words = |why: Vec<TakenOut>| why.iter().map(ToString::to_string).collect();
        chosen.taken_out = left.taken_out.into_iter().map(|(id, why)| (id.to_string(), words(why))).collect();
    } else if arguments.bulk {
        chosen.kind = "bulk";
        // The parser asks for it.
        let deadline =
            arguments.deadline.ok_or_else(|| Failure::usage("--bulk takes --deadline", "add it"))?;
        let Bulk { hand_overs, awaiting } = desk.bulk(deadline);
        chosen.hand_overs = hand_overs;
        chosen.awaiting =
            awaiting.into_iter().map(|(id, members)| (id.to_string(), ids(members.iter()))).collect();
    } else {
        chosen.kind = "delta";
        chosen.hand_overs = desk.delta();
    }
    Ok(chosen)
}

fn title(arguments: &Wave, opened: &Opened) -> Result<Title, Failure> {
    if let Some(again) = &arguments.again {
        let proposal = find(&opened.state, again)?;
        let title = opened.state.title(&proposal).cloned();
        return title.ok_or_else(|| Failure::usage(format!("`{again}` has no title"), "name a proposal"));
    }
    arguments.title.clone().ok_or_else(|| Failure::usage("a wave has a title", "add --title"))
}

fn numbered(title: &Title, number: u32) -> Result<Title, Failure> {
    Title::new(&format!("{title} ({number})"))
        .map_err(|error| bad_input("the title with its number", &error, "choose a shorter title"))
}

/// All files of one release.
fn files_of(
    arguments: &Wave,
    opened: &Opened,
    release: &HandOver,
    title: &Title,
    now: UtcTime,
) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let known = opened.registry()?;
    let records: BTreeMap<PartId, &Record> =
        release.wave.parts.keys().filter_map(|id| Some((id.clone(), known.record(id)?))).collect();
    let mut documents = BTreeMap::new();
    for (id, record) in &records {
        if let Some(document) = &record.document {
            let bytes = registry::document(&opened.store, id, document, &opened.key)?;
            documents.insert(id.clone(), bytes.to_vec());
        }
    }
    let label = labels::of_level(release.level, &arguments.releasable_to, now)?;
    let marking = arguments.banner.iter().cloned().chain([label.marking()]).collect::<Vec<_>>().join(" ");
    let heading = Heading { title: title.as_str(), marking: &marking };
    let mut files = Vec::new();
    for (name, bytes) in wave::content(&heading, release, &records, &documents)? {
        files.push((format!("content/{name}"), bytes));
    }
    let receivers = opened.state.roster().map(|roster| roster.receivers().clone()).unwrap_or_default();
    for (member, bytes) in wave::shown(&heading, release, &records, &receivers)? {
        files.push((format!("shown/{member}.json"), bytes));
    }
    let xml = label.to_xml().map_err(|error| failed(&error, error.advice()))?;
    files.push(("label.xml".to_owned(), xml.into_bytes()));
    files.push(("wave.json".to_owned(), json_file("wave.json", &release.wave)?));
    Ok(files)
}

fn plan_json(
    arguments: &Wave,
    plan: &Plan,
    desk: &Desk<'_>,
    registry: &Registry,
) -> Result<Vec<u8>, Failure> {
    let marking = arguments.banner.as_deref().unwrap_or(MARKING_DEFAULT);
    let document = plan::document(registry, desk.policy(), plan, marking);
    json_file(OURS, &document)
}

fn ids<'a, T: ToString + 'a>(of: impl Iterator<Item = &'a T>) -> Vec<String> {
    of.map(ToString::to_string).collect()
}

fn line(number: u32, title: &Title, release: &HandOver, out: &Path) -> ReleaseLine {
    ReleaseLine {
        folder: out.join(number.to_string()).display().to_string(),
        title: title.to_string(),
        audience: ids(release.audience.iter()),
        originators: ids(release.originators.iter()),
        level: marking_word(release.level).to_owned(),
        parts: ids(release.wave.parts.keys()),
        notices: ids(release.wave.notices.keys()),
    }
}

fn print(document: &NextDocument, terminal: &Terminal) {
    if terminal.json() {
        terminal.document(document);
        return;
    }
    if document.releases.is_empty() {
        let word = terminal.out_word(Tone::Bad, "nothing goes");
        terminal.answer(&format!("{word}: what may go is held already, or waits for what stands below"));
    } else {
        let word = terminal.out_word(Tone::Good, document.kind);
        let releases = counted(document.releases.len() as u64, "release", "releases");
        terminal.answer(&format!("{word}: {releases}"));
    }
    for release in &document.releases {
        let (parts, notices) = (release.parts.len(), release.notices.len());
        terminal.answer(&format!(
            "  {}: {}, {}, {}, to {}; consent of {}",
            release.title,
            counted(parts as u64, "part", "parts"),
            counted(notices as u64, "notice", "notices"),
            release.level,
            release.audience.join(", "),
            release.originators.join(", ")
        ));
    }
    let listed = |what: &str, ids: &[String]| {
        if !ids.is_empty() {
            terminal.answer(&format!("  {what}: {}", ids.join(", ")));
        }
    };
    listed("no document in the office", &document.without_document);
    listed("nobody is named as originator", &document.without_originator);
    for (id, members) in &document.awaiting {
        terminal.answer(&format!("  {id} waits for a consent beforehand of {}", members.join(", ")));
    }
    for (id, why) in &document.taken_out {
        terminal.answer(&format!("  {id} was taken out: {}", why.join("; ")));
    }
    if let Some(release) = document.releases.first() {
        let folder = shell_word(Path::new(&release.folder));
        let shown: Vec<String> = release
            .originators
            .iter()
            .map(|code| format!("--exposure {code}={folder}/shown/{code}.json"))
            .collect();
        terminal.next(&format!(
            "tearline act prepare release --title {} --kind standards --content {folder}/content --wave {folder}/wave.json --certificate {folder}/wave.json --label {folder}/label.xml --audience {} {} --deadline TIME --ledger DIR --trust FILE --card FILE --out FILE",
            shell_word(Path::new(&release.title)),
            release.audience.join(","),
            shown.join(" ")
        ));
    }
}
