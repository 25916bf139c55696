//! From a specification and its files to a protection problem, or to every fault there is.

use disclosure::hierarchy::{Hierarchy, NodeId};
use disclosure::problem::{Fixed, GivenCell, Problem, Weight as EngineWeight};
use disclosure::rule::Rules;
use disclosure::table::{Table, TableError, strides};

use crate::capacity::{self, Capacity};
use crate::cells;
use crate::codes::CodeList;
use crate::cost::Costs;
use crate::fault::{FaultList, Faults, Notes, Place, Trouble};
use crate::figures::{self, Records};
use crate::files::Files;
use crate::fixed::{self, FixedCell};
use crate::grid;
use crate::limits::SPECIFICATION_BYTES_MAX;
use crate::spec::{Figures, Source, Specification, Weight};

mod attackers;
mod coalition;

pub use coalition::Coalition;

/// Contributors that a cell must have where concentration rules cannot be used (adversary model, section 2).
const MINIMUM_FREQUENCY_OF_SIGNED: u32 = 3;

/// Everything that a specification and its files say, read and checked.
#[derive(Clone)]
pub struct Loaded {
    /// The specification.
    pub specification: Specification,
    /// The code lists, one a variable in the order of the table.
    pub lists: Vec<CodeList>,
    /// The figures.
    pub content: Content,
    /// What hiding costs, one a record or cell; of no meaning unless a column of the file says it.
    pub costs: Costs,
    /// What earlier releases settled.
    pub fixed: Vec<FixedCell>,
    /// Declared capacities of cells, ascending by key.
    pub capacities: Vec<Capacity>,
    /// The declared attackers.
    pub coalitions: Vec<Coalition>,
    /// What a person must decide about, and warnings.
    pub notes: Notes,
}

/// Contributions, or cells already summed.
#[derive(Clone)]
pub enum Content {
    /// One record a contributor and cell.
    Figures(Records),
    /// Cells with their protection levels.
    Cells(Vec<GivenCell>),
}

impl std::fmt::Debug for Content {
    // Contributors and protection levels are classified as well as figures.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Figures(records) => write!(f, "{records:?}"),
            Self::Cells(cells) => write!(f, "{} cells", cells.len()),
        }
    }
}

impl std::fmt::Debug for Loaded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Loaded {:?} in {} variables", self.content, self.lists.len())
    }
}

/// Why checked files do not become a problem.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProblemError {
    /// The engine refuses the table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A cell is said to be blank already that the table does not have.
    #[error("line {line} of `{file}` names a cell that is not in the table and cannot stay blank")]
    FixedUnknown {
        /// The file of settled cells.
        file: String,
        /// The line.
        line: u64,
    },
}

impl ProblemError {
    /// What the owner of the specification can do.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Table(error) => error.advice(),
            Self::FixedUnknown { .. } => {
                "remove the line: cells that are not in the table are zeros that everybody knows"
            }
        }
    }
}

/// Reads the specification `name` and all files that it names.
///
/// # Errors
/// Every fault of the specification and the code lists; when they are sound, every fault of the figures.
pub fn load(name: &str, files: &dyn Files) -> Result<Loaded, Faults> {
    let mut faults = FaultList::default();
    let specification = grid::bytes_of(name, files, SPECIFICATION_BYTES_MAX, &mut faults)
        .and_then(|bytes| Specification::parse_into(name, &bytes, &mut faults));
    let Some(specification) = specification else { return Err(refusal(faults)) };
    load_into(name, specification, files, faults)
}

/// Reads all files of a specification that was read or written elsewhere; `name` is what faults call it.
///
/// # Errors
/// As [`load`].
pub fn load_specification(
    name: &str,
    specification: Specification,
    files: &dyn Files,
) -> Result<Loaded, Faults> {
    load_into(name, specification, files, FaultList::default())
}

fn refusal(faults: FaultList) -> Faults {
    faults.finish().err().unwrap_or_default()
}

fn load_into(
    name: &str,
    specification: Specification,
    files: &dyn Files,
    mut faults: FaultList,
) -> Result<Loaded, Faults> {
    let lists = code_lists(name, &specification, files, &mut faults);
    // Figures under codes that are not sound would only repeat the faults of the codes.
    let (Some(lists), false) = (lists, faults.rejects()) else { return Err(refusal(faults)) };
    let hierarchies: Vec<Hierarchy> = lists.iter().map(|list| list.hierarchy().clone()).collect();
    let strides = match strides(&hierarchies) {
        Ok(strides) => strides,
        Err(error) => {
            faults.push(Place::file(name), shape_trouble(&error));
            return Err(refusal(faults));
        }
    };
    let weight = &specification.search.weight;
    let spanning = specification.spanning(hierarchies);
    let content = match &specification.source {
        Source::Figures(source) => figures::read(source, weight, &lists, &strides, files, &mut faults)
            .map(|(records, costs)| (Content::Figures(records), costs)),
        Source::Cells(source) => cells::read(source, weight, &lists, &spanning, &strides, files, &mut faults)
            .map(|(cells, costs)| (Content::Cells(cells), costs)),
    };
    let fixed = match &specification.search.fixed {
        Some(file) => fixed::read(file, &lists, &strides, files, &mut faults),
        None => Vec::new(),
    };
    let capacities = match &specification.capacity {
        Some(file) => capacity::read(file, specification.decimals(), (&lists, &strides), files, &mut faults),
        None => Vec::new(),
    };
    let Some((content, costs)) = content else { return Err(refusal(faults)) };
    let coalitions = coalition::resolve(name, &specification, &content, files, &mut faults);
    if let Content::Figures(records) = &content {
        coalition::push_exposed_totals(&specification, &lists, records, &coalitions, &mut faults);
    }
    let notes = faults.finish()?;
    Ok(Loaded { specification, lists, content, costs, fixed, capacities, coalitions, notes })
}

