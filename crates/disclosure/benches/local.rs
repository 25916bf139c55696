//! Local programs, solved by HiGHS and by our own simplex in the same run: median and mean time, and whether they
//! agree.
//!
//! Programs are drawn from the instances beside the repository where they are present and from a generated table
//! always, at two states of a search: only the sensitive cells blank, and a whole pattern blank. First the witness
//! program of a requirement from nothing; "3" is three rounds of it with costs reweighted; "attack" moves
//! the target as far as it will go among the blanks, all bounded by the need, multipliers included.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints its table and stops at a fault"
)]

use std::hint::black_box;
use std::time::Instant;

use disclosure::budget::Budget;
use disclosure::generate::{self, Shape};
use disclosure::pattern::{Pattern, Status};
use disclosure::problem::{Problem, Weight};
use disclosure::protect::protect;
use disclosure::rule::{PPercent, Rules};
use disclosure::simplex::sample::{Sample, samples};
use disclosure::simplex::{self, Column, Simplex, Small};
use disclosure::solver::{Highs, Outcome, Program, Solver};
use disclosure::{Ratio, solver};

#[path = "../tests/integration/instance.rs"]
mod instance;

const NAMES: [&str; 5] = ["allies", "s1e4", "rt_act_nuts_size", "s1e5", "rt_ind_act_nuts"];
/// Programs a table, state and size.
const WANTED: usize = 40;
/// Cells of a neighbourhood.
const SIZES: [usize; 2] = [100, 300];
const ROUNDS: usize = 3;
/// Columns that cost less a unit are blank already.
const BLANK_COST: f64 = 1e-6;
/// Repetitions of each solve, of which the fastest counts.
const REPEATS: usize = 3;

fn main() {
    println!(
        "{:<18} {:<8} {:>5} {:>7} {:>6} {:>7} | {:>9} {:>9} {:>9} {:>9} {:>6} | {:>9} {:>9} {:>6} | {:>9} {:>9} {:>6} | {:>8}",
        "table",
        "blank",
        "count",
        "columns",
        "rows",
        "steps",
        "HiGHS med",
        "mean us",
        "ours med",
        "mean us",
        "ratio",
        "HiGHS 3",
        "ours 3",
        "ratio",
        "attack",
        "ours",
        "ratio",
        "differ"
    );
    let mut all = Vec::new();
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    for name in NAMES.into_iter().chain(["generated"]) {
        if !wanted.is_empty() && !wanted.iter().any(|wanted| wanted == name) {
            continue;
        }
        let Some(problem) = problem(name) else { continue };
        let primaries = primaries(&problem);
        let budget_pattern = Budget::untimed(|budget| {
            let limited = Budget { work_limit: 1, ..*budget };
            protect(&problem, &Highs, &limited).expect("every table here can be protected").pattern
        });
        for (state, pattern) in [("primary", primaries), ("pattern", budget_pattern)] {
            let mut found = Vec::new();
            for size in sizes() {
                for sample in samples(&problem, &pattern, WANTED, size) {
                    found.push(measure(&sample));
                }
            }
            report(name, state, &found);
            all.append(&mut found);
        }
    }
    report("all", "", &all);
}

/// Cells of a neighbourhood: as `--size=N` says, or the usual ones.
fn sizes() -> Vec<usize> {
    let given = std::env::args().filter_map(|argument| argument.strip_prefix("--size=")?.parse().ok());
    let given: Vec<usize> = given.collect();
    if given.is_empty() { SIZES.to_vec() } else { given }
}

fn primaries(problem: &Problem) -> Pattern {
    let mut pattern = Pattern::all_published(problem.table().len());
    for cell in problem.primaries() {
        pattern.set(cell, Status::Primary);
    }
    pattern
}

struct Measured {
    columns: usize,
    rows: usize,
    steps: u64,
    first: [f64; 2],
    rounds: [f64; 2],
    attack: [f64; 2],
    differ: f64,
}

