//! `tearline standards` as its users meet it: invented standards of docs/example, and real snapshots where they are beside the repository.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::instances::{SHARED, skipped};
use crate::run::Bench;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/example/standards");

/// A folder with the invented standards.
pub(crate) fn bench() -> Bench {
    let bench = Bench::empty();
    for entry in fs::read_dir(EXAMPLE).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, bench.path(path.file_name().unwrap().to_str().unwrap())).unwrap();
    }
    bench
}

const PLAN: &str =
    "standards plan standards.csv --edges edges.csv --policy policy.toml --capacity 6 --waves 3";

fn strings<'v>(values: &'v Value, key: &str) -> Vec<&'v str> {
    values.as_array().unwrap().iter().map(|value| value[key].as_str().unwrap()).collect()
}

#[test]
fn defects_are_findings_and_an_error_is_answered_no() {
    let bench = bench();
    bench.expect(0, "standards check standards.csv --edges edges.csv --profiles profiles.csv");
    let line = "standards check defects.csv --edges defects-edges.csv";
    let document = bench.expect(3, &format!("{line} --json")).json();
    assert_eq!(document["schema"], "tearline-standards-check/1");
    for code in [
        "id-doubled",
        "id-malformed",
        "date-unreadable",
        "marking-unknown",
        "originator-malformed",
        "part-above-cover",
        "covered-by-nothing",
        "withdrawn-without-date",
        "reference-missing",
        "relation-unknown",
        "obligation-unknown",
        "self-reference",
        "cycle",
    ] {
        let count = document["counts"][code].as_u64().unwrap_or(0);
        assert!(count > 0, "{code}");
        let listed = strings(&document["findings"], "code").iter().filter(|found| **found == code).count();
        assert_eq!(listed as u64, count, "{code}");
    }
    for finding in document["findings"].as_array().unwrap() {
        for key in ["code", "severity", "id", "field", "message", "file"] {
            assert!(finding[key].is_string(), "{key} of {finding}");
        }
    }
    let words = bench.expect(3, line).out;
    assert!(words.contains("id-doubled") && words.contains("error"), "{words}");
}

#[test]
fn csv_and_json_are_told_apart_by_content() {
    let bench = bench();
    let csv = bench.expect(0, "standards check standards.csv --json").json();
    let mut rows = csv::Reader::from_path(bench.path("standards.csv")).unwrap();
    let names = rows.headers().unwrap().clone();
    let objects: Vec<Value> = rows
        .records()
        .map(|row| {
            let row = row.unwrap();
            names.iter().zip(row.iter()).map(|(name, field)| (name.to_owned(), Value::from(field))).collect()
        })
        .collect();
    bench.write("standards.txt", &serde_json::to_string(&objects).unwrap());
    let json = bench.expect(0, "standards check standards.txt --json").json();
    assert_eq!((&json["parts"], &json["counts"]), (&csv["parts"], &csv["counts"]));
    bench.write("broken.csv", "\0\0");
    let failure = bench.expect(2, "standards check broken.csv --json").json();
    assert_eq!(failure["schema"], "tearline-error/1");
}

