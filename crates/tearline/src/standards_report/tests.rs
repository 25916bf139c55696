//! Every form of a report says the same, hostile text does nothing, and what is made for a receiver is its own.

use std::collections::BTreeMap;
use std::io::Read as _;

use super::*;
use crate::document::standards::{
    BecauseLine, BlockedLine, EdgeLine, GRAPH_SCHEMA, GraphDocument, HELD_SCHEMA, HeldLine, HeldState,
    HeldView, LeftOutLine, MARKING_DEFAULT, NodeLine, PLAN_SCHEMA, PartLine, PlanDocument, PlannedLine,
    ReasonLine, ReceiverView, WaveLine,
};

/// An improbable title.
const CANARY: &str = "XYLOGRAPHIC-QUOKKA";

fn part(id: &str, number: &str, title: &str, marking: Option<&str>) -> PartLine {
    let marking = marking.map(str::to_owned);
    PartLine { id: id.to_owned(), number: number.to_owned(), title: title.to_owned(), marking }
}

fn node(part: PartLine, kind: &'static str, distance: u32) -> NodeLine {
    NodeLine { part, kind, status: "accepted", superseded_by: Vec::new(), distance }
}

fn edge(from: &str, relation: &'static str, to: &str, obligation: Option<&'static str>) -> EdgeLine {
    EdgeLine { from: from.to_owned(), relation, to: to.to_owned(), obligation, derived: false }
}

/// A cover with volumes of different markings, some of which need another standard.
fn graph(volumes: usize) -> GraphDocument {
    let mut nodes = vec![
        node(part("c", "EXER 1116 Ed 10", "EXERCISE maps of the seas", None), "cover_document", 0),
        node(part("s", "XP-99", "EXERCISE <b>datum</b> & grid", Some("public")), "standard", 2),
    ];
    let mut edges = Vec::new();
    let levels = ["unclassified", "restricted", "confidential", "secret", "top-secret"];
    for volume in 0..volumes {
        let id = format!("v{volume:02}");
        let title = format!(
            "EXERCISE volume {volume} of a work with a title that does not fit on one line of a box, nor on two of them"
        );
        let level = levels.get(volume % 5).copied();
        nodes.push(node(part(&id, &format!("AXP-11 Vol {volume}"), &title, level), "standard", 1));
        edges.push(edge("c", "covers", &id, None));
        match volume % 4 {
            0 => edges.push(edge(&id, "references", "s", Some("mandatory"))),
            1 => edges.push(edge(&id, "references", "s", Some("optional"))),
            _ => {}
        }
    }
    if let [_, _, first, second, ..] = nodes.as_mut_slice() {
        edges.push(edge(&second.part.id, "supersedes", &first.part.id, None));
        first.superseded_by.push(second.part.id.clone());
    }
    let (schema, marking) = (GRAPH_SCHEMA, MARKING_DEFAULT.to_owned());
    GraphDocument { schema, marking, centre: "c".to_owned(), depth: 2, nodes, edges, left_out: 3 }
}

fn because(code: &str, message: &str, chain: &[&str]) -> BecauseLine {
    BecauseLine {
        code: code.to_owned(),
        receivers: vec!["AURORA".to_owned()],
        message: message.to_owned(),
        by: chain.last().map(|id| (*id).to_owned()),
        chain: chain.iter().map(|id| (*id).to_owned()).collect(),
        omitted: 0,
    }
}

fn flag() -> ReasonLine {
    let message = "goes without `p9`, which it normatively needs, to BOREAS".to_owned();
    ReasonLine { code: "lacks".to_owned(), message }
}

