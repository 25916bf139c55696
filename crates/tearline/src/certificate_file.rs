//! `internal/certificate.csv`: the witness worlds that prove a release, one column a world.
//!
//! Columns: one a variable, then `world_1` to `world_k`: by how much that world differs from the true table at
//! this cell, in the declared scale. Cells that no world moves have no line. The file reveals the true table to
//! whoever holds the release; it goes to holders of that table only.
//!
//! Reading makes no judgement: what the worlds prove is for `disclosure::checker` to say.

use disclosure::certificate::{Certificate, World};
use disclosure::table::{CellId, Table};

use crate::code_table::{FaultLines, Form, TableReader, TableWriter, UNCHANGED};
use crate::failure::Failure;
use crate::release::unwritten;

/// Where the certificate stands in the folder.
pub(crate) const CERTIFICATE: &str = "internal/certificate.csv";

/// Worlds of one file: tables need 3 to 20; a file past this is not ours.
const WORLDS_MAX: usize = 10_000;

/// The bytes of a certificate.
pub(crate) fn write(table: &Table, certificate: &Certificate, decimals: u32) -> Result<Vec<u8>, Failure> {
    let write = || -> Result<Vec<u8>, csv::Error> {
        let names: Vec<String> =
            (1..=certificate.worlds.len()).map(|world| format!("world_{world}")).collect();
        let columns: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut writer = TableWriter::new(table, Form::Inside, &columns)?;
        let mut places: Vec<_> =
            certificate.worlds.iter().map(|world| world.deviations().iter().peekable()).collect();
        let mut fields: Vec<String> = Vec::new();
        for cell in table.cells() {
            fields.clear();
            let mut moved = false;
            for place in &mut places {
                let deviation = place.next_if(|(at, _)| *at == cell).map_or(0, |&(_, deviation)| deviation);
                moved |= deviation != 0;
                fields.push(intake::decimal_text(deviation, decimals));
            }
            if moved {
                writer.row(cell, fields.iter().map(String::as_str))?;
            }
        }
        writer.into_bytes()
    };
    write().map_err(|error| unwritten(CERTIFICATE, &error))
}

/// Reads a certificate of this table.
pub(crate) fn read(
    file: &str,
    bytes: &[u8],
    table: &Table,
    decimals: u32,
) -> Result<Certificate, FaultLines> {
    let mut reader = TableReader::open(file, bytes, table, Form::Inside)?;
    let columns = reader.other_columns();
    let in_order = columns.iter().zip(1..).all(|((_, name), number)| *name == format!("world_{number}"));
    if !in_order || columns.len() > WORLDS_MAX {
        let message =
            format!("beside the variables the columns are world_1, world_2 and so on, at most {WORLDS_MAX}");
        reader.fault_at_header("unknown-column", message, UNCHANGED);
        return Err(reader.into_faults());
    }
    let mut worlds: Vec<Vec<(CellId, i64)>> = vec![Vec::new(); columns.len()];
    reader.rows(|cell, row| {
        for (world, (column, _)) in worlds.iter_mut().zip(&columns) {
            let deviation = row.units(*column, decimals)?;
            if deviation != 0 {
                world.push((cell, deviation));
            }
        }
        Ok(())
    })?;
    Ok(Certificate { worlds: worlds.into_iter().map(World::new).collect() })
}
