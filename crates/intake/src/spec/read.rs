//! Keys of one TOML table: typed readers that push a fault with line and character and go on.

use std::ops::Range;

use disclosure::Ratio;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::fault::{FaultList, Place, Trouble};
use crate::nearest::nearest;
use crate::number::parse_parameter;

/// A line of the specification, from 1.
pub(super) type Line = u64;

/// The text of a file with its faults.
pub(super) struct Reader<'r> {
    file: &'r str,
    text: &'r str,
    pub(super) faults: &'r mut FaultList,
}

/// A table with the place of its head, for keys that are missing.
#[derive(Clone, Copy)]
pub(super) struct Section<'t> {
    pub(super) table: &'t DeTable<'t>,
    pub(super) at: usize,
    /// Named in front of its keys, such as `figures`; empty at the top.
    pub(super) name: &'t str,
}

impl<'t> Section<'t> {
    pub(super) fn get(&self, key: &str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.table.get(key)
    }

    fn path(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }
}

impl<'r> Reader<'r> {
    pub(super) fn new(file: &'r str, text: &'r str, faults: &'r mut FaultList) -> Self {
        Self { file, text, faults }
    }

    /// Line and character of a byte offset, both from 1.
    pub(super) fn position(&self, offset: usize) -> (Line, u64) {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.bytes().filter(|&byte| byte == b'\n').count() as u64 + 1;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before.get(start..).unwrap_or_default().chars().count() as u64 + 1;
        (line, column)
    }

    pub(super) fn fault(&mut self, offset: usize, field: Option<String>, trouble: Trouble) {
        let (line, column) = self.position(offset);
        let place = Place { file: self.file.to_owned(), line: Some(line), column: Some(column), field };
        self.faults.push(place, trouble);
    }

    /// Refuses keys that are not known.
    pub(super) fn only(&mut self, section: Section<'_>, known: &[&str]) {
        for (key, _) in section.table.iter() {
            let name = key.get_ref();
            if !known.contains(&name.as_ref()) {
                let near = nearest(name, known.iter().copied());
                let path = section.path(name);
                let trouble = Trouble::KeyUnknown { key: path.clone(), near };
                self.fault(key.span().start, Some(path), trouble);
            }
        }
    }

    pub(super) fn missing(&mut self, section: Section<'_>, key: &str) {
        let path = section.path(key);
        self.fault(section.at, Some(path.clone()), Trouble::KeyMissing { key: path });
    }

    pub(super) fn wrong_type(
        &mut self,
        section: Section<'_>,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        expected: &'static str,
    ) {
        let found = value.get_ref().type_str();
        self.fault(value.span().start, Some(section.path(key)), Trouble::WrongType { expected, found });
    }

    pub(super) fn bad(&mut self, section: Section<'_>, key: &str, span: Range<usize>, allowed: &'static str) {
        let found = self.text.get(span.clone()).unwrap_or_default().trim().to_owned();
        self.fault(span.start, Some(section.path(key)), Trouble::BadParameter { found, allowed });
    }

    /// A text; not there is fine.
    pub(super) fn text(&mut self, section: Section<'_>, key: &str) -> Option<String> {
        let value = section.get(key)?;
        match value.get_ref() {
            DeValue::String(text) if !text.is_empty() => Some(text.clone().into_owned()),
            DeValue::String(_) => {
                self.bad(section, key, value.span(), "a text that is not empty");
                None
            }
            _ => {
                self.wrong_type(section, key, value, "a text");
                None
            }
        }
    }

    /// A text that must be there. `None` is always accompanied by a fault.
    pub(super) fn required_text(&mut self, section: Section<'_>, key: &str) -> Option<String> {
        if section.get(key).is_none() {
            self.missing(section, key);
        }
        self.text(section, key)
    }

    pub(super) fn flag(&mut self, section: Section<'_>, key: &str) -> Option<bool> {
        let value = section.get(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong_type(section, key, value, "true or false");
        }
        flag
    }

