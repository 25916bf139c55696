//! Everything an attacker considers possible: bounds of every record, and rows over them.

use super::Rational;
use super::form::{Form, Row};

/// All worlds that are consistent with what an attacker knows. One item a record in `lows`, `highs` and `truth`.
#[derive(Clone, Debug)]
pub struct Polytope {
    /// Lower bounds; absent where there is none.
    pub lows: Vec<Option<Rational>>,
    /// Upper bounds; absent where there is none.
    pub highs: Vec<Option<Rational>>,
    /// What is known of sums: statements and further knowledge.
    pub rows: Vec<Row>,
    /// The records as they are.
    pub truth: Vec<Rational>,
}

impl Polytope {
    /// Whether the attacker knows the record itself.
    #[must_use]
    pub fn knows(&self, record: super::RecordId) -> bool {
        let at = record.place();
        self.lows.get(at).is_some_and(Option::is_some) && self.lows.get(at) == self.highs.get(at)
    }

    /// Whether these amounts are possible, in exact arithmetic.
    #[must_use]
    pub fn contains(&self, amounts: &[Rational]) -> bool {
        let bounds = self.lows.iter().zip(&self.highs);
        amounts.len() == self.lows.len()
            && bounds.zip(amounts).all(|((low, high), amount)| {
                low.as_ref().is_none_or(|low| low <= amount)
                    && high.as_ref().is_none_or(|high| amount <= high)
            })
            && self.rows.iter().all(|row| row.admits(&row.form.value(amounts)))
    }

    /// The form without the records that the attacker knows, and their part of its value.
    pub(crate) fn unknown_part(&self, form: &Form) -> (Form, Rational) {
        let (known, unknown): (Vec<_>, Vec<_>) =
            form.terms().iter().cloned().partition(|(record, _)| self.knows(*record));
        (Form::new(unknown), Form::new(known).value(&self.truth))
    }

    /// The same for an attacker who reasons in whole numbers: bounds rounded inwards.
    #[must_use]
    pub fn in_whole_numbers(mut self) -> Self {
        for low in self.lows.iter_mut().flatten() {
            *low = low.ceiling();
        }
        for high in self.highs.iter_mut().flatten() {
            *high = high.floor();
        }
        self
    }
}
