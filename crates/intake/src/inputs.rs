//! Awkward inputs, described in short phrases, answered by the real reader.
//!
//! A document of schema `tearline-inputs/1` has a `base` (columns, contributors, code trees, units) and cases
//! whose `input` says what is awkward: a row, a code list, a header, a parameter. `phrase` understands the
//! phrases, `scenario` writes real files from base and phrase, and [`crate::load()`] reads them; the answer is
//! what it found. Nothing else of a case is looked at, and there is no table of answers. A phrase outside the
//! grammar gets the code `not-understood` and no severity.
//!
//! A phrase may name several alternatives. Values (`p = -1, p = 0`) are answered by the worst, since each must be
//! refused on its own account. Forms of the same file (encodings, line ends) are answered by what most of them
//! get, the worse on a tie.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::codes::CommonLeaves;
use crate::fault::{Fault, Severity};
use crate::files::FilesInMemory;
use crate::limits::CASES_MAX;
use crate::load::load;

mod phrase;
mod scenario;
mod world;

/// The schema this module reads.
pub const SCHEMA: &str = "tearline-inputs/1";

/// What the reader says of one case; the shape of the document that is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// `reject`, `hold`, `warn` or `accept`; nothing for a phrase that is not understood.
    pub severity: Option<String>,
    /// The code of the first fault of that severity; nothing for `accept`.
    pub code: Option<String>,
}

/// Why a document of cases is not answered.
#[derive(Debug, thiserror::Error)]
pub enum InputsError {
    /// Not JSON, or not of this shape.
    #[error("the document is not a list of inputs")]
    Shape(#[source] serde_json::Error),
    /// Another schema.
    #[error("schema `{found}` is not known")]
    Schema {
        /// The schema named.
        found: String,
    },
    /// More cases than are taken.
    #[error("more than {limit} cases")]
    TooMany {
        /// The most that are taken.
        limit: usize,
    },
    /// The base is not understood.
    #[error("the base clause `{clause}` is not understood")]
    Base {
        /// The clause.
        clause: String,
    },
}

impl InputsError {
    /// What the writer of the document can do.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Shape(_) => {
                "give a JSON object with `schema`, `base` and `cases`, each with `id` and `input`"
            }
            Self::Schema { .. } => "write the schema tearline-inputs/1",
            Self::TooMany { .. } => "split the document",
            Self::Base { .. } => {
                "write `columns`, `known`, `tree` and `unit of` clauses, separated by semicolons"
            }
        }
    }
}

#[derive(Deserialize)]
struct Document {
    schema: String,
    base: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    input: String,
}

/// Answers every case of a document, by id.
///
/// # Errors
/// A document that is not of the schema, or whose base is not understood.
pub fn answers(document: &[u8]) -> Result<BTreeMap<String, Answer>, InputsError> {
    let document: Document = serde_json::from_slice(document).map_err(InputsError::Shape)?;
    if document.schema != SCHEMA {
        return Err(InputsError::Schema { found: document.schema });
    }
    if document.cases.len() > CASES_MAX {
        return Err(InputsError::TooMany { limit: CASES_MAX });
    }
    let world = world::World::parse(&document.base).map_err(|clause| InputsError::Base { clause })?;
    Ok(document.cases.into_iter().map(|case| (case.id, answer(&world, &case.input))).collect())
}

fn answer(world: &world::World, input: &str) -> Answer {
    let Some(understood) = phrase::understand(world, input) else {
        return Answer { severity: None, code: Some("not-understood".to_owned()) };
    };
    let found: Vec<Found> = understood
        .drafts
        .iter()
        .map(|draft| judge(&draft.build(world), draft.build_earlier(world).as_ref()))
        .collect();
    let count = |one: &Found| found.iter().filter(|other| *other == one).count();
    let chosen = match understood.combine {
        phrase::Combine::Worst => found.iter().max_by_key(|one| one.severity),
        phrase::Combine::Most => found.iter().max_by_key(|one| (count(one), one.severity)),
    };
    match chosen {
        Some(Found { severity: Some(severity), code }) => {
            Answer { severity: Some(severity.word().to_owned()), code: Some((*code).to_owned()) }
        }
        _ => Answer { severity: Some("accept".to_owned()), code: None },
    }
}

#[derive(Clone, PartialEq, Eq)]
struct Found {
    /// Nothing where the files are accepted without a word.
    severity: Option<Severity>,
    code: &'static str,
}

/// Name of the specification among the files of a scenario.
const SPECIFICATION: &str = "specification.toml";

/// What the reader says of files, and of their code lists beside those of an older release.
fn judge(files: &FilesInMemory, earlier: Option<&FilesInMemory>) -> Found {
    let worst = |faults: &[Fault]| {
        let severity = faults.iter().map(Fault::severity).max();
        let first = faults.iter().find(|fault| Some(fault.severity()) == severity);
        Found { severity, code: first.map_or("", Fault::code) }
    };
    match load(SPECIFICATION, files) {
        Err(faults) => worst(faults.all()),
        Ok(loaded) => {
            let mut holds = loaded.notes.holds.clone();
            match earlier.map(|files| load(SPECIFICATION, files)) {
                None => {}
                Some(Err(faults)) => return worst(faults.all()),
                Some(Ok(before)) => {
                    for (old, new) in before.lists.iter().zip(&loaded.lists) {
                        let mapped = CommonLeaves::new(old.hierarchy(), new.hierarchy(), SPECIFICATION);
                        holds.extend(mapped.err().unwrap_or_default());
                    }
                }
            }
            let held = worst(&holds);
            if held.severity.is_some() { held } else { worst(&loaded.notes.warnings) }
        }
    }
}
