//! Code lists: the codes of one spanning variable with parents, titles and units.
//!
//! Two headers are taken: `child,parent`, where the root is never a child, and `code,parent`, where the root's
//! parent is empty; both may have the columns `level`, `title` and `unit`. Codes are text: `01` stays `01`.
//! A file describes one tree; ragged trees and single children are fine.
//!
//! Units: where a code list has them, a margin exists only where all lowest codes below it share one (DESIGN,
//! section 6). Codes without a common unit are left out of the hierarchy, which then has several roots. A code
//! that declares a unit which its lowest codes do not share asks for a total that means nothing: `mixed-units`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use disclosure::hierarchy::{Hierarchy, HierarchyError, NodeId};

use crate::fault::{FaultList, Place, Trouble};
use crate::files::Files;
use crate::grid::{self, Visitor};
use crate::nearest::nearest;

mod tree;
mod version;

pub use version::CommonLeaves;

/// The codes of one spanning variable.
#[derive(Clone, Debug)]
pub struct CodeList {
    hierarchy: Hierarchy,
    titles: Vec<String>,
    units: Vec<Option<String>>,
    has_units: bool,
    left_out: BTreeMap<String, LeftOut>,
}

/// A code that has no total, because the lowest codes below it do not share a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its title; may be empty.
    pub title: String,
    /// Two of the units below it.
    pub units: Vec<String>,
}

impl CodeList {
    /// The codes as a forest: those without a common unit are not in it.
    #[must_use]
    pub fn hierarchy(&self) -> &Hierarchy {
        &self.hierarchy
    }

    /// The title of a code; the code itself where the list has none.
    #[must_use]
    pub fn title(&self, node: NodeId) -> &str {
        match self.titles.get(node.index()) {
            Some(title) if !title.is_empty() => title,
            _ => self.hierarchy.code(node),
        }
    }

    /// The unit of a code, where the list has units.
    #[must_use]
    pub fn unit(&self, node: NodeId) -> Option<&str> {
        self.units.get(node.index())?.as_deref()
    }

    /// Whether the list says the units.
    #[must_use]
    pub fn has_units(&self) -> bool {
        self.has_units
    }

    /// Codes without a common unit: they have no total.
    #[must_use]
    pub fn left_out(&self) -> &BTreeMap<String, LeftOut> {
        &self.left_out
    }

    /// Reads a code list; `default_unit` is that of codes for which the list, having units, says none.
    ///
    /// `None` is always accompanied by a fault that rejects.
    pub(crate) fn read(
        variable: &str,
        file: &str,
        default_unit: Option<&str>,
        files: &dyn Files,
        faults: &mut FaultList,
    ) -> Option<Self> {
        let items = read_items(file, files, faults)?;
        let parents = tree::parents(file, &items, faults)?;
        let units = tree::units(file, &items, &parents, default_unit, faults).ok()?;
        Self::assemble(variable, file, items, &parents, units, faults)
    }

    fn assemble(
        variable: &str,
        file: &str,
        items: Vec<Item>,
        parents: &[Option<usize>],
        units: Option<Vec<Vec<String>>>,
        faults: &mut FaultList,
    ) -> Option<Self> {
        let kept = |position: usize| match &units {
            Some(units) => units.get(position).is_some_and(|units| units.len() == 1),
            None => true,
        };
        let mut places: Vec<Option<usize>> = Vec::with_capacity(items.len());
        let mut next = 0;
        for position in 0..items.len() {
            places.push(kept(position).then_some(next));
            next += usize::from(kept(position));
        }
        let place_of = |position: usize| places.get(position).copied().flatten();
        let mut codes = Vec::with_capacity(next);
        let mut left_out = BTreeMap::new();
        for (position, item) in items.iter().enumerate() {
            if kept(position) {
                let parent = parents.get(position).copied().flatten();
                codes.push((item.code.clone(), parent.and_then(place_of)));
            } else {
                let units = units.as_ref().and_then(|units| units.get(position)).cloned().unwrap_or_default();
                left_out.insert(item.code.clone(), LeftOut { title: item.title.clone(), units });
            }
        }
        let hierarchy = match Hierarchy::new(variable, codes) {
            Ok(hierarchy) => hierarchy,
            Err(error) => {
                faults.push(Place::file(file), trouble_of(error));
                return None;
            }
        };
        let mut list = Self {
            titles: vec![String::new(); hierarchy.len()],
            units: vec![None; hierarchy.len()],
            has_units: units.is_some(),
            hierarchy,
            left_out,
        };
        let mut units = units.unwrap_or_default();
        units.resize(items.len(), Vec::new());
        for (item, mut unit) in items.into_iter().zip(units) {
            let Some(node) = list.hierarchy.node(&item.code) else { continue };
            if let (Some(title), Some(slot)) =
                (list.titles.get_mut(node.index()), list.units.get_mut(node.index()))
            {
                *title = item.title;
                *slot = unit.pop();
            }
        }
        Some(list)
    }
}

fn trouble_of(error: HierarchyError) -> Trouble {
    match error {
        HierarchyError::TooLarge { what, limit, .. } => Trouble::TooLarge { what, limit: limit as u64 },
        HierarchyError::Empty { .. } => Trouble::NoRecords,
        HierarchyError::Duplicate { code, .. } => Trouble::DuplicateCode { code, first_line: 1 },
        HierarchyError::UnknownParent { code, .. } => {
            Trouble::OrphanCode { code, parent: None, near: Vec::new() }
        }
        HierarchyError::Cycle { code, .. } => Trouble::HierarchyCycle { cycle: vec![code.clone(), code] },
    }
}

