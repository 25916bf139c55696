//! Invented standards in the shape of the real ones, for exercises, benches and tests: never real, and marked so in every title.
//!
//! There are cover documents with volumes of different markings, earlier editions that later ones supersede, wholes with parts,
//! normative references (without circles; few standards are referred to by many), profiles that require standards in the same uneven
//! way, originators, a few caveats, drafts and withdrawn ones, and what states said. Same arguments, same standards.

use std::collections::BTreeSet;

use ledger::Digest;
use ledger::act::{Code, Level, PartId};

use super::record::{
    Date, Document, Edge, Flag, History, Kind, Lifecycle, National, Obligation, Profile, Record, Relation,
    Stance, Status, Uuid,
};
use super::registry::Registry;

mod csv_text;

pub use csv_text::Texts;

/// Members that originate invented standards where the caller names none.
pub const ORIGINATORS: [&str; 8] = ["NO", "DE", "FR", "GB", "PL", "ES", "IT", "US"];

/// Invented standards.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Invented {
    /// Parts, ascending by id.
    pub records: Vec<Record>,
    /// Edges.
    pub edges: Vec<Edge>,
    /// Profiles.
    pub profiles: Vec<Profile>,
    /// What states said.
    pub national: Vec<National>,
}

impl Invented {
    /// All of it as a registry.
    #[must_use]
    pub fn registry(&self) -> Registry {
        Registry::new(self.records.clone(), self.edges.clone(), self.profiles.clone(), self.national.clone())
    }

    /// The bytes of the document of a record, to whose digest the record commits.
    #[must_use]
    pub fn document(record: &Record) -> Vec<u8> {
        document(&record.id, &record.title)
    }
}

/// Invents as many records, with [`ORIGINATORS`]. Cost: O(n log n).
#[must_use]
pub fn invent(records: usize, seed: u64) -> Invented {
    let codes: Vec<Code> = ORIGINATORS.iter().filter_map(|code| Code::new(code).ok()).collect();
    invent_for(records, seed, &codes)
}

/// Invents as many records whose originators, and states that say something of them, are out of `codes`.
#[must_use]
pub fn invent_for(records: usize, seed: u64, codes: &[Code]) -> Invented {
    let mut maker = Maker {
        random: SplitMix(seed),
        codes,
        made: Invented::default(),
        popular: Vec::new(),
        next_number: 1000,
        wanted: records,
    };
    while maker.made.records.len() < records {
        maker.group();
    }
    maker.profiles();
    let mut made = maker.made;
    made.records.sort_by(|a, b| a.id.cmp(&b.id));
    made.edges.sort();
    made.edges.dedup();
    made.national.sort();
    made.national.dedup();
    made
}

fn document(id: &PartId, title: &str) -> Vec<u8> {
    format!("EXERCISE EXERCISE EXERCISE\n\n{id}\n{title}\n\nThis standard is invented.\n").into_bytes()
}

/// SplitMix64: small, seeded, the same everywhere; nothing here is secret.
///
/// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 for an empty range.
    fn below(&mut self, end: usize) -> usize {
        if end == 0 {
            return 0;
        }
        // The bias is below 2^-40 for the sizes here.
        usize::try_from(self.next() % (end as u64)).unwrap_or_default()
    }

    fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }
}

struct Maker<'a> {
    random: SplitMix,
    codes: &'a [Code],
    made: Invented,
    /// Places of records, once for having been made and once more for every reference to them.
    popular: Vec<usize>,
    next_number: u32,
    wanted: usize,
}

/// What the records of a set have in common.
#[derive(Clone, Copy)]
struct Set<'a> {
    number: u32,
    edition: u32,
    publisher: &'a str,
    topic: &'a str,
    status: Status,
}

const TOPICS: [&str; 16] = [
    "Tactical data link",
    "Fuel couplings",
    "Ammunition marking",
    "Voice radio interface",
    "Track numbering",
    "Map symbols",
    "Air refuelling hoses",
    "Medical evacuation request",
    "Radio frequency assignment",
    "Formatted messages",
    "Ship mooring lines",
    "Digital signatures",
    "Imagery metadata",
    "Bridge load classes",
    "Weather reports",
    "Pallet dimensions",
];
const VOLUMES: [&str; 8] = [
    "Introduction",
    "System specification",
    "Interface",
    "Conformance tests",
    "Security",
    "Data model",
    "Procedures",
    "Annexes",
];

