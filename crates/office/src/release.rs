//! The order from draft to acknowledgement, as types.
//!
//! [`Draft`] -> [`Protected`] -> [`Proposed`] -> [`Agreed`] -> [`Sealed`] -> [`Superseded`] or [`Withdrawn`], and for each package and
//! receiver [`Delivered`] -> [`Acknowledged`]. Each type has only the next step: nothing but a [`Protected`] can be proposed, nothing
//! but an [`Agreed`] sealed, nothing but a [`Sealed`] delivered, nothing but a [`Delivered`] acknowledged. From [`Proposed`] on, the
//! types are read outside this crate, not made; each gives the body of the act that asks for the next step, so that a caller which
//! holds no `Agreed` has no seal act to sign.
//!
//! One agreed release may be sealed into several packages, for example one a receiver: what was agreed is the release and the
//! audience, and every copy names that agreement.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    Digest,
    act::{
        self, ActBody, Code, Content, Epoch, LabelXml, Propose, Reason, Reasoned, ReleaseDraft, RoundNumber,
        Subject, Title, UtcTime, Wave,
    },
};

use crate::{
    agreement::{Objection, Outcome, Round},
    event::{EntryIndex, Stamp},
};

mod delivery;
mod difference;

pub use delivery::{Acknowledged, Delivered, Delivery, Package};
pub use difference::{Changed, difference};

/// What is to be said, and to whom; not yet proved safe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Title.
    pub title: Title,
    /// Figures or standards.
    pub content: Content,
    /// The label that the package will carry.
    pub label: LabelXml,
    /// Receivers of it.
    pub audience: BTreeSet<Code>,
    /// The proposal of the sealed release whose place it takes.
    pub supersedes: Option<Digest>,
    /// For standards, the parts that it hands over.
    pub wave: Option<Wave>,
}

/// What protecting a draft came to: digests of the release and of its proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Digest of what would be released.
    pub release: Digest,
    /// Digest of the certificate that proves it safe.
    pub certificate: Digest,
    /// Everything sealed before: the certificate takes it into account.
    pub history: act::History,
    /// Members whose information is in it, each with a salted commitment to the exposure that it is shown.
    pub exposures: BTreeMap<Code, Digest>,
}

impl Draft {
    /// The draft with its proof.
    #[must_use]
    pub fn protect(self, proof: Proof) -> Protected {
        let Self { title, content, label, audience, supersedes, wave } = self;
        let Proof { release, certificate, history, exposures: originators } = proof;
        let wave = wave.map(Box::new);
        let draft = ReleaseDraft {
            content,
            release,
            certificate,
            history,
            label,
            audience,
            originators,
            supersedes,
            wave,
        };
        Protected { title, draft, amends: None }
    }
}

/// The terms under which a draft circulates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circulation {
    /// Which time.
    pub round: RoundNumber,
    /// Under which roster.
    pub roster_epoch: Epoch,
    /// Until when.
    pub deadline_utc: UtcTime,
}

/// A draft that was proved safe. Only this can be proposed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Protected {
    title: Title,
    draft: ReleaseDraft,
    amends: Option<Digest>,
}

impl Protected {
    /// What a propose act circulates; none when it is about something else than a release.
    #[must_use]
    pub fn of(propose: &Propose) -> Option<Self> {
        let Subject::Release(draft) = &propose.subject else { return None };
        Some(Self { title: propose.title.clone(), draft: draft.clone(), amends: propose.amends })
    }

    /// The same draft in place of the proposal of the round before.
    #[must_use]
    pub fn amending(mut self, proposal: Option<Digest>) -> Self {
        self.amends = proposal;
        self
    }

    /// Its title.
    #[must_use]
    pub fn title(&self) -> &Title {
        &self.title
    }

    /// What would be released, to whom, with the digests of its proof.
    #[must_use]
    pub fn draft(&self) -> &ReleaseDraft {
        &self.draft
    }

    /// The proposal of the round before, where this one amends it.
    #[must_use]
    pub fn amends(&self) -> Option<Digest> {
        self.amends
    }

    /// Body of the act by which the office circulates it.
    #[must_use]
    pub fn propose(self, circulation: Circulation) -> ActBody {
        let Self { title, draft, amends } = self;
        let Circulation { round, roster_epoch, deadline_utc } = circulation;
        ActBody::Propose(Propose {
            title,
            subject: Subject::Release(draft),
            amends,
            round,
            roster_epoch,
            deadline_utc,
        })
    }

