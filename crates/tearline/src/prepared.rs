//! Prepared acts: the bytes that a key will sign, on their way from the machine that has the log to the machine that has the key.
//!
//! What a signer reads is computed from the bytes, never taken from the file's own words; the file's words are compared with it.
//! With the log at hand they are compared exactly, with the log cut back to where it stood when the act was prepared; without it,
//! what the act says by itself is compared, and the rest is marked as unchecked.
//!
//! Checks, in order: `file` (one byte form, its own digest), `payload` (one act, for the named actor), `key` (id and key, and the
//! challenge), `words`, `log` (the log continues the one it was prepared on), `rules` (what `office::decide` would answer now).
//!
//! # Guarantee
//! When every check passed, the words shown are those of the payload, and a signature over [`Judged::message`] is one over exactly
//! these bytes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ledger::act::{Act, PAYLOAD_TYPE};
use ledger::act_key::ActKey;
use ledger::encoding::{from_base64, to_base64};
use ledger::keyfile::PublicCard;
use ledger::{Digest, dsse, webauthn};
use office::statement::{self, Statement};
use office::{Fold, Refusal, State};

use crate::document::act::{Detail, LogMark, PREPARED_SCHEMA, PreparedDocument, Words};
use crate::document::package::CheckLine;

/// Longest file in bytes: the payload in base64, and its texts again as words, in which a character may take six bytes.
pub const PREPARED_BYTES_MAX: usize = 512 * 1024;

/// Why bytes are not a prepared act, or an act could not be prepared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PreparedError {
    /// Longer than one may be.
    #[error("the file has more than {PREPARED_BYTES_MAX} bytes")]
    TooLong,
    /// Not the JSON of one.
    #[error("the file does not read as a prepared act, at line {line} column {column}")]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// Another schema.
    #[error("`{found}` is not a schema of prepared acts known here")]
    Schema {
        /// Schema found.
        found: String,
    },
    /// The act is too long.
    #[error("the act does not fit into the log")]
    Act(#[from] ledger::act::ActError),
    /// The card is not of a key for acts.
    #[error("the card is not that of a key for acts")]
    Card(#[from] ledger::keyfile::KeyfileError),
}

impl PreparedError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::TooLong | Self::Json { .. } => "give a file that `tearline act prepare` wrote",
            Self::Schema { .. } => "prepare the act again with this version of tearline",
            Self::Act(error) => error.advice(),
            Self::Card(error) => error.advice(),
        }
    }
}

/// A log as far as prepared acts know it: what it says now and what it said before.
pub struct Known<'a> {
    /// Its name.
    pub origin: &'a str,
    /// Every entry.
    pub entries: &'a [Vec<u8>],
    /// What they say.
    pub fold: &'a Fold,
}

impl Known<'_> {
    /// How it stands.
    #[must_use]
    pub fn mark(&self) -> LogMark {
        let tree = self.fold.tree();
        let (origin, root_sha256) = (self.origin.to_owned(), tree.root().to_string());
        LogMark { origin, size: tree.size(), root_sha256 }
    }
}

/// Writes down an act for the key of a card.
///
/// # Errors
/// [`PreparedError::Act`], [`PreparedError::Card`].
pub fn prepare(
    act: &Act,
    card: &PublicCard,
    log: Option<&Known<'_>>,
    state: &State,
) -> Result<PreparedDocument, PreparedError> {
    let key = card.act_key()?;
    let payload = act.to_bytes()?;
    let mut document = PreparedDocument {
        schema: PREPARED_SCHEMA.to_owned(),
        actor: act.actor.to_string(),
        key: key.id().to_string(),
        public_key: key.to_string(),
        payload_type: PAYLOAD_TYPE.to_owned(),
        payload: to_base64(&payload),
        challenge: challenge_text(&dsse::message(PAYLOAD_TYPE, &payload)),
        log: log.map(Known::mark),
        words: statement::of(act, state).into(),
        document_sha256: None,
    };
    document.document_sha256 = Some(digest_of(&document).to_string());
    Ok(document)
}

/// The challenge for a message, as pages take it.
fn challenge_text(message: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(webauthn::challenge(message).as_bytes())
}

