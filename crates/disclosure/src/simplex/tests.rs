//! The simplex against brute force, against HiGHS, and against what duality promises.

use proptest::prelude::*;

use super::{Answer, Column, Simplex, Small, Status};
use crate::solver::{self, Highs, Outcome, Program, Solver};

/// Objectives agree within this share: slopes are spread by about a millionth.
const CLOSE: f64 = 1e-5;

type Rows = Vec<Vec<(usize, f64)>>;

/// The relations of a crossed table with this many leaves a variable, cell 0 of each variable the total, among the
/// cells that are kept; and how many those are.
fn relations(leaves: &[usize], kept: &[bool]) -> (usize, Rows) {
    let lengths: Vec<usize> = leaves.iter().map(|&leaves| leaves + 1).collect();
    let cells: usize = lengths.iter().product();
    let mut place = vec![None; cells];
    let mut count = 0;
    for (cell, place) in place.iter_mut().enumerate() {
        if kept[cell % kept.len()] || cell == 0 {
            *place = Some(count);
            count += 1;
        }
    }
    let mut rows = Rows::new();
    let mut stride = 1;
    for &length in &lengths {
        for margin in (0..cells).filter(|cell| cell / stride % length == 0) {
            let parts = (1..length).map(|code| (place[margin + code * stride], -1.0));
            let members = [(place[margin], 1.0)].into_iter().chain(parts);
            let row: Vec<(usize, f64)> =
                members.filter_map(|(place, value)| place.map(|place| (place, value))).collect();
            rows.push(row);
        }
        stride *= length;
    }
    (count, rows)
}

fn opened(columns: Vec<Column>, rows: &[Vec<(usize, f64)>]) -> Simplex {
    Simplex::new(columns, rows.iter().map(|row| row.iter().copied()))
}

fn fixed(column: Column, at: f64) -> Column {
    Column { lower: at, upper: at, ..column }
}

/// Rows hold, bounds hold, and the objective is what the values cost.
fn assert_feasible(simplex: &Simplex, rows: &Rows, answer: &Answer) {
    for row in rows {
        let sum: f64 = row.iter().map(|&(column, value)| value * answer.values[column]).sum();
        assert!(sum.abs() < 1e-7, "a row sums to {sum}");
    }
    for (column, &value) in simplex.columns().iter().zip(&answer.values) {
        assert!(
            value >= column.lower - 1e-7 && value <= column.upper + 1e-7,
            "{value} is outside {column:?}"
        );
    }
    let cost: f64 =
        simplex.columns().iter().zip(&answer.values).map(|(column, &value)| column.cost(value)).sum();
    assert!((cost - answer.objective).abs() <= 1e-9 * (1.0 + cost.abs()));
}

/// The bound that the multipliers prove: for each column the least of `cost(y) - price * y` within its bounds.
fn dual_bound(simplex: &Simplex, rows: &Rows) -> f64 {
    let mut prices = vec![0.0; simplex.columns().len()];
    for (row, multiplier) in rows.iter().zip(simplex.multipliers()) {
        for &(column, value) in row {
            prices[column] += multiplier * value;
        }
    }
    let least = |(column, price): (&Column, f64)| {
        let at = |value: f64| {
            let slope = if value < 0.0 { column.below } else { column.above } - price;
            // A slope that is zero up to rounding and spreading costs nothing, however far the column may go.
            if slope.abs() < 1e-5 { 0.0 } else { slope * value }
        };
        at(column.lower).min(at(column.upper)).min(if column.lower <= 0.0 && column.upper >= 0.0 {
            0.0
        } else {
            f64::INFINITY
        })
    };
    simplex.columns().iter().zip(prices).map(least).sum()
}

fn assert_close(one: f64, other: f64) {
    assert!((one - other).abs() <= CLOSE * (1.0 + one.abs().max(other.abs())), "{one} is not {other}");
}

/// The same program with HiGHS: rises and falls are columns of their own.
fn by_highs(simplex: &Simplex, rows: &Rows) -> Outcome {
    let mut program = Program::default();
    for column in simplex.columns() {
        let rise = solver::Column {
            lower: column.lower.max(0.0),
            upper: column.upper.max(0.0),
            cost: column.above,
            whole: false,
        };
        let fall = solver::Column {
            lower: (-column.upper).max(0.0),
            upper: (-column.lower).max(0.0),
            cost: -column.below,
            whole: false,
        };
        program.columns.extend([rise, fall]);
    }
    let split = |row: &Vec<(usize, f64)>| {
        row.iter().flat_map(|&(column, value)| [(2 * column, value), (2 * column + 1, -value)]).collect()
    };
    program.rows = rows.iter().map(split).collect();
    Highs.open(&program, 10.0).solve()
}

