//! Earlier releases: read from the folders that `protect` wrote, judged together with a draft, and what a folder keeps so
//! that the next release can do the same.

use disclosure::hierarchy::Hierarchy;
use disclosure::knowledge::{
    Attacker, Breach, Finding, Kind, Policy, Rational, RegionError, quantities, structure,
};
use disclosure::problem::Fixed;
use disclosure::table::{CellId, Table};
use intake::history::{self, Dated, Earlier, HistoryError, Past, Said};
use intake::limits::FILE_BYTES_MAX;
use intake::{Content, FileError, Files, Loaded};
use ledger::Digest;

use crate::clock::Stopwatch;
use crate::code_table::FaultLines;
use crate::document::Code;
use crate::document::audit::Interval;
use crate::document::error::FaultLine;
use crate::document::history::{
    AttackerDocument, CodeDocument, ExposedDocument, HistoryDocument, SCHEMA, UnionDocument, VariableDocument,
};
use crate::failure::Failure;
use crate::input::Input;
use crate::opposition::Opposition;
use crate::release::{self, CELLS};
use crate::statement::{Statement, Statements};

/// The most that judging all releases together may take: exact arithmetic on large unions takes longer than people
/// wait.
const JUDGING_MS_MAX: u64 = 600_000;

/// Where it stands in the folder of a release.
pub(crate) const HISTORY: &str = "internal/history.json";

/// Cells times records times vintages, at most: what the exact model goes through to list the quantities.
const SIZE_MAX: usize = 400_000_000;

/// Units that must have revised before the change of a total may be told.
const REVISERS_MIN: usize = 3;

/// A release made earlier, with the digest of its statements.
pub(crate) struct Before {
    earlier: Earlier,
    statements: Digest,
}

/// Everything earlier, ready to be judged together with a draft.
pub(crate) struct Ledger {
    past: Past,
    attackers: Vec<Attacker>,
    policy: Policy,
    statements: Vec<Digest>,
}

/// Reads the releases that a specification names.
pub(crate) fn read(loaded: &Loaded, files: &dyn Files) -> Result<Vec<Before>, Failure> {
    loaded.specification.history.iter().map(|folder| read_one(loaded, folder, files)).collect()
}

fn read_one(loaded: &Loaded, folder: &str, files: &dyn Files) -> Result<Before, Failure> {
    let folder = folder.trim_end_matches('/');
    let cells = format!("{folder}/{CELLS}");
    let missing = |error: &FileError| {
        Failure::usage(
            format!("`{cells}` cannot be read: {error}"),
            "name the folder of a release in [history], relative to the specification",
        )
    };
    let bytes = files.read(&cells).map_err(|error| missing(&error))?;
    refuse_long(&cells, &bytes)?;
    let names: Vec<&str> = loaded.lists.iter().map(|list| list.hierarchy().name()).collect();
    let said = release::read_coded(&cells, &bytes, &names, loaded.specification.decimals())
        .map_err(|faults| Failure::faults(format!("`{cells}`"), faults))?;
    let said = said.into_iter().map(|(codes, statement)| (codes, plain(statement))).collect();
    let statements = Digest::of(&bytes);
    let history = format!("{folder}/{HISTORY}");
    let (dated, codes) = match files.read(&history) {
        Ok(bytes) => left_behind(&history, &bytes, &statements)?,
        Err(FileError::Missing) => (Dated::Unknown, None),
        Err(error) => return Err(missing(&error)),
    };
    let earlier = Earlier { name: folder.to_owned(), dated, codes, said };
    Ok(Before { earlier, statements })
}

fn refuse_long(name: &str, bytes: &[u8]) -> Result<(), Failure> {
    if bytes.len() <= FILE_BYTES_MAX {
        return Ok(());
    }
    Err(Failure::usage(format!("`{name}` has more than {FILE_BYTES_MAX} bytes"), "it is no release of ours"))
}

