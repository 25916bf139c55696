//! Why an entry may not be logged.
//!
//! A refusal is an answer, not a failure: the state is as it was. Each names the rule that the act breaks ([`Refusal::rule`], a
//! stable word for documents and programs), says what was found, and what its author can do. A refusal, its rule and its advice
//! stand together, so that none is added without the others.

use ledger::{
    Digest,
    act::{
        AccessDecision, ActError, Code, Counter, Epoch, Level, PartId, Revision, RoundNumber, Scope, Title,
        UtcTime,
    },
    checkpoint::CheckpointError,
    dsse::EnvelopeError,
    key::KeyId,
    policy::PolicyError,
};

use crate::{
    agreement::Outcome,
    event::EntryIndex,
    roster::{Ineligible, Role, RosterError},
};

/// Writes the enumeration, the rules and the advice from one list.
macro_rules! refusals {
    ($(
        $(#[$meta:meta])*
        $name:ident $({ $( $(#[$field_meta:meta])* $field:ident: $type:ty, )* })? => $rule:literal, $advice:expr;
    )*) => {
        /// The rule that an act breaks.
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        pub enum Refusal {
            $( $(#[$meta])* $name $({ $( $(#[$field_meta])* $field: $type, )* })?, )*
        }

        impl Refusal {
            /// Every rule, as [`Refusal::rule`] names it; one may stand for several refusals.
            pub const RULES: &[&str] = &[$($rule),*];

            /// The rule, as one stable word.
            #[must_use]
            pub fn rule(&self) -> &'static str {
                match self { $( Self::$name { .. } => $rule, )* }
            }

            /// What the author of the act can do.
            #[must_use]
            #[allow(unused_variables, reason = "only some advice looks into the refusal")]
            pub fn advice(&self) -> &'static str {
                match self { $( Self::$name $({ $($field),* })? => $advice, )* }
            }
        }
    };
}

refusals! {
    /// Not an envelope in its one spelling.
    #[error("the entry is not an envelope")]
    Envelope {
        /// What is wrong with it.
        #[from]
        source: EnvelopeError,
    } => "envelope", source.advice();
    /// Not an act, or not in its one byte form.
    #[error("the entry does not hold an act")]
    Act {
        /// What is wrong with it.
        source: ActError,
    } => "act", source.advice();
    /// Decided for another place in the log than the next one.
    #[error("entry {found} was offered where the log continues with entry {expected}")]
    NotNext {
        /// The log's next entry.
        expected: EntryIndex,
        /// The entry offered.
        found: EntryIndex,
    } => "next-entry", "read the log again and offer the act for its next entry";
    /// The first entry must found the log.
    #[error("the log has no roster yet")]
    NotFounded => "founded-once", "found the log with its roster first";
    /// A log is founded once.
    #[error("the log already has a roster")]
    AlreadyFounded => "founded-once", "propose a change of the roster, or start another log";
    /// The roster, or the one that would follow, is at fault.
    #[error("the roster does not hold")]
    Roster {
        /// What is wrong with it.
        #[from]
        source: RosterError,
    } => "roster", source.advice();
    /// Nobody of this code is on the roster.
    #[error("`{actor}` is not on the roster")]
    UnknownActor {
        /// Who the act says it is from.
        actor: Code,
    } => "known-actor", "check the actor's code against the roster";
    /// Signed with a key that is not one of the actor's.
    #[error("`{actor}` has no key `{key}`")]
    UnknownKey {
        /// Who the act says it is from.
        actor: Code,
        /// The key that the envelope names.
        key: KeyId,
    } => "actor-key", "sign with a key that stands on the roster for this party";
    /// The signature does not hold.
    #[error("the act is not signed by the key of `{actor}` that it names")]
    WrongKey {
        /// Who the act says it is from.
        actor: Code,
        /// What is wrong with the signature.
        source: EnvelopeError,
    } => "actor-key", "sign with the key that stands on the roster for this delegate";
    /// The key was declared lost or stolen.
    #[error("the key `{key}` of `{actor}` was revoked")]
    RevokedKey {
        /// Whose key it was.
        actor: Code,
        /// The key.
        key: KeyId,
    } => "key-revoked", "sign with another key of the delegation, or have a new one put on the roster";
    /// The key's time is over.
    #[error("the key `{key}` of `{actor}` expired at {expired}")]
    ExpiredKey {
        /// Whose key it is.
        actor: Code,
        /// The key.
        key: KeyId,
        /// When.
        expired: UtcTime,
    } => "key-expired", "have a new key put on the roster";
    /// The key may sign other things.
    #[error("the key of `{actor}` may not sign `{scope:?}`")]
    WrongScope {
        /// Whose key it is.
        actor: Code,
        /// What it would have to be able to sign.
        scope: Scope,
    } => "key-scope", "let a delegate sign whose key has this scope";
    /// An act of another role.
    #[error("`{actor}` is {role}, whose act this is not")]
    WrongRole {
        /// Who acted.
        actor: Code,
        /// What it is.
        role: Role,
    } => "actor-role", "let the office, a member or a receiver act, whichever the act belongs to";
    /// A doubled, replayed or overtaken act.
    #[error("the key of `{actor}` has already used counter {last}; this act carries {found}")]
    CounterNotRising {
        /// Who acted.
        actor: Code,
        /// The highest counter used.
        last: Counter,
        /// The counter of the act.
        found: Counter,
    } => "counter-rises", "if the act is not in the log yet, sign it again with the next counter";
    /// Nothing but ticks before the first tick.
    #[error("the log has no time yet")]
    NoTime => "time-known", "have the office log the time first";
    /// Time does not run back.
    #[error("the log's time is {last}; a tick of {found} runs back")]
    TimeRunsBack {
        /// Time of the latest tick.
        last: UtcTime,
        /// Time of the refused tick.
        found: UtcTime,
    } => "time-runs-forward", "set the office's clock right and log the time again";
    /// The same content, or the same sealed box, again.
    #[error("the deposit `{digest}` is already in the log")]
    DepositRepeated {
        /// The commitment or box that is there already.
        digest: Digest,
    } => "deposit-once", "deposit a new version under a new salt, in a new box";
    /// A proposal of this digest was never logged.
    #[error("no proposal `{proposal}` is in the log")]
    UnknownProposal {
        /// The digest named.
        proposal: Digest,
    } => "known-proposal", "check the proposal's digest; it is that of the envelope as logged";
    /// Made for another round.
    #[error("the act is for round {found}; this is round {expected}")]
    WrongRound {
        /// The round that is due.
        expected: RoundNumber,
        /// The round named.
        found: RoundNumber,
    } => "round", "prepare the act again for the round that is due";
    /// Made for another roster.
    #[error("the act is for roster {found}; the roster is {expected}")]
    WrongEpoch {
        /// The roster in force.
        expected: Epoch,
        /// The roster named.
        found: Epoch,
    } => "roster-epoch", "prepare the act again under the present roster";
    /// The deadline of a proposal must lie ahead.
    #[error("the deadline {deadline} is not after the log's time {now}")]
    DeadlineNotAhead {
        /// The deadline.
        deadline: UtcTime,
        /// The log's time.
        now: UtcTime,
    } => "deadline-ahead", "set a deadline that leaves the members time to answer";
    /// A deadline is only put off.
    #[error("the deadline {found} is not after the round's {deadline}")]
    DeadlineNotLater {
        /// The round's deadline.
        deadline: UtcTime,
        /// The deadline offered.
        found: UtcTime,
    } => "deadline-later", "name a later deadline; a round is never cut short";
    /// A further round must say what it amends.
    #[error("round {round} of `{title}` must name the proposal of the round before")]
    NotAmending {
        /// The draft.
        title: Title,
        /// The round.
        round: RoundNumber,
    } => "amends-last", "name the last proposal of this title as the one amended, so that everybody sees what changed";
    /// A release is for somebody.
    #[error("the proposal names no audience")]
    NoAudience => "audience", "name receivers on the roster as the audience";
    /// Somebody in the audience may not have it.
    #[error("the audience holds somebody who may not have this")]
    NotEligible {
        /// Who and why.
        source: Ineligible,
    } => "eligible", source.advice();
    /// The label does not read.
    #[error("the label is not one that is known here")]
    Label {
        /// What is wrong with it.
        source: label::LabelError,
    } => "label", "write the label anew and circulate the draft again";
    /// A release is somebody's information.
    #[error("the proposal names no originator")]
    NoOriginators => "originators", "name members on the roster as originators";
    /// An originator is not a member.
    #[error("the originator `{member}` is not a member on the roster")]
    UnknownOriginator {
        /// The code at fault.
        member: Code,
    } => "originators", "name members on the roster as originators";
    /// A depositor is not among the originators.
    #[error("`{member}` has deposited figures but is not among the originators")]
    OriginatorLeftOut {
        /// The member left out.
        member: Code,
    } => "originators-whole", "name every member that has deposited as an originator";
    /// The proposal does not account for all that was sealed before.
    #[error("{sealed} releases were sealed before; the proposal does not account for exactly these")]
    HistoryNotWhole {
        /// How many there are.
        sealed: u64,
    } => "history-whole", "protect the draft together with every release sealed so far and circulate it in the next round";
    /// Standards circulate part by part.
    #[error("a release of standards names the parts that it hands over, and a release of figures names none")]
    WaveMisplaced => "wave-of-standards", "prepare standards with the wave that they belong to, and figures without";
    /// A wave that was planned on another registry.
    #[error("the wave was planned on revision {found} of the registry; {}", newest_words(*newest))]
    RegistryOutdated {
        /// The newest revision; none when none took effect.
        newest: Option<Revision>,
        /// The revision that the wave names.
        found: Revision,
    } => "registry-current", "plan the wave on the newest revision of the registry";
    /// A wave without anything in it.
    #[error("the wave hands over no part and tells of none")]
    WaveEmpty => "wave-not-empty", "name the parts that are handed over, or what became of earlier ones";
    /// What a wave says of a part contradicts itself.
    #[error("the wave contradicts itself about `{part}`: it {how} `{other}`")]
    PartContradicts {
        /// The part.
        part: PartId,
        /// The part that it is said to stand to in this way.
        other: PartId,
        /// In which way.
        how: &'static str,
    } => "part-consistent", "say of each part what it needs, lacks or replaces once, and never itself";
    /// Nobody could consent to it.
    #[error("the part `{part}` has no originator")]
    PartUnoriginated {
        /// The part.
        part: PartId,
    } => "part-originators", "name the members whose consent the part takes, as the registry has them";
    /// The label says less than a part.
    #[error("the part `{part}` is {level:?}, above the {label:?} of the label")]
    PartAboveLabel {
        /// The part.
        part: PartId,
        /// Its classification.
        level: Level,
        /// That of the label.
        label: Level,
    } => "part-level", "label the wave as its highest part, or leave that part to another wave";
    /// Originators of the release are those of its parts.
    #[error("`{member}` is an originator of the release or of one of its parts, but not of both")]
    OriginatorsDiffer {
        /// The member.
        member: Code,
    } => "originators-of-parts", "name as originators exactly the members that originate parts of the wave";
    /// Nothing goes before what it needs.
    #[error("`{part}` needs `{needs}`, which is not in the wave and which `{receiver}` does not hold")]
    NeedNotHeld {
        /// The part.
        part: PartId,
        /// What it needs.
        needs: PartId,
        /// Who does not hold that.
        receiver: Code,
    } => "needs-first", "hand over first what it needs, or in the same wave, or flag it as lacking";
    /// A notice tells of what was handed over.
    #[error("the wave tells of `{part}`, which `{receiver}` does not hold")]
    NoticeOfNothing {
        /// The part.
        part: PartId,
        /// Who does not hold it.
        receiver: Code,
    } => "notice-of-held", "give notice to those alone that hold the part";
    /// Parts are replaced one by one.
    #[error("a wave takes the place of no release as a whole")]
    WaveSupersedes => "supersedes-figures", "name for each part the one whose place it takes";
    /// What was objected to does not come back as it was.
    #[error("`{part}` was objected to in round {round} and is as it was then")]
    PartObjected {
        /// The part.
        part: PartId,
        /// The round of the objection.
        round: RoundNumber,
    } => "objected-part", "circulate the wave without it, or with another document in its place";
    /// A consent to nothing.
    #[error("the consent names no part")]
    NoPartNamed => "parts-named", "name the parts that you consent to, or approve the whole";
    /// A part that is not in the wave.
    #[error("the proposal says nothing of `{part}`")]
    NotInWave {
        /// The part named.
        part: PartId,
    } => "part-in-wave", "name parts of the wave that circulates";
    /// A part of somebody else.
    #[error("`{actor}` does not originate `{part}`")]
    NotOriginated {
        /// Who acted.
        actor: Code,
        /// The part named.
        part: PartId,
    } => "consent-own", "consent to parts of your own; of others you may stay silent, or object";
    /// A reservation agrees to the whole.
    #[error("a reservation agrees to the whole and names no part")]
    ReservedInPart => "reserve-whole", "say in the reservation which part it is about, or consent to the others alone";
    /// Changes of the registry are counted.
    #[error("the next revision of the registry is {expected}; this is {found}")]
    NotNextRevision {
        /// The revision that is due.
        expected: Revision,
        /// The revision named.
        found: Revision,
    } => "registry-next", "review the change against the registry as it is now and register it again";
    /// The same change, or the same sealed box, again.
    #[error("the change or box `{digest}` is already in the log")]
    RegisteredBefore {
        /// The commitment or box that is there already.
        digest: Digest,
    } => "register-once", "seal the change anew, under a new salt";
    /// What would be superseded is not a sealed release in force.
    #[error("the proposal `{proposal}` is not a sealed release that could be superseded")]
    NothingToSupersede {
        /// The proposal named.
        proposal: Digest,
    } => "supersedes-sealed", "name the proposal of a release that is sealed, not superseded and not withdrawn";
    /// The draft already circulates.
    #[error("a round of `{title}` is open")]
    RoundOpen {
        /// The draft.
        title: Title,
    } => "one-round-open", "wait for the round's outcome, or withdraw it";
    /// The draft is agreed, or even sealed.
    #[error("`{title}` is already agreed")]
    AlreadyAgreed {
        /// The draft.
        title: Title,
    } => "agreed-once", "seal it; give a revision a title of its own";
    /// A title stands for one kind of subject.
    #[error("`{title}` was proposed before about something else")]
    OtherSubject {
        /// The title.
        title: Title,
    } => "one-subject", "give the proposal a title of its own";
    /// The actor had no say when the round opened.
    #[error("`{actor}` has no voice in this round")]
    NotInRound {
        /// Who acted.
        actor: Code,
    } => "round-members", "speak in a round that opens under a roster with this member";
    /// Logged after the deadline's tick.
    #[error("the round closed at {deadline}; the log's time is {now}")]
    Late {
        /// The deadline.
        deadline: UtcTime,
        /// The log's time.
        now: UtcTime,
    } => "deadline", "ask the office to circulate the draft again";
    /// The round came to its outcome before.
    #[error("the round is closed: the proposal was {outcome}")]
    RoundClosed {
        /// Its outcome.
        outcome: Outcome,
    } => "one-outcome", "its outcome stands; speak in the next round";
    /// The key has said the same in this round.
    #[error("this key of `{actor}` has already said so in this round")]
    AlreadyDecided {
        /// Who acted.
        actor: Code,
    } => "decide-once", "nothing: it counts already; it can be taken back or replaced while the round is open";
    /// The key has said nothing to take back.
    #[error("this key of `{actor}` has said nothing in this round")]
    NothingToRetract {
        /// Who acted.
        actor: Code,
    } => "retract-own", "take back what was said with the key that said it";
    /// The round takes no endorsement by this key.
    #[error("the proposal takes no endorsement by the key `{key}`")]
    NotToEndorse {
        /// The key.
        key: KeyId,
    } => "endorse-named", "endorse with a key that the proposal adds, or one that it replaces";
    /// The key has endorsed before.
    #[error("the key `{key}` has already endorsed the proposal")]
    AlreadyEndorsed {
        /// The key.
        key: KeyId,
    } => "endorse-once", "nothing: the endorsement is in the log";
    /// A consent given beforehand must lie ahead.
    #[error("the consent would expire at {expires}, which is not after the log's time {now}")]
    GrantExpired {
        /// Its expiry.
        expires: UtcTime,
        /// The log's time.
        now: UtcTime,
    } => "grant-ahead", "give it an expiry that lies ahead";
    /// A consent for nothing.
    #[error("the consent names no receiver or no kind of content")]
    GrantEmpty => "grant-bounds", "name the receivers and the kinds of content that it covers";
    /// The key has given this consent before.
    #[error("this key of `{actor}` has already given this consent")]
    AlreadyEntrusted {
        /// Who acted.
        actor: Code,
    } => "entrust-once", "nothing: it is in the log";
    /// There is no such consent to take back.
    #[error("`{actor}` has given no consent `{grant}`")]
    UnknownGrant {
        /// Who acted.
        actor: Code,
        /// The digest named.
        grant: Digest,
    } => "known-grant", "check the digest; it is that of the terms of the consent";
    /// A key of somebody else.
    #[error("`{key}` is no key of `{actor}`")]
    ForeignKey {
        /// Who acted.
        actor: Code,
        /// The key.
        key: KeyId,
    } => "revoke-own", "let the party revoke its own key";
    /// The key was revoked before.
    #[error("the key `{key}` was revoked before")]
    AlreadyRevoked {
        /// The key.
        key: KeyId,
    } => "revoke-once", "nothing: it counts no more";
    /// Nothing that could be withdrawn.
    #[error("the proposal `{proposal}` cannot be withdrawn: it is {stage}")]
    NothingToWithdraw {
        /// The proposal.
        proposal: Digest,
        /// Its stage.
        stage: &'static str,
    } => "withdraw-standing", "withdraw what circulates, is agreed, or is sealed and in force";
    /// The checkpoint does not read.
    #[error("the checkpoint does not read as one")]
    Checkpoint {
        /// What is wrong with it.
        source: CheckpointError,
    } => "checkpoint", source.advice();
    /// The checkpoint is of another log.
    #[error("the checkpoint of {size} entries is not of this log")]
    OtherLog {
        /// Its size.
        size: u64,
    } => "checkpoint-of-log", "keep it as evidence, and tell every member: two logs are being shown";
    /// The checkpoint says nothing new.
    #[error("witnesses have already seen {witnessed} entries; the checkpoint is of {size}")]
    WitnessedBefore {
        /// Entries seen before.
        witnessed: u64,
        /// Its size.
        size: u64,
    } => "witness-forward", "nothing: a later checkpoint is in the log";
    /// Not enough witnesses.
    #[error("the checkpoint is not cosigned by as many witnesses as the policy asks for")]
    Quorum {
        /// Who is missing.
        source: PolicyError,
    } => "witness-quorum", source.advice();
    /// The agreement has not been witnessed.
    #[error("witnesses have seen {witnessed} entries of the log; the agreement came with entry {settled}")]
    NotWitnessed {
        /// Entries that they have seen.
        witnessed: u64,
        /// The entry that they must have seen.
        settled: EntryIndex,
    } => "witnessed-before-seal", "collect cosignatures on a checkpoint that includes the agreement, and log it; nothing is sealed without";
    /// Only what is agreed can be sealed.
    #[error("the proposal `{proposal}` is not agreed")]
    NotAgreed {
        /// The proposal.
        proposal: Digest,
    } => "only-agreed-is-sealed", "wait for every originator's consent, or circulate an amended draft";
    /// What was superseded or withdrawn is not sealed or delivered any more.
    #[error("the release `{proposal}` is {stage}")]
    NotInForce {
        /// The proposal.
        proposal: Digest,
        /// Its stage.
        stage: &'static str,
    } => "in-force", "seal and deliver the release that stands in its place";
    /// The package is there already.
    #[error("the package `{package}` is already sealed")]
    PackageRepeated {
        /// The package.
        package: Digest,
    } => "seal-once", "deliver the package that is there";
    /// More packages than the bound.
    #[error("the release already has {found} packages, the most it may have")]
    TooManyPackages {
        /// How many there are.
        found: usize,
    } => "packages-bounded", "seal one package for several receivers";
    /// Only what is sealed can be delivered or acknowledged.
    #[error("no package `{package}` was sealed")]
    UnknownPackage {
        /// The package.
        package: Digest,
    } => "known-package", "check the package's digest, and seal it first";
    /// The receiver is not in the agreed audience.
    #[error("`{receiver}` is not in the audience that was agreed")]
    NotInAudience {
        /// The receiver.
        receiver: Code,
    } => "agreed-audience", "deliver to the agreed audience, or circulate a draft for a wider one";
    /// The package was delivered to this receiver before.
    #[error("the package was already delivered to `{receiver}`")]
    DeliveryRepeated {
        /// The receiver.
        receiver: Code,
    } => "deliver-once", "hand over the same file again if it was lost; the log needs no second entry";
    /// The package was never delivered to this receiver.
    #[error("the package was not delivered to `{receiver}`")]
    NotDelivered {
        /// The receiver.
        receiver: Code,
    } => "acknowledge-delivered", "acknowledge only packages that the office delivered to this receiver";
    /// The receiver has acknowledged before.
    #[error("`{receiver}` has already acknowledged the package")]
    AcknowledgementRepeated {
        /// The receiver.
        receiver: Code,
    } => "acknowledge-once", "nothing: the receipt is in the log";
    /// The service says otherwise than the log.
    #[error("the service says `{found}` to `{receiver}`; by the log it is `{judged}`")]
    AccessOtherwise {
        /// Who asked for the key.
        receiver: Code,
        /// What the log says.
        judged: AccessDecision,
        /// What the act says.
        found: AccessDecision,
    } => "access-as-judged", "judge the request again by the log as it is now, and log that";
}

impl Refusal {
    /// Whether the same act may be accepted when it is offered again as it is.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::NotNext { .. } | Self::NoTime)
    }
}

fn newest_words(newest: Option<Revision>) -> String {
    newest.map_or_else(|| "nothing is registered yet".to_owned(), |newest| format!("the newest is {newest}"))
}
