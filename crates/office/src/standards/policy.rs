//! The policy of a hand-over: what an office decided about markings, effort, value, originators, consent and receivers.
//!
//! A policy decides nothing about a part: it is what `eligibility` and `plan` judge by. It comes from a file ([`Policy::read`]) or is put
//! together from values: an office that has a log takes [`Conditions::of_roster`], records consents in [`Consents`] and fills
//! [`Policy::held`] from what was delivered.
//!
//! # The file
//! TOML, schema `tearline-standards-policy/1`. Everything but the receivers may be left out; `docs/example/standards/policy.toml` shows all of it.
//!
//! | key | says | if left out |
//! | --- | --- | --- |
//! | `schema` | the schema | this one |
//! | `at` | the day, or the second in UTC, at which is judged | the command says |
//! | `markings.unmarked` | level of a part without a marking | `unclassified` |
//! | `markings.parts."id"` | level of a part; the higher of this and its own marking counts | its own |
//! | `review.<level>` | effort of reviewing one part, 1 to 1,000 | 1 |
//! | `value.base` | points of any part | 1 |
//! | `value.mandatory`, `conditional`, `recommended`, `optional`, `candidate`, `fading` | points for each profile that requires the part; of several requirements of one profile the highest counts | 4, 2, 2, 1, 2, 0 |
//! | `value.stale` | points where a receiver holds an edition that the part supersedes, once | 8 |
//! | `planning.statuses` | which may go: `accepted`, `draft`, `withdrawn` | `accepted` |
//! | `planning.covers` | a cover and what it covers go `together`, or the cover goes `first` (not later) | `together` |
//! | `planning.missing_needs` | a part whose normative need a receiver may not have: `block` or `flag` | `block` |
//! | `planning.incomplete_covers` | a cover, or what it covers, where a receiver may not have all of it: `flag` or `block` | `flag` |
//! | `planning.superseded` | parts that an accepted one supersedes: `leave` or `send` | `leave` |
//! | `[[receiver]]` `code`, `state`, `clearance` | a body that receives | at least one |
//! | `[[agreement]]` `party`, `highest`, `from`, `until` | content up to a level, for a state or a receiver, from a day until before a day | none |
//! | `[[group]]` `code`, `members` | states that belong together; named only so that nobody takes it for a receiver | none |
//! | `[[originator]]` `code` and a selection or `default = true` | whose consent parts take that name nobody themselves | nobody's |
//! | `[[consent]]` `originator`, a selection, `decision`, `receivers` | `agreed`, `objected` or `pending`; of several lines that fit the last counts | pending |
//! | `[[caveat]]` a selection, `releasable_to` | states or receivers that alone may have it; all caveats on a part hold | no caveat |
//! | `[[held]]` `receiver`, `standards` | what a receiver holds already | nothing |
//!
//! A *selection* is one or more of `standards` (ids), `series`, `custodian` and `publisher` (lists of texts, without regard to the case of ASCII letters);
//! a part that any of them names is selected.

use std::collections::{BTreeMap, BTreeSet};

use ledger::act::{Code, Content, Level, PartId, UtcTime};

use super::record::{Lifecycle, Obligation, Record, Status};
use crate::roster::Roster;

mod error;
mod read;
#[cfg(test)]
mod tests;

pub use error::{Place, PolicyError};
pub use read::moment;

/// The schema of a policy file.
pub const POLICY_SCHEMA: &str = "tearline-standards-policy/1";

/// What an office decided.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    /// The time at which is judged, where the file says one.
    pub at: Option<UtcTime>,
    /// Levels of parts.
    pub markings: Markings,
    /// Effort of reviewing.
    pub review: Review,
    /// What a part is worth.
    pub value: Value,
    /// How waves are planned.
    pub planning: Planning,
    /// Receivers, their clearances and the agreements with them.
    pub conditions: Conditions,
    /// Whose consent parts take that name nobody themselves.
    pub originators: Vec<OriginatorRule>,
    /// What originators said.
    pub consents: Consents,
    /// Caveats beside those that parts carry themselves.
    pub caveats: Vec<Caveat>,
    /// What each receiver holds.
    pub held: BTreeMap<Code, BTreeSet<PartId>>,
}

impl Policy {
    /// The level of a part: the higher of its own marking and that of the policy; the policy's word for unmarked parts where there is neither.
    #[must_use]
    pub fn level(&self, record: &Record) -> Level {
        let set = self.markings.parts.get(&record.id).copied();
        record.marking.max(set).unwrap_or(self.markings.unmarked)
    }

