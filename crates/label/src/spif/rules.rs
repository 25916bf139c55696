//! Whether a label is what its policy allows.

use crate::{
    document::Statement,
    field::UtcTime,
    finding::{Code, Finding, Severity},
    spif::{Group, Operation, Requirement, Selection, Spif, SpifTag, TagSet, Value, ValueId},
};

impl Spif {
    /// What the policy has against a statement, and what it has to note. Dates of values are held against `now` when it is
    /// given. Costs time in proportion to the label and to the rules of the values that it has.
    #[must_use]
    pub fn findings(&self, statement: &Statement, now: Option<UtcTime>) -> Vec<Finding> {
        let (selection, mut findings) = self.select(statement);
        if let (Some(mark), Some(known)) = (&statement.privacy_mark, &self.privacy_marks)
            && !known.iter().any(|k| k.name.says(mark.as_str()))
        {
            findings.push(Finding::new(Code::PrivacyMarkUnknown, "PrivacyMark", mark.as_str()));
        }
        if let Some(selection) = selection {
            self.judge(&selection, now, &mut findings);
        }
        findings
    }

    /// True when the policy has nothing against a statement; notes do not count.
    #[must_use]
    pub fn allows(&self, statement: &Statement) -> bool {
        self.findings(statement, None).iter().all(|f| f.code.severity() != Severity::Fault)
    }

    fn judge(&self, selection: &Selection, now: Option<UtcTime>, findings: &mut Vec<Finding>) {
        let Some(grade) = self.grades.get(selection.grade) else { return };
        if grade.obsolete {
            findings.push(Finding::new(Code::ClassificationObsolete, "Classification", grade.name.as_str()));
        }
        let place = "Classification";
        self.rules(&grade.required, &grade.excluded, (place, grade.name.as_str()), selection, findings);
        for id in selection.values.keys() {
            let Some((set, _, value)) = self.value(*id) else { continue };
            self.judge_value(set, value, selection, now, findings);
        }
        for (set_at, set) in self.sets.iter().enumerate() {
            for (tag_at, tag) in set.tags.iter().enumerate() {
                count(selection, (set_at, tag_at), set, tag, findings);
            }
        }
    }

    fn judge_value(
        &self,
        set: &TagSet,
        value: &Value,
        selection: &Selection,
        now: Option<UtcTime>,
        findings: &mut Vec<Finding>,
    ) {
        let (place, name) = (set.name.as_str(), value.name.as_str());
        if value.obsolete {
            findings.push(Finding::new(Code::ValueObsolete, place, name));
        }
        let early = value.not_before.zip(now).is_some_and(|(from, now)| now < from);
        let late = value.not_after.zip(now).is_some_and(|(until, now)| now > until);
        if early || late {
            findings.push(Finding::new(Code::ValueOutOfDate, place, name));
        }
        let hierarchy = |n: usize| self.grades.get(n).map(|g| g.hierarchy);
        let low = value.required_grade.is_some_and(|least| hierarchy(selection.grade) < hierarchy(least));
        if low || value.excluded_grades.contains(&selection.grade) {
            findings.push(Finding::new(Code::ClassExcluded, place, name));
        }
        self.rules(&value.required, &value.excluded, (place, name), selection, findings);
    }

    fn rules(
        &self,
        required: &[Requirement],
        excluded: &[Group],
        (place, name): (&str, &str),
        selection: &Selection,
        findings: &mut Vec<Finding>,
    ) {
        if required.iter().any(|r| !r.met(selection)) {
            findings.push(Finding::new(Code::CategoryRequired, place, name));
        }
        if excluded.iter().any(|g| g.fits(selection)) {
            findings.push(Finding::new(Code::CategoryExcluded, place, name));
        }
    }
}

/// How many values of a tag a label has, held against how many it may have.
fn count(
    selection: &Selection,
    (set_at, tag_at): (usize, usize),
    set: &TagSet,
    tag: &SpifTag,
    findings: &mut Vec<Finding>,
) {
    let chosen: usize = selection.values.range(span(set_at, tag_at)).map(|(_, written)| written.len()).sum();
    let number = || chosen.to_string();
    if tag.values_max.is_some_and(|most| chosen > most) {
        findings.push(Finding::new(Code::TooManyValues, set.name.as_str(), number()));
    }
    if chosen > 0 && chosen < tag.values_min {
        findings.push(Finding::new(Code::TooFewValues, set.name.as_str(), number()));
    }
}

fn span(set: usize, tag: usize) -> std::ops::RangeInclusive<ValueId> {
    ValueId { set, tag, value: 0 }..=ValueId { set, tag, value: usize::MAX }
}

impl Requirement {
    fn met(&self, selection: &Selection) -> bool {
        let fitting = self.groups.iter().filter(|g| g.fits(selection)).count();
        match self.operation {
            Operation::OnlyOne => fitting == 1,
            Operation::OneOrMore => fitting >= 1,
            Operation::All => fitting == self.groups.len(),
        }
    }
}

impl Group {
    /// True when one of the group's values is there.
    fn fits(&self, selection: &Selection) -> bool {
        let any = |tag: usize| selection.values.range(span(self.set, tag)).next().is_some();
        match self.value {
            None => self.tags.iter().any(|tag| any(*tag)),
            Some(value) => {
                let here = |tag: &usize| ValueId { set: self.set, tag: *tag, value };
                self.tags.iter().any(|tag| selection.values.contains_key(&here(tag)))
            }
        }
    }
}