fn shape_trouble(error: &TableError) -> Trouble {
    match error {
        TableError::TooLarge { what, limit } => Trouble::TooLarge { what, limit: *limit },
        _ => Trouble::TooLarge { what: "variables", limit: Table::VARIABLES_MAX as u64 },
    }
}

fn code_lists(
    name: &str,
    specification: &Specification,
    files: &dyn Files,
    faults: &mut FaultList,
) -> Option<Vec<CodeList>> {
    let default_unit = match &specification.source {
        Source::Figures(figures) => figures.unit.as_deref(),
        Source::Cells(cells) => cells.unit.as_deref(),
    };
    let read = |variable: &crate::spec::Variable, faults: &mut FaultList| {
        CodeList::read(&variable.name, &variable.codes, default_unit, files, faults)
    };
    let lists: Vec<Option<CodeList>> =
        specification.variables.iter().map(|variable| read(variable, faults)).collect();
    let lists: Vec<CodeList> = lists.into_iter().collect::<Option<_>>()?;
    let mut with_units = lists.iter().filter(|list| list.has_units()).map(|list| list.hierarchy().name());
    if let (Some(first), Some(second)) = (with_units.next(), with_units.next()) {
        let trouble = Trouble::UnitListsTwo { first: first.to_owned(), second: second.to_owned() };
        faults.push(Place::file(name), trouble);
    }
    Some(lists)
}

impl Loaded {
    /// The spanning variables as the engine takes them.
    #[must_use]
    pub fn hierarchies(&self) -> Vec<Hierarchy> {
        self.lists.iter().map(|list| list.hierarchy().clone()).collect()
    }

    /// The unit of a cell: that of its code where a code list has units, otherwise that of the table.
    #[must_use]
    pub fn unit(&self, nodes: &[NodeId]) -> Option<&str> {
        let coded = self.lists.iter().zip(nodes).find_map(|(list, &node)| list.unit(node));
        let declared = match &self.specification.source {
            Source::Figures(figures) => figures.unit.as_deref(),
            Source::Cells(cells) => cells.unit.as_deref(),
        };
        let recorded = match &self.content {
            Content::Figures(records) => records.unit.as_deref(),
            Content::Cells(_) => None,
        };
        coded.or(declared).or(recorded)
    }

    /// The title of a code of one variable.
    #[must_use]
    pub fn title(&self, variable: usize, node: NodeId) -> &str {
        self.lists.get(variable).map_or("", |list| list.title(node))
    }

    /// The rules that apply. Where figures may be negative no concentration rule means anything; a minimum
    /// frequency stands in (adversary model, section 2).
    #[must_use]
    pub fn rules(&self) -> Rules {
        let rules = self.specification.rules.clone();
        match &self.specification.source {
            Source::Figures(Figures { domain: Some((low, _)), .. }) if *low < 0 => {
                let concentrated = rules.p.is_some() || !rules.dominance.is_empty();
                let stand_in = concentrated.then_some(MINIMUM_FREQUENCY_OF_SIGNED);
                Rules {
                    p: None,
                    dominance: Vec::new(),
                    minimum_frequency: rules.minimum_frequency.or(stand_in),
                    zero: rules.zero,
                }
            }
            _ => rules,
        }
    }

    /// The protection problem of the classical kind: rules and protection levels against an outsider.
    ///
    /// # Errors
    /// What the engine refuses: too many cells, negative figures, sensitive cells that must stay published; settled
    /// blanks that are no cells.
    pub fn problem(&self) -> Result<Problem, ProblemError> {
        let weight = match &self.specification.search.weight {
            Weight::Value => EngineWeight::Value,
            Weight::Count => EngineWeight::Count,
            Weight::Log => EngineWeight::Log,
            Weight::Column(_) => EngineWeight::Column(self.costs.units.clone()),
        };
        let spanning = self.specification.spanning(self.hierarchies());
        let problem = match &self.content {
            Content::Figures(records) => {
                Problem::from_contributions(spanning, &records.contributions(), &self.rules(), &weight)
            }
            Content::Cells(cells) => Problem::from_cells(spanning, cells.clone(), &weight),
        }?;
        let mut settled = Vec::with_capacity(self.fixed.len());
        for known in &self.fixed {
            match problem.table().find(known.key) {
                Some(cell) => settled.push((cell, known.fixed)),
                // A zero that everybody knows is out in any case.
                None if known.fixed == Fixed::Published => {}
                None => {
                    let file = self.specification.search.fixed.clone().unwrap_or_default();
                    return Err(ProblemError::FixedUnknown { file, line: known.line });
                }
            }
        }
        Ok(problem.with_fixed(settled)?)
    }
}
