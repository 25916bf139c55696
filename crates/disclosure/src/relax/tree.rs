//! Branch and bound over the relaxation: case distinctions until every case is at least as heavy as the best pattern
//! known, or the budget ends. Either way the cases with their multipliers are a proof of the bound reached.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::bound::{MULTIPLIER_UNIT, Node, Proof};
use crate::relax::separate::Depth;
use crate::relax::{Relaxation, Round};
use crate::table::CellId;

/// Shares this close to 0 or 1 are whole.
const WHOLE: f64 = 1e-6;
/// Rounds of attacks in one case that is not whole yet.
const ROUNDS_MAX: usize = 1;
const ROUNDS_ROOT: usize = 40;
/// Cells of an attack in such a case.
const ATTACK_SIZE: usize = 200;

/// Multipliers above this no longer fit the exact arithmetic with coefficients of the largest tables.
const MULTIPLIER_MAX: f64 = 8.0e15;
/// Cases of one proof at most: the reader of proofs has a limit.
const NODES_MAX: usize = 500_000;

/// A case: what is decided in it, and where it stands in the proof.
struct Case {
    decided: Vec<(CellId, bool)>,
    place: usize,
}

/// A case's bound in multiplier units, and its number: the queue's order.
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
    cases: Vec<Option<Case>>,
    queue: BinaryHeap<Rank>,
    decided_now: Vec<(CellId, bool)>,
    /// Weight of the best pattern known.
    best: u128,
    gap_ppm: u32,
}

/// Someone who is offered hidden shares and their weight, and tells what the pattern weighs once it is proved.
pub(crate) type Realise<'a> = dyn FnMut(&[f64], u128) -> Option<u128> + 'a;

impl<'r, 'p> Tree<'r, 'p> {
    pub(crate) fn new(relaxation: &'r mut Relaxation<'p>, best: u128, gap_ppm: u32) -> Self {
        let root = Case { decided: Vec::new(), place: 0 };
        Self {
            relaxation,
            nodes: vec![Node::Leaf { multipliers: Vec::new() }],
            cases: vec![Some(root)],
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
            let Some(case) = self.cases[number].take() else { continue };
            self.decide(&case.decided);
            match self.solve_case(&case, stop) {
                Solved::Closed => {}
                Solved::Branch(cell) => self.branch(case, cell),
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
        self.best - self.best / 1_000_000 * u128::from(self.gap_ppm)
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

    fn solve_case(&mut self, case: &Case, stop: &dyn Fn(u64) -> bool) -> Solved {
        if self.relaxation.solve().is_none() {
            if let Some((row, missing)) = self.relaxation.impossible(&case.decided) {
                // One row alone lifts the bound past the best pattern.
                let amount = wide(self.best.min(1 << 80)) * wide(MULTIPLIER_UNIT.unsigned_abs()) / missing;
                if let Some(amount) = crate::local::to_whole((amount * 1.001).min(MULTIPLIER_MAX).ceil()) {
                    self.nodes[case.place] = Node::Leaf { multipliers: vec![(row, amount.unsigned_abs())] };
                }
            }
            return Solved::Closed;
        }
        let mut rounds = 0;
        loop {
            self.nodes[case.place] = Node::Leaf { multipliers: self.relaxation.multipliers_exact() };
            if self.relaxation.bound() >= self.enough() {
                return Solved::Closed;
            }
            if stop(self.relaxation.work()) {
                return Solved::Closed;
            }
            let whole = self.relaxation.fractional().is_empty();
            let mut round = self.relaxation.lines();
            let rounds_max = if case.decided.is_empty() { ROUNDS_ROOT } else { ROUNDS_MAX };
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
        match self.relaxation.fractional().first() {
            Some(&(cell, _)) => Solved::Branch(cell),
            None => Solved::Whole,
        }
    }

    fn branch(&mut self, case: Case, cell: CellId) {
        let bound = self.relaxation.bound();
        let mut places = [0_u32; 2];
        for (place, hidden) in places.iter_mut().zip([false, true]) {
            let number = self.nodes.len();
            *place = u32::try_from(number).unwrap_or(u32::MAX);
            self.nodes.push(self.nodes[case.place].clone());
            let mut decided = case.decided.clone();
            decided.push((cell, hidden));
            self.cases.resize_with(number + 1, || None);
            self.cases[number] = Some(Case { decided, place: number });
            self.queue.push(Reverse((bound, number)));
        }
        self.nodes[case.place] = Node::Branch { cell, published: places[0], hidden: places[1] };
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
