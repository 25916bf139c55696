//! `tearline transfer`: packages over the gap, in numbered bundles; the guard on the other side lets one in whole or not at all.
//!
//! The guard has no key. It knows its own side (`side.json`), whom it trusts, and the number of the last bundle
//! (`guard.json`). A run that is cut off between two packages leaves whole packages and the old number: the same bundle
//! is let in again and completes.

use std::fs;
use std::path::{Path, PathBuf};

use label::{Classification, Policy};
use ledger::Digest;
use ledger::act::{Code, UtcTime};
use package::transfer::{self, BUNDLE_BYTES_MAX, ExportError, Refusal, Side};
use package::{SealKey, Trust};
use serde::{Deserialize, Serialize};

use crate::cli::sealed::{TransferExport, TransferImport};
use crate::commands::verify::read_trust;
use crate::document::office::{RefusalLine, TRANSFER_SCHEMA, TransferDocument};
use crate::failure::{Answer, Failure};
use crate::folder::{self};
use crate::input;
use crate::office_shell::clock::{Clock as _, SystemClock};
use crate::office_shell::keys;
use crate::office_shell::passphrase::{Passphrase, Purpose};
use crate::office_shell::{bad_input, failed};
use crate::terminal::{Terminal, Tone, shell_word};

const SIDE_SCHEMA: &str = "tearline-side/1";
const GUARD_SCHEMA: &str = "tearline-guard/1";
/// Where the guard keeps the number of the last bundle.
pub(crate) const GUARD: &str = "guard.json";
/// Where packages are put.
pub(crate) const PACKAGES: &str = "packages";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SideWire {
    schema: String,
    name: Code,
    policy: String,
    highest: String,
    releasable_to: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GuardWire {
    schema: String,
    side: Code,
    last: u64,
}

/// Reads the description of a side.
pub(crate) fn read_side(path: &Path) -> Result<Side, Failure> {
    let bytes = input::read_file(path)?;
    let shown = format!("`{}`", path.display());
    let advice = "write it as `tearline transfer --help` shows it";
    let wire: SideWire = serde_json::from_slice(&bytes).map_err(|error| bad_input(&shown, &error, advice))?;
    if wire.schema != SIDE_SCHEMA {
        return Err(Failure::usage(format!("{shown} is not of schema `{SIDE_SCHEMA}`"), advice));
    }
    let highest = Policy::new(&wire.policy).and_then(|policy| Classification::new(policy, &wire.highest));
    let highest = highest.map_err(|error| bad_input(&shown, &error, advice))?;
    Ok(Side { name: wire.name, highest, releasable_to: wire.releasable_to.into_iter().collect() })
}

/// The description of a side as a file.
pub(crate) fn side_json(side: &Side) -> Result<Vec<u8>, Failure> {
    let wire = SideWire {
        schema: SIDE_SCHEMA.to_owned(),
        name: side.name.clone(),
        policy: side.highest.policy().name().to_owned(),
        highest: side.highest.name().to_owned(),
        releasable_to: side.releasable_to.iter().cloned().collect(),
    };
    json(&wire)
}

fn json(wire: &impl Serialize) -> Result<Vec<u8>, Failure> {
    let mut bytes = serde_json::to_vec_pretty(wire).map_err(|error| failed(&error, "try again"))?;
    bytes.push(b'\n');
    Ok(bytes)
}

pub(super) fn export(arguments: &TransferExport, terminal: &Terminal) -> Result<Answer, Failure> {
    let (side, trust) = (read_side(&arguments.side)?, read_trust(&arguments.trust)?);
    let packages = arguments.packages.iter().map(|path| input::read_at_most(path, BUNDLE_BYTES_MAX));
    let packages = packages.collect::<Result<Vec<_>, _>>()?;
    let passphrase =
        Passphrase::obtain(arguments.passphrase_file.as_deref(), Purpose::Open, &shell_word(&arguments.key))?;
    let key = keys::seal_key(&keys::open(&arguments.key, &passphrase)?)?;
    let outbox = Outbox::open(&arguments.out)?;
    let made = outbox.make(&packages, &side, SystemClock.now()?, &key, &trust);
    let mut document = TransferDocument {
        schema: TRANSFER_SCHEMA,
        verdict: "exported",
        dry_run: arguments.dry_run,
        side: side.name.to_string(),
        sequence: outbox.next,
        files: Vec::new(),
        refusals: Vec::new(),
    };
    match made {
        Ok(bundle) => {
            let path = outbox.path();
            if !arguments.dry_run {
                outbox.put(&bundle)?;
                document.files.push(path.display().to_string());
            }
        }
        Err(ExportError::WouldBeRefused { refusals }) => {
            document.verdict = "refused";
            document.refusals = refusals.iter().map(refusal_line).collect();
        }
        Err(error @ ExportError::Packages) => {
            return Err(bad_input("no bundle was made", &error, error.advice()));
        }
        Err(error @ ExportError::Cryptography) => return Err(failed(&error, error.advice())),
    }
    Ok(answer(&document, terminal))
}

/// Bundles on this side of the gap, each with its number.
pub(crate) struct Outbox {
    folder: PathBuf,
    next: u64,
}

impl Outbox {
    /// Looks for the number that comes next; makes the folder if it is not there.
    pub(crate) fn open(folder: &Path) -> Result<Self, Failure> {
        fs::create_dir_all(folder).map_err(|error| Failure::unwritable(folder, &error))?;
        let mut last = 0;
        for entry in fs::read_dir(folder).map_err(|error| Failure::unreadable(folder, &error))? {
            let name = entry.map_err(|error| Failure::unreadable(folder, &error))?.file_name();
            let name = name.to_string_lossy();
            let number = name.strip_prefix("bundle-").and_then(|rest| rest.strip_suffix(".zip"));
            last = last.max(number.and_then(|digits| digits.parse().ok()).unwrap_or(0));
        }
        Ok(Self { folder: folder.to_owned(), next: last + 1 })
    }

    /// Where the next bundle goes.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.join(format!("bundle-{:06}.zip", self.next))
    }

    /// The next bundle.
    pub(crate) fn make(
        &self,
        packages: &[Vec<u8>],
        side: &Side,
        made_utc: UtcTime,
        key: &SealKey,
        trust: &Trust,
    ) -> Result<Vec<u8>, ExportError> {
        let packages = packages.iter().map(Vec::as_slice).collect::<Vec<_>>();
        transfer::export(&packages, side, self.next, made_utc, key, trust)
    }

    /// Puts it there.
    pub(crate) fn put(&self, bundle: &[u8]) -> Result<(), Failure> {
        folder::put_file(&self.path(), bundle)
    }
}

