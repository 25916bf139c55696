//! Writes a plan down: each part in its wave or with the reasons why it is in none.

use std::collections::{BTreeMap, BTreeSet};

use ledger::act::{Code, PartId};

use super::ground::{Ground, Link, Mask, Stand};
use super::network::{Network, components};
use super::reason::{Because, BecauseCode, PlanFlag};
use super::search::Schedule;
use super::worth::{Worth, replaced};
use super::{Capacity, LeftOut, Planned, PlannedWave};
use crate::standards::eligibility::{Purpose, may_have};
use crate::standards::policy::Covers;

/// Parts of one chain, and of one cycle, that are named.
const NAMED_MAX: usize = 8;

/// What was found, in numbers.
pub(super) struct Found<'a, 'g> {
    pub(super) ground: &'a Ground<'g>,
    pub(super) network: Network,
    pub(super) gets: Vec<Mask>,
    pub(super) worths: Vec<Worth>,
    pub(super) schedule: Schedule,
    pub(super) beyond: Vec<u64>,
    pub(super) capacity: Capacity,
}

/// Reasons of one part, those that say the same for several receivers together.
type Reasons = BTreeMap<(BecauseCode, String, Vec<PartId>, usize), Mask>;

/// The waves and what is left out.
pub(super) fn explain(found: &Found<'_, '_>) -> (Vec<PlannedWave>, Vec<LeftOut>) {
    let ground = found.ground;
    let mut waves: Vec<PlannedWave> = (1..=found.capacity.waves)
        .map(|number| PlannedWave {
            number,
            effort: 0,
            value: 0,
            delivered: 0,
            at_best: 0,
            parts: Vec::new(),
        })
        .collect();
    let mut left_out = Vec::new();
    let mut unit_of = vec![None; ground.ids.len()];
    for (unit, parts) in found.network.parts.iter().enumerate() {
        parts.iter().for_each(|part| unit_of[*part] = Some(unit));
    }
    let wave_of: Vec<Option<u32>> =
        unit_of.iter().map(|unit| unit.map(|unit| found.schedule[unit])).collect();
    let cycles = Cycles::new(ground, &found.gets);
    let mut all = found.reasons();
    for (part, reasons) in all.iter_mut().enumerate() {
        let (id, level) = (ground.ids[part].clone(), ground.levels[part]);
        let mut because = found.because(std::mem::take(reasons));
        let unit = unit_of[part].unwrap_or(usize::MAX);
        let wave = wave_of[part].and_then(|wave| waves.get_mut((wave as usize).wrapping_sub(1)));
        let Some(wave) = wave else {
            if unit_of[part].is_some() {
                because.insert(0, found.beyond_the_waves(part, unit));
            }
            left_out.push(LeftOut { id, level, reasons: because });
            continue;
        };
        let (lacking, flags) = found.flags(part, &wave_of, &cycles);
        let needs = &ground.needs[part];
        let named = |lacked: bool| -> BTreeSet<PartId> {
            let chosen = needs.iter().filter(|need| lacking.contains(need) == lacked);
            chosen.map(|need| ground.ids[*need].clone()).collect()
        };
        let worth = found.worths[part];
        wave.effort += ground.efforts[part];
        wave.value += worth.points();
        wave.parts.push(Planned {
            id,
            level,
            effort: ground.efforts[part],
            worth,
            receivers: found.codes(found.gets[part]),
            needs: named(false),
            lacks: named(true),
            replaces: replaced(ground, part, found.gets[part]).map(|earlier| ground.ids[earlier].clone()),
            flags,
            because: found.place(part, unit),
            withheld: because,
            unit,
        });
    }
    (waves, left_out)
}

impl Found<'_, '_> {
    fn codes(&self, mask: Mask) -> BTreeSet<Code> {
        let receivers = self.ground.receivers.iter().enumerate();
        receivers.filter(|(place, _)| mask >> place & 1 == 1).map(|(_, code)| (*code).clone()).collect()
    }

