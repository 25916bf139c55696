//! Rows of a file before anything is made of them: columns by name, fields as text, each row with its line.
//!
//! Two forms are read: comma separated values with one header line (RFC 4180, in UTF-8, with or without byte order mark, with either
//! line end), and a JSON array of flat objects. What is no table at all is a [`ReadError`]; a row that has another number of fields than
//! the header is left out and named in [`Table::misshapen`].

use std::fmt;

use serde::Deserializer as _;
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};

/// Most bytes of a file.
pub const BYTES_MAX: usize = 256 << 20;
/// Most rows of a file.
pub const ROWS_MAX: usize = 1_000_000;
/// Most columns of a file.
pub const COLUMNS_MAX: usize = 64;
/// Most bytes of a field.
pub const FIELD_BYTES_MAX: usize = 64 << 10;

/// Why a file is no table that can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The file is too long.
    #[error("`{file}` has {bytes} bytes, more than {BYTES_MAX}")]
    Bytes {
        /// Name of the file.
        file: String,
        /// Its length.
        bytes: usize,
    },
    /// It has too many rows.
    #[error("`{file}` has more than {ROWS_MAX} rows")]
    Rows {
        /// Name of the file.
        file: String,
    },
    /// It has too many columns.
    #[error("`{file}` has more than {COLUMNS_MAX} columns")]
    Columns {
        /// Name of the file.
        file: String,
    },
    /// One field is too long, as after a quote that is never closed.
    #[error("line {line} of `{file}` has a field of more than {FIELD_BYTES_MAX} bytes")]
    Field {
        /// Name of the file.
        file: String,
        /// Where its row begins.
        line: u64,
    },
    /// It is not text in UTF-8.
    #[error("`{file}` is not text in UTF-8")]
    Text {
        /// Name of the file.
        file: String,
    },
    /// It is JSON, but no array of flat objects.
    #[error("`{file}` is not a JSON array of flat objects: {why}")]
    Json {
        /// Name of the file.
        file: String,
        /// What the reader met, and where.
        why: String,
    },
    /// A column that is needed is not there.
    #[error("`{file}` has no column `{column}`")]
    ColumnMissing {
        /// Name of the file.
        file: String,
        /// The column.
        column: &'static str,
    },
    /// Two columns have one name.
    #[error("`{file}` has two columns `{column}`")]
    ColumnDoubled {
        /// Name of the file.
        file: String,
        /// The column.
        column: String,
    },
    /// No file of standards was given.
    #[error("no table of standards was given")]
    NoStandards,
}

impl ReadError {
    /// What to do about it.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::Bytes { .. } | Self::Rows { .. } | Self::Columns { .. } => {
                "a registry of this size is not one file; check that the right one was given"
            }
            Self::Field { .. } => "look for a quotation mark in that line that is never closed",
            Self::Text { .. } => "export it again as CSV in UTF-8, or as JSON",
            Self::Json { .. } => {
                "write one array of objects whose values are texts, numbers or lists of texts"
            }
            Self::ColumnMissing { .. } => "name the columns in the first line; names are in lower case",
            Self::ColumnDoubled { .. } => "rename or remove one of the two",
            Self::NoStandards => "give the table of standards; edges and the rest are optional",
        }
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    line: u64,
    fields: csv::StringRecord,
}

impl Row {
    /// Its line in the file; of JSON the place of the object in the array, counted from one.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The field at this place, empty where there is none.
    #[must_use]
    pub fn field(&self, place: usize) -> &str {
        self.fields.get(place).unwrap_or_default()
    }
}

/// A file as rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    columns: Vec<String>,
    rows: Vec<Row>,
    misshapen: Vec<(u64, usize)>,
}

impl Table {
    /// Reads a file in either form; `file` is its name in messages.
    ///
    /// # Errors
    /// [`ReadError`] for what is no table, or is past a limit.
    pub fn read(file: &str, bytes: &[u8]) -> Result<Self, ReadError> {
        if bytes.len() > BYTES_MAX {
            return Err(ReadError::Bytes { file: file.to_owned(), bytes: bytes.len() });
        }
        let text = std::str::from_utf8(bytes).map_err(|_| ReadError::Text { file: file.to_owned() })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let table = if text.trim_start().starts_with('[') {
            Self::from_json(file, text)?
        } else {
            Self::from_csv(file, text)?
        };
        let mut names: Vec<&String> = table.columns.iter().collect();
        names.sort();
        let doubled = names.windows(2).find_map(|pair| match pair {
            [one, other] if one == other => Some((*one).clone()),
            _ => None,
        });
        match doubled {
            Some(column) => Err(ReadError::ColumnDoubled { file: file.to_owned(), column }),
            None => Ok(table),
        }
    }

    /// Names of the columns.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The place of a column.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// Rows in the order of the file.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Lines that were left out because they have another number of fields than the header, with that number.
    #[must_use]
    pub fn misshapen(&self) -> &[(u64, usize)] {
        &self.misshapen
    }

    fn from_csv(file: &str, text: &str) -> Result<Self, ReadError> {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let mut table = Self::default();
        let mut fields = csv::StringRecord::new();
        let mut header = true;
        // The reader cannot fail: the text is UTF-8 already, and rows may have any number of fields.
        while reader.read_record(&mut fields).unwrap_or(false) {
            let line = fields.position().map_or(0, |at| line(text, at));
            if fields.iter().any(|field| field.len() > FIELD_BYTES_MAX) {
                return Err(ReadError::Field { file: file.to_owned(), line });
            }
            if header {
                header = false;
                if fields.len() > COLUMNS_MAX {
                    return Err(ReadError::Columns { file: file.to_owned() });
                }
                table.columns = fields.iter().map(|name| name.trim().to_owned()).collect();
            } else {
                table.take(file, line, fields.clone())?;
            }
        }
        Ok(table)
    }

