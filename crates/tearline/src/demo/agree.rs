//! Steps 5 and 6: the office proposes, every ally's key approves, and what must be refused is refused.

use ledger::Digest;
use ledger::act::{self, ActBody, Code, Propose, RoundNumber};
use office::{Proposed, Release, statement};

use super::protect::Draft;
use super::story::Story;
use super::{Stage, done, refused, unexpected};
use crate::failure::Failure;
use crate::office_shell::clock::days_after;
use crate::office_shell::failed;

/// Days that the allies have.
const DAYS: i64 = 14;
/// The ally whose screen the reader looks at.
const READER: &str = "NO";

impl Stage<'_> {
    /// Signs an act with an ally's or a company's key and submits it, as its own machine would.
    pub(super) fn sign_and_submit(&mut self, actor: &Code, body: ActBody) -> Result<(), Failure> {
        let envelope = self.signed(actor, actor, body)?;
        done(self.journal.submit(envelope)).map(|_| ())
    }

    /// An act of `actor`, signed with the key of `signer`.
    fn signed(&self, actor: &Code, signer: &Code, body: ActBody) -> Result<ledger::dsse::Envelope, Failure> {
        let company = self.cast.companies.get(signer).map(|company| &company.act);
        let key = self.cast.allies.get(signer).or(company).ok_or_else(|| unexpected("nobody signs"))?;
        let act = self
            .journal
            .state()
            .act(actor.clone(), body)
            .ok_or_else(|| unexpected("a counter is used up"))?;
        act.sign(key).map_err(|error| failed(&error, error.advice()))
    }

    fn proposed(&self, proposal: &Digest) -> Result<&Proposed, Failure> {
        match self.journal.state().release(proposal) {
            Some(Release::Proposed(proposed)) => Ok(proposed),
            _ => Err(unexpected("the proposal does not circulate")),
        }
    }
}

pub(super) fn propose(
    stage: &mut Stage<'_>,
    draft: &Draft,
    story: &mut Story<'_>,
) -> Result<Digest, Failure> {
    story.step("the office proposes the release");
    let now = stage.clock.now()?;
    done(stage.journal.tick(now))?;
    let state = stage.journal.state();
    let roster = state.roster().ok_or_else(|| unexpected("the log has no roster"))?;
    let deadline_utc = days_after(now, DAYS)?;
    let body = ActBody::Propose(Propose {
        title: draft.title.clone(),
        release: draft.release,
        certificate: draft.certificate,
        history: state.history().to_vec(),
        label: draft.label_xml.clone(),
        audience: roster.companies().keys().cloned().collect(),
        originators: draft.originators.clone(),
        round: RoundNumber::FIRST,
        roster_epoch: roster.epoch(),
        deadline_utc,
    });
    let proposal = done(stage.journal.act(body))?;
    story.does(&format!(
        "One signed act names all that is to be agreed: the release {}, its certificate {}, the label `{}`, the audience, all {} \
         allies whose figures are in it, and the deadline {deadline_utc}.",
        short(&draft.release),
        short(&draft.certificate),
        draft.label.marking(),
        draft.originators.len()
    ));
    let seal =
        stage.proposed(&proposal).map(|_| ActBody::Seal(act::Seal { proposal, package: draft.release }))?;
    let refusal = refused(stage.journal.act(seal), "only-agreed-is-sealed")?;
    story.does(&format!("The office tries to seal at once. Refused: {refusal}."));
    story.proves(
        "Nothing can be sealed that was not agreed: the rule is judged on the log, not on anybody's word.",
    );
    Ok(proposal)
}

pub(super) fn approve(
    stage: &mut Stage<'_>,
    proposal: &Digest,
    story: &mut Story<'_>,
) -> Result<(), Failure> {
    story.step("every ally reads the proposal and approves with its own key");
    let body = stage.proposed(proposal)?.approve();
    let allies: Vec<Code> = stage.cast.allies.keys().cloned().collect();
    let reader = allies
        .iter()
        .find(|code| code.as_str() == READER)
        .ok_or_else(|| unexpected("the reader is no ally"))?;
    let act = stage.journal.state().act(reader.clone(), body.clone());
    let act = act.ok_or_else(|| unexpected("a counter is used up"))?;
    story.does(&format!(
        "What {READER} reads before its key signs; the words are computed from the act that is signed:"
    ));
    story.quote(&statement::of(&act, stage.journal.state()).to_string());
    let (first, rest) = allies.split_first().ok_or_else(|| unexpected("there are no allies"))?;
    let second = rest.first().ok_or_else(|| unexpected("there is one ally only"))?;
    let approval = stage.signed(first, first, body.clone())?;
    done(stage.journal.submit(approval.clone()))?;
    let replayed = refused(stage.journal.submit(approval), "counter-rises")?;
    let forged = stage.signed(second, first, body.clone())?;
    let forged = refused(stage.journal.submit(forged), "actor-key")?;
    for ally in rest {
        stage.sign_and_submit(ally, body.clone())?;
    }
    story.does(&format!("{} approvals are logged. Two more were tried on the way:", allies.len()));
    story.does(&format!("{first}'s approval is sent a second time. Refused: {replayed}."));
    story.does(&format!("An approval of {second}, signed with {first}'s key. Refused: {forged}."));
    let agreed =
        stage.journal.state().agreed(proposal).ok_or_else(|| unexpected("the round did not settle"))?;
    let entry = agreed.evidence().settled;
    story.does(&format!("With the last approval, entry {entry}, the log itself says: agreed."));
    story.proves(
        "Every owner of a figure agreed to exactly this release, label and audience, with a key that the office never holds. \
         Silence never stands for an owner, and one objection would have ended the round.",
    );
    Ok(())
}

/// The beginning of a digest, enough to tell it from others on one screen.
pub(super) fn short(digest: &Digest) -> String {
    digest.to_string().chars().take(16).collect()
}
