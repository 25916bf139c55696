//! A label of one policy in the words of another.
//!
//! Either side's policy file may say what corresponds: the sender's by equivalences applied on encryption, the receiver's by
//! those applied on decryption. Conditions that the sender's file ties to an equivalence are fulfilled by adding what it names;
//! the receiver's are tests that the label must pass for the equivalence to hold.
//!
//! # Guarantee
//! A translation is refused where it would let more people see the information than the label does: a restrictive value
//! without counterpart, a permissive tag none of whose values has one, and values of different origin that would become
//! alternatives to each other. Only what the policy file itself says to discard is left out, and informative values. The result
//! is allowed by the policy that it is in.
//!
//! # Source
//! Open XML SPIF, `equivalentPolicies`, `equivalentClassification`, `equivalentSecCategoryTag`.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    document::Statement,
    dominance::first,
    field::Text,
    finding::{Finding, Severity},
    information::CategoryKind,
    spif::{ForeignGroup, ForeignRequirement, Operation, Selection, Spif, ValueId},
};

/// Whose policy file says what corresponds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// The file of the label's own policy: `applied="encrypt"`.
    Encrypt,
    /// The file of the policy translated to: `applied="decrypt"`.
    Decrypt,
}

impl Direction {
    /// The word in policy files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Encrypt => "encrypt",
            Self::Decrypt => "decrypt",
        }
    }
}

/// A label in the words of another policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translation {
    /// What it says there. Privacy mark and originator do not go along: they are the original's.
    pub statement: Statement,
    /// Whose file said so.
    pub direction: Direction,
    /// Values left out, each with its tag set.
    pub left_out: Vec<(Text, Text)>,
}

/// Why a label cannot be said in another policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EquivalenceError {
    /// The policy file does not name the other policy.
    #[error("policy `{of}` names no equivalence with `{other}`")]
    Policy {
        /// Whose file.
        of: Text,
        /// The other policy.
        other: Text,
    },
    /// The label's own policy has something against it.
    #[error("the label is not what its policy allows: {}", first(.0))]
    Label(Vec<Finding>),
    /// The classification has no counterpart.
    #[error("classification `{classification}` has no counterpart")]
    Classification {
        /// The classification.
        classification: Text,
    },
    /// A value that restricts readers has no counterpart.
    #[error("`{value}` of `{tag}` has no counterpart, and without it more people could see the information")]
    Value {
        /// The tag set.
        tag: Text,
        /// The value.
        value: Text,
    },
    /// Values of different origin would become alternatives.
    #[error("`{tag}` would get alternatives that were conditions beside each other")]
    Widened {
        /// The tag set in the other policy.
        tag: Text,
    },
    /// The policy file wants one of several values and does not say which.
    #[error("a value of `{tag}` has to be chosen, which no rule does")]
    Choice {
        /// The tag set in the other policy.
        tag: Text,
    },
    /// The policy file names something that the other policy does not have.
    #[error("the equivalence names `{found}`, which policy `{other}` does not have")]
    Dangling {
        /// What it names.
        found: String,
        /// The other policy.
        other: Text,
    },
    /// The policy translated to has something against the result.
    #[error("the result is not what its policy allows: {}", first(.0))]
    Result(Vec<Finding>),
}

impl EquivalenceError {
    /// What the reader of the error can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Policy { .. } => "take the policy files of both sides; one of them has to name the other",
            Self::Label(found) | Self::Result(found) => {
                found.first().map_or("check the policy files", |f| f.code.advice())
            }
            Self::Classification { .. } | Self::Value { .. } | Self::Widened { .. } | Self::Choice { .. } => {
                "have the originator put on an alternative label in the other policy"
            }
            Self::Dangling { .. } => "take the current edition of both policy files",
        }
    }
}

/// What a value becomes.
#[derive(Default)]
struct Mapped {
    targets: Vec<ValueId>,
    /// The file says to leave it out.
    discarded: bool,
}

