//! Plans: examples worked out by hand, the best of all schedules of tiny worlds as an oracle, laws of closures and blocks, tampered plans,
//! and the published snapshots.

mod brute;
mod examples;
mod laws;
mod snapshots;
mod tampered;
pub(in crate::standards) mod world;
