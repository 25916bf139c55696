//! Two versions of a code list: what each code covers in leaves that both share.
//!
//! A release stands under the code list of its day. Before it can be judged together with a later one, both lists are
//! mapped to common leaves. A code that was split is the sum of its parts; parts that were joined are what the joined
//! code is the sum of, as the earlier list knows. A leaf with no such relation to the other list cannot be mapped, and
//! a person must say what became of it.

use std::collections::{BTreeMap, BTreeSet};

use disclosure::hierarchy::{Hierarchy, NodeId};

use crate::fault::{Fault, Place, Trouble};

/// The common leaves of two versions, and what each version's codes cover.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommonLeaves {
    /// By code of the earlier version, the common leaves it covers.
    pub earlier: BTreeMap<String, BTreeSet<String>>,
    /// By code of the revised version, the common leaves it covers.
    pub revised: BTreeMap<String, BTreeSet<String>>,
}

impl CommonLeaves {
    /// Maps two versions of a variable's codes; `file` is where the revised one stands.
    ///
    /// # Errors
    /// A fault a leaf that cannot be mapped, by code.
    pub fn new(earlier: &Hierarchy, revised: &Hierarchy, file: &str) -> Result<Self, Vec<Fault>> {
        let of_earlier = leaves(earlier, revised);
        let of_revised = leaves(revised, earlier);
        let unmapped: BTreeSet<&String> = of_earlier.unmapped.iter().chain(&of_revised.unmapped).collect();
        if !unmapped.is_empty() {
            let fault = |code: &&String| Fault {
                place: Place::file(file),
                trouble: Trouble::UnmappedCode { variable: revised.name().to_owned(), code: (*code).clone() },
            };
            return Err(unmapped.iter().map(fault).collect());
        }
        Ok(Self { earlier: of_earlier.covers, revised: of_revised.covers })
    }
}

struct Covers {
    covers: BTreeMap<String, BTreeSet<String>>,
    unmapped: BTreeSet<String>,
}

/// What every code of a list covers in common leaves. A leaf is common when the other list has it as a leaf, or a leaf
/// above it; where the other list has it as a group, its parts there are common.
fn leaves(list: &Hierarchy, other: &Hierarchy) -> Covers {
    let mut found = Covers { covers: BTreeMap::new(), unmapped: BTreeSet::new() };
    for leaf in list.nodes().filter(|node| list.is_leaf(*node)) {
        let code = list.code(leaf);
        let common: BTreeSet<String> = match other.node(code) {
            Some(node) => below(other, node),
            None if joined(list, leaf, other) => BTreeSet::from([code.to_owned()]),
            None => {
                found.unmapped.insert(code.to_owned());
                continue;
            }
        };
        let mut above = Some(leaf);
        while let Some(node) = above {
            found.covers.entry(list.code(node).to_owned()).or_default().extend(common.iter().cloned());
            above = list.parent(node);
        }
    }
    found
}

/// Whether a code above the leaf is a leaf of the other list.
fn joined(list: &Hierarchy, leaf: NodeId, other: &Hierarchy) -> bool {
    let mut above = list.parent(leaf);
    while let Some(node) = above {
        if other.node(list.code(node)).is_some_and(|node| other.is_leaf(node)) {
            return true;
        }
        above = list.parent(node);
    }
    false
}

fn below(list: &Hierarchy, node: NodeId) -> BTreeSet<String> {
    let mut open = vec![node];
    let mut leaves = BTreeSet::new();
    while let Some(node) = open.pop() {
        if list.is_leaf(node) {
            leaves.insert(list.code(node).to_owned());
        }
        open.extend(list.children(node));
    }
    leaves
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(codes: &[(&str, Option<usize>)]) -> Hierarchy {
        let codes = codes.iter().map(|(code, parent)| ((*code).to_owned(), *parent)).collect();
        Hierarchy::new("capability", codes).unwrap_or_else(|_| unreachable!("a tree"))
    }

    fn set(codes: &[&str]) -> BTreeSet<String> {
        codes.iter().map(|code| (*code).to_owned()).collect()
    }

    #[test]
    fn a_split_code_is_the_sum_of_its_parts_either_way() {
        let whole = list(&[("T", None), ("tank", Some(0)), ("gun", Some(0))]);
        let split =
            list(&[("T", None), ("tank", Some(0)), ("heavy", Some(1)), ("light", Some(1)), ("gun", Some(0))]);
        for (earlier, revised) in [(&whole, &split), (&split, &whole)] {
            let common =
                CommonLeaves::new(earlier, revised, "codes.csv").unwrap_or_else(|_| unreachable!("mapped"));
            for side in [&common.earlier, &common.revised] {
                assert_eq!(side["T"], set(&["gun", "heavy", "light"]));
                assert_eq!(side["tank"], set(&["heavy", "light"]));
            }
        }
    }

    #[test]
    fn a_code_from_nowhere_and_one_that_went_are_held() {
        let one = list(&[("T", None), ("tank", Some(0)), ("gun", Some(0))]);
        let other = list(&[("T", None), ("tank", Some(0)), ("drone", Some(0))]);
        let faults = CommonLeaves::new(&one, &other, "codes.csv").err().unwrap_or_default();
        let said: Vec<_> = faults.iter().map(|fault| (fault.code(), fault.severity().word())).collect();
        assert_eq!(said, [("unmapped-code", "hold"); 2]);
        assert!(faults.iter().any(|fault| fault.to_string().contains("`drone`")));
    }

    #[test]
    fn a_moved_leaf_stays_what_it_is() {
        let one = list(&[("T", None), ("L", Some(0)), ("A", Some(0)), ("x", Some(1)), ("y", Some(2))]);
        let other = list(&[("T", None), ("L", Some(0)), ("A", Some(0)), ("x", Some(2)), ("y", Some(1))]);
        let common = CommonLeaves::new(&one, &other, "codes.csv").unwrap_or_else(|_| unreachable!("mapped"));
        assert_eq!((&common.earlier["L"], &common.revised["L"]), (&set(&["x"]), &set(&["y"])));
    }
}