impl Maker<'_> {
    fn room(&self) -> usize {
        self.wanted.saturating_sub(self.made.records.len())
    }

    /// Makes a civil standard, a whole with parts, or a cover document with what it covers, in one or two editions.
    fn group(&mut self) {
        let number = self.next_number;
        self.next_number += 1;
        let topic = self.random.pick(&TOPICS).copied().unwrap_or_default();
        let set = |publisher, edition, status| Set { number, edition, publisher, topic, status };
        if self.room() < 2 || self.random.percent(40) {
            let status = self.status();
            let parts = if self.random.percent(10) { self.random.below(4) } else { 0 };
            self.civil(set("exercise-civil", 0, status), parts);
            return;
        }
        let edition = u32::try_from(1 + self.random.below(7)).unwrap_or(1);
        let volumes = if self.random.percent(70) { 1 } else { 2 + self.random.below(7) };
        let earlier = if self.random.percent(25) && self.room() >= 2 * (volumes + 1) {
            let status = if self.random.percent(50) { Status::Withdrawn } else { Status::Accepted };
            self.covered(set("exercise-alliance", edition, status), volumes)
        } else {
            Vec::new()
        };
        let status = if earlier.is_empty() { self.status() } else { Status::Accepted };
        let edition = if earlier.is_empty() { edition } else { edition + 1 };
        let later = self.covered(set("exercise-alliance", edition, status), volumes);
        for (earlier, later) in earlier.iter().zip(&later) {
            self.edge(*later, Relation::Supersedes, *earlier, None);
        }
    }

    fn status(&mut self) -> Status {
        match self.random.below(100) {
            0..=3 => Status::Withdrawn,
            4..=9 => Status::Draft,
            _ => Status::Accepted,
        }
    }

    fn civil(&mut self, set: Set<'_>, parts: usize) {
        let parts = parts.min(self.room().saturating_sub(1));
        let mut places = Vec::new();
        for part in 1..=parts {
            let number = format!("EXC {} Part {part}", set.number);
            let id = format!("exc-{}-p{part}", set.number);
            places.push(self.record(set, Kind::Standard, (&id, &number), &format!("part {part}"), None));
        }
        let id = format!("exc-{}", set.number);
        let marking = self.random.percent(30).then_some(Level::Public);
        let whole = self.record(set, Kind::Standard, (&id, &format!("EXC {}", set.number)), "", marking);
        for part in places {
            self.edge(whole, Relation::HasPart, part, None);
        }
    }

    /// Makes volumes and then their cover; their places, the cover first.
    fn covered(&mut self, set: Set<'_>, volumes: usize) -> Vec<usize> {
        let volumes = volumes.min(self.room().saturating_sub(1));
        let letter = char::from_u32(u32::from(b'A') + set.edition - 1).unwrap_or('Z').to_ascii_lowercase();
        let (number, upper) = (set.number, letter.to_ascii_uppercase());
        let mut highest = None;
        let mut places = Vec::new();
        for volume in 1..=volumes {
            let marking = self.marking();
            highest = highest.max(marking);
            let (id, number) = if volumes == 1 {
                (format!("exp-{number}-ed.{letter}-v1"), format!("AEXP-{number} Ed {upper} Ver 1"))
            } else {
                (
                    format!("exp-{number}-vol{volume}-ed.{letter}-v1"),
                    format!("AEXP-{number} Ed {upper} Ver 1 - Vol {volume}"),
                )
            };
            let title = VOLUMES.get((volume - 1) % VOLUMES.len()).copied().unwrap_or_default();
            places.push(self.record(set, Kind::Standard, (&id, &number), title, marking));
        }
        // Now and then a cover carries no marking of its own, as in the real registers.
        let marking = if self.random.percent(10) { None } else { highest };
        let id = format!("exstanag-{number}-ed{}", set.edition);
        let title = "agreement to implement";
        let cover = format!("EXSTANAG {number} Ed {}", set.edition);
        let cover = self.record(set, Kind::CoverDocument, (&id, &cover), title, marking);
        for place in &places {
            self.edge(cover, Relation::Covers, *place, None);
        }
        self.national(cover);
        places.insert(0, cover);
        places
    }

    fn marking(&mut self) -> Option<Level> {
        match self.random.below(100) {
            0..=34 => None,
            35..=59 => Some(Level::Unclassified),
            60..=89 => Some(Level::Restricted),
            90..=97 => Some(Level::Confidential),
            _ => Some(Level::Secret),
        }
    }

    fn some_codes(&mut self, most: usize) -> BTreeSet<Code> {
        let count = 1 + self.random.below(most);
        // The smaller of two draws: the first codes originate more than the last.
        let mut code = || {
            let (a, b) = (self.random.below(self.codes.len()), self.random.below(self.codes.len()));
            self.codes.get(a.min(b)).cloned()
        };
        (0..count).filter_map(|_| code()).collect()
    }

    fn record(
        &mut self,
        set: Set<'_>,
        kind: Kind,
        (id, number): (&str, &str),
        title: &str,
        marking: Option<Level>,
    ) -> usize {
        let Ok(id) = PartId::new(id) else { return 0 };
        let alliance = set.publisher == "exercise-alliance";
        let title = if title.is_empty() { set.topic.to_owned() } else { format!("{} - {title}", set.topic) };
        let title = format!("EXERCISE {title} ({number})");
        let bytes = document(&id, &title);
        let name = format!("{id}.txt");
        let (date, history) = self.history(set.status);
        let day = |flag| history.iter().rev().find(|event| event.flag == flag).and_then(|event| event.date);
        let series = number.split([' ', '-']).next().unwrap_or_default().to_owned();
        let base = number.split(" Ed ").next().unwrap_or_default();
        let volume = number.split_once(" - ").map_or(String::new(), |(_, volume)| format!(" - {volume}"));
        let base_number = format!("{base}{volume}");
        let originators = if alliance { self.some_codes(3) } else { BTreeSet::new() };
        let releasable_to = (alliance && self.random.percent(2)).then(|| self.some_codes(4));
        let record = Record {
            uuid: self.uuid(),
            kind,
            publisher: set.publisher.to_owned(),
            number: number.to_owned(),
            series,
            base_number,
            edition: if set.edition == 0 { String::new() } else { set.edition.to_string() },
            version: String::new(),
            date,
            custodian: format!("exercise-team-{}", set.number % 12),
            status: set.status,
            added: day(Flag::Added),
            changed: history.last().and_then(|event| event.date),
            withdrawn: day(Flag::Deleted),
            marking,
            originators,
            releasable_to,
            uri: format!("https://standards.example/{id}"),
            summary: format!("EXERCISE: an invented standard about {}.", set.topic.to_lowercase()),
            document: Some(Document {
                digest: Digest::of(&bytes),
                bytes: bytes.len() as u64,
                name,
                sealed: None,
            }),
            history,
            title,
            id,
        };
        let place = self.made.records.len();
        self.made.records.push(record);
        self.refer(place);
        place
    }

    /// References to records made before, which keeps them free of circles: one that many refer to is likelier to get one more.
    fn refer(&mut self, place: usize) {
        let count = [0, 0, 1, 1, 2, 3].get(self.random.below(6)).copied().unwrap_or_default();
        for _ in 0..count {
            let popular =
                if self.random.percent(75) { self.random.pick(&self.popular).copied() } else { None };
            let to = popular.unwrap_or_else(|| self.random.below(place));
            if to >= place {
                continue;
            }
            let obligation =
                if self.random.percent(60) { Obligation::Mandatory } else { Obligation::Optional };
            let joined = |edge: &Edge, made: &Invented| {
                made.records.get(to).is_some_and(|record| record.id == edge.to)
                    && made.records.get(place).is_some_and(|record| record.id == edge.from)
            };
            let again = self.made.edges.iter().rev().take(4).any(|edge| joined(edge, &self.made));
            if !again {
                self.edge(place, Relation::References, to, Some(obligation));
                self.popular.push(to);
            }
        }
        self.popular.push(place);
    }

    fn edge(&mut self, from: usize, relation: Relation, to: usize, obligation: Option<Obligation>) {
        let id = |at: usize| self.made.records.get(at).map(|record| record.id.clone());
        let (Some(from), Some(to)) = (id(from), id(to)) else { return };
        let derived = relation == Relation::Supersedes;
        self.made.edges.push(Edge { from, relation, to, obligation, lifecycle: None, derived });
    }

    fn uuid(&mut self) -> Option<Uuid> {
        let (high, low) = (self.random.next(), self.random.next());
        let (a, b, c) = (high >> 32, (high >> 16) & 0xffff, high & 0x0fff);
        let (d, e) = (0x8000 | ((low >> 48) & 0x3fff), low & 0xffff_ffff_ffff);
        Uuid::read(&format!("{a:08x}-{b:04x}-4{c:03x}-{d:04x}-{e:012x}"))
    }

    /// A date of the document and what happened in the registry since.
    fn history(&mut self, status: Status) -> (Option<Date>, Vec<History>) {
        let year = 1990 + self.random.below(25);
        let day = |random: &mut SplitMix, year: usize| {
            let (month, day) = (1 + random.below(12), 1 + random.below(28));
            Date::read(&format!("{year:04}-{month:02}-{day:02}"))
        };
        let date = if self.random.percent(95) { day(&mut self.random, year) } else { None };
        let mut history = Vec::new();
        let mut event = |random: &mut SplitMix, flag, year: usize| {
            let version = format!("{}.0", year.saturating_sub(1995));
            history.push(History { date: day(random, year), flag, proposal: String::new(), version });
        };
        event(&mut self.random, Flag::Added, year + 1);
        if self.random.percent(60) {
            event(&mut self.random, Flag::Changed, year + 3);
        }
        if status == Status::Withdrawn {
            event(&mut self.random, Flag::Deleted, year + 6);
        }
        (date, history)
    }

    fn national(&mut self, cover: usize) {
        let Some(id) = self.made.records.get(cover).map(|record| record.id.clone()) else { return };
        for state in self.some_codes(3) {
            let stance = match self.random.below(10) {
                0..=5 => Stance::Ratified,
                6..=7 => Stance::Implemented,
                8 => Stance::Reserved,
                _ => Stance::NotRatifying,
            };
            let note = if stance == Stance::Reserved { "EXERCISE: not before the refit" } else { "" };
            let year = 2015 + self.random.below(8);
            let date = Date::read(&format!("{year}-06"));
            self.made.national.push(National {
                part: id.clone(),
                state,
                stance,
                date,
                note: note.to_owned(),
            });
        }
    }

    /// A profile for every eight records, each requiring two to nine of them.
    fn profiles(&mut self) {
        for number in 1..=self.made.records.len().div_ceil(8) {
            let Ok(id) = PartId::new(&format!("exercise-profile-{number}")) else { continue };
            for _ in 0..2 + self.random.below(8) {
                let place = self.random.pick(&self.popular).copied().unwrap_or_default();
                let Some(to) = self.made.records.get(place).map(|record| record.id.clone()) else { continue };
                let obligation = match self.random.below(20) {
                    0..=15 => Obligation::Mandatory,
                    16..=17 => Obligation::Conditional,
                    18 => Obligation::Recommended,
                    _ => Obligation::Optional,
                };
                let lifecycle =
                    Some(if self.random.percent(70) { Lifecycle::Current } else { Lifecycle::Candidate });
                let relation = Relation::ProfileRequires;
                let (from, obligation) = (id.clone(), Some(obligation));
                self.made.edges.push(Edge { from, relation, to, obligation, lifecycle, derived: false });
            }
            self.made.profiles.push(Profile { id, title: format!("EXERCISE profile {number}") });
        }
    }
}
