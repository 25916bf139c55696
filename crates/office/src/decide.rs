//! What follows from an entry, or why it may not be logged. The same function serves the office that logs and the reader that
//! replays; there is no second set of rules.
//!
//! Order of the checks: place in the log, actor, signature, role, counter, time, then the rules of the act. Nothing that an
//! envelope says is acted on before its signature held, except to find the key to hold it against.

use ledger::{
    Digest,
    act::{Acknowledge, Act, ActBody, Approve, Deliver, Deposit, Object, Propose, Seal, Tick},
    act::{Code, Epoch, RoundNumber, UtcTime},
    dsse::Envelope,
    key::VerifyingKey,
};

use crate::{
    agreement::{Decision, Terms},
    event::{EntryIndex, Event, Fact, Stamp},
    refusal::Refusal,
    release::{Delivery, Draft, Release, Sealed},
    roster::{Role, Roster},
    state::State,
};

/// The most packages of one release: ten times the receivers that one office serves (DESIGN, "Scale"), so that only a runaway
/// program meets it.
pub const PACKAGES_MAX: usize = 100_000;

/// An entry that somebody wants logged: an envelope of one act, its signature not yet judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    envelope: Envelope,
    claimed: Act,
}

impl Command {
    /// Reads an entry.
    ///
    /// # Errors
    /// [`Refusal::Envelope`], [`Refusal::Act`].
    pub fn read(entry: &[u8]) -> Result<Self, Refusal> {
        Self::of(Envelope::from_bytes(entry)?)
    }

    /// Takes an envelope that was just signed.
    ///
    /// # Errors
    /// [`Refusal::Act`].
    pub fn of(envelope: Envelope) -> Result<Self, Refusal> {
        let claimed = Act::claimed(&envelope).map_err(Refusal::Act)?;
        Ok(Self { envelope, claimed })
    }

    /// What the envelope says, whoever signed it.
    #[must_use]
    pub fn claimed(&self) -> &Act {
        &self.claimed
    }

    /// The bytes to be logged.
    #[must_use]
    pub fn entry(&self) -> Vec<u8> {
        self.envelope.to_bytes()
    }

    /// The digest by which other acts name this one.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.envelope.digest()
    }

    fn verify(&self, key: &VerifyingKey) -> Result<(), Refusal> {
        let wrong_key = |source| Refusal::WrongKey { actor: self.claimed.actor.clone(), source };
        self.envelope.verify(key).map(|_| ()).map_err(wrong_key)
    }
}

/// What `decide` cannot know from the state: the place at which the caller will log the entry. Time is no part of it; it is in
/// the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// Index that the entry will have.
    pub entry: EntryIndex,
}

/// The events that follow if the entry is logged, its own fact first.
///
/// # Errors
/// The [`Refusal`] that names the first rule it breaks; then nothing follows and it must not be logged.
///
/// # Guarantee
/// Proof note: `decide.proof.md`.
pub fn decide(state: &State, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
    if context.entry != state.next_entry() {
        return Err(Refusal::NotNext { expected: state.next_entry(), found: context.entry });
    }
    let proposal = command.digest();
    let facts = match (state.roster(), &command.claimed.body) {
        (None, ActBody::Found(found)) => {
            let roster = Roster::read(&found.roster)?;
            check_actor(state, &roster, &command)?;
            vec![Fact::Founded { roster }]
        }
        (None, _) => return Err(Refusal::NotFounded),
        (Some(roster), body) => {
            check_actor(state, roster, &command)?;
            let rules = Rules { state, roster, actor: &command.claimed.actor };
            rules.facts(body, proposal)?
        }
    };
    let Act { schema, actor, counter, body } = command.claimed;
    let at = if let ActBody::Tick(Tick { at_utc }) = body { Some(at_utc) } else { state.now() };
    let stamp = Stamp { entry: context.entry, at };
    let event = |fact| Event { schema, stamp, actor: actor.clone(), counter, fact };
    Ok(facts.into_iter().map(event).collect())
}

/// Known, signed, in its role, not a replay.
fn check_actor(state: &State, roster: &Roster, command: &Command) -> Result<(), Refusal> {
    let Act { actor, counter, body, .. } = &command.claimed;
    let (role, key) = roster.actor(actor).ok_or_else(|| Refusal::UnknownActor { actor: actor.clone() })?;
    command.verify(key)?;
    if role != role_of(body) {
        return Err(Refusal::WrongRole { actor: actor.clone(), role });
    }
    match state.last_counter(actor) {
        Some(last) if *counter <= last => {
            Err(Refusal::CounterNotRising { actor: actor.clone(), last, found: *counter })
        }
        Some(_) | None => Ok(()),
    }
}

