//! Markings and states as shape and word: never as colour alone.

use crate::document::standards::LEVELS;

/// What a level is called on paper; `not marked` where nothing is said.
pub(super) fn level_word(level: Option<&str>) -> String {
    match level {
        None => "not marked".to_owned(),
        Some(level) => level.replace('-', " ").to_uppercase(),
    }
}

/// The outline of a level's sign in a box of 12 by 12: more corners, higher. Nothing is said: a bar.
pub(super) fn level_path(level: Option<&str>) -> &'static str {
    match level.and_then(|level| LEVELS.iter().position(|known| *known == level)) {
        None => "M2 5h8v2h-8z",
        // Circle, ring, triangle, square, pentagon, star.
        Some(0) => "M6 2a4 4 0 1 0 .01 0zM6 4.5a1.5 1.5 0 1 1-.01 0z",
        Some(1) => "M6 2a4 4 0 1 0 .01 0z",
        Some(2) => "M6 1.2l5 9.3h-10z",
        Some(3) => "M1.8 1.8h8.4v8.4h-8.4z",
        Some(4) => "M6 .8l5.4 3.9-2.1 6.4h-6.6l-2.1-6.4z",
        Some(_) => "M6 .2l1.5 3.9 4.2.2-3.3 2.6 1.1 4.1-3.5-2.3-3.5 2.3 1.1-4.1-3.3-2.6 4.2-.2z",
    }
}

/// Sign and word of every level that occurs, lowest first, and last that for none.
pub(super) fn legend<'a>(levels: impl Iterator<Item = Option<&'a str>>) -> Vec<(&'static str, String)> {
    let mut present: Vec<Option<&str>> = levels.collect();
    let place = |level: Option<&str>| {
        level.map_or(LEVELS.len(), |level| LEVELS.iter().position(|known| *known == level).unwrap_or(0))
    };
    present.sort_by_key(|level| place(*level));
    present.dedup();
    present.into_iter().map(|level| (level_path(level), level_word(level))).collect()
}

/// Words of a text in lines of at most `width` characters, at most `lines` of them; the last ends in an ellipsis where words are left.
pub(super) fn wrapped(text: &str, width: usize, lines: usize) -> Vec<String> {
    let mut made: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        // A word longer than a line is broken: URLs and ids stand in titles.
        let pieces: Vec<char> = word.chars().collect();
        for piece in pieces.chunks(width.max(1)) {
            let piece: String = piece.iter().collect();
            let together = line.chars().count() + usize::from(!line.is_empty()) + piece.chars().count();
            if together > width && !line.is_empty() {
                made.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&piece);
        }
    }
    if !line.is_empty() {
        made.push(line);
    }
    if made.len() > lines {
        made.truncate(lines);
        if let Some(last) = made.last_mut() {
            if last.chars().count() >= width {
                *last = last.chars().take(width.saturating_sub(1)).collect();
            }
            last.push('…');
        }
    }
    made
}

/// A number on one line: what tells volumes of a set apart stands at its end, so that the middle is left out.
pub(super) fn number_shortened(text: &str, width: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= width {
        return text.to_owned();
    }
    let kept = width.saturating_sub(1);
    let (head, tail) = (kept.div_ceil(2), kept / 2);
    let head: String = chars.iter().take(head).collect();
    let tail: String = chars.iter().skip(chars.len() - tail).collect();
    format!("{}…{}", head.trim_end(), tail.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_keeps_its_end() {
        assert_eq!(number_shortened("EXP-1000 Vol 2", 14), "EXP-1000 Vol 2");
        assert_eq!(number_shortened("EXP-1000 (Study) Ed A Ver 1 - Vol 10", 20), "EXP-1000 (…- Vol 10");
        assert_eq!(number_shortened("abcd", 1), "…");
    }

    #[test]
    fn every_level_has_a_sign_and_a_word_of_its_own() {
        let all = LEVELS.iter().map(|level| Some(*level)).chain([None]);
        let mut signs: Vec<_> = all.clone().map(level_path).collect();
        signs.sort_unstable();
        signs.dedup();
        assert_eq!(signs.len(), 7);
        let words: Vec<String> = legend(all.rev()).into_iter().map(|(_, word)| word).collect();
        assert_eq!(words.first().unwrap(), "PUBLIC");
        assert_eq!(words[5..], ["TOP SECRET", "not marked"]);
    }

    #[test]
    fn lines_break_at_words_and_say_that_there_is_more() {
        assert_eq!(wrapped("one two three", 7, 2), ["one two", "three"]);
        assert_eq!(wrapped("one two three", 7, 1), ["one tw…"]);
        assert_eq!(wrapped("abcdefghij", 4, 9), ["abcd", "efgh", "ij"]);
        assert_eq!(wrapped("abcd e", 4, 1), ["abc…"]);
        assert!(wrapped(" ", 4, 2).is_empty());
    }
}
