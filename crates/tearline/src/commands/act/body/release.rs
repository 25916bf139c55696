//! A release that is to circulate, from the files that it would consist of.

use std::collections::BTreeMap;
use std::path::Path;

use ledger::Digest;
use ledger::act::{ActBody, Code, LabelXml, ReleaseDraft, Subject, Wave};
use office::{Salt, State, commit};

use super::{Beside, Made, find, json, propose};
use crate::cli::act::kind::{Exposure, Release};
use crate::failure::Failure;
use crate::folder::{self, Existing, Readers};
use crate::input;
use crate::office_shell::content::ContentFolder;
use crate::office_shell::randomness::OsRandomness;
use crate::office_shell::{bad_input, salt};

/// The act by which the office circulates it, and the salts of the exposures.
pub(super) fn circulate(state: &State, arguments: &Release, existing: Existing) -> Result<Made, Failure> {
    let content = ContentFolder::open(&arguments.content)?;
    let wave = arguments.wave.as_deref().map(|file| wave(&content, file)).transpose()?;
    let release = content.digest()?;
    let supersedes = arguments.supersedes.as_deref().map(|earlier| find(state, earlier)).transpose()?;
    let (originators, beside) = exposures(&arguments.exposure, existing)?;
    let draft = ReleaseDraft {
        content: arguments.kind.into(),
        release,
        certificate: Digest::of(&input::read_file(&arguments.certificate)?),
        history: state.history(),
        label: label(&arguments.label)?,
        audience: arguments.audience.iter().cloned().collect(),
        originators,
        supersedes,
        wave: wave.map(Box::new),
    };
    let propose = propose(state, &arguments.title, Subject::Release(draft), arguments.deadline);
    Ok(Made { body: ActBody::Propose(propose), beside })
}

/// The parts of a wave, whose documents must be those below `documents/`: nobody could open a package of others.
fn wave(content: &ContentFolder, file: &Path) -> Result<Wave, Failure> {
    let wave: Wave = json(file, "a wave of standards")?;
    let documents = content.documents()?;
    if package::documents::are_those_of(&wave, documents) {
        return Ok(wave);
    }
    let message = format!(
        "the files below `{}` of the content are not the documents of the {} parts in `{}`",
        package::documents::DOCUMENTS,
        wave.parts.len(),
        file.display()
    );
    Err(Failure::usage(message, "put there one file for each part, as registered, and nothing else"))
}

/// A label that reads: the rules would refuse another, and say less about the file.
fn label(path: &Path) -> Result<LabelXml, Failure> {
    let (bytes, name) = (input::read_file(path)?, format!("`{}`", path.display()));
    label::Label::from_xml(&bytes).map_err(|error| bad_input(&name, &error, error.advice()))?;
    let text = String::from_utf8(bytes).ok().and_then(|text| LabelXml::new(&text).ok());
    text.ok_or_else(|| {
        Failure::usage(format!("{name} does not go into a proposal"), "write a shorter label, as plain XML")
    })
}

/// A commitment for each member, and its salt for a file beside the exposure.
fn exposures(
    shown: &[Exposure],
    existing: Existing,
) -> Result<(BTreeMap<Code, Digest>, Vec<Beside>), Failure> {
    let mut randomness = OsRandomness::new()?;
    let (mut commitments, mut beside) = (BTreeMap::new(), Vec::new());
    for Exposure { member, file } in shown {
        let bytes = input::read_file(file)?;
        let salt = Salt::generate(&mut randomness);
        if commitments.insert(member.clone(), commit(&salt, &bytes)).is_some() {
            let message = format!("{member} is shown two exposures");
            return Err(Failure::usage(message, "give --exposure once for each member"));
        }
        let path = salt::path_of(file);
        folder::check_file(&path, existing)?;
        beside.push(Beside { path, bytes: salt::to_line(&salt), readers: Readers::Nobody });
    }
    Ok((commitments, beside))
}

/// Whether this is the exposure that the proposal names for a member.
pub(super) fn check_exposure(
    state: &State,
    proposal: &Digest,
    member: &Code,
    file: &Path,
) -> Result<(), Failure> {
    let bytes = input::read_file(file)?;
    let found = commit(&salt::read_for(file)?, &bytes);
    let draft = state.release(proposal).map(|release| release.protected().draft());
    if draft.and_then(|draft| draft.originators.get(member)) == Some(&found) {
        return Ok(());
    }
    let message = format!("`{}` is not the exposure that the proposal names for {member}", file.display());
    Err(Failure::usage(message, "do not approve; ask the office what it would release of yours"))
}
