//! Policies and their classifications: closed sets, so that a typing mistake can never pass for a low classification.

use std::fmt;

use crate::error::LabelError;

/// A security policy whose values are known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Policy {
    /// Cleared for anybody.
    Public,
    /// Owned by NATO.
    Nato,
}

impl Policy {
    /// # Errors
    /// [`LabelError::UnknownPolicy`] for any other policy.
    pub fn new(name: &str) -> Result<Self, LabelError> {
        [Self::Public, Self::Nato]
            .into_iter()
            .find(|policy| policy.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| LabelError::UnknownPolicy { found: name.to_owned() })
    }

    /// The name in labels.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Public => "PUBLIC",
            Self::Nato => "NATO",
        }
    }

    /// The object identifier, where a public source names one.
    #[must_use]
    pub fn identifier(self) -> Option<&'static str> {
        match self {
            Self::Public => None,
            Self::Nato => Some("urn:oid:1.3.26.1.3.1"),
        }
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A classification together with its policy. Ascending: a later one is never less sensitive than an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Classification {
    /// PUBLIC UNMARKED.
    PublicUnmarked,
    /// NATO UNCLASSIFIED: not public, for official use.
    NatoUnclassified,
    /// NATO RESTRICTED.
    NatoRestricted,
    /// NATO CONFIDENTIAL.
    NatoConfidential,
    /// NATO SECRET.
    NatoSecret,
    /// Shown as COSMIC TOP SECRET.
    NatoTopSecret,
}

impl Classification {
    /// Every classification, ascending.
    pub const ALL: [Self; 6] = [
        Self::PublicUnmarked,
        Self::NatoUnclassified,
        Self::NatoRestricted,
        Self::NatoConfidential,
        Self::NatoSecret,
        Self::NatoTopSecret,
    ];

    /// # Errors
    /// [`LabelError::UnknownClassification`] for a name that the policy does not have.
    pub fn new(policy: Policy, name: &str) -> Result<Self, LabelError> {
        Self::ALL
            .into_iter()
            .find(|c| c.policy() == policy && c.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| LabelError::UnknownClassification {
                policy: policy.name(),
                found: name.to_owned(),
            })
    }

    /// Whose classification it is.
    #[must_use]
    pub fn policy(self) -> Policy {
        match self {
            Self::PublicUnmarked => Policy::Public,
            Self::NatoUnclassified
            | Self::NatoRestricted
            | Self::NatoConfidential
            | Self::NatoSecret
            | Self::NatoTopSecret => Policy::Nato,
        }
    }

    /// The name in labels, without that of the policy.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PublicUnmarked => "UNMARKED",
            Self::NatoUnclassified => "UNCLASSIFIED",
            Self::NatoRestricted => "RESTRICTED",
            Self::NatoConfidential => "CONFIDENTIAL",
            Self::NatoSecret => "SECRET",
            Self::NatoTopSecret => "TOP SECRET",
        }
    }
}

impl fmt::Display for Classification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.policy(), self.name())
    }
}
