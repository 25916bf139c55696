//! What is wrong with a label that could be read all the same.
//!
//! Labels in the field deviate from the standard, and readers must still see what they say. A finding names the deviation by a
//! stable word; whoever may put up with none treats the first one as an error.

use std::fmt;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; the label is still what the standard and the policy want.
    Note,
    /// The label is not what the standard or the policy wants.
    Fault,
}

impl Severity {
    /// The word in documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Fault => "fault",
        }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $severity:ident, $means:literal, $advice:literal;)+) => {
        /// What was found: a closed set, whose words are part of the interface and stay as they are.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $($(#[$doc])* $name,)+
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stable word.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// How bad it is.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)+ }
            }

            /// What it means, as a sentence without the place and the value.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => $means,)+ }
            }

            /// What to do about it.
            #[must_use]
            pub fn advice(self) -> &'static str {
                match self { $(Self::$name => $advice,)+ }
            }
        }
    };
}

codes! {
    /// `CreationDateTime` is not there.
    CreationTimeMissing = "creation-time-missing", Fault, "the label does not say when it was put on",
        "ask the originator for a label with CreationDateTime";
    /// Neither `ReviewDateTime` nor `SuccessionHandling`.
    ReviewTimeMissing = "review-time-missing", Fault, "the label has neither a review time nor a successor",
        "ask the originator for a label with ReviewDateTime";
    /// `URL` where the standard has `URI`.
    AttributeUrl = "attribute-url", Fault, "the attribute is `URL` where the standard has `URI`",
        "write URI";
    /// Declares a namespace that is not that of labels.
    ForeignNamespace = "foreign-namespace", Note, "a namespace is declared that is not that of labels",
        "leave it out where the label does not need it";
    /// An attribute of another namespace, such as `xsi:schemaLocation`; it was left out.
    ForeignAttribute = "foreign-attribute", Note, "an attribute of another namespace was left out",
        "leave it out";
    /// A time that is not in UTC to the second.
    TimeForm = "time-form", Note, "the time is not written in UTC to the second",
        "write it as YYYY-MM-DDTHH:MM:SSZ";
    /// White space around a value.
    WhiteSpace = "white-space", Note, "there is white space around the value",
        "leave it out";
    /// `OriginatorID` without `IDType`.
    OriginatorKindMissing = "originator-kind-missing", Fault, "the originator is named without saying in what form",
        "add IDType";
    /// A category without values.
    CategoryEmpty = "category-empty", Fault, "the category has no value",
        "leave it out or add a value";
    /// A category that stands more than once.
    CategoryTwice = "category-twice", Fault, "the category stands more than once",
        "put all values of a category into one element";
    /// A value that stands more than once in its category.
    ValueTwice = "value-twice", Fault, "the value stands more than once in its category",
        "leave one out";
    /// `Classification` with an identifier, which ADatP-4774, table 6, prohibits.
    ClassificationIdentifier = "classification-identifier", Fault, "a classification has an identifier",
        "leave the attribute out";
    /// The policy of the label is another one than that of the file.
    PolicyOther = "policy-other", Fault, "the label is of another policy than the file",
        "take the policy file of the label's policy";
    /// The identifier of policy or category is not that of the file.
    IdentifierOther = "identifier-other", Fault, "the identifier is not the one that the policy has",
        "correct the identifier or leave it out";
    /// The policy has no such classification.
    ClassificationUnknown = "classification-unknown", Fault, "the policy has no such classification",
        "use a classification of the policy";
    /// The classification is no longer to be used.
    ClassificationObsolete = "classification-obsolete", Note, "the classification is obsolete: it may be read, not put on",
        "use a current classification for new labels";
    /// The policy has no such category.
    CategoryUnknown = "category-unknown", Fault, "the policy has no such category",
        "use a category of the policy";
    /// The category has another type in the policy.
    CategoryKind = "category-kind", Fault, "the category has another type in the policy",
        "use the type that the policy has";
    /// The policy has no such value in this category.
    ValueUnknown = "value-unknown", Fault, "the policy has no such value in this category",
        "use a value of the policy";
    /// The value is no longer to be used.
    ValueObsolete = "value-obsolete", Note, "the value is obsolete: it may be read, not put on",
        "use a current value for new labels";
    /// The value cannot stand beside this classification.
    ClassExcluded = "class-excluded", Fault, "the policy excludes the value at this classification",
        "take the value out or choose another classification";
    /// The value needs others, which are not there.
    CategoryRequired = "category-required", Fault, "the policy requires other values beside it",
        "add what the policy requires";
    /// The value cannot stand beside another, which is there.
    CategoryExcluded = "category-excluded", Fault, "the policy excludes another value beside it",
        "take one of them out";
    /// More values than the category may have.
    TooManyValues = "too-many-values", Fault, "the policy allows fewer values in this category",
        "keep as many as the policy allows";
    /// Fewer values than the category needs.
    TooFewValues = "too-few-values", Fault, "the policy wants more values in this category",
        "add what is missing";
    /// A privacy mark that the policy does not list.
    PrivacyMarkUnknown = "privacy-mark-unknown", Fault, "the policy has no such privacy mark",
        "use a mark of the policy";
    /// The value can be used only within dates that the policy gives.
    ValueOutOfDate = "value-out-of-date", Note, "the value is outside the dates that the policy gives it",
        "use a current value for new labels";
    /// The review time has passed.
    ReviewDue = "review-due", Note, "the label is due for review",
        "ask the originator to look at the label again";
    /// A successor is in force.
    Succeeded = "succeeded", Note, "another label is in force by now",
        "use the successor's marking";
    /// The label was put on later than the time asked about.
    NotYetCreated = "not-yet-created", Fault, "the label was put on after the time asked about",
        "check the clock and the label's creation time";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One deviation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub code: Code,
    /// Where: the element or the category.
    pub place: String,
    /// The value it is about; empty when something is missing.
    pub found: String,
}

impl Finding {
    pub(crate) fn new(code: Code, place: impl Into<String>, found: impl Into<String>) -> Self {
        Self { code, place: place.into(), found: found.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.found.as_str() {
            "" => write!(f, "{}: {}", self.place, self.code.meaning()),
            found => write!(f, "{} `{found}`: {}", self.place, self.code.meaning()),
        }
    }
}
