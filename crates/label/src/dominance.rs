//! Whether somebody with a clearance may see what a label stands on.
//!
//! A clearance dominates a label when it lists the label's classification, holds every value of each restrictive tag that the
//! label has, and at least one value of each permissive tag that it has. Informative values ask nothing of anybody.
//!
//! # Guarantee
//! A label that its policy does not allow, and a clearance with a value that the policy does not have, are errors and never a
//! yes. A clearance that lists more never sees less; a label with one more restrictive value, or one less value of a permissive
//! tag that keeps another, is never seen by more.
//!
//! # Source
//! ADatP-4774, table 8 (types of categories); ITU-T X.841, section 6, and ISO/IEC 15816 for the comparison.

use std::collections::BTreeMap;

use crate::{
    clearance::Clearance,
    document::Statement,
    field::Text,
    finding::{Finding, Severity},
    information::CategoryKind,
    spif::{Selection, Spif, ValueId},
};

/// One reason why a label may not be seen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Withheld {
    /// The classification is not held.
    #[error("classification `{needed}` is not held")]
    Classification {
        /// The label's classification.
        needed: Text,
    },
    /// A value of a restrictive tag is not held.
    #[error("`{needed}` of `{tag}` is not held")]
    Value {
        /// The tag set.
        tag: Text,
        /// The value.
        needed: Text,
    },
    /// None of the values of a permissive tag is held.
    #[error("none of {} of `{tag}` is held", listed(one_of))]
    NoneOf {
        /// The tag set.
        tag: Text,
        /// The values, one of which would do.
        one_of: Vec<Text>,
    },
}

impl Withheld {
    /// The stable word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Classification { .. } => "classification",
            Self::Value { .. } => "value",
            Self::NoneOf { .. } => "none-of",
        }
    }
}

fn listed(values: &[Text]) -> String {
    values.iter().map(|v| format!("`{v}`")).collect::<Vec<_>>().join(", ")
}

/// Why nothing can be said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DominanceError {
    /// The policy has something against the label.
    #[error("the label is not what its policy allows: {}", first(.0))]
    Label(Vec<Finding>),
    /// The clearance has something that the policy does not have.
    #[error("the clearance is not what the policy has: {}", first(.0))]
    Clearance(Vec<Finding>),
}

impl DominanceError {
    /// What the reader of the error can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Label(found) | Self::Clearance(found) => {
                found.first().map_or("check the policy file", |f| f.code.advice())
            }
        }
    }
}

pub(crate) fn first(findings: &[Finding]) -> String {
    findings.first().map_or_else(|| "unknown".to_owned(), ToString::to_string)
}

impl Clearance {
    /// Why a label may not be seen; nothing when it may.
    ///
    /// # Errors
    /// [`DominanceError`] when label or clearance do not fit the policy. Treat it as *no*.
    pub fn withheld(&self, label: &Statement, policy: &Spif) -> Result<Vec<Withheld>, DominanceError> {
        let mut faults = policy.findings(label, None);
        faults.retain(|f| f.code.severity() == Severity::Fault);
        let (Some(needed), _) = policy.select(label) else { return Err(DominanceError::Label(faults)) };
        if !faults.is_empty() {
            return Err(DominanceError::Label(faults));
        }
        let held = self.held(policy)?;
        Ok(held.withheld(&needed, policy))
    }

    fn held(&self, policy: &Spif) -> Result<Held, DominanceError> {
        let mut held = Held { grades: Vec::new(), values: BTreeMap::new() };
        for classification in &self.classifications {
            match policy.select(&self.statement(classification.clone())) {
                (Some(selection), findings) if findings.is_empty() => {
                    held.grades.push(selection.grade);
                    held.values = selection.values;
                }
                (_, findings) => return Err(DominanceError::Clearance(findings)),
            }
        }
        Ok(held)
    }
}

/// What a clearance picks of the policy. Without a classification it holds nothing.
struct Held {
    grades: Vec<usize>,
    values: BTreeMap<ValueId, Vec<Text>>,
}

impl Held {
    fn withheld(&self, needed: &Selection, policy: &Spif) -> Vec<Withheld> {
        let mut reasons = Vec::new();
        if !self.grades.contains(&needed.grade)
            && let Some(grade) = policy.grades().get(needed.grade)
        {
            reasons.push(Withheld::Classification { needed: grade.name.clone() });
        }
        // For each permissive tag: its set, the values asked for, and whether one of them is held.
        let mut permissive: BTreeMap<(usize, usize), (Text, Vec<Text>, bool)> = BTreeMap::new();
        for (id, written) in &needed.values {
            let Some((set, tag, value)) = policy.value(*id) else { continue };
            let has = self.has(*id, written, value.free);
            match tag.kind {
                CategoryKind::Informative => {}
                CategoryKind::Restrictive if has => {}
                CategoryKind::Restrictive => {
                    reasons.push(Withheld::Value { tag: set.name.clone(), needed: value.name.clone() });
                }
                CategoryKind::Permissive => {
                    let entry = permissive.entry((id.set, id.tag));
                    let (_, one_of, any) = entry.or_insert_with(|| (set.name.clone(), Vec::new(), false));
                    one_of.push(value.name.clone());
                    *any |= has;
                }
            }
        }
        let missing = permissive.into_values().filter(|(_, _, any)| !any);
        reasons.extend(missing.map(|(tag, one_of, _)| Withheld::NoneOf { tag, one_of }));
        reasons
    }

    fn has(&self, id: ValueId, written: &[Text], free: bool) -> bool {
        self.values.get(&id).is_some_and(|held| !free || written.iter().all(|w| held.contains(w)))
    }
}
