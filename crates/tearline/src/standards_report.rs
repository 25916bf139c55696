//! Reports that a standards officer hands to a board: the graph around a part, the waves of a plan, who holds what.
//!
//! Each is drawn from its document ([`crate::document::standards`]) and from nothing else, so page, CSV, workbook and JSON say the same.
//! One file a page, without a script, a font or a request. The board's reports are internal: they name what receivers may not have.

use std::fmt::Display;

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ledger::Digest;
use serde::Serialize;

use crate::failure::Failure;
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

/// The content security policy of a page: its one style sheet, and nothing else.
fn policy() -> String {
    let hash = STANDARD.encode(Digest::of(STYLE.as_bytes()).as_bytes());
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}

fn rendered(name: &str, page: &impl Template) -> Result<Vec<u8>, Failure> {
    let text = page.render().map_err(|error| {
        Failure::failed(format!("cannot write `{name}`: {error}"), "free some memory and try again")
    })?;
    Ok(text.into_bytes())
}

/// A number with what it counts: `1 part`, `2 parts`.
fn in_words(count: impl Display, one: &str, several: &str) -> String {
    let count = count.to_string();
    let word = if count == "1" { one } else { several };
    format!("{}\u{a0}{word}", grouped(&count))
}

fn json(name: &str, document: &impl Serialize) -> Result<Vec<u8>, Failure> {
    let mut bytes = serde_json::to_vec_pretty(document)
        .map_err(|error| Failure::failed(format!("cannot write `{name}`: {error}"), "try again"))?;
    bytes.push(b'\n');
    Ok(bytes)
}

#[cfg(test)]
mod tests;
