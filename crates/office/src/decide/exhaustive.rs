//! Every sequence of acts to a small depth, over two members, two drafts and one company.
//!
//! Signatures, roles and counters are left to the other tests, so that the rules and the fold can be walked deep: after each act
//! that is accepted, the log is judged from the definition (`tests::oracle`), and after each that is refused nothing follows. A
//! state from which an act is refused is not entered twice: the refused act changes nothing, so that all longer sequences through
//! it are among those walked.

use std::collections::BTreeMap;

use ledger::act::{self, RoundNumber};

use super::*;
use crate::{
    Outcome,
    state::apply,
    tests::{
        oracle::{self, Logged},
        world::{World, code, codes, digest, minute, reason, tick, title},
    },
};

const DRAFTS: [&str; 2] = ["X", "Y"];

/// One thing that somebody might try.
#[derive(Debug, Clone, Copy)]
enum Move {
    Tick(u32),
    Propose(usize),
    Approve(&'static str, usize, Which),
    Object(&'static str, usize, Which),
    Seal(usize, Which),
    Deliver(usize),
    Acknowledge(usize),
    Deposit,
}

/// Which round of a draft is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    First,
    Last,
    /// The last one, under the number of the round after it.
    Misnumbered,
}

fn moves() -> Vec<Move> {
    let mut moves = vec![Move::Tick(5), Move::Tick(10), Move::Tick(20), Move::Deposit];
    for draft in 0..DRAFTS.len() {
        moves.push(Move::Propose(draft));
        moves.push(Move::Seal(draft, Which::Last));
        moves.push(Move::Deliver(draft));
        moves.push(Move::Acknowledge(draft));
        for member in ["AA", "BB"] {
            moves.push(Move::Approve(member, draft, Which::Last));
            moves.push(Move::Object(member, draft, Which::Last));
        }
    }
    moves.push(Move::Seal(0, Which::First));
    moves.push(Move::Approve("AA", 0, Which::First));
    moves.push(Move::Approve("AA", 0, Which::Misnumbered));
    moves
}

struct Walk {
    moves: Vec<Move>,
    accepted: usize,
    refused: BTreeMap<&'static str, usize>,
    outcomes: BTreeMap<Outcome, usize>,
    sealed: usize,
}

impl Walk {
    /// Actor and body of a move; none when what it is about was never proposed.
    fn act(state: &State, one: Move) -> Option<(Code, ActBody)> {
        let (actor, body) = match one {
            Move::Tick(minutes) => (act::OFFICE, tick(minutes)),
            Move::Deposit => ("BB", crate::tests::world::deposit("BB")),
            Move::Propose(draft) => (act::OFFICE, ActBody::Propose(Self::draft(state, draft))),
            Move::Approve(member, draft, which) => {
                let (proposal, round) = Self::proposal(state, draft, which)?;
                let approve = act::Approve { proposal, round, roster_epoch: Epoch::FIRST };
                (member, ActBody::Approve(approve))
            }
            Move::Object(member, draft, which) => {
                let (proposal, round) = Self::proposal(state, draft, which)?;
                let reason = reason("no");
                (member, ActBody::Object(act::Object { proposal, round, roster_epoch: Epoch::FIRST, reason }))
            }
            Move::Seal(draft, which) => {
                let (proposal, _) = Self::proposal(state, draft, which)?;
                (act::OFFICE, ActBody::Seal(act::Seal { proposal, package: Self::package(draft) }))
            }
            Move::Deliver(draft) => {
                let to = code("ACME");
                (act::OFFICE, ActBody::Deliver(act::Deliver { package: Self::package(draft), to }))
            }
            Move::Acknowledge(draft) => {
                ("ACME", ActBody::Acknowledge(act::Acknowledge { package: Self::package(draft) }))
            }
        };
        Some((code(actor), body))
    }

    fn package(draft: usize) -> Digest {
        digest(&format!("package {}", DRAFTS[draft]))
    }

    /// `X` is both members' information; of `Y`, `BB` may stay silent. `X` closes at minute 10, `Y` at minute 20.
    fn draft(state: &State, draft: usize) -> act::Propose {
        let name = DRAFTS[draft];
        let round = state.next_round(&title(name));
        act::Propose {
            title: title(name),
            release: digest(&format!("{name} {round}")),
            certificate: digest("certificate"),
            history: state.history().to_vec(),
            label: act::LabelXml::new("<label/>").unwrap(),
            audience: codes(&["ACME"]),
            originators: if draft == 0 { codes(&["AA", "BB"]) } else { codes(&["AA"]) },
            round,
            roster_epoch: Epoch::FIRST,
            deadline_utc: minute(if draft == 0 { 10 } else { 20 }),
        }
    }

