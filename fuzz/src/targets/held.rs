//! What receivers hold: whatever the bytes, what is made for one receiver is its own, and what is read comes back when it is written.

use tearline::document::standards::HeldView;

pub(crate) fn run(bytes: &[u8]) {
    let Ok(view) = HeldView::read(bytes) else { return };
    let written = serde_json::to_vec(&view).unwrap();
    assert_eq!(HeldView::read(&written).unwrap(), view);
    for receiver in &view.receivers {
        let own = view.for_receiver(&receiver.code).unwrap();
        assert_eq!(own.receivers.len(), 1);
        assert!(own.receivers[0].code == receiver.code && own.receivers[0].blocked.is_empty());
        let holds = |id: &String| own.receivers[0].parts.iter().any(|held| held.part.id == *id);
        assert!(own.receivers[0].parts.iter().filter_map(|held| held.by.as_ref()).all(holds));
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    vec![include_bytes!("../../../docs/example/standards/held.json").to_vec()]
}
