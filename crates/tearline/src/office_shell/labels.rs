//! Labels of releases that are made here.

use label::{Classification, Information, Label, LabelError};
use ledger::act::{Level, UtcTime};

use super::clock::days_after;
use super::{bad_input, failed};
use crate::failure::Failure;

/// Days until a label is looked at again: five years.
const REVIEW_DAYS: i64 = 1_826;

/// The label of a release: its level, and whom it is releasable to beside the alliance.
pub(crate) fn of_level(level: Level, releasable_to: &[String], now: UtcTime) -> Result<Label, Failure> {
    let classification = match level {
        Level::Public => Classification::PublicUnmarked,
        Level::Unclassified => Classification::NatoUnclassified,
        Level::Restricted => Classification::NatoRestricted,
        Level::Confidential => Classification::NatoConfidential,
        Level::Secret => Classification::NatoSecret,
        Level::TopSecret => Classification::NatoTopSecret,
    };
    let read =
        |time: UtcTime| time.to_string().parse().map_err(|error: LabelError| failed(&error, error.advice()));
    let to: Vec<&str> = releasable_to.iter().map(String::as_str).collect();
    let information = if level == Level::Public {
        Information::new(classification, None, Vec::new())
    } else {
        Information::nato(classification, &to)
    };
    let information = information
        .map_err(|error| bad_input("whom the label calls releasable to", &error, error.advice()))?;
    Ok(Label::reviewed(information, None, read(now)?, read(days_after(now, REVIEW_DAYS)?)?))
}