impl Spif {
    /// A label of this policy in the words of another, by this policy's file.
    ///
    /// # Errors
    /// [`EquivalenceError`].
    pub fn encrypt(&self, label: &Statement, to: &Self) -> Result<Translation, EquivalenceError> {
        let policy = self.equivalent(to)?;
        let source = self.source(label)?;
        let grade = self.grades.get(source.grade);
        let grade = grade.ok_or_else(|| EquivalenceError::Label(Vec::new()))?;
        let candidates = grade.equivalents.iter().filter(|e| e.policy == policy && e.applied.encrypt);
        let mut fitting = Vec::new();
        for candidate in candidates {
            let at = to.grades.iter().position(|g| g.lacv == candidate.lacv);
            let at = at.ok_or_else(|| to.dangling(format!("classification {}", candidate.lacv)))?;
            let hierarchy = to.grades.get(at).map(|g| g.hierarchy);
            fitting.push((hierarchy, at, &candidate.required));
        }
        // Where several fit, the most sensitive is right for all of them.
        let Some((_, target, required)) = fitting.into_iter().max_by_key(|(hierarchy, _, _)| *hierarchy)
        else {
            return Err(EquivalenceError::Classification { classification: grade.name.clone() });
        };
        let mut work = Work::new(self, to, target);
        for (id, written) in &source.values {
            let mut mapped = Mapped::default();
            let equivalents = self.value(*id).into_iter().flat_map(|(_, _, v)| &v.equivalents);
            for equivalent in equivalents.filter(|e| e.policy == policy && e.applied.encrypt) {
                match &equivalent.target {
                    None => mapped.discarded = true,
                    Some(target) => mapped.targets.push(
                        to.find(&target.set_id, target.kind, target.lacv)
                            .ok_or_else(|| to.dangling(format!("{} {}", target.set_id, target.lacv)))?,
                    ),
                }
            }
            work.add(*id, written, &mapped)?;
        }
        let of_policy = self.equivalents.get(policy).into_iter().flat_map(|p| &p.required);
        for requirement in of_policy.chain(required) {
            work.fulfil(requirement)?;
        }
        work.finish(Direction::Encrypt)
    }

    /// A label of another policy in the words of this one, by this policy's file.
    ///
    /// # Errors
    /// [`EquivalenceError`].
    pub fn decrypt(&self, label: &Statement, from: &Self) -> Result<Translation, EquivalenceError> {
        let policy = self.equivalent(from)?;
        let source = from.source(label)?;
        let grade = from.grades.get(source.grade);
        let grade = grade.ok_or_else(|| EquivalenceError::Label(Vec::new()))?;
        let holds = |required: &[ForeignRequirement]| required.iter().all(|r| from.meets(r, &source));
        let fitting = self.grades.iter().enumerate().filter(|(_, own)| {
            let mut of_policy = own.equivalents.iter().filter(|e| e.policy == policy && e.applied.decrypt);
            of_policy.any(|e| e.lacv == grade.lacv && holds(&e.required))
        });
        let Some((target, _)) = fitting.max_by_key(|(_, g)| g.hierarchy) else {
            return Err(EquivalenceError::Classification { classification: grade.name.clone() });
        };
        let index = self.decryption(policy);
        let mut work = Work::new(from, self, target);
        for (id, written) in &source.values {
            let mut mapped = Mapped::default();
            if let Some((set, tag, value)) = from.value(*id) {
                let key = (set.id.as_str(), tag.kind, value.lacv);
                mapped.targets = index.get(&key).cloned().unwrap_or_default();
            }
            work.add(*id, written, &mapped)?;
        }
        work.finish(Direction::Decrypt)
    }

    /// Which of our values stand for the values of another policy.
    fn decryption(&self, policy: usize) -> BTreeMap<(&str, CategoryKind, u64), Vec<ValueId>> {
        let mut index: BTreeMap<_, Vec<ValueId>> = BTreeMap::new();
        for (set_at, set) in self.sets.iter().enumerate() {
            for (tag_at, tag) in set.tags.iter().enumerate() {
                for (value_at, value) in tag.values.iter().enumerate() {
                    let id = ValueId { set: set_at, tag: tag_at, value: value_at };
                    let own = value.equivalents.iter().filter(|e| e.policy == policy && e.applied.decrypt);
                    for target in own.filter_map(|e| e.target.as_ref()) {
                        index.entry((target.set_id.as_str(), target.kind, target.lacv)).or_default().push(id);
                    }
                }
            }
        }
        index
    }

