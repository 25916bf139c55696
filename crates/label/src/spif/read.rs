//! From XML to a policy. Elements may stand in any order; none that is not known here is skipped.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    field::{Text, UtcTime},
    information::CategoryKind,
    spif::{
        Applied, EquivalentGrade, EquivalentPolicy, EquivalentTarget, EquivalentValue, ForeignGroup,
        ForeignRequirement, Grade, Group, Markings, Operation, PrivacyMark, Requirement, SPIF_BYTES_MAX,
        SPIF_NAMESPACE, Spif, SpifError, SpifTag, SpifVersion, TagSet, Value,
    },
    xml::{Comments, Element, Limits, is_space, token},
};

const SPIF_LIMITS: Limits = Limits {
    bytes: SPIF_BYTES_MAX,
    depth: 32,
    elements: 131_072,
    attributes: 24,
    comments: Comments::Dropped,
};

impl Spif {
    /// Reads a policy file.
    ///
    /// # Errors
    /// [`SpifError`], which names what is wrong. Nothing of the policy's namespace is skipped, since it may be a rule; what
    /// stands in `extensions` or has a namespace of its own as an attribute is no part of the policy.
    pub fn from_xml(bytes: &[u8]) -> Result<Self, SpifError> {
        let root = Element::parse(bytes, &SPIF_LIMITS)?;
        if !root.is(SPIF_NAMESPACE, "SPIF") {
            return Err(SpifError::OutOfPlace { found: root.name, within: "the policy file".to_owned() });
        }
        let mut node = Node::new(root)?;
        let version = node.required("schemaVersion")?;
        let known = SpifVersion::ALL.into_iter().find(|v| v.name() == version);
        let version = known.ok_or_else(|| node.word("schemaVersion", &version))?;
        for unused in ["version", "creationDate", "originatorDN", "keyIdentifier", "privilegeId", "rbacId"] {
            node.element.take(unused);
        }
        node.drop_children("extensions");
        node.drop_children("defaultSecurityPolicyId");
        let mut policy = node.child("securityPolicyId")?;
        let (name, id) = (policy.required_text("name")?, policy.required_text("id")?);
        policy.end()?;
        let equivalents = equivalent_policies(&mut node)?;
        let mut grades_node = node.child("securityClassifications")?;
        let mut sets_node = node.optional("securityCategoryTagSets")?;
        let privacy_marks = node.optional("privacyMarks")?.map(privacy_marks).transpose()?;
        let markings = Markings::read(&mut node)?;
        node.end()?;
        let drafts = Drafts::read(&mut grades_node, sets_node.as_mut(), &equivalents)?;
        grades_node.end()?;
        sets_node.map(Node::end).transpose()?;
        let (grades, sets) = drafts.resolve()?;
        Ok(Self { name, id, version, grades, sets, privacy_marks, equivalents, markings })
    }
}

/// An element whose attributes and children are taken out one after the other; what is left at the end has no place.
pub(super) struct Node {
    pub(super) element: Element,
}

impl Node {
    fn new(mut element: Element) -> Result<Self, SpifError> {
        element
            .attributes
            .retain(|a| a.namespace.is_none() || a.namespace.as_deref() == Some(crate::xml::XML_NAMESPACE));
        if !element.children.is_empty() && !element.text.chars().all(is_space) {
            return Err(SpifError::OutOfPlace { found: element.text, within: element.name });
        }
        Ok(Self { element })
    }

    pub(super) fn word(&self, attribute: &'static str, found: &str) -> SpifError {
        SpifError::Word { element: self.element.name.clone(), attribute, found: found.to_owned() }
    }

    fn required(&mut self, name: &'static str) -> Result<String, SpifError> {
        let found = self.element.take(name);
        found.ok_or_else(|| SpifError::Missing { what: name, within: self.element.name.clone() })
    }

    fn text(&self, attribute: &'static str, found: &str) -> Result<Text, SpifError> {
        let element = self.element.name.clone();
        Text::new(found).map_err(|source| SpifError::Text { element, attribute, source })
    }

    fn required_text(&mut self, name: &'static str) -> Result<Text, SpifError> {
        let found = self.required(name)?;
        self.text(name, &found)
    }

