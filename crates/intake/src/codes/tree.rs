//! From codes and the names of their parents to one tree, and the units along it.

use std::collections::BTreeMap;

use super::Item;
use crate::fault::{FaultList, Place, Trouble};
use crate::nearest::nearest;

/// Columns of faults that name a parent: its field in either header is the second as documented.
fn parent_place(file: &str, item: &Item) -> Place {
    Place { field: Some("parent".to_owned()), ..Place::line(file, item.line) }
}

/// The position of each item's parent. `None`, after pushing every fault, where they form no tree.
pub(super) fn parents(file: &str, items: &[Item], faults: &mut FaultList) -> Option<Vec<Option<usize>>> {
    let index: BTreeMap<&str, usize> =
        items.iter().zip(0..).map(|(item, at)| (item.code.as_str(), at)).collect();
    let mut sound = true;
    let mut parents: Vec<Option<usize>> = Vec::with_capacity(items.len());
    let mut lost = vec![false; items.len()];
    for (item, lost) in items.iter().zip(&mut lost) {
        let parent = item.parent.as_deref().map(|name| (name, index.get(name).copied()));
        if let Some((name, None)) = parent {
            let near = nearest(name, index.keys().copied());
            let trouble =
                Trouble::OrphanCode { code: item.code.clone(), parent: Some(name.to_owned()), near };
            faults.push(parent_place(file, item), trouble);
            (*lost, sound) = (true, false);
        }
        parents.push(parent.and_then(|(_, position)| position));
    }
    sound &= no_cycles(file, items, &parents, faults);
    sound &= one_root(file, items, &parents, &lost, faults);
    sound.then_some(parents)
}

/// Follows parents from every code; a code met again on the same walk closes a cycle.
fn no_cycles(file: &str, items: &[Item], parents: &[Option<usize>], faults: &mut FaultList) -> bool {
    const NEVER: usize = usize::MAX;
    let mut met_on_walk = vec![NEVER; items.len()];
    let mut sound = true;
    for start in 0..items.len() {
        let mut walk: Vec<usize> = Vec::new();
        let mut at = Some(start);
        while let Some(here) = at {
            match met_on_walk.get_mut(here) {
                Some(walked) if *walked == NEVER => *walked = start,
                Some(walked) if *walked == start => {
                    sound = false;
                    let from = walk.iter().position(|&step| step == here).unwrap_or(0);
                    push_cycle(file, items, walk.get(from..).unwrap_or_default(), faults);
                    break;
                }
                _ => break,
            }
            walk.push(here);
            at = parents.get(here).copied().flatten();
        }
    }
    sound
}

fn push_cycle(file: &str, items: &[Item], walk: &[usize], faults: &mut FaultList) {
    // The walk goes upwards; the message reads downwards and begins with the code that stands first in the file.
    let mut cycle: Vec<usize> = walk.iter().rev().copied().collect();
    let first = cycle.iter().enumerate().min_by_key(|&(_, &item)| item).map_or(0, |(position, _)| position);
    cycle.rotate_left(first);
    let code = |&item: &usize| items.get(item).map(|item| item.code.clone()).unwrap_or_default();
    let mut codes: Vec<String> = cycle.iter().map(code).collect();
    codes.extend(codes.first().cloned());
    if let Some(item) = cycle.first().and_then(|&item| items.get(item)) {
        faults.push(parent_place(file, item), Trouble::HierarchyCycle { cycle: codes });
    }
}

