//! A batch: the packages of one release as a folder, made once, however often the command that makes it is cut off.
//!
//! `batch.json` says what the batch is of; `index.jsonl` has one line a finished package; `packages/` holds them. Packages are made in
//! rounds, by all cores: written and synchronised, then put in the index, then their seal acts are logged in one transaction. A run
//! that begins again takes the index at its word only after it hashed the files that it names; it logs what the log lacks, and makes
//! what is missing with a content key of its own: no key is ever kept. What stands in the folder without a line is written over.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::thread;

use ledger::Digest;
use ledger::act::{Code, UtcTime};
use package::content::{FileName, Files, Packed};
use package::fingerprint::Fingerprints;
use package::seal::{CopyRequest, Group, SealError};
use package::{InTurn, OpenPublic, Profile, Sealer, Service};
use serde::{Deserialize, Serialize};
use server::journal::Journal;
use store::Store;

use super::randomness::OsRandomness;
use super::{bad_input, failed, with_causes};
use crate::failure::Failure;
use crate::folder;
use crate::input;
use crate::package_file::{self, TwoCores};

/// Where the packages are.
pub(crate) const PACKAGES: &str = "packages";
/// What the batch is of.
const HEAD: &str = "batch.json";
/// What is finished.
const INDEX: &str = "index.jsonl";
const SCHEMA: &str = "tearline-batch/1";
/// Packages of a round: few enough to lose little, many enough that a transaction is nothing beside them.
const ROUND: usize = 512;
/// Bytes of a round: what a machine with slow disks synchronises in moments.
const ROUND_BYTES: u64 = 1 << 30;

/// What all packages of a batch have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Head {
    pub(crate) schema: String,
    pub(crate) proposal: Digest,
    pub(crate) profile: String,
    /// Address of the key access service, for profile `interop`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) service: Option<String>,
    /// Whether every copy carries marks of its own.
    pub(crate) marked: bool,
}

impl Head {
    pub(crate) fn new(proposal: Digest, service: Option<&Service<'_>>, marked: bool) -> Self {
        let profile = if service.is_some() { Profile::Interop } else { Profile::Pq };
        let (schema, profile) = (SCHEMA.to_owned(), profile.as_str().to_owned());
        Self { schema, proposal, profile, service: service.map(|service| service.url.to_owned()), marked }
    }
}

/// A finished package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
    pub(crate) copy: u32,
    pub(crate) receiver: Code,
    pub(crate) package: Digest,
    /// Below `packages/`.
    pub(crate) file: String,
}

/// What is sealed, and for whom.
pub(crate) struct Order<'a> {
    pub(crate) names: Vec<FileName>,
    pub(crate) files: &'a dyn Files,
    /// Every receiver once, with its key.
    pub(crate) receivers: Vec<(Code, OpenPublic)>,
    pub(crate) service: Option<Service<'a>>,
    /// Where copies are told apart by marks in their drawn forms.
    pub(crate) marks: Option<&'a Fingerprints<'a>>,
    pub(crate) sealed_utc: UtcTime,
}

/// A batch in its folder.
pub(crate) struct Batch {
    folder: PathBuf,
    head: Head,
    lines: Vec<Line>,
    index: File,
}

/// The prefix that all copies share, in a file that goes away with this value.
struct Shared {
    group: Group,
    prefix: tempfile::NamedTempFile,
}

/// What copies are made of.
enum Making<'a> {
    /// One prefix for all.
    Shared(Box<Shared>),
    /// A prefix of its own for each, with its marks.
    Marked(&'a Fingerprints<'a>),
}

