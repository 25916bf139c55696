//! The witnesses of three allies, each a service on this machine, and what happens while one of them is offline.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use ledger::cosignature::Cosigner;
use ledger::log::{LogSigner, LogVerifier};
use ledger::policy::{Policy, WitnessKeys};
use server::client::Client;
use server::http::{Limits, Service};
use server::witness::{Witness, routes};
use store::witness_record::WitnessRecord;

use super::cast::WITNESSES;
use super::place::Place;
use super::story::Story;
use super::{Stage, done, refused, unexpected};
use crate::commands::ledger::{Collected, collect};
use crate::commands::witness::{posix_now, report};
use crate::failure::Failure;
use crate::office_shell::failed;

/// Where the records of the witnesses are.
pub(super) const FOLDER: &str = "witnesses";
/// Time that the witnesses have together; all of them are on this machine.
const TIME: Duration = Duration::from_secs(10);

/// A witness that does not run yet.
struct Waiting {
    cosigner: Cosigner,
    listener: TcpListener,
    url: String,
}

/// The witnesses: those that run, and those that do not yet.
pub(super) struct Witnesses {
    running: BTreeMap<String, Service>,
    waiting: BTreeMap<String, Waiting>,
    /// Every witness with its address, whether or not anybody answers there.
    policy: Policy,
    log: LogVerifier,
    client: Client,
}

/// Takes an address for each witness and starts the first.
pub(super) fn start(place: &Place, cosigners: Vec<Cosigner>, log: &LogSigner) -> Result<Witnesses, Failure> {
    place.folder(FOLDER)?;
    let mut waiting = BTreeMap::new();
    let (mut keys, mut urls) = (Vec::new(), Vec::new());
    for (ally, cosigner) in WITNESSES.iter().zip(cosigners) {
        let listener =
            TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).map_err(|error| no_port(&error))?;
        let address = listener.local_addr().map_err(|error| no_port(&error))?;
        let url = format!("http://{address}");
        urls.push(url.clone());
        keys.push(cosigner.keys());
        waiting.insert((*ally).to_owned(), Waiting { cosigner, listener, url });
    }
    let named: Vec<WitnessKeys<'_>> = WITNESSES
        .iter()
        .zip(keys.iter().zip(&urls))
        .map(|(name, (keys, url))| WitnessKeys { name, keys, url: Some(url) })
        .collect();
    let policy = Policy::of_witnesses(&log.verifier(), &named, WITNESSES.len());
    let policy = policy.map_err(|error| failed(&error, error.advice()))?;
    let client = Client::new(None).map_err(|error| failed(&error, error.advice()))?;
    let mut witnesses = Witnesses { running: BTreeMap::new(), waiting, policy, log: log.verifier(), client };
    witnesses.run(place, WITNESSES[0])?;
    Ok(witnesses)
}

fn no_port(error: &std::io::Error) -> Failure {
    Failure::failed(
        format!("no port for a witness on this machine: {error}"),
        "allow the demo to listen on 127.0.0.1",
    )
}

impl Witnesses {
    fn run(&mut self, place: &Place, ally: &str) -> Result<(), Failure> {
        let Waiting { cosigner, listener, .. } =
            self.waiting.remove(ally).ok_or_else(|| unexpected("there is no such witness"))?;
        let record = WitnessRecord::open(&place.at(&format!("{FOLDER}/{ally}.record")));
        let record = record.map_err(|error| failed(&error, error.advice()))?;
        let witness = Witness::new(cosigner, vec![self.log.clone()], record, Box::new(posix_now));
        let witness = witness.map_err(|error| failed(&error, error.advice()))?;
        let service = Service::start(listener, routes(witness, TIME, Box::new(report)), Limits::default());
        self.running.insert(ally.to_owned(), service.map_err(|error| no_port(&error))?);
        Ok(())
    }

    /// Ends all of them.
    pub(super) fn stop(self) {
        self.running.into_values().for_each(Service::stop);
    }
}

impl Stage<'_> {
    /// Asks every witness that runs; those that do not are told at once, not after the time is over.
    fn collect(&mut self) -> Result<Collected, Failure> {
        // A listener that nobody reads lets a client wait: whoever is offline has none.
        let Witnesses { waiting, policy, client, .. } = &mut self.witnesses;
        let asked = policy.without_urls(|url| waiting.values().any(|witness| witness.url == url));
        done(collect(&mut self.journal, client, &asked, TIME))
    }
}

/// The agreement is witnessed: first by too few, then by enough.
pub(super) fn witness(
    stage: &mut Stage<'_>,
    proposal: &ledger::Digest,
    story: &mut Story<'_>,
) -> Result<(), Failure> {
    story.step("witnesses cosign the log before anything is sealed");
    let first = stage.collect()?;
    let missing: Vec<String> = first.missing().into_iter().map(str::to_owned).collect();
    let refusal = refused(first.logged, "witness-quorum")?;
    story.does(&format!(
        "{} run witnesses; {} alone is online. The office asks all of them to cosign its checkpoint. Refused: {refusal}. Missing: {}.",
        WITNESSES.join(", "),
        WITNESSES[0],
        missing.join(", ")
    ));
    let agreed =
        stage.journal.state().agreed(proposal).ok_or_else(|| unexpected("the release is not agreed"))?;
    let early = agreed.seal(*proposal);
    let refusal = refused(stage.journal.act(early), "witnessed-before-seal")?;
    story.does(&format!("The office tries to seal all the same. Refused: {refusal}."));
    let place = stage.place;
    stage.witnesses.run(place, WITNESSES[1])?;
    let second = stage.collect()?;
    let size = done(second.logged)?;
    story.does(&format!(
        "{} comes online. Two of three have now cosigned {size} entries, each with Ed25519 and ML-DSA-44, after checking that this log \
         extends the one they saw before; the cosignatures are in the log.",
        WITNESSES[1]
    ));
    story.proves(
        "The office cannot show two allies two different logs: a witness cosigns only what extends all that it has cosigned before, \
         and without their signatures nothing leaves.",
    );
    story.file(place, FOLDER, "what each witness remembers of the log; in earnest on its own machine");
    Ok(())
}

/// The checkpoint that is published is cosigned too.
pub(super) fn publish(stage: &mut Stage<'_>) -> Result<(), Failure> {
    done(stage.collect()?.logged).map(|_| ())
}
