//! Tensor circuits: whole-number witnesses found locally, without a solver.
//!
//! For a sensitive cell with nodes `n_1 .. n_d`, a *line* of variable `k` is a signed set of nodes that contains
//! `n_k` with sign +1 and satisfies every relation of that variable: up from `n_k` to some ancestor `t`, down
//! from `n_k` to a leaf, and with sign -1 from a sibling of `t` down to a leaf. If `t` is a root the negative part
//! is empty and the root itself moves. The product of one line a variable, times any amount, satisfies every
//! relation of the table exactly. It is a witness when every cell that goes down has enough to give.
//!
//! In linked tables a circuit stays within one block of the cell: lines run over the block's variables, and no cell
//! may move that is also a margin along a variable outside of it, whose parts stand still. Each block is tried.
//!
//! Finding the cheapest product is a depth-first branch and bound over the cheapest lines of each variable.
//! Source: docs/METHOD.md, "Stage A".

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::block::VariableSet;
use crate::hierarchy::{Hierarchy, NodeId};
use crate::search::{Search, Witness};
use crate::table::{CellId, Table};

/// Amounts that a circuit has to carry: `up` when the sensitive cell rises, `down` when it falls. 0 on one side
/// means that the circuit need not work that way round.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Amounts {
    pub(crate) up: i64,
    pub(crate) down: i64,
}

/// A signed set of cells that moves together.
#[derive(Clone, Debug)]
pub(crate) struct Circuit {
    pub(crate) cost: u64,
    cells: Vec<(CellId, i8)>,
}

impl Circuit {
    /// The witness that moves the sensitive cell by `amount`, which may be negative.
    pub(crate) fn witness(&self, amount: i64) -> Witness {
        let mut deviations: Vec<(CellId, i64)> =
            self.cells.iter().map(|&(cell, sign)| (cell, i64::from(sign) * amount)).collect();
        deviations.sort_unstable_by_key(|&(cell, _)| cell);
        Witness { deviations }
    }
}

/// Lines kept a variable: more find cheaper products and cost more. From 12 to 64 in suppression.md.
const fn lines_max(variables: usize) -> usize {
    match variables {
        0..=2 => 48,
        3 => 24,
        _ => 12,
    }
}

/// Cheapest descents kept below one node or its siblings.
const DESCENTS_MAX: usize = 16;
/// Nodes looked at in one best-first descent.
const EXPANSIONS_MAX: usize = 600;
/// Cells looked at for one circuit: bounds the branch and bound in many variables.
const EVALUATIONS_MAX: u64 = 60_000;

struct Line {
    start: usize,
    end: usize,
    cost: u64,
}

/// How widely a finder looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Breadth {
    /// The bounds above: a search asks many times.
    #[default]
    Narrow,
    /// Eight times as many lines and descents: an audit asks once, and the alternative is a linear program.
    Wide,
}

impl Breadth {
    const fn factor(self) -> usize {
        match self {
            Self::Narrow => 1,
            Self::Wide => 8,
        }
    }
}

/// Finds circuits; keeps its buffers between calls.
#[derive(Default)]
pub(crate) struct CircuitFinder {
    /// How widely to look.
    pub(crate) breadth: Breadth,
    /// Candidate cells looked at so far, over all calls.
    pub(crate) work: u64,
    /// Lines of every variable, as offsets into `steps`.
    lines: Vec<Vec<Line>>,
    /// The blocks of the cell that is looked at.
    blocks: Vec<VariableSet>,
    /// Key offset from the sensitive cell and sign.
    steps: Vec<(i64, i8)>,
    trail: Vec<(NodeId, usize, u64)>,
    heap: BinaryHeap<Reverse<(u64, usize)>>,
}

const TRAIL_START: usize = usize::MAX;

/// What a call looks at: the cell and what the circuit has to carry.
struct View<'a, 'p> {
    search: &'a Search<'p>,
    table: &'a Table,
    block: VariableSet,
    key: u64,
    amounts: Amounts,
}

