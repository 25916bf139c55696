//! Earlier releases beside a draft: one world of records at all their vintages, and everything that was said of it.
//!
//! A record that was not revised is the same record at every vintage, so releases need no linking by hand. A release
//! stands under the codes of its day: its groups become further groups over today's leaves. Every statement must be
//! true of the figures at the vintage of its release. Source: docs/METHOD.md, "Histories".

use std::collections::{BTreeMap, BTreeSet};

use disclosure::Ratio;
use disclosure::guarantee::{Coalition, Guarantee};
use disclosure::hierarchy::{Hierarchy, NodeId};
use disclosure::knowledge::{
    Attacker, Cell, Contributor, Dimension, Domain, Entry, Grain, History, Numbers, Policy, Rational,
    RecordId, Release, Role, Says, Statement, Untrue, World, WorldError,
};
use disclosure::problem::Fixed;

use crate::codes::CodeList;
use crate::fault::{Fault, Place, Trouble};
use crate::figures::{Record, Records};
use crate::spec::Source;
use crate::{Content, Loaded};

/// The group above all codes of a variable that has one code only.
const ALL: &str = "\u{0}all";

/// What a release says of a cell, in whole units of the scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// Nothing.
    Hidden,
    /// Its value.
    Value(i64),
    /// At least the one and, if there is an upper end, at most the other.
    Range(i64, Option<i64>),
}

/// Which figures a release was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dated {
    /// The folder does not say.
    Unknown,
    /// The latest vintage of that day; `None` where the figures had none.
    At(Option<String>),
}

/// A release made earlier.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// What it is called.
    pub name: String,
    /// The figures it was made from.
    pub dated: Dated,
    /// The codes of its day, one tree a variable; today's where the folder does not say.
    pub codes: Option<Vec<Hierarchy>>,
    /// Its cells: a code a variable, and what is said.
    pub said: Vec<(Vec<String>, Said)>,
}

/// Why releases cannot be judged together. No message contains a figure.
#[derive(Clone, Debug, thiserror::Error)]
pub enum HistoryError {
    /// Cells summed elsewhere.
    #[error("a history needs to know who has what, and [cells] does not say")]
    NoContributors,
    /// Codes of an earlier release that today's code lists do not have.
    #[error("the release `{release}` has codes that the code lists no longer have")]
    Unmapped {
        /// The release.
        release: String,
        /// One a code.
        faults: Vec<Fault>,
    },
    /// A release of other variables.
    #[error("the release `{release}` has other variables")]
    Variables {
        /// The release.
        release: String,
    },
    /// The figures of that day are gone.
    #[error("the release `{release}` was made from vintage `{vintage}`, which the figures no longer have")]
    VintageGone {
        /// The release.
        release: String,
        /// The vintage.
        vintage: String,
    },
    /// No folder says which vintage it was, and the figures do not tell.
    #[error("the release `{release}` does not say its vintage, and is true of {vintages} of them")]
    VintageUnclear {
        /// The release.
        release: String,
        /// How many vintages it is true of.
        vintages: usize,
    },
    /// Something that was said is not true.
    #[error("what the release `{release}` says of cell `{cell}` is not true of the figures of its vintage")]
    Untrue {
        /// The release.
        release: String,
        /// The cell, its codes joined by `|`.
        cell: String,
    },
    /// The records do not make a world.
    #[error(transparent)]
    World(#[from] WorldError),
}

impl HistoryError {
    /// What the owner of the specification can do.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::NoContributors => "give the contributions as [figures]",
            Self::Unmapped { .. } => {
                "keep the code in the list, or split it there into what it became: a statement is never left out"
            }
            Self::Variables { .. } => "list releases of the same variables, in whatever order",
            Self::VintageGone { .. } => "keep the rows of every vintage that was released from",
            Self::VintageUnclear { vintages: 0, .. } => {
                "add the figures as they were then, as rows of their own vintage"
            }
            Self::VintageUnclear { .. } => {
                "take the whole folder as `protect` wrote it: internal/history.json says the vintage"
            }
            Self::Untrue { .. } => {
                "take the folder as `protect` wrote it, and keep figures as they were then as rows of their vintage"
            }
            Self::World(_) => "mend the figures",
        }
    }
}

