//! The shell around the log: one writer with its queue, and HTTP in and out.
//!
//! [`journal`] is the one way by which an act gets into the log, [`sequencer`] the thread that lets many clients share it.
//! [`http`] serves routes within limits: [`log_files`] the log's files, [`mod@witness`] the service of a witness.
//! [`kas`] gives receivers the keys of packages as the office says.
//! [`client`] asks others: [`witness_client`] for cosignatures, [`remote_log`] for a log to verify.
//!
//! What is absent: rules (they are `office`'s), forms of checkpoints and cosignatures (`ledger`'s), SQL, plaintext figures,
//! pages. What comes in over the network is bytes until one of those crates has read it.

pub mod client;
pub mod http;
pub mod journal;
pub mod kas;
pub mod log_files;
pub mod remote_log;
pub mod replay;
pub mod sequencer;
pub mod witness;
pub mod witness_client;
