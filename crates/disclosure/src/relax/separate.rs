//! Cuts that a fractional pattern violates: from single relations, and from attacks on a part of the table.

use std::collections::BTreeSet;

use crate::bound::{Cut, Inequality};
use crate::component::{Relation, relations_of};
use crate::local::as_float;
use crate::problem::{Direction, Problem, Requirement};
use crate::relax::{Shares, violated};
use crate::simplex::{Column, Simplex, Status};
use crate::table::{CellId, Table};

/// What every cell may carry beyond its share: makes the multipliers count what is not hidden at all.
const BEYOND: f64 = 1e-3;
/// Cells with less than this share do not carry an attack further.
const CARRIES: f64 = 1e-6;
/// An attack reaches the need when it comes this close.
const REACHES: f64 = 0.98;
const FARTHEST: f64 = 2.0;
/// Common denominators tried for multipliers.
const DENOMINATORS: [i64; 14] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 20, 30, 60];
/// Requirements attacked by one worker before the next takes over: the same split for any number of threads.
const CHUNK: usize = 16;

/// How thoroughly requirements are attacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Within about so many cells; near misses pass.
    Near(usize),
    /// Over everything that is hidden: for whole patterns.
    Whole,
}

impl Depth {
    fn size(self, table: &Table) -> usize {
        match self {
            Self::Near(size) => size,
            Self::Whole => table.len(),
        }
    }

    const fn beyond(self) -> f64 {
        match self {
            Self::Near(_) => BEYOND,
            Self::Whole => 0.0,
        }
    }

    const fn reaches(self) -> f64 {
        match self {
            Self::Near(_) => REACHES,
            Self::Whole => 1.0 - 1e-6,
        }
    }
}

struct Task {
    requirement: Requirement,
    /// The last movement found that reaches the need, in units of it.
    movement: Vec<(CellId, f64)>,
    /// How thorough the attack was that found it.
    depth: Option<Depth>,
}

pub(crate) struct Separator {
    tasks: Vec<Task>,
    /// Steps of the simplex so far.
    pub(crate) work: u64,
}

impl Separator {
    pub(crate) fn new(problem: &Problem) -> Self {
        let task = |requirement| Task { requirement, movement: Vec::new(), depth: None };
        Self { tasks: problem.requirements().map(task).collect(), work: 0 }
    }

    /// The end of the next slice of about `size` requirements from `from` on; `None` past the last.
    pub(crate) fn slice(&self, from: usize, size: usize) -> Option<usize> {
        (from < self.tasks.len()).then(|| (from + size).min(self.tasks.len()))
    }

    /// Violated cuts of single relations.
    pub(crate) fn lines(&self, problem: &Problem, shares: &Shares) -> Vec<(Cut, Inequality)> {
        let table = problem.table();
        let mut found = Vec::new();
        for task in &self.tasks {
            for (relation, _) in relations_of(table, task.requirement.cell) {
                let steps = vec![(relation, 1)];
                let cut = Cut { requirement: task.requirement, steps, assumed: Vec::new() };
                found.extend(violated(problem, cut, shares));
            }
        }
        found
    }

    /// Violated cuts from attacks on the requirements of a slice.
    pub(crate) fn attacks(
        &mut self,
        problem: &Problem,
        shares: &Shares,
        slice: std::ops::Range<usize>,
        depth: Depth,
        threads: usize,
    ) -> Vec<(Cut, Inequality)> {
        let mut waiting: Vec<&mut Task> =
            self.tasks[slice].iter_mut().filter(|task| !fits(problem, task, shares, depth)).collect();
        let chunks: Vec<&mut [&mut Task]> = waiting.chunks_mut(CHUNK).collect();
        let queue = std::sync::Mutex::new(chunks.into_iter().enumerate());
        let results = std::sync::Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..threads.max(1) {
                scope.spawn(|| {
                    loop {
                        let next = queue.lock().ok().and_then(|mut queue| queue.next());
                        let Some((number, chunk)) = next else { break };
                        let mut work = 0;
                        let cuts: Vec<(Cut, Inequality)> = chunk
                            .iter_mut()
                            .filter_map(|task| attack(problem, task, shares, depth, &mut work))
                            .collect();
                        if let Ok(mut results) = results.lock() {
                            results.push((number, cuts, work));
                        }
                    }
                });
            }
        });
        let mut results = results.into_inner().unwrap_or_default();
        results.sort_by_key(|&(number, _, _)| number);
        self.work += results.iter().map(|(_, _, work)| work).sum::<u64>();
        results.into_iter().flat_map(|(_, cuts, _)| cuts).collect()
    }
}

