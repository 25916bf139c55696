//! A protection problem: a table, which cells are sensitive, what each needs, and what hiding costs.
//!
//! Two doors lead here: single contributions, from which cells and primaries follow by [`Rules`], or cells
//! already summed and flagged. Amounts are whole units of the declared scale.
//!
//! Earlier releases may have settled cells ([`Fixed`]): what is out stays out, what is blank stays blank. A cost may
//! be infinite as well: such a cell is never hidden. No sensitive cell is among those that must stay published.

use crate::Figure;
use crate::Ratio;
use crate::assess;
use crate::block::Spanning;
use crate::hierarchy::NodeId;
use crate::pattern::{Pattern, Status};
use crate::rule::{Protection, Rules};
use crate::table::{self, CellId, Shown, Table, TableError};

/// Which way an interval must reach.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Direction {
    /// Above the true value.
    Up,
    /// Below the true value.
    Down,
}

impl Direction {
    /// The direction in words.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// The attacker's interval of `cell` must reach at least `need` whole units from the true value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Requirement {
    /// The sensitive cell, or the number of a sum of cells.
    pub cell: CellId,
    /// Which way.
    pub direction: Direction,
    /// How far, at least 1.
    pub need: i64,
}

/// A sum of cells that needs protection as one cell does. It stands behind the cells of the table in their numbering.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Aggregate {
    /// The cells that are added up, ascending, each once.
    pub cells: Vec<CellId>,
    /// How far its interval must reach above the true value; 0 when it need not.
    pub upper: i64,
    /// How far below.
    pub lower: i64,
}

/// A protected unit: a contributor, or the holding that several contributors form.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct UnitId(pub u32);

/// Contributions of units to leaf cells, column by column. Rows of one unit in one cell are summed.
pub struct Contributions {
    pub(crate) variables: usize,
    /// Row by row, `variables` nodes each.
    pub(crate) nodes: Vec<NodeId>,
    pub(crate) units: Vec<UnitId>,
    pub(crate) figures: Vec<Figure>,
    /// By unit.
    pub(crate) waived: Vec<bool>,
}

impl Contributions {
    /// No contributions yet, to a table of `variables` spanning variables by `waived.len()` units, of which
    /// those flagged have waived their protection.
    #[must_use]
    pub fn new(variables: usize, waived: Vec<bool>) -> Self {
        Self { variables, nodes: Vec::new(), units: Vec::new(), figures: Vec::new(), waived }
    }

    /// Adds a contribution to the cell at `leaf`, one node a variable.
    pub fn push(&mut self, unit: UnitId, leaf: &[NodeId], figure: Figure) {
        debug_assert_eq!(leaf.len(), self.variables);
        self.nodes.extend_from_slice(leaf);
        self.units.push(unit);
        self.figures.push(figure);
    }

    /// What a unit has in a lowest cell; `None` where it has no row there.
    #[must_use]
    pub fn amount_in(&self, table: &Table, cell: CellId, unit: UnitId) -> Option<i64> {
        let at = table.coordinates(cell);
        let rows = self.nodes.chunks_exact(self.variables.max(1)).zip(&self.units).zip(&self.figures);
        let own = rows.filter(|((leaf, by), _)| **by == unit && **leaf == at[..]);
        own.map(|(_, figure)| figure.open()).reduce(|sum, figure| sum + figure)
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.units.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }
}

/// A cell that was summed and flagged elsewhere.
#[derive(Clone, Debug)]
pub struct GivenCell {
    /// One node a variable.
    pub at: Vec<NodeId>,
    /// The cell's figure.
    pub figure: Figure,
    /// `None` when the cell is not sensitive, else its lower and upper protection level.
    pub levels: Option<(Ratio, Ratio)>,
    /// Contributors, where known; used only as a weight.
    pub contributors: Option<u32>,
}