/// The one byte form: indented JSON and a newline.
#[must_use]
pub fn to_json(document: &PreparedDocument) -> Vec<u8> {
    // A document of texts and numbers always serialises; an empty file would be refused by every reader.
    let mut bytes = serde_json::to_vec_pretty(document).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

fn digest_of(document: &PreparedDocument) -> Digest {
    Digest::of(&to_json(&PreparedDocument { document_sha256: None, ..document.clone() }))
}

/// Reads the form of a prepared act; [`judge`] says whether it holds.
///
/// # Errors
/// [`PreparedError::TooLong`], [`PreparedError::Json`], [`PreparedError::Schema`].
pub fn read(bytes: &[u8]) -> Result<PreparedDocument, PreparedError> {
    if bytes.len() > PREPARED_BYTES_MAX {
        return Err(PreparedError::TooLong);
    }
    let document: PreparedDocument = serde_json::from_slice(bytes)
        .map_err(|error| PreparedError::Json { line: error.line(), column: error.column() })?;
    if document.schema != PREPARED_SCHEMA {
        return Err(PreparedError::Schema { found: document.schema });
    }
    Ok(document)
}

/// What judging a prepared act came to.
#[derive(Debug)]
pub struct Judged {
    /// Every check, in order.
    pub checks: Vec<CheckLine>,
    /// The act; none when the payload is none.
    pub act: Option<Act>,
    /// The key that it was prepared for; none when the file does not name one.
    pub key: Option<ActKey>,
    /// The payload.
    pub payload: Vec<u8>,
    /// The words, computed from the payload and, where the log is at hand, from what it says now.
    pub statement: Option<Statement>,
    /// What would follow now, in words.
    pub followed: Vec<String>,
    /// Why the log would not take it now.
    pub refusal: Option<Refusal>,
}

impl Judged {
    /// Whether the file says what its bytes say.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.checks
            .iter()
            .all(|check| check.name == RULES || check.outcome == "passed" || check.outcome == UNREACHED)
            && self.act.is_some()
            && self.key.is_some()
    }

    /// What the key signs.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        dsse::message(PAYLOAD_TYPE, &self.payload)
    }

    fn note(&mut self, name: &'static str, result: Result<String, String>) {
        let (outcome, detail) = match result {
            Ok(detail) => ("passed", detail),
            Err(detail) => ("failed", detail),
        };
        self.checks.push(CheckLine { name: name.to_owned(), outcome, detail });
    }

    fn unreached(&mut self, name: &'static str, why: &str) {
        self.checks.push(CheckLine { name: name.to_owned(), outcome: UNREACHED, detail: why.to_owned() });
    }
}

const RULES: &str = "rules";
const UNREACHED: &str = "not-reached";
const NO_LOG: &str = "give --ledger and --trust to check it against the log";

/// Judges a prepared act, with the log where it is at hand. `bytes` are those that `document` was read from.
#[must_use]
pub fn judge(bytes: &[u8], document: &PreparedDocument, log: Option<&Known<'_>>) -> Judged {
    let mut judged = Judged {
        checks: Vec::new(),
        act: None,
        key: None,
        payload: from_base64(&document.payload).unwrap_or_default(),
        statement: None,
        followed: Vec::new(),
        refusal: None,
    };
    judged.note("file", file(bytes, document));
    match payload(document, &judged.payload) {
        Ok(act) => {
            judged.note("payload", Ok(format!("one act of {}, {} bytes", act.actor, judged.payload.len())));
            judged.act = Some(act);
        }
        Err(fault) => judged.note("payload", Err(fault)),
    }
    match key(document, &judged.message()) {
        Ok(found) => {
            judged.note("key", Ok(format!("{} ({})", found.id(), found.algorithm())));
            judged.key = Some(found);
        }
        Err(fault) => judged.note("key", Err(fault)),
    }
    let Some(act) = judged.act.clone() else {
        for name in ["words", "log", RULES] {
            judged.unreached(name, "there is no act");
        }
        return judged;
    };
    match log {
        None => alone(&mut judged, &act, document),
        Some(log) => within(&mut judged, &act, document, log),
    }
    judged
}

/// One byte form, and the digest over it.
fn file(bytes: &[u8], document: &PreparedDocument) -> Result<String, String> {
    if to_json(document) != bytes {
        return Err("the file is not in the form in which it was written".to_owned());
    }
    if document.document_sha256.as_deref() != Some(digest_of(document).to_string().as_str()) {
        return Err("the file was changed since it was written".to_owned());
    }
    Ok("as it was written".to_owned())
}