    fn equivalent(&self, other: &Self) -> Result<usize, EquivalenceError> {
        let found = self.equivalents.iter().position(|p| p.id == other.id);
        found.ok_or_else(|| EquivalenceError::Policy { of: self.name.clone(), other: other.name.clone() })
    }

    fn dangling(&self, found: String) -> EquivalenceError {
        EquivalenceError::Dangling { found, other: self.name.clone() }
    }

    fn source(&self, label: &Statement) -> Result<Selection, EquivalenceError> {
        let mut faults = self.findings(label, None);
        faults.retain(|f| f.code.severity() == Severity::Fault);
        match self.select(label) {
            (Some(selection), _) if faults.is_empty() => Ok(selection),
            _ => Err(EquivalenceError::Label(faults)),
        }
    }

    /// The value of an identifier, type and number.
    fn find(&self, set_id: &Text, kind: CategoryKind, lacv: u64) -> Option<ValueId> {
        let set = self.sets.iter().position(|s| s.id == *set_id)?;
        let mut tags = self.sets.get(set)?.tags.iter().enumerate().filter(|(_, t)| t.kind == kind);
        tags.find_map(|(tag, t)| {
            let value = t.values.iter().position(|v| v.lacv == lacv)?;
            Some(ValueId { set, tag, value })
        })
    }

    /// The values of this policy that a reference in another policy's file means.
    fn group(&self, group: &ForeignGroup) -> Result<Vec<ValueId>, EquivalenceError> {
        let missing = || self.dangling(group.set.to_string());
        let set = self.sets.iter().position(|s| s.name.says(group.set.as_str())).ok_or_else(missing)?;
        let mut found = Vec::new();
        for (tag, t) in self.sets.get(set).into_iter().flat_map(|s| &s.tags).enumerate() {
            let values = t.values.iter().enumerate().filter(|_| t.kind == group.kind);
            let wanted = values.filter(|(_, v)| group.lacv.is_none_or(|lacv| v.lacv == lacv));
            found.extend(wanted.map(|(value, _)| ValueId { set, tag, value }));
        }
        if found.is_empty() { Err(missing()) } else { Ok(found) }
    }

    /// Whether a label of this policy has what another policy's file asks for.
    fn meets(&self, requirement: &ForeignRequirement, selection: &Selection) -> bool {
        let has = |g: &ForeignGroup| {
            self.group(g).is_ok_and(|ids| ids.iter().any(|id| selection.values.contains_key(id)))
        };
        met(requirement.operation, requirement.groups.iter().map(has))
    }
}

fn met(operation: Operation, groups: impl Iterator<Item = bool>) -> bool {
    let (mut fitting, mut all) = (0_usize, 0_usize);
    for fits in groups {
        all += 1;
        fitting += usize::from(fits);
    }
    match operation {
        Operation::OnlyOne => fitting == 1,
        Operation::OneOrMore => fitting >= 1,
        Operation::All => fitting == all,
    }
}

/// What must hold of a reader beside everything else, and so may share no permissive tag with another condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Condition {
    /// One value of a permissive tag.
    OneOf(usize, usize),
    /// This value.
    Value(ValueId),
}

/// A translation as it grows.
struct Work<'p> {
    from: &'p Spif,
    to: &'p Spif,
    result: Selection,
    left_out: Vec<(Text, Text)>,
    /// The condition that each permissive tag of the result stands for.
    origins: BTreeMap<(usize, usize), Condition>,
    /// Permissive tags of the source with a value that has no counterpart, and those that are settled all the same.
    open: BTreeMap<(usize, usize), (Text, Text)>,
    settled: BTreeSet<(usize, usize)>,
}