/// What hiding a cell costs.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Weight {
    /// The cell's value, at least 1.
    #[default]
    Value,
    /// 1 a cell: as few blanks as possible.
    Count,
    /// The binary logarithm of the value, in sixteenths, plus 1.
    Log,
    /// The number of contributors, at least 1.
    Contributors,
    /// Given: one cost a contribution, added up over those of a cell, or one a given cell, in the order given.
    Column(Vec<Cost>),
}

/// What hiding a cell costs; `None` is infinite: the cell must stay published.
pub type Cost = Option<u64>;

/// What earlier releases settled of a cell.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fixed {
    /// Its value is out: every attacker knows it.
    Published,
    /// It was left blank and must stay so: publishing it now might expose what it protected. Hiding it is free.
    Blank,
}

/// Costs beyond which no cell is told apart: products with deviations and floats stay exact enough.
const COST_MAX: u64 = 1 << 50;

/// What is settled of a cell before the search begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Standing {
    Open,
    Shown(Shown),
    Blank,
    /// The attacker knows all of it.
    Known,
}

/// A protection problem, in exact whole units.
pub struct Problem {
    table: Table,
    protections: Vec<Option<Protection>>,
    standings: Vec<Standing>,
    weights: Vec<u64>,
    contributors: Vec<u32>,
    aggregates: Vec<Aggregate>,
}

/// What somebody with more knowledge sees of the same cells: see [`Problem::seen_by`].
pub(crate) struct View {
    /// By cell: what is left of the figure.
    pub(crate) figures: Vec<Figure>,
    /// By cell: how far the interval must reach up and down; `None` where nothing is asked.
    pub(crate) protections: Vec<Option<Protection>>,
    /// By cell: whether all of it is known.
    pub(crate) known: Vec<bool>,
    /// Sums of cells that need protection.
    pub(crate) aggregates: Vec<Aggregate>,
}

impl Problem {
    /// The same table as somebody sees it who knows part of the figures, with what must be kept from that somebody.
    /// Cells, costs and what is settled stay; a cell that is known entirely is as good as published there.
    ///
    /// # Errors
    /// Figures that are not a table; a cell in need of protection that must stay published.
    pub(crate) fn seen_by(&self, view: View) -> Result<Self, TableError> {
        let standing = |(&standing, &known): (&Standing, &bool)| {
            if known { Standing::Known } else { standing }
        };
        let problem = Self {
            table: self.table.with_figures(view.figures)?,
            protections: view.protections,
            standings: self.standings.iter().zip(&view.known).map(standing).collect(),
            weights: self.weights.clone(),
            contributors: self.contributors.clone(),
            aggregates: view.aggregates,
        };
        problem.refuse_sensitive_shown()?;
        Ok(problem)
    }

    /// Sums of cells that need protection, beside the cells.
    #[must_use]
    pub fn aggregates(&self) -> &[Aggregate] {
        &self.aggregates
    }

    /// Adds a sum of cells that needs protection.
    pub(crate) fn push_aggregate(&mut self, aggregate: Aggregate) {
        self.aggregates.push(aggregate);
    }

    /// Takes the last sums back, down to so many.
    pub(crate) fn keep_aggregates(&mut self, count: usize) {
        self.aggregates.truncate(count);
    }

    /// The sum that a number past the cells of the table stands for.
    #[must_use]
    pub fn aggregate(&self, target: CellId) -> Option<&Aggregate> {
        self.aggregates.get(target.index().checked_sub(self.table.len())?)
    }

    /// The numbers of the sums, past those of the cells.
    pub(crate) fn aggregate_ids(&self) -> impl Iterator<Item = CellId> + use<> {
        // Cells are at most 10^8 and sums at most a few a cell.
        let first = u32::try_from(self.table.len()).unwrap_or(u32::MAX);
        let count = u32::try_from(self.aggregates.len()).unwrap_or(u32::MAX);
        (first..first.saturating_add(count)).map(CellId)
    }

    /// The cells that move with a target: itself, or the cells of the sum.
    pub(crate) fn members(&self, target: CellId) -> Vec<CellId> {
        self.aggregate(target).map_or_else(|| vec![target], |aggregate| aggregate.cells.clone())
    }