fn measure(sample: &Sample) -> Measured {
    let mut measured = Measured {
        columns: sample.columns.len(),
        rows: sample.rows.len(),
        steps: 0,
        first: [f64::INFINITY; 2],
        rounds: [f64::INFINITY; 2],
        attack: [f64::INFINITY; 2],
        differ: 0.0,
    };
    let attack = attack(sample);
    for _ in 0..REPEATS {
        let theirs = by_highs(sample);
        let (ours, steps) = by_ours(sample);
        measured.steps = steps;
        for (side, run) in [&theirs, &ours].into_iter().enumerate() {
            measured.first[side] = measured.first[side].min(run.first);
            measured.rounds[side] = measured.rounds[side].min(run.rounds);
        }
        let attacks = [timed(&Highs, &attack), timed(&Small, &attack)];
        for (least, run) in measured.attack.iter_mut().zip(&attacks) {
            *least = least.min(run.first);
        }
        let [theirs_attack, ours_attack] = attacks;
        for (theirs, ours) in [(theirs, ours), (theirs_attack, ours_attack)] {
            let differ = match (theirs.objective, ours.objective) {
                (Some(theirs), Some(ours)) => (theirs - ours).abs() / (1e-3 + theirs.abs()),
                (None, None) => 0.0,
                _ => f64::INFINITY,
            };
            measured.differ = measured.differ.max(differ);
        }
    }
    measured
}

