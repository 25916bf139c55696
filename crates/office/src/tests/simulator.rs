//! 32 delegations, an office with a bad clock and a bad network between them, from one seed.
//!
//! Messages are delayed, overtaken, doubled and lost; some are signed with the wrong key, for the wrong round or roster, or changed
//! under way. After every message that is logged, the whole log is judged from the definition, and after every one that is not,
//! nothing has changed. To repeat a run, put its seed into `SEEDS`.

use std::collections::BTreeMap;

use ledger::{
    Digest,
    act::{self, Act, ActBody, Code, Counter, Epoch},
    key::SigningKey,
};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{
    oracle,
    world::{
        Tally, World, acknowledge, approve_of, code, codes, deliver, deposit, digest, key, object_of, tick,
        title,
    },
};
use crate::{Outcome, Refusal, Release, replay};

const DELEGATIONS: usize = 32;
const STEPS: u32 = 500;
const SEEDS: std::ops::Range<u64> = 1..13;

/// A message on its way.
struct Message {
    arrives: u32,
    entry: Vec<u8>,
}

/// Everything outside the log.
struct Simulator {
    random: ChaCha8Rng,
    world: World,
    delegations: Vec<String>,
    keys: BTreeMap<String, SigningKey>,
    /// What each actor believes its last counter to be; it does not know what was lost.
    counters: BTreeMap<String, u64>,
    network: Vec<Message>,
    clock: u32,
    tally: Tally,
    drafts: u32,
    /// How often one in a hundred a delegation objects when it speaks.
    objections: u32,
}

impl Simulator {
    fn new(seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let delegations: Vec<String> = (0..DELEGATIONS).map(|number| format!("D{number:02}")).collect();
        let names: Vec<&str> = delegations.iter().map(String::as_str).collect();
        let world = World::founded(&names, &["ACME", "BOLT", "CORE"]);
        let actors = names.iter().copied().chain(["ACME", "BOLT", "CORE", act::OFFICE]);
        let keys = actors.map(|name| (name.to_owned(), key(name))).collect();
        let counters = BTreeMap::from([(act::OFFICE.to_owned(), 2)]);
        let objections = random.random_range(0..3);
        let (network, tally, clock, drafts) = (Vec::new(), Tally::default(), 0, 0);
        Self { random, world, delegations, keys, counters, network, clock, tally, drafts, objections }
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.random.random_range(0..100) < percent
    }

    fn pick(&mut self, from: usize) -> usize {
        self.random.random_range(0..from)
    }

    fn delegation(&mut self) -> String {
        let number = self.pick(DELEGATIONS);
        self.delegations[number].clone()
    }

    /// Signs with the actor's next counter, now and then with the wrong key.
    fn sign(&mut self, actor: &str, body: ActBody) -> Vec<u8> {
        let counter = self.counters.entry(actor.to_owned()).or_default();
        *counter += 1;
        let act = Act::new(code(actor), Counter::new(*counter).unwrap(), body);
        let signer = if self.chance(2) { "BOLT" } else { actor };
        act.sign(&self.keys[signer]).unwrap().to_bytes()
    }

    /// Puts an act on the network: delayed, perhaps lost, doubled or changed.
    fn send(&mut self, now: u32, actor: &str, body: ActBody) {
        let mut entry = self.sign(actor, body);
        if self.chance(2) {
            let at = self.pick(entry.len());
            entry[at] ^= 1 << self.random.random_range(0..8);
        }
        if self.chance(10) {
            return;
        }
        let copies = if self.chance(10) { 2 } else { 1 };
        for _ in 0..copies {
            let delay = if self.chance(5) { 200 } else { 12 };
            let arrives = now + self.random.random_range(1..delay);
            self.network.push(Message { arrives, entry: entry.clone() });
        }
    }

    /// The office's clock mostly runs, sometimes jumps, sometimes runs back.
    fn tick(&mut self, now: u32) {
        let at = match self.pick(20) {
            0 => self.clock.saturating_sub(30),
            1 => self.clock + 40,
            _ => self.clock + 3,
        };
        self.clock = self.clock.max(at);
        self.send(now, act::OFFICE, tick(at));
    }

