//! One planted violation for every rule, its lawful neighbour, and the repository itself.

use super::arrows::Member;
use super::source::Source;
use super::{Fault, check};

/// A head that satisfies the rule of module heads.
const HEAD: &str = "//! Head.\n";

/// The faults of files given as path and text.
fn faults(files: &[(&str, &str)]) -> Vec<Fault> {
    let sources: Vec<Source> =
        files.iter().map(|(path, text)| Source::new(path, text.as_bytes().to_vec())).collect();
    check(&sources, &[])
}

/// Asserts that one file breaks exactly the rules listed, given as `line rule`.
#[track_caller]
fn found(path: &str, text: &str, expected: &[&str]) {
    let seen: Vec<String> =
        faults(&[(path, text)]).iter().map(|fault| format!("{} {}", fault.line, fault.rule)).collect();
    assert_eq!(seen, expected, "in {path}:\n{text}");
}

/// The same for a file of a library crate, whose first line is the module head.
#[track_caller]
fn found_in_crate(name: &str, body: &str, expected: &[&str]) {
    found(&format!("crates/{name}/src/part.rs"), &format!("{HEAD}{body}"), expected);
}

#[test]
fn the_repository_is_tidy() {
    let faults = super::run(crate::workspace_root().unwrap()).unwrap();
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

#[test]
fn a_message_says_where_and_what_to_do() {
    let text = format!("{HEAD}fn f() {{\n    {}!()\n}}\n", "todo");
    let faults = faults(&[("crates/label/src/part.rs", &text)]);
    let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["crates/label/src/part.rs:3: banned: `todo!`: do it now, or leave the function out"]);
}

#[test]
fn machine_paths_are_found() {
    let folder = concat!("/wo", "rk");
    found("docs/x.md", &format!("see `{folder}/main`\n"), &["1 machine-path"]);
    found("run", &format!("\ncd {folder}\n"), &["2 machine-path"]);
    found("run", concat!("x=/ho", "me/someone\n"), &["1 machine-path"]);
    found("run", concat!("x=/ro", "ot/.cargo\n"), &["1 machine-path"]);
    found("docs/x.md", &format!("a/b{folder}, ..{folder}, {folder}ers\n"), &[]);
}

#[test]
fn registries_are_found_but_not_in_the_lock_file() {
    let host = concat!("crates", ".io");
    found("deny.toml", &format!("allow = [\"https://index.{host}\"]\n"), &["1 registry"]);
    found("Cargo.lock", &format!("source = \"{host}-index\"\n"), &[]);
}

#[test]
fn words_of_making_are_found() {
    found("README.md", concat!("Written by an AI ass", "istant.\n"), &["1 words"]);
    found("README.md", concat!("fine\nl", "lm\n"), &["2 words"]);
    found("README.md", "The passphrase prompt shows nothing; hallmark.\n", &[]);
}

#[test]
fn unfinished_work_needs_an_issue() {
    let mark = concat!("TO", "DO");
    found("run", &format!("# {mark}: later\n"), &["1 unfinished"]);
    found("run", &format!("# {mark}(#12): later\n# {mark} #3\n"), &[]);
    found("run", concat!("# FIX", "ME(#1)\n"), &["1 unfinished"]);
}

#[test]
fn large_and_binary_files_are_found() {
    let large = vec![b'a'; 256 * 1024 + 1];
    let faults = |path: &str, bytes: Vec<u8>| check(&[Source::new(path, bytes)], &[]);
    assert_eq!(faults("testdata/a.csv", large)[0].rule, "size");
    assert_eq!(faults("docs/a.png", vec![0x89, 0])[0].rule, "binary");
    assert_eq!(faults("docs/a.bin", vec![0xff, 0xfe])[0].rule, "binary");
    assert!(faults("testdata/a.parquet", vec![0]).is_empty());
}

