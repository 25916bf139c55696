//! Who may contribute: names in the specification, or a file with a column `code` (otherwise the first column)
//! and optionally `title`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::fault::{FaultList, Place, Trouble};
use crate::files::Files;
use crate::grid::{self, Visitor};
use crate::spec::Roster;

/// The declared contributors: codes in ascending order, with titles.
pub(crate) fn read(roster: &Roster, files: &dyn Files, faults: &mut FaultList) -> BTreeMap<String, String> {
    match roster {
        Roster::Listed(codes) => codes.iter().map(|code| (code.clone(), String::new())).collect(),
        Roster::File(file) => {
            let mut visitor = RosterReader { file, codes: BTreeMap::new(), has_title: false };
            grid::read(&grid::Source { name: file, sheet: None }, files, &mut visitor, faults);
            visitor.codes
        }
    }
}

struct RosterReader<'f> {
    file: &'f str,
    codes: BTreeMap<String, String>,
    has_title: bool,
}

impl Visitor for RosterReader<'_> {
    fn header(&mut self, header: &[String], _: &mut FaultList) -> Option<Vec<usize>> {
        let find = |name: &str| header.iter().position(|column| column == name);
        let mut picked = vec![find("code").unwrap_or(0)];
        picked.extend(find("title"));
        self.has_title = picked.len() > 1;
        Some(picked)
    }

    fn row(&mut self, line: u64, fields: &[Cow<'_, str>], faults: &mut FaultList) {
        let Some(code) = fields.first() else { return };
        if code.is_empty() {
            faults.push(Place::line(self.file, line), Trouble::CodeMissing);
            return;
        }
        let title = if self.has_title { fields.get(1).map(ToString::to_string) } else { None };
        if self.codes.insert(code.to_string(), title.unwrap_or_default()).is_some() {
            let trouble = Trouble::DuplicateCode { code: code.to_string(), first_line: 1 };
            faults.push(Place::line(self.file, line), trouble);
        }
    }
}
