//! The exact model against an independent program: the worked cases, and random small ones with every feature.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::instances::{SHARED, skipped};
use crate::run::Bench;

/// Random cases of one test: the oracle takes about a second a case, several on a busy machine.
const CASES: u64 = 20;

fn oracle(arguments: &[&str]) -> (bool, String) {
    let program = Path::new(SHARED).join("check/check_cases.py");
    let output = Command::new("python3").arg(program).args(arguments).output().unwrap();
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

fn oracle_is_here() -> bool {
    let here = Path::new(SHARED).join("check/check_cases.py").exists()
        && Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success());
    if !here {
        skipped("../shared or python3 is not here");
    }
    here
}

#[test]
fn every_worked_case_is_answered_exactly() {
    if !oracle_is_here() {
        return;
    }
    let bench = Bench::empty();
    let folder = Path::new(SHARED).join("design/cases").canonicalize().unwrap();
    let mut files: Vec<String> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path().display().to_string()).collect();
    files.retain(|name| name.ends_with(".json"));
    files.sort();
    let answer = bench.expect(0, &format!("case {}", files.join(" ")));
    assert!(answer.err.contains("passed over"), "{}", answer.err);
    bench.write("answers.json", &answer.out);
    let answers = bench.path("answers.json").display().to_string();
    let (right, report) = oracle(&["--answers", &answers, &folder.display().to_string()]);
    assert!(right && !report.starts_with("0 passed"), "{report}");
}

#[test]
fn random_cases_are_answered_as_by_the_oracle() {
    random_cases(1);
}

#[test]
fn more_random_cases_are_answered_as_by_the_oracle() {
    random_cases(101);
}

#[test]
fn still_more_random_cases_are_answered_as_by_the_oracle() {
    random_cases(201);
}

/// The oracle computes what each case should answer; ours must be the same, and refuse what it finds impossible.
fn random_cases(first: u64) {
    if !oracle_is_here() {
        return;
    }
    let bench = Bench::empty();
    let names: Vec<String> = (first..first + CASES).map(|seed| format!("r{seed}.json")).collect();
    for (seed, name) in (first..).zip(&names) {
        bench.write(name, &serde_json::to_string_pretty(&Draw::case(seed)).unwrap());
    }
    let paths: Vec<String> = names.iter().map(|name| bench.path(name).display().to_string()).collect();
    let fill = |paths: &[String]| {
        let arguments = std::iter::once("--fill").chain(paths.iter().map(String::as_str));
        oracle(&arguments.collect::<Vec<_>>()).1
    };
    // It takes a second a case: half of them each on two processors.
    let (one, other) = paths.split_at(paths.len() / 2);
    let report = std::thread::scope(|scope| {
        let first = scope.spawn(|| fill(one));
        fill(other) + &first.join().unwrap()
    });
    let read = |name: &String| serde_json::from_str::<Value>(&bench.read(name)).unwrap();
    let (answered, refused): (Vec<String>, Vec<String>) =
        names.into_iter().partition(|name| read(name).get("expect").is_some());
    assert!(answered.len() as u64 > CASES / 2, "{report}");
    for name in refused {
        let id = read(&name)["id"].as_str().unwrap().to_owned();
        // Untrue knowledge: nothing is consistent with it. Whole numbers without end are the oracle's limit, not ours.
        if report.contains(&format!("FAIL {id}: Infeasible")) {
            let answer = bench.expect(2, &format!("case {name}"));
            assert!(answer.err.contains("no figures are consistent"), "{}", answer.err);
        } else {
            assert!(report.contains(&format!("FAIL {id}: ValueError unbounded integer")), "{report}");
        }
    }
    let answer = bench.expect(0, &format!("case {}", answered.join(" ")));
    bench.write("answers.txt", &answer.out);
    let mut arguments = vec!["--answers".to_owned(), bench.path("answers.txt").display().to_string()];
    arguments.extend(answered.iter().map(|name| bench.path(name).display().to_string()));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (right, report) = oracle(&arguments);
    assert!(right, "seeds from {first}: {report}");
}

/// A number of twentieths as a case writes it.
fn twentieths(amount: i64) -> Value {
    fraction(amount, 20)
}

fn fraction(above: i64, below: i64) -> Value {
    let sign = below.signum();
    let divisor = gcd(above.abs(), below.abs()) * sign;
    let (above, below) = (above / divisor, below / divisor);
    if below == 1 { json!(above) } else { json!(format!("{above}/{below}")) }
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a.max(1) } else { gcd(b, a % b) }
}