    fn propose(&mut self, now: u32) {
        // An earlier draft again, or a new one.
        let number = if self.drafts > 0 && self.chance(50) {
            1 + self.random.random_range(0..self.drafts)
        } else {
            self.drafts += 1;
            self.drafts
        };
        let mut draft = self.world.draft(&format!("draft {number}"));
        draft.release = digest(&format!("release {}", self.random.next_u64()));
        draft.deadline_utc = super::world::minute(self.clock + self.random.random_range(40..150));
        if self.chance(50) {
            let depositors = self.world.state.deposits().values().map(|deposit| deposit.member.clone());
            draft.originators = depositors.chain([code("D00"), code("D01")]).collect();
        }
        if self.chance(30) {
            draft.audience = codes(&["ACME"]);
        }
        if self.chance(3) {
            draft.originators.pop_first();
        }
        if self.chance(3) {
            draft.history.push(digest("never sealed"));
        }
        self.send(now, act::OFFICE, ActBody::Propose(draft));
    }

    fn proposals(&self) -> Vec<Digest> {
        self.world.state.releases().keys().copied().collect()
    }

    /// A delegation answers what it has not answered yet; now and then it says something else.
    fn speak(&mut self, now: u32) {
        let member = self.delegation();
        let heard = |release: &Release| {
            matches!(release, Release::Proposed(_))
                && !release.round().decisions().contains_key(&code(&member))
        };
        let state = &self.world.state;
        let unanswered: Vec<Digest> = state
            .releases()
            .iter()
            .filter(|(_, release)| heard(release))
            .map(|(digest, _)| *digest)
            .collect();
        for proposal in unanswered {
            let body = if self.chance(self.objections) {
                object_of(&self.world.state, proposal)
            } else {
                self.approval(proposal)
            };
            self.send(now, &member, body);
        }
        if self.chance(3) {
            // Something stale, or about anything at all.
            let proposals = self.proposals();
            if !proposals.is_empty() {
                let proposal = proposals[self.pick(proposals.len())];
                self.send(now, &member, approve_of(&self.world.state, proposal));
            }
        }
    }

    /// An approval, sometimes for another round or another roster.
    fn approval(&mut self, proposal: Digest) -> ActBody {
        match (approve_of(&self.world.state, proposal), self.pick(60)) {
            (ActBody::Approve(approve), 0) => {
                ActBody::Approve(act::Approve { round: approve.round.next().unwrap(), ..approve })
            }
            (ActBody::Approve(approve), 1) => {
                ActBody::Approve(act::Approve { roster_epoch: Epoch::new(2).unwrap(), ..approve })
            }
            (body, _) => body,
        }
    }

    /// The office tries to seal anything, agreed or not, and to deliver to anybody.
    fn release(&mut self, now: u32) {
        let proposals = self.proposals();
        if proposals.is_empty() {
            return;
        }
        let agreed = proposals.iter().find(|proposal| self.world.state.agreed(proposal).is_some()).copied();
        let any = proposals[self.pick(proposals.len())];
        let proposal = if self.chance(70) { agreed.unwrap_or(any) } else { any };
        let package = digest(&format!("package {}", self.random.random_range(0..40)));
        self.send(now, act::OFFICE, ActBody::Seal(act::Seal { proposal, package }));
        let company = ["ACME", "BOLT", "CORE"][self.pick(3)];
        let packages: Vec<Digest> = self.world.state.releases().values().flat_map(packages_of).collect();
        if !packages.is_empty() {
            let package = packages[self.pick(packages.len())];
            self.send(now, act::OFFICE, deliver(package, company));
            self.send(now, company, acknowledge(package));
        }
    }

