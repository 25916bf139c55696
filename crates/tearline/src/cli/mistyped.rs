//! The nearest known option for a mistyped one, where the parser has no suggestion of its own.
//!
//! The parser compares whole words by a measure that misses `--ouput` for `--out`; here the beginning of a word
//! counts, and letters changed, added, left out or swapped.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Letters that may differ.
const DISTANCE_MAX: usize = 2;

/// Adds a suggestion to an error about an unknown option.
pub(crate) fn suggest(error: &mut clap::Error, root: &clap::Command, arguments: &[OsString]) {
    if error.kind() != ErrorKind::UnknownArgument || error.get(ContextKind::SuggestedArg).is_some() {
        return;
    }
    let Some(ContextValue::String(wrong)) = error.get(ContextKind::InvalidArg) else { return };
    let Some(wrong) = wrong.strip_prefix("--").map(str::to_owned) else { return };
    let known = options(root, arguments);
    let Some(near) = nearest(&wrong, &known) else { return };
    error.insert(ContextKind::SuggestedArg, ContextValue::String(format!("--{near}")));
    // `to pass it as a value, use -- ...` only leads away from the option that was meant.
    error.insert(ContextKind::Suggested, ContextValue::None);
}

/// Long options of the command that the words name, and of those above it.
fn options(root: &clap::Command, arguments: &[OsString]) -> Vec<String> {
    let mut command = root;
    let mut known: Vec<String> = longs(command);
    for word in arguments.iter().skip(1).filter_map(|word| word.to_str()) {
        if let Some(found) = command.find_subcommand(word) {
            command = found;
            known.extend(longs(command));
        }
    }
    known.sort_unstable();
    known.dedup();
    known
}

fn longs(command: &clap::Command) -> Vec<String> {
    command.get_arguments().filter_map(|argument| argument.get_long()).map(str::to_owned).collect()
}

fn nearest<'k>(wrong: &str, known: &'k [String]) -> Option<&'k str> {
    let distance = |known: &String| {
        // A word that goes on after the option was begun is near by its beginning.
        let begun: String = wrong.chars().take(known.chars().count()).collect();
        let whole = strsim::osa_distance(wrong, known);
        whole.min(strsim::osa_distance(&begun, known) + usize::from(begun != wrong))
    };
    let near = known.iter().min_by_key(|known| (distance(known), known.len()))?;
    (distance(near) <= DISTANCE_MAX && distance(near) < near.len()).then_some(near)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_option_is_found_and_far_ones_are_not() {
        let known =
            ["accept-holds", "color", "force", "json", "marking", "out", "pattern"].map(str::to_owned);
        let cases = [
            ("output", Some("out")),
            ("ouput", Some("out")),
            ("patern", Some("pattern")),
            ("colour", Some("color")),
            ("froce", Some("force")),
            ("verbose", None),
        ];
        for (wrong, expected) in cases {
            assert_eq!(nearest(wrong, &known), expected, "{wrong}");
        }
    }
}
