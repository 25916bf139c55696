//! Marks come out again byte for byte, whatever the form; codes and traces as their formulas have them.

use proptest::prelude::*;

use super::*;

fn key() -> FingerprintKey {
    FingerprintKey::from_secret_bytes(&[7; 32]).unwrap()
}

fn page(texts: &[&str]) -> Vec<u8> {
    let drawn = texts.iter().map(|text| {
        let gaps = vec![GAP_HTML; text.chars().count()].join(" ");
        format!("<text dx=\"{gaps}\" x=\"1\">{text}</text>")
    });
    let (open, close) = STAMP_HTML;
    format!("{HTML_HEAD}{open}{}{close}<svg>{}</svg>", neutral_stamp(), drawn.collect::<String>())
        .into_bytes()
}

fn pdf(texts: &[&str]) -> Vec<u8> {
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:04X}")).collect::<Vec<_>>();
    let drawn = texts.iter().map(|text| format!("[<{}>]TJ\n", hex(text).join(&format!(">{GAP_PDF}<"))));
    let mut bytes = b"%PDF-1.7\n%".to_vec();
    bytes.extend(PDF_MARKER);
    bytes.extend(format!("\n<{}>Tj\n{}", hex(&neutral_stamp()).concat(), drawn.collect::<String>()).bytes());
    bytes
}

fn content(files: Vec<(&str, Vec<u8>)>) -> Content {
    let named = files.into_iter().map(|(name, bytes)| (FileName::new(name).unwrap(), bytes));
    Content::new(named.collect()).unwrap()
}

fn drawn() -> Content {
    let words = ["demand 2027", "17 000", "3 to 9"];
    content(vec![
        ("cells.csv", b"capability,value\nLAND,17000\n".to_vec()),
        ("report.html", page(&words)),
        ("report.pdf", pdf(&words)),
    ])
}

/// The text of a file with every number of its layout taken out, by a reader of its own.
fn without_layout(bytes: &[u8]) -> String {
    let mut text = bytes.iter().map(|byte| char::from(*byte)).collect::<String>();
    for gap in ["+0.00", "+0.10", "-0.10", "+000", "+012", "-012"] {
        text = text.replace(gap, "#");
    }
    text
}

#[test]
fn copies_differ_in_layout_alone_and_come_back() {
    let (key, content) = (key(), drawn());
    let prints = Fingerprints::new(&key, &content).unwrap();
    assert_eq!(prints.positions(), 11 + 6 + 6 + 10 + 5 + 5);
    let acme = Code::new("ACME").unwrap();
    let marked = prints.mark(17, &acme).unwrap();
    assert_ne!(marked, content);
    assert_eq!(neutral(&marked), content);
    assert_eq!(neutral(&content), content);
    assert_eq!(prints.mark(17, &acme).unwrap(), marked);
    assert_ne!(prints.mark(18, &acme).unwrap(), marked);
    let stamp = "COPY 000017 FOR ACME                    ";
    for (name, bytes) in marked.files() {
        let original = &content.files()[name];
        assert_eq!(bytes.len(), original.len());
        let spelt = [stamp.to_owned(), stamp.bytes().map(|byte| format!("{byte:04X}")).collect()];
        let none = [neutral_stamp(), neutral_stamp().bytes().map(|byte| format!("{byte:04X}")).collect()];
        let mut text = without_layout(bytes);
        for (spelt, none) in spelt.iter().zip(&none) {
            text = text.replace(spelt, none);
        }
        assert_eq!(text, without_layout(original), "{}", name.as_str());
    }
}

#[test]
fn what_carries_marks_is_not_marked_again() {
    let (key, content) = (key(), drawn());
    let marked = Fingerprints::new(&key, &content).unwrap().mark(1, &Code::new("A").unwrap()).unwrap();
    let error = Fingerprints::new(&key, &marked).unwrap_err();
    assert_eq!(error, FingerprintError::Marked { file: "report.html".to_owned() });
}

#[test]
fn numbers_without_room_are_refused() {
    let (key, content) = (key(), drawn());
    let prints = Fingerprints::new(&key, &content).unwrap();
    let receiver = Code::new(&"X".repeat(64)).unwrap();
    for copy in [0, COPY_MAX + 1, u32::MAX] {
        assert_eq!(prints.mark(copy, &receiver).unwrap_err(), FingerprintError::Copy { copy });
    }
    assert_eq!(neutral(&prints.mark(COPY_MAX, &receiver).unwrap()), content);
}

#[test]
fn other_files_are_left_alone() {
    let gaps = b"<text dx=\"+0.10 -0.10\">a</text>".to_vec();
    let files = content(vec![("a.html", gaps.clone()), ("b.txt", [HTML_HEAD.as_bytes(), &gaps].concat())]);
    assert_eq!(neutral(&files), files);
    // In a drawn form, what is not spelt as a mark is none.
    let strange = [
        HTML_HEAD,
        "<text dx=\"+0.20\"><text dx=\"+0.10 5\"><text dx=\"+0.10 \"><b class=\"copy\">COPY 1</b>",
    ];
    let strange = content(vec![("a.html", strange.concat().into_bytes())]);
    assert_eq!(neutral(&strange), strange);
    assert_eq!(Fingerprints::new(&key(), &strange).unwrap().positions(), 0);
}

