//! What to print at the top and bottom of a page for a label.
//!
//! Follows the policy's markings as the samples of ADatP-4774, table 17, show them. How a value is spelt out (`JPN` as `Japan`)
//! is data of a policy file and comes in as a function; without one the values stand as the label has them.

use crate::{
    classification::{Classification, Policy},
    information::{Category, Information, Label, Tag},
};

impl Label {
    /// The display marking, for example `NATO UNCLASSIFIED Releasable to ISAF, KFOR`.
    #[must_use]
    pub fn marking(&self) -> String {
        self.information().marking(&|_| None)
    }
}

impl Information {
    /// The display marking with values spelt out by `phrase`; a value it does not know stands as it is.
    ///
    /// # Source
    /// ADatP-4774, table 17, and the marking data of the public sample policy: `COSMIC` takes the place of `NATO` before
    /// `TOP SECRET`; contexts other than NATO follow it after a slash; NATO itself is not repeated among the receivers.
    #[must_use]
    pub fn marking(&self, phrase: &dyn Fn(&str) -> Option<String>) -> String {
        let policy = self.classification().policy();
        let mut words = vec![match (self.classification(), policy) {
            // PUBLIC UNMARKED means that a page carries no classification; the word still tells that this was decided.
            (Classification::PublicUnmarked, _) => Policy::Public.name().to_owned(),
            (Classification::NatoTopSecret, _) => format!("COSMIC{} TOP SECRET", self.contexts()),
            (other, Policy::Nato | Policy::Public) => format!("{policy}{} {}", self.contexts(), other.name()),
        }];
        let spelt = |value: &str| phrase(value).unwrap_or_else(|| value.to_owned());
        let list =
            |category: &Category| category.values().iter().map(|v| spelt(v.as_str())).collect::<Vec<_>>();
        for category in self.categories() {
            match category.tag() {
                Tag::Context => {}
                Tag::AdditionalSensitivity => words.extend(list(category)),
                Tag::ReleasableTo => {
                    let others = category.values().iter().filter(|v| !v.says(policy.name()));
                    let names = others.map(|v| spelt(v.as_str())).collect::<Vec<_>>();
                    if !names.is_empty() {
                        words.push(format!("Releasable to {}", names.join(", ")));
                    }
                }
                Tag::Only => {
                    // The alliance itself comes after the nations.
                    let (own, others): (Vec<_>, Vec<_>) =
                        category.values().iter().partition(|v| v.says(policy.name()));
                    let names = others.into_iter().chain(own).map(|v| spelt(v.as_str())).collect::<Vec<_>>();
                    words.push(format!("{} ONLY", names.join(", ")));
                }
                Tag::Administrative => words.push(format!("- {}", list(category).join(" "))),
            }
        }
        words.extend(self.privacy_mark().map(ToString::to_string));
        words.join(" ")
    }

    /// Contexts beside NATO, each after a slash.
    fn contexts(&self) -> String {
        let plain = [Policy::Nato.name(), "Releasable"];
        let values = self.category(Tag::Context).map_or(&[][..], Category::values);
        let others = values.iter().filter(|v| !plain.iter().any(|p| v.says(p)));
        others.map(|v| format!("/{v}")).collect()
    }
}
