//! The guarantee G(p, floor): which quantities are protected, how far, and against whom.
//!
//! A protected quantity of value `t` needs an interval that is no point and reaches up to at least
//! `t + max(p/100 |t|, floor)`; two-sided also down to `t` less as much, or to the least possible value. Amounts are
//! whole units of the declared scale. Source: docs/METHOD.md, "The guarantee".

use crate::Ratio;
use crate::problem::UnitId;

/// What is promised of every protected quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guarantee {
    /// Per cent of the quantity.
    pub p: Ratio,
    /// The least that an interval must reach past the truth, in whole units of the scale.
    pub floor: i64,
    /// Whether intervals must reach below the truth as well.
    pub two_sided: bool,
    /// Which quantities are protected, ascending, each once.
    pub families: Vec<Family>,
}

/// A family of protected quantities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// A unit's share of each cell, published or not.
    Cells,
    /// Its change between vintages.
    Deltas,
    /// Its share of the hidden part of a published margin.
    Relations,
    /// Its share of any sum of cells that follows from what is published.
    Derivable,
}

impl Guarantee {
    /// How far the interval of a quantity of this value must reach past it, rounded up to whole units: whoever can
    /// show a whole-number world that far away has shown more than is asked.
    ///
    /// ```
    /// use disclosure::Ratio;
    /// use disclosure::guarantee::Guarantee;
    /// let tenth = Guarantee { p: Ratio::whole(10), floor: 2, two_sided: false, families: Vec::new() };
    /// assert_eq!([tenth.need(31), tenth.need(-31), tenth.need(5), tenth.need(0)], [4, 4, 2, 2]);
    /// ```
    #[must_use]
    pub fn need(&self, value: i64) -> i64 {
        let share = i128::from(value).abs() * i128::from(self.p.numerator());
        let part = 100 * i128::from(self.p.denominator());
        // A share past 64 bits is past every figure: nothing reaches that far.
        i64::try_from((share + part - 1) / part).unwrap_or(i64::MAX).max(self.floor)
    }
}

/// Units that pool what they know. Without members it is the outsider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coalition {
    /// What it is called.
    pub id: String,
    /// Its members, ascending, each once.
    pub members: Vec<UnitId>,
}

impl Coalition {
    /// Somebody who knows only what is published.
    #[must_use]
    pub fn outsider() -> Self {
        Self { id: "outsider".to_owned(), members: Vec::new() }
    }

    /// Whether the unit is a member.
    #[must_use]
    pub fn has(&self, unit: UnitId) -> bool {
        self.members.binary_search(&unit).is_ok()
    }
}

/// What one unit has in a cell.
#[derive(Clone, Copy, Debug)]
pub struct UnitShare {
    /// The unit.
    pub unit: UnitId,
    /// Its amount: a record of 0 is a share.
    pub amount: i64,
    /// Whether it has waived its protection.
    pub waived: bool,
}

/// By how much the coalition's interval of its worst victim's share falls short of the guarantee, in a cell that is
/// published while nothing else is; 0 where the cell may be published. Every unit has one entry.
///
/// Source: adversary model in docs/METHOD.md, row "coalition" of the primary rules, and lemma 1: the worst victim is
/// the largest unit outside that has not waived.
#[must_use]
pub fn shortfall(shares: &[UnitShare], coalition: &Coalition, guarantee: &Guarantee) -> i64 {
    let outside = || shares.iter().filter(|share| !coalition.has(share.unit));
    let rest: i64 = outside().map(|share| share.amount).sum();
    let Some(largest) = outside().filter(|share| !share.waived).map(|share| share.amount).max() else {
        return 0;
    };
    let exact = rest == 0 || outside().count() == 1;
    (guarantee.need(largest) - (rest - largest)).max(i64::from(exact))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(amounts: &[i64]) -> Vec<UnitShare> {
        let units = (0_u32..).map(UnitId);
        units.zip(amounts).map(|(unit, &amount)| UnitShare { unit, amount, waived: false }).collect()
    }

    fn guarantee() -> Guarantee {
        Guarantee { p: Ratio::whole(10), floor: 0, two_sided: false, families: vec![Family::Cells] }
    }

    fn pair() -> Coalition {
        Coalition { id: "pair".to_owned(), members: vec![UnitId(0), UnitId(1)] }
    }

    #[test]
    fn a_cell_on_the_threshold_may_be_published() {
        // 10 % of 30 are 3, and 3 others stand beside it.
        assert_eq!(shortfall(&shares(&[50, 20, 30, 3]), &pair(), &guarantee()), 0);
        assert_eq!(shortfall(&shares(&[50, 20, 30, 2]), &pair(), &guarantee()), 1);
    }

    #[test]
    fn one_unit_outside_or_none_but_zeros_is_exact() {
        assert_eq!(shortfall(&shares(&[50, 20, 0]), &pair(), &guarantee()), 1);
        assert_eq!(shortfall(&shares(&[50, 20, 0, 0]), &pair(), &guarantee()), 1);
        assert_eq!(shortfall(&shares(&[50, 20]), &pair(), &guarantee()), 0);
        assert_eq!(shortfall(&shares(&[50, 20, 5]), &pair(), &guarantee()), 1);
    }

    #[test]
    fn who_waived_is_no_victim_but_covers_others() {
        let mut waived = shares(&[50, 20, 900, 30, 0]);
        waived[2].waived = true;
        assert_eq!(shortfall(&waived, &pair(), &guarantee()), 0);
    }
}