    pub(crate) fn circulate(self, round: Round) -> Proposed {
        Proposed { protected: self, round }
    }
}

/// A draft in circulation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Proposed {
    protected: Protected,
    round: Round,
}

impl Proposed {
    /// What is proposed.
    #[must_use]
    pub fn protected(&self) -> &Protected {
        &self.protected
    }

    /// Its round.
    #[must_use]
    pub fn round(&self) -> &Round {
        &self.round
    }

    /// Body of the act by which a member approves.
    #[must_use]
    pub fn approve(&self) -> ActBody {
        ActBody::Approve(self.round.ballot())
    }

    /// Body of the act by which a member objects.
    #[must_use]
    pub fn object(&self, reason: Reason) -> ActBody {
        let act::Ballot { proposal, round, roster_epoch } = self.round.ballot();
        ActBody::Object(Reasoned { proposal, round, roster_epoch, reason, parts: BTreeSet::new() })
    }

    fn settle(mut self, outcome: Outcome, stamp: Stamp) -> Release {
        self.round.settle(outcome, stamp);
        let Self { protected, round } = self;
        match outcome {
            Outcome::Agreed => Release::Agreed(Agreed { protected, round, settled: stamp }),
            Outcome::Objected | Outcome::Lapsed | Outcome::Withdrawn | Outcome::Void => {
                Release::Refused(Refused { protected, round, outcome })
            }
        }
    }
}

/// A draft that was objected to, lapsed, was withdrawn or became void. It ends here; an amended draft circulates in the next round.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Refused {
    protected: Protected,
    round: Round,
    outcome: Outcome,
}

impl Refused {
    /// What was proposed.
    #[must_use]
    pub fn protected(&self) -> &Protected {
        &self.protected
    }

    /// Its round.
    #[must_use]
    pub fn round(&self) -> &Round {
        &self.round
    }

    /// Any outcome but [`Outcome::Agreed`].
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Who objected or asked for an amendment, and in what words, ascending by member.
    pub fn objections(&self) -> impl Iterator<Item = (&Code, &Objection)> {
        self.round.objections()
    }
}

/// Entries of the log that together prove an agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The proposal.
    pub proposal: EntryIndex,
    /// Of every originator, the entries by which its keys said yes, here or beforehand. Others may have said so too; their silence
    /// would have done.
    pub consents: BTreeMap<Code, BTreeSet<EntryIndex>>,
    /// The entry with which the round was settled: a checkpoint that proves the agreement includes it.
    pub settled: EntryIndex,
}

/// A draft that every originator consented to and nobody objected to. Only this can be sealed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Agreed {
    protected: Protected,
    round: Round,
    settled: Stamp,
}

impl Agreed {
    /// What was agreed.
    #[must_use]
    pub fn protected(&self) -> &Protected {
        &self.protected
    }

    /// Its round.
    #[must_use]
    pub fn round(&self) -> &Round {
        &self.round
    }

    /// Where the round was settled.
    #[must_use]
    pub fn settled(&self) -> Stamp {
        self.settled
    }

    /// The entries that prove it.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        let terms = self.round.terms();
        let here = |code: &Code| {
            let own = terms.parts.get(code).into_iter().flatten();
            let own: Vec<_> = own.collect();
            let said = self.round.decisions().get(code).into_iter().flat_map(BTreeMap::values);
            let yes = said.filter(|word| {
                word.decision.is_consent() || own.iter().any(|part| word.decision.consents_to(part))
            });
            let yes: BTreeSet<EntryIndex> = yes.map(|word| word.stamp.entry).collect();
            self.round.consents_here(code).then_some(yes)
        };
        let beforehand = |code: &Code| terms.standing.get(code).map(|standing| standing.signed.clone());
        let consents = terms.consents.iter();
        let consents =
            consents.filter_map(|code| Some((code.clone(), here(code).or_else(|| beforehand(code))?)));
        Evidence {
            proposal: self.round.opened().entry,
            consents: consents.collect(),
            settled: self.settled.entry,
        }
    }

    /// Body of the act by which the office logs a package of this release.
    #[must_use]
    pub fn seal(&self, package: Digest) -> ActBody {
        ActBody::Seal(act::Seal { proposal: self.round.terms().proposal, package })
    }

    fn sealed(self, package: Digest, stamp: Stamp) -> Sealed {
        Sealed { agreed: self, packages: BTreeMap::from([(package, Package::new(stamp))]) }
    }
}

