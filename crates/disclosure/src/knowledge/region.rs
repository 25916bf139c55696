//! A polytope made ready for questions: split into parts that have no row in common, alike records taken together.
//!
//! Records with the same factors in every row, a lower and no upper bound are one column: what is left after their
//! lower bounds can be given to any one of them (docs/METHOD.md, "The exact model", lemma 4). Worlds that were found
//! stay, and answer later questions where they reach far enough.

use std::collections::BTreeMap;

use super::Rational;
use super::form::{Form, RecordId};
use super::polytope::Polytope;
use super::program::{Ended, Limits, Multipliers, Program, Terms, evaluate};
use super::whole;

/// Which end of an interval is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The lower end.
    Low,
    /// The upper end.
    High,
}

/// Whether the attacker knows that figures are whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    /// Any fraction is possible: the linear program.
    Any,
    /// Only whole numbers are: branch and bound over it.
    Whole,
}

/// Why a question has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegionError {
    /// Nothing is consistent with what is known: some of it is untrue.
    #[error("no figures are consistent with what the attacker is said to know")]
    Empty,
    /// More case distinctions than are made.
    #[error("whole numbers need more than {} case distinctions", whole::CASES_MAX)]
    TooManyCases,
    /// More sums of base cells than are tried, in the family `derivable`.
    #[error("more than {} sums of base cells would have to be tried", super::derivable::SUMS_MAX)]
    TooManySums,
    /// Whoever asked gave up waiting.
    #[error("not all of it was judged in the time that was given")]
    Stopped,
}

/// A polytope, ready for questions.
pub struct Region<'a> {
    polytope: &'a Polytope,
    numbers: Numbers,
    parts: Vec<Part>,
    /// By record, its part where the attacker does not know it.
    part: Vec<Option<usize>>,
    /// Whether the truth is a point of it: so wherever all that is known is true.
    holds_truth: bool,
}

struct Part {
    groups: Vec<Group>,
    /// By column of the program: the group. The row of the polytope behind each row of the program.
    rows: Vec<usize>,
    program: Program,
    /// Points of the program, the first of them the start.
    found: Vec<Vec<Rational>>,
}

/// Records that are one column: their sum.
struct Group {
    members: Vec<RecordId>,
}

/// The objective of a part: a form of its columns, and what the lower bounds of the others add.
struct Objective {
    terms: Terms,
    constant: Rational,
    /// By term, the record that takes what is left of its group.
    takers: Vec<(usize, RecordId)>,
}

/// What one question to a region found.
pub(crate) struct Extreme {
    /// The end; `None` where there is none, or where the goal was reached on the way.
    pub(crate) end: Option<Rational>,
    /// Whether the goal was reached; `false` where there was none.
    pub(crate) reached: bool,
    /// A possible world at the end or beyond the goal; `None` where there is no end.
    pub(crate) world: Option<Vec<Rational>>,
    /// By row of the polytope, its multiplier at the end.
    pub(crate) multipliers: Vec<(usize, Rational)>,
}

/// Worlds that are kept in a part: enough that most questions need no program.
const FOUND_MAX: usize = 48;

impl<'a> Region<'a> {
    /// Makes a polytope ready.
    ///
    /// # Errors
    /// [`RegionError::Empty`] where what is known contradicts itself.
    pub fn new(polytope: &'a Polytope, numbers: Numbers) -> Result<Self, RegionError> {
        let part = components(polytope);
        let count = part.iter().flatten().max().map_or(0, |last| last + 1);
        let mut members: Vec<Vec<RecordId>> = vec![Vec::new(); count];
        for (record, part) in (0_u32..).map(RecordId).zip(&part) {
            if let Some(part) = part {
                members[*part].push(record);
            }
        }
        let mut rows: Vec<Vec<(usize, Form, Rational)>> = vec![Vec::new(); count];
        for (number, row) in polytope.rows.iter().enumerate() {
            let (unknown, known) = polytope.unknown_part(&row.form);
            if let Some(part) = unknown.terms().first().and_then(|(record, _)| part[record.place()]) {
                rows[part].push((number, unknown, known));
            }
        }
        let parts = members.iter().zip(&rows).map(|(members, rows)| Part::new(polytope, members, rows));
        let mut parts: Vec<Part> = parts.collect();
        let holds_truth = polytope.contains(&polytope.truth);
        for part in &mut parts {
            if !part.program.repair() {
                return Err(RegionError::Empty);
            }
            // A start that was mended need not be whole.
            let point = part.program.point().to_vec();
            if numbers == Numbers::Any || point.iter().all(Rational::is_whole) {
                part.found.push(point);
            }
        }
        Ok(Self { polytope, numbers, parts, part, holds_truth })
    }