/// Whether the movement found last is still open to the attacker of these shares.
fn fits(problem: &Problem, task: &Task, shares: &Shares, depth: Depth) -> bool {
    let need = as_float(task.requirement.need);
    let thorough = match depth {
        Depth::Near(_) => task.depth.is_some(),
        Depth::Whole => task.depth == Some(Depth::Whole),
    };
    thorough
        && task.movement.iter().all(|&(cell, moved)| {
            let [fall, rise] = limits(problem, cell, need, shares, 0.0);
            moved <= rise + 1e-6 && moved >= -fall - 1e-6
        })
}

/// How far a cell may fall and rise, in units of the need.
fn limits(problem: &Problem, cell: CellId, need: f64, shares: &Shares, beyond: f64) -> [f64; 2] {
    let figure = as_float(problem.table().figure(cell).open()) / need;
    let share = (shares[cell.index()] + beyond).min(1.0);
    let rise = if share > 1.0 - CARRIES { f64::INFINITY } else { share };
    [figure * share, rise]
}

/// The cells around the target that carry an attack, breadth first.
fn ball(table: &Table, target: CellId, shares: &Shares, size: usize) -> Vec<CellId> {
    let mut taken: BTreeSet<CellId> = BTreeSet::from([target]);
    let mut queue = vec![target];
    let mut next = 0;
    while let Some(&cell) = queue.get(next) {
        next += 1;
        for (relation, _) in relations_of(table, cell) {
            for member in relation.members(table) {
                if taken.len() >= size {
                    return taken.into_iter().collect();
                }
                if shares[member.index()] > CARRIES && taken.insert(member) {
                    queue.push(member);
                }
            }
        }
    }
    taken.into_iter().collect()
}

fn attack(
    problem: &Problem,
    task: &mut Task,
    shares: &Shares,
    depth: Depth,
    work: &mut u64,
) -> Option<(Cut, Inequality)> {
    let beyond = depth.beyond();
    let table = problem.table();
    let requirement = task.requirement;
    let need = as_float(requirement.need);
    let cells = ball(table, requirement.cell, shares, depth.size(table));
    let relations: BTreeSet<Relation> =
        cells.iter().flat_map(|&cell| relations_of(table, cell)).map(|(relation, _)| relation).collect();
    let mut columns: Vec<Column> = cells
        .iter()
        .map(|&cell| {
            let [fall, rise] = limits(problem, cell, need, shares, beyond);
            Column::cell(fall, rise, 0.0)
        })
        .collect();
    let target = cells.binary_search(&requirement.cell).ok()?;
    columns[target] = match requirement.direction {
        Direction::Up => Column { lower: 0.0, upper: FARTHEST, below: -1.0, above: -1.0 },
        Direction::Down => Column { lower: -FARTHEST, upper: 0.0, below: 1.0, above: 1.0 },
    };
    let mut rows: Vec<Vec<(usize, f64)>> = Vec::with_capacity(relations.len());
    for relation in &relations {
        let mut entries = Vec::new();
        let [mut fall, mut rise] = [0.0, 0.0];
        let parts = table.children(relation.variable, relation.margin).map(|part| (part, -1.0));
        for (cell, sign) in parts.chain([(relation.margin, 1.0)]) {
            if let Ok(place) = cells.binary_search(&cell) {
                entries.push((place, sign));
            } else {
                let [down, up] = limits(problem, cell, need, shares, beyond);
                let (low, high) = if sign > 0.0 { (down, up) } else { (up, down) };
                fall += low;
                rise += high;
            }
        }
        if fall > 0.0 || rise > 0.0 {
            entries.push((columns.len(), 1.0));
            columns.push(Column::cell(fall, rise, 0.0));
        }
        rows.push(entries);
    }
    let mut simplex = Simplex::new(columns, rows);
    let answer = simplex.solve();
    *work += answer.iterations + 1;
    if answer.status != Status::Optimal {
        return None;
    }
    let reached = -answer.objective;
    if reached >= depth.reaches() {
        task.depth = Some(depth);
        task.movement =
            cells.iter().copied().zip(answer.values).filter(|(_, moved)| moved.abs() > 1e-9).collect();
        if reached >= FARTHEST - 0.01 {
            return None;
        }
    }
    let steps = whole_factors(&relations, &simplex.multipliers())?;
    violated(problem, Cut { requirement, steps, assumed: Vec::new() }, shares)
}

/// The multipliers as whole numbers with a small common denominator.
fn whole_factors(relations: &BTreeSet<Relation>, multipliers: &[f64]) -> Option<Vec<(Relation, i64)>> {
    DENOMINATORS.into_iter().find_map(|denominator| {
        let scale = as_float(denominator);
        let mut steps = Vec::new();
        for (&relation, &multiplier) in relations.iter().zip(multipliers) {
            let scaled = multiplier * scale;
            if (scaled - scaled.round()).abs() > 1e-4 {
                return None;
            }
            let factor = crate::local::to_whole(scaled)?;
            if factor != 0 {
                steps.push((relation, factor));
            }
        }
        Some(steps)
    })
}