impl<'p> Work<'p> {
    fn new(from: &'p Spif, to: &'p Spif, grade: usize) -> Self {
        Self {
            from,
            to,
            result: Selection { grade, values: BTreeMap::new() },
            left_out: Vec::new(),
            origins: BTreeMap::new(),
            open: BTreeMap::new(),
            settled: BTreeSet::new(),
        }
    }

    fn add(&mut self, id: ValueId, written: &[Text], mapped: &Mapped) -> Result<(), EquivalenceError> {
        let Some((set, tag, value)) = self.from.value(id) else { return Ok(()) };
        let named = (set.name.clone(), value.name.clone());
        let gone = mapped.targets.is_empty();
        match tag.kind {
            CategoryKind::Restrictive if gone && !mapped.discarded => {
                return Err(EquivalenceError::Value { tag: named.0, value: named.1 });
            }
            // Fewer alternatives let fewer people see it; none at all would let everybody.
            CategoryKind::Permissive if gone && !mapped.discarded => {
                self.open.entry((id.set, id.tag)).or_insert_with(|| named.clone());
            }
            CategoryKind::Permissive => {
                self.settled.insert((id.set, id.tag));
            }
            CategoryKind::Restrictive | CategoryKind::Informative => {}
        }
        if gone {
            self.left_out.push(named);
        }
        let condition = match tag.kind {
            CategoryKind::Permissive => Condition::OneOf(id.set, id.tag),
            CategoryKind::Restrictive | CategoryKind::Informative => Condition::Value(id),
        };
        for target in &mapped.targets {
            self.put(*target, condition, written)?;
        }
        Ok(())
    }

    fn put(
        &mut self,
        target: ValueId,
        condition: Condition,
        written: &[Text],
    ) -> Result<(), EquivalenceError> {
        let Some((set, tag, value)) = self.to.value(target) else { return Ok(()) };
        if tag.kind == CategoryKind::Permissive {
            let origin = self.origins.entry((target.set, target.tag)).or_insert(condition);
            if *origin != condition {
                return Err(EquivalenceError::Widened { tag: set.name.clone() });
            }
        }
        let text = if value.free { written.to_vec() } else { vec![value.name.clone()] };
        self.result.values.insert(target, text);
        Ok(())
    }

    /// Adds what the sender's file ties to the equivalence.
    fn fulfil(&mut self, requirement: &ForeignRequirement) -> Result<(), EquivalenceError> {
        let groups = requirement.groups.iter().map(|g| Ok((g, self.to.group(g)?)));
        let groups = groups.collect::<Result<Vec<_>, EquivalenceError>>()?;
        let has = |ids: &[ValueId], values: &BTreeMap<ValueId, Vec<Text>>| {
            ids.iter().any(|id| values.contains_key(id))
        };
        if met(requirement.operation, groups.iter().map(|(_, ids)| has(ids, &self.result.values))) {
            return Ok(());
        }
        let settled = requirement.operation == Operation::All || groups.len() == 1;
        for (group, ids) in groups {
            if has(&ids, &self.result.values) {
                continue;
            }
            match ids.as_slice() {
                [only] if settled => self.put(*only, Condition::Value(*only), &[])?,
                _ => return Err(EquivalenceError::Choice { tag: group.set.clone() }),
            }
        }
        Ok(())
    }

    fn finish(self, direction: Direction) -> Result<Translation, EquivalenceError> {
        if let Some((_, (tag, value))) = self.open.into_iter().find(|(at, _)| !self.settled.contains(at)) {
            return Err(EquivalenceError::Value { tag, value });
        }
        let statement = self.to.state(&self.result);
        let statement = statement.ok_or_else(|| EquivalenceError::Result(Vec::new()))?;
        let mut faults = self.to.findings(&statement, None);
        faults.retain(|f| f.code.severity() == Severity::Fault);
        if !faults.is_empty() {
            return Err(EquivalenceError::Result(faults));
        }
        Ok(Translation { statement, direction, left_out: self.left_out })
    }
}
