//! Packages, keys, the log and the gap through the command line: what holds is let through, everything else is named.

use std::fs;

use crate::run::Bench;

/// A bench with a demo in it, and the paths of its packages, one a company.
fn demo() -> (Bench, Vec<String>) {
    let bench = Bench::empty();
    bench.expect(0, "demo --dir demo");
    let packages = bench
        .list()
        .into_iter()
        .filter(|path| path.starts_with("demo/portal/") && path.ends_with(".tdf"))
        .collect();
    (bench, packages)
}

fn flip(bench: &Bench, from: &str, at: usize, to: &str) {
    let mut bytes = fs::read(bench.path(from)).unwrap();
    bytes[at] ^= 0x20;
    fs::write(bench.path(to), bytes).unwrap();
}

fn length(bench: &Bench, path: &str) -> usize {
    fs::metadata(bench.path(path)).unwrap().len() as usize
}

#[test]
fn one_changed_byte_is_refused_with_a_named_check_and_never_opened() {
    let (bench, packages) = demo();
    let size = length(&bench, &packages[0]);
    for position in 0..64 {
        flip(&bench, &packages[0], position * (size - 1) / 63, "changed.tdf");
        let answer = bench.expect(3, "verify changed.tdf --trust demo/trust.json");
        let named = answer.out.lines().filter(|line| line.starts_with("failed ")).count();
        assert!(named > 0 && answer.out.contains("invalid: check"), "{}", answer.out);
    }
    let document = bench.expect(3, "verify changed.tdf --trust demo/trust.json --json").json();
    assert_eq!(document["verdict"], "invalid");
    let line = "open changed.tdf --key demo/keys/AURORA.open.key --trust demo/trust.json \
                --passphrase-file demo/keys/PASSPHRASE --out opened";
    let answer = bench.expect(3, line);
    assert!(answer.out.contains("not opened"));
    assert!(!bench.path("opened").exists());
    for cut in [0, 1, size / 2, size - 1] {
        let bytes = fs::read(bench.path(&packages[0])).unwrap();
        fs::write(bench.path("cut.tdf"), &bytes[..cut]).unwrap();
        bench.expect(3, "verify cut.tdf --trust demo/trust.json");
    }
}

#[test]
fn a_package_opens_for_its_receiver_and_passphrase_only() {
    let (bench, packages) = demo();
    let open = |code, package: &str, key: &str, passphrase: &str| {
        bench.expect(
            code,
            &format!("open {package} --key demo/keys/{key} --trust demo/trust.json --passphrase-file {passphrase} --out opened"),
        )
    };
    bench.write("wrong", "another passphrase\n");
    assert!(open(3, &packages[0], "BOREAL.open.key", "demo/keys/PASSPHRASE").out.contains("sealed to key"));
    assert!(open(3, &packages[0], "AURORA.open.key", "wrong").out.contains("passphrase does not fit"));
    open(2, &packages[0], "AURORA.act.key", "demo/keys/PASSPHRASE");
    open(2, &packages[0], "NOBODY.key", "demo/keys/PASSPHRASE");
    assert!(!bench.path("opened").exists());
    let answer = open(0, &packages[0], "AURORA.open.key", "demo/keys/PASSPHRASE");
    assert!(answer.out.contains("NATO UNCLASSIFIED Releasable to INDUSTRY"));
    assert_eq!(bench.read("opened/cells.csv"), bench.read("demo/release/cells.csv"));
    // Never over something that is there.
    open(2, &packages[0], "AURORA.open.key", "demo/keys/PASSPHRASE");
}

#[test]
fn another_trust_file_refuses_package_and_log() {
    let (bench, packages) = demo();
    bench.expect(0, "demo --dir other");
    let verify = format!("verify {} --trust other/trust.json", packages[0]);
    let answer = bench.expect(3, &verify);
    for check in ["signature-ed25519", "signature-ml-dsa-65", "proposal"] {
        assert!(answer.out.contains(&format!("failed       {check}")), "{}", answer.out);
    }
    let answer = bench.expect(3, "ledger verify --dir demo/ledger --trust other/trust.json");
    assert!(answer.out.contains("failed       files"), "{}", answer.out);
    // The same log under a trust file that names another key for one ally.
    let other: serde_json::Value = serde_json::from_str(&bench.read("other/trust.json")).unwrap();
    let mut mixed: serde_json::Value = serde_json::from_str(&bench.read("demo/trust.json")).unwrap();
    let canada = other["rosters"][0]["members"][3]["delegation"].clone();
    mixed["rosters"][0]["members"][3]["delegation"] = canada;
    bench.write("mixed.json", &mixed.to_string());
    let answer = bench.expect(3, "ledger verify --dir demo/ledger --trust mixed.json");
    assert!(
        answer.out.contains("failed       rosters") && answer.out.contains("other members or keys"),
        "{}",
        answer.out
    );
    let answer = bench.expect(3, &format!("verify {} --trust mixed.json", packages[0]));
    assert!(answer.out.contains("failed       approvals"), "{}", answer.out);
    bench.expect(2, &format!("verify {} --trust demo/figures.csv", packages[0]));
    bench.expect(2, &format!("verify {} --trust nowhere.json", packages[0]));
}

