//! The one binary of all targets, under libFuzzer. `./run fuzz` builds it with coverage and calls it; it takes, beside
//! libFuzzer's own options: `--list`; `--target=NAME`; `--seeds=DIR`, a folder to fill with inputs to start from.
#![no_main]

use std::path::Path;
use std::sync::OnceLock;
use std::{env, fs, process};

use libfuzzer_sys::fuzz_target;
use tearline_fuzz::{TARGETS, Target};

static TARGET: OnceLock<Target> = OnceLock::new();

fuzz_target!(init: begin(), |bytes: &[u8]| {
    if let Some(target) = TARGET.get() {
        (target.run)(bytes);
    }
});

fn begin() {
    let option = |name: &str| env::args().find_map(|word| word.strip_prefix(name).map(str::to_owned));
    if option("--list").is_some() {
        TARGETS.iter().for_each(|target| println!("{}", target.name));
        process::exit(0);
    }
    let name = option("--target=").unwrap_or_default();
    let Some(target) = TARGETS.iter().find(|target| target.name == name) else {
        eprintln!("there is no target `{name}`; --list names them");
        process::exit(2);
    };
    if let Some(folder) = option("--seeds=") {
        let folder = Path::new(&folder);
        fs::create_dir_all(folder).expect("a folder for seeds");
        for (n, seed) in (target.seeds)().iter().enumerate() {
            // What is valid must hold, before anything is changed in it.
            (target.run)(seed);
            fs::write(folder.join(format!("seed-{n}")), seed).expect("a seed");
        }
    }
    assert!(TARGET.set(*target).is_ok(), "libFuzzer begins once");
}
