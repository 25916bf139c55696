//! Branch and bound over the relaxation: case distinctions until every case is at least as heavy as the best pattern
//! known, or the budget ends. Either way the cases with their multipliers are a proof of the bound reached.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::bound::{MULTIPLIER_UNIT, Node, Proof};
use crate::budget;
use crate::relax::separate::Depth;
use crate::relax::{Relaxation, Round};
use crate::table::CellId;

/// Shares this close to 0 or 1 are whole.
const WHOLE: f64 = 1e-6;
/// Rounds of attacks in a case that is not whole yet ...
const ROUNDS_MAX: usize = 1;
/// ... and in the first, which all others start from.
const ROUNDS_ROOT: usize = 40;
/// Cells of an attack in a case that is not whole yet.
const ATTACK_SIZE: usize = 200;

/// Multipliers above this no longer fit the exact arithmetic with coefficients of the largest tables.
const MULTIPLIER_MAX: f64 = 8.0e15;
/// Cases of one proof at most: the reader of proofs has a limit.
const NODES_MAX: usize = 500_000;

/// What is decided in a case, in the order of decision.
type Decided = Vec<(CellId, bool)>;

/// A case's bound, and its place in the proof: the queue's order.
type Rank = Reverse<(u128, usize)>;

enum Solved {
    /// At least as heavy as the best pattern, or impossible, or as far as the budget went.
    Closed,
    /// Undecided: branch on this cell.
    Branch(CellId),
    /// A whole pattern that withstands every attack tried.
    Whole,
}

pub(crate) struct Tree<'r, 'p> {
    relaxation: &'r mut Relaxation<'p>,
    nodes: Vec<Node>,
    /// By place in the proof: the case, while it is open.
    cases: Vec<Option<Decided>>,
    queue: BinaryHeap<Rank>,
    decided_now: Decided,
    /// Weight of the best pattern known.
    best: u128,
    gap_ppm: u32,
}

/// Someone who is offered hidden shares and their weight, and tells what the pattern weighs once it is proved.
pub(crate) type Realise<'a> = dyn FnMut(&[f64], u128) -> Option<u128> + 'a;

impl<'r, 'p> Tree<'r, 'p> {
    pub(crate) fn new(relaxation: &'r mut Relaxation<'p>, best: u128, gap_ppm: u32) -> Self {
        Self {
            relaxation,
            nodes: vec![Node::Leaf { multipliers: Vec::new() }],
            cases: vec![Some(Decided::new())],
            queue: BinaryHeap::from([Reverse((0, 0))]),
            decided_now: Vec::new(),
            best,
            gap_ppm,
        }
    }

    /// Takes the relaxation as it stands for the only case.
    pub(crate) fn settle(&mut self) {
        self.nodes[0] = Node::Leaf { multipliers: self.relaxation.multipliers_exact() };
    }

    /// Solves cases, least bound first, until none is open far enough below the best pattern or `stop` says so.
    pub(crate) fn run(
        &mut self,
        realise: &mut Realise<'_>,
        stop: &dyn Fn(u64) -> bool,
        tell: &dyn Fn(u128, u128),
    ) {
        let mut solved = 0_u64;
        while let Some(Reverse((bound, number))) = self.queue.pop() {
            if bound >= self.enough() || self.nodes.len() > NODES_MAX || stop(self.relaxation.work()) {
                break;
            }
            let Some(decided) = self.cases[number].take() else { continue };
            self.decide(&decided);
            match self.solve_case(number, &decided, stop) {
                Solved::Closed => {}
                Solved::Branch(cell) => self.branch(number, &decided, cell),
                Solved::Whole => {
                    if let Some(weight) = realise(&self.relaxation.shares, self.relaxation.bound()) {
                        self.best = self.best.min(weight);
                    }
                }
            }
            solved += 1;
            if solved.is_multiple_of(64) {
                tell(self.best, bound);
            }
        }
        self.decide(&[]);
    }

