//! Looks for the worlds that prove a rounded table safe, and names who is exposed where there are none.
//!
//! Three steps, each for what the ones before left open: the true table itself; raising single base cells with all
//! their margins, many claims in one world (first fit); linear programs over the whole table or, where that is too
//! large, over the lines through the cells concerned. What is found is proposed; [`super::checker::prove`] disposes.
//!
//! Every published range holds for every cell, so nothing splits into components: a program has a column a cell.

use super::Rounded;
use super::checker::Promise;
use super::claims::{Asked, Knowledge, Open, View};
use crate::budget::{Budget, Progress, Stage};
use crate::certificate::World;
use crate::component::Component;
use crate::local::{as_float, to_whole};
use crate::problem::Direction;
use crate::solver::{Column, Outcome, Program, Session, Solver};
use crate::table::{CellId, Table};

/// Tables up to this many cells are solved whole.
const WHOLE_TABLE_MAX: usize = 4_000;
/// Base cells of one claim around which lines are drawn.
const CENTRES_MAX: usize = 6;
/// Worlds that are packed before programs take over.
const PACKED_MAX: usize = 200;
/// Seconds for one program.
const SECONDS: f64 = 20.0;

/// Something that no world was found for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Exposed {
    /// What is asked.
    pub asked: Asked,
    /// How far from the truth worlds reach at most, up to the solver's tolerance; 0 where that is not known.
    pub reach: i64,
    /// Whether the solver says that there is none; otherwise none was found in the part of the table or in the time
    /// that was looked at.
    pub settled: bool,
}

/// What an audit came to.
#[derive(Clone, Debug, Default)]
pub struct Audited {
    /// Worlds for what the true table does not prove.
    pub worlds: Vec<World>,
    /// What is exposed, or was not settled; empty where the table is safe.
    pub exposed: Vec<Exposed>,
    /// Claims that the true table leaves open.
    pub open: usize,
}

/// Why there is no audit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("contributions lie below the cells of linked tables, where worlds of cells prove nothing")]
pub struct NoBaseCells;

/// Audits a rounded table; stops once `exposed_max` exposures are known.
///
/// # Errors
/// Linked tables with contributions.
pub fn audit(
    table: &Table,
    promise: Promise<'_>,
    rounded: &Rounded,
    solver: &dyn Solver,
    budget: &Budget<'_>,
    exposed_max: usize,
) -> Result<Audited, NoBaseCells> {
    let mut knowledge = Knowledge::new(table, promise).ok_or(NoBaseCells)?;
    let ends = Ends::new(table, rounded);
    let mut audited = Audited::default();
    let mut open = Vec::new();
    for attacker in (0..promise.attackers.len()).map(Some).chain([None]) {
        let found = match attacker {
            Some(attacker) => {
                let view = knowledge.view(attacker);
                knowledge.open_shares(attacker, &view)
            }
            None => knowledge.open_cells(),
        };
        audited.open += found.len();
        for found in found {
            let room = ends.room(table, &found);
            if room >= found.short {
                open.push(found);
                continue;
            }
            let reach = (room - found.short + found.asked.need()).max(0);
            audited.exposed.push(Exposed { asked: found.asked, reach, settled: true });
            if audited.exposed.len() >= exposed_max {
                return Ok(audited);
            }
        }
    }
    // Whoever needs most gets its room first.
    open.sort_by_key(|open| std::cmp::Reverse(open.short));
    let mut packings: Vec<Packing> = Vec::new();
    open.retain(|open| !pack(&knowledge, &ends, &mut packings, open));
    audited.worlds.extend(packings.iter().map(|packing| world(&packing.deviations)));
    open.sort_by_key(|open| open.asked.attacker());
    let mut programs = Programs { knowledge: &mut knowledge, ends: &ends, solver, opened: None };
    programs.solve_all(&open, &mut audited, budget, exposed_max);
    Ok(audited)
}

fn world(deviations: &[i64]) -> World {
    World::new((0_u32..).map(CellId).zip(deviations.iter().copied()).collect())
}

/// By how much each cell may fall and rise inside of its published range.
struct Ends {
    falls: Vec<i64>,
    rises: Vec<i64>,
}

