//! Witnesses by a local program: where no circuit serves, or only a dear one.
//!
//! The attacker's moves are restricted to a neighbourhood of the sensitive cell, which is conservative: what the
//! restricted attacker can do, the real one can. Objective: the summed weight of cells not yet blank, by a few
//! rounds of reweighting. The answer is rounded and judged in exact integers here; a fractional one is made whole cell
//! by cell, or else solved again in whole numbers on its own support. Source: docs/METHOD.md, "Stage A".

use std::collections::BTreeSet;

use crate::component::{Component, relations_of};
use crate::hierarchy::{Hierarchy, NodeId};
use crate::problem::{Direction, Requirement};
use crate::search::{Search, Witness};
use crate::simplex::{self, Simplex, Status};
use crate::solver::{Column, Outcome, Program, Session, Solver};
use crate::table::{CellId, Table};

/// Rounds of reweighting; the third changes little (measured on the shared instances).
const ROUNDS: usize = 3;
/// Seconds for one linear program of the neighbourhood. Past this the need is left to a wider neighbourhood.
const SECONDS_LINEAR: f64 = 20.0;
/// Seconds for one integer program on the support.
const SECONDS_WHOLE: f64 = 2.0;
/// Opening a program in our own simplex takes about as long as this many candidate cells of a circuit for each of
/// its columns ...
const WORK_PER_COLUMN: u64 = 200;
/// ... and each of its steps as long as this many.
const WORK_PER_STEP: u64 = 2_000;
/// A program of the solver takes about as long as this many candidate cells of a circuit for each of its cells.
const WORK_PER_CELL: u64 = 2_000;
/// Cells of an integer program near a support.
const WHOLE_CELLS_MAX: usize = 1_500;
/// Cells fixed one after the other to make a fractional vertex whole, at most.
const DIVE_DEPTH_MAX: usize = 24;
/// Needs above this leave too few digits behind the point to tell whole numbers apart.
const DIVE_NEED_MAX: i64 = 1_000_000;
/// A deviation this close to a whole number is one; it is judged exactly afterwards.
const WHOLE_ENOUGH: f64 = 1e-3;
/// Upper bound of whole columns: floats above it no longer tell neighbouring whole numbers apart.
const WHOLE_MAX: f64 = 1e15;
/// Columns below this, in units of the need, are noise of the solver.
const NOISE: f64 = 1e-7;
/// A blank cell costs this share of the heaviest cell: no free loops through blanks.
const BLANK_COST: f64 = 1e-7;
/// Largest common denominator tried when rounding a vertex (docs/METHOD.md, "Stage A").
const DENOMINATOR_MAX: i64 = 12;
/// Cells taken in when spreading along blanks, at least; a wider neighbourhood takes in as many as it may have.
const BLANKS_MIN: usize = 400;
/// Parts of one relation looked at when spreading along blanks.
const PARTS_MAX: usize = 2_000;

/// Cells of a sum whose neighbourhoods are looked at, and how many cells each of these has at least.
const MEMBERS_MAX: usize = 24;
const MEMBER_CELLS_MIN: usize = 60;

/// Neighbourhood sizes to try, in cells.
pub(crate) const SIZES: [usize; 5] = [300, 1_000, 3_000, 8_000, 40_000];

/// A witness for the requirement within a neighbourhood of about `cells_max` cells.
pub(crate) fn witness(
    search: &Search<'_>,
    solver: &dyn Solver,
    requirement: Requirement,
    cells_max: usize,
    room: u64,
    work: &mut u64,
) -> Option<Witness> {
    let cells = neighbourhood(search, requirement, cells_max, room);
    let component = Component::of_cells(search.problem.table(), cells);
    witness_within(search, solver, requirement, &component, room, work)
}

/// A witness for the requirement that may move every cell of the table that may be hidden at all: the last resort,
/// since no neighbourhood is sure to hold one where many cells must stay published.
pub(crate) fn witness_anywhere(
    search: &Search<'_>,
    solver: &dyn Solver,
    requirement: Requirement,
    work: &mut u64,
) -> Option<Witness> {
    let table = search.problem.table();
    let cells = table.cells().filter(|&cell| search.hiding_cost(cell).is_some()).collect();
    witness_in(search, solver, requirement, &Component::of_cells(table, cells), work)
}

