//! An exact simplex for programs with bounded columns and bounded rows, whose points need not be corners.
//!
//! Every row has a column of its own (its value). The dictionary says each basic column by the others; those have
//! any value within their bounds, so that the truth is a start as it is and no first phase is needed. Where the
//! start breaks a bound, [`Program::repair`] mends it or shows that nothing can.
//!
//! Numbers are exact; steps of no length are ended by Bland's rule. Not here: what the columns mean, and any
//! judgement: what this module finds is verified by `super::proof`, which shares no code with it.
//!
//! Sources: Dutertre and de Moura, A fast linear-arithmetic solver for DPLL(T), CAV 2006 (dictionary with bounds,
//! repair); Bland, Math. Oper. Res. 2 (1977) 103-107.

use super::Rational;

/// How far a column or a row may go.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) low: Option<Rational>,
    pub(crate) high: Option<Rational>,
}

impl Limits {
    fn fixed(&self) -> bool {
        self.low.is_some() && self.low == self.high
    }

    fn below(&self, value: &Rational) -> bool {
        self.low.as_ref().is_some_and(|low| value < low)
    }

    fn above(&self, value: &Rational) -> bool {
        self.high.as_ref().is_some_and(|high| value > high)
    }
}

/// Columns with factors that are not zero, ascending.
pub(crate) type Terms = Vec<(usize, Rational)>;

/// How maximising ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// No point has more.
    Highest,
    /// The goal is reached; more may be possible.
    Goal,
    /// There is no highest.
    Unbounded,
}

/// A program with a point within it, once repaired.
#[derive(Clone)]
pub(crate) struct Program {
    /// Columns that are no row's.
    columns: usize,
    limits: Vec<Limits>,
    values: Vec<Rational>,
    /// By line of the dictionary, its basic column.
    basic: Vec<usize>,
    /// By column, its line where it is basic.
    line: Vec<Option<usize>>,
    /// By line, the basic column in terms of the others.
    lines: Vec<Terms>,
}

impl Program {
    /// A program at `start`, which gives a value within its limits to every column; rows name columns.
    pub(crate) fn new(columns: Vec<Limits>, start: Vec<Rational>, rows: Vec<(Terms, Limits)>) -> Self {
        let count = columns.len();
        let mut program = Self {
            columns: count,
            limits: columns,
            values: start,
            basic: Vec::with_capacity(rows.len()),
            line: vec![None; count],
            lines: Vec::with_capacity(rows.len()),
        };
        for (terms, limits) in rows {
            let value = evaluate(&terms, &program.values);
            program.line.push(Some(program.lines.len()));
            program.basic.push(program.limits.len());
            program.limits.push(limits);
            program.values.push(value);
            program.lines.push(terms);
        }
        program.free_columns_for_equations();
        program
    }

    /// Equations that hold leave the basis at once: their value never moves.
    fn free_columns_for_equations(&mut self) {
        for line in 0..self.lines.len() {
            let column = self.basic[line];
            let limits = &self.limits[column];
            if !limits.fixed() || limits.low.as_ref() != Some(&self.values[column]) {
                continue;
            }
            let free =
                |(column, _): &&(usize, Rational)| *column < self.columns && !self.limits[*column].fixed();
            let unit = |(_, factor): &&(usize, Rational)| factor.abs() == Rational::ONE;
            let terms = &self.lines[line];
            let entering = terms.iter().filter(free).find(unit).or_else(|| terms.iter().find(free));
            if let Some(entering) = entering.map(|(column, _)| *column) {
                self.pivot(line, entering, None);
            }
        }
    }

    /// The point: a value a column.
    pub(crate) fn point(&self) -> &[Rational] {
        self.values.get(..self.columns).unwrap_or(&self.values)
    }

    /// Narrows a column to whole numbers up to, or from, this one. The point may leave the program by it.
    pub(crate) fn narrow(&mut self, column: usize, limits: Limits) {
        let held = &mut self.limits[column];
        if limits.low > held.low {
            held.low = limits.low;
        }
        if limits.high.is_some() && (held.high.is_none() || limits.high < held.high) {
            held.high = limits.high;
        }
        if self.line[column].is_some() {
            return;
        }
        let held = &self.limits[column];
        let value = &self.values[column];
        let nearest = if held.below(value) { held.low.clone() } else { held.high.clone() };
        if let Some(nearest) = nearest.filter(|_| held.below(value) || held.above(value)) {
            let step = &nearest - value;
            self.move_column(column, &step);
        }
    }