    /// How far deviations of single cells move a target.
    pub(crate) fn moved(&self, target: CellId, deviation: impl Fn(CellId) -> i64) -> i64 {
        match self.aggregate(target) {
            None => deviation(target),
            Some(aggregate) => {
                aggregate.cells.iter().fold(0, |sum: i64, &cell| sum.saturating_add(deviation(cell)))
            }
        }
    }

    /// Whether the attacker cannot exclude that cells differ so from the truth: nothing moves that is out or known, and no
    /// cell falls below what is left of it.
    pub(crate) fn allows(&self, deviations: &[(CellId, i64)]) -> bool {
        deviations.iter().all(|&(cell, deviation)| {
            !self.is_known(cell)
                && !self.must_show(cell)
                && self.table.figure(cell).open().saturating_add(deviation) >= 0
        })
    }

    /// A target's codes, or those of the cells of a sum.
    #[must_use]
    pub fn describe(&self, target: CellId) -> String {
        let names: Vec<String> =
            self.members(target).into_iter().map(|cell| self.table.describe(cell)).collect();
        names.join(" + ")
    }

    /// Everything that needs protection: sensitive cells, then sums.
    pub(crate) fn targets(&self) -> impl Iterator<Item = CellId> {
        self.primaries().chain(self.aggregate_ids())
    }

    /// Sums contributions to every cell of the tables that are spanned and applies the rules to each.
    ///
    /// Cost: `O(L m log m)` for `m` contributions and `L` crossed levels.
    ///
    /// # Errors
    /// Totals out of range, negative figures, too many cells.
    pub fn from_contributions(
        spanning: impl Into<Spanning>,
        contributions: &Contributions,
        rules: &Rules,
        weight: &Weight,
    ) -> Result<Self, TableError> {
        if contributions.figures.iter().any(|figure| figure.open() < 0) {
            return Err(TableError::Negative { cell: "one of the contributions".to_owned() });
        }
        let spanning = spanning.into();
        let assessed = assess::all_cells(&spanning, contributions, rules)?;
        let cells = assessed.iter().map(|cell| (cell.key, cell.total)).collect();
        let table = Table::new(spanning, cells)?;
        let protections = assessed.iter().map(|cell| cell.judged).collect();
        let contributors = assessed.iter().map(|cell| cell.contributors).collect();
        let costs = match weight {
            Weight::Column(costs) => Some(costs_by_cell(&table, contributions, costs)?),
            _ => None,
        };
        Self::weighted(table, protections, contributors, weight, costs)
    }

    /// Takes cells as they are; every margin must be among them.
    ///
    /// # Errors
    /// Duplicates, missing margins, sums that do not hold, negative figures or figures out of range.
    pub fn from_cells(
        spanning: impl Into<Spanning>,
        mut cells: Vec<GivenCell>,
        weight: &Weight,
    ) -> Result<Self, TableError> {
        let spanning = spanning.into();
        let strides = table::strides(spanning.hierarchies())?;
        let key = |cell: &GivenCell| Table::key_of(&strides, &cell.at);
        let costs = match weight {
            Weight::Column(costs) => {
                expect_costs(costs.len(), cells.len())?;
                let mut by_key: Vec<(u64, Cost)> = cells.iter().map(key).zip(costs.iter().copied()).collect();
                by_key.sort_by_key(|&(key, _)| key);
                Some(by_key.into_iter().map(|(_, cost)| cost).collect())
            }
            _ => None,
        };
        cells.sort_by_cached_key(key);
        let keys = cells.iter().map(|cell| (Table::key_of(&strides, &cell.at), cell.figure)).collect();
        let table = Table::new(spanning, keys)?;
        let protections = cells
            .iter()
            .map(|cell| {
                cell.levels.map(|(lower, upper)| Protection {
                    upper: upper.ceiling().max(1),
                    lower: lower.ceiling().min(cell.figure.open()),
                })
            })
            .collect();
        let contributors = cells.iter().map(|cell| cell.contributors.unwrap_or(1)).collect();
        Self::weighted(table, protections, contributors, weight, costs)
    }

