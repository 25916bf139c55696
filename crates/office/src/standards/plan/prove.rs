//! Makes the proof of a bound: for each wave the ratio of the block in which its effort falls, and the flow of a minimum cut at that ratio.

use super::Capacity;
use super::bound::{BoundProof, Flow, Multiplier};
use super::flow;
use super::network::Network;
use super::sidney::{Block, Ratio, weight};

/// The most multipliers of one proof. Each takes a cut over all units; waves between two of them are bounded by the better one.
const MULTIPLIERS_MAX: usize = 64;

/// Makes the proof.
///
/// Cost: one minimum cut over all units for each multiplier.
pub(super) fn prove(network: &Network, blocks: &[Block], capacity: Capacity) -> BoundProof {
    let ratios = ratios(blocks, capacity);
    let mut wanted = ratios.clone();
    wanted.dedup();
    if wanted.len() > MULTIPLIERS_MAX {
        let step = |k: usize| k * (wanted.len() - 1) / (MULTIPLIERS_MAX - 1);
        wanted = (0..MULTIPLIERS_MAX).map(|k| wanted[step(k)]).collect();
        wanted.dedup();
    }
    let arcs: Vec<(usize, usize)> = (0..network.len())
        .flat_map(|unit| network.needs[unit].iter().map(move |need| (unit, *need)))
        .collect();
    let mut excesses = Vec::new();
    let multipliers: Vec<Multiplier> = wanted
        .iter()
        .map(|ratio| {
            let weights: Vec<i128> = (0..network.len()).map(|unit| weight(network, unit, *ratio)).collect();
            let closure = flow::closure(&weights, &arcs);
            excesses.push(closure.weight);
            let flows = closure.flows.into_iter();
            let flows = flows.map(|(unit, need, amount)| Flow { unit, need, amount }).collect();
            Multiplier { value: ratio.value, effort: ratio.effort, flows }
        })
        .collect();
    let mut place = 0;
    let waves = (1_i128..).zip(&ratios).map(|(number, _)| {
        let effort = i128::from(capacity.per_wave) * number;
        let most = |place: usize| {
            let (ratio, excess): (&Ratio, &i128) = (&wanted[place], &excesses[place]);
            (i128::from(ratio.value) * effort + excess) / i128::from(ratio.effort)
        };
        // Bounds fall towards the best multiplier and rise after it, which itself only moves on from wave to wave.
        while place + 1 < wanted.len() && most(place + 1) <= most(place) {
            place += 1;
        }
        place
    });
    BoundProof { waves: waves.collect(), multipliers }
}

/// For each wave the ratio of the block in which its effort falls; zero where all blocks fit.
fn ratios(blocks: &[Block], capacity: Capacity) -> Vec<Ratio> {
    let (mut left, mut reached) = (blocks.iter(), 0_u128);
    let mut block = left.next();
    let wave = |number: u32| {
        let effort = u128::from(capacity.per_wave) * u128::from(number);
        while let Some(current) = block
            && reached + u128::from(current.ratio.effort) <= effort
        {
            reached += u128::from(current.ratio.effort);
            block = left.next();
        }
        block.map_or(Ratio { value: 0, effort: 1 }, |block| block.ratio)
    };
    (1..=capacity.waves).map(wave).collect()
}
