//! Every state that small worlds can reach, walked by `stateright` over the production `decide` and `apply`.
//!
//! There is no second set of rules here: a move is an act, signed, decided and folded as the office does it. After every accepted
//! act the invariants of the office are checked, on the state, on the log through the oracle, and on a replay of the whole log;
//! after every refused one nothing has changed. States are told apart by what can still matter ([`View`]): places in the log,
//! counters and digests are left out, so that the space is finite and is walked to its end.
//!
//! Four worlds: one round with everything that can be said in it, a change of keys while a release circulates, two releases
//! to their end, with witnesses, and a wave of standards with one that needs it.

use std::{
    collections::BTreeMap,
    hash::{Hash, Hasher},
    sync::{Arc, Mutex},
};

use ledger::{Digest, act::Act, act_key::Signer as _, key::KeyId};
use stateright::{Checker as _, Model, Property};

use super::{
    oracle::{Judge, Logged},
    world::{World, code, key},
};
use crate::{Command, Fold, Outcome, Refusal, Release, Replay, Round, State};

mod moves;
mod view;

use moves::{Move, Stage};
use view::View;

/// A place in the walk.
#[derive(Clone)]
struct Node {
    fold: Arc<Fold>,
    judge: Arc<Judge>,
    log: Vec<Arc<Vec<u8>>>,
    view: Arc<View>,
    /// The first invariant that does not hold here, and how.
    broken: Option<(&'static str, String)>,
}

impl Node {
    fn state(&self) -> &State {
        self.fold.state()
    }
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {:?}", self.view, self.broken)
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.view == other.view && self.broken == other.broken
    }
}

impl Hash for Node {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.view.hash(hasher);
        self.broken.hash(hasher);
    }
}

/// A world, what may be tried in it, and what was met on the way.
struct Walk {
    world: Stage,
    moves: Vec<Move>,
    start: Node,
    /// Signed and verified acts: the same act is tried from many states.
    signed: Mutex<BTreeMap<(KeyId, Digest), Command>>,
    refused: Mutex<BTreeMap<&'static str, usize>>,
}

impl Walk {
    fn new(world: Stage) -> Self {
        let World { fold, log, judge, .. } = world.start();
        let view = Arc::new(View::of(fold.state()));
        let log = log.into_iter().map(Arc::new).collect();
        let start = Node { fold: Arc::new(fold), judge: Arc::new(judge), log, view, broken: None };
        let moves = world.moves();
        Self { world, moves, start, signed: Mutex::default(), refused: Mutex::default() }
    }

    /// The act of a delegate, signed; from memory if it was signed before.
    fn sign(&self, actor: &str, by: &str, act: &Act) -> Command {
        let signer = key(by);
        let place = (signer.key().id(), Digest::of(&act.to_bytes().unwrap()));
        if let Some(command) = self.signed.lock().unwrap().get(&place) {
            return command.clone();
        }
        let command = Command::of(act.sign(&signer).unwrap()).unwrap().checked(&signer.key()).unwrap();
        assert_eq!(command.claimed().actor, code(actor));
        self.signed.lock().unwrap().insert(place, command.clone());
        command
    }

    fn command(&self, node: &Node, one: Move) -> Option<Command> {
        let (actor, by, body) = self.world.act(&node.fold, one)?;
        let act = node.state().act(code(actor), &key(by).key().id(), body).unwrap();
        Some(self.sign(actor, by, &act))
    }

    fn follow(&self, node: &Node, command: &Command) -> Result<Node, Refusal> {
        let events = node.fold.decide(command)?;
        let (mut fold, mut judge) = (Fold::clone(&node.fold), Judge::clone(&node.judge));
        fold.log(command, &events);
        let mut log = node.log.clone();
        log.push(Arc::new(command.entry().to_vec()));
        let heard = judge.step(Logged::read(command.entry())).and_then(|()| judge.agrees_with(fold.state()));
        let mut broken = heard.err().map(|what| (ORACLE, what));
        broken = broken.or_else(|| invariants(node.state(), fold.state()).map(|name| (name, String::new())));
        if !matches!(fold.decide(command), Err(Refusal::CounterNotRising { .. })) {
            broken = broken.or(Some((REPLAYED_ACT, String::new())));
        }
        // A replay of a longer log passes through the shorter one.
        if log.len().is_multiple_of(3) && !replays(&log, &fold) {
            broken = broken.or(Some((REPLAY, String::new())));
        }
        let view = Arc::new(View::of(fold.state()));
        Ok(Node { fold: Arc::new(fold), judge: Arc::new(judge), log, view, broken })
    }
}

