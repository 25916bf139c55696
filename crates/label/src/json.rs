//! The JSON form of a label, as the examples of OpenTDF have it in assertions.
//!
//! The examples show `Xmlns`, `CreationTime` and `ConfidentialityInformation` with `PolicyIdentifier`, `Classification` and one
//! `Category`. Several categories are an array here; what the examples do not show has the name of its XML element. A field that
//! is not known is an error: leaving it out could understate the label.

use serde::{Deserialize, Serialize};

use crate::{
    NAMESPACE,
    document::{
        CATEGORIES_MAX, DOCUMENT_BYTES_MAX, Document, OriginatorName, PolicyName, Reading, Replacement, Root,
        Statement, TaggedValues, VALUES_MAX,
    },
    error::LabelError,
    field::{Text, UtcTime},
    finding::{Code, Finding},
    information::{CategoryKind, OriginatorKind},
};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct LabelWire {
    xmlns: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    label_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    creation_time: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    review_date_time: Option<String>,
    confidentiality_information: InformationWire,
    #[serde(rename = "OriginatorID", default, skip_serializing_if = "Option::is_none")]
    originator: Option<OriginatorWire>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    succession_handling: Option<SuccessionWire>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct InformationWire {
    policy_identifier: String,
    #[serde(rename = "PolicyIdentifierURI", default, skip_serializing_if = "Option::is_none")]
    policy_uri: Option<String>,
    classification: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    privacy_mark: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    category: Option<Categories>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Categories {
    One(CategoryWire),
    Several(Vec<CategoryWire>),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct CategoryWire {
    r#type: String,
    tag_name: String,
    #[serde(rename = "URI", default, skip_serializing_if = "Option::is_none")]
    uri: Option<String>,
    generic_values: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OriginatorWire {
    #[serde(rename = "IDType", default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(rename = "Value")]
    value: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct SuccessionWire {
    succession_date_time: String,
    successor_confidentiality_label: SuccessorWire,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct SuccessorWire {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    creation_time: Option<String>,
    confidentiality_information: InformationWire,
    #[serde(rename = "OriginatorID", default, skip_serializing_if = "Option::is_none")]
    originator: Option<OriginatorWire>,
}

impl Reading {
    /// Reads a label in its JSON form.
    ///
    /// # Errors
    /// [`LabelError`], as for XML.
    pub fn from_json(bytes: &[u8]) -> Result<Self, LabelError> {
        if bytes.len() > DOCUMENT_BYTES_MAX {
            return Err(LabelError::TooLong { bytes: bytes.len(), allowed: DOCUMENT_BYTES_MAX });
        }
        let wire: LabelWire = serde_json::from_slice(bytes)
            .map_err(|error| LabelError::NotJson { line: error.line(), column: error.column() })?;
        if wire.xmlns != NAMESPACE {
            return Err(LabelError::OutOfPlace { found: wire.xmlns, within: "Xmlns".to_owned() });
        }
        let root = match wire.label_type {
            None => Root::Originator,
            Some(name) => match Root::ALL.into_iter().find(|r| r.name() == name) {
                Some(root) => root,
                None => {
                    return Err(LabelError::OutOfPlace { found: name, within: "LabelType".to_owned() });
                }
            },
        };
        let mut times = Times { findings: Vec::new() };
        let statement =
            times.statement(wire.confidentiality_information, wire.originator, wire.creation_time)?;
        let review_utc = wire.review_date_time.map(|t| times.read(&t, "ReviewDateTime")).transpose()?;
        let succession = wire.succession_handling.map(|s| times.succession(s)).transpose()?;
        let document = Document { root, statement, review_utc, succession };
        let mut findings = times.findings;
        findings.extend(document.findings());
        Ok(Self { document, findings })
    }

    /// Reads a label in either form: JSON when it begins with a brace, else XML.
    ///
    /// # Errors
    /// [`LabelError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LabelError> {
        match bytes.trim_ascii_start().first() {
            Some(b'{') => Self::from_json(bytes),
            _ => Self::from_xml(bytes),
        }
    }
}

/// Times that were read, and those not in our form.
struct Times {
    findings: Vec<Finding>,
}

impl Times {
    fn read(&mut self, text: &str, place: &str) -> Result<UtcTime, LabelError> {
        text.parse().or_else(|_| {
            let time = UtcTime::of_any_form(text)?;
            self.findings.push(Finding::new(Code::TimeForm, place, text));
            Ok(time)
        })
    }

    fn statement(
        &mut self,
        wire: InformationWire,
        originator: Option<OriginatorWire>,
        created: Option<String>,
    ) -> Result<Statement, LabelError> {
        let text = |text: String| Text::new(&text);
        let categories = match wire.category {
            None => Vec::new(),
            Some(Categories::One(one)) => vec![one],
            Some(Categories::Several(several)) => several,
        };
        if categories.len() > CATEGORIES_MAX {
            return Err(LabelError::TooMany { what: "categories", allowed: CATEGORIES_MAX });
        }
        Ok(Statement {
            policy: PolicyName {
                name: text(wire.policy_identifier)?,
                identifier: wire.policy_uri.map(text).transpose()?,
            },
            classification: text(wire.classification)?,
            privacy_mark: wire.privacy_mark.map(text).transpose()?,
            categories: categories.into_iter().map(category).collect::<Result<_, _>>()?,
            originator: originator.map(originator_name).transpose()?,
            created_utc: created.map(|t| self.read(&t, "CreationTime")).transpose()?,
        })
    }

    fn succession(&mut self, wire: SuccessionWire) -> Result<Replacement, LabelError> {
        let at_utc = self.read(&wire.succession_date_time, "SuccessionDateTime")?;
        let inner = wire.successor_confidentiality_label;
        let successor =
            self.statement(inner.confidentiality_information, inner.originator, inner.creation_time)?;
        Ok(Replacement { at_utc, successor })
    }
}

fn category(wire: CategoryWire) -> Result<TaggedValues, LabelError> {
    let known = CategoryKind::ALL.into_iter().find(|k| k.name() == wire.r#type);
    let Some(kind) = known else {
        return Err(LabelError::UnknownKind { found: wire.r#type });
    };
    if wire.generic_values.len() > VALUES_MAX {
        return Err(LabelError::TooMany { what: "values in a category", allowed: VALUES_MAX });
    }
    Ok(TaggedValues {
        kind,
        tag: Text::new(&wire.tag_name)?,
        identifier: wire.uri.map(|u| Text::new(&u)).transpose()?,
        values: wire.generic_values.iter().map(|v| Text::new(v)).collect::<Result<_, _>>()?,
    })
}

fn originator_name(wire: OriginatorWire) -> Result<OriginatorName, LabelError> {
    let kind = match wire.kind {
        None => None,
        Some(word) => match OriginatorKind::ALL.into_iter().find(|k| k.name() == word) {
            Some(kind) => Some(kind),
            None => return Err(LabelError::OutOfPlace { found: word, within: "IDType".to_owned() }),
        },
    };
    Ok(OriginatorName { kind, id: Text::new(&wire.value)? })
}

impl Document {
    /// The label in its JSON form, on one line. Equal documents have equal bytes.
    ///
    /// # Errors
    /// [`LabelError::TooLong`] past [`DOCUMENT_BYTES_MAX`].
    pub fn to_json(&self) -> Result<String, LabelError> {
        let statement = &self.statement;
        let wire = LabelWire {
            xmlns: NAMESPACE.to_owned(),
            label_type: (self.root != Root::Originator).then(|| self.root.name().to_owned()),
            creation_time: statement.created_utc.map(|t| t.to_string()),
            review_date_time: self.review_utc.map(|t| t.to_string()),
            confidentiality_information: information(statement),
            originator: statement.originator.as_ref().map(originator),
            succession_handling: self.succession.as_ref().map(|s| SuccessionWire {
                succession_date_time: s.at_utc.to_string(),
                successor_confidentiality_label: SuccessorWire {
                    creation_time: s.successor.created_utc.map(|t| t.to_string()),
                    confidentiality_information: information(&s.successor),
                    originator: s.successor.originator.as_ref().map(originator),
                },
            }),
        };
        // Writing a value of plain texts cannot fail.
        let json = serde_json::to_string(&wire).map_err(|_| LabelError::NotJson { line: 0, column: 0 })?;
        if json.len() > DOCUMENT_BYTES_MAX {
            return Err(LabelError::TooLong { bytes: json.len(), allowed: DOCUMENT_BYTES_MAX });
        }
        Ok(json)
    }
}

fn information(statement: &Statement) -> InformationWire {
    let mut categories: Vec<_> = statement.categories.iter().map(category_wire).collect();
    let category = match categories.len() {
        0 => None,
        1 => categories.pop().map(Categories::One),
        _ => Some(Categories::Several(categories)),
    };
    InformationWire {
        policy_identifier: statement.policy.name.to_string(),
        policy_uri: statement.policy.identifier.as_ref().map(ToString::to_string),
        classification: statement.classification.to_string(),
        privacy_mark: statement.privacy_mark.as_ref().map(ToString::to_string),
        category,
    }
}

fn category_wire(category: &TaggedValues) -> CategoryWire {
    CategoryWire {
        r#type: category.kind.name().to_owned(),
        tag_name: category.tag.to_string(),
        uri: category.identifier.as_ref().map(ToString::to_string),
        generic_values: category.values.iter().map(ToString::to_string).collect(),
    }
}

fn originator(originator: &OriginatorName) -> OriginatorWire {
    OriginatorWire { kind: originator.kind.map(|k| k.name().to_owned()), value: originator.id.to_string() }
}
