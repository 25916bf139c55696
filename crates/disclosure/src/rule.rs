//! Primary rules: which cells are sensitive, and how much protection each needs.
//!
//! Shapes: the contributions to one cell, one a protected unit, at least 0, in units of the declared scale.
//! Comparisons are strict and exact: a tie is safe. Protection levels are rounded up to whole units.
//!
//! Sources: Handbook on Statistical Disclosure Control, chapter 4, table of upper protection levels; tau-ARGUS
//! manual 4.1 (p/q is entered as `p0/q0*100`).

use crate::Ratio;

/// The p% rule: with `pooling` contributors pooling what they know, nobody may estimate the largest
/// contribution to within p per cent of it. The p/q rule is the p% rule with p/q * 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PPercent {
    /// Per cent of the largest contribution.
    pub p: Ratio,
    /// What attackers know beforehand, in per cent; 100 unless the p/q rule is meant.
    pub q: Ratio,
    /// How many contributors pool; 1 in the usual rule.
    pub pooling: u32,
}

/// (n,k) dominance: sensitive when the `n` largest contribute more than `k` per cent of the cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dominance {
    /// How many of the largest.
    pub n: u32,
    /// Per cent of the total.
    pub k: Ratio,
}

/// The rules that stand together; a cell is sensitive when any one says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// The p% or p/q rule.
    pub p: Option<PPercent>,
    /// Dominance rules.
    pub dominance: Vec<Dominance>,
    /// Fewer nonzero contributors than this are too few.
    pub minimum_frequency: Option<u32>,
    /// Whether a cell whose contributions are all zero is sensitive: everybody would learn each of them.
    pub zero: bool,
}

/// What a rule asks for a sensitive cell, in whole units, rounded up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protection {
    /// How far above the true value the feasibility interval must reach.
    pub upper: i64,
    /// How far below; never more than the value itself, since a figure is at least 0.
    pub lower: i64,
}

/// One unit's contribution to a cell.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    /// How much, at least 0.
    pub amount: i64,
    /// Whether the unit waived its protection.
    pub waived: bool,
}

impl Rules {
    /// The protection that the cell with these contributions needs; `None` when no rule calls it sensitive.
    ///
    /// `shares` is sorted here by amount, largest first. Every sensitive cell needs at least one unit upwards:
    /// its interval must not be a point, even where a rule asks no more (minimum frequency).
    ///
    /// Cost: `O(m log m)` for `m` contributions.
    pub fn protection(&self, shares: &mut [Share]) -> Option<Protection> {
        shares.sort_unstable_by_key(|share| std::cmp::Reverse(share.amount));
        let total: i128 = shares.iter().map(|share| i128::from(share.amount)).sum();
        let mut upper: Option<i128> = None;
        let mut ask = |level: Option<i128>| {
            if let Some(level) = level {
                upper = Some(upper.unwrap_or(0).max(level));
            }
        };
        ask(self.p.and_then(|rule| rule.level(shares, total)));
        for rule in &self.dominance {
            ask(rule.level(shares, total));
        }
        let nonzero = shares.iter().filter(|share| share.amount != 0).count();
        ask(self.minimum_frequency.filter(|&least| nonzero < least as usize).map(|_| 0));
        ask((self.zero && !shares.is_empty() && total == 0).then_some(0));
        upper.map(|level| {
            // Levels above the limit cannot be told apart from it: no feasible table reaches either.
            let upper = i64::try_from(level).unwrap_or(crate::Figure::LIMIT).max(1);
            let value = i64::try_from(total).unwrap_or(crate::Figure::LIMIT);
            Protection { upper, lower: upper.min(value) }
        })
    }
}

impl PPercent {
    /// Upper level: `p/q * 100 / 100 * x_s - (X - x_s - the `pooling` largest others)` for the largest unit `s`
    /// without a waiver, who is the worst victim (docs/METHOD.md, "Lemmas 1 and 2").
    fn level(self, shares: &[Share], total: i128) -> Option<i128> {
        let victim = shares.iter().position(|share| !share.waived)?;
        let pooling = self.pooling as usize;
        let largest = i128::from(shares[victim].amount);
        let pooled: i128 = shares
            .iter()
            .enumerate()
            .filter(|&(position, _)| position != victim)
            .take(pooling)
            .map(|(_, share)| i128::from(share.amount))
            .sum();
        let rest = total - largest - pooled;
        let alone = shares.len() <= pooling + 1;
        // need = p/100 * (100/q) * x = p/q * x, with p and q as exact fractions; rounded up.
        let numerator = i128::from(self.p.numerator()) * i128::from(self.q.denominator());
        let denominator = i128::from(self.p.denominator()) * i128::from(self.q.numerator());
        let short = ceiling_of_product(largest, numerator, denominator, rest);
        (short > 0 || alone).then_some(short.max(0))
    }
}

impl Dominance {
    /// Upper level: `100/k * (x_1 + .. + x_n) - X`.
    fn level(self, shares: &[Share], total: i128) -> Option<i128> {
        let top: i128 = shares.iter().take(self.n as usize).map(|share| i128::from(share.amount)).sum();
        let numerator = 100 * i128::from(self.k.denominator());
        let level = ceiling_of_product(top, numerator, i128::from(self.k.numerator()), total);
        (level > 0).then_some(level)
    }
}

/// `ceil(amount * numerator / denominator - rest)`. Positive exactly when the fraction exceeds `rest`, since a
/// fraction above a whole number rounds up past it; a tie gives 0.
///
/// Amounts are below 2^62 times the number of contributions and parameters have at most 12 significant digits
/// on either side, so the split product below never overflows.
fn ceiling_of_product(amount: i128, numerator: i128, denominator: i128, rest: i128) -> i128 {
    if denominator <= 0 {
        return i128::MAX;
    }
    let whole = (amount / denominator).saturating_mul(numerator);
    let left = (amount % denominator).saturating_mul(numerator);
    let fraction = left / denominator + i128::from(left % denominator != 0);
    whole.saturating_add(fraction).saturating_sub(rest)
}

#[cfg(test)]
mod tests;