/// One code as it stands in the file.
#[derive(Debug)]
struct Item {
    code: String,
    /// `None` at a root, and at a parent of a `child,parent` list that is never a child.
    parent: Option<String>,
    title: String,
    unit: String,
    line: u64,
    /// A parent that has no line of its own.
    implied: bool,
}

#[derive(Default)]
struct ItemReader<'f> {
    file: &'f str,
    child_form: bool,
    /// Positions among the picked columns.
    title: Option<usize>,
    unit: Option<usize>,
    /// Columns of code and parent in the file.
    columns: (usize, usize),
    items: Vec<Item>,
    index: BTreeMap<String, usize>,
}

fn read_items(file: &str, files: &dyn Files, faults: &mut FaultList) -> Option<Vec<Item>> {
    let mut visitor = ItemReader { file, ..ItemReader::default() };
    let mut own = FaultList::default();
    grid::read(&grid::Source { name: file, sheet: None }, files, &mut visitor, &mut own);
    let refused = own.rejects();
    faults.append(own);
    if refused {
        return None;
    }
    if visitor.child_form {
        visitor.add_implied();
    }
    if visitor.items.is_empty() {
        faults.push(Place::file(file), Trouble::NoRecords);
        return None;
    }
    Some(visitor.items)
}

impl ItemReader<'_> {
    /// Parents that are never children become codes of their own, at the line that names them first.
    fn add_implied(&mut self) {
        let mut implied: Vec<(String, u64)> = Vec::new();
        for item in &self.items {
            if let Some(parent) = &item.parent
                && !self.index.contains_key(parent)
            {
                self.index.insert(parent.clone(), self.items.len() + implied.len());
                implied.push((parent.clone(), item.line));
            }
        }
        self.items.extend(implied.into_iter().map(|(code, line)| Item {
            code,
            parent: None,
            title: String::new(),
            unit: String::new(),
            line,
            implied: true,
        }));
    }
}

impl Visitor for ItemReader<'_> {
    fn header(&mut self, header: &[String], faults: &mut FaultList) -> Option<Vec<usize>> {
        let find = |name: &str| header.iter().position(|column| column == name);
        self.child_form = find("child").is_some() && find("code").is_none();
        let code_name = if self.child_form { "child" } else { "code" };
        let expected = [code_name, "parent"];
        let code = grid::column(self.file, header, code_name, &expected, faults);
        let parent = grid::column(self.file, header, "parent", &expected, faults);
        let mut picked = vec![code?, parent?];
        self.columns = (code?, parent?);
        for (slot, name) in [(&mut self.title, "title"), (&mut self.unit, "unit")] {
            if let Some(column) = find(name) {
                *slot = Some(picked.len());
                picked.push(column);
            }
        }
        Some(picked)
    }

    fn row(&mut self, line: u64, fields: &[Cow<'_, str>], faults: &mut FaultList) {
        let [code, parent, ..] = fields else { return };
        let at =
            |slot: Option<usize>| slot.and_then(|slot| fields.get(slot)).map_or("", |field| field.as_ref());
        let (code_column, parent_column) = self.columns;
        let code_name = if self.child_form { "child" } else { "code" };
        if code.is_empty() {
            faults.push(Place::field(self.file, line, code_column, code_name), Trouble::CodeMissing);
            return;
        }
        if let Some(first) = self.index.get(code.as_ref()).and_then(|&position| self.items.get(position)) {
            let second = parent.as_ref();
            let same = first.parent.as_deref().unwrap_or_default() == second;
            if same {
                let trouble = Trouble::DuplicateCode { code: code.to_string(), first_line: first.line };
                faults.push(Place::field(self.file, line, code_column, code_name), trouble);
            } else {
                let trouble = Trouble::CodeInTwoParents {
                    code: code.to_string(),
                    first: first.parent.clone().unwrap_or_default(),
                    second: second.to_owned(),
                };
                faults.push(Place::field(self.file, line, parent_column, "parent"), trouble);
            }
            return;
        }
        self.index.insert(code.to_string(), self.items.len());
        self.items.push(Item {
            code: code.to_string(),
            parent: (!parent.is_empty()).then(|| parent.to_string()),
            title: at(self.title).to_owned(),
            unit: at(self.unit).to_owned(),
            line,
            implied: false,
        });
    }
}

/// The leaves below a code of a code list, or the whole list's codes where the code is not in it.
pub(crate) fn leaves_below(
    file: &str,
    code: &str,
    files: &dyn Files,
    faults: &mut FaultList,
) -> Option<Result<Vec<String>, Vec<String>>> {
    let list = CodeList::read(file, file, None, files, faults)?;
    let tree = list.hierarchy();
    let Some(top) = tree.node(code) else {
        return Some(Err(nearest(code, tree.nodes().map(|node| tree.code(node)))));
    };
    let below = |node: NodeId| {
        let mut at = Some(node);
        while let Some(here) = at {
            if here == top {
                return true;
            }
            at = tree.parent(here);
        }
        false
    };
    let leaves = tree.nodes().filter(|&node| tree.is_leaf(node) && below(node));
    Some(Ok(leaves.map(|node| tree.code(node).to_owned()).collect()))
}
