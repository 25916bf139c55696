//! Patterns against coalitions, held against linear programs over single records: no lemma, no reduced table.

use disclosure::Ratio;
use disclosure::audit::{Fault, Finding, audit_against, spell_out};
use disclosure::budget::Budget;
use disclosure::coalition::checker::{self, Claim};
use disclosure::coalition::exposure::exposures;
use disclosure::coalition::{Opponents, Shares};
use disclosure::fraction::Fraction;
use disclosure::generate::{self, Shape};
use disclosure::guarantee::{Coalition, Family, Guarantee};
use disclosure::pattern::{Pattern, Status};
use disclosure::problem::{Contributions, Problem, UnitId, Weight};
use disclosure::protect::{CannotProtect, Protected, protect_against};
use disclosure::rule::Rules;
use disclosure::solver::{Column, Highs, Outcome, Program, Solver as _};
use disclosure::table::{CellId, Table};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

pub(crate) const UNITS: u32 = 7;

pub(crate) struct World {
    pub(crate) problem: Problem,
    pub(crate) contributions: Contributions,
    pub(crate) coalitions: Vec<Coalition>,
}

pub(crate) fn coalition(id: &str, members: &[u32]) -> Coalition {
    Coalition { id: id.to_owned(), members: members.iter().copied().map(UnitId).collect() }
}

pub(crate) fn world(fans: &[Vec<usize>], seed: u64) -> World {
    let names = ["A", "B", "C"];
    let shape = Shape {
        variables: names.into_iter().zip(fans.iter().cloned()).collect(),
        contributors: UNITS,
        filled_per_mille: 900,
        contributors_per_cell_max: 6,
        seed,
    };
    let (trees, contributions) = generate::table(&shape).unwrap();
    let problem =
        Problem::from_contributions(trees, &contributions, &Rules::default(), &Weight::Value).unwrap();
    let mut coalitions = vec![Coalition::outsider()];
    coalitions.extend((0..UNITS).map(|unit| coalition(&format!("alone {unit}"), &[unit])));
    coalitions.push(coalition("union", &[0, 2, 4]));
    coalitions.push(coalition("pair", &[1, 2]));
    World { problem, contributions, coalitions }
}

pub(crate) fn guarantee(p: i64, two_sided: bool, families: &[Family]) -> Guarantee {
    Guarantee { p: Ratio::whole(p), floor: 0, two_sided, families: families.to_vec() }
}

pub(crate) fn protected(world: &World, guarantee: &Guarantee) -> Result<Protected, CannotProtect> {
    let shares = Shares::new(world.problem.table(), &world.contributions).unwrap();
    let opponents = Opponents {
        contributions: &world.contributions,
        shares: &shares,
        coalitions: &world.coalitions,
        guarantee,
    };
    Budget::untimed(|budget| protect_against(&world.problem, &opponents, &Highs, budget))
}

/// One record a unit and lowest cell, and the cells it is counted in.
fn records(world: &World) -> Vec<(UnitId, i64, Vec<CellId>)> {
    let table = world.problem.table();
    let mut records = Vec::new();
    for cell in table.cells().filter(|&cell| table.margin_along(cell).variables().next().is_none()) {
        for unit in (0..UNITS).map(UnitId) {
            let Some(amount) = world.contributions.amount_in(table, cell, unit) else { continue };
            let above = table.cells().filter(|&above| is_below(table, cell, above)).collect();
            records.push((unit, amount, above));
        }
    }
    records
}

fn is_below(table: &Table, cell: CellId, above: CellId) -> bool {
    (0..table.hierarchies().len()).all(|variable| {
        let tree = &table.hierarchies()[variable];
        let top = table.node(above, variable);
        std::iter::successors(Some(table.node(cell, variable)), |&node| tree.parent(node))
            .any(|node| node == top)
    })
}

/// The ends of how far the records in `quantity` can move together, for somebody who knows the others' records.
fn ends(
    world: &World,
    pattern: &Pattern,
    known: &Coalition,
    quantity: &dyn Fn(UnitId, &[CellId]) -> bool,
) -> [f64; 2] {
    let records = records(world);
    let open: Vec<_> = records.iter().filter(|record| !known.has(record.0)).collect();
    [1.0, -1.0].map(|sign| {
        let mut program = Program::default();
        for (unit, amount, above) in &open {
            let cost = if quantity(*unit, above) { -sign } else { 0.0 };
            #[expect(clippy::cast_precision_loss, reason = "small figures")]
            let lower = -(*amount as f64);
            program.columns.push(Column { lower, upper: 1e7, cost, whole: false });
        }
        for cell in world.problem.table().cells().filter(|&cell| !pattern.hidden(cell)) {
            let row: Vec<(usize, f64)> = open
                .iter()
                .enumerate()
                .filter(|(_, record)| record.2.contains(&cell))
                .map(|(place, _)| (place, 1.0))
                .collect();
            if !row.is_empty() {
                program.rows.push(row);
            }
        }
        let Outcome::Optimal(solution) = Highs.open(&program, 20.0).solve() else { return f64::NAN };
        -sign * solution.objective
    })
}