impl Ends {
    fn new(table: &Table, rounded: &Rounded) -> Self {
        let mut ends = Self { falls: Vec::new(), rises: Vec::new() };
        for cell in table.cells() {
            let value = table.figure(cell).open();
            let range = rounded.range(cell);
            ends.falls.push(value - range.low);
            ends.rises.push(range.high.unwrap_or(value) - value);
        }
        ends
    }

    /// How far the targets can move by their own ranges alone: an upper bound.
    fn room(&self, table: &Table, open: &Open) -> i64 {
        let room =
            |cells: &[CellId], ends: &[i64]| -> i64 { cells.iter().map(|cell| ends[cell.index()]).sum() };
        match open.asked.direction() {
            Direction::Up => room(&open.targets, &self.rises),
            Direction::Down => {
                let bounded =
                    open.targets.iter().map(|cell| self.falls[cell.index()].min(table.figure(*cell).open()));
                bounded.sum()
            }
        }
    }
}

/// A world while it is being packed: base cells that rise, or that fall for one attacker.
struct Packing {
    deviations: Vec<i64>,
    direction: Direction,
    /// Attackers that have a claim proved here, ascending.
    claimed: Vec<u32>,
    /// Attackers that know better: a base cell moved that they know entirely.
    excluded: Vec<u32>,
}

/// Puts the claim into the first packing that takes it.
fn pack(knowledge: &Knowledge<'_>, ends: &Ends, packings: &mut Vec<Packing>, open: &Open) -> bool {
    let fits = packings.iter_mut().any(|packing| packing.takes(knowledge, ends, open));
    if fits || packings.len() >= PACKED_MAX {
        return fits;
    }
    let mut fresh = Packing {
        deviations: vec![0; knowledge.table.len()],
        direction: open.asked.direction(),
        claimed: Vec::new(),
        excluded: Vec::new(),
    };
    let fits = fresh.takes(knowledge, ends, open);
    if fits {
        packings.push(fresh);
    }
    fits
}

impl Packing {
    fn takes(&mut self, knowledge: &Knowledge<'_>, ends: &Ends, open: &Open) -> bool {
        let attacker = open.asked.attacker().map(|place| u32::try_from(place).unwrap_or(u32::MAX));
        let known = attacker.is_some_and(|attacker| self.excluded.contains(&attacker));
        // A base cell that falls might fall below what another attacker contributed.
        let alone = self.claimed.is_empty() || self.claimed.iter().all(|&other| Some(other) == attacker);
        if known || self.direction != open.asked.direction() || (self.direction == Direction::Down && !alone)
        {
            return false;
        }
        let sign = if self.direction == Direction::Up { 1 } else { -1 };
        let moved: i64 = open.targets.iter().map(|cell| sign * self.deviations[cell.index()]).sum();
        let mut left = open.short - moved;
        let mut steps: Vec<(CellId, i64)> = Vec::new();
        for &(atom, amount) in &open.atoms {
            if left <= 0 {
                break;
            }
            let falls = amount + self.deviations[atom.index()];
            let bound = if self.direction == Direction::Up { left } else { left.min(falls) };
            let step = bound.min(self.room(knowledge, ends, atom));
            if step > 0 {
                self.step(knowledge, atom, sign * step);
                steps.push((atom, sign * step));
                left -= step;
            }
        }
        if left > 0 {
            for &(atom, step) in &steps {
                self.step(knowledge, atom, -step);
            }
            return false;
        }
        for &(atom, _) in &steps {
            self.excluded.extend(&knowledge.known_by[atom.index()]);
        }
        self.claimed.extend(attacker);
        for list in [&mut self.claimed, &mut self.excluded] {
            list.sort_unstable();
            list.dedup();
        }
        true
    }

    /// How far a base cell and all above it can still move.
    fn room(&self, knowledge: &Knowledge<'_>, ends: &Ends, atom: CellId) -> i64 {
        let known = &knowledge.known_by[atom.index()];
        if known.iter().any(|attacker| self.claimed.contains(attacker)) {
            return 0;
        }
        let above = knowledge.above[atom.index()].iter().map(|cell| {
            let deviation = self.deviations[cell.index()];
            match self.direction {
                Direction::Up => ends.rises[cell.index()] - deviation,
                Direction::Down => ends.falls[cell.index()] + deviation,
            }
        });
        above.min().unwrap_or(0)
    }

