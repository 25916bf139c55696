//! `tearline standards search`: parts by number or words.

use office::standards::Index;

use super::source;
use crate::cli::standards::Search;
use crate::document::standards::{HitLine, SEARCH_SCHEMA, SearchDocument};
use crate::failure::{Answer, Failure};
use crate::terminal::{Terminal, printable};

pub(super) fn run(arguments: &Search, terminal: &Terminal) -> Result<Answer, Failure> {
    let registry = source::registry(&arguments.source)?.registry;
    let wanted = arguments.words.join(" ");
    let hits = Index::new(&registry).search(&wanted, arguments.limit as usize);
    let line = |hit: office::standards::Hit| {
        let record = registry.record(&hit.id)?;
        Some(HitLine {
            part: source::part_line(record),
            status: record.status.as_str(),
            score: hit.score,
            why: hit.why.as_str(),
        })
    };
    let document =
        SearchDocument { schema: SEARCH_SCHEMA, wanted, hits: hits.into_iter().filter_map(line).collect() };
    if terminal.json() {
        terminal.document(&document);
        return Ok(Answer::Yes);
    }
    for hit in &document.hits {
        let status = if hit.status == "accepted" { String::new() } else { format!(" ({})", hit.status) };
        terminal.answer(&format!("{}{status}", source::part_words(&hit.part)));
    }
    if document.hits.is_empty() {
        terminal.say(&format!("nothing has all of `{}`; try fewer words", printable(&document.wanted)));
    }
    Ok(Answer::Yes)
}