/// Records at all vintages, and what earlier releases said of them.
pub struct Past {
    world: World,
    releases: Vec<Release>,
    /// By release, the cells in its order; for words about them.
    names: Vec<String>,
    /// The latest vintage.
    now: i64,
    /// Labels of the vintages.
    vintages: Vec<String>,
}

impl Past {
    /// Puts earlier releases together with today's figures.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn new(loaded: &Loaded, earlier: &[Earlier]) -> Result<Self, HistoryError> {
        let Content::Figures(records) = &loaded.content else { return Err(HistoryError::NoContributors) };
        let today: Vec<&Hierarchy> = loaded.lists.iter().map(CodeList::hierarchy).collect();
        let mut dimensions: Vec<Codes> = today.iter().map(|tree| Codes::of(tree)).collect();
        let mut maps = Vec::with_capacity(earlier.len());
        for release in earlier {
            maps.push(mapped(release, &today, &mut dimensions)?);
        }
        let dimensions: Vec<Dimension> = dimensions.into_iter().map(Codes::into_dimension).collect();
        let world = world(loaded, records, &dimensions)?;
        let now = place(records.vintages.len().saturating_sub(1));
        let mut past = Self {
            world,
            releases: Vec::with_capacity(earlier.len()),
            names: earlier.iter().map(|release| release.name.clone()).collect(),
            now,
            vintages: records.vintages.clone(),
        };
        for (release, maps) in earlier.iter().zip(&maps) {
            let dated = past.dated(release, maps)?;
            past.releases.push(dated);
        }
        Ok(past)
    }

    /// The world of the records.
    #[must_use]
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Names of the earlier releases, in their order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The label of a vintage; empty where the figures have none.
    #[must_use]
    pub fn vintage(&self, vintage: i64) -> &str {
        usize::try_from(vintage).ok().and_then(|place| self.vintages.get(place)).map_or("", String::as_str)
    }

    /// The earlier releases, and a draft under today's codes and figures.
    ///
    /// # Errors
    /// A code of the draft that the code lists do not have.
    pub fn with<'c>(
        &self,
        draft: impl IntoIterator<Item = (Vec<&'c str>, Said)>,
    ) -> Result<Vec<Release>, HistoryError> {
        let mut statements = Vec::new();
        for (codes, said) in draft {
            let cell = self.world.cell(codes.iter().copied());
            let cell = cell.ok_or_else(|| HistoryError::Variables { release: "draft".to_owned() })?;
            statements.push(statement(cell, said));
        }
        let mut releases = self.releases.clone();
        releases.push(Release { id: "draft".to_owned(), vintage: self.now, statements });
        Ok(releases)
    }

    /// Everything said, judged to be true.
    ///
    /// # Errors
    /// The first statement that is not.
    pub fn history<'a>(&'a self, releases: &'a [Release]) -> Result<History<'a>, HistoryError> {
        let history = History::new(&self.world, releases, Grain::Counted);
        history.map(History::condensed).map_err(|untrue| self.untrue(releases, untrue))
    }

    /// What earlier releases settled of today's cells: a cell of the same records, none of them revised since, stays as it
    /// was. Whatever the caller calls a cell comes back with what was settled of it.
    #[must_use]
    pub fn settled<'c, C>(&self, cells: impl IntoIterator<Item = (C, Vec<&'c str>)>) -> Vec<(C, Fixed)> {
        let mut known: BTreeMap<Vec<RecordId>, Fixed> = BTreeMap::new();
        for release in &self.releases {
            for statement in &release.statements {
                let Statement::Cell { cell, says, .. } = statement else { continue };
                let fixed = match says {
                    Says::Value(_) => Fixed::Published,
                    Says::Hidden => Fixed::Blank,
                    Says::Range(low, high) if low == high => Fixed::Published,
                    Says::Range(..) | Says::Rounded { .. } => Fixed::Blank,
                };
                let slot = known.entry(self.world.records_in(cell, release.vintage)).or_insert(fixed);
                if fixed == Fixed::Published {
                    *slot = fixed;
                }
            }
        }
        let settled = cells.into_iter().filter_map(|(name, codes)| {
            let cell = self.world.cell(codes)?;
            let fixed = known.get(&self.world.records_in(&cell, self.now))?;
            Some((name, *fixed))
        });
        settled.collect()
    }

    /// How many units revised a figure of a cell that was said before, at the least: of those of the given cells that
    /// were said before and revised since; `None` where there are none.
    #[must_use]
    pub fn revisers<'c>(&self, cells: impl IntoIterator<Item = Vec<&'c str>>) -> Option<usize> {
        let mut said: BTreeMap<&Cell, BTreeSet<i64>> = BTreeMap::new();
        for release in &self.releases {
            for statement in &release.statements {
                if let Statement::Cell { cell, says: Says::Value(_) | Says::Range(..), .. } = statement {
                    said.entry(cell).or_default().insert(release.vintage);
                }
            }
        }
        let cells = cells.into_iter().filter_map(|codes| self.world.cell(codes));
        let counts = cells.flat_map(|cell| {
            let vintages: Vec<i64> = said.get(&cell).into_iter().flatten().copied().collect();
            let now: BTreeSet<RecordId> = self.world.records_in(&cell, self.now).into_iter().collect();
            vintages.into_iter().map(move |vintage| {
                let then: BTreeSet<RecordId> = self.world.records_in(&cell, vintage).into_iter().collect();
                let changed = now.symmetric_difference(&then);
                changed.filter_map(|record| self.world.unit_of(*record)).collect::<BTreeSet<_>>().len()
            })
        });
        counts.filter(|count| *count > 0).min()
    }

    /// The codes of a cell as people write them, joined by `|`.
    #[must_use]
    pub fn describe(&self, cell: &Cell) -> String {
        let codes: Vec<&str> = self.world.codes(cell).collect();
        codes.join("|")
    }

    fn untrue(&self, releases: &[Release], untrue: Untrue) -> HistoryError {
        let release = releases.get(untrue.release);
        let statement = release.and_then(|release| release.statements.get(untrue.statement));
        let cell = match statement {
            Some(Statement::Cell { cell, .. }) => self.describe(cell),
            _ => String::new(),
        };
        HistoryError::Untrue { release: release.map_or(String::new(), |release| release.id.clone()), cell }
    }

    /// The release at its vintage.
    fn dated(&self, earlier: &Earlier, maps: &[Map]) -> Result<Release, HistoryError> {
        let mut statements = Vec::with_capacity(earlier.said.len());
        let mut unmapped = BTreeSet::new();
        for (codes, said) in &earlier.said {
            let mut mapped = Vec::with_capacity(codes.len());
            for (code, map) in codes.iter().zip(maps) {
                match map.codes.get(code) {
                    Some(code) => mapped.push(code.as_str()),
                    None => {
                        unmapped.insert((map.variable.clone(), code.clone()));
                    }
                }
            }
            if let Some(cell) = self.world.cell(mapped) {
                statements.push(statement(cell, *said));
            } else if codes.len() != maps.len() {
                return Err(HistoryError::Variables { release: earlier.name.clone() });
            }
        }
        if !unmapped.is_empty() {
            return Err(unmapped_error(&earlier.name, unmapped));
        }
        let mut release = Release { id: earlier.name.clone(), vintage: 0, statements };
        release.vintage = match &earlier.dated {
            Dated::At(Some(label)) => {
                let found = self.vintages.iter().position(|known| known == label);
                let gone =
                    || HistoryError::VintageGone { release: earlier.name.clone(), vintage: label.clone() };
                found.map(place).ok_or_else(gone)?
            }
            Dated::At(None) if self.vintages.is_empty() => 0,
            Dated::At(None) | Dated::Unknown => self.true_at(&mut release)?,
        };
        let untrue = History::new(&self.world, std::slice::from_ref(&release), Grain::Counted).err();
        match untrue {
            Some(untrue) => Err(self.untrue(std::slice::from_ref(&release), untrue)),
            None => Ok(release),
        }
    }

    /// The one vintage whose figures make the release true.
    fn true_at(&self, release: &mut Release) -> Result<i64, HistoryError> {
        let mut found = Vec::new();
        for vintage in 0..=self.now {
            release.vintage = vintage;
            if History::new(&self.world, std::slice::from_ref(release), Grain::Counted).is_ok() {
                found.push(vintage);
            }
        }
        match found.as_slice() {
            [one] => Ok(*one),
            _ => Err(HistoryError::VintageUnclear { release: release.id.clone(), vintages: found.len() }),
        }
    }
}

