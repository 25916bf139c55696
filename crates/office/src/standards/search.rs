//! Finding a part by its number or by words.
//!
//! Numbers are compared by their letters and digits alone, so that `stanag 4406` and `STANAG4406 ed 2` find `STANAG 4406 Ed 2`. Of words
//! all must be there, each whole or as a beginning, without regard to case and to marks on Latin letters. Cost of a question: the lists
//! of its words, and O(log n) besides.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use ledger::act::PartId;

use super::record::Record;
use super::registry::Registry;

/// Most bytes of a question that are looked at; what is behind them is not.
const QUERY_BYTES_MAX: usize = 1024;
/// Most words of a question that are looked at.
const WORDS_MAX: usize = 16;

/// Why something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// The question is its number, or its id.
    Number,
    /// The question is the beginning of its number, or of its id.
    NumberBegins,
    /// It has all words of the question.
    Words,
}

impl Why {
    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::NumberBegins => "number-begins",
            Self::Words => "words",
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The part.
    pub id: PartId,
    /// How well it fits; only the order has a meaning.
    pub score: u32,
    /// Why.
    pub why: Why,
}

/// Where a word stands, by how much that says of a record.
#[derive(Debug, Clone, Copy)]
enum Field {
    Number = 8,
    Title = 4,
    Body = 2,
    Summary = 1,
}

/// An index of a registry, for questions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Index {
    ids: Vec<PartId>,
    /// Numbers and ids as letters and digits, with places in `ids`. Ascending.
    numbers: Vec<(String, u32)>,
    /// Words, ascending.
    words: Vec<String>,
    /// By word, places in `ids` with the weight of the best field that has it, ascending.
    places: Vec<Vec<(u32, u8)>>,
}

impl Index {
    /// Puts together an index. Cost: O(n log n) in words.
    #[must_use]
    pub fn new(registry: &Registry) -> Self {
        let mut index = Self { ids: registry.records().keys().cloned().collect(), ..Self::default() };
        // Looked up only, never walked: the order of words comes from sorting below.
        let mut known: HashMap<String, usize> = HashMap::new();
        let mut lists: Vec<(String, Vec<(u32, u8)>)> = Vec::new();
        for (place, record) in (0_u32..).zip(registry.records().values()) {
            index.numbers.extend(numbers(record).into_iter().map(|number| (number, place)));
            for (field, text) in fields(record) {
                each_word(text, |word| {
                    let at = known.get(word).copied().unwrap_or_else(|| {
                        known.insert(word.to_owned(), lists.len());
                        lists.push((word.to_owned(), Vec::new()));
                        lists.len() - 1
                    });
                    let Some((_, list)) = lists.get_mut(at) else { return };
                    match list.last_mut() {
                        Some((last, weight)) if *last == place => *weight = (*weight).max(field as u8),
                        _ => list.push((place, field as u8)),
                    }
                });
            }
        }
        index.numbers.sort();
        index.numbers.dedup();
        lists.sort();
        (index.words, index.places) = lists.into_iter().unzip();
        index
    }

    /// The best hits, at most `limit`: exact numbers, then numbers that begin so, then words; of equal ones by id.
    #[must_use]
    pub fn search(&self, query: &str, limit: usize) -> Vec<Hit> {
        let query: String = query
            .chars()
            .scan(0, |bytes, c| {
                *bytes += c.len_utf8();
                (*bytes <= QUERY_BYTES_MAX).then_some(c)
            })
            .collect();
        let words = self.by_words(&query);
        let weight = |place: u32| usize::try_from(place).ok().and_then(|at| words.get(at)).copied();
        let mut numbered: BTreeMap<u32, Why> = BTreeMap::new();
        let number = plain_number(&query);
        if !number.is_empty() {
            let begin = self.numbers.partition_point(|(known, _)| *known < number);
            let begins = self.numbers.iter().skip(begin).take_while(|(known, _)| known.starts_with(&number));
            for (known, place) in begins {
                let why = if *known == number { Why::Number } else { Why::NumberBegins };
                let best = numbered.entry(*place).or_insert(why);
                *best = (*best).min(why);
            }
        }
        let of_words =
            (0_u32..).zip(&words).filter(|(place, weight)| **weight > 0 && !numbered.contains_key(place));
        let mut hits: Vec<(u32, u32, Why)> =
            of_words.map(|(place, weight)| (place, *weight, Why::Words)).collect();
        for (place, why) in &numbered {
            let base = if *why == Why::Number { 2_000 } else { 1_000 };
            // Words tell records with one number apart.
            hits.push((*place, base + weight(*place).unwrap_or_default().min(999), *why));
        }
        hits.sort_unstable_by_key(|(place, score, why)| (*why, std::cmp::Reverse(*score), *place));
        let hit = |(place, score, why): (u32, u32, Why)| {
            let id = self.ids.get(usize::try_from(place).ok()?)?.clone();
            Some(Hit { id, score, why })
        };
        hits.into_iter().take(limit).filter_map(hit).collect()
    }