/// A witness for the requirement that moves cells of the component only.
pub(crate) fn witness_in(
    search: &Search<'_>,
    solver: &dyn Solver,
    requirement: Requirement,
    component: &Component,
    work: &mut u64,
) -> Option<Witness> {
    witness_within(search, solver, requirement, component, u64::MAX, work)
}

fn witness_within(
    search: &Search<'_>,
    solver: &dyn Solver,
    requirement: Requirement,
    component: &Component,
    room: u64,
    work: &mut u64,
) -> Option<Witness> {
    let posed = Posed::new(search, requirement, component)?;
    let mut costs = posed.first_costs();
    let mut best: Option<(u128, Witness)> = None;
    let mut linear = Linear::open(&posed, solver, &costs, work);
    for round in 0..ROUNDS {
        let Some(moved) = linear.solve(&posed, work) else { break };
        if round == 0 && posed.least_weight(&costs, &moved) >= as_float_unsigned(room) {
            break;
        }
        let witness = posed.rounded(&moved).or_else(|| linear.dive(&posed, &moved, work)).or_else(|| {
            // Branch and bound on the support takes a few times as long as the program itself.
            *work += 4 * WORK_PER_CELL * component.cells.len() as u64;
            posed.whole_on_support(solver, &moved)
        });
        if let Some(witness) = witness {
            let cost = added_weight(search, &witness);
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, witness));
            }
        }
        if best.as_ref().is_some_and(|(cost, _)| *cost == 0) || round + 1 == ROUNDS {
            break;
        }
        posed.reweight(&mut costs, &moved);
        linear.set_costs(&posed, &costs);
    }
    best.map(|(_, witness)| witness)
}

/// The linear program of one requirement, open: by our own simplex where it is small, else by the solver.
enum Linear {
    Small(Box<Simplex>),
    Large(Box<dyn Session>),
}

impl Linear {
    fn open(posed: &Posed<'_, '_>, solver: &dyn Solver, costs: &[f64], work: &mut u64) -> Self {
        let columns = posed.columns(costs);
        if columns.len() > simplex::COLUMNS_MAX {
            return Self::Large(solver.open(&posed.program(costs), SECONDS_LINEAR));
        }
        *work += WORK_PER_COLUMN * columns.len() as u64;
        Self::Small(Box::new(Simplex::new(columns, posed.rows())))
    }

    fn set_costs(&mut self, posed: &Posed<'_, '_>, costs: &[f64]) {
        match self {
            Self::Small(simplex) => {
                for (place, column) in posed.columns(costs).into_iter().enumerate() {
                    simplex.set_column(place, column);
                }
            }
            Self::Large(session) => {
                for (place, &cost) in costs.iter().enumerate() {
                    session.set_cost(2 * place, cost);
                    session.set_cost(2 * place + 1, cost);
                }
            }
        }
    }

    /// How far each cell moves, in units of the need.
    fn solve(&mut self, posed: &Posed<'_, '_>, work: &mut u64) -> Option<Vec<f64>> {
        match self {
            Self::Small(simplex) => {
                let answer = simplex.solve();
                *work += WORK_PER_STEP * answer.iterations;
                (answer.status == Status::Optimal).then_some(answer.values)
            }
            Self::Large(session) => {
                *work += WORK_PER_CELL * posed.component.cells.len() as u64;
                let Outcome::Optimal(solution) = session.solve() else { return None };
                Some(posed.net(&solution.columns))
            }
        }
    }
}

