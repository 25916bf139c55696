//! `docs/benchmarks.md`: the parts between markers are written here, the prose around them is somebody's.

use std::fmt::Write as _;

use super::results::{Found, Growth, Measured, Outcome, Results, as_float};

/// A part of the document: what stands between its two markers is replaced, nothing else.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part(&'static str);

pub(super) const CONDITIONS: Part = Part("conditions");
pub(super) const AGAINST: Part = Part("against");
pub(super) const RUNS: Part = Part("runs");
pub(super) const GROWTH: Part = Part("growth");

impl Part {
    fn markers(self) -> (String, String) {
        (format!("<!-- {}:begin -->", self.0), format!("<!-- {}:end -->", self.0))
    }

    /// The document with `content` in this part.
    ///
    /// # Errors
    /// When the document does not have the part's two markers, once each and in order.
    pub(super) fn replace(self, document: &str, content: &str) -> anyhow::Result<String> {
        let (begin, end) = self.markers();
        let split = document.split_once(&begin).and_then(|(before, rest)| {
            let (_, after) = rest.split_once(&end)?;
            Some((before, after))
        });
        let Some((before, after)) = split else {
            anyhow::bail!("the document needs the lines `{begin}` and `{end}`, in this order");
        };
        anyhow::ensure!(!after.contains(&begin) && !before.contains(&end), "`{begin}` stands there twice");
        Ok(format!("{before}{begin}\n{}\n{end}{after}", content.trim_end()))
    }
}

/// The document with every part written anew from `results`.
///
/// # Errors
/// When a marker is missing.
pub(super) fn written(document: &str, results: &Results) -> anyhow::Result<String> {
    let document = CONDITIONS.replace(document, &conditions(results))?;
    let document = AGAINST.replace(&document, &against(results))?;
    let document = RUNS.replace(&document, &runs(results))?;
    GROWTH.replace(&document, &growth(&results.growth))
}

/// Machine, dates, versions, and what was not done.
fn conditions(results: &Results) -> String {
    let versions = results.versions.iter().map(|(name, version)| format!("{name} {version}"));
    let mut text = format!("- Machine: {}.\n", results.machine.describe());
    let of_tables = results.tables.values().flat_map(|table| table.runs.values());
    let dates =
        of_tables.map(|run| run.date.as_str()).chain(results.growth.iter().map(|row| row.date.as_str()));
    let (first, last) = (dates.clone().min().unwrap_or("none"), dates.max().unwrap_or("none"));
    let days = if first == last { first.to_owned() } else { format!("{first} to {last}") };
    let _ = writeln!(text, "- Measured: {days}. Versions: {}.", versions.collect::<Vec<_>>().join(", "));
    let limits: Vec<String> = peer_limits(results).into_iter().map(|limit| limit.to_string()).collect();
    if !limits.is_empty() {
        let _ = writeln!(text, "- The peer's runs were killed after {} s.", limits.join(" or "));
    }
    let unaudited = results.tables.values().flat_map(|table| table.runs.values());
    if unaudited.filter_map(super::results::Run::found).any(|found| found.audit.is_none()) {
        text.push_str(
            "- **No independent audit** of the runs marked \"not audited\": the auditor was not at hand.\n",
        );
    }
    text
}

fn peer_limits(results: &Results) -> Vec<u32> {
    let runs = results.tables.values().flat_map(|table| &table.runs);
    let mut limits: Vec<u32> =
        runs.filter(|(program, _)| !program.is_ours()).map(|(_, run)| run.killed_after_s).collect();
    limits.sort_unstable();
    limits.dedup();
    limits
}

/// Tables in the order of their size.
pub(super) fn by_size(results: &Results) -> Vec<(&str, &Measured)> {
    let mut tables: Vec<(&str, &Measured)> =
        results.tables.iter().map(|(name, table)| (name.as_str(), table)).collect();
    tables.sort_by_key(|(name, table)| (table.cells, *name));
    tables
}

/// The peer against ours, one row a table and method.
fn against(results: &Results) -> String {
    let mut text =
        "| table | cells | peer | its weight | its s | its audit | ours, lightest | weight, ours to its | \
                    reached its weight in s | time, its to ours |\n\
                    | --- | ---: | --- | ---: | ---: | --- | ---: | ---: | ---: | ---: |\n"
            .to_owned();
    for (name, table) in by_size(results) {
        let ours: Vec<&Found> = table
            .runs
            .iter()
            .filter(|(program, _)| program.is_ours())
            .filter_map(|(_, run)| run.found())
            .collect();
        let lightest = ours.iter().map(|found| found.weight).min();
        for (program, run) in table.runs.iter().filter(|(program, _)| !program.is_ours()) {
            let _ = write!(text, "| {name} | {} | {} | ", grouped(u128::from(table.cells)), program.name());
            let shown = lightest.map_or_else(|| "none".to_owned(), grouped);
            match &run.outcome {
                Outcome::Pattern(found) => {
                    let (weight, seconds, audit) = (weights(found), seconds(found.seconds), audit(found));
                    let ratio = lightest.map_or_else(dash, |ours| ratio(ours, found.weight));
                    let reached = reached(&ours, found.weight);
                    let (when, speed) = reached.map_or_else(
                        || ("not reached".to_owned(), dash()),
                        |at| (format!("at most {}", super::document::seconds(at)), times(found.seconds / at)),
                    );
                    let _ = writeln!(
                        text,
                        "{weight} | {seconds} | {audit} | {shown} | {ratio} | {when} | {speed} |"
                    );
                }
                other => {
                    let _ =
                        writeln!(text, "none | {} | | {shown} | | | |", in_words(other, run.killed_after_s));
                }
            }
        }
    }
    text
}

