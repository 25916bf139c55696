//! A small alliance with its keys and its log.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    Digest,
    act::{self, Act, ActBody, Code, Counter, Epoch, LabelXml, Name, Propose, Reason, Title, UtcTime},
    key::SigningKey,
};

use super::oracle::Logged;
use crate::{Event, Refusal, State, admit};

pub(crate) fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

pub(crate) fn title(text: &str) -> Title {
    Title::new(text).unwrap()
}

pub(crate) fn reason(text: &str) -> Reason {
    Reason::new(text).unwrap()
}

pub(crate) fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

/// Some minutes after the first of March.
pub(crate) fn minute(minutes: u32) -> UtcTime {
    let (day, hour, minute) = (1 + minutes / 1440, minutes / 60 % 24, minutes % 60);
    UtcTime::new(&format!("2026-03-{day:02}T{hour:02}:{minute:02}:00Z")).unwrap()
}

/// A key that depends on the actor's name alone.
pub(crate) fn key(name: &str) -> SigningKey {
    SigningKey::from_seed(digest(name).as_bytes())
}

/// A roster of these members and companies.
pub(crate) fn roster(members: &[&str], companies: &[&str]) -> act::Roster {
    let member = |name: &&str| act::Member { code: code(name), key: key(name).verifying_key() };
    let company = |name: &&str| act::Company {
        code: code(name),
        name: Name::new(&format!("{name} Ltd")).unwrap(),
        key: key(name).verifying_key(),
        open: digest(&format!("{name} open card")),
    };
    act::Roster {
        epoch: Epoch::FIRST,
        office: act::Office {
            key: key(act::OFFICE).verifying_key(),
            seal: digest("office seal card"),
            open: digest("office open card"),
        },
        members: members.iter().map(member).collect(),
        companies: companies.iter().map(company).collect(),
    }
}

pub(crate) fn tick(minutes: u32) -> ActBody {
    ActBody::Tick(act::Tick { at_utc: minute(minutes) })
}

pub(crate) fn deposit(text: &str) -> ActBody {
    let (commitment, blob) = (digest(&format!("{text} commitment")), digest(&format!("{text} box")));
    ActBody::Deposit(act::Deposit { commitment, blob, rows: 3 })
}

pub(crate) fn deliver(package: Digest, to: &str) -> ActBody {
    ActBody::Deliver(act::Deliver { package, to: code(to) })
}

pub(crate) fn acknowledge(package: Digest) -> ActBody {
    ActBody::Acknowledge(act::Acknowledge { package })
}

/// A log and what it says.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) state: State,
    pub(crate) log: Vec<Vec<u8>>,
    pub(crate) acts: Vec<Logged>,
    pub(crate) events: Vec<Event>,
}

impl World {
    /// An empty log.
    pub(crate) fn empty() -> Self {
        Self { state: State::default(), log: Vec::new(), acts: Vec::new(), events: Vec::new() }
    }

    /// A log founded with this roster at minute 0.
    pub(crate) fn founded(members: &[&str], companies: &[&str]) -> Self {
        let mut world = Self::empty();
        let found = ActBody::Found(act::Found { roster: roster(members, companies) });
        world.office(found).unwrap();
        world.office(tick(0)).unwrap();
        world
    }

    /// Two members, `AA` and `BB`, and two companies, `ACME` and `BOLT`.
    pub(crate) fn small() -> Self {
        Self::founded(&["AA", "BB"], &["ACME", "BOLT"])
    }

    /// The entry by which `actor` would do this next.
    pub(crate) fn signed(&self, actor: &str, body: ActBody) -> Vec<u8> {
        self.state.act(code(actor), body).unwrap().sign(&key(actor)).unwrap().to_bytes()
    }

    /// The entry with another counter.
    pub(crate) fn signed_at(&self, actor: &str, counter: u64, body: ActBody) -> Vec<u8> {
        let act = Act::new(code(actor), Counter::new(counter).unwrap(), body);
        act.sign(&key(actor)).unwrap().to_bytes()
    }

