//! A request to a witness is read and written as the same text, and judged without a panic; nothing of it is cosigned, for the
//! witness knows the log by other keys than those that signed the seed.

use std::sync::LazyLock;

use ledger::log::{LogSigner, LogVerifier};
use ledger::note::KeyName;
use ledger::witness::{Request, WitnessState};

/// The log of the seed, by name alone.
static NAMESAKE: LazyLock<LogVerifier> = LazyLock::new(|| {
    let origin = KeyName::new("office.example/log").expect("a name");
    LogSigner::generate(origin, &mut crate::world::Seeded::new(99))
        .expect("the provider makes keys")
        .verifier()
});

pub(crate) fn run(bytes: &[u8]) {
    if let Ok(request) = Request::from_bytes(bytes) {
        assert_eq!(request.to_text().as_bytes(), bytes);
        let refusal =
            WitnessState::new().decide(&request, std::slice::from_ref(&*NAMESAKE)).expect_err("unsigned");
        assert!((400..=422).contains(&refusal.status()) && !refusal.body().is_empty());
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    vec![crate::seeds::request().to_text().into_bytes()]
}