#[test]
fn broken_links_are_found() {
    let text = "[a](GONE.md) [b](../run) [c](#here) [d](DESIGN.md#why) [e](mailto:a@b)\n";
    let seen = faults(&[("docs/A.md", text), ("docs/DESIGN.md", ""), ("run", "")]);
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].to_string(), "docs/A.md:1: link: `GONE.md` is not in the repository");
}

#[test]
fn pages_that_are_not_there_are_found() {
    let text = "//! Head. See docs/GONE.md, section 2, docs/METHOD.md and `part.proof.md`; DSSE, protocol.md.\n\
                const A: &str = \"docs/GONE.md\"; // other.proof.md.\n";
    let note = ("crates/label/src/part.proof.md", "");
    let seen = faults(&[("crates/label/src/part.rs", text), ("docs/METHOD.md", ""), note]);
    let shown: Vec<String> = seen.iter().map(|fault| format!("{} {}", fault.line, fault.advice)).collect();
    assert_eq!(
        shown,
        ["1 `docs/GONE.md` is not in the repository", "2 `other.proof.md` is not in the repository"]
    );
}

#[test]
fn long_files_are_found() {
    let lines = |count: usize| format!("{HEAD}{}", "\n".repeat(count - 1));
    found("crates/label/src/a.rs", &lines(801), &["0 file-length"]);
    found("crates/label/src/a.rs", &lines(800), &[]);
}

#[test]
fn long_functions_are_found() {
    let function = |lines: usize| {
        let body = "    g(\"}\"); // }\n\n    // why\n".repeat(lines);
        format!("{HEAD}impl A {{\nfn f(x: [u8; 3]) -> fn() {{\n{body}}}\n}}\n")
    };
    found("crates/label/src/a.rs", &function(71), &["3 function-length"]);
    found("crates/label/src/a.rs", &function(70), &[]);
    let attribute = "#[expect(clippy::too_many_lines, reason = \"a table\")]\nfn f";
    found("crates/label/src/a.rs", &function(71).replace("fn f", attribute), &[]);
}

#[test]
fn module_heads_are_required_in_crates() {
    found("crates/label/src/a.rs", "use std::fmt;\n", &["1 module-head"]);
    found("crates/label/tests/integration/main.rs", "use std::fmt;\n", &[]);
}

#[test]
fn banned_attributes_and_macros_are_found() {
    let body = |what: &str| format!("#[{what}]\nfn f() {{}}\n");
    found_in_crate("label", &body("ignore"), &["2 banned"]);
    found_in_crate("label", &body("should_panic(expected = \"x\")"), &["2 banned"]);
    found_in_crate("label", "fn f() { unimplemented!() }\n", &["2 banned"]);
    found_in_crate("label", "// #[ignore]\nconst A: &str = r#\"todo!\"#;\nconst B: char = '\"';\n", &[]);
}

#[test]
fn the_checker_knows_no_floats() {
    for (body, expected) in [
        ("fn f(x: f64) {}\n", 1),
        ("const X: u8 = 1.5 as u8;\n", 1),
        ("const X: u8 = 2f32 as u8;\n", 1),
        ("fn f(x: ((u8, u8), u8)) -> u8 { x.0.1 + g(0..9) + 1.max(2) }\n", 0),
        ("// 0.5 f64\nconst X: &str = \"0.5\";\n", 0),
    ] {
        for file in ["checker", "checker/world", "certificate/text"] {
            let seen = faults(&[(&format!("crates/disclosure/src/{file}.rs"), &format!("{HEAD}{body}"))]);
            assert_eq!(seen.iter().filter(|fault| fault.rule == "exact").count(), expected, "{body}");
        }
        assert!(faults(&[("crates/disclosure/src/solver.rs", &format!("{HEAD}{body}"))]).is_empty());
    }
}

