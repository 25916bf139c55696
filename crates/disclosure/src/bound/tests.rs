//! Bounds against enumeration: every pattern of tiny tables, judged by the audit, which is exact both ways and has its
//! own oracle in `tests/integration/brute.rs`.

use proptest::prelude::*;

use super::*;
use crate::audit::{Verdict, audit};
use crate::block::{Spanning, VariableSet};
use crate::budget::{Budget, Stopped, WORK_LIMIT_BRIEF};
use crate::component::relations_of;
use crate::generate::hierarchy;
use crate::hierarchy::{Hierarchy, NodeId};
use crate::pattern::{Pattern, Status};
use crate::problem::{Fixed, GivenCell, Weight};
use crate::protect::{CannotProtect, Protected, protect};
use crate::solver::Highs;
use crate::{Figure, Ratio};

/// Open cells of a table at most: two to this power are its patterns.
const OPEN_MAX: usize = 8;

/// Cells of `figures` at the lowest codes, again from the front when they run out, and every margin of the blocks.
fn table(
    fans: &[&[usize]],
    blocks: &[&[usize]],
    figures: &[i64],
    level: impl Fn(usize, i64) -> Option<i64>,
    weight: &Weight,
) -> Problem {
    let trees: Vec<Hierarchy> =
        fans.iter().zip(["A", "B", "C"]).map(|(fan, name)| hierarchy(name, fan).unwrap()).collect();
    let mut places: Vec<Vec<NodeId>> = vec![Vec::new()];
    for tree in &trees {
        let nodes = 0..u32::try_from(tree.len()).unwrap();
        places = places
            .iter()
            .flat_map(|place| nodes.clone().map(|node| [&place[..], &[NodeId(node)]].concat()))
            .collect();
    }
    let below = |place: &[NodeId], top: &[NodeId]| {
        trees.iter().zip(place.iter().zip(top)).all(|(tree, (&node, top))| {
            std::iter::successors(Some(node), |&node| tree.parent(node)).any(|node| node == *top)
        })
    };
    let is_leaf = |place: &[NodeId]| trees.iter().zip(place).all(|(tree, &node)| tree.is_leaf(node));
    let leaves: Vec<(&Vec<NodeId>, i64)> =
        places.iter().filter(|place| is_leaf(place)).zip(figures.iter().copied().cycle()).collect();
    let spanning = if blocks.is_empty() {
        trees.clone().into()
    } else {
        let sets: Vec<VariableSet> = blocks.iter().map(|block| block.iter().copied().collect()).collect();
        Spanning::linked(trees.clone(), &sets).unwrap()
    };
    let mut cells = Vec::new();
    for place in &places {
        let off_root: VariableSet =
            (0..trees.len()).filter(|&v| trees[v].parent(place[v]).is_some()).collect();
        if spanning.blocks().cross(off_root) {
            let figure = leaves.iter().filter(|(leaf, _)| below(leaf, place)).map(|(_, figure)| figure).sum();
            let levels = level(cells.len(), figure).map(|level| (Ratio::whole(level), Ratio::whole(level)));
            let at = place.clone();
            cells.push(GivenCell { at, figure: Figure::new(figure), levels, contributors: None });
        }
    }
    Problem::from_cells(spanning, cells, weight).unwrap()
}

/// One to three variables, linked or not; at most [`OPEN_MAX`] cells are open, the others blank or out already.
fn random(layout: usize, figures: &[i64], levels: &[i64], marks: &[u8], weight: &Weight) -> Problem {
    let (fans, blocks): (&[&[usize]], &[&[usize]]) = match layout {
        0 => (&[&[2, 2]], &[]),
        1 => (&[&[2], &[2]], &[]),
        2 => (&[&[2, 2], &[2]], &[]),
        3 => (&[&[2], &[2], &[2]], &[]),
        4 => (&[&[2], &[2], &[2]], &[&[0, 1], &[0, 2]]),
        5 => (&[&[2], &[2], &[2]], &[&[0, 1], &[1, 2], &[0, 2]]),
        _ => (&[&[2, 2], &[2, 2]], &[]),
    };
    let level = |place: usize, figure: i64| {
        let level = levels[place % levels.len()];
        (level > 0 && figure > 0).then_some(level.min(figure))
    };
    let problem = table(fans, blocks, figures, level, weight);
    let mut open = 0;
    let mut fixed = Vec::new();
    for (cell, &mark) in problem.table().cells().zip(marks.iter().cycle()) {
        if problem.protection(cell).is_none() {
            if open < OPEN_MAX && mark < 6 {
                open += 1;
            } else {
                fixed.push((cell, if mark % 3 == 0 { Fixed::Published } else { Fixed::Blank }));
            }
        }
    }
    problem.with_fixed(fixed).unwrap()
}