    /// Members whose consent a part takes: those that it names; else those that a selection of the policy names; else the policy's default.
    #[must_use]
    pub fn originators(&self, record: &Record) -> BTreeSet<Code> {
        if !record.originators.is_empty() {
            return record.originators.clone();
        }
        let of = |fits: &dyn Fn(&OriginatorRule) -> bool| -> BTreeSet<Code> {
            self.originators.iter().filter(|rule| fits(rule)).map(|rule| rule.originator.clone()).collect()
        };
        let named = of(&|rule| rule.of.as_ref().is_some_and(|of| of.selects(record)));
        if named.is_empty() { of(&|rule| rule.of.is_none()) } else { named }
    }

    /// Whether a receiver holds a part.
    #[must_use]
    pub fn holds(&self, receiver: &Code, part: &PartId) -> bool {
        self.held.get(receiver).is_some_and(|held| held.contains(part))
    }
}

/// Levels of parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Markings {
    /// Of a part without a marking.
    pub unmarked: Level,
    /// Of single parts; a marking of their own that is higher counts instead.
    pub parts: BTreeMap<PartId, Level>,
}

impl Default for Markings {
    fn default() -> Self {
        Self { unmarked: Level::Unclassified, parts: BTreeMap::new() }
    }
}

/// Effort of reviewing one part, by its level.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Review(BTreeMap<Level, u64>);

impl Review {
    /// Largest effort of one part.
    pub const EFFORT_MAX: u64 = 1_000;

    /// The effort of one part of this level; 1 where nothing was set.
    #[must_use]
    pub fn effort(&self, level: Level) -> u64 {
        self.0.get(&level).copied().unwrap_or(1)
    }

    /// Sets it; brought into the range of 1 to [`Self::EFFORT_MAX`].
    pub fn set(&mut self, level: Level, effort: u64) {
        self.0.insert(level, effort.clamp(1, Self::EFFORT_MAX));
    }
}

/// What a part is worth, in points: a base, points for each profile that requires it, and points where it replaces what a receiver holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value {
    /// Of any part.
    pub base: u64,
    /// For a profile that requires it.
    pub mandatory: u64,
    /// For one that requires it under a condition.
    pub conditional: u64,
    /// For one that advises it.
    pub recommended: u64,
    /// For one that leaves it open.
    pub optional: u64,
    /// For one that is about to require it.
    pub candidate: u64,
    /// For one that will stop to require it.
    pub fading: u64,
    /// Where a receiver holds an edition that it supersedes, directly or through others; once, however many do.
    pub stale: u64,
}

impl Value {
    /// Most points of one kind.
    pub const POINTS_MAX: u64 = 1_000;

    /// Points for one requirement of a profile. One that says nothing counts as optional.
    #[must_use]
    pub fn of_use(&self, obligation: Option<Obligation>, lifecycle: Option<Lifecycle>) -> u64 {
        match (lifecycle, obligation) {
            (_, Some(Obligation::Fading)) => self.fading,
            (Some(Lifecycle::Candidate), _) | (_, Some(Obligation::Candidate)) => self.candidate,
            (_, Some(Obligation::Mandatory)) => self.mandatory,
            (_, Some(Obligation::Conditional)) => self.conditional,
            (_, Some(Obligation::Recommended)) => self.recommended,
            (_, Some(Obligation::Optional) | None) => self.optional,
        }
    }
}

impl Default for Value {
    fn default() -> Self {
        Self {
            base: 1,
            mandatory: 4,
            conditional: 2,
            recommended: 2,
            optional: 1,
            candidate: 2,
            fading: 0,
            stale: 8,
        }
    }
}

/// How waves are planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planning {
    /// Which statuses may go.
    pub statuses: BTreeSet<Status>,
    /// How a cover travels with what it covers.
    pub covers: Covers,
    /// A part whose normative need a receiver may not have.
    pub missing_needs: Missing,
    /// A cover, or what it covers, where a receiver may not have all of it.
    pub incomplete_covers: Missing,
    /// Parts that an accepted one supersedes.
    pub superseded: Superseded,
}

impl Default for Planning {
    fn default() -> Self {
        Self {
            statuses: BTreeSet::from([Status::Accepted]),
            covers: Covers::Together,
            missing_needs: Missing::Block,
            incomplete_covers: Missing::Flag,
            superseded: Superseded::Leave,
        }
    }
}

/// How a cover document travels with what it covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Covers {
    /// All in one wave.
    Together,
    /// The cover no later than what it covers.
    First,
}

/// What becomes of a part when a receiver may not have what belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The receiver does not get the part either.
    Block,
    /// It gets the part, with a flag that says what is missing.
    Flag,
}

/// What becomes of parts in whose place others stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Superseded {
    /// They stay.
    Leave,
    /// They go like others.
    Send,
}

/// Which parts a line of the policy is about: all that any of its lists names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    /// By id.
    pub standards: BTreeSet<PartId>,
    /// By series, lower case.
    pub series: BTreeSet<String>,
    /// By custodian, lower case.
    pub custodian: BTreeSet<String>,
    /// By publisher, lower case.
    pub publisher: BTreeSet<String>,
}

