//! Acts one by one: whether each may stand where it stands, by the acts before it.

use std::collections::BTreeSet;

use ledger::{
    Digest,
    act::{self, ActBody, Code, Content, Propose, Scope, Seal, Subject, Witness},
    checkpoint::SignedCheckpoint,
    merkle::Tree,
    policy::Policy,
};

mod access;

use super::{Judge, Verdict, ensure, round, table, wave};
use crate::Outcome;

/// The signer had a key of the actor in force, for this kind of act, that was not used for this before.
pub(super) fn check_signer(judge: &Judge, entry: usize) -> Verdict {
    let logged = &judge.log[entry];
    let (actor, body) = (&logged.act.actor, &logged.act.body);
    let roster = &judge.rosters[entry];
    ensure!(!judge.is_revoked(&logged.key, entry), "a revoked key counted");
    let earlier = judge.log[..entry].iter().filter(|other| other.key == logged.key);
    let used = earlier.map(|other| other.act.counter).max();
    ensure!(used.is_none_or(|used| used < logged.act.counter), "a counter was used again");
    let delegation = table::delegation(roster, actor);
    let delegate = delegation.and_then(|found| found.delegates.iter().find(|one| one.key.id() == logged.key));
    if let ActBody::Endorse(ballot) = body {
        let start = judge.start_of(&ballot.proposal, entry).ok_or("endorsed nothing")?;
        let mut needed = round::needed(judge, start).into_iter();
        let named = needed.any(|(party, keys, _)| party == *actor && keys.contains(&logged.key));
        ensure!(named, "endorsed by a key that is not named");
    } else {
        ensure!(delegate.is_some(), "signed by no key of `{actor}`");
    }
    let Some(delegate) = delegate else { return Ok(()) };
    ensure!(judge.time_before(entry).is_none_or(|now| now < delegate.expires_utc), "an expired key counted");
    let (allowed, scope) = allowed(judge, entry, actor);
    ensure!(allowed, "an act of another role");
    ensure!(scope.is_none_or(|scope| delegate.scopes.contains(&scope)), "an act of another scope");
    Ok(())
}

/// Whether the act is one of the actor's role, and the scope that it takes.
fn allowed(judge: &Judge, entry: usize, actor: &Code) -> (bool, Option<Scope>) {
    let roster = &judge.rosters[entry];
    let office = actor.as_str() == act::OFFICE;
    let member = table::is_member(roster, actor);
    match &judge.log[entry].act.body {
        ActBody::Found(_) => (office, None),
        ActBody::Tick(_) => (office, Some(Scope::Clock)),
        ActBody::Propose(propose) if member => (recovers_office(propose), Some(Scope::Govern)),
        ActBody::Propose(_) | ActBody::Extend(_) | ActBody::Withdraw(_) | ActBody::Register(_) => {
            (office, Some(Scope::Propose))
        }
        ActBody::Seal(_) | ActBody::Deliver(_) | ActBody::Witness(_) => (office, Some(Scope::Seal)),
        ActBody::KeyAccess(_) => (office, Some(Scope::Access)),
        ActBody::Deposit(_) => (member, Some(Scope::Deposit)),
        ActBody::Entrust(_) | ActBody::Reclaim(_) => (member, Some(Scope::Agree)),
        ActBody::Approve(_)
        | ActBody::Object(_)
        | ActBody::Amend(_)
        | ActBody::Reserve(_)
        | ActBody::Consent(_)
        | ActBody::Waive(_)
        | ActBody::Retract(_) => (member, None),
        ActBody::Acknowledge(_) => (!office && !member, Some(Scope::Receive)),
        ActBody::Endorse(_) | ActBody::Revoke(_) => (true, None),
    }
}

fn recovers_office(propose: &Propose) -> bool {
    let Subject::Roster(draft) = &propose.subject else { return false };
    matches!(&draft.changes[..], [act::Change::Delegation(new)]
        if new.party.as_str() == act::OFFICE && new.succession == act::Succession::Recover)
}

