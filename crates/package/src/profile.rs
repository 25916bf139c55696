//! Who can unwrap the content key of a package, and with what mathematics.

use std::{collections::BTreeSet, fmt};

use label::Classification;

/// How a package's content key is wrapped. A closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Profile {
    /// For the receiver's own key alone, with P-384 and ML-KEM-1024 together: secret as long as either holds, also from those who keep
    /// the package until they have a quantum computer.
    Pq,
    /// Beside that for a key access service, as the alliance's own clients need it: with RSA or P-256 alone. Whoever breaks that reads the
    /// package, so only what is classified low enough may be sealed so.
    Interop,
}

impl Profile {
    /// All profiles.
    pub const ALL: [Self; 2] = [Self::Pq, Self::Interop];

    /// The name in documents and on the command line. Stable.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pq => "pq",
            Self::Interop => "interop",
        }
    }

    /// The profile of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.as_str() == name)
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What may be sealed with [`Profile::Interop`] where the trust file does not say otherwise.
#[must_use]
pub fn interop_by_default() -> BTreeSet<Classification> {
    BTreeSet::from([Classification::PublicUnmarked, Classification::NatoUnclassified])
}