impl Selection {
    /// Whether it selects the part.
    #[must_use]
    pub fn selects(&self, record: &Record) -> bool {
        let named =
            |set: &BTreeSet<String>, text: &str| !set.is_empty() && set.contains(&text.to_ascii_lowercase());
        self.standards.contains(&record.id)
            || named(&self.series, &record.series)
            || named(&self.custodian, &record.custodian)
            || named(&self.publisher, &record.publisher)
    }
}

/// Whose consent parts take that name nobody themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginatorRule {
    /// The member.
    pub originator: Code,
    /// Of which parts; none for all that no other rule selects.
    pub of: Option<Selection>,
}

/// States or receivers that alone may have certain parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caveat {
    /// Which parts.
    pub of: Selection,
    /// Who may have them.
    pub releasable_to: BTreeSet<Code>,
}

/// What an originator says of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Consent {
    /// It may go.
    Agreed,
    /// It may not.
    Objected,
    /// Not said yet.
    Pending,
}

/// One line of the policy about consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentRule {
    /// Who says it.
    pub originator: Code,
    /// Of which parts.
    pub of: Selection,
    /// What.
    pub decision: Consent,
    /// About which receivers; none for all.
    pub receivers: Option<BTreeSet<Code>>,
}

/// What originators said: lines of the policy, of which the last that fits counts, and before them single decisions on record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Consents {
    rules: Vec<ConsentRule>,
    recorded: BTreeMap<(PartId, Code), Consent>,
}

impl Consents {
    /// Adds a line; it counts before those already there.
    pub fn rule(&mut self, rule: ConsentRule) {
        self.rules.push(rule);
    }

    /// Records what an originator said of one part, for every receiver; it counts before all lines.
    pub fn record(&mut self, part: PartId, originator: Code, decision: Consent) {
        self.recorded.insert((part, originator), decision);
    }

    /// What an originator says of a part for a receiver; pending where it said nothing.
    #[must_use]
    pub fn of(&self, record: &Record, originator: &Code, receiver: &Code) -> Consent {
        if !self.recorded.is_empty()
            && let Some(decision) = self.recorded.get(&(record.id.clone(), originator.clone()))
        {
            return *decision;
        }
        let fits = |rule: &&ConsentRule| {
            rule.originator == *originator
                && rule.receivers.as_ref().is_none_or(|receivers| receivers.contains(receiver))
                && rule.of.selects(record)
        };
        self.rules.iter().rev().find(fits).map_or(Consent::Pending, |rule| rule.decision)
    }
}

/// A body that receives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// The state under whose law and agreements it receives.
    pub state: Code,
    /// The highest level that it is cleared for.
    pub clearance: Level,
}

/// An agreement under which a state, or one receiver, may have standards up to a level, for a time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Agreement {
    /// A state, which stands for all receivers under it, or one receiver. Never a group.
    pub party: Code,
    /// The highest level.
    pub highest: Level,
    /// From this time on.
    pub from_utc: UtcTime,
    /// Until before this time.
    pub until_utc: UtcTime,
}

/// Receivers, their clearances, and the agreements with them and their states.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Conditions {
    /// Bodies that receive, by code.
    pub receivers: BTreeMap<Code, Body>,
    /// Agreements.
    pub agreements: Vec<Agreement>,
    /// Groups of states; none of them ever receives.
    pub groups: BTreeMap<Code, BTreeSet<Code>>,
}

impl Conditions {
    /// The conditions of a roster: its receivers, groups, and those lines of its eligibility table that are about standards.
    #[must_use]
    pub fn of_roster(roster: &Roster) -> Self {
        let body = |receiver: &ledger::act::Receiver| Body {
            state: receiver.state.clone(),
            clearance: receiver.clearance,
        };
        let wire = roster.wire();
        let lines = wire.eligibility.iter().filter(|line| line.contents.contains(&Content::Standards));
        Self {
            receivers: roster.receivers().iter().map(|(code, it)| (code.clone(), body(it))).collect(),
            agreements: lines
                .map(|line| Agreement {
                    party: line.party.clone(),
                    highest: line.highest,
                    from_utc: line.from_utc,
                    until_utc: line.until_utc,
                })
                .collect(),
            groups: wire
                .groups
                .iter()
                .map(|group| {
                    (group.code.clone(), group.memberships.iter().map(|it| it.state.clone()).collect())
                })
                .collect(),
        }
    }

    /// Whether a code is a state that is known here: a receiver is under it, a group has it, or an agreement names it that names no receiver.
    #[must_use]
    pub fn is_state(&self, code: &Code) -> bool {
        !self.groups.contains_key(code)
            && !self.receivers.contains_key(code)
            && (self.receivers.values().any(|body| body.state == *code)
                || self.agreements.iter().any(|agreement| agreement.party == *code)
                || self.groups.values().any(|members| members.contains(code)))
    }
}
