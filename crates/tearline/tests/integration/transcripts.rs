//! Transcripts: commands with what they print and their exit codes, word for word.
//!
//! `testdata/transcripts/*.txt`: lines that begin with `$ ` are run one after the other in one folder. With
//! `TEARLINE_BLESS` set the files are written anew; the difference is for a person to read.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::run::Bench;

fn check(name: &str) {
    check_in(&Bench::new(), name);
}

fn check_in(bench: &Bench, name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/transcripts").join(format!("{name}.txt"));
    let expected = fs::read_to_string(&path).unwrap();
    let mut found = String::new();
    for line in expected.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            writeln!(found, "# {comment}").unwrap();
        } else if let Some(command) = line.strip_prefix("$ tearline") {
            let answer = bench.run(command);
            writeln!(found, "$ tearline{command}").unwrap();
            for (mark, text) in [("1", &answer.out), ("2", &answer.err)] {
                for line in text.lines() {
                    writeln!(found, "{}", format!("{mark}> {line}").trim_end()).unwrap();
                }
            }
            writeln!(found, "exit {}\n", answer.code).unwrap();
        } else if let Some(change) = line.strip_prefix("$ edit ") {
            let parts = crate::run::words(change);
            bench.edit(&parts[0], |text| text.replacen(&parts[1], &parts[2], 1));
            writeln!(found, "$ edit {change}\n").unwrap();
        }
    }
    if std::env::var_os("TEARLINE_BLESS").is_some() {
        fs::write(&path, found).unwrap();
    } else {
        assert_eq!(found, expected, "{}: set TEARLINE_BLESS to write it anew", path.display());
    }
}

#[test]
fn first_steps() {
    check("first-steps");
}

#[test]
fn help() {
    check("help");
}

#[test]
fn unsafe_pattern() {
    check("unsafe");
}

#[test]
fn bad_input() {
    check("bad-input");
}

#[test]
fn mistyped() {
    check("mistyped");
}

#[test]
fn acts() {
    check("acts");
}

#[test]
fn standards() {
    check_in(&crate::standards::bench(), "standards");
}