    /// Whether the truth is possible: so wherever all that is known is true.
    #[must_use]
    pub fn holds_truth(&self) -> bool {
        self.holds_truth
    }

    /// One end of the form's interval; `None` where there is none.
    ///
    /// # Errors
    /// As [`Region::interval`].
    pub fn end(&mut self, form: &Form, side: Side) -> Result<Option<Rational>, RegionError> {
        Ok(self.extreme(form, side, None)?.end)
    }

    /// Both ends of the form's interval; `None` where there is none.
    ///
    /// # Errors
    /// [`RegionError::TooManyCases`] in whole numbers, [`RegionError::Empty`] where no whole numbers are possible.
    pub fn interval(&mut self, form: &Form) -> Result<(Option<Rational>, Option<Rational>), RegionError> {
        Ok((self.end(form, Side::Low)?, self.end(form, Side::High)?))
    }

    /// Whether the form can be at the goal or beyond it.
    ///
    /// # Errors
    /// As [`Region::interval`].
    pub fn reaches(&mut self, form: &Form, side: Side, goal: &Rational) -> Result<bool, RegionError> {
        Ok(self.extreme(form, side, Some(goal))?.reached)
    }

    /// The form's end, or whether a goal is reached: part by part, since they have nothing in common.
    pub(crate) fn extreme(
        &mut self,
        form: &Form,
        side: Side,
        goal: Option<&Rational>,
    ) -> Result<Extreme, RegionError> {
        let (unknown, known) = self.polytope.unknown_part(form);
        let sign = if side == Side::High { Rational::ONE } else { Rational::whole(-1) };
        let goal = goal.map(|goal| &sign * &(goal - &known));
        let mut split: BTreeMap<usize, Vec<(RecordId, Rational)>> = BTreeMap::new();
        for (record, factor) in unknown.terms() {
            if let Some(part) = self.part[record.place()] {
                split.entry(part).or_default().push((*record, &sign * factor));
            }
        }
        let mut asked = Vec::with_capacity(split.len());
        for (part, terms) in &split {
            let held = &self.parts[*part];
            let objective = held.objective(self.polytope, &Form::new(terms.iter().cloned()));
            let best = held.best(&objective);
            asked.push(Asked { part: *part, objective, best, multipliers: Vec::new() });
        }
        let sum = |asked: &[Asked]| {
            asked.iter().try_fold(Rational::ZERO, |sum, one| one.best.as_ref().map(|(best, _)| &sum + best))
        };
        let mut unbounded = false;
        for at in 0..asked.len() {
            let so_far = sum(&asked);
            if let (Some(so_far), Some(goal)) = (&so_far, &goal)
                && so_far >= goal
            {
                break;
            }
            let aim = match (&goal, sum_of_others(&asked, at)) {
                (Some(goal), Some(others)) => Some(goal - &others),
                _ => None,
            };
            let Some(one) = asked.get_mut(at) else { break };
            unbounded |= self.parts[one.part].raise(one, aim.as_ref(), self.numbers)?;
        }
        let total = sum(&asked);
        let past = total.as_ref().zip(goal.as_ref()).is_some_and(|(total, goal)| total >= goal);
        let reached = past || (unbounded && goal.is_some());
        let world = self.world(&asked);
        let end = total.filter(|_| !reached && !unbounded).map(|total| &known + &(&sign * &total));
        let rows = asked.iter().flat_map(|one| &one.multipliers);
        let multipliers = rows.map(|(row, factor)| (*row, &sign * factor)).collect();
        Ok(Extreme { end, reached, world, multipliers })
    }