fn open_cells(problem: &Problem) -> Vec<CellId> {
    problem.table().cells().filter(|&cell| !problem.must_hide(cell) && !problem.must_show(cell)).collect()
}

/// Every pattern that the problem leaves, with its weight, lightest first.
fn patterns(problem: &Problem) -> Vec<(u128, Pattern)> {
    let open = open_cells(problem);
    assert!(open.len() <= OPEN_MAX);
    let mut found = Vec::new();
    for bits in 0_u32..1 << open.len() {
        let mut pattern = Pattern::all_published(problem.table().len());
        for cell in problem.table().cells().filter(|&cell| problem.must_hide(cell)) {
            let primary = problem.protection(cell).is_some();
            pattern.set(cell, if primary { Status::Primary } else { Status::Secondary });
        }
        let mut weight = 0;
        for (place, &cell) in open.iter().enumerate() {
            if bits >> place & 1 == 1 {
                pattern.set(cell, Status::Secondary);
                weight += u128::from(problem.weight(cell));
            }
        }
        found.push((weight, pattern));
    }
    found.sort_by_key(|&(weight, _)| weight);
    found
}

fn is_safe(problem: &Problem, pattern: &Pattern) -> bool {
    Budget::untimed(|budget| audit(problem, pattern, &Highs, budget)).verdict == Verdict::Safe
}

fn satisfies(pattern: &Pattern, inequality: &Inequality) -> bool {
    let hidden = inequality.coefficients.iter().filter(|&&(cell, _)| pattern.hidden(cell));
    hidden.map(|&(_, coefficient)| coefficient).sum::<i128>() >= inequality.right
}

/// All patterns, lightest first; each is judged once, when it is asked for.
struct Oracle<'p> {
    problem: &'p Problem,
    patterns: Vec<(u128, Pattern)>,
    safe: Vec<Option<bool>>,
}

impl<'p> Oracle<'p> {
    fn new(problem: &'p Problem) -> Self {
        let patterns = patterns(problem);
        let safe = vec![None; patterns.len()];
        Self { problem, patterns, safe }
    }

    fn is_safe(&mut self, place: usize) -> bool {
        let (problem, pattern) = (self.problem, &self.patterns[place].1);
        *self.safe[place].get_or_insert_with(|| is_safe(problem, pattern))
    }

    /// No pattern that the cut excludes is safe.
    fn is_valid(&mut self, cut: &Cut) -> bool {
        let Some(inequality) = inequality(self.problem, cut) else { return true };
        (0..self.patterns.len())
            .all(|place| satisfies(&self.patterns[place].1, &inequality) || !self.is_safe(place))
    }

    fn lightest(&mut self) -> Option<u128> {
        (0..self.patterns.len()).find(|&place| self.is_safe(place)).map(|place| self.patterns[place].0)
    }
}

fn lightest(problem: &Problem) -> Option<u128> {
    Oracle::new(problem).lightest()
}

fn run(problem: &Problem, threads: usize, gap_ppm: u32) -> Result<Protected, CannotProtect> {
    let cancel = std::sync::atomic::AtomicBool::new(false);
    let budget = Budget {
        elapsed_ms: &|| 0,
        time_limit_ms: u64::MAX,
        cancel: &cancel,
        progress: &|_| (),
        work_limit: WORK_LIMIT_BRIEF,
        threads,
        gap_ppm,
    };
    protect(problem, &Highs, &budget)
}

/// 2 x 2 with margins, 10 20 / 30 40, all of weight by value; `A01|B01` (10) needs 3 both ways.
fn square() -> Problem {
    table(&[&[2], &[2]], &[], &[10, 20, 30, 40], |place, _| (place == 4).then_some(3), &Weight::Value)
}

/// The relation along `variable` whose margin is the cell.
fn relation(variable: usize, margin: u32) -> Relation {
    Relation { variable, margin: CellId(margin) }
}

fn upward(problem: &Problem, steps: Vec<(Relation, i64)>, assumed: Vec<CellId>) -> Cut {
    let requirement = problem.requirements().next().unwrap();
    Cut { requirement, steps, assumed }
}

