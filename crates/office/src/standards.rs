//! Standards, handed over part by part: what is registered, who may have what, what goes next, who holds what and what of it is stale.
//!
//! A part is a cover document, a covered standard or a volume, in one edition. Everything here takes values and gives values: files,
//! clocks and documents are the shell's. Every decision and every explanation of one is made here, so that a command line, a page and
//! a report say the same.
//!
//! Modules: `record` (what is known of a part), `registry` (all of them with their edges, at one revision), `references` (what follows
//! from the edges of one), `read` (from files, with `finding`s of what is wrong), `difference` (between two files), `change` (from one
//! state of the registry to the next, and all states through time), `search`, `around` (a document), [`exercise`] (invented ones);
//! [`policy`] (what an office decided), `eligibility` (who may have what), [`mod@plan`] (what goes next); `holdings` (who holds what),
//! `follow_up` (what must follow after a revision), `hand_over` (from what may go now to the releases that carry it), `remaining` (what
//! an objection left of a wave), `desk` (log, registry and policy together).

mod around;
mod change;
mod desk;
mod difference;
mod eligibility;
pub mod exercise;
mod finding;
mod follow_up;
mod hand_over;
mod holdings;
pub mod plan;
pub mod policy;
mod read;
mod record;
mod references;
mod registry;
mod remaining;
mod search;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

pub use around::{Near, Neighbourhood, around};
pub use change::{Act, Change, ChangeError, Chronicle, Counts, Line, Put, Step};
pub use desk::{Bulk, Desk, HeldPart, Overview, ReceiverOverview, Standing};
pub use difference::{Changed, Difference, Renamed, Turned, difference};
pub use eligibility::{Purpose, Reason, ReasonCode, may_have, superseded_by};
pub use finding::{Finding, FindingCode, Origin, Severity, counts};
pub use follow_up::{Because, Stale, follow_up};
pub use hand_over::{HandOver, HandOvers, Now, hand_over};
pub use holdings::{Held, HeldCopy, Holdings, Overdue, holdings, overdue};
pub use plan::{Capacity, Plan, PlanError, plan};
pub use policy::{Conditions, Consent, Policy, PolicyError};
pub use read::{
    BYTES_MAX, COLUMNS_MAX, FIELD_BYTES_MAX, ROWS_MAX, ReadError, Reading, Row, Sources, Table, read,
};
pub use record::{
    Date, Document, Edge, Flag, History, Kind, Lifecycle, National, Obligation, Profile, Record, Relation,
    Stance, Status, Uuid, marking_word, read_marking,
};
pub use registry::{Aspect, Registry};
pub use remaining::{Remaining, TakenOut, remaining};
pub use search::{Hit, Index, Why};
