//! Roundings are judged exactly; audits agree with every table there is, record by record.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::audit::{Audited, audit};
use super::checker::{Flaw, Promise, prove};
use super::claims::Asked;
use super::*;
use crate::certificate::World;
use crate::generate::{self, Shape, hierarchy};
use crate::guarantee::{Coalition, Family, Guarantee};
use crate::hierarchy::NodeId;
use crate::problem::{Contributions, Direction, Problem, UnitId, Weight};
use crate::rule::Rules;
use crate::solver::Highs;
use crate::{Figure, Ratio};

fn summed(trees: Vec<crate::hierarchy::Hierarchy>, contributions: &Contributions) -> Problem {
    Problem::from_contributions(trees, contributions, &Rules::default(), &Weight::Value).unwrap()
}

fn made(variables: Vec<(&'static str, Vec<usize>)>, seed: u64) -> (Problem, Contributions) {
    let shape =
        Shape { variables, contributors: 8, filled_per_mille: 850, contributors_per_cell_max: 4, seed };
    let (trees, contributions) = generate::table(&shape).unwrap();
    (summed(trees, &contributions), contributions)
}

/// One variable: a total and one leaf a row of amounts, one amount a unit; `None` is no record.
fn line(rows: &[Vec<Option<i64>>]) -> (Problem, Contributions) {
    let units = rows.iter().map(Vec::len).max().unwrap();
    let mut contributions = Contributions::new(1, vec![false; units]);
    for (leaf, row) in (1_u32..).zip(rows) {
        for (unit, amount) in (0_u32..).zip(row) {
            if let Some(amount) = *amount {
                contributions.push(UnitId(unit), &[NodeId(leaf)], Figure::new(amount));
            }
        }
    }
    (summed(vec![hierarchy("A", &[rows.len()]).unwrap()], &contributions), contributions)
}

fn guarantee(p: i64, two_sided: bool) -> Guarantee {
    Guarantee { p: Ratio::whole(p), floor: 0, two_sided, families: vec![Family::Cells] }
}

/// The outsider and each unit alone.
fn each_alone(units: u32) -> Vec<Coalition> {
    let alone = (0..units).map(|unit| Coalition { id: format!("unit {unit}"), members: vec![UnitId(unit)] });
    [Coalition::outsider()].into_iter().chain(alone).collect()
}

fn rounded(table: &Table, base: i64) -> Rounded {
    Budget::untimed(|budget| round(table, base, &Highs, budget)).unwrap()
}

fn audited(table: &Table, promise: Promise<'_>, rounded: &Rounded) -> Audited {
    Budget::untimed(|budget| audit(table, promise, rounded, &Highs, budget, usize::MAX)).unwrap()
}

#[test]
fn tables_of_two_variables_are_rounded_within_the_base() {
    for seed in 0..12 {
        let (problem, _) = made(vec![("A", vec![3, 2]), ("B", vec![5])], seed);
        for base in [2, 5, 37, 1_000] {
            let found = rounded(problem.table(), base);
            assert!(found.is_zero_restricted(), "seed {seed}, base {base}");
            assert_eq!(checker::check(problem.table(), &found), Ok(()));
        }
    }
}

/// Eight cells, four of them 1, every line of two summing to 1 and every slice to 2: no rounding to multiples of 2
/// keeps the slices, whichever of the ones go up.
#[test]
fn a_table_of_three_variables_may_need_the_wider_window() {
    let trees: Vec<_> = ["A", "B", "C"].iter().map(|name| hierarchy(name, &[2]).unwrap()).collect();
    let mut contributions = Contributions::new(3, vec![false; 1]);
    for place in 0..8_u32 {
        let nodes = [place & 1, place >> 1 & 1, place >> 2].map(|bit| NodeId(bit + 1));
        contributions.push(UnitId(0), &nodes, Figure::new(i64::from(place.count_ones() % 2 == 0)));
    }
    let problem = summed(trees, &contributions);
    let found = rounded(problem.table(), 2);
    assert_eq!((found.base(), found.window()), (2, 3));
    assert_eq!(checker::check(problem.table(), &found), Ok(()));
    let low = problem.table().cells().map(|cell| found.range(cell)).find(|range| range.low > 0).unwrap();
    assert_eq!(low.high.unwrap() - low.low, 6);
}

#[test]
fn bases_that_round_nothing_are_refused() {
    let (problem, _) = line(&[vec![Some(3)], vec![Some(4)]]);
    for base in [i64::MIN, 0, 1] {
        let refused = Budget::untimed(|budget| round(problem.table(), base, &Highs, budget));
        assert_eq!(refused, Err(CannotRound::Base { base }));
    }
    let refused = Budget::untimed(|budget| round(problem.table(), 1 << 60, &Highs, budget));
    assert_eq!(refused, Err(CannotRound::TooLarge { base: 1 << 60 }));
}

#[test]
fn every_small_change_to_a_rounding_is_found() {
    let (problem, _) = line(&[vec![Some(9), Some(2)], vec![Some(8), Some(6)]]);
    let table = problem.table();
    let judge = |values: [i64; 3], window| checker::check(table, &Rounded::new(5, window, values.to_vec()));
    assert_eq!(judge([25, 10, 15], 4), Ok(()));
    let margin = CellId(0);
    assert_eq!(judge([25, 15, 10], 4), Ok(()));
    assert_eq!(
        judge([20, 10, 15], 4),
        Err(vec![Flaw::TooFar { cell: margin }, Flaw::NotAdditive { variable: 0, margin }])
    );
    assert_eq!(
        judge([25, 11, 14], 4),
        Err(vec![Flaw::NotMultiple { cell: CellId(1) }, Flaw::NotMultiple { cell: CellId(2) }])
    );
    assert_eq!(judge([25, 10, 15], 5), Err(vec![Flaw::Window { base: 5, window: 5 }]));
    let short = checker::check(table, &Rounded::new(5, 4, vec![25, 10]));
    assert_eq!(short, Err(vec![Flaw::Shape { found: 2, expected: 3 }]));
}

/// 9 and 2 beside 8 and 6: rounded to multiples of 5 the second unit bounds the first by 12, and 20 % of 9 ask for
/// 11; rounded to multiples of 2 it does not.
#[test]
fn a_base_that_is_too_small_exposes_who_stands_with_little_beside_it() {
    let (problem, contributions) =
        line(&[vec![Some(9), Some(2), None, None], vec![None, None, Some(8), Some(6)]]);
    let attackers = each_alone(4);
    let guarantee = guarantee(20, false);
    let promise = Promise {
        contributions: Some(&contributions),
        attackers: &attackers,
        guarantee: Some(&guarantee),
        cells: &[],
    };
    let table = problem.table();
    let five = rounded(table, 5);
    let found = audited(table, promise, &five);
    assert!(found.exposed.is_empty());
    let proved = prove(table, &promise, &five, &found.worlds).unwrap();
    assert!(proved.by_truth < proved.claims && proved.by_truth > 0);
    // Without its worlds the same table is not proved.
    assert!(matches!(prove(table, &promise, &five, &[]).unwrap_err()[0], Flaw::Unproved { .. }));
    let two = rounded(table, 2);
    let found = audited(table, promise, &two);
    assert!(!found.exposed.is_empty());
    assert!(found.exposed.iter().all(|exposed| exposed.settled && exposed.reach < exposed.asked.need()));
}

#[test]
fn worlds_outside_of_what_is_published_prove_nothing() {
    let (problem, contributions) = line(&[vec![Some(9), Some(2)], vec![Some(8), Some(6)]]);
    let table = problem.table();
    let promise =
        Promise { contributions: Some(&contributions), attackers: &[], guarantee: None, cells: &[] };
    let five = Rounded::new(5, 4, vec![25, 10, 15]);
    let judge = |deviations: Vec<(u32, i64)>| {
        let world = World::new(deviations.into_iter().map(|(cell, by)| (CellId(cell), by)).collect());
        prove(table, &promise, &five, &[world]).map(|proved| proved.deviations)
    };
    assert_eq!(judge(vec![(0, 3), (1, 3)]), Ok(2));
    let margin = CellId(0);
    assert_eq!(judge(vec![(1, 3)]), Err(vec![Flaw::RelationBroken { world: 1, variable: 0, margin }]));
    assert_eq!(judge(vec![(0, 4), (1, 4)]), Err(vec![Flaw::OutOfRange { world: 1, cell: CellId(1) }]));
    assert_eq!(judge(vec![(9, 1)]), Err(vec![Flaw::Shape { found: 10, expected: 3 }]));
}

/// Every table of records that an attacker cannot exclude, by trying all: for each unit outside and each cell the
/// least and the greatest share.
fn by_force(rows: &[Vec<Option<i64>>], own: Option<usize>, found: &Rounded) -> Vec<(usize, u32, i64, i64)> {
    let records: Vec<(usize, usize, i64)> = rows
        .iter()
        .enumerate()
        .flat_map(|(leaf, row)| {
            row.iter().enumerate().filter_map(move |(unit, amount)| Some((leaf, unit, (*amount)?)))
        })
        .collect();
    let free: Vec<usize> = (0..records.len()).filter(|&place| Some(records[place].1) != own).collect();
    let top = found.range(CellId(0)).high.unwrap();
    let mut values: Vec<i64> = records.iter().map(|record| record.2).collect();
    free.iter().for_each(|&place| values[place] = 0);
    let inside = |cell: usize, sum: i64| {
        let range = found.range(CellId(u32::try_from(cell).unwrap()));
        sum >= range.low && sum <= range.high.unwrap()
    };
    let mut ends: Vec<(usize, u32, i64, i64)> = Vec::new();
    loop {
        let mut sums = vec![0; rows.len() + 1];
        for (record, value) in records.iter().zip(&values) {
            sums[record.0 + 1] += value;
            sums[0] += value;
        }
        if sums.iter().enumerate().all(|(cell, &sum)| inside(cell, sum)) {
            for unit in (0..rows[0].len()).filter(|&unit| Some(unit) != own) {
                for cell in 0..=rows.len() {
                    let counts = |record: &(usize, usize, i64)| {
                        record.1 == unit && (cell == 0 || record.0 + 1 == cell)
                    };
                    if records.iter().any(counts) {
                        let share = records
                            .iter()
                            .zip(&values)
                            .filter(|(record, _)| counts(record))
                            .map(|(_, v)| v)
                            .sum();
                        let key = (unit, u32::try_from(cell).unwrap());
                        match ends.iter_mut().find(|end| (end.0, end.1) == key) {
                            Some(end) => (end.2, end.3) = (end.2.min(share), end.3.max(share)),
                            None => ends.push((key.0, key.1, share, share)),
                        }
                    }
                }
            }
        }
        let Some(&place) = free.iter().find(|&&place| values[place] < top) else { return ends };
        for &reset in free.iter().take_while(|&&other| other != place) {
            values[reset] = 0;
        }
        values[place] += 1;
    }
}

fn amounts() -> impl Strategy<Value = Vec<Vec<Option<i64>>>> {
    let amount = prop_oneof![1 => Just(None), 3 => (0_i64..5).prop_map(Some)];
    proptest::collection::vec(proptest::collection::vec(amount, 3), 2)
        .prop_filter("every leaf has a record", |rows| rows.iter().all(|row| row.iter().any(Option::is_some)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn audits_agree_with_every_table_there_is(rows in amounts(), base in 2_i64..4, p in 1_i64..90, two_sided: bool) {
        let (problem, contributions) = line(&rows);
        let table = problem.table();
        let attackers = each_alone(3);
        let guarantee = guarantee(p, two_sided);
        let promise = Promise {
            contributions: Some(&contributions),
            attackers: &attackers,
            guarantee: Some(&guarantee),
            cells: &[],
        };
        let found = rounded(table, base);
        let audited = audited(table, promise, &found);
        let mut expected: BTreeSet<(usize, u32, u32, bool)> = BTreeSet::new();
        for attacker in 0_usize..4 {
            let own = attacker.checked_sub(1);
            for (unit, cell, low, high) in by_force(&rows, own, &found) {
                let truth: i64 = rows.iter().enumerate()
                    .filter(|(leaf, _)| cell == 0 || *leaf + 1 == cell as usize)
                    .filter_map(|(_, row)| row[unit]).sum();
                let need = guarantee.need(truth).max(1);
                let unit = u32::try_from(unit).unwrap();
                if high < truth + need {
                    expected.insert((attacker, unit, cell, true));
                }
                if two_sided && low > (truth - need).max(0) {
                    expected.insert((attacker, unit, cell, false));
                }
            }
        }
        let exposed: BTreeSet<_> = audited.exposed.iter().map(|exposed| {
            let Asked::Share(claim) = exposed.asked else { panic!("nothing is asked of cells") };
            (claim.attacker, claim.unit.0, claim.cell.0, claim.direction == Direction::Up)
        }).collect();
        prop_assert_eq!(&exposed, &expected);
        match prove(table, &promise, &found, &audited.worlds) {
            Ok(_) => prop_assert!(expected.is_empty()),
            Err(flaws) => {
                let unproved: BTreeSet<_> = flaws.iter().map(|flaw| match flaw {
                    Flaw::Unproved { claim } => {
                        (claim.attacker, claim.unit.0, claim.cell.0, claim.direction == Direction::Up)
                    }
                    other => panic!("{other}"),
                }).collect();
                prop_assert_eq!(unproved, expected);
            }
        }
    }
}

#[test]
fn audits_of_tables_of_three_variables_are_proved() {
    let mut safe = 0;
    for seed in 0..6 {
        let (problem, contributions) = made(vec![("A", vec![3, 2]), ("B", vec![4]), ("C", vec![2])], seed);
        let attackers = each_alone(8);
        let guarantee = guarantee(10, seed % 2 == 1);
        let promise = Promise {
            contributions: Some(&contributions),
            attackers: &attackers,
            guarantee: Some(&guarantee),
            cells: &[],
        };
        for base in [5, 100, 100_000] {
            let found = rounded(problem.table(), base);
            let audited = audited(problem.table(), promise, &found);
            let proved = prove(problem.table(), &promise, &found, &audited.worlds);
            assert_eq!(proved.is_ok(), audited.exposed.is_empty(), "seed {seed}, base {base}");
            safe += usize::from(proved.is_ok());
        }
    }
    assert!((1..18).contains(&safe), "{safe} of 18 are safe");
}
