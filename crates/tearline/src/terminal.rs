//! What a person or a program reads of a run: data on stdout, words on stderr.
//!
//! A closed pipe is not an error: who reads `| head` has read enough. Colour only says again what words say.

use std::cell::Cell;
use std::io::{self, BufRead as _, ErrorKind, IsTerminal as _, Read as _, Write as _};

use serde::Serialize;

use crate::cli::Colour;
use crate::document::error::{ErrorDocument, FaultLine, NoteLines};
use crate::failure::Failure;

/// Notes of one kind that are written word for word.
const NOTES_MAX: usize = 5;

/// The longest line that is taken for an answer, in bytes.
const LINE_BYTES_MAX: u64 = 1_024;

/// How a word stands out.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tone {
    /// Wrong.
    Bad,
    /// Worth a look.
    Caution,
    /// Right.
    Good,
    /// Important.
    Strong,
}

impl Tone {
    const fn code(self) -> &'static str {
        match self {
            Self::Bad => "\u{1b}[1;31m",
            Self::Caution => "\u{1b}[1;33m",
            Self::Good => "\u{1b}[1;32m",
            Self::Strong => "\u{1b}[1m",
        }
    }
}

/// Stdout and stderr of one run.
pub(crate) struct Terminal {
    json: bool,
    colour_out: bool,
    colour_err: bool,
    failed: Cell<bool>,
}

impl Terminal {
    pub(crate) fn new(json: bool, colour: Colour) -> Self {
        // https://no-color.org: set and not empty.
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let wanted = |is_terminal: bool| match colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => is_terminal && !refused,
        };
        Self {
            json,
            colour_out: wanted(io::stdout().is_terminal()),
            colour_err: wanted(io::stderr().is_terminal()),
            failed: Cell::new(false),
        }
    }

    /// Whether one document is wanted on stdout.
    pub(crate) fn json(&self) -> bool {
        self.json
    }

    /// Whether something could not be written to stdout.
    pub(crate) fn output_failed(&self) -> bool {
        self.failed.get()
    }

    /// Writes data.
    pub(crate) fn data(&self, bytes: &[u8]) {
        let mut out = io::stdout().lock();
        self.judge(out.write_all(bytes).and_then(|()| out.flush()));
    }

    /// Writes a line that is the answer of the command.
    pub(crate) fn answer(&self, line: &str) {
        self.data(format!("{line}\n").as_bytes());
    }

    /// Writes the document of a command.
    pub(crate) fn document(&self, document: &impl Serialize) {
        match serde_json::to_vec_pretty(document) {
            Ok(mut bytes) => {
                bytes.push(b'\n');
                self.data(&bytes);
            }
            Err(_) => self.failed.set(true),
        }
    }

    fn judge(&self, written: io::Result<()>) {
        if let Err(error) = written
            && error.kind() != ErrorKind::BrokenPipe
        {
            self.failed.set(true);
            self.say(&format!("cannot write to stdout: {error}"));
        }
    }

    /// Writes a line of words. If stderr is gone there is nobody left to tell.
    pub(crate) fn say(&self, line: &str) {
        let _ = writeln!(io::stderr().lock(), "{line}");
    }

    /// Asks on the terminal and waits for a line; nothing where stdin is no terminal.
    pub(crate) fn ask(&self, question: &str) -> Option<String> {
        if !io::stdin().is_terminal() {
            return None;
        }
        let mut err = io::stderr().lock();
        write!(err, "{question}").and_then(|()| err.flush()).ok()?;
        let mut line = String::new();
        // A person's answer is short; what is longer is no answer.
        io::stdin().lock().take(LINE_BYTES_MAX).read_line(&mut line).ok()?;
        Some(line)
    }

    /// A word for stderr.
    pub(crate) fn err_word(&self, tone: Tone, word: &str) -> String {
        painted(self.colour_err, tone, word)
    }

    /// A word for stdout.
    pub(crate) fn out_word(&self, tone: Tone, word: &str) -> String {
        painted(self.colour_out, tone, word)
    }

    /// The command to run next.
    pub(crate) fn next(&self, command: &str) {
        self.say(&format!("next: {}", self.err_word(Tone::Strong, command)));
    }

    /// A failure in words, and as the document where one is wanted.
    pub(crate) fn report_failure(&self, failure: &Failure) {
        if self.json {
            self.document(&ErrorDocument::of(failure));
        }
        if let Failure::Faults { faults, left_out, .. } = failure {
            self.faults(faults);
            if *left_out > 0 {
                self.say(&format!("and {left_out} more"));
            }
        }
        self.say(&format!("{}: {failure}", self.err_word(Tone::Bad, "error")));
        if !matches!(failure, Failure::Faults { .. }) {
            self.say(&format!("advice: {}", failure.advice()));
        }
    }

    /// Bad usage as the document, where one is wanted; the parser itself prints the words.
    pub(crate) fn usage_document(&self, message: &str) {
        if self.json {
            self.document(&ErrorDocument::usage(message));
        }
    }

    /// Holds and warnings of files that were read.
    pub(crate) fn notes(&self, notes: &NoteLines) {
        self.faults(&notes.holds);
        self.faults(&notes.warnings);
        if notes.left_out > 0 {
            self.say(&format!("and {} more", notes.left_out));
        }
    }

    /// Each fault with its place and code; the advice where a code comes first. Of notes of one kind that do not
    /// reject, the first few: hundreds of empty categories would hide everything else.
    fn faults(&self, faults: &[FaultLine]) {
        let mut seen: Vec<(&str, &str, usize)> = Vec::new();
        for fault in faults {
            let FaultLine { severity, code, message, advice, .. } = fault;
            let known = seen.iter().position(|&(kind, name, _)| (kind, name) == (severity, code));
            let place = known.unwrap_or_else(|| {
                seen.push((severity, code, 0));
                seen.len() - 1
            });
            seen[place].2 += 1;
            if *severity != "reject" && seen[place].2 > NOTES_MAX {
                continue;
            }
            let (tone, word) = match *severity {
                "reject" => (Tone::Bad, "fault"),
                "hold" => (Tone::Caution, "hold"),
                _ => (Tone::Caution, "warning"),
            };
            self.say(&format!("{}: {} [{code}]: {message}", fault.place(), self.err_word(tone, word)));
            if known.is_none() {
                self.say(&format!("    advice: {advice}"));
            }
        }
        for (severity, code, count) in seen {
            if severity != "reject" && count > NOTES_MAX {
                self.say(&format!("and {} more [{code}]; the report lists them", count - NOTES_MAX));
            }
        }
    }
}

fn painted(colour: bool, tone: Tone, word: &str) -> String {
    if colour { format!("{}{word}\u{1b}[0m", tone.code()) } else { word.to_owned() }
}

/// Text of other people's files for a terminal: control characters, which could move its cursor, are spelt out.
pub(crate) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character.is_control() {
            true => shown.extend(character.escape_default()),
            false => shown.push(character),
        }
    }
    shown
}

/// A path as a shell takes it back.
pub(crate) fn shell_word(path: &std::path::Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+:@%,=".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_survive_a_shell() {
        let word = |text: &str| shell_word(std::path::Path::new(text));
        assert_eq!(word("out/release"), "out/release");
        assert_eq!(word("my table"), "'my table'");
        assert_eq!(word("it's"), r"'it'\''s'");
    }

    #[test]
    fn words_are_plain_without_colour() {
        assert_eq!(painted(false, Tone::Bad, "error"), "error");
        assert_eq!(painted(true, Tone::Bad, "error"), "\u{1b}[1;31merror\u{1b}[0m");
    }
}