const OBJECTION: &str = "no release while an objection stands";
const ORIGINATORS: &str = "no release without every originator";
const NEEDS: &str = "nothing is handed over before what it needs";
const REPLAYED_ACT: &str = "a replayed act changes nothing";
const OUTCOME: &str = "one outcome a round, and it stays, whatever clocks do";
const REPLAY: &str = "the replayed state is the live state";
const ORACLE: &str = "an act counts for its own draft, round and roster, and its key is in force";

/// Whether the log folds to the same state again. Signatures were verified when the entry was made.
fn replays(log: &[Arc<Vec<u8>>], fold: &Fold) -> bool {
    let mut replay = Replay::default();
    let folded = log.iter().all(|entry| replay.fold(Command::read(entry).unwrap()).is_ok());
    folded && *replay.folded() == *fold
}

/// The first invariant that a step from one state to the next breaks.
fn invariants(before: &State, after: &State) -> Option<&'static str> {
    let settled = |state: &State| -> BTreeMap<Digest, Option<(Outcome, crate::Stamp)>> {
        let releases = state.releases().iter().map(|(proposal, release)| (*proposal, release.round()));
        let reforms = state.reforms().iter().map(|(proposal, reform)| (*proposal, reform.round()));
        releases.chain(reforms).map(|(proposal, round)| (proposal, round.settled())).collect()
    };
    let now = settled(after);
    let kept = |(proposal, outcome): (&Digest, &Option<_>)| outcome.is_none() || now[proposal] == *outcome;
    if !settled(before).iter().all(kept) {
        return Some(OUTCOME);
    }
    for release in after.releases().values() {
        let released = matches!(
            release,
            Release::Agreed(_) | Release::Sealed(_) | Release::Superseded(_) | Release::Withdrawn(_)
        );
        let round = release.round();
        let mut said = round.decisions().values().flat_map(BTreeMap::values);
        if released && said.any(|recorded| recorded.decision.breaks_silence()) {
            return Some(OBJECTION);
        }
        let mut originators = release.protected().draft().originators.keys();
        if released && !originators.all(|member| has_consented(round, member)) {
            return Some(ORIGINATORS);
        }
        if let Some(needs) = needed_in_vain(before, after, release) {
            println!("{needs} was needed");
            return Some(NEEDS);
        }
    }
    None
}

/// A part that a delivery of this very step should have found with its receiver.
fn needed_in_vain(before: &State, after: &State, release: &Release) -> Option<ledger::act::PartId> {
    let wave = release.protected().draft().wave.as_ref()?;
    let packages = release.packaged()?.packages().values();
    let mut fresh =
        packages.flat_map(|package| package.deliveries()).filter_map(|(receiver, found)| match found {
            crate::Delivery::Delivered(delivered) if delivered.stamp().entry == before.next_entry() => {
                Some(receiver)
            }
            _ => None,
        });
    let missing = |receiver: &ledger::act::Code| {
        let mut needs = wave.parts.values().flat_map(|part| &part.needs);
        needs.find(|needs| !after.holds(receiver, needs)).cloned()
    };
    fresh.find_map(missing)
}

fn has_consented(round: &Round, member: &ledger::act::Code) -> bool {
    let terms = round.terms();
    let quorum = terms.members.get(member).copied().unwrap_or(usize::MAX);
    if terms.standing.contains_key(member) {
        return true;
    }
    let words: Vec<_> = round
        .decisions()
        .get(member)
        .into_iter()
        .flat_map(BTreeMap::values)
        .map(|word| &word.decision)
        .collect();
    match terms.parts.get(member) {
        // Of a wave, to each part of its own.
        Some(own) => {
            own.iter().all(|part| words.iter().filter(|word| word.consents_to(part)).count() >= quorum)
        }
        None => words.iter().filter(|word| word.is_consent()).count() >= quorum,
    }
}