    /// Finds a point of the program. `false` where there is none.
    ///
    /// The smallest broken column is mended by the smallest that can: so no dictionary comes back.
    pub(crate) fn repair(&mut self) -> bool {
        for column in 0..self.columns {
            let limits = &self.limits[column];
            if matches!((&limits.low, &limits.high), (Some(low), Some(high)) if low > high) {
                return false;
            }
        }
        loop {
            let broken = |column: &usize| {
                self.limits[*column].below(&self.values[*column])
                    || self.limits[*column].above(&self.values[*column])
            };
            let Some(column) = self.basic.iter().copied().filter(broken).min() else {
                return true;
            };
            let Some(line) = self.line[column] else { return false };
            let up = self.limits[column].below(&self.values[column]);
            let target = if up { self.limits[column].low.clone() } else { self.limits[column].high.clone() };
            let helps =
                |(other, factor): &&(usize, Rational)| self.can_move(*other, factor.is_positive() == up);
            let Some((entering, factor)) = self.lines[line].iter().find(helps).cloned() else {
                return false;
            };
            let step = target.and_then(|target| (&target - &self.values[column]).over(&factor));
            let Some(step) = step else { return false };
            self.move_column(entering, &step);
            self.pivot(line, entering, None);
        }
    }

    fn can_move(&self, column: usize, up: bool) -> bool {
        let (limits, value) = (&self.limits[column], &self.values[column]);
        if up {
            limits.high.as_ref().is_none_or(|high| value < high)
        } else {
            limits.low.as_ref().is_none_or(|low| value > low)
        }
    }

    /// Raises the objective, a form of columns, until `goal` or as far as it goes. The point follows.
    pub(crate) fn maximize(&mut self, objective: &Terms, goal: Option<&Rational>) -> (Ended, Multipliers) {
        let mut reduced = self.reduce(objective);
        let mut stalled = 0_u32;
        loop {
            let here = evaluate(objective, &self.values);
            if goal.is_some_and(|goal| here >= *goal) {
                return (Ended::Goal, Multipliers::default());
            }
            let Some((entering, rate)) = self.entering(&reduced, stalled > STALLED_MAX) else {
                return (Ended::Highest, self.multipliers(reduced));
            };
            let room = self.room(entering, rate.is_positive());
            let wanted = goal.and_then(|goal| (goal - &here).over(&rate.abs()));
            let (step, leaving) = match (room, wanted) {
                (Some((step, _)), Some(wanted)) if wanted <= step => (wanted, None),
                (Some((step, leaving)), _) => (step, leaving),
                (None, Some(wanted)) => (wanted, None),
                (None, None) => return (Ended::Unbounded, Multipliers::default()),
            };
            stalled = if step.is_zero() { stalled.saturating_add(1) } else { 0 };
            self.move_column(entering, &if rate.is_positive() { step } else { -&step });
            if let Some(line) = leaving {
                self.pivot(line, entering, Some(&mut reduced));
            }
        }
    }

    /// The objective in terms of the columns that are not basic.
    fn reduce(&self, objective: &Terms) -> Terms {
        let mut reduced = Terms::new();
        for (column, factor) in objective {
            match self.line[*column] {
                Some(line) => reduced = combined(&reduced, factor, &self.lines[line]),
                None => reduced = combined(&reduced, factor, &[(*column, Rational::ONE)]),
            }
        }
        reduced
    }

    /// A column that raises the objective: the steepest, or the first to end a stall.
    fn entering(&self, reduced: &Terms, first: bool) -> Option<(usize, Rational)> {
        let mut best: Option<(usize, &Rational, Rational)> = None;
        for (column, rate) in reduced {
            if !self.can_move(*column, rate.is_positive()) {
                continue;
            }
            if first {
                return Some((*column, rate.clone()));
            }
            let steep = rate.abs();
            if best.as_ref().is_none_or(|(_, _, most)| steep > *most) {
                best = Some((*column, rate, steep));
            }
        }
        best.map(|(column, rate, _)| (column, rate.clone()))
    }

