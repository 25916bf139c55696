//! Steps 1 and 2: keys for everybody, then a log whose first entry says who may act.

use ledger::act::{ActBody, Found};
use server::journal::Journal;
use store::SqliteStore;

use super::cast::{Cast, PASSPHRASE, TWO_KEYS, WITNESSES, WITNESSES_NEEDED};
use super::place::Place;
use super::story::Story;
use super::{Stage, done};
use crate::failure::Failure;
use crate::office_shell::clock::Clock;
use crate::office_shell::failed;
use crate::office_shell::randomness::OsRandomness;

/// Where the office's store is.
pub(super) const STORE: &str = "office/store.sqlite";

pub(super) fn found<'a>(
    place: &'a Place,
    clock: &'a dyn Clock,
    story: &mut Story<'_>,
) -> Result<Stage<'a>, Failure> {
    story.step("keys for 32 allies, three companies, two partner bodies and the office");
    let mut randomness = OsRandomness::new()?;
    let now = clock.now()?;
    let (cast, keys) = Cast::assemble(place, now, &mut randomness)?;
    story.does(&format!(
        "{} keys are drawn from the operating system's randomness, each of one kind with one use: act keys sign for an \
         ally, a company or the office; the log's and the witnesses' keys sign checkpoints (Ed25519 and ML-DSA-44); the seal key \
         signs packages (Ed25519 and ML-DSA-65); open keys open deposits and packages (P-384 and ML-KEM-1024).",
        cast.count
    ));
    story.does(
        "Each stands in a file under a passphrase (Argon2id, AES-256-GCM) with its public card beside it. The demo takes \
         the light Argon2id cost of 19 MiB, because the passphrase lies beside the keys; `tearline key new` takes 64 MiB.",
    );
    story.file(place, "keys", "in earnest each owner alone holds its key, and the office sees only cards");
    story.file(place, PASSPHRASE, "the one passphrase of all of them");

    story.step("the log is founded");
    place.folder("office")?;
    let store = SqliteStore::open(&place.at(STORE)).map_err(|error| failed(&error, error.advice()))?;
    let roster = cast.roster(now, &keys.log)?;
    let trust = cast.trust(&roster, &keys.log)?;
    let witnesses = super::witness::start(place, keys.witnesses, &keys.log)?;
    let mut journal = done(Journal::open(store, keys.log, Some(Box::new(keys.office))))?;
    let (members, receivers) = (roster.members.len(), roster.receivers.len());
    done(journal.act(ActBody::Found(Found { roster })))?;
    done(journal.tick(now))?;
    place.put("trust.json", &trust.to_json().map_err(|error| failed(&error, error.advice()))?)?;
    story.does(&format!(
        "The first entry names who may act: {members} allies and {receivers} receivers with their delegates' keys, what each key \
         may sign and until when; for every decision {TWO_KEYS} takes two delegates. It says what receivers under which state may \
         have, and that {WITNESSES_NEEDED} of the witnesses of {} must have seen an agreement before anything is sealed. The second \
         is the time; from now on the log's own ticks are the only clock that counts.",
        WITNESSES.join(", ")
    ));
    story.proves(
        "Every entry is a signed act, every act is judged by the same rules when it is logged and when it is replayed, and \
         after each one a checkpoint over all entries is signed: none can be changed, dropped or moved unnoticed.",
    );
    story.file(
        place,
        "trust.json",
        "whom receivers trust: office, log and allies; comes to them by another way than packages",
    );
    story.file(place, STORE, "the log and the sealed boxes");
    Ok(Stage { place, clock, randomness, cast, journal, trust, witnesses })
}