    fn weighted(
        table: Table,
        protections: Vec<Option<Protection>>,
        contributors: Vec<u32>,
        weight: &Weight,
        costs: Option<Vec<Cost>>,
    ) -> Result<Self, TableError> {
        let cost = |cell: CellId| {
            let value = u64::try_from(table.figure(cell).open()).unwrap_or(0);
            match weight {
                Weight::Value => Some(value.max(1)),
                Weight::Count => Some(1),
                Weight::Log => Some(log_weight(value)),
                Weight::Contributors => Some(u64::from(contributors[cell.index()]).max(1)),
                Weight::Column(_) => costs.as_ref().and_then(|costs| costs[cell.index()]),
            }
        };
        let costs: Vec<Cost> = table.cells().map(cost).collect();
        let standing = |cost: &Cost| match cost {
            Some(_) => Standing::Open,
            None => Standing::Shown(Shown::NeverHidden),
        };
        let standings = costs.iter().map(standing).collect();
        let all = costs.iter().flatten().fold(1_u64, |sum, &cost| sum.saturating_add(cost)).min(COST_MAX);
        let weights = costs.into_iter().map(|cost| cost.unwrap_or(all)).collect();
        let problem = Self { table, protections, standings, weights, contributors, aggregates: Vec::new() };
        problem.refuse_sensitive_shown()?;
        Ok(problem)
    }

    /// The problem after earlier releases. A later entry for a cell replaces an earlier one.
    ///
    /// # Errors
    /// A sensitive cell that is published already.
    pub fn with_fixed(
        mut self,
        fixed: impl IntoIterator<Item = (CellId, Fixed)>,
    ) -> Result<Self, TableError> {
        for (cell, fixed) in fixed {
            self.standings[cell.index()] = match fixed {
                Fixed::Published => Standing::Shown(Shown::AlreadyPublished),
                Fixed::Blank => Standing::Blank,
            };
        }
        self.refuse_sensitive_shown()?;
        Ok(self)
    }

    fn refuse_sensitive_shown(&self) -> Result<(), TableError> {
        for cell in self.primaries() {
            if let Standing::Shown(reason) = self.standings[cell.index()] {
                return Err(TableError::SensitiveShown { cell: self.table.describe(cell), reason });
            }
        }
        Ok(())
    }

    /// What earlier releases settled of the cell.
    #[must_use]
    pub fn fixed(&self, cell: CellId) -> Option<Fixed> {
        match self.standings[cell.index()] {
            Standing::Shown(Shown::AlreadyPublished) => Some(Fixed::Published),
            Standing::Blank => Some(Fixed::Blank),
            Standing::Open | Standing::Known | Standing::Shown(Shown::NeverHidden) => None,
        }
    }

    /// Whether the attacker of this problem knows all of the cell, published or not.
    #[must_use]
    pub fn is_known(&self, cell: CellId) -> bool {
        self.standings[cell.index()] == Standing::Known
    }

    /// Whether every pattern hides the cell: it is sensitive, or blank for good.
    #[must_use]
    pub fn must_hide(&self, cell: CellId) -> bool {
        self.protections[cell.index()].is_some() || self.standings[cell.index()] == Standing::Blank
    }

    /// Whether every pattern publishes the cell: it is out already, or its cost is infinite.
    #[must_use]
    pub fn must_show(&self, cell: CellId) -> bool {
        matches!(self.standings[cell.index()], Standing::Shown(_))
    }

    /// How many cells the attacker of this problem knows.
    pub(crate) fn known_cells(&self) -> usize {
        self.standings.iter().filter(|&&standing| standing == Standing::Known).count()
    }

