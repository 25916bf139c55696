//! Packages over the gap between the two sides: one signed bundle outward, and the guard that lets it in.
//!
//! The guard trusts nothing but its own trust file and its own description of the side it guards. It opens no package and has no
//! key that could. Either a bundle goes in whole or nothing of it does.
//!
//! Shape: a zip archive in one spelling with `bundle.json`, `signatures.json` and one `packages/<digest>.tdf` each.

use std::{collections::BTreeSet, fmt};

use label::{Classification, Label, Policy, Tag};
use ledger::{
    Digest,
    act::{Code, UtcTime},
};
use serde::{Deserialize, Serialize};

use crate::{
    key::SealKey,
    signature::{self, Signatures},
    statement::Part,
    trust::Trust,
    verify::verify,
    zip,
};

/// Type under which a bundle is signed.
const BUNDLE_TYPE: &str = "application/vnd.tearline.bundle.v1+json";
const SCHEMA: &str = "tearline-bundle/1";
const BUNDLE: &str = "bundle.json";
const SIGNATURES: &str = "signatures.json";
/// Longest bundle in bytes: it is held in memory as a whole.
pub const BUNDLE_BYTES_MAX: usize = i32::MAX as usize;
/// Most packages in a bundle.
pub const PACKAGES_MAX: usize = zip::MEMBERS_MAX - 2;
/// Longest list of a bundle.
const LIST_BYTES_MAX: usize = 1024 * 1024;

/// A side of the gap, as its guard knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// Its name; bundles are made for one side.
    pub name: Code,
    /// The highest classification that may be there.
    pub highest: Classification,
    /// What it counts as in the category `Releasable To`.
    pub releasable_to: BTreeSet<String>,
}

impl Side {
    /// Why information under this label may not be on this side; `None` when it may.
    #[must_use]
    pub fn refuses(&self, label: &Label) -> Option<String> {
        let information = label.information();
        let classification = information.classification();
        if classification > self.highest {
            return Some(format!(
                "{classification} is above {}, the highest for {}",
                self.highest, self.name
            ));
        }
        if classification.policy() == Policy::Public {
            return None;
        }
        if information.category(Tag::AdditionalSensitivity).is_some() {
            return Some(format!("it has an additional sensitivity, which {} cannot keep", self.name));
        }
        let names_us = |tag| information.category(tag).map(|c| self.releasable_to.iter().any(|us| c.has(us)));
        if names_us(Tag::Only) == Some(false) {
            return Some(format!("it is for others only than {}", self.name));
        }
        match names_us(Tag::ReleasableTo) {
            Some(true) => None,
            Some(false) | None => Some(format!("it is not releasable to {}", self.name)),
        }
    }
}

/// Why a bundle cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// Nothing to carry, too much of it, or a package twice.
    #[error("a bundle carries 1 to {PACKAGES_MAX} packages, each once, and at most {BUNDLE_BYTES_MAX} bytes")]
    Packages,
    /// The guard would refuse it.
    #[error("the guard would refuse the bundle: {}", lines(refusals))]
    WouldBeRefused {
        /// Each refusal.
        refusals: Vec<Refusal>,
    },
    /// The provider failed.
    #[error("the cryptographic library refused to work")]
    Cryptography,
}

impl ExportError {
    /// What the reader of the error can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Packages => "send the packages in several bundles",
            Self::WouldBeRefused { .. } => {
                "leave out what is not for that side, or have it released to it first"
            }
            Self::Cryptography => "try again; if it stays so, the installation is broken",
        }
    }
}

/// A rule of the guard. A closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// The bundle is complete and every byte of it is accounted for.
    Whole,
    /// The bundle is signed by the trusted office with both algorithms.
    Signed,
    /// The bundle is for this side.
    ForThisSide,
    /// The bundle follows the one before it: none is missing, none comes twice.
    InOrder,
    /// Every package was agreed: it verifies.
    Agreed,
    /// Every package's label lets it onto this side.
    Labelled,
}

