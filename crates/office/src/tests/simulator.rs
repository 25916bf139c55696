//! 32 delegations, an office with a bad clock, thieves and a bad network between them, from one seed.
//!
//! Messages are delayed, overtaken, doubled and lost; some are signed with the wrong key, for the wrong round or roster, or changed
//! under way. Keys are stolen and used by thieves until they are revoked; they expire, are rotated, and whole delegations recover.
//! After every message that is logged, the log is judged by the oracle and its outcomes are compared with those before; after every
//! one that is not, nothing has changed. At the end the log is replayed in both ways.
//!
//! The seed of a run is printed. To repeat one, name it: `TEARLINE_SIMULATOR_SEED=7 cargo nextest run -p office simulator`.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    Digest,
    act::{
        self, AccessDecision, AccessRefusal, Act, ActBody, Ballot, Change, Counter, Scope, Subject,
        Succession,
    },
};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{
    oracle::{Judge, Logged},
    world::{
        MEMBER_SCOPES, OFFICE_SCOPES, RECEIVER_SCOPES, Tally, World, acknowledge, answer, approve_of,
        ballot_of, code, cosigned, delegate, deliver, deposit, digest, entrust, far, key, minute, new_keys,
        object_of, policy, reason, reasoned_of, roster, tick, title,
    },
};
use crate::{
    Command, EntryIndex, Fact, Fold, Outcome, Refusal, Release, Replay, Round, State, access::may_open,
    replay,
};

mod change;
mod standards;

const DELEGATIONS: usize = 32;
const COMPANIES: [&str; 3] = ["ACME", "BOLT", "CORE"];
/// One step is one hour of the network; the log's clock runs in minutes.
const STEPS: u32 = 900;
const SEEDS: std::ops::Range<u64> = 1..17;
/// The oracle looks at every entry, and at the whole state after so many.
const WHOLE_EVERY: usize = 64;

/// Acts that some run must have logged.
const ACTS: &[&str] = &[
    "seal",
    "acknowledge",
    "revoke",
    "endorse",
    "entrust",
    "reclaim",
    "witness",
    "extend",
    "withdraw",
    "key_access",
    "consent",
    "register",
];
/// Rules that some run must have met.
const RULES: &[&str] = &[
    "counter-rises",
    "actor-key",
    "deadline",
    "round",
    "roster-epoch",
    "time-runs-forward",
    "one-outcome",
    "key-revoked",
    "key-expired",
    "round-members",
    "endorse-named",
    "witness-quorum",
    "witnessed-before-seal",
    "history-whole",
    "only-agreed-is-sealed",
    "originators-whole",
    "access-as-judged",
    "registry-current",
    "needs-first",
    "objected-part",
    "consent-own",
    "part-in-wave",
    "registry-next",
];

/// A message on its way.
struct Message {
    arrives: u32,
    entry: Vec<u8>,
}

/// Everything outside the log.
struct Simulator {
    random: ChaCha8Rng,
    fold: Fold,
    judge: Judge,
    log: Vec<Vec<u8>>,
    delegations: Vec<String>,
    /// What each key's holder believes its last counter to be; it does not know what was lost.
    counters: BTreeMap<String, u64>,
    /// The keys by which each party signs now, as far as it knows.
    keys: BTreeMap<String, Vec<String>>,
    /// Keys that thieves hold, with their party.
    stolen: BTreeSet<(String, String)>,
    network: Vec<Message>,
    clock: u32,
    tally: Tally,
    drafts: u32,
    /// Makes names of new keys.
    generation: u32,
    settled: BTreeMap<Digest, (Outcome, EntryIndex)>,
    /// An office that circulates much and waits little, or one that lets everybody speak.
    hasty: bool,
    /// Parts that receivers held at some time, over all times that were looked at.
    held: usize,
}