fn plan(waves: u32) -> PlanDocument {
    let planned = |wave: u32, at: u32| PlannedLine {
        part: part(
            &format!("p{wave}-{at}"),
            &format!("=XP {wave}.{at}"),
            "EXERCISE message formats",
            Some(if at == 0 { "restricted" } else { "unclassified" }),
        ),
        effort: 1,
        value: u64::from(20_011 - wave * 7 - at),
        receivers: if at == 0 {
            vec!["AURORA".to_owned()]
        } else {
            vec!["AURORA".to_owned(), "BOREAS".to_owned()]
        },
        flags: if at == 0 { vec![flag()] } else { Vec::new() },
        because: "used by 4 profiles".to_owned(),
        withheld: if at == 0 { vec![because("clearance", "cleared for public", &[])] } else { Vec::new() },
    };
    let mut delivered = 0;
    let waves: Vec<WaveLine> = (1..=waves)
        .map(|number| {
            let parts: Vec<PlannedLine> = (0..3).map(|at| planned(number, at)).collect();
            let value = parts.iter().map(|part| part.value).sum();
            delivered += value;
            WaveLine { number, effort: 3, value, delivered, at_best: delivered + 1_234, parts }
        })
        .collect();
    let left = |id: &str, reason: BecauseLine| LeftOutLine {
        part: part(id, id, "EXERCISE left out", Some("secret")),
        reasons: vec![reason],
    };
    PlanDocument {
        schema: PLAN_SCHEMA,
        marking: "EXERCISE & INTERNAL".to_owned(),
        at: "2026-11-27".to_owned(),
        receivers: vec!["AURORA".to_owned(), "BOREAS".to_owned()],
        capacity: 3,
        parts: 99,
        value: 777_717,
        bound: 778_951,
        gap_percent: "0.16".to_owned(),
        left_out: vec![
            left("q1", because("needs-blocked", "it needs `q2`, which is blocked", &["q2", "q3"])),
            left("q4", because("needs-blocked", "it needs `q3`, which is blocked", &["q3"])),
            left("q3", because("clearance", "cleared for restricted, and the part is secret", &[])),
        ],
        waves,
    }
}

fn held() -> HeldView {
    let line = |id: &str, state: HeldState, overdue: bool| HeldLine {
        part: part(id, id, "EXERCISE tactical data", Some("unclassified")),
        edition: "3".to_owned(),
        state,
        by: (state == HeldState::Stale).then(|| "next-of-it".to_owned()),
        delivered_utc: "2026-10-01T08:00:00Z".to_owned(),
        release: "wave-1".to_owned(),
        acknowledged_utc: (!overdue).then(|| "2026-10-02T08:00:00Z".to_owned()),
        receipt_due_utc: overdue.then(|| "2026-10-15T08:00:00Z".to_owned()),
        overdue,
    };
    let blocked = BlockedLine {
        part: part("b1", "XP-7", CANARY, Some("secret")),
        reasons: vec![ReasonLine {
            code: "clearance".to_owned(),
            message: "cleared for restricted, and the part is secret".to_owned(),
        }],
    };
    let receiver = |code: &str, parts: Vec<HeldLine>| ReceiverView {
        code: code.to_owned(),
        name: format!("Staff of {code}"),
        parts,
        blocked: vec![blocked.clone()],
    };
    HeldView {
        schema: HELD_SCHEMA.to_owned(),
        marking: "EXERCISE".to_owned(),
        at_utc: "2026-11-27T12:00:00Z".to_owned(),
        registry_revision: 4,
        receivers: vec![
            receiver(
                "AURORA",
                vec![line("a1", HeldState::Current, false), line("a2", HeldState::Stale, true)],
            ),
            receiver("BOREAS", vec![line("only-of-boreas", HeldState::Told, false)]),
        ],
    }
}

fn by_name(files: Files) -> BTreeMap<String, Vec<u8>> {
    files.into_iter().collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Members of a workbook, read back by another implementation.
fn members(bytes: &[u8]) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut all = String::new();
    for at in 0..archive.len() {
        archive.by_index(at).unwrap().read_to_string(&mut all).unwrap();
    }
    all
}

#[test]
fn pages_have_the_banner_twice_and_ask_for_nothing_outside() {
    let pages = [
        (graph_page(&graph(5)).unwrap(), MARKING_DEFAULT),
        (by_name(plan_files(&plan(4)).unwrap())["plan.html"].clone(), "EXERCISE &#38; INTERNAL"),
        (by_name(held_files(&held()).unwrap())["held.html"].clone(), "EXERCISE"),
    ];
    for (page, marking) in pages {
        let page = text(&page);
        assert_eq!(page.matches(&format!("aria-label=\"marking\">{marking}</div>")).count(), 2);
        assert!(page.contains("content=\"default-src &#39;none&#39;; style-src"));
        for outside in ["<script", "http://", "https://", "src=", "href=", "<link", "@import"] {
            assert!(!page.contains(outside), "{outside}");
        }
        let figures = page.matches("role=\"img\"").count();
        assert_eq!(page.matches("say the same\"").count() + page.matches("says the same\"").count(), figures);
    }
}

#[test]
fn titles_are_text_and_never_markup() {
    let page = text(&graph_page(&graph(3)).unwrap());
    assert!(page.contains("EXERCISE &#60;b&#62;datum&#60;/b&#62; &#38; grid") && !page.contains("<b>datum"));
}

