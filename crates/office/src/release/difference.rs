//! What an amended draft changes: shown to everybody who said something about the one before.

use std::collections::BTreeSet;

use ledger::act::{Code, ReleaseDraft};

/// One thing that differs between a draft and the one it amends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Changed {
    /// What would be released.
    Release,
    /// The proof that it is safe.
    Certificate,
    /// Releases that the proof takes into account.
    History,
    /// The label.
    Label,
    /// The kind of content.
    Content,
    /// Receivers that come to the audience.
    AudienceWider(BTreeSet<Code>),
    /// Receivers that leave it.
    AudienceNarrower(BTreeSet<Code>),
    /// Members that become originators.
    OriginatorsAdded(BTreeSet<Code>),
    /// Members that are no originators any more.
    OriginatorsRemoved(BTreeSet<Code>),
    /// Members that are shown another exposure.
    Exposure(BTreeSet<Code>),
    /// The release whose place it takes.
    Supersedes,
}

impl std::fmt::Display for Changed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = |codes: &BTreeSet<Code>| codes.iter().map(Code::as_str).collect::<Vec<_>>().join(", ");
        match self {
            Self::Release => f.write_str("what would be released"),
            Self::Certificate => f.write_str("the certificate"),
            Self::History => f.write_str("the releases that the certificate takes into account"),
            Self::Label => f.write_str("the label"),
            Self::Content => f.write_str("the kind of content"),
            Self::AudienceWider(codes) => write!(f, "also to {}", list(codes)),
            Self::AudienceNarrower(codes) => write!(f, "no more to {}", list(codes)),
            Self::OriginatorsAdded(codes) => write!(f, "now also information of {}", list(codes)),
            Self::OriginatorsRemoved(codes) => write!(f, "no more information of {}", list(codes)),
            Self::Exposure(codes) => write!(f, "another exposure of {}", list(codes)),
            Self::Supersedes => f.write_str("the release whose place it takes"),
        }
    }
}

/// What `later` changes in `earlier`; nothing when only round and deadline differ.
#[must_use]
pub fn difference(earlier: &ReleaseDraft, later: &ReleaseDraft) -> Vec<Changed> {
    let plain = [
        (Changed::Release, earlier.release != later.release),
        (Changed::Certificate, earlier.certificate != later.certificate),
        (Changed::History, earlier.history != later.history),
        (Changed::Label, earlier.label != later.label),
        (Changed::Content, earlier.content != later.content),
        (Changed::Supersedes, earlier.supersedes != later.supersedes),
    ];
    let codes = |draft: &ReleaseDraft| draft.originators.keys().cloned().collect::<BTreeSet<Code>>();
    let (before, after) = (codes(earlier), codes(later));
    let less = |a: &BTreeSet<Code>, b: &BTreeSet<Code>| a.difference(b).cloned().collect::<BTreeSet<Code>>();
    let exposed = earlier
        .originators
        .iter()
        .filter(|(code, exposure)| later.originators.get(*code).is_some_and(|found| found != *exposure));
    type OfCodes = fn(BTreeSet<Code>) -> Changed;
    let sets: [(OfCodes, BTreeSet<Code>); 5] = [
        (Changed::AudienceWider, less(&later.audience, &earlier.audience)),
        (Changed::AudienceNarrower, less(&earlier.audience, &later.audience)),
        (Changed::OriginatorsAdded, less(&after, &before)),
        (Changed::OriginatorsRemoved, less(&before, &after)),
        (Changed::Exposure, exposed.map(|(code, _)| code.clone()).collect()),
    ];
    let plain = plain.into_iter().filter(|(_, changed)| *changed).map(|(what, _)| what);
    let sets = sets.into_iter().filter(|(_, codes)| !codes.is_empty()).map(|(what, codes)| what(codes));
    plain.chain(sets).collect()
}

#[cfg(test)]
mod tests;
