//! `tearline standards check`: what is wrong with a registry, by code.

use std::collections::BTreeMap;

use office::standards::{Finding, FindingCode, Reading, Severity};

use super::source;
use crate::cli::standards::Check;
use crate::document::standards::{CHECK_SCHEMA, CheckDocument, CountLine, FindingLine};
use crate::failure::{Answer, Failure};
use crate::terminal::{Terminal, Tone, printable};

/// Findings of one code that are listed unless all are asked for.
const LISTED_MAX: usize = 5;

pub(super) fn run(arguments: &Check, terminal: &Terminal) -> Result<Answer, Failure> {
    let document = document(&source::registry(&arguments.source)?);
    if terminal.json() {
        terminal.document(&document);
    } else {
        print(&document, arguments.all, terminal);
    }
    let refused = document.codes.iter().any(|code| code.severity == Severity::Error.as_str());
    Ok(if refused { Answer::No } else { Answer::Yes })
}

fn document(reading: &Reading) -> CheckDocument {
    let counts = office::standards::counts(&reading.findings);
    let mut codes: Vec<(&FindingCode, &usize)> = counts.iter().collect();
    codes.sort_by_key(|(code, count)| (code.severity(), std::cmp::Reverse(**count), code.as_str()));
    let count = |(code, count): (&FindingCode, &usize)| CountLine {
        code: code.as_str(),
        severity: code.severity().as_str(),
        count: *count as u64,
        about: code.about().to_owned(),
    };
    let registry = &reading.registry;
    CheckDocument {
        schema: CHECK_SCHEMA,
        parts: registry.records().len() as u64,
        edges: registry.edges().len() as u64,
        profiles: registry.profiles().len() as u64,
        findings: reading.findings.iter().map(finding).collect(),
        counts: counts.iter().map(|(code, count)| (code.as_str(), *count as u64)).collect(),
        codes: codes.into_iter().map(count).collect(),
    }
}

fn finding(finding: &Finding) -> FindingLine {
    FindingLine {
        code: finding.code.as_str(),
        severity: finding.severity.as_str(),
        file: finding.origin.as_str(),
        id: finding.id.clone(),
        field: finding.field.clone(),
        line: finding.line,
        message: finding.message.clone(),
    }
}

fn print(document: &CheckDocument, all: bool, terminal: &Terminal) {
    terminal.answer(&format!(
        "{} parts, {} edges, {} profiles; {} findings",
        document.parts,
        document.edges,
        document.profiles,
        document.findings.len()
    ));
    for code in &document.codes {
        let word = severity(code.severity, terminal);
        terminal.answer(&format!("{word} {:>6}  {:<26} {}", code.count, code.code, code.about));
    }
    let mut by_code: BTreeMap<&str, Vec<&FindingLine>> = BTreeMap::new();
    for finding in &document.findings {
        by_code.entry(finding.code).or_default().push(finding);
    }
    for code in &document.codes {
        let findings = by_code.get(code.code).map(Vec::as_slice).unwrap_or_default();
        let shown = if all { findings.len() } else { findings.len().min(LISTED_MAX) };
        terminal.answer(&format!("\n{} [{}]", severity(code.severity, terminal).trim_end(), code.code));
        for finding in findings.iter().take(shown) {
            terminal.answer(&format!("  {}", printable(&words(finding))));
        }
        if findings.len() > shown {
            terminal.answer(&format!("  and {} more (--all)", findings.len() - shown));
        }
    }
}

fn severity(severity: &str, terminal: &Terminal) -> String {
    let tone = match severity {
        "error" => Tone::Bad,
        "warning" => Tone::Caution,
        _ => Tone::Strong,
    };
    terminal.out_word(tone, &format!("{severity:<8}"))
}

fn words(finding: &FindingLine) -> String {
    let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
    let place = format!("{}{line}", finding.file);
    match finding.id.is_empty() {
        true => format!("{place}: {}", finding.message),
        false => format!("{place}: {}: {}", finding.id, finding.message),
    }
}