pub(super) fn import(arguments: &TransferImport, terminal: &Terminal) -> Result<Answer, Failure> {
    let (side, trust) = (read_side(&arguments.side)?, read_trust(&arguments.trust)?);
    let bundle = input::read_at_most(&arguments.bundle, BUNDLE_BYTES_MAX)?;
    let guard = Guard::open(&arguments.portal, side, trust)?;
    let mut document = TransferDocument {
        schema: TRANSFER_SCHEMA,
        verdict: "imported",
        dry_run: arguments.dry_run,
        side: guard.side.name.to_string(),
        sequence: guard.last + 1,
        files: Vec::new(),
        refusals: Vec::new(),
    };
    match guard.judge(&bundle) {
        Ok(imported) if arguments.dry_run => document.sequence = imported.sequence,
        Ok(imported) => {
            let files = guard.let_in(&imported)?;
            document.files = files.iter().map(|path| path.display().to_string()).collect();
        }
        Err(refusals) => {
            document.verdict = "refused";
            document.refusals = refusals.iter().map(refusal_line).collect();
        }
    }
    Ok(answer(&document, terminal))
}

/// The guard of a side.
pub(crate) struct Guard {
    portal: PathBuf,
    side: Side,
    trust: Trust,
    last: u64,
}

impl Guard {
    /// Takes up its post at a folder.
    pub(crate) fn open(portal: &Path, side: Side, trust: Trust) -> Result<Self, Failure> {
        let path = portal.join(GUARD);
        let last = if path.exists() {
            let bytes = input::read_file(&path)?;
            let shown = format!("`{}`", path.display());
            let advice = "restore it from a backup: without the number an old bundle could come in again";
            let wire: GuardWire =
                serde_json::from_slice(&bytes).map_err(|error| bad_input(&shown, &error, advice))?;
            if wire.schema != GUARD_SCHEMA || wire.side != side.name {
                return Err(Failure::usage(format!("{shown} is of another side or schema"), advice));
            }
            wire.last
        } else {
            0
        };
        Ok(Self { portal: portal.to_owned(), side, trust, last })
    }

