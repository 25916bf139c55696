//! Policies for demonstrations and tests, marked EXERCISE: like NATO's, like the EU's, and PUBLIC.
//!
//! They are invented. Levels are paired as is generally known; values and rules are few. The first and the last cover the labels
//! that are issued here.

use crate::spif::{Spif, SpifError};

/// The files, each with its name.
pub const FILES: [(&str, &str); 3] = [
    ("nato.xml", include_str!("../policies/nato.xml")),
    ("eu.xml", include_str!("../policies/eu.xml")),
    ("public.xml", include_str!("../policies/public.xml")),
];

/// The three policies.
///
/// # Errors
/// [`SpifError`] never, which a test proves; the reader is the same as for files of others.
pub fn policies() -> Result<[Spif; 3], SpifError> {
    let [nato, eu, public] = FILES;
    let read = |(_, xml): (&str, &str)| Spif::from_xml(xml.as_bytes());
    Ok([read(nato)?, read(eu)?, read(public)?])
}
