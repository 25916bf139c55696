//! Breakdowns: what is proposed is safe against every attacker by linear programs over the single records, covers the
//! table once, and shows the most there is to show.

use std::collections::BTreeSet;

use disclosure::breakdown::{
    Branch, Breakdown, Lattice, LatticeCell, Measure, Order, Remainders, Safety, Shown, Weights, finest,
    uniform,
};
use disclosure::generate::hierarchy;
use disclosure::guarantee::{Coalition, Family, Guarantee, UnitShare, shortfall};
use disclosure::hierarchy::{Hierarchy, NodeId};
use disclosure::problem::{Contributions, UnitId};
use disclosure::rule::{Dominance, PPercent, Rules};
use disclosure::solver::{Column, Highs, Outcome, Program, Solver};
use disclosure::{Figure, Ratio};
use proptest::prelude::*;

const UNITS: u32 = 6;

/// One contribution: unit, one leaf a variable, amount.
type Row = (u32, Vec<NodeId>, i64);

#[derive(Debug)]
struct World {
    trees: Vec<Hierarchy>,
    rows: Vec<Row>,
    waived: Vec<bool>,
}

impl World {
    fn lattice(&self) -> Lattice {
        let mut contributions = Contributions::new(self.trees.len(), self.waived.clone());
        for (unit, leaf, amount) in &self.rows {
            contributions.push(UnitId(*unit), leaf, Figure::new(*amount));
        }
        Lattice::new(self.trees.clone(), &contributions).unwrap()
    }

    /// Whether a row stands in the cell.
    fn within(&self, row: &Row, nodes: &[NodeId]) -> bool {
        self.trees.iter().zip(&row.1).zip(nodes).all(|((tree, &leaf), &node)| {
            std::iter::successors(Some(leaf), |&at| tree.parent(at)).any(|at| at == node)
        })
    }
}

fn worlds(fans: &'static [&'static [usize]]) -> impl Strategy<Value = World> {
    let trees: Vec<Hierarchy> =
        fans.iter().zip(["A", "B", "C"]).map(|(fan, name)| hierarchy(name, fan).unwrap()).collect();
    let leaves: Vec<Vec<NodeId>> =
        trees.iter().map(|tree| tree.nodes().filter(|&node| tree.is_leaf(node)).collect()).collect();
    let leaf = leaves.into_iter().map(prop::sample::select).collect::<Vec<_>>();
    let row = (0..UNITS, leaf, prop_oneof![Just(0), 1_i64..8, 1_i64..200]);
    let waived = prop::collection::vec(prop::bool::weighted(0.15), UNITS as usize);
    (prop::collection::vec(row, 1..40), waived).prop_map(move |(rows, waived)| World {
        trees: trees.clone(),
        rows,
        waived,
    })
}

fn attackers() -> Vec<Coalition> {
    let alone = (0..UNITS).map(|unit| Coalition { id: format!("unit {unit}"), members: vec![UnitId(unit)] });
    let pair = Coalition { id: "pair".to_owned(), members: vec![UnitId(1), UnitId(2)] };
    let three = Coalition { id: "three".to_owned(), members: vec![UnitId(0), UnitId(2), UnitId(4)] };
    [Coalition::outsider()].into_iter().chain(alone).chain([pair, three]).collect()
}

fn guarantee(floor: i64) -> Guarantee {
    Guarantee {
        p: Ratio::whole(10),
        floor,
        two_sided: true,
        families: vec![Family::Cells, Family::Relations],
    }
}

fn rules() -> Rules {
    Rules {
        p: Some(PPercent { p: Ratio::whole(15), q: Ratio::whole(100), pooling: 2 }),
        dominance: vec![Dominance { n: 2, k: Ratio::whole(85) }],
        minimum_frequency: Some(3),
        zero: true,
    }
}

/// The attacker's interval of the victim's share in a cell, over the records outside and the published cells, as
/// deviations from the truth.
fn interval(world: &World, published: &[Vec<usize>], attacker: &Coalition, own: &[usize]) -> (f64, f64) {
    let column = |row: &Row| {
        let known = attacker.has(UnitId(row.0));
        let (lower, upper) = if known { (0.0, 0.0) } else { (-(row.2 as f64), f64::INFINITY) };
        Column { lower, upper, cost: 0.0, whole: false }
    };
    let mut program = Program { columns: world.rows.iter().map(column).collect(), rows: Vec::new() };
    program.rows = published.iter().map(|rows| rows.iter().map(|&row| (row, 1.0)).collect()).collect();
    let ends = [-1.0, 1.0].map(|cost| {
        let mut session = Highs.open(&program, 10.0);
        own.iter().for_each(|&row| session.set_cost(row, cost));
        match session.solve() {
            Outcome::Optimal(found) => found.objective / cost,
            Outcome::Unbounded => -cost * f64::INFINITY,
            other => unreachable!("{other:?}"),
        }
    });
    (ends[1], ends[0])
}