    /// How far the column can move, and the line that stops it, if it is not the column's own limit. `None` where
    /// nothing stops it. Ties go to the smallest basic column.
    fn room(&self, entering: usize, up: bool) -> Option<(Rational, Option<usize>)> {
        let own = if up { &self.limits[entering].high } else { &self.limits[entering].low };
        let mut least = own.as_ref().map(|end| ((end - &self.values[entering]).abs(), None));
        for (line, terms) in self.lines.iter().enumerate() {
            let Some(factor) = factor_of(terms, entering) else { continue };
            let column = self.basic[line];
            let limits = &self.limits[column];
            let end = if factor.is_positive() == up { &limits.high } else { &limits.low };
            let step = end.as_ref().and_then(|end| (end - &self.values[column]).abs().over(&factor.abs()));
            let Some(step) = step else { continue };
            let shorter = match &least {
                None => true,
                Some((most, None)) => step < *most,
                Some((most, Some(other))) => step < *most || (step == *most && column < self.basic[*other]),
            };
            if shorter {
                least = Some((step, Some(line)));
            }
        }
        least
    }

    fn move_column(&mut self, column: usize, step: &Rational) {
        if step.is_zero() {
            return;
        }
        for (line, terms) in self.lines.iter().enumerate() {
            if let Some(factor) = factor_of(terms, column) {
                let basic = self.basic[line];
                self.values[basic] = &self.values[basic] + &(factor * step);
            }
        }
        self.values[column] = &self.values[column] + step;
    }

    /// Exchanges the line's basic column with one of its terms.
    fn pivot(&mut self, line: usize, entering: usize, objective: Option<&mut Terms>) {
        let factor = factor_of(&self.lines[line], entering).and_then(Rational::reciprocal);
        let Some(factor) = factor else { return };
        let leaving = self.basic[line];
        // basic = factor' * entering + rest, so entering = (basic - rest) / factor'.
        let mut solved: Terms = Vec::with_capacity(self.lines[line].len());
        let negated = -&factor;
        for (column, term) in &self.lines[line] {
            if *column != entering {
                solved.push((*column, term * &negated));
            }
        }
        let at = solved.partition_point(|(column, _)| *column < leaving);
        solved.insert(at, (leaving, factor));
        self.lines[line] = Terms::new();
        for terms in self.lines.iter_mut().chain(objective) {
            substitute(terms, entering, &solved);
        }
        self.lines[line] = solved;
        self.basic[line] = entering;
        self.line[entering] = Some(line);
        self.line[leaving] = None;
    }

    /// The rows' share of the reduced objective: by row, how much the highest value rises with it.
    fn multipliers(&self, reduced: Terms) -> Multipliers {
        let rows = reduced.into_iter().filter(|(column, _)| *column >= self.columns);
        Multipliers(rows.map(|(column, factor)| (column - self.columns, factor)).collect())
    }
}

/// By row, its multiplier where that is not zero.
#[derive(Clone, Debug, Default)]
pub(crate) struct Multipliers(pub(crate) Vec<(usize, Rational)>);

/// Steps of no length before Bland's rule takes over: the steepest column is faster while it moves.
const STALLED_MAX: u32 = 20;

fn factor_of(terms: &Terms, column: usize) -> Option<&Rational> {
    let at = terms.binary_search_by_key(&column, |(other, _)| *other).ok()?;
    terms.get(at).map(|(_, factor)| factor)
}

fn substitute(terms: &mut Terms, column: usize, solved: &Terms) {
    if let Ok(at) = terms.binary_search_by_key(&column, |(other, _)| *other) {
        let (_, factor) = terms.remove(at);
        *terms = combined(terms, &factor, solved);
    }
}

/// `one + factor * other`.
fn combined(one: &Terms, factor: &Rational, other: &[(usize, Rational)]) -> Terms {
    let mut sum = Terms::with_capacity(one.len() + other.len());
    let mut left = one.iter().peekable();
    for (column, term) in other {
        while let Some(item) = left.next_if(|(next, _)| next < column) {
            sum.push(item.clone());
        }
        let product = factor * term;
        let total = match left.next_if(|(next, _)| next == column) {
            Some((_, held)) => held + &product,
            None => product,
        };
        if !total.is_zero() {
            sum.push((*column, total));
        }
    }
    sum.extend(left.cloned());
    sum
}

pub(crate) fn evaluate(terms: &[(usize, Rational)], values: &[Rational]) -> Rational {
    terms.iter().fold(Rational::ZERO, |sum, (column, factor)| &sum + &(factor * &values[*column]))
}