/// The guarantee as the exact model takes it; attackers reason in whole units of the scale.
#[must_use]
pub fn policy(guarantee: &Guarantee) -> Policy {
    let ratio = |ratio: Ratio| {
        Rational::new(ratio.numerator(), ratio.denominator()).unwrap_or_else(|| Rational::whole(i64::MAX))
    };
    Policy {
        p: ratio(guarantee.p),
        floor: Rational::whole(guarantee.floor),
        two_sided: guarantee.two_sided,
        families: guarantee.families.iter().copied().collect(),
        extra: Vec::new(),
        numbers: Numbers::Whole,
    }
}

/// A coalition as the exact model takes it: it knows its own records at every vintage.
#[must_use]
pub fn attacker(coalition: &Coalition) -> Attacker {
    let members = coalition.members.iter().copied().collect();
    Attacker { id: coalition.id.clone(), members, ..Attacker::default() }
}

fn place(index: usize) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}

fn statement(cell: Cell, said: Said) -> Statement {
    let says = match said {
        Said::Hidden => Says::Hidden,
        Said::Value(value) => Says::Value(Rational::whole(value)),
        Said::Range(low, high) => Says::Range(Some(Rational::whole(low)), high.map(Rational::whole)),
    };
    Statement::Cell { cell, vintage: None, weights: None, says }
}

