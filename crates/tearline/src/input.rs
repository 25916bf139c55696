//! What a command reads: the specification, the files it names, a pattern; each with its digest.
//!
//! Sections of the specification that this version cannot honour are refused here, for every command: a declared
//! attacker that is silently left out would make an unsafe table look safe.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use disclosure::audit::{Audit, Finding, audit, audit_against};
use disclosure::budget::Budget;
use disclosure::fraction::Fraction;
use disclosure::pattern::Pattern;
use disclosure::problem::Problem;
use disclosure::protect::{CannotProtect, Protected, protect, protect_against};
use disclosure::solver::Highs;
use disclosure::table::CellId;
use intake::limits::FILE_BYTES_MAX;
use intake::spec::{Method, Specification};
use intake::{FileError, Files, Loaded};
use ledger::Digest;

use crate::document::report::InputFile;
use crate::failure::Failure;
use crate::history::{self, Before, Ledger};
use crate::opposition::Opposition;

/// Files below a folder.
struct Folder {
    base: PathBuf,
}

/// Files of any kind, and what was read of them.
struct Recorder<'f> {
    inner: &'f dyn Files,
    read: RefCell<Read>,
}

#[derive(Default)]
struct Read {
    /// In the order of first reading.
    names: Vec<String>,
    files: BTreeMap<String, InputFile>,
}

impl<'f> Recorder<'f> {
    fn new(inner: &'f dyn Files) -> Self {
        Self { inner, read: RefCell::default() }
    }

    fn record(&self, name: &str, bytes: &[u8]) {
        let mut read = self.read.borrow_mut();
        let file = InputFile {
            name: name.to_owned(),
            bytes: bytes.len() as u64,
            sha256: Digest::of(bytes).to_string(),
        };
        if read.files.insert(name.to_owned(), file).is_none() {
            read.names.push(name.to_owned());
        }
    }

    fn files(&self) -> Vec<InputFile> {
        let read = self.read.borrow();
        read.names.iter().filter_map(|name| read.files.get(name).cloned()).collect()
    }
}

impl Files for Folder {
    fn read(&self, name: &str) -> Result<Vec<u8>, FileError> {
        // One byte more than intake takes: it says the limit.
        bounded(&self.base.join(name), FILE_BYTES_MAX).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => FileError::Missing,
            _ => FileError::Unreadable(error.to_string()),
        })
    }
}

impl Files for Recorder<'_> {
    fn read(&self, name: &str) -> Result<Vec<u8>, FileError> {
        let bytes = self.inner.read(name)?;
        self.record(name, &bytes);
        Ok(bytes)
    }
}

/// The file's bytes, at most one more than `limit`, so that memory stays bounded.
fn bounded(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The bytes of a file, at most one more than `limit`: whoever judges them refuses what is longer.
pub(crate) fn read_at_most(path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
    bounded(path, limit).map_err(|error| Failure::unreadable(path, &error))
}

/// The bytes of one file named on the command line.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = read_at_most(path, FILE_BYTES_MAX)?;
    if bytes.len() > FILE_BYTES_MAX {
        let message = format!("`{}` has more than {FILE_BYTES_MAX} bytes", path.display());
        return Err(Failure::usage(message, "split the file"));
    }
    Ok(bytes)
}

/// A specification and everything that follows from it.
pub(crate) struct Input {
    /// What was read.
    pub(crate) loaded: Loaded,
    /// The protection problem.
    pub(crate) problem: Problem,
    /// Whom it must withstand beside the rules.
    pub(crate) opposition: Option<Opposition>,
    /// What was released before.
    pub(crate) ledger: Option<Ledger>,
    /// The files, the specification first.
    pub(crate) files: Vec<InputFile>,
    /// SHA-256 of the digests of all files in that order: the specification names them, so it covers the names.
    pub(crate) digest: Digest,
}

