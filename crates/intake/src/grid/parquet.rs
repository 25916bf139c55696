//! Parquet files: flat columns of text, integers, decimals or floats, record by record.
//!
//! Integers and decimals are exact. Floats follow the rule of [`super::xlsx::float_text`].

use std::borrow::Cow;

use bytes::Bytes;
use parquet::data_type::Decimal;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;

use super::xlsx::float_text;
use super::{Source, Visitor, accept_field, accept_header, accept_row};
use crate::fault::{FaultList, Place, Trouble};

/// Reads the file's records into the visitor.
pub(super) fn read(source: &Source<'_>, bytes: Vec<u8>, visitor: &mut dyn Visitor, faults: &mut FaultList) {
    // The readers of foreign formats are not ours: a panic on hostile bytes is one more unreadable file. What
    // the closure had touched is thrown away with the refusal.
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        read_records(source.name, bytes, visitor, faults)
    }));
    if !matches!(outcome, Ok(Some(()))) {
        faults.push(Place::file(source.name), Trouble::FileUnreadable { format: "a Parquet file" });
    }
}

/// `None` where the reader refuses the file, or a column is not flat.
fn read_records(file: &str, bytes: Vec<u8>, visitor: &mut dyn Visitor, faults: &mut FaultList) -> Option<()> {
    let reader = SerializedFileReader::new(Bytes::from(bytes)).ok()?;
    let schema = reader.metadata().file_metadata().schema_descr();
    let header: Vec<String> =
        schema.root_schema().get_fields().iter().map(|field| field.name().to_owned()).collect();
    if !accept_header(file, &header, faults) {
        return Some(());
    }
    let Some(picked) = visitor.header(&header, faults) else { return Some(()) };
    let mut texts: Vec<Cow<'_, str>> = vec![Cow::Borrowed(""); picked.len()];
    for (record, line) in reader.get_row_iter(None).ok()?.zip(2_u64..) {
        if !accept_row(file, line, line - 2, faults) {
            return Some(());
        }
        let fields: Vec<(String, Field)> = record.ok()?.into_columns();
        let mut accepted = true;
        for (text, &column) in texts.iter_mut().zip(&picked) {
            *text = Cow::Owned(text_of(&fields.get(column)?.1)?);
            accepted &= accept_field(file, line, column, text, faults);
        }
        if accepted {
            visitor.row(line, &texts, faults);
        }
    }
    Some(())
}

fn text_of(field: &Field) -> Option<String> {
    Some(match field {
        Field::Null => String::new(),
        Field::Bool(flag) => flag.to_string(),
        Field::Byte(whole) => whole.to_string(),
        Field::Short(whole) => whole.to_string(),
        Field::Int(whole) => whole.to_string(),
        Field::Long(whole) => whole.to_string(),
        Field::UByte(whole) => whole.to_string(),
        Field::UShort(whole) => whole.to_string(),
        Field::UInt(whole) => whole.to_string(),
        Field::ULong(whole) => whole.to_string(),
        // A 32-bit float has its own shortest text: widened first, 0.1 would become 0.10000000149011612.
        Field::Float(float) if float.abs() < 16_777_216.0 => float.to_string(),
        Field::Float(float) if float.is_finite() => super::INEXACT.to_owned(),
        Field::Float(float) => float.to_string(),
        Field::Double(float) => float_text(*float).into_owned(),
        Field::Decimal(decimal) => decimal_text(decimal)?,
        Field::Str(text) => text.clone(),
        Field::Bytes(bytes) => std::str::from_utf8(bytes.data()).ok()?.to_owned(),
        _ => return None,
    })
}

fn decimal_text(decimal: &Decimal) -> Option<String> {
    let bytes = decimal.data();
    let negative = bytes.first().is_some_and(|&byte| byte >= 0x80);
    // Two's complement, at most 16 bytes; more digits than that are out of range anyway.
    let fill = if negative { 0xff } else { 0 };
    let mut wide = [fill; 16];
    let start = wide.len().checked_sub(bytes.len())?;
    wide.get_mut(start..)?.copy_from_slice(bytes);
    let unscaled = i128::from_be_bytes(wide);
    let scale = usize::try_from(decimal.scale()).ok().filter(|&scale| scale <= 38)?;
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at_checked(digits.len() - scale)?;
    let sign = if negative { "-" } else { "" };
    Some(if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}