    /// Whether a bundle may come in, or every reason why not.
    pub(crate) fn judge<'a>(&self, bundle: &'a [u8]) -> Result<transfer::Imported<'a>, Vec<Refusal>> {
        transfer::import(bundle, &self.side, self.last + 1, &self.trust)
    }

    /// Puts the packages of a bundle in place, then its number.
    pub(crate) fn let_in(&self, imported: &transfer::Imported<'_>) -> Result<Vec<PathBuf>, Failure> {
        let folder = self.portal.join(PACKAGES);
        fs::create_dir_all(&folder).map_err(|error| Failure::unwritable(&folder, &error))?;
        let mut paths = Vec::new();
        for (digest, bytes) in &imported.packages {
            let path = folder.join(self.name(digest, bytes));
            folder::put_file(&path, bytes)?;
            paths.push(path);
        }
        let wire = GuardWire {
            schema: GUARD_SCHEMA.to_owned(),
            side: self.side.name.clone(),
            last: imported.sequence,
        };
        folder::put_file(&self.portal.join(GUARD), &json(&wire)?)?;
        Ok(paths)
    }

    /// Receiver and the beginning of the digest: what a portal needs to hand a package to the right door.
    fn name(&self, digest: &Digest, bytes: &[u8]) -> String {
        let digest = digest.to_string();
        let short = digest.get(..16).unwrap_or(&digest);
        match package::verify(bytes, &self.trust) {
            Ok(verified) => format!("{}-{short}.tdf", verified.statement().receiver),
            Err(_) => format!("{short}.tdf"),
        }
    }
}

fn refusal_line(refusal: &Refusal) -> RefusalLine {
    RefusalLine {
        rule: refusal.rule.as_str(),
        package_sha256: refusal.package.map(|digest| digest.to_string()),
        detail: refusal.detail.clone(),
        advice: refusal.rule.advice().to_owned(),
    }
}

fn answer(document: &TransferDocument, terminal: &Terminal) -> Answer {
    if terminal.json() {
        terminal.document(document);
    } else if document.verdict == "refused" {
        let word = terminal.out_word(Tone::Bad, "refused");
        terminal.answer(&format!("{word}: nothing goes to {}", document.side));
        for RefusalLine { rule, package_sha256, detail, advice } in &document.refusals {
            let about =
                package_sha256.as_deref().map(|digest| format!(" (package {digest})")).unwrap_or_default();
            terminal.answer(&format!("  {rule}{about}: {detail}"));
            terminal.answer(&format!("    advice: {advice}"));
        }
    } else {
        let word = terminal.out_word(Tone::Good, document.verdict);
        let dry = if document.dry_run { ", dry run: nothing was written" } else { "" };
        terminal.answer(&format!("{word}: bundle {} for {}{dry}", document.sequence, document.side));
        for file in &document.files {
            terminal.answer(&format!("  {file}"));
        }
    }
    if document.verdict == "refused" { Answer::No } else { Answer::Yes }
}