/// Every share of every unit in every cell of every level keeps its distance, against every attacker.
fn expect_safe(world: &World, lattice: &Lattice, breakdown: &Breakdown, guarantee: &Guarantee) {
    let inside = |cell: LatticeCell| -> Vec<usize> {
        let nodes = lattice.nodes(cell);
        (0..world.rows.len()).filter(|&row| world.within(&world.rows[row], &nodes)).collect()
    };
    let shown = Shown::of(lattice, breakdown);
    let mut published: Vec<Vec<usize>> =
        lattice.cells().filter(|&cell| shown.has(cell)).map(inside).collect();
    // What a reader subtracts to get a remainder is published; the remainder itself may be too.
    for atom in breakdown.atoms().into_iter().filter(|atom| !atom.remainder.is_empty()) {
        published.push(atom.remainder.iter().flat_map(|&cell| inside(cell)).collect());
    }
    for attacker in attackers() {
        for unit in (0..UNITS).filter(|&unit| !attacker.has(UnitId(unit)) && !world.waived[unit as usize]) {
            let mut seen = BTreeSet::new();
            for cell in lattice.cells() {
                let own: Vec<usize> =
                    inside(cell).into_iter().filter(|&row| world.rows[row].0 == unit).collect();
                if own.is_empty() || !seen.insert(own.clone()) {
                    continue;
                }
                let value: i64 = own.iter().map(|&row| world.rows[row].2).sum();
                let (low, high) = interval(world, &published, &attacker, &own);
                let need = guarantee.need(value);
                let what = (&attacker.id, unit, lattice.nodes(cell));
                assert!(high >= need as f64 - 1e-6, "{what:?} rises by {high}, not {need}");
                assert!(low <= -(need.min(value) as f64) + 1e-6, "{what:?} falls by {low}, not {need}");
                assert!(high - low > 0.5, "{what:?} is known");
            }
        }
    }
}

/// Every row of a table that is not withheld lies in exactly one atom.
fn expect_cover(world: &World, lattice: &Lattice, breakdown: &Breakdown) {
    let withheld: Vec<Vec<NodeId>> = breakdown.withheld.iter().map(|&cell| lattice.nodes(cell)).collect();
    let cells = |atom: &Branch| match atom.remainder[..] {
        [] => vec![lattice.nodes(atom.cell)],
        ref cells => cells.iter().map(|&cell| lattice.nodes(cell)).collect(),
    };
    let atoms: Vec<Vec<Vec<NodeId>>> = breakdown.atoms().into_iter().map(cells).collect();
    for row in &world.rows {
        let is_in = |cells: &&Vec<Vec<NodeId>>| cells.iter().any(|nodes| world.within(row, nodes));
        let times = atoms.iter().filter(is_in).count();
        assert_eq!(times, usize::from(!withheld.iter().any(|nodes| world.within(row, nodes))));
    }
}

const CROSSED: &[&[usize]] = &[&[2, 2], &[3]];

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn what_is_proposed_withstands_the_program_over_records(world in worlds(CROSSED), floor in 0_i64..3) {
        let lattice = world.lattice();
        let (attackers, guarantee) = (attackers(), guarantee(floor));
        let safety = Safety::against(&attackers).with_guarantee(&guarantee);
        let safe = lattice.judge(&safety);
        let weights = Weights::new(&lattice, Measure::Figure, &[]);
        for remainders in [Remainders::Shown, Remainders::None] {
            let found = finest(&lattice, &safety, &safe, &weights, &Order::Free, remainders);
            expect_cover(&world, &lattice, &found);
            expect_safe(&world, &lattice, &found, &guarantee);
        }
    }
}

/// All sets of cells of one tree that cover the cell once, as the cells that follow from them.
fn covers(lattice: &Lattice, safe: &[bool], cell: LatticeCell) -> Vec<Vec<LatticeCell>> {
    let mut found = if safe[cell.index()] { vec![vec![cell]] } else { Vec::new() };
    let children: Vec<LatticeCell> = lattice.children(cell, 0).collect();
    if children.is_empty() {
        return found;
    }
    let mut crossed: Vec<Vec<LatticeCell>> = vec![vec![cell]];
    for child in children {
        let below = covers(lattice, safe, child);
        crossed = crossed
            .iter()
            .flat_map(|one| below.iter().map(move |other| [&one[..], other].concat()))
            .collect();
    }
    found.extend(crossed);
    found
}

