//! The proof of a lower bound as a file: JSON, schema `tearline-bound/1`, closed and bounded.
//!
//! Cells stand once, by their codes in the order of the table, and are named by place after that; relations by variable
//! and margin, with whole factors. Needs and figures are not in it but those of whoever checks. It is classified all the same:
//! it says which cells are sensitive, and its multipliers follow from the weights, so from figures where these are the cost.
//!
//! Reading makes no judgement: what a proof proves is for [`disclosure::bound::verify`] to say. What is read has one
//! form: no relation twice in a cut, every list of cells ascending, cases that form one tree.

use std::collections::{BTreeMap, BTreeSet};

use disclosure::bound::{Cut, Node, Proof};
use disclosure::component::Relation;
use disclosure::hierarchy::Hierarchy;
use disclosure::problem::{Direction, Problem, Requirement};
use disclosure::table::{CellId, Table};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::limits::{BOUND_BYTES_MAX, BOUND_DEPTH_MAX, BOUND_FACTOR_MAX};

/// The file's schema.
pub const SCHEMA: &str = "tearline-bound/1";

/// The file.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Name and version of this document.
    #[schemars(extend("const" = SCHEMA))]
    schema: String,
    /// The variables of the table.
    variables: Vec<String>,
    /// Cells that the proof names, each by its codes, in the order of the table.
    cells: Vec<Vec<String>>,
    /// Inequalities that every safe pattern satisfies.
    cuts: Vec<CutEntry>,
    /// The cases, the first of them the whole; none prove the bound 0.
    cases: Vec<CaseEntry>,
}

/// One inequality: the requirement and the relations that it follows from.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CutEntry {
    /// Place of the sensitive cell among the cells.
    cell: u32,
    /// Which way its interval must reach.
    direction: Way,
    /// Relations: place of the variable, place of the margin, factor.
    relations: Vec<(u32, u32, i64)>,
    /// Places of cells taken as hidden, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    assumed: Vec<u32>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Way {
    Up,
    Down,
}

/// One case.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum CaseEntry {
    /// Two further cases, by place, later in the list.
    Branch {
        /// Place of the cell.
        cell: u32,
        /// The case in which it is published.
        published: u32,
        /// The case in which it is hidden.
        hidden: u32,
    },
    /// Places of cuts with their multipliers, in parts of 65,536.
    Leaf(Vec<(u32, u64)>),
}

/// Why a file is no proof of this table, or a proof no file.
#[derive(Debug, thiserror::Error)]
pub enum BoundError {
    /// More bytes than are taken.
    #[error("the proof has more than {BOUND_BYTES_MAX} bytes")]
    TooLarge,
    /// Not JSON, or not of this shape.
    #[error("the file is not a proof of a bound")]
    Shape(#[source] serde_json::Error),
    /// Another schema.
    #[error("schema `{found}` is not known")]
    Schema {
        /// The schema named.
        found: String,
    },
    /// Other variables than the table's.
    #[error("the variables are not those of the table")]
    Variables,
    /// A cell that the table does not have, or that is out of order.
    #[error("cell {0} is not in the table or not in its order")]
    Cell(usize),
    /// A cut that names what is not there, a relation twice, or a factor that is 0 or too large.
    #[error("cut {0} names something unknown, twice or out of order, or has a factor out of bounds")]
    Cut(usize),
    /// A case outside the tree, named twice, or too deep.
    #[error("case {0} names something unknown, or is not in one tree of at most {BOUND_DEPTH_MAX} levels")]
    Case(usize),
}

impl BoundError {
    /// What to do about it.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::TooLarge => "check the release without its bound: that it is safe does not rest on it",
            Self::Schema { .. } => "check it with the version of the program that wrote it",
            Self::Shape(_) | Self::Variables | Self::Cell(_) | Self::Cut(_) | Self::Case(_) => {
                "take the file as `protect` wrote it, with the specification it was made from"
            }
        }
    }
}

/// The bytes of a proof of this table.
///
/// # Errors
/// [`BoundError::TooLarge`] for a proof that [`read`] would not take.
pub fn write(table: &Table, proof: &Proof) -> Result<Vec<u8>, BoundError> {
    let mut named = BTreeSet::new();
    for cut in &proof.cuts {
        named.insert(cut.requirement.cell);
        named.extend(cut.steps.iter().map(|(relation, _)| relation.margin));
        named.extend(&cut.assumed);
    }
    named.extend(proof.nodes.iter().filter_map(|node| match node {
        Node::Branch { cell, .. } => Some(*cell),
        Node::Leaf { .. } => None,
    }));
    let places: BTreeMap<CellId, u32> = named.iter().copied().zip(0..).collect();
    // Every cell that is asked for was named above.
    let place = |cell: &CellId| places.get(cell).copied().unwrap_or(u32::MAX);
    let relation = |(relation, factor): &(Relation, i64)| {
        (u32::try_from(relation.variable).unwrap_or(u32::MAX), place(&relation.margin), *factor)
    };
    let document = Document {
        schema: SCHEMA.to_owned(),
        variables: table.hierarchies().iter().map(|tree| tree.name().to_owned()).collect(),
        cells: named.iter().map(|&cell| table.codes(cell).map(str::to_owned).collect()).collect(),
        cuts: proof
            .cuts
            .iter()
            .map(|cut| CutEntry {
                cell: place(&cut.requirement.cell),
                direction: match cut.requirement.direction {
                    Direction::Up => Way::Up,
                    Direction::Down => Way::Down,
                },
                relations: cut.steps.iter().map(relation).collect(),
                assumed: cut.assumed.iter().map(place).collect(),
            })
            .collect(),
        cases: proof
            .nodes
            .iter()
            .map(|node| match node {
                Node::Branch { cell, published, hidden } => {
                    CaseEntry::Branch { cell: place(cell), published: *published, hidden: *hidden }
                }
                Node::Leaf { multipliers } => CaseEntry::Leaf(multipliers.clone()),
            })
            .collect(),
    };
    let mut bytes = serde_json::to_vec(&document).map_err(BoundError::Shape)?;
    bytes.push(b'\n');
    if bytes.len() > BOUND_BYTES_MAX { Err(BoundError::TooLarge) } else { Ok(bytes) }
}