fn assert_like_highs(simplex: &mut Simplex, rows: &Rows) {
    let answer = simplex.solve();
    match (by_highs(simplex, rows), answer.status) {
        (Outcome::Optimal(solution), Status::Optimal) => {
            assert_close(solution.objective, answer.objective);
            assert_feasible(simplex, rows, &answer);
            assert_close(dual_bound(simplex, rows), answer.objective);
        }
        (Outcome::Infeasible, Status::Infeasible)
        | (Outcome::Unbounded | Outcome::Unknown("unbounded or infeasible"), Status::Unbounded) => {}
        (theirs, ours) => panic!("HiGHS says {theirs:?}, we say {ours:?}"),
    }
}

#[derive(Clone, Debug)]
struct Drawn {
    rows: Rows,
    columns: Vec<Column>,
    target: usize,
    amount: f64,
}

impl Drawn {
    fn moving(&self) -> Simplex {
        let mut simplex = opened(self.columns.clone(), &self.rows);
        simplex.set_column(self.target, fixed(self.columns[self.target], self.amount));
        simplex
    }

    /// The target as far up or down as it goes, at no other cost.
    fn attack(&self, slope: f64) -> Simplex {
        let free = |column: &Column| Column { below: 0.0, above: 0.0, ..*column };
        let mut columns: Vec<Column> = self.columns.iter().map(free).collect();
        columns[self.target] = Column { below: slope, above: slope, ..columns[self.target] };
        opened(columns, &self.rows)
    }
}