impl Linear {
    /// A whole witness near a fractional vertex: one cell after the other is fixed at the whole number next to it, and
    /// the rest follows, warm.
    fn dive(&self, posed: &Posed<'_, '_>, moved: &[f64], work: &mut u64) -> Option<Witness> {
        let Self::Small(simplex) = self else { return None };
        let need = Some(posed.requirement.need).filter(|&need| need <= DIVE_NEED_MAX).map(as_float)?;
        let mut simplex = simplex.clone();
        let mut values = moved.to_vec();
        for _ in 0..DIVE_DEPTH_MAX {
            let off = |value: f64| (value * need - (value * need).round()).abs();
            let fractional = values.iter().enumerate().filter(|&(_, &value)| off(value) >= WHOLE_ENOUGH);
            let nearest = fractional.min_by(|one, other| off(*one.1).total_cmp(&off(*other.1)));
            let Some((place, &value)) = nearest else {
                let whole =
                    values.iter().map(|&value| to_whole(value * need)).collect::<Option<Vec<i64>>>()?;
                return posed.judged(&whole);
            };
            let before = *simplex.columns().get(place)?;
            let near = (value * need).round();
            let far = if near > value * need { near - 1.0 } else { near + 1.0 };
            values = [near, far].into_iter().find_map(|to| {
                let at = to / need;
                let inside = before.lower <= at && at <= before.upper;
                simplex.set_column(place, simplex::Column { lower: at, upper: at, ..before });
                let answer = inside.then(|| simplex.solve())?;
                *work += WORK_PER_STEP * (1 + answer.iterations);
                (answer.status == Status::Optimal).then_some(answer.values)
            })?;
        }
        None
    }
}

/// What adopting the witness would add to the weight.
pub(crate) fn added_weight(search: &Search<'_>, witness: &Witness) -> u128 {
    witness.deviations.iter().map(|&(cell, _)| u128::from(search.hiding_cost(cell).unwrap_or(u64::MAX))).sum()
}

/// The linear program of one requirement within a neighbourhood, as [`witness`] poses it first.
#[cfg(feature = "test-util")]
pub(crate) fn sample(
    search: &Search<'_>,
    requirement: Requirement,
    cells_max: usize,
) -> Option<simplex::sample::Sample> {
    let cells = neighbourhood(search, requirement, cells_max, u64::MAX);
    let component = Component::of_cells(search.problem.table(), cells);
    let target = component.place(requirement.cell)?;
    let posed = Posed::new(search, requirement, &component)?;
    let columns = posed.columns(&posed.first_costs());
    Some(simplex::sample::Sample { columns, rows: posed.rows(), target })
}

/// One requirement posed over one component. Columns come in pairs: how far each cell rises and falls, in units
/// of the need. A sum of cells has a column of its own behind those of the cells, and a row that makes it the sum.
struct Posed<'a, 'p> {
    search: &'a Search<'p>,
    requirement: Requirement,
    component: &'a Component,
    /// The cells that are to move, all together by the need.
    members: Vec<usize>,
    /// How far each column may fall, in units of the need.
    falls: Vec<f64>,
}

impl<'a, 'p> Posed<'a, 'p> {
    /// `None` where a cell that is to move is not in the component, or all of a sum is out of it.
    fn new(search: &'a Search<'p>, requirement: Requirement, component: &'a Component) -> Option<Self> {
        let table = search.problem.table();
        let need = as_float(requirement.need);
        let targets = search.problem.members(requirement.cell);
        let members: Vec<usize> = targets.iter().filter_map(|&cell| component.place(cell)).collect();
        if members.is_empty() {
            return None;
        }
        let fall = |&cell: &CellId| as_float(table.figure(cell).open()) / need;
        let mut falls: Vec<f64> = component.cells.iter().map(fall).collect();
        if members.len() > 1 {
            falls.push(f64::INFINITY);
        }
        Some(Self { search, requirement, component, members, falls })
    }

    /// The column that is to move by the need.
    fn target(&self) -> usize {
        match self.members.as_slice() {
            [only] => *only,
            _ => self.component.cells.len(),
        }
    }

    /// Weight of blanking a column's cell; nothing for a sum.
    fn cell_weight(&self, place: usize) -> Option<f64> {
        let Some(&cell) = self.component.cells.get(place) else { return Some(0.0) };
        self.search.hiding_cost(cell).map(as_float_unsigned)
    }

    fn heaviest(&self) -> f64 {
        (0..self.falls.len()).filter_map(|place| self.cell_weight(place)).fold(1.0, f64::max)
    }

    /// What any movement of the need costs at least, where no cell has to move further than the need.
    fn least_weight(&self, costs: &[f64], moved: &[f64]) -> f64 {
        let cost: f64 = costs.iter().zip(moved).map(|(cost, part)| cost * part.abs()).sum();
        cost * self.heaviest()
    }

