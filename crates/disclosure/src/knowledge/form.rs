//! Linear forms of records, and the rows that an attacker knows of them.

use std::collections::BTreeMap;

use super::Rational;

/// A record at one vintage: a variable of the model. Its place in [`super::World`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(pub u32);

impl RecordId {
    /// Its place in lists that have one item a record.
    #[must_use]
    pub const fn place(self) -> usize {
        self.0 as usize
    }
}

/// A linear form: records with factors that are not zero, by record.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Form(Vec<(RecordId, Rational)>);

impl Form {
    /// The form of these terms; those of one record are added up.
    pub fn new(terms: impl IntoIterator<Item = (RecordId, Rational)>) -> Self {
        let mut sums: BTreeMap<RecordId, Rational> = BTreeMap::new();
        for (record, factor) in terms {
            let sum = sums.entry(record).or_insert(Rational::ZERO);
            *sum = &*sum + &factor;
        }
        Self(sums.into_iter().filter(|(_, factor)| !factor.is_zero()).collect())
    }

    /// The sum of these records.
    pub fn sum(records: impl IntoIterator<Item = RecordId>) -> Self {
        Self::new(records.into_iter().map(|record| (record, Rational::ONE)))
    }

    /// The terms, by record.
    #[must_use]
    pub fn terms(&self) -> &[(RecordId, Rational)] {
        &self.0
    }

    /// Whether it is zero whatever the records.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Its value where the records have these amounts. A record past the list counts as zero.
    #[must_use]
    pub fn value(&self, amounts: &[Rational]) -> Rational {
        let zero = Rational::ZERO;
        self.0.iter().fold(Rational::ZERO, |sum, (record, factor)| {
            &sum + &(factor * amounts.get(record.place()).unwrap_or(&zero))
        })
    }
}

/// What is known of a form: ends that are absent are unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The form.
    pub form: Form,
    /// It is not below this.
    pub low: Option<Rational>,
    /// It is not above this.
    pub high: Option<Rational>,
}

impl Row {
    /// A form whose value is known.
    #[must_use]
    pub fn equal(form: Form, value: Rational) -> Self {
        Self { form, low: Some(value.clone()), high: Some(value) }
    }

    /// Whether the value is known.
    #[must_use]
    pub fn is_equation(&self) -> bool {
        self.low.is_some() && self.low == self.high
    }

    /// Whether it holds where the form has this value.
    #[must_use]
    pub fn admits(&self, value: &Rational) -> bool {
        self.low.as_ref().is_none_or(|low| low <= value)
            && self.high.as_ref().is_none_or(|high| value <= high)
    }
}
