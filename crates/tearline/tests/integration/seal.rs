//! `tearline seal` on the office of a demo: a finished batch, one that was cut off, a changed package, another profile, and refusals.

use std::fs;

use crate::run::Bench;

const SEAL: &str = "seal 'EXERCISE: equipment demand 2027-2034 (invented figures)' --office demo --content demo/forms \
                    --key demo/keys/office.seal.key --trust demo/trust.json --passphrase-file demo/keys/PASSPHRASE";

fn states(document: &serde_json::Value) -> Vec<(u64, String)> {
    let lines = document["packages"].as_array().unwrap();
    lines.iter().map(|l| (l["copy"].as_u64().unwrap(), l["state"].as_str().unwrap().to_owned())).collect()
}

#[test]
fn a_batch_goes_on_where_it_was_cut_off() {
    let bench = Bench::empty();
    bench.expect(0, "demo --dir demo");
    let again = format!("{SEAL} --cards demo/keys --marks demo/keys/office.trace.key --out demo/sealed");
    let complete = bench.expect(0, &format!("{again} --json")).json();
    assert_eq!((complete["verdict"].as_str(), complete["sealed"].as_u64()), (Some("complete"), Some(0)));
    assert!(states(&complete).iter().all(|(_, state)| state == "checked"));

    // Cut off within the second line of the index; a file without a line is nobody's.
    let index = bench.read("demo/sealed/index.jsonl");
    let (first, rest) = index.split_once('\n').unwrap();
    bench.write("demo/sealed/index.jsonl", &format!("{first}\n{}", rest.split_at(20).0));
    let sealed = bench.expect(0, &format!("{again} --json")).json();
    assert_eq!((sealed["verdict"].as_str(), sealed["sealed"].as_u64()), (Some("sealed"), Some(2)));
    // Numbers that the log knows are not given twice.
    let expected =
        [(1, "checked"), (4, "sealed"), (5, "sealed")].map(|(copy, state)| (copy, state.to_owned()));
    assert_eq!(states(&sealed), expected);
    for line in sealed["packages"].as_array().unwrap() {
        let package = line["file"].as_str().unwrap();
        let verified = bench.expect(0, &format!("verify {package} --trust demo/trust.json --json")).json();
        assert_eq!(verified["package_sha256"], line["package_sha256"]);
        assert_eq!(
            (&verified["about"]["profile"], &verified["about"]["marked"]),
            (&"pq".into(), &true.into())
        );
    }
    assert!(bench.expect(0, &again).out.starts_with("complete: 3 packages were there and are unchanged"));

    // Another kind of batch is not mixed into it, and a changed package is noticed.
    let plain = format!("{SEAL} --cards demo/keys --out demo/sealed");
    assert!(bench.expect(2, &plain).err.contains("another release or another kind"));
    let package = bench.path(sealed["packages"][1]["file"].as_str().unwrap());
    let mut bytes = fs::read(&package).unwrap();
    bytes[5_000] ^= 1;
    fs::write(&package, bytes).unwrap();
    assert!(bench.expect(1, &again).err.contains("is not the package that was sealed there"));
}

#[test]
fn for_a_service_too_for_some_only_and_not_at_all() {
    let bench = Bench::empty();
    bench.expect(0, "demo --dir demo");
    let passphrase = "--passphrase-file demo/keys/PASSPHRASE";
    bench.expect(0, &format!("key new --kind access --name service --out service.key {passphrase}"));
    let service = "--service https://office.example --access service.key.card.json --wrapping p256";
    let interop = format!("{SEAL} --cards demo/keys {service} --receiver BOREAL --out interop");
    let rehearsed = bench.expect(0, &format!("{interop} --dry-run --json")).json();
    assert_eq!((&rehearsed["verdict"], &rehearsed["sealed"]), (&"would-be-sealed".into(), &1.into()));
    assert!(!bench.path("interop").exists());
    let sealed = bench.expect(0, &format!("{interop} --json")).json();
    assert_eq!(sealed["profile"], "interop");
    let package = sealed["packages"][0]["file"].as_str().unwrap();
    let verified = bench.expect(0, &format!("verify {package} --trust demo/trust.json --json")).json();
    assert_eq!(
        (&verified["about"]["profile"], &verified["about"]["marked"]),
        (&"interop".into(), &false.into())
    );
    bench.expect(
        0,
        &format!(
            "open {package} --key demo/keys/BOREAL.open.key --trust demo/trust.json --out opened {passphrase}"
        ),
    );
    assert_eq!(bench.read("opened/cells.json"), bench.read("demo/forms/cells.json"));

    let stranger = bench.expect(2, &format!("{SEAL} --cards demo/keys --receiver NOBODY --out x"));
    assert!(stranger.err.contains("NOBODY is not in the audience that was agreed"), "{}", stranger.err);
    let cardless = bench.expect(2, &format!("{SEAL} --cards demo/release --out x"));
    assert!(cardless.err.contains("is the one that the roster names for"), "{}", cardless.err);
    let other = SEAL.replace("demo/forms", "demo/release");
    let other = bench.expect(2, &format!("{other} --cards demo/keys --out x"));
    assert!(other.err.contains("was agreed"), "{}", other.err);
    let unknown = SEAL.replace("equipment demand", "equipment demandd");
    assert!(bench.expect(2, &format!("{unknown} --cards demo/keys --out x")).err.contains("no proposal"));
}
