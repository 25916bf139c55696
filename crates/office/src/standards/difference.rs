//! What changed between two registers, row by row and column by column, before anything is made of the rows.
//!
//! Rows are matched by one rule, which [`super::Change`] shares: the same UUID and id; then a UUID that one row has on either side of
//! what is left; then the same id. Rows that stay alone on the old side are withdrawn, on the new side added; matched rows with
//! different ids are renamed. The order of rows in either file has no influence. Cost: O(n log n).

use std::collections::{BTreeMap, BTreeSet};

use super::read::Table;

/// A row that says something else than before.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Changed {
    /// Its id now.
    pub id: String,
    /// Its id before.
    pub before: String,
    /// Columns that differ, in the order of their names.
    pub fields: Vec<String>,
}

/// A row that goes by another id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Renamed {
    /// Its id before.
    pub from: String,
    /// Its id now.
    pub to: String,
}

/// A row whose status changed in place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Turned {
    /// Its id now.
    pub id: String,
    /// Status before, as the file has it.
    pub from: String,
    /// Status now.
    pub to: String,
}

/// What changed between two registers. Lists are ascending.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Ids of rows of the new one that match none of the old one.
    pub added: Vec<String>,
    /// Rows that match and differ in a column other than the id.
    pub changed: Vec<Changed>,
    /// Ids of rows of the old one that match none of the new one.
    pub withdrawn: Vec<String>,
    /// Rows that match and have different ids.
    pub renamed: Vec<Renamed>,
    /// Rows that match and have different statuses.
    pub turned: Vec<Turned>,
}

impl Difference {
    /// Whether the two are the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What changed from `old` to `new`. A column that one side lacks counts as empty there.
#[must_use]
pub fn difference(old: &Table, new: &Table) -> Difference {
    let names: BTreeSet<&String> = old.columns().iter().chain(new.columns()).collect();
    let columns: Vec<(&str, Option<usize>, Option<usize>)> = names
        .into_iter()
        .filter(|name| *name != "id")
        .map(|name| (name.as_str(), old.column(name), new.column(name)))
        .collect();
    let (old, new) = (sorted(old, &columns, Side::Old), sorted(new, &columns, Side::New));
    let keys = |rows: &[Vec<&str>]| -> Vec<Key> {
        let uuid_at = columns.iter().position(|(name, ..)| *name == "uuid");
        let uuid = |row: &Vec<&str>| {
            let uuid = uuid_at.and_then(|at| row.get(at + 1)).filter(|uuid| !uuid.is_empty());
            uuid.map(|uuid| uuid.to_ascii_lowercase())
        };
        let id = |row: &Vec<&str>| row.first().map_or_else(String::new, |id| (*id).to_owned());
        rows.iter().map(|row| Key { id: id(row), uuid: uuid(row) }).collect()
    };
    let matched = matching(&keys(&old), &keys(&new));

    let id = |rows: &[Vec<&str>], at: usize| {
        rows.get(at).and_then(|row| row.first()).map_or_else(String::new, |id| (*id).to_owned())
    };
    let mut found = Difference {
        added: matched.new_only.iter().map(|at| id(&new, *at)).collect(),
        withdrawn: matched.old_only.iter().map(|at| id(&old, *at)).collect(),
        ..Difference::default()
    };
    for (from, to) in &matched.pairs {
        let (Some(one), Some(other)) = (old.get(*from), new.get(*to)) else { continue };
        let (before, now) = (id(&old, *from), id(&new, *to));
        let differing = columns.iter().zip(one.iter().zip(other).skip(1)).filter(|(_, (a, b))| a != b);
        let mut fields = Vec::new();
        for ((name, ..), (a, b)) in differing {
            fields.push((*name).to_owned());
            if *name == "registry_status" {
                let (from, to) = ((*a).to_owned(), (*b).to_owned());
                found.turned.push(Turned { id: now.clone(), from, to });
            }
        }
        if !fields.is_empty() {
            found.changed.push(Changed { id: now.clone(), before: before.clone(), fields });
        }
        if before != now {
            found.renamed.push(Renamed { from: before, to: now });
        }
    }
    found.added.sort();
    found.withdrawn.sort();
    found.changed.sort();
    found.renamed.sort();
    found.turned.sort();
    found
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Old,
    New,
}

/// Rows as their id and then the columns of both sides, in an order that does not depend on that of the file.
fn sorted<'a>(
    table: &'a Table,
    columns: &[(&str, Option<usize>, Option<usize>)],
    side: Side,
) -> Vec<Vec<&'a str>> {
    let id = table.column("id");
    let places = columns.iter().map(|(_, old, new)| if side == Side::Old { *old } else { *new });
    let places: Vec<Option<usize>> = std::iter::once(id).chain(places).collect();
    let row = |row: &'a super::read::Row| -> Vec<&'a str> {
        places.iter().map(|place| place.map_or("", |place| row.field(place))).collect()
    };
    let mut rows: Vec<Vec<&str>> = table.rows().iter().map(row).collect();
    rows.sort();
    rows
}

