//! Steps 5 and 6: the office proposes, every ally's key approves, and what must be refused is refused.

use std::collections::BTreeSet;

use ledger::Digest;
use ledger::act::{self, ActBody, Code, Content, Level};
use ledger::act_key::Signer;
use ledger::keyfile::ActSecret;
use office::release::Circulation;
use office::{Proof, Proposed, Release, statement};

use super::cast::TWO_KEYS;
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

/// The ally that gave its consent beforehand, and for how long.
const ENTRUSTING: &str = "IS";
const ENTRUST_DAYS: i64 = 365;

impl Stage<'_> {
    /// The keys of an ally or a company.
    fn keys(&self, actor: &Code) -> Result<Vec<&ActSecret>, Failure> {
        let receiver = || self.cast.companies.get(actor).or_else(|| self.cast.partners.get(actor));
        let company = || receiver().map(|company| vec![&company.act]);
        let ally = self.cast.allies.get(actor).map(|keys| keys.iter().collect());
        ally.or_else(company).ok_or_else(|| unexpected("nobody signs"))
    }

    /// Signs an act with each key that its party needs and submits it, as the delegates' own machines would.
    pub(super) fn sign_and_submit(&mut self, actor: &Code, body: ActBody) -> Result<(), Failure> {
        let count = self.keys(actor)?.len();
        for number in 0..count {
            let envelope = self.signed(actor, actor, number, body.clone())?;
            done(self.journal.submit(envelope))?;
        }
        Ok(())
    }

    /// The same for acts that take one key, whatever the quorum.
    pub(super) fn sign_once(&mut self, actor: &Code, body: ActBody) -> Result<(), Failure> {
        let envelope = self.signed(actor, actor, 0, body)?;
        done(self.journal.submit(envelope)).map(|_| ())
    }

    /// An act of `actor`, signed with one of the keys of `signer`.
    fn signed(
        &self,
        actor: &Code,
        signer: &Code,
        number: usize,
        body: ActBody,
    ) -> Result<ledger::dsse::Envelope, Failure> {
        let key = self.keys(signer)?.get(number).copied().ok_or_else(|| unexpected("nobody signs"))?;
        let act = self.journal.state().act(actor.clone(), &key.key().id(), body);
        let act = act.ok_or_else(|| unexpected("a counter is used up"))?;
        act.sign(key).map_err(|error| failed(&error, error.advice()))
    }

    fn proposed(&self, proposal: &Digest) -> Result<&Proposed, Failure> {
        match self.journal.state().release(proposal) {
            Some(Release::Proposed(proposed)) => Ok(proposed),
            _ => Err(unexpected("the proposal does not circulate")),
        }
    }
}

/// One ally consents beforehand, within bounds.
fn entrust(stage: &mut Stage<'_>, audience: &BTreeSet<Code>, story: &mut Story<'_>) -> Result<(), Failure> {
    let ally = code(ENTRUSTING)?;
    let terms = act::Entrust {
        audience: audience.clone(),
        contents: BTreeSet::from([Content::Figures]),
        highest: Level::Unclassified,
        expires_utc: days_after(stage.clock.now()?, ENTRUST_DAYS)?,
    };
    stage.sign_and_submit(&ally, ActBody::Entrust(terms))?;
    story.does(&format!(
        "{ENTRUSTING} consents beforehand to releases of figures up to unclassified, to these companies and no others, for a \
         year. It can take that back with one signature."
    ));
    Ok(())
}

