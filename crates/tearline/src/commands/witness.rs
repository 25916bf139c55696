//! `tearline witness`: a delegation's witness, which cosigns what extends what it has seen and nothing else.

use std::io::{self, Write as _};
use std::net::TcpListener;
use std::time::Duration;

use server::http::{Limits, Service};
use server::witness::{Witness, WitnessError, routes};
use store::witness_record::WitnessRecord;

use crate::cli::ledger as cli;
use crate::commands::verify::read_trust;
use crate::failure::{Answer, Failure};
use crate::interrupt;
use crate::office_shell::clock::{Clock as _, SystemClock};
use crate::office_shell::keys;
use crate::office_shell::passphrase::{Passphrase, Purpose};
use crate::office_shell::{failed, with_causes};
use crate::terminal::Terminal;

/// Time that a request has to arrive.
const BODY_TIME: Duration = Duration::from_secs(10);

pub(super) fn run(arguments: &cli::Witness, terminal: &Terminal) -> Result<Answer, Failure> {
    let trusted = arguments.trust.iter().map(|path| read_trust(path)).collect::<Result<Vec<_>, _>>()?;
    let logs = trusted.iter().map(|trust| trust.log().clone()).collect();
    let file = arguments.passphrase_file.as_deref();
    let passphrase = Passphrase::obtain(file, Purpose::Open, "the witness's key")?;
    let cosigner = keys::cosigner(&keys::open(&arguments.key, &passphrase)?)?;
    let record = WitnessRecord::open(&arguments.record).map_err(|error| failed(&error, error.advice()))?;
    let name = cosigner.name().clone();
    let witness = Witness::new(cosigner, logs, record, Box::new(posix_now));
    let witness = witness.map_err(|error| failed(&error, error.advice()))?;
    let unusable = |error: std::io::Error| {
        Failure::failed(
            format!("cannot listen on {}: {error}", arguments.listen),
            "choose another address with --listen",
        )
    };
    interrupt::listen()?;
    let listener = TcpListener::bind(arguments.listen).map_err(unusable)?;
    let service = Service::start(listener, routes(witness, BODY_TIME, Box::new(report)), Limits::default())
        .map_err(unusable)?;
    terminal.answer(&format!("http://{}/", service.address()));
    terminal.say(&format!("{name} cosigns until Ctrl-C; the office's policy names this address"));
    interrupt::wait();
    service.stop();
    Ok(Answer::Yes)
}

/// The time for cosignatures. A clock that shows no time of the log would give 0, which counts for no policy.
pub(crate) fn posix_now() -> u64 {
    SystemClock.now().map_or(0, ledger::act::UtcTime::posix_seconds)
}

/// What goes wrong inside a witness is for its operator; its clients are told only that it failed.
pub(crate) fn report(error: &WitnessError) {
    // If stderr is gone there is nobody left to tell.
    let _ = writeln!(io::stderr().lock(), "witness: {}; {}", with_causes(error), error.advice());
}
