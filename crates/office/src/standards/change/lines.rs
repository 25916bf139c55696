//! A change in lines that a person reviews: what becomes of each part, and which of its fields say something else.

use ledger::act::PartId;

use super::super::record::Record;
use super::super::registry::Registry;
use super::{Act, Change};

/// What becomes of one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its id from now on.
    pub id: PartId,
    /// What becomes of it.
    pub act: Act,
    /// The id that it had, where it is another one.
    pub before: Option<PartId>,
    /// Fields that say something else, by their names in this program; none for what is new.
    pub fields: Vec<&'static str>,
}

impl Change {
    /// One line a part, ascending by id; `before` is the registry that it changes.
    #[must_use]
    pub fn lines(&self, before: &Registry) -> Vec<Line> {
        let line = |(id, put): (&PartId, &super::Put)| {
            let old = before.record(put.before.as_ref().unwrap_or(id));
            Line {
                id: id.clone(),
                act: put.act,
                before: put.before.clone(),
                fields: old.map(|old| fields(old, &put.record)).unwrap_or_default(),
            }
        };
        self.puts.iter().map(line).collect()
    }
}

/// The fields in which two records differ, but for the id.
fn fields(old: &Record, new: &Record) -> Vec<&'static str> {
    let Record {
        id: _,
        uuid,
        kind,
        publisher,
        number,
        series,
        base_number,
        edition,
        version,
        title,
        date,
        custodian,
        status,
        added,
        changed,
        withdrawn,
        marking,
        originators,
        releasable_to,
        uri,
        summary,
        document,
        history,
    } = old;
    let differ = [
        ("uuid", *uuid != new.uuid),
        ("kind", *kind != new.kind),
        ("publisher", *publisher != new.publisher),
        ("number", *number != new.number),
        ("series", *series != new.series),
        ("base_number", *base_number != new.base_number),
        ("edition", *edition != new.edition),
        ("version", *version != new.version),
        ("title", *title != new.title),
        ("date", *date != new.date),
        ("custodian", *custodian != new.custodian),
        ("status", *status != new.status),
        ("added", *added != new.added),
        ("changed", *changed != new.changed),
        ("withdrawn", *withdrawn != new.withdrawn),
        ("marking", *marking != new.marking),
        ("originators", *originators != new.originators),
        ("releasable_to", *releasable_to != new.releasable_to),
        ("uri", *uri != new.uri),
        ("summary", *summary != new.summary),
        ("document", *document != new.document),
        ("history", *history != new.history),
    ];
    differ.into_iter().filter_map(|(field, differs)| differs.then_some(field)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::{Date, fixture};
    use super::*;

    #[test]
    fn a_review_names_what_becomes_of_each_part_and_which_fields_say_something_else() {
        let before = fixture::registry(&["a accepted", "b accepted", "c accepted"]);
        let after = fixture::registry(&["a accepted", "b draft restricted", "d accepted"]);
        let change = Change::between(&before, &after, Date::read("2026-01-01").unwrap());
        let lines = change.lines(&before);
        let shown: Vec<String> = lines
            .iter()
            .map(|line| format!("{} {} {}", line.id, line.act.as_str(), line.fields.join(",")))
            .collect();
        assert_eq!(
            shown,
            ["b changed status,marking", "c withdrawn status,changed,withdrawn,history", "d added "]
        );
    }
}
