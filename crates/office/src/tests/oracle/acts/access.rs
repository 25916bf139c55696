//! Answers of the key access service: whether the log says the same.

use ledger::act::{AccessDecision, AccessRefusal, KeyAccess, Roster, Scope, Subject, UtcTime};

use super::{Judge, Verdict, ensure, is_superseded, is_withdrawn, packages, round, table};

pub(super) fn check(judge: &Judge, entry: usize, answer: &KeyAccess) -> Verdict {
    let now = judge.time_before(entry).ok_or("answered before there was time")?;
    match (answer.decision, reason(judge, entry, answer, now)) {
        (AccessDecision::Granted, Some(reason)) => Err(format!("a key was given although {reason}")),
        (AccessDecision::Refused(found), Some(reason)) => {
            ensure!(found == reason, "refused because {found} where {reason}");
            Ok(())
        }
        (AccessDecision::Refused(found), None) => {
            // What only the service can see.
            let own = ["foreign_key", "binding", "addressee", "label", "profile"];
            ensure!(own.contains(&found.word()), "refused because {found}, which the log denies");
            Ok(())
        }
        (AccessDecision::Granted, None) => Ok(()),
    }
}

/// Why the receiver may not open it, by everything before the entry.
fn reason(judge: &Judge, entry: usize, answer: &KeyAccess, now: UtcTime) -> Option<AccessRefusal> {
    let KeyAccess { proposal, receiver, .. } = answer;
    let Some(start) = judge.start_of(proposal, entry) else { return Some(AccessRefusal::UnknownRelease) };
    let Subject::Release(draft) = &judge.propose(start).subject else {
        return Some(AccessRefusal::UnknownRelease);
    };
    if is_withdrawn(judge, proposal, entry) {
        return Some(AccessRefusal::Withdrawn);
    }
    if packages(judge, proposal, entry).is_empty() {
        return Some(AccessRefusal::NotSealed);
    }
    if is_superseded(judge, proposal, entry) {
        return Some(AccessRefusal::Superseded);
    }
    if !draft.audience.contains(receiver) {
        return Some(AccessRefusal::Audience);
    }
    let roster: &Roster = &judge.rosters[entry];
    let Some(found) = roster.receivers.iter().find(|found| found.code == *receiver) else {
        return Some(AccessRefusal::NotOnRoster);
    };
    let counts = found.delegation.delegates.iter().filter(|delegate| {
        let revoked = judge.is_revoked(&delegate.key.id(), entry);
        delegate.scopes.contains(&Scope::Receive) && delegate.expires_utc > now && !revoked
    });
    if counts.count() == 0 {
        return Some(AccessRefusal::NoKey);
    }
    let level = round::level(draft);
    if found.clearance < level {
        return Some(AccessRefusal::Clearance);
    }
    if table::eligible(roster, receiver, draft.content, level, now) {
        return None;
    }
    // Would it be eligible at any other time?
    let ever = roster
        .eligibility
        .iter()
        .any(|line| table::eligible(roster, receiver, draft.content, level, line.from_utc));
    Some(if ever { AccessRefusal::NotNow } else { AccessRefusal::NoAgreement })
}
