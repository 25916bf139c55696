//! All rows together: contributors in order, vintages, repeated rows, totals within range.

use std::collections::BTreeMap;

use disclosure::Figure;
use disclosure::hierarchy::{Hierarchy, NodeId};
use disclosure::problem::UnitId;

use super::reader::{RecordReader, Row};
use super::{Contributor, Record, Records};
use crate::codes::CodeList;
use crate::cost::Costs;
use crate::fault::{FaultList, Place, Trouble};
use crate::number::decimal_text;
use crate::spec::Repeated;

/// Sorts and sums the rows; a cost for each latest record.
pub(super) fn settle(
    mut reader: RecordReader<'_>,
    roster: Option<BTreeMap<String, String>>,
    faults: &mut FaultList,
) -> (Records, Costs) {
    let (contributors, units, numbers) = contributors(&mut reader, roster.unwrap_or_default(), faults);
    let (vintages, ranks) = vintages(&mut reader);
    let mut rows = std::mem::take(&mut reader.rows);
    for row in &mut rows {
        row.contributor = numbers.get(row.contributor as usize).copied().unwrap_or(row.contributor);
        row.vintage = ranks.get(row.vintage as usize).copied().unwrap_or(0);
    }
    rows.sort_unstable_by_key(|row| (row.contributor, row.key, row.vintage, row.line));
    let sizes = reader.lists().iter().map(|list| list.hierarchy().len() as u64).collect();
    let unit = reader.units_seen.keys().next().cloned();
    let mut records = Records {
        contributors,
        units,
        latest: Vec::new(),
        superseded: Vec::new(),
        vintages,
        unit,
        strides: reader.strides.to_vec(),
        sizes,
    };
    let mut repeated = 0;
    let mut costs = Vec::new();
    for cell in rows.chunk_by(|a, b| (a.contributor, a.key) == (b.contributor, b.key)) {
        let last_vintage = cell.last().map_or(0, |row| row.vintage);
        for rows in cell.chunk_by(|a, b| a.vintage == b.vintage) {
            let Some(record) = one_record(&reader, rows, &mut repeated, faults) else { continue };
            if record.vintage != last_vintage {
                records.superseded.push(record);
                continue;
            }
            records.latest.push(record);
            let sum = rows.iter().fold(0_u64, |sum, row| sum.saturating_add(row.cost));
            costs.push(Some(sum));
        }
    }
    if repeated > 0 {
        faults.push(Place::file(&reader.figures.file), Trouble::RepeatedRows { rows: repeated });
    }
    push_totals_out_of_range(&records, &reader, faults);
    (records, Costs::from_finest(costs))
}

/// The rows of one contributor, cell and vintage as one.
fn one_record(
    reader: &RecordReader<'_>,
    rows: &[Row],
    repeated: &mut u64,
    faults: &mut FaultList,
) -> Option<Record> {
    let (first, more) = rows.split_first()?;
    let mut sum = i128::from(first.units);
    for row in more {
        match reader.figures.repeated {
            Repeated::Reject => {
                let trouble = Trouble::DuplicateRecord { first_line: first.line };
                faults.push(reader.place(row.line, 0), trouble);
            }
            Repeated::Sum => {
                *repeated += 1;
                sum += i128::from(row.units);
            }
        }
    }
    match i64::try_from(sum) {
        Ok(units) if units.abs() < Figure::LIMIT => {
            let figure = Figure::new(units);
            let Row { contributor, key, vintage, line, .. } = *first;
            Some(Record { contributor, key, figure, vintage, line })
        }
        _ => {
            faults.push(reader.place(first.line, reader.lists().len() + 1), reader.bounds.trouble());
            None
        }
    }
}

type Numbered = (Vec<Contributor>, Vec<String>, Vec<u32>);