    /// Logs an entry, or leaves everything as it was.
    pub(crate) fn admit(&mut self, entry: &[u8]) -> Result<Vec<Event>, Refusal> {
        let before = self.state.clone();
        match admit(&mut self.state, entry) {
            Ok(events) => {
                self.log.push(entry.to_vec());
                self.acts.push(Logged::read(entry));
                self.events.extend(events.iter().cloned());
                Ok(events)
            }
            Err(refusal) => {
                assert_eq!(self.state, before, "a refused act changed the state");
                Err(refusal)
            }
        }
    }

    pub(crate) fn acts(&mut self, actor: &str, body: ActBody) -> Result<Vec<Event>, Refusal> {
        let entry = self.signed(actor, body);
        self.admit(&entry)
    }

    pub(crate) fn office(&mut self, body: ActBody) -> Result<Vec<Event>, Refusal> {
        self.acts(act::OFFICE, body)
    }

    /// A proposal that keeps every rule: all members originate, both companies receive, deadline at minute 100.
    pub(crate) fn draft(&self, name: &str) -> Propose {
        let roster = self.state.roster().unwrap();
        Propose {
            title: title(name),
            release: digest(&format!("{name} release")),
            certificate: digest(&format!("{name} certificate")),
            history: self.state.history().to_vec(),
            label: LabelXml::new("<label/>").unwrap(),
            audience: roster.companies().keys().cloned().collect(),
            originators: roster.members().keys().cloned().collect(),
            round: self.state.next_round(&title(name)),
            roster_epoch: roster.epoch(),
            deadline_utc: minute(100),
        }
    }

    /// Circulates a draft; answers with the proposal's digest.
    pub(crate) fn propose(&mut self, propose: Propose) -> Result<Digest, Refusal> {
        let entry = self.signed(act::OFFICE, ActBody::Propose(propose));
        self.admit(&entry)?;
        Ok(Digest::of(&entry))
    }

    pub(crate) fn approve(&mut self, member: &str, proposal: Digest) -> Result<Vec<Event>, Refusal> {
        let body = approve_of(&self.state, proposal);
        self.acts(member, body)
    }

    pub(crate) fn object(&mut self, member: &str, proposal: Digest) -> Result<Vec<Event>, Refusal> {
        let body = object_of(&self.state, proposal);
        self.acts(member, body)
    }

    pub(crate) fn seal(&mut self, proposal: Digest, package: Digest) -> Result<Vec<Event>, Refusal> {
        self.office(ActBody::Seal(act::Seal { proposal, package }))
    }

    /// A draft that every member has approved.
    pub(crate) fn agree(&mut self, name: &str) -> Digest {
        let proposal = self.propose(self.draft(name)).unwrap();
        let members: Vec<Code> = self.state.roster().unwrap().members().keys().cloned().collect();
        for member in members {
            self.approve(member.as_str(), proposal).unwrap();
        }
        proposal
    }
}

/// The approval of a proposal; of one that is not in the log, for round 1.
pub(crate) fn approve_of(state: &State, proposal: Digest) -> ActBody {
    let (round, roster_epoch) = terms_of(state, proposal);
    ActBody::Approve(act::Approve { proposal, round, roster_epoch })
}

pub(crate) fn object_of(state: &State, proposal: Digest) -> ActBody {
    let (round, roster_epoch) = terms_of(state, proposal);
    ActBody::Object(act::Object { proposal, round, roster_epoch, reason: reason("too revealing") })
}

fn terms_of(state: &State, proposal: Digest) -> (act::RoundNumber, Epoch) {
    let terms = state.release(&proposal).map(|release| release.round().terms());
    terms.map_or((act::RoundNumber::FIRST, Epoch::FIRST), |terms| (terms.number, terms.epoch))
}

pub(crate) fn codes(names: &[&str]) -> BTreeSet<Code> {
    names.iter().map(|name| code(name)).collect()
}

/// How often each kind of refusal was met.
#[derive(Default)]
pub(crate) struct Tally(pub(crate) BTreeMap<&'static str, usize>);

impl Tally {
    pub(crate) fn count(&mut self, rule: &'static str) {
        *self.0.entry(rule).or_default() += 1;
    }
}
