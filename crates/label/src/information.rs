//! A label as a value, in types that a wrong label cannot be built from.

use crate::{
    classification::{Classification, Policy},
    document::VALUES_MAX,
    error::LabelError,
    field::{Text, UtcTime},
};

/// What a category does to the circle of readers (ADatP-4774, table 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CategoryKind {
    /// A reader needs every value.
    Restrictive,
    /// A reader needs one of the values.
    Permissive,
    /// Tells readers something and restricts nobody.
    Informative,
}

impl CategoryKind {
    /// Every type.
    pub const ALL: [Self; 3] = [Self::Restrictive, Self::Permissive, Self::Informative];

    /// The word in labels.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Restrictive => "RESTRICTIVE",
            Self::Permissive => "PERMISSIVE",
            Self::Informative => "INFORMATIVE",
        }
    }
}

/// The category tag sets of the NATO policy, a closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tag {
    /// In whose name the information is held, for example NATO or KFOR; every NATO label has it.
    Context,
    /// Who else may see it.
    ReleasableTo,
    /// Nobody but these may see it.
    Only,
    /// Special handling such as ATOMAL.
    AdditionalSensitivity,
    /// For example STAFF.
    Administrative,
}

impl Tag {
    /// Every tag, in the order in which labels are printed.
    pub const ALL: [Self; 5] =
        [Self::Context, Self::AdditionalSensitivity, Self::ReleasableTo, Self::Only, Self::Administrative];

    /// The name in labels.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Context => "Context",
            Self::ReleasableTo => "Releasable To",
            Self::Only => "Only",
            Self::AdditionalSensitivity => "Additional Sensitivity",
            Self::Administrative => "Administrative",
        }
    }

    /// Object identifier of the tag set.
    #[must_use]
    pub fn identifier(self) -> &'static str {
        match self {
            Self::AdditionalSensitivity => "urn:oid:1.3.26.1.4.1",
            Self::ReleasableTo => "urn:oid:1.3.26.1.4.2",
            Self::Administrative => "urn:oid:1.3.26.1.4.3",
            Self::Context => "urn:oid:1.3.26.1.4.4",
            Self::Only => "urn:oid:1.3.26.1.4.5",
        }
    }

    /// The type that the policy gives it.
    #[must_use]
    pub fn kind(self) -> CategoryKind {
        match self {
            Self::AdditionalSensitivity => CategoryKind::Restrictive,
            Self::Administrative => CategoryKind::Informative,
            Self::Context | Self::ReleasableTo | Self::Only => CategoryKind::Permissive,
        }
    }
}

/// A category: a tag and its values in the order given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    tag: Tag,
    values: Vec<Text>,
}

impl Category {
    /// # Errors
    /// [`LabelError::Missing`] without values, [`LabelError::TooMany`] with too many, [`LabelError::OutOfPlace`] when one
    /// stands twice.
    pub fn new(tag: Tag, values: Vec<Text>) -> Result<Self, LabelError> {
        if values.is_empty() {
            return Err(LabelError::Missing { what: "value in a category" });
        }
        if values.len() > VALUES_MAX {
            return Err(LabelError::TooMany { what: "values in a category", allowed: VALUES_MAX });
        }
        let double =
            values.iter().enumerate().find(|(n, v)| values.iter().take(*n).any(|w| w.says(v.as_str())));
        if let Some((_, value)) = double {
            return Err(LabelError::OutOfPlace { found: value.to_string(), within: tag.name().to_owned() });
        }
        Ok(Self { tag, values })
    }

    /// Which category.
    #[must_use]
    pub fn tag(&self) -> Tag {
        self.tag
    }

    /// Its values.
    #[must_use]
    pub fn values(&self) -> &[Text] {
        &self.values
    }

    /// True when one of the values says this, whatever its case.
    #[must_use]
    pub fn has(&self, value: &str) -> bool {
        self.values.iter().any(|v| v.says(value))
    }
}

/// What a label says about the information itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Information {
    classification: Classification,
    privacy_mark: Option<Text>,
    categories: Vec<Category>,
}

impl Information {
    /// Categories are kept in the order of [`Tag::ALL`].
    ///
    /// # Errors
    /// [`LabelError::DoubleCategory`]; [`LabelError::UnknownCategory`] for a category under the PUBLIC policy, which has none;
    /// [`LabelError::Missing`] for a NATO label without context (ADatP-4774, appendix 2).
    pub fn new(
        classification: Classification,
        privacy_mark: Option<Text>,
        mut categories: Vec<Category>,
    ) -> Result<Self, LabelError> {
        let order = |tag: Tag| Tag::ALL.iter().position(|t| *t == tag);
        categories.sort_by_key(|c| order(c.tag));
        if let Some(pair) = categories.windows(2).find(|pair| matches!(pair, [a, b] if a.tag == b.tag)) {
            let tag = pair.first().map_or("", |c| c.tag.name());
            return Err(LabelError::DoubleCategory { tag });
        }
        match (classification.policy(), categories.first()) {
            (Policy::Public, Some(category)) => Err(LabelError::UnknownCategory {
                policy: Policy::Public.name(),
                found: category.tag.name().to_owned(),
            }),
            (Policy::Nato, first) if first.is_none_or(|c| c.tag != Tag::Context) => {
                Err(LabelError::Missing { what: "category Context, which every NATO label has" })
            }
            _ => Ok(Self { classification, privacy_mark, categories }),
        }
    }