impl Batch {
    /// Makes the folder, or goes on with the one that is there.
    pub(crate) fn open(folder: &Path, head: Head) -> Result<Self, Failure> {
        let (packages, path) = (folder.join(PACKAGES), folder.join(HEAD));
        fs::create_dir_all(&packages).map_err(|error| Failure::unwritable(&packages, &error))?;
        if path.exists() {
            let found = serde_json::from_slice::<Head>(&input::read_file(&path)?);
            let advice = "name another folder for another batch";
            let found = found.map_err(|error| bad_input(&format!("`{}`", path.display()), &error, advice))?;
            if found != head {
                let message =
                    format!("`{}` holds a batch of another release or another kind", folder.display());
                return Err(Failure::usage(message, advice));
            }
        } else {
            let json = serde_json::to_vec(&head).map_err(|error| failed(&error, "try again"))?;
            folder::put_file(&path, &json)?;
        }
        let path = folder.join(INDEX);
        let unwritable = |error| Failure::unwritable(&path, &error);
        let index =
            OpenOptions::new().append(true).create(true).read(true).open(&path).map_err(unwritable)?;
        let text = fs::read(&path).map_err(|error| Failure::unreadable(&path, &error))?;
        let (lines, whole) = read_index(&text).ok_or_else(|| {
            let message = format!("`{}` is not the index of a batch", path.display());
            Failure::usage(message, "restore it from a backup, or seal into another folder")
        })?;
        // A line that was cut off when a run ended is no line.
        index.set_len(whole as u64).map_err(unwritable)?;
        Ok(Self { folder: folder.to_owned(), head, lines, index })
    }

    /// The finished packages.
    pub(crate) fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Where the package of a line is.
    pub(crate) fn path(&self, line: &Line) -> PathBuf {
        self.folder.join(PACKAGES).join(&line.file)
    }