    /// Weight a unit of movement, where a whole need, or all that the cell has, blanks it.
    fn first_costs(&self) -> Vec<f64> {
        let heaviest = self.heaviest();
        (0..self.falls.len())
            .map(|place| match self.cell_weight(place) {
                Some(weight) if weight > 0.0 => {
                    (weight / heaviest / self.falls[place].clamp(1e-3, 1.0)).max(BLANK_COST)
                }
                _ => BLANK_COST,
            })
            .collect()
    }

    /// What moved keeps its price a cell whatever the amount; what did not move gets dearer a unit.
    fn reweight(&self, costs: &mut [f64], moved: &[f64]) {
        let heaviest = self.heaviest();
        for (place, cost) in costs.iter_mut().enumerate() {
            if let Some(weight) = self.cell_weight(place).filter(|&weight| weight > 0.0) {
                *cost = (weight / heaviest / (moved[place].abs() + 0.05)).max(BLANK_COST);
            }
        }
    }

    fn program(&self, costs: &[f64]) -> Program {
        let mut program = Program::default();
        for (place, &cost) in costs.iter().enumerate() {
            let [rise, fall] = self.limits(place);
            for upper in [rise, fall] {
                program.columns.push(Column { lower: 0.0, upper, cost, whole: false });
            }
        }
        let target = self.target();
        if let Some(pair) = program.columns.get_mut(2 * target..2 * target + 2) {
            let (rise, fall) = match self.requirement.direction {
                Direction::Up => (1.0, 0.0),
                Direction::Down => (0.0, 1.0),
            };
            (pair[0].lower, pair[0].upper) = (rise, rise);
            (pair[1].lower, pair[1].upper) = (fall, fall);
        }
        let pair = |(place, value): (usize, f64)| [(2 * place, value), (2 * place + 1, -value)];
        program.rows = self.rows().into_iter().map(|row| row.into_iter().flat_map(pair).collect()).collect();
        program
    }

    /// One column a cell, with the target fixed where it is to go.
    fn columns(&self, costs: &[f64]) -> Vec<simplex::Column> {
        let (amount, target) = (self.amount(), self.target());
        let column = |(place, &cost): (usize, &f64)| {
            let [rise, fall] = self.limits(place);
            let column = simplex::Column::cell(fall, rise, cost);
            if place == target { simplex::Column { lower: amount, upper: amount, ..column } } else { column }
        };
        costs.iter().enumerate().map(column).collect()
    }

    fn rows(&self) -> Vec<Vec<(usize, f64)>> {
        let entry = |&(place, sign): &(usize, i8)| (place, f64::from(sign));
        let relations = self.component.relations.iter();
        let mut rows: Vec<Vec<(usize, f64)>> =
            relations.map(|(_, members)| members.iter().map(entry).collect()).collect();
        if self.members.len() > 1 {
            let members = self.members.iter().map(|&place| (place, 1.0));
            rows.push(members.chain([(self.target(), -1.0)]).collect());
        }
        rows
    }

    /// How far the target moves, in units of the need.
    fn amount(&self) -> f64 {
        match self.requirement.direction {
            Direction::Up => 1.0,
            Direction::Down => -1.0,
        }
    }

    fn limits(&self, place: usize) -> [f64; 2] {
        if self.cell_weight(place).is_none() { [0.0, 0.0] } else { [f64::INFINITY, self.falls[place]] }
    }

    fn net(&self, columns: &[f64]) -> Vec<f64> {
        columns.chunks_exact(2).map(|pair| pair[0] - pair[1]).collect()
    }

    /// The vertex in whole units, perhaps times a small common denominator.
    fn rounded(&self, moved: &[f64]) -> Option<Witness> {
        (1..=DENOMINATOR_MAX).find_map(|factor| {
            let scale = as_float(self.requirement.need.checked_mul(factor)?);
            let whole = moved.iter().map(|&part| to_whole(part * scale)).collect::<Option<Vec<i64>>>()?;
            self.judged(&whole)
        })
    }