    /// NATO information, releasable to the receivers named; to nobody beyond NATO when there are none.
    ///
    /// # Errors
    /// [`LabelError::Text`] and those of [`Category::new`].
    pub fn nato(classification: Classification, releasable_to: &[&str]) -> Result<Self, LabelError> {
        let texts = |values: &[&str]| values.iter().map(|v| Text::new(v)).collect::<Result<Vec<_>, _>>();
        let categories = if releasable_to.is_empty() {
            vec![Category::new(Tag::Context, texts(&["NATO"])?)?]
        } else {
            // The samples of ADatP-4774, table 17, name NATO itself among those it is releasable to.
            let mut all = vec!["NATO"];
            all.extend(releasable_to.iter().copied().filter(|v| !v.eq_ignore_ascii_case("NATO")));
            vec![
                Category::new(Tag::Context, texts(&["NATO", "Releasable"])?)?,
                Category::new(Tag::ReleasableTo, texts(&all)?)?,
            ]
        };
        Self::new(classification, None, categories)
    }

    /// The classification, which names the policy too.
    #[must_use]
    pub fn classification(&self) -> Classification {
        self.classification
    }

    /// A mark that restricts nobody, if there is one.
    #[must_use]
    pub fn privacy_mark(&self) -> Option<&Text> {
        self.privacy_mark.as_ref()
    }

    /// The categories, in the order of [`Tag::ALL`], each tag at most once.
    #[must_use]
    pub fn categories(&self) -> &[Category] {
        &self.categories
    }

    /// The category of this tag, if the label has it.
    #[must_use]
    pub fn category(&self, tag: Tag) -> Option<&Category> {
        self.categories.iter().find(|c| c.tag == tag)
    }
}

/// In what form an originator is named (ADatP-4774, table 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OriginatorKind {
    /// An e-mail address.
    Rfc822Name,
    /// A host name.
    DnsName,
    /// An X.500 directory name.
    DirectoryName,
    /// A URI.
    UniformResourceIdentifier,
    /// An IP address.
    IpAddress,
    /// An X.400 address.
    X400Address,
    /// A user principal name.
    UserPrincipalName,
    /// An XMPP address.
    JId,
}

impl OriginatorKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Rfc822Name,
        Self::DnsName,
        Self::DirectoryName,
        Self::UniformResourceIdentifier,
        Self::IpAddress,
        Self::X400Address,
        Self::UserPrincipalName,
        Self::JId,
    ];

    /// The word in labels.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rfc822Name => "rfc822Name",
            Self::DnsName => "dNSName",
            Self::DirectoryName => "directoryName",
            Self::UniformResourceIdentifier => "uniformResourceIdentifier",
            Self::IpAddress => "iPAddress",
            Self::X400Address => "x400Address",
            Self::UserPrincipalName => "userPrincipalName",
            Self::JId => "jID",
        }
    }
}

/// Who put the label on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Originator {
    /// In what form it is named.
    pub kind: OriginatorKind,
    /// Its name.
    pub id: Text,
}

/// The label that takes the place of another at a given time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Successor {
    /// What it says.
    pub information: Information,
    /// Who decided it.
    pub originator: Option<Originator>,
    /// When it was written.
    pub created_utc: UtcTime,
}

/// When and by what a label is replaced, for example a downgrade agreed beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Succession {
    /// From when on.
    pub at_utc: UtcTime,
    /// By what.
    pub successor: Successor,
}

/// An originator's confidentiality label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    information: Information,
    originator: Option<Originator>,
    created_utc: UtcTime,
    review_utc: Option<UtcTime>,
    succession: Option<Succession>,
}

impl Label {
    /// A label that its originator will look at again at `review_utc`.
    #[must_use]
    pub fn reviewed(
        information: Information,
        originator: Option<Originator>,
        created_utc: UtcTime,
        review_utc: UtcTime,
    ) -> Self {
        Self { information, originator, created_utc, review_utc: Some(review_utc), succession: None }
    }

    /// # Errors
    /// [`LabelError::Missing`] with neither review nor succession: one of them is mandatory (ADatP-4774, section 4.3).
    pub fn new(
        information: Information,
        originator: Option<Originator>,
        created_utc: UtcTime,
        review_utc: Option<UtcTime>,
        succession: Option<Succession>,
    ) -> Result<Self, LabelError> {
        if review_utc.is_none() && succession.is_none() {
            return Err(LabelError::Missing {
                what: "review time, which a label without successor must have",
            });
        }
        Ok(Self { information, originator, created_utc, review_utc, succession })
    }

    /// What it says about the information.
    #[must_use]
    pub fn information(&self) -> &Information {
        &self.information
    }

    /// Who put it on, if it says so.
    #[must_use]
    pub fn originator(&self) -> Option<&Originator> {
        self.originator.as_ref()
    }

    /// When it was put on.
    #[must_use]
    pub fn created_utc(&self) -> UtcTime {
        self.created_utc
    }

    /// When it is due for review.
    #[must_use]
    pub fn review_utc(&self) -> Option<UtcTime> {
        self.review_utc
    }

    /// When and by what it is replaced.
    #[must_use]
    pub fn succession(&self) -> Option<&Succession> {
        self.succession.as_ref()
    }
}
