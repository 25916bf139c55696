//! Acts over files: prepared from a log, shown, signed with a key in a file, a token or a browser, and submitted to an office.

mod browser;
mod hand;
mod office;
mod offline;
mod refused;
mod standards;
mod token;
mod webauthn;
