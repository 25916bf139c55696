//! What became of packages: handed over, acknowledged.

use std::collections::BTreeMap;

use ledger::act::Code;

use crate::event::Stamp;

/// One sealed package.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Package {
    sealed: Stamp,
    deliveries: BTreeMap<Code, Delivery>,
}

impl Package {
    pub(super) fn new(sealed: Stamp) -> Self {
        Self { sealed, deliveries: BTreeMap::new() }
    }

    /// Where and when the seal was logged.
    #[must_use]
    pub fn sealed(&self) -> Stamp {
        self.sealed
    }

    /// What became of it, by receiver.
    #[must_use]
    pub fn deliveries(&self) -> &BTreeMap<Code, Delivery> {
        &self.deliveries
    }

    pub(super) fn deliver(&mut self, to: Code, stamp: Stamp) {
        self.deliveries.entry(to).or_insert(Delivery::Delivered(Delivered { delivered: stamp }));
    }

    pub(super) fn acknowledge(&mut self, by: &Code, stamp: Stamp) {
        if let Some(delivery) = self.deliveries.get_mut(by)
            && let Delivery::Delivered(delivered) = delivery
        {
            *delivery = Delivery::Acknowledged(delivered.acknowledged(stamp));
        }
    }
}

/// What became of a package at one receiver.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// It was handed over.
    Delivered(Delivered),
    /// The receiver said that it has it.
    Acknowledged(Acknowledged),
}

/// A package was handed to a receiver.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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

/// A receiver acknowledged a package.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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

    /// Where and when the receiver acknowledged it.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        self.acknowledged
    }
}
