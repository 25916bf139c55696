//! Rules of the release: what may circulate, be sealed, be delivered, be acknowledged, be withdrawn.

use ledger::{
    Digest,
    act::{
        AccessDecision, Acknowledge, Code, Content, Deliver, Deposit, JudgedBy, KeyAccess, Level,
        ReleaseDraft, Seal, Title, UtcTime, Withdraw,
    },
};

use super::{Rules, agreement::is_office_recovery};
use crate::{
    access::may_open,
    agreement::Outcome,
    event::Fact,
    refusal::Refusal,
    release::{Agreed, Delivery, Release, Sealed},
};

/// The most packages of one release: ten times the receivers that one office serves (DESIGN, "Scale"), so that only a runaway
/// program meets it.
pub const PACKAGES_MAX: usize = 100_000;

impl Rules<'_> {
    pub(super) fn deposit(&self, deposit: &Deposit) -> Result<Vec<Fact>, Refusal> {
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

    /// Whether a release may circulate; its classification.
    pub(super) fn check_release(
        &self,
        title: &Title,
        draft: &ReleaseDraft,
        now: UtcTime,
    ) -> Result<Level, Refusal> {
        let level = level_of(draft)?;
        if draft.audience.is_empty() {
            return Err(Refusal::NoAudience);
        }
        for receiver in &draft.audience {
            let eligible = self.roster.eligible(receiver, draft.content, level, now);
            eligible.map_err(|source| Refusal::NotEligible { source })?;
        }
        self.check_originators(draft)?;
        self.check_wave(title, draft, level)?;
        if draft.history != self.state.history() {
            return Err(Refusal::HistoryNotWhole { sealed: self.state.history().releases });
        }
        match draft
            .supersedes
            .filter(|earlier| !matches!(self.state.release(earlier), Some(Release::Sealed(_))))
        {
            Some(proposal) => Err(Refusal::NothingToSupersede { proposal }),
            None => Ok(level),
        }
    }

    /// The office cannot drop an originator whose figures it holds.
    fn check_originators(&self, draft: &ReleaseDraft) -> Result<(), Refusal> {
        let originators = &draft.originators;
        if originators.is_empty() {
            return Err(Refusal::NoOriginators);
        }
        if let Some(member) = originators.keys().find(|code| !self.roster.is_member(code)) {
            return Err(Refusal::UnknownOriginator { member: member.clone() });
        }
        // Whoever left the alliance cannot be asked any more.
        let left_out = |member: &&Code| !originators.contains_key(*member) && self.roster.is_member(member);
        match self.state.depositors().iter().find(left_out) {
            Some(member) if draft.content == Content::Figures => {
                Err(Refusal::OriginatorLeftOut { member: member.clone() })
            }
            Some(_) | None => Ok(()),
        }
    }

    pub(super) fn seal(&self, seal: &Seal) -> Result<Vec<Fact>, Refusal> {
        let Seal { proposal, package } = *seal;
        let release = self.state.release(&proposal).ok_or(Refusal::UnknownProposal { proposal })?;
        let supersedes = match release {
            Release::Proposed(_) | Release::Refused(_) => return Err(Refusal::NotAgreed { proposal }),
            Release::Superseded(_) | Release::Withdrawn(_) => {
                return Err(Refusal::NotInForce { proposal, stage: release.stage() });
            }
            Release::Agreed(agreed) => self.check_sealable(agreed)?,
            Release::Sealed(sealed) if sealed.packages().len() >= PACKAGES_MAX => {
                return Err(Refusal::TooManyPackages { found: sealed.packages().len() });
            }
            Release::Sealed(_) => None,
        };
        if self.state.proposal_of(&package).is_some() {
            return Err(Refusal::PackageRepeated { package });
        }
        let sealed = Fact::Sealed { proposal, package };
        let superseded = supersedes.map(|earlier| Fact::Superseded { proposal: earlier, by: proposal });
        Ok([sealed].into_iter().chain(superseded).collect())
    }

    /// Whether an agreement still stands and has been witnessed; the release whose place it takes.
    fn check_sealable(&self, agreed: &Agreed) -> Result<Option<Digest>, Refusal> {
        let (draft, terms) = (agreed.protected().draft(), agreed.round().terms());
        if terms.epoch != self.roster.epoch() {
            return Err(Refusal::WrongEpoch { expected: self.roster.epoch(), found: terms.epoch });
        }
        self.check_outlasts(draft)?;
        let policy = self.witness_policy()?;
        let (settled, witnessed) = (agreed.settled().entry, self.state.witnessed());
        if policy.needs_witnesses() && witnessed <= settled.0 {
            return Err(Refusal::NotWitnessed { witnessed, settled });
        }
        match draft.supersedes {
            Some(earlier) if !matches!(self.state.release(&earlier), Some(Release::Sealed(_))) => {
                Err(Refusal::NothingToSupersede { proposal: earlier })
            }
            supersedes => Ok(supersedes),
        }
    }

    /// Whether what was agreed still holds together with what was logged since.
    pub(super) fn check_outlasts(&self, draft: &ReleaseDraft) -> Result<(), Refusal> {
        match &draft.wave {
            // Standards do not add up to anything; but what one of them needs may have been taken back.
            Some(wave) => self.check_needs(wave, draft.audience.iter()),
            // What was sealed since may, together with this, say more than either certificate allows.
            None if draft.history != self.state.history() => {
                Err(Refusal::HistoryNotWhole { sealed: self.state.history().releases })
            }
            None => Ok(()),
        }
    }

    pub(super) fn deliver(&self, deliver: &Deliver) -> Result<Vec<Fact>, Refusal> {
        let Deliver { package, to } = deliver;
        let (sealed, delivery) = self.package(package, to)?;
        let draft = sealed.agreed().protected().draft();
        if !draft.audience.contains(to) {
            return Err(Refusal::NotInAudience { receiver: to.clone() });
        }
        let proposal = sealed.agreed().round().terms().proposal;
        if let Some(release) =
            self.state.release(&proposal).filter(|found| !matches!(found, Release::Sealed(_)))
        {
            return Err(Refusal::NotInForce { proposal, stage: release.stage() });
        }
        // Clearance and agreements may have ended since the draft circulated.
        let eligible = self.roster.eligible(to, draft.content, level_of(draft)?, self.now()?);
        eligible.map_err(|source| Refusal::NotEligible { source })?;
        // So may what a part needs have been taken back.
        if let Some(wave) = &draft.wave {
            self.check_needs(wave, std::iter::once(to))?;
        }
        match delivery {
            None => Ok(vec![Fact::Delivered { package: *package, to: to.clone() }]),
            Some(_) => Err(Refusal::DeliveryRepeated { receiver: to.clone() }),
        }
    }

    pub(super) fn acknowledge(&self, acknowledge: &Acknowledge) -> Result<Vec<Fact>, Refusal> {
        let Acknowledge { package } = *acknowledge;
        match self.package(&package, self.actor)?.1 {
            None => Err(Refusal::NotDelivered { receiver: self.actor.clone() }),
            Some(Delivery::Delivered(_)) => Ok(vec![Fact::Acknowledged { package }]),
            Some(Delivery::Acknowledged(_)) => {
                Err(Refusal::AcknowledgementRepeated { receiver: self.actor.clone() })
            }
        }
    }

    /// The service may refuse for reasons of its own what the log would grant, and never the other way round; a reason that the log
    /// knows goes first, so that whoever replays finds the same.
    pub(super) fn key_access(&self, access: &KeyAccess) -> Result<Vec<Fact>, Refusal> {
        let KeyAccess { proposal, ref receiver, decision: found, .. } = *access;
        let judged = match may_open(self.state, &proposal, receiver, self.now()?) {
            Ok(_) => AccessDecision::Granted,
            Err(reason) => AccessDecision::Refused(reason),
        };
        let own = matches!(found, AccessDecision::Refused(reason) if reason.judged_by() == JudgedBy::Service);
        if found == judged || (own && judged == AccessDecision::Granted) {
            Ok(vec![Fact::Answered { access: access.clone() }])
        } else {
            Err(Refusal::AccessOtherwise { receiver: receiver.clone(), judged, found })
        }
    }

    /// The release that a package is of, and what became of it at a receiver.
    fn package(&self, package: &Digest, receiver: &Code) -> Result<(&Sealed, Option<&Delivery>), Refusal> {
        let unknown = Refusal::UnknownPackage { package: *package };
        let sealed = self.state.sealed_with(package).ok_or(unknown)?;
        let delivery = sealed.packages().get(package).and_then(|found| found.deliveries().get(receiver));
        Ok((sealed, delivery))
    }

    pub(super) fn withdraw(&self, withdraw: &Withdraw) -> Result<Vec<Fact>, Refusal> {
        let Withdraw { proposal, ref reason } = *withdraw;
        let round = self.round(&proposal)?;
        // Whoever stole the office's keys must not be able to keep them by withdrawing.
        let reform = self.state.reforms().get(&proposal);
        if reform.is_some_and(|reform| is_office_recovery(reform.changes())) {
            return Err(Refusal::NothingToWithdraw { proposal, stage: "a recovery of the office's keys" });
        }
        if round.settled().is_none() {
            return Ok(vec![Fact::Settled { proposal, outcome: Outcome::Withdrawn }]);
        }
        match self.state.release(&proposal) {
            Some(Release::Agreed(_) | Release::Sealed(_)) => {
                Ok(vec![Fact::Withdrawn { proposal, reason: reason.clone() }])
            }
            Some(release) => Err(Refusal::NothingToWithdraw { proposal, stage: release.stage() }),
            None => Err(Refusal::NothingToWithdraw { proposal, stage: "a settled change of the roster" }),
        }
    }
}

/// The classification that a draft's label says.
pub(crate) fn level_of(draft: &ReleaseDraft) -> Result<Level, Refusal> {
    let label = label::Label::from_xml(draft.label.as_str().as_bytes());
    let label = label.map_err(|source| Refusal::Label { source })?;
    Ok(match label.information().classification() {
        label::Classification::PublicUnmarked => Level::Public,
        label::Classification::NatoUnclassified => Level::Unclassified,
        label::Classification::NatoRestricted => Level::Restricted,
        label::Classification::NatoConfidential => Level::Confidential,
        label::Classification::NatoSecret => Level::Secret,
        label::Classification::NatoTopSecret => Level::TopSecret,
    })
}