/// How long the first of our runs took that is no heavier than `weight`.
fn reached(ours: &[&Found], weight: u128) -> Option<f64> {
    let light = ours.iter().filter(|found| found.weight <= weight).map(|found| found.seconds);
    light.min_by(f64::total_cmp)
}

/// Every run, one row each.
fn runs(results: &Results) -> String {
    let mut text = "| table | cells | primaries | program | s | hidden | weight | bound | gap | first proof s | audit |\n\
                    | --- | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n"
        .to_owned();
    for (name, table) in by_size(results) {
        let size = format!("{} | {}", grouped(u128::from(table.cells)), grouped(u128::from(table.primaries)));
        for (program, run) in &table.runs {
            let _ = write!(text, "| {name} | {size} | {} | ", program.name());
            match &run.outcome {
                Outcome::Pattern(found) => {
                    let bound = found.bound.map_or_else(dash, |bound| grouped(whole(bound)));
                    let gap = found.gap().map_or_else(dash, |gap| format!("{:.1} %", gap * 100.0));
                    let first = found.first_certified_s.map_or_else(dash, seconds);
                    let _ = writeln!(
                        text,
                        "{} | {} | {} | {bound} | {gap} | {first} | {} |",
                        spread(found),
                        grouped(u128::from(found.secondaries)),
                        weights(found),
                        audit(found),
                    );
                }
                other => {
                    let _ = writeln!(text, "{} | | | | | | |", in_words(other, run.killed_after_s));
                }
            }
        }
    }
    text
}

/// The growing family, and the exponent that fits it.
fn growth(rows: &[Growth]) -> String {
    let mut text =
        "| cells | primaries | secondaries | first proved pattern s | checker alone s | peak MiB |\n\
                    | ---: | ---: | ---: | ---: | ---: | ---: |\n"
            .to_owned();
    for row in rows {
        let Growth { cells, primaries, secondaries, protect_s, check_s, peak_mib, .. } = row;
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {peak_mib} |",
            grouped(u128::from(*cells)),
            grouped(u128::from(*primaries)),
            grouped(u128::from(*secondaries)),
            seconds(*protect_s),
            seconds(*check_s),
        );
    }
    // A fit over all sizes alone would hide a steep end behind a slow beginning.
    let steepest = rows.windows(2).filter_map(exponent).max_by(f64::total_cmp);
    if let Some((fitted, steepest)) = exponent(rows).zip(steepest) {
        let _ = writeln!(
            text,
            "\nTime to the first proved pattern grows as cells^{fitted:.2} over all sizes (least squares of the logarithms), \
             and as cells^{steepest:.2} between the two neighbours where it grows most."
        );
    }
    text
}

/// The slope of log time against log cells; none below two sizes.
pub(super) fn exponent(rows: &[Growth]) -> Option<f64> {
    let points: Vec<(f64, f64)> = rows
        .iter()
        .filter(|row| row.protect_s > 0.0)
        .map(|row| (as_float(u128::from(row.cells)).log10(), row.protect_s.log10()))
        .collect();
    let count = as_float(points.len() as u128);
    let (sum_x, sum_y) = points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0, y + point.1));
    let (mean_x, mean_y) = (sum_x / count, sum_y / count);
    let over: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let under: f64 = points.iter().map(|(x, _)| (x - mean_x) * (x - mean_x)).sum();
    (under > 0.0).then(|| over / under)
}

fn in_words(outcome: &Outcome, killed_after_s: u32) -> String {
    match outcome {
        Outcome::Pattern(_) => String::new(),
        Outcome::Killed => format!("none in {killed_after_s}"),
        // A table's cell holds no bar and no line break.
        Outcome::Failed(words) => format!("failed: {}", words.replace(['|', '\n'], " ").trim()),
    }
}

fn audit(found: &Found) -> String {
    let words = found.audit.as_ref().map_or_else(|| "not audited".to_owned(), super::audit::Audit::words);
    words.replace(['|', '\n'], " ")
}

/// The weight, with the least and the greatest where runs differ.
fn weights(found: &Found) -> String {
    let least = found.weights_of_all.iter().min().copied().unwrap_or(found.weight);
    let most = found.weights_of_all.iter().max().copied().unwrap_or(found.weight);
    if least == most {
        grouped(found.weight)
    } else {
        format!("{} ({} to {})", grouped(found.weight), grouped(least), grouped(most))
    }
}

/// The median time, with the shortest and the longest where there were several.
fn spread(found: &Found) -> String {
    let all = &found.seconds_of_all;
    match (all.first(), all.last()) {
        (Some(first), Some(last)) if all.len() > 1 => {
            format!("{} ({} to {})", seconds(found.seconds), seconds(*first), seconds(*last))
        }
        _ => seconds(found.seconds),
    }
}

fn dash() -> String {
    "-".to_owned()
}

/// Seconds to three figures or so.
fn seconds(seconds: f64) -> String {
    if seconds < 10.0 { format!("{seconds:.2}") } else { format!("{seconds:.0}") }
}

fn times(factor: f64) -> String {
    if factor < 10.0 { format!("{factor:.1}") } else { format!("{factor:.0}") }
}

fn ratio(ours: u128, theirs: u128) -> String {
    if theirs == 0 { dash() } else { format!("{:.3}", as_float(ours) / as_float(theirs)) }
}

/// A number of at least 0 as a whole one, for show.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast saturates, and it is for show"
)]
fn whole(number: f64) -> u128 {
    number.floor() as u128
}

/// Digits in groups of three.
pub(super) fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
#[path = "document/tests.rs"]
mod tests;