/// Every unit's quantity that the release gives away, by linear programs over records.
pub(crate) fn exposed(world: &World, pattern: &Pattern, guarantee: &Guarantee) -> Vec<String> {
    let table = world.problem.table();
    let records = records(world);
    let mut found = Vec::new();
    let mut quantities: Vec<(String, Vec<CellId>)> = Vec::new();
    if guarantee.families.contains(&Family::Cells) {
        quantities.extend(table.cells().map(|cell| (table.describe(cell), vec![cell])));
    }
    if guarantee.families.contains(&Family::Relations) {
        for margin in table.cells().filter(|&cell| !pattern.hidden(cell)) {
            for variable in 0..table.hierarchies().len() {
                let parts: Vec<CellId> =
                    table.children(variable, margin).filter(|&part| pattern.hidden(part)).collect();
                if !parts.is_empty() {
                    quantities.push((format!("hidden parts of {}", table.describe(margin)), parts));
                }
            }
        }
    }
    for known in &world.coalitions {
        for (name, cells) in &quantities {
            for unit in (0..UNITS).map(UnitId).filter(|&unit| !known.has(unit)) {
                let within = |who: UnitId, above: &[CellId]| {
                    who == unit && cells.iter().any(|cell| above.contains(cell))
                };
                let own: Vec<i64> = records
                    .iter()
                    .filter(|record| within(record.0, &record.2))
                    .map(|record| record.1)
                    .collect();
                if own.is_empty() {
                    continue;
                }
                let amount: i64 = own.iter().sum();
                let [most, least] = ends(world, pattern, known, &within);
                #[expect(clippy::cast_precision_loss, reason = "small figures")]
                let (need, amount) = (guarantee.need(amount) as f64, amount as f64);
                let low = (amount - need).max(0.0);
                assert!(!most.is_nan() && !least.is_nan(), "the oracle solves every program");
                let point = most - least < 1e-6;
                if point || most < need - 1e-6 || (guarantee.two_sided && amount + least > low + 1e-6) {
                    found
                        .push(format!("{}: unit {} in {name}: {least} {most} need {need}", known.id, unit.0));
                }
            }
        }
    }
    found
}

const BOTH: [Family; 2] = [Family::Cells, Family::Relations];

