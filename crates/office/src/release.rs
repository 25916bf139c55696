//! The order from draft to acknowledgement, as types.
//!
//! [`Draft`] -> [`Proposed`] -> [`Agreed`] -> [`Sealed`], and for each package and company [`Delivered`] -> [`Acknowledged`].
//! Each type has only the next step: nothing but an [`Agreed`] can be sealed, nothing but a [`Sealed`] delivered, nothing but a
//! [`Delivered`] acknowledged. Outside this crate the types are read, not made; each gives the body of the act that asks for the
//! next step, so that a caller which holds no `Agreed` has no seal act to sign.
//!
//! One agreed release may be sealed into several packages, for example one a company: what was agreed is the release and the
//! audience, and every copy names that agreement.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    Digest,
    act::{self, ActBody, Code, LabelXml, Reason, Title},
};

use crate::{
    agreement::{Decision, Outcome, Recorded, Round},
    event::{EntryIndex, Stamp},
};

/// What is to be said, to whom, with the digests of its proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Title.
    pub title: Title,
    /// Digest of what would be released.
    pub release: Digest,
    /// Digest of the certificate that proves it safe.
    pub certificate: Digest,
    /// Releases that the certificate takes into account, oldest first.
    pub history: Vec<Digest>,
    /// The label that the package will carry.
    pub label: LabelXml,
    /// Companies that will receive it.
    pub audience: BTreeSet<Code>,
}

impl Draft {
    /// The draft that a propose act circulates.
    #[must_use]
    pub fn of(propose: &act::Propose) -> Self {
        let act::Propose { title, release, certificate, history, label, audience, .. } = propose.clone();
        Self { title, release, certificate, history, label, audience }
    }

    pub(crate) fn propose(self, round: Round) -> Proposed {
        Proposed { draft: self, round }
    }
}

/// A draft in circulation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposed {
    draft: Draft,
    round: Round,
}

impl Proposed {
    /// What is proposed.
    #[must_use]
    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    /// Its round.
    #[must_use]
    pub fn round(&self) -> &Round {
        &self.round
    }

    /// Body of the act by which a member approves.
    #[must_use]
    pub fn approve(&self) -> ActBody {
        let terms = self.round.terms();
        let (proposal, round, roster_epoch) = (terms.proposal, terms.number, terms.epoch);
        ActBody::Approve(act::Approve { proposal, round, roster_epoch })
    }

    /// Body of the act by which a member objects.
    #[must_use]
    pub fn object(&self, reason: Reason) -> ActBody {
        let terms = self.round.terms();
        let (proposal, round, roster_epoch) = (terms.proposal, terms.number, terms.epoch);
        ActBody::Object(act::Object { proposal, round, roster_epoch, reason })
    }

    fn settle(mut self, outcome: Outcome, stamp: Stamp) -> Release {
        self.round.settle(outcome, stamp);
        let Self { draft, round } = self;
        match outcome {
            Outcome::Agreed => Release::Agreed(Agreed { draft, round, settled: stamp }),
            Outcome::Objected | Outcome::Lapsed => Release::Refused(Refused { draft, round, outcome }),
        }
    }
}

/// A draft that was objected to or lapsed. It ends here; an amended draft circulates in the next round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    draft: Draft,
    round: Round,
    outcome: Outcome,
}

impl Refused {
    /// What was proposed.
    #[must_use]
    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    /// Its round.
    #[must_use]
    pub fn round(&self) -> &Round {
        &self.round
    }

    /// [`Outcome::Objected`] or [`Outcome::Lapsed`].
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Who objected and why, ascending by member.
    pub fn objections(&self) -> impl Iterator<Item = (&Code, &Reason)> {
        self.round.decisions().iter().filter_map(|(code, recorded)| match &recorded.decision {
            Decision::Object(reason) => Some((code, reason)),
            Decision::Approve => None,
        })
    }
}

/// Entries of the log that together prove an agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The proposal.
    pub proposal: EntryIndex,
    /// Every originator's approval. Others may have approved too; their silence would have done.
    pub approvals: BTreeMap<Code, EntryIndex>,
    /// The entry with which the round was settled: a checkpoint that proves the agreement includes it.
    pub settled: EntryIndex,
}

/// A draft that every originator approved and nobody objected to. Only this can be sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    draft: Draft,
    round: Round,
    settled: Stamp,
}

impl Agreed {
    /// What was agreed.
    #[must_use]
    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    /// Its round.
    #[must_use]
    pub fn round(&self) -> &Round {
        &self.round
    }

    /// The entries that prove it.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        let originators = &self.round.terms().originators;
        let approved = |(code, recorded): &(&Code, &Recorded)| {
            originators.contains(*code) && recorded.decision == Decision::Approve
        };
        let approvals = self.round.decisions().iter().filter(approved);
        Evidence {
            proposal: self.round.opened().entry,
            approvals: approvals.map(|(code, recorded)| (code.clone(), recorded.stamp.entry)).collect(),
            settled: self.settled.entry,
        }
    }

    /// Body of the act by which the office logs a package of this release.
    #[must_use]
    pub fn seal(&self, package: Digest) -> ActBody {
        ActBody::Seal(act::Seal { proposal: self.round.terms().proposal, package })
    }

    fn sealed(self, package: Digest, stamp: Stamp) -> Sealed {
        let first = Package { sealed: stamp, deliveries: BTreeMap::new() };
        Sealed { agreed: self, packages: BTreeMap::from([(package, first)]) }
    }
}