    /// For each part why receivers do not get it.
    fn reasons(&self) -> Vec<Reasons> {
        let ground = self.ground;
        let mut all = vec![Reasons::new(); ground.ids.len()];
        for receiver in 0..ground.receivers.len() {
            let ways = self.ways(receiver);
            for (part, reasons) in all.iter_mut().enumerate() {
                let mut add = |code, message: String, chain: Vec<PartId>, omitted| {
                    *reasons.entry((code, message, chain, omitted)).or_default() |= 1 << receiver;
                };
                match ground.stand(receiver, part) {
                    Stand::Gets => {}
                    Stand::Holds | Stand::Denied => {
                        for (code, message) in self.own(receiver, part) {
                            add(code, message, Vec::new(), 0);
                        }
                    }
                    Stand::OverCapacity { group } => {
                        add(BecauseCode::GroupOverCapacity, self.group(group), Vec::new(), 0);
                    }
                    Stand::Blocked { link, .. } => {
                        let code = match link {
                            Link::Needs => BecauseCode::NeedsBlocked,
                            Link::Covers | Link::CoveredBy => BecauseCode::CoverBlocked,
                        };
                        let (message, chain, omitted) = self.chain(receiver, part, &ways);
                        add(code, message, chain, omitted);
                    }
                }
            }
        }
        if ground.receivers.is_empty() {
            let message = "the policy has no receivers".to_owned();
            for reasons in &mut all {
                reasons.insert((BecauseCode::NoReceivers, message.clone(), Vec::new(), 0), 0);
            }
        }
        all
    }

    fn because(&self, reasons: Reasons) -> Vec<Because> {
        let one = |((code, message, chain, omitted), mask): (_, Mask)| {
            let chain: Vec<PartId> = chain;
            Because { code, receivers: self.codes(mask), message, by: chain.last().cloned(), chain, omitted }
        };
        reasons.into_iter().map(one).collect()
    }

    /// Reasons of a receiver's own. Where it holds the part, nothing else matters.
    fn own(&self, receiver: usize, part: usize) -> Vec<(BecauseCode, String)> {
        let ground = self.ground;
        let (id, code) = (ground.ids[part], ground.receivers[receiver]);
        let reasons = may_have(ground.registry, ground.policy, id, code, ground.at, Purpose::Plan);
        let holds = ground.stand(receiver, part) == Stand::Holds;
        let already = crate::standards::eligibility::ReasonCode::AlreadyHeld;
        let shown = reasons.into_iter().filter(|reason| !holds || reason.code() == already);
        shown.map(|reason| (BecauseCode::MayNot(reason.code()), reason.to_string())).collect()
    }

    fn group(&self, group: usize) -> String {
        let (group, most) = (&self.ground.groups[group], self.capacity.per_wave);
        let mut message = match group.parts.len() {
            1 => format!("reviewing it takes {}, and a wave holds {most}", group.effort),
            n => {
                format!(
                    "it travels in one wave with {} others, which takes {}, and a wave holds {most}",
                    n - 1,
                    group.effort
                )
            }
        };
        if group.parts.len() > 1 && self.ground.policy.planning.covers == Covers::Together {
            message.push_str("; `covers = \"first\"` lets a cover go before the rest");
        }
        message
    }

    /// For each part that is blocked, the root of it and how far away it is.
    fn ways(&self, receiver: usize) -> Vec<(u32, u32)> {
        let parts = self.ground.ids.len();
        let mut ways: Vec<Option<(u32, u32)>> = vec![None; parts];
        let mut path = Vec::new();
        for part in 0..parts {
            let mut current = part;
            while ways[current].is_none() {
                path.push(current);
                let Stand::Blocked { by, .. } = self.ground.stand(receiver, current) else { break };
                current = by;
            }
            let (mut root, mut far) = ways[current].unwrap_or((current as u32, 0));
            while let Some(walked) = path.pop() {
                if walked == current {
                    (root, far) = ways[current].unwrap_or((current as u32, 0));
                } else {
                    far += 1;
                }
                ways[walked] = Some((root, far));
            }
        }
        ways.into_iter().map(Option::unwrap_or_default).collect()
    }

    /// "needs `a`, which covers `b`: why `b` does not go", with the parts on the way.
    fn chain(&self, receiver: usize, part: usize, ways: &[(u32, u32)]) -> (String, Vec<PartId>, usize) {
        let (root, far) = (ways[part].0 as usize, ways[part].1 as usize);
        let (mut message, mut chain, mut current) = (String::new(), Vec::new(), part);
        while let Stand::Blocked { by, link } = self.ground.stand(receiver, current) {
            let verb = match link {
                Link::Needs => "needs",
                Link::Covers => "covers",
                Link::CoveredBy => "is covered by",
            };
            let before = if chain.is_empty() { "it " } else { ", which " };
            message.push_str(&format!("{before}{verb} `{}`", self.ground.ids[by]));
            chain.push(self.ground.ids[by].clone());
            current = by;
            if chain.len() + 1 == NAMED_MAX && current != root {
                break;
            }
        }
        let omitted = if current == root { 0 } else { far - chain.len() - 1 };
        if current != root {
            let between =
                if omitted > 0 { format!(", over {omitted} more to") } else { ", and so on to".to_owned() };
            message.push_str(&format!("{between} `{}`", self.ground.ids[root]));
            chain.push(self.ground.ids[root].clone());
        }
        let why = match self.ground.stand(receiver, root) {
            Stand::OverCapacity { group } => self.group(group),
            _ => {
                let words: Vec<String> =
                    self.own(receiver, root).into_iter().map(|(_, words)| words).collect();
                words.join("; ")
            }
        };
        (format!("{message}, and of that one: {why}"), chain, omitted)
    }