/// What the folder says of the figures and codes behind it.
fn left_behind(
    name: &str,
    bytes: &[u8],
    statements: &Digest,
) -> Result<(Dated, Option<Vec<Hierarchy>>), Failure> {
    let unusable = |why: String| {
        Failure::usage(format!("`{name}` cannot be used: {why}"), "take the folder as `protect` wrote it")
    };
    refuse_long(name, bytes)?;
    let document: HistoryDocument =
        serde_json::from_slice(bytes).map_err(|error| unusable(error.to_string()))?;
    if document.schema != SCHEMA {
        return Err(unusable(format!("its schema is not {SCHEMA}")));
    }
    if document.statements_sha256 != statements.to_string() {
        return Err(unusable(format!("{CELLS} beside it was changed since")));
    }
    let mut trees = Vec::with_capacity(document.variables.len());
    for variable in &document.variables {
        let mut codes: Vec<(String, Option<usize>)> = Vec::with_capacity(variable.codes.len());
        let mut places = std::collections::BTreeMap::new();
        for (place, code) in variable.codes.iter().enumerate() {
            let parent = match &code.parent {
                None => None,
                Some(parent) => match places.get(parent.as_str()) {
                    Some(place) => Some(*place),
                    None => return Err(unusable(format!("`{parent}` stands after what is below it"))),
                },
            };
            places.insert(code.code.as_str(), place);
            codes.push((code.code.clone(), parent));
        }
        trees.push(Hierarchy::new(&variable.name, codes).map_err(|error| unusable(error.to_string()))?);
    }
    Ok((Dated::At(document.vintage), Some(trees)))
}

fn plain(statement: Statement) -> Said {
    match statement {
        Statement::Exact(value) => Said::Value(value),
        Statement::Range(range) | Statement::Rounded { range, .. } => Said::Range(range.low, range.high),
        Statement::Blank => Said::Hidden,
    }
}

impl Ledger {
    /// Puts what was read together with the figures; nothing where there was no earlier release.
    pub(crate) fn of(
        loaded: &Loaded,
        opposition: Option<&Opposition>,
        before: &[Before],
    ) -> Result<Option<Self>, Failure> {
        if before.is_empty() {
            return Ok(None);
        }
        Self::together(loaded, opposition, before).map(Some)
    }

    fn together(
        loaded: &Loaded,
        opposition: Option<&Opposition>,
        before: &[Before],
    ) -> Result<Self, Failure> {
        let Some(opposition) = opposition else {
            return Err(Failure::usage(
                "nothing says against whom and how well to protect",
                "add [guarantee] with p",
            ));
        };
        let earlier: Vec<Earlier> = before.iter().map(|one| one.earlier.clone()).collect();
        let past = Past::new(loaded, &earlier).map_err(failure)?;
        let vintages = match &loaded.content {
            Content::Figures(records) => records.vintages.len().max(1),
            Content::Cells(_) => 1,
        };
        let world = past.world();
        let size = world.lattice_len().saturating_mul(world.truth().len()).saturating_mul(vintages);
        if size > SIZE_MAX {
            return Err(Failure::usage(
                "the releases together are too large for the exact model",
                format!("cells times records times vintages may be {SIZE_MAX} at most, and are {size}"),
            ));
        }
        let attackers = opposition.coalitions.iter().map(history::attacker).collect();
        let policy = history::policy(&opposition.guarantee);
        let statements = before.iter().map(|one| one.statements).collect();
        Ok(Self { past, attackers, policy, statements })
    }

    /// What earlier releases settled of the cells of the table.
    pub(crate) fn settled(&self, table: &Table) -> Vec<(CellId, Fixed)> {
        let cells = table.cells().map(|cell| (cell, table.codes(cell).collect()));
        self.past.settled(cells)
    }

    /// What all releases and the draft tell together. Intervals are classified: only an audit asks for them.
    pub(crate) fn judge(&self, input: &Input, said: &Statements) -> Result<UnionDocument, Failure> {
        let table = input.problem.table();
        let draft =
            table.cells().map(|cell| (table.codes(cell).collect::<Vec<&str>>(), plain(said.of(cell))));
        let releases = self.past.with(draft).map_err(failure)?;
        let history = self.past.history(&releases).map_err(failure)?;
        let asked = quantities(self.past.world(), &releases, &self.policy);
        let mut exposed = Vec::new();
        let watch = Stopwatch::start();
        let stop = || watch.elapsed_ms() > JUDGING_MS_MAX;
        for attacker in &self.attackers {
            let found = history
                .exposures(attacker, &self.policy, &asked, &stop)
                .map_err(|error| unsettled(attacker, error))?;
            exposed.extend(found.iter().map(|finding| self.exposed(input, attacker, finding)));
        }
        let remedies = if exposed.is_empty() { Vec::new() } else { self.remedies(input, said, &exposed) };
        Ok(UnionDocument {
            releases: self.past.names().to_vec(),
            attackers: self.attackers.len() as u64,
            quantities: asked.len() as u64,
            exposed,
            remedies,
        })
    }