pub(super) fn check_act(judge: &Judge, entry: usize) -> Verdict {
    let logged = &judge.log[entry];
    let now = judge.time_before(entry);
    if let Some((ballot, word)) = round::ballot(&logged.act.body) {
        let start = open_round(judge, &ballot.proposal, entry)?;
        ensure!(round::is_for(judge, start, &ballot), "an act for another round or roster counted");
        ensure!(now < Some(round::deadline(judge, start, entry)), "an act after the deadline counted");
        ensure!(round::voices(judge, start).contains_key(&logged.act.actor), "spoken without a voice");
        let who = (logged.act.actor.clone(), logged.key);
        let said = round::said(judge, start, entry - 1);
        ensure!(word.is_some() || said.contains_key(&who), "took back nothing");
        let counted = round::said(judge, start, entry);
        ensure!(counted.contains_key(&who) == word.is_some(), "accepted, but does not count");
        wave::check_parts(judge, entry)?;
    }
    match &logged.act.body {
        ActBody::Tick(tick) => ensure!(now <= Some(tick.at_utc), "time ran back"),
        ActBody::Deposit(deposit) => {
            let doubled = judge.log[..entry].iter().any(|other| match &other.act.body {
                ActBody::Deposit(earlier) => {
                    earlier.commitment == deposit.commitment || earlier.blob == deposit.blob
                }
                ActBody::Register(earlier) => earlier.blob == deposit.blob,
                _ => false,
            });
            ensure!(!doubled, "deposited twice");
        }
        ActBody::Register(register) => {
            ensure!(now.is_some(), "registered before there was time");
            wave::check_register(judge, entry, register)?;
        }
        ActBody::Propose(propose) => check_propose(judge, entry, propose)?,
        ActBody::Extend(extend) => {
            let start = open_round(judge, &extend.proposal, entry)?;
            let before = round::deadline(judge, start, entry - 1);
            ensure!(now < Some(before) && before < extend.deadline_utc, "extended too late or backwards");
        }
        ActBody::Endorse(ballot) => {
            let start = open_round(judge, &ballot.proposal, entry)?;
            ensure!(round::is_for(judge, start, ballot), "an endorsement for another round or roster");
            ensure!(now < Some(round::deadline(judge, start, entry)), "endorsed after the deadline");
            ensure!(!round::endorsed(judge, start, entry - 1).contains(&logged.key), "endorsed twice");
        }
        ActBody::Revoke(revoke) => {
            let delegation = table::delegation(&judge.rosters[entry], &logged.act.actor);
            let own = delegation.is_some_and(|found| table::keys(found).contains(&revoke.key));
            ensure!(own && !judge.is_revoked(&revoke.key, entry), "revoked a foreign key, or again");
        }
        ActBody::Withdraw(withdraw) => {
            let start = judge.start_of(&withdraw.proposal, entry).ok_or("withdrew nothing")?;
            let before = judge.outcomes.get(&withdraw.proposal).map(|(outcome, _)| *outcome);
            let standing = matches!(before, None | Some(Outcome::Agreed))
                && !is_withdrawn(judge, &withdraw.proposal, entry)
                && !is_superseded(judge, &withdraw.proposal, entry);
            let release = matches!(judge.propose(start).subject, Subject::Release(_));
            ensure!(standing && (release || before.is_none()), "withdrew what does not stand");
            ensure!(!recovers_office(judge.propose(start)), "withdrew a recovery");
        }
        ActBody::Witness(witness) => check_witness(judge, entry, witness)?,
        ActBody::Seal(seal) => check_seal(judge, entry, seal)?,
        ActBody::Deliver(deliver) => check_deliver(judge, entry, deliver)?,
        ActBody::KeyAccess(answer) => access::check(judge, entry, answer)?,
        ActBody::Acknowledge(acknowledge) => check_acknowledge(judge, entry, acknowledge)?,
        _ => {}
    }
    Ok(())
}

fn open_round(judge: &Judge, proposal: &Digest, entry: usize) -> Result<usize, String> {
    let start = judge.start_of(proposal, entry).ok_or("an act for no proposal counted")?;
    ensure!(!judge.outcomes.contains_key(proposal), "an act after the outcome counted");
    Ok(start)
}

