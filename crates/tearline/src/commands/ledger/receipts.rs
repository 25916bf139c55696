//! `tearline ledger receipts`: who received what and when, from a log that was verified first.

use ledger::act::AccessDecision;
use office::receipts::{self, Receipt, What};

use super::{Source, judge};
use crate::cli::ledger::LedgerReceipts;
use crate::commands::verify::{broken, read_trust};
use crate::document::act::{RECEIPTS_SCHEMA, ReceiptLine, ReceiptsDocument};
use crate::failure::{Answer, Failure};
use crate::terminal::Terminal;

pub(crate) fn receipts(arguments: &LedgerReceipts, terminal: &Terminal) -> Result<Answer, Failure> {
    let trust = read_trust(&arguments.trust)?;
    let mut source = Source::of(&arguments.log)?;
    let (checked, fold) = judge(&mut source, &trust, "given")?;
    let Some(fold) = fold else {
        let message = format!("the log cannot be believed: {}", broken(&checked.checks));
        return Err(Failure::usage(message, "run `tearline ledger verify` on it, which says more"));
    };
    let state = fold.state();
    let meant = |receipt: &Receipt| {
        let named = |name: &String| {
            receipt.title.as_ref().is_some_and(|title| title.as_str() == name)
                || receipt.proposal.to_string() == *name
        };
        arguments.receiver.as_ref().is_none_or(|receiver| receipt.receiver == *receiver)
            && arguments.release.as_ref().is_none_or(named)
    };
    let found = receipts::receipts(state);
    let document = ReceiptsDocument {
        schema: RECEIPTS_SCHEMA,
        time_utc: state.now().map(|now| now.to_string()),
        receipts: found.iter().filter(|receipt| meant(receipt)).map(line).collect(),
    };
    if terminal.json() {
        terminal.document(&document);
        return Ok(Answer::Yes);
    }
    if document.receipts.is_empty() {
        terminal.answer("the log holds no such receipt");
    }
    for ReceiptLine { entry, time_utc, receiver, title, words, .. } in &document.receipts {
        let (time, title) = (time_utc.as_deref().unwrap_or("-"), title.as_deref().unwrap_or("no release"));
        terminal.answer(&format!("{time}  entry {entry}  {receiver}  `{title}`: {words}"));
    }
    Ok(Answer::Yes)
}

fn line(receipt: &Receipt) -> ReceiptLine {
    let Receipt { stamp, receiver, proposal, title, what } = receipt;
    let mut line = ReceiptLine {
        entry: stamp.entry.0,
        time_utc: stamp.at.map(|at| at.to_string()),
        receiver: receiver.to_string(),
        proposal_sha256: proposal.to_string(),
        title: title.as_ref().map(ToString::to_string),
        what: "delivered",
        package_sha256: None,
        package: None,
        client_key_sha256: None,
        reason: None,
        words: what.to_string(),
    };
    match what {
        What::Delivered { package } => line.package_sha256 = Some(package.to_string()),
        What::Acknowledged { package } => {
            (line.what, line.package_sha256) = ("acknowledged", Some(package.to_string()));
        }
        What::Answered { package, client_key, decision } => {
            line.package = Some(package.to_string());
            line.client_key_sha256 = Some(client_key.to_string());
            line.what = "key-granted";
            if let AccessDecision::Refused(reason) = decision {
                (line.what, line.reason) = ("key-refused", Some(reason.word().to_owned()));
            }
        }
    }
    line
}