/// A program over two or three crossed variables, whole bounds and costs, some columns without an upper bound.
fn drawn(variables: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Drawn> {
    let leaves = proptest::collection::vec(2_usize..=5, variables);
    let kept = proptest::collection::vec(proptest::bool::weighted(0.8), 97);
    let column = (0_u32..20, proptest::option::of(0_u32..30), 0_u32..50);
    let columns = proptest::collection::vec(column, 216);
    (leaves, kept, columns, any::<prop::sample::Index>(), 1_i32..6, any::<bool>()).prop_map(
        |(leaves, kept, columns, target, amount, down)| {
            let (count, rows) = relations(&leaves, &kept);
            let one = |&(falls, rises, cost): &(u32, Option<u32>, u32)| {
                Column::cell(f64::from(falls), rises.map_or(f64::INFINITY, f64::from), f64::from(cost))
            };
            let columns = columns.iter().cycle().take(count).map(one).collect();
            let amount = f64::from(if down { -amount } else { amount });
            Drawn { rows, columns, target: target.index(count), amount }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn moves_as_cheaply_as_highs(drawn in drawn(2..=3)) {
        assert_like_highs(&mut drawn.moving(), &drawn.rows);
    }

    #[test]
    fn attacks_as_far_as_highs(drawn in drawn(2..=3), up: bool) {
        assert_like_highs(&mut drawn.attack(if up { -1.0 } else { 1.0 }), &drawn.rows);
    }

    #[test]
    fn two_variables_come_out_whole(drawn in drawn(2..=2)) {
        let mut simplex = drawn.moving();
        let answer = simplex.solve();
        if answer.status == Status::Optimal {
            let whole: Vec<i64> = answer.values.iter().map(|&value| crate::local::to_whole(value).unwrap()).collect();
            for row in &drawn.rows {
                let sum: i64 = row.iter().map(|&(column, value)| whole[column] * if value > 0.0 { 1 } else { -1 }).sum();
                prop_assert_eq!(sum, 0);
            }
            for (column, &value) in simplex.columns().iter().zip(&whole) {
                let value = crate::local::as_float(value);
                prop_assert!(column.lower <= value && value <= column.upper);
            }
        }
    }

    #[test]
    fn rows_given_twice_change_nothing(drawn in drawn(2..=3)) {
        let once = drawn.moving().solve();
        let rows: Rows = drawn.rows.iter().chain(&drawn.rows).cloned().collect();
        let mut twice = Drawn { rows, ..drawn.clone() }.moving();
        let again = twice.solve();
        prop_assert_eq!(once.status, again.status);
        if once.status == Status::Optimal {
            assert_close(once.objective, again.objective);
        }
    }

    #[test]
    fn warm_is_cold(drawn in drawn(2..=3), other in drawn(2..=3), bounds: Vec<(prop::sample::Index, u8)>) {
        let mut warm = drawn.moving();
        warm.solve();
        for (place, column) in other.columns.iter().enumerate().take(drawn.columns.len()) {
            let found = warm.columns()[place];
            warm.set_column(place, Column { below: column.below, above: column.above, ..found });
        }
        for again in 0..3 {
            for (at, falls) in bounds.iter().skip(again) {
                let at = at.index(drawn.columns.len());
                let found = warm.columns()[at];
                if at != drawn.target {
                    warm.set_column(at, Column { lower: -f64::from(*falls), ..found });
                }
            }
            let answer = warm.solve();
            let mut cold = opened(warm.columns().to_vec(), &drawn.rows);
            let fresh = cold.solve();
            prop_assert_eq!(answer.status, fresh.status);
            if answer.status == Status::Optimal {
                assert_close(answer.objective, fresh.objective);
                assert_close(dual_bound(&warm, &drawn.rows), answer.objective);
            }
        }
    }

    #[test]
    fn another_target_is_a_fresh_start(drawn in drawn(2..=3), to: prop::sample::Index) {
        let mut warm = drawn.moving();
        warm.solve();
        let to = to.index(drawn.columns.len());
        warm.set_column(drawn.target, drawn.columns[drawn.target]);
        warm.set_column(to, fixed(drawn.columns[to], drawn.amount));
        assert_like_highs(&mut warm, &drawn.rows);
    }

    #[test]
    fn every_run_gives_the_same_answer(drawn in drawn(2..=3)) {
        let (mut one, mut other) = (drawn.moving(), drawn.moving());
        prop_assert_eq!(one.solve(), other.solve());
        prop_assert_eq!(one.multipliers(), other.multipliers());
        one.forget();
        prop_assert_eq!(one.solve(), drawn.moving().solve());
    }

    #[test]
    fn the_adapter_is_a_solver(drawn in drawn(2..=3), up: bool) {
        let mut program = Program { columns: Vec::new(), rows: drawn.rows.clone() };
        for column in &drawn.columns {
            program.columns.push(solver::Column { lower: column.lower, upper: column.upper, cost: 0.0, whole: false });
        }
        let cost = if up { -1.0 } else { 1.0 };
        let solve = |solver: &dyn Solver| {
            let mut session = solver.open(&program, 10.0);
            session.set_cost(drawn.target, cost);
            let first = session.solve();
            session.set_bounds(drawn.target, 0.0, 1.0);
            (first, session.solve())
        };
        let (ours, theirs) = (solve(&Small), solve(&Highs));
        for pair in [(ours.0, theirs.0), (ours.1, theirs.1)] {
            match pair {
                (Outcome::Optimal(ours), Outcome::Optimal(theirs)) => {
                    assert_close(ours.objective, theirs.objective);
                    prop_assert_eq!(ours.multipliers.len(), drawn.rows.len());
                }
                (Outcome::Unbounded, Outcome::Unbounded | Outcome::Unknown("unbounded or infeasible")) => {}
                (ours, theirs) => panic!("we say {ours:?}, HiGHS says {theirs:?}"),
            }
        }
    }
}

/// The least cost over all whole deviations within the bounds, by trying every one of the inner cells.
fn by_force(columns: &[Column], rows: &Rows, target: usize, amount: f64) -> Option<f64> {
    // Cells of a 2 x 2 table with totals: 0 1 2 / 3 4 5 / 6 7 8, inner cells 4 5 7 8.
    let mut best: Option<f64> = None;
    let range = -3..=3_i32;
    for a in range.clone() {
        for b in range.clone() {
            for c in range.clone() {
                for d in range.clone() {
                    let cells = [a + b + c + d, a + c, b + d, a + b, a, b, c + d, c, d];
                    let values: Vec<f64> = cells.iter().map(|&cell| f64::from(cell)).collect();
                    let holds = rows.iter().all(|row| {
                        row.iter().map(|&(column, value)| value * values[column]).sum::<f64>().abs() < 0.5
                    });
                    assert!(holds, "the cells are numbered wrongly");
                    let inside = columns
                        .iter()
                        .zip(&values)
                        .all(|(column, &value)| column.lower <= value && value <= column.upper);
                    if inside && (values[target] - amount).abs() < 0.5 {
                        let cost =
                            columns.iter().zip(&values).map(|(column, &value)| column.cost(value)).sum();
                        best = Some(best.map_or(cost, |best| best.min(cost)));
                    }
                }
            }
        }
    }
    best
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tiny_tables_by_force(
        cells in proptest::collection::vec((0_u8..3, 0_u8..3, 0_u8..9), 9),
        target in 0_usize..9,
        amount in prop_oneof![Just(-1.0), Just(1.0), Just(2.0)],
    ) {
        let (count, rows) = relations(&[2, 2], &[true]);
        prop_assert_eq!(count, 9);
        let columns: Vec<Column> = cells
            .iter()
            .map(|&(falls, rises, cost)| Column::cell(f64::from(falls), f64::from(rises), f64::from(cost)))
            .collect();
        let mut simplex = opened(columns.clone(), &rows);
        let goal = if columns[target].lower <= amount && amount <= columns[target].upper {
            simplex.set_column(target, fixed(columns[target], amount));
            by_force(&columns, &rows, target, amount)
        } else {
            return Ok(());
        };
        let answer = simplex.solve();
        match goal {
            Some(cost) => {
                prop_assert_eq!(answer.status, Status::Optimal);
                assert_close(answer.objective, cost);
            }
            None => prop_assert_eq!(answer.status, Status::Infeasible),
        }
    }
}

#[test]
fn an_attack_without_limit_is_unbounded() {
    let (count, rows) = relations(&[2, 2], &[true]);
    let mut columns = vec![Column { below: 0.0, above: 0.0, ..Column::cell(3.0, f64::INFINITY, 0.0) }; count];
    columns[4] = Column { below: -1.0, above: -1.0, ..columns[4] };
    let mut simplex = opened(columns, &rows);
    assert_eq!(simplex.solve().status, Status::Unbounded);
    // Published totals stop it: the cell can take what the other one in its row has.
    for cell in [0, 1, 2, 3, 6] {
        simplex.set_column(cell, fixed(simplex.columns()[cell], 0.0));
    }
    let answer = simplex.solve();
    assert_eq!(answer.status, Status::Optimal);
    assert_close(answer.objective, -3.0);
}

#[test]
fn too_few_steps_are_no_answer() {
    let (count, rows) = relations(&[4, 4, 3], &[true]);
    let columns = vec![Column::cell(5.0, f64::INFINITY, 1.0); count];
    let mut simplex = opened(columns.clone(), &rows);
    simplex.set_column(7, fixed(columns[7], 1.0));
    simplex.set_iterations_max(1);
    assert_eq!(simplex.solve().status, Status::IterationLimit);
    simplex.set_iterations_max(10_000);
    let answer = simplex.solve();
    assert_eq!(answer.status, Status::Optimal);
    assert!(answer.iterations > 1);
    assert_feasible(&simplex, &rows, &answer);
}

#[test]
fn bounds_the_wrong_way_round_are_infeasible() {
    let mut simplex = opened(vec![Column::cell(1.0, 1.0, 1.0)], &[]);
    assert_eq!(simplex.solve().status, Status::Optimal);
    simplex.set_column(0, Column { lower: 1.0, upper: -1.0, below: -1.0, above: 1.0 });
    assert_eq!(simplex.solve().status, Status::Infeasible);
    // Fixed at zero by its row, asked to be elsewhere.
    let mut alone = opened(vec![Column { lower: 1.0, ..Column::cell(0.0, 2.0, 1.0) }], &[vec![(0, 1.0)]]);
    assert_eq!(alone.solve().status, Status::Infeasible);
}

#[test]
fn integer_programs_go_to_the_other_solver() {
    let whole = solver::Column { lower: 0.0, upper: 5.0, cost: -1.0, whole: true };
    let program = Program { columns: vec![whole, whole], rows: vec![vec![(0, 2.0), (1, -3.0)]] };
    let Outcome::Optimal(solution) = Small.open(&program, 10.0).solve() else { panic!("no answer") };
    assert_close(solution.objective, -5.0);
}