    fn number(&mut self, name: &'static str) -> Result<Option<u64>, SpifError> {
        match self.element.take(name) {
            // `lacv=""` stands beside `action="discard"`, where no value is meant.
            None => Ok(None),
            Some(text) if text.is_empty() => Ok(None),
            Some(text) if text.chars().all(|c| c.is_ascii_digit()) => {
                text.parse().map(Some).map_err(|_| self.word(name, &text))
            }
            Some(text) => Err(self.word(name, &text)),
        }
    }

    fn required_number(&mut self, name: &'static str) -> Result<u64, SpifError> {
        let found = self.number(name)?;
        found.ok_or_else(|| SpifError::Missing { what: name, within: self.element.name.clone() })
    }

    fn flag(&mut self, name: &'static str) -> Result<bool, SpifError> {
        match self.element.take(name).as_deref() {
            None | Some("false" | "0") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some(other) => Err(self.word(name, other)),
        }
    }

    /// Takes the children of a name out, in their order.
    pub(super) fn children(&mut self, name: &str) -> Result<Vec<Self>, SpifError> {
        let wanted = |e: &mut Element| e.is(SPIF_NAMESPACE, name);
        self.element.children.extract_if(.., wanted).map(Self::new).collect()
    }

    fn drop_children(&mut self, name: &str) {
        self.element.children.retain(|e| !e.is(SPIF_NAMESPACE, name));
    }

    fn optional(&mut self, name: &'static str) -> Result<Option<Self>, SpifError> {
        let mut found = self.children(name)?.into_iter();
        match (found.next(), found.next()) {
            (_, Some(_)) => Err(SpifError::Twice { what: "element", found: name.to_owned() }),
            (first, None) => Ok(first),
        }
    }

    fn child(&mut self, name: &'static str) -> Result<Self, SpifError> {
        let found = self.optional(name)?;
        found.ok_or_else(|| SpifError::Missing { what: name, within: self.element.name.clone() })
    }

    /// # Errors
    /// [`SpifError::OutOfPlace`] for the first thing that was not taken.
    pub(super) fn end(self) -> Result<(), SpifError> {
        let within = self.element.name;
        let left = self.element.children.into_iter().map(|e| e.name);
        let mut left = left.chain(self.element.attributes.into_iter().map(|a| a.name));
        match left.next() {
            Some(found) => Err(SpifError::OutOfPlace { found, within }),
            None if self.element.text.chars().all(is_space) => Ok(()),
            None => Err(SpifError::OutOfPlace { found: self.element.text, within }),
        }
    }

    /// The text of an element that has nothing else.
    pub(super) fn into_text(mut self) -> Result<String, SpifError> {
        let text = token(&std::mem::take(&mut self.element.text));
        self.end()?;
        Ok(text)
    }
}

fn equivalent_policies(node: &mut Node) -> Result<Vec<EquivalentPolicy>, SpifError> {
    let Some(mut all) = node.optional("equivalentPolicies")? else { return Ok(Vec::new()) };
    let mut policies: Vec<EquivalentPolicy> = Vec::new();
    for mut policy in all.children("equivalentPolicy")? {
        let (name, id) = (policy.required_text("name")?, policy.required_text("id")?);
        policy.element.take("docRefURI");
        if policies.iter().any(|p| p.name.says(name.as_str()) || p.id == id) {
            return Err(SpifError::Twice { what: "equivalent policy", found: name.to_string() });
        }
        let required = foreign_requirements(&mut policy)?;
        policy.end()?;
        policies.push(EquivalentPolicy { name, id, required });
    }
    all.end()?;
    Ok(policies)
}

fn privacy_marks(mut node: Node) -> Result<Vec<PrivacyMark>, SpifError> {
    for unused in ["minSelection", "maxSelection", "singleSelection"] {
        // A label has room for one privacy mark, whatever these say.
        node.element.take(unused);
    }
    let mut marks = Vec::new();
    for mut mark in node.children("privacyMark")? {
        let name = mark.required_text("name")?;
        mark.flag("obsolete")?;
        let markings = Markings::read(&mut mark)?;
        mark.end()?;
        marks.push(PrivacyMark { name, markings });
    }
    node.end()?;
    Ok(marks)
}