impl Simulator {
    fn new(seed: u64) -> Self {
        let random = ChaCha8Rng::seed_from_u64(seed);
        let delegations: Vec<String> = (0..DELEGATIONS).map(|number| format!("D{number:02}")).collect();
        let names: Vec<&str> = delegations.iter().map(String::as_str).collect();
        let mut wire = roster(&names, &COMPANIES);
        wire.witnesses = policy(&["W1", "W2", "W3"], 2);
        let mut keys = BTreeMap::from([(act::OFFICE.to_owned(), vec![act::OFFICE.to_owned()])]);
        for (number, name) in delegations.iter().enumerate() {
            // Every fourth delegation speaks with two keys of three, and some keys expire on the way.
            let own: Vec<String> = if number % 4 == 0 {
                vec![name.clone(), format!("{name}.2"), format!("{name}.3")]
            } else {
                vec![name.clone()]
            };
            let expires = |place: usize| if number % 8 == 0 && place == 2 { minute(900) } else { far() };
            let delegates = own.iter().enumerate();
            let delegates = delegates.map(|(place, one)| delegate(one, &MEMBER_SCOPES, expires(place)));
            wire.members[number].delegation = act::Delegation {
                quorum: act::Quorum::new(if own.len() > 1 { 2 } else { 1 }).unwrap(),
                delegates: delegates.collect(),
            };
            keys.insert(name.clone(), own);
        }
        keys.extend(COMPANIES.map(|name| (name.to_owned(), vec![name.to_owned()])));
        let world = World::with(wire);
        let counters = BTreeMap::from([(act::OFFICE.to_owned(), 2)]);
        Self {
            random,
            fold: world.fold,
            judge: world.judge,
            log: world.log,
            delegations,
            counters,
            keys,
            stolen: BTreeSet::new(),
            network: Vec::new(),
            clock: 0,
            tally: Tally::default(),
            drafts: 0,
            generation: 0,
            settled: BTreeMap::new(),
            hasty: seed % 2 == 1,
            held: 0,
        }
    }

