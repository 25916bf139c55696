//! Which alternatives there are: several cuts of one lattice under one test, and one under a test that asks no figure.

use disclosure::breakdown::{
    Breakdown, Lattice, LatticeCell, Measure, Order, Remainders, Safety, Shown, Weights, finest, uniform,
};
use disclosure::guarantee::{Coalition, Guarantee};
use disclosure::hierarchy::NodeId;
use disclosure::rule::Rules;
use intake::figures::Records;
use intake::{Content, Loaded};

use crate::document::suggestions::Kind;
use crate::failure::Failure;
use crate::opposition;
use crate::report::{is_years, year};

/// Of a thousand cells, how many may be sensitive in a table that still is suggested with blanks.
const TOLERATED_PERMILLE: [u64; 2] = [100, 250];
/// Visits of cells that all orders of the variables may cost together.
const VISITS_MAX: u64 = 50_000_000;
/// Nested alternatives beside the best one.
const NESTED_MAX: usize = 2;

/// What all alternatives share.
pub(crate) struct Scene<'a> {
    pub(crate) loaded: &'a Loaded,
    pub(crate) records: &'a Records,
    pub(crate) lattice: Lattice,
    pub(crate) attackers: Vec<Coalition>,
    /// What is promised against them, where more than the rules is.
    guarantee: Option<Guarantee>,
    pub(crate) weights: Weights,
    /// By cell: whether it may be published alone.
    pub(crate) safe: Vec<bool>,
    /// The variable whose lowest codes are years, with the first and the last of them.
    pub(crate) years: Option<(usize, [NodeId; 2])>,
    pub(crate) least_outsiders: u32,
}

/// What an alternative shows.
pub(crate) enum Cut {
    /// A nested cut.
    Branches(Breakdown),
    /// One level of each variable; every cell down to there, hidden ones aside.
    Levels(Vec<u32>),
}

/// An alternative as it was found.
pub(crate) struct Wanted {
    pub(crate) kind: Kind,
    pub(crate) order: Vec<usize>,
    pub(crate) cut: Cut,
    pub(crate) withheld: Vec<LatticeCell>,
    /// By cell: whether it is shown.
    pub(crate) shown: Vec<bool>,
    pub(crate) atoms: u64,
    pub(crate) sensitive: u64,
    pub(crate) utility: u128,
}

impl Wanted {
    /// How many cells are shown.
    pub(crate) fn count(&self) -> u64 {
        self.shown.iter().filter(|&&shown| shown).count() as u64
    }
}

impl<'a> Scene<'a> {
    /// Sums and judges all cells.
    pub(crate) fn new(loaded: &'a Loaded, least_outsiders: u32) -> Result<Self, Failure> {
        let records = refuse_unsupported(loaded)?;
        let lattice = Lattice::new(loaded.hierarchies(), &records.contributions())
            .map_err(|error| Failure::usage(format!("there is no table: {error}"), error.advice()))?;
        let years = years(&lattice);
        let mut doubled = vec![Vec::new(); lattice.hierarchies().len()];
        if let Some((variable, ends)) = years {
            doubled[variable] = ends.to_vec();
        }
        let weights = Weights::new(&lattice, Measure::Figure, &doubled);
        let (attackers, guarantee) = (loaded.coalitions_of_units(), opposition::guarantee(loaded)?);
        let mut scene = Self {
            loaded,
            records,
            lattice,
            attackers,
            guarantee,
            weights,
            safe: Vec::new(),
            years,
            least_outsiders,
        };
        let rules = scene.rules();
        scene.safe = scene.lattice.judge(&scene.safety(rules.as_ref()));
        Ok(scene)
    }

    /// The rules, where there are any.
    fn rules(&self) -> Option<Rules> {
        Some(self.loaded.rules()).filter(|rules| *rules != Rules::default())
    }

    fn safety<'s>(&'s self, rules: Option<&'s Rules>) -> Safety<'s> {
        let mut safety = Safety::against(&self.attackers);
        if let Some(rules) = rules {
            safety = safety.with_rules(rules);
        }
        if let Some(guarantee) = &self.guarantee {
            safety = safety.with_guarantee(guarantee);
        }
        safety
    }

