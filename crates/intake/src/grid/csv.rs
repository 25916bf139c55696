//! CSV by RFC 4180, strictly: commas, quotation marks doubled inside quoted fields, CRLF, LF or CR line ends.
//!
//! Written here because lenient readers lose records silently: an opening quotation mark without its partner
//! swallows every row up to the next one, and the table is smaller without a word. Here text after a closing
//! mark, a mark inside a bare field and a mark that is never closed are faults with their line.

use std::borrow::Cow;

use super::{Visitor, accept_field, accept_header, accept_row};
use crate::fault::{FaultList, Place, Trouble};

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    line: u64,
}

enum End {
    Field,
    Record,
}

struct BadQuoting;

/// Reads the text's rows into the visitor. Blank lines are passed over.
pub(super) fn read(file: &str, text: &str, visitor: &mut dyn Visitor, faults: &mut FaultList) {
    let mut scanner = Scanner { text, at: 0, line: 1 };
    let mut record: Vec<Cow<'_, str>> = Vec::new();
    let Some(line) = scanner.skip_blank() else {
        faults.push(Place::file(file), Trouble::NoHeader);
        return;
    };
    if scanner.record(&mut record).is_err() {
        faults.push(Place::line(file, line), Trouble::BadQuoting);
        return;
    }
    let header: Vec<String> = record.iter().map(|field| field.clone().into_owned()).collect();
    if !accept_header(file, &header, faults) {
        return;
    }
    let Some(picked) = visitor.header(&header, faults) else { return };
    let mut fields: Vec<Cow<'_, str>> = Vec::with_capacity(picked.len());
    let mut rows = 0;
    while let Some(line) = scanner.skip_blank() {
        if !accept_row(file, line, rows, faults) {
            return;
        }
        rows += 1;
        if scanner.record(&mut record).is_err() {
            faults.push(Place::line(file, line), Trouble::BadQuoting);
            scanner.skip_line();
            continue;
        }
        if record.len() != header.len() {
            let trouble = Trouble::WrongWidth { found: record.len(), expected: header.len() };
            faults.push(Place::line(file, line), trouble);
            continue;
        }
        if !record.iter().enumerate().all(|(column, field)| accept_field(file, line, column, field, faults)) {
            continue;
        }
        fields.clear();
        fields.extend(picked.iter().filter_map(|&column| record.get(column).cloned()));
        visitor.row(line, &fields, faults);
    }
}

impl<'t> Scanner<'t> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Passes over empty lines; the line on which the next record begins, or `None` at the end of the text.
    fn skip_blank(&mut self) -> Option<u64> {
        while self.line_end() {}
        self.peek().map(|_| self.line)
    }

    /// Takes one line end, if one is next.
    fn line_end(&mut self) -> bool {
        match self.peek() {
            Some(b'\n') => self.at += 1,
            Some(b'\r') => {
                self.at += 1;
                if self.peek() == Some(b'\n') {
                    self.at += 1;
                }
            }
            _ => return false,
        }
        self.line += 1;
        true
    }

    fn skip_line(&mut self) {
        while self.peek().is_some() && !self.line_end() {
            self.at += 1;
        }
    }

    fn record(&mut self, record: &mut Vec<Cow<'t, str>>) -> Result<(), BadQuoting> {
        record.clear();
        loop {
            let (field, end) = if self.peek() == Some(b'"') { self.quoted()? } else { self.bare()? };
            record.push(field);
            if let End::Record = end {
                return Ok(());
            }
        }
    }

    fn bare(&mut self) -> Result<(Cow<'t, str>, End), BadQuoting> {
        let start = self.at;
        while let Some(byte) = self.peek() {
            match byte {
                b',' | b'\n' | b'\r' => break,
                b'"' => return Err(BadQuoting),
                _ => self.at += 1,
            }
        }
        let field = Cow::Borrowed(self.slice(start, self.at));
        self.end().map(|end| (field, end))
    }

    fn quoted(&mut self) -> Result<(Cow<'t, str>, End), BadQuoting> {
        let (begin, begin_line) = (self.at, self.line);
        self.at += 1;
        let mut start = self.at;
        let mut doubled = String::new();
        loop {
            match self.peek() {
                None => {
                    // Never closed: go back, so that the rows after this line are still read.
                    (self.at, self.line) = (begin, begin_line);
                    return Err(BadQuoting);
                }
                Some(b'"') if self.text.as_bytes().get(self.at + 1) == Some(&b'"') => {
                    doubled.push_str(self.slice(start, self.at + 1));
                    self.at += 2;
                    start = self.at;
                }
                Some(b'"') => break,
                Some(b'\n' | b'\r') => {
                    self.line_end();
                }
                Some(_) => self.at += 1,
            }
        }
        let last = self.slice(start, self.at);
        self.at += 1;
        let field = if doubled.is_empty() { Cow::Borrowed(last) } else { Cow::Owned(doubled + last) };
        self.end().map(|end| (field, end))
    }

    fn end(&mut self) -> Result<End, BadQuoting> {
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                Ok(End::Field)
            }
            None => Ok(End::Record),
            Some(_) if self.line_end() => Ok(End::Record),
            Some(_) => Err(BadQuoting),
        }
    }

    fn slice(&self, from: usize, to: usize) -> &'t str {
        // Both ends stand beside ASCII marks, so they are character boundaries.
        self.text.get(from..to).unwrap_or_default()
    }
}
