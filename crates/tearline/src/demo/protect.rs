//! Step 4: the office opens the deposits in memory, protects the table and writes what may leave.

use std::collections::{BTreeMap, BTreeSet};

use intake::FilesInMemory;
use label::Label;
use ledger::Digest;
use ledger::act::{Code, LabelXml, Level, Title};
use office::{Salt, commit};
use package::Content;
use package::content::FileName;
use server::replay::all_threads;
use store::Store as _;
use zeroize::Zeroizing;

use super::alliance;
use super::figures::HEADER;
use super::story::Story;
use super::{Stage, unexpected};
use crate::certificate_file::CERTIFICATE;
use crate::commands::exposure;
use crate::commands::protect::Outputs;
use crate::commands::verify::EXERCISE;
use crate::document::exposure::ExposureDocument;
use crate::failure::Failure;
use crate::forms::{self, Heading};
use crate::input::Input;
use crate::office_shell::{deposit, failed, labels, salt};
use crate::progress::{Watch, Wishes};
use crate::release::{CELLS, PATTERN};

/// Name of the specification in the folder.
pub(super) const SPECIFICATION: &str = "spec.toml";
/// The files of the table beside the specification.
pub(super) const FIGURES: &str = "figures.csv";
/// The label of the release.
const LABEL: &str = "label.xml";
/// What is agreed to and sealed.
pub(super) const FORMS: &str = "forms";
/// Where each ally's exposure lies.
pub(super) const EXPOSURES: &str = "exposures";
/// Whom the release is releasable to, beside the alliance.
pub(super) const RELEASABLE_TO: &str = "INDUSTRY";

/// What is to be proposed.
pub(super) struct Draft {
    pub(super) title: Title,
    pub(super) content: Content,
    pub(super) release: Digest,
    pub(super) certificate: Digest,
    pub(super) label_xml: LabelXml,
    /// Allies whose figures are in it, each with the commitment to the exposure that it was shown.
    pub(super) exposures: BTreeMap<Code, Digest>,
}

pub(super) fn protect(stage: &mut Stage<'_>, story: &mut Story<'_>) -> Result<Draft, Failure> {
    story.step("the office opens the deposits in memory and protects the table");
    let (figures, originators) = open_deposits(stage)?;
    let files = inputs(&figures);
    story.does(&format!(
        "An officer unlocks the office's open key. {} boxes open in memory; each content is compared with the commitment in \
         the log, and each line with its depositor.",
        originators.len()
    ));
    let input = Input::load(SPECIFICATION, SPECIFICATION, &files)?;
    let watch = Watch::new(Wishes::of(&input));
    let protected =
        watch.run(|budget| input.protect(budget)).map_err(|error| failed(&error, error.advice()))?;
    let label = labels::of_level(Level::Unclassified, &[RELEASABLE_TO.to_owned()], stage.clock.now()?)?;
    let marking = format!("{EXERCISE} {}", label.marking());
    let outputs = Outputs { marking: &marking, input: &input, protected: &protected, watch: &watch };
    let (written, report) = outputs.files()?;
    put(stage, &written)?;
    put_inputs(stage, &figures)?;
    let shown = report.shown;
    story.does(&format!(
        "The table has {} cells. {} are hidden because some ally could work out another's figure in them to within 10 %, {} more \
         so that these cannot be computed back. {} cells are shown exactly, {} as a range that the shown cells imply anyway.",
        shown.cells, report.hidden.primary, report.hidden.secondary, shown.exact, shown.ranges
    ));
    story.proves(&format!(
        "{} requirements hold: for each there is another whole-number table that agrees with everything shown and in which the \
         hidden cell is far enough away. {} such tables prove them all, and a checker without floats or solver accepted them.",
        report.proof.requirements, report.proof.worlds
    ));
    story.does(
        "The guarantee is against an outsider, against each ally alone, and against the 23 allies that are members of the EU should \
         they pool all that they know.",
    );
    for (name, what) in [
        (CELLS, "what may leave"),
        (PATTERN, "which cells are primary: stays inside"),
        (CERTIFICATE, "the proof; reveals the true table to holders of the release, so it stays inside"),
        ("report.html", "for the planner: what is shown, what was lost; stays inside"),
        (
            FIGURES,
            "the figures in the clear, so that you can run protect and audit yourself; a real office keeps no such file",
        ),
    ] {
        story.file(stage.place, name, what);
    }
    let exposures = exposures(stage, &input, &written, &marking, &originators, story)?;
    draft(stage, story, &input, &written, label, &marking, exposures)
}

