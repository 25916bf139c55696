//! Classes of receivers, needs and flags, what is replaced and told, and waves that are too long.

use std::collections::{BTreeMap, BTreeSet};

use ledger::act::{Code, Level, Notice, PartId, Revision};

use super::super::fixture::{self, id};
use super::super::{Policy, follow_up};
use super::{HandOvers, Now, WAVE_BYTES_MAX, hand_over, size};

type PerReceiver<'a> = &'a [(&'a str, &'a [&'a str])];

fn sets(of: PerReceiver<'_>) -> BTreeMap<Code, BTreeSet<PartId>> {
    let set =
        |(code, ids): &(&str, &[&str])| (Code::new(code).unwrap(), ids.iter().map(|name| id(name)).collect());
    of.iter().map(set).collect()
}

fn handed(registry: &[&str], parts: PerReceiver<'_>, held: PerReceiver<'_>) -> HandOvers {
    let registry = fixture::registry(registry);
    let parts = sets(parts);
    let held: Vec<(Code, Vec<&str>)> =
        held.iter().map(|(code, names)| (Code::new(code).unwrap(), names.to_vec())).collect();
    let holdings = fixture::holdings(&held);
    let follow = |code: &Code| follow_up(&registry, holdings.of(code), |_| Vec::<()>::new());
    let stale = holdings.receivers().map(|code| (code.clone(), follow(code))).collect();
    let policy = Policy::default();
    let now = Now {
        registry: &registry,
        revision: Revision::FIRST,
        parts: &parts,
        holdings: &holdings,
        policy: &policy,
    };
    hand_over(now, &stale)
}

/// One line a release: audience, parts with needs, lacks and what they replace, notices.
fn lines(made: &HandOvers) -> Vec<String> {
    let ids = |ids: &BTreeSet<PartId>| ids.iter().map(PartId::as_str).collect::<Vec<_>>().join(",");
    let mut lines = Vec::new();
    for release in &made.releases {
        let audience: Vec<&str> = release.audience.iter().map(Code::as_str).collect();
        let mut line = format!("{}:", audience.join(","));
        for (part, what) in &release.wave.parts {
            line += &format!(" {part}({})({})", ids(&what.needs), ids(&what.lacks));
            if let Some(earlier) = &what.replaces {
                line += &format!("<{earlier}");
            }
        }
        for part in release.wave.notices.keys() {
            line += &format!(" !{part}");
        }
        lines.push(line);
    }
    lines
}

#[test]
fn receivers_that_get_the_same_share_a_release_and_others_do_not() {
    let registry = ["a accepted", "b accepted restricted", "c accepted"];
    let made = handed(&registry, &[("AT", &["a", "c"]), ("BE", &["a", "b", "c"]), ("FI", &["a", "c"])], &[]);
    assert_eq!(lines(&made), ["AT,FI: a()() c()()", "BE: a()() b()() c()()"]);
    assert_eq!(made.releases[1].level, Level::Restricted);
    assert_eq!(made.releases[0].originators, BTreeSet::from([Code::new("NO").unwrap()]));
}

#[test]
fn what_a_part_needs_is_here_or_held_or_flagged() {
    let registry =
        ["a accepted", "b accepted", "c accepted", "d accepted", "d needs a", "d needs b", "d needs c"];
    let made = handed(&registry, &[("BE", &["a", "d"])], &[("BE", &["b"])]);
    assert_eq!(lines(&made), ["BE: a()() d(a,b)(c)"]);
}

#[test]
fn a_cover_names_what_it_covers_and_what_is_left_out() {
    let registry = ["s accepted", "v accepted", "w accepted confidential", "s covers v", "s covers w"];
    let made = handed(&registry, &[("BE", &["s", "v"])], &[]);
    assert_eq!(lines(&made), ["BE: s()(w) v()()"]);
    // What is covered says so, too, when its cover stays away.
    let made = handed(&registry, &[("BE", &["v"])], &[]);
    assert_eq!(lines(&made), ["BE: v()(s)"]);
}

#[test]
fn an_edition_replaces_the_copy_that_is_held_and_nobody_is_told_besides() {
    let registry = ["a withdrawn", "b accepted", "x withdrawn", "b > a"];
    let held: PerReceiver<'_> = &[("AT", &["x"]), ("BE", &["a", "x"])];
    let made = handed(&registry, &[("AT", &["b"]), ("BE", &["b"])], held);
    assert_eq!(lines(&made), ["AT: b()() !x", "BE: b()()<a !x"]);
    assert_eq!(made.releases[0].wave.notices[&id("x")], Notice::Withdrawn);
}

#[test]
fn parts_without_document_or_originator_stay() {
    let registry = ["a accepted -document", "b accepted -originators", "c accepted", "c needs a"];
    let made = handed(&registry, &[("BE", &["a", "b", "c"])], &[]);
    assert_eq!(lines(&made), ["BE: c()(a)"]);
    assert_eq!(
        (made.without_document, made.without_originator),
        (BTreeSet::from([id("a")]), BTreeSet::from([id("b")]))
    );
}

#[test]
fn what_no_entry_can_name_is_split_in_the_order_of_needs() {
    let names: Vec<String> = (0..400).map(|number| format!("p{number:03}-{}", "x".repeat(90))).collect();
    let mut registry: Vec<String> = names.iter().map(|name| format!("{name} accepted")).collect();
    // The first needs the second, and so on: the last must go first.
    registry.extend(names.windows(2).map(|pair| format!("{} needs {}", pair[0], pair[1])));
    let registry: Vec<&str> = registry.iter().map(String::as_str).collect();
    let ids: Vec<&str> = names.iter().map(String::as_str).collect();
    let made = handed(&registry, &[("BE", &ids)], &[]);
    assert!(made.releases.len() > 1);
    let mut held = BTreeSet::new();
    for release in &made.releases {
        let parts = &release.wave.parts;
        assert!(parts.iter().map(|(id, part)| size(id, part)).sum::<usize>() <= WAVE_BYTES_MAX);
        // What is estimated is not less than what is written.
        assert!(serde_json::to_vec(&release.wave).unwrap().len() <= WAVE_BYTES_MAX + 100);
        assert!(
            parts
                .values()
                .flat_map(|part| &part.needs)
                .all(|need| held.contains(need) || parts.contains_key(need))
        );
        held.extend(parts.keys().cloned());
    }
    assert_eq!(held.len(), names.len());
}
