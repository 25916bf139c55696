//! Properties of the exact model on random worlds, and its evidence against the judge that shares no code with it.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::audit::{demand, evidence, protected};
use super::proof::{Demand, Evidence, verify};
use super::structure::RowSpace;
use super::*;
use crate::guarantee::Family;
use crate::problem::UnitId;

const NAMES: [&str; 4] = ["A", "B", "C", "D"];
const ROWS: [&str; 4] = ["T", "a", "b", "c"];
const COLUMNS: [&str; 3] = ["S", "1", "2"];

/// What a random case is made of.
#[derive(Clone, Debug)]
struct Sketch {
    /// By contributor, row leaf and column leaf: no record, or its amount.
    amounts: Vec<Option<i64>>,
    /// By cell of the lattice: published, hidden, or with a range of this width.
    said: Vec<Option<u8>>,
    members: BTreeSet<u8>,
    two_sided: bool,
    floor: i64,
}

fn sketch() -> impl Strategy<Value = Sketch> {
    let amounts =
        prop::collection::vec(prop_oneof![Just(None), Just(Some(0)), (1_i64..30).prop_map(Some)], 24);
    let said = prop::collection::vec(
        prop_oneof![Just(None), Just(Some(0)), Just(Some(0)), (1_u8..6).prop_map(Some)],
        12,
    );
    let members = prop::collection::btree_set(0_u8..4, 0..3);
    (amounts, said, members, any::<bool>(), 0_i64..3).prop_map(
        |(amounts, said, members, two_sided, floor)| Sketch { amounts, said, members, two_sided, floor },
    )
}

fn world(sketch: &Sketch, scale: i64, high: Option<i64>) -> World {
    let group =
        |top: &str, leaves: &[&str]| (top.to_owned(), leaves.iter().map(|leaf| (*leaf).to_owned()).collect());
    let dimension = |name: &str, groups| Dimension { name: name.to_owned(), role: Role::Breakdown, groups };
    let dimensions = [
        dimension("row", vec![group("T", &ROWS[1..])]),
        dimension("column", vec![group("S", &COLUMNS[1..])]),
    ];
    let contributor =
        |name: &&str| Contributor { name: (*name).to_owned(), holding: None, waiver: false, request: false };
    let mut entries = Vec::new();
    for (number, amount) in sketch.amounts.iter().enumerate() {
        let Some(amount) = amount else { continue };
        entries.push(Entry {
            contributor: NAMES[number / 6].to_owned(),
            at: vec![ROWS[1 + number % 6 / 2].to_owned(), COLUMNS[1 + number % 2].to_owned()],
            vintage: 1,
            amount: Some(Rational::whole(*amount * scale)),
        });
    }
    let domain = Domain { low: Some(Rational::ZERO), high: high.map(Rational::whole) };
    World::new(&dimensions, NAMES.iter().map(contributor).collect(), &entries, domain).unwrap()
}

fn total(world: &World, cell: &Cell) -> Rational {
    Form::sum(world.records_in(cell, 1)).value(world.truth())
}

fn release(world: &World, sketch: &Sketch, scale: i64) -> Release {
    let cells = ROWS.iter().flat_map(|row| COLUMNS.iter().map(move |column| [*row, *column]));
    let mut statements = Vec::new();
    for (codes, said) in cells.zip(&sketch.said) {
        let cell = world.cell(codes).unwrap();
        let total = total(world, &cell);
        let says = match said {
            None => Says::Hidden,
            Some(0) => Says::Value(total),
            Some(width) => {
                let width = Rational::whole(i64::from(*width) * scale);
                Says::Range(Some(&total - &width), Some(&total + &width))
            }
        };
        statements.push(Statement::Cell { cell, vintage: None, weights: None, says });
    }
    Release { id: "r".to_owned(), vintage: 1, statements }
}

