//! The one byte form of a decision.

use ledger::{checkpoint::SignedCheckpoint, dsse::Envelope, proof::ProofHead};
use serde::{Deserialize, Serialize};

use super::{DECISION_BYTES_MAX, Decision, DecisionError, Entry};

const SCHEMA: &str = "tearline-decision/2";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    schema: String,
    checkpoint: String,
    proposal: EntryWire,
    consents: Vec<EntryWire>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryWire {
    envelope: String,
    proof: String,
}

impl Decision {
    /// The decision in its one form.
    ///
    /// # Errors
    /// [`DecisionError::TooLong`], or [`DecisionError::Entry`] for an envelope that is no text, which cannot happen.
    pub fn to_bytes(&self) -> Result<Vec<u8>, DecisionError> {
        let wire = |(entry, logged): (usize, &Entry)| {
            let envelope = String::from_utf8(logged.envelope.to_bytes());
            let envelope = envelope.map_err(|_| DecisionError::Entry { part: "envelope", entry })?;
            Ok(EntryWire { envelope, proof: logged.place.to_text() })
        };
        let wire = Wire {
            schema: SCHEMA.to_owned(),
            checkpoint: self.checkpoint.to_text(),
            proposal: wire((0, &self.proposal))?,
            consents: self.consents.iter().zip(1..).map(|(l, n)| wire((n, l))).collect::<Result<_, _>>()?,
        };
        let bytes = serde_json::to_vec(&wire).map_err(|_| DecisionError::NotCanonical)?;
        if bytes.len() > DECISION_BYTES_MAX { Err(DecisionError::TooLong) } else { Ok(bytes) }
    }

    /// Reads a decision in its one form. Nothing is judged.
    ///
    /// # Errors
    /// [`DecisionError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecisionError> {
        if bytes.len() > DECISION_BYTES_MAX {
            return Err(DecisionError::TooLong);
        }
        let wire = serde_json::from_slice::<Wire>(bytes)
            .map_err(|error| DecisionError::Json { line: error.line(), column: error.column() })?;
        let checkpoint = SignedCheckpoint::from_text(&wire.checkpoint).map_err(DecisionError::Checkpoint)?;
        let logged = |(entry, wire): (usize, EntryWire)| {
            let envelope = Envelope::from_bytes(wire.envelope.as_bytes())
                .map_err(|_| DecisionError::Entry { part: "envelope", entry })?;
            let place = ProofHead::from_text(&wire.proof)
                .map_err(|_| DecisionError::Entry { part: "proof", entry })?;
            Ok(Entry { envelope, place })
        };
        let proposal = logged((0, wire.proposal))?;
        let consents = wire.consents.into_iter().zip(1..).map(|(w, n)| logged((n, w)));
        let decision = Self::assemble(checkpoint, proposal, consents.collect::<Result<_, _>>()?)?;
        if wire.schema != SCHEMA || decision.to_bytes()? != bytes {
            return Err(DecisionError::NotCanonical);
        }
        Ok(decision)
    }
}