fn judged<'a>(attackers: &'a [Coalition], guarantee: &'a Guarantee, rules: &'a Rules) -> Safety<'a> {
    Safety::against(attackers).with_guarantee(guarantee).with_rules(rules)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn no_cut_of_a_tree_shows_more(world in worlds(&[&[2, 3, 2]])) {
        let lattice = world.lattice();
        let attackers = attackers();
        let safety = Safety::against(&attackers).with_outsiders(2);
        let safe = lattice.judge(&safety);
        let weights = Weights::new(&lattice, Measure::Figure, &[vec![NodeId(3)]]);
        let found = finest(&lattice, &safety, &safe, &weights, &Order::Free, Remainders::None);
        let root = lattice.roots().next().unwrap();
        let value = |cells: &Vec<LatticeCell>| cells.iter().map(|&cell| weights.of(cell)).sum::<u128>();
        let best = covers(&lattice, &safe, root).iter().map(value).max();
        // A margin of a single part follows from the part, and the other way round: the search names both.
        prop_assert_eq!(Shown::of(&lattice, &found).utility(&lattice, &weights), best.unwrap_or(0));
    }

    #[test]
    fn a_free_order_gains_at_least_what_any_nested_one_does(world in worlds(CROSSED)) {
        let lattice = world.lattice();
        let (attackers, guarantee, rules) = (attackers(), guarantee(0), rules());
        let safety = judged(&attackers, &guarantee, &rules);
        let safe = lattice.judge(&safety);
        let weights = Weights::new(&lattice, Measure::Figure, &[]);
        let gain = |order: &Order, remainders| {
            let found = finest(&lattice, &safety, &safe, &weights, order, remainders);
            expect_cover(&world, &lattice, &found);
            for atom in found.atoms().iter().filter(|atom| atom.remainder.is_empty()) {
                assert!(safe[atom.cell.index()]);
            }
            fn named(branch: &Branch, weights: &Weights) -> u128 {
                let here = if branch.remainder.is_empty() { weights.of(branch.cell) } else { 0 };
                here + branch.parts.iter().map(|part| named(part, weights)).sum::<u128>()
            }
            found.branches.iter().map(|branch| named(branch, &weights)).sum::<u128>()
        };
        let free = gain(&Order::Free, Remainders::None);
        for order in [vec![0, 1], vec![1, 0]] {
            prop_assert!(free >= gain(&Order::Nested(order.clone()), Remainders::None));
            gain(&Order::Nested(order), Remainders::Shown);
        }
    }

    #[test]
    fn what_follows_from_a_breakdown_is_safe_too(world in worlds(CROSSED), outsiders in 1_u32..4) {
        let lattice = world.lattice();
        let (attackers, guarantee, rules) = (attackers(), guarantee(2), rules());
        let safeties = [
            Safety::against(&attackers).with_guarantee(&guarantee),
            Safety::against(&attackers).with_rules(&rules),
            Safety::against(&attackers).with_outsiders(outsiders),
        ];
        for safety in safeties {
            let safe = lattice.judge(&safety);
            let weights = Weights::new(&lattice, Measure::Units, &[]);
            let cut = |order: &Order, remainders| finest(&lattice, &safety, &safe, &weights, order, remainders);
            let mut found = vec![
                cut(&Order::Free, Remainders::Shown),
                cut(&Order::Nested(vec![1, 0]), Remainders::Shown),
            ];
            found.push(uniform(&lattice, &safe, &[1, 1]));
            for breakdown in found {
                let shown = Shown::of(&lattice, &breakdown);
                prop_assert!(lattice.cells().all(|cell| !shown.has(cell) || safe[cell.index()]));
            }
        }
    }

    #[test]
    fn of_single_attackers_the_two_largest_decide(world in worlds(&[&[1]]), declared in 0_u32..64) {
        let lattice = world.lattice();
        let guarantee = guarantee(1);
        let attackers: Vec<Coalition> = attackers()
            .into_iter()
            .filter(|one| one.members.len() != 1 || declared & (1 << one.members[0].0) != 0)
            .collect();
        let safety = Safety::against(&attackers).with_guarantee(&guarantee);
        for cell in lattice.cells() {
            let shares: &[UnitShare] = lattice.shares(cell);
            let each = attackers.iter().all(|one| shortfall(shares, one, &guarantee) == 0);
            prop_assert_eq!(safety.holds(shares), each);
        }
    }
}

