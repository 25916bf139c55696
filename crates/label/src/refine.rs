//! Between documents of any policy and the labels that are issued here: a [`Label`] is a [`Document`] with no finding, all of
//! whose values are in the closed sets.

use crate::{
    LABEL_BYTES_MAX,
    classification::{Classification, Policy},
    document::{Document, OriginatorName, PolicyName, Reading, Replacement, Root, Statement, TaggedValues},
    error::LabelError,
    field::{Text, UtcTime},
    information::{Category, Information, Label, Originator, Succession, Successor, Tag},
};

impl Label {
    /// Reads a label. Values of the closed sets match in any case, as ADatP-4774 has it for these two policies; the elements
    /// must stand in the order of the standard.
    ///
    /// # Errors
    /// [`LabelError`], which names what is wrong. Nothing is put up with: an element or attribute not known here is an error,
    /// and so is every [`crate::Finding`].
    pub fn from_xml(bytes: &[u8]) -> Result<Self, LabelError> {
        let reading = Reading::of_ours(bytes)?;
        if reading.document.root != Root::Originator {
            let found = reading.document.root.name().to_owned();
            return Err(LabelError::OutOfPlace { found, within: "the label".to_owned() });
        }
        // What the values say is said first: a wrong value is a worse error than the form of a time.
        let label = Self::try_from(&reading.document)?;
        match reading.findings.into_iter().next() {
            Some(finding) => Err(finding.into()),
            None => Ok(label),
        }
    }

    /// The label as XML: no declaration, no line breaks, default namespace, identifiers of policy and categories written out.
    /// Equal labels have equal bytes.
    ///
    /// # Errors
    /// [`LabelError::TooLong`] past [`LABEL_BYTES_MAX`], which [`Label::from_xml`] would not read back.
    pub fn to_xml(&self) -> Result<String, LabelError> {
        let xml = Document::from(self).xml();
        if xml.len() > LABEL_BYTES_MAX {
            return Err(LabelError::TooLong { bytes: xml.len(), allowed: LABEL_BYTES_MAX });
        }
        Ok(xml)
    }
}

impl TryFrom<&Document> for Label {
    type Error = LabelError;

    fn try_from(document: &Document) -> Result<Self, LabelError> {
        let statement = &document.statement;
        let information = information(statement)?;
        let originator = statement.originator.as_ref().map(originator).transpose()?;
        let created = created(statement)?;
        let succession = document.succession.as_ref().map(succession).transpose()?;
        Self::new(information, originator, created, document.review_utc, succession)
    }
}

fn created(statement: &Statement) -> Result<UtcTime, LabelError> {
    statement.created_utc.ok_or(LabelError::Missing { what: "creation time" })
}

fn information(statement: &Statement) -> Result<Information, LabelError> {
    let policy = Policy::new(statement.policy.name.as_str())?;
    if let (Some(found), Some(expected)) = (&statement.policy.identifier, policy.identifier())
        && found.as_str() != expected
    {
        // No public source names the identifier of PUBLIC, so there is nothing to hold it against.
        return Err(LabelError::WrongIdentifier { what: policy.name(), found: found.to_string() });
    }
    let classification = Classification::new(policy, statement.classification.as_str())?;
    let categories = statement.categories.iter().map(|c| category(policy, c));
    Information::new(classification, statement.privacy_mark.clone(), categories.collect::<Result<_, _>>()?)
}

fn category(policy: Policy, category: &TaggedValues) -> Result<Category, LabelError> {
    let unknown =
        |found: &str| LabelError::UnknownCategory { policy: policy.name(), found: found.to_owned() };
    let tag = Tag::ALL.into_iter().find(|t| category.tag.says(t.name()));
    let tag = tag.ok_or_else(|| unknown(category.tag.as_str()))?;
    if category.kind != tag.kind() {
        return Err(unknown(category.kind.name()));
    }
    if let Some(found) = category.identifier.as_ref().filter(|i| i.as_str() != tag.identifier()) {
        return Err(LabelError::WrongIdentifier { what: tag.name(), found: found.to_string() });
    }
    Category::new(tag, category.values.clone())
}

fn originator(originator: &OriginatorName) -> Result<Originator, LabelError> {
    let kind = originator.kind.ok_or(LabelError::Missing { what: "kind of originator" })?;
    Ok(Originator { kind, id: originator.id.clone() })
}

fn succession(replacement: &Replacement) -> Result<Succession, LabelError> {
    let statement = &replacement.successor;
    let successor = Successor {
        information: information(statement)?,
        originator: statement.originator.as_ref().map(originator).transpose()?,
        created_utc: created(statement)?,
    };
    Ok(Succession { at_utc: replacement.at_utc, successor })
}

impl From<&Label> for Document {
    fn from(label: &Label) -> Self {
        let succession = label.succession().map(|s| Replacement {
            at_utc: s.at_utc,
            successor: stated(
                &s.successor.information,
                s.successor.originator.as_ref(),
                s.successor.created_utc,
            ),
        });
        Self {
            root: Root::Originator,
            statement: stated(label.information(), label.originator(), label.created_utc()),
            review_utc: label.review_utc(),
            succession,
        }
    }
}

fn stated(information: &Information, originator: Option<&Originator>, created: UtcTime) -> Statement {
    let policy = information.classification().policy();
    let categories = information.categories().iter().map(|category| TaggedValues {
        kind: category.tag().kind(),
        tag: Text::of_ours(category.tag().name()),
        identifier: Some(Text::of_ours(category.tag().identifier())),
        values: category.values().to_vec(),
    });
    Statement {
        policy: PolicyName {
            name: Text::of_ours(policy.name()),
            identifier: policy.identifier().map(Text::of_ours),
        },
        classification: Text::of_ours(information.classification().name()),
        privacy_mark: information.privacy_mark().cloned(),
        categories: categories.collect(),
        originator: originator.map(|o| OriginatorName { kind: Some(o.kind), id: o.id.clone() }),
        created_utc: Some(created),
    }
}