/// What a specification and its files say, before anything is made of it.
pub(crate) struct ReadInput {
    /// What was read.
    pub(crate) loaded: Loaded,
    /// Releases made earlier.
    before: Vec<Before>,
    /// The files, the specification first.
    pub(crate) files: Vec<InputFile>,
    /// SHA-256 of the digests of all files in that order.
    pub(crate) digest: Digest,
}

/// Reads a specification and its files, whatever it asks for.
pub(crate) fn read(spec: &Path) -> Result<ReadInput, Failure> {
    let (name, folder) = specification_file(spec)?;
    read_from(&name, &spec.display().to_string(), &folder)
}

fn specification_file(spec: &Path) -> Result<(String, Folder), Failure> {
    let Some(name) = spec.file_name() else {
        let message = format!("`{}` is not a file", spec.display());
        return Err(Failure::usage(message, "name a specification (TOML)"));
    };
    // A misspelt path of the specification itself is no fault inside it.
    File::open(spec).map_err(|error| Failure::unreadable(spec, &error))?;
    let folder = Folder { base: spec.parent().unwrap_or(Path::new("")).to_owned() };
    Ok((name.to_string_lossy().into_owned(), folder))
}

fn read_from(name: &str, shown: &str, files: &dyn Files) -> Result<ReadInput, Failure> {
    let recorder = Recorder::new(files);
    let loaded =
        intake::load(name, &recorder).map_err(|faults| Failure::faults(format!("`{shown}`"), faults))?;
    let before = history::read(&loaded, &recorder)?;
    let files = recorder.files();
    let listed: String = files.iter().map(|file| format!("{}\n", file.sha256)).collect();
    Ok(ReadInput { loaded, before, files, digest: Digest::of(listed.as_bytes()) })
}

impl Input {
    /// Reads a specification and its files.
    pub(crate) fn read(spec: &Path) -> Result<Self, Failure> {
        let (name, folder) = specification_file(spec)?;
        Self::load(&name, &spec.display().to_string(), &folder)
    }

    /// Reads a specification and its files wherever they are, in memory for instance; `shown` is what faults call it.
    pub(crate) fn load(name: &str, shown: &str, files: &dyn Files) -> Result<Self, Failure> {
        let ReadInput { loaded, before, files, digest } = read_from(name, shown, files)?;
        refuse_unsupported(&loaded.specification)?;
        let problem = loaded.problem().map_err(|error| {
            let cause =
                std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
            Failure::usage(format!("`{shown}` makes no table: {error}{cause}"), error.advice())
        })?;
        let opposition = Opposition::of(&loaded, &problem)?;
        let ledger = Ledger::of(&loaded, opposition.as_ref(), &before)?;
        let problem = match &ledger {
            Some(ledger) => settle(problem, ledger)?,
            None => problem,
        };
        Ok(Self { loaded, problem, opposition, ledger, files, digest })
    }

    /// Searches a pattern that keeps to the rules and withstands every attacker.
    ///
    /// # Errors
    /// As [`protect`] and [`protect_against`].
    pub(crate) fn protect(&self, budget: &Budget<'_>) -> Result<Protected, CannotProtect> {
        match &self.opposition {
            Some(opposition) => protect_against(&self.problem, &opposition.opponents(), &Highs, budget),
            None => protect(&self.problem, &Highs, budget),
        }
    }

    /// Audits a pattern against the rules and every attacker.
    ///
    /// # Errors
    /// A cell in need of protection that is out already.
    pub(crate) fn audit(&self, pattern: &Pattern, budget: &Budget<'_>) -> Result<Audit, Failure> {
        let Some(opposition) = &self.opposition else {
            return Ok(audit(&self.problem, pattern, &Highs, budget));
        };
        audit_against(&self.problem, &opposition.opponents(), pattern, &Highs, budget)
            .map_err(|error| Failure::usage(error.to_string(), error.advice()))
    }