/// The target as far as it will go the way it is to go, among the blanks of a sample.
fn attack(sample: &Sample) -> Program {
    let mut program = Program::default();
    let mut place = vec![None; sample.columns.len()];
    for (at, column) in sample.columns.iter().enumerate() {
        let cost = if at == sample.target { -column.lower } else { 0.0 };
        let (lower, upper) = if at == sample.target { (-1.0, 1.0) } else { (column.lower.max(-1.0), 1.0) };
        if at == sample.target || column.above < BLANK_COST {
            place[at] = Some(program.columns.len());
            program.columns.push(solver::Column { lower, upper, cost, whole: false });
        }
    }
    for row in &sample.rows {
        let entries: Vec<(usize, f64)> =
            row.iter().filter_map(|&(column, value)| Some((place[column]?, value))).collect();
        if !entries.is_empty() {
            program.rows.push(entries);
        }
    }
    program
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn timed(solver: &dyn Solver, program: &Program) -> Run {
    let start = Instant::now();
    let outcome = black_box(solver.open(program, 20.0).solve());
    let first = start.elapsed().as_secs_f64();
    let objective = if let Outcome::Optimal(solution) = outcome { Some(solution.objective) } else { None };
    Run { first, rounds: first, objective }
}

struct Run {
    first: f64,
    rounds: f64,
    objective: Option<f64>,
}

fn reweighted(columns: &[Column], values: &[f64]) -> Vec<Column> {
    let one = |(column, value): (&Column, &f64)| {
        let cost = if column.above < BLANK_COST { column.above } else { column.above / (value.abs() + 0.05) };
        Column { below: -cost, above: cost, ..*column }
    };
    columns.iter().zip(values).map(one).collect()
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn by_highs(sample: &Sample) -> Run {
    let start = Instant::now();
    let mut program = Program::default();
    for column in &sample.columns {
        for upper in [column.upper, -column.lower] {
            program.columns.push(solver::Column { lower: 0.0, upper, cost: column.above, whole: false });
        }
    }
    let amount = sample.columns[sample.target].lower;
    for (place, amount) in [(0, amount.max(0.0)), (1, (-amount).max(0.0))] {
        let column = &mut program.columns[2 * sample.target + place];
        (column.lower, column.upper) = (amount, amount);
    }
    for row in &sample.rows {
        program.rows.push(
            row.iter().flat_map(|&(place, sign)| [(2 * place, sign), (2 * place + 1, -sign)]).collect(),
        );
    }
    let mut session = Highs.open(&program, 20.0);
    let outcome = black_box(session.solve());
    let first = start.elapsed().as_secs_f64();
    let Outcome::Optimal(solution) = outcome else { return Run { first, rounds: first, objective: None } };
    let objective = solution.objective;
    let mut values: Vec<f64> = solution.columns.chunks_exact(2).map(|pair| pair[0] - pair[1]).collect();
    for _ in 1..ROUNDS {
        for (place, column) in reweighted(&sample.columns, &values).iter().enumerate() {
            session.set_cost(2 * place, column.above);
            session.set_cost(2 * place + 1, column.above);
        }
        let Outcome::Optimal(solution) = black_box(session.solve()) else { break };
        values = solution.columns.chunks_exact(2).map(|pair| pair[0] - pair[1]).collect();
    }
    Run { first, rounds: start.elapsed().as_secs_f64(), objective: Some(objective) }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn by_ours(sample: &Sample) -> (Run, u64) {
    let start = Instant::now();
    let mut simplex = Simplex::new(sample.columns.clone(), sample.rows.iter().map(|row| row.iter().copied()));
    let mut answer = black_box(simplex.solve());
    let first = start.elapsed().as_secs_f64();
    let steps = answer.iterations;
    let objective = (answer.status == simplex::Status::Optimal).then_some(answer.objective);
    if objective.is_some() {
        for _ in 1..ROUNDS {
            for (place, column) in reweighted(&sample.columns, &answer.values).into_iter().enumerate() {
                simplex.set_column(place, column);
            }
            answer = black_box(simplex.solve());
        }
    }
    (Run { first, rounds: start.elapsed().as_secs_f64(), objective }, steps)
}

fn report(name: &str, state: &str, found: &[Measured]) {
    if found.is_empty() {
        return;
    }
    let middle = |value: &dyn Fn(&Measured) -> f64| {
        let mut values: Vec<f64> = found.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    #[expect(clippy::cast_precision_loss, reason = "a count of some hundreds")]
    let mean = |value: &dyn Fn(&Measured) -> f64| found.iter().map(value).sum::<f64>() / found.len() as f64;
    let micro = 1e6;
    #[expect(clippy::cast_precision_loss, reason = "printed to a whole number")]
    let sizes = [
        middle(&|measured| measured.columns as f64),
        middle(&|measured| measured.rows as f64),
        middle(&|measured| measured.steps as f64),
    ];
    let first = [0, 1].map(|side| middle(&|measured| measured.first[side]) * micro);
    let means = [0, 1].map(|side| mean(&|measured| measured.first[side]) * micro);
    let rounds = [0, 1].map(|side| middle(&|measured| measured.rounds[side]) * micro);
    let attack = [0, 1].map(|side| middle(&|measured| measured.attack[side]) * micro);
    let differ = found.iter().map(|measured| measured.differ).fold(0.0, f64::max);
    if std::env::args().any(|argument| argument == "--slow") {
        let mut slow: Vec<&Measured> = found.iter().collect();
        slow.sort_by(|a, b| b.first[1].total_cmp(&a.first[1]));
        for measured in slow.iter().take(4) {
            println!(
                "    {} columns {} rows {} steps: HiGHS {:.0} us, ours {:.0} us",
                measured.columns,
                measured.rows,
                measured.steps,
                measured.first[0] * micro,
                measured.first[1] * micro
            );
        }
    }
    println!(
        "{:<18} {:<8} {:>5} {:>7} {:>6} {:>7} | {:>9.1} {:>9.1} {:>9.1} {:>9.1} {:>6.1} | {:>9.1} {:>9.1} {:>6.1} | {:>9.1} {:>9.1} {:>6.1} | {:>8.1e}",
        name,
        state,
        found.len(),
        sizes[0],
        sizes[1],
        sizes[2],
        first[0],
        means[0],
        first[1],
        means[1],
        first[0] / first[1],
        rounds[0],
        rounds[1],
        rounds[0] / rounds[1],
        attack[0],
        attack[1],
        attack[0] / attack[1],
        differ
    );
}

fn problem(name: &str) -> Option<Problem> {
    if name != "generated" {
        let folder = instance::shared().join("instances").join(name);
        return folder.is_dir().then(|| instance::load(&folder));
    }
    let shape = Shape {
        variables: vec![("A", vec![5, 5]), ("B", vec![4, 4]), ("C", vec![6])],
        contributors: 400,
        filled_per_mille: 700,
        contributors_per_cell_max: 9,
        seed: 3,
    };
    let (hierarchies, contributions) = generate::table(&shape).expect("the shape is sound");
    let rules = Rules {
        p: Some(PPercent { p: Ratio::whole(10), q: Ratio::whole(100), pooling: 1 }),
        ..Rules::default()
    };
    Some(
        Problem::from_contributions(hierarchies, &contributions, &rules, &Weight::Value)
            .expect("a sound table"),
    )
}