impl View<'_, '_> {
    /// What the cell at `key + offset` costs when it moves with `sign`; `None` when it cannot.
    fn cost(&self, offset: i64, sign: i8) -> Option<(CellId, u64)> {
        let cell = self.table.find(self.key.checked_add_signed(offset)?)?;
        // With sign +1 the cell falls when the sensitive cell falls, with -1 when it rises.
        let falls_by = if sign > 0 { self.amounts.down } else { self.amounts.up };
        if self.table.figure(cell).open() < falls_by {
            return None;
        }
        if !self.table.margin_along(cell).is_within(self.block) {
            return None;
        }
        Some((cell, self.search.hiding_cost(cell)?))
    }
}

impl CircuitFinder {
    /// The cheapest circuit found through `cell` that carries the amounts and costs less than `limit`.
    pub(crate) fn find(
        &mut self,
        search: &Search<'_>,
        cell: CellId,
        amounts: Amounts,
        limit: u64,
    ) -> Option<Circuit> {
        let table = search.problem.table();
        let mut blocks = std::mem::take(&mut self.blocks);
        blocks.clear();
        blocks.extend(table.blocks_of(cell).filter(|block| table.margin_along(cell).is_within(*block)));
        let mut best: Option<Circuit> = None;
        for &block in &blocks {
            let view = View { search, table, block, key: table.key(cell), amounts };
            let room = best.as_ref().map_or(limit, |circuit| circuit.cost);
            best = self.find_in(view, cell, room).or(best);
        }
        self.blocks = blocks;
        best
    }

    /// The cheapest circuit within one block.
    fn find_in(&mut self, view: View<'_, '_>, cell: CellId, limit: u64) -> Option<Circuit> {
        let table = view.table;
        self.steps.clear();
        self.lines.clear();
        for variable in view.block.variables() {
            let hierarchy = table.hierarchies().get(variable)?;
            let stride = i64::try_from(table.strides()[variable]).ok()?;
            let lines = self.lines_of(&view, hierarchy, stride, table.node(cell, variable), limit);
            if lines.is_empty() {
                return None;
            }
            self.lines.push(lines);
        }
        let mut rest = vec![0_u64; self.lines.len() + 1];
        for variable in (0..self.lines.len()).rev() {
            rest[variable] = rest[variable + 1].saturating_add(self.lines[variable][0].cost);
        }
        let evaluations_max = EVALUATIONS_MAX * self.breadth.factor() as u64;
        let mut branch = Branch {
            evaluations_max,
            view,
            lines: &self.lines,
            steps: &self.steps,
            rest,
            best: limit,
            found: None,
            work: 0,
        };
        let mut partial = vec![(0_i64, 1_i8, cell)];
        branch.descend(0, 0, &mut partial);
        let (found, best, work) = (branch.found, branch.best, branch.work);
        self.work += work;
        found.map(|cells| Circuit { cost: best, cells })
    }

    fn lines_of(
        &mut self,
        view: &View<'_, '_>,
        hierarchy: &Hierarchy,
        stride: i64,
        node: NodeId,
        limit: u64,
    ) -> Vec<Line> {
        let offset = |other: NodeId| (i64::from(other.0) - i64::from(node.0)) * stride;
        let below = self.descents(view, hierarchy, &offset, &[node], None, 1);
        let mut lines = Vec::new();
        let mut chain = Vec::new();
        let mut chain_cost = 0_u64;
        let mut top = node;
        loop {
            let Some(parent) = hierarchy.parent(top) else {
                for (down_cost, down) in &below {
                    self.push_line(&mut lines, chain_cost.saturating_add(*down_cost), &chain, down, &[]);
                }
                break;
            };
            let beside = self.descents(view, hierarchy, &offset, hierarchy.children(parent), Some(top), -1);
            for (down_cost, down) in &below {
                for (beside_cost, minus) in &beside {
                    let cost = chain_cost.saturating_add(*down_cost).saturating_add(*beside_cost);
                    self.push_line(&mut lines, cost, &chain, down, minus);
                }
            }
            self.work += 1;
            let Some((_, cost)) = view.cost(offset(parent), 1) else { break };
            chain.push((offset(parent), 1_i8));
            chain_cost = chain_cost.saturating_add(cost);
            top = parent;
            if chain_cost >= limit {
                break;
            }
        }
        lines.retain(|line| line.cost < limit);
        lines.sort_by_key(|line| (line.cost, line.end - line.start));
        lines.truncate(lines_max(view.block.len()) * self.breadth.factor());
        lines
    }

