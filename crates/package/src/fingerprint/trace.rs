//! Whose copies a leak was made from: two tests with an exact bound on accusing somebody who had no part in it.
//!
//! The bits of a copy that had no part are drawn from the biases, independently of everything that a coalition could see, mix or
//! take out. So whatever was leaked, an innocent copy's score is a sum of independent two-valued numbers with known chances, and
//! the chance that it reaches some height is *computed*, not estimated: no assumption about how many colluded or how they mixed.
//!
//! - *Every mark*: the copy agrees with the leak at every gap that was read. The chance is the product of the single ones.
//! - *Score*: the symmetric score of the copy. The chance is the tail of the sum, worked out step by step.
//!
//! Each test gets half of the error that the caller allows, shared out over all copies (Boole's inequality).
//!
//! # Guarantee
//! The chance that a trace names any copy that had no part is at most the error asked for, provided that HMAC-SHA256 cannot be
//! told from a random function. Sums are in whole numbers of 2^-94, rounded up at every step; score beyond the window is counted
//! at its edge, which only raises the bound. Proof note: `trace.proof.md`.
//!
//! # Source
//! Škorić, Katzenbeisser, Celik (2008), section 3 (score). The conditional bound follows T. Furon, A. Guyader, F. Cérou, "On the
//! design and optimization of Tardos probabilistic fingerprinting codes", Information Hiding 2008: scores are judged given the
//! leak and the biases.

use std::collections::{BTreeMap, BTreeSet};

use super::{Fingerprints, MarkedForm, grammar, grammar::Places};

/// One, as chances are counted.
const ONE: u128 = 1 << 94;
/// What a bias is a share of.
const SHARE_BITS: u32 = 32;
/// What a score is a multiple of: 1/8.
const SCALE: u64 = 8;
/// Standard deviations of the sum below the mean that are kept apart; below -8 lies a 2^-50th part of a normal law.
const DEVIATIONS_BELOW: i64 = 8;
/// The same above the mean: past 12 lies a 2^-108th part.
const DEVIATIONS_ABOVE: i64 = 12;
/// Longest stretch before or behind a drawn text that helps to recognise it.
const CONTEXT_BYTES_MAX: usize = 160;

/// What leaked files say of the marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Of each form, what each gap says; `None` where it was not found, says nothing, or says two things.
    bits: Vec<Vec<Option<bool>>>,
    stamps: BTreeSet<u32>,
    found: usize,
}

impl Reading {
    /// Numbers of copies that the stamps name. Anybody can type a stamp: it accuses nobody unless the marks agree.
    #[must_use]
    pub fn stamps(&self) -> &BTreeSet<u32> {
        &self.stamps
    }

    /// Gaps that were found, whatever they say.
    #[must_use]
    pub fn found(&self) -> usize {
        self.found
    }

    /// Gaps that say one or zero.
    #[must_use]
    pub fn read(&self) -> usize {
        self.bits.iter().flatten().flatten().count()
    }
}

/// Why a copy is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// It agrees with the leak at every gap that was read.
    EveryMark,
    /// Its score is higher than chance allows: the leak was mixed from several copies, or changed.
    Score,
}

/// A copy that the leak was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accused {
    /// Its number.
    pub copy: u32,
    /// Why.
    pub ground: Ground,
    /// Score in eighths.
    pub score: i64,
    /// The chance that any innocent copy of the release would be named on such ground, in parts of 2^94, rounded up.
    error: u128,
}

impl Accused {
    /// Upper bound on the chance that any innocent copy looks as guilty, for people to read.
    #[must_use]
    pub fn error_bound(&self) -> f64 {
        // Exact up to a rounding of 2^-53, and no verdict depends on it.
        self.error as f64 / ONE as f64
    }
}

/// The answer of a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traced {
    /// Copies that are named, ascending by their error bound; empty when none can be.
    pub accused: Vec<Accused>,
    /// Score, in eighths, from which a copy is named; `None` when too little was read for any score to suffice.
    pub threshold: Option<i64>,
    /// The highest score of any copy, in eighths.
    pub highest: i64,
    /// Gaps that say one or zero.
    pub read: usize,
}

/// A position that was read: its bias, what the leak says, and what an agreeing or differing bit adds.
struct Position {
    form: usize,
    index: usize,
    /// Share of ones, in parts of 2^32.
    bias: u64,
    leaked: bool,
    agrees: i64,
    differs: i64,
}

impl Position {
    fn new(form: usize, index: usize, bias: u32, leaked: bool) -> Self {
        let one = 1_u64 << SHARE_BITS;
        let bias = u64::from(bias);
        // The symbol's own share: rare symbols weigh more.
        let share = if leaked { bias } else { one - bias };
        let weight =
            |part: u64, whole: u64| (SCALE * SCALE * part).checked_div(whole).unwrap_or(0).isqrt() as i64;
        Self {
            form,
            index,
            bias,
            leaked,
            agrees: weight(one - share, share),
            differs: -weight(share, one - share),
        }
    }