/// What every attacker could tell of each ally's figures: one document an ally, for its eyes alone, and the commitment that stands in
/// the proposal.
fn exposures(
    stage: &mut Stage<'_>,
    input: &Input,
    written: &[(&str, Vec<u8>)],
    marking: &str,
    originators: &BTreeSet<Code>,
    story: &mut Story<'_>,
) -> Result<BTreeMap<Code, Digest>, Failure> {
    let cells = written.iter().find(|(name, _)| *name == CELLS).map(|(_, bytes)| bytes.as_slice());
    let cells = cells.ok_or_else(|| unexpected("protect wrote no release"))?;
    let (mut commitments, mut files) = (BTreeMap::new(), Vec::new());
    for (ally, document) in originators.iter().zip(judged(input, cells, originators, marking)?) {
        if document.verdict != "safe" {
            return Err(unexpected(&format!("the release exposes {ally}")));
        }
        let mut json = serde_json::to_vec_pretty(&document)
            .map_err(|error| Failure::failed(format!("cannot write an exposure: {error}"), "try again"))?;
        json.push(b'\n');
        let salt = Salt::generate(&mut stage.randomness);
        commitments.insert(ally.clone(), commit(&salt, &json));
        files.push((format!("{ally}.json.salt"), salt::to_line(&salt)));
        files.push((format!("{ally}.json"), json));
    }
    let listed: Vec<(&str, Vec<u8>)> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    stage.place.put_folder(EXPOSURES, &listed)?;
    story.does(&format!(
        "For each of {} allies a document says what outsiders, every other ally alone and the EU's members together could tell of \
         its own figures. It is for that ally alone; the proposal will name a salted commitment to it.",
        originators.len()
    ));
    story.file(
        stage.place,
        EXPOSURES,
        "one document an ally with its salt; each goes to its ally and to nobody else",
    );
    Ok(commitments)
}

/// The exposure of each ally, worked out on all cores.
fn judged(
    input: &Input,
    cells: &[u8],
    originators: &BTreeSet<Code>,
    marking: &str,
) -> Result<Vec<ExposureDocument>, Failure> {
    let allies: Vec<&Code> = originators.iter().collect();
    let part = allies.len().div_ceil(all_threads().get()).max(1);
    let exposures = |part: &[&Code]| {
        part.iter().map(|ally| exposure::of_release(input, cells, ally.as_str(), marking)).collect::<Vec<_>>()
    };
    std::thread::scope(|scope| {
        let parts: Vec<_> = allies.chunks(part).map(|part| scope.spawn(move || exposures(part))).collect();
        let joined = parts
            .into_iter()
            .map(|part| part.join().map_err(|_| unexpected("an exposure was not worked out")));
        joined.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect()
    })
}

/// All lines of all deposits, and whose they are.
fn open_deposits(stage: &mut Stage<'_>) -> Result<(Zeroizing<Vec<u8>>, BTreeSet<Code>), Failure> {
    let mut by_member = BTreeMap::new();
    for (commitment, deposit) in stage.journal.state().deposits().clone() {
        let sealed =
            stage.journal.store().blob(&deposit.blob).map_err(|error| failed(&error, error.advice()))?;
        let sealed = sealed.ok_or_else(|| unexpected("a box that the log names is not in the store"))?;
        let content = deposit::open(&deposit.member, &commitment, &sealed, &stage.cast.open)
            .map_err(|error| failed(&error, error.advice()))?;
        // A member speaks for itself only.
        let own = format!("{},", deposit.member);
        let lines = content.split_inclusive(|byte| *byte == b'\n');
        if !lines.clone().all(|line| line.starts_with(own.as_bytes())) || lines.count() as u64 != deposit.rows
        {
            return Err(unexpected(&format!("{} deposited other lines than it said", deposit.member)));
        }
        by_member.insert(deposit.member, content);
    }
    let size = by_member.values().map(|content| content.len()).sum::<usize>();
    // Room for all of it at once: growing would leave copies of figures in freed memory.
    let mut figures = Zeroizing::new(Vec::with_capacity(size + HEADER.len() + 1));
    figures.extend_from_slice(HEADER.as_bytes());
    figures.push(b'\n');
    by_member.values().for_each(|content| figures.extend_from_slice(content));
    Ok((figures, by_member.into_keys().collect()))
}