pub(super) fn propose(
    stage: &mut Stage<'_>,
    draft: &Draft,
    story: &mut Story<'_>,
) -> Result<Digest, Failure> {
    story.step("the office proposes the release");
    let now = stage.clock.now()?;
    done(stage.journal.tick(now))?;
    let audience: BTreeSet<Code> = stage.cast.companies.keys().cloned().collect();
    entrust(stage, &audience, story)?;
    let state = stage.journal.state();
    let roster = state.roster().ok_or_else(|| unexpected("the log has no roster"))?;
    let deadline_utc = days_after(now, DAYS)?;
    let (round, roster_epoch) = (state.next_round(&draft.title), roster.epoch());
    let protected = office::Draft {
        title: draft.title.clone(),
        content: Content::Figures,
        label: draft.label_xml.clone(),
        audience,
        supersedes: None,
        wave: None,
    }
    .protect(Proof {
        release: draft.release,
        certificate: draft.certificate,
        history: state.history(),
        exposures: draft.exposures.clone(),
    });
    let body = protected.propose(Circulation { round, roster_epoch, deadline_utc });
    let proposal = done(stage.journal.act(body))?;
    story.does(&format!(
        "The proposal names the digests of the release and of its certificate, the label, the audience, {} originators with a \
         salted commitment to the exposure that each was shown, the round and the deadline {deadline_utc}: proposal {}.",
        draft.exposures.len(),
        short(&proposal)
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
    story.step("every ally reads the proposal and approves with its own keys");
    let body = stage.proposed(proposal)?.approve();
    let allies: Vec<Code> = stage.cast.allies.keys().cloned().collect();
    let reader = code(READER)?;
    let key = stage.keys(&reader)?.first().map(|key| key.key().id());
    let key = key.ok_or_else(|| unexpected("the reader has no key"))?;
    let act = stage.journal.state().act(reader, &key, body.clone());
    let act = act.ok_or_else(|| unexpected("a counter is used up"))?;
    story.does(&format!(
        "What {READER} reads before its key signs; the words are computed from the act that is signed:"
    ));
    story.quote(&statement::of(&act, stage.journal.state()).to_string());
    let silent = code(ENTRUSTING)?;
    let mut speaking = allies.iter().filter(|ally| **ally != silent);
    let first = speaking.next().ok_or_else(|| unexpected("there are no allies"))?;
    let second = speaking.clone().next().ok_or_else(|| unexpected("there is one ally only"))?;
    let approval = stage.signed(first, first, 0, body.clone())?;
    done(stage.journal.submit(approval.clone()))?;
    let replayed = refused(stage.journal.submit(approval), "counter-rises")?;
    let forged = stage.signed(second, first, 0, body.clone())?;
    let forged = refused(stage.journal.submit(forged), "actor-key")?;
    for ally in speaking {
        stage.sign_and_submit(ally, body.clone())?;
    }
    let open = stage.proposed(proposal).is_ok();
    story.does(&format!(
        "{} allies approve, {TWO_KEYS} with the two delegates that its quorum takes. Two more approvals were tried on the way:",
        allies.len() - 1
    ));
    story.does(&format!("{first}'s approval is sent a second time. Refused: {replayed}."));
    story.does(&format!("An approval of {second}, signed with {first}'s key. Refused: {forged}."));
    if !open {
        return Err(unexpected("the round settled before its time"));
    }
    waive(stage, proposal, story)
}

/// The one ally that consented beforehand could still object until the deadline; it says that nobody need wait for that.
fn waive(stage: &mut Stage<'_>, proposal: &Digest, story: &mut Story<'_>) -> Result<(), Failure> {
    let ballot = stage.proposed(proposal)?.round().ballot();
    stage.sign_and_submit(&code(ENTRUSTING)?, ActBody::Waive(ballot))?;
    let agreed =
        stage.journal.state().agreed(proposal).ok_or_else(|| unexpected("the round did not settle"))?;
    let entry = agreed.evidence().settled;
    story.does(&format!(
        "{ENTRUSTING}, which consented beforehand, says that it need not be waited for. With that, entry {entry}, the log itself \
         says: agreed."
    ));
    story.proves(
        "Every owner of a figure agreed to exactly this release, label and audience, or to releases within bounds that hold here, \
         with keys that the office never holds. Silence never stands for an owner, and one objection would have ended the round.",
    );
    Ok(())
}

pub(super) fn code(text: &str) -> Result<Code, Failure> {
    Code::new(text).map_err(|_| unexpected("a code does not read"))
}

/// The beginning of a digest, enough to tell it from others on one screen.
pub(super) fn short(digest: &Digest) -> String {
    digest.to_string().chars().take(16).collect()
}