/// The root is the code without a parent under which most codes stand; every other one is an orphan.
fn one_root(
    file: &str,
    items: &[Item],
    parents: &[Option<usize>],
    lost: &[bool],
    faults: &mut FaultList,
) -> bool {
    let is_root =
        |&at: &usize| parents.get(at).copied().flatten().is_none() && !lost.get(at).copied().unwrap_or(false);
    let roots: Vec<usize> = (0..items.len()).filter(is_root).collect();
    if roots.len() < 2 {
        return true;
    }
    let mut below = vec![0_usize; items.len()];
    for start in 0..items.len() {
        let mut at = start;
        // Bounded, since a cycle has no end.
        for _ in 0..items.len().min(disclosure::hierarchy::Hierarchy::DEPTH_MAX) {
            match parents.get(at).copied().flatten() {
                Some(parent) => at = parent,
                None => break,
            }
        }
        if let Some(count) = below.get_mut(at) {
            *count += 1;
        }
    }
    let size = |at: usize| below.get(at).copied().unwrap_or(0);
    let root = roots.iter().copied().max_by_key(|&at| (size(at), std::cmp::Reverse(at)));
    for &orphan in roots.iter().filter(|&&at| Some(at) != root) {
        let Some(item) = items.get(orphan) else { continue };
        let trouble = if item.implied {
            // Named as a parent only: the codes below it hang under a code that is nowhere.
            let child = items.iter().find(|child| child.parent.as_deref() == Some(item.code.as_str()));
            let known = items.iter().filter(|other| other.code != item.code).map(|other| other.code.as_str());
            Trouble::OrphanCode {
                code: child.map(|child| child.code.clone()).unwrap_or_default(),
                parent: Some(item.code.clone()),
                near: nearest(&item.code, known),
            }
        } else {
            Trouble::OrphanCode { code: item.code.clone(), parent: None, near: Vec::new() }
        };
        faults.push(parent_place(file, item), trouble);
    }
    false
}

/// The fault is in the list already.
pub(super) struct Refused;

/// The common unit of the lowest codes below each code, or two of them where they differ; `None` where the list
/// has no units at all.
pub(super) fn units(
    file: &str,
    items: &[Item],
    parents: &[Option<usize>],
    default_unit: Option<&str>,
    faults: &mut FaultList,
) -> Result<Option<Vec<Vec<String>>>, Refused> {
    if items.iter().all(|item| item.unit.is_empty()) {
        return Ok(None);
    }
    let mut is_leaf = vec![true; items.len()];
    for parent in parents.iter().flatten() {
        if let Some(leaf) = is_leaf.get_mut(*parent) {
            *leaf = false;
        }
    }
    let mut sound = true;
    // Units found below each code, in order of appearance; more than two say no more than two.
    let mut below: Vec<Vec<String>> = vec![Vec::new(); items.len()];
    for (position, item) in items.iter().enumerate() {
        if !is_leaf.get(position).copied().unwrap_or(false) {
            continue;
        }
        let Some(unit) = inherited_unit(items, parents, position).or(default_unit) else {
            let place = Place { field: Some("unit".to_owned()), ..Place::line(file, item.line) };
            faults.push(place, Trouble::UnitMissing { code: item.code.clone() });
            sound = false;
            continue;
        };
        let mut at = Some(position);
        while let Some(here) = at {
            if let Some(units) = below.get_mut(here)
                && units.len() < 2
                && !units.iter().any(|known| known == unit)
            {
                units.push(unit.to_owned());
            }
            at = parents.get(here).copied().flatten();
        }
    }
    for (item, units) in items.iter().zip(&below) {
        if !item.unit.is_empty() && units.iter().any(|unit| *unit != item.unit) {
            let mut units = units.clone();
            if !units.contains(&item.unit) {
                units.push(item.unit.clone());
            }
            let place = Place { field: Some("unit".to_owned()), ..Place::line(file, item.line) };
            faults.push(place, Trouble::MixedUnits { parent: item.code.clone(), units });
            sound = false;
        }
    }
    if sound { Ok(Some(below)) } else { Err(Refused) }
}

fn inherited_unit<'i>(items: &'i [Item], parents: &[Option<usize>], position: usize) -> Option<&'i str> {
    let mut at = Some(position);
    while let Some(here) = at {
        let unit = items.get(here).map_or("", |item| item.unit.as_str());
        if !unit.is_empty() {
            return Some(unit);
        }
        at = parents.get(here).copied().flatten();
    }
    None
}
