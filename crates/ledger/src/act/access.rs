//! What the office's key access service answered to a receiver that asked for the key of a package.
//!
//! The service is the one place where a key leaves the office after a package did. Each of its answers to a receiver that it knows
//! is an act, logged before the key goes out; so whoever reads the log knows who could open what, when, and who was told no, and why.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Code, FieldError};
use crate::Digest;

/// Id of a package, as the policy that is bound to its key names it: a UUID in its one lower-case spelling (RFC 9562, section 4).
/// Not the digest of a package's bytes, which the service never sees.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PackageUuid(String);

impl PackageUuid {
    /// # Errors
    /// [`FieldError::Uuid`] unless the text is 32 lower-case hex digits in groups of 8, 4, 4, 4 and 12 with `-` between them.
    pub fn new(text: &str) -> Result<Self, FieldError> {
        let shape = b"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
        let fits = |(found, shape): (u8, &u8)| match shape {
            b'x' => matches!(found, b'0'..=b'9' | b'a'..=b'f'),
            fixed => found == *fixed,
        };
        if text.len() == shape.len() && text.bytes().zip(shape).all(fits) {
            Ok(Self(text.to_owned()))
        } else {
            Err(FieldError::Uuid)
        }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PackageUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for PackageUuid {
    type Error = FieldError;

    fn try_from(text: String) -> Result<Self, FieldError> {
        Self::new(&text)
    }
}

impl From<PackageUuid> for String {
    fn from(id: PackageUuid) -> Self {
        id.0
    }
}

/// The office's key access service answers a receiver that asked for the key of a package.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyAccess {
    /// [`crate::dsse::Envelope::digest`] of the propose envelope of the release that the package's policy names.
    pub proposal: Digest,
    /// The package.
    pub package: PackageUuid,
    /// The receiver that asked, as it signed in.
    pub receiver: Code,
    /// Digest of the public key for which the content key was asked, and to which it was wrapped if granted.
    pub client_key: Digest,
    /// What it was told.
    pub decision: AccessDecision,
}

/// What a receiver was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessDecision {
    /// It gets the key.
    Granted,
    /// It does not.
    Refused(AccessRefusal),
}

impl fmt::Display for AccessDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Granted => f.write_str("granted"),
            Self::Refused(reason) => write!(f, "refused: {reason}"),
        }
    }
}

/// Who can know a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JudgedBy {
    /// Whoever has the log: the crate `office` judges it again when the answer is logged.
    Log,
    /// The service alone, which has the key and the request. It may say so only where the log says yes.
    Service,
}