    fn push_line(
        &mut self,
        lines: &mut Vec<Line>,
        cost: u64,
        chain: &[(i64, i8)],
        down: &[(i64, i8)],
        minus: &[(i64, i8)],
    ) {
        let start = self.steps.len();
        // The sensitive cell itself (offset 0) is in every partial product already.
        self.steps.extend(chain.iter().chain(down).chain(minus).filter(|step| step.0 != 0));
        lines.push(Line { start, end: self.steps.len(), cost });
    }

    /// The cheapest ways from one of `starts` (other than `except`) down to a leaf, cheapest first.
    fn descents(
        &mut self,
        view: &View<'_, '_>,
        hierarchy: &Hierarchy,
        offset: &impl Fn(NodeId) -> i64,
        starts: &[NodeId],
        except: Option<NodeId>,
        sign: i8,
    ) -> Vec<(u64, Vec<(i64, i8)>)> {
        self.trail.clear();
        self.heap.clear();
        for &start in starts.iter().filter(|&&start| Some(start) != except) {
            self.step_down(view, offset, start, TRAIL_START, 0, sign);
        }
        let mut found = Vec::new();
        let mut expansions = 0;
        while let Some(Reverse((cost, at))) = self.heap.pop() {
            let node = self.trail[at].0;
            if hierarchy.is_leaf(node) {
                let mut path = Vec::new();
                let mut place = at;
                while place != TRAIL_START {
                    path.push((offset(self.trail[place].0), sign));
                    place = self.trail[place].1;
                }
                found.push((cost, path));
            } else {
                for &child in hierarchy.children(node) {
                    self.step_down(view, offset, child, at, cost, sign);
                }
            }
            expansions += 1;
            let factor = self.breadth.factor();
            if found.len() == DESCENTS_MAX * factor || expansions == EXPANSIONS_MAX * factor {
                break;
            }
        }
        found
    }

    fn step_down(
        &mut self,
        view: &View<'_, '_>,
        offset: &impl Fn(NodeId) -> i64,
        node: NodeId,
        from: usize,
        cost: u64,
        sign: i8,
    ) {
        self.work += 1;
        if let Some((_, own)) = view.cost(offset(node), sign) {
            let cost = cost.saturating_add(own);
            self.trail.push((node, from, cost));
            self.heap.push(Reverse((cost, self.trail.len() - 1)));
        }
    }
}

/// Depth-first branch and bound over products of lines.
struct Branch<'a, 'p> {
    view: View<'a, 'p>,
    lines: &'a [Vec<Line>],
    steps: &'a [(i64, i8)],
    /// The cheapest that the variables from here on can cost.
    rest: Vec<u64>,
    best: u64,
    evaluations_max: u64,
    found: Option<Vec<(CellId, i8)>>,
    work: u64,
}

impl Branch<'_, '_> {
    fn descend(&mut self, variable: usize, cost: u64, partial: &mut Vec<(i64, i8, CellId)>) {
        let Some(lines) = self.lines.get(variable) else {
            if cost < self.best {
                self.best = cost;
                self.found = Some(partial.iter().map(|&(_, sign, cell)| (cell, sign)).collect());
            }
            return;
        };
        let width = partial.len();
        for line in lines {
            let least = cost.saturating_add(line.cost).saturating_add(self.rest[variable + 1]);
            if least >= self.best || self.work > self.evaluations_max {
                break;
            }
            if let Some(added) = self.multiply(line, cost, variable, partial, width) {
                self.descend(variable + 1, cost + added, partial);
            }
            partial.truncate(width);
        }
    }

    /// Appends the products of the first `width` cells with the line's steps; what they cost, if feasible.
    fn multiply(
        &mut self,
        line: &Line,
        cost: u64,
        variable: usize,
        partial: &mut Vec<(i64, i8, CellId)>,
        width: usize,
    ) -> Option<u64> {
        let mut added = 0_u64;
        let room = self.best.saturating_sub(cost).saturating_sub(self.rest[variable + 1]);
        for place in 0..width {
            let (base, base_sign, _) = partial[place];
            for &(offset, sign) in &self.steps[line.start..line.end] {
                self.work += 1;
                let sign = sign * base_sign;
                let (cell, own) = self.view.cost(base + offset, sign)?;
                added = added.saturating_add(own);
                if added >= room {
                    return None;
                }
                partial.push((base + offset, sign, cell));
            }
        }
        Some(added)
    }
}
