//! The plot of a comparison: one small panel a table, weight relative to the lightest safe pattern against seconds.
//!
//! Plain SVG without scripts or fonts of its own; colours follow the reader's light or dark setting.

use std::fmt::Write as _;

use super::document::{by_size, grouped};
use super::results::{Found, Measured, Program, Results, as_float};

const COLUMNS: usize = 3;
/// Panels in pixels: the whole of one, and the axes within it.
const PANEL: (f64, f64) = (300.0, 190.0);
const AXES: Box2 = Box2 { left: 52.0, right: 278.0, top: 34.0, bottom: 150.0 };
const LEGEND_HEIGHT: f64 = 62.0;

/// Ends of the time axis, as powers of ten of a second.
const SECONDS: (f64, f64) = (-2.0, 3.0);
const TIME_MARKS: [(f64, &str); 6] =
    [(0.01, "0.01"), (0.1, "0.1"), (1.0, "1"), (10.0, "10"), (100.0, "100"), (1_000.0, "1,000")];
/// The top of the weight axis: heavier patterns are drawn at the edge, with their factor in words.
const WEIGHT_MAX: f64 = 2.0;
const WEIGHT_MARKS: [f64; 3] = [1.0, 1.5, 2.0];

struct Box2 {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

const STYLE: &str = "\
    svg { font: 12px system-ui, sans-serif; }\n\
    .ground { fill: #ffffff; } .ink { fill: #1f2328; } .faint { fill: #59636e; }\n\
    .grid { stroke: #d1d9e0; stroke-width: 1; } .axis { stroke: #59636e; stroke-width: 1; }\n\
    .ours { fill: #0b6bcb; stroke: #0b6bcb; } .mod { fill: #b35900; stroke: #b35900; } .opt { fill: #7d3fb8; stroke: #7d3fb8; }\n\
    .path { fill: none; stroke-width: 1.5; } .hollow { fill: none; stroke-width: 2; }\n\
    @media (prefers-color-scheme: dark) {\n\
    .ground { fill: #0d1117; } .ink { fill: #f0f6fc; } .faint { fill: #9198a1; }\n\
    .grid { stroke: #3d444d; } .axis { stroke: #9198a1; }\n\
    .ours { fill: #6cb6ff; stroke: #6cb6ff; } .mod { fill: #f0a050; stroke: #f0a050; } .opt { fill: #c59bf2; stroke: #c59bf2; }\n\
    .path, .hollow { fill: none; }\n\
    }\n";

/// Draws every table of the results.
pub(super) fn svg(results: &Results) -> String {
    let tables = by_size(results);
    let rows = tables.len().div_ceil(COLUMNS);
    let (width, height) = (PANEL.0 * place(COLUMNS), PANEL.1 * place(rows) + LEGEND_HEIGHT);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" aria-labelledby=\"title\">\n<title id=\"title\">Weight hidden, relative to the lightest safe pattern \
         known, against seconds, for each table</title>\n<style>\n{STYLE}</style>\n\
         <rect class=\"ground\" width=\"{width}\" height=\"{height}\"/>\n"
    );
    legend(&mut text);
    for (index, (name, table)) in tables.into_iter().enumerate() {
        let (x, y) = (PANEL.0 * place(index % COLUMNS), PANEL.1 * place(index / COLUMNS) + LEGEND_HEIGHT);
        let _ = writeln!(text, "<g transform=\"translate({x} {y})\">");
        panel(&mut text, name, table);
        text.push_str("</g>\n");
    }
    text.push_str("</svg>\n");
    text
}

fn place(index: usize) -> f64 {
    as_float(index as u128)
}

fn legend(text: &mut String) {
    let mut x = 16.0;
    for (mark, verdict, words, width) in [
        (Mark::Ours, Verdict::Safe, "tearline, limits of 1, 10 and 60 s", 222.0),
        (Mark::Mod, Verdict::Safe, "tau-ARGUS MOD", 122.0),
        (Mark::Opt, Verdict::Safe, "tau-ARGUS OPT", 122.0),
        (Mark::Mod, Verdict::Unsafe, "hollow: unsafe", 112.0),
    ] {
        mark.draw(text, x, 18.0, verdict);
        let _ = writeln!(text, "<text class=\"ink\" x=\"{}\" y=\"22\">{words}</text>", x + 12.0);
        x += width;
    }
    cross(text, Mark::Mod, x, 18.0);
    let _ = writeln!(
        text,
        "<text class=\"ink\" x=\"{}\" y=\"22\">at the right edge: no pattern</text>",
        x + 12.0
    );
    let words = "upwards: weight relative to the lightest safe pattern known; to the right: seconds";
    let _ = writeln!(text, "<text class=\"faint\" x=\"12\" y=\"42\">{words}</text>");
}

