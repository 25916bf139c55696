//! The wire form of a case, closed: an unknown field is a fault.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A number as it stands: digits, or a text.
pub(super) type Number = Box<RawValue>;

/// What any document says first.
#[derive(Deserialize)]
pub(super) struct Head {
    pub(super) schema: String,
}

/// A case. Its schema was looked at before.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    #[serde(rename = "schema")]
    _schema: IgnoredAny,
    pub(super) id: String,
    #[serde(default, rename = "title")]
    _title: IgnoredAny,
    #[serde(default, rename = "teaches")]
    _teaches: IgnoredAny,
    #[serde(default, rename = "topics")]
    _topics: IgnoredAny,
    #[serde(default, rename = "unit")]
    _unit: IgnoredAny,
    #[serde(default, rename = "expect")]
    _expect: IgnoredAny,
    #[serde(default = "yes")]
    pub(super) integral: bool,
    pub(super) dimensions: Vec<Dimension>,
    pub(super) contributors: Entries<Contributor>,
    pub(super) records: Vec<Record>,
    #[serde(default)]
    pub(super) domain: Domain,
    #[serde(default)]
    pub(super) rules: Vec<Rule>,
    #[serde(default)]
    pub(super) releases: Vec<Release>,
    #[serde(default)]
    pub(super) attackers: Vec<Attacker>,
    #[serde(default)]
    pub(super) policy: Policy,
    #[serde(default)]
    pub(super) ask: Vec<Ask>,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Dimension {
    pub(super) name: String,
    pub(super) role: Option<String>,
    pub(super) codes: Entries<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Contributor {
    pub(super) holding: Option<String>,
    #[serde(default)]
    pub(super) waiver: bool,
    #[serde(default)]
    pub(super) request: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    pub(super) who: String,
    pub(super) at: Vec<String>,
    pub(super) value: Number,
    #[serde(default = "first")]
    pub(super) vintage: i64,
}

/// The vintage where none is named.
pub(super) fn first() -> i64 {
    1
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct Domain {
    #[serde(default, deserialize_with = "present")]
    pub(super) lo: Option<Number>,
    #[serde(default, deserialize_with = "present")]
    pub(super) hi: Option<Number>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) p: Option<Number>,
    pub(super) q: Option<Number>,
    pub(super) k: Option<Number>,
    pub(super) pct: Option<Number>,
    pub(super) n: Option<usize>,
    pub(super) t: Option<usize>,
    pub(super) members: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Release {
    pub(super) id: String,
    #[serde(default = "first")]
    pub(super) vintage: i64,
    pub(super) statements: Vec<Statement>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Statement {
    pub(super) cell: Option<String>,
    pub(super) vintage: Option<i64>,
    pub(super) value: Option<Number>,
    #[serde(default)]
    pub(super) suppressed: bool,
    #[serde(default, deserialize_with = "present")]
    pub(super) lo: Option<Number>,
    #[serde(default, deserialize_with = "present")]
    pub(super) hi: Option<Number>,
    pub(super) rounded: Option<Number>,
    pub(super) base: Option<Number>,
    pub(super) mode: Option<String>,
    pub(super) sum: Option<Vec<Vec<Number>>>,
    pub(super) ratio: Option<((String, i64), (String, i64))>,
    pub(super) weights: Option<Entries<Number>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Attacker {
    pub(super) id: String,
    #[serde(default)]
    pub(super) members: Vec<String>,
    pub(super) prior_pct: Option<Number>,
    #[serde(default)]
    pub(super) knows: Vec<Knowledge>,
    pub(super) rule_known: Option<RuleKnown>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Knowledge {
    pub(super) of: Vec<(String, String)>,
    #[serde(default = "first")]
    pub(super) vintage: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleKnown {
    pub(super) p: Number,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    pub(super) p: Option<Number>,
    pub(super) floor: Option<Number>,
    #[serde(default)]
    pub(super) two_sided: bool,
    pub(super) families: Option<Vec<String>>,
    #[serde(default)]
    pub(super) extra_targets: Vec<Extra>,
    #[serde(default)]
    pub(super) integer_attacker: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Extra {
    pub(super) who: String,
    pub(super) cells: Vec<(String, i64)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ask {
    pub(super) attacker: String,
    pub(super) cell: String,
    pub(super) who: Option<String>,
    pub(super) vintage: Option<i64>,
    pub(super) minus_vintage: Option<i64>,
}

/// A field that is there, `null` included.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Number>, D::Error> {
    Number::deserialize(deserializer).map(Some)
}

/// The entries of an object in their order; a key that stands twice is a fault.
pub(super) struct Entries<V>(pub(super) Vec<(String, V)>);

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Entries<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor(PhantomData))
    }
}

struct EntriesVisitor<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for EntriesVisitor<V> {
    type Value = Entries<V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut keys = std::collections::BTreeSet::new();
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry::<String, V>()? {
            if !keys.insert(key.clone()) {
                return Err(A::Error::custom("a key stands twice"));
            }
            entries.push((key, value));
        }
        Ok(Entries(entries))
    }
}