    /// A bound at which the best pattern is good enough.
    fn enough(&self) -> u128 {
        budget::bound_enough(self.best, self.gap_ppm)
    }

    pub(crate) fn proof(self) -> Proof {
        let mut proof = Proof { cuts: Vec::new(), nodes: self.nodes };
        let mut places = vec![u32::MAX; self.relaxation.rows()];
        for node in &mut proof.nodes {
            let Node::Leaf { multipliers } = node else { continue };
            for (cut, _) in multipliers {
                let row = *cut as usize;
                if places[row] == u32::MAX {
                    places[row] = u32::try_from(proof.cuts.len()).unwrap_or(u32::MAX);
                    proof.cuts.push(self.relaxation.cut(row).clone());
                }
                *cut = places[row];
            }
        }
        proof
    }

    fn decide(&mut self, decided: &[(CellId, bool)]) {
        for &(cell, _) in &self.decided_now {
            self.relaxation.free(cell);
        }
        for &(cell, hidden) in decided {
            self.relaxation.decide(cell, hidden);
        }
        self.decided_now = decided.to_vec();
    }

    fn solve_case(&mut self, place: usize, decided: &[(CellId, bool)], stop: &dyn Fn(u64) -> bool) -> Solved {
        if self.relaxation.solve().is_none() {
            if let Some((row, missing)) = self.relaxation.impossible(decided) {
                // One row alone lifts the bound past the best pattern.
                let amount = wide(self.best.min(1 << 80)) * wide(MULTIPLIER_UNIT.unsigned_abs()) / missing;
                if let Some(amount) = crate::local::to_whole((amount * 1.001).min(MULTIPLIER_MAX).ceil()) {
                    self.nodes[place] = Node::Leaf { multipliers: vec![(row, amount.unsigned_abs())] };
                }
            }
            return Solved::Closed;
        }
        let mut rounds = 0;
        loop {
            self.nodes[place] = Node::Leaf { multipliers: self.relaxation.multipliers_exact() };
            if self.relaxation.bound() >= self.enough() {
                return Solved::Closed;
            }
            if stop(self.relaxation.work()) {
                return Solved::Closed;
            }
            let whole = self.relaxation.most_doubtful().is_none();
            let mut round = self.relaxation.lines();
            let rounds_max = if decided.is_empty() { ROUNDS_ROOT } else { ROUNDS_MAX };
            if round == Round::Converged && (whole || rounds < rounds_max) {
                rounds += 1;
                round = self.relaxation.attacks(Depth::Near(ATTACK_SIZE), stop);
            }
            if round == Round::Converged && whole {
                round = self.relaxation.attacks(Depth::Whole, stop);
            }
            match round {
                Round::Added => {}
                Round::Converged => break,
                Round::Failed => return Solved::Closed,
            }
        }
        self.relaxation.most_doubtful().map_or(Solved::Whole, Solved::Branch)
    }

    fn branch(&mut self, place: usize, decided: &[(CellId, bool)], cell: CellId) {
        let bound = self.relaxation.bound();
        let mut places = [0_u32; 2];
        for (below, hidden) in places.iter_mut().zip([false, true]) {
            let number = self.nodes.len();
            *below = u32::try_from(number).unwrap_or(u32::MAX);
            self.nodes.push(self.nodes[place].clone());
            self.cases.push(Some(decided.iter().copied().chain([(cell, hidden)]).collect()));
            self.queue.push(Reverse((bound, number)));
        }
        self.nodes[place] = Node::Branch { cell, published: places[0], hidden: places[1] };
    }
}

#[expect(clippy::cast_precision_loss, reason = "a multiplier may be any number; the exact proof judges it")]
fn wide(value: u128) -> f64 {
    value as f64
}

/// Whether a share is neither 0 nor 1.
pub(crate) fn is_fractional(share: f64) -> bool {
    share > WHOLE && share < 1.0 - WHOLE
}