fn leaf(multipliers: &[(u32, u64)]) -> Node {
    Node::Leaf { multipliers: multipliers.to_vec() }
}

const UNIT: u64 = 1 << 16;

/// Cells of the square: 0 total 100, 1 and 2 the columns 40 and 60, 3 and 6 the rows 30 and 70, 4 5 / 7 8 inside.
fn two_lines(problem: &Problem) -> Vec<Cut> {
    let row = upward(problem, vec![(relation(1, 3), 1)], Vec::new());
    let column = upward(problem, vec![(relation(0, 1), 1)], Vec::new());
    vec![row, column]
}

#[test]
fn a_line_says_what_its_cells_can_contribute() {
    // Row 3: y4 = y3 - y5. The margin may rise without end: 3. Cell 5 may fall by 20, of which 3 count.
    let problem = square();
    let found = inequality(&problem, &two_lines(&problem)[0]).unwrap();
    assert_eq!((found.coefficients, found.right), (vec![(CellId(3), 3), (CellId(5), 3)], 3));
    // A figure below the need counts for itself: 4 against 10, with 20 to 1 in the same row.
    let figures = [10, 1, 30, 40];
    let problem = table(&[&[2], &[2]], &[], &figures, |place, _| (place == 4).then_some(3), &Weight::Value);
    let found = inequality(&problem, &two_lines(&problem)[0]).unwrap();
    assert_eq!((found.coefficients, found.right), (vec![(CellId(3), 3), (CellId(5), 1)], 3));
    // With cell 5 assumed, 2 of the 3 are left for the margin.
    let assumed = upward(&problem, vec![(relation(1, 3), 1)], vec![CellId(5)]);
    let found = inequality(&problem, &assumed).unwrap();
    assert_eq!((found.coefficients, found.right), (vec![(CellId(3), 2)], 2));
}

#[test]
fn lines_and_a_case_distinction_prove_the_square() {
    // The row costs 20 (cell 5) or 30 (margin), the column 30 (cell 7) or 40 (margin): 20 + 30.
    let problem = square();
    let cuts = two_lines(&problem);
    let nodes = vec![leaf(&[(0, 20 * UNIT), (1, 30 * UNIT)])];
    assert_eq!(verify(&problem, &Proof { cuts: cuts.clone(), nodes }), Ok(50));
    // Cell 5 published: the row costs 30. Cell 5 hidden: 20 of its own.
    let nodes = vec![
        Node::Branch { cell: CellId(5), published: 1, hidden: 2 },
        leaf(&[(0, 30 * UNIT), (1, 30 * UNIT)]),
        leaf(&[(1, 30 * UNIT)]),
    ];
    assert_eq!(verify(&problem, &Proof { cuts: cuts.clone(), nodes }), Ok(50));
    // More than the row's cells weigh is taken off again: 45 - (45 - 20) - (45 - 30).
    let nodes = vec![leaf(&[(0, 45 * UNIT), (1, 30 * UNIT)])];
    assert_eq!(verify(&problem, &Proof { cuts: cuts.clone(), nodes }), Ok(35));
    // A part of a unit counts for a whole one.
    let nodes = vec![leaf(&[(0, 20 * UNIT), (1, 1)])];
    assert_eq!(verify(&problem, &Proof { cuts, nodes }), Ok(21));
    assert_eq!(verify(&problem, &Proof::default()), Ok(0));
    // The lightest pattern is dearer than these cuts know: cell 8 has to help, 20 + 30 + 40.
    assert_eq!(lightest(&problem), Some(90));
}