    fn step(&mut self, knowledge: &Knowledge<'_>, atom: CellId, step: i64) {
        for cell in &knowledge.above[atom.index()] {
            self.deviations[cell.index()] += step;
        }
    }
}

/// One program open for one attacker.
struct Opened {
    attacker: Option<usize>,
    component: Component,
    session: Box<dyn Session>,
}

struct Programs<'a, 'k> {
    knowledge: &'a mut Knowledge<'k>,
    ends: &'a Ends,
    solver: &'a dyn Solver,
    opened: Option<Opened>,
}

impl Programs<'_, '_> {
    fn solve_all(&mut self, open: &[Open], audited: &mut Audited, budget: &Budget<'_>, exposed_max: usize) {
        let total = open.len() as u64;
        let mut view = None;
        // Worlds of the attacker at hand: one often proves its next claim as well.
        let mut own: Vec<Vec<i64>> = Vec::new();
        for (done, asked) in (0_u64..).zip(open) {
            let attacker = asked.asked.attacker();
            if view.as_ref().is_none_or(|&(of, _)| of != attacker) {
                view = Some((attacker, attacker.map(|attacker| self.knowledge.view(attacker))));
                self.opened = None;
                own.clear();
            }
            (budget.progress)(Progress { stage: Stage::Audit, done, total, weight: 0, bound: 0 });
            if own.iter().any(|deviations| reached(asked, deviations) >= asked.short) {
                continue;
            }
            if audited.exposed.len() >= exposed_max {
                return;
            }
            let stopped = budget.stopped(0).is_some();
            let seen = view.as_ref().and_then(|(_, view)| view.as_ref());
            match if stopped { Answer::Unknown } else { self.solve(asked, seen) } {
                Answer::World(deviations) => {
                    audited.worlds.push(world(&deviations));
                    own.push(deviations);
                }
                Answer::Reach(reach) => {
                    let reach = (reach - asked.short + asked.asked.need()).max(0);
                    audited.exposed.push(Exposed { asked: asked.asked, reach, settled: true });
                }
                Answer::Unknown => {
                    audited.exposed.push(Exposed { asked: asked.asked, reach: 0, settled: false });
                }
            }
        }
    }

    fn solve(&mut self, open: &Open, view: Option<&View>) -> Answer {
        let table = self.knowledge.table;
        let whole_table = table.len() <= WHOLE_TABLE_MAX;
        let attacker = open.asked.attacker();
        let reuse = whole_table && self.opened.as_ref().is_some_and(|opened| opened.attacker == attacker);
        if !reuse {
            let cells = if whole_table { table.cells().collect() } else { self.neighbourhood(open) };
            let component = Component::of_cells(table, cells);
            let program = self.program(&component, view, false);
            let session = self.solver.open(&program, SECONDS);
            self.opened = Some(Opened { attacker, component, session });
        }
        let Some(mut opened) = self.opened.take() else { return Answer::Unknown };
        let places: Vec<usize> =
            open.targets.iter().filter_map(|&cell| opened.component.place(cell)).collect();
        let cost = if open.asked.direction() == Direction::Up { -1.0 } else { 1.0 };
        places.iter().for_each(|&place| opened.session.set_cost(place, cost));
        let outcome = opened.session.solve();
        places.iter().for_each(|&place| opened.session.set_cost(place, 0.0));
        let answer = match outcome {
            Outcome::Optimal(solution) => {
                let deviations = self.deviations(&opened.component, &solution.columns);
                let most = to_whole((-solution.objective + 1e-6).floor()).unwrap_or(0);
                match deviations.filter(|deviations| reached(open, deviations) >= open.short) {
                    Some(deviations) => Answer::World(deviations),
                    // A vertex of a table of three variables need not be whole.
                    None if most >= open.short => self.whole(open, &opened.component, view, (&places, cost)),
                    None if whole_table => Answer::Reach(most),
                    None => Answer::Unknown,
                }
            }
            Outcome::Feasible(_) | Outcome::Infeasible | Outcome::Unbounded | Outcome::Unknown(_) => {
                Answer::Unknown
            }
        };
        self.opened = Some(opened);
        answer
    }