    /// The chance that an innocent bit agrees, in parts of 2^32.
    fn share(&self) -> u64 {
        if self.leaked { self.bias } else { (1 << SHARE_BITS) - self.bias }
    }
}

impl Fingerprints<'_> {
    /// Reads the marks in leaked files: whole forms, or parts of them such as one drawing. Texts are recognised by what they say
    /// and where on the page they stand; one that is there more often than in the original, or less, is passed over.
    #[must_use]
    pub fn read(&self, leaked: &[&[u8]]) -> Reading {
        let bits = self.forms.iter().map(|form| vec![None; form.codes.len()]).collect();
        let mut reading = Reading { bits, stamps: BTreeSet::new(), found: 0 };
        for (form, bits) in self.forms.iter().zip(&mut reading.bits) {
            let original = self.content.files().get(&form.name).map(Vec::as_slice).unwrap_or_default();
            let (mut seen, mut conflicts) = (BTreeSet::new(), BTreeSet::new());
            for bytes in leaked {
                let places = Places::of(form.places.form(), bytes);
                let stamps = places.stamps(bytes);
                reading.stamps.extend(stamps.iter().filter_map(|stamp| grammar::copy_of(stamp)));
                for (gap, found) in matched(form, original, &places, bytes) {
                    let Ok(position) = form.carrying.binary_search(&gap) else { continue };
                    let Some(slot) = bits.get_mut(position) else { continue };
                    seen.insert(position);
                    match (places.bit(bytes, found), *slot) {
                        (Some(bit), None) => *slot = Some(bit),
                        (Some(bit), Some(before)) if bit != before => drop(conflicts.insert(position)),
                        (Some(_) | None, _) => {}
                    }
                }
            }
            reading.found += seen.len();
            for position in conflicts {
                bits.get_mut(position).into_iter().for_each(|bit| *bit = None);
            }
        }
        reading
    }

    /// Names the copies that the leak was made from, among these, so that the chance of naming any that had no part is at most
    /// `error_ppb` parts in 10^9.
    ///
    /// Cost: positions read times about 20 standard deviations of the score, and a code word a copy.
    #[must_use]
    pub fn trace(&self, reading: &Reading, copies: &[u32], error_ppb: u32) -> Traced {
        let positions = self.positions_of(reading);
        let count = (copies.len() as u128).max(1);
        // Half for either test, shared out over the copies, rounded down.
        let allowed = ONE / 1_000_000_000 * u128::from(error_ppb) / 2 / count;
        let tail = Tail::of(&positions);
        let reachable = positions.iter().map(|position| position.agrees).sum::<i64>();
        let threshold = tail.threshold(allowed).filter(|score| !positions.is_empty() && *score <= reachable);
        let exact = positions.iter().fold(ONE, |chance, position| scaled_up(chance, position.share()));
        let mut accused = Vec::new();
        let mut highest = i64::MIN;
        for &copy in copies {
            let words: Vec<_> = self.forms.iter().map(|form| self.bits(form, copy)).collect();
            let agrees = |position: &Position| {
                words.get(position.form).and_then(|word| word.get(position.index)) == Some(&position.leaked)
            };
            let every = !positions.is_empty() && positions.iter().all(agrees);
            let score = positions.iter().map(|p| if agrees(p) { p.agrees } else { p.differs }).sum::<i64>();
            highest = highest.max(score);
            let error = |chance: u128| chance.saturating_mul(2 * count).min(ONE);
            if every && exact <= allowed {
                accused.push(Accused { copy, ground: Ground::EveryMark, score, error: error(exact) });
            } else if threshold.is_some_and(|threshold| score >= threshold) {
                accused.push(Accused { copy, ground: Ground::Score, score, error: error(tail.above(score)) });
            }
        }
        accused.sort_by_key(|accused| (accused.error, -accused.score, accused.copy));
        let highest = if copies.is_empty() { 0 } else { highest };
        Traced { accused, threshold, highest, read: positions.len() }
    }

    fn positions_of(&self, reading: &Reading) -> Vec<Position> {
        let forms = self.forms.iter().zip(&reading.bits).enumerate();
        let read = forms.flat_map(|(form, (marked, bits))| {
            let known = marked.codes.biases().iter().zip(bits).enumerate();
            known.filter_map(move |(index, (bias, bit))| Some(Position::new(form, index, *bias, (*bit)?)))
        });
        read.collect()
    }
}

/// Pairs of gaps that stand for each other: index in the original, index in the leak.
fn matched(form: &MarkedForm, original: &[u8], places: &Places, leaked: &[u8]) -> Vec<(usize, usize)> {
    let (known, found) = (by_context(&form.places, original), by_context(places, leaked));
    let mut pairs = Vec::new();
    for (context, carriers) in &known {
        let Some(others) = found.get(context).filter(|others| others.len() == carriers.len()) else {
            continue;
        };
        for (&(first, count), &(other, other_count)) in carriers.iter().zip(others) {
            if count == other_count {
                pairs.extend((0..count).map(|gap| (first + gap, other + gap)));
            }
        }
    }
    pairs
}

