//! What an amended draft changes: shown to everybody who said something about the one before.

use std::collections::{BTreeMap, BTreeSet};

use ledger::act::{Code, PartId, ReleaseDraft, Revision, Wave};

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
    /// The revision of the registry on which a wave was planned.
    Registry,
    /// Parts that a wave hands over no more.
    PartsTakenOut(BTreeSet<PartId>),
    /// Parts that it hands over as well.
    PartsPutIn(BTreeSet<PartId>),
    /// Parts of which it says something else, or hands over another document.
    PartsOtherwise(BTreeSet<PartId>),
    /// Parts of which it tells something else.
    Notices(BTreeSet<PartId>),
}

impl std::fmt::Display for Changed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = |codes: &BTreeSet<Code>| codes.iter().map(Code::as_str).collect::<Vec<_>>().join(", ");
        let ids = |parts: &BTreeSet<PartId>| parts.iter().map(PartId::as_str).collect::<Vec<_>>().join(", ");
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
            Self::Registry => f.write_str("the revision of the registry"),
            Self::PartsTakenOut(parts) => write!(f, "without {}", ids(parts)),
            Self::PartsPutIn(parts) => write!(f, "also with {}", ids(parts)),
            Self::PartsOtherwise(parts) => write!(f, "otherwise about {}", ids(parts)),
            Self::Notices(parts) => write!(f, "another notice of {}", ids(parts)),
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
    plain.chain(sets).chain(of_parts(earlier.wave.as_deref(), later.wave.as_deref())).collect()
}

/// What a later wave changes in an earlier one; without a wave there are no parts.
fn of_parts(earlier: Option<&Wave>, later: Option<&Wave>) -> Vec<Changed> {
    let none = Wave { registry: Revision::FIRST, parts: BTreeMap::new(), notices: BTreeMap::new() };
    let (before, after) = (earlier.unwrap_or(&none), later.unwrap_or(&none));
    let missing = |of: &Wave, other: &Wave| {
        of.parts.keys().filter(|id| !other.parts.contains_key(*id)).cloned().collect::<BTreeSet<PartId>>()
    };
    let otherwise =
        before.parts.iter().filter(|(id, part)| after.parts.get(*id).is_some_and(|found| found != *part));
    let told = before.notices.keys().chain(after.notices.keys());
    let told = told.filter(|id| before.notices.get(*id) != after.notices.get(*id));
    type OfParts = fn(BTreeSet<PartId>) -> Changed;
    let sets: [(OfParts, BTreeSet<PartId>); 4] = [
        (Changed::PartsTakenOut, missing(before, after)),
        (Changed::PartsPutIn, missing(after, before)),
        (Changed::PartsOtherwise, otherwise.map(|(id, _)| id.clone()).collect()),
        (Changed::Notices, told.cloned().collect()),
    ];
    let registry = earlier.map(|wave| wave.registry) != later.map(|wave| wave.registry);
    let sets = sets.into_iter().filter(|(_, parts)| !parts.is_empty()).map(|(what, parts)| what(parts));
    registry.then_some(Changed::Registry).into_iter().chain(sets).collect()
}

#[cfg(test)]
mod tests;
