//! One file of the repository, read once and looked at in several ways.

use super::Fault;
use super::lexer::{self, Kind, is_word};

/// A file with its views; the views have the same bytes at the same offsets as the text.
pub(super) struct Source {
    /// Relative to the workspace, with forward slashes.
    pub(super) path: String,
    /// Bytes on disk.
    pub(super) size_bytes: usize,
    /// The text; `None` when the file is not UTF-8 or holds a zero byte.
    pub(super) text: Option<String>,
    /// Rust without comments and literals; empty for other files.
    pub(super) code: String,
    /// [`Source::code`] without what is compiled for tests only.
    pub(super) shipped: String,
    /// The string literals of [`Source::shipped`] regions and tests alike.
    pub(super) literals: String,
}

impl Source {
    /// Reads the views out of the bytes.
    pub(super) fn new(path: &str, bytes: Vec<u8>) -> Self {
        let size_bytes = bytes.len();
        let text = if bytes.contains(&0) { None } else { String::from_utf8(bytes).ok() };
        let mut source = Self {
            path: path.to_owned(),
            size_bytes,
            text,
            code: String::new(),
            shipped: String::new(),
            literals: String::new(),
        };
        if let Some(text) = source.text.as_deref().filter(|_| path.ends_with(".rs")) {
            let kinds = lexer::kinds(text);
            let code = lexer::only(text, &kinds, Kind::Code);
            source.literals = lexer::only(text, &kinds, Kind::Literal);
            source.shipped = if source.is_test_file() { String::new() } else { without_tests(&code) };
            source.code = code;
        }
        source
    }

    /// The comments of a Rust file; like the views, with the same bytes at the same offsets as the text.
    pub(super) fn comments(&self) -> String {
        let text = self.text.as_deref().unwrap_or_default();
        lexer::only(text, &lexer::kinds(text), Kind::Comment)
    }

    /// The crate whose `src` folder holds this file.
    pub(super) fn crate_of_src(&self) -> Option<&str> {
        let mut parts = self.path.split('/');
        match (parts.next(), parts.next(), parts.next()) {
            (Some("crates"), Some(name), Some("src")) => Some(name),
            _ => None,
        }
    }

    /// Whether the whole file is compiled for tests or measurements only.
    fn is_test_file(&self) -> bool {
        let parts = || self.path.split('/');
        parts().any(|part| matches!(part, "tests" | "benches" | "tests.rs"))
    }

    /// A fault on the line that holds byte `offset`.
    pub(super) fn fault(&self, offset: usize, rule: &'static str, advice: impl Into<String>) -> Fault {
        let before = self.text.as_deref().unwrap_or_default().bytes().take(offset);
        let line = 1 + before.filter(|&byte| byte == b'\n').count();
        Fault { path: self.path.clone(), line, rule, advice: advice.into() }
    }

    /// A fault of the whole file.
    pub(super) fn fault_of_file(&self, rule: &'static str, advice: impl Into<String>) -> Fault {
        Fault { path: self.path.clone(), line: 0, rule, advice: advice.into() }
    }
}

/// Offsets where `needle` stands in `hay` with no letter, digit or underscore touching a side of it that is one.
pub(super) fn words(hay: &str, needle: &str) -> Vec<usize> {
    let bytes = hay.as_bytes();
    let touches = |inner: Option<u8>, outer: Option<&u8>| {
        inner.is_some_and(is_word) && outer.copied().is_some_and(is_word)
    };
    let (first, last) = (needle.bytes().next(), needle.bytes().last());
    hay.match_indices(needle)
        .map(|(at, _)| at)
        .filter(|&at| {
            let before = at.checked_sub(1).and_then(|index| bytes.get(index));
            !touches(first, before) && !touches(last, bytes.get(at + needle.len()))
        })
        .collect()
}

/// The offset just past the brace that closes the one at `open`.
pub(super) fn past_block(code: &str, open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    code.len()
}

/// Blanks every item that stands behind `#[cfg(test)]`.
fn without_tests(code: &str) -> String {
    let mut bytes = code.as_bytes().to_vec();
    for (at, _) in code.match_indices("#[cfg(test)]") {
        let end = code.bytes().enumerate().skip(at).find_map(|(offset, byte)| match byte {
            b'{' => Some(past_block(code, offset)),
            b';' => Some(offset + 1),
            _ => None,
        });
        for byte in bytes.iter_mut().take(end.unwrap_or(code.len())).skip(at) {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }
    // The code view is ASCII: everything else was blanked when it was made.
    bytes.into_iter().map(char::from).collect()
}
