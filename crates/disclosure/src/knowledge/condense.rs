//! The same rows in fewer and shorter ones: what is published of a sum's parts is taken off the sum.
//!
//! A row less rows before it spans what it spanned with them, so exactly the same worlds are possible. A margin of
//! published cells vanishes; one of published and hidden cells keeps the hidden ones; a cell that ten releases
//! repeat is there once. What is left falls into small parts. Source: docs/METHOD.md, "Histories".

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::Rational;
use super::form::{Form, RecordId, Row};

/// A plain sum of records whose value is known.
struct Known {
    records: BTreeSet<RecordId>,
    value: Rational,
}

/// Rows that leave open what `rows` leave open. Rows with factors other than one stay as they are.
pub(super) fn condense(rows: Vec<Row>) -> Vec<Row> {
    let (plain, mut condensed): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| is_plain(&row.form));
    let (mut equations, ranges): (Vec<Row>, Vec<Row>) = plain.into_iter().partition(Row::is_equation);
    equations.sort_by(|a, b| (a.form.terms().len(), &a.form).cmp(&(b.form.terms().len(), &b.form)));
    equations.dedup_by(|a, b| a.form == b.form);
    // Largest first.
    let mut known: Vec<Known> = Vec::new();
    for row in equations {
        let Some(value) = row.low else { continue };
        let whole = Known { records: records(&row.form), value };
        let rest = whole.less(&known);
        if rest.records.is_empty() {
            continue;
        }
        condensed.push(Row::equal(Form::sum(rest.records.iter().copied()), rest.value.clone()));
        if rest.records.len() < whole.records.len() {
            insert(&mut known, rest);
        }
        insert(&mut known, whole);
    }
    let mut bounds: BTreeMap<Form, Row> = BTreeMap::new();
    for row in ranges {
        let rest = Known { records: records(&row.form), value: Rational::ZERO }.less(&known);
        if rest.records.is_empty() {
            continue;
        }
        // The value taken off nothing is what the known parts come to, negated.
        let form = Form::sum(rest.records);
        let end = |end: Option<Rational>| end.map(|end| &end + &rest.value);
        let (low, high) = (end(row.low), end(row.high));
        let tight = bounds.entry(form.clone()).or_insert(Row { form, low: None, high: None });
        tight.low = tight.low.take().max(low);
        tight.high = match (tight.high.take(), high) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
    condensed.extend(bounds.into_values());
    condensed
}

fn is_plain(form: &Form) -> bool {
    form.terms().iter().all(|(_, factor)| *factor == Rational::ONE)
}

fn records(form: &Form) -> BTreeSet<RecordId> {
    form.terms().iter().map(|(record, _)| *record).collect()
}

fn insert(known: &mut Vec<Known>, one: Known) {
    let at = known.partition_point(|other| Reverse(other.records.len()) < Reverse(one.records.len()));
    known.insert(at, one);
}

impl Known {
    /// What is left after every known sum that lies within what the larger ones left.
    fn less(&self, known: &[Self]) -> Self {
        let mut rest = Self { records: self.records.clone(), value: self.value.clone() };
        for part in known {
            if rest.records.is_empty() {
                break;
            }
            if part.records.len() <= rest.records.len() && part.records.is_subset(&rest.records) {
                for record in &part.records {
                    rest.records.remove(record);
                }
                rest.value = &rest.value - &part.value;
            }
        }
        rest
    }
}