    /// The pattern as the attacker sees it: what is out already or known is so whatever the pattern says.
    #[must_use]
    pub fn as_seen(&self, pattern: &Pattern) -> Pattern {
        let mut seen = pattern.clone();
        let out = |cell: &CellId| self.fixed(*cell) == Some(Fixed::Published) || self.is_known(*cell);
        for cell in self.table.cells().filter(out) {
            seen.set(cell, Status::Published);
        }
        seen
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// What the cell needs; `None` when it is not sensitive.
    #[must_use]
    pub fn protection(&self, cell: CellId) -> Option<Protection> {
        self.protections[cell.index()]
    }

    /// How far the cell's interval must reach in one direction; 0 when it need not.
    #[must_use]
    pub fn need(&self, cell: CellId, direction: Direction) -> i64 {
        let (upper, lower) = match self.aggregate(cell) {
            Some(aggregate) => (aggregate.upper, aggregate.lower),
            None => self.protection(cell).map_or((0, 0), |levels| (levels.upper, levels.lower)),
        };
        match direction {
            Direction::Up => upper,
            Direction::Down => lower,
        }
    }

    /// The sensitive cells in ascending order.
    pub fn primaries(&self) -> impl Iterator<Item = CellId> {
        self.table.cells().filter(|&cell| self.protection(cell).is_some())
    }

    /// Every requirement, by ascending cell, upwards first; those of sums last.
    pub fn requirements(&self) -> impl Iterator<Item = Requirement> {
        self.targets().flat_map(move |cell| {
            [Direction::Up, Direction::Down].into_iter().filter_map(move |direction| {
                let need = self.need(cell, direction);
                (need > 0).then_some(Requirement { cell, direction, need })
            })
        })
    }

    /// What hiding the cell costs: at least 1, unless costs were given. A cell that must stay published by its cost
    /// weighs as much as all others together, up to 2^50: the number is for diagnoses, never for a pattern.
    #[must_use]
    pub fn weight(&self, cell: CellId) -> u64 {
        self.weights[cell.index()]
    }

    /// How many units contribute to the cell; 1 where it is not known.
    #[must_use]
    pub fn contributors(&self, cell: CellId) -> u32 {
        self.contributors[cell.index()]
    }
}

impl std::fmt::Debug for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Problem over {:?}", self.table)
    }
}

fn expect_costs(found: usize, expected: usize) -> Result<(), TableError> {
    if found == expected { Ok(()) } else { Err(TableError::Costs { found, expected }) }
}

/// The costs of the contributions to each cell, added up; infinite where one of them is.
fn costs_by_cell(
    table: &Table,
    contributions: &Contributions,
    costs: &[Cost],
) -> Result<Vec<Cost>, TableError> {
    expect_costs(costs.len(), contributions.len())?;
    let mut sums: Vec<Cost> = vec![Some(0); table.len()];
    let mut keys = Vec::new();
    for (leaf, &cost) in contributions.nodes.chunks_exact(contributions.variables.max(1)).zip(costs) {
        keys.clear();
        keys.push(0_u64);
        for ((&node, tree), stride) in leaf.iter().zip(table.hierarchies()).zip(table.strides()) {
            let width = keys.len();
            for above in std::iter::successors(Some(node), |&node| tree.parent(node)) {
                for place in 0..width {
                    keys.push(keys[place] + stride * u64::from(above.0));
                }
            }
            keys.drain(..width);
        }
        for cell in keys.iter().filter_map(|&key| table.find(key)) {
            let sum = &mut sums[cell.index()];
            *sum = sum.zip(cost).map(|(sum, cost)| sum.saturating_add(cost).min(COST_MAX));
        }
    }
    Ok(sums)
}

/// `1 + 16 log2(value)`, rounded down, with the fraction interpolated between powers of two: no floats, so the
/// weights are the same on every platform.
pub(crate) fn log_weight(value: u64) -> u64 {
    let value = value.max(1);
    let power = u64::from(value.ilog2());
    let above = u128::from(value - (1 << power));
    // Below 16, since `above` is below 2^power.
    let sixteenths = u64::try_from((above * 16) >> power).unwrap_or(15);
    1 + 16 * power + sixteenths
}