#[test]
fn commitments_bind_copy_receiver_and_release() {
    let (key, content) = (key(), drawn());
    let prints = Fingerprints::new(&key, &content).unwrap();
    let [a, b] = ["A", "B"].map(|code| Code::new(code).unwrap());
    let first = prints.commitment(1, &a);
    assert_eq!(first, prints.commitment(1, &a));
    let other_content = self::content(vec![("report.html", page(&["demand"]))]);
    let other_key = FingerprintKey::from_secret_bytes(&[8; 32]).unwrap();
    let others = [
        prints.commitment(2, &a),
        prints.commitment(1, &b),
        Fingerprints::new(&key, &other_content).unwrap().commitment(1, &a),
        Fingerprints::new(&other_key, &content).unwrap().commitment(1, &a),
    ];
    assert!(others.iter().all(|other| *other != first));
}

#[test]
fn keys_go_through_files_and_say_nothing() {
    let key = key();
    let again = FingerprintKey::from_secret_bytes(&key.to_secret_bytes()).unwrap();
    assert_eq!(key.card("office").unwrap(), again.card("office").unwrap());
    assert_eq!(format!("{key:?}"), "FingerprintKey");
    assert!(FingerprintKey::from_secret_bytes(&[0; 31]).is_err());
    assert_eq!(key.card("").unwrap_err(), KeyError::Card { kind: KeyKind::Trace });
}

#[test]
fn biases_follow_the_arcsine_law() {
    let codes = Codes::new(&Secret::from_slice(&[1; 32]).unwrap(), 20_000);
    let below =
        |part: f64| codes.biases().iter().filter(|bias| f64::from(**bias) < part * 4_294_967_296.0).count();
    // 2/pi asin(sqrt p), cut at 1/128: (1/3 - 0.0563) / (1 - 2 * 0.0563) at p = 1/4.
    let expected = |law: f64| (law - 0.0563) / (1.0 - 2.0 * 0.0563) * 20_000.0;
    for (part, law) in [(0.25, 1.0 / 3.0), (0.5, 0.5), (0.75, 2.0 / 3.0)] {
        let found = below(part) as f64;
        // Four standard deviations.
        assert!((found - expected(law)).abs() < 280.0, "{part}: {found}");
    }
    assert_eq!(below(1.0 / 128.0), 0);
}

proptest! {
    #[test]
    fn any_drawn_text_survives_marking(
        texts in prop::collection::vec("[A-Za-z0-9 .,<>()\\[\\]+-]{1,12}", 1..8),
        copy in 1..=COPY_MAX,
        receiver in "[A-Za-z0-9_.-]{1,64}",
    ) {
        let words = texts.iter().map(String::as_str).collect::<Vec<_>>();
        let content = content(vec![("report.html", page(&words)), ("report.pdf", pdf(&words))]);
        let key = key();
        let prints = Fingerprints::new(&key, &content).unwrap();
        let marked = prints.mark(copy, &Code::new(&receiver).unwrap()).unwrap();
        prop_assert_eq!(neutral(&marked), content.clone());
        for (name, bytes) in marked.files() {
            prop_assert_eq!(bytes.len(), content.files()[name].len());
        }
    }

    #[test]
    fn hostile_forms_have_one_neutral_form(noise in prop::collection::vec(
        prop::sample::select(vec!["<text dx=\"", "+0.10", "-0.10", "+0.00", " ", "\"", "<b class=\"copy\">", "COPY 000001 FOR ",
            "------------------------", "</b>", "[<", "0041", ">", "<", "+012", "-012", "+000", "]TJ", ">Tj", "00430"]), 0..40)
    ) {
        let html = content(vec![("a.html", [HTML_HEAD, &noise.concat()].concat().into_bytes())]);
        let mut bytes = b"%PDF-1.7\n%".to_vec();
        bytes.extend(PDF_MARKER);
        bytes.extend(noise.concat().bytes());
        for form in [html, content(vec![("a.pdf", bytes)])] {
            let once = neutral(&form);
            prop_assert_eq!(neutral(&once), once.clone());
            prop_assert!(Fingerprints::new(&key(), &once).is_ok());
        }
    }
}

/// A page with so many gaps, each in a text of its own.
fn long(gaps: usize) -> Content {
    let words: Vec<String> = (0..gaps / 8).map(|number| format!("{number:08}")).collect();
    content(vec![("report.html", page(&words.iter().map(String::as_str).collect::<Vec<_>>()))])
}

fn code(copy: u32) -> Code {
    Code::new(&format!("R{copy}")).unwrap()
}

fn form(content: &Content) -> Vec<u8> {
    content.files().values().next().unwrap().clone()
}