/// The specification's files beside the figures.
const LISTS: [(&str, &str); 4] = [
    (SPECIFICATION, alliance::SPECIFICATION),
    ("allies.csv", alliance::ALLIES),
    ("capability.csv", alliance::CAPABILITIES),
    ("year.csv", alliance::YEARS),
];

fn inputs(figures: &[u8]) -> FilesInMemory {
    let mut files = FilesInMemory::new();
    for (name, text) in LISTS {
        files.put(name, text);
    }
    files.put(FIGURES, figures);
    files
}

/// The same on disk, so that the reader can repeat the step.
fn put_inputs(stage: &Stage<'_>, figures: &[u8]) -> Result<(), Failure> {
    for (name, text) in LISTS {
        stage.place.put(name, text.as_bytes())?;
    }
    stage.place.put(FIGURES, figures)
}

/// The files of `protect`, folder by folder and each folder whole.
fn put(stage: &Stage<'_>, written: &[(&str, Vec<u8>)]) -> Result<(), Failure> {
    let mut folders: BTreeMap<&str, Vec<(&str, Vec<u8>)>> = BTreeMap::new();
    for (name, bytes) in written {
        match name.split_once('/') {
            Some((folder, file)) => folders.entry(folder).or_default().push((file, bytes.clone())),
            None => stage.place.put(name, bytes)?,
        }
    }
    folders.iter().try_for_each(|(folder, files)| stage.place.put_folder(folder, files))
}

fn draft(
    stage: &Stage<'_>,
    story: &mut Story<'_>,
    input: &Input,
    written: &[(&str, Vec<u8>)],
    label: Label,
    marking: &str,
    exposures: BTreeMap<Code, Digest>,
) -> Result<Draft, Failure> {
    let bytes_of = |wanted: &str| {
        let found = written.iter().find(|(name, _)| *name == wanted).map(|(_, bytes)| bytes.clone());
        found.ok_or_else(|| unexpected("protect wrote no release or no certificate"))
    };
    let title =
        Title::new(&input.loaded.specification.title).map_err(|_| alliance::shipped("the specification"))?;
    let lists = [
        ("capability", "capability.csv", alliance::CAPABILITIES.as_bytes()),
        ("year", "year.csv", alliance::YEARS.as_bytes()),
    ];
    let forms = forms::all(&Heading { title: title.as_str(), marking }, &bytes_of(CELLS)?, &lists)?;
    stage.place.put_folder(
        FORMS,
        &forms.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect::<Vec<_>>(),
    )?;
    story.does(&format!(
        "The release is written as its readers will have it, {} files: page, PDF, workbook, JSON. They come from what may leave and the \
         titles of the codes alone, and the label's marking stands on every page and sheet.",
        forms.len()
    ));
    story.file(stage.place, FORMS, "what the allies agree to, and what companies receive");
    let named = forms.into_iter().map(|(name, bytes)| Ok((FileName::new(&name)?, bytes)));
    let content = named.collect::<Result<_, _>>().and_then(Content::new);
    let content = content.map_err(|error| failed(&error, error.advice()))?;
    let xml = label.to_xml().map_err(|error| failed(&error, error.advice()))?;
    stage.place.put(LABEL, xml.as_bytes())?;
    Ok(Draft {
        title,
        release: content.digest().map_err(|error| failed(&error, error.advice()))?,
        certificate: Digest::of(&bytes_of(CERTIFICATE)?),
        label_xml: LabelXml::new(&xml).map_err(|_| unexpected("the label does not go into a proposal"))?,
        content,
        exposures,
    })
}
