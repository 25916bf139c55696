//! An attack spelt out: relations added and subtracted until only the attacked cell and harmless terms are left.
//!
//! Multiply each relation `margin - parts = 0` by its factor and add up. The published cells sum to a known
//! number `K`; the attacked cell has factor `g > 0`. If every other hidden cell has a factor of at least 0, then
//! the attacked cell is at most `K / g`, because no figure is below zero; if at most 0, it is at least `K / g`.
//! Anybody can redo that by hand. Factors come from a solver; [`bound`] judges them in exact fractions. The proof
//! note is `attack.proof.md`.

use std::collections::BTreeMap;

use crate::component::{Component, Relation};
use crate::fraction::Fraction;
use crate::pattern::Pattern;
use crate::problem::Direction;
use crate::table::{CellId, Table};

/// Largest denominator tried when a solver's multiplier is made a fraction.
const DENOMINATOR_MAX: i64 = 5_040;
/// How far a multiplier may lie from its fraction, in units of the multiplier of the attacked cell.
const CLOSE: f64 = 1e-6;

/// Relations with factors that bound one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attack {
    /// The attacked cell, or the cells whose sum is attacked, ascending.
    pub cells: Vec<CellId>,
    /// `Up`: the steps bound the cell from above. `Down`: from below.
    pub direction: Direction,
    /// Relations with their factors, none zero.
    pub steps: Vec<(Relation, Fraction)>,
}

/// What an attack comes to: the factor of every hidden cell, the known sum, and the bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The end of the interval: the attacked cell is at most (at least) this.
    pub end: Fraction,
    /// What the published cells sum to.
    pub known: Fraction,
    /// The attacked cell's factor, above zero.
    pub factor: Fraction,
    /// The other hidden cells that remain, with their factors.
    pub others: Vec<(CellId, Fraction)>,
}

/// Judges an attack in exact fractions: the bound it proves, or `None` where it proves nothing.
#[must_use]
pub fn bound(table: &Table, pattern: &Pattern, attack: &Attack) -> Option<Bound> {
    let mut factors: BTreeMap<CellId, Fraction> = BTreeMap::new();
    for &(relation, factor) in &attack.steps {
        let mut add = |cell: CellId, sign: i128| -> Option<()> {
            let sum = factors.get(&cell).copied().unwrap_or(Fraction::ZERO).plus(factor.times(sign)?)?;
            factors.insert(cell, sum);
            Some(())
        };
        add(relation.margin, 1)?;
        for part in table.children(relation.variable, relation.margin) {
            add(part, -1)?;
        }
    }
    let mut known = Fraction::ZERO;
    let mut others = Vec::new();
    for cell in attack.cells.iter().copied() {
        factors.entry(cell).or_insert(Fraction::ZERO);
    }
    let mut own_factors = Vec::new();
    for (cell, factor) in factors {
        if attack.cells.binary_search(&cell).is_ok() && pattern.hidden(cell) {
            own_factors.push((cell, factor));
        } else if factor.signum() == 0 {
            continue;
        } else if !pattern.hidden(cell) {
            known = known.plus(factor.times(-i128::from(table.figure(cell).open()))?)?;
        } else {
            others.push((cell, factor));
        }
    }
    let sums = Sums { known, own: own_factors, others };
    sums.bound(attack.direction, 1).or_else(|| sums.bound(attack.direction, -1))
}

/// The relations multiplied and added: the published cells come to `known`, hidden ones remain with factors.
struct Sums {
    known: Fraction,
    own: Vec<(CellId, Fraction)>,
    others: Vec<(CellId, Fraction)>,
}

impl Sums {
    /// The bound that follows after everything is multiplied by `sign`, if one does.
    fn bound(&self, direction: Direction, sign: i128) -> Option<Bound> {
        let signed = |(cell, factor): &(CellId, Fraction)| Some((*cell, factor.times(sign)?));
        let own = self.own.iter().map(signed).collect::<Option<Vec<_>>>()?;
        // Upwards no cell of the sum may have less than the common factor, downwards none more.
        let common = own.iter().try_fold(own.first()?.1, |kept, &(_, factor)| {
            let difference = factor.plus(kept.times(-1)?)?.signum();
            let further = match direction {
                Direction::Up => difference < 0,
                Direction::Down => difference > 0,
            };
            Some(if further { factor } else { kept })
        })?;
        if common.signum() <= 0 {
            return None;
        }
        let mut others = self.others.iter().map(signed).collect::<Option<Vec<_>>>()?;
        // What a cell of the sum has beyond it stands beside the sum like any other cell.
        for (cell, factor) in own {
            let beyond = factor.plus(common.times(-1)?)?;
            if beyond.signum() != 0 {
                others.push((cell, beyond));
            }
        }
        let harmless = match direction {
            Direction::Up => others.iter().all(|(_, factor)| factor.signum() > 0),
            Direction::Down => others.iter().all(|(_, factor)| factor.signum() < 0),
        };
        harmless.then_some(())?;
        let known = self.known.times(sign)?;
        Some(Bound { end: known.over(common)?, known, factor: common, others })
    }
}

