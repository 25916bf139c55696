//! A canary: one ally's improbable figure is looked for in everything that the story says and leaves behind.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::*;
use crate::office_shell::clock::Clock;
use ledger::act::UtcTime;

/// More than four bytes long, so that no random bytes are taken for it.
const CANARY: u64 = 731_908_264_517;

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Result<UtcTime, Failure> {
        Ok(UtcTime::new("2026-11-22T16:00:00Z").unwrap())
    }
}

/// The figure as text, as numbers in memory or in SQLite, and inside base64 at each of the three places it can begin.
fn spellings() -> Vec<Vec<u8>> {
    let text = CANARY.to_string();
    let mut spellings = vec![text.clone().into_bytes()];
    for separator in ["\u{202f}", "\u{a0}", ",", " "] {
        spellings.push(format!("731{separator}908{separator}264{separator}517").into_bytes());
    }
    spellings.push(CANARY.to_be_bytes()[3..].to_vec());
    spellings.push(CANARY.to_le_bytes()[..5].to_vec());
    for before in 0..3 {
        let padded = format!("{}{text}", "x".repeat(before));
        let encoded = STANDARD_NO_PAD.encode(padded);
        // Characters that also hold bits of what stands before or after are left out.
        let first = (before * 8_usize).div_ceil(6);
        spellings.push(encoded.as_bytes()[first..encoded.len() - 1].to_vec());
    }
    spellings
}

fn holds(bytes: &[u8], spellings: &[Vec<u8>]) -> bool {
    spellings.iter().any(|spelling| bytes.windows(spelling.len()).any(|window| window == spelling.as_slice()))
}

/// What a workbook or a PDF has packed, and the texts of a PDF without what stands between their characters.
fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    if let Ok(mut archive) = zip::ZipArchive::new(std::io::Cursor::new(bytes)) {
        for at in 0..archive.len() {
            if let Ok(mut member) = archive.by_index(at) {
                // What cannot be unpacked is encrypted.
                let _ = std::io::Read::read_to_end(&mut member, &mut all);
            }
        }
    }
    if bytes.starts_with(b"%PDF-") {
        let text = String::from_utf8_lossy(bytes);
        for run in text.split("[<").skip(1) {
            let codes = run.split(">]TJ").next().unwrap_or_default();
            for code in codes.split('>').flat_map(|part| part.rsplit('<').next()) {
                let codes = code.as_bytes().chunks(4).filter_map(|four| std::str::from_utf8(four).ok());
                all.extend(codes.filter_map(|four| u8::from_str_radix(four, 16).ok()));
            }
            all.push(b'\n');
        }
    }
    all
}

#[test]
fn what_is_packed_is_searched() {
    let heading = crate::forms::Heading { title: "EXERCISE 731908264517", marking: "EXERCISE" };
    let forms =
        crate::forms::all(&heading, b"a,unit,status,value,low,high\nx,,published,1,,\n", &[]).unwrap();
    for (name, bytes) in forms.iter().filter(|(name, _)| name.ends_with(".xlsx") || name.ends_with(".pdf")) {
        assert!(holds(&unpacked(bytes), &spellings()), "{name}");
    }
}

#[test]
fn the_spellings_are_found_where_they_are() {
    let spellings = spellings();
    assert!(holds(STANDARD_NO_PAD.encode(format!("NO,SEA-1,2030,{CANARY},EXERCISE")).as_bytes(), &spellings));
    assert!(holds(STANDARD_NO_PAD.encode(format!("O,SEA-1,2030,{CANARY},EXERCISE")).as_bytes(), &spellings));
    assert!(holds(STANDARD_NO_PAD.encode(format!(",SEA-1,2030,{CANARY},EXERCISE")).as_bytes(), &spellings));
    assert!(!holds(STANDARD_NO_PAD.encode("NO,SEA-1,2030,631908264518").as_bytes(), &spellings));
}

#[test]
fn a_deposited_figure_stands_in_the_offices_input_and_nowhere_else() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("demo");
    let allies: Vec<Code> = alliance::allies().unwrap().into_iter().map(|party| party.code).collect();
    let mut figures = figures::invent(&allies, figures::SEED);
    let norway = figures.get_mut(&Code::new("NO").unwrap()).unwrap();
    norway[0].quantity = CANARY;
    let mut told = String::new();
    let document = play(&dir, &figures, true, &Fixed, &mut |line| told.push_str(line)).unwrap();
    let spellings = spellings();
    assert!(!holds(told.as_bytes(), &spellings));
    assert!(!holds(&serde_json::to_vec(&document).unwrap(), &spellings));
    let mut holders = Vec::new();
    for file in Place::files_below(&dir).unwrap() {
        let bytes = fs::read(&file).unwrap();
        if holds(&bytes, &spellings) || holds(&unpacked(&bytes), &spellings) {
            holders.push(file.strip_prefix(&dir).unwrap().display().to_string());
        }
    }
    // The demo leaves the figures in the clear there, marked as the office's, so that its reader can run `protect`. Not even
    // the folder `internal` has them: a pattern has no numbers, a certificate only differences. An ally's own exposure, which goes
    // to nobody else, shows it its own figures.
    holders.sort();
    assert_eq!(holders, ["exposures/NO.json", "figures.csv"]);
}

#[test]
fn a_second_demo_in_the_folder_replaces_the_first() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("demo");
    let allies: Vec<Code> = alliance::allies().unwrap().into_iter().map(|party| party.code).collect();
    let figures = figures::invent(&allies, figures::SEED);
    let mut trust = Vec::new();
    for _ in 0..2 {
        play(&dir, &figures, false, &Fixed, &mut |_| {}).unwrap();
        assert_eq!(Place::files_below(&dir.join("portal/packages")).unwrap().len(), 3);
        trust.push(fs::read(dir.join("trust.json")).unwrap());
    }
    assert_ne!(trust[0], trust[1]);
}