    /// The world in which every part that was asked is at its best, and all else as it was found first.
    fn world(&self, asked: &[Asked]) -> Option<Vec<Rational>> {
        let mut world = self.polytope.truth.clone();
        for (number, part) in self.parts.iter().enumerate() {
            let asked = asked.iter().find(|one| one.part == number);
            let (point, takers) = match asked {
                Some(one) => (one.best.as_ref().map(|(_, point)| point)?, one.objective.takers.as_slice()),
                // As it stands where the truth is possible.
                None if self.holds_truth => continue,
                None => (part.found.first()?, [].as_slice()),
            };
            part.spread(self.polytope, point, takers, &mut world);
        }
        Some(world)
    }
}

/// One part's share of a question.
struct Asked {
    part: usize,
    objective: Objective,
    /// The most that was found, and where.
    best: Option<(Rational, Vec<Rational>)>,
    multipliers: Vec<(usize, Rational)>,
}

fn sum_of_others(asked: &[Asked], at: usize) -> Option<Rational> {
    let others = asked.iter().enumerate().filter(|(number, _)| *number != at);
    others
        .map(|(_, one)| one)
        .try_fold(Rational::ZERO, |sum, one| one.best.as_ref().map(|(best, _)| &sum + best))
}

impl Part {
    fn new(polytope: &Polytope, members: &[RecordId], rows: &[(usize, Form, Rational)]) -> Self {
        let mut factors: BTreeMap<RecordId, Vec<(usize, Rational)>> = BTreeMap::new();
        for (number, (_, form, _)) in rows.iter().enumerate() {
            for (record, factor) in form.terms() {
                factors.entry(*record).or_default().push((number, factor.clone()));
            }
        }
        let mut groups: Vec<Group> = Vec::new();
        let mut alike: BTreeMap<Vec<(usize, Rational)>, usize> = BTreeMap::new();
        let mut columns: Vec<(Terms, Limits, Rational)> = Vec::new();
        for record in members {
            let at = record.place();
            let factors = factors.remove(record).unwrap_or_default();
            let (low, high) = (polytope.lows[at].clone(), polytope.highs[at].clone());
            let open = low.is_some() && high.is_none();
            if let Some(group) = alike.get(&factors).filter(|_| open) {
                groups[*group].members.push(*record);
                let (_, limits, start) = &mut columns[*group];
                limits.low = limits.low.as_ref().zip(low.as_ref()).map(|(sum, low)| sum + low);
                *start = &*start + &polytope.truth[at];
                continue;
            }
            if open {
                alike.insert(factors.clone(), groups.len());
            }
            groups.push(Group { members: vec![*record] });
            columns.push((factors, Limits { low, high }, polytope.truth[at].clone()));
        }
        let mut terms: Vec<Terms> = vec![Terms::new(); rows.len()];
        let mut limits = Vec::with_capacity(columns.len());
        let mut start = Vec::with_capacity(columns.len());
        for (column, (factors, limit, value)) in columns.into_iter().enumerate() {
            for (row, factor) in factors {
                terms[row].push((column, factor));
            }
            limits.push(limit);
            start.push(value);
        }
        let less = |end: &Option<Rational>, known: &Rational| end.as_ref().map(|end| end - known);
        let bounds = rows.iter().map(|(number, _, known)| {
            let row = &polytope.rows[*number];
            Limits { low: less(&row.low, known), high: less(&row.high, known) }
        });
        let program = Program::new(limits, start, terms.into_iter().zip(bounds).collect());
        Self { groups, rows: rows.iter().map(|(number, ..)| *number).collect(), program, found: Vec::new() }
    }

    /// A form of records, to be raised, as one of columns: of a group, the record with the largest factor takes what
    /// the lower bounds of the others leave.
    fn objective(&self, polytope: &Polytope, form: &Form) -> Objective {
        let factors: BTreeMap<RecordId, &Rational> =
            form.terms().iter().map(|(record, factor)| (*record, factor)).collect();
        let zero = Rational::ZERO;
        let mut objective = Objective { terms: Terms::new(), constant: Rational::ZERO, takers: Vec::new() };
        for (column, group) in self.groups.iter().enumerate() {
            let factor = |record: &RecordId| factors.get(record).copied().unwrap_or(&zero);
            if !group.members.iter().any(|record| factors.contains_key(record)) {
                continue;
            }
            let Some(taker) = group.members.iter().max_by_key(|record| factor(record)) else { continue };
            let most = factor(taker);
            for record in &group.members {
                if let Some(low) = &polytope.lows[record.place()] {
                    objective.constant = &objective.constant + &(&(factor(record) - most) * low);
                }
            }
            if !most.is_zero() {
                objective.terms.push((column, most.clone()));
            }
            objective.takers.push((column, *taker));
        }
        objective
    }

