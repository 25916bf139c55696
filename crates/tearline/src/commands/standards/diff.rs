//! `tearline standards diff`: what is different between two snapshots.

use office::standards::difference;

use super::source;
use crate::cli::standards::Diff;
use crate::document::standards::{ChangedLine, DIFF_SCHEMA, DiffDocument, RenamedLine, TurnedLine};
use crate::failure::{Answer, Failure};
use crate::terminal::{Terminal, Tone, printable};

/// Records of one kind that are listed unless all are asked for.
const LISTED_MAX: usize = 10;

pub(super) fn run(arguments: &Diff, terminal: &Terminal) -> Result<Answer, Failure> {
    let found = difference(&source::table(&arguments.old)?, &source::table(&arguments.new)?);
    let changed = found.changed.into_iter();
    let document = DiffDocument {
        schema: DIFF_SCHEMA,
        added: found.added,
        changed: changed
            .map(|line| ChangedLine { id: line.id, before: line.before, fields: line.fields })
            .collect(),
        withdrawn: found.withdrawn,
        renamed: found.renamed.into_iter().map(|line| RenamedLine { from: line.from, to: line.to }).collect(),
        turned: found
            .turned
            .into_iter()
            .map(|line| TurnedLine { id: line.id, from: line.from, to: line.to })
            .collect(),
    };
    if terminal.json() {
        terminal.document(&document);
    } else {
        print(&document, arguments.all, terminal);
    }
    Ok(Answer::Yes)
}

fn print(document: &DiffDocument, all: bool, terminal: &Terminal) {
    let section = |name: &str, lines: Vec<String>| {
        terminal.answer(&format!(
            "{} {}",
            terminal.out_word(Tone::Strong, &format!("{name:<10}")),
            lines.len()
        ));
        let shown = if all { lines.len() } else { lines.len().min(LISTED_MAX) };
        for line in lines.iter().take(shown) {
            terminal.answer(&format!("  {}", printable(line)));
        }
        if lines.len() > shown {
            terminal.answer(&format!("  and {} more (--all)", lines.len() - shown));
        }
    };
    section("added", document.added.clone());
    let changed = document.changed.iter().map(|line| format!("{}: {}", line.id, line.fields.join(", ")));
    section("changed", changed.collect());
    section("withdrawn", document.withdrawn.clone());
    section("renamed", document.renamed.iter().map(|line| format!("{} > {}", line.from, line.to)).collect());
    let turned = document.turned.iter();
    section("turned", turned.map(|line| format!("{}: {} > {}", line.id, line.from, line.to)).collect());
}
