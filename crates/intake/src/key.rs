//! The codes of one row to the key of a cell, with a fault for each code that is not known.

use std::borrow::Cow;

use disclosure::hierarchy::Hierarchy;

use crate::fault::{FaultList, Place, Trouble};
use crate::limits::SUGGESTIONS_MAX;
use crate::nearest::nearest;

/// Reads keys; counts how often a nearest code was looked up.
#[derive(Default)]
pub(crate) struct KeyReader {
    suggestions: usize,
}

impl KeyReader {
    /// The key of the row's first fields, one a variable. `place` says where the field of a variable stands.
    pub(crate) fn key<'h>(
        &mut self,
        spanning: impl Iterator<Item = (&'h Hierarchy, u64)>,
        fields: &[Cow<'_, str>],
        place: impl Fn(usize) -> Place,
        faults: &mut FaultList,
    ) -> Option<u64> {
        let mut key = Some(0);
        for (variable, (tree, stride)) in spanning.enumerate() {
            let text = fields.get(variable).map_or("", Cow::as_ref);
            if let Some(node) = tree.node(text) {
                key = key.map(|key| key + stride * u64::from(node.0));
                continue;
            }
            key = None;
            self.suggestions += 1;
            let known = tree.nodes().map(|node| tree.code(node));
            let near = if self.suggestions > SUGGESTIONS_MAX { Vec::new() } else { nearest(text, known) };
            let (variable_name, code) = (tree.name().to_owned(), text.to_owned());
            faults.push(place(variable), Trouble::UnknownCode { variable: variable_name, code, near });
        }
        key
    }
}
