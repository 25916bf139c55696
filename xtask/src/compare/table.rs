//! Tables to compare on: folders in the form of the shared instances (`instance.json`, `hier_*.csv`, `cells.csv`).
//!
//! Both programs read the same `cells.csv`, with its primary flags and protection levels, and what they hide is weighed
//! here by one and the same count. The reader is for files whose shape is known to be plain: no quotes, no commas in codes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Deserialize;

/// A table: where it lies, and its cells.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) folder: PathBuf,
    pub(super) variables: Vec<String>,
    cells: BTreeMap<String, Cell>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cell {
    value: u64,
    sensitive: bool,
}

#[derive(Deserialize)]
struct Instance {
    dims: Vec<String>,
}

/// What a pattern hides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Hidden {
    pub(super) primaries: u64,
    pub(super) secondaries: u64,
    /// Summed value of the secondaries.
    pub(super) weight: u128,
}

impl Table {
    /// Reads the table in `folder`, named as the folder is.
    ///
    /// # Errors
    /// When a file is missing or of another form.
    pub(super) fn read(folder: &Path) -> anyhow::Result<Self> {
        let meta = std::fs::read(folder.join("instance.json"))
            .with_context(|| format!("`{}` is not an instance", folder.display()))?;
        let Instance { dims } = serde_json::from_slice(&meta)?;
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let file = folder.join("cells.csv");
        let text = std::fs::read_to_string(&file).with_context(|| format!("reading `{}`", file.display()))?;
        let cells = cells(&text, &dims).with_context(|| format!("in `{}`", file.display()))?;
        Ok(Self { name, folder: folder.to_owned(), variables: dims, cells })
    }

    pub(super) fn cells(&self) -> usize {
        self.cells.len()
    }

    pub(super) fn primaries(&self) -> usize {
        self.cells.values().filter(|cell| cell.sensitive).count()
    }

    /// The specification for `tearline protect`: blanks, because that is what the other programs make.
    pub(super) fn specification(&self) -> String {
        let file = |name: &str| quoted(&self.folder.join(name).to_string_lossy());
        let variables: String = self
            .variables
            .iter()
            .map(|name| {
                let codes = file(&format!("hier_{name}.csv"));
                format!("\n[[variable]]\nname = {}\ncodes = {codes}\n", quoted(name))
            })
            .collect();
        format!(
            "schema = \"tearline-spec/1\"\ntitle = {}\n\n[cells]\nfile = {}\nvalue = \"value\"\nprimary = \"primary\"\n\
             lower = \"lpl\"\nupper = \"upl\"\ndecimals = 0\n{variables}\n[search]\nweight = \"value\"\n\n\
             [output]\nmethod = \"blanks\"\n",
            quoted(&self.name),
            file("cells.csv"),
        )
    }

    /// Weighs a pattern: rows of codes and a status, where cells left out are published.
    ///
    /// # Errors
    /// A file of another form, or a hidden cell that the table does not have.
    pub(super) fn weigh(&self, pattern: &str) -> anyhow::Result<Hidden> {
        let mut rows = Rows::of(pattern)?;
        let codes = rows.columns(&self.variables)?;
        let status = rows.column("status")?;
        let mut hidden = Hidden::default();
        for row in rows.by_ref() {
            let status = row.get(status).copied().unwrap_or_default();
            if status == "published" {
                continue;
            }
            let cell = self.cells.get(&key(&row, &codes)).context("a hidden cell is not in the table")?;
            match status {
                "primary" => hidden.primaries += 1,
                "secondary" => {
                    hidden.secondaries += 1;
                    hidden.weight += u128::from(cell.value);
                }
                other => anyhow::bail!("no such status: `{other}`"),
            }
        }
        Ok(hidden)
    }
}

