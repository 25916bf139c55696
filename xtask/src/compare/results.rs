//! What was measured, as it is kept between runs: one JSON document beside the target folder.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::audit::Audit;
use super::machine::Machine;

/// Everything measured on one machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Results {
    pub(super) machine: Machine,
    /// Versions of the programs, by name, as last seen.
    pub(super) versions: Vec<(String, String)>,
    /// By name.
    pub(super) tables: BTreeMap<String, Measured>,
    pub(super) growth: Vec<Growth>,
}

/// One table and what every program made of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Measured {
    pub(super) cells: u64,
    pub(super) primaries: u64,
    pub(super) variables: u64,
    pub(super) runs: BTreeMap<Program, Run>,
}

/// A program with its setting, in the order of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Program {
    /// Tearline with a time limit in seconds.
    Tearline { limit_s: u32 },
    /// tau-ARGUS, the modular approach.
    Mod,
    /// tau-ARGUS, the optimal approach.
    Opt,
}

impl Program {
    /// The key in the document of results, and the name in the document for people.
    pub(super) fn name(self) -> String {
        match self {
            Self::Tearline { limit_s } => format!("tearline {limit_s} s"),
            Self::Mod => "MOD".to_owned(),
            Self::Opt => "OPT".to_owned(),
        }
    }

    fn of_name(name: &str) -> Option<Self> {
        match name {
            "MOD" => Some(Self::Mod),
            "OPT" => Some(Self::Opt),
            _ => {
                let limit_s = name.strip_prefix("tearline ")?.strip_suffix(" s")?.parse().ok()?;
                Some(Self::Tearline { limit_s })
            }
        }
    }

    pub(super) const fn is_ours(self) -> bool {
        matches!(self, Self::Tearline { .. })
    }
}

impl Serialize for Program {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name())
    }
}

impl<'de> Deserialize<'de> for Program {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::of_name(&name).ok_or_else(|| serde::de::Error::custom(format!("no such program: `{name}`")))
    }
}

/// What one program made of one table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Run {
    /// The day, in UTC.
    pub(super) date: String,
    /// After this many seconds the program would have been killed.
    pub(super) killed_after_s: u32,
    pub(super) outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Outcome {
    /// A pattern came out; whether it is safe is the auditor's word.
    Pattern(Found),
    /// It was killed at the limit.
    Killed,
    /// It gave up or crashed, with these last words.
    Failed(String),
}

/// A pattern and what it took. Of several runs this is the one of median time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Found {
    pub(super) seconds: f64,
    /// Of every run, sorted.
    pub(super) seconds_of_all: Vec<f64>,
    /// Summed value of the secondaries.
    pub(super) weight: u128,
    /// Of every run, in the order of the times; they differ where a program answers differently every time.
    pub(super) weights_of_all: Vec<u128>,
    pub(super) secondaries: u64,
    /// A lower bound on the weight of every safe pattern, where the program proves one.
    pub(super) bound: Option<f64>,
    /// When the first pattern was proved, where the program says so.
    pub(super) first_certified_s: Option<f64>,
    /// None where the independent auditor was not at hand.
    pub(super) audit: Option<Audit>,
}

impl Found {
    /// The share of the weight that may be more than needed.
    pub(super) fn gap(&self) -> Option<f64> {
        let weight = as_float(self.weight);
        self.bound.map(|bound| if weight > 0.0 { ((weight - bound) / weight).max(0.0) } else { 0.0 })
    }

    /// Whether the auditor refused it.
    pub(super) fn is_unsafe(&self) -> bool {
        self.audit.as_ref().is_some_and(|audit| audit.broken() > 0)
    }
}

impl Run {
    pub(super) fn found(&self) -> Option<&Found> {
        match &self.outcome {
            Outcome::Pattern(found) => Some(found),
            Outcome::Killed | Outcome::Failed(_) => None,
        }
    }
}

/// Summed values stay far below the whole numbers that a float keeps exactly; ratios and pictures need no more.
#[expect(clippy::cast_precision_loss, reason = "for ratios and pictures only")]
pub(super) fn as_float(weight: u128) -> f64 {
    weight as f64
}

/// One size of the growing family.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Growth {
    pub(super) cells: u64,
    pub(super) primaries: u64,
    pub(super) secondaries: u64,
    pub(super) weight: u128,
    /// To the first proved pattern.
    pub(super) protect_s: f64,
    /// The exact checker alone.
    pub(super) check_s: f64,
    pub(super) peak_mib: u64,
    #[serde(default)]
    pub(super) date: String,
}

impl Results {
    /// What was kept at `path`. Results of another machine are set aside under another name.
    ///
    /// # Errors
    /// When the file is there and cannot be read or set aside, or is not such a document.
    pub(super) fn load(path: &Path, machine: Machine) -> anyhow::Result<Self> {
        let nothing = Self {
            machine: machine.clone(),
            versions: Vec::new(),
            tables: BTreeMap::new(),
            growth: Vec::new(),
        };
        if !path.exists() {
            return Ok(nothing);
        }
        let bytes = std::fs::read(path).with_context(|| format!("reading `{}`", path.display()))?;
        let kept: Self = serde_json::from_slice(&bytes)
            .with_context(|| format!("`{}` is not what this version writes: remove it", path.display()))?;
        if kept.machine == machine {
            return Ok(kept);
        }
        // Figures of two machines in one table would compare machines.
        let aside = path.with_extension("other-machine.json");
        std::fs::rename(path, &aside).with_context(|| format!("renaming to `{}`", aside.display()))?;
        Ok(nothing)
    }

    /// Writes the document, whole or not at all.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn store(&self, path: &Path) -> anyhow::Result<()> {
        let new = path.with_extension("json.tmp");
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        std::fs::write(&new, bytes).with_context(|| format!("writing `{}`", new.display()))?;
        std::fs::rename(&new, path).with_context(|| format!("renaming to `{}`", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(cores: usize) -> Machine {
        Machine { processor: "P".to_owned(), cores, memory_gib: 4, system: "S".to_owned() }
    }

    #[test]
    fn results_of_another_machine_are_set_aside_and_kept() {
        let folder = std::env::temp_dir().join(format!("compare-results-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join("results.json");
        let mut results = Results::load(&path, machine(2)).expect("nothing yet");
        results.versions.push(("tearline".to_owned(), "0".to_owned()));
        results.store(&path).expect("a writable folder");
        assert_eq!(Results::load(&path, machine(2)).expect("the same machine"), results);
        assert!(Results::load(&path, machine(8)).expect("another machine").versions.is_empty());
        assert!(!path.exists() && path.with_extension("other-machine.json").exists());
        std::fs::remove_dir_all(&folder).expect("the folder goes again");
    }

    #[test]
    fn a_programs_name_leads_back_to_it() {
        for program in [Program::Tearline { limit_s: 60 }, Program::Mod, Program::Opt] {
            assert_eq!(Program::of_name(&program.name()), Some(program));
        }
        assert_eq!(Program::of_name("tearline soon s"), None);
    }
}
