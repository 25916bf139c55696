//! Simulated collusions: how many of the guilty a trace names, among 1,000 copies, at a chance of 10^-6 of naming an innocent one.
//!
//! Real copies are made, mixed byte by byte where they differ, and traced. Seeded: the same figures on every machine. Prints the
//! table of `docs/tracing.md`.

#![expect(clippy::panic, clippy::print_stdout, reason = "a benchmark prints its table and stops at a fault")]

use std::collections::BTreeMap;

use ledger::act::Code;
use package::Content;
use package::content::FileName;
use package::fingerprint::{FingerprintKey, Fingerprints, GAP_HTML, HTML_HEAD};
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

const COPIES: u32 = 1_000;
const ERROR_PPB: u32 = 1_000;
const TRIALS: u32 = 20;
/// What colluders do where their copies differ.
const STRATEGIES: [&str; 6] = ["interleave", "majority", "minority", "all one", "all zero", "taken out"];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --benches` runs this with no `--bench`: nothing to measure then.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    println!(
        "| positions | colluders | strategy | trials | somebody named | all named | mean named | innocent named |"
    );
    println!("| ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: |");
    for positions in [512, 1_024, 2_048, 4_096] {
        for colluders in 1..=4 {
            for (strategy, name) in STRATEGIES.iter().enumerate() {
                if colluders == 1 && strategy > 0 {
                    continue;
                }
                let name = if colluders == 1 { "copied as it is" } else { name };
                let halves = std::thread::scope(|scope| {
                    let run = |from| move || trials(positions, colluders, strategy, from);
                    let threads = [scope.spawn(run(0)), scope.spawn(run(TRIALS / 2))];
                    threads.map(|thread| thread.join().unwrap_or_default())
                });
                let [any, all, named, innocent] = std::array::from_fn(|at| halves[0][at] + halves[1][at]);
                let share = |count: u32| format!("{} %", 100 * count / TRIALS);
                println!(
                    "| {positions} | {colluders} | {name} | {TRIALS} | {} | {} | {}.{:02} | {innocent} |",
                    share(any),
                    share(all),
                    named / TRIALS,
                    100 * named / TRIALS % 100
                );
            }
        }
    }
}

/// Of half the trials: somebody named, all named, how many named, innocent named.
fn trials(positions: usize, colluders: usize, strategy: usize, from: u32) -> [u32; 4] {
    let mut counts = [0; 4];
    for trial in from..from + TRIALS / 2 {
        let seed =
            u64::from(trial) << 32 | (positions as u64) << 8 | (colluders as u64) << 4 | strategy as u64;
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut fill = |out: &mut [u8]| random.fill_bytes(out);
        let key = FingerprintKey::generate(&mut fill);
        let content = page(positions);
        let prints = Fingerprints::new(&key, &content).unwrap_or_else(|error| panic!("{error}"));
        let mut guilty: Vec<u32> = Vec::new();
        while guilty.len() < colluders {
            let copy = random.random_range(1..=COPIES);
            if !guilty.contains(&copy) {
                guilty.push(copy);
            }
        }
        let copies: Vec<Vec<u8>> = guilty.iter().map(|copy| marked(&prints, *copy)).collect();
        let leak = mix(&copies, strategy, &mut random);
        let all: Vec<u32> = (1..=COPIES).collect();
        let traced = prints.trace(&prints.read(&[&leak]), &all, ERROR_PPB);
        let named = traced.accused.iter().filter(|accused| guilty.contains(&accused.copy)).count();
        counts[0] += u32::from(named > 0);
        counts[1] += u32::from(named == colluders);
        counts[2] += named as u32;
        counts[3] += (traced.accused.len() - named) as u32;
    }
    counts
}

fn page(positions: usize) -> Content {
    let gaps = [GAP_HTML; 8].join(" ");
    let texts = (0..positions / 8).map(|number| format!("<text dx=\"{gaps}\">{number:08}</text>"));
    let page = format!("{HTML_HEAD}<svg>{}</svg>", texts.collect::<String>());
    let name = FileName::new("report.html").unwrap_or_else(|error| panic!("{error}"));
    Content::new(BTreeMap::from([(name, page.into_bytes())])).unwrap_or_else(|error| panic!("{error}"))
}

fn marked(prints: &Fingerprints<'_>, copy: u32) -> Vec<u8> {
    let receiver = Code::new(&format!("R{copy}")).unwrap_or_else(|error| panic!("{error}"));
    let content = prints.mark(copy, &receiver).unwrap_or_else(|error| panic!("{error}"));
    content.files().values().next().cloned().unwrap_or_default()
}

/// The page that colluders make: where all copies agree it is theirs, where they differ it is what the strategy says.
fn mix(copies: &[Vec<u8>], strategy: usize, random: &mut ChaCha8Rng) -> Vec<u8> {
    let mut leak = copies[0].clone();
    for (at, byte) in leak.iter_mut().enumerate() {
        if copies.iter().all(|copy| copy[at] == copies[0][at]) {
            continue;
        }
        // Copies differ in the sign of a gap.
        let plus = copies.iter().filter(|copy| copy[at] == b'+').count();
        let tie = random.random_range(0..2) == 0;
        let more = if 2 * plus == copies.len() { tie } else { 2 * plus > copies.len() };
        *byte = match (STRATEGIES[strategy], more) {
            ("interleave", _) => copies[random.random_range(0..copies.len())][at],
            ("majority", true) | ("minority", false) | ("all one", _) => b'+',
            ("majority", false) | ("minority", true) | ("all zero", _) => b'-',
            // Completed to a gap that says nothing below.
            _ => b'?',
        };
    }
    let text = String::from_utf8_lossy(&leak).replace("?0.10", GAP_HTML);
    text.into_bytes()
}