    /// Whole numbers near the support of a fractional vertex: on it, and on the blanks that share a relation.
    fn whole_on_support(&self, solver: &dyn Solver, moved: &[f64]) -> Option<Witness> {
        let table = self.search.problem.table();
        let support = self.component.cells.iter().zip(moved).filter(|(_, part)| part.abs() > NOISE);
        let support: Vec<CellId> = support.map(|(&cell, _)| cell).collect();
        let mut cells: BTreeSet<CellId> = support.iter().copied().collect();
        for (relation, _) in support.iter().flat_map(|&cell| relations_of(table, cell)) {
            let members = table.children(relation.variable, relation.margin).chain([relation.margin]);
            let room = WHOLE_CELLS_MAX.saturating_sub(cells.len());
            cells.extend(members.filter(|&member| self.search.hidden(member)).take(room));
        }
        let component = Component::of_cells(table, cells.into_iter().collect());
        let near = Posed::new(self.search, self.requirement, &component)?;
        let target = near.target();
        let mut program = near.program(&near.first_costs());
        let need = as_float(self.requirement.need);
        for (position, column) in program.columns.iter_mut().enumerate() {
            if position / 2 == target {
                // At least the need: the exact amount may have no whole solution.
                column.upper = if column.lower > 0.0 { f64::INFINITY } else { 0.0 };
            }
            column.lower *= need;
            column.upper = (column.upper * need).min(WHOLE_MAX);
            column.whole = true;
        }
        let (Outcome::Optimal(solution) | Outcome::Feasible(solution)) =
            solver.open(&program, SECONDS_WHOLE).solve()
        else {
            return None;
        };
        let whole = near.net(&solution.columns).into_iter().map(to_whole).collect::<Option<Vec<i64>>>()?;
        near.judged(&whole)
    }

    /// The witness, if these whole deviations satisfy every relation and bound and reach the need.
    fn judged(&self, whole: &[i64]) -> Option<Witness> {
        let sum = self.members.iter().try_fold(0_i64, |sum, &place| sum.checked_add(*whole.get(place)?))?;
        let reached = crate::search::moves(sum, self.requirement.direction);
        if reached < self.requirement.need {
            return None;
        }
        for (_, members) in &self.component.relations {
            let sum: i128 =
                members.iter().map(|&(place, sign)| i128::from(sign) * i128::from(whole[place])).sum();
            if sum != 0 {
                return None;
            }
        }
        let table = self.search.problem.table();
        let mut deviations = Vec::new();
        for (&cell, &deviation) in self.component.cells.iter().zip(whole) {
            if deviation == 0 {
                continue;
            }
            if table.figure(cell).open() + deviation < 0 || self.search.hiding_cost(cell).is_none() {
                return None;
            }
            deviations.push((cell, deviation));
        }
        Some(Witness { deviations })
    }
}

/// The neighbourhoods of the cells that are to move, as large together as one would be.
fn neighbourhood(search: &Search<'_>, requirement: Requirement, cells_max: usize, room: u64) -> Vec<CellId> {
    let members = search.problem.members(requirement.cell);
    let each = (cells_max / members.len().max(1)).max(MEMBER_CELLS_MIN);
    let mut cells: BTreeSet<CellId> = members.iter().copied().collect();
    for &cell in members.iter().take(MEMBERS_MAX) {
        product_around(search, cell, each, room, &mut cells);
    }
    spread_along_blanks(search, &mut cells, cells_max.max(BLANKS_MIN));
    let wanted = |cell: &CellId| search.hiding_cost(*cell).is_some_and(|cost| cost == 0 || cost < room);
    cells.into_iter().filter(wanted).collect()
}

/// A product of ancestor-closed code sets around the cell.
fn product_around(
    search: &Search<'_>,
    cell: CellId,
    cells_max: usize,
    room: u64,
    cells: &mut BTreeSet<CellId>,
) {
    let table = search.problem.table();
    let mut keys = vec![0_u64];
    let widths = widths(table, cells_max);
    for ((variable, hierarchy), width) in table.hierarchies().iter().enumerate().zip(widths) {
        let node = table.node(cell, variable);
        let stride = table.strides()[variable];
        let base = table.crossing_key(cell, variable) - stride * u64::from(node.0);
        let amount = |node: NodeId| {
            let cell = table.find(base + stride * u64::from(node.0))?;
            search.hiding_cost(cell).filter(|&cost| cost == 0 || cost < room)?;
            Some(table.figure(cell).open())
        };
        let nodes = nearest(hierarchy, node, width, &amount);
        keys = keys
            .iter()
            .flat_map(|&key| nodes.iter().map(move |node| key + stride * u64::from(node.0)))
            .collect();
    }
    cells.extend(keys.into_iter().filter_map(|key| table.find(key)));
}