impl Rule {
    /// The name in documents. Stable.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Signed => "signed",
            Self::ForThisSide => "for-this-side",
            Self::InOrder => "in-order",
            Self::Agreed => "agreed",
            Self::Labelled => "labelled",
        }
    }

    /// What the guard's operator can do about it.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::Whole => "carry the file over again; this one was cut or changed",
            Self::Signed => "do not let it in: it is not from the office",
            Self::ForThisSide => "take it to the side that it names",
            Self::InOrder => "bring the bundles in their order; ask the office for a missing one",
            Self::Agreed | Self::Labelled => {
                "do not let it in: tell the releasing office which package it was"
            }
        }
    }
}

/// One reason why the guard lets nothing of a bundle in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The rule.
    pub rule: Rule,
    /// The package, by the digest of its bytes, where it is about one.
    pub package: Option<Digest>,
    /// What was found.
    pub detail: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.package {
            Some(package) => write!(f, "{} (package {package}): {}", self.rule.as_str(), self.detail),
            None => write!(f, "{}: {}", self.rule.as_str(), self.detail),
        }
    }
}

fn lines(refusals: &[Refusal]) -> String {
    refusals.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// A bundle that the guard let in.
#[derive(Debug)]
pub struct Imported<'a> {
    /// Its number; the next one has one more.
    pub sequence: u64,
    /// When it was made.
    pub made_utc: UtcTime,
    /// Its packages by digest, each verified.
    pub packages: Vec<(Digest, &'a [u8])>,
}

/// Makes a bundle of packages for a side. `sequence` is one more than that of the bundle before, 1 for the first.
///
/// # Errors
/// [`ExportError`]; whatever the guard would refuse is refused here already.
pub fn export(
    packages: &[&[u8]],
    side: &Side,
    sequence: u64,
    made_utc: UtcTime,
    key: &SealKey,
    trust: &Trust,
) -> Result<Vec<u8>, ExportError> {
    let mut sorted = packages.iter().map(|bytes| (Part::of(bytes), *bytes)).collect::<Vec<_>>();
    sorted.sort_by_key(|(part, _)| part.digest());
    let double = sorted.windows(2).any(|pair| matches!(pair, [(a, _), (b, _)] if a == b));
    if sorted.is_empty() || sorted.len() > PACKAGES_MAX || double {
        return Err(ExportError::Packages);
    }
    let list = Wire {
        schema: SCHEMA.to_owned(),
        side: side.name.clone(),
        sequence,
        made_utc,
        packages: sorted.iter().map(|(part, _)| *part).collect(),
    };
    let list = serde_json::to_vec(&list).map_err(|_| ExportError::Packages)?;
    let signatures = signature::sign(key, BUNDLE_TYPE, &list).ok_or(ExportError::Cryptography)?;
    let names = sorted.iter().map(|(part, _)| name(part)).collect::<Vec<_>>();
    let mut members = vec![(BUNDLE, list.as_slice()), (SIGNATURES, signatures.as_slice())];
    members.extend(names.iter().map(String::as_str).zip(sorted.iter().map(|(_, bytes)| *bytes)));
    let bundle = zip::write(&members).map_err(|_| ExportError::Packages)?;
    if bundle.len() > BUNDLE_BYTES_MAX {
        return Err(ExportError::Packages);
    }
    import(&bundle, side, sequence, trust).map_err(|refusals| ExportError::WouldBeRefused { refusals })?;
    Ok(bundle)
}

/// The guard. `expected` is one more than the sequence number of the last bundle that was let in, 1 at first.
///
/// # Errors
/// Every reason why nothing of the bundle goes in.
///
/// # Guarantee
/// What comes out is on the side that its label allows, was agreed, and is as the office sent it.
pub fn import<'a>(
    bundle: &'a [u8],
    side: &Side,
    expected: u64,
    trust: &Trust,
) -> Result<Imported<'a>, Vec<Refusal>> {
    let mut refusals = Vec::new();
    let (members, list) = whole(bundle).map_err(|detail| vec![refusal(Rule::Whole, detail)])?;
    let ([(_, list_bytes), (_, signatures), packages @ ..], wire) = (members.as_slice(), list) else {
        return Err(vec![refusal(Rule::Whole, "it has no list".to_owned())]);
    };
    if let Some(detail) = unsigned(list_bytes, signatures, trust) {
        refusals.push(refusal(Rule::Signed, detail));
    }
    if wire.side != side.name {
        refusals.push(refusal(Rule::ForThisSide, format!("it is for {}, this is {}", wire.side, side.name)));
    }
    if wire.sequence != expected {
        let detail = format!("it has number {}, number {expected} comes next", wire.sequence);
        refusals.push(refusal(Rule::InOrder, detail));
    }
    let mut imported = Vec::new();
    for (_, package) in packages {
        let digest = Digest::of(package);
        match verify(package, trust) {
            Ok(verified) => {
                let refused = side.refuses(verified.label());
                let about = |detail| Refusal { rule: Rule::Labelled, package: Some(digest), detail };
                refusals.extend(refused.map(about));
                imported.push((digest, *package));
            }
            Err(report) => refusals.extend(report.failures().map(|check| Refusal {
                rule: Rule::Agreed,
                package: Some(digest),
                detail: format!("{}: {}", check.name, check.detail),
            })),
        }
    }
    if refusals.is_empty() {
        Ok(Imported { sequence: wire.sequence, made_utc: wire.made_utc, packages: imported })
    } else {
        Err(refusals)
    }
}