#[test]
fn a_remainder_shows_more_than_the_margin_alone() {
    // Four types; one has a single contributor. Without a remainder none of the four can be shown.
    let tree = hierarchy("type", &[4]).unwrap();
    let leaves: Vec<NodeId> = tree.nodes().skip(1).collect();
    let mut rows: Vec<Row> = vec![(0, vec![leaves[0]], 50)];
    for (place, leaf) in leaves.iter().enumerate().skip(1) {
        let amount = 20 * i64::try_from(place).unwrap();
        rows.extend((1..5).map(|unit| (unit, vec![*leaf], amount)));
    }
    let world = World { trees: vec![tree], rows, waived: vec![false; UNITS as usize] };
    let lattice = world.lattice();
    let (attackers, guarantee) = (attackers(), guarantee(0));
    let safety = Safety::against(&attackers).with_guarantee(&guarantee);
    let safe = lattice.judge(&safety);
    let weights = Weights::new(&lattice, Measure::Figure, &[]);
    let alone = finest(&lattice, &safety, &safe, &weights, &Order::Free, Remainders::None);
    assert_eq!(Shown::of(&lattice, &alone).count(), 1);
    let with = finest(&lattice, &safety, &safe, &weights, &Order::Free, Remainders::Shown);
    // The least valuable of the others stands with it.
    let remainder = with.atoms().into_iter().find(|atom| !atom.remainder.is_empty()).unwrap();
    let nodes: Vec<NodeId> = remainder.remainder.iter().map(|&cell| lattice.node(cell, 0)).collect();
    assert_eq!(nodes, leaves[..2]);
    assert_eq!(Shown::of(&lattice, &with).count(), 3);
    expect_safe(&world, &lattice, &with, &guarantee);
}

#[test]
fn what_cannot_be_shown_at_all_is_withheld() {
    // Two tops that do not add up; one of them is a single contributor's.
    let codes = [("ships", None), ("aircraft", None), ("jet", Some(1)), ("tanker", Some(1))];
    let tree =
        Hierarchy::new("type", codes.map(|(code, parent)| (code.to_owned(), parent)).to_vec()).unwrap();
    let node = |code: &str| tree.node(code).unwrap();
    let mut rows: Vec<Row> = vec![(0, vec![node("ships")], 9)];
    rows.extend((0..5).map(|unit| (unit, vec![node("jet")], 10)));
    rows.extend((0..2).map(|unit| (unit, vec![node("tanker")], 10)));
    let expected = [node("ships"), node("aircraft")];
    let world = World { trees: vec![tree.clone()], rows, waived: vec![false; UNITS as usize] };
    let lattice = world.lattice();
    let rules = rules();
    let safety = Safety::against(&[]).with_rules(&rules);
    let safe = lattice.judge(&safety);
    let weights = Weights::new(&lattice, Measure::Figure, &[]);
    let found = finest(&lattice, &safety, &safe, &weights, &Order::Free, Remainders::Shown);
    assert_eq!(found.withheld.iter().map(|&cell| lattice.node(cell, 0)).collect::<Vec<_>>(), expected[..1]);
    assert_eq!(found.branches.iter().map(|one| lattice.node(one.cell, 0)).collect::<Vec<_>>(), expected[1..]);
    assert_eq!(found.atoms().len(), 1);
}

#[test]
fn levels_that_are_all_safe_are_one_uniform_cut() {
    let trees = vec![hierarchy("A", &[2, 2]).unwrap(), hierarchy("B", &[2]).unwrap()];
    let leaf = |tree: &Hierarchy| tree.nodes().filter(|&node| tree.is_leaf(node)).collect::<Vec<_>>();
    let mut rows: Vec<Row> = Vec::new();
    for a in leaf(&trees[0]) {
        for b in leaf(&trees[1]) {
            rows.extend((0..5).map(|unit| (unit, vec![a, b], 7)));
        }
    }
    let world = World { trees, rows, waived: vec![false; UNITS as usize] };
    let lattice = world.lattice();
    let safe = vec![true; lattice.len()];
    assert_eq!(uniform(&lattice, &safe, &[2, 1]).atoms().len(), 8);
    let coarse = uniform(&lattice, &safe, &[1, 0]);
    assert_eq!(coarse.atoms().len(), 2);
    // Two halves and their total.
    assert_eq!(Shown::of(&lattice, &coarse).count(), 3);
    let one = lattice.find(&[NodeId(1), NodeId(0)]).unwrap();
    assert!(lattice.at_levels(one, &[1, 0]) && !lattice.at_levels(one, &[2, 0]));
    assert_eq!(lattice.value_permille([one].into_iter(), lattice.roots()), 500);
}
