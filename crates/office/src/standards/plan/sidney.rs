//! Sidney's decomposition: units in blocks of falling value per effort, each block with what came before a closure, and no closure of what is
//! left better than the next block.
//!
//! The blocks taken in order, the last one in part, are the best that a given effort can deliver where parts may be split: the knapsack with
//! precedences, relaxed. They are also the order in which the search fills waves.
//!
//! # Source
//! Sidney, Decomposition algorithms for single-machine sequencing with precedence relations and deferral costs, Operations Research 23 (2), 1975.
//! By parametric cuts: Margot, Queyranne and Wang, Decompositions, network flows, and a precedence constrained single-machine scheduling
//! problem, Operations Research 51 (6), 2003. For the knapsack: Chicoisne, Espinoza, Goycoolea, Moreno and Rubio, A new algorithm for the
//! open-pit mine production scheduling problem, Operations Research 60 (3), 2012.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::flow;
use super::network::Network;

/// Value per effort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ratio {
    pub(super) value: u64,
    /// Not zero.
    pub(super) effort: u64,
}

impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let product = |value: u64, effort: u64| u128::from(value) * u128::from(effort);
        product(self.value, other.effort)
            .cmp(&product(other.value, self.effort))
            .then(other.effort.cmp(&self.effort))
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// A block of the decomposition.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// Units, what they need within the block before them.
    pub(super) units: Vec<usize>,
    pub(super) ratio: Ratio,
}

/// The decomposition, best block first.
///
/// Cost: a minimum cut for each piece that is looked at; pieces halve by weight, and unconnected ones are looked at apart.
pub(super) fn decompose(network: &Network) -> Vec<Block> {
    let mut pieces = Pieces { network, local: vec![usize::MAX; network.len()], blocks: Vec::new() };
    let mut stack = vec![(0..network.len()).collect::<Vec<usize>>()];
    while let Some(piece) = stack.pop() {
        for connected in pieces.split(&piece) {
            if let Some((better, worse)) = pieces.cut(&connected) {
                stack.push(better);
                stack.push(worse);
            }
        }
    }
    // Falling ratio; a closure and what it leaves behind differ in ratio, so that ties are blocks that do not need one another.
    pieces.blocks.sort_by(|a, b| b.ratio.cmp(&a.ratio).then_with(|| a.units.cmp(&b.units)));
    pieces.blocks
}

struct Pieces<'n> {
    network: &'n Network,
    /// Place of a unit in the piece at hand; out of use elsewhere.
    local: Vec<usize>,
    blocks: Vec<Block>,
}

impl Pieces<'_> {
    fn mark(&mut self, piece: &[usize]) {
        piece.iter().enumerate().for_each(|(place, unit)| self.local[*unit] = place);
    }

    fn unmark(&mut self, piece: &[usize]) {
        piece.iter().for_each(|unit| self.local[*unit] = usize::MAX);
    }

    /// Connected pieces of a piece.
    fn split(&mut self, piece: &[usize]) -> Vec<Vec<usize>> {
        self.mark(piece);
        let mut found = Vec::new();
        for start in piece {
            if self.local[*start] == usize::MAX {
                continue;
            }
            self.local[*start] = usize::MAX;
            let (mut connected, mut next) = (vec![*start], 0);
            while let Some(&unit) = connected.get(next) {
                next += 1;
                for other in self.network.needs[unit].iter().chain(&self.network.needed_by[unit]) {
                    if self.local[*other] != usize::MAX {
                        self.local[*other] = usize::MAX;
                        connected.push(*other);
                    }
                }
            }
            connected.sort_unstable();
            found.push(connected);
        }
        found
    }

    /// Cuts a piece into the closure that is better than its average and the rest; a piece without one is a block.
    fn cut(&mut self, piece: &[usize]) -> Option<(Vec<usize>, Vec<usize>)> {
        let sum = |of: &[u64]| piece.iter().map(|unit| of[*unit]).sum::<u64>();
        let ratio = Ratio { value: sum(&self.network.values), effort: sum(&self.network.efforts) };
        if piece.len() > 1 {
            self.mark(piece);
            let arcs: Vec<(usize, usize)> = piece
                .iter()
                .enumerate()
                .flat_map(|(place, unit)| self.network.needs[*unit].iter().map(move |need| (place, need)))
                .filter(|(_, need)| self.local[**need] != usize::MAX)
                .map(|(place, need)| (place, self.local[*need]))
                .collect();
            let weights: Vec<i128> = piece.iter().map(|unit| weight(self.network, *unit, ratio)).collect();
            let closure = flow::closure(&weights, &arcs);
            self.unmark(piece);
            if closure.weight > 0 {
                let side = |wanted: bool| {
                    let units = piece.iter().zip(&closure.inside).filter(|(_, inside)| **inside == wanted);
                    units.map(|(unit, _)| *unit).collect()
                };
                return Some((side(true), side(false)));
            }
        }
        let units = self.in_order(piece);
        self.blocks.push(Block { units, ratio });
        None
    }

    /// Units of a block so that needs come first, of those that can come next the one of most value per effort.
    fn in_order(&mut self, piece: &[usize]) -> Vec<usize> {
        if piece.len() < 2 {
            return piece.to_vec();
        }
        self.mark(piece);
        let network = self.network;
        let inside = |list: &[usize]| list.iter().filter(|unit| self.local[**unit] != usize::MAX).count();
        let mut waiting: Vec<usize> = piece.iter().map(|unit| inside(&network.needs[*unit])).collect();
        let key = |unit: usize| {
            let ratio = Ratio { value: network.values[unit], effort: network.efforts[unit] };
            (ratio, Reverse(unit))
        };
        let free = piece.iter().zip(&waiting).filter(|(_, waiting)| **waiting == 0);
        let mut heap: BinaryHeap<_> = free.map(|(unit, _)| key(*unit)).collect();
        let mut units = Vec::with_capacity(piece.len());
        while let Some((_, Reverse(unit))) = heap.pop() {
            units.push(unit);
            for other in &network.needed_by[unit] {
                let place = self.local[*other];
                if place != usize::MAX {
                    waiting[place] -= 1;
                    if waiting[place] == 0 {
                        heap.push(key(*other));
                    }
                }
            }
        }
        self.unmark(piece);
        units
    }
}

/// What a unit weighs against a ratio: its value less what that ratio would deliver for its effort, times the ratio's effort.
pub(super) fn weight(network: &Network, unit: usize, ratio: Ratio) -> i128 {
    i128::from(network.values[unit]) * i128::from(ratio.effort)
        - i128::from(network.efforts[unit]) * i128::from(ratio.value)
}