/// A reference as it stands in the file.
struct DraftGroup {
    set: Text,
    kind: CategoryKind,
    lacv: Option<u64>,
    within: String,
}

/// A rule as it stands in the file.
struct DraftRequirement {
    operation: Operation,
    groups: Vec<DraftGroup>,
}

/// What a classification or value refers to, until all values are known.
#[derive(Default)]
struct DraftRules {
    required: Vec<DraftRequirement>,
    excluded: Vec<DraftGroup>,
}

/// Classifications and tag sets whose rules are not resolved yet.
struct Drafts {
    grades: Vec<(Grade, DraftRules)>,
    sets: Vec<TagSet>,
    /// Rules of values, in the order of the file.
    rules: Vec<DraftRules>,
}

impl Drafts {
    fn read(
        grades: &mut Node,
        sets: Option<&mut Node>,
        policies: &[EquivalentPolicy],
    ) -> Result<Self, SpifError> {
        let mut drafts = Self { grades: Vec::new(), sets: Vec::new(), rules: Vec::new() };
        let mut names = BTreeSet::new();
        let mut numbers = BTreeSet::new();
        for node in grades.children("securityClassification")? {
            let (grade, rules) = grade(node, policies)?;
            once(&mut names, grade.name.as_str().to_ascii_lowercase(), "classification")?;
            once(&mut numbers, grade.lacv, "number of a classification")?;
            drafts.grades.push((grade, rules));
        }
        if drafts.grades.is_empty() {
            let within = "securityClassifications".to_owned();
            return Err(SpifError::Missing { what: "securityClassification", within });
        }
        let by_name: BTreeMap<String, usize> = drafts
            .grades
            .iter()
            .enumerate()
            .map(|(n, (grade, _))| (grade.name.as_str().to_ascii_lowercase(), n))
            .collect();
        let (mut names, mut ids) = (BTreeSet::new(), BTreeSet::new());
        let context = Context { grades: &by_name, policies };
        for mut node in sets.map_or_else(|| Ok(Vec::new()), |s| s.children("securityCategoryTagSet"))? {
            let set = context.tag_set(&mut node, &mut drafts.rules)?;
            node.end()?;
            once(&mut names, set.name.as_str().to_ascii_lowercase(), "tag set")?;
            once(&mut ids, set.id.to_string(), "identifier of a tag set")?;
            drafts.sets.push(set);
        }
        Ok(drafts)
    }

    fn resolve(self) -> Result<(Vec<Grade>, Vec<TagSet>), SpifError> {
        let Self { grades, mut sets, rules } = self;
        let index = Index::new(&sets);
        let mut resolved = Vec::with_capacity(rules.len());
        for rules in rules {
            resolved.push(index.rules(rules)?);
        }
        let grades = grades.into_iter().map(|(mut grade, rules)| {
            (grade.required, grade.excluded) = index.rules(rules)?;
            Ok(grade)
        });
        let grades = grades.collect::<Result<Vec<_>, SpifError>>()?;
        let values = sets.iter_mut().flat_map(|s| &mut s.tags).flat_map(|t| &mut t.values);
        for (value, (required, excluded)) in values.zip(resolved) {
            (value.required, value.excluded) = (required, excluded);
        }
        Ok((grades, sets))
    }
}

fn once<T: Ord + ToString>(seen: &mut BTreeSet<T>, value: T, what: &'static str) -> Result<(), SpifError> {
    let found = value.to_string();
    if seen.insert(value) { Ok(()) } else { Err(SpifError::Twice { what, found }) }
}

/// Tag sets by name, and their values by number.
struct Index {
    sets: BTreeMap<String, usize>,
    /// For each tag of each set: its type, and its values by number.
    tags: Vec<Vec<(CategoryKind, BTreeMap<u64, usize>)>>,
}

impl Index {
    fn new(sets: &[TagSet]) -> Self {
        let names = sets.iter().enumerate().map(|(n, s)| (s.name.as_str().to_ascii_lowercase(), n));
        let numbers = |tag: &SpifTag| tag.values.iter().enumerate().map(|(n, v)| (v.lacv, n)).collect();
        let tags = |set: &TagSet| set.tags.iter().map(|t| (t.kind, numbers(t))).collect();
        Self { sets: names.collect(), tags: sets.iter().map(tags).collect() }
    }