/// Whose act this is.
fn role_of(body: &ActBody) -> Role {
    match body {
        ActBody::Found(_)
        | ActBody::Tick(_)
        | ActBody::Propose(_)
        | ActBody::Seal(_)
        | ActBody::Deliver(_) => Role::Office,
        ActBody::Deposit(_) | ActBody::Approve(_) | ActBody::Object(_) => Role::Member,
        ActBody::Acknowledge(_) => Role::Company,
    }
}

/// The rules of single acts, once the actor is known to be who it says.
struct Rules<'a> {
    state: &'a State,
    roster: &'a Roster,
    actor: &'a Code,
}

impl Rules<'_> {
    fn facts(&self, body: &ActBody, digest: Digest) -> Result<Vec<Fact>, Refusal> {
        match body {
            ActBody::Found(_) => Err(Refusal::AlreadyFounded),
            ActBody::Tick(tick) => self.tick(tick),
            ActBody::Deposit(deposit) => self.deposit(deposit),
            ActBody::Propose(propose) => self.propose(propose, digest),
            ActBody::Approve(Approve { proposal, round, roster_epoch }) => {
                self.say(*proposal, *round, *roster_epoch, &Decision::Approve)
            }
            ActBody::Object(Object { proposal, round, roster_epoch, reason }) => {
                self.say(*proposal, *round, *roster_epoch, &Decision::Object(reason.clone()))
            }
            ActBody::Seal(seal) => self.seal(seal),
            ActBody::Deliver(deliver) => self.deliver(deliver),
            ActBody::Acknowledge(acknowledge) => self.acknowledge(acknowledge),
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
        let mut facts = vec![Fact::Ticked { at: found }];
        for round in self.state.due(found) {
            if let Some(outcome) = round.outcome_at(found) {
                facts.push(Fact::Settled { proposal: round.terms().proposal, outcome });
            }
        }
        Ok(facts)
    }

    fn deposit(&self, deposit: &Deposit) -> Result<Vec<Fact>, Refusal> {
        let Deposit { commitment, blob, rows } = *deposit;
        self.now()?;
        // Also bars one member from handing in a copy of another's deposit as its own.
        if self.state.deposits().contains_key(&commitment) {
            return Err(Refusal::DepositRepeated { digest: commitment });
        }
        if self.state.has_box(&blob) {
            return Err(Refusal::DepositRepeated { digest: blob });
        }
        Ok(vec![Fact::Deposited { commitment, blob, rows }])
    }

    fn propose(&self, propose: &Propose, digest: Digest) -> Result<Vec<Fact>, Refusal> {
        let Propose { title, round, roster_epoch, deadline_utc, .. } = propose;
        let (now, expected) = (self.now()?, self.state.next_round(title));
        if *roster_epoch != self.roster.epoch() {
            return Err(Refusal::WrongEpoch { expected: self.roster.epoch(), found: *roster_epoch });
        }
        if *round != expected {
            return Err(Refusal::WrongRound { expected, found: *round });
        }
        if *deadline_utc <= now {
            return Err(Refusal::DeadlineNotAhead { deadline: *deadline_utc, now });
        }
        self.check_previous_round(propose)?;
        self.check_audience(propose)?;
        self.check_originators(propose)?;
        if propose.history != self.state.history() {
            return Err(Refusal::HistoryNotWhole { sealed: self.state.history().len() });
        }
        let terms = Terms {
            proposal: digest,
            number: *round,
            epoch: *roster_epoch,
            deadline: *deadline_utc,
            members: self.roster.members().keys().cloned().collect(),
            originators: propose.originators.clone(),
        };
        Ok(vec![Fact::Proposed { draft: Draft::of(propose), terms }])
    }

    /// A draft circulates again only when its last round came to nothing, or to an agreement that can no longer be sealed because
    /// another release was sealed since: an approval must not outlive what it was given for (Safe, stale approvals).
    fn check_previous_round(&self, propose: &Propose) -> Result<(), Refusal> {
        let last = self.state.rounds(&propose.title).last();
        match last.and_then(|proposal| self.state.release(proposal)) {
            None | Some(Release::Refused(_)) => Ok(()),
            Some(Release::Proposed(_)) => Err(Refusal::RoundOpen { title: propose.title.clone() }),
            Some(Release::Agreed(agreed)) if agreed.draft().history != self.state.history() => Ok(()),
            Some(Release::Agreed(_) | Release::Sealed(_)) => {
                Err(Refusal::AlreadyAgreed { title: propose.title.clone() })
            }
        }
    }

    fn check_audience(&self, propose: &Propose) -> Result<(), Refusal> {
        if propose.audience.is_empty() {
            return Err(Refusal::NoAudience);
        }
        match propose.audience.iter().find(|code| !self.roster.companies().contains_key(code)) {
            Some(company) => Err(Refusal::UnknownAudience { company: company.clone() }),
            None => Ok(()),
        }
    }

    /// The office cannot drop an originator whose figures it holds.
    fn check_originators(&self, propose: &Propose) -> Result<(), Refusal> {
        let Propose { originators, .. } = propose;
        if originators.is_empty() {
            return Err(Refusal::NoOriginators);
        }
        if let Some(member) = originators.iter().find(|code| !self.roster.members().contains_key(code)) {
            return Err(Refusal::UnknownOriginator { member: member.clone() });
        }
        let mut depositors = self.state.deposits().values().map(|deposit| &deposit.member);
        match depositors.find(|member| !originators.contains(member)) {
            Some(member) => Err(Refusal::OriginatorLeftOut { member: member.clone() }),
            None => Ok(()),
        }
    }

    fn say(
        &self,
        proposal: Digest,
        number: RoundNumber,
        epoch: Epoch,
        decision: &Decision,
    ) -> Result<Vec<Fact>, Refusal> {
        let now = self.now()?;
        let round = self.state.release(&proposal).ok_or(Refusal::UnknownProposal { proposal })?.round();
        round.admit(self.actor, number, epoch, decision, now)?;
        let said = match decision {
            Decision::Approve => Fact::Approved { proposal },
            Decision::Object(reason) => Fact::Objected { proposal, reason: reason.clone() },
        };
        let outcome = round.outcome_with(self.actor, decision);
        Ok([said].into_iter().chain(outcome.map(|outcome| Fact::Settled { proposal, outcome })).collect())
    }

    fn seal(&self, seal: &Seal) -> Result<Vec<Fact>, Refusal> {
        let Seal { proposal, package } = *seal;
        match self.state.release(&proposal).ok_or(Refusal::UnknownProposal { proposal })? {
            Release::Proposed(_) | Release::Refused(_) => return Err(Refusal::NotAgreed { proposal }),
            // What was sealed since may, together with this, say more than either certificate allows.
            Release::Agreed(agreed) if agreed.draft().history != self.state.history() => {
                return Err(Refusal::HistoryNotWhole { sealed: self.state.history().len() });
            }
            Release::Agreed(_) => {}
            Release::Sealed(sealed) if sealed.packages().len() >= PACKAGES_MAX => {
                return Err(Refusal::TooManyPackages { found: sealed.packages().len() });
            }
            Release::Sealed(_) => {}
        }
        if self.state.sealed_with(&package).is_some() {
            return Err(Refusal::PackageRepeated { package });
        }
        Ok(vec![Fact::Sealed { proposal, package }])
    }

    fn deliver(&self, deliver: &Deliver) -> Result<Vec<Fact>, Refusal> {
        let Deliver { package, to } = deliver;
        let (sealed, delivery) = self.package(package, to)?;
        if !sealed.agreed().draft().audience.contains(to) {
            return Err(Refusal::NotInAudience { company: to.clone() });
        }
        match delivery {
            None => Ok(vec![Fact::Delivered { package: *package, to: to.clone() }]),
            Some(_) => Err(Refusal::DeliveryRepeated { company: to.clone() }),
        }
    }

    fn acknowledge(&self, acknowledge: &Acknowledge) -> Result<Vec<Fact>, Refusal> {
        let Acknowledge { package } = *acknowledge;
        match self.package(&package, self.actor)?.1 {
            None => Err(Refusal::NotDelivered { company: self.actor.clone() }),
            Some(Delivery::Delivered(_)) => Ok(vec![Fact::Acknowledged { package }]),
            Some(Delivery::Acknowledged(_)) => {
                Err(Refusal::AcknowledgementRepeated { company: self.actor.clone() })
            }
        }
    }

    /// The release that a package is of, and what became of it at a company.
    fn package(&self, package: &Digest, company: &Code) -> Result<(&Sealed, Option<&Delivery>), Refusal> {
        let unknown = Refusal::UnknownPackage { package: *package };
        let sealed = self.state.sealed_with(package).ok_or(unknown)?;
        let delivery = sealed.packages().get(package).and_then(|found| found.deliveries().get(company));
        Ok((sealed, delivery))
    }
}

#[cfg(test)]
mod exhaustive;