fn refusal(rule: Rule, detail: String) -> Refusal {
    Refusal { rule, package: None, detail }
}

/// Members and list of a bundle, if it has exactly what its list says.
fn whole(bundle: &[u8]) -> Result<(Vec<zip::Member<'_>>, Wire), String> {
    let read = zip::read(bundle).map_err(|error| error.to_string())?;
    if let Some(fault) = read.fault {
        return Err(fault.to_string());
    }
    let members = read.members;
    let [(BUNDLE, list), (SIGNATURES, _), packages @ ..] = members.as_slice() else {
        return Err("it does not begin with its list and signatures".to_owned());
    };
    if list.len() > LIST_BYTES_MAX {
        return Err("its list is too long".to_owned());
    }
    let unreadable = "its list does not read as one";
    let wire = serde_json::from_slice::<Wire>(list).map_err(|_| unreadable)?;
    let one_form = serde_json::to_vec(&wire).is_ok_and(|bytes| bytes == *list);
    if wire.schema != SCHEMA || !one_form || wire.packages.is_empty() {
        return Err(unreadable.to_owned());
    }
    let found =
        packages.iter().map(|(found, bytes)| (Part::of(bytes), (*found).to_owned())).collect::<Vec<_>>();
    let listed = wire.packages.iter().map(|part| (*part, name(part))).collect::<Vec<_>>();
    let ascending = listed.windows(2).all(|pair| matches!(pair, [(_, a), (_, b)] if a < b));
    if found != listed || !ascending {
        return Err(format!("it lists {} packages and does not hold exactly these", listed.len()));
    }
    Ok((members, wire))
}

/// What is wrong with the signatures, if anything is.
fn unsigned(list: &[u8], signatures: &[u8], trust: &Trust) -> Option<String> {
    let Some(read) = Signatures::from_bytes(signatures) else {
        return Some("its signatures do not read as such".to_owned());
    };
    let wanted = trust.office_seal().id();
    if read.key != wanted {
        return Some(format!("it is signed with key {}, not with the office's {wanted}", read.key));
    }
    let key = trust.seal_key();
    let both = read.ed25519_holds(key, BUNDLE_TYPE, list) && read.ml_dsa_holds(key, BUNDLE_TYPE, list);
    (!both).then(|| "a signature does not fit its list".to_owned())
}

fn name(part: &Part) -> String {
    format!("packages/{}.tdf", part.digest())
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    schema: String,
    side: Code,
    sequence: u64,
    made_utc: UtcTime,
    packages: Vec<Part>,
}
