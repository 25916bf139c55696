//! A lexer of Rust just good enough to tell code from comments and string literals, byte by byte.
//!
//! It is not a parser: it never fails, and text that is not Rust gives a harmless answer.
//! Source: The Rust Reference, "Lexical structure".

/// What a byte belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Anything the compiler sees that is not a literal of text.
    Code,
    /// Line and block comments, documentation included.
    Comment,
    /// String, byte string and character literals, quotes included.
    Literal,
}

/// One kind for each byte of `text`.
pub(super) fn kinds(text: &str) -> Vec<Kind> {
    let bytes = text.as_bytes();
    let mut kinds = Vec::with_capacity(bytes.len());
    while kinds.len() < bytes.len() {
        let at = kinds.len();
        let rest = bytes.get(at..).unwrap_or_default();
        let (kind, length) = next(rest, at.checked_sub(1).and_then(|before| bytes.get(before)).copied());
        let end = (at + length.max(1)).min(bytes.len());
        kinds.resize(end, kind);
    }
    kinds
}

/// The text with every byte of another kind blanked, line ends kept, so that offsets and lines still agree.
pub(super) fn only(text: &str, kinds: &[Kind], wanted: Kind) -> String {
    let kept = text.bytes().zip(kinds).map(|(byte, &kind)| match byte {
        b'\n' => b'\n',
        _ if kind == wanted && byte.is_ascii() => byte,
        _ => b' ',
    });
    kept.map(char::from).collect()
}

fn next(rest: &[u8], before: Option<u8>) -> (Kind, usize) {
    if rest.starts_with(b"//") {
        let length = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
        return (Kind::Comment, length);
    }
    if rest.starts_with(b"/*") {
        return (Kind::Comment, block_comment(rest));
    }
    // A prefix letter counts only at the start of a word: `br"..."`, not the `r` of `for"`.
    if !before.is_some_and(is_word)
        && let Some(length) = raw_string(rest)
    {
        return (Kind::Literal, length);
    }
    match rest.first() {
        Some(b'"') => (Kind::Literal, quoted(rest, b'"')),
        Some(b'\'') => match character(rest) {
            Some(length) => (Kind::Literal, length),
            None => (Kind::Code, 1),
        },
        _ => (Kind::Code, 1),
    }
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0_usize);
    while let Some(tail) = rest.get(at..).filter(|tail| !tail.is_empty()) {
        if tail.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if tail.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// The length of `r"..."`, `br#"..."#`, `cr"..."` and the like, if one begins here.
fn raw_string(rest: &[u8]) -> Option<usize> {
    let letters = rest.iter().take_while(|byte| matches!(byte, b'b' | b'c' | b'r')).count();
    let prefix = rest.get(..letters)?;
    if !matches!(prefix, b"r" | b"br" | b"cr") {
        return None;
    }
    let after = rest.get(letters..)?;
    let hashes = after.iter().take_while(|&&byte| byte == b'#').count();
    if after.get(hashes) != Some(&b'"') {
        return None;
    }
    let mut close = vec![b'"'];
    close.resize(hashes + 1, b'#');
    let body = letters + hashes + 1;
    let found = rest.get(body..)?.windows(close.len()).position(|window| window == close.as_slice());
    Some(found.map_or(rest.len(), |position| body + position + close.len()))
}

fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while let Some(&byte) = rest.get(at) {
        match byte {
            b'\\' => at += 2,
            _ if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// The length of a character literal; none when the quote begins a lifetime.
fn character(rest: &[u8]) -> Option<usize> {
    let first = *rest.get(1)?;
    if first == b'\\' {
        return Some(quoted(rest, b'\''));
    }
    let width = match first {
        0x00..=0x7f => 1,
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        _ => 4,
    };
    (rest.get(1 + width) == Some(&b'\'')).then_some(width + 2)
}

/// Whether a byte may stand inside an identifier.
pub(super) const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
