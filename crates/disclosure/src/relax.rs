//! The relaxation of the whole problem: cuts that every safe pattern satisfies, found where the current fractional
//! pattern violates them, over one covering program.
//!
//! Its optimum bounds the weight of every safe pattern from below; where its pattern comes out whole, that is one to
//! offer to the search. Source: Fischetti and Salazar, JASA 95 (2000), sections 3 and 4; docs/METHOD.md,
//! "The bound".

mod separate;
mod tree;

use crate::bound::{self, Cut, Inequality, MULTIPLIER_UNIT, Proof};
use crate::local::{as_float, as_float_unsigned};
use crate::problem::Problem;
use crate::solver::{Cover, Outcome, Solver};
use crate::table::CellId;

use separate::{Depth, Separator};
use tree::{Realise, Tree};

/// A cut is worth a row when the fractional pattern misses it by this share of its right side.
const VIOLATION_MIN: f64 = 0.02;
/// Cells of one attack while the whole relaxation is solved: wider ones take longer and cut little more.
const ATTACK_SIZE: usize = 120;
/// Requirements attacked before the program is solved again.
const SLICE: usize = 4_096;
/// Steps times lines that one solve of the program may take.
const STEPS_BY_LINES_MAX: usize = 2_000_000_000;
/// A step of an attack takes about as long as this many candidate cells of a circuit ...
const WORK_PER_STEP: u64 = 600;
/// ... and a line of the program at each solve as long as this many.
const WORK_PER_LINE: u64 = 200;

/// Cells with at least this share are assumed to be hidden when a cut is tightened.
const ASSUMED_SHARES: [f64; 3] = [0.99, 0.6, 0.3];

/// Hidden shares of all cells: 0 published, 1 hidden; primaries are 1.
pub(crate) type Shares = Vec<f64>;

struct Row {
    cut: Cut,
    entries: Vec<(usize, f64)>,
}

/// How far the whole relaxation was solved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Descent {
    /// No attack tried finds a violated cut.
    Converged,
    /// The budget ended, or the solver failed.
    Stopped,
}

/// What a round of separation came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Round {
    /// Rows were added and the program solved again.
    Added,
    /// No requirement is violated, as far as the separation sees.
    Converged,
    /// The solver failed; the last bound stands.
    Failed,
}

pub(crate) struct Relaxation<'p> {
    problem: &'p Problem,
    /// Cells that may be hidden and need not be, ascending: the columns.
    columns: Vec<CellId>,
    /// By cell: its column.
    places: Vec<u32>,
    rows: Vec<Row>,
    cover: Box<dyn Cover>,
    /// Weight of one unit of the program's cost.
    scale: f64,
    shares: Shares,
    multipliers: Vec<f64>,
    objective: f64,
    separator: Separator,
    threads: usize,
    /// What solving the program took, in candidate cells.
    solved: u64,
}

const NO_COLUMN: u32 = u32::MAX;
/// The heaviest cell's cost in the program, which the solver's tolerances suit.
const COST_MAX: f64 = 1e4;

impl<'p> Relaxation<'p> {
    pub(crate) fn new(problem: &'p Problem, solver: &dyn Solver, threads: usize) -> Self {
        let table = problem.table();
        let mut shares = vec![0.0; table.len()];
        let mut columns = Vec::new();
        let mut places = vec![NO_COLUMN; table.len()];
        for cell in table.cells().filter(|&cell| !problem.must_show(cell)) {
            if problem.must_hide(cell) {
                shares[cell.index()] = 1.0;
            } else {
                places[cell.index()] = u32::try_from(columns.len()).unwrap_or(NO_COLUMN);
                columns.push(cell);
            }
        }
        let heaviest = columns.iter().map(|&cell| problem.weight(cell)).max().unwrap_or(1).max(1);
        let scale = as_float_unsigned(heaviest) / COST_MAX;
        let costs: Vec<f64> =
            columns.iter().map(|&cell| as_float_unsigned(problem.weight(cell)) / scale).collect();
        Self {
            problem,
            columns,
            places,
            rows: Vec::new(),
            cover: solver.cover(&costs),
            scale,
            shares,
            multipliers: Vec::new(),
            objective: 0.0,
            separator: Separator::new(problem),
            threads,
            solved: 0,
        }
    }