    /// By place, the sum of the weights of all words; 0 where one of them is not there. A whole word weighs twice what a beginning does.
    fn by_words(&self, query: &str) -> Vec<u32> {
        let mut asked: BTreeSet<String> = BTreeSet::new();
        each_word(query, |word| {
            if asked.len() < WORDS_MAX {
                asked.insert(word.to_owned());
            }
        });
        let mut all: Vec<u32> = Vec::new();
        for (at, word) in asked.iter().enumerate() {
            let begin = self.words.partition_point(|known| known < word);
            let mut sums = vec![0_u32; self.ids.len()];
            let begins = self.words.iter().zip(&self.places).skip(begin);
            for (known, list) in begins.take_while(|(known, _)| known.starts_with(word.as_str())) {
                let whole = if known == word { 2 } else { 1 };
                for (place, weight) in list {
                    let Ok(place) = usize::try_from(*place) else { continue };
                    let so_far = all.get(place).copied().unwrap_or_default();
                    if let Some(sum) = sums.get_mut(place).filter(|_| at == 0 || so_far > 0) {
                        *sum = (*sum).max(so_far + whole * u32::from(*weight));
                    }
                }
            }
            all = sums;
        }
        all
    }
}

/// The texts of a record that have words.
fn fields(record: &Record) -> [(Field, &str); 6] {
    [
        (Field::Number, &record.number),
        (Field::Number, record.id.as_str()),
        (Field::Title, &record.title),
        (Field::Body, &record.publisher),
        (Field::Body, &record.custodian),
        (Field::Summary, &record.summary),
    ]
}

/// What a record goes by, without doubles.
fn numbers(record: &Record) -> BTreeSet<String> {
    let with_edition = format!("{} ed {} v {}", record.base_number, record.edition, record.version);
    let texts =
        [record.number.as_str(), record.base_number.as_str(), record.id.as_str(), with_edition.as_str()];
    texts.into_iter().map(plain_number).filter(|number| !number.is_empty()).collect()
}

/// A number by its letters and digits: words for editions, versions and volumes are short, remarks on the state of the text are left out.
fn plain_number(text: &str) -> String {
    let mut plain = String::new();
    each_word(text, |word| {
        let word = match word {
            "edition" => "ed",
            "version" | "ver" => "v",
            "volume" => "vol",
            "study" | "draft" | "expected" => "",
            word => word,
        };
        plain.push_str(word);
    });
    plain
}

/// Calls `take` with every word: letters and digits without a break, in lower case, Latin letters without their marks.
fn each_word(text: &str, mut take: impl FnMut(&str)) {
    let mut word = String::new();
    for c in text.chars().chain([' ']) {
        if c.is_alphanumeric() {
            fold(c, &mut word);
        } else if !word.is_empty() {
            take(&word);
            word.clear();
        }
    }
}