fn world(loaded: &Loaded, records: &Records, dimensions: &[Dimension]) -> Result<World, HistoryError> {
    let waived = records.waived_units();
    let contributors = records.contributors.iter().map(|contributor| Contributor {
        name: contributor.code.clone(),
        // Units are numbered here and there alike: in the order of their first contributor.
        holding: Some(contributor.unit.0.to_string()),
        waiver: waived.get(contributor.unit.0 as usize).copied().unwrap_or(false),
        request: false,
    });
    let entry = |record: &Record| {
        let nodes = records.nodes(record);
        let codes = loaded.lists.iter().zip(&nodes).map(|(list, &node)| code(list, node));
        let contributor = records.contributors.get(record.contributor as usize);
        Entry {
            contributor: contributor.map_or(String::new(), |contributor| contributor.code.clone()),
            at: codes.collect(),
            vintage: i64::from(record.vintage),
            amount: Some(Rational::whole(record.figure.open())),
        }
    };
    let entries: Vec<Entry> = records.superseded.iter().chain(&records.latest).map(entry).collect();
    let domain = match &loaded.specification.source {
        Source::Figures(figures) => figures.domain,
        Source::Cells(_) => None,
    };
    let domain = match domain {
        Some((low, high)) => Domain { low: Some(Rational::whole(low)), high: Some(Rational::whole(high)) },
        None => Domain { low: Some(Rational::ZERO), high: None },
    };
    Ok(World::new(dimensions, contributors.collect(), &entries, domain)?)
}

fn code(list: &CodeList, node: NodeId) -> String {
    list.hierarchy().code(node).to_owned()
}