/// One random case: what is drawn, and enough of the world to make every statement true.
struct Draw {
    state: u64,
    /// By dimension, code and the leaves it covers.
    dimensions: Vec<Vec<(String, Vec<String>)>>,
    contributors: Vec<String>,
    /// Holdings, and contributors of none.
    units: Vec<String>,
    /// Whose, the leaf of each dimension, vintage, twentieths or withdrawn.
    records: Vec<(String, Vec<String>, i64, Option<i64>)>,
    whole: bool,
    low: Option<i64>,
}

impl Draw {
    /// A number below `end`: SplitMix64.
    fn below(&mut self, end: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u64) as usize].clone()
    }

    fn some<T: Clone>(&mut self, items: &[T], percent: u64) -> Vec<T> {
        items.iter().filter(|_| self.chance(percent)).cloned().collect()
    }

    fn case(seed: u64) -> Value {
        let mut draw = Self {
            state: seed.wrapping_mul(0x2545_f491_4f6c_dd1d),
            dimensions: Vec::new(),
            contributors: Vec::new(),
            units: Vec::new(),
            records: Vec::new(),
            whole: true,
            low: Some(0),
        };
        let integer_attacker = draw.chance(15);
        draw.whole = integer_attacker || draw.chance(75);
        let count = 3 + draw.below(2);
        draw.contributors = (0..count).map(|number| format!("C{number}")).collect();
        let dimensions = draw.dimensions(integer_attacker);
        let contributors = draw.holdings();
        let unit = |name: &String| contributors[name]["holding"].as_str().unwrap_or(name).to_owned();
        draw.units = draw.contributors.iter().map(unit).collect();
        let mut domain = json!({});
        match draw.below(8) {
            0 => (draw.low, domain) = (Some(-10), json!({"lo": -10, "hi": 40})),
            1 => domain = json!({"hi": 40}),
            2 if !integer_attacker => (draw.low, domain) = (None, json!({"lo": null})),
            _ => {}
        }
        if integer_attacker {
            (draw.low, domain) = (Some(0), json!({"hi": 7}));
        }
        let vintages = if integer_attacker { 1 } else { 1 + draw.below(3) as i64 };
        draw.draw_records(vintages, if integer_attacker { 5 } else { 30 });
        // The oracle's tableaus are dense and its whole numbers are enumerated: it is slow, not wrong.
        let most = if integer_attacker { 4 } else { 8 };
        while draw.records.len() > most {
            let surplus = draw.below(draw.records.len() as u64) as usize;
            draw.records.remove(surplus);
        }
        let releases = draw.releases(vintages);
        let attackers = draw.attackers();
        let mut policy = draw.policy(vintages, &releases);
        policy["integer_attacker"] = json!(integer_attacker);
        let ask = draw.asks(&attackers, vintages);
        let rules = draw.rules();
        let records: Vec<Value> = draw.records.iter().map(|record| draw.record(record)).collect();
        json!({
            "schema": "tearline-case/1", "id": format!("r{seed}"), "integral": draw.whole,
            "dimensions": dimensions, "contributors": contributors, "records": records, "domain": domain,
            "rules": rules, "releases": releases, "attackers": attackers, "policy": policy, "ask": ask,
        })
    }

    fn dimensions(&mut self, tiny: bool) -> Value {
        let mut given = Vec::new();
        let kinds = self.below(if tiny { 2 } else { 5 });
        let mut codes = match kinds {
            0 => json!({"T": ["a", "b", "c"]}),
            1 => json!({"T": ["a", "b"]}),
            2 => json!({"T": ["a", "b", "c"], "G": ["a", "b"], "H": ["b", "c"]}),
            3 => json!({"T": ["L", "c"], "L": ["a", "b"]}),
            _ => json!({"T": ["a", "b"]}),
        };
        if self.chance(10) {
            codes["again"] = json!(["T"]);
        }
        given.push(json!({"name": "capability", "codes": codes}));
        if kinds == 4 || (kinds == 1 && !tiny && self.chance(50)) {
            given.push(json!({"name": "year", "codes": {"S": ["1", "2"]}}));
        } else if self.chance(30) {
            let europe = self.some(&self.contributors.clone(), 60);
            let all = self.contributors.clone();
            given.push(json!({"name": "ally", "role": "contributor", "codes": {"ALL": all, "EU": europe}}));
        }
        for dimension in &given {
            self.dimensions.push(covers(&dimension["codes"]));
        }
        Value::Array(given)
    }

    fn holdings(&mut self) -> Value {
        let mut all = json!({});
        for name in self.contributors.clone() {
            let mut one = json!({});
            if self.chance(20) {
                one["holding"] = json!("H");
            }
            if self.chance(12) {
                one["waiver"] = json!(true);
            }
            if self.chance(30) {
                one["request"] = json!(true);
            }
            all[name] = one;
        }
        all
    }

    fn amount(&mut self, most: u64) -> i64 {
        let low = self.low.unwrap_or(-15);
        let units = if self.chance(12) { 0 } else { low + self.below(most + 1) as i64 };
        if self.whole || self.chance(60) { units * 20 } else { units * 20 + self.below(4) as i64 * 5 }
    }

    fn draw_records(&mut self, vintages: i64, most: u64) {
        let leaves: Vec<Vec<String>> = self.dimensions.iter().map(|codes| leaves(codes)).collect();
        let by_contributor = leaves.iter().position(|leaves| leaves.iter().any(|leaf| leaf.starts_with('C')));
        let mut places = vec![Vec::new()];
        for (number, leaves) in leaves.iter().enumerate() {
            let own = vec![String::new()];
            let leaves = if Some(number) == by_contributor { &own } else { leaves };
            let longer = |place: &Vec<String>| {
                leaves.iter().map(|leaf| [place.clone(), vec![leaf.clone()]].concat()).collect::<Vec<_>>()
            };
            places = places.iter().flat_map(longer).collect();
        }
        for who in self.contributors.clone() {
            for place in &places {
                let mut at = place.clone();
                if let Some(number) = by_contributor {
                    at[number] = who.clone();
                }
                for vintage in 1..=vintages {
                    let share = if vintage == 1 { 60 } else { 20 };
                    if self.chance(share) {
                        let gone = vintage > 1 && self.chance(20);
                        let amount = if gone { None } else { Some(self.amount(most)) };
                        self.records.push((who.clone(), at.clone(), vintage, amount));
                    }
                }
            }
        }
    }

    fn record(&self, (who, at, vintage, amount): &(String, Vec<String>, i64, Option<i64>)) -> Value {
        let at: Vec<&String> = at.iter().filter(|leaf| *leaf != who).collect();
        let mut record = json!({"who": who, "at": at, "value": amount.map(twentieths)});
        if *vintage > 1 {
            record["vintage"] = json!(vintage);
        }
        record
    }

    fn lattice(&self) -> Vec<String> {
        let mut keys = vec![String::new()];
        for codes in &self.dimensions {
            let longer = |key: &String| {
                let join =
                    |code: &String| if key.is_empty() { code.clone() } else { format!("{key}|{code}") };
                codes.iter().map(|(code, _)| join(code)).collect::<Vec<_>>()
            };
            keys = keys.iter().flat_map(longer).collect();
        }
        keys
    }

    /// Sum of a cell at a vintage in twentieths, with a factor by contributor in tenths: in two-hundredths.
    fn total(&self, key: &str, vintage: i64, weight: impl Fn(&str) -> i64) -> i64 {
        let codes: Vec<&str> = key.split('|').collect();
        let inside = |at: &Vec<String>| {
            self.dimensions.iter().zip(&codes).zip(at).all(|((codes, code), leaf)| {
                codes.iter().any(|(other, covered)| other == code && covered.contains(leaf))
            })
        };
        let newer = |who: &String, at: &Vec<String>, than: i64| {
            self.records
                .iter()
                .any(|other| other.0 == *who && other.1 == *at && other.2 > than && other.2 <= vintage)
        };
        let current =
            self.records.iter().filter(|(who, at, from, _)| *from <= vintage && !newer(who, at, *from));
        current
            .filter(|(_, at, ..)| inside(at))
            .map(|(who, _, _, amount)| amount.unwrap_or(0) * weight(who))
            .sum()
    }

    fn plain(&self, key: &str, vintage: i64) -> i64 {
        self.total(key, vintage, |_| 1)
    }

    fn releases(&mut self, vintages: i64) -> Vec<Value> {
        let count = if self.chance(7) { 0 } else { 1 + self.below(10) / 5 };
        let mut vintage = 1;
        let mut releases = Vec::new();
        for number in 0..count {
            if number > 0 && self.chance(70) {
                vintage = (vintage + 1).min(vintages);
            }
            let mut statements = Vec::new();
            for key in self.lattice() {
                statements.extend(self.statement(&key, vintage, vintages));
            }
            if self.chance(30) {
                statements.push(self.sum(vintage, vintages));
            }
            if self.chance(25) {
                statements.extend(self.ratio(vintages));
            }
            let mut release = json!({"id": format!("r{number}"), "statements": statements});
            if vintage > 1 || self.chance(50) {
                release["vintage"] = json!(vintage);
            }
            releases.push(release);
        }
        releases
    }

    fn statement(&mut self, key: &str, vintage: i64, vintages: i64) -> Option<Value> {
        let mut statement = json!({"cell": key});
        let mut at = vintage;
        if vintages > 1 && self.chance(8) {
            at = 1 + self.below(vintages as u64) as i64;
            statement["vintage"] = json!(at);
        }
        let total = self.plain(key, at);
        match self.below(100) {
            0..45 => statement["value"] = twentieths(total),
            45..60 => statement["suppressed"] = json!(true),
            60..70 => {
                let (down, up) = (self.below(6) as i64, self.below(6) as i64);
                if self.chance(85) {
                    statement["lo"] = twentieths(total - down * 20);
                }
                if self.chance(85) || statement.get("lo").is_none() {
                    statement["hi"] = twentieths(total + up * 20);
                }
                if statement.get("lo").is_some() && self.chance(30) {
                    statement["suppressed"] = json!(true);
                }
            }
            70..80 => self.round(&mut statement, total),
            80..85 => {
                let who = self.pick(&self.contributors.clone());
                let tenths = self.pick(&[0, 5, 11, 20]);
                let weighted = self.total(key, at, |other| if other == who { tenths } else { 10 });
                statement["weights"] = json!({ who: fraction(tenths, 10) });
                statement["value"] = fraction(weighted, 200);
            }
            _ => return None,
        }
        Some(statement)
    }

    fn round(&mut self, statement: &mut Value, total: i64) {
        let base = self.pick(&[1, 3, 4, 5, 10]);
        // Bases that are no whole number are for what is measured.
        let step = if self.whole || self.chance(60) { base * 20 } else { base * 20 + 10 };
        let below = total.div_euclid(step) * step;
        statement["base"] = twentieths(step);
        let nearest = self.chance(40);
        let rounded = if nearest {
            statement["mode"] = json!("nearest");
            // Halves upwards; of an odd base of counted units, the middle unit belongs to the lower multiple.
            let half = if self.whole { step / 20 / 2 * 20 } else { step / 2 };
            (total + half).div_euclid(step) * step
        } else {
            if self.chance(50) {
                statement["mode"] = json!("controlled");
            }
            if below != total && self.chance(50) { below + step } else { below }
        };
        statement["rounded"] = twentieths(rounded);
    }

    fn sum(&mut self, vintage: i64, vintages: i64) -> Value {
        let lattice = self.lattice();
        let mut total = 0;
        let mut terms = Vec::new();
        for _ in 0..2 + self.below(2) {
            let key = self.pick(&lattice);
            let tenths = self.pick(&[10, -10, 5, 20]);
            let other = 1 + self.below(vintages as u64) as i64;
            if self.chance(40) {
                total += tenths * self.plain(&key, other);
                terms.push(json!([fraction(tenths, 10), key, other]));
            } else {
                total += tenths * self.plain(&key, vintage);
                terms.push(json!([fraction(tenths, 10), key]));
            }
        }
        json!({"sum": terms, "value": fraction(total, 200)})
    }

    fn ratio(&mut self, vintages: i64) -> Option<Value> {
        let lattice = self.lattice();
        let (above, below) = (self.pick(&lattice), self.pick(&lattice));
        let (from, to) = (1 + self.below(vintages as u64) as i64, 1 + self.below(vintages as u64) as i64);
        let (numerator, denominator) = (self.plain(&above, from), self.plain(&below, to));
        let ratio = json!([[above, from], [below, to]]);
        (denominator != 0).then(|| json!({"ratio": ratio, "value": fraction(numerator, denominator)}))
    }

    fn attackers(&mut self) -> Vec<Value> {
        let mut attackers = vec![json!({"id": "ext", "members": []})];
        for number in 0..1 + self.below(4) / 3 {
            let mut attacker =
                json!({"id": format!("x{number}"), "members": self.some(&self.contributors.clone(), 35)});
            if self.chance(25) {
                attacker["prior_pct"] = self.pick(&[json!(20), json!("25/2"), json!(150)]);
            }
            if self.chance(20) {
                let lattice = self.lattice();
                let of: Vec<Value> = (0..1 + self.below(2))
                    .map(|_| json!([self.pick(&self.contributors.clone()), self.pick(&lattice)]))
                    .collect();
                attacker["knows"] = json!([{"of": of, "vintage": 1 + self.below(2)}]);
            }
            if self.chance(8) {
                attacker["rule_known"] = json!({"p": self.pick(&[0, 1])});
            }
            attackers.push(attacker);
        }
        attackers
    }

    fn policy(&mut self, vintages: i64, releases: &[Value]) -> Value {
        let p = self.pick(&[json!(0), json!(10), json!(20), json!("25/2"), json!("12.5")]);
        let mut policy = json!({"p": p, "two_sided": self.chance(40)});
        if self.chance(30) {
            policy["floor"] = self.pick(&[json!(2), json!("1/2")]);
        }
        if self.chance(50) {
            let relations =
                if releases.is_empty() { vec!["cells"] } else { vec!["cells", "deltas", "relations"] };
            policy["families"] = json!(self.some(&relations, 70));
        }
        if self.chance(30) {
            let lattice = self.lattice();
            let cells: Vec<Value> =
                (0..2).map(|_| json!([self.pick(&lattice), 1 + self.below(vintages as u64)])).collect();
            policy["extra_targets"] = json!([{"who": self.pick(&self.units.clone()), "cells": cells}]);
        }
        policy
    }

    fn asks(&mut self, attackers: &[Value], vintages: i64) -> Vec<Value> {
        let lattice = self.lattice();
        let mut asks = Vec::new();
        for _ in 0..6 {
            let mut ask = json!({"attacker": self.pick(attackers)["id"], "cell": self.pick(&lattice)});
            if self.chance(50) {
                ask["who"] = json!(self.pick(&self.units.clone()));
            }
            if self.chance(50) {
                ask["vintage"] = json!(1 + self.below(vintages as u64));
            }
            if vintages > 1 && self.chance(30) {
                ask["minus_vintage"] = json!(1);
            }
            asks.push(ask);
        }
        asks
    }

    fn rules(&mut self) -> Vec<Value> {
        let members = self.some(&self.contributors.clone(), 40);
        let all = [
            json!({"id": "p", "kind": "p", "p": "25/2"}),
            json!({"id": "t0", "kind": "p", "p": 10, "t": 0}),
            json!({"id": "t2", "kind": "p", "p": 30, "t": 2}),
            json!({"id": "pq", "kind": "pq", "p": 10, "q": 40}),
            json!({"id": "nk1", "kind": "nk", "n": 1, "k": 75}),
            json!({"id": "nk2", "kind": "nk", "n": 2, "k": "85.5"}),
            json!({"id": "min", "kind": "minfreq", "n": 3}),
            json!({"id": "zero", "kind": "zero"}),
            json!({"id": "coalition", "kind": "coalition", "members": members, "p": 10}),
            json!({"id": "request", "kind": "request", "pct": 40}),
        ];
        self.some(&all, 40)
    }
}

/// Every code of a dimension with the leaves it covers.
fn covers(codes: &Value) -> Vec<(String, Vec<String>)> {
    let groups = codes.as_object().unwrap();
    let mut all: Vec<String> = groups.keys().cloned().collect();
    for child in groups.values().flat_map(|children| children.as_array().unwrap()) {
        let child = child.as_str().unwrap().to_owned();
        if !all.contains(&child) {
            all.push(child);
        }
    }
    all.into_iter().map(|code| (code.clone(), covered(codes, &code))).collect()
}

fn covered(codes: &Value, code: &str) -> Vec<String> {
    let Some(children) = codes.get(code) else { return vec![code.to_owned()] };
    let below = children.as_array().unwrap().iter().flat_map(|child| covered(codes, child.as_str().unwrap()));
    let mut leaves: Vec<String> = below.collect();
    leaves.sort();
    leaves.dedup();
    leaves
}

fn leaves(codes: &[(String, Vec<String>)]) -> Vec<String> {
    let single = |(code, covered): &&(String, Vec<String>)| covered.as_slice() == [code.clone()];
    codes.iter().filter(single).map(|(code, _)| code.clone()).collect()
}
