//! A public card that reads is written and read as the same card.

use ledger::keyfile::PublicCard;

pub(crate) fn run(bytes: &[u8]) {
    if let Ok(card) = PublicCard::from_json(bytes) {
        let written = card.to_json().expect("what was read is written");
        assert_eq!(PublicCard::from_json(&written).expect("our own form reads"), card);
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let world = crate::seeds::world();
    let open = world.company.public().card("ACME").expect("a card");
    let access = crate::seeds::ACCESS.public().card("office").expect("a card");
    [world.trust.office_seal().clone(), open, access]
        .iter()
        .map(|card| card.to_json().expect("a card"))
        .collect()
}
