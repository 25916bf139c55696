//! From the wire form of a case to the exact model, every name and number judged at its place.

use std::collections::BTreeSet;

use disclosure::guarantee::Family;
use disclosure::knowledge::primary::Rule;
use disclosure::knowledge::{
    Attacker, Cell, Contributor, Dimension, Domain, Entry, Extra, Grain, Knowledge, Numbers, Policy,
    Rational, Release, Role, Rounding, Says, Statement, World, WorldError,
};
use disclosure::problem::UnitId;

use super::{Ask, Case, CaseError, CaseTrouble, wire};
use crate::limits::{CASE_CELLS_MAX, CASE_DIGITS_MAX, CASE_RECORDS_MAX};

type Read<T> = Result<T, CaseError>;

pub(super) fn case(document: wire::Case) -> Read<Case> {
    let world = world(&document)?;
    let reader = Reader { world: &world };
    let ids = document.releases.iter().map(|release| &release.id);
    once(ids, "releases")?;
    once(document.attackers.iter().map(|attacker| &attacker.id), "attackers")?;
    once(document.rules.iter().map(|rule| &rule.id), "rules")?;
    let rules = numbered(&document.rules, "rules", |at, rule| Ok((rule.id.clone(), reader.rule(at, rule)?)))?;
    let releases = numbered(&document.releases, "releases", |at, release| reader.release(at, release))?;
    let attackers = numbered(&document.attackers, "attackers", |at, attacker| reader.attacker(at, attacker))?;
    let policy = reader.policy(&document.policy)?;
    let ask = numbered(&document.ask, "ask", |at, ask| {
        let known = document.attackers.iter().position(|attacker| attacker.id == ask.attacker);
        let attacker = known.ok_or_else(|| fault(&format!("{at}.attacker"), CaseTrouble::UnknownAttacker))?;
        let unit = ask.who.as_ref().map(|who| reader.unit(&format!("{at}.who"), who)).transpose()?;
        let cell = reader.cell(&format!("{at}.cell"), &ask.cell)?;
        Ok(Ask { attacker, cell, unit, vintage: ask.vintage, minus_vintage: ask.minus_vintage })
    })?;
    let fraction = world.truth().iter().position(|amount| !amount.is_whole());
    if policy.numbers == Numbers::Whole && fraction.is_some() {
        return Err(fault("policy.integer_attacker", CaseTrouble::NotWhole));
    }
    let grain = if document.integral { Grain::Counted } else { Grain::Measured };
    Ok(Case { id: document.id, world, grain, rules, releases, attackers, policy, ask })
}

fn world(document: &wire::Case) -> Read<World> {
    if document.records.len() > CASE_RECORDS_MAX {
        return Err(fault("records", CaseTrouble::TooMany { limit: CASE_RECORDS_MAX }));
    }
    let dimensions = numbered(&document.dimensions, "dimensions", |at, dimension| {
        let role = match dimension.role.as_deref() {
            None => Role::Breakdown,
            Some("contributor") => Role::Contributors,
            Some(_) => return Err(fault(&format!("{at}.role"), CaseTrouble::UnknownWord)),
        };
        let groups: Vec<(String, Vec<String>)> = dimension.codes.0.clone();
        let all = groups.iter().flat_map(|(parent, children)| children.iter().chain([parent]));
        if groups.is_empty() || all.into_iter().any(|code| code.contains('|')) {
            return Err(fault(&format!("{at}.codes"), CaseTrouble::Codes));
        }
        Ok(Dimension { name: dimension.name.clone(), role, groups })
    })?;
    let contributors = document.contributors.0.iter().map(|(name, one)| Contributor {
        name: name.clone(),
        holding: one.holding.clone(),
        waiver: one.waiver,
        request: one.request,
    });
    let records = numbered(&document.records, "records", |at, record| {
        Ok(Entry {
            contributor: record.who.clone(),
            at: record.at.clone(),
            vintage: record.vintage,
            amount: number(&format!("{at}.value"), &record.value)?,
        })
    })?;
    let end = |field: &str, given: &Option<wire::Number>, otherwise: Option<Rational>| match given {
        Some(given) => number(&format!("domain.{field}"), given),
        None => Ok(otherwise),
    };
    let domain = Domain {
        low: end("lo", &document.domain.lo, Some(Rational::ZERO))?,
        high: end("hi", &document.domain.hi, None)?,
    };
    let world = World::new(&dimensions, contributors.collect(), &records, domain).map_err(misplaced)?;
    if world.lattice_len() > CASE_CELLS_MAX {
        return Err(fault("dimensions", CaseTrouble::TooMany { limit: CASE_CELLS_MAX }));
    }
    Ok(world)
}

