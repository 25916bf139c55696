//! What follows from an entry, or why it may not be logged. The same function serves the office that logs and the reader that
//! replays; there is no second set of rules.
//!
//! Order of the checks: place in the log, actor, key, signature, role, expiry, scope, counter, time, then the rules of the act.
//! Nothing that an envelope says is acted on before its signature held, except to find the key to hold it against.

use ledger::{
    act::{Act, ActBody, Code, Reasoned, Scope, Tick, UtcTime},
    act_key::ActKey,
    key::KeyId,
    merkle::Tree,
};

use crate::{
    agreement::{Decision, Objection},
    event::{EntryIndex, Event, Fact, Stamp},
    refusal::Refusal,
    roster::{Role, Roster},
    state::State,
};

mod agreement;
mod command;
mod governance;
mod release;
mod wave;

pub use command::Command;
pub use release::PACKAGES_MAX;
pub(crate) use release::level_of;

/// What `decide` cannot know from the state: the place at which the caller will log the entry, and the tree over the entries before
/// it. Time is no part of it; it is in the log.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Index that the entry will have.
    pub entry: EntryIndex,
    /// The tree over all entries before it: a checkpoint that witnesses cosigned is held against it.
    pub tree: &'a Tree,
}

/// The events that follow if the entry is logged, its own fact first.
///
/// # Errors
/// The [`Refusal`] that names the first rule it breaks; then nothing follows and it must not be logged.
///
/// # Guarantee
/// Proof note: `decide.proof.md`.
pub fn decide(state: &State, command: &Command, context: &Context<'_>) -> Result<Vec<Event>, Refusal> {
    if context.entry != state.next_entry() || context.tree.size() != context.entry.0 {
        return Err(Refusal::NotNext { expected: state.next_entry(), found: context.entry });
    }
    let claimed = command.claimed();
    let facts = match (state.roster(), &claimed.body) {
        (None, ActBody::Found(found)) => {
            let roster = Roster::read(&found.roster)?;
            check_actor(state, &roster, command)?;
            vec![Fact::Founded { roster: Box::new(roster) }]
        }
        (None, _) => return Err(Refusal::NotFounded),
        (Some(roster), _) => {
            check_actor(state, roster, command)?;
            let rules =
                Rules { state, roster, tree: context.tree, actor: &claimed.actor, key: command.signer() };
            rules.facts(command)?
        }
    };
    let Act { schema, ref actor, counter, ref body } = *claimed;
    let at = if let ActBody::Tick(Tick { at_utc }) = body { Some(*at_utc) } else { state.now() };
    let stamp = Stamp { entry: context.entry, at };
    let event = |fact| Event { schema, stamp, actor: actor.clone(), key: command.signer(), counter, fact };
    Ok(facts.into_iter().map(event).collect())
}

/// The key that an act must be signed with: one of the actor's, or one that an open proposal would give it.
///
/// # Errors
/// [`Refusal::UnknownActor`], [`Refusal::UnknownKey`].
pub fn key_of<'a>(state: &'a State, roster: &'a Roster, command: &Command) -> Result<&'a ActKey, Refusal> {
    let Act { actor, body, .. } = command.claimed();
    let key = command.signer();
    if let ActBody::Endorse(ballot) = body
        && let Some(round) = state.round(&ballot.proposal)
    {
        let mut named = round.terms().endorsements.iter().filter(|needed| needed.party == *actor);
        if let Some(found) = named.find_map(|needed| needed.keys.get(&key)) {
            return Ok(found);
        }
    }
    let (_, delegation) =
        roster.party(actor).ok_or_else(|| Refusal::UnknownActor { actor: actor.clone() })?;
    let delegate = delegation.delegates().get(&key);
    delegate.map(|delegate| &delegate.key).ok_or_else(|| Refusal::UnknownKey { actor: actor.clone(), key })
}

/// Known, signed, in its role, in time, allowed, not a replay.
fn check_actor(state: &State, roster: &Roster, command: &Command) -> Result<(), Refusal> {
    let Act { actor, counter, body, .. } = command.claimed();
    command.check_signature(key_of(state, roster, command)?)?;
    let key = command.signer();
    if roster.revoked().contains(&key) {
        return Err(Refusal::RevokedKey { actor: actor.clone(), key });
    }
    if let Some((found, delegation)) = roster.party(actor) {
        let (role, scopes) = mandate(body, found);
        if role.is_some_and(|role| role != found) {
            return Err(Refusal::WrongRole { actor: actor.clone(), role: found });
        }
        if let Some(delegate) = delegation.delegates().get(&key) {
            if state.now().is_some_and(|now| now >= delegate.expires_utc) {
                return Err(Refusal::ExpiredKey { actor: actor.clone(), key, expired: delegate.expires_utc });
            }
            if let Some(scope) = scopes.filter(|scope| !delegate.scopes.contains(scope)) {
                return Err(Refusal::WrongScope { actor: actor.clone(), scope });
            }
        }
    }
    match state.last_counter(&key) {
        Some(last) if *counter <= last => {
            Err(Refusal::CounterNotRising { actor: actor.clone(), last, found: *counter })
        }
        Some(_) | None => Ok(()),
    }
}