    /// All alternatives: those without blanks first, by what they show.
    pub(crate) fn alternatives(&self) -> Vec<Wanted> {
        let rules = self.rules();
        let safety = self.safety(rules.as_ref());
        let cut = |order: &Order, remainders| {
            finest(&self.lattice, &safety, &self.safe, &self.weights, order, remainders)
        };
        let mut found = vec![
            self.branches(Kind::BranchesWithRemainders, &[], cut(&Order::Free, Remainders::Shown)),
            self.branches(Kind::Branches, &[], cut(&Order::Free, Remainders::None)),
        ];
        let nested = orders(self.lattice.hierarchies().len(), self.lattice.len() as u64);
        let mut nested: Vec<Wanted> = nested
            .into_iter()
            .map(|order| {
                let breakdown = cut(&Order::Nested(order.clone()), Remainders::Shown);
                self.branches(Kind::Nested, &order, breakdown)
            })
            .collect();
        nested.sort_by_key(|one| std::cmp::Reverse(one.utility));
        nested.truncate(1 + NESTED_MAX);
        found.append(&mut nested);
        found.extend(self.coarse());
        found.retain(|one| one.atoms > 0);
        found.sort_by_key(|one| std::cmp::Reverse(one.utility));
        // What shows no more than another shows nothing new.
        let mut kept: Vec<Wanted> = Vec::new();
        for one in found {
            if !kept.iter().any(|other| other.shown == one.shown && other.atoms == one.atoms) {
                kept.push(one);
            }
        }
        kept.extend(self.structural());
        kept.extend(self.with_blanks());
        kept
    }

    fn branches(&self, kind: Kind, order: &[usize], breakdown: Breakdown) -> Wanted {
        let shown = Shown::of(&self.lattice, &breakdown);
        let atoms = breakdown.atoms();
        let sensitive =
            atoms.iter().filter(|atom| atom.remainder.is_empty() && !self.safe[atom.cell.index()]).count();
        Wanted {
            kind,
            order: order.to_vec(),
            atoms: atoms.len() as u64,
            sensitive: sensitive as u64,
            utility: shown.utility(&self.lattice, &self.weights),
            shown: self.lattice.cells().map(|cell| shown.has(cell)).collect(),
            withheld: breakdown.withheld.clone(),
            cut: Cut::Branches(breakdown),
        }
    }

    /// Of all tables of one level a variable, the one that shows most.
    fn coarse(&self) -> Option<Wanted> {
        let tables = self.affordable_tuples().into_iter().map(|levels| {
            let breakdown = uniform(&self.lattice, &self.safe, &levels);
            let found = self.branches(Kind::Levels, &[], breakdown);
            Wanted { cut: Cut::Levels(levels), ..found }
        });
        // The first of several that show the same is the coarsest.
        tables.fold(None, |best: Option<Wanted>, one| match best {
            Some(best) if best.utility >= one.utility => Some(best),
            _ => Some(one),
        })
    }

    /// The cut that asks only who has records.
    fn structural(&self) -> Option<Wanted> {
        let safety = Safety::against(&self.attackers).with_outsiders(self.least_outsiders);
        let safe = self.lattice.judge(&safety);
        let mut doubled = vec![Vec::new(); self.lattice.hierarchies().len()];
        if let Some((variable, ends)) = self.years {
            doubled[variable] = ends.to_vec();
        }
        let weights = Weights::new(&self.lattice, Measure::Units, &doubled);
        let cut = finest(&self.lattice, &safety, &safe, &weights, &Order::Free, Remainders::None);
        Some(self.branches(Kind::Structural, &[], cut)).filter(|found| found.atoms > 0)
    }

    /// Tables of one level a variable in which a few cells must be hidden, and the one that was asked for.
    fn with_blanks(&self) -> Vec<Wanted> {
        let tuples = self.affordable_tuples();
        let mut found: Vec<Wanted> = Vec::new();
        for tolerated in TOLERATED_PERMILLE {
            let within = tuples.iter().filter_map(|levels| {
                let one = self.levels(Kind::LevelsWithBlanks, levels.clone());
                let cells = one.count() + one.sensitive;
                (one.sensitive > 0 && one.sensitive * 1_000 <= cells * tolerated).then_some(one)
            });
            if let Some(best) = within.max_by_key(|one| one.utility)
                && !found.iter().any(|known| known.shown == best.shown)
            {
                found.push(best);
            }
        }
        let deepest = self.lattice.hierarchies().iter().map(|tree| tree.depth_max()).collect();
        let asked = self.levels(Kind::AsAsked, deepest);
        found.retain(|known| known.shown != asked.shown);
        found.push(asked);
        found
    }

    /// The same, as long as looking at all cells for each is affordable.
    fn affordable_tuples(&self) -> Vec<Vec<u32>> {
        let mut tuples = self.level_tuples();
        let cells = (self.lattice.len() as u64).max(1);
        tuples.truncate(usize::try_from(VISITS_MAX / cells).unwrap_or(usize::MAX));
        tuples
    }