fn misplaced(error: WorldError) -> CaseError {
    let place = match &error {
        WorldError::Cycle { dimension, .. }
        | WorldError::CodeTwice { dimension, .. }
        | WorldError::RoleTwice { dimension } => format!("dimensions[{dimension}]"),
        WorldError::ContributorTwice { .. } => "contributors".to_owned(),
        WorldError::UnknownContributor { record }
        | WorldError::NotABaseCell { record }
        | WorldError::RecordTwice { record }
        | WorldError::OutsideDomain { record } => format!("records[{record}]"),
    };
    fault(&place, CaseTrouble::World(error))
}

struct Reader<'a> {
    world: &'a World,
}

impl Reader<'_> {
    fn cell(&self, at: &str, text: &str) -> Read<Cell> {
        self.world.cell(text.split('|')).ok_or_else(|| fault(at, CaseTrouble::UnknownCell))
    }

    fn unit(&self, at: &str, name: &str) -> Read<UnitId> {
        self.world.unit(name).ok_or_else(|| fault(at, CaseTrouble::UnknownUnit))
    }

    fn contributor(&self, at: &str, name: &str) -> Read<usize> {
        let place = self.world.contributors().iter().position(|one| one.name == name);
        place.ok_or_else(|| fault(at, CaseTrouble::UnknownContributor))
    }

    fn members(&self, at: &str, names: &[String]) -> Read<BTreeSet<UnitId>> {
        let units = names.iter().enumerate().map(|(number, name)| {
            let unit = self.world.unit_behind(name);
            unit.ok_or_else(|| fault(&format!("{at}.members[{number}]"), CaseTrouble::UnknownContributor))
        });
        units.collect()
    }

    fn rule(&self, at: &str, rule: &wire::Rule) -> Read<Rule> {
        let given = [
            ("p", rule.p.is_some()),
            ("q", rule.q.is_some()),
            ("k", rule.k.is_some()),
            ("pct", rule.pct.is_some()),
            ("n", rule.n.is_some()),
            ("t", rule.t.is_some()),
            ("members", rule.members.is_some()),
        ];
        let allowed: &[&str] = match rule.kind.as_str() {
            "p" => &["p", "t"],
            "pq" => &["p", "q", "t"],
            "nk" => &["n", "k"],
            "minfreq" => &["n"],
            "zero" => &[],
            "coalition" => &["members", "p"],
            "request" => &["pct"],
            _ => return Err(fault(&format!("{at}.kind"), CaseTrouble::UnknownWord)),
        };
        if let Some((field, _)) = given.iter().find(|(field, given)| *given && !allowed.contains(field)) {
            return Err(fault(&format!("{at}.{field}"), CaseTrouble::OutOfPlace));
        }
        let need =
            |field: &str, number: &Option<wire::Number>| amount(&format!("{at}.{field}"), number.as_ref());
        let count = |field: &str, count: Option<usize>| {
            count.ok_or_else(|| fault(&format!("{at}.{field}"), CaseTrouble::Missing))
        };
        let pooling = rule.t.unwrap_or(1);
        Ok(match rule.kind.as_str() {
            "p" => Rule::PPercent { p: need("p", &rule.p)?, pooling },
            "pq" => {
                let q = positive(&format!("{at}.q"), need("q", &rule.q)?)?;
                let p = &need("p", &rule.p)? * &Rational::HUNDRED;
                Rule::PPercent { p: p.over(&q).unwrap_or(Rational::ZERO), pooling }
            }
            "nk" => Rule::Dominance {
                n: count("n", rule.n)?,
                k: positive(&format!("{at}.k"), need("k", &rule.k)?)?,
            },
            "minfreq" => Rule::MinimumFrequency { n: count("n", rule.n)? },
            "zero" => Rule::Zero,
            "coalition" => {
                let members = rule.members.as_ref();
                let members = members.ok_or_else(|| fault(&format!("{at}.members"), CaseTrouble::Missing))?;
                Rule::Coalition { members: self.members(at, members)?, p: need("p", &rule.p)? }
            }
            _ => Rule::Request { percent: need("pct", &rule.pct)? },
        })
    }

    fn release(&self, at: &str, release: &wire::Release) -> Read<Release> {
        let statements =
            numbered(&release.statements, &format!("{at}.statements"), |at, one| self.statement(at, one))?;
        Ok(Release { id: release.id.clone(), vintage: release.vintage, statements })
    }

    fn statement(&self, at: &str, one: &wire::Statement) -> Read<Statement> {
        let out_of_place = |fields: &[(&str, bool)]| {
            let wrong = fields.iter().find(|(_, given)| *given);
            wrong.map_or(Ok(()), |(field, _)| Err(fault(&format!("{at}.{field}"), CaseTrouble::OutOfPlace)))
        };
        let said = [
            ("suppressed", one.suppressed),
            ("lo", one.lo.is_some()),
            ("hi", one.hi.is_some()),
            ("rounded", one.rounded.is_some()),
            ("base", one.base.is_some()),
            ("mode", one.mode.is_some()),
            ("weights", one.weights.is_some()),
            ("vintage", one.vintage.is_some()),
        ];
        let field = |name: &str| format!("{at}.{name}");
        match (&one.cell, &one.sum, &one.ratio) {
            (Some(cell), None, None) => {
                let weights = one.weights.as_ref().map(|weights| {
                    let entries = weights.0.iter().map(|(who, weight)| {
                        let place = field(&format!("weights.{who}"));
                        Ok((self.contributor(&place, who)?, amount_of_any_sign(&place, Some(weight))?))
                    });
                    entries.collect::<Read<Vec<_>>>()
                });
                Ok(Statement::Cell {
                    cell: self.cell(&field("cell"), cell)?,
                    vintage: one.vintage,
                    weights: weights.transpose()?,
                    says: says(at, one)?,
                })
            }
            (None, Some(terms), None) => {
                out_of_place(&said)?;
                let terms = numbered(terms, &field("sum"), |at, term| self.term(at, term))?;
                Ok(Statement::Sum { terms, value: amount_of_any_sign(&field("value"), one.value.as_ref())? })
            }
            (None, None, Some(((above, from), (below, to)))) => {
                out_of_place(&said)?;
                let cell = |text: &str| self.cell(&field("ratio"), text);
                Ok(Statement::Ratio {
                    numerator: (cell(above)?, *from),
                    denominator: (cell(below)?, *to),
                    value: amount_of_any_sign(&field("value"), one.value.as_ref())?,
                })
            }
            _ => Err(fault(at, CaseTrouble::OneOf { what: "`cell`, `sum` and `ratio`" })),
        }
    }

    fn term(&self, at: &str, term: &[wire::Number]) -> Read<(Rational, Cell, Option<i64>)> {
        let (factor, cell, vintage) = match term {
            [factor, cell] => (factor, cell, None),
            [factor, cell, vintage] => (factor, cell, Some(vintage)),
            _ => return Err(fault(at, CaseTrouble::Term)),
        };
        let cell: String = serde_json::from_str(cell.get()).map_err(|_| fault(at, CaseTrouble::Term))?;
        let vintage = vintage.map(|vintage| serde_json::from_str(vintage.get()));
        let vintage = vintage.transpose().map_err(|_| fault(at, CaseTrouble::Term))?;
        Ok((amount_of_any_sign(at, Some(factor))?, self.cell(at, &cell)?, vintage))
    }

    fn attacker(&self, at: &str, attacker: &wire::Attacker) -> Read<Attacker> {
        let prior = attacker.prior_pct.as_ref().map(|prior| amount(&format!("{at}.prior_pct"), Some(prior)));
        let rule =
            attacker.rule_known.as_ref().map(|rule| amount(&format!("{at}.rule_known.p"), Some(&rule.p)));
        let knows = numbered(&attacker.knows, &format!("{at}.knows"), |at, known| {
            let of =
                known.of.iter().map(|(who, cell)| Ok((self.contributor(at, who)?, self.cell(at, cell)?)));
            Ok(Knowledge { of: of.collect::<Read<Vec<_>>>()?, vintage: known.vintage })
        })?;
        Ok(Attacker {
            id: attacker.id.clone(),
            members: self.members(at, &attacker.members)?,
            prior_pct: prior.transpose()?,
            knows,
            rule_known: rule.transpose()?,
        })
    }

    fn policy(&self, policy: &wire::Policy) -> Read<Policy> {
        let part = |field: &str, number: &Option<wire::Number>| match number {
            Some(_) => amount(&format!("policy.{field}"), number.as_ref()),
            None => Ok(Rational::ZERO),
        };
        let families = match &policy.families {
            None => BTreeSet::from([Family::Cells, Family::Deltas]),
            Some(words) => numbered(words, "policy.families", |at, word| match word.as_str() {
                "cells" => Ok(Family::Cells),
                "deltas" => Ok(Family::Deltas),
                "relations" => Ok(Family::Relations),
                "derivable" => Ok(Family::Derivable),
                _ => Err(fault(at, CaseTrouble::UnknownWord)),
            })?
            .into_iter()
            .collect(),
        };
        let extra = numbered(&policy.extra_targets, "policy.extra_targets", |at, extra| {
            let cells = extra.cells.iter().map(|(cell, vintage)| Ok((self.cell(at, cell)?, *vintage)));
            Ok(Extra {
                unit: self.unit(&format!("{at}.who"), &extra.who)?,
                cells: cells.collect::<Read<_>>()?,
            })
        })?;
        Ok(Policy {
            p: part("p", &policy.p)?,
            floor: part("floor", &policy.floor)?,
            two_sided: policy.two_sided,
            families,
            extra,
            numbers: if policy.integer_attacker { Numbers::Whole } else { Numbers::Any },
        })
    }
}

