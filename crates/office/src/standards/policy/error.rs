//! What is wrong with a policy file, with line and character.

use std::fmt;

use ledger::act::Code;

/// Line and character in a file, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: u64,
    /// The character in it.
    pub column: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// The first fault of a policy file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Too long.
    #[error("the policy has more than {max} bytes")]
    TooLarge {
        /// The limit.
        max: usize,
    },
    /// Not TOML.
    #[error("{place}: not a TOML file: {message}")]
    Toml {
        /// Where.
        place: Place,
        /// What the reader of TOML says.
        message: String,
    },
    /// A key that is not known.
    #[error("{place}: `{key}` is no key of a policy")]
    KeyUnknown {
        /// Where.
        place: Place,
        /// The key with the table that it stands in.
        key: String,
        /// The nearest known ones.
        near: Vec<String>,
    },
    /// A key that must be there.
    #[error("{place}: `{key}` is missing")]
    KeyMissing {
        /// Where.
        place: Place,
        /// The key with the table that it belongs in.
        key: String,
    },
    /// Something else than was expected.
    #[error("{place}: `{key}` is {found}, expected {expected}")]
    WrongType {
        /// Where.
        place: Place,
        /// The key.
        key: String,
        /// What was expected.
        expected: &'static str,
        /// The type of TOML that stands there.
        found: &'static str,
    },
    /// A value that is not allowed.
    #[error("{place}: `{key}` is `{found}`, expected {expected}")]
    BadValue {
        /// Where.
        place: Place,
        /// The key.
        key: String,
        /// What was expected.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// Too long a list.
    #[error("{place}: `{key}` has more than {max} entries")]
    TooMany {
        /// Where.
        place: Place,
        /// The key.
        key: String,
        /// The limit.
        max: usize,
    },
    /// One code for two.
    #[error("{place}: `{code}` stands here for the second time")]
    Twice {
        /// Where.
        place: Place,
        /// The code.
        code: String,
    },
    /// A group where a state or a receiver is expected.
    #[error("{place}: `{code}` is a group, and nothing is ever released to a group")]
    Group {
        /// Where.
        place: Place,
        /// The group.
        code: Code,
    },
    /// A code that no receiver has.
    #[error("{place}: `{code}` is no receiver of this policy")]
    NoReceiver {
        /// Where.
        place: Place,
        /// The code.
        code: Code,
        /// The nearest receivers.
        near: Vec<String>,
    },
    /// An agreement that ends before it begins.
    #[error("{place}: the agreement ends no later than it begins")]
    Period {
        /// Where.
        place: Place,
    },
    /// A line that selects nothing.
    #[error("{place}: `{key}` selects no parts")]
    NoSelection {
        /// Where.
        place: Place,
        /// The table.
        key: String,
    },
}

impl PolicyError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            Self::TooLarge { .. } => "select parts by series, custodian or publisher instead of listing them".to_owned(),
            Self::Toml { .. } => "correct the file there; texts stand between quotation marks".to_owned(),
            Self::KeyUnknown { near, .. } | Self::NoReceiver { near, .. } if !near.is_empty() => {
                let near: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
                format!("did you mean {}?", near.join(" or "))
            }
            Self::KeyUnknown { .. } => "leave it out".to_owned(),
            Self::NoReceiver { .. } => "add it as a `[[receiver]]`".to_owned(),
            Self::KeyMissing { .. } => "add it; the example policy of the documentation shows every key".to_owned(),
            Self::WrongType { expected, .. } | Self::BadValue { expected, .. } => format!("write {expected}"),
            Self::TooMany { .. } => "say the same with fewer lines, for example by series or publisher".to_owned(),
            Self::Twice { .. } => "keep one of the two".to_owned(),
            Self::Group { .. } => "name the states or receivers one by one".to_owned(),
            Self::Period { .. } => "let `until` be the day after the last one".to_owned(),
            Self::NoSelection { .. } => {
                "name `standards`, `series`, `custodian` or `publisher`; an originator may have `default = true` instead".to_owned()
            }
        }
    }
}