    /// A whole number within bounds.
    pub(super) fn whole(
        &mut self,
        section: Section<'_>,
        key: &str,
        bounds: std::ops::RangeInclusive<i64>,
        allowed: &'static str,
    ) -> Option<i64> {
        let value = section.get(key)?;
        let DeValue::Integer(integer) = value.get_ref() else {
            match value.get_ref() {
                DeValue::Float(_) => self.bad(section, key, value.span(), allowed),
                _ => self.wrong_type(section, key, value, "a whole number"),
            }
            return None;
        };
        let whole = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
        let whole = whole.filter(|whole| bounds.contains(whole));
        if whole.is_none() {
            self.bad(section, key, value.span(), allowed);
        }
        whole
    }

    /// The decimal text of a number: an integer, a float as written, or a text.
    fn number_text(&mut self, section: Section<'_>, key: &str) -> Option<(String, Range<usize>)> {
        let value = section.get(key)?;
        Some((self.text_of_number(section, key, value)?, value.span()))
    }

    fn text_of_number(
        &mut self,
        section: Section<'_>,
        key: &str,
        value: &Spanned<DeValue<'_>>,
    ) -> Option<String> {
        match value.get_ref() {
            DeValue::Integer(integer) if integer.radix() == 10 => Some(integer.as_str().to_owned()),
            DeValue::Float(float) => Some(float.as_str().to_owned()),
            DeValue::String(text) => Some(text.clone().into_owned()),
            _ => {
                self.wrong_type(section, key, value, "a number");
                None
            }
        }
    }

    /// An exact number, at least 0, that `accept` takes.
    pub(super) fn ratio(
        &mut self,
        section: Section<'_>,
        key: &str,
        allowed: &'static str,
        accept: impl Fn(Ratio) -> bool,
    ) -> Option<Ratio> {
        let (text, span) = self.number_text(section, key)?;
        let ratio = match parse_parameter(&text) {
            Some((negative, ratio)) if (!negative || ratio.is_zero()) && accept(ratio) => Some(ratio),
            _ => None,
        };
        if ratio.is_none() {
            self.bad(section, key, span, allowed);
        }
        ratio
    }

    /// A decimal number as whole units of a scale.
    pub(super) fn units(
        &mut self,
        section: Section<'_>,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        decimals: u32,
    ) -> Option<i64> {
        let text = self.text_of_number(section, key, value)?;
        let units = crate::number::parse_units(&text.replace('_', ""), decimals).ok();
        if units.is_none() {
            self.bad(section, key, value.span(), "a number with no more than the declared decimals");
        }
        units
    }

    /// A list of texts; not there is fine.
    pub(super) fn texts(&mut self, section: Section<'_>, key: &str) -> Option<Vec<String>> {
        let value = section.get(key)?;
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong_type(section, key, value, "a list of texts");
            return None;
        };
        if items.len() > crate::limits::LIST_MAX {
            let limit = crate::limits::LIST_MAX as u64;
            self.fault(
                value.span().start,
                Some(section.path(key)),
                Trouble::TooLarge { what: "entries", limit },
            );
            return None;
        }
        let mut texts = Vec::with_capacity(items.len());
        for item in items.iter() {
            match item.get_ref() {
                DeValue::String(text) => texts.push(text.clone().into_owned()),
                _ => self.wrong_type(section, key, item, "a text"),
            }
        }
        Some(texts)
    }

    /// A table under a key.
    pub(super) fn section<'t>(&mut self, parent: Section<'t>, key: &'t str) -> Option<Section<'t>> {
        let value = parent.get(key)?;
        match value.get_ref() {
            DeValue::Table(table) => Some(Section { table, at: value.span().start, name: key }),
            _ => {
                self.wrong_type(parent, key, value, "a table");
                None
            }
        }
    }

    /// The tables of a list under a key.
    pub(super) fn sections<'t>(&mut self, parent: Section<'t>, key: &'t str) -> Vec<Section<'t>> {
        let Some(value) = parent.get(key) else { return Vec::new() };
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong_type(parent, key, value, "a list of tables");
            return Vec::new();
        };
        if items.len() > crate::limits::LIST_MAX {
            let limit = crate::limits::LIST_MAX as u64;
            self.fault(
                value.span().start,
                Some(parent.path(key)),
                Trouble::TooLarge { what: "entries", limit },
            );
            return Vec::new();
        }
        let mut sections = Vec::with_capacity(items.len());
        for item in items.iter() {
            match item.get_ref() {
                DeValue::Table(table) => sections.push(Section { table, at: item.span().start, name: key }),
                _ => self.wrong_type(parent, key, item, "a table"),
            }
        }
        sections
    }
}