/// An agreed release of which packages exist.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sealed {
    agreed: Agreed,
    packages: BTreeMap<Digest, Package>,
}

impl Sealed {
    /// What was agreed; further packages are sealed from it.
    #[must_use]
    pub fn agreed(&self) -> &Agreed {
        &self.agreed
    }

    /// Packages by digest.
    #[must_use]
    pub fn packages(&self) -> &BTreeMap<Digest, Package> {
        &self.packages
    }

    /// Body of the act by which the office logs that it hands a package to a receiver; none for a package or a receiver that is not
    /// this release's.
    #[must_use]
    pub fn deliver(&self, package: Digest, to: &Code) -> Option<ActBody> {
        let addressed =
            self.packages.contains_key(&package) && self.agreed.protected.draft.audience.contains(to);
        addressed.then(|| ActBody::Deliver(act::Deliver { package, to: to.clone() }))
    }

    fn another(mut self, package: Digest, stamp: Stamp) -> Self {
        self.packages.entry(package).or_insert_with(|| Package::new(stamp));
        self
    }
}

/// A sealed release in whose place a later one stands. It may still be acknowledged, and no more be delivered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Superseded {
    sealed: Sealed,
    by: Digest,
    stamp: Stamp,
}

impl Superseded {
    /// What was sealed.
    #[must_use]
    pub fn sealed(&self) -> &Sealed {
        &self.sealed
    }

    /// The proposal of the later one.
    #[must_use]
    pub fn by(&self) -> Digest {
        self.by
    }

    /// Where and when.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        self.stamp
    }
}

/// What was agreed or sealed before it was withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Before {
    /// It was never sealed.
    Agreed(Agreed),
    /// Packages exist. They may still be acknowledged, and no more be delivered.
    Sealed(Sealed),
}

/// A release that the office took back after it was agreed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Withdrawn {
    before: Before,
    reason: Reason,
    stamp: Stamp,
}

impl Withdrawn {
    /// What it was before.
    #[must_use]
    pub fn before(&self) -> &Before {
        &self.before
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> &Reason {
        &self.reason
    }

    /// Where and when.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        self.stamp
    }
}

/// A proposal at whatever stage it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Release {
    /// In circulation.
    Proposed(Proposed),
    /// Objected to, lapsed, withdrawn in circulation, or void.
    Refused(Refused),
    /// Agreed.
    Agreed(Agreed),
    /// Packages exist.
    Sealed(Sealed),
    /// A later release stands in its place.
    Superseded(Superseded),
    /// Taken back after it was agreed.
    Withdrawn(Withdrawn),
}