fn payload(document: &PreparedDocument, payload: &[u8]) -> Result<Act, String> {
    if document.payload_type != PAYLOAD_TYPE {
        return Err(format!("`{}` is not the type of an act", document.payload_type));
    }
    let act = Act::from_bytes(payload).map_err(|error| crate::office_shell::with_causes(&error))?;
    if act.actor.as_str() != document.actor {
        return Err(format!("the payload is an act of {}, the file says {}", act.actor, document.actor));
    }
    Ok(act)
}

fn key(document: &PreparedDocument, message: &[u8]) -> Result<ActKey, String> {
    let key: ActKey =
        document.public_key.parse().map_err(|error: ledger::act_key::ActKeyError| error.to_string())?;
    if key.id().to_string() != document.key {
        return Err(format!("the key is {}, the file says {}", key.id(), document.key));
    }
    if document.challenge != challenge_text(message) {
        return Err("the challenge is not that of the payload".to_owned());
    }
    Ok(key)
}

/// Without the log: what the act says by itself.
fn alone(judged: &mut Judged, act: &Act, document: &PreparedDocument) {
    let statement = statement::of(act, &State::default());
    judged.note("words", says_at_least(&document.words, &statement));
    judged.statement = Some(statement);
    judged.unreached("log", NO_LOG);
    judged.unreached(RULES, NO_LOG);
}

/// Whether the file's words hold everything that the act says by itself, in its order. What a log adds cannot be told.
fn says_at_least(words: &Words, statement: &Statement) -> Result<String, String> {
    if words.sentence != statement.sentence {
        return Err(format!("the file says `{}`", words.sentence));
    }
    let mut rest = words.details.iter();
    for (name, content) in &statement.details {
        // Only a log knows the title that a digest stands for.
        let known = *name != "title" || !content.starts_with("not known: ");
        let said = |detail: &Detail| detail.name == *name && (!known || detail.content == *content);
        if !rest.any(said) {
            return Err(format!("the file does not say `{name}` as the payload does: `{content}`"));
        }
    }
    Ok("what the file says of the act itself is what its bytes say; what a log adds was not checked"
        .to_owned())
}

/// With the log: as it stood then, and as it stands now.
fn within(judged: &mut Judged, act: &Act, document: &PreparedDocument, log: &Known<'_>) {
    match before(document, log) {
        Ok(state) => {
            let words = Words::from(statement::of(act, &state));
            judged.note("words", same_words(&document.words, &words));
            let size = document.log.as_ref().map_or(0, |mark| mark.size);
            let now = log.fold.tree().size();
            judged.note(
                "log",
                Ok(format!("prepared on {size} entries of `{}`, which now has {now}", log.origin)),
            );
        }
        Err(fault) => {
            judged.unreached("words", "the log is not the one that the act was prepared on");
            judged.note("log", Err(fault));
        }
    }
    judged.statement = Some(statement::of(act, log.fold.state()));
    let Some(key) = judged.key.clone() else {
        judged.unreached(RULES, "there is no key");
        return;
    };
    match log.fold.foresee(act, &key) {
        Ok(events) => {
            judged.followed = followed(log.fold, &events);
            judged.note(RULES, Ok("the log would take it now".to_owned()));
        }
        Err(refusal) => {
            let detail = format!("rule `{}`: {}", refusal.rule(), crate::office_shell::with_causes(&refusal));
            judged.note(RULES, Err(detail));
            judged.refusal = Some(refusal);
        }
    }
}

/// What follows from events, in words, on top of a state that does not have them yet.
#[must_use]
pub fn followed(fold: &Fold, events: &[office::Event]) -> Vec<String> {
    let mut after = fold.state().clone();
    let words = events.iter().map(|event| {
        office::apply(&mut after, event);
        statement::followed(event, &after)
    });
    words.collect()
}

/// What the log said when the act was prepared.
fn before(document: &PreparedDocument, log: &Known<'_>) -> Result<State, String> {
    let Some(mark) = &document.log else {
        return if log.entries.is_empty() {
            Ok(State::default())
        } else {
            Err("the act was prepared without a log".to_owned())
        };
    };
    if mark.origin != log.origin {
        return Err(format!("the act was prepared on the log `{}`, this is `{}`", mark.origin, log.origin));
    }
    let root = log.fold.tree().root_at(mark.size).map_err(|_| {
        let here = log.fold.tree().size();
        format!("the act was prepared on {} entries, the log here has {here}: get a newer copy", mark.size)
    })?;
    if root.to_string() != mark.root_sha256 {
        return Err(format!(
            "the first {} entries of this log are not those that the act was prepared on",
            mark.size
        ));
    }
    let cut = usize::try_from(mark.size).unwrap_or(usize::MAX);
    if cut == log.entries.len() {
        return Ok(log.fold.state().clone());
    }
    let earlier = office::replay(log.entries.iter().take(cut)).map_err(|(_, refusal)| refusal.to_string())?;
    Ok(earlier.state().clone())
}