    /// Hands over everything that is due, in any order.
    fn arrive(&mut self, now: u32) {
        let (mut due, later) =
            self.network.drain(..).partition::<Vec<_>, _>(|message| message.arrives <= now);
        self.network = later;
        while !due.is_empty() {
            let message = due.swap_remove(self.pick(due.len()));
            let outcomes = self.outcomes();
            match self.world.admit(&message.entry) {
                Ok(_) => {
                    oracle::check(&self.world.acts, &self.world.state);
                    for (proposal, outcome) in outcomes {
                        assert_eq!(self.outcomes().get(&proposal), Some(&outcome), "an outcome changed");
                    }
                    // Again, at once: it must not count twice.
                    let again = self.world.admit(&message.entry).unwrap_err();
                    assert!(matches!(again, Refusal::CounterNotRising { .. }), "{again}");
                }
                Err(refusal) => self.tally.count(refusal.rule()),
            }
        }
    }

    fn outcomes(&self) -> BTreeMap<Digest, Outcome> {
        let settled = |(proposal, release): (&Digest, &Release)| {
            release.round().settled().map(|(outcome, _)| (*proposal, outcome))
        };
        self.world.state.releases().iter().filter_map(settled).collect()
    }

    fn run(&mut self) {
        for now in 0..STEPS {
            if self.chance(30) {
                self.tick(now);
            }
            if now % 60 == 5 {
                self.propose(now);
            }
            if now < 20 && self.chance(40) {
                let member = self.delegation();
                let body = deposit(&format!("{member} {now}"));
                self.send(now, &member, body);
            }
            for _ in 0..3 {
                self.speak(now);
            }
            if self.chance(5) {
                self.release(now);
            }
            self.arrive(now);
        }
        assert_eq!(replay(&self.world.log).unwrap(), self.world.state);
        let sealed =
            self.world.acts.iter().filter(|logged| matches!(logged.act.body, ActBody::Seal(_))).count();
        assert_eq!(self.world.state.releases().values().flat_map(packages_of).count(), sealed);
    }
}

fn packages_of(release: &Release) -> Vec<Digest> {
    match release {
        Release::Sealed(sealed) => sealed.packages().keys().copied().collect(),
        Release::Proposed(_) | Release::Refused(_) | Release::Agreed(_) => Vec::new(),
    }
}

#[test]
fn thirty_two_delegations_on_a_bad_network_keep_every_promise() {
    let mut outcomes: BTreeMap<Outcome, usize> = BTreeMap::new();
    let (mut seals, mut receipts, mut tally) = (0, 0, Tally::default());
    for seed in SEEDS {
        println!("seed {seed}");
        let mut simulator = Simulator::new(seed);
        simulator.run();
        for outcome in simulator.outcomes().into_values() {
            *outcomes.entry(outcome).or_default() += 1;
        }
        for logged in &simulator.world.acts {
            seals += usize::from(matches!(logged.act.body, ActBody::Seal(_)));
            receipts += usize::from(matches!(logged.act.body, ActBody::Acknowledge(_)));
        }
        println!("  {} entries, refused {:?}", simulator.world.log.len(), simulator.tally.0);
        for (rule, times) in simulator.tally.0 {
            *tally.0.entry(rule).or_default() += times;
        }
    }
    println!("outcomes {outcomes:?}, {seals} seals, {receipts} receipts, refused {:?}", tally.0);
    // A simulator that reaches nothing shows nothing.
    assert_eq!(outcomes.len(), 3, "every outcome was reached");
    assert!(seals > 0 && receipts > 0);
    for rule in [
        "counter-rises",
        "actor-key",
        "deadline",
        "round",
        "roster-epoch",
        "time-runs-forward",
        "one-outcome",
    ] {
        assert!(tally.0.contains_key(rule), "{rule} was never broken");
    }
}

#[test]
fn on_a_good_network_thirty_two_delegations_agree() {
    let mut simulator = Simulator::new(0);
    let proposal = simulator.world.agree("demand");
    assert_eq!(simulator.world.state.agreed(&proposal).unwrap().evidence().approvals.len(), DELEGATIONS);
    assert_eq!(simulator.world.state.next_round(&title("demand")), act::RoundNumber::new(2).unwrap());
    let members: Vec<Code> = simulator.delegations.drain(..).map(|name| code(&name)).collect();
    assert!(members.iter().eq(simulator.world.state.roster().unwrap().members().keys()));
}
