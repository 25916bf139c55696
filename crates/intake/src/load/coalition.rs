//! Declared attackers: who their members are, and which totals they take apart at once.

use std::collections::{BTreeMap, BTreeSet};

use disclosure::Ratio;
use disclosure::hierarchy::{Hierarchy, NodeId};

use super::Content;
use crate::codes::{self, CodeList};
use crate::fault::{AttackerTrouble, FaultList, Place, Trouble};
use crate::figures::{Records, roots};
use crate::files::Files;
use crate::nearest::nearest;
use crate::spec::{Attacker, Members, Source, Specification};

/// A declared attacker with its members found among the contributors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coalition {
    /// Its name.
    pub id: String,
    /// Its members as named, in the order given.
    pub codes: Vec<String>,
    /// Indices of the members among the contributors, ascending; a member without a record is not among them
    /// unless it is on the roster.
    pub members: Vec<u32>,
}

/// Finds the members of every attacker.
pub(super) fn resolve(
    name: &str,
    specification: &Specification,
    content: &Content,
    files: &dyn Files,
    faults: &mut FaultList,
) -> Vec<Coalition> {
    let Content::Figures(records) = content else {
        // Cells without contributors: every attacker is the outsider there, and its members cannot be checked.
        return Vec::new();
    };
    let has_roster =
        matches!(&specification.source, Source::Figures(figures) if figures.contributors.is_some());
    let mut coalitions = Vec::new();
    for attacker in &specification.attackers {
        if let Some(coalition) = resolve_one(name, attacker, records, has_roster, files, faults) {
            coalitions.push(coalition);
        }
    }
    coalitions
}

fn resolve_one(
    name: &str,
    attacker: &Attacker,
    records: &Records,
    has_roster: bool,
    files: &dyn Files,
    faults: &mut FaultList,
) -> Option<Coalition> {
    let place = Place { field: Some("attacker".to_owned()), ..Place::line(name, attacker.line) };
    let bad = |why: AttackerTrouble, faults: &mut FaultList| {
        faults.push(place.clone(), Trouble::AttackerBad { id: attacker.id.clone(), why });
    };
    let (codes, from_file) = match &attacker.members {
        Members::Listed(codes) => (codes.clone(), false),
        Members::Below { file, code } => match codes::leaves_below(file, code, files, faults)? {
            Ok(codes) => (codes, true),
            Err(near) => {
                bad(AttackerTrouble::UnknownGroup { code: code.clone(), near }, faults);
                return None;
            }
        },
    };
    if codes.is_empty() {
        bad(AttackerTrouble::Empty, faults);
        return None;
    }
    let mut members = BTreeSet::new();
    for member in &codes {
        match records.contributor(member) {
            Some(number) => {
                members.insert(number);
            }
            None if has_roster => {
                let known = records.contributors.iter().map(|contributor| contributor.code.as_str());
                let near = nearest(member, known);
                bad(AttackerTrouble::UnknownMember { member: member.clone(), near }, faults);
            }
            // A group's code list says who belongs to it; a list in the specification may be mistyped.
            None if from_file => {}
            None => {
                let trouble =
                    Trouble::MemberWithoutRecord { id: attacker.id.clone(), member: member.clone() };
                faults.push(place.clone(), trouble);
            }
        }
    }
    let victims = (0_u32..).zip(&records.contributors);
    let mut victims = victims
        .filter(|(number, contributor)| (has_roster || contributor.has_records) && !members.contains(number));
    if victims.next().is_none() {
        bad(AttackerTrouble::Everyone, faults);
        return None;
    }
    Some(Coalition { id: attacker.id.clone(), codes, members: members.into_iter().collect() })
}

/// What one protected unit has in one total, and whether it waived.
type Shares = BTreeMap<u32, i128>;

/// Totals at the roots are never hidden. One of a single contributor protects nothing; one that a declared
/// attacker takes apart is exposed (adversary model, section 2, row "coalition C").
pub(super) fn push_exposed_totals(
    specification: &Specification,
    lists: &[CodeList],
    records: &Records,
    coalitions: &[Coalition],
    faults: &mut FaultList,
) {
    let file = specification.file();
    let unit_of = |contributor: u32| records.contributors.get(contributor as usize).map(|known| known.unit.0);
    let mut units = records.latest.iter().filter_map(|record| unit_of(record.contributor));
    let first = units.next();
    if first.is_some() && units.all(|unit| Some(unit) == first) {
        faults.push(Place::file(file), Trouble::NothingToProtectWith);
        return;
    }
    let p = specification.guarantee.as_ref().map(|guarantee| guarantee.p);
    let Some(p) = p.or(specification.rules.p.map(|rule| rule.p)) else { return };
    if coalitions.is_empty() {
        return;
    }
    let floor = i128::from(specification.guarantee.as_ref().map_or(0, |guarantee| guarantee.floor));
    let waived = records.waived_units();
    for (cell, shares) in root_shares(lists, records) {
        for coalition in coalitions {
            let own: BTreeSet<u32> = coalition.members.iter().filter_map(|&member| unit_of(member)).collect();
            if let Some(victim) = exposed(&shares, &own, &waived, p, floor) {
                let trouble = Trouble::RootSensitive {
                    attacker: coalition.id.clone(),
                    contributor: records.units.get(victim as usize).cloned().unwrap_or_default(),
                    cell: describe(lists, &cell),
                };
                faults.push(Place::file(file), trouble);
            }
        }
    }
}

/// Totals at every combination of roots, by protected unit.
fn root_shares(lists: &[CodeList], records: &Records) -> BTreeMap<Vec<NodeId>, Shares> {
    let roots: Vec<Vec<NodeId>> = lists.iter().map(|list| roots(list.hierarchy())).collect();
    let mut totals: BTreeMap<Vec<NodeId>, Shares> = BTreeMap::new();
    for record in &records.latest {
        let Some(contributor) = records.contributors.get(record.contributor as usize) else { continue };
        let nodes = records.nodes(record);
        let at =
            nodes.iter().zip(&roots).map(|(node, roots)| roots.get(node.index()).copied().unwrap_or(*node));
        let shares = totals.entry(at.collect()).or_default();
        *shares.entry(contributor.unit.0).or_default() += i128::from(record.figure.open());
    }
    totals
}

/// The outsider that the attacker learns too much of: the largest without a waiver is the worst victim (lemma 1).
fn exposed(shares: &Shares, own: &BTreeSet<u32>, waived: &[bool], p: Ratio, floor: i128) -> Option<u32> {
    let outsiders = shares.iter().filter(|(unit, _)| !own.contains(unit));
    let rest: i128 = outsiders.clone().map(|(_, amount)| *amount).sum();
    let has_waived = |unit: u32| waived.get(unit as usize).copied().unwrap_or(false);
    let victims = outsiders.clone().filter(|(unit, _)| !has_waived(**unit));
    let (&victim, &largest) = victims.max_by_key(|&(unit, amount)| (*amount, std::cmp::Reverse(*unit)))?;
    // Compared times the denominator of p/100, which is exact; figures are below 2^62 and p has 12 digits.
    let denominator = 100 * i128::from(p.denominator());
    let need = (largest * i128::from(p.numerator())).max(floor * denominator);
    let short = (rest - largest) * denominator < need;
    (short || outsiders.count() == 1 || rest == 0).then_some(victim)
}

fn describe(lists: &[CodeList], nodes: &[NodeId]) -> String {
    let trees = lists.iter().map(CodeList::hierarchy);
    let codes: Vec<&str> = trees.zip(nodes).map(|(tree, &node): (&Hierarchy, _)| tree.code(node)).collect();
    codes.join("|")
}
