//! The specification's example, refused texts, other logs.

use super::*;
use crate::seeded::Seeded;

fn log(name: &str, seed: u64) -> LogSigner {
    LogSigner::generate(KeyName::new(name).unwrap(), &mut Seeded::new(seed)).unwrap()
}

#[test]
fn the_specification_example_is_read() {
    // C2SP tlog-checkpoint, introduction.
    let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
        \u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
    let signed = SignedCheckpoint::from_text(text).unwrap();
    assert_eq!(signed.to_text(), text);
    assert_eq!(signed.unverified().size, 20_852_163);
    assert_eq!(signed.unverified().origin.as_str(), "example.com/behind-the-sofa");
}

#[test]
fn only_the_log_itself_is_believed() {
    let office = log("office.example/log", 1);
    let root = Digest::of(b"root");
    let signed = SignedCheckpoint::sign(7, root, &office).unwrap();
    assert_eq!(signed.verify(&office.verifier()).unwrap().root, root);
    assert!(matches!(signed.verify(&log("office.example/log", 2).verifier()), Err(CheckpointError::Note(_))));
    assert!(matches!(
        signed.verify(&log("other.example/log", 1).verifier()),
        Err(CheckpointError::Origin { .. })
    ));
    // A checkpoint of one log signed by the key of another.
    let other = log("other.example/log", 3);
    let note = other.sign(signed.unverified()).unwrap();
    let crossed = SignedCheckpoint::from_text(&note.to_text()).unwrap();
    assert!(matches!(crossed.verify(&other.verifier()), Err(CheckpointError::Origin { .. })));
}

#[test]
fn other_texts_are_refused() {
    let root = to_base64(Digest::of(b"root").as_bytes());
    let empty = to_base64(empty_root().as_bytes());
    assert!(Checkpoint::from_text(&format!("o\n1\n{root}\n")).is_ok());
    assert!(Checkpoint::from_text(&format!("o\n0\n{empty}\n")).is_ok());
    for bad in [
        String::new(),
        "\n".to_owned(),
        format!("o\n1\n{root}"),
        format!("o\n01\n{root}\n"),
        format!("o\n+1\n{root}\n"),
        format!("o\n-1\n{root}\n"),
        format!("o\n\n{root}\n"),
        format!("o\n18446744073709551616\n{root}\n"),
        format!("o\n0\n{root}\n"),
        format!("\n1\n{root}\n"),
        format!("o p\n1\n{root}\n"),
        "o\n1\nAAAA\n".to_owned(),
        format!("o\n1\n{root}\nextension\n"),
        format!("o\n1\n{root}\n\n"),
    ] {
        assert_eq!(Checkpoint::from_text(&bad), Err(CheckpointError::Text), "{bad:?}");
    }
}
