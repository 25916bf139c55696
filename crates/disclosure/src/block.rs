//! Blocks: which variables cross in each of several linked tables.
//!
//! Linked tables break one response down by different sets of variables, a *block* each. A variable that a block
//! leaves out stands at its total, a root of its tree. A margin that two blocks share is then one cell with one
//! figure, and stands in the relations of both: nothing has to say that the two are equal. An ordinary table is one
//! block of all variables. Source: Handbook on Statistical Disclosure Control, section 4.2.3 (linked tables).
//!
//! Shape: at most [`Table::VARIABLES_MAX`](crate::table::Table::VARIABLES_MAX) variables, so a set is eight bits.

use crate::hierarchy::Hierarchy;
use crate::table::TableError;

/// A set of spanning variables.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct VariableSet(u8);

impl VariableSet {
    /// No variable.
    pub const EMPTY: Self = Self(0);

    /// The first `variables` variables.
    #[must_use]
    pub fn first(variables: usize) -> Self {
        (0..variables).fold(Self::EMPTY, Self::with)
    }

    /// The set and one variable more. Variables past the eighth, which no table has, are not taken in.
    #[must_use]
    pub fn with(self, variable: usize) -> Self {
        Self(self.0 | Self::bit(variable))
    }

    /// Whether the variable is in the set.
    #[must_use]
    pub fn has(self, variable: usize) -> bool {
        self.0 & Self::bit(variable) != 0
    }

    /// Whether every variable of this set is in the other.
    #[must_use]
    pub const fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// How many variables there are.
    #[must_use]
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The variables in ascending order.
    pub fn variables(self) -> impl Iterator<Item = usize> + use<> {
        (0..u8::BITS as usize).filter(move |&variable| self.has(variable))
    }

    fn bit(variable: usize) -> u8 {
        u32::try_from(variable).ok().and_then(|shift| 1_u8.checked_shl(shift)).unwrap_or(0)
    }
}

impl FromIterator<usize> for VariableSet {
    fn from_iter<I: IntoIterator<Item = usize>>(variables: I) -> Self {
        variables.into_iter().fold(Self::EMPTY, Self::with)
    }
}

/// The blocks of a table: at least one, none within another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Blocks(Vec<VariableSet>);

impl Blocks {
    /// One block that crosses all variables.
    #[must_use]
    pub fn crossing_all(variables: usize) -> Self {
        Self(vec![VariableSet::first(variables)])
    }

    /// The blocks of linked tables; one that lies within another adds no cell and no relation, and is dropped.
    ///
    /// # Errors
    /// No block, an empty one, or one with a variable past `variables`.
    pub fn new(variables: usize, sets: &[VariableSet]) -> Result<Self, TableError> {
        let all = VariableSet::first(variables);
        if sets.is_empty() || sets.iter().any(|set| set.is_empty() || !set.is_within(all)) {
            return Err(TableError::Blocks { variables });
        }
        let mut kept: Vec<VariableSet> = Vec::new();
        for &set in sets {
            if !kept.iter().any(|other| set.is_within(*other)) {
                kept.retain(|other| !other.is_within(set));
                kept.push(set);
            }
        }
        Ok(Self(kept))
    }

    /// The blocks, each a set of variables.
    #[must_use]
    pub fn sets(&self) -> &[VariableSet] {
        &self.0
    }

    /// Whether some block crosses all of these variables.
    #[must_use]
    pub fn cross(&self, variables: VariableSet) -> bool {
        self.0.iter().any(|block| variables.is_within(*block))
    }
}

/// What a table spans: its variables, and the blocks in which they cross.
///
/// ```
/// use disclosure::block::{Spanning, VariableSet};
/// # use disclosure::hierarchy::Hierarchy;
/// # let tree = |name: &str| Hierarchy::new(name, vec![("Total".to_owned(), None)]).unwrap();
/// let variables = vec![tree("capability"), tree("year"), tree("region")];
/// let linked = [VariableSet::from_iter([0, 1]), VariableSet::from_iter([0, 2])];
/// assert_eq!(Spanning::linked(variables, &linked)?.blocks().sets().len(), 2);
/// # Ok::<(), disclosure::table::TableError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Spanning {
    pub(crate) hierarchies: Vec<Hierarchy>,
    pub(crate) blocks: Blocks,
}

impl Spanning {
    /// Linked tables over the variables.
    ///
    /// # Errors
    /// As [`Blocks::new`].
    pub fn linked(hierarchies: Vec<Hierarchy>, blocks: &[VariableSet]) -> Result<Self, TableError> {
        let blocks = Blocks::new(hierarchies.len(), blocks)?;
        Ok(Self { hierarchies, blocks })
    }

    /// The spanning variables.
    #[must_use]
    pub fn hierarchies(&self) -> &[Hierarchy] {
        &self.hierarchies
    }

    /// The blocks.
    #[must_use]
    pub fn blocks(&self) -> &Blocks {
        &self.blocks
    }
}

impl From<Vec<Hierarchy>> for Spanning {
    /// One table that crosses all variables.
    fn from(hierarchies: Vec<Hierarchy>) -> Self {
        let blocks = Blocks::crossing_all(hierarchies.len());
        Self { hierarchies, blocks }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(variables: &[usize]) -> VariableSet {
        variables.iter().copied().collect()
    }

    #[test]
    fn sets_hold_what_was_put_in() {
        let some = set(&[0, 2, 5]);
        assert_eq!(some.variables().collect::<Vec<_>>(), [0, 2, 5]);
        assert_eq!(some.len(), 3);
        assert!(some.has(2) && !some.has(1) && !some.has(64));
        assert!(set(&[2]).is_within(some) && !set(&[1, 2]).is_within(some));
    }

    #[test]
    fn a_block_within_another_adds_nothing() {
        let blocks = Blocks::new(3, &[set(&[0]), set(&[0, 1]), set(&[1, 2]), set(&[1])]).unwrap();
        assert_eq!(blocks.sets(), [set(&[0, 1]), set(&[1, 2])]);
        assert!(blocks.cross(set(&[0, 1])) && blocks.cross(VariableSet::EMPTY));
        assert!(!blocks.cross(set(&[0, 2])) && !blocks.cross(set(&[0, 1, 2])));
    }

    #[test]
    fn blocks_without_variables_or_with_unknown_ones_are_refused() {
        for sets in [vec![], vec![VariableSet::EMPTY], vec![set(&[0, 3])]] {
            assert_eq!(Blocks::new(3, &sets).unwrap_err(), TableError::Blocks { variables: 3 });
        }
    }
}