/// The carriers by what they say and where they stand: first gap and number of gaps.
fn by_context(places: &Places, bytes: &[u8]) -> BTreeMap<Vec<u8>, Vec<(usize, usize)>> {
    let mut found: BTreeMap<Vec<u8>, Vec<(usize, usize)>> = BTreeMap::new();
    for carrier in places.carriers() {
        let context = places.context(bytes, carrier, CONTEXT_BYTES_MAX);
        found.entry(context).or_default().push((carrier.first, carrier.count));
    }
    found
}

/// A chance times a share of 2^32, rounded up.
fn scaled_up(chance: u128, share: u64) -> u128 {
    // INVARIANT: a chance is at most 2^94 and a share at most 2^32.
    (chance * u128::from(share)).div_ceil(1 << SHARE_BITS)
}

/// How likely an innocent copy's score is at least so high, from above.
struct Tail {
    /// Score of the first entry.
    from: i64,
    /// Of each score its chance to be reached or passed.
    chances: Vec<u128>,
}

impl Tail {
    fn of(positions: &[Position]) -> Self {
        // The score of one position has mean 0 and variance 1 in its own unit, up to rounding.
        let deviation = (positions.len() as u64 * SCALE * SCALE).isqrt() as i64 + 1;
        let from = -DEVIATIONS_BELOW * deviation;
        let length = usize::try_from((DEVIATIONS_BELOW + DEVIATIONS_ABOVE) * deviation + 1).unwrap_or(1);
        let mut chances = vec![0_u128; length];
        let mut next = vec![0_u128; length];
        if let Some(start) = usize::try_from(-from).ok().and_then(|at| chances.get_mut(at)) {
            *start = ONE;
        }
        for position in positions {
            step(&chances, &mut next, position);
            std::mem::swap(&mut chances, &mut next);
        }
        let mut above = 0_u128;
        for chance in chances.iter_mut().rev() {
            above = above.saturating_add(*chance);
            *chance = above;
        }
        Self { from, chances }
    }

    /// The chance of a score or more.
    fn above(&self, score: i64) -> u128 {
        let at = usize::try_from(score - self.from).unwrap_or(0);
        self.chances.get(at).or(self.chances.last()).copied().unwrap_or(ONE)
    }

    /// The least score that is unlikely enough.
    fn threshold(&self, allowed: u128) -> Option<i64> {
        let at = self.chances.iter().position(|chance| *chance <= allowed)?;
        Some(self.from + at as i64)
    }
}

/// The law of the sum with one position more: agreeing shifts it up, differing down.
fn step(chances: &[u128], next: &mut [u128], position: &Position) {
    let last = chances.len().saturating_sub(1);
    next.fill(0);
    let share = position.share();
    let rest = (1 << SHARE_BITS) - share;
    let up = usize::try_from(position.agrees).unwrap_or(0);
    let down = usize::try_from(-position.differs).unwrap_or(0);
    let Some((top, below)) = chances.split_last() else { return };
    for (at, &chance) in below.iter().enumerate().filter(|(_, chance)| **chance > 0) {
        // Past either edge the score counts at the edge: below, that is too high, which errs to the safe side.
        if let Some(slot) = next.get_mut((at + up).min(last)) {
            *slot += scaled_up(chance, share);
        }
        if let Some(slot) = next.get_mut(at.saturating_sub(down)) {
            *slot += scaled_up(chance, rest);
        }
    }
    // What reached the top counts as there for good.
    if let Some(slot) = next.get_mut(last) {
        *slot += top;
    }
}

#[cfg(test)]
impl Fingerprints<'_> {
    /// The chance of every score by going through all words: for few positions.
    pub(super) fn tail_by_counting(&self, reading: &Reading) -> Vec<(i64, f64)> {
        let positions = self.positions_of(reading);
        let one = (1_u64 << SHARE_BITS) as f64;
        let mut law: BTreeMap<i64, f64> = BTreeMap::new();
        for word in 0_u32..1 << positions.len() {
            let (mut score, mut chance) = (0, 1.0);
            for (at, position) in positions.iter().enumerate() {
                let agrees = word >> at & 1 == 1;
                score += if agrees { position.agrees } else { position.differs };
                let share = position.share() as f64 / one;
                chance *= if agrees { share } else { 1.0 - share };
            }
            *law.entry(score).or_default() += chance;
        }
        let scores: Vec<i64> = law.keys().copied().collect();
        scores.into_iter().map(|score| (score, law.range(score..).map(|(_, chance)| chance).sum())).collect()
    }

    /// The same as [`Tail`] has it.
    pub(super) fn tail_of(&self, reading: &Reading, score: i64) -> f64 {
        Tail::of(&self.positions_of(reading)).above(score) as f64 / ONE as f64
    }
}
