//! The demo's figures: invented, from a seed, the same on every machine.
//!
//! Shape: an ally takes part in a capability with a chance of 35 to 60 %, then over two to five years in a row. Sizes are
//! skewed as such figures are: the largest ally has some thirty times the smallest. Who is large is drawn by lot and says
//! nothing about any country. Whole pieces; no float, so no machine differs from another.
//!
//! # Source
//! Random numbers: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators" (2014), SplitMix64. Not for
//! keys.

use std::collections::BTreeMap;

use ledger::act::Code;
use zeroize::Zeroizing;

use super::alliance::{CAPABILITIES, YEARS, lowest};

/// The seed of the demo. Another one makes another alliance.
pub(super) const SEED: u64 = 2027;

/// Header of a file of figures. The last column marks every single line.
pub(super) const HEADER: &str = "ally,capability,year,quantity,marking";

/// One line of figures; the quantity is the ally's secret in the story.
pub(super) struct Row {
    pub(super) capability: String,
    pub(super) year: String,
    pub(super) quantity: u64,
}

/// What every ally has to say, by code.
pub(super) type Figures = BTreeMap<Code, Vec<Row>>;

struct Lot(u64);

impl Lot {
    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A whole number from `low` to `high`, both included; the small bias of the remainder does not matter here.
    fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.draw() % (high - low + 1)
    }

    /// The numbers below `count` in some order (Fisher and Yates).
    fn shuffled(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for last in (1..count).rev() {
            let other = self.between(0, last as u64) as usize;
            order.swap(last, other);
        }
        order
    }
}

/// Invents the figures of these allies.
pub(super) fn invent(allies: &[Code], seed: u64) -> Figures {
    let mut lot = Lot(seed);
    let years = lowest(YEARS);
    let mut figures: Figures = allies.iter().map(|code| (code.clone(), Vec::new())).collect();
    for capability in lowest(CAPABILITIES) {
        let chance = lot.between(35, 60);
        let pieces = lot.between(60, 400);
        let ranks = lot.shuffled(allies.len());
        for (ally, rank) in allies.iter().zip(ranks) {
            if lot.between(1, 100) > chance {
                continue;
            }
            // Zipf's law, then half to twice of that.
            let total = (pieces * lot.between(500, 2_000) / (1_000 * (rank as u64 + 1))).max(2);
            let length = lot.between(2, 5).min(total) as usize;
            let first = lot.between(0, (years.len() - length) as u64) as usize;
            let share = total / length as u64;
            for (position, year) in years.iter().skip(first).take(length).enumerate() {
                let rest = if position == 0 { total % length as u64 } else { 0 };
                let row = Row {
                    capability: capability.to_owned(),
                    year: (*year).to_owned(),
                    quantity: share + rest,
                };
                figures.entry(ally.clone()).or_default().push(row);
            }
        }
    }
    figures
}

/// The lines of one ally as CSV, without a header. Wiped when dropped.
pub(super) fn lines(ally: &Code, rows: &[Row]) -> Zeroizing<Vec<u8>> {
    let line = |row: &Row| format!("{ally},{},{},{},EXERCISE\n", row.capability, row.year, row.quantity);
    Zeroizing::new(rows.iter().map(line).collect::<String>().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allies() -> Vec<Code> {
        super::super::alliance::allies().unwrap().into_iter().map(|party| party.code).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_figures() {
        let text = |seed| {
            let figures = invent(&allies(), seed);
            figures.iter().map(|(ally, rows)| lines(ally, rows).to_vec()).collect::<Vec<_>>().concat()
        };
        assert_eq!(text(SEED), text(SEED));
        assert_ne!(text(SEED), text(SEED + 1));
        assert!(String::from_utf8(text(SEED)).unwrap().lines().all(|line| line.ends_with(",EXERCISE")));
    }

    #[test]
    fn every_ally_takes_part_in_a_third_to_two_thirds_of_the_capabilities_on_average() {
        let figures = invent(&allies(), SEED);
        assert!(figures.values().all(|rows| !rows.is_empty()));
        let pairs: std::collections::BTreeSet<_> = figures
            .iter()
            .flat_map(|(ally, rows)| rows.iter().map(move |row| (ally, &row.capability)))
            .collect();
        let permille = pairs.len() * 1_000 / (32 * 13);
        assert!((350..=600).contains(&permille), "{permille}");
    }
}
