//! Fills waves: units in the order of the decomposition, then exchanges between waves by exact knapsacks.
//!
//! The search may be as clever or as poor as it likes: what it proposes is judged by `check`.

use super::Capacity;
use super::network::Network;
use super::sidney::Block;

mod exchange;

/// For each unit its wave, from 1; one past the last for those that do not fit.
pub(super) type Schedule = Vec<u32>;

/// Steps of knapsacks that exchanging may take: some seconds, and the same on every machine.
const WORK_MAX: u64 = 1_500_000_000;

/// Units of most value that are tried at the head of the order, and the most units with which that is done.
const HEADS_MAX: usize = 64;
const HEADED_MAX: usize = 5_000;

/// The best schedule found.
pub(super) fn search(network: &Network, blocks: &[Block], capacity: Capacity) -> Schedule {
    let order: Vec<usize> = blocks.iter().flat_map(|block| &block.units).copied().collect();
    let mut schedule = fill(network, &order, capacity);
    exchange::improve(network, &order, capacity, WORK_MAX, &mut schedule);
    if network.len() > HEADED_MAX {
        return schedule;
    }
    // Where a wave holds few units, the order may fill it with small ones and leave no room for a unit with all that it needs.
    let mut heads = order.clone();
    heads.sort_by_key(|unit| std::cmp::Reverse(network.values[*unit]));
    let mut best = objective(network, &schedule, capacity);
    for head in heads.into_iter().take(HEADS_MAX) {
        let mut first = fill(network, &headed(network, &order, head), capacity);
        if objective(network, &first, capacity) * 2 > best {
            exchange::improve(network, &order, capacity, WORK_MAX / HEADS_MAX as u64, &mut first);
        }
        let found = objective(network, &first, capacity);
        if found > best {
            (best, schedule) = (found, first);
        }
    }
    schedule
}

/// Value times the waves in which it is there.
fn objective(network: &Network, schedule: &Schedule, capacity: Capacity) -> u64 {
    let gain = |(value, wave): (&u64, &u32)| value * u64::from((capacity.waves + 1).saturating_sub(*wave));
    network.values.iter().zip(schedule).map(gain).sum()
}

/// The order with a unit and all that it needs in front.
fn headed(network: &Network, order: &[usize], head: usize) -> Vec<usize> {
    let mut inside = vec![false; network.len()];
    let mut stack = vec![head];
    inside[head] = true;
    while let Some(unit) = stack.pop() {
        for need in &network.needs[unit] {
            if !inside[*need] {
                inside[*need] = true;
                stack.push(*need);
            }
        }
    }
    let side =
        |wanted: bool| order.iter().copied().filter(|unit| inside[*unit] == wanted).collect::<Vec<_>>();
    [side(true), side(false)].concat()
}

/// Wave by wave, whatever comes next in the order, fits and has its needs.
///
/// Cost: `O(waves (n + m))` at most; a wave ends when nothing that is left can fit.
pub(super) fn fill(network: &Network, order: &[usize], capacity: Capacity) -> Schedule {
    let never = capacity.waves + 1;
    let mut schedule = vec![never; network.len()];
    let mut left: Vec<usize> = order.to_vec();
    for wave in 1..=capacity.waves {
        let mut room = capacity.per_wave;
        let least = left.iter().map(|unit| network.efforts[*unit]).min().unwrap_or(0);
        let mut kept = Vec::with_capacity(left.len());
        let mut units = left.iter();
        for unit in units.by_ref() {
            let ready = network.needs[*unit].iter().all(|need| schedule[*need] <= wave);
            if ready && network.efforts[*unit] <= room {
                schedule[*unit] = wave;
                room -= network.efforts[*unit];
                if room < least {
                    break;
                }
            } else {
                kept.push(*unit);
            }
        }
        kept.extend(units);
        left = kept;
        if left.is_empty() {
            break;
        }
    }
    schedule
}

/// In which wave each unit that does not fit would come if the waves went on: one after the other in the order of the decomposition.
pub(super) fn beyond(
    network: &Network,
    blocks: &[Block],
    capacity: Capacity,
    schedule: &Schedule,
) -> Vec<u64> {
    let (mut wave, mut room) = (u64::from(capacity.waves) + 1, capacity.per_wave);
    let mut found = vec![0; network.len()];
    for unit in blocks.iter().flat_map(|block| &block.units).filter(|unit| schedule[**unit] > capacity.waves)
    {
        let effort = network.efforts[*unit];
        if effort > room {
            (wave, room) = (wave + 1, capacity.per_wave);
        }
        room = room.saturating_sub(effort);
        found[*unit] = wave;
    }
    found
}