#[test]
fn a_changed_log_is_refused_and_its_entry_named() {
    let (bench, _) = demo();
    bench.expect(0, "ledger verify --dir demo");
    let entries = "demo/ledger/tile/entries/000.p/212";
    let whole = fs::read(bench.path(entries)).unwrap();
    flip(&bench, entries, whole.len() / 2, entries);
    let answer = bench.expect(3, "ledger verify --dir demo/ledger --trust demo/trust.json");
    assert!(
        answer.out.contains("failed       files") && answer.out.contains("first at entry"),
        "{}",
        answer.out
    );
    let document = bench.expect(3, "ledger verify --dir demo/ledger --trust demo/trust.json --json").json();
    assert!(document["first_fault"].as_u64().unwrap() < 212);
    fs::write(bench.path(entries), whole).unwrap();
    bench.expect(0, "ledger verify --dir demo/ledger --trust demo/trust.json");
    // A tile that the checkpoint does not need must still not say anything else.
    fs::create_dir_all(bench.path("demo/ledger/tile/0/001.p")).unwrap();
    bench.write("demo/ledger/tile/0/001.p/1", "something else");
    let answer = bench.expect(3, "ledger verify --dir demo/ledger --trust demo/trust.json");
    assert!(answer.out.contains("failed       folder"), "{}", answer.out);
    bench.expect(2, "ledger verify --dir demo/keys --trust demo/trust.json");
}

#[test]
fn the_guard_lets_in_only_what_is_whole_agreed_and_labelled_for_its_side() {
    let (bench, packages) = demo();
    let side = |name: &str, highest: &str| {
        format!(
            r#"{{"schema":"tearline-side/1","name":"{name}","policy":"NATO","highest":"{highest}","releasable_to":["INDUSTRY"]}}"#
        )
    };
    bench.write("side.json", &side("PORTAL", "UNCLASSIFIED"));
    bench.write("elsewhere.json", &side("ELSEWHERE", "UNCLASSIFIED"));
    bench.write("nobody.json", &side("PORTAL", "UNCLASSIFIED").replace("INDUSTRY", "NOBODY"));
    let export = |code, packages: &str, side: &str| {
        bench.expect(
            code,
            &format!(
                "transfer export {packages} --side {side} --key demo/keys/office.seal.key --trust demo/trust.json \
                 --out outbox --passphrase-file demo/keys/PASSPHRASE"
            ),
        )
    };
    let import = |code, bundle: &str, side: &str, rule: &str| {
        let line = format!("transfer import {bundle} --side {side} --trust demo/trust.json --portal portal");
        let answer = bench.expect(code, &line);
        assert!(answer.out.contains(&format!("  {rule}")), "{}", answer.out);
    };
    // Not agreed: a package whose decision was changed does not even leave.
    flip(&bench, &packages[0], length(&bench, &packages[0]) / 2, "changed.tdf");
    assert!(export(3, "changed.tdf", "side.json").out.contains("agreed"));
    assert!(export(3, &packages[0], "nobody.json").out.contains("labelled"));
    assert!(!bench.path("outbox/bundle-000001.zip").exists());
    export(0, &format!("{} {}", packages[0], packages[1]), "side.json");
    let bundle = "outbox/bundle-000001.zip";
    flip(&bench, bundle, length(&bench, bundle) / 2, "changed.zip");
    import(3, "changed.zip", "side.json", "whole");
    import(3, bundle, "elsewhere.json", "for-this-side");
    import(3, bundle, "nobody.json", "labelled");
    assert!(!bench.path("portal/packages").exists());
    import(0, bundle, "side.json", "portal/packages/AURORA-");
    import(3, bundle, "side.json", "in-order");
    export(0, &packages[2], "side.json");
    import(0, "outbox/bundle-000002.zip", "side.json", "portal/packages/CASTOR-");
    let let_in =
        bench.list().into_iter().filter(|path| path.starts_with("portal/") && path.ends_with(".tdf"));
    assert_eq!(let_in.count(), 3);
}

#[test]
fn keys_are_made_once_and_shown_without_their_secret() {
    let bench = Bench::empty();
    bench.write("passphrase", "four random words\n");
    bench.write("short", "short\n");
    for kind in ["act", "log", "seal", "open", "access", "trace"] {
        let answer = bench.expect(
            0,
            &format!(
                "key new --kind {kind} --name {kind}.example --out {kind}.key --passphrase-file passphrase"
            ),
        );
        let card: serde_json::Value =
            serde_json::from_str(&bench.expect(0, &format!("key show {kind}.key")).out).unwrap();
        assert_eq!(card["kind"], kind);
        assert_eq!(card["name"], format!("{kind}.example"));
        assert_eq!(card["id"].as_str().unwrap(), answer.out.trim());
        assert_eq!(
            bench.read(&format!("{kind}.key.card.json")),
            bench.expect(0, &format!("key show {kind}.key.card.json")).out
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(bench.path(&format!("{kind}.key"))).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
    let before = bench.read("act.key");
    bench.expect(2, "key new --kind act --out act.key --passphrase-file passphrase");
    assert_eq!(bench.read("act.key"), before);
    bench.expect(0, "key new --kind act --out act.key --passphrase-file passphrase --force");
    assert_ne!(bench.read("act.key"), before);
    bench.expect(2, "key new --kind act --out new.key --passphrase-file short");
    bench.expect(2, "key new --kind log --name 'a+b' --out new.key --passphrase-file passphrase");
    assert!(!bench.path("new.key").exists());
    bench.expect(2, "key show passphrase");
}
