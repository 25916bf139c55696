//! Suggestions: breakdowns of a specified table that may be published, each as files that `protect` takes, and the page
//! that shows them side by side.
//!
//! The search is [`disclosure::breakdown`]; here is which alternatives are looked for, and what is said of them.

mod alternatives;
mod facts;
mod map;
mod page;
mod recode;

pub(crate) use alternatives::{Scene, Wanted};
pub(crate) use facts::suggestions;
pub(crate) use page::{is_most, name, render};
pub(crate) use recode::files;