fn check_propose(judge: &Judge, entry: usize, propose: &Propose) -> Verdict {
    let roster = &judge.rosters[entry];
    let now = judge.time_before(entry).ok_or("proposed before there was time")?;
    let before: Vec<_> =
        judge.proposals(entry - 1).filter(|(.., other)| other.title == propose.title).collect();
    ensure!(propose.round.get() == before.len() as u64 + 1, "a round was left out or doubled");
    ensure!(propose.amends == before.last().map(|(_, digest, _)| *digest), "the draft amends another");
    ensure!(propose.roster_epoch == roster.epoch, "proposed under another roster");
    ensure!(propose.deadline_utc > now, "the deadline is over");
    if let Some((start, digest, _)) = before.last() {
        let outcome = judge.outcomes.get(digest).map(|(outcome, _)| *outcome);
        ensure!(outcome.is_some(), "two rounds of one draft are open");
        let again = match &judge.propose(*start).subject {
            Subject::Release(draft) => {
                let stale = judge.propose(*start).roster_epoch != roster.epoch
                    || wave::check_outlasts(judge, entry, draft).is_err();
                is_withdrawn(judge, digest, entry) || (packages(judge, digest, entry).is_empty() && stale)
            }
            Subject::Roster(_) => false,
        };
        ensure!(outcome != Some(Outcome::Agreed) || again, "an agreement circulates again");
    }
    let Subject::Release(draft) = &propose.subject else { return Ok(()) };
    ensure!(!draft.originators.is_empty(), "nobody's information");
    let members = draft.originators.keys().all(|code| table::is_member(roster, code));
    ensure!(members, "an originator is no member");
    for other in &judge.log[..entry] {
        let depositor = &other.act.actor;
        let counts = matches!(other.act.body, ActBody::Deposit(_))
            && draft.content == Content::Figures
            && table::is_member(roster, depositor);
        ensure!(!counts || draft.originators.contains_key(depositor), "an originator was left out");
    }
    ensure!(draft.history == judge.history_before(entry), "a certificate that leaves something out");
    let level = round::level(draft);
    let eligible = |code: &Code| table::eligible(roster, code, draft.content, level, now);
    ensure!(!draft.audience.is_empty() && draft.audience.iter().all(eligible), "an audience not eligible");
    ensure!(draft.supersedes.is_none_or(|earlier| is_in_force(judge, &earlier, entry)), "supersedes nothing");
    wave::check_wave(judge, entry, propose, draft)
}

/// Packages sealed of a proposal before `end`.
pub(super) fn packages(judge: &Judge, proposal: &Digest, end: usize) -> BTreeSet<Digest> {
    let sealed = judge.log[..end].iter().filter_map(|logged| match &logged.act.body {
        ActBody::Seal(seal) if seal.proposal == *proposal => Some(seal.package),
        _ => None,
    });
    sealed.collect()
}

/// Whether it was taken back after it was agreed.
pub(super) fn is_withdrawn(judge: &Judge, proposal: &Digest, end: usize) -> bool {
    let Some((Outcome::Agreed, settled)) = judge.outcomes.get(proposal) else { return false };
    judge.log[..end].iter().enumerate().any(|(entry, logged)| {
        entry > *settled
            && matches!(&logged.act.body, ActBody::Withdraw(withdraw) if withdraw.proposal == *proposal)
    })
}

/// Whether a release that takes its place was sealed.
pub(super) fn is_superseded(judge: &Judge, proposal: &Digest, end: usize) -> bool {
    judge.log[..end].iter().any(|logged| {
        let ActBody::Seal(seal) = &logged.act.body else { return false };
        let start = judge.start_of(&seal.proposal, end - 1);
        start.is_some_and(|start| {
            matches!(&judge.propose(start).subject, Subject::Release(draft)
                if draft.supersedes == Some(*proposal))
        })
    })
}

fn is_in_force(judge: &Judge, proposal: &Digest, end: usize) -> bool {
    !packages(judge, proposal, end).is_empty()
        && !is_withdrawn(judge, proposal, end)
        && !is_superseded(judge, proposal, end)
}