/// Codes of a variable in all versions.
struct Codes {
    name: String,
    /// Each group with its parts.
    groups: BTreeMap<String, Vec<String>>,
    codes: BTreeSet<String>,
}

/// What the codes of one version of a variable are called among all.
struct Map {
    variable: String,
    codes: BTreeMap<String, String>,
}

impl Codes {
    fn of(tree: &Hierarchy) -> Self {
        let mut groups = BTreeMap::new();
        for node in tree.nodes().filter(|node| !tree.is_leaf(*node)) {
            let parts = tree.children(node).iter().map(|child| tree.code(*child).to_owned()).collect();
            groups.insert(tree.code(node).to_owned(), parts);
        }
        let codes = tree.nodes().map(|node| tree.code(node).to_owned()).collect();
        Self { name: tree.name().to_owned(), groups, codes }
    }

    fn into_dimension(mut self) -> Dimension {
        if self.groups.is_empty() {
            self.groups.insert(ALL.to_owned(), self.codes.into_iter().collect());
        }
        Dimension { name: self.name, role: Role::Breakdown, groups: self.groups.into_iter().collect() }
    }

    /// Adds the groups of an earlier version, under a name of their own where today's covers something else.
    fn add(&mut self, earlier: &Hierarchy, release: &str, unmapped: &mut BTreeSet<(String, String)>) -> Map {
        let mut map = Map { variable: self.name.clone(), codes: BTreeMap::new() };
        // Depth first: read backwards, parts come before what they are parts of.
        let nodes: Vec<NodeId> = earlier.nodes().collect();
        for node in nodes.into_iter().rev() {
            let code = earlier.code(node);
            if earlier.is_leaf(node) {
                if self.codes.contains(code) {
                    map.codes.insert(code.to_owned(), code.to_owned());
                } else {
                    unmapped.insert((self.name.clone(), code.to_owned()));
                }
                continue;
            }
            let mut parts: Vec<String> = earlier
                .children(node)
                .iter()
                .filter_map(|child| map.codes.get(earlier.code(*child)).cloned())
                .collect();
            parts.sort();
            let same = |groups: &BTreeMap<String, Vec<String>>, name: &str| {
                groups.get(name).is_some_and(|today| {
                    let mut today = today.clone();
                    today.sort();
                    today == parts
                })
            };
            let mut name = code.to_owned();
            while self.codes.contains(&name) && !same(&self.groups, &name) {
                name = format!("{name} ({release})");
            }
            self.codes.insert(name.clone());
            self.groups.entry(name.clone()).or_insert(parts);
            map.codes.insert(code.to_owned(), name);
        }
        map
    }
}

fn mapped(release: &Earlier, today: &[&Hierarchy], all: &mut [Codes]) -> Result<Vec<Map>, HistoryError> {
    let Some(versions) = &release.codes else {
        let same = |tree: &&Hierarchy| Map {
            variable: tree.name().to_owned(),
            codes: tree
                .nodes()
                .map(|node| (tree.code(node).to_owned(), tree.code(node).to_owned()))
                .collect(),
        };
        return Ok(today.iter().map(same).collect());
    };
    let mut unmapped = BTreeSet::new();
    let mut maps = Vec::with_capacity(all.len());
    for codes in all {
        let Some(version) = versions.iter().find(|version| version.name() == codes.name) else {
            return Err(HistoryError::Variables { release: release.name.clone() });
        };
        maps.push(codes.add(version, &release.name, &mut unmapped));
    }
    if unmapped.is_empty() { Ok(maps) } else { Err(unmapped_error(&release.name, unmapped)) }
}

fn unmapped_error(release: &str, unmapped: BTreeSet<(String, String)>) -> HistoryError {
    let fault = |(variable, code)| Fault {
        place: Place::file(release),
        trouble: Trouble::UnmappedCode { variable, code },
    };
    HistoryError::Unmapped { release: release.to_owned(), faults: unmapped.into_iter().map(fault).collect() }
}
