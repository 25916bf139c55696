//! The base of a document: columns, contributors, code trees and units, as clauses separated by semicolons.
//!
//! ```text
//! base    := clause { ";" clause }
//! clause  := "columns" name { "," name }
//!          | "known" plural name { name }              whose column is the contributor's
//!          | column "tree" code ">" "{" node { "," node } "}"
//!          | plural code { "," code }                   the codes of a flat variable
//!          | [ "unit of" ] code { "," code } "=" unit
//! ```
//! The columns `value` and `unit` hold the figure and its unit.

use std::collections::BTreeMap;

/// Codes of one variable with their parents; a code may stand several times once a phrase has put it there.
#[derive(Clone, Debug)]
pub(super) struct Codes {
    pub(super) column: String,
    pub(super) lines: Vec<(String, Option<String>)>,
}

impl Codes {
    pub(super) fn has(&self, code: &str) -> bool {
        self.lines.iter().any(|(known, _)| known == code)
    }

    pub(super) fn root(&self) -> &str {
        self.lines.iter().find(|(_, parent)| parent.is_none()).map_or("", |(code, _)| code)
    }

    pub(super) fn children<'c>(&'c self, code: &'c str) -> impl Iterator<Item = &'c str> {
        self.lines
            .iter()
            .filter(move |(_, parent)| parent.as_deref() == Some(code))
            .map(|(child, _)| child.as_str())
    }

    pub(super) fn leaves(&self) -> Vec<String> {
        let is_leaf = |code: &str| self.children(code).next().is_none();
        self.lines.iter().filter(|(code, _)| is_leaf(code)).map(|(code, _)| code.clone()).collect()
    }
}

/// The base.
#[derive(Clone, Debug, Default)]
pub(super) struct World {
    pub(super) columns: Vec<String>,
    pub(super) contributor: String,
    pub(super) contributors: Vec<String>,
    pub(super) variables: Vec<Codes>,
    /// Unit of each code that has one.
    pub(super) units: BTreeMap<String, String>,
}

impl World {
    pub(super) const VALUE: &'static str = "value";
    pub(super) const UNIT: &'static str = "unit";

    /// Reads the base, or says which clause is not understood.
    pub(super) fn parse(base: &str) -> Result<Self, String> {
        let mut world = Self::default();
        for clause in base.split(';').map(str::trim).filter(|clause| !clause.is_empty()) {
            world.clause(clause).ok_or_else(|| clause.to_owned())?;
        }
        let complete =
            !world.columns.is_empty() && !world.contributors.is_empty() && !world.variables.is_empty();
        if complete { Ok(world) } else { Err(base.to_owned()) }
    }

    fn clause(&mut self, clause: &str) -> Option<()> {
        if let Some(columns) = clause.strip_prefix("columns ") {
            self.columns = columns.split(',').map(|column| column.trim().to_owned()).collect();
            return Some(());
        }
        if let Some((codes, unit)) = clause.split_once('=') {
            let codes = codes.trim();
            for code in codes.strip_prefix("unit of ").unwrap_or(codes).split(',') {
                self.units.insert(code.trim().to_owned(), unit.trim().to_owned());
            }
            return Some(());
        }
        if let Some(known) = clause.strip_prefix("known ") {
            let (plural, names) = known.split_once(' ')?;
            self.contributor = self.column_of(plural)?;
            let names = names.split([' ', ',']).filter(|name| !name.is_empty());
            self.contributors = names.map(str::to_owned).collect();
            return Some(());
        }
        let (noun, rest) = clause.split_once(' ')?;
        let column = self.column_of(noun)?;
        let lines = match rest.trim().strip_prefix("tree ") {
            Some(tree) => parse_tree(tree)?,
            None => {
                let root = ("all".to_owned(), None);
                let codes = rest.split([',', ' ']).filter(|code| !code.is_empty());
                let below = codes.map(|code| (code.to_owned(), Some("all".to_owned())));
                std::iter::once(root).chain(below).collect()
            }
        };
        self.variables.push(Codes { column, lines });
        Some(())
    }

    /// The column that a noun names, in singular or plural.
    pub(super) fn column_of(&self, noun: &str) -> Option<String> {
        let is_plural = |column: &String| {
            noun.strip_suffix("ies").is_some_and(|stem| column.strip_suffix('y') == Some(stem))
                || noun.strip_suffix('s') == Some(column)
        };
        self.columns.iter().find(|&column| column == noun || is_plural(column)).cloned()
    }

    /// Position of a column in a row.
    pub(super) fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|known| known == column)
    }

    /// The variable in whose tree a code stands.
    pub(super) fn variable_of(&self, code: &str) -> Option<usize> {
        self.variables.iter().position(|codes| codes.has(code))
    }

    /// The variable with a tree of several levels, which codes without a place join; otherwise the first.
    pub(super) fn tree(&self) -> usize {
        let deep = |codes: &Codes| {
            codes
                .lines
                .iter()
                .any(|(_, parent)| parent.as_deref().is_some_and(|parent| parent != codes.root()))
        };
        self.variables.iter().position(deep).unwrap_or(0)
    }
}

/// `total>{land>{tank,gun},air>{jet}}`
fn parse_tree(text: &str) -> Option<Vec<(String, Option<String>)>> {
    const DEPTH_MAX: usize = 64;
    let mut lines: Vec<(String, Option<String>)> = Vec::new();
    let mut above: Vec<String> = Vec::new();
    let mut name = String::new();
    let flush = |name: &mut String, above: &[String], lines: &mut Vec<(String, Option<String>)>| {
        let code = std::mem::take(name).trim().to_owned();
        if !code.is_empty() {
            lines.push((code, above.last().cloned()));
        }
    };
    for mark in text.chars() {
        match mark {
            '{' if above.len() < DEPTH_MAX => above.push(lines.last()?.0.clone()),
            '{' => return None,
            '}' => {
                flush(&mut name, &above, &mut lines);
                above.pop()?;
            }
            ',' | '>' => flush(&mut name, &above, &mut lines),
            other => name.push(other),
        }
    }
    flush(&mut name, &above, &mut lines);
    (above.is_empty() && !lines.is_empty()).then_some(lines)
}