/// What rows or records are matched by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) id: String,
    pub(super) uuid: Option<String>,
}

/// Which of two lists match, by their places.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Matching {
    pub(super) pairs: Vec<(usize, usize)>,
    pub(super) old_only: Vec<usize>,
    pub(super) new_only: Vec<usize>,
}

/// Matches two lists. Where several have what they are matched by, the first goes with the first and so on.
pub(super) fn matching(old: &[Key], new: &[Key]) -> Matching {
    let mut state = Left {
        old: vec![true; old.len()],
        new: vec![true; new.len()],
        pairs: Vec::with_capacity(old.len().min(new.len())),
    };
    state.pair(old, new, |key| key.uuid.as_deref().map(|uuid| (uuid, key.id.as_str())), Only::Any);
    state.pair(old, new, |key| key.uuid.as_deref(), Only::Unique);
    state.pair(old, new, |key| Some(key.id.as_str()), Only::Any);
    let left = |left: &[bool]| left.iter().enumerate().filter_map(|(at, left)| left.then_some(at)).collect();
    Matching { old_only: left(&state.old), new_only: left(&state.new), pairs: state.pairs }
}

/// Whether what several have still matches.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Only {
    Any,
    Unique,
}

struct Left {
    old: Vec<bool>,
    new: Vec<bool>,
    pairs: Vec<(usize, usize)>,
}

