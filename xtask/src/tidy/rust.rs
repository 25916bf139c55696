//! Rules of Rust files: size, module heads, tests that assert, and a checker without floats.

use super::Fault;
use super::lexer::is_word;
use super::source::{Source, past_block, words};

const FILE_LINES_MAX: usize = 800;
const FUNCTION_LINES_MAX: usize = 70;

pub(super) fn check(source: &Source, faults: &mut Vec<Fault>) {
    let Some(text) = source.text.as_deref().filter(|_| source.path.ends_with(".rs")) else { return };
    let lines = text.lines().count();
    if lines > FILE_LINES_MAX {
        let advice = format!("{lines} lines, at most {FILE_LINES_MAX}: split it by concept");
        faults.push(source.fault_of_file("file-length", advice));
    }
    if source.crate_of_src().is_some() && !text.trim_start().starts_with("//!") {
        faults.push(source.fault(
            0,
            "module-head",
            "begin with `//!`: what this is, what it is not, its guarantee",
        ));
    }
    function_lengths(source, faults);
    for (banned, advice) in [
        ("todo!", "do it now, or leave the function out"),
        ("unimplemented!", "do it now, or leave the function out"),
        ("#[ignore", "assert today's behaviour and name the issue"),
        ("#[should_panic", "assert on the returned error instead"),
    ] {
        for at in words(&source.code, banned) {
            faults.push(source.fault(at, "banned", format!("`{banned}`: {advice}")));
        }
    }
    if is_exact(&source.path) {
        floats(source, faults);
    }
}

/// Whether a file belongs to what verdicts rest on, where arithmetic is on whole numbers only.
fn is_exact(path: &str) -> bool {
    path.strip_prefix("crates/disclosure/src/")
        .is_some_and(|rest| rest.starts_with("checker") || rest.starts_with("certificate"))
}

fn floats(source: &Source, faults: &mut Vec<Fault>) {
    let advice = "the checker and its certificates are exact: use integers";
    for name in ["f32", "f64"] {
        // A suffix as in `1f64` touches a digit, so plain occurrences are looked for, not words.
        for (at, _) in source.code.match_indices(name) {
            faults.push(source.fault(at, "exact", advice));
        }
    }
    let bytes = source.code.as_bytes();
    for (at, _) in source.code.match_indices('.') {
        let digit =
            |index: Option<usize>| index.and_then(|index| bytes.get(index)).is_some_and(u8::is_ascii_digit);
        // `pair.0.1` and `x.0` are fields: the run of word characters before the point must begin with a
        // digit and not itself follow a point.
        let start = bytes.iter().take(at).rposition(|&byte| !is_word(byte)).map_or(0, |index| index + 1);
        let field = start.checked_sub(1).and_then(|index| bytes.get(index)) == Some(&b'.');
        if digit(Some(start)) && start < at && !field && digit(at.checked_add(1)) {
            faults.push(source.fault(at, "exact", advice));
        }
    }
}

/// Counts as clippy's `too_many_lines` does: lines of the body that hold code, braces' lines left out. Clippy
/// does not see inside macros, where property tests live.
fn function_lengths(source: &Source, faults: &mut Vec<Fault>) {
    for at in words(&source.code, "fn") {
        let tail = source.code.get(at + 2..).unwrap_or_default();
        // `fn(` is a type.
        if !tail.trim_start().bytes().next().is_some_and(is_word) {
            continue;
        }
        if is_excused(&source.code, at) {
            continue;
        }
        let Some(open) = body_start(&source.code, at) else { continue };
        let body = source.code.get(open + 1..past_block(&source.code, open) - 1).unwrap_or_default();
        let literals = source.literals.get(open + 1..open + 1 + body.len()).unwrap_or_default();
        let filled = body.lines().zip(literals.lines());
        let lines =
            filled.filter(|(code, literal)| !code.trim().is_empty() || !literal.trim().is_empty()).count();
        if lines > FUNCTION_LINES_MAX {
            let advice = format!("{lines} lines of code, at most {FUNCTION_LINES_MAX}: split the function");
            faults.push(source.fault(at, "function-length", advice));
        }
    }
}

/// Whether the attributes of the function whose `fn` stands at `at` expect it to be long; clippy asks for the reason.
fn is_excused(code: &str, at: usize) -> bool {
    let before = code.get(..at).unwrap_or_default();
    let attributes = before.rsplit(['{', '}', ';']).next().unwrap_or_default();
    attributes.contains("expect(clippy::too_many_lines")
}

/// The brace that opens the body of the function whose `fn` stands at `at`; none for a declaration.
fn body_start(code: &str, at: usize) -> Option<usize> {
    let mut depth = 0_i32;
    for (offset, byte) in code.bytes().enumerate().skip(at) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            b'{' if depth == 0 => return Some(offset),
            b';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}