    /// Whom the equations alone give away, whatever the figures.
    pub(crate) fn structure(input: &Input, said: &Statements) -> Result<UnionDocument, Failure> {
        match &input.ledger {
            Some(ledger) => ledger.equations(input, said),
            None => Self::together(&input.loaded, input.opposition.as_ref(), &[])?.equations(input, said),
        }
    }

    fn equations(&self, input: &Input, said: &Statements) -> Result<UnionDocument, Failure> {
        let table = input.problem.table();
        let draft =
            table.cells().map(|cell| (table.codes(cell).collect::<Vec<&str>>(), plain(said.of(cell))));
        let releases = self.past.with(draft).map_err(failure)?;
        let history = self.past.history(&releases).map_err(failure)?;
        let asked = quantities(self.past.world(), &releases, &self.policy);
        let mut exposed = Vec::new();
        for attacker in &self.attackers {
            let polytope = history.polytope(attacker, self.policy.numbers);
            for quantity in structure::exact(self.past.world(), &polytope, attacker, &asked) {
                let finding = Finding { quantity, low: None, high: None, breach: None };
                exposed.push(self.exposed(input, attacker, &finding));
            }
        }
        let remedies = if exposed.is_empty() { Vec::new() } else { self.remedies(input, said, &exposed) };
        Ok(UnionDocument {
            releases: self.past.names().to_vec(),
            attackers: self.attackers.len() as u64,
            quantities: asked.len() as u64,
            exposed,
            remedies,
        })
    }

    fn exposed(&self, input: &Input, attacker: &Attacker, finding: &Finding<'_>) -> ExposedDocument {
        let (quantity, cell, vintages) = match &finding.quantity.kind {
            Kind::Cell(cell, vintage) => ("part", Some(cell), vec![*vintage]),
            Kind::Delta(cell, from, to) => ("change", Some(cell), vec![*from, *to]),
            Kind::Residual(cell, vintage) => ("hidden", Some(cell), vec![*vintage]),
            Kind::Extra(_) | Kind::Derived => ("part", None, Vec::new()),
        };
        let names = input.loaded.lists.iter().map(|list| list.hierarchy().name());
        let codes = cell.into_iter().flat_map(|cell| self.past.world().codes(cell));
        let codes = names
            .zip(codes)
            .map(|(variable, code)| Code { variable: variable.to_owned(), code: code.to_owned() });
        let victim =
            input.opposition.as_ref().map_or("", |opposition| opposition.unit(finding.quantity.unit.0));
        let interval = finding.low.as_ref().map(|low| Interval {
            low: amount(input, low),
            high: finding.high.as_ref().map(|high| amount(input, high)),
        });
        let vintages = vintages.into_iter().map(|vintage| self.past.vintage(vintage).to_owned());
        ExposedDocument {
            attacker: attacker.id.clone(),
            victim: victim.to_owned(),
            quantity,
            cell: codes.collect(),
            vintages: vintages.filter(|label| !label.is_empty()).collect(),
            fault: match finding.breach {
                Some(Breach::Exact) => "exact",
                Some(Breach::Upper) => "up",
                Some(Breach::Lower) => "down",
                None => "equations",
            },
            interval,
        }
    }

    /// What can be done, in the order to try (docs/METHOD.md, "Histories").
    fn remedies(&self, input: &Input, said: &Statements, exposed: &[ExposedDocument]) -> Vec<String> {
        let table = input.problem.table();
        let differs = self.settled(table).into_iter().any(|(cell, fixed)| {
            (fixed == Fixed::Published)
                != matches!(said.of(cell), Statement::Exact(_) | Statement::Rounded { .. })
        });
        let shown = table.cells().filter(|&cell| matches!(said.of(cell), Statement::Exact(_)));
        let revisers = self.past.revisers(shown.map(|cell| table.codes(cell).collect()));
        let mut remedies = Vec::new();
        if differs {
            remedies
                .push("use the old pattern again for every cell whose figures stayed the same".to_owned());
        }
        if let Some(least) = revisers {
            remedies.push("leave out the totals that were published before with other figures".to_owned());
            if least < REVISERS_MIN {
                remedies.push(format!(
                    "wait with a changed total until at least {REVISERS_MIN} units have revised: so far {least} did"
                ));
            }
            remedies.push("give such totals as ranges".to_owned());
        }
        let mut victims: Vec<&str> = exposed.iter().map(|one| one.victim.as_str()).collect();
        victims.sort_unstable();
        victims.dedup();
        remedies.push(format!("ask for a waiver: {}", victims.join(", ")));
        remedies
    }