    /// Candidate cells of circuits that would have taken as long as what was done so far.
    pub(crate) fn work(&self) -> u64 {
        self.solved.saturating_add(self.separator.work.saturating_mul(WORK_PER_STEP))
    }

    /// Solves the relaxation as a whole: cuts of single relations first, then attacks, until none is violated or
    /// `stop`, given the work done, says so. `tell` hears of each bound.
    pub(crate) fn descend(&mut self, stop: &dyn Fn(u64) -> bool, tell: &dyn Fn(u128)) -> Descent {
        while !stop(self.work()) {
            match self.lines() {
                Round::Added => tell(self.bound()),
                Round::Failed => return Descent::Stopped,
                Round::Converged => match self.attacks(Depth::Near(ATTACK_SIZE), stop) {
                    Round::Added => tell(self.bound()),
                    Round::Failed => return Descent::Stopped,
                    Round::Converged => return Descent::Converged,
                },
            }
        }
        Descent::Stopped
    }

    /// Branch and bound below the weight `best`: the proof of the bound reached. `realise` is offered patterns that
    /// withstand every attack and tells what they weigh once they are proved.
    pub(crate) fn distinguish(
        &mut self,
        best: u128,
        gap_ppm: u32,
        realise: &mut Realise<'_>,
        stop: &dyn Fn(u64) -> bool,
        tell: &dyn Fn(u128, u128),
    ) -> Proof {
        let mut tree = Tree::new(self, best, gap_ppm);
        tree.run(realise, stop, tell);
        tree.proof()
    }

    /// Rows in the program.
    fn rows(&self) -> usize {
        self.rows.len()
    }

    /// One round over relations alone.
    fn lines(&mut self) -> Round {
        let cuts = self.separator.lines(self.problem, &self.shares);
        self.take(cuts)
    }

    /// One round of attacks on the requirements that no known movement meets.
    fn attacks(&mut self, depth: Depth, stop: &dyn Fn(u64) -> bool) -> Round {
        let mut found = Round::Converged;
        let mut from = 0;
        while let Some(next) = self.separator.slice(from, SLICE) {
            if stop(self.work()) {
                return Round::Failed;
            }
            let cuts = self.separator.attacks(self.problem, &self.shares, from..next, depth, self.threads);
            match self.take(cuts) {
                Round::Converged => {}
                Round::Added => found = Round::Added,
                Round::Failed => return Round::Failed,
            }
            from = next;
        }
        found
    }

    fn take(&mut self, cuts: Vec<(Cut, Inequality)>) -> Round {
        if cuts.is_empty() {
            return Round::Converged;
        }
        for (cut, inequality) in cuts {
            let right = wide(inequality.right);
            let entries: Vec<(usize, f64)> = inequality
                .coefficients
                .iter()
                .map(|&(cell, coefficient)| (self.places[cell.index()] as usize, wide(coefficient) / right))
                .collect();
            self.cover.add_row(&entries);
            self.rows.push(Row { cut, entries });
        }
        self.solve().map_or(Round::Failed, |()| Round::Added)
    }

    fn solve(&mut self) -> Option<()> {
        let lines = self.rows.len() + self.columns.len();
        self.solved += WORK_PER_LINE * lines as u64;
        let steps_max = u32::try_from(STEPS_BY_LINES_MAX / lines.max(1)).unwrap_or(u32::MAX);
        let Outcome::Optimal(solution) = self.cover.solve(steps_max) else { return None };
        let whole_answer = solution.columns.len() == self.columns.len()
            && solution.multipliers.len() == self.rows.len()
            && solution.objective.is_finite()
            && solution.columns.iter().chain(&solution.multipliers).all(|value| value.is_finite());
        if !whole_answer {
            return None;
        }
        for (&cell, &value) in self.columns.iter().zip(&solution.columns) {
            self.shares[cell.index()] = value.clamp(0.0, 1.0);
        }
        self.multipliers = solution.multipliers;
        self.objective = solution.objective * self.scale;
        Some(())
    }