/// Codes to take of each variable so that their product is about `cells_max`: short variables whole.
fn widths(table: &Table, cells_max: usize) -> Vec<usize> {
    let lengths: Vec<usize> = table.hierarchies().iter().map(Hierarchy::len).collect();
    let product =
        |width: usize| lengths.iter().map(|&length| length.min(width)).try_fold(1_usize, usize::checked_mul);
    let longest = lengths.iter().copied().max().unwrap_or(1);
    let mut width = 2;
    while width < longest && product(width + 1).is_some_and(|cells| cells <= cells_max) {
        width += 1;
    }
    lengths.iter().map(|&length| length.min(width)).collect()
}

/// About `width` nodes near `node`, closed under ancestors: ways down from it, then siblings, cousins and so on.
/// Of each ring the leaves with the largest amounts in the cell's own row come first: they can give most.
fn nearest(
    hierarchy: &Hierarchy,
    node: NodeId,
    width: usize,
    amount: &dyn Fn(NodeId) -> Option<i64>,
) -> BTreeSet<NodeId> {
    let mut taken = BTreeSet::new();
    let close = |taken: &mut BTreeSet<NodeId>, mut node: NodeId| {
        while taken.insert(node) {
            let Some(parent) = hierarchy.parent(node) else { break };
            node = parent;
        }
    };
    close(&mut taken, node);
    let mut top = Some(node);
    while let Some(from) = top {
        let mut leaves: Vec<(std::cmp::Reverse<i64>, NodeId)> = Vec::new();
        let mut stack = vec![from];
        while let Some(next) = stack.pop() {
            if let Some(amount) = hierarchy.is_leaf(next).then(|| amount(next)).flatten() {
                leaves.push((std::cmp::Reverse(amount), next));
            }
            stack.extend(hierarchy.children(next));
        }
        leaves.sort_unstable();
        for (place, (_, leaf)) in leaves.into_iter().enumerate() {
            // An inner node needs at least one way down, however narrow the neighbourhood.
            if taken.len() >= width && (place > 0 || from != node) {
                return taken;
            }
            close(&mut taken, leaf);
        }
        top = hierarchy.parent(from);
    }
    taken
}

fn spread_along_blanks(search: &Search<'_>, cells: &mut BTreeSet<CellId>, blanks_max: usize) {
    let table = search.problem.table();
    let mut queue: Vec<CellId> = cells.iter().copied().filter(|&cell| search.hidden(cell)).collect();
    let room = cells.len() + blanks_max;
    let mut next = 0;
    while let Some(&cell) = queue.get(next) {
        next += 1;
        for (relation, _) in relations_of(table, cell) {
            let parts = table.children(relation.variable, relation.margin).take(PARTS_MAX);
            for member in parts.chain([relation.margin]) {
                if cells.len() >= room {
                    return;
                }
                if search.hidden(member) && cells.insert(member) {
                    queue.push(member);
                }
            }
        }
    }
}

/// The nearest float; only the solver sees it.
#[expect(clippy::cast_precision_loss, reason = "the solver works in floats; its answers are judged exactly")]
pub(crate) fn as_float(value: i64) -> f64 {
    value as f64
}

#[expect(clippy::cast_precision_loss, reason = "the solver works in floats; its answers are judged exactly")]
pub(crate) fn as_float_unsigned(value: u64) -> f64 {
    value as f64
}

/// The whole number that a float stands for, if it is close to one and fits.
#[expect(clippy::cast_possible_truncation, reason = "checked to be in range; the result is judged exactly")]
pub(crate) fn to_whole(value: f64) -> Option<i64> {
    let rounded = value.round();
    // Beyond 2^53 floats are whole numbers anyway and say nothing.
    (rounded.abs() < 9.0e15 && (value - rounded).abs() < WHOLE_ENOUGH).then_some(rounded as i64)
}
