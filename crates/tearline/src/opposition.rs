//! Whom a release must withstand beside the rules: what the sections `guarantee` and `attacker` of a specification
//! come to, once its files are read.

use disclosure::coalition::{Opponents, Shares};
use disclosure::guarantee::{Coalition, Family, Guarantee};
use disclosure::problem::{Contributions, Problem};
use intake::{Content, Loaded};

use crate::failure::Failure;

/// Cells of all attackers' tables together, at most: about 30 bytes each.
const SEEN_MAX: u64 = 100_000_000;

/// The attackers, what is promised, and who has what.
pub(crate) struct Opposition {
    pub(crate) contributions: Contributions,
    pub(crate) coalitions: Vec<Coalition>,
    pub(crate) guarantee: Guarantee,
    /// Names of the protected units.
    pub(crate) units: Vec<String>,
    shares: Shares,
}

impl Opposition {
    /// `None` where the specification asks for the rules alone.
    ///
    /// # Errors
    /// A guarantee that cannot be given for this kind of table.
    pub(crate) fn of(loaded: &Loaded, problem: &Problem) -> Result<Option<Self>, Failure> {
        let Some(guarantee) = guarantee(loaded)? else { return Ok(None) };
        if guarantee.families.contains(&Family::Derivable) {
            return Err(Failure::usage(
                "the family \"derivable\" is not searched for here, and is never ignored",
                "leave it out; `tearline case` knows it for small tables",
            ));
        }
        let Content::Figures(records) = &loaded.content else {
            return Err(Failure::usage(
                "a guarantee needs to know who has what, and [cells] does not say",
                "give the contributions as [figures]",
            ));
        };
        let contributions = records.contributions();
        let Some(shares) = Shares::new(problem.table(), &contributions) else {
            return Err(Failure::usage(
                "a guarantee over linked tables is not supported, and is never ignored",
                "leave [[table]] out, so that all variables cross",
            ));
        };
        let coalitions = loaded.coalitions_of_units();
        let seen = coalitions.len() as u64 * problem.table().len() as u64;
        if seen > SEEN_MAX {
            return Err(Failure::usage(
                format!("{} attackers on {} cells are too many", coalitions.len(), problem.table().len()),
                format!(
                    "at most {SEEN_MAX} cells for all attackers together: declare fewer, or lower guarantee.pooling"
                ),
            ));
        }
        Ok(Some(Self { contributions, coalitions, guarantee, units: records.units.clone(), shares }))
    }

    /// The same for the engine.
    pub(crate) fn opponents(&self) -> Opponents<'_> {
        Opponents {
            contributions: &self.contributions,
            shares: &self.shares,
            coalitions: &self.coalitions,
            guarantee: &self.guarantee,
        }
    }

    /// What a unit is called.
    pub(crate) fn unit(&self, unit: u32) -> &str {
        self.units.get(unit as usize).map_or("", String::as_str)
    }
}

/// What is promised: as the specification says or, where it declares attackers only, what its p% rule says.
pub(crate) fn guarantee(loaded: &Loaded) -> Result<Option<Guarantee>, Failure> {
    let specification = &loaded.specification;
    let has_history = !specification.history.is_empty();
    if specification.guarantee.is_some() || (specification.attackers.is_empty() && !has_history) {
        return Ok(specification.guarantee.clone());
    }
    let Some(rule) = specification.rules.p else {
        if has_history {
            return Err(Failure::usage(
                "there is an earlier release, but nothing says how well to protect against who holds both",
                "add [guarantee] with p",
            ));
        }
        return Err(Failure::usage(
            "attackers are declared, but nothing says how well to protect against them",
            "add [guarantee] with p",
        ));
    };
    let mut families = vec![Family::Cells, Family::Relations];
    if has_history {
        families.insert(1, Family::Deltas);
    }
    Ok(Some(Guarantee { p: rule.p, floor: 0, two_sided: false, families }))
}