    /// The proof of the last bound: one case.
    pub(crate) fn proof(&mut self) -> Proof {
        let mut tree = Tree::new(self, u128::MAX, 0);
        tree.settle();
        tree.proof()
    }

    /// The multipliers of the last solve, by row, in whole [`MULTIPLIER_UNIT`]s.
    fn multipliers_exact(&self) -> Vec<(u32, u64)> {
        let unit = self.scale * as_float(i64::try_from(MULTIPLIER_UNIT).unwrap_or(1));
        (0_u32..)
            .zip(&self.multipliers)
            .filter_map(|(row, &multiplier)| {
                let amount = crate::local::to_whole((multiplier * unit).round())?;
                (amount > 0).then_some((row, amount.unsigned_abs()))
            })
            .collect()
    }

    /// The last bound, rounded up to a whole weight after a hair is taken off: the exact proof decides.
    fn bound(&self) -> u128 {
        let bound = (self.objective * (1.0 - 1e-9)).ceil().max(0.0);
        crate::local::to_whole(bound).map_or(0, |bound| u128::from(bound.unsigned_abs()))
    }

    fn cut(&self, row: usize) -> &Cut {
        &self.rows[row].cut
    }

    fn decide(&mut self, cell: CellId, hidden: bool) {
        let share = f64::from(u8::from(hidden));
        self.cover.set_bounds(self.places[cell.index()] as usize, share, share);
    }

    fn free(&mut self, cell: CellId) {
        self.cover.set_bounds(self.places[cell.index()] as usize, 0.0, 1.0);
    }

    /// A row that cannot hold with these cells published, and the share of its right side that is missing.
    fn impossible(&self, decided: &[(CellId, bool)]) -> Option<(u32, f64)> {
        let published = |column: usize| decided.contains(&(self.columns[column], false));
        (0_u32..).zip(&self.rows).find_map(|(number, row)| {
            let most: f64 =
                row.entries.iter().filter(|&&(column, _)| !published(column)).map(|&(_, value)| value).sum();
            (most < 1.0 - 1e-9).then_some((number, 1.0 - most))
        })
    }

    /// The cell neither published nor hidden whose fraction leaves most weight in doubt; none where all are whole.
    fn most_doubtful(&self) -> Option<CellId> {
        let doubt = |cell: CellId| {
            let share = self.shares[cell.index()];
            share.min(1.0 - share) * as_float_unsigned(self.problem.weight(cell))
        };
        let fractional =
            self.columns.iter().copied().filter(|cell| tree::is_fractional(self.shares[cell.index()]));
        // Of equals the first.
        fractional.min_by(|&one, &other| doubt(other).total_cmp(&doubt(one)))
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "only the solver sees it; the exact numbers stay with the cut"
)]
fn wide(value: i128) -> f64 {
    value as f64
}

fn violation(inequality: &Inequality, shares: &Shares) -> f64 {
    let right = wide(inequality.right);
    let left: f64 = inequality
        .coefficients
        .iter()
        .map(|&(cell, coefficient)| wide(coefficient) / right * shares[cell.index()])
        .sum();
    1.0 - left
}

/// The cut as the shares violate it most, with nothing assumed or with what is hidden at least to some share.
fn violated(problem: &Problem, cut: Cut, shares: &Shares) -> Option<(Cut, Inequality)> {
    let plain = bound::inequality(problem, &cut)?;
    let named: Vec<CellId> = plain.coefficients.iter().map(|&(cell, _)| cell).collect();
    let mut most = violation(&plain, shares).max(VIOLATION_MIN);
    let mut best = (violation(&plain, shares) > VIOLATION_MIN).then(|| (cut.clone(), plain));
    for least in ASSUMED_SHARES {
        let assumed: Vec<CellId> =
            named.iter().copied().filter(|cell| shares[cell.index()] >= least).collect();
        if best.as_ref().is_some_and(|(cut, _)| cut.assumed == assumed) {
            continue;
        }
        let tightened = Cut { assumed, ..cut.clone() };
        let Some(inequality) = bound::inequality(problem, &tightened) else { continue };
        let violation = violation(&inequality, shares);
        if violation > most {
            most = violation;
            best = Some((tightened, inequality));
        }
    }
    best
}
