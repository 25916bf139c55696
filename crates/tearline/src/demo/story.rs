//! The teller: each step says what is done, what that proves and where the files are, in lines that a screen reader reads
//! in order. The same, as data, is what `--json` prints.

use std::path::Path;

use super::place::Place;
use crate::document::office::{FileDocument, StepDocument};

/// Steps of the story.
const STEPS: u32 = 16;
/// Characters of a line.
const WIDTH: usize = 100;

/// Tells the story as it happens.
pub(super) struct Story<'t> {
    tell: &'t mut dyn FnMut(&str),
    steps: Vec<StepDocument>,
}

impl<'t> Story<'t> {
    pub(super) fn new(tell: &'t mut dyn FnMut(&str)) -> Self {
        Self { tell, steps: Vec::new() }
    }

    /// Says a line as it is.
    pub(super) fn line(&mut self, line: &str) {
        (self.tell)(line);
    }

    /// Begins a step.
    pub(super) fn step(&mut self, title: &str) {
        let number = self.steps.len() as u32 + 1;
        self.line("");
        self.line(&format!("Step {number} of {STEPS}: {title}"));
        let (done, proves, files) = (Vec::new(), Vec::new(), Vec::new());
        self.steps.push(StepDocument { number, title: title.to_owned(), done, proves, files });
    }

    /// What is done.
    pub(super) fn does(&mut self, text: &str) {
        self.wrapped("  ", text);
        self.note(|step| step.done.push(text.to_owned()));
    }

    /// What it proves.
    pub(super) fn proves(&mut self, text: &str) {
        self.wrapped("  Proves: ", text);
        self.note(|step| step.proves.push(text.to_owned()));
    }

    /// Where a file is.
    pub(super) fn file(&mut self, place: &Place, name: &str, what: &str) {
        self.wrapped("  File: ", &format!("{} ({what})", place.shown(name)));
        let path = display(&place.at(name));
        self.note(|step| step.files.push(FileDocument { path, what: what.to_owned() }));
    }

    /// Words that somebody in the story reads, set in; what stands behind a bar goes on behind it.
    pub(super) fn quote(&mut self, text: &str) {
        for line in text.lines() {
            let (head, rest) = line
                .split_once("| ")
                .map_or((String::new(), line), |(head, rest)| (format!("{head}| "), rest));
            for line in wrap(&format!("    {head}"), rest) {
                (self.tell)(&line);
            }
        }
    }

    /// The steps so far.
    pub(super) fn into_steps(self) -> Vec<StepDocument> {
        self.steps
    }

    fn note(&mut self, add: impl FnOnce(&mut StepDocument)) {
        if let Some(step) = self.steps.last_mut() {
            add(step);
        }
    }

    /// A paragraph in lines; those after the first stand under its text.
    fn wrapped(&mut self, head: &str, text: &str) {
        for line in wrap(head, text) {
            (self.tell)(&line);
        }
    }
}

fn display(path: &Path) -> String {
    path.display().to_string()
}

fn wrap(head: &str, text: &str) -> Vec<String> {
    let count = head.chars().count();
    // The bar goes on; a word such as `Proves:` is not said twice.
    let hang = if head.ends_with("| ") { format!("{}| ", " ".repeat(count - 2)) } else { " ".repeat(count) };
    let (mut lines, mut line, mut used) = (Vec::new(), head.to_owned(), count);
    for (word, space) in words(text) {
        let length = word.chars().count();
        if used > count && used + length > WIDTH {
            lines.push(std::mem::replace(&mut line, hang.clone()).trim_end().to_owned());
            used = count;
        }
        line.push_str(word);
        line.push_str(space);
        used += length + space.len();
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// Words with what stands behind them; tags of XML count as words, else a label would be one.
fn words(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split_inclusive([' ', '>'])
        .map(|piece| piece.strip_suffix(' ').map_or((piece, ""), |word| (word, " ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_hang_and_bars_go_on() {
        let text = "word ".repeat(30);
        let lines = wrap("  Proves: ", text.trim_end());
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH));
        assert!(lines[0].starts_with("  Proves: word") && lines[1].starts_with("          word"));
        assert!(wrap("    title   | ", text.trim_end())[1].starts_with("            | word"));
        assert_eq!(wrap("", "<a><b>"), ["<a><b>"]);
        assert_eq!(wrap("  ", &"x".repeat(200)).len(), 1);
    }
}
