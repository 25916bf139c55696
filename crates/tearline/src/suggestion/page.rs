//! `index.html` of suggestions: the alternatives side by side, then each with its map and its branches. One file that
//! needs no script, no font and no request; what holds of `report.html` holds here.

use askama::Template;

use super::alternatives::{Scene, Wanted};
use super::map::Map;
use crate::document::suggestions::{Alternative, BranchDocument, Kind, Suggestions};
use crate::failure::Failure;
use crate::page;
use crate::report::{counted, grouped, percent};

const STYLE: &str = include_str!("../../templates/report.css");
/// Lines of branches on the page; `suggestions.json` has all.
const LINES_MAX: usize = 400;

#[derive(Template)]
#[template(path = "suggestions.html")]
struct Page<'a> {
    document: &'a Suggestions,
    style: &'static str,
    policy: String,
    sections: Vec<Section<'a>>,
}

struct Section<'a> {
    one: &'a Alternative,
    name: String,
    about: &'static str,
    map: Map,
    lines: Vec<Line>,
    more: usize,
}

/// One branch in words, with the length of its indentation.
struct Line {
    indent: String,
    title: String,
    how: String,
}

/// The page.
pub(crate) fn render(
    scene: &Scene<'_>,
    found: &[Wanted],
    document: &Suggestions,
) -> Result<Vec<u8>, Failure> {
    let section = |(one, wanted): (&'_ Alternative, &Wanted)| {
        let mut lines = Vec::new();
        one.branches.iter().for_each(|branch| line(branch, 0, &mut lines));
        let more = lines.len().saturating_sub(LINES_MAX);
        lines.truncate(LINES_MAX);
        (name(one), about(one.kind), Map::new(scene, wanted), lines, more)
    };
    let sections = document.alternatives.iter().zip(found).map(|(one, wanted)| {
        let (name, about, map, lines, more) = section((one, wanted));
        Section { one, name, about, map, lines, more }
    });
    let page = Page { document, style: STYLE, policy: page::policy(STYLE), sections: sections.collect() };
    page::rendered("index.html", &page)
}

fn line(branch: &BranchDocument, depth: usize, lines: &mut Vec<Line>) {
    let how = match (&branch.along, branch.remainder.len()) {
        (Some(along), _) => format!("by {along}"),
        (None, 0) => String::new(),
        (None, several) => format!("{several} codes in sum"),
    };
    lines.push(Line { indent: "\u{2003}".repeat(depth), title: branch.title.clone(), how });
    branch.parts.iter().for_each(|part| line(part, depth + 1, lines));
}

/// Whether less may be shown than is said.
pub(crate) fn is_most(one: &Alternative) -> bool {
    one.sensitive > 0 && (one.hidden.is_none() || one.kind == Kind::Structural)
}

/// What an alternative is called.
pub(crate) fn name(one: &Alternative) -> String {
    let levels: Vec<String> = one.levels.iter().map(ToString::to_string).collect();
    match one.kind {
        Kind::BranchesWithRemainders => "branch by branch, small siblings in sum".to_owned(),
        Kind::Branches => "branch by branch".to_owned(),
        Kind::Nested => one.order.join(", then "),
        Kind::Levels => format!("one level for the whole table ({})", levels.join(" × ")),
        Kind::Structural => "structural, branch by branch".to_owned(),
        Kind::LevelsWithBlanks => format!("levels {} with blanks", levels.join(" × ")),
        Kind::AsAsked => "as specified, with blanks".to_owned(),
    }
}

fn about(kind: Kind) -> &'static str {
    match kind {
        Kind::BranchesWithRemainders => {
            "Each branch is broken down by the variable that shows most there. Siblings that cannot be shown one by one \
             stand in sum beside the others: what readers would get from a blank as well, by subtracting."
        }
        Kind::Branches => {
            "Each branch is broken down by the variable that shows most there; all siblings are shown, or their sum alone."
        }
        Kind::Nested => "A cut through the first variable, in each of its branches a cut through the next.",
        Kind::Levels => {
            "One level of each variable holds for the whole table: the finest that needs no blank."
        }
        Kind::Structural => {
            "Decided by who has records alone: whoever knows that could have drawn it, so the choice tells nothing about figures. \
             Cells that fail the rules all the same are left to protect to hide."
        }
        Kind::LevelsWithBlanks => {
            "A crossed table that is a little too fine: protect hides the cells that cannot be shown, and others to protect these."
        }
        Kind::AsAsked => {
            "The table as it was asked for; protect hides what cannot be shown, and others to protect that."
        }
    }
}

impl Page<'_> {
    fn marking(&self) -> &str {
        &self.document.marking
    }

    fn number(&self, number: &u64) -> String {
        grouped(&number.to_string())
    }

    fn counted(&self, count: &u64, one: &str, several: &str) -> String {
        counted(*count, one, several)
    }

    /// What is hidden: tried, or known to be at least so much.
    fn blanks(&self, one: &Alternative) -> String {
        match (one.hidden, one.sensitive) {
            (Some(hidden), _) => hidden.to_string(),
            (None, 0) => "0".to_owned(),
            (None, least) => format!("≥\u{202f}{least}"),
        }
    }

    /// Cells shown, or the most that there can be.
    fn shown(&self, one: &Alternative) -> String {
        format!("{}{}", if is_most(one) { "≤\u{202f}" } else { "" }, grouped(&one.shown.to_string()))
    }

    fn back(&self, one: &Alternative) -> String {
        one.gives_back.map(|cells| format!("{cells:+}")).unwrap_or_default()
    }

    fn has_paths(&self) -> bool {
        self.document.alternatives.iter().any(|one| one.paths.is_some())
    }

    fn paths(&self, one: &Alternative) -> String {
        one.paths.map(|paths| format!("{} of {}", paths.complete, paths.paths)).unwrap_or_default()
    }

    /// What is shown is worth; with blanks, at most so much.
    fn worth(&self, one: &Alternative) -> String {
        let most = if one.sensitive == 0 { "" } else { "≤\u{202f}" };
        format!("{most}{}", percent(one.utility_permille))
    }

    fn bar(&self, permille: &u64) -> String {
        format!("{}.{}", permille / 10, permille % 10)
    }

    /// Cells shown at one combination of levels, with their share of the value.
    fn cell(&self, one: &Alternative, levels: &[u32]) -> String {
        let place = self.document.levels.iter().position(|known| known.levels == levels);
        place
            .and_then(|place| one.by_level.get(place))
            .map_or_else(String::new, |shown| format!("{} ({})", shown.shown, percent(shown.value_permille)))
    }

    fn levels(&self, levels: &[u32]) -> String {
        let texts: Vec<String> = levels.iter().map(ToString::to_string).collect();
        texts.join(" × ")
    }
}
