//! Two things at once, if whoever calls has two cores to give.
//!
//! This crate starts no threads: how many there may be is for the shell to say, and results never depend on it. Long work is done in
//! rounds of two halves that touch nothing in common (hash what was read while the next is read); a [`Cores`] does both halves of a
//! round and returns when both are done.

/// Does two things, at once or one after the other.
pub trait Cores: Sync {
    /// Returns when both were called, each once.
    fn both(&self, one: &mut (dyn FnMut() + Send), other: &mut (dyn FnMut() + Send));
}

/// One after the other: for what is small, and wherever threads are not wanted.
#[derive(Debug, Clone, Copy)]
pub struct InTurn;

impl Cores for InTurn {
    fn both(&self, one: &mut (dyn FnMut() + Send), other: &mut (dyn FnMut() + Send)) {
        one();
        other();
    }
}
