//! Laws of closures, blocks and components, against every subset of small graphs.

use proptest::prelude::*;

use crate::standards::plan::flow::closure;
use crate::standards::plan::network::{Network, components};
use crate::standards::plan::sidney::{Ratio, decompose, weight};
use crate::standards::plan::tests::world::{Shape, random};

/// Value and effort of each unit; units and what they need.
type Graph = (Vec<(u64, u64)>, Vec<(usize, usize)>);

/// Up to nine units; each need leads to a unit before.
fn graph() -> impl Strategy<Value = Graph> {
    let unit = (0_u64..12, 1_u64..6);
    proptest::collection::vec(unit, 1..10).prop_flat_map(|units| {
        let n = units.len();
        let arcs = proptest::collection::vec((0..n, 0..n), 0..2 * n)
            .prop_map(|arcs| arcs.into_iter().filter(|(from, to)| to < from).collect());
        (Just(units), arcs)
    })
}

/// Every closed set, as bits.
fn closures(units: usize, arcs: &[(usize, usize)]) -> Vec<u32> {
    let closed = |set: &u32| arcs.iter().all(|(from, to)| set >> from & 1 == 0 || set >> to & 1 == 1);
    (0..1_u32 << units).filter(closed).collect()
}

fn sum<T: std::iter::Sum<T> + Copy>(set: u32, of: &[T]) -> T {
    of.iter().enumerate().filter(|(unit, _)| set >> unit & 1 == 1).map(|(_, value)| *value).sum()
}

fn network(units: &[(u64, u64)], arcs: &[(usize, usize)]) -> Network {
    let mut needs = vec![Vec::new(); units.len()];
    arcs.iter().for_each(|(from, to)| needs[*from].push(*to));
    let parts = (0..units.len()).map(|unit| vec![unit]).collect();
    Network::new(
        parts,
        units.iter().map(|unit| unit.1).collect(),
        units.iter().map(|unit| unit.0).collect(),
        needs,
    )
}

proptest! {
    #[test]
    fn a_cut_is_the_closure_of_greatest_weight(
        (units, arcs) in graph(),
        signs in proptest::collection::vec(-9_i128..10, 10),
    ) {
        let weights = &signs[..units.len()];
        let found = closure(weights, &arcs);
        let best = closures(units.len(), &arcs).into_iter().map(|set| sum(set, weights)).max().unwrap();
        prop_assert_eq!(found.weight, best);
        prop_assert!(arcs.iter().all(|(from, to)| !found.inside[*from] || found.inside[*to]));
        // The flow proves it: what is left positive after handing on is no more than the weight.
        let mut left = weights.to_vec();
        for (from, to, amount) in found.flows {
            prop_assert!(amount > 0 && arcs.contains(&(from, to)));
            left[from] -= amount;
            left[to] += amount;
        }
        prop_assert_eq!(left.into_iter().map(|weight| weight.max(0)).sum::<i128>(), best);
    }

    #[test]
    fn blocks_are_the_best_closures_at_their_ratios((units, arcs) in graph()) {
        let network = network(&units, &arcs);
        let blocks = decompose(&network);
        let all = closures(units.len(), &arcs);
        let (mut set, mut last): (u32, Option<Ratio>) = (0, None);
        for block in &blocks {
            for unit in &block.units {
                let ready = network.needs[*unit].iter().all(|need| set >> need & 1 == 1);
                prop_assert!(ready && set >> unit & 1 == 0, "each unit once and after its needs");
                set |= 1 << unit;
            }
            prop_assert!(last.is_none_or(|last| last >= block.ratio || last.value * block.ratio.effort == block.ratio.value * last.effort));
            let weights: Vec<i128> = (0..units.len()).map(|unit| weight(&network, unit, block.ratio)).collect();
            let best = all.iter().map(|closed| sum(*closed, &weights)).max().unwrap();
            prop_assert_eq!(sum(set, &weights), best);
            last = Some(block.ratio);
        }
        prop_assert_eq!(set, (1 << units.len()) - 1);
    }

    #[test]
    fn components_are_what_reaches_one_another(
        n in 1_usize..9,
        arcs in proptest::collection::vec((0_usize..9, 0_usize..9), 0..20),
    ) {
        let mut lists = vec![Vec::new(); n];
        arcs.iter().filter(|(from, to)| *from < n && *to < n).for_each(|(from, to)| lists[*from].push(*to));
        let mut reach: Vec<Vec<bool>> = (0..n).map(|a| (0..n).map(|b| a == b || lists[a].contains(&b)).collect()).collect();
        for k in 0..n {
            for a in 0..n {
                for b in 0..n {
                    reach[a][b] |= reach[a][k] && reach[k][b];
                }
            }
        }
        let found = components(&lists, &vec![true; n]);
        let mut place = vec![usize::MAX; n];
        for (at, group) in found.iter().enumerate() {
            group.iter().for_each(|node| place[*node] = at);
        }
        for a in 0..n {
            for b in 0..n {
                prop_assert_eq!(place[a] == place[b], reach[a][b] && reach[b][a]);
                prop_assert!(!reach[a][b] || place[b] <= place[a], "arcs lead to earlier components");
            }
        }
    }

    #[test]
    fn random_worlds_of_every_kind_are_planned_and_judged(seed in any::<u64>(), per_wave in 0_u64..40, waves in 0_u32..6) {
        let shape = Shape { parts: 40, edges: 20 + (seed % 3) as u32 * 20, circles: seed.is_multiple_of(2), varied: true };
        let world = random(seed, shape);
        let plan = world.plan(per_wave, waves);
        // More waves never deliver less, by the bound.
        let more = world.plan(per_wave, waves + 1);
        prop_assert!(more.bound >= plan.bound);
        prop_assert_eq!(world.plan(per_wave, waves), plan, "same input, same plan");
    }
}