/// Whose act this is, and what its key must be allowed to sign. What a ballot takes depends on its proposal and is judged there.
fn mandate(body: &ActBody, role: Role) -> (Option<Role>, Option<Scope>) {
    match body {
        // An office that lost its keys cannot say so, and a thief of them would not.
        ActBody::Propose(propose) if role == Role::Member && agreement::recovers_office(propose) => {
            (Some(Role::Member), Some(Scope::Govern))
        }
        ActBody::Found(_) => (Some(Role::Office), None),
        ActBody::Tick(_) => (Some(Role::Office), Some(Scope::Clock)),
        ActBody::Propose(_) | ActBody::Extend(_) | ActBody::Withdraw(_) | ActBody::Register(_) => {
            (Some(Role::Office), Some(Scope::Propose))
        }
        ActBody::Seal(_) | ActBody::Deliver(_) | ActBody::Witness(_) => {
            (Some(Role::Office), Some(Scope::Seal))
        }
        ActBody::KeyAccess(_) => (Some(Role::Office), Some(Scope::Access)),
        ActBody::Deposit(_) => (Some(Role::Member), Some(Scope::Deposit)),
        ActBody::Entrust(_) | ActBody::Reclaim(_) => (Some(Role::Member), Some(Scope::Agree)),
        ActBody::Approve(_)
        | ActBody::Object(_)
        | ActBody::Amend(_)
        | ActBody::Reserve(_)
        | ActBody::Consent(_)
        | ActBody::Waive(_)
        | ActBody::Retract(_) => (Some(Role::Member), None),
        ActBody::Acknowledge(_) => (Some(Role::Receiver), Some(Scope::Receive)),
        ActBody::Endorse(_) | ActBody::Revoke(_) => (None, None),
    }
}

/// The rules of single acts, once the actor is known to be who it says.
struct Rules<'a> {
    state: &'a State,
    roster: &'a Roster,
    tree: &'a Tree,
    actor: &'a Code,
    key: KeyId,
}

impl Rules<'_> {
    fn facts(&self, command: &Command) -> Result<Vec<Fact>, Refusal> {
        match &command.claimed().body {
            ActBody::Found(_) => Err(Refusal::AlreadyFounded),
            ActBody::Tick(tick) => self.tick(tick),
            ActBody::Deposit(deposit) => self.deposit(deposit),
            ActBody::Propose(propose) => self.propose(propose, command.digest()),
            ActBody::Extend(extend) => self.extend(extend),
            ActBody::Approve(ballot) => self.say(ballot, Decision::Approve),
            ActBody::Waive(ballot) => self.say(ballot, Decision::Waive),
            ActBody::Object(said) => self.say(&said.ballot(), Decision::Object(objection(said))),
            ActBody::Amend(said) => self.say(&said.ballot(), Decision::Amend(objection(said))),
            ActBody::Reserve(said) if !said.parts.is_empty() => Err(Refusal::ReservedInPart),
            ActBody::Reserve(said) => self.say(&said.ballot(), Decision::Reserve(said.reason.clone())),
            ActBody::Consent(said) => self.say(&said.ballot(), Decision::Consent(said.parts.clone())),
            ActBody::Retract(ballot) => self.retract(ballot),
            ActBody::Endorse(ballot) => self.endorse(ballot),
            ActBody::Entrust(entrust) => self.entrust(entrust),
            ActBody::Reclaim(reclaim) => self.reclaim(reclaim),
            ActBody::Revoke(revoke) => self.revoke(revoke),
            ActBody::Withdraw(withdraw) => self.withdraw(withdraw),
            ActBody::Witness(witness) => self.witness(witness),
            ActBody::Seal(seal) => self.seal(seal),
            ActBody::Deliver(deliver) => self.deliver(deliver),
            ActBody::Acknowledge(acknowledge) => self.acknowledge(acknowledge),
            ActBody::KeyAccess(access) => self.key_access(access),
            ActBody::Register(register) => self.register(register),
        }
    }

    /// The log's time; figures and drafts that were never dated could not be put in order with a deadline.
    fn now(&self) -> Result<UtcTime, Refusal> {
        self.state.now().ok_or(Refusal::NoTime)
    }

    fn tick(&self, tick: &Tick) -> Result<Vec<Fact>, Refusal> {
        let found = tick.at_utc;
        if let Some(last) = self.state.now().filter(|last| found < *last) {
            return Err(Refusal::TimeRunsBack { last, found });
        }
        let due = self.state.due(found);
        let outcomes = due.filter_map(|round| Some((round.terms().proposal, round.outcome_at(found)?)));
        let mut facts = vec![Fact::Ticked { at: found }];
        facts.extend(self.settle(outcomes.collect()));
        Ok(facts)
    }
}

fn objection(said: &Reasoned) -> Objection {
    Objection { reason: said.reason.clone(), parts: said.parts.clone() }
}