    /// Who learns too much, by a finding of an audit.
    pub(crate) fn attacker(&self, finding: &Finding) -> &str {
        let coalitions = self.opposition.as_ref().map(|opposition| &opposition.coalitions);
        let coalition = coalitions.zip(finding.coalition).and_then(|(all, number)| all.get(number));
        coalition.map_or("outsider", |coalition| &coalition.id)
    }

    /// Who is exposed, by a finding of an audit.
    pub(crate) fn victim(&self, finding: &Finding) -> &str {
        let unit = self.opposition.as_ref().zip(finding.victim);
        unit.map_or("the contributors of this cell", |(opposition, victim)| opposition.unit(victim.unit.0))
    }

    /// Reads a pattern of this table.
    pub(crate) fn pattern(&self, path: &Path) -> Result<Pattern, Failure> {
        File::open(path).map_err(|error| Failure::unreadable(path, &error))?;
        let files = Folder { base: PathBuf::new() };
        let name = path.to_string_lossy();
        intake::pattern::read(&name, &files, self.problem.table())
            .map_err(|faults| Failure::faults(format!("`{name}`"), faults))
    }

    /// Refuses a specification that rounds, for commands that are about hidden cells.
    pub(crate) fn refuse_rounding(&self) -> Result<(), Failure> {
        match self.loaded.specification.method {
            Method::Rounding { .. } => Err(Failure::usage(
                "a rounded table hides nothing, so it has no pattern",
                "check a rounded release with `tearline certificate check`, or choose \"ranges\" or \"blanks\"",
            )),
            Method::Blanks | Method::Ranges => Ok(()),
        }
    }

    /// Digits after the point of every figure.
    pub(crate) fn decimals(&self) -> u32 {
        self.loaded.specification.decimals()
    }

    /// A number of whole units as text in the declared scale.
    pub(crate) fn amount(&self, units: i64) -> String {
        intake::decimal_text(units, self.decimals())
    }

    /// An exact amount in the declared scale: decimal where it has an end, else a fraction of whole units.
    pub(crate) fn fraction(&self, fraction: Fraction) -> String {
        let units = i64::try_from(fraction.numerator()).ok();
        match units.filter(|_| fraction.denominator() == 1) {
            Some(units) => self.amount(units),
            None if self.decimals() == 0 => fraction.to_string(),
            None => {
                let scale = 10_i128.checked_pow(self.decimals()).unwrap_or(1);
                let scaled = fraction.over(Fraction::whole(scale));
                scaled.map_or_else(|| format!("{fraction}e-{}", self.decimals()), |scaled| scaled.to_string())
            }
        }
    }

    /// The unit of a cell; empty where none is declared.
    pub(crate) fn unit(&self, cell: CellId) -> &str {
        self.loaded.unit(&self.problem.table().coordinates(cell)).unwrap_or_default()
    }
}

/// Cells whose figures stayed the same stay as they were, unless the specification settles them itself.
fn settle(problem: Problem, ledger: &Ledger) -> Result<Problem, Failure> {
    let mut settled = ledger.settled(problem.table());
    settled.retain(|(cell, _)| problem.fixed(*cell).is_none());
    problem.with_fixed(settled).map_err(|error| Failure::usage(error.to_string(), error.advice()))
}

fn refuse_unsupported(specification: &Specification) -> Result<(), Failure> {
    let refuse = |section: &str, advice: &str| {
        Err(Failure::usage(
            format!("{section} is not supported by this version, and is never ignored"),
            advice,
        ))
    };
    let rounding = matches!(specification.method, Method::Rounding { .. });
    if rounding && !specification.history.is_empty() {
        return refuse(
            "[history] beside rounding",
            "do not round a table of which readers hold an earlier one",
        );
    }
    if rounding && specification.search.fixed.is_some() {
        return refuse("[search] fixed beside rounding", "do not round a table of which readers know cells");
    }
    Ok(())
}