    fn rules(&self, rules: DraftRules) -> Result<(Vec<Requirement>, Vec<Group>), SpifError> {
        let required = rules.required.into_iter().map(|requirement| {
            let groups = requirement.groups.into_iter().map(|g| self.group(g));
            Ok(Requirement {
                operation: requirement.operation,
                groups: groups.collect::<Result<_, SpifError>>()?,
            })
        });
        let excluded = rules.excluded.into_iter().map(|g| self.group(g));
        Ok((required.collect::<Result<_, SpifError>>()?, excluded.collect::<Result<_, _>>()?))
    }

    fn group(&self, draft: DraftGroup) -> Result<Group, SpifError> {
        let dangling = |found: String| SpifError::Dangling { found, within: draft.within.clone() };
        let set = self.sets.get(&draft.set.as_str().to_ascii_lowercase()).copied();
        let set = set.ok_or_else(|| dangling(draft.set.to_string()))?;
        let tags = self.tags.get(set).into_iter().flatten().enumerate();
        let fitting: Vec<_> = tags.filter(|(_, (kind, _))| *kind == draft.kind).collect();
        if fitting.is_empty() {
            return Err(dangling(format!("{} {}", draft.set, draft.kind.name())));
        }
        let Some(lacv) = draft.lacv else {
            return Ok(Group { set, tags: fitting.into_iter().map(|(tag, _)| tag).collect(), value: None });
        };
        let found = fitting.iter().find_map(|(tag, (_, values))| Some((*tag, *values.get(&lacv)?)));
        let (tag, value) = found.ok_or_else(|| dangling(format!("{} {lacv}", draft.set)))?;
        Ok(Group { set, tags: vec![tag], value: Some(value) })
    }
}

fn grade(mut node: Node, policies: &[EquivalentPolicy]) -> Result<(Grade, DraftRules), SpifError> {
    let name = node.required_text("name")?;
    let (lacv, hierarchy) = (node.required_number("lacv")?, node.required_number("hierarchy")?);
    let obsolete = node.flag("obsolete")?;
    for colour in ["color", "fgcolor", "bgcolor"] {
        node.element.take(colour);
    }
    let mut equivalents = Vec::new();
    for mut equivalent in node.children("equivalentClassification")? {
        let policy = policy_ref(&mut equivalent, policies)?;
        let lacv = equivalent.required_number("lacv")?;
        let applied = applied(&mut equivalent)?;
        let required = foreign_requirements(&mut equivalent)?;
        equivalent.end()?;
        equivalents.push(EquivalentGrade { policy, lacv, applied, required });
    }
    let rules = rules(&mut node)?;
    let markings = Markings::read(&mut node)?;
    node.end()?;
    let (required, excluded) = (Vec::new(), Vec::new());
    Ok((Grade { name, lacv, hierarchy, obsolete, required, excluded, equivalents, markings }, rules))
}

fn rules(node: &mut Node) -> Result<DraftRules, SpifError> {
    let within = node.element.name.clone();
    let mut rules = DraftRules::default();
    for mut requirement in node.children("requiredCategory")? {
        let (operation, groups) = requirement_of(&mut requirement)?;
        requirement.end()?;
        let draft =
            |g: ForeignGroup| DraftGroup { set: g.set, kind: g.kind, lacv: g.lacv, within: within.clone() };
        rules.required.push(DraftRequirement { operation, groups: groups.into_iter().map(draft).collect() });
    }
    for excluded in node.children("excludedCategory")? {
        let g = foreign_group(excluded)?;
        rules.excluded.push(DraftGroup { set: g.set, kind: g.kind, lacv: g.lacv, within: within.clone() });
    }
    Ok(rules)
}

