//! Reports that a standards officer hands to a board: the graph around a part, the waves of a plan, who holds what.
//!
//! Each is drawn from its document ([`crate::document::standards`]) and from nothing else, so page, CSV, workbook and JSON say the same.
//! One file a page, without a script, a font or a request. The board's reports are internal: they name what receivers may not have.

use std::fmt::Display;

use crate::document::standards::PartLine;
use crate::report::grouped;

mod graph;
mod held;
mod layout;
mod shape;
mod sheet;
mod timeline;

pub(crate) use graph::page as graph_page;
pub(crate) use held::{NAMES as HELD_NAMES, files as held_files};
pub(crate) use timeline::{NAMES as PLAN_NAMES, files as plan_files, groups};

/// Style of all three pages: that of `report.html`, and what they have beside it.
const STYLE: &str =
    concat!(include_str!("../templates/report.css"), include_str!("../templates/standards.css"));

/// Files by name.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// A number with what it counts: `1 part`, `2 parts`.
fn in_words(count: impl Display, one: &str, several: &str) -> String {
    let count = count.to_string();
    let word = if count == "1" { one } else { several };
    format!("{}\u{a0}{word}", grouped(&count))
}

/// What the templates say of numbers and parts, alike on every page.
trait Words {
    fn number(&self, number: impl Display) -> String {
        grouped(&number.to_string())
    }

    fn counted(&self, count: impl Display, one: &str, several: &str) -> String {
        in_words(count, one, several)
    }

    fn sign(&self, part: &PartLine) -> &'static str {
        shape::level_path(part.marking.as_deref())
    }

    fn level(&self, part: &PartLine) -> String {
        shape::level_word(part.marking.as_deref())
    }
}

#[cfg(test)]
mod tests;
