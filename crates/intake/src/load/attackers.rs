//! Declared attackers as the engine takes them: protected units in place of contributors.

use std::collections::BTreeSet;

use disclosure::guarantee::Coalition as UnitCoalition;
use disclosure::problem::UnitId;

use super::{Content, Loaded};

impl Loaded {
    /// Everybody whom a release must withstand: the outsider, each protected unit alone in the order of their names,
    /// then the declared attackers in theirs. A member brings its whole unit: contributors of one holding know each
    /// other's figures (docs/METHOD.md, "The guarantee").
    ///
    /// Cells summed elsewhere name no contributors, so there the outsider is alone.
    #[must_use]
    pub fn coalitions_of_units(&self) -> Vec<UnitCoalition> {
        let mut coalitions = vec![UnitCoalition::outsider()];
        let Content::Figures(records) = &self.content else { return coalitions };
        let alone = (0_u32..).map(UnitId).zip(&records.units);
        coalitions.extend(alone.map(|(unit, name)| UnitCoalition { id: name.clone(), members: vec![unit] }));
        for declared in &self.coalitions {
            let known = |&member: &u32| records.contributors.get(member as usize);
            let members: BTreeSet<UnitId> =
                declared.members.iter().filter_map(known).map(|contributor| contributor.unit).collect();
            let members = members.into_iter().collect();
            coalitions.push(UnitCoalition { id: declared.id.clone(), members });
        }
        coalitions
    }
}