    /// The best of the points found so far.
    fn best(&self, objective: &Objective) -> Option<(Rational, Vec<Rational>)> {
        let value = |point: &Vec<Rational>| &evaluate(&objective.terms, point) + &objective.constant;
        let best =
            self.found.iter().map(|point| (value(point), point)).max_by(|one, other| one.0.cmp(&other.0));
        best.map(|(value, point)| (value, point.clone()))
    }

    /// Raises the part's objective to the goal or as far as it goes; whether it has no end.
    fn raise(
        &mut self,
        asked: &mut Asked,
        goal: Option<&Rational>,
        numbers: Numbers,
    ) -> Result<bool, RegionError> {
        let goal = goal.map(|goal| goal - &asked.objective.constant);
        let (ended, point) = match numbers {
            Numbers::Any => {
                let (ended, Multipliers(rows)) = self.program.maximize(&asked.objective.terms, goal.as_ref());
                asked.multipliers = rows.into_iter().map(|(row, factor)| (self.rows[row], factor)).collect();
                (ended, Some(self.program.point().to_vec()))
            }
            Numbers::Whole => {
                let start = asked.best.take().map(|(_, point)| point);
                whole::maximize(&self.program, &asked.objective.terms, goal.as_ref(), start)?
            }
        };
        if ended == Ended::Unbounded {
            return Ok(true);
        }
        let point = point.ok_or(RegionError::Empty)?;
        if !self.found.contains(&point) {
            if self.found.len() >= FOUND_MAX {
                // The start stays: it is the truth where that is possible.
                self.found.remove(1);
            }
            self.found.push(point.clone());
        }
        let value = &evaluate(&asked.objective.terms, &point) + &asked.objective.constant;
        asked.best = Some((value, point));
        Ok(false)
    }

    /// Gives every record of the part its amount at a point: lower bounds, and what is left to the taker.
    fn spread(
        &self,
        polytope: &Polytope,
        point: &[Rational],
        takers: &[(usize, RecordId)],
        world: &mut [Rational],
    ) {
        for (column, group) in self.groups.iter().enumerate() {
            let taker = takers.iter().find(|(other, _)| *other == column).map(|(_, record)| *record);
            let Some(taker) = taker.or_else(|| group.members.first().copied()) else { continue };
            let mut left = point[column].clone();
            for record in group.members.iter().filter(|record| **record != taker) {
                if let Some(low) = &polytope.lows[record.place()] {
                    left = &left - low;
                    world[record.place()] = low.clone();
                }
            }
            world[taker.place()] = left;
        }
    }
}

/// By record that the attacker does not know, its part: records with a row in common are in one.
fn components(polytope: &Polytope) -> Vec<Option<usize>> {
    let mut leader: Vec<usize> = (0..polytope.truth.len()).collect();
    fn find(leader: &mut [usize], mut at: usize) -> usize {
        while leader[at] != at {
            leader[at] = leader[leader[at]];
            at = leader[at];
        }
        at
    }
    for row in &polytope.rows {
        let mut first = None;
        for (record, _) in row.form.terms().iter().filter(|(record, _)| !polytope.knows(*record)) {
            let root = find(&mut leader, record.place());
            match first {
                None => first = Some(root),
                Some(first) => leader[root] = find(&mut leader, first),
            }
        }
    }
    let mut numbers: BTreeMap<usize, usize> = BTreeMap::new();
    let mut parts = Vec::with_capacity(leader.len());
    for at in 0..leader.len() {
        let known = u32::try_from(at).is_ok_and(|at| polytope.knows(RecordId(at)));
        let root = find(&mut leader, at);
        let next = numbers.len();
        parts.push((!known).then(|| *numbers.entry(root).or_insert(next)));
    }
    parts
}
