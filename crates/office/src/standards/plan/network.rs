//! What is planned, in units: parts that have to travel in one wave are one unit, and units need one another without cycles.

use super::ground::{Ground, Mask};

/// Units with effort, value and needs.
#[derive(Debug, Clone, Default)]
pub(super) struct Network {
    /// Parts of each unit, ascending. Units are numbered so that what a unit needs has a lower number.
    pub(super) parts: Vec<Vec<usize>>,
    pub(super) efforts: Vec<u64>,
    pub(super) values: Vec<u64>,
    /// Units that go no later, ascending.
    pub(super) needs: Vec<Vec<usize>>,
    /// The same arcs from the other end.
    pub(super) needed_by: Vec<Vec<usize>>,
}

impl Network {
    pub(super) fn len(&self) -> usize {
        self.efforts.len()
    }

    /// Units out of numbers; `needs` may repeat and need not be in order, but has no cycle.
    pub(super) fn new(
        parts: Vec<Vec<usize>>,
        efforts: Vec<u64>,
        values: Vec<u64>,
        mut needs: Vec<Vec<usize>>,
    ) -> Self {
        let mut needed_by = vec![Vec::new(); efforts.len()];
        for (unit, list) in needs.iter_mut().enumerate() {
            list.sort_unstable();
            list.dedup();
            list.iter().for_each(|need| needed_by[*need].push(unit));
        }
        Self { parts, efforts, values, needs, needed_by }
    }

    /// Contracts the parts that somebody gets. Groups past the capacity are taken out of the ground on the way, with what hangs on them;
    /// what is left is then smaller, so that this ends after two rounds.
    pub(super) fn contract(ground: &mut Ground<'_>, capacity: u64) -> (Self, Vec<Mask>) {
        loop {
            let gets = ground.gets();
            let arcs = ground.arcs(&gets);
            let planned: Vec<bool> = gets.iter().map(|mask| *mask != 0).collect();
            let groups = components(&arcs, &planned);
            let effort = |group: &[usize]| group.iter().map(|part| ground.efforts[*part]).sum::<u64>();
            let over = |group: &&Vec<usize>| effort(group) > capacity;
            let large: Vec<(Vec<usize>, u64)> =
                groups.iter().filter(over).map(|group| (group.clone(), effort(group))).collect();
            if large.is_empty() {
                let efforts = groups.iter().map(|group| effort(group)).collect();
                let mut unit_of = vec![usize::MAX; arcs.len()];
                for (unit, group) in groups.iter().enumerate() {
                    group.iter().for_each(|part| unit_of[*part] = unit);
                }
                let needs = groups.iter().enumerate().map(|(unit, group)| {
                    let all = group.iter().flat_map(|part| &arcs[*part]).map(|part| unit_of[*part]);
                    all.filter(|need| *need != unit).collect()
                });
                let (needs, values) = (needs.collect(), vec![0; groups.len()]);
                return (Self::new(groups, efforts, values, needs), gets);
            }
            for (group, effort) in large {
                ground.take_out(group, effort);
            }
        }
    }
}

/// Strongly connected components of the planned parts, each ascending, in an order in which arcs lead to earlier ones.
///
/// # Source
/// Tarjan, Depth-first search and linear graph algorithms, SIAM J. Comput. 1 (2), 1972; with a stack of its own, for chains of any length.
pub(super) fn components(arcs: &[Vec<usize>], planned: &[bool]) -> Vec<Vec<usize>> {
    const NEW: usize = usize::MAX;
    let nodes = arcs.len();
    let (mut index, mut low, mut on_stack) = (vec![NEW; nodes], vec![0; nodes], vec![false; nodes]);
    let (mut stack, mut walk, mut found, mut next) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for root in (0..nodes).filter(|node| planned[*node]) {
        if index[root] != NEW {
            continue;
        }
        walk.push((root, 0));
        while let Some((node, place)) = walk.pop() {
            if place == 0 {
                (index[node], low[node], on_stack[node]) = (next, next, true);
                next += 1;
                stack.push(node);
            }
            if let Some(&to) = arcs[node].get(place) {
                walk.push((node, place + 1));
                if index[to] == NEW {
                    walk.push((to, 0));
                } else if on_stack[to] {
                    low[node] = low[node].min(index[to]);
                }
                continue;
            }
            if let Some((parent, _)) = walk.last() {
                low[*parent] = low[*parent].min(low[node]);
            }
            if low[node] == index[node] {
                let mut component = Vec::new();
                while let Some(member) = stack.pop() {
                    on_stack[member] = false;
                    component.push(member);
                    if member == node {
                        break;
                    }
                }
                component.sort_unstable();
                found.push(component);
            }
        }
    }
    found
}
