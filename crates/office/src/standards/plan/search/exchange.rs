//! Exchanges between a wave and a later one, or what does not fit at all. In one kind, of the units that may stand in either those of most value
//! that fit go into the earlier one; in the other, a unit comes forward with all that it needs, and units of least value make room for them.
//! Each exchange is a knapsack by dynamic programming over whole efforts.

use std::collections::BTreeSet;

use super::Schedule;
use crate::standards::plan::Capacity;
use crate::standards::plan::network::Network;

/// Waves behind one with which it exchanges, beside what does not fit at all.
const REACH: u32 = 4;
/// Rounds over all waves.
const ROUNDS_MAX: u32 = 6;
/// Units of a wave that are tried with all that they need, and how many may come forward with one.
const PULLED_MAX: usize = 64;
const TOGETHER_MAX: usize = 32;
/// Bits of the choices of one knapsack.
const BITS_MAX: u64 = 1 << 26;

/// Exchanges until nothing gets better or the work is used up.
pub(super) fn improve(
    network: &Network,
    order: &[usize],
    capacity: Capacity,
    work_max: u64,
    schedule: &mut Schedule,
) {
    let mut exchange = Exchange::new(network, order, capacity, work_max, schedule);
    for _ in 0..ROUNDS_MAX {
        let mut better = false;
        for wave in 1..=capacity.waves {
            let reach = wave.saturating_add(REACH).min(capacity.waves);
            for later in (wave + 1..=reach).chain([capacity.waves + 1]) {
                better |= exchange.pair(wave, later);
                better |= exchange.pull(wave, later);
            }
        }
        if !better || exchange.work == 0 {
            break;
        }
    }
}

struct Exchange<'n> {
    network: &'n Network,
    capacity: Capacity,
    work: u64,
    schedule: &'n mut Schedule,
    /// Units of each wave from 1; the last list holds what does not fit. The order of the decomposition.
    waves: Vec<Vec<usize>>,
}

impl<'n> Exchange<'n> {
    fn new(
        network: &'n Network,
        order: &[usize],
        capacity: Capacity,
        work: u64,
        schedule: &'n mut Schedule,
    ) -> Self {
        let mut waves = vec![Vec::new(); capacity.waves as usize + 2];
        for unit in order {
            waves[schedule[*unit] as usize].push(*unit);
        }
        Self { network, capacity, work, schedule, waves }
    }

    /// Exchanges between two waves; whether that made it better.
    fn pair(&mut self, wave: u32, later: u32) -> bool {
        let (network, last) = (self.network, self.capacity.waves);
        let here = &self.waves[wave as usize];
        let there = &self.waves[later as usize];
        let mut rising: Vec<usize> = there
            .iter()
            .copied()
            .filter(|unit| network.needs[*unit].iter().all(|need| self.schedule[*need] <= wave))
            .collect();
        if later > last {
            rising = self.best_of_each_effort(rising);
        }
        let mut held: Vec<usize> = rising.iter().flat_map(|unit| &network.needs[*unit]).copied().collect();
        held.sort_unstable();
        let sinking = self.sinking(wave, later, &held);
        let effort = |units: &[usize]| units.iter().map(|unit| network.efforts[*unit]).sum::<u64>();
        let room = self.capacity.per_wave - effort(here) + effort(&sinking);
        // What the later wave cannot hold must stand in the earlier one.
        let all = effort(&rising) + effort(&sinking);
        let least = if later > last {
            0
        } else {
            let room_later = self.capacity.per_wave - effort(there) + effort(&rising);
            all.saturating_sub(room_later)
        };
        let items: Vec<usize> = sinking.iter().chain(&rising).copied().collect();
        let Some(chosen) = self.choose(&items, least, room) else { return false };
        let value =
            |units: &mut dyn Iterator<Item = usize>| units.map(|unit| network.values[unit]).sum::<u64>();
        let after =
            value(&mut items.iter().zip(&chosen).filter(|(_, chosen)| **chosen).map(|(unit, _)| *unit));
        if after <= value(&mut sinking.iter().copied()) {
            return false;
        }
        let moves =
            items.into_iter().zip(chosen).map(|(unit, chosen)| (unit, if chosen { wave } else { later }));
        self.shift(moves.collect());
        true
    }

    /// Moves units to other waves.
    fn shift(&mut self, mut moves: Vec<(usize, u32)>) {
        moves.retain(|(unit, to)| self.schedule[*unit] != *to);
        let from: BTreeSet<u32> = moves.iter().map(|(unit, _)| self.schedule[*unit]).collect();
        for (unit, to) in &moves {
            self.schedule[*unit] = *to;
        }
        for wave in from {
            self.waves[wave as usize].retain(|unit| self.schedule[*unit] == wave);
        }
        for (unit, to) in moves {
            self.waves[to as usize].push(unit);
        }
    }

    /// Units of a wave that may stand in the later one: nothing before that needs them. Those in `held`, which is sorted, stay.
    fn sinking(&self, wave: u32, later: u32, held: &[usize]) -> Vec<usize> {
        let sinks = |unit: &usize| {
            held.binary_search(unit).is_err()
                && self.network.needed_by[*unit].iter().all(|other| self.schedule[*other] >= later)
        };
        self.waves[wave as usize].iter().copied().filter(sinks).collect()
    }