/// An agreed release of which packages exist.
#[derive(Debug, Clone, PartialEq, Eq)]
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

    /// Body of the act by which the office logs that it hands a package to a company; none for a package or a company that is not
    /// this release's.
    #[must_use]
    pub fn deliver(&self, package: Digest, to: &Code) -> Option<ActBody> {
        let addressed = self.packages.contains_key(&package) && self.agreed.draft.audience.contains(to);
        addressed.then(|| ActBody::Deliver(act::Deliver { package, to: to.clone() }))
    }

    fn another(mut self, package: Digest, stamp: Stamp) -> Self {
        self.packages.entry(package).or_insert(Package { sealed: stamp, deliveries: BTreeMap::new() });
        self
    }

    fn delivered(mut self, package: Digest, to: Code, stamp: Stamp) -> Self {
        if let Some(package) = self.packages.get_mut(&package) {
            package.deliveries.entry(to).or_insert(Delivery::Delivered(Delivered { delivered: stamp }));
        }
        self
    }

    fn acknowledged(mut self, package: Digest, by: &Code, stamp: Stamp) -> Self {
        let delivery = self.packages.get_mut(&package).and_then(|found| found.deliveries.get_mut(by));
        if let Some(delivery) = delivery
            && let Delivery::Delivered(delivered) = delivery
        {
            *delivery = Delivery::Acknowledged(delivered.acknowledged(stamp));
        }
        self
    }
}

/// One sealed package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    sealed: Stamp,
    deliveries: BTreeMap<Code, Delivery>,
}

impl Package {
    /// Where and when the seal was logged.
    #[must_use]
    pub fn sealed(&self) -> Stamp {
        self.sealed
    }

    /// What became of it, by company.
    #[must_use]
    pub fn deliveries(&self) -> &BTreeMap<Code, Delivery> {
        &self.deliveries
    }
}

/// What became of a package at one company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// It was handed over.
    Delivered(Delivered),
    /// The company said that it has it.
    Acknowledged(Acknowledged),
}

/// A package was handed to a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    delivered: Stamp,
}

impl Delivered {
    /// Where and when.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        self.delivered
    }

    fn acknowledged(&self, stamp: Stamp) -> Acknowledged {
        Acknowledged { delivered: self.delivered, acknowledged: stamp }
    }
}

/// A company acknowledged a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    delivered: Stamp,
    acknowledged: Stamp,
}

impl Acknowledged {
    /// Where and when the package was handed over.
    #[must_use]
    pub fn delivered(&self) -> Stamp {
        self.delivered
    }

    /// Where and when the company acknowledged it.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        self.acknowledged
    }
}

/// A proposal at whatever stage it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Release {
    /// In circulation.
    Proposed(Proposed),
    /// Objected to, or lapsed.
    Refused(Refused),
    /// Agreed.
    Agreed(Agreed),
    /// Packages exist.
    Sealed(Sealed),
}

impl Release {
    /// What it is about.
    #[must_use]
    pub fn draft(&self) -> &Draft {
        match self {
            Self::Proposed(proposed) => &proposed.draft,
            Self::Refused(refused) => &refused.draft,
            Self::Agreed(agreed) => &agreed.draft,
            Self::Sealed(sealed) => &sealed.agreed.draft,
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
        }
    }

    // The steps below are total, as `apply` is: a fact that does not fit the stage leaves the release as it was.

    pub(crate) fn recorded(self, actor: Code, recorded: Recorded) -> Self {
        match self {
            Self::Proposed(mut proposed) => {
                proposed.round.record(actor, recorded);
                Self::Proposed(proposed)
            }
            other @ (Self::Refused(_) | Self::Agreed(_) | Self::Sealed(_)) => other,
        }
    }

    pub(crate) fn settled(self, outcome: Outcome, stamp: Stamp) -> Self {
        match self {
            Self::Proposed(proposed) => proposed.settle(outcome, stamp),
            other @ (Self::Refused(_) | Self::Agreed(_) | Self::Sealed(_)) => other,
        }
    }

    pub(crate) fn sealed(self, package: Digest, stamp: Stamp) -> Self {
        match self {
            Self::Agreed(agreed) => Self::Sealed(agreed.sealed(package, stamp)),
            Self::Sealed(sealed) => Self::Sealed(sealed.another(package, stamp)),
            other @ (Self::Proposed(_) | Self::Refused(_)) => other,
        }
    }

    pub(crate) fn delivered(self, package: Digest, to: Code, stamp: Stamp) -> Self {
        match self {
            Self::Sealed(sealed) => Self::Sealed(sealed.delivered(package, to, stamp)),
            other @ (Self::Proposed(_) | Self::Refused(_) | Self::Agreed(_)) => other,
        }
    }

    pub(crate) fn acknowledged(self, package: Digest, by: &Code, stamp: Stamp) -> Self {
        match self {
            Self::Sealed(sealed) => Self::Sealed(sealed.acknowledged(package, by, stamp)),
            other @ (Self::Proposed(_) | Self::Refused(_) | Self::Agreed(_)) => other,
        }
    }
}