#[test]
fn pure_crates_do_not_reach_outside() {
    found_in_crate("office", "use std::fs::File;\n", &["2 pure"]);
    found_in_crate("intake", "fn f() { std::env::var_os(\"X\"); }\n", &["2 pure"]);
    found_in_crate("ledger", "fn f() { let _ = Instant::now(); }\n", &["2 pure"]);
    found_in_crate("store", "use std::fs::File;\n", &[]);
    found_in_crate("office", "#[cfg(test)]\nmod tests {\n    use std::fs::File;\n}\n", &[]);
    found("crates/office/src/tests.rs", &format!("{HEAD}use std::fs::File;\n"), &[]);
}

#[test]
fn sql_stands_in_the_store_only() {
    let body = "const Q: &str = \"SELECT size FROM log\";\n";
    found_in_crate("office", body, &["2 sql"]);
    found_in_crate("store", body, &[]);
    found_in_crate("office", "// SELECT size FROM log\n", &[]);
}

const KEYS: &str = "version.workspace = true\nedition.workspace = true\nrust-version.workspace = true\n\
                    license.workspace = true\npublish.workspace = true\n";

#[test]
fn manifests_inherit() {
    let manifest = |dependency: &str| {
        format!("[package]\nname = \"a\"\n{KEYS}[lints]\nworkspace = true\n[dependencies]\n{dependency}\n")
    };
    found("crates/a/Cargo.toml", &manifest("serde.workspace = true"), &[]);
    found("crates/a/Cargo.toml", &manifest("serde = { workspace = true, features = [] }"), &[]);
    found("crates/a/Cargo.toml", &manifest("a = { path = \".\", features = [\"test-util\"] }"), &[]);
    found("crates/a/Cargo.toml", &manifest("serde = \"1\""), &["11 manifest"]);
    found("crates/a/Cargo.toml", &manifest("[target.x.build-dependencies]\ncc = \"1\""), &["12 manifest"]);
    let own = manifest("").replace("version.workspace = true\nedition", "version = \"1.0.0\"\nedition");
    found("crates/a/Cargo.toml", &own, &["3 manifest"]);
    let lax = manifest("").replace("[lints]\nworkspace = true\n", "");
    found("crates/a/Cargo.toml", &lax, &["1 manifest"]);
    found("crates/a/Cargo.toml", "[package\n", &["0 manifest"]);
    found("fuzz/Cargo.toml", "[dependencies]\nserde = \"1\"\n", &[]);
}

#[test]
fn the_door_is_listed_and_the_list_is_used() {
    let list = |path: &str| {
        format!("a\n<!-- figure-door:begin -->\n- `{path}`: sums\n<!-- figure-door:end -->\n- `other`\n")
    };
    let caller = ("crates/disclosure/src/table.rs", "//! Head.\nfn f(x: Figure) -> i64 {\n    x.open()\n}\n");
    let tested = ("crates/disclosure/src/table/tests.rs", "//! Head.\nfn f(x: Figure) -> i64 { x.open() }\n");
    let shown = |list: &str, callers: &[(&str, &str)]| {
        let files: Vec<(&str, &str)> =
            [("docs/ARCHITECTURE.md", list)].iter().chain(callers).copied().collect();
        let seen = faults(&files);
        seen.iter().map(|fault| format!("{}:{}: {}", fault.path, fault.line, fault.rule)).collect::<Vec<_>>()
    };
    assert!(shown(&list(caller.0), &[caller, tested]).is_empty());
    let expected = ["crates/disclosure/src/table.rs:3: figure-door", "docs/ARCHITECTURE.md:3: figure-door"];
    assert_eq!(shown(&list("crates/disclosure/src/gone.rs"), &[caller]), expected);
    assert_eq!(shown("no list", &[caller]), ["docs/ARCHITECTURE.md:0: figure-door"]);
    assert_eq!(faults(&[caller]).len(), 1, "without the page every caller is at fault");
    for call in ["map(Figure::open)", "table.open_figures(key)"] {
        let body = format!("{HEAD}fn f() {{ {call}; }}\n");
        assert_eq!(shown(&list(caller.0), &[caller, ("crates/office/src/a.rs", &body)]).len(), 1, "{call}");
    }
    let file = format!("{HEAD}fn f() {{ verified.open(&key); File::open(path); }}\n");
    assert!(shown(&list(caller.0), &[caller, ("crates/tearline/src/a.rs", &file)]).is_empty());
    let other = ("crates/store/src/a.rs", "//! Head.\nfn f(place: Place) { place.open(); }\n");
    assert!(shown(&list(caller.0), &[caller, other]).is_empty(), "`store` cannot name a figure");
}