#[test]
fn a_witness_may_move_another_cell_further_than_the_target() {
    // 2 x 2 x 2 cells of 10: with what is published here, `y13 = -2 y14` and no other freedom is left, so cell 13 rises
    // by 2 when cell 14 falls by 1. Hidden, it is enough.
    let blank = [0, 2, 3, 4, 7, 8, 9, 10, 12, 16, 17, 19, 20, 22, 23].map(CellId);
    let fans: [&[usize]; 3] = [&[2], &[2], &[2]];
    let problem = table(&fans, &[], &[10], |place, _| (place == 14).then_some(1), &Weight::Count);
    let fixed: Vec<(CellId, Fixed)> = problem
        .table()
        .cells()
        .filter(|cell| ![13, 14].contains(&cell.index()))
        .map(|cell| (cell, if blank.contains(&cell) { Fixed::Blank } else { Fixed::Published }))
        .collect();
    let problem = problem.with_fixed(fixed).unwrap();
    let zero = [(7, 1), (8, 2), (0, -1)];
    let one = [(0, -1), (1, 1), (2, 2), (10, -1), (11, -2)];
    let two = [(0, 2), (3, -1), (9, -1)];
    let along = |variable: usize, factors: &[(u32, i64)]| -> Vec<(Relation, i64)> {
        factors.iter().map(|&(margin, factor)| (relation(variable, margin), factor)).collect()
    };
    let steps = [along(0, &zero), along(1, &one), along(2, &two)].concat();
    for requirement in problem.requirements().collect::<Vec<_>>() {
        let cut = Cut { requirement, steps: steps.clone(), assumed: Vec::new() };
        let found = inequality(&problem, &cut).unwrap();
        assert_eq!((found.coefficients, found.right), (vec![(CellId(13), 2)], 2));
    }
    assert_eq!(lightest(&problem), Some(1));
    let found = run(&problem, 1, 0).unwrap();
    assert_eq!((found.weight, found.bound), (1, 1));
}

#[test]
fn malformed_trees_are_refused() {
    let problem = square();
    let cuts = two_lines(&problem);
    let check = |nodes: Vec<Node>| verify(&problem, &Proof { cuts: cuts.clone(), nodes });
    let branch = |cell: u32, published, hidden| Node::Branch { cell: CellId(cell), published, hidden };
    // To itself, back, out of the list, two ways to one case, on a primary, on no cell, twice on the same cell.
    assert_eq!(check(vec![branch(5, 0, 1), leaf(&[])]), Err(Fault::Tree(0)));
    let back = vec![branch(5, 1, 2), branch(7, 0, 2), leaf(&[])];
    assert_eq!(check(back), Err(Fault::Tree(1)));
    assert_eq!(check(vec![branch(5, 1, 9), leaf(&[])]), Err(Fault::Tree(9)));
    assert_eq!(check(vec![branch(5, 1, 1), leaf(&[])]), Err(Fault::Tree(1)));
    assert_eq!(check(vec![branch(4, 1, 2), leaf(&[]), leaf(&[])]), Err(Fault::Tree(0)));
    assert_eq!(check(vec![branch(9, 1, 2), leaf(&[]), leaf(&[])]), Err(Fault::Tree(0)));
    let twice = vec![branch(5, 1, 2), branch(5, 3, 4), leaf(&[]), leaf(&[]), leaf(&[])];
    assert_eq!(check(twice), Err(Fault::Tree(1)));
    assert_eq!(check(vec![leaf(&[(2, UNIT)])]), Err(Fault::Missing(0)));
    assert_eq!(check(vec![leaf(&[]); NODES_MAX + 1]), Err(Fault::Tree(NODES_MAX)));
}

#[test]
fn cuts_that_are_not_of_the_problem_or_exclude_nothing_are_refused() {
    let problem = square();
    let check = |cut: Cut| verify(&problem, &Proof { cuts: vec![cut], nodes: vec![leaf(&[(0, UNIT)])] });
    let line = || two_lines(&problem)[0].clone();
    let foreign = |change: &dyn Fn(&mut Requirement)| {
        let mut cut = line();
        change(&mut cut.requirement);
        check(cut)
    };
    assert_eq!(foreign(&|requirement| requirement.need += 1), Err(Fault::Foreign(0)));
    assert_eq!(foreign(&|requirement| requirement.need = 0), Err(Fault::Foreign(0)));
    assert_eq!(foreign(&|requirement| requirement.cell = CellId(5)), Err(Fault::Foreign(0)));
    assert_eq!(foreign(&|requirement| requirement.cell = CellId(9)), Err(Fault::Foreign(0)));
    for step in [relation(2, 3), relation(1, 9), relation(1, 4), relation(0, 4)] {
        assert_eq!(check(Cut { steps: vec![(step, 1)], ..line() }), Err(Fault::Foreign(0)), "{step:?}");
    }
    // Not about the target; a relation against itself; everything assumed.
    assert_eq!(check(Cut { steps: vec![(relation(1, 6), 1)], ..line() }), Err(Fault::Vacuous(0)));
    let against = vec![(relation(1, 3), i64::MAX), (relation(1, 3), -i64::MAX)];
    assert_eq!(check(Cut { steps: against, ..line() }), Err(Fault::Vacuous(0)));
    assert_eq!(check(Cut { assumed: vec![CellId(3), CellId(5)], ..line() }), Err(Fault::Vacuous(0)));
}