/// Writes the enumeration, who judges each reason, its stable word and the advice from one list.
macro_rules! reasons {
    ($( $(#[$meta:meta])* $name:ident => $judge:ident, $word:literal, $advice:literal; )*) => {
        /// Why a receiver does not get the key of a package. The words are stable; a new one is a new variant.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, thiserror::Error)]
        pub enum AccessRefusal {
            $( $(#[$meta])* #[serde(rename = $word)] $name, )*
        }

        impl AccessRefusal {
            /// Every reason, in the order in which they are looked for.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The reason as one stable word, as it stands in an act.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $( Self::$name => $word, )* }
            }

            /// Who can know it.
            #[must_use]
            pub fn judged_by(self) -> JudgedBy {
                match self { $( Self::$name => JudgedBy::$judge, )* }
            }

            /// What the receiver can do.
            #[must_use]
            pub fn advice(self) -> &'static str {
                match self { $( Self::$name => $advice, )* }
            }
        }
    };
}

reasons! {
    /// The log has no such release.
    #[error("no such release is in the log")]
    UnknownRelease => Log, "unknown_release", "ask the sender for the package again";
    /// It circulates, was refused, or is agreed without a package.
    #[error("no package of the release was sealed")]
    NotSealed => Log, "not_sealed", "wait until the office has delivered the package";
    /// The office took it back.
    #[error("the release was withdrawn")]
    Withdrawn => Log, "withdrawn", "delete the package; ask the office why it was withdrawn";
    /// A later release stands in its place.
    #[error("a later release stands in the place of this one")]
    Superseded => Log, "superseded", "ask the office for the later release";
    /// The release was not agreed for this receiver.
    #[error("the receiver is not in the audience that was agreed")]
    Audience => Log, "audience", "ask the office to circulate the release for a wider audience";
    /// The receiver has left the roster since.
    #[error("the receiver is not on the roster any more")]
    NotOnRoster => Log, "not_on_roster", "ask the member that sponsored you to have you admitted again";
    /// Every key that signs for the receiver was revoked or has expired.
    #[error("every key of the receiver was revoked or has expired")]
    NoKey => Log, "no_key", "have a new key of yours put on the roster";
    /// The clearance is below the label.
    #[error("the receiver is not cleared for the classification of the label")]
    Clearance => Log, "clearance", "ask the member that sponsors you about your clearance";
    /// No agreement with the receiver or its state covers it.
    #[error("no agreement lets the receiver have content of this kind and classification")]
    NoAgreement => Log, "no_agreement", "ask the member that sponsors you about the agreement";
    /// An agreement covers it at another time.
    #[error("the agreement that lets the receiver have it is not in force now")]
    NotNow => Log, "not_now", "ask the member that sponsors you about the agreement";
    /// The object does not hold a key that was wrapped for this service.
    #[error("the key was not wrapped for this service")]
    ForeignKey => Service, "foreign_key", "send the request to the service for which the package was made";
    /// The policy was changed or belongs to another package.
    #[error("the policy is not bound to the key of the package")]
    Binding => Service, "binding", "ask the sender for the package again: it was changed";
    /// The policy names another receiver.
    #[error("the package is addressed to another receiver")]
    Addressee => Service, "addressee", "ask the office for your own copy";
    /// The policy names another label than the one that was agreed.
    #[error("the label of the package is not the one that was agreed")]
    Label => Service, "label", "ask the sender for the package again: it was changed";
    /// What is so classified must not rest on a key without post-quantum protection.
    #[error("the classification of the label takes a key that is safe from quantum computers")]
    Profile => Service, "profile", "ask the office for the package in the profile `pq`, and open it with your own key";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_a_package_has_one_spelling() {
        let id = "0d9f5c1e-7a5b-4c3d-9e8f-001122334455";
        assert_eq!(PackageUuid::new(id).unwrap().as_str(), id);
        let upper = id.to_uppercase();
        let braced = format!("{{{id}}}");
        let urn = format!("urn:uuid:{id}");
        let bare = id.replace('-', "");
        let (long, short) = (format!("{id}0"), id.get(1..).unwrap());
        let moved = "0d9f5c1e7-a5b-4c3d-9e8f-001122334455";
        for text in
            ["", &upper, &braced, &urn, &bare, &long, short, moved, "0d9f5c1é-7a5b-4c3d-9e8f-00112233445"]
        {
            assert_eq!(PackageUuid::new(text), Err(FieldError::Uuid), "{text}");
        }
    }

    #[test]
    fn decisions_are_written_in_one_word_or_with_the_reason() {
        let text = |decision: AccessDecision| serde_json::to_string(&decision).unwrap();
        assert_eq!(text(AccessDecision::Granted), r#""granted""#);
        for reason in AccessRefusal::ALL {
            let written = text(AccessDecision::Refused(*reason));
            assert_eq!(written, format!(r#"{{"refused":"{}"}}"#, reason.word()));
            assert_eq!(
                serde_json::from_str::<AccessDecision>(&written).unwrap(),
                AccessDecision::Refused(*reason)
            );
            assert!(!reason.to_string().ends_with('.') && !reason.advice().ends_with('.'));
        }
        let mut words: Vec<&str> = AccessRefusal::ALL.iter().map(|reason| reason.word()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), AccessRefusal::ALL.len());
    }
}