    /// Hashes what is finished, on all cores.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let check = |lines: &[Line]| lines.iter().try_for_each(|line| self.check_one(line));
        side_by_side(&self.lines, |lines| check(lines)).into_iter().collect()
    }

    fn check_one(&self, line: &Line) -> Result<(), Failure> {
        let path = self.path(line);
        if package_file::digest(&path)? == line.package {
            return Ok(());
        }
        let message = format!("`{}` is not the package that was sealed there", path.display());
        Err(Failure::failed(message, "restore it from a backup; its seal act is in the log and stays"))
    }

    /// Logs the seal acts that the log lacks of what is finished: those between the index and the log when a run was cut off.
    pub(crate) fn log<S: Store>(&self, journal: &mut Journal<S>) -> Result<usize, Failure> {
        let state = journal.state();
        let unlogged = self.lines.iter().filter(|line| state.proposal_of(&line.package).is_none());
        let unlogged = unlogged.cloned().collect::<Vec<_>>();
        unlogged.chunks(ROUND).try_for_each(|lines| log(journal, &self.head.proposal, lines))?;
        Ok(unlogged.len())
    }

    /// Seals what is missing; `told` hears after every round how many packages there are.
    pub(crate) fn seal<S: Store>(
        &mut self,
        sealer: &Sealer<'_>,
        order: &Order<'_>,
        journal: &mut Journal<S>,
        told: &mut dyn FnMut(usize),
    ) -> Result<usize, Failure> {
        let done = self.lines.iter().map(|line| line.receiver.clone()).collect::<BTreeSet<_>>();
        let missing = order.receivers.iter().filter(|(code, _)| !done.contains(code));
        // Numbers go on from the last one of this batch, and of other batches of the release as far as the log knows them.
        let logged = journal.state().sealed(&self.head.proposal).map_or(0, |sealed| sealed.packages().len());
        let last = self.lines.iter().map(|line| line.copy).max().unwrap_or(0);
        let first = last.max(u32::try_from(logged).unwrap_or(u32::MAX));
        let missing = missing.zip(first.saturating_add(1)..).collect::<Vec<_>>();
        if missing.is_empty() {
            return Ok(0);
        }
        let (making, bytes) = match order.marks {
            Some(marks) => (Making::Marked(marks), 1 << 21),
            None => {
                let shared = self.encrypt(sealer, order)?;
                let bytes = shared.group.prefix_bytes();
                (Making::Shared(Box::new(shared)), bytes)
            }
        };
        let round = usize::try_from(ROUND_BYTES / bytes.max(1)).unwrap_or(ROUND).clamp(1, ROUND);
        for round in missing.chunks(round) {
            let made = side_by_side(round, |part| {
                let mut randomness = OsRandomness::new()?;
                let one = |((receiver, key), copy): &(&(Code, OpenPublic), u32)| {
                    let Order { service, sealed_utc, .. } = *order;
                    let request =
                        CopyRequest { receiver, receiver_key: key, copy: *copy, sealed_utc, service };
                    self.make(sealer, &making, &request, &mut randomness)
                };
                part.iter().map(one).collect::<Result<Vec<_>, Failure>>()
            });
            let lines = made.into_iter().collect::<Result<Vec<_>, _>>()?.concat();
            self.finish(&lines)?;
            log(journal, &self.head.proposal, &lines)?;
            told(self.lines.len());
        }
        Ok(missing.len())
    }

    /// Encrypts the content once, for all copies of this run.
    fn encrypt(&self, sealer: &Sealer<'_>, order: &Order<'_>) -> Result<Shared, Failure> {
        let unwritable = |error| Failure::unwritable(&self.folder, &error);
        let prefix = tempfile::Builder::new().prefix(".tearline-").suffix(".tmp").tempfile_in(&self.folder);
        let mut prefix = prefix.map_err(unwritable)?;
        let mut out = io::BufWriter::with_capacity(1 << 20, prefix.as_file_mut());
        let group = group(sealer, order, &mut out)?;
        out.flush().map_err(unwritable)?;
        drop(out);
        Ok(Shared { group, prefix })
    }

    /// Makes one package under a name that no index has yet.
    fn make(
        &self,
        sealer: &Sealer<'_>,
        making: &Making<'_>,
        request: &CopyRequest<'_>,
        randomness: &mut OsRandomness,
    ) -> Result<Line, Failure> {
        let file = format!("{}-{:06}.tdf", request.receiver, request.copy);
        let path = self.folder.join(PACKAGES).join(format!(".{file}.part"));
        let unwritable = |error| Failure::unwritable(&path, &error);
        let mut out = File::create(&path).map_err(unwritable)?;
        let made = match making {
            Making::Shared(shared) => {
                let Shared { group, prefix } = shared.as_ref();
                let copy = sealer.copy(group, request, randomness).map_err(|error| not_sealed(&error))?;
                let copied = prefix.reopen().and_then(|mut prefix| io::copy(&mut prefix, &mut out));
                copied.map_err(unwritable)?;
                copy
            }
            Making::Marked(marks) => sealer
                .marked_copy(marks, request, &mut out, &InTurn, randomness)
                .map_err(|error| not_sealed(&error))?,
        };
        out.write_all(&made.tail).map_err(unwritable)?;
        Ok(Line { copy: request.copy, receiver: request.receiver.clone(), package: made.digest, file })
    }

    /// Makes a round durable: files, then names, then the index.
    fn finish(&mut self, lines: &[Line]) -> Result<(), Failure> {
        let packages = self.folder.join(PACKAGES);
        let parts =
            lines.iter().map(|line| packages.join(format!(".{}.part", line.file))).collect::<Vec<_>>();
        let finished = folder::sync_files(&packages, &parts).and_then(|()| {
            for (part, line) in parts.iter().zip(lines) {
                fs::rename(part, packages.join(&line.file))?;
            }
            folder::sync_folder(&packages)
        });
        finished.map_err(|error| Failure::unwritable(&packages, &error))?;
        let mut text = Vec::new();
        for line in lines {
            text.extend(serde_json::to_vec(line).map_err(|error| failed(&error, "try again"))?);
            text.push(b'\n');
        }
        let written = self.index.write_all(&text).and_then(|()| self.index.sync_all());
        written.map_err(|error| Failure::unwritable(&self.folder.join(INDEX), &error))?;
        self.lines.extend_from_slice(lines);
        Ok(())
    }
}