    fn proposal(state: &State, draft: usize, which: Which) -> Option<(Digest, RoundNumber)> {
        let rounds = state.rounds(&title(DRAFTS[draft]));
        let proposal = *if which == Which::First { rounds.first() } else { rounds.last() }?;
        let round = state.release(&proposal)?.round().terms().number;
        Some((proposal, if which == Which::Misnumbered { round.next()? } else { round }))
    }

    fn from(&mut self, state: &State, log: &mut Vec<Logged>, depth: usize) {
        for one in self.moves.clone() {
            let Some((actor, body)) = Self::act(state, one) else { continue };
            let roster = state.roster().unwrap();
            let act = state.act(actor.clone(), body).unwrap();
            // Stands for the envelope's digest: differs with the entry and what it says.
            let digest = digest(&format!("{} {one:?}", state.next_entry()));
            match (Rules { state, roster, actor: &actor }).facts(&act.body, digest) {
                Err(refusal) => *self.refused.entry(refusal.rule()).or_default() += 1,
                Ok(facts) => {
                    let mut next = state.clone();
                    self.follow(&mut next, &act, facts);
                    log.push(Logged { act, digest });
                    oracle::check(log, &next);
                    self.accepted += 1;
                    if depth > 1 {
                        self.from(&next, log, depth - 1);
                    }
                    log.pop();
                }
            }
        }
    }

    fn follow(&mut self, state: &mut State, act: &Act, facts: Vec<Fact>) {
        let at = if let ActBody::Tick(tick) = &act.body { Some(tick.at_utc) } else { state.now() };
        let stamp = Stamp { entry: state.next_entry(), at };
        for fact in facts {
            if let Fact::Settled { proposal, outcome } = &fact {
                // One outcome a round: it was open until now.
                assert_eq!(state.release(proposal).unwrap().round().settled(), None);
                *self.outcomes.entry(*outcome).or_default() += 1;
            }
            self.sealed += usize::from(matches!(fact, Fact::Sealed { .. }));
            let Act { schema, actor, counter, .. } = act.clone();
            apply(state, &Event { schema, stamp, actor, counter, fact });
        }
    }
}

fn walk(start: &World, depth: usize, moves: Vec<Move>) -> Walk {
    let mut walk =
        Walk { moves, accepted: 0, refused: BTreeMap::new(), outcomes: BTreeMap::new(), sealed: 0 };
    walk.from(&start.state, &mut start.acts.clone(), depth);
    println!(
        "depth {depth}: {} accepted, outcomes {:?}, {} seals, refused {:?}",
        walk.accepted, walk.outcomes, walk.sealed, walk.refused
    );
    walk
}

#[test]
fn every_sequence_from_the_start_keeps_every_promise() {
    let world = World::founded(&["AA", "BB"], &["ACME"]);
    let walk = walk(&world, 5, moves());
    assert_eq!(walk.outcomes.len(), 3, "each outcome is reached");
    assert!(walk.sealed > 0);
}

#[test]
fn every_sequence_from_two_open_rounds_keeps_every_promise() {
    let mut world = World::founded(&["AA", "BB"], &["ACME"]);
    for draft in 0..DRAFTS.len() {
        world.propose(Walk::draft(&world.state, draft)).unwrap();
    }
    let walk = walk(&world, 5, moves());
    assert_eq!(walk.outcomes.len(), 3);
}

#[test]
fn every_sequence_from_two_agreements_keeps_every_promise() {
    let mut world = World::founded(&["AA", "BB"], &["ACME"]);
    for draft in 0..DRAFTS.len() {
        let proposal = world.propose(Walk::draft(&world.state, draft)).unwrap();
        world.approve("AA", proposal).unwrap();
        world.approve("BB", proposal).unwrap();
    }
    let walk = walk(&world, 6, moves());
    assert!(walk.refused.contains_key("history-whole"), "an agreement went stale");
}

#[test]
fn every_long_sequence_over_one_draft_keeps_every_promise() {
    let world = World::founded(&["AA", "BB"], &["ACME"]);
    let one_draft = |one: &Move| {
        !matches!(
            one,
            Move::Deposit
                | Move::Tick(5 | 20)
                | Move::Propose(1)
                | Move::Seal(1, _)
                | Move::Deliver(1)
                | Move::Acknowledge(1)
                | Move::Approve(_, 1, _)
                | Move::Object(_, 1, _)
        )
    };
    let walk = walk(&world, 9, moves().into_iter().filter(one_draft).collect());
    assert_eq!(walk.outcomes.len(), 3);
    for rule in ["deadline", "one-outcome", "decide-once", "round", "only-agreed-is-sealed", "agreed-once"] {
        assert!(walk.refused.contains_key(rule), "{rule} was never broken");
    }
}