#[test]
fn huge_factors_and_multipliers_fail_or_prove_no_more() {
    let problem = square();
    let lines = two_lines(&problem);
    for factor in [i64::MIN, -1, 1, i64::MAX] {
        for repeated in [1, 2, 8, 100] {
            let cut = Cut { steps: vec![(relation(1, 3), factor); repeated], ..lines[0].clone() };
            for multiplier in [1, 20 * UNIT, u64::MAX] {
                let nodes = vec![leaf(&[(0, multiplier); 3])];
                let bound = verify(&problem, &Proof { cuts: vec![cut.clone()], nodes });
                assert!(
                    bound.is_ok_and(|bound| bound <= 20) || bound == Err(Fault::Overflow(0)),
                    "{factor} {repeated} {multiplier}: {bound:?}"
                );
            }
        }
    }
}

/// A tree as deep as a table has open cells, which takes time and memory in proportion.
#[test]
fn deep_trees_are_read() {
    let fans: [&[usize]; 2] = [&[200], &[200]];
    let problem = table(&fans, &[], &[1], |place, _| (place == 0).then_some(1), &Weight::Count);
    let cells = open_cells(&problem);
    let mut nodes = Vec::new();
    for &cell in &cells {
        let place = u32::try_from(nodes.len()).unwrap();
        nodes.extend([Node::Branch { cell, published: place + 2, hidden: place + 1 }, leaf(&[])]);
    }
    nodes.push(leaf(&[]));
    assert!(nodes.len() > 80_000);
    assert_eq!(verify(&problem, &Proof { cuts: Vec::new(), nodes }), Ok(0));
}

#[test]
fn nothing_that_is_printed_shows_a_figure() {
    let canaries = [7_654_321, 8_765_432, 9_876_543, 6_543_219];
    let need = 5_432_198;
    let level = |place: usize, _| (place == 4).then_some(need);
    let problem = table(&[&[2], &[2]], &[], &canaries, level, &Weight::Count);
    let found = run(&problem, 1, 0).unwrap();
    assert!(!found.bound_proof.cuts.is_empty());
    let line = inequality(&problem, &two_lines(&problem)[0]).unwrap();
    let Proof { cuts, nodes } = &found.bound_proof;
    let printed = format!("{found:?} {:?} {cuts:?} {nodes:?} {line:?} {problem:?}", found.bound_proof);
    let figures = problem.table().cells().map(|cell| problem.table().figure(cell).open());
    for figure in figures.chain([need]) {
        assert!(!printed.contains(&figure.to_string()), "{printed}");
    }
}