/// Makes an attack of a solver's row multipliers, if their exact form proves a bound.
pub(crate) fn from_multipliers(
    table: &Table,
    pattern: &Pattern,
    component: &Component,
    (cells, direction): (Vec<CellId>, Direction),
    multipliers: &[f64],
) -> Option<(Attack, Bound)> {
    // The cost of a cell of the sum is one, so where it moves freely its factor is one, up to the sign.
    let candidates = cells.iter().filter_map(|&cell| component.place(cell));
    let off = |own: &f64| (own.abs() - 1.0).abs();
    let own = candidates
        .map(|place| own_factor(component, place, multipliers))
        .filter(|own| own.abs() >= CLOSE)
        .min_by(|one, other| off(one).total_cmp(&off(other)))?;
    let mut steps = Vec::new();
    for ((relation, _), factor) in component.relations.iter().zip(multipliers) {
        let factor = nearest_fraction(factor / own)?;
        if factor.signum() != 0 {
            steps.push((*relation, factor));
        }
    }
    let attack = Attack { cells, direction, steps };
    let bound = bound(table, pattern, &attack)?;
    Some((attack, bound))
}

/// What a cell's column comes to under the multipliers.
fn own_factor(component: &Component, place: usize, multipliers: &[f64]) -> f64 {
    let own: f64 = component
        .relations
        .iter()
        .zip(multipliers)
        .flat_map(|((_, members), factor)| members.iter().map(move |member| (member, factor)))
        .filter(|((member, _), _)| *member == place)
        .map(|((_, sign), factor)| f64::from(*sign) * factor)
        .sum();
    own
}

/// The simplest fraction within [`CLOSE`], by continued fractions.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the float is bounded first; the fraction is judged exactly"
)]
fn nearest_fraction(value: f64) -> Option<Fraction> {
    if !value.is_finite() || value.abs() > 1e9 {
        return None;
    }
    let (mut before, mut last) = ((0_i64, 1_i64), (1_i64, 0_i64));
    let mut left = value;
    for _ in 0..32 {
        let whole = left.floor();
        let step = whole as i64;
        let next = (
            step.checked_mul(last.0)?.checked_add(before.0)?,
            step.checked_mul(last.1)?.checked_add(before.1)?,
        );
        (before, last) = (last, next);
        if last.1 > DENOMINATOR_MAX {
            return None;
        }
        if (value - crate::local::as_float(last.0) / crate::local::as_float(last.1)).abs() < CLOSE {
            return Fraction::new(i128::from(last.0), i128::from(last.1));
        }
        let rest = left - whole;
        if rest <= 0.0 {
            return None;
        }
        left = 1.0 / rest;
    }
    None
}

/// The attack in words and numbers, one line a step, as a reader would redo it by hand: each relation with what
/// is hidden on the left and what is published on the right, how the relations are added up, and what follows.
/// `figure` prints an amount in the declared scale.
#[must_use]
pub fn spell_out(
    table: &Table,
    pattern: &Pattern,
    attack: &Attack,
    figure: &dyn Fn(Fraction) -> String,
) -> Vec<String> {
    let Some(found) = bound(table, pattern, attack) else { return Vec::new() };
    let turned = own_factor_is_negative(table, attack);
    let mut lines = Vec::new();
    let mut recipe = String::new();
    for (number, &(relation, factor)) in (1..).zip(&attack.steps) {
        lines.push(format!("({number}) {}", spell_relation(table, pattern, relation, figure)));
        // With a published margin the equation above has the parts on the left: minus `margin - parts = 0`.
        let published = !pattern.hidden(relation.margin);
        let sign = if published == turned { 1 } else { -1 };
        let name = format!("({number})");
        recipe.push_str(&factor.times(sign).map_or(String::new(), |f| term_of(f, &name, recipe.is_empty())));
    }
    let names: Vec<String> = attack.cells.iter().map(|&cell| table.describe(cell)).collect();
    let cell = if names.len() == 1 { names.concat() } else { format!("({})", names.join(" + ")) };
    let mut sum = term(found.factor, &cell, true);
    for (other, factor) in &found.others {
        sum.push_str(&term(*factor, &table.describe(*other), false));
    }
    if recipe != "(1)" {
        lines.push(format!("{recipe} gives: {sum} = {}", figure(found.known)));
    }
    let word = match (found.others.is_empty(), attack.direction) {
        (true, _) => "is exactly",
        (false, Direction::Up) => "is at most",
        (false, Direction::Down) => "is at least",
    };
    let why = if found.others.is_empty() { "" } else { "no figure is below zero, so " };
    let division = if found.factor == Fraction::whole(1) {
        String::new()
    } else {
        format!(", after division by {}", found.factor)
    };
    lines.push(format!("{why}{cell} {word} {}{division}", figure(found.end)));
    lines
}

