//! `tearline standards graph`: the reference graph around a part, drawn.

use ledger::act::PartId;
use office::standards::{Edge, Record, Registry, Relation, around};

use super::source;
use crate::cli::standards::Graph;
use crate::document::standards::{EdgeLine, GRAPH_SCHEMA, GraphDocument, NodeLine};
use crate::failure::{Answer, Failure};
use crate::folder::{self, Existing};
use crate::standards_report::graph_page;
use crate::terminal::{Terminal, Tone, shell_word};

pub(super) fn run(arguments: &Graph, terminal: &Terminal) -> Result<Answer, Failure> {
    let existing = if arguments.form.force { Existing::Replace } else { Existing::Refuse };
    folder::check_file(&arguments.out, existing)?;
    let registry = source::registry_quietly(&arguments.source, terminal)?;
    let centre = source::record(&registry, &arguments.id)?;
    let document = document(&registry, centre, arguments);
    folder::put_file(&arguments.out, &graph_page(&document)?)?;
    let word = terminal.err_word(Tone::Good, "wrote");
    terminal.say(&format!("{word} {}: {}", shell_word(&arguments.out), document.marking));
    if terminal.json() {
        terminal.document(&document);
    } else {
        let left = match document.left_out {
            0 => String::new(),
            more => format!("; {more} further parts are not drawn (--parts, or a smaller --depth)"),
        };
        terminal.answer(&format!("{} parts, {} relations{left}", document.nodes.len(), document.edges.len()));
    }
    Ok(Answer::Yes)
}

fn document(registry: &Registry, centre: &Record, arguments: &Graph) -> GraphDocument {
    let found = around(registry, &centre.id, arguments.depth, arguments.parts as usize);
    let mut nodes: Vec<NodeLine> = found
        .nodes
        .iter()
        .filter_map(|near| Some(node(registry, registry.record(&near.id)?, near.distance)))
        .collect();
    nodes.sort_by_cached_key(|node| (node.distance, natural(&node.part.number), node.part.id.clone()));
    GraphDocument {
        schema: GRAPH_SCHEMA,
        marking: arguments.form.marking.clone(),
        centre: centre.id.to_string(),
        depth: arguments.depth,
        nodes,
        edges: found.edges.iter().map(line).collect(),
        left_out: found.cut as u64,
    }
}

fn node(registry: &Registry, record: &Record, distance: u32) -> NodeLine {
    let later = registry.edges_to(&record.id).filter(|edge| edge.relation == Relation::Supersedes);
    let ids = |id: &PartId| id.to_string();
    NodeLine {
        part: source::part_line(record),
        kind: record.kind.as_str(),
        status: record.status.as_str(),
        superseded_by: later.map(|edge| ids(&edge.from)).collect(),
        distance,
    }
}

fn line(edge: &Edge) -> EdgeLine {
    EdgeLine {
        from: edge.from.to_string(),
        relation: edge.relation.as_str(),
        to: edge.to.to_string(),
        obligation: edge.obligation.map(|obligation| obligation.as_str()),
        derived: edge.derived,
    }
}

/// A number with its digits by their value, so that volume 2 stands before volume 10.
fn natural(text: &str) -> Vec<(bool, u64, String)> {
    let mut pieces: Vec<(bool, u64, String)> = Vec::new();
    for character in text.chars().flat_map(char::to_lowercase) {
        let digit = character.to_digit(10).map(u64::from);
        match (pieces.last_mut(), digit) {
            (Some((true, value, _)), Some(digit)) => *value = value.saturating_mul(10).saturating_add(digit),
            (_, Some(digit)) => pieces.push((true, digit, String::new())),
            (Some((false, _, word)), None) => word.push(character),
            (_, None) => pieces.push((false, 0, character.to_string())),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::natural;

    #[test]
    fn volumes_stand_in_the_order_of_their_numbers() {
        let mut numbers = ["AMP-11 Vol 10", "AMP-11 Vol 2", "amp-11 vol 1", "AMP-9"];
        numbers.sort_by_key(|number| natural(number));
        assert_eq!(numbers, ["AMP-9", "amp-11 vol 1", "AMP-11 Vol 2", "AMP-11 Vol 10"]);
        assert!(natural(&"9".repeat(40)) > natural("9"));
    }
}