fn problems() -> impl Strategy<Value = Problem> {
    (
        0_usize..7,
        prop::collection::vec(0_i64..6, 16),
        prop::collection::vec(prop_oneof![5 => Just(0_i64), 1 => 1_i64..4], 13),
        prop::collection::vec(0_u8..10, 17),
        prop::bool::ANY,
    )
        .prop_map(|(layout, figures, levels, marks, count)| {
            let weight = if count { Weight::Count } else { Weight::Value };
            random(layout, &figures, &levels, &marks, &weight)
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_factors_no_safe_pattern_violates_a_cut(
        problem in problems(),
        picks in prop::collection::vec((0_usize..40, -3_i64..4), 1..8),
        assumed in prop::collection::vec(0_u32..30, 0..5),
        which in 0_usize..20,
    ) {
        let requirements: Vec<Requirement> = problem.requirements().collect();
        prop_assume!(!requirements.is_empty());
        let requirement = requirements[which % requirements.len()];
        let table = problem.table();
        let own = relations_of(table, requirement.cell).map(|(relation, _)| relation).next().unwrap();
        let all: Vec<Relation> = table
            .cells()
            .flat_map(|cell| table.margin_along(cell).variables().map(move |variable| (variable, cell)))
            .map(|(variable, margin)| Relation { variable, margin })
            .collect();
        let mut steps = vec![(own, 1)];
        steps.extend(picks.iter().map(|&(pick, factor)| (all[pick % all.len()], factor)));
        let assumed = assumed.into_iter().map(CellId).collect();
        let cut = Cut { requirement, steps, assumed };
        prop_assert!(belongs(&problem, &cut));
        prop_assert!(Oracle::new(&problem).is_valid(&cut));
    }

    #[test]
    fn the_bound_is_never_above_the_lightest_and_meets_it_when_it_says_so(problem in problems()) {
        let mut oracle = Oracle::new(&problem);
        let least = oracle.lightest();
        match run(&problem, 1, 0) {
            Ok(found) => {
                let least = least.unwrap();
                prop_assert_eq!(verify(&problem, &found.bound_proof), Ok(found.bound));
                prop_assert!(found.bound <= least && least <= found.weight);
                // Tables of this size are solved to the end.
                prop_assert_eq!((found.weight, found.stopped), (least, Stopped::Optimal));
                prop_assert_eq!(found.bound, least);
                for cut in &found.bound_proof.cuts {
                    prop_assert!(oracle.is_valid(cut));
                }
            }
            Err(CannotProtect::Requirement { .. }) => prop_assert_eq!(least, None),
            Err(other) => prop_assert!(false, "{}", other),
        }
    }

    #[test]
    fn a_proof_tampered_with_fails_or_proves_no_more_than_the_truth(
        problem in problems(),
        changes in prop::collection::vec((0_u8..9, 0_usize..64, any::<u64>()), 1..4),
    ) {
        let Ok(found) = run(&problem, 1, 0) else { return Ok(()) };
        let mut proof = found.bound_proof;
        for (what, place, value) in changes {
            tamper(&mut proof, what, place, value);
        }
        // Whatever the change, the claim stays below a weight that a safe pattern has.
        if let Ok(bound) = verify(&problem, &proof) {
            prop_assert!(bound <= lightest(&problem).unwrap());
        }
    }

    #[test]
    fn the_result_does_not_depend_on_threads_and_a_gap_ends_the_search(problem in problems()) {
        let Ok(one) = run(&problem, 1, 0) else { return Ok(()) };
        for threads in [2, 4] {
            let other = run(&problem, threads, 0).unwrap();
            prop_assert!(one.pattern == other.pattern && one.bound_proof == other.bound_proof);
            prop_assert_eq!((one.weight, one.bound, one.work), (other.weight, other.bound, other.work));
        }
        let close = run(&problem, 1, 400_000).unwrap();
        prop_assert!(close.bound <= one.weight && one.weight <= close.weight);
        prop_assert!((close.weight - close.bound) * 1_000_000 <= close.weight * 400_000);
        prop_assert!(matches!(close.stopped, Stopped::Optimal | Stopped::GoodEnough));
    }
}

/// One field of the proof, changed.
fn tamper(proof: &mut Proof, what: u8, place: usize, value: u64) {
    let small = u32::try_from(value % 20).unwrap();
    let factor = if value.is_multiple_of(2) { i64::from(small) - 10 } else { value.cast_signed() };
    let (cuts, nodes) = (proof.cuts.len().max(1), proof.nodes.len().max(1));
    let cut = proof.cuts.get_mut(place % cuts);
    match (what, cut, proof.nodes.get_mut(place % nodes)) {
        (0, Some(cut), _) => cut.requirement.need = i64::from(small),
        (1, Some(cut), _) => cut.requirement.cell = CellId(small),
        (2, Some(cut), _) => {
            cut.requirement.direction = match cut.requirement.direction {
                Direction::Up => Direction::Down,
                Direction::Down => Direction::Up,
            }
        }
        (3, Some(cut), _) => cut.steps.extend(cut.steps.first().map(|&(step, _)| (step, factor))),
        (4, Some(cut), _) => cut.assumed.insert(0, CellId(small)),
        (5, _, Some(Node::Leaf { multipliers })) => multipliers.push((small, value)),
        (5, _, Some(Node::Branch { cell, .. })) => *cell = CellId(small),
        (6, _, Some(Node::Leaf { multipliers })) => {
            for (_, multiplier) in multipliers {
                *multiplier = multiplier.saturating_add(value % (8 * UNIT));
            }
        }
        (6, _, Some(Node::Branch { published, hidden, .. })) => std::mem::swap(published, hidden),
        (7, _, Some(Node::Branch { published, .. })) => *published = small,
        (7 | 8, _, Some(node)) => {
            *node = Node::Branch { cell: CellId(small), published: small + 1, hidden: small + 2 };
            proof.nodes.extend(vec![Node::Leaf { multipliers: vec![(0, value)] }; 3]);
        }
        _ => proof.nodes.reverse(),
    }
}
