//! Invented tables for tests, benches and the demonstration: EXERCISE figures, the same for the same seed.
//!
//! Contributions are skewed as real ones are: few large, many small, drawn from whole numbers only so that every
//! platform makes the same table.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::Figure;
use crate::hierarchy::{Hierarchy, HierarchyError, NodeId};
use crate::problem::{Contributions, UnitId};

/// What to make.
#[derive(Clone, Debug)]
pub struct Shape {
    /// For each variable its name and the number of children at each level below the root.
    pub variables: Vec<(&'static str, Vec<usize>)>,
    /// How many contributors there are.
    pub contributors: u32,
    /// Of a thousand leaf cells, how many have any contribution.
    pub filled_per_mille: u32,
    /// Contributors of a filled leaf cell are drawn from 1 to this.
    pub contributors_per_cell_max: u32,
    /// The seed.
    pub seed: u64,
}

impl Shape {
    /// 1,234,321 cells under two hierarchies of 1,111 codes, about 15 per cent of them sensitive at p = 10: the
    /// scale of a national statistical office.
    #[must_use]
    pub fn office_scale() -> Self {
        Self {
            variables: vec![("A", vec![10, 10, 10]), ("B", vec![10, 10, 10])],
            contributors: 20_000,
            filled_per_mille: 1_000,
            contributors_per_cell_max: 17,
            seed: 1,
        }
    }
}

/// The hierarchies and contributions of a shape.
///
/// # Errors
/// A shape whose codes do not form hierarchies.
pub fn table(shape: &Shape) -> Result<(Vec<Hierarchy>, Contributions), HierarchyError> {
    let hierarchies = shape
        .variables
        .iter()
        .map(|(name, fan)| hierarchy(name, fan))
        .collect::<Result<Vec<Hierarchy>, HierarchyError>>()?;
    let leaves: Vec<Vec<NodeId>> =
        hierarchies.iter().map(|tree| tree.nodes().filter(|&node| tree.is_leaf(node)).collect()).collect();
    let mut rng = ChaCha8Rng::seed_from_u64(shape.seed);
    let mut contributions = Contributions::new(hierarchies.len(), vec![false; shape.contributors as usize]);
    let mut places = vec![0_usize; leaves.len()];
    loop {
        let leaf: Vec<NodeId> = places.iter().zip(&leaves).map(|(&place, nodes)| nodes[place]).collect();
        if rng.random_range(0..1_000) < shape.filled_per_mille {
            for _ in 0..rng.random_range(1..=shape.contributors_per_cell_max) {
                let unit = UnitId(rng.random_range(0..shape.contributors));
                contributions.push(unit, &leaf, Figure::new(skewed(&mut rng)));
            }
        }
        let Some(variable) = (0..places.len()).rev().find(|&v| places[v] + 1 < leaves[v].len()) else {
            return Ok((hierarchies, contributions));
        };
        places[variable] += 1;
        places[variable + 1..].fill(0);
    }
}

/// A hierarchy with a fixed number of children at each level; the root's code is `Total`.
///
/// # Errors
/// More codes or levels than a hierarchy takes.
pub fn hierarchy(name: &str, fan: &[usize]) -> Result<Hierarchy, HierarchyError> {
    let mut codes = vec![("Total".to_owned(), None)];
    let mut level: Vec<(usize, String)> = vec![(0, name.to_owned())];
    for &children in fan {
        let mut next = Vec::new();
        for (parent, prefix) in level {
            for child in 1..=children {
                let code = format!("{prefix}{child:02}");
                codes.push((code.clone(), Some(parent)));
                next.push((codes.len() - 1, code));
            }
        }
        level = next;
    }
    Hierarchy::new(name, codes)
}

/// 1 to about 16,000, each doubling half as likely.
fn skewed(rng: &mut impl Rng) -> i64 {
    let doublings = rng.random::<u16>().trailing_ones().min(7);
    i64::from(rng.random_range(1_u32..=128)) << doublings
}