fn cells(text: &str, variables: &[String]) -> anyhow::Result<BTreeMap<String, Cell>> {
    let mut rows = Rows::of(text)?;
    let codes = rows.columns(variables)?;
    let (value, primary) = (rows.column("value")?, rows.column("primary")?);
    let mut cells = BTreeMap::new();
    for row in rows.by_ref() {
        let value = row.get(value).copied().unwrap_or_default();
        let cell = Cell {
            value: value.parse().with_context(|| format!("`{value}` is not a whole number of at least 0"))?,
            sensitive: row.get(primary) == Some(&"1"),
        };
        anyhow::ensure!(cells.insert(key(&row, &codes), cell).is_none(), "a cell stands there twice");
    }
    Ok(cells)
}

/// Rows below a header, split at commas.
struct Rows<'a> {
    header: Vec<&'a str>,
    lines: std::str::Lines<'a>,
}

impl<'a> Rows<'a> {
    fn of(text: &'a str) -> anyhow::Result<Self> {
        anyhow::ensure!(!text.contains('"'), "quotes are more than this reader knows");
        let mut lines = text.lines();
        let header = lines.next().context("the file is empty")?.split(',').collect();
        Ok(Self { header, lines })
    }

    fn column(&self, name: &str) -> anyhow::Result<usize> {
        let found = self.header.iter().position(|column| *column == name);
        found.with_context(|| format!("there is no column `{name}`"))
    }

    fn columns(&self, names: &[String]) -> anyhow::Result<Vec<usize>> {
        names.iter().map(|name| self.column(name)).collect()
    }
}

impl<'a> Iterator for Rows<'a> {
    type Item = Vec<&'a str>;

    fn next(&mut self) -> Option<Self::Item> {
        self.lines.next().map(|line| line.split(',').collect())
    }
}

fn key(row: &[&str], codes: &[usize]) -> String {
    codes.iter().map(|&column| row.get(column).copied().unwrap_or_default()).collect::<Vec<_>>().join("|")
}

/// A string of TOML.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELLS: &str =
        "A,B,value,n,primary,lpl,upl\nT,T,30,9,0,0,0\na,T,10,2,1,1.5,1.5\nb,T,20,7,0,0,0\na,x,10,2,1,1,1\n";

    fn table() -> Table {
        let variables = vec!["A".to_owned(), "B".to_owned()];
        let cells = cells(CELLS, &variables).expect("plain cells");
        Table { name: "t".to_owned(), folder: PathBuf::from("in \"here\""), variables, cells }
    }

    #[test]
    fn a_pattern_is_weighed_by_the_tables_own_values() {
        let table = table();
        assert_eq!((table.cells(), table.primaries()), (4, 2));
        let pattern = "B,A,status\nT,T,published\nT,a,primary\nT,b,secondary\n";
        let expected = Hidden { primaries: 1, secondaries: 1, weight: 20 };
        assert_eq!(table.weigh(pattern).expect("a pattern"), expected);
    }

    #[test]
    fn what_is_not_a_pattern_of_the_table_is_refused() {
        let table = table();
        for wrong in ["A,status\na,primary\n", "A,B,status\nc,T,primary\n", "A,B,status\na,T,hidden\n", ""] {
            assert!(table.weigh(wrong).is_err(), "{wrong:?}");
        }
        for wrong in ["A,B,value,primary\na,x,-3,0\n", "A,B,value,primary\na,x,3,0\na,x,3,0\n", "A,B,value\n"]
        {
            assert!(cells(wrong, &table.variables).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_specification_is_toml_and_names_every_variable() {
        let specification: toml::Table = table().specification().parse().expect("TOML");
        let names: Vec<Option<&str>> = specification
            .get("variable")
            .and_then(toml::Value::as_array)
            .into_iter()
            .flatten()
            .map(|variable| variable.get("name").and_then(toml::Value::as_str))
            .collect();
        assert_eq!(names, [Some("A"), Some("B")]);
        let file = specification.get("cells").and_then(|cells| cells.get("file")?.as_str());
        assert_eq!(file, Some("in \"here\"/cells.csv"));
    }
}
