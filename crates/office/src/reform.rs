//! A proposal to change the roster, from circulation to its outcome.

use ledger::{
    Digest,
    act::{Change, Propose, Subject, Title},
};

use crate::{
    agreement::{Outcome, Round},
    event::Stamp,
};

/// Changes of the roster in circulation or settled. Agreed ones took effect with the entry that settled them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reform {
    title: Title,
    changes: Vec<Change>,
    amends: Option<Digest>,
    round: Round,
}

impl Reform {
    pub(crate) fn circulate(propose: &Propose, round: Round) -> Option<Self> {
        let Subject::Roster(draft) = &propose.subject else { return None };
        Some(Self {
            title: propose.title.clone(),
            changes: draft.changes.clone(),
            amends: propose.amends,
            round,
        })
    }

    /// Its title.
    #[must_use]
    pub fn title(&self) -> &Title {
        &self.title
    }

    /// The changes, in the order in which they apply.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The proposal of the round before, where this one amends it.
    #[must_use]
    pub fn amends(&self) -> Option<Digest> {
        self.amends
    }

    /// Its round.
    #[must_use]
    pub fn round(&self) -> &Round {
        &self.round
    }

    pub(crate) fn open_round(&mut self) -> Option<&mut Round> {
        self.round.settled().is_none().then_some(&mut self.round)
    }

    pub(crate) fn settle(&mut self, outcome: Outcome, stamp: Stamp) {
        self.round.settle(outcome, stamp);
    }
}