/// The messages about one member beside the rest of a workspace.
fn arrows(name: &str, dependencies: &[&str]) -> Vec<String> {
    let member = |name: &str, dependencies: &[&str]| Member {
        name: name.to_owned(),
        manifest: format!("crates/{name}/Cargo.toml"),
        dependencies: dependencies.iter().map(|&dependency| dependency.to_owned()).collect(),
    };
    let others = ["disclosure", "label", "ledger", "store"].map(|other| member(other, &[]));
    let members: Vec<Member> = others.into_iter().chain([member(name, dependencies)]).collect();
    check(&[], &members).into_iter().map(|fault| fault.advice).collect()
}

#[test]
fn arrows_are_those_of_the_architecture() {
    assert!(arrows("package", &["label", "ledger", "zip", "package"]).is_empty());
    assert!(arrows("tearline", &["disclosure", "store", "clap", "clap_mangen", "anyhow"]).is_empty());
    assert_eq!(arrows("intake", &["ledger"]), ["`intake` may not depend on `ledger`"]);
    assert_eq!(arrows("xtask", &["disclosure"]), ["`xtask` may not depend on `disclosure`"]);
    assert!(arrows("portal", &[])[0].starts_with("`portal` is new"));
}

#[test]
fn outside_crates_have_owners() {
    for (name, dependency) in [
        ("office", "axum"),
        ("tearline", "rusqlite"),
        ("store", "clap"),
        ("intake", "highs"),
        ("ledger", "getrandom"),
        ("office", "anyhow"),
    ] {
        let seen = arrows(name, &[dependency]);
        assert_eq!(seen.len(), 1, "{name} on {dependency}");
        assert!(seen[0].starts_with(&format!("`{name}` may not depend on `{dependency}`: ")), "{}", seen[0]);
    }
    assert!(arrows("intake", &["disclosure", "csv"]).is_empty());
}

#[test]
fn a_planted_fault_has_one_place_and_every_rule_has_a_fault() {
    let list = |original: &str| {
        format!(
            "[[fault]]\nrule = 'quorum'\nfile = 'a.rs'\nwhat = 'less'\noriginal = '{original}'\nplanted = 'b'\n"
        )
    };
    let rules = format!("{HEAD}refusals! {{\n    A => \"quorum\", \"wait\";\n}}\n");
    let code = format!("{HEAD}fn f() {{ alpha + alpha + gamma }}\n");
    let check = |list: &str, rules: &str| {
        let files = [
            (crate::faults::LIST, list),
            ("crates/office/src/a.rs", &code),
            ("crates/office/src/refusal.rs", rules),
        ];
        faults(&files).iter().filter(|fault| fault.rule == "planted-fault").count()
    };
    assert_eq!(check(&list("gamma"), &rules), 0);
    assert_eq!(check(&list("alpha"), &rules), 1, "twice");
    assert_eq!(check(&list("delta"), &rules), 1, "nowhere");
    let more = rules.replace(";\n", ";\n    B => \"deadline\", \"hurry\";\n");
    assert_eq!(check(&list("gamma"), &more), 1, "a rule without a fault");
    assert_eq!(check("[[fault]]\n", &rules), 1, "a list that does not read");
}