    /// All cells down to these levels, of which the sensitive ones will be hidden, and others with them.
    fn levels(&self, kind: Kind, levels: Vec<u32>) -> Wanted {
        let trees = self.lattice.hierarchies();
        let is_in = |cell: LatticeCell| {
            (0..trees.len())
                .all(|variable| trees[variable].depth(self.lattice.node(cell, variable)) <= levels[variable])
        };
        let safe = |cell: &LatticeCell| self.safe[cell.index()];
        let cells: Vec<LatticeCell> = self.lattice.cells().filter(|&cell| is_in(cell)).collect();
        let atoms = self.lattice.cells().filter(|&cell| self.lattice.at_levels(cell, &levels)).count();
        let shown: Vec<bool> =
            self.lattice.cells().map(|cell| is_in(cell) && self.safe[cell.index()]).collect();
        Wanted {
            kind,
            order: Vec::new(),
            withheld: Vec::new(),
            atoms: atoms as u64,
            sensitive: cells.iter().filter(|cell| !safe(cell)).count() as u64,
            utility: cells.iter().filter(|cell| safe(cell)).map(|&cell| self.weights.of(cell)).sum(),
            cut: Cut::Levels(levels),
            shown,
        }
    }

    /// Every combination of levels, the coarsest first.
    pub(crate) fn level_tuples(&self) -> Vec<Vec<u32>> {
        let mut tuples: Vec<Vec<u32>> = vec![Vec::new()];
        for tree in self.lattice.hierarchies() {
            let levels = 0..=tree.depth_max();
            tuples = tuples
                .iter()
                .flat_map(|tuple| levels.clone().map(move |level| [&tuple[..], &[level]].concat()))
                .collect();
        }
        tuples
    }
}

/// The first and the last year, where a variable is one of years.
fn years(lattice: &Lattice) -> Option<(usize, [NodeId; 2])> {
    let trees = lattice.hierarchies();
    let variable = trees.iter().position(is_years)?;
    let tree = &trees[variable];
    let mut leaves: Vec<NodeId> = tree.nodes().filter(|&node| tree.is_leaf(node)).collect();
    leaves.sort_by_key(|&node| year(tree.code(node)));
    Some((variable, [*leaves.first()?, *leaves.last()?]))
}

/// The orders of the variables: all where that is affordable, else the specified one with one variable moved.
fn orders(variables: usize, cells: u64) -> Vec<Vec<usize>> {
    let specified: Vec<usize> = (0..variables).collect();
    if variables < 2 {
        return Vec::new();
    }
    let mut all: Vec<Vec<usize>> = vec![Vec::new()];
    for variable in 0..variables {
        let with = |order: &Vec<usize>| -> Vec<Vec<usize>> {
            let put = |place: usize| [&order[..place], &[variable], &order[place..]].concat();
            (0..=order.len()).map(put).collect()
        };
        all = all.iter().flat_map(with).collect();
    }
    all.sort_unstable();
    let cost = cells.saturating_mul(variables as u64).saturating_mul(all.len() as u64);
    if cost > VISITS_MAX {
        all.retain(|order| {
            (0..variables).any(|moved| {
                let without = |order: &[usize]| -> Vec<usize> {
                    order.iter().copied().filter(|&variable| variable != moved).collect()
                };
                without(order) == without(&specified)
            })
        });
    }
    all
}

/// What a cut through trees cannot answer for is refused, never left out.
fn refuse_unsupported(loaded: &Loaded) -> Result<&Records, Failure> {
    let refuse = |what: &str, advice: &str| Err(Failure::usage(what.to_owned(), advice));
    let specification = &loaded.specification;
    let Content::Figures(records) = &loaded.content else {
        let advice =
            "give [figures], one row a contribution: without contributors no other breakdown can be judged";
        return refuse("[cells] says of its own cells alone whether they are sensitive", advice);
    };
    if !specification.history.is_empty() || specification.search.fixed.is_some() {
        let advice = "leave out [history] and [search] fixed only if nothing of this table is out yet";
        return refuse("earlier releases change which breakdowns are safe, and are not counted here", advice);
    }
    if specification.tables.len() > 1 {
        return refuse("a breakdown is suggested for one table, not for linked ones", "keep one [[table]]");
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_orders_of_few_variables_and_neighbours_of_the_specified_one_of_many() {
        assert!(orders(1, 10).is_empty());
        assert_eq!(orders(2, 10), [[0, 1], [1, 0]]);
        assert_eq!(orders(4, 10).len(), 24);
        let near = orders(6, 1_000_000);
        assert!(near.len() < 720 && near.contains(&vec![0, 1, 2, 3, 4, 5]));
        assert!(near.contains(&vec![5, 0, 1, 2, 3, 4]) && !near.contains(&vec![5, 4, 3, 2, 1, 0]));
    }
}
