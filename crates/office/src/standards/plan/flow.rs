//! Closures of greatest weight by minimum cut, in whole numbers.
//!
//! A closure contains with each unit all that it needs. The units on the source's side of a minimum cut are a closure of greatest weight, where
//! the source feeds each unit of positive weight, each unit of negative weight drains into the sink, and arcs of needs hold any flow.
//!
//! An own flow instead of one of a library: the graphs hold 10^5 units, are asked about some dozens of times in pieces, need weights of 128
//! bits, and the flow on each arc is the proof.
//!
//! # Source
//! Picard, Maximal closure of a graph and applications to combinatorial problems, Management Science 22 (11), 1976. The flow: Dinic 1970, with
//! paths walked on a stack of their own.

use std::collections::VecDeque;

const NONE: u32 = u32::MAX;

/// A closure of greatest weight and the flow that proves it.
pub(super) struct Closure {
    /// Whether each unit is in it; of several closures of greatest weight this is the smallest.
    pub(super) inside: Vec<bool>,
    /// Its weight.
    pub(super) weight: i128,
    /// Flow on arcs of needs: unit, what it needs, how much; none of them zero.
    pub(super) flows: Vec<(usize, usize, i128)>,
}

/// Finds it for units `0..weights.len()` and arcs (unit, what it needs).
pub(super) fn closure(weights: &[i128], arcs: &[(usize, usize)]) -> Closure {
    let mut flow = Flow::new(weights, arcs);
    flow.run();
    let inside = flow.reached();
    let weight = (0..weights.len()).filter(|unit| inside[*unit]).map(|unit| weights[unit]).sum();
    let sent = |place: usize| flow.room[2 * place + 1];
    let flows = arcs.iter().enumerate().map(|(place, (from, to))| (*from, *to, sent(place)));
    Closure { inside, weight, flows: flows.filter(|(_, _, sent)| *sent > 0).collect() }
}

/// Residual graph between units; source and sink are kept as what is left to feed and to drain at each unit.
struct Flow {
    /// Arcs in pairs: `2 i` is arc `i`, `2 i + 1` its reverse.
    heads: Vec<u32>,
    room: Vec<i128>,
    /// Arcs that leave each unit: `starts[u]..starts[u + 1]` in `leaving`.
    starts: Vec<u32>,
    leaving: Vec<u32>,
    feed: Vec<i128>,
    drain: Vec<i128>,
    depth: Vec<u32>,
    at: Vec<u32>,
}

impl Flow {
    fn new(weights: &[i128], arcs: &[(usize, usize)]) -> Self {
        let units = weights.len();
        let mut starts = vec![0_u32; units + 1];
        for (from, to) in arcs {
            starts[from + 1] += 1;
            starts[to + 1] += 1;
        }
        for unit in 0..units {
            starts[unit + 1] += starts[unit];
        }
        let (mut next, mut leaving) = (starts.clone(), vec![0; 2 * arcs.len()]);
        let (mut heads, mut room) = (Vec::with_capacity(2 * arcs.len()), Vec::with_capacity(2 * arcs.len()));
        // No arc ever carries more than all that is fed.
        let any: i128 = weights.iter().filter(|weight| **weight > 0).sum();
        for (place, (from, to)) in arcs.iter().enumerate() {
            for (unit, arc, head, space) in [(*from, 2 * place, *to, any), (*to, 2 * place + 1, *from, 0)] {
                leaving[next[unit] as usize] = arc as u32;
                next[unit] += 1;
                heads.push(head as u32);
                room.push(space);
            }
        }
        let feed = weights.iter().map(|weight| (*weight).max(0)).collect();
        let drain = weights.iter().map(|weight| (-*weight).max(0)).collect();
        Self { heads, room, starts, leaving, feed, drain, depth: vec![NONE; units], at: vec![0; units] }
    }

    fn run(&mut self) {
        while self.layer() {
            self.at.iter_mut().zip(&self.starts).for_each(|(at, start)| *at = *start);
            for unit in 0..self.feed.len() {
                while self.feed[unit] > 0 && self.push(unit) {}
            }
        }
    }

    /// Distances from the units that still feed; whether a unit that still drains is reached.
    fn layer(&mut self) -> bool {
        self.depth.fill(NONE);
        let mut queue: VecDeque<usize> = (0..self.feed.len()).filter(|unit| self.feed[*unit] > 0).collect();
        queue.iter().for_each(|unit| self.depth[*unit] = 0);
        let mut drains = false;
        while let Some(unit) = queue.pop_front() {
            drains |= self.drain[unit] > 0;
            for place in self.starts[unit]..self.starts[unit + 1] {
                let arc = self.leaving[place as usize] as usize;
                let head = self.heads[arc] as usize;
                if self.room[arc] > 0 && self.depth[head] == NONE {
                    self.depth[head] = self.depth[unit] + 1;
                    queue.push_back(head);
                }
            }
        }
        drains
    }

    /// Sends what one path holds from a unit that feeds to one that drains; whether there was one.
    fn push(&mut self, source: usize) -> bool {
        let (mut path, mut unit): (Vec<usize>, usize) = (Vec::new(), source);
        loop {
            if self.drain[unit] > 0 {
                let least = path.iter().map(|arc| self.room[*arc]).min();
                let amount = self.feed[source].min(self.drain[unit]).min(least.unwrap_or(i128::MAX));
                for arc in path {
                    self.room[arc] -= amount;
                    self.room[arc ^ 1] += amount;
                }
                self.feed[source] -= amount;
                self.drain[unit] -= amount;
                return true;
            }
            if self.at[unit] < self.starts[unit + 1] {
                let arc = self.leaving[self.at[unit] as usize] as usize;
                let head = self.heads[arc] as usize;
                if self.room[arc] > 0 && self.depth[head] == self.depth[unit].wrapping_add(1) {
                    path.push(arc);
                    unit = head;
                } else {
                    self.at[unit] += 1;
                }
            } else if let Some(arc) = path.pop() {
                // A dead end: whoever led here tries its next arc.
                unit = self.heads[arc ^ 1] as usize;
                self.at[unit] += 1;
            } else {
                return false;
            }
        }
    }

    /// Units that feeds still reach, after the last layering.
    fn reached(&self) -> Vec<bool> {
        self.depth.iter().map(|depth| *depth != NONE).collect()
    }
}