    /// Brings a unit of a later wave forward with all that it needs; whether that made it better.
    fn pull(&mut self, wave: u32, later: u32) -> bool {
        let waits = |unit: &usize| self.network.needs[*unit].iter().any(|need| self.schedule[*need] > wave);
        let heads: Vec<usize> =
            self.waves[later as usize].iter().copied().filter(waits).take(PULLED_MAX).collect();
        heads.into_iter().any(|head| self.pull_one(head, wave, later))
    }

    fn pull_one(&mut self, head: usize, wave: u32, later: u32) -> bool {
        let (network, last) = (self.network, self.capacity.waves);
        let (mut coming, mut next) = (vec![head], 0);
        while let Some(unit) = coming.get(next).copied() {
            next += 1;
            for need in network.needs[unit].iter().filter(|need| self.schedule[**need] > wave) {
                if !coming.contains(need) {
                    coming.push(*need);
                }
            }
            if coming.len() > TOGETHER_MAX {
                return false;
            }
        }
        let effort = |units: &[usize]| units.iter().map(|unit| network.efforts[*unit]).sum::<u64>();
        let mut held: Vec<usize> = coming.iter().flat_map(|unit| &network.needs[*unit]).copied().collect();
        held.sort_unstable();
        let sinking = self.sinking(wave, later, &held);
        let fixed = effort(&self.waves[wave as usize]) - effort(&sinking) + effort(&coming);
        let Some(room) = self.capacity.per_wave.checked_sub(fixed) else { return false };
        let least = if later > last {
            0
        } else {
            let leaving: Vec<usize> =
                coming.iter().copied().filter(|unit| self.schedule[*unit] == later).collect();
            let room_later = self.capacity.per_wave - effort(&self.waves[later as usize]) + effort(&leaving);
            effort(&sinking).saturating_sub(room_later)
        };
        let gain: u64 =
            coming.iter().map(|unit| network.values[*unit] * u64::from(self.schedule[*unit] - wave)).sum();
        // Where nothing may make room, all of them fit or none does.
        let kept = if sinking.is_empty() { Some(Vec::new()) } else { self.choose(&sinking, least, room) };
        let Some(kept) = kept else { return false };
        let sunk = sinking.iter().zip(&kept).filter(|(_, kept)| !**kept).map(|(unit, _)| *unit);
        let sunk: Vec<usize> = sunk.collect();
        let loss: u64 = sunk.iter().map(|unit| network.values[*unit] * u64::from(later - wave)).sum();
        if gain <= loss {
            return false;
        }
        let back = sunk.into_iter().map(|unit| (unit, later));
        self.shift(coming.into_iter().map(|unit| (unit, wave)).chain(back).collect());
        true
    }

    /// Of units that nothing makes room for elsewhere, those that a best choice can contain: of each effort as many of the most valued as fit.
    fn best_of_each_effort(&self, mut units: Vec<usize>) -> Vec<usize> {
        let network = self.network;
        units.sort_by_key(|unit| (network.efforts[*unit], std::cmp::Reverse(network.values[*unit]), *unit));
        let (mut effort, mut left) = (0, 0);
        units.retain(|unit| {
            if network.efforts[*unit] != effort {
                effort = network.efforts[*unit];
                left = self.capacity.per_wave / effort.max(1);
            }
            let keep = left > 0;
            left = left.saturating_sub(1);
            keep
        });
        units
    }

    /// The most valued choice whose effort lies within bounds; nothing where there is none or it would take too long.
    fn choose(&mut self, items: &[usize], least: u64, most: u64) -> Option<Vec<bool>> {
        let network = self.network;
        let unit = items.iter().fold(0, |unit, item| gcd(unit, network.efforts[*item]));
        if unit == 0 || least > most {
            return None;
        }
        let all: u64 = items.iter().map(|item| network.efforts[*item] / unit).sum();
        let (least, most) = (least.div_ceil(unit), (most / unit).min(all));
        let steps =
            (most + 1).checked_mul(items.len() as u64).filter(|steps| *steps <= BITS_MAX.min(self.work));
        self.work -= steps?;
        let width = usize::try_from(most + 1).ok()?;
        // Value of the best choice for each exact effort; -1 for none.
        let mut best = vec![-1_i64; width];
        best[0] = 0;
        let mut taken = vec![false; items.len() * width];
        let mut reach = 0;
        for (place, item) in items.iter().enumerate() {
            let effort = usize::try_from(network.efforts[*item] / unit).ok()?;
            let value = i64::try_from(network.values[*item]).ok()?;
            reach = (reach + effort).min(width - 1);
            for sum in (effort..=reach).rev() {
                let before = best[sum - effort];
                if before >= 0 && before + value > best[sum] {
                    best[sum] = before + value;
                    taken[place * width + sum] = true;
                }
            }
        }
        let start = usize::try_from(least).ok().filter(|start| *start < width)?;
        let mut sum = (start..width).filter(|sum| best[*sum] >= 0).max_by_key(|sum| best[*sum])?;
        let mut chosen = vec![false; items.len()];
        for (place, item) in items.iter().enumerate().rev() {
            if taken[place * width + sum] {
                chosen[place] = true;
                sum -= usize::try_from(network.efforts[*item] / unit).ok()?;
            }
        }
        Some(chosen)
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