fn check_seal(judge: &Judge, entry: usize, seal: &Seal) -> Verdict {
    let start = judge.start_of(&seal.proposal, entry).ok_or("sealed nothing")?;
    let Some((Outcome::Agreed, settled)) = judge.outcomes.get(&seal.proposal) else {
        return Err("sealed what is not agreed".to_owned());
    };
    let Subject::Release(draft) = &judge.propose(start).subject else {
        return Err("sealed a roster".to_owned());
    };
    let objected = judge.log[start..entry].iter().any(|logged| {
        matches!(round::ballot(&logged.act.body), Some((ballot, Some(round::Word::No | round::Word::Otherwise)))
            if ballot.proposal == seal.proposal)
    });
    ensure!(!objected, "sealed over an objection");
    ensure!(!is_withdrawn(judge, &seal.proposal, entry), "sealed what was withdrawn");
    ensure!(!is_superseded(judge, &seal.proposal, entry), "sealed what was superseded");
    let doubled = |body: &ActBody| matches!(body, ActBody::Seal(other) if other.package == seal.package);
    ensure!(!judge.log[..entry].iter().any(|other| doubled(&other.act.body)), "one package twice");
    if packages(judge, &seal.proposal, entry).is_empty() {
        let roster = &judge.rosters[entry];
        ensure!(judge.propose(start).roster_epoch == roster.epoch, "agreed under another roster");
        wave::check_outlasts(judge, entry, draft)?;
        let policy =
            Policy::parse(roster.witnesses.as_str().as_bytes()).map_err(|error| error.to_string())?;
        let seen = judge.witnessed_before(entry) > *settled as u64;
        ensure!(!policy.needs_witnesses() || seen, "sealed before witnesses have seen the agreement");
        ensure!(draft.supersedes.is_none_or(|old| is_in_force(judge, &old, entry)), "supersedes nothing");
    }
    Ok(())
}

fn check_deliver(judge: &Judge, entry: usize, deliver: &act::Deliver) -> Verdict {
    let proposal = judge.log[..entry].iter().find_map(|logged| match &logged.act.body {
        ActBody::Seal(seal) if seal.package == deliver.package => Some(seal.proposal),
        _ => None,
    });
    let proposal = proposal.ok_or("delivered without a seal")?;
    let start = judge.start_of(&proposal, entry).ok_or("delivered nothing")?;
    let Subject::Release(draft) = &judge.propose(start).subject else {
        return Err("delivered a roster".to_owned());
    };
    ensure!(draft.audience.contains(&deliver.to), "delivered past the audience");
    ensure!(is_in_force(judge, &proposal, entry), "delivered what is not in force");
    let now = judge.time_before(entry).ok_or("delivered before there was time")?;
    let eligible =
        table::eligible(&judge.rosters[entry], &deliver.to, draft.content, round::level(draft), now);
    ensure!(eligible, "delivered to somebody who may not have it any more");
    let again = judge.log[..entry].iter().any(|other| {
        matches!(&other.act.body, ActBody::Deliver(earlier)
            if earlier.package == deliver.package && earlier.to == deliver.to)
    });
    ensure!(!again, "delivered twice");
    wave::check_deliver(judge, entry, &proposal, &deliver.to)
}

fn check_acknowledge(judge: &Judge, entry: usize, acknowledge: &act::Acknowledge) -> Verdict {
    let before = |wanted: &dyn Fn(&Code, &ActBody) -> bool| {
        judge.log[..entry].iter().any(|other| wanted(&other.act.actor, &other.act.body))
    };
    let who = &judge.log[entry].act.actor;
    let delivered = before(&|_, body| {
        matches!(body, ActBody::Deliver(deliver)
            if deliver.package == acknowledge.package && deliver.to == *who)
    });
    let again = before(&|actor, body| {
        actor == who && matches!(body, ActBody::Acknowledge(other) if other.package == acknowledge.package)
    });
    ensure!(delivered && !again, "acknowledged what was not delivered, or twice");
    Ok(())
}

/// The size that a checkpoint states.
pub(super) fn size_of(witness: &Witness) -> Option<u64> {
    SignedCheckpoint::from_text(witness.checkpoint.as_str()).ok().map(|signed| signed.unverified().size)
}

fn check_witness(judge: &Judge, entry: usize, witness: &Witness) -> Verdict {
    let signed =
        SignedCheckpoint::from_text(witness.checkpoint.as_str()).map_err(|error| error.to_string())?;
    let stated = signed.unverified();
    ensure!(judge.witnessed_before(entry) < stated.size, "a checkpoint that says nothing new");
    ensure!(stated.size <= entry as u64, "a checkpoint of entries to come");
    let seen = judge.log.iter().take(stated.size as usize).map(|logged| &logged.entry);
    ensure!(Tree::of_entries(seen).root() == stated.root, "a checkpoint of another log");
    let policy = Policy::parse(judge.rosters[entry].witnesses.as_str().as_bytes());
    let cosigned = policy.map_err(|error| error.to_string())?.satisfied_by(&signed);
    cosigned.map(|_| ()).map_err(|error| error.to_string())
}