fn requirement_of(node: &mut Node) -> Result<(Operation, Vec<ForeignGroup>), SpifError> {
    let word = node.element.take("operation");
    let groups = node.children("categoryGroup")?;
    let groups = groups.into_iter().map(foreign_group).collect::<Result<Vec<_>, _>>()?;
    let operation = match word.as_deref() {
        Some("onlyOne") => Operation::OnlyOne,
        Some("oneOrMore") => Operation::OneOrMore,
        Some("all") => Operation::All,
        // All three are the same over one group, which is why files in the field leave the word out.
        None if groups.len() == 1 => Operation::All,
        None => {
            return Err(SpifError::Missing { what: "operation", within: node.element.name.clone() });
        }
        Some(other) => return Err(node.word("operation", other)),
    };
    if groups.is_empty() {
        return Err(SpifError::Missing { what: "categoryGroup", within: node.element.name.clone() });
    }
    Ok((operation, groups))
}

fn foreign_requirements(node: &mut Node) -> Result<Vec<ForeignRequirement>, SpifError> {
    let requirements = node.children("requiredCategory")?.into_iter().map(|mut requirement| {
        let (operation, groups) = requirement_of(&mut requirement)?;
        requirement.end()?;
        Ok(ForeignRequirement { operation, groups })
    });
    requirements.collect()
}

fn foreign_group(mut node: Node) -> Result<ForeignGroup, SpifError> {
    let set = node.required_text("tagSetRef")?;
    let kind = kind(&mut node)?;
    let lacv = node.number("lacv")?;
    // `all` says what the absence of a number says.
    if node.flag("all")? && lacv.is_some() {
        return Err(node.word("all", "true"));
    }
    node.end()?;
    Ok(ForeignGroup { set, kind, lacv })
}

/// The type of a category in labels, out of the type of a tag (ADatP-4774.1, section 3.3.4).
fn kind(node: &mut Node) -> Result<CategoryKind, SpifError> {
    let word = node.required("tagType")?;
    let enumerated = node.element.take("enumType");
    match (word.as_str(), enumerated.as_deref()) {
        ("restrictive", None) | ("enumerated", Some("restrictive")) => Ok(CategoryKind::Restrictive),
        ("permissive", None) | ("enumerated", Some("permissive")) => Ok(CategoryKind::Permissive),
        ("tagType7", None) => Ok(CategoryKind::Informative),
        ("enumerated", None) => {
            Err(SpifError::Missing { what: "enumType", within: node.element.name.clone() })
        }
        ("restrictive" | "permissive" | "tagType7" | "enumerated", Some(other)) => {
            Err(node.word("enumType", other))
        }
        (other, _) => Err(node.word("tagType", other)),
    }
}

fn policy_ref(node: &mut Node, policies: &[EquivalentPolicy]) -> Result<usize, SpifError> {
    let name = node.required("policyRef")?;
    let found = policies.iter().position(|p| p.name.says(&name));
    found.ok_or_else(|| SpifError::Dangling { found: name, within: node.element.name.clone() })
}

fn applied(node: &mut Node) -> Result<Applied, SpifError> {
    match node.required("applied")?.as_str() {
        "encrypt" => Ok(Applied { encrypt: true, decrypt: false }),
        "decrypt" => Ok(Applied { encrypt: false, decrypt: true }),
        "both" => Ok(Applied { encrypt: true, decrypt: true }),
        other => Err(node.word("applied", other)),
    }
}

/// What tag sets refer to.
struct Context<'p> {
    grades: &'p BTreeMap<String, usize>,
    policies: &'p [EquivalentPolicy],
}

