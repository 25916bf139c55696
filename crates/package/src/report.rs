//! What was checked of a package, line by line.

use std::fmt;

/// One thing that is checked. A closed set, in the order in which the checks are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckName {
    /// Every byte of the file belongs to one of the members, and to nothing else.
    Container,
    /// The manifest reads as one, within its bounds and in its one form.
    Manifest,
    /// The office's statement reads as one.
    Statement,
    /// The statement is signed with the office's Ed25519 key.
    SignatureEd25519,
    /// The statement is signed with the office's ML-DSA-65 key.
    SignatureMlDsa,
    /// Payload, label, decision and manifest are the ones that the statement names.
    Digests,
    /// The payload has the segments that the manifest lists.
    Segments,
    /// The label reads as one and is the same in the sidecar, the manifest, the statement and the proposal.
    Label,
    /// The policy bound to the content key names this label and this proposal.
    Policy,
    /// The content key is wrapped as the statement says, and for nobody whom the label does not allow.
    Profile,
    /// Manifest, statement and decision speak of the same package, receiver and kind of use.
    Consistent,
    /// The proposal is signed by the office, under a roster trusted here.
    Proposal,
    /// The receiver is one of those that the originators agreed to.
    Audience,
    /// Every originator consented, by its quorum of keys, to exactly this proposal or beforehand to such releases.
    Approvals,
    /// Proposal and consents stand in the log.
    Ledger,
    /// The witnesses that the trust file asks for cosigned the log.
    Witnessed,
}

impl CheckName {
    /// All checks, in order.
    pub const ALL: [Self; 16] = [
        Self::Container,
        Self::Manifest,
        Self::Statement,
        Self::SignatureEd25519,
        Self::SignatureMlDsa,
        Self::Digests,
        Self::Segments,
        Self::Label,
        Self::Policy,
        Self::Profile,
        Self::Consistent,
        Self::Proposal,
        Self::Audience,
        Self::Approvals,
        Self::Ledger,
        Self::Witnessed,
    ];

    /// The name in documents and on the command line. Stable.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Manifest => "manifest",
            Self::Statement => "statement",
            Self::SignatureEd25519 => "signature-ed25519",
            Self::SignatureMlDsa => "signature-ml-dsa-65",
            Self::Digests => "digests",
            Self::Segments => "segments",
            Self::Label => "label",
            Self::Policy => "policy",
            Self::Profile => "profile",
            Self::Consistent => "consistent",
            Self::Proposal => "proposal",
            Self::Audience => "audience",
            Self::Approvals => "approvals",
            Self::Ledger => "ledger",
            Self::Witnessed => "witnessed",
        }
    }
}

impl fmt::Display for CheckName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It does not hold.
    Failed,
    /// It could not be made, because what it needs did not read.
    NotReached,
}

impl Outcome {
    /// The word in documents. Stable.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotReached => "not-reached",
        }
    }
}

/// One line of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was checked.
    pub name: CheckName,
    /// How it came out.
    pub outcome: Outcome,
    /// What was found, for people.
    pub detail: String,
}

/// Every check, in order, each exactly once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    checks: Vec<Check>,
}

impl Report {
    /// A report in which nothing was reached yet.
    pub(crate) fn new() -> Self {
        let blank = |name| Check { name, outcome: Outcome::NotReached, detail: String::new() };
        Self { checks: CheckName::ALL.into_iter().map(blank).collect() }
    }

    /// Writes down how a check came out; hands the value on when it holds.
    pub(crate) fn note<T>(&mut self, name: CheckName, result: Result<(T, String), String>) -> Option<T> {
        let (outcome, detail, value) = match result {
            Ok((value, detail)) => (Outcome::Passed, detail, Some(value)),
            Err(detail) => (Outcome::Failed, detail, None),
        };
        if let Some(check) = self.checks.iter_mut().find(|check| check.name == name) {
            check.outcome = outcome;
            check.detail = detail;
        }
        value
    }

    /// The lines.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// True when every check was made and holds.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.checks.iter().all(|check| check.outcome == Outcome::Passed)
    }

    /// The checks that do not hold.
    pub fn failures(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| check.outcome == Outcome::Failed)
    }

    /// What the reader of a report that did not pass can do.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self.failures().next().map(|check| check.name) {
            None => "the package can be opened",
            Some(
                CheckName::Container
                | CheckName::Manifest
                | CheckName::Statement
                | CheckName::Digests
                | CheckName::Segments,
            ) => "the file was changed on its way: fetch it again from where it came",
            Some(CheckName::SignatureEd25519 | CheckName::SignatureMlDsa) => {
                "do not use it: it is not from the office that the trust file names, or was changed"
            }
            Some(
                CheckName::Label
                | CheckName::Policy
                | CheckName::Profile
                | CheckName::Consistent
                | CheckName::Audience,
            ) => "do not use it: report it to the releasing office, whose packages never look like this",
            Some(CheckName::Proposal | CheckName::Approvals | CheckName::Ledger) => {
                "do not use it: it was not agreed, or your trust file is of another time; ask the office for the current one"
            }
            Some(CheckName::Witnessed) => {
                "do not use it yet: without its witnesses the log may be another for you than for others; ask the office for a copy that they cosigned"
            }
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for check in &self.checks {
            writeln!(f, "{:<12} {:<20} {}", check.outcome.as_str(), check.name.as_str(), check.detail)?;
        }
        Ok(())
    }
}