impl Release {
    /// The stage in one word.
    #[must_use]
    pub fn stage(&self) -> &'static str {
        match self {
            Self::Proposed(_) => "proposed",
            Self::Refused(_) => "refused",
            Self::Agreed(_) => "agreed",
            Self::Sealed(_) => "sealed",
            Self::Superseded(_) => "superseded",
            Self::Withdrawn(_) => "withdrawn",
        }
    }

    /// What it is about.
    #[must_use]
    pub fn protected(&self) -> &Protected {
        match self {
            Self::Proposed(proposed) => &proposed.protected,
            Self::Refused(refused) => &refused.protected,
            Self::Agreed(agreed) => &agreed.protected,
            Self::Sealed(sealed) => &sealed.agreed.protected,
            Self::Superseded(superseded) => &superseded.sealed.agreed.protected,
            Self::Withdrawn(withdrawn) => &withdrawn.before.agreed().protected,
        }
    }

    /// Its round.
    #[must_use]
    pub fn round(&self) -> &Round {
        match self {
            Self::Proposed(proposed) => &proposed.round,
            Self::Refused(refused) => &refused.round,
            Self::Agreed(agreed) => &agreed.round,
            Self::Sealed(sealed) => &sealed.agreed.round,
            Self::Superseded(superseded) => &superseded.sealed.agreed.round,
            Self::Withdrawn(withdrawn) => &withdrawn.before.agreed().round,
        }
    }

    /// What exists of it in packages, whatever became of it since.
    #[must_use]
    pub fn packaged(&self) -> Option<&Sealed> {
        match self {
            Self::Sealed(sealed) => Some(sealed),
            Self::Superseded(superseded) => Some(&superseded.sealed),
            Self::Withdrawn(Withdrawn { before: Before::Sealed(sealed), .. }) => Some(sealed),
            Self::Withdrawn(Withdrawn { before: Before::Agreed(_), .. })
            | Self::Proposed(_)
            | Self::Refused(_)
            | Self::Agreed(_) => None,
        }
    }

    fn packaged_mut(&mut self) -> Option<&mut Sealed> {
        match self {
            Self::Sealed(sealed) => Some(sealed),
            Self::Superseded(superseded) => Some(&mut superseded.sealed),
            Self::Withdrawn(Withdrawn { before: Before::Sealed(sealed), .. }) => Some(sealed),
            Self::Withdrawn(Withdrawn { before: Before::Agreed(_), .. })
            | Self::Proposed(_)
            | Self::Refused(_)
            | Self::Agreed(_) => None,
        }
    }

    // The steps below are total, as `apply` is: a fact that does not fit the stage leaves the release as it was.

    /// The round, while it is open.
    pub(crate) fn open_round(&mut self) -> Option<&mut Round> {
        match self {
            Self::Proposed(proposed) => Some(&mut proposed.round),
            Self::Refused(_)
            | Self::Agreed(_)
            | Self::Sealed(_)
            | Self::Superseded(_)
            | Self::Withdrawn(_) => None,
        }
    }

    pub(crate) fn settled(self, outcome: Outcome, stamp: Stamp) -> Self {
        match self {
            Self::Proposed(proposed) => proposed.settle(outcome, stamp),
            other @ (Self::Refused(_)
            | Self::Agreed(_)
            | Self::Sealed(_)
            | Self::Superseded(_)
            | Self::Withdrawn(_)) => other,
        }
    }

    pub(crate) fn sealed(self, package: Digest, stamp: Stamp) -> Self {
        match self {
            Self::Agreed(agreed) => Self::Sealed(agreed.sealed(package, stamp)),
            Self::Sealed(sealed) => Self::Sealed(sealed.another(package, stamp)),
            other @ (Self::Proposed(_) | Self::Refused(_) | Self::Superseded(_) | Self::Withdrawn(_)) => {
                other
            }
        }
    }

    pub(crate) fn superseded(self, by: Digest, stamp: Stamp) -> Self {
        match self {
            Self::Sealed(sealed) => Self::Superseded(Superseded { sealed, by, stamp }),
            other @ (Self::Proposed(_)
            | Self::Refused(_)
            | Self::Agreed(_)
            | Self::Superseded(_)
            | Self::Withdrawn(_)) => other,
        }
    }

    pub(crate) fn withdrawn(self, reason: Reason, stamp: Stamp) -> Self {
        let before = match self {
            Self::Agreed(agreed) => Before::Agreed(agreed),
            Self::Sealed(sealed) => Before::Sealed(sealed),
            other @ (Self::Proposed(_) | Self::Refused(_) | Self::Superseded(_) | Self::Withdrawn(_)) => {
                return other;
            }
        };
        Self::Withdrawn(Withdrawn { before, reason, stamp })
    }

    pub(crate) fn delivered(&mut self, package: &Digest, to: Code, stamp: Stamp) {
        if let Self::Sealed(sealed) = self
            && let Some(package) = sealed.packages.get_mut(package)
        {
            package.deliver(to, stamp);
        }
    }

    pub(crate) fn acknowledged(&mut self, package: &Digest, by: &Code, stamp: Stamp) {
        if let Some(package) = self.packaged_mut().and_then(|sealed| sealed.packages.get_mut(package)) {
            package.acknowledge(by, stamp);
        }
    }
}

impl Before {
    /// What was agreed.
    #[must_use]
    pub fn agreed(&self) -> &Agreed {
        match self {
            Self::Agreed(agreed) => agreed,
            Self::Sealed(sealed) => &sealed.agreed,
        }
    }
}
