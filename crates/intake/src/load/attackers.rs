//! Declared attackers as the engine takes them: protected units in place of contributors.

use std::collections::BTreeSet;

use disclosure::guarantee::Coalition as UnitCoalition;
use disclosure::problem::UnitId;

use super::{Content, Loaded};

impl Loaded {
    /// Everybody whom a release must withstand: the outsider, each protected unit alone in the order of their names, any
    /// two or three of them where the specification says that so many may pool, then the declared attackers in theirs. A member brings its whole unit: contributors of one holding know each
    /// other's figures (docs/METHOD.md, "The guarantee").
    ///
    /// Cells summed elsewhere name no contributors, so there the outsider is alone.
    #[must_use]
    pub fn coalitions_of_units(&self) -> Vec<UnitCoalition> {
        let mut coalitions = vec![UnitCoalition::outsider()];
        let Content::Figures(records) = &self.content else { return coalitions };
        let alone = (0_u32..).map(UnitId).zip(&records.units);
        let mut pools: Vec<UnitCoalition> =
            alone.map(|(unit, name)| UnitCoalition { id: name.clone(), members: vec![unit] }).collect();
        let mut last = pools.clone();
        for _ in 1..self.specification.pooling {
            last = last.iter().flat_map(|pool| with_one_more(pool, &records.units)).collect();
            pools.extend(last.iter().cloned());
        }
        coalitions.extend(pools);
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

/// The pool with every unit that comes after its last member.
fn with_one_more<'u>(
    pool: &'u UnitCoalition,
    units: &'u [String],
) -> impl Iterator<Item = UnitCoalition> + 'u {
    let last = pool.members.last().map_or(0, |unit| unit.0 as usize + 1);
    (0_u32..).map(UnitId).zip(units).skip(last).map(|(unit, name)| UnitCoalition {
        id: format!("{} + {name}", pool.id),
        members: pool.members.iter().copied().chain([unit]).collect(),
    })
}