fn attacker(members: &BTreeSet<u8>) -> Attacker {
    Attacker { members: members.iter().map(|unit| UnitId(u32::from(*unit))).collect(), ..Attacker::default() }
}

fn policy(sketch: &Sketch, numbers: Numbers) -> Policy {
    Policy {
        p: Rational::whole(10),
        floor: Rational::whole(sketch.floor),
        two_sided: sketch.two_sided,
        families: BTreeSet::from([Family::Cells, Family::Relations]),
        extra: Vec::new(),
        numbers,
    }
}

/// Intervals of all quantities by unit and form, as text.
type Intervals = BTreeMap<(UnitId, Form), (Option<Rational>, Option<Rational>)>;

fn intervals(world: &World, releases: &[Release], sketch: &Sketch, attacker: &Attacker) -> Intervals {
    let policy = policy(sketch, Numbers::Any);
    let targets = quantities(world, &releases[..1], &policy);
    let history = History::new(world, releases, Grain::Counted).unwrap();
    let findings = history.findings(attacker, &policy, &targets).unwrap();
    let found = findings.into_iter();
    found.map(|one| ((one.quantity.unit, one.quantity.form.clone()), (one.low, one.high))).collect()
}

fn within(
    inner: &(Option<Rational>, Option<Rational>),
    outer: &(Option<Rational>, Option<Rational>),
) -> bool {
    let low = outer.0.as_ref().is_none_or(|low| inner.0.as_ref().is_some_and(|inner| low <= inner));
    low && outer.1.as_ref().is_none_or(|high| inner.1.as_ref().is_some_and(|inner| inner <= high))
}