/// Whether the relations, multiplied and added, hold the attacked cell with a minus sign.
fn own_factor_is_negative(table: &Table, attack: &Attack) -> bool {
    let own = attack.steps.iter().try_fold(Fraction::ZERO, |sum, &(relation, factor)| {
        let first = attack.cells.first().copied();
        let as_margin = i128::from(Some(relation.margin) == first);
        let margin = first.and_then(|cell| table.parent(relation.variable, cell));
        let as_part = i128::from(margin == Some(relation.margin));
        sum.plus(factor.times(as_margin - as_part)?)
    });
    own.is_some_and(|own| own.signum() < 0)
}

/// One relation as an equation: `hidden = published numbers, each with its cell = their sum`.
fn spell_relation(
    table: &Table,
    pattern: &Pattern,
    relation: Relation,
    figure: &dyn Fn(Fraction) -> String,
) -> String {
    let variable = table.hierarchies()[relation.variable].name();
    let margin = table.describe(relation.margin);
    let margin_hidden = pattern.hidden(relation.margin);
    let amount = |cell: CellId| Fraction::whole(i128::from(table.figure(cell).open()));
    let (mut hidden, mut numbers, mut total) = (String::new(), String::new(), Some(Fraction::ZERO));
    let mut count = 0;
    let mut number = |cell: CellId, sign: i128| {
        let lead = match (numbers.is_empty(), sign < 0) {
            (true, true) => "-",
            (true, false) => "",
            (false, true) => " - ",
            (false, false) => " + ",
        };
        count += 1;
        numbers.push_str(&format!("{lead}{} [{}]", figure(amount(cell)), table.describe(cell)));
        total = total.and_then(|total| total.plus(amount(cell).times(sign)?));
    };
    // A hidden margin stays left and its hidden parts are taken off it; a published one goes right.
    let part_sign = if margin_hidden { -1 } else { 1 };
    if margin_hidden {
        hidden.push_str(&term(Fraction::whole(1), &margin, true));
    } else {
        number(relation.margin, 1);
    }
    for part in table.children(relation.variable, relation.margin) {
        if pattern.hidden(part) {
            hidden.push_str(&term(Fraction::whole(part_sign), &table.describe(part), hidden.is_empty()));
        } else {
            number(part, -part_sign);
        }
    }
    let hidden = if hidden.is_empty() { "0".to_owned() } else { hidden };
    let total = total.map_or_else(|| "their sum".to_owned(), figure);
    let right = match count {
        0 => "0".to_owned(),
        1 => numbers,
        _ => format!("{numbers} = {total}"),
    };
    format!("{margin} adds up over {variable}: {hidden} = {right}")
}

fn term(factor: Fraction, cell: &str, first: bool) -> String {
    joined(factor, cell, first, " ")
}

/// An equation with its factor, as in `2 x (1)`.
fn term_of(factor: Fraction, equation: &str, first: bool) -> String {
    joined(factor, equation, first, " x ")
}

fn joined(factor: Fraction, cell: &str, first: bool, between: &str) -> String {
    let negative = factor.signum() < 0;
    let sign = match (first, negative) {
        (true, true) => "-",
        (true, false) => "",
        (false, true) => " - ",
        (false, false) => " + ",
    };
    let size = if negative { factor.times(-1).unwrap_or(factor) } else { factor };
    if size == Fraction::whole(1) { format!("{sign}{cell}") } else { format!("{sign}{size}{between}{cell}") }
}