impl Model for Walk {
    type State = Node;
    type Action = Move;

    fn init_states(&self) -> Vec<Node> {
        vec![self.start.clone()]
    }

    fn actions(&self, node: &Node, actions: &mut Vec<Move>) {
        if node.broken.is_none() {
            actions.extend(&self.moves);
        }
    }

    fn next_state(&self, node: &Node, one: Move) -> Option<Node> {
        let command = self.command(node, one)?;
        match self.follow(node, &command) {
            Ok(next) => Some(next),
            Err(refusal) => {
                *self.refused.lock().unwrap().entry(refusal.rule()).or_default() += 1;
                None
            }
        }
    }

    fn properties(&self) -> Vec<Property<Self>> {
        fn holds(node: &Node, name: &str) -> bool {
            node.broken.as_ref().is_none_or(|(broken, _)| *broken != name)
        }
        let mut properties = vec![
            Property::always(OBJECTION, |_, node: &Node| holds(node, OBJECTION)),
            Property::always(ORIGINATORS, |_, node: &Node| holds(node, ORIGINATORS)),
            Property::always(NEEDS, |_, node: &Node| holds(node, NEEDS)),
            Property::always(REPLAYED_ACT, |_, node: &Node| holds(node, REPLAYED_ACT)),
            Property::always(OUTCOME, |_, node: &Node| holds(node, OUTCOME)),
            Property::always(REPLAY, |_, node: &Node| holds(node, REPLAY)),
            Property::always(ORACLE, |_, node: &Node| holds(node, ORACLE)),
        ];
        properties.extend(self.world.reached());
        properties
    }
}

/// Walks a world to its end and says how large it was.
#[track_caller]
fn walk(world: Stage, rules: &[&str]) {
    let checker = Walk::new(world).checker().threads(2).spawn_dfs().join();
    let refused = checker.model().refused.lock().unwrap().clone();
    println!(
        "{world:?}: {} states visited, {} steps taken, depth {}; refused {refused:?}",
        checker.unique_state_count(),
        checker.state_count(),
        checker.max_depth(),
    );
    checker.assert_properties();
    for rule in rules {
        assert!(refused.contains_key(rule), "{rule} was never broken");
    }
}

#[test]
fn one_round_and_everything_that_can_be_said_in_it() {
    let rules = [
        "round",
        "roster-epoch",
        "deadline",
        "one-outcome",
        "decide-once",
        "retract-own",
        "time-runs-forward",
        "key-revoked",
        "key-expired",
        "only-agreed-is-sealed",
        "deadline-later",
        "withdraw-standing",
    ];
    walk(Stage::Round, &rules);
}

#[test]
fn keys_change_while_a_release_circulates() {
    let rules = [
        "actor-key",
        "key-revoked",
        "endorse-once",
        "one-outcome",
        "roster-epoch",
        "revoke-once",
        "deadline",
        "agreed-once",
        "only-agreed-is-sealed",
    ];
    walk(Stage::Keys, &rules);
}

#[test]
fn standards_are_handed_over_part_by_part() {
    let rules = [
        "registry-current",
        "needs-first",
        "part-in-wave",
        "consent-own",
        "decide-once",
        "one-outcome",
        "originators",
        "only-agreed-is-sealed",
        "in-force",
    ];
    walk(Stage::Waves, &rules);
}

#[test]
fn two_releases_to_their_end() {
    let rules = [
        "history-whole",
        "witnessed-before-seal",
        "agreed-audience",
        "deliver-once",
        "acknowledge-once",
        "acknowledge-delivered",
        "in-force",
        "supersedes-sealed",
        "entrust-once",
        "known-grant",
        "access-as-judged",
    ];
    walk(Stage::Releases, &rules);
}