fn every_verdict_is_proved(sketch: &Sketch, numbers: Numbers) -> Result<(), TestCaseError> {
    let world = world(sketch, 1, (numbers == Numbers::Whole).then_some(40));
    let releases = [release(&world, sketch, 1)];
    let policy = policy(sketch, numbers);
    let targets = quantities(&world, &releases, &policy);
    let attacker = attacker(&sketch.members);
    let history = History::new(&world, &releases, Grain::Counted).unwrap();
    let polytope = history.polytope(&attacker, numbers);
    let findings = history.findings(&attacker, &policy, &targets).unwrap();
    let violated = history.violated(&attacker, &policy, &targets).unwrap();
    let broken: BTreeSet<UnitId> =
        findings.iter().filter(|one| one.breach.is_some()).map(|one| one.quantity.unit).collect();
    prop_assert!(violated == broken, "the short way and the long way differ");
    for finding in &findings {
        let demand = demand(&world, &policy, finding.quantity);
        let Some(proof) = evidence(&polytope, numbers, finding.quantity, &demand).unwrap() else {
            prop_assert!(numbers == Numbers::Whole && finding.breach.is_some());
            continue;
        };
        prop_assert_eq!(matches!(proof, Evidence::Worlds(_)), finding.breach.is_none());
        let form = &finding.quantity.form;
        prop_assert!(verify(&polytope, numbers, form, &demand, &proof));
        // The same evidence for a demand that it cannot meet.
        let more =
            finding.high.as_ref().unwrap_or(&demand.high).max(&demand.high) + &Rational::whole(1_000_000);
        let harder = Demand { high: more, ..demand.clone() };
        if finding.breach.is_none() {
            prop_assert!(!verify(&polytope, numbers, form, &harder, &proof));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_verdict_is_proved_to_an_independent_judge(sketch in sketch()) {
        every_verdict_is_proved(&sketch, Numbers::Any)?;
    }

    #[test]
    fn more_knowledge_never_widens_and_an_implied_statement_changes_nothing(sketch in sketch(), next in 0_usize..12) {
        let world = world(&sketch, 1, None);
        let first = release(&world, &sketch, 1);
        let attacker = attacker(&sketch.members);
        let before = intervals(&world, std::slice::from_ref(&first), &sketch, &attacker);
        let mut more = sketch.clone();
        more.said = vec![None; 12];
        more.said[next] = Some(0);
        let after = intervals(&world, &[first.clone(), release(&world, &more, 1)], &sketch, &attacker);
        prop_assert!(after.iter().all(|(key, interval)| within(interval, &before[key])));
        let published = first.statements.iter().filter_map(|one| one.plain_value(1));
        let terms: Vec<_> = published.map(|(cell, _, _)| (Rational::whole(2), cell.clone(), None)).collect();
        let value = terms.iter().fold(Rational::ZERO, |sum, (factor, cell, _)| &sum + &(factor * &total(&world, cell)));
        let implied = Release { id: "s".to_owned(), vintage: 1, statements: vec![Statement::Sum { terms, value }] };
        let again = intervals(&world, &[first, implied], &sketch, &attacker);
        prop_assert!(again == before);
    }

    #[test]
    fn a_larger_attacker_has_smaller_intervals(sketch in sketch(), joins in 0_u8..4) {
        let world = world(&sketch, 1, None);
        let releases = [release(&world, &sketch, 1)];
        let before = intervals(&world, &releases, &sketch, &attacker(&sketch.members));
        let mut members = sketch.members.clone();
        members.insert(joins);
        let after = intervals(&world, &releases, &sketch, &attacker(&members));
        prop_assert!(after.iter().all(|(key, interval)| within(interval, &before[key])));
    }

    #[test]
    fn figures_scale(sketch in sketch(), scale in 2_i64..9) {
        let (one, many) = (world(&sketch, 1, None), world(&sketch, scale, None));
        let attacker = attacker(&sketch.members);
        let small = intervals(&one, &[release(&one, &sketch, 1)], &sketch, &attacker);
        let large = intervals(&many, &[release(&many, &sketch, scale)], &sketch, &attacker);
        let factor = Rational::whole(scale);
        let times = |end: &Option<Rational>| end.as_ref().map(|end| end * &factor);
        prop_assert!(small.len() == large.len());
        prop_assert!(small.iter().all(|(key, (low, high))| large[key] == (times(low), times(high))));
    }

    /// Lemma 4: given the cells, what is left of each goes to the victim, or to somebody else. The record-level side
    /// has an upper bound on every record, so that no two of them are one column.
    #[test]
    fn records_say_what_cells_say(sketch in sketch()) {
        let open = world(&sketch, 1, None);
        let releases = [release(&open, &sketch, 1)];
        let attacker = attacker(&sketch.members);
        let merged = intervals(&open, &releases, &sketch, &attacker);
        let bounded = world(&sketch, 1, Some(1_000_000));
        let apart = intervals(&bounded, &releases, &sketch, &attacker);
        let outside: Vec<u32> = (0..4).filter(|unit| !attacker.members.contains(&UnitId(*unit))).collect();
        for ((unit, form), found) in &merged {
            let expected = by_cells(&open, &sketch, &outside, *unit, form);
            prop_assert!(*found == expected, "cells and records differ");
            let bounded = &apart[&(*unit, form.clone())];
            // The added bound matters only where there was none.
            prop_assert!(found.0 == bounded.0 && (found.1 == bounded.1 || found.1.is_none()));
        }
    }

    #[test]
    fn fewer_rows_leave_the_same_worlds(sketch in sketch()) {
        let world = world(&sketch, 1, None);
        let releases = [release(&world, &sketch, 1), release(&world, &sketch, 1)];
        let policy = policy(&sketch, Numbers::Any);
        let attacker = attacker(&sketch.members);
        let asked = quantities(&world, &releases, &policy);
        let whole = History::new(&world, &releases, Grain::Counted).unwrap();
        let rows = whole.polytope(&attacker, Numbers::Any).rows.len();
        let before = whole.findings(&attacker, &policy, &asked).unwrap();
        let short = History::new(&world, &releases, Grain::Counted).unwrap().condensed();
        prop_assert!(short.polytope(&attacker, Numbers::Any).rows.len() * 2 <= rows, "what is repeated is there once");
        let after = short.findings(&attacker, &policy, &asked).unwrap();
        for (one, other) in before.iter().zip(&after) {
            prop_assert_eq!((&one.low, &one.high, one.breach), (&other.low, &other.high, other.breach));
        }
        let broken: BTreeSet<UnitId> =
            before.iter().filter(|finding| finding.breach.is_some()).map(|finding| finding.quantity.unit).collect();
        let exposed = short.exposures(&attacker, &policy, &asked, &|| false).unwrap();
        prop_assert_eq!(exposed.iter().map(|finding| finding.quantity.unit).collect::<BTreeSet<_>>(), broken);
        prop_assert!(exposed.iter().all(|finding| finding.breach.is_some()));
    }

    #[test]
    fn what_the_equations_give_is_a_point(sketch in sketch()) {
        let world = world(&sketch, 1, None);
        let releases = [release(&world, &sketch, 1)];
        let policy = policy(&sketch, Numbers::Any);
        let targets = quantities(&world, &releases, &policy);
        let attacker = attacker(&sketch.members);
        let history = History::new(&world, &releases, Grain::Counted).unwrap();
        let polytope = history.polytope(&attacker, Numbers::Any);
        let space = RowSpace::new(&polytope);
        let mut region = Region::new(&polytope, Numbers::Any).unwrap();
        for quantity in protected(&world, &attacker, &targets) {
            if space.contains(&quantity.form) {
                let (low, high) = region.interval(&quantity.form).unwrap();
                prop_assert!(low.is_some() && low == high);
            }
        }
        for derived in derivable::derivable(&world, &polytope).unwrap() {
            prop_assert!(!polytope.unknown_part(&derived.form).0.is_empty());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn verdicts_over_whole_numbers_are_proved(sketch in sketch()) {
        every_verdict_is_proved(&sketch, Numbers::Whole)?;
    }
}

/// The program over base cells: one amount a cell, at least what the attacker has in it, exactly that where nobody
/// else has a record.
fn by_cells(
    world: &World,
    sketch: &Sketch,
    outside: &[u32],
    unit: UnitId,
    form: &Form,
) -> (Option<Rational>, Option<Rational>) {
    let amount = |who: usize, base: usize| sketch.amounts[who * 6 + base];
    let present = |base: usize| outside.iter().filter(move |who| amount(**who as usize, base).is_some());
    let sum = |base: usize, of: &mut dyn Iterator<Item = usize>| {
        Rational::whole(of.filter_map(|who| amount(who, base)).sum())
    };
    let own = |base| sum(base, &mut (0..4).filter(|who| !outside.contains(&(*who as u32))));
    let lows: Vec<Rational> = (0..6).map(own).collect();
    let highs = (0..6).map(|base| if present(base).count() == 0 { Some(lows[base].clone()) } else { None });
    let mut rows = Vec::new();
    for (number, said) in sketch.said.iter().enumerate() {
        let (row, column) = (number / 3, number % 3);
        let inside = |base: &u32| {
            let (base_row, base_column) = (1 + *base as usize / 2, 1 + *base as usize % 2);
            (row == 0 || row == base_row) && (column == 0 || column == base_column)
        };
        let cell = Form::sum((0..6).filter(inside).map(RecordId));
        let cell_total = total(world, &world.cell([ROWS[row], COLUMNS[column]]).unwrap());
        if let Some(width) = said {
            let width = Rational::whole(i64::from(*width));
            rows.push(Row { form: cell, low: Some(&cell_total - &width), high: Some(&cell_total + &width) });
        }
    }
    let truth = (0..6).map(|base| sum(base, &mut (0..4))).collect();
    let polytope =
        Polytope { highs: highs.collect(), lows: lows.iter().cloned().map(Some).collect(), rows, truth };
    let mut region = Region::new(&polytope, Numbers::Any).unwrap();
    // Base cells of the victim's records: they are in the order of contributor and base cell.
    let mut order = (0..24).filter(|place| sketch.amounts[*place].is_some());
    let places: Vec<usize> = order.by_ref().collect();
    let of_victim = form.terms().iter().map(|(record, _)| u32::try_from(places[record.place()] % 6).unwrap());
    let bases: Vec<u32> = of_victim.collect();
    let less = |end: Option<Rational>, bases: &[u32]| {
        end.map(|end| bases.iter().fold(end, |sum, base| &sum - &lows[*base as usize]))
    };
    let alone: Vec<u32> =
        bases.iter().copied().filter(|base| present(*base as usize).all(|who| *who == unit.0)).collect();
    let up = region.end(&Form::sum(bases.iter().copied().map(RecordId)), Side::High).unwrap();
    let down = region.end(&Form::sum(alone.iter().copied().map(RecordId)), Side::Low).unwrap();
    (less(down, &alone), less(up, &bases))
}

/// Three pairs of three figures, each at most 1 together: fractions allow 3/2 in all, whole numbers 1.
#[test]
fn whole_numbers_can_be_narrower_than_fractions() {
    let pair = |one, other| Row {
        form: Form::sum([RecordId(one), RecordId(other)]),
        low: None,
        high: Some(Rational::ONE),
    };
    let polytope = Polytope {
        lows: vec![Some(Rational::ZERO); 3],
        highs: vec![None; 3],
        rows: vec![pair(0, 1), pair(1, 2), pair(0, 2)],
        truth: vec![Rational::ZERO; 3],
    };
    let all = Form::sum([RecordId(0), RecordId(1), RecordId(2)]);
    let high = |numbers| Region::new(&polytope, numbers).unwrap().end(&all, Side::High).unwrap();
    assert!(high(Numbers::Any) == Rational::new(3, 2));
    assert!(high(Numbers::Whole) == Some(Rational::ONE));
}

/// On a cycle of blanks, one row and another less a column is a sum of two base cells that everybody can compute.
#[test]
fn a_sum_that_nobody_published_is_found() {
    let sketch = Sketch {
        amounts: (0..24).map(|place| [Some(7), None, Some(3), Some(2), Some(5)][place % 5]).collect(),
        said: [0, 0, 0]
            .map(Some)
            .into_iter()
            .chain([Some(0), None, None].into_iter().cycle().take(9))
            .collect(),
        members: BTreeSet::new(),
        two_sided: false,
        floor: 0,
    };
    let world = world(&sketch, 1, None);
    let releases = [release(&world, &sketch, 1)];
    let history = History::new(&world, &releases, Grain::Counted).unwrap();
    let polytope = history.polytope(&Attacker::default(), Numbers::Any);
    let derived = derivable::derivable(&world, &polytope).unwrap();
    // Rows a and b, each of two blanks: their sum of four was never said.
    let both: Vec<RecordId> = ["a", "b"]
        .into_iter()
        .flat_map(|row| world.records_in(&world.cell([row, "S"]).unwrap(), 1))
        .collect();
    let share = Form::sum(both.into_iter().filter(|record| world.unit_of(*record) == Some(UnitId(0))));
    assert!(derived.iter().any(|one| one.unit == UnitId(0) && one.form == share));
}

#[test]
fn what_contradicts_itself_is_refused() {
    let polytope = Polytope {
        lows: vec![Some(Rational::ZERO); 2],
        highs: vec![None; 2],
        rows: vec![
            Row::equal(Form::sum([RecordId(0), RecordId(1)]), Rational::whole(5)),
            Row { form: Form::sum([RecordId(0)]), low: Some(Rational::whole(6)), high: None },
        ],
        truth: vec![Rational::whole(2), Rational::whole(3)],
    };
    assert!(matches!(Region::new(&polytope, Numbers::Any), Err(RegionError::Empty)));
}
