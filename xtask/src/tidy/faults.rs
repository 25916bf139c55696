//! The list of planted faults fits the code: each place is there exactly once, and every rule of the office has a fault.

use super::Fault;
use super::source::Source;
use crate::faults::{BELOW, LIST, read};

/// Where `Refusal::RULES` is made: every `=> "rule",` after a refusal.
const RULES: &str = "crates/office/src/refusal.rs";

pub(super) fn check(sources: &[Source], faults: &mut Vec<Fault>) {
    let text_of = |path: &str| {
        sources.iter().find(|source| source.path == path).and_then(|source| source.text.as_deref())
    };
    let mut found = |path: &str, rule, advice| {
        faults.push(Fault { path: path.to_owned(), line: 0, rule, advice });
    };
    let Some(list) = text_of(LIST) else { return };
    let planted = match read(list) {
        Ok(planted) => planted,
        Err(error) => return found(LIST, "planted-fault", format!("{error:#}")),
    };
    for fault in &planted {
        let text = text_of(&format!("{BELOW}/{}", fault.file)).unwrap_or_default();
        let times = text.matches(&fault.original).count();
        if times != 1 || fault.original == fault.planted {
            let advice = format!(
                "the place of `{}` is {times} times in `{}`: write its fault for the code as it is now",
                fault.what, fault.file
            );
            found(LIST, "planted-fault", advice);
        }
    }
    for rule in rules(text_of(RULES).unwrap_or_default()) {
        if !planted.iter().any(|fault| fault.rule == rule) {
            found(LIST, "planted-fault", format!("plant a fault for the rule `{rule}`"));
        }
    }
}

/// The words of the rules.
fn rules(text: &str) -> Vec<&str> {
    let listed = text.lines().filter_map(|line| line.split_once("=> \"")?.1.split_once('"'));
    listed.map(|(rule, _)| rule).filter(|rule| !rule.is_empty()).collect()
}