/// What a statement says of a cell: exactly one thing.
fn says(at: &str, one: &wire::Statement) -> Read<Says> {
    let field = |name: &str| format!("{at}.{name}");
    let range = one.lo.is_some() || one.hi.is_some();
    let count = [one.value.is_some(), range || one.suppressed, one.rounded.is_some()];
    if count.iter().filter(|given| **given).count() != 1 {
        return Err(fault(
            at,
            CaseTrouble::OneOf { what: "`value`, `rounded`, `lo` with `hi`, and `suppressed`" },
        ));
    }
    if one.rounded.is_none() && (one.base.is_some() || one.mode.is_some()) {
        return Err(fault(at, CaseTrouble::OutOfPlace));
    }
    if let Some(value) = &one.value {
        return Ok(Says::Value(amount_of_any_sign(&field("value"), Some(value))?));
    }
    if let Some(value) = &one.rounded {
        let mode = match one.mode.as_deref() {
            None | Some("controlled") => Rounding::Controlled,
            Some("nearest") => Rounding::Nearest,
            Some(_) => return Err(fault(&field("mode"), CaseTrouble::UnknownWord)),
        };
        let base = amount(&field("base"), one.base.as_ref())?;
        let value = amount_of_any_sign(&field("rounded"), Some(value))?;
        return Ok(Says::Rounded { value, base: positive(&field("base"), base)?, mode });
    }
    if !range {
        return Ok(Says::Hidden);
    }
    let end = |name: &str, given: &Option<wire::Number>| match given {
        Some(given) => number(&field(name), given),
        None => Ok(None),
    };
    Ok(Says::Range(end("lo", &one.lo)?, end("hi", &one.hi)?))
}