/// Contributors in ascending order of their codes, the names of their units, and the new number of each old one.
fn contributors(
    reader: &mut RecordReader<'_>,
    mut roster: BTreeMap<String, String>,
    faults: &mut FaultList,
) -> Numbered {
    let names = std::mem::take(&mut reader.contributors.names);
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_unstable_by_key(|&old| names.get(old));
    let mut numbers = vec![0_u32; names.len()];
    let mut contributors = Vec::with_capacity(names.len());
    let mut units: Vec<String> = Vec::new();
    let mut unit_of_holding: BTreeMap<u32, u32> = BTreeMap::new();
    for (new, old) in (0_u32..).zip(order) {
        let (Some(code), Some(standing)) = (names.get(old), reader.standings.get(old)) else { continue };
        if let Some(number) = numbers.get_mut(old) {
            *number = new;
        }
        let next = u32::try_from(units.len()).unwrap_or(u32::MAX);
        let unit = match standing.holding {
            Some((holding, _)) => *unit_of_holding.entry(holding).or_insert(next),
            None => next,
        };
        if unit == next {
            let holding =
                standing.holding.and_then(|(holding, _)| reader.holdings.names.get(holding as usize));
            let name = holding.filter(|name| !name.starts_with('\u{0}')).unwrap_or(code);
            units.push(name.clone());
        }
        let waived = standing.rows > 0 && standing.waived_rows == standing.rows;
        if standing.waived_rows > 0 && !waived {
            let trouble = Trouble::PartialWaiver { contributor: code.clone() };
            faults.push(Place::file(&reader.figures.file), trouble);
        }
        contributors.push(Contributor {
            code: code.clone(),
            title: roster.remove(code).unwrap_or_default(),
            unit: UnitId(unit),
            waived,
            has_records: standing.rows > 0,
        });
    }
    (contributors, units, numbers)
}

/// Vintages oldest first, and the rank of each as read: by number where all are numbers, otherwise by text, which
/// orders dates of ISO 8601.
fn vintages(reader: &mut RecordReader<'_>) -> (Vec<String>, Vec<u32>) {
    let names = std::mem::take(&mut reader.vintages.names);
    let number = |name: &String| name.parse::<u64>().ok();
    let all_numbers = names.iter().all(|name| number(name).is_some());
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by_key(|&old| {
        let name = names.get(old);
        (if all_numbers { name.and_then(number) } else { None }, name)
    });
    let mut ranks = vec![0_u32; names.len()];
    for (rank, &old) in (0_u32..).zip(&order) {
        if let Some(slot) = ranks.get_mut(old) {
            *slot = rank;
        }
    }
    (order.iter().filter_map(|&old| names.get(old).cloned()).collect(), ranks)
}

/// Every cell lies below one combination of roots, so its total is at most that of the roots.
fn push_totals_out_of_range(records: &Records, reader: &RecordReader<'_>, faults: &mut FaultList) {
    let amount = |record: &Record| i128::from(record.figure.open().unsigned_abs());
    if records.latest.iter().map(amount).sum::<i128>() < i128::from(Figure::LIMIT) {
        // No total exceeds all figures together.
        return;
    }
    let roots: Vec<Vec<NodeId>> = reader.lists().iter().map(|list| roots(list.hierarchy())).collect();
    let mut totals: BTreeMap<Vec<NodeId>, i128> = BTreeMap::new();
    let mut nodes = Vec::new();
    for record in &records.latest {
        records.nodes_into(record.key, &mut nodes);
        for (node, roots) in nodes.iter_mut().zip(&roots) {
            *node = roots.get(node.index()).copied().unwrap_or(*node);
        }
        *totals.entry(nodes.clone()).or_default() += amount(record);
    }
    for (nodes, total) in totals {
        if total >= i128::from(Figure::LIMIT) {
            let codes = reader.lists().iter().map(CodeList::hierarchy).zip(&nodes);
            let cell: Vec<&str> = codes.map(|(tree, &node)| tree.code(node)).collect();
            let limit = decimal_text(Figure::LIMIT, reader.figures.decimals);
            let trouble = Trouble::TotalOutOfRange { cell: cell.join("|"), limit };
            faults.push(Place::file(&reader.figures.file), trouble);
        }
    }
}

/// The root above each node.
pub(crate) fn roots(tree: &Hierarchy) -> Vec<NodeId> {
    let mut roots: Vec<NodeId> = Vec::with_capacity(tree.len());
    for node in tree.nodes() {
        // Depth-first order: the parent's entry stands before.
        let root = tree.parent(node).and_then(|parent| roots.get(parent.index()).copied());
        roots.push(root.unwrap_or(node));
    }
    roots
}