fn panel(text: &mut String, name: &str, table: &Measured) {
    let size = grouped(u128::from(table.cells));
    let _ = writeln!(
        text,
        "<text class=\"ink\" x=\"{}\" y=\"20\"><tspan font-weight=\"600\">{name}</tspan><tspan class=\"faint\"> {size} cells</tspan></text>",
        AXES.left
    );
    grid(text);
    let safe = table.runs.values().filter_map(|run| run.found()).filter(|found| !found.is_unsafe());
    let Some(best) = safe.map(|found| found.weight).min() else {
        let _ =
            writeln!(text, "<text class=\"faint\" x=\"{}\" y=\"95\">no safe pattern</text>", AXES.left + 8.0);
        return;
    };
    let mut path = String::new();
    for (&program, run) in &table.runs {
        let mark = Mark::of(program);
        let Some(found) = run.found() else {
            cross(text, mark, AXES.right, mark.height_without_weight());
            continue;
        };
        let (x, y) = (across(found.seconds), down(relative(found, best)));
        let verdict = if found.is_unsafe() { Verdict::Unsafe } else { Verdict::Safe };
        mark.draw(text, x, y, verdict);
        if relative(found, best) > WEIGHT_MAX {
            let factor = relative(found, best);
            let _ = writeln!(
                text,
                "<text class=\"faint\" x=\"{}\" y=\"{}\">x{factor:.1}</text>",
                x + 7.0,
                y + 4.0
            );
        }
        if program.is_ours() {
            let _ = write!(path, "{}{x:.1} {y:.1}", if path.is_empty() { "M" } else { " L" });
        }
    }
    if !path.is_empty() {
        let _ = writeln!(text, "<path class=\"ours path\" d=\"{path}\"/>");
    }
}

fn grid(text: &mut String) {
    let Box2 { left, right, top, bottom } = AXES;
    for weight in WEIGHT_MARKS {
        let y = down(weight);
        let _ =
            writeln!(text, "<line class=\"grid\" x1=\"{left}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>");
        let x = left - 6.0;
        let _ = writeln!(
            text,
            "<text class=\"faint\" text-anchor=\"end\" x=\"{x}\" y=\"{:.1}\">{weight:.1}</text>",
            y + 4.0
        );
    }
    for (seconds, label) in TIME_MARKS {
        let x = across(seconds);
        let _ =
            writeln!(text, "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{top}\" y2=\"{bottom}\"/>");
        let _ = writeln!(
            text,
            "<text class=\"faint\" text-anchor=\"middle\" x=\"{x:.1}\" y=\"{}\">{label}</text>",
            bottom + 18.0
        );
    }
    let _ =
        writeln!(text, "<line class=\"axis\" x1=\"{left}\" x2=\"{right}\" y1=\"{bottom}\" y2=\"{bottom}\"/>");
}

fn relative(found: &Found, best: u128) -> f64 {
    if best == 0 { 1.0 } else { as_float(found.weight) / as_float(best) }
}

/// Where a time lies; times off the axis lie at its ends.
fn across(seconds: f64) -> f64 {
    let (first, last) = SECONDS;
    let share = (seconds.max(f64::MIN_POSITIVE).log10().clamp(first, last) - first) / (last - first);
    AXES.left + share * (AXES.right - AXES.left)
}

/// Where a relative weight lies; an unsafe pattern may be lighter than the lightest safe one.
fn down(weight: f64) -> f64 {
    let share = (weight.clamp(WEIGHT_MIN, WEIGHT_MAX) - WEIGHT_MIN) / (WEIGHT_MAX - WEIGHT_MIN);
    AXES.bottom - share * (AXES.bottom - AXES.top)
}

/// The foot of the weight axis.
const WEIGHT_MIN: f64 = 0.8;

#[derive(Clone, Copy)]
enum Verdict {
    Safe,
    Unsafe,
}

/// A program's mark: told apart by shape as well as by colour.
#[derive(Clone, Copy)]
enum Mark {
    Ours,
    Mod,
    Opt,
}

impl Mark {
    const fn of(program: Program) -> Self {
        match program {
            Program::Tearline { .. } => Self::Ours,
            Program::Mod => Self::Mod,
            Program::Opt => Self::Opt,
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Mod => "mod",
            Self::Opt => "opt",
        }
    }

    /// Where a run without a pattern is drawn, so that two of them do not hide each other.
    const fn height_without_weight(self) -> f64 {
        AXES.top
            + match self {
                Self::Ours => 34.0,
                Self::Mod => 54.0,
                Self::Opt => 74.0,
            }
    }

    fn draw(self, text: &mut String, x: f64, y: f64, verdict: Verdict) {
        let class = match verdict {
            Verdict::Safe => self.class().to_owned(),
            Verdict::Unsafe => format!("{} hollow", self.class()),
        };
        let shape = match self {
            Self::Ours => format!("<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/>"),
            Self::Mod => {
                format!(
                    "<rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"10\" height=\"10\"/>",
                    x - 5.0,
                    y - 5.0
                )
            }
            Self::Opt => {
                let (left, right, above, under) = (x - 5.5, x + 5.5, y - 5.5, y + 5.5);
                format!(
                    "<path class=\"{class}\" d=\"M{left:.1} {y:.1} L{x:.1} {above:.1} L{right:.1} {y:.1} L{x:.1} {under:.1} Z\"/>"
                )
            }
        };
        text.push_str(&shape);
        text.push('\n');
    }
}

/// A run that left nothing.
fn cross(text: &mut String, mark: Mark, x: f64, y: f64) {
    let (left, right, above, under) = (x - 4.0, x + 4.0, y - 4.0, y + 4.0);
    let _ = writeln!(
        text,
        "<path class=\"{} hollow\" d=\"M{left:.1} {above:.1} L{right:.1} {under:.1} M{left:.1} {under:.1} L{right:.1} {above:.1}\"/>",
        mark.class()
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axes_hold_what_lies_beyond_them() {
        let near = |one: f64, other: f64| (one - other).abs() < 1e-9;
        assert!(near(across(0.0), AXES.left) && near(across(1e9), AXES.right));
        assert!(near(down(9.0), AXES.top) && near(down(0.1), AXES.bottom));
        assert!(across(1.0) < across(10.0) && down(1.5) < down(1.0));
    }
}
