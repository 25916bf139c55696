//! Who received what, and when: deliveries, acknowledgements and keys, one line each, for whoever audits a release.
//!
//! Read from the state, never stored. A package is named by the digest of its bytes where it was delivered, and by the id in its
//! policy where its key was asked for: the key access service never sees a package.

use ledger::{
    Digest,
    act::{AccessDecision, Code, PackageUuid, Title},
};

use crate::{
    event::Stamp,
    release::{Delivery, Release},
    state::State,
};

/// Something that reached a receiver, or was kept from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Where and when it was logged.
    pub stamp: Stamp,
    /// The receiver.
    pub receiver: Code,
    /// The proposal of the release.
    pub proposal: Digest,
    /// Title of the release; none for a request that named no release of this log.
    pub title: Option<Title>,
    /// What it was.
    pub what: What,
}

/// What reached a receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A package was handed to it.
    Delivered {
        /// The package.
        package: Digest,
    },
    /// It said that it has it.
    Acknowledged {
        /// The package.
        package: Digest,
    },
    /// It asked for the key of a package.
    Answered {
        /// The package.
        package: PackageUuid,
        /// The public key for which it asked.
        client_key: Digest,
        /// What it was told.
        decision: AccessDecision,
    },
}

impl std::fmt::Display for What {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Delivered { package } => write!(f, "package {package} was delivered"),
            Self::Acknowledged { package } => write!(f, "package {package} was acknowledged"),
            Self::Answered { package, decision, .. } => write!(f, "key of package {package}: {decision}"),
        }
    }
}

/// All of them, in the order of the log.
#[must_use]
pub fn receipts(state: &State) -> Vec<Receipt> {
    let mut receipts = Vec::new();
    for (proposal, release) in state.releases() {
        of_packages(proposal, release, &mut receipts);
    }
    for answer in state.answers() {
        let access = &answer.access;
        receipts.push(Receipt {
            stamp: answer.stamp,
            receiver: access.receiver.clone(),
            proposal: access.proposal,
            title: state.title(&access.proposal).cloned(),
            what: What::Answered {
                package: access.package.clone(),
                client_key: access.client_key,
                decision: access.decision,
            },
        });
    }
    // One entry is one receipt, so that the order is whole.
    receipts.sort_by_key(|receipt| receipt.stamp.entry);
    receipts
}

fn of_packages(proposal: &Digest, release: &Release, receipts: &mut Vec<Receipt>) {
    let Some(sealed) = release.packaged() else { return };
    for (package, found) in sealed.packages() {
        let package = *package;
        for (receiver, delivery) in found.deliveries() {
            let mut add = |stamp, what| {
                let title = Some(release.protected().title().clone());
                receipts.push(Receipt {
                    stamp,
                    receiver: receiver.clone(),
                    proposal: *proposal,
                    title,
                    what,
                });
            };
            match delivery {
                Delivery::Delivered(delivered) => add(delivered.stamp(), What::Delivered { package }),
                Delivery::Acknowledged(both) => {
                    add(both.delivered(), What::Delivered { package });
                    add(both.stamp(), What::Acknowledged { package });
                }
            }
        }
    }
}