fn fold(c: char, word: &mut String) {
    if c.is_ascii() {
        word.push(c.to_ascii_lowercase());
        return;
    }
    for c in c.to_lowercase() {
        let plain = match c {
            'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
            'æ' => "ae",
            'ç' | 'ć' | 'č' => "c",
            'ď' | 'đ' | 'ð' => "d",
            'è'..='ë' | 'ē' | 'ė' | 'ę' | 'ě' => "e",
            'ğ' | 'ģ' => "g",
            'ì'..='ï' | 'ī' | 'į' | 'ı' => "i",
            'ķ' => "k",
            'ł' | 'ļ' | 'ľ' | 'ĺ' => "l",
            'ñ' | 'ń' | 'ň' | 'ņ' => "n",
            'ò'..='ö' | 'ø' | 'ō' | 'ő' => "o",
            'œ' => "oe",
            'ŕ' | 'ř' => "r",
            'ś' | 'š' | 'ş' | 'ș' => "s",
            'ß' => "ss",
            'ť' | 'ţ' | 'ț' => "t",
            'þ' => "th",
            'ù'..='ü' | 'ū' | 'ů' | 'ű' | 'ų' => "u",
            'ý' | 'ÿ' => "y",
            'ź' | 'ż' | 'ž' => "z",
            // A combining mark on its own, as `i̇` from `İ`.
            '\u{300}'..='\u{36f}' => "",
            other => {
                word.push(other);
                continue;
            }
        };
        word.push_str(plain);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::exercise::invent;
    use super::*;

    fn index() -> (Registry, Index) {
        let mut invented = invent(4, 1);
        let texts = [
            ("a", "STANAG 4406 Ed 2", "Military message handling", "Électronique façade"),
            ("b", "STANAG 4406 Ed 1", "Military message handling", ""),
            ("c", "RFC 2616", "Hypertext transfer", "military use"),
            ("d", "AComP-5651 (Study) Ed A Ver 1 - Vol 12", "High data rate waveform", "of İstanbul"),
        ];
        for (record, (id, number, title, summary)) in invented.records.iter_mut().zip(texts) {
            record.id = PartId::new(id).unwrap();
            record.number = number.to_owned();
            record.base_number = number.split(" Ed ").next().unwrap().to_owned();
            record.edition = String::new();
            record.title = title.to_owned();
            record.summary = summary.to_owned();
        }
        let registry = Registry::new(invented.records, Vec::new(), Vec::new(), Vec::new());
        let index = Index::new(&registry);
        (registry, index)
    }

    #[test]
    fn numbers_and_words_find_what_is_meant() {
        let (_, index) = index();
        let found = |query: &str| -> Vec<(String, Why)> {
            index.search(query, 10).into_iter().map(|hit| (hit.id.to_string(), hit.why)).collect()
        };
        let of = |expected: &[(&str, Why)]| -> Vec<(String, Why)> {
            expected.iter().map(|(id, why)| ((*id).to_owned(), *why)).collect()
        };
        assert_eq!(found("STANAG4406 ed 2"), of(&[("a", Why::Number)]));
        assert_eq!(found("stanag 4406 edition 1"), of(&[("b", Why::Number)]));
        // The number without its edition is that of both.
        assert_eq!(found("stanag 4406"), of(&[("a", Why::Number), ("b", Why::Number)]));
        assert_eq!(found("STANAG 44"), of(&[("a", Why::NumberBegins), ("b", Why::NumberBegins)]));
        assert_eq!(found("rfc 2616"), of(&[("c", Why::Number)]));
        assert_eq!(found("acomp-5651 ed a version 1 volume 12"), of(&[("d", Why::Number)]));
        // A title says more than a summary; all words must be there.
        assert_eq!(found("MILIT"), of(&[("a", Why::Words), ("b", Why::Words), ("c", Why::Words)]));
        assert_eq!(found("military transfer"), of(&[("c", Why::Words)]));
        assert_eq!(found("electronique facade"), of(&[("a", Why::Words)]));
        assert_eq!(found("istanbul"), of(&[("d", Why::Words)]));
        assert_eq!(found("nothing of the kind"), of(&[]));
        assert_eq!(found(" - "), of(&[]));
        assert_eq!(index.search("military", 1).len(), 1);
    }

    proptest! {
        #[test]
        fn any_question_is_answered_and_every_record_is_found_by_its_number(
            query in ".{0,40}", seed in 0_u64..20, which in 0_usize..60,
        ) {
            let registry = invent(60, seed).registry();
            let index = Index::new(&registry);
            let hits = index.search(&query, 7);
            prop_assert!(hits.len() <= 7);
            prop_assert!(hits.windows(2).all(|pair| (pair[0].why, pair[1].score) <= (pair[1].why, pair[0].score)));
            let record = registry.records().values().nth(which).unwrap();
            let hits = index.search(&record.number.to_uppercase(), 60);
            prop_assert!(hits.iter().any(|hit| hit.id == record.id && hit.why == Why::Number));
            // More words never find more.
            let title = index.search(&record.title, 60).into_iter().filter(|hit| hit.why == Why::Words).count();
            let less: String = record.title.split(' ').take(2).collect::<Vec<_>>().join(" ");
            prop_assert!(title <= index.search(&less, 60).len());
        }
    }
}
