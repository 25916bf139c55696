//! The page of the reference graph around a part: a drawing in layers, and the same as two tables.

use std::collections::BTreeMap;

use askama::Template;

use super::Words;
use super::layout::{BOX_HEIGHT, BOX_WIDTH, Link, layout};
use super::shape::{legend, level_path, level_word, number_shortened, wrapped};
use crate::document::standards::{EdgeLine, GraphDocument, NodeLine};
use crate::failure::Failure;
use crate::page;
use crate::report::shortened;

/// Characters of a number in a box.
const NUMBER_CHARS: usize = 25;
/// Characters of a line of a title in a box.
const TITLE_CHARS: usize = 33;

#[derive(Template)]
#[template(path = "standards-graph.html")]
struct Page<'a> {
    document: &'a GraphDocument,
    style: &'static str,
    policy: String,
    title: String,
    width: String,
    height: String,
    nodes: Vec<Node<'a>>,
    lines: Vec<Line>,
    levels: Vec<(&'static str, String)>,
    relations: Vec<(&'static str, &'static str)>,
    edges: Vec<Row>,
}

/// A box.
struct Node<'a> {
    line: &'a NodeLine,
    class: &'static str,
    x: String,
    y: String,
    number: String,
    title: Vec<String>,
    sign: &'static str,
    level: String,
    status: String,
    /// As much of it as has room in a box.
    short: String,
}

/// A line between boxes.
struct Line {
    class: &'static str,
    points: String,
    words: String,
}

/// A line of the table of edges.
struct Row {
    from: String,
    words: String,
    to: String,
    derived: bool,
}

/// The page.
pub(crate) fn page(document: &GraphDocument) -> Result<Vec<u8>, Failure> {
    let place: BTreeMap<&str, usize> =
        document.nodes.iter().enumerate().map(|(at, node)| (node.part.id.as_str(), at)).collect();
    let ends = |edge: &EdgeLine| {
        Some((*place.get(edge.from.as_str())?, *place.get(edge.to.as_str())?)).filter(|(from, to)| from != to)
    };
    let drawn: Vec<(&EdgeLine, Link)> = document
        .edges
        .iter()
        .filter_map(|edge| {
            let (from, to) = ends(edge)?;
            Some((edge, Link { from, to, kind: class(edge) }))
        })
        .collect();
    let links: Vec<Link> = drawn.iter().map(|(_, link)| *link).collect();
    let laid = layout(document.nodes.len(), &links);
    let nodes: Vec<Node<'_>> = document
        .nodes
        .iter()
        .zip(&laid.corners)
        .map(|(line, corner)| node(document, line, *corner))
        .collect();
    let lines = drawn.iter().zip(&laid.lines).map(|((edge, _), points)| line(document, edge, points));
    let centre = document.nodes.iter().find(|node| node.part.id == document.centre);
    let title = centre.map_or_else(|| document.centre.clone(), |node| node.part.name());
    let levels = document.nodes.iter().map(|node| node.part.marking.as_deref());
    let page = Page {
        document,
        style: super::STYLE,
        policy: page::policy(super::STYLE),
        title: shortened(&title, 160),
        width: length(laid.width),
        height: length(laid.height),
        levels: legend(levels),
        relations: relations(&document.edges),
        edges: document.edges.iter().map(|edge| row(document, edge)).collect(),
        lines: lines.collect(),
        nodes,
    };
    page::rendered("graph.html", &page)
}

fn node<'a>(document: &GraphDocument, line: &'a NodeLine, (x, y): (f64, f64)) -> Node<'a> {
    let superseded = !line.superseded_by.is_empty();
    Node {
        line,
        class: match (line.part.id == document.centre, superseded || line.status == "withdrawn") {
            (true, _) => "node centre",
            (false, true) => "node past",
            (false, false) => "node",
        },
        x: length(x),
        y: length(y),
        number: number_shortened(
            if line.part.number.is_empty() { &line.part.id } else { &line.part.number },
            NUMBER_CHARS,
        ),
        title: wrapped(&line.part.title, TITLE_CHARS, 2),
        sign: level_path(line.part.marking.as_deref()),
        level: level_word(line.part.marking.as_deref()),
        status: status(line),
        short: status(line).split(',').next().unwrap_or_default().to_owned(),
    }
}

/// The status in words; of an accepted part that another took the place of, that.
fn status(line: &NodeLine) -> String {
    match (line.status, line.superseded_by.is_empty()) {
        ("accepted", true) => "in force".to_owned(),
        ("accepted", false) => "superseded".to_owned(),
        (other, true) => other.to_owned(),
        (other, false) => format!("{other}, superseded"),
    }
}

fn line(document: &GraphDocument, edge: &EdgeLine, points: &[(f64, f64)]) -> Line {
    let points: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let (from, to) = (number(document, &edge.from), number(document, &edge.to));
    Line { class: class(edge), points: points.join(" "), words: format!("{from} {} {to}", words(edge)) }
}

fn number<'a>(document: &'a GraphDocument, id: &'a str) -> &'a str {
    let node = document.nodes.iter().find(|node| node.part.id == id);
    node.map(|node| node.part.number.as_str()).filter(|number| !number.is_empty()).unwrap_or(id)
}

/// How a line is drawn.
fn class(edge: &EdgeLine) -> &'static str {
    match (edge.relation, edge.obligation) {
        ("covers", _) => "covers",
        ("has_part", _) => "contains",
        ("supersedes", _) => "supersedes",
        (_, Some("mandatory")) => "needs",
        _ => "refers",
    }
}

/// What an edge says between its subject and its object.
fn words(edge: &EdgeLine) -> &'static str {
    match class(edge) {
        "covers" => "covers",
        "contains" => "has as a part",
        "supersedes" => "supersedes",
        "needs" => "normatively needs",
        _ => "refers to",
    }
}

/// The kinds of lines that occur, for the legend.
fn relations(edges: &[EdgeLine]) -> Vec<(&'static str, &'static str)> {
    let all = [
        ("covers", "covers: both travel together"),
        ("contains", "has as a part"),
        ("needs", "normatively needs"),
        ("refers", "refers to, for information"),
        ("supersedes", "supersedes"),
    ];
    all.into_iter().filter(|(kind, _)| edges.iter().any(|edge| class(edge) == *kind)).collect()
}

fn row(document: &GraphDocument, edge: &EdgeLine) -> Row {
    Row {
        from: number(document, &edge.from).to_owned(),
        words: words(edge).to_owned(),
        to: number(document, &edge.to).to_owned(),
        derived: edge.derived,
    }
}

fn length(length: f64) -> String {
    format!("{length:.1}")
}

impl Words for Page<'_> {}

impl Page<'_> {
    fn marking(&self) -> &str {
        &self.document.marking
    }

    fn box_size(&self) -> (String, String) {
        (length(BOX_WIDTH), length(BOX_HEIGHT))
    }

    /// Base line of a line of the title in a box.
    fn title_y(&self, line: &usize) -> String {
        (34 + 13 * line).to_string()
    }
}