    /// Digests of the statements of earlier releases.
    pub(crate) fn statements(&self) -> &[Digest] {
        &self.statements
    }
}

/// One line about a unit that is exposed.
pub(crate) fn line(exposed: &ExposedDocument) -> String {
    let codes: Vec<&str> = exposed.cell.iter().map(|code| code.code.as_str()).collect();
    let cell = codes.join("|");
    let what = match exposed.quantity {
        "change" => format!("the change of `{}` in cell `{cell}`", exposed.victim),
        "hidden" => format!("the part of `{}` in what is hidden below cell `{cell}`", exposed.victim),
        _ => format!("the part of `{}` in cell `{cell}`", exposed.victim),
    };
    let when = match exposed.vintages.as_slice() {
        [] => String::new(),
        [one] => format!(" at {one}"),
        [from, to, ..] => format!(" from {from} to {to}"),
    };
    let how = match exposed.fault {
        "exact" => "exactly",
        "equations" => "exactly, whatever the figures",
        "down" => "too closely from below",
        _ => "too closely from above",
    };
    format!("`{}` learns {what}{when} {how}", exposed.attacker)
}

/// The bytes of `internal/history.json`, for statements of these bytes.
pub(crate) fn write(input: &Input, cells: &[u8]) -> Result<Vec<u8>, Failure> {
    let (vintage, participation) = match &input.loaded.content {
        Content::Figures(records) => {
            let mut lines = String::new();
            for record in &records.latest {
                let who = records.contributors.get(record.contributor as usize);
                lines.push_str(who.map_or("", |who| who.code.as_str()));
                for (list, node) in input.loaded.lists.iter().zip(records.nodes(record)) {
                    lines.push('\t');
                    lines.push_str(list.hierarchy().code(node));
                }
                lines.push('\n');
            }
            (records.vintages.last().cloned(), lines)
        }
        Content::Cells(_) => (None, String::new()),
    };
    let attackers = input.opposition.iter().flat_map(|opposition| {
        opposition.coalitions.iter().map(|coalition| AttackerDocument {
            id: coalition.id.clone(),
            members: coalition.members.iter().map(|unit| opposition.unit(unit.0).to_owned()).collect(),
        })
    });
    let earlier = input.ledger.iter().flat_map(Ledger::statements);
    let document = HistoryDocument {
        schema: SCHEMA.to_owned(),
        vintage,
        variables: input.loaded.lists.iter().map(|list| variable(list.hierarchy())).collect(),
        attackers: attackers.collect(),
        participation_sha256: Digest::of(participation.as_bytes()).to_string(),
        statements_sha256: Digest::of(cells).to_string(),
        earlier_sha256: earlier.map(ToString::to_string).collect(),
    };
    let mut json = serde_json::to_vec_pretty(&document)
        .map_err(|error| Failure::failed(format!("cannot write `{HISTORY}`: {error}"), "try again"))?;
    json.push(b'\n');
    Ok(json)
}

fn variable(tree: &Hierarchy) -> VariableDocument {
    let codes: Vec<CodeDocument> = tree
        .nodes()
        .map(|node| CodeDocument {
            code: tree.code(node).to_owned(),
            parent: tree.parent(node).map(|parent| tree.code(parent).to_owned()),
        })
        .collect();
    let lines: String = codes
        .iter()
        .map(|one| format!("{}\t{}\n", one.code, one.parent.as_deref().unwrap_or_default()))
        .collect();
    VariableDocument { name: tree.name().to_owned(), sha256: Digest::of(lines.as_bytes()).to_string(), codes }
}

/// An exact amount of whole units in the declared scale.
fn amount(input: &Input, units: &Rational) -> String {
    let scale = 10_i64.checked_pow(input.decimals()).unwrap_or(1);
    units.over(&Rational::whole(scale)).unwrap_or(Rational::ZERO).text()
}

fn failure(error: HistoryError) -> Failure {
    match &error {
        HistoryError::Unmapped { release, faults } => {
            let lines: Vec<FaultLine> = faults.iter().map(FaultLine::from).collect();
            Failure::faults(format!("`{release}`"), FaultLines { lines, left_out: 0 })
        }
        _ => Failure::usage(error.to_string(), error.advice()),
    }
}

fn unsettled(attacker: &Attacker, error: RegionError) -> Failure {
    Failure::failed(
        format!("nothing can be said of `{}`: {error}", attacker.id),
        "nothing may be released that was not judged: hide more, or merge codes",
    )
}
