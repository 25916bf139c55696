//! Circles in a graph: sets of places of which each leads to each (Tarjan 1972), without recursion, which a long chain would exhaust.

/// Strongly connected sets of at least two places, each ascending, in the order of their first. `ends` are edges between places below
/// `nodes`; others are ignored. Cost: O(nodes + edges log edges).
pub(super) fn circles(nodes: usize, mut ends: Vec<(usize, usize)>) -> Vec<Vec<usize>> {
    ends.retain(|(from, to)| *from < nodes && *to < nodes);
    ends.sort_unstable();
    ends.dedup();
    let mut walk =
        Walk { ends, seen: vec![Seen::default(); nodes], counter: 0, stack: Vec::new(), found: Vec::new() };
    for node in 0..nodes {
        walk.from(node);
    }
    walk.found.sort();
    walk.found
}

#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// When it was first met, from 1; 0 for not yet.
    index: usize,
    /// The earliest of the stack that it reaches.
    low: usize,
    stacked: bool,
}

struct Walk {
    ends: Vec<(usize, usize)>,
    seen: Vec<Seen>,
    counter: usize,
    stack: Vec<usize>,
    found: Vec<Vec<usize>>,
}

impl Walk {
    fn at(&self, node: usize) -> Seen {
        self.seen.get(node).copied().unwrap_or_default()
    }

    fn set(&mut self, node: usize, change: impl FnOnce(&mut Seen)) {
        if let Some(seen) = self.seen.get_mut(node) {
            change(seen);
        }
    }

    /// Meets a node; where its edges begin.
    fn meet(&mut self, node: usize) -> (usize, usize) {
        self.counter += 1;
        let index = self.counter;
        self.set(node, |seen| *seen = Seen { index, low: index, stacked: true });
        self.stack.push(node);
        (node, self.ends.partition_point(|(from, _)| *from < node))
    }

    fn from(&mut self, root: usize) {
        if self.at(root).index > 0 {
            return;
        }
        let mut path = vec![self.meet(root)];
        while let Some((node, edge)) = path.last_mut() {
            let node = *node;
            let next = self.ends.get(*edge).filter(|(from, _)| *from == node).map(|(_, to)| *to);
            *edge += 1;
            if let Some(to) = next {
                let there = self.at(to);
                if there.index == 0 {
                    let met = self.meet(to);
                    path.push(met);
                } else if there.stacked {
                    self.set(node, |seen| seen.low = seen.low.min(there.index));
                }
                continue;
            }
            path.pop();
            let here = self.at(node);
            if let Some((before, _)) = path.last() {
                self.set(*before, |seen| seen.low = seen.low.min(here.low));
            }
            if here.low == here.index {
                self.close(node);
            }
        }
    }

    /// Takes the set whose first is `node` off the stack.
    fn close(&mut self, node: usize) {
        let mut set = Vec::new();
        while let Some(top) = self.stack.pop() {
            self.set(top, |seen| seen.stacked = false);
            set.push(top);
            if top == node {
                break;
            }
        }
        if set.len() > 1 {
            set.sort_unstable();
            self.found.push(set);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn circles_are_found_and_chains_are_none() {
        assert_eq!(circles(4, vec![(0, 1), (1, 2), (2, 3), (0, 3)]), Vec::<Vec<usize>>::new());
        assert_eq!(circles(5, vec![(3, 1), (1, 3), (0, 1), (3, 4), (2, 2)]), [vec![1, 3]]);
        let long = 200_000;
        let chain: Vec<(usize, usize)> = (1..long).map(|to| (to - 1, to)).collect();
        assert!(circles(long, chain.clone()).is_empty());
        assert_eq!(circles(long, [chain, vec![(long - 1, 0)]].concat()).len(), 1);
    }

    proptest! {
        /// Against the definition: two are in one set when each reaches the other.
        #[test]
        fn sets_are_what_reaches_each_other(ends in prop::collection::vec((0_usize..7, 0_usize..7), 0..14)) {
            let mut reach = [[false; 7]; 7];
            for (from, to) in &ends {
                reach[*from][*to] = true;
            }
            for via in 0..7 {
                for from in 0..7 {
                    for to in 0..7 {
                        reach[from][to] |= reach[from][via] && reach[via][to];
                    }
                }
            }
            let mut expected: Vec<Vec<usize>> = (0..7)
                .map(|a| (0..7).filter(|b| a == *b || (reach[a][*b] && reach[*b][a])).collect::<Vec<_>>())
                .filter(|set| set.len() > 1)
                .collect();
            expected.sort();
            expected.dedup();
            prop_assert_eq!(circles(7, ends), expected);
        }
    }
}