    fn state(&self) -> &State {
        self.fold.state()
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

    /// One of the keys by which a party signs.
    fn key_of(&mut self, party: &str) -> String {
        let keys = self.keys[party].clone();
        let place = self.pick(keys.len());
        keys[place].clone()
    }

    /// Signs with the next counter of a key, now and then with the wrong key.
    fn sign(&mut self, actor: &str, by: &str, body: ActBody) -> Vec<u8> {
        let signer = if self.chance(2) { "BOLT".to_owned() } else { by.to_owned() };
        let counter = self.counters.entry(signer.clone()).or_default();
        *counter += 1;
        let act = Act::new(code(actor), Counter::new(*counter).unwrap(), body);
        act.sign(&key(&signer)).unwrap().to_bytes()
    }

    /// Puts an act on the network: delayed, perhaps lost, doubled or changed.
    fn send(&mut self, now: u32, actor: &str, by: &str, body: ActBody) {
        let mut entry = self.sign(actor, by, body);
        if self.chance(2) {
            let at = self.pick(entry.len());
            entry[at] ^= 1 << self.random.random_range(0..8);
        }
        if self.chance(8) {
            return;
        }
        let copies = if self.chance(10) { 2 } else { 1 };
        for _ in 0..copies {
            let delay = if self.chance(3) { 120 } else { 6 };
            let arrives = now + self.random.random_range(1..delay);
            self.network.push(Message { arrives, entry: entry.clone() });
        }
    }

    fn send_of(&mut self, now: u32, actor: &str, body: ActBody) {
        let by = self.key_of(actor);
        self.send(now, actor, &by, body);
    }

    /// The office's clock mostly runs, sometimes jumps, sometimes runs back.
    fn tick(&mut self, now: u32) {
        let at = match self.pick(20) {
            0 => self.clock.saturating_sub(30),
            1 => self.clock + 40,
            _ => self.clock + 3,
        };
        self.clock = self.clock.max(at);
        self.send_of(now, act::OFFICE, tick(at));
    }

    fn propose(&mut self, now: u32) {
        // An earlier draft again, or a new one.
        let number = if self.drafts > 0 && self.chance(40) {
            1 + self.random.random_range(0..self.drafts)
        } else {
            self.drafts += 1;
            self.drafts
        };
        let name = format!("draft {number}");
        let mut draft = self.release(&name);
        draft.release = digest(&format!("release {}", self.random.next_u64()));
        if self.chance(60) {
            let depositors: BTreeSet<_> = self.state().depositors().clone();
            let kept = |member: &act::Code| depositors.contains(member) || member.as_str() < "D04";
            draft.originators.retain(|member, _| kept(member));
        }
        if self.chance(30) {
            draft.audience.retain(|receiver| receiver.as_str() == "ACME");
        }
        if self.chance(3) {
            draft.originators.pop_first();
        }
        if self.chance(3) {
            draft.history = draft.history.with(&digest("never sealed"));
        }
        if self.chance(10) {
            let sealed = self.state().releases().iter();
            let sealed = sealed.filter(|(_, release)| matches!(release, Release::Sealed(_)));
            draft.supersedes = sealed.map(|(proposal, _)| *proposal).next();
        }
        let propose = self.circulate(&name, Subject::Release(draft));
        self.send_of(now, act::OFFICE, ActBody::Propose(propose));
        self.standards(now);
    }

    /// A release of everybody's figures to everybody.
    fn release(&self, name: &str) -> act::ReleaseDraft {
        let roster = self.state().roster().unwrap();
        act::ReleaseDraft {
            content: act::Content::Figures,
            release: digest(name),
            certificate: digest("certificate"),
            history: self.state().history(),
            label: super::world::label(label::Classification::NatoRestricted),
            audience: roster.receivers().keys().cloned().collect(),
            originators: roster.members().map(|(member, _)| (member.clone(), digest("exposure"))).collect(),
            supersedes: None,
            wave: None,
        }
    }

    fn circulate(&mut self, name: &str, subject: Subject) -> act::Propose {
        let minutes = if self.hasty { 10..30 } else { 40..120 };
        act::Propose {
            title: title(name),
            subject,
            amends: self.state().rounds(&title(name)).last().copied(),
            round: self.state().next_round(&title(name)),
            roster_epoch: self.state().roster().unwrap().epoch(),
            deadline_utc: minute(self.clock + self.random.random_range(minutes)),
        }
    }

    /// A delegation answers, by each of its keys, what that key has not answered yet; now and then it says something else.
    fn speak(&mut self, now: u32) {
        let member = self.delegation();
        for by in self.keys[&member].clone() {
            let signer = ledger::act_key::Signer::key(&key(&by)).id();
            let unheard = |round: &&Round| {
                let said = round.decisions().get(&code(&member));
                said.is_none_or(|said| !said.contains_key(&signer))
            };
            let rounds = self.state().open_rounds().filter(unheard);
            let proposals: Vec<Digest> = rounds.map(|round| round.terms().proposal).collect();
            for proposal in proposals {
                let body = self.answer(&member, proposal);
                self.send(now, &member, &by, body);
            }
        }
        if self.chance(3) {
            // Something stale, or about anything at all.
            let proposals: Vec<Digest> = self.state().releases().keys().copied().collect();
            if !proposals.is_empty() {
                let proposal = proposals[self.pick(proposals.len())];
                let body = approve_of(self.state(), proposal);
                self.send_of(now, &member, body);
            }
        }
    }

    /// Mostly an approval, sometimes for another round or another roster.
    fn answer(&mut self, member: &str, proposal: Digest) -> ActBody {
        let ballot = ballot_of(self.state(), proposal);
        if let Some(body) = self.answer_in_part(member, proposal) {
            return body;
        }
        match self.random.random_range(0..400) {
            0 => object_of(self.state(), proposal),
            1 => ActBody::Amend(reasoned_of(self.state(), proposal, "less of it")),
            2..6 => ActBody::Approve(Ballot { round: ballot.round.next().unwrap(), ..ballot }),
            6..10 => ActBody::Approve(Ballot { roster_epoch: ballot.roster_epoch.next().unwrap(), ..ballot }),
            10..30 => ActBody::Reserve(reasoned_of(self.state(), proposal, "no precedent")),
            30..40 => ActBody::Waive(ballot),
            40..44 => ActBody::Retract(ballot),
            _ => ActBody::Approve(ballot),
        }
    }

    /// The office tries to seal anything, agreed or not, and to deliver to anybody.
    fn finish(&mut self, now: u32) {
        let proposals: Vec<Digest> = self.state().releases().keys().copied().collect();
        if proposals.is_empty() {
            return;
        }
        let agreed = proposals.iter().find(|proposal| self.state().agreed(proposal).is_some()).copied();
        if agreed.is_some() {
            let tree = self.fold.tree().clone();
            let witnesses: &[&str] = if self.chance(70) { &["W1", "W3"] } else { &["W2"] };
            self.send_of(now, act::OFFICE, cosigned(&tree, tree.size(), witnesses));
        }
        let any = proposals[self.pick(proposals.len())];
        let proposal = if self.chance(70) { agreed.unwrap_or(any) } else { any };
        let package = digest(&format!("package {}", self.random.random_range(0..60)));
        self.send_of(now, act::OFFICE, ActBody::Seal(act::Seal { proposal, package }));
        if self.chance(10) {
            let reason = reason("an error in it");
            self.send_of(now, act::OFFICE, ActBody::Withdraw(act::Withdraw { proposal: any, reason }));
        }
        let company = COMPANIES[self.pick(3)];
        let packages: Vec<Digest> = self.state().releases().values().flat_map(packages_of).collect();
        if !packages.is_empty() {
            let package = packages[self.pick(packages.len())];
            self.send_of(now, act::OFFICE, deliver(package, company));
            self.send_of(now, company, acknowledge(package));
        }
        self.ask_for_key(now, any, company);
    }

    /// A company asks for a key; the service judges by the log as it is now, and sometimes says something else.
    fn ask_for_key(&mut self, now: u32, proposal: Digest, company: &str) {
        let Some(at) = self.state().now() else { return };
        let judged = match may_open(self.state(), &proposal, &code(company), at) {
            Ok(_) => AccessDecision::Granted,
            Err(reason) => AccessDecision::Refused(reason),
        };
        let reasons = AccessRefusal::ALL;
        let decision = match self.pick(8) {
            0 => AccessDecision::Granted,
            1 => AccessDecision::Refused(reasons[self.pick(reasons.len())]),
            _ => judged,
        };
        self.send_of(now, act::OFFICE, answer(proposal, company, decision));
    }

    /// Hands over everything that is due, in any order.
    fn arrive(&mut self, now: u32) {
        let (mut due, later) =
            self.network.drain(..).partition::<Vec<_>, _>(|message| message.arrives <= now);
        self.network = later;
        while !due.is_empty() {
            let message = due.swap_remove(self.pick(due.len()));
            self.offer(&message.entry);
        }
    }

    fn offer(&mut self, entry: &[u8]) {
        let before = self.state().next_entry();
        match self.fold.admit(entry) {
            Ok(events) => {
                self.log.push(entry.to_vec());
                self.judge.step(Logged::read(entry)).unwrap();
                let whole = self.log.len().is_multiple_of(WHOLE_EVERY);
                if whole {
                    self.judge.check(self.fold.state());
                }
                if whole || events.iter().any(|event| matches!(event.fact, Fact::Settled { .. })) {
                    self.check_outcomes();
                }
                // Again, at once: it must not count twice.
                let again = self.fold.admit(entry).unwrap_err();
                let refused = matches!(
                    again,
                    Refusal::CounterNotRising { .. }
                        | Refusal::RevokedKey { .. }
                        | Refusal::UnknownKey { .. }
                );
                assert!(refused, "{again}");
            }
            Err(refusal) => {
                assert_eq!(self.state().next_entry(), before, "a refused act was logged");
                self.tally.count(refusal.rule());
            }
        }
    }

    /// An outcome stays what it was, with the entry that brought it.
    fn check_outcomes(&mut self) {
        for (proposal, outcome) in outcomes(self.fold.state()) {
            let first = *self.settled.entry(proposal).or_insert(outcome);
            assert_eq!(first, outcome, "an outcome changed");
        }
        assert_eq!(self.settled.len(), outcomes(self.fold.state()).len(), "an outcome was forgotten");
    }

    fn run(&mut self) {
        for now in 0..STEPS {
            if self.chance(40) {
                self.tick(now);
            }
            if now % if self.hasty { 2 } else { 20 } == 1 {
                self.propose(now);
            }
            if now < 60 && self.chance(30) {
                let member = self.delegation();
                let body = deposit(&format!("{member} {now}"));
                self.send_of(now, &member, body);
            }
            if self.state().open_rounds().next().is_some() {
                for _ in 0..if self.hasty { 1 } else { 4 } {
                    self.speak(now);
                }
            }
            if self.chance(10) {
                self.finish(now);
            }
            self.change(now);
            self.arrive(now);
        }
        self.check_outcomes();
        self.judge.check(self.fold.state());
        self.check_past();
        assert_eq!(replay(&self.log).unwrap(), self.fold);
        let mut halves = Replay::default();
        let entries = self.log.iter();
        let pending: Vec<_> =
            entries.map(|entry| halves.fold(Command::read(entry).unwrap()).unwrap()).collect();
        let held: Vec<_> = pending.iter().rev().map(|pending| pending.judge().unwrap()).collect();
        assert_eq!(halves.confirm(held).unwrap(), self.fold);
    }
}

fn outcomes(state: &State) -> BTreeMap<Digest, (Outcome, EntryIndex)> {
    let releases = state.releases().iter().map(|(proposal, release)| (*proposal, release.round()));
    let reforms = state.reforms().iter().map(|(proposal, reform)| (*proposal, reform.round()));
    let settled = |(proposal, round): (Digest, &Round)| {
        round.settled().map(|(outcome, stamp)| (proposal, (outcome, stamp.entry)))
    };
    releases.chain(reforms).filter_map(settled).collect()
}

fn packages_of(release: &Release) -> Vec<Digest> {
    release.packaged().map(|sealed| sealed.packages().keys().copied().collect()).unwrap_or_default()
}

/// The seeds of this run: all of them, or the one that was asked for.
fn seeds() -> Vec<u64> {
    // Read by this test alone, to repeat one run; nothing that is shipped looks at the environment.
    match std::env::var_os("TEARLINE_SIMULATOR_SEED") {
        Some(seed) => vec![seed.to_str().unwrap().parse().unwrap()],
        None => SEEDS.collect(),
    }
}

#[test]
fn thirty_two_delegations_on_a_bad_network_keep_every_promise() {
    let mut totals: BTreeMap<Outcome, usize> = BTreeMap::new();
    let (mut tally, mut rounds, mut acts) = (Tally::default(), 0, BTreeMap::<&str, usize>::new());
    let (seeds, mut held) = (seeds(), 0);
    for seed in &seeds {
        println!("seed {seed}");
        let mut simulator = Simulator::new(*seed);
        simulator.run();
        for (outcome, _) in simulator.settled.values() {
            *totals.entry(*outcome).or_default() += 1;
        }
        held += simulator.held;
        rounds += simulator.state().releases().len() + simulator.state().reforms().len();
        for entry in &simulator.log {
            *acts.entry(kind(&Logged::read(entry).act.body)).or_default() += 1;
        }
        println!("  {} entries, refused {:?}", simulator.log.len(), simulator.tally.0);
        for (rule, times) in simulator.tally.0 {
            *tally.0.entry(rule).or_default() += times;
        }
    }
    println!(
        "{held} parts held at past times; {rounds} rounds, outcomes {totals:?}, acts {acts:?}, refused {:?}",
        tally.0
    );
    if seeds.len() == 1 {
        return;
    }
    assert!(held > 0, "nobody ever held a standard");
    // A simulator that reaches nothing shows nothing.
    assert_eq!(totals.len(), 5, "every outcome was reached");
    for act in ACTS {
        assert!(acts.contains_key(act), "nobody could {act}");
    }
    for rule in RULES {
        assert!(tally.0.contains_key(rule), "{rule} was never broken");
    }
}

fn kind(body: &ActBody) -> &'static str {
    match body {
        ActBody::Found(_) => "found",
        ActBody::Tick(_) => "tick",
        ActBody::Deposit(_) => "deposit",
        ActBody::Propose(_) => "propose",
        ActBody::Extend(_) => "extend",
        ActBody::Approve(_) => "approve",
        ActBody::Object(_) => "object",
        ActBody::Amend(_) => "amend",
        ActBody::Reserve(_) => "reserve",
        ActBody::Waive(_) => "waive",
        ActBody::Retract(_) => "retract",
        ActBody::Endorse(_) => "endorse",
        ActBody::Entrust(_) => "entrust",
        ActBody::Reclaim(_) => "reclaim",
        ActBody::Revoke(_) => "revoke",
        ActBody::Withdraw(_) => "withdraw",
        ActBody::Witness(_) => "witness",
        ActBody::Seal(_) => "seal",
        ActBody::Deliver(_) => "deliver",
        ActBody::Acknowledge(_) => "acknowledge",
        ActBody::KeyAccess(_) => "key_access",
        ActBody::Consent(_) => "consent",
        ActBody::Register(_) => "register",
    }
}

#[test]
fn on_a_good_network_thirty_two_delegations_agree() {
    let names: Vec<String> = (0..DELEGATIONS).map(|number| format!("D{number:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut world = World::founded(&names, &COMPANIES);
    let proposal = world.agree("demand");
    assert_eq!(world.state().agreed(&proposal).unwrap().evidence().consents.len(), DELEGATIONS);
}