// The same worlds every time: one of many random ones took minutes to protect once, and no test may.
proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default() })]

    #[test]
    fn what_is_protected_exposes_no_record(seed in 0_u64..10_000, two_sided in prop::bool::ANY, p in 0_i64..40) {
        let world = world(&[vec![2, 2], vec![3]], seed);
        let guarantee = guarantee(p, two_sided, &BOTH);
        // A total of the whole table that is exposed itself cannot be protected.
        let found = match protected(&world, &guarantee) {
            Ok(found) => found,
            Err(error) => {
                prop_assert!(matches!(error, CannotProtect::Requirement { .. }), "{error}");
                return Err(TestCaseError::reject("cannot be protected"));
            }
        };
        let exposed = exposed(&world, &found.pattern, &guarantee);
        prop_assert!(exposed.is_empty(), "{exposed:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_checker_and_the_records_agree_on_any_pattern(seed in 0_u64..10_000, shown in 0_usize..60) {
        let world = world(&[vec![3], vec![3]], seed);
        let guarantee = guarantee(10, false, &BOTH);
        let Ok(found) = protected(&world, &guarantee) else { return Ok(()) };
        let mut pattern = found.pattern.clone();
        let hidden: Vec<CellId> = pattern.hidden_cells().collect();
        if let Some(&cell) = hidden.get(shown % hidden.len().max(1)) {
            pattern.set(cell, Status::Published);
        }
        let claim = Claim {
            problem: &world.problem,
            pattern: &pattern,
            coalitions: &world.coalitions,
            guarantee: &guarantee,
        };
        // Worlds of another pattern may prove less than could be proved, never more.
        if checker::check(&claim, &world.contributions, &found.certificate).is_ok() {
            prop_assert!(exposed(&world, &pattern, &guarantee).is_empty());
        }
    }

    #[test]
    fn the_audit_finds_what_records_expose_and_nothing_else(
        seed in 0_u64..10_000,
        two_sided in prop::bool::ANY,
        hidden in prop::collection::vec(0_usize..40, 0..9),
    ) {
        let world = world(&[vec![3], vec![2, 2]], seed);
        let guarantee = guarantee(15, two_sided, &BOTH);
        let table = world.problem.table();
        let mut pattern = Pattern::all_published(table.len());
        for place in hidden {
            let cell = table.cells().nth(place % table.len()).unwrap();
            pattern.set(cell, Status::Secondary);
        }
        let shares = Shares::new(table, &world.contributions).unwrap();
        let opponents = Opponents {
            contributions: &world.contributions,
            shares: &shares,
            coalitions: &world.coalitions,
            guarantee: &guarantee,
        };
        let audited = Budget::untimed(|budget| {
            audit_against(&world.problem, &opponents, &pattern, &Highs, budget).unwrap()
        });
        let exposed = exposed(&world, &pattern, &guarantee);
        for coalition in &world.coalitions {
            let expected = exposed.iter().any(|line| line.starts_with(&format!("{}:", coalition.id)));
            let found: Vec<&Finding> = audited
                .findings
                .iter()
                .filter(|finding| finding.coalition.is_some_and(|n| world.coalitions[n].id == coalition.id))
                .collect();
            prop_assert!(found.is_empty() != expected, "{}: {exposed:?} {found:?}", coalition.id);
        }
        // What is called safe has witnesses; what is called unsafe has an attack that says whom and how.
        for finding in &audited.findings {
            prop_assert!(!matches!(finding.fault, Fault::Unproved { .. }), "{finding:?}");
            let lines = spell_out(&audited, &world.problem, &pattern, finding, &|amount| amount.to_string());
            prop_assert!(!lines.is_empty());
        }
    }

    #[test]
    fn exposures_are_the_intervals_that_records_leave(seed in 0_u64..10_000, unit in 0_u32..UNITS) {
        let world = world(&[vec![3], vec![3]], seed);
        let guarantee = guarantee(10, true, &[Family::Cells]);
        let Ok(found) = protected(&world, &guarantee) else { return Ok(()) };
        let shares = Shares::new(world.problem.table(), &world.contributions).unwrap();
        let opponents = Opponents {
            contributions: &world.contributions,
            shares: &shares,
            coalitions: &world.coalitions,
            guarantee: &guarantee,
        };
        let unit = UnitId(unit);
        let all = exposures(&opponents, &world.problem, &found.pattern, unit, &Highs).unwrap();
        for exposure in all {
            prop_assert!(exposure.holds);
            let coalition = &world.coalitions[exposure.coalition];
            let within = |who: UnitId, above: &[CellId]| who == unit && above.contains(&exposure.cell);
            let own: i64 = records(&world)
                .iter()
                .filter(|record| within(record.0, &record.2))
                .map(|record| record.1)
                .sum();
            let [most, least] = ends(&world, &found.pattern, coalition, &within);
            #[expect(clippy::cast_precision_loss, reason = "small figures")]
            let float = |fraction: Fraction| fraction.numerator() as f64 / fraction.denominator() as f64;
            #[expect(clippy::cast_precision_loss, reason = "small figures")]
            let own = own as f64;
            prop_assert!(float(exposure.low) - (own + least) < 1e-6);
            if let Some(high) = exposure.high {
                prop_assert!((float(high) - (own + most)).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn a_larger_attacker_never_has_a_wider_interval(seed in 0_u64..10_000) {
        let mut world = world(&[vec![3], vec![2, 2]], seed);
        let guarantee = guarantee(10, false, &[Family::Cells]);
        let Ok(found) = protected(&world, &guarantee) else { return Ok(()) };
        world.coalitions = vec![Coalition::outsider(), coalition("one", &[1]), coalition("two", &[1, 3])];
        let shares = Shares::new(world.problem.table(), &world.contributions).unwrap();
        let opponents = Opponents {
            contributions: &world.contributions,
            shares: &shares,
            coalitions: &world.coalitions,
            guarantee: &guarantee,
        };
        for unit in [0, 2, 4].map(UnitId) {
            let all = exposures(&opponents, &world.problem, &found.pattern, unit, &Highs).unwrap();
            for (one, next) in all.iter().flat_map(|one| all.iter().map(move |next| (one, next))) {
                if one.cell == next.cell && next.coalition == one.coalition + 1 {
                    let wider = |a: Fraction, b: Fraction| a.plus(b.times(-1).unwrap()).unwrap().signum();
                    prop_assert!(wider(one.low, next.low) <= 0);
                    // An end that no exact attack was found for is said to be open: wider than it is, never narrower.
                    if let Some((one, next)) = one.high.zip(next.high) {
                        prop_assert!(wider(one, next) >= 0);
                    }
                }
            }
        }
    }
}