impl Context<'_> {
    fn tag_set(&self, node: &mut Node, rules: &mut Vec<DraftRules>) -> Result<TagSet, SpifError> {
        let (name, id) = (node.required_text("name")?, node.required_text("id")?);
        let shared = Markings::read(node)?;
        let mut tags = Vec::new();
        for tag in node.children("securityCategoryTag")? {
            tags.push(self.tag(tag, &shared, rules)?);
        }
        // Two tags of one type in a set are one category in a label, so that their names must differ as well.
        for (n, tag) in tags.iter().enumerate() {
            let others = || tags.iter().take(n).filter(|t: &&SpifTag| t.kind == tag.kind);
            if let Some(twice) = tag.by_name.keys().find(|k| others().any(|t| t.by_name.contains_key(*k))) {
                return Err(SpifError::Twice { what: "value of a tag set", found: twice.clone() });
            }
        }
        Ok(TagSet { name, id, tags })
    }

    fn tag(
        &self,
        mut node: Node,
        shared: &Markings,
        rules: &mut Vec<DraftRules>,
    ) -> Result<SpifTag, SpifError> {
        let name = node.required_text("name")?;
        let kind = kind(&mut node)?;
        match node.element.take("tag7Encoding").as_deref() {
            None | Some("bitSetAttributes" | "securityAttributes") => {}
            Some(other) => return Err(node.word("tag7Encoding", other)),
        }
        let single = node.flag("singleSelection")?;
        let least = node.number("minSelection")?.unwrap_or(0);
        let most = node.number("maxSelection")?.or(single.then_some(1));
        let mut markings = Markings::read(&mut node)?;
        if markings.is_empty() {
            markings = shared.clone();
        }
        let (mut by_name, mut numbers) = (BTreeMap::new(), BTreeSet::new());
        let mut values = Vec::new();
        for child in node.children("tagCategory")? {
            let (value, own) = self.value(child)?;
            once(&mut numbers, value.lacv, "number of a value")?;
            if !value.free && by_name.insert(value.name.as_str().to_ascii_lowercase(), values.len()).is_some()
            {
                return Err(SpifError::Twice { what: "value of a tag", found: value.name.to_string() });
            }
            values.push(value);
            rules.push(own);
        }
        node.end()?;
        let bounded = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let (values_min, values_max) = (bounded(least), most.map(bounded));
        Ok(SpifTag { name, kind, values_min, values_max, values, by_name, markings })
    }

    fn value(&self, mut node: Node) -> Result<(Value, DraftRules), SpifError> {
        let name = node.required_text("name")?;
        let lacv = node.required_number("lacv")?;
        let obsolete = node.flag("obsolete")?;
        let input = node.element.take("userInput");
        node.element.take("dateFormat");
        let free = !matches!(input.as_deref(), None | Some("false" | "none"));
        let not_before = time(&mut node, "notBefore")?;
        let not_after = time(&mut node, "notAfter")?;
        let required_grade = match node.element.take("requiredClass") {
            None => None,
            Some(name) => Some(self.grade(&node, &name)?),
        };
        let mut excluded_grades = BTreeSet::new();
        for child in node.children("excludedClass")? {
            let name = child.into_text()?;
            excluded_grades.insert(self.grade(&node, &name)?);
        }
        let mut equivalents = Vec::new();
        for child in node.children("equivalentSecCategoryTag")? {
            equivalents.push(self.equivalent(child)?);
        }
        let rules = rules(&mut node)?;
        let markings = Markings::read(&mut node)?;
        node.end()?;
        let value = Value {
            name,
            lacv,
            obsolete,
            free,
            not_before,
            not_after,
            excluded_grades,
            required_grade,
            required: Vec::new(),
            excluded: Vec::new(),
            equivalents,
            markings,
        };
        Ok((value, rules))
    }

    fn grade(&self, node: &Node, name: &str) -> Result<usize, SpifError> {
        let found = self.grades.get(&name.to_ascii_lowercase()).copied();
        let within = || node.element.name.clone();
        found.ok_or_else(|| SpifError::Dangling { found: name.to_owned(), within: within() })
    }

    fn equivalent(&self, mut node: Node) -> Result<EquivalentValue, SpifError> {
        let policy = policy_ref(&mut node, self.policies)?;
        let applied = applied(&mut node)?;
        let set_id = node.required_text("tagSetId")?;
        let kind = kind(&mut node)?;
        let lacv = node.number("lacv")?;
        let target = match node.element.take("action").as_deref() {
            Some("discard") => None,
            Some(other) => return Err(node.word("action", other)),
            None => {
                let within = node.element.name.clone();
                let lacv = lacv.ok_or(SpifError::Missing { what: "lacv", within })?;
                Some(EquivalentTarget { set_id, kind, lacv })
            }
        };
        node.end()?;
        Ok(EquivalentValue { policy, applied, target })
    }
}

fn time(node: &mut Node, name: &'static str) -> Result<Option<UtcTime>, SpifError> {
    let found = node.element.take(name);
    found.map(|text| UtcTime::of_any_form(&text).map_err(|_| node.word(name, &text))).transpose()
}