#[test]
fn a_graph_draws_and_lists_every_part_and_relation() {
    let document = graph(38);
    let page = text(&graph_page(&document).unwrap());
    assert_eq!(page.matches("<g class=\"node").count(), 40);
    // Four kinds of lines stand in the legend.
    assert_eq!(page.matches("<polyline class=").count(), document.edges.len() + 4);
    assert_eq!(page.matches("class=\"node past\"").count(), 1);
    assert!(page.contains("superseded</text>"));
    for level in
        ["not marked", "PUBLIC", "UNCLASSIFIED", "RESTRICTED", "CONFIDENTIAL", "SECRET", "TOP SECRET"]
    {
        assert!(page.contains(&format!(">{level}</text>")), "{level}");
    }
}

#[test]
fn every_form_of_a_plan_has_the_same_numbers_and_no_formula() {
    let document = plan(4);
    let forms = by_name(plan_files(&document).unwrap());
    let (csv, html, xlsx) =
        (text(&forms["waves.csv"]), text(&forms["plan.html"]), members(&forms["plan.xlsx"]));
    let json: serde_json::Value = serde_json::from_slice(&forms["plan.json"]).unwrap();
    for (at, wave) in document.waves.iter().enumerate() {
        for planned in &wave.parts {
            let value = planned.value.to_string();
            let line = csv.lines().find(|line| line.contains(&planned.part.id)).unwrap();
            assert!(line.starts_with(&format!("{},{},'=XP", wave.number, planned.part.id)), "{line}");
            assert!(line.contains(&format!(",1,{value},")), "{line}");
            assert!(html.contains(&crate::report::grouped(&value)));
            assert!(xlsx.contains(&format!("<v>{value}</v>")));
        }
        assert_eq!(json["waves"][at]["delivered"], wave.delivered);
        assert!(html.contains(&crate::report::grouped(&wave.delivered.to_string())));
        assert!(xlsx.contains(&format!("<v>{}</v>", wave.at_best)));
    }
    assert!(!xlsx.contains("<f>") && !csv.contains(",=XP"));
    assert!(html.contains("777\u{202f}717") && html.contains("778\u{202f}951") && json["value"] == 777_717);
    let left = text(&forms["left-out.csv"]);
    assert!(left.contains(
        "q1,q1,EXERCISE left out,secret,needs-blocked,AURORA,\"it needs `q2`, which is blocked\",q3,q2 > q3"
    ));
    assert_eq!(plan_files(&document).unwrap(), plan_files(&document).unwrap());
}

#[test]
fn what_is_left_out_stands_under_its_root_cause() {
    let document = plan(1);
    let found = groups(&document);
    let seen: Vec<_> = found.iter().map(|group| (group.code, group.root, group.parts.len())).collect();
    assert_eq!(seen, [("needs-blocked", Some("q3"), 2), ("clearance", None, 1)]);
}

#[test]
fn a_plan_without_waves_or_parts_is_still_a_page() {
    let mut document = plan(1);
    document.waves.clear();
    document.left_out.clear();
    assert!(text(&by_name(plan_files(&document).unwrap())["plan.html"]).contains("Nothing is left out"));
}

#[test]
fn the_board_sees_what_is_blocked_and_a_receiver_only_its_own() {
    let view = held();
    let internal = by_name(held_files(&view).unwrap());
    for name in ["held.html", "held.json"] {
        assert!(text(&internal[name]).contains(CANARY), "{name}");
    }
    assert!(members(&internal["held.xlsx"]).contains(CANARY));
    assert!(text(&internal["held.html"]).contains("overdue since 2026-10-15T08:00:00Z"));
    let own = by_name(held_files(&view.for_receiver("AURORA").unwrap()).unwrap());
    let all: Vec<String> = own
        .iter()
        .map(|(name, bytes)| if name.ends_with(".xlsx") { members(bytes) } else { text(bytes) })
        .collect();
    for (form, name) in all.iter().zip(own.keys()) {
        for secret in [CANARY, "XP-7", "BOREAS", "only-of-boreas", "next-of-it"] {
            assert!(!form.contains(secret), "{secret} in {name}");
        }
    }
    assert!(all.iter().filter(|form| form.contains("a2")).count() >= 4);
    assert!(view.for_receiver("aurora").is_none());
}

#[test]
fn what_a_report_is_read_from_comes_back_as_it_was() {
    let view = held();
    let bytes = serde_json::to_vec(&view).unwrap();
    assert_eq!(serde_json::from_slice::<HeldView>(&bytes).unwrap(), view);
}