fn numbered<T, U>(items: &[T], list: &str, mut read: impl FnMut(&str, &T) -> Read<U>) -> Read<Vec<U>> {
    items.iter().enumerate().map(|(number, item)| read(&format!("{list}[{number}]"), item)).collect()
}

fn once<'a>(ids: impl Iterator<Item = &'a String>, list: &str) -> Read<()> {
    let mut seen = BTreeSet::new();
    for (number, id) in ids.enumerate() {
        if !seen.insert(id) {
            return Err(fault(&format!("{list}[{number}].id"), CaseTrouble::IdTwice));
        }
    }
    Ok(())
}

pub(super) fn fault(place: &str, trouble: CaseTrouble) -> CaseError {
    CaseError::Fault { place: place.to_owned(), trouble }
}

/// A number, or nothing where `null` stands.
fn number(at: &str, given: &wire::Number) -> Read<Option<Rational>> {
    let raw = given.get().trim();
    if raw == "null" {
        return Ok(None);
    }
    let wrong = || fault(at, CaseTrouble::NotExact);
    if raw.len() > CASE_DIGITS_MAX {
        return Err(fault(at, CaseTrouble::TooMany { limit: CASE_DIGITS_MAX }));
    }
    if raw.starts_with('"') {
        let text: String = serde_json::from_str(raw).map_err(|_| wrong())?;
        return Rational::parse(&text).map(Some).ok_or_else(wrong);
    }
    let digits = raw.strip_prefix('-').unwrap_or(raw);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    Rational::parse(raw).map(Some).ok_or_else(wrong)
}

/// A number that must be there.
fn amount_of_any_sign(at: &str, given: Option<&wire::Number>) -> Read<Rational> {
    let number = given.map(|given| number(at, given)).transpose()?.flatten();
    number.ok_or_else(|| fault(at, CaseTrouble::Missing))
}

/// A number that must be there and not below zero.
fn amount(at: &str, given: Option<&wire::Number>) -> Read<Rational> {
    let number = amount_of_any_sign(at, given)?;
    if number.is_negative() { Err(fault(at, CaseTrouble::Negative)) } else { Ok(number) }
}

fn positive(at: &str, number: Rational) -> Read<Rational> {
    if number.is_zero() { Err(fault(at, CaseTrouble::Negative)) } else { Ok(number) }
}
