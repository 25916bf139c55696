//! All targets, by name. A target is a module: what must hold for any bytes, and small valid inputs to start from.

mod act;
mod binding;
mod bound;
mod bundle;
mod card;
mod case;
mod cells;
mod checkpoint;
mod codes;
mod container;
mod content;
mod decision;
mod entry_bundle;
mod envelope;
mod figures;
mod held;
mod inputs;
mod jwt;
mod key_access;
mod key_file;
mod label;
mod label_json;
mod marks;
mod note;
mod policy;
mod prepared;
mod proof;
mod rewrap_request;
mod sealed_box;
mod specification;
mod spif;
mod standards;
mod standards_policy;
mod tdf;
mod tile_path;
mod trust;
mod witness_request;
mod witness_state;

/// A parser of hostile bytes and what must hold of it.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name: that of its module.
    pub name: &'static str,
    /// Panics when something does not hold.
    pub run: fn(&[u8]),
    /// Inputs to start from.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

macro_rules! targets {
    ($($name:ident),* $(,)?) => {
        /// All of them.
        pub const TARGETS: &[Target] =
            &[$(Target { name: stringify!($name), run: $name::run, seeds: $name::seeds }),*];
    };
}

targets![
    act,
    binding,
    bound,
    bundle,
    card,
    case,
    cells,
    checkpoint,
    codes,
    container,
    content,
    decision,
    entry_bundle,
    envelope,
    figures,
    held,
    inputs,
    jwt,
    key_access,
    key_file,
    label,
    label_json,
    marks,
    note,
    policy,
    prepared,
    proof,
    rewrap_request,
    sealed_box,
    specification,
    spif,
    standards,
    standards_policy,
    tdf,
    tile_path,
    trust,
    witness_request,
    witness_state,
];