fn same_words(file: &Words, words: &Words) -> Result<String, String> {
    if file.sentence != words.sentence {
        return Err(format!("the file says `{}`", file.sentence));
    }
    if file.details.len() != words.details.len() {
        let (found, wanted) = (file.details.len(), words.details.len());
        return Err(format!("the file has {found} particulars, the payload {wanted}"));
    }
    match file.details.iter().zip(&words.details).find(|(said, is)| said != is) {
        Some((said, is)) => Err(format!(
            "the file says `{}: {}`, the payload `{}: {}`",
            said.name, said.content, is.name, is.content
        )),
        None => Ok("the file's words are those of its bytes".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use ledger::act::{ActBody, Code, Counter, Tick, UtcTime};
    use ledger::act_key::Signer as _;
    use ledger::key::SigningKey;

    use super::*;

    fn prepared() -> Vec<u8> {
        let key = SigningKey::from_seed(&[7; 32]).key();
        let card = PublicCard::act("OFFICE", &key).unwrap();
        let at_utc = UtcTime::new("2026-03-01T08:00:00Z").unwrap();
        let act = Act::new(Code::office(), Counter::FIRST, ActBody::Tick(Tick { at_utc }));
        to_json(&prepare(&act, &card, None, &State::default()).unwrap())
    }

    fn judged(bytes: &[u8]) -> Option<Judged> {
        read(bytes).ok().map(|document| judge(bytes, &document, None))
    }

    #[test]
    fn what_was_prepared_is_sound() {
        let judged = judged(&prepared()).unwrap();
        assert!(judged.is_sound(), "{:?}", judged.checks);
        assert_eq!(judged.statement.unwrap().sentence, "OFFICE logs the time 2026-03-01T08:00:00Z.");
    }

    #[test]
    fn every_changed_or_missing_byte_is_caught() {
        let sound = prepared();
        for at in 0..sound.len() {
            for bit in [0x01, 0x20, 0x80] {
                let mut changed = sound.clone();
                changed[at] ^= bit;
                assert!(judged(&changed).is_none_or(|judged| !judged.is_sound()), "byte {at}");
            }
            assert!(judged(&sound[..at]).is_none_or(|judged| !judged.is_sound()), "{at} bytes");
        }
    }

    #[test]
    fn words_are_those_of_the_bytes_even_where_the_digest_of_the_file_is_right() {
        let mut document = read(&prepared()).unwrap();
        document.words.sentence = "OFFICE does nothing.".to_owned();
        document.document_sha256 = Some(digest_of(&document).to_string());
        let bytes = to_json(&document);
        let judged = judged(&bytes).unwrap();
        assert!(!judged.is_sound());
        let failed: Vec<&str> =
            judged.checks.iter().filter(|c| c.outcome == "failed").map(|c| c.name.as_str()).collect();
        assert_eq!(failed, ["words"]);
        assert!(judged.statement.unwrap().sentence.contains("logs the time"));
    }

    #[test]
    fn another_key_or_challenge_is_caught_where_the_digest_of_the_file_is_right() {
        let other = SigningKey::from_seed(&[8; 32]).key();
        let edits: [fn(&mut PreparedDocument, &ActKey); 4] = [
            |document, other| document.public_key = other.to_string(),
            |document, other| document.key = other.id().to_string(),
            |document, _| document.challenge = challenge_text(b"something else"),
            |document, _| document.actor = "NO".to_owned(),
        ];
        for edit in edits {
            let mut document = read(&prepared()).unwrap();
            edit(&mut document, &other);
            document.document_sha256 = Some(digest_of(&document).to_string());
            assert!(!judged(&to_json(&document)).unwrap().is_sound());
        }
    }

    #[test]
    fn a_longer_file_is_not_read() {
        assert_eq!(read(&vec![b' '; PREPARED_BYTES_MAX + 1]), Err(PreparedError::TooLong));
    }
}
