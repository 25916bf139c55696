//! Valid things of every kind, to be spoilt: the invented alliance of the tests of `package`, and what other clients made.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ledger::checkpoint::SignedCheckpoint;
use ledger::dsse::Envelope;
use ledger::keyfile::{Cost, KeyFile, seal_key};
use ledger::merkle::ConsistencyProof;
use ledger::witness::{Request, WitnessState};
use package::access::AccessKey;

use crate::world::{Seeded, World};

thread_local! {
    /// Signers of the alliance stay on their thread, and libFuzzer has one.
    static WORLD: &'static World = Box::leak(Box::new(World::new()));
}

/// The alliance, its office, log, witnesses and a company.
pub(crate) fn world() -> &'static World {
    WORLD.with(|world| *world)
}

/// Objects and files that other implementations made.
static KNOWN: LazyLock<serde_json::Value> = LazyLock::new(|| {
    let bytes = include_bytes!("../../crates/package/tests/data/access-pyca.json");
    serde_json::from_slice(bytes).expect("a file of ours")
});

/// The key that opens those.
pub(crate) static ACCESS: LazyLock<AccessKey> =
    LazyLock::new(|| AccessKey::from_secret_bytes(&decoded(&KNOWN["secret"])).expect("an access key"));

fn decoded(text: &serde_json::Value) -> Vec<u8> {
    STANDARD.decode(text.as_str().unwrap_or_default()).expect("base64")
}

/// An OpenTDF file of another client.
pub(crate) fn of_another_client(name: &str) -> Vec<u8> {
    decoded(&KNOWN[name])
}

/// Key access objects of another client.
pub(crate) fn objects_of_another_client() -> Vec<Vec<u8>> {
    let objects = KNOWN["objects"].as_object().expect("objects by type");
    objects.values().map(|object| object.to_string().into_bytes()).collect()
}

/// A consent given beforehand, a proposal and consents to it.
pub(crate) fn envelopes() -> Vec<Envelope> {
    world().agreed(&world().propose())
}

/// The last checkpoint of a log with them, cosigned.
pub(crate) fn checkpoint() -> SignedCheckpoint {
    world().logged(&envelopes())[0].proof.checkpoint().clone()
}

/// What a witness is asked that sees that log for the first time.
pub(crate) fn request() -> Request {
    let checkpoint = checkpoint();
    let proof = ConsistencyProof { old: 0, new: checkpoint.unverified().size, hashes: Vec::new() };
    Request::new(&proof, checkpoint).expect("a short proof")
}

/// What that witness remembers then.
pub(crate) fn witness_state() -> WitnessState {
    let mut state = WitnessState::new();
    let update = state.decide(&request(), &[world().log.verifier()]).expect("the first checkpoint");
    update.persist(&mut state, |_| Ok::<_, ()>(())).expect("kept nowhere");
    state
}

/// A key file under a passphrase.
pub(crate) fn key_file() -> Vec<u8> {
    let card = world().seal.public().card("office").expect("a card");
    let key = KeyFile::new(card, world().seal.to_secret_bytes()).expect("its own card");
    seal_key(&key, b"four random words", Cost::LIGHT, &mut Seeded::new(4)).expect("a key file")
}