impl Left {
    fn pair<'a, K: Ord>(
        &mut self,
        old: &'a [Key],
        new: &'a [Key],
        by: impl Fn(&'a Key) -> Option<K>,
        only: Only,
    ) {
        let mut groups: BTreeMap<K, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        let left = |keys: &'a [Key], left: &[bool]| -> Vec<(usize, K)> {
            let keys = keys.iter().zip(left).enumerate();
            keys.filter_map(|(at, (key, left))| left.then(|| by(key)).flatten().map(|k| (at, k))).collect()
        };
        for (at, key) in left(old, &self.old) {
            groups.entry(key).or_default().0.push(at);
        }
        for (at, key) in left(new, &self.new) {
            groups.entry(key).or_default().1.push(at);
        }
        for (olds, news) in groups.into_values() {
            if only == Only::Unique && (olds.len() > 1 || news.len() > 1) {
                continue;
            }
            for (from, to) in olds.into_iter().zip(news) {
                self.pairs.push((from, to));
                for (left, at) in [(&mut self.old, from), (&mut self.new, to)] {
                    if let Some(left) = left.get_mut(at) {
                        *left = false;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn table(rows: &[[&str; 4]]) -> Table {
        let rows = rows.iter().map(|row| format!("{}\n", row.join(",")));
        let text: String =
            std::iter::once("id,uuid,registry_status,title\n".to_owned()).chain(rows).collect();
        Table::read("rows.csv", text.as_bytes()).unwrap()
    }

    #[test]
    fn a_uuid_follows_a_renamed_row_and_an_id_one_without() {
        let old = table(&[
            ["a", "u1", "accepted", "One"],
            ["b", "", "accepted", "Two"],
            ["c", "u3", "accepted", "Three"],
            ["gone", "u4", "accepted", "Four"],
        ]);
        let new = table(&[
            ["a2", "U1", "accepted", "One"],
            ["b", "", "withdrawn", "Two"],
            ["c", "u9", "accepted", "Three"],
            ["d", "u5", "draft", "Five"],
        ]);
        let found = difference(&old, &new);
        assert_eq!(found.added, ["d"]);
        assert_eq!(found.withdrawn, ["gone"]);
        assert_eq!(found.renamed, [Renamed { from: "a".into(), to: "a2".into() }]);
        assert_eq!(
            found.turned,
            [Turned { id: "b".into(), from: "accepted".into(), to: "withdrawn".into() }]
        );
        let fields: Vec<(&str, &str)> =
            found.changed.iter().map(|c| (c.id.as_str(), c.fields.first().unwrap().as_str())).collect();
        assert_eq!(fields, [("a2", "uuid"), ("b", "registry_status"), ("c", "uuid")]);
    }

    #[test]
    fn a_uuid_that_several_have_tells_none_of_them() {
        let old = table(&[["a", "u", "accepted", ""], ["b", "u", "accepted", ""]]);
        let new = table(&[["c", "u", "accepted", ""]]);
        let found = difference(&old, &new);
        assert_eq!((found.renamed.len(), found.added.len(), found.withdrawn.len()), (0, 1, 2));
        // With one of the two matched by its id, the other's is unique again.
        let new = table(&[["a", "u", "accepted", ""], ["c", "u", "accepted", ""]]);
        assert_eq!(difference(&old, &new).renamed, [Renamed { from: "b".into(), to: "c".into() }]);
    }

    #[test]
    fn a_column_that_one_side_lacks_is_empty_there() {
        let old = Table::read("a", b"id,title\na,T\nb,\n").unwrap();
        let new = Table::read("b", b"uri,id\nx,a\n,b\n").unwrap();
        let found = difference(&old, &new);
        assert_eq!(
            found.changed,
            [Changed { id: "a".into(), before: "a".into(), fields: vec!["title".into(), "uri".into()] }]
        );
    }

    fn rows() -> impl Strategy<Value = Vec<[&'static str; 4]>> {
        let row = (
            prop::sample::select(vec!["a", "b", "c", "d", "e"]),
            prop::sample::select(vec!["", "u", "v", "w"]),
            prop::sample::select(vec!["accepted", "withdrawn"]),
            prop::sample::select(vec!["", "T"]),
        );
        prop::collection::vec(row.prop_map(|(a, b, c, d)| [a, b, c, d]), 0..8)
    }

    proptest! {
        #[test]
        fn the_laws_of_differences_hold(old in rows(), new in rows(), turn in 0_usize..8) {
            let (one, other) = (table(&old), table(&new));
            prop_assert!(difference(&one, &one).is_empty());
            let found = difference(&one, &other);
            prop_assert_eq!(old.len() - found.withdrawn.len(), new.len() - found.added.len());
            let back = difference(&other, &one);
            prop_assert_eq!(&found.added, &back.withdrawn);
            prop_assert_eq!(&found.withdrawn, &back.added);
            let mut turned: Vec<Renamed> =
                back.renamed.into_iter().map(|r| Renamed { from: r.to, to: r.from }).collect();
            turned.sort();
            prop_assert_eq!(&found.renamed, &turned);
            prop_assert_eq!(found.changed.len(), back.changed.len());
            let mut shuffled = new.clone();
            shuffled.rotate_left(if new.is_empty() { 0 } else { turn % new.len() });
            shuffled.reverse();
            prop_assert_eq!(found, difference(&one, &table(&shuffled)));
        }
    }
}