/// Encrypts the content once and writes the prefix.
pub(crate) fn group(
    sealer: &Sealer<'_>,
    order: &Order<'_>,
    out: &mut (dyn io::Write + Send),
) -> Result<Group, Failure> {
    let mut packed = Packed::new(order.names.clone(), order.files)
        .map_err(|error| bad_input("the content cannot be sealed", &error, error.advice()))?;
    sealer.group(&mut packed, out, &TwoCores, &mut OsRandomness::new()?).map_err(|error| not_sealed(&error))
}

/// Whose fault it is that something was not sealed.
pub(crate) fn not_sealed(error: &SealError) -> Failure {
    match error {
        SealError::Cryptography | SealError::Stream { .. } => failed(error, error.advice()),
        other => Failure::usage(with_causes(other), other.advice()),
    }
}

/// Logs the seal acts of some packages in one transaction.
fn log<S: Store>(journal: &mut Journal<S>, proposal: &Digest, lines: &[Line]) -> Result<(), Failure> {
    let state = journal.state();
    let agreed = state.agreed(proposal).or(state.sealed(proposal).map(office::Sealed::agreed));
    let advice = "see `tearline inbox` for what became of the proposal";
    let agreed = agreed.ok_or_else(|| Failure::usage("the release is not agreed any more", advice))?;
    let bodies = lines.iter().map(|line| agreed.seal(line.package)).collect();
    let answers = journal.acts(bodies).map_err(|error| failed(&error, error.advice()))?;
    match answers.into_iter().find_map(Result::err) {
        None => Ok(()),
        Some(refusal) => Err(Failure::usage(
            format!("the log refuses a package: rule `{}`: {}", refusal.rule(), with_causes(&refusal)),
            refusal.advice(),
        )),
    }
}

/// The lines of an index, and how many bytes of it they are; nothing for a text with a line that is none.
fn read_index(text: &[u8]) -> Option<(Vec<Line>, usize)> {
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
    let lines = text.get(..whole)?.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let lines = lines.map(|line| serde_json::from_slice::<Line>(line).ok()).collect::<Option<Vec<_>>>()?;
    // A name that leads elsewhere is not ours.
    let plain = |line: &Line| FileName::new(&line.file).is_ok() && !line.file.contains('/');
    lines.iter().all(plain).then_some((lines, whole))
}

/// Does a part of the work on each core; the answers in the order of the parts.
fn side_by_side<T: Sync, R: Send>(items: &[T], work: impl Fn(&[T]) -> R + Sync) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let parts = items.chunks(items.len().div_ceil(cores).max(1)).collect::<Vec<_>>();
    thread::scope(|scope| {
        let running = parts.iter().map(|part| scope.spawn(|| work(part))).collect::<Vec<_>>();
        // A panic of a thread is one of this program: it goes on here.
        running
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_that_was_cut_off_keeps_its_whole_lines() {
        let line = Line {
            copy: 1,
            receiver: Code::new("ACME").unwrap(),
            package: Digest::of(b"a"),
            file: "ACME-000001.tdf".to_owned(),
        };
        let mut text = serde_json::to_vec(&line).unwrap();
        text.push(b'\n');
        let whole = text.len();
        assert_eq!(read_index(&text), Some((vec![line.clone()], whole)));
        text.extend_from_slice(b"{\"copy\":2,");
        assert_eq!(read_index(&text), Some((vec![line.clone()], whole)));
        assert_eq!(read_index(b""), Some((Vec::new(), 0)));
        assert_eq!(read_index(b"{}\n"), None);
        let outside = Line { file: "../trust.json".to_owned(), ..line };
        let mut text = serde_json::to_vec(&outside).unwrap();
        text.push(b'\n');
        assert_eq!(read_index(&text), None);
    }

    #[test]
    fn every_item_is_worked_on_once_and_in_order() {
        for count in 0..20 {
            let items = (0..count).collect::<Vec<_>>();
            assert_eq!(side_by_side(&items, <[i32]>::to_vec).concat(), items);
        }
    }
}
