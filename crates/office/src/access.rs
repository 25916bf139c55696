//! Whether a receiver may have the key of a package now, by the log alone.
//!
//! A package that was handed over is out of the office's hands, but for the classical copy of its key, which only the office's key
//! access service can unwrap. This is the one judgement that the service asks for, and the one by which its answers are judged when
//! they are logged ([`ledger::act::KeyAccess`]). It knows neither keys nor requests: who asks, what the policy of the package binds
//! and whether that binding holds is the service's to see.
//!
//! Reasons are looked for in the order of [`AccessRefusal::ALL`]; the first one found is the answer.
//!
//! A release that was **superseded** opens no more, like one that was withdrawn, and as `deliver` has it: whoever opened it before
//! has it, and whoever did not would act on figures in whose place others stand, or that the later release was made to leave out. The
//! later one is there for everybody whom the office chose for it.
//!
//! The keys of a receiver count as a whole: while one key that receives is neither revoked nor expired, the party can be told from
//! a thief by it. Without any, nobody can say that it is still the receiver that asks.

use ledger::{
    Digest,
    act::{Code, Content, LabelXml, Level, Scope, Title, UtcTime},
};

use crate::{
    decide::level_of,
    release::Release,
    roster::{Delegation, Ineligible, Role, Roster},
    state::State,
};

pub use ledger::act::AccessRefusal;

/// What a receiver may open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access<'a> {
    /// Title of the release.
    pub title: &'a Title,
    /// Figures or standards.
    pub content: Content,
    /// The classification that its label says.
    pub level: Level,
    /// The label that was agreed; the policy of a package must bind the digest of this one and no other.
    pub label: &'a LabelXml,
}

/// Whether `receiver` may open packages of a release at a time.
///
/// # Errors
/// The first reason why not; each is one that [`ledger::act::JudgedBy::Log`] stands for.
///
/// # Guarantee
/// Never `Ok` where a package of the release could not be delivered to this receiver at this time for the first time.
pub fn may_open<'a>(
    state: &'a State,
    proposal: &Digest,
    receiver: &Code,
    at: UtcTime,
) -> Result<Access<'a>, AccessRefusal> {
    let release = state.release(proposal).ok_or(AccessRefusal::UnknownRelease)?;
    match release {
        Release::Proposed(_) | Release::Refused(_) | Release::Agreed(_) => {
            return Err(AccessRefusal::NotSealed);
        }
        Release::Withdrawn(_) => return Err(AccessRefusal::Withdrawn),
        Release::Superseded(_) => return Err(AccessRefusal::Superseded),
        Release::Sealed(_) => {}
    }
    let protected = release.protected();
    let draft = protected.draft();
    if !draft.audience.contains(receiver) {
        return Err(AccessRefusal::Audience);
    }
    let roster = state.roster().ok_or(AccessRefusal::NotOnRoster)?;
    let Some((Role::Receiver, delegation)) = roster.party(receiver) else {
        return Err(AccessRefusal::NotOnRoster);
    };
    if !has_key(roster, delegation, at) {
        return Err(AccessRefusal::NoKey);
    }
    // A label that does not read never circulates; if one did, nobody would be cleared for it.
    let level = level_of(draft).unwrap_or(Level::TopSecret);
    roster.eligible(receiver, draft.content, level, at).map_err(|why| match why {
        Ineligible::Unknown { .. } => AccessRefusal::NotOnRoster,
        Ineligible::Clearance { .. } => AccessRefusal::Clearance,
        Ineligible::NoAgreement { .. } => AccessRefusal::NoAgreement,
        Ineligible::NotNow { .. } => AccessRefusal::NotNow,
    })?;
    Ok(Access { title: protected.title(), content: draft.content, level, label: &draft.label })
}

/// Whether the party has a key that receives and counts.
fn has_key(roster: &Roster, delegation: &Delegation, at: UtcTime) -> bool {
    delegation.delegates().iter().any(|(key, delegate)| {
        delegate.scopes.contains(&Scope::Receive)
            && !roster.revoked().contains(key)
            && at < delegate.expires_utc
    })
}