    fn take(&mut self, file: &str, line: u64, fields: csv::StringRecord) -> Result<(), ReadError> {
        if self.rows.len() + self.misshapen.len() >= ROWS_MAX {
            return Err(ReadError::Rows { file: file.to_owned() });
        }
        if fields.len() == self.columns.len() {
            self.rows.push(Row { line, fields });
        } else {
            self.misshapen.push((line, fields.len()));
        }
        Ok(())
    }

    fn from_json(file: &str, text: &str) -> Result<Self, ReadError> {
        let mut objects = Objects::default();
        let mut reader = serde_json::Deserializer::from_str(text);
        let read = objects.deserialize(&mut reader).and_then(|()| reader.end());
        if let Err(error) = read {
            return Err(objects.over.map_or_else(
                || ReadError::Json { file: file.to_owned(), why: error.to_string() },
                |over| match over {
                    Over::Rows => ReadError::Rows { file: file.to_owned() },
                    Over::Columns => ReadError::Columns { file: file.to_owned() },
                    Over::Field(line) => ReadError::Field { file: file.to_owned(), line },
                },
            ));
        }
        let Objects { columns, rows, .. } = objects;
        let rows = (1..).zip(rows).map(|(line, mut fields)| {
            // Objects before a column was first met lack it.
            fields.resize(columns.len(), String::new());
            Row { line, fields: csv::StringRecord::from(fields) }
        });
        Ok(Self { rows: rows.collect(), columns, misshapen: Vec::new() })
    }
}

/// The line in which a record begins. The reader's own position is before the line ends in front of it: the second half of `\r\n`, and
/// lines that are empty.
fn line(text: &str, position: &csv::Position) -> u64 {
    let begin = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let ends = text.bytes().skip(begin).take_while(|b| matches!(b, b'\r' | b'\n'));
    position.line() + ends.map(|b| u64::from(b == b'\n')).sum::<u64>()
}

/// Which limit a JSON file is past.
#[derive(Clone, Copy)]
enum Over {
    Rows,
    Columns,
    Field(u64),
}

/// Objects as they are read: columns in the order in which they are first met.
#[derive(Default)]
struct Objects {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
    over: Option<Over>,
}

impl Objects {
    fn deserialize<'de>(
        &mut self,
        reader: &mut serde_json::Deserializer<serde_json::de::StrRead<'de>>,
    ) -> Result<(), serde_json::Error> {
        reader.deserialize_seq(self)
    }

    fn place(&mut self, name: String) -> Option<usize> {
        if let Some(place) = self.columns.iter().position(|column| *column == name) {
            return Some(place);
        }
        if self.columns.len() == COLUMNS_MAX || name.len() > FIELD_BYTES_MAX {
            self.over = Some(Over::Columns);
            return None;
        }
        self.columns.push(name);
        Some(self.columns.len() - 1)
    }
}

impl<'de> Visitor<'de> for &mut Objects {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Object(&mut *self))?.is_some() {}
        Ok(())
    }
}

struct Object<'a>(&'a mut Objects);

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        if self.0.rows.len() == ROWS_MAX {
            self.0.over = Some(Over::Rows);
            return Err(A::Error::custom("too many objects"));
        }
        let mut fields: Vec<Option<String>> = vec![None; self.0.columns.len()];
        while let Some(name) = entries.next_key::<String>()? {
            let doubled = || A::Error::custom("an object has two values of one name");
            let Some(place) = self.0.place(name) else {
                return Err(A::Error::custom("too many names"));
            };
            let Text(value) = entries.next_value()?;
            if value.len() > FIELD_BYTES_MAX {
                self.0.over = Some(Over::Field(self.0.rows.len() as u64 + 1));
                return Err(A::Error::custom("a value is too long"));
            }
            if place >= fields.len() {
                fields.resize(place + 1, None);
            }
            let field = fields.get_mut(place).ok_or_else(doubled)?;
            if field.replace(value).is_some() {
                return Err(doubled());
            }
        }
        self.0.rows.push(fields.into_iter().map(Option::unwrap_or_default).collect());
        Ok(())
    }
}

/// A value as text: lists are joined with `;`, nothing is empty.
struct Text(String);

impl<'de> serde::Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor).map(Self)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, a truth value, null or a list of texts")
    }

    fn visit_str<E>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_string<E>(self, text: String) -> Result<String, E> {
        Ok(text)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<String, E> {
        Ok(if truth { "yes" } else { "no" }.to_owned())
    }

    fn visit_u64<E>(self, number: u64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_i64<E>(self, number: i64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_unit<E>(self) -> Result<String, E> {
        Ok(String::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<String, A::Error> {
        let mut text = String::new();
        while let Some(item) = items.next_element::<std::borrow::Cow<'de, str>>()? {
            if text.len() + item.len() > FIELD_BYTES_MAX {
                return Err(A::Error::custom("a list is too long"));
            }
            if !text.is_empty() {
                text.push(';');
            }
            text.push_str(&item);
        }
        Ok(text)
    }
}