#[test]
fn two_snapshots_are_compared_by_uuid_and_id() {
    let bench = bench();
    let document = bench.expect(0, "standards diff before.csv standards.csv --json").json();
    let added: Vec<&str> =
        document["added"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    assert_eq!(added, ["exp-1000-vol1-ed.c-v1", "exp-1000-vol3-ed.c-v1", "exp-6000-ed.d-v1"]);
    assert_eq!(document["withdrawn"], serde_json::json!(["exp-0900-ed.a-v1"]));
    assert_eq!(document["renamed"], serde_json::json!([{"from": "excivil12", "to": "excivil-12"}]));
    assert_eq!(strings(&document["changed"], "id"), ["exp-1000-vol1-ed.b-v1", "exp-4100-ed.a-v1"]);
    assert_eq!(document["changed"][1]["fields"], serde_json::json!(["title"]));
    assert_eq!(document["turned"][0]["to"], "withdrawn");
    let same = bench.expect(0, "standards diff standards.csv standards.csv --json").json();
    for key in ["added", "changed", "withdrawn", "renamed", "turned"] {
        assert_eq!(same[key], serde_json::json!([]), "{key}");
    }
}

#[test]
fn each_receiver_is_answered_by_itself_with_every_reason() {
    let bench = bench();
    let line = "standards eligible standards.csv --edges edges.csv --policy policy.toml";
    bench.expect(0, &format!("{line} --receiver DE-EXAMPLE-AGENCY excivil-10"));
    let no = bench.expect(3, &format!("{line} --receiver AT-EXAMPLE-OFFICE exp-4000-ed.a-v1 --json")).json();
    let reasons = strings(&no["answers"][0]["reasons"], "code");
    assert!(reasons.contains(&"clearance") && reasons.contains(&"no-agreement"), "{reasons:?}");
    assert_eq!((&no["answers"][0]["may"], &no["at"]), (&Value::from(false), &Value::from("2026-11-27")));
    let group = bench.expect(3, &format!("{line} --receiver EU excivil-10 --json")).json();
    assert!(strings(&group["answers"][0]["reasons"], "code").contains(&"group"));
    // Without ids nothing was asked that could be answered no.
    let all = bench.expect(0, &format!("{line} --json")).json();
    assert_eq!(all["answers"].as_array().unwrap().len(), 2 * 21);
    let late = bench.expect(3, &format!("{line} --receiver DE-EXAMPLE-AGENCY --at 2031-01-01 excivil-10"));
    assert!(late.out.contains("agreement-not-in-force"), "{}", late.out);
    let typed = bench.expect(3, &format!("{line} --receiver DE-EXAMPLE-AGENCI excivil-10"));
    assert!(typed.err.contains("did you mean `DE-EXAMPLE-AGENCY`?"), "{}", typed.err);
    bench.expect(2, &format!("{line} --at soon excivil-10"));
}

#[test]
fn a_plan_accounts_for_every_part_and_its_forms_agree() {
    let bench = bench();
    let document = bench.expect(0, &format!("{PLAN} --out plan --json")).json();
    let waves = document["waves"].as_array().unwrap();
    assert_eq!(waves.len(), 3);
    let mut ids: Vec<&str> = waves.iter().flat_map(|wave| strings(&wave["parts"], "id")).collect();
    ids.extend(strings(&document["left_out"], "id"));
    ids.sort_unstable();
    let count = ids.len();
    ids.dedup();
    assert_eq!((ids.len(), count), (21, 21));
    assert!(waves.iter().all(|wave| wave["effort"].as_u64().unwrap() <= 6));
    assert!(document["value"].as_u64().unwrap() <= document["bound"].as_u64().unwrap());
    let left = document["left_out"].as_array().unwrap();
    assert!(left.iter().all(|left| !left["reasons"].as_array().unwrap().is_empty()));
    let chained = left.iter().find(|left| left["id"] == "exp-4200-ed.a-v2").unwrap();
    let needs = chained["reasons"].as_array().unwrap().iter().find(|r| r["code"] == "needs-blocked").unwrap();
    assert_eq!(needs["by"], "exp-4000-ed.a-v1");
    let written: Value = serde_json::from_str(&bench.read("plan/plan.json")).unwrap();
    assert_eq!(written, document);
    let rows = csv::Reader::from_path(bench.path("plan/waves.csv")).unwrap().into_records().count();
    assert_eq!(rows, waves.iter().map(|wave| wave["parts"].as_array().unwrap().len()).sum::<usize>());
    assert_eq!(bench.list().iter().filter(|name| name.starts_with("plan/")).count(), 5);
    bench.expect(2, &format!("{PLAN} --out plan"));
    bench.expect(0, &format!("{PLAN} --out plan --force"));
}

#[test]
fn what_is_held_counts_in_a_plan() {
    let bench = bench();
    let document = bench.expect(0, &format!("{PLAN} --held held.json --json")).json();
    let find = |id: &str| {
        let waves = document["waves"].as_array().unwrap();
        waves.iter().flat_map(|wave| wave["parts"].as_array().unwrap()).find(|part| part["id"] == id).cloned()
    };
    let part = find("excivil-13").unwrap();
    assert_eq!(part["receivers"], serde_json::json!(["DE-EXAMPLE-AGENCY"]));
    bench.edit("held.json", |text| text.replace("standards-held/1", "standards-held/9"));
    assert!(bench.expect(2, &format!("{PLAN} --held held.json")).err.contains("tearline-standards-held/1"));
}

#[test]
fn a_part_is_found_shown_and_drawn() {
    let bench = bench();
    let hits = bench.expect(0, "standards search standards.csv exp-1000 vol 2 --json").json();
    assert_eq!(hits["hits"][0]["id"], "exp-1000-vol2-ed.c-v1");
    let hits = bench.expect(0, "standards search standards.csv datum --limit 1 --json").json();
    assert_eq!(hits["hits"].as_array().unwrap().len(), 1);
    let files =
        "standards.csv --edges edges.csv --profiles profiles.csv --national national.csv --events events.csv";
    let id = "exp-1000-vol1-ed.c-v1";
    let part = bench.expect(0, &format!("standards show {files} {id} --json")).json();
    let relations = strings(&part["relations"], "relation");
    assert_eq!(relations.iter().filter(|relation| **relation == "references").count(), 4);
    assert_eq!(strings(&part["used_by"], "profile"), ["exprofile-air", "exprofile-sea"]);
    let said = bench.expect(0, &format!("standards show {files} exstanag-1000-ed.3")).out;
    assert!(said.contains("reserved") && said.contains("ships built before 1990"), "{said}");
    let wrong = bench.expect(2, &format!("standards show {files} exp-1000-vol1-ed.d-v1")).err;
    assert!(wrong.contains("did you mean") && wrong.contains(id), "{wrong}");
    let drawn = bench.expect(0, &format!("standards graph {files} {id} --out graph.html --json")).json();
    assert_eq!(drawn["centre"], id);
    let page = bench.read("graph.html");
    for node in drawn["nodes"].as_array().unwrap() {
        assert!(page.contains(node["id"].as_str().unwrap()), "{node}");
    }
    bench.expect(2, &format!("standards graph {files} {id} --out graph.html"));
    let few =
        bench.expect(0, &format!("standards graph {files} {id} --parts 3 --out few.html --json")).json();
    assert_eq!(few["nodes"].as_array().unwrap().len(), 3);
    assert!(few["left_out"].as_u64().unwrap() > 0);
}

#[test]
fn a_receiver_gets_nothing_of_what_it_may_not_have() {
    const CANARY: &str = "XYLOGRAPHIC QUOKKA";
    let bench = bench();
    bench.edit("held.json", |text| text.replace("EXERCISE Protection of links: keys", CANARY));
    bench.expect(0, "standards held held.json --out board");
    assert!(bench.read("board/held.html").contains(CANARY));
    let own = bench.expect(0, "standards held held.json --receiver AT-EXAMPLE-OFFICE --out own --json");
    let mut said = vec![own.out, own.err];
    said.extend(["held.html", "held.json", "held.csv"].map(|name| bench.read(&format!("own/{name}"))));
    for text in &said {
        assert!(
            !text.contains(CANARY) && !text.contains("exp-4000") && !text.contains("DE-EXAMPLE"),
            "{text}"
        );
    }
    assert!(said[2].contains("overdue since"));
    let near = bench.expect(2, "standards held held.json --receiver AT-EXAMPLE-OFICE --out no").err;
    assert!(near.contains("did you mean `AT-EXAMPLE-OFFICE`?"), "{near}");
}

#[test]
fn formulas_in_titles_stay_text() {
    let bench = bench();
    bench.edit("standards.csv", |text| text.replace("EXERCISE Dates and times", "=1+1"));
    bench.expect(0, &format!("{PLAN} --out plan"));
    let csv = bench.read("plan/waves.csv") + &bench.read("plan/left-out.csv");
    assert!(csv.contains("'=1+1") && !csv.contains(",=1+1"));
}

#[test]
fn real_snapshots_are_read_compared_drawn_and_planned() {
    let data = Path::new(SHARED).join("data/standards");
    if !data.is_dir() {
        skipped("../shared is not here");
        return;
    }
    let bench = bench();
    let at = |name: &str| format!("'{}'", data.join(name).display());
    let (old, mid, new) = (
        at("nisp_2017-10_standards.csv"),
        at("nisp_2018-08_standards.csv"),
        at("nisp_2023-01_standards.csv"),
    );
    let counts = |from: &str, to: &str| {
        let found = bench.expect(0, &format!("standards diff {from} {to} --json")).json();
        ["added", "withdrawn", "changed", "renamed"].map(|key| found[key].as_array().unwrap().len())
    };
    assert_eq!(counts(&old, &mid), [37, 2, 173, 21]);
    assert_eq!(counts(&mid, &new), [420, 1087, 888, 156]);
    let files = format!(
        "{new} --edges {} --profiles {}",
        at("nisp_2023-01_edges.csv"),
        at("nisp_2023-01_profiles.csv")
    );
    let found = bench.run(&format!("standards check {files} --json")).json();
    assert_eq!(found["parts"], 1_349);
    let json = bench.run(&format!("standards check {} --json", at("nisp_2023-01_standards.json"))).json();
    assert_eq!(json["parts"], 1_349);
    let drawn = bench
        .expect(0, &format!("standards graph {files} nato-stanag1116ed10 --depth 1 --out graph.html --json"));
    assert!(drawn.json()["nodes"].as_array().unwrap().len() >= 29);
    bench.edit("policy.toml", |text| {
        text.split("[[held]]").next().unwrap().replace("series = [\"EXSTANAG\"]", "publisher = [\"nato\"]")
    });
    let plan =
        format!("standards plan {files} --policy policy.toml --capacity 40 --waves 10 --out plan --json");
    let document = bench.expect(0, &plan).json();
    assert_eq!(document["parts"], 1_349);
    assert!(document["bound"].as_u64().unwrap() >= document["value"].as_u64().unwrap());
}