    fn beyond_the_waves(&self, part: usize, unit: usize) -> Because {
        let message = match (self.capacity.waves, self.beyond[unit]) {
            (0, _) => "no waves are planned".to_owned(),
            (_, wave) => format!("the waves are full; it could come in wave {wave} if they went on"),
        };
        let code = BecauseCode::BeyondTheWaves;
        let receivers = self.codes(self.gets[part]);
        Because { code, receivers, message, by: None, chain: Vec::new(), omitted: 0 }
    }

    /// What should be known of a part, and the needs that some of its receivers lack.
    fn flags(&self, part: usize, wave_of: &[Option<u32>], cycles: &Cycles) -> (Vec<usize>, Vec<PlanFlag>) {
        let ground = self.ground;
        let without = |other: &usize| self.gets[part] & !(self.gets[*other] | ground.holds(*other));
        let id = |part: &usize| ground.ids[*part].clone();
        let (mut lacking, mut flags) = (Vec::new(), Vec::new());
        for need in ground.needs[part].iter().filter(|need| without(need) != 0) {
            lacking.push(*need);
            flags.push(PlanFlag::Lacks { part: id(need), receivers: self.codes(without(need)) });
        }
        for covered in &ground.covers[part] {
            if without(covered) != 0 {
                let receivers = self.codes(without(covered));
                flags.push(PlanFlag::CoverIncomplete { part: id(covered), receivers });
            } else if self.gets[part] & self.gets[*covered] != 0 && wave_of[*covered] != wave_of[part] {
                flags.push(PlanFlag::CoverAhead { part: id(covered) });
            }
        }
        let covers = ground.covered_by[part].iter();
        for cover in covers.filter(|cover| ground.in_force(**cover) && without(cover) != 0) {
            flags.push(PlanFlag::WithoutCover { cover: id(cover), receivers: self.codes(without(cover)) });
        }
        if let Some(cycle) = cycles.of(part) {
            let others = cycle.iter().filter(|other| **other != part).take(NAMED_MAX);
            let with: Vec<PartId> = others.map(id).collect();
            let more = cycle.len() - 1 - with.len();
            flags.push(PlanFlag::Cycle { with, more });
        }
        (lacking, flags)
    }

    /// Why a part is worth a place, and with what it travels.
    fn place(&self, part: usize, unit: usize) -> String {
        let (worth, effort) = (&self.worths[part], self.ground.efforts[part]);
        let mut words =
            format!("{} for an effort of {effort}: {} as a part", points(worth.points()), worth.base);
        if worth.profiles > 0 {
            let profiles = if worth.profiles == 1 { "profile" } else { "profiles" };
            words.push_str(&format!(", {} for {} {profiles}", worth.uses, worth.profiles));
        }
        if worth.stale > 0 {
            words.push_str(&format!(", {} in place of an edition that is held", worth.stale));
        }
        let others = self.network.parts[unit].len() - 1;
        if others > 0 {
            let with = if others == 1 { "one other" } else { "others" };
            words.push_str(&format!("; travels with {with}"));
            if others > 1 {
                words.push_str(&format!(" ({others})"));
            }
        }
        words
    }
}

/// Cycles of needs among the parts that somebody gets.
struct Cycles {
    groups: Vec<Vec<usize>>,
    of: BTreeMap<usize, usize>,
}

impl Cycles {
    fn new(ground: &Ground<'_>, gets: &[Mask]) -> Self {
        let planned: Vec<bool> = gets.iter().map(|mask| *mask != 0).collect();
        let common = |part: usize, need: &usize| gets[part] & gets[*need] != 0;
        let needs = ground.needs.iter().enumerate();
        let arcs: Vec<Vec<usize>> = needs
            .map(|(part, needs)| needs.iter().copied().filter(|need| common(part, need)).collect())
            .collect();
        let groups: Vec<Vec<usize>> =
            components(&arcs, &planned).into_iter().filter(|group| group.len() > 1).collect();
        let members =
            groups.iter().enumerate().flat_map(|(place, group)| group.iter().map(move |part| (*part, place)));
        let of = members.collect();
        Self { groups, of }
    }

    fn of(&self, part: usize) -> Option<&Vec<usize>> {
        self.of.get(&part).and_then(|place| self.groups.get(*place))
    }
}

/// So many points, in words.
fn points(points: u64) -> String {
    if points == 1 { "1 point".to_owned() } else { format!("{points} points") }
}