/// Reads a proof for this problem; needs are those of the problem.
///
/// # Errors
/// The first thing that is wrong with the file.
pub fn read(bytes: &[u8], problem: &Problem) -> Result<Proof, BoundError> {
    if bytes.len() > BOUND_BYTES_MAX {
        return Err(BoundError::TooLarge);
    }
    let document: Document = serde_json::from_slice(bytes).map_err(BoundError::Shape)?;
    if document.schema != SCHEMA {
        return Err(BoundError::Schema { found: document.schema.chars().take(40).collect() });
    }
    let table = problem.table();
    if !table.hierarchies().iter().map(Hierarchy::name).eq(document.variables.iter().map(String::as_str)) {
        return Err(BoundError::Variables);
    }
    let cells = cells(table, &document.cells)?;
    let mut cuts = Vec::with_capacity(document.cuts.len());
    for (number, entry) in document.cuts.iter().enumerate() {
        cuts.push(cut(problem, &cells, entry).ok_or(BoundError::Cut(number))?);
    }
    let nodes = nodes(document.cases, &cells, cuts.len())?;
    Ok(Proof { cuts, nodes })
}

fn cells(table: &Table, entries: &[Vec<String>]) -> Result<Vec<CellId>, BoundError> {
    let mut cells: Vec<CellId> = Vec::with_capacity(entries.len());
    for (number, codes) in entries.iter().enumerate() {
        let cell = cell(table, codes).filter(|cell| cells.last().is_none_or(|last| last < cell));
        cells.push(cell.ok_or(BoundError::Cell(number))?);
    }
    Ok(cells)
}

fn cell(table: &Table, codes: &[String]) -> Option<CellId> {
    if codes.len() != table.hierarchies().len() {
        return None;
    }
    let nodes = table.hierarchies().iter().zip(codes).map(|(tree, code)| tree.node(code));
    table.cell(&nodes.collect::<Option<Vec<_>>>()?)
}

fn at<T: Copy>(list: &[T], place: u32) -> Option<T> {
    list.get(usize::try_from(place).ok()?).copied()
}

fn cut(problem: &Problem, cells: &[CellId], entry: &CutEntry) -> Option<Cut> {
    let cell = at(cells, entry.cell)?;
    let direction = match entry.direction {
        Way::Up => Direction::Up,
        Way::Down => Direction::Down,
    };
    let mut steps = Vec::with_capacity(entry.relations.len());
    let mut seen = BTreeSet::new();
    for &(variable, margin, factor) in &entry.relations {
        let relation = Relation { variable: usize::try_from(variable).ok()?, margin: at(cells, margin)? };
        let known = relation.variable < problem.table().hierarchies().len();
        // Products with a need, added up over the relations of a cell, then fit 128 bits.
        let bounded = factor != 0 && (-BOUND_FACTOR_MAX..=BOUND_FACTOR_MAX).contains(&factor);
        if !known || !bounded || !seen.insert(relation) {
            return None;
        }
        steps.push((relation, factor));
    }
    let assumed: Vec<CellId> =
        entry.assumed.iter().map(|&place| at(cells, place)).collect::<Option<Vec<_>>>()?;
    let ascending = assumed.iter().zip(assumed.iter().skip(1)).all(|(one, next)| one < next);
    let requirement = Requirement { cell, direction, need: problem.need(cell, direction) };
    ascending.then_some(Cut { requirement, steps, assumed })
}

/// The cases, if they form one tree whose branches lead to later places.
fn nodes(entries: Vec<CaseEntry>, cells: &[CellId], cuts: usize) -> Result<Vec<Node>, BoundError> {
    // By place: how deep a case lies, once another has named it.
    let mut depths: Vec<Option<u32>> = vec![None; entries.len()];
    if let Some(root) = depths.first_mut() {
        *root = Some(0);
    }
    let mut nodes = Vec::with_capacity(entries.len());
    for (number, entry) in entries.into_iter().enumerate() {
        let fault = || BoundError::Case(number);
        let depth = depths.get(number).copied().flatten().ok_or_else(fault)?;
        nodes.push(match entry {
            CaseEntry::Branch { cell, published, hidden } => {
                for place in [published, hidden] {
                    let place = usize::try_from(place).map_err(|_| fault())?;
                    let below = depths.get_mut(place).filter(|_| place > number).ok_or_else(fault)?;
                    if below.replace(depth + 1).is_some() || depth + 1 > BOUND_DEPTH_MAX {
                        return Err(fault());
                    }
                }
                Node::Branch { cell: at(cells, cell).ok_or_else(fault)?, published, hidden }
            }
            CaseEntry::Leaf(multipliers) => {
                let known = |&(cut, _): &(u32, u64)| usize::try_from(cut).is_ok_and(|cut| cut < cuts);
                if !multipliers.iter().all(known) {
                    return Err(fault());
                }
                Node::Leaf { multipliers }
            }
        });
    }
    Ok(nodes)
}

#[cfg(test)]
mod tests;