    /// The same in whole numbers.
    fn whole(
        &self,
        open: &Open,
        component: &Component,
        view: Option<&View>,
        (places, cost): (&[usize], f64),
    ) -> Answer {
        let mut program = self.program(component, view, true);
        for &place in places {
            program.columns[place].cost = cost;
        }
        match self.solver.open(&program, SECONDS).solve() {
            Outcome::Optimal(solution) | Outcome::Feasible(solution) => {
                let deviations = self.deviations(component, &solution.columns);
                let found = deviations.filter(|deviations| reached(open, deviations) >= open.short);
                found.map_or(Answer::Unknown, Answer::World)
            }
            Outcome::Infeasible | Outcome::Unbounded | Outcome::Unknown(_) => Answer::Unknown,
        }
    }

    fn program(&self, component: &Component, view: Option<&View>, whole: bool) -> Program {
        let mut program = Program::default();
        for &cell in &component.cells {
            let (mut falls, mut rises) = (self.ends.falls[cell.index()], self.ends.rises[cell.index()]);
            let is_base = self.knowledge.table.margin_along(cell).is_empty();
            if let Some(view) = view.filter(|_| is_base) {
                falls = falls.min(self.knowledge.table.figure(cell).open() - view.own[cell.index()]);
                if view.outsiders[cell.index()] == 0 {
                    (falls, rises) = (0, 0);
                }
            }
            program.columns.push(Column {
                lower: -as_float(falls),
                upper: as_float(rises),
                cost: 0.0,
                whole,
            });
        }
        for (_, members) in &component.relations {
            program.rows.push(members.iter().map(|&(place, sign)| (place, f64::from(sign))).collect());
        }
        program
    }

    /// The deviations of every cell of the table, if they are whole and add up.
    fn deviations(&self, component: &Component, columns: &[f64]) -> Option<Vec<i64>> {
        let moved: Vec<i64> = columns.iter().map(|&value| to_whole(value)).collect::<Option<_>>()?;
        let adds_up = component.relations.iter().all(|(_, members)| {
            members.iter().map(|&(place, sign)| i64::from(sign) * moved[place]).sum::<i64>() == 0
        });
        let mut deviations = vec![0; self.knowledge.table.len()];
        for (cell, moved) in component.cells.iter().zip(moved) {
            deviations[cell.index()] = moved;
        }
        adds_up.then_some(deviations)
    }

    /// The cells of all lines through a few of the base cells, with everything above them.
    fn neighbourhood(&self, open: &Open) -> Vec<CellId> {
        let table = self.knowledge.table;
        let mut atoms: Vec<CellId> = open.atoms.iter().map(|&(cell, _)| cell).collect();
        let rises = |cell: &CellId| self.ends.rises[cell.index()];
        atoms.sort_by_key(|cell| (std::cmp::Reverse(rises(cell)), *cell));
        let mut cells: Vec<CellId> = open.targets.clone();
        for &atom in atoms.iter().take(CENTRES_MAX) {
            let nodes = table.coordinates(atom);
            for (variable, tree) in table.hierarchies().iter().enumerate() {
                for node in tree.nodes().filter(|&node| tree.is_leaf(node)) {
                    let mut at = nodes.clone();
                    at[variable] = node;
                    cells.extend(table.cell(&at));
                }
            }
        }
        let above: Vec<CellId> =
            cells.iter().flat_map(|cell| self.knowledge.above[cell.index()].iter().copied()).collect();
        cells.extend(above);
        cells
    }
}

enum Answer {
    World(Vec<i64>),
    Reach(i64),
    Unknown,
}

/// How far the targets move together, the way that is asked.
fn reached(open: &Open, deviations: &[i64]) -> i64 {
    let sum: i64 = open.targets.iter().map(|cell| deviations[cell.index()]).sum();
    if open.asked.direction() == Direction::Up { sum } else { -sum }
}