/// Where copies differ, takes the byte of one of them in turn.
fn mixed(copies: &[Vec<u8>]) -> Vec<u8> {
    let mut turn = 0;
    let mut leak = copies[0].clone();
    for (at, byte) in leak.iter_mut().enumerate() {
        if copies.iter().any(|copy| copy[at] != copies[0][at]) {
            turn = (turn * 31 + 7 + at) % 1_009;
            *byte = copies[turn % copies.len()][at];
        }
    }
    leak
}

#[test]
fn a_copy_that_leaked_whole_or_in_part_is_named() {
    let (key, content) = (key(), long(1_024));
    let prints = Fingerprints::new(&key, &content).unwrap();
    let copies: Vec<u32> = (1..=100).collect();
    let leak = form(&prints.mark(42, &code(42)).unwrap());
    let reading = prints.read(&[&leak]);
    assert_eq!((reading.found(), reading.read()), (1_024, 1_024));
    assert_eq!(reading.stamps().iter().copied().collect::<Vec<_>>(), [42]);
    let traced = prints.trace(&reading, &copies, 1_000);
    assert_eq!(traced.accused.len(), 1);
    assert_eq!((traced.accused[0].copy, traced.accused[0].ground), (42, Ground::EveryMark));
    assert!(traced.accused[0].error_bound() < 1e-20);
    // A piece from the middle, without stamp.
    let piece = prints.read(&[&leak[leak.len() / 2..leak.len() / 2 + 4_000]]);
    assert!(piece.stamps().is_empty() && (200..1_024).contains(&piece.read()));
    assert_eq!(prints.trace(&piece, &copies, 1_000).accused[0].copy, 42);
}

#[test]
fn mixed_copies_name_those_who_mixed_and_nobody_else() {
    let (key, content) = (key(), long(2_048));
    let prints = Fingerprints::new(&key, &content).unwrap();
    let copies: Vec<u32> = (1..=200).collect();
    for coalition in [vec![3, 77], vec![5, 6, 199]] {
        let leaked: Vec<_> =
            coalition.iter().map(|copy| form(&prints.mark(*copy, &code(*copy)).unwrap())).collect();
        let traced = prints.trace(&prints.read(&[&mixed(&leaked)]), &copies, 1_000);
        let named: Vec<u32> = traced.accused.iter().map(|accused| accused.copy).collect();
        assert!(!named.is_empty() && named.iter().all(|copy| coalition.contains(copy)), "{named:?}");
        assert!(traced.accused.iter().all(|a| a.ground == Ground::Score && a.error_bound() <= 1e-6));
    }
}

#[test]
fn without_marks_nobody_is_named() {
    let (key, content) = (key(), long(1_024));
    let prints = Fingerprints::new(&key, &content).unwrap();
    let copies: Vec<u32> = (1..=100).collect();
    let clean = form(&content);
    let reading = prints.read(&[&clean]);
    assert_eq!((reading.found(), reading.read()), (1_024, 0));
    let traced = prints.trace(&reading, &copies, 1_000);
    assert!(traced.accused.is_empty() && traced.threshold.is_none());
    // A stamp that somebody typed accuses nobody.
    let text = String::from_utf8(clean).unwrap().replace("COPY 000000", "COPY 000009");
    let reading = prints.read(&[text.as_bytes()]);
    assert!(reading.stamps().contains(&9));
    assert!(prints.trace(&reading, &copies, 1_000).accused.is_empty());
    // Another release's copy, and noise.
    let other = long(1_032);
    let other = Fingerprints::new(&key, &other).unwrap();
    let leak = form(&other.mark(9, &code(9)).unwrap());
    assert!(prints.trace(&prints.read(&[&leak]), &copies, 1_000).accused.is_empty());
    assert_eq!(prints.read(&[b"<text dx=\"+0.10\"", b"", &[0xff; 100]]).found(), 0);
}

#[test]
fn two_copies_leaked_side_by_side_leave_only_what_they_share() {
    let (key, content) = (key(), long(1_024));
    let prints = Fingerprints::new(&key, &content).unwrap();
    let [a, b] = [1, 2].map(|copy| form(&prints.mark(copy, &code(copy)).unwrap()));
    let both = prints.read(&[&a, &b]);
    assert!(both.read() < 1_024);
    assert_eq!(both.stamps().len(), 2);
}

#[test]
fn the_tail_is_the_one_that_counting_gives() {
    // Few positions: all words of an innocent are counted one by one.
    let (key, content) = (key(), long(16));
    let prints = Fingerprints::new(&key, &content).unwrap();
    let leak = form(&prints.mark(1, &code(1)).unwrap());
    let positions = prints.read(&[&leak]);
    let counted = prints.tail_by_counting(&positions);
    for (score, chance) in counted {
        let tail = prints.tail_of(&positions, score);
        assert!(tail >= chance - 1e-12 && tail <= chance + 1e-8, "{score}: {tail} {chance}");
    }
}
