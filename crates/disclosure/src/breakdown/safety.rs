//! Whether a cell may be published alone: the test that every atom of a breakdown must pass.

use crate::guarantee::{Coalition, Guarantee, UnitShare, shortfall};
use crate::problem::UnitId;
use crate::rule::{Rules, Share};

/// What a cell must withstand. All parts that are there must hold.
pub struct Safety<'a> {
    rules: Option<&'a Rules>,
    guarantee: Option<&'a Guarantee>,
    /// Units with a record that every attacker must face.
    outsiders_min: Option<usize>,
    outsider: Option<&'a Coalition>,
    /// By unit: the attacker that it is alone.
    alone: Vec<Option<&'a Coalition>>,
    pools: Vec<&'a Coalition>,
}

impl<'a> Safety<'a> {
    /// Nothing is asked yet; `attackers` are those whom the guarantee, and a structural rule, must withstand.
    #[must_use]
    pub fn against(attackers: &'a [Coalition]) -> Self {
        let units = attackers.iter().flat_map(|one| &one.members).map(|unit| unit.0 as usize + 1);
        let mut safety = Self {
            rules: None,
            guarantee: None,
            outsiders_min: None,
            outsider: None,
            alone: vec![None; units.max().unwrap_or(0)],
            pools: Vec::new(),
        };
        for attacker in attackers {
            match attacker.members[..] {
                [] => safety.outsider = Some(attacker),
                [unit] => safety.alone[unit.0 as usize] = Some(attacker),
                _ => safety.pools.push(attacker),
            }
        }
        safety
    }

    /// No rule may call the cell sensitive.
    #[must_use]
    pub fn with_rules(self, rules: &'a Rules) -> Self {
        Self { rules: Some(rules), ..self }
    }

    /// No attacker's interval may fall short of the guarantee.
    #[must_use]
    pub fn with_guarantee(self, guarantee: &'a Guarantee) -> Self {
        Self { guarantee: Some(guarantee), ..self }
    }

    /// Every attacker must face at least so many units with a record outside of it: a function of participation alone,
    /// so a choice made by it tells nobody anything about figures (docs/METHOD.md, "The finest safe breakdown").
    #[must_use]
    pub fn with_outsiders(self, least: u32) -> Self {
        Self { outsiders_min: Some(least as usize), ..self }
    }

    /// Whether a cell with these shares, one a unit, may be published while nothing else is.
    ///
    /// Cost: `O(m log m)` for `m` shares and each attacker of several units.
    #[must_use]
    pub fn holds(&self, shares: &[UnitShare]) -> bool {
        self.rules.is_none_or(|rules| {
            let mut plain: Vec<Share> =
                shares.iter().map(|share| Share { amount: share.amount, waived: share.waived }).collect();
            rules.protection(&mut plain).is_none()
        }) && self.outsiders_min.is_none_or(|least| self.faced(shares) >= least)
            && self.guarantee.is_none_or(|guarantee| self.withstands(shares, guarantee))
    }

    /// The fewest units with a record that any attacker faces.
    fn faced(&self, shares: &[UnitShare]) -> usize {
        let own = |one: &&Coalition| shares.iter().filter(|share| one.has(share.unit)).count();
        let pooled = self.pools.iter().map(own).max().unwrap_or(0);
        let single = usize::from(shares.iter().any(|share| self.single(share.unit).is_some()));
        shares.len() - pooled.max(single)
    }

    fn single(&self, unit: UnitId) -> Option<&'a Coalition> {
        self.alone.get(unit.0 as usize).copied().flatten()
    }

    fn withstands(&self, shares: &[UnitShare], guarantee: &Guarantee) -> bool {
        let safe = |one: &Coalition| shortfall(shares, one, guarantee) == 0;
        // Of single units the two largest are the worst attackers (proof note, "Single attackers").
        let mut largest: [Option<&UnitShare>; 2] = [None, None];
        for share in shares.iter().filter(|share| self.single(share.unit).is_some()) {
            if largest[0].is_none_or(|first| share.amount > first.amount) {
                largest = [Some(share), largest[0]];
            } else if largest[1].is_none_or(|second| share.amount > second.amount) {
                largest[1] = Some(share);
            }
        }
        self.outsider.is_none_or(safe)
            && largest.iter().flatten().filter_map(|share| self.single(share.unit)).all(safe)
            && self.pools.iter().all(|one| safe(one))
    }
}
