//! Checking a package offline, without any secret key.
//!
//! # Guarantee
//! A package verifies only if every byte of its file is accounted for, the trusted office signed all of it with both algorithms,
//! and every originator that the office's proposal names consented, by its quorum of keys, to exactly that proposal, with its label
//! and audience, or beforehand to releases within bounds that cover it; in the trusted log, cosigned as the trusted policy asks. That
//! the content is the one proposed is checked when it is opened: nobody else can see it. What a reader without the whole log cannot
//! see is listed in [`crate::decision`].

use std::{collections::BTreeMap, error::Error, fmt, io};

use label::Label;
use ledger::{Digest, act::Code, policy::Quorum};

use crate::{
    cores::{Cores, InTurn},
    crypto::{OVERHEAD, TAG_LEN},
    decision::{Consent, DECISION_BYTES_MAX, Decision, Proposal},
    layout::{DECISION, LABEL, Layout, LayoutError, MANIFEST, MEMBERS, PAYLOAD, Span},
    manifest::{MANIFEST_BYTES_MAX, Manifest},
    profile::Profile,
    report::{CheckName, Report},
    signature::{SIGNATURES_BYTES_MAX, Signatures},
    source::{Source, read_part},
    statement::{Part, STATEMENT_BYTES_MAX, STATEMENT_TYPE, Statement},
    trust::Trust,
    zip,
};

mod sums;

use sums::{Sums, sums};

/// Longest package in bytes.
pub const PACKAGE_BYTES_MAX: u64 = zip::ARCHIVE_BYTES_MAX;

/// A package that verified. Only this can be opened ([`Verified::open`]).
pub struct Verified<'a> {
    pub(crate) manifest: Manifest,
    pub(crate) source: Box<dyn Source + 'a>,
    /// Where the payload starts.
    pub(crate) payload: u64,
    pub(crate) proposal: Proposal,
    report: Report,
    statement: Statement,
    label: Label,
    digest: Digest,
}

impl Verified<'_> {
    /// What was checked.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// What the office says of the package.
    #[must_use]
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// Its label.
    #[must_use]
    pub fn label(&self) -> &Label {
        &self.label
    }

    /// What was agreed.
    #[must_use]
    pub fn proposal(&self) -> &Proposal {
        &self.proposal
    }

    /// Digest of the file, by which acts name the package.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

impl fmt::Debug for Verified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Verified({:?})", self.statement)
    }
}

/// A package that did not verify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What was checked. Being refused is an answer; nothing in it is an error of the program.
    pub report: Report,
    /// Digest of the file.
    pub digest: Digest,
}

/// What is judged of a package beside its agreement and its payload: the copy's own, and what it says of the rest.
pub(crate) struct Parts<'a> {
    pub(crate) label: &'a [u8],
    pub(crate) decision: Part,
    pub(crate) manifest: &'a [u8],
    pub(crate) statement: &'a [u8],
    pub(crate) signatures: &'a [u8],
    pub(crate) prefix: Part,
}

/// What the parts of a copy's own say.
pub(crate) struct Own {
    /// The manifest, if it reads as one.
    manifest: Option<Manifest>,
    /// Statement and label, if everything in the parts holds.
    pub(crate) held: Option<(Statement, Label)>,
}

/// Checks a package in memory. Never stops at the first fault: the report of a refused package says all that does not hold.
///
/// # Errors
/// The report, when anything does not hold.
pub fn verify<'a>(package: &'a [u8], trust: &Trust) -> Result<Verified<'a>, Report> {
    match verify_source(Box::new(package), trust, &InTurn) {
        Ok(verdict) => verdict.map_err(|refused| refused.report),
        // A byte string ends, but reading it does not fail.
        Err(error) => {
            let mut report = Report::new();
            report.note::<()>(CheckName::Container, Err(error.to_string()));
            Err(report)
        }
    }
}

/// Checks a package of any length, in memory of a constant size. Never stops at the first fault.
///
/// # Errors
/// That it could not be read. That it does not verify is an answer: [`Refused`].
pub fn verify_source<'a>(
    source: Box<dyn Source + 'a>,
    trust: &Trust,
    cores: &dyn Cores,
) -> io::Result<Result<Verified<'a>, Refused>> {
    let mut report = Report::new();
    let layout = match Layout::read(&*source) {
        Ok(layout) => layout,
        Err(LayoutError::Io(error)) => return Err(error),
        Err(LayoutError::Fault(detail)) => {
            report.note::<()>(CheckName::Container, Err(detail));
            // What is too long for a package is not read to its end.
            let whole = source.bytes() <= PACKAGE_BYTES_MAX;
            let digest = if whole { sums(&*source, None, cores)?.file } else { Digest::of(&[]) };
            return Ok(Err(Refused { report, digest }));
        }
    };
    let sums = sums(&*source, Some(&layout), cores)?;
    let [payload, label, decision, manifest, statement, signatures] = &layout.members;
    let read = |span: &Span, most: usize| {
        // One byte more than there may be, so that its reader sees that it is too long.
        let bytes = usize::try_from(span.facts.bytes).map_or(most + 1, |bytes| bytes.min(most + 1));
        read_part(&*source, span.offset, bytes)
    };
    let label = read(label, label::LABEL_BYTES_MAX)?;
    let decision = read(decision, DECISION_BYTES_MAX)?;
    let manifest = read(manifest, MANIFEST_BYTES_MAX)?;
    let statement = read(statement, STATEMENT_BYTES_MAX)?;
    let signatures = read(signatures, SIGNATURES_BYTES_MAX)?;
    report.note(
        CheckName::Container,
        checksums(&layout, &sums, [&label, &decision, &manifest, &statement, &signatures]),
    );
    let parts = Parts {
        label: &label,
        decision: Part::of(&decision),
        manifest: &manifest,
        statement: &statement,
        signatures: &signatures,
        prefix: Part::new(sums.prefix, layout.prefix),
    };
    let proposal = match &Decision::from_bytes(&decision) {
        Ok(decision) => decide(decision, trust, &mut report),
        Err(error) => report.note(CheckName::Proposal, Err(in_full(error))),
    };
    let own = own_checks(&parts, proposal.as_ref(), trust, &mut report);
    if let Some(manifest) = &own.manifest {
        let held = segments(manifest, payload, &*source)?;
        report.note(CheckName::Segments, held);
    }
    let (payload, digest) = (payload.offset, sums.file);
    Ok(match (own.manifest, own.held, proposal) {
        (Some(manifest), Some((statement, label)), Some(proposal)) if report.passed() => {
            Ok(Verified { manifest, source, payload, proposal, report, statement, label, digest })
        }
        _ => Err(Refused { report, digest }),
    })
}

/// Checks what is a copy's own, and what it says of the rest.
pub(crate) fn own_checks(
    parts: &Parts<'_>,
    proposal: Option<&Proposal>,
    trust: &Trust,
    report: &mut Report,
) -> Own {
    let manifest = report.note(CheckName::Manifest, manifest(parts));
    let statement = report.note(CheckName::Statement, statement(parts));
    let signed = signatures(parts, trust, report);
    let digests = statement.as_ref().and_then(|said| report.note(CheckName::Digests, digests(parts, said)));
    let (Some(found), Some(said), Some(proposal)) = (&manifest, statement, proposal) else {
        return Own { manifest, held: None };
    };
    let label = report.note(CheckName::Label, label_bound(parts, found, &said, proposal));
    let held = [
        report.note(CheckName::Policy, policy_bound(parts, found, proposal)),
        report.note(CheckName::Profile, profile(found, &said, label.as_ref(), trust)),
        report.note(CheckName::Consistent, consistent(found, &said, proposal, trust)),
        report.note(CheckName::Audience, audience(&said, proposal)),
        digests,
        signed.then_some(()),
    ];
    let held = label.filter(|_| held.iter().all(Option::is_some)).map(|label| (said, label));
    Own { manifest, held }
}

/// A check that holds: what is handed on, and the detail.
type Held<T> = Result<(T, String), String>;

/// The headers were compared when the layout was read; here the checksums beside them.
fn checksums(layout: &Layout, sums: &Sums, members: [&[u8]; 5]) -> Held<()> {
    let found = [sums.payload].into_iter().chain(members.map(zip::crc32));
    let faulty =
        MEMBERS.iter().zip(&layout.members).zip(found).find(|((_, span), sum)| span.facts.checksum != *sum);
    match faulty {
        None => Ok(((), format!("{} bytes in {} members, none beside them", layout.bytes, MEMBERS.len()))),
        Some(((name, _), _)) => Err(format!("the checksum of `{name}` does not fit its content")),
    }
}

fn manifest(parts: &Parts<'_>) -> Held<Manifest> {
    let manifest = Manifest::from_bytes(parts.manifest).map_err(|error| error.to_string())?;
    let detail =
        format!("OpenTDF, {} segments, sealed to key {}", manifest.segments.len(), manifest.receiver_key);
    Ok((manifest, detail))
}

fn statement(parts: &Parts<'_>) -> Held<Statement> {
    let statement = Statement::from_bytes(parts.statement);
    let statement = statement.ok_or("`release.json` is not a statement in its one form")?;
    let detail =
        format!("copy {} for {}, sealed {}", statement.copy, statement.receiver, statement.sealed_utc);
    Ok((statement, detail))
}

fn signatures(parts: &Parts<'_>, trust: &Trust, report: &mut Report) -> bool {
    let wanted = trust.office_seal().id();
    let held = |holds: fn(&Signatures, &crate::key::SealPublic, &str, &[u8]) -> bool| {
        let read = Signatures::from_bytes(parts.signatures);
        let read = read.ok_or("`signatures.json` is not a file of signatures in its one form")?;
        if read.key != wanted {
            return Err(format!("signed with key {}, not with the office's {wanted}", read.key));
        }
        if !holds(&read, trust.seal_key(), STATEMENT_TYPE, parts.statement) {
            return Err("the signature does not fit `release.json`".to_owned());
        }
        Ok(((), format!("by the office's key {wanted}")))
    };
    let ed25519 = report.note(CheckName::SignatureEd25519, held(Signatures::ed25519_holds));
    let ml_dsa = report.note(CheckName::SignatureMlDsa, held(Signatures::ml_dsa_holds));
    ed25519.is_some() && ml_dsa.is_some()
}

fn digests(parts: &Parts<'_>, statement: &Statement) -> Held<()> {
    let named = [
        (LABEL, Part::of(parts.label), statement.label),
        (DECISION, parts.decision, statement.decision),
        (MANIFEST, Part::of(parts.manifest), statement.manifest),
    ];
    let changed = named.into_iter().filter(|(_, found, signed)| found != signed).map(|(name, ..)| name);
    let mut changed = changed.collect::<Vec<_>>();
    // The prefix is the payload with the two before and their headers.
    if parts.prefix != statement.prefix && !changed.iter().any(|name| [LABEL, DECISION].contains(name)) {
        changed.insert(0, PAYLOAD);
    }
    if changed.is_empty() {
        Ok(((), "payload, label, decision and manifest are the ones signed for".to_owned()))
    } else {
        Err(format!("not the one signed for: `{}`", changed.join("`, `")))
    }
}

/// Whether the payload has the segments that the manifest lists, by the tags at their ends.
fn segments(manifest: &Manifest, payload: &Span, source: &dyn Source) -> io::Result<Held<()>> {
    let mut left = u64::from(payload.facts.bytes);
    let mut offset = payload.offset;
    for (segment, number) in manifest.segments.iter().zip(1..) {
        let length = (segment.plain_bytes + OVERHEAD) as u64;
        let Some(rest) = left.checked_sub(length) else {
            return Ok(Err(format!("the payload ends within segment {number}")));
        };
        (left, offset) = (rest, offset + length);
        let mut tag = [0; TAG_LEN];
        source.read_at(offset - TAG_LEN as u64, &mut tag)?;
        if tag != segment.tag {
            return Ok(Err(format!("segment {number} is not the one that the manifest lists")));
        }
    }
    Ok(if left == 0 {
        Ok(((), format!("{} bytes in {} segments", payload.facts.bytes, manifest.segments.len())))
    } else {
        Err(format!("{left} bytes after the last segment"))
    })
}

/// Proposal, consents, log and witnesses; gives the proposal if the office signed it.
fn decide(decision: &Decision, trust: &Trust, report: &mut Report) -> Option<Proposal> {
    let proposal = decision.proposal(trust).map_err(|error| in_full(&error));
    let proposal = proposal.map(|proposal| {
        let detail = format!(
            "`{}`, round {}, roster {}, signed by the office",
            proposal.propose.title, proposal.propose.round, proposal.propose.roster_epoch
        );
        (proposal, detail)
    });
    let proposal = report.note(CheckName::Proposal, proposal);
    if let Some(proposal) = &proposal {
        let consents = decision.consents(trust, proposal).map_err(|error| in_full(&error));
        let detail = |consents| ((), consented(&consents, proposal, trust));
        report.note(CheckName::Approvals, consents.map(detail));
    }
    let logged = decision.logged(trust).map_err(|error| in_full(&error));
    let detail =
        |size| ((), format!("all stand in `{}`, under its checkpoint of size {size}", trust.log().name()));
    report.note(CheckName::Ledger, logged.map(detail));
    let witnessed = decision.witnessed(trust).map_err(|error| in_full(&error));
    report.note(CheckName::Witnessed, witnessed.map(|quorum| ((), cosigned(&quorum, trust))));
    proposal
}

/// An error with its causes: a line of a report says all of it.
fn in_full(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

fn consented(consents: &BTreeMap<Code, Consent>, proposal: &Proposal, trust: &Trust) -> String {
    let list = |codes: &mut dyn Iterator<Item = &Code>| {
        codes.map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    let originators = &proposal.release.originators;
    let mut text = format!("all {} originators consented", originators.len());
    let beforehand =
        consents.iter().filter(|(code, how)| **how == Consent::Beforehand && originators.contains_key(*code));
    let beforehand = list(&mut beforehand.map(|(code, _)| code));
    if !beforehand.is_empty() {
        text.push_str(&format!(", {beforehand} beforehand"));
    }
    let uninvolved = list(&mut proposal.uninvolved(trust).iter());
    if !uninvolved.is_empty() {
        text.push_str(&format!("; by the proposal, nothing of {uninvolved} is in it"));
    }
    text
}

fn cosigned(quorum: &Quorum, trust: &Trust) -> String {
    if !trust.witnesses().needs_witnesses() {
        return "the trust file asks for no witnesses".to_owned();
    }
    let names = quorum.cosigned.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    format!("cosigned by {names}, the quorum of the trust file")
}

fn label_bound(
    parts: &Parts<'_>,
    manifest: &Manifest,
    statement: &Statement,
    proposal: &Proposal,
) -> Held<Label> {
    let label = Label::from_xml(parts.label).map_err(|error| error.to_string())?;
    if parts.label != manifest.label_xml.as_bytes() {
        return Err("the label beside the manifest is not the one in it".to_owned());
    }
    if parts.label != proposal.release.label.as_str().as_bytes() {
        return Err("the label is not the one that was agreed".to_owned());
    }
    if statement.marking != label.marking() {
        return Err("the marking is not that of the label".to_owned());
    }
    let detail = statement.marking.clone();
    Ok((label, detail))
}

fn policy_bound(parts: &Parts<'_>, manifest: &Manifest, proposal: &Proposal) -> Held<()> {
    if manifest.label != Digest::of(parts.label) {
        return Err("the policy names another label".to_owned());
    }
    if manifest.proposal != proposal.digest {
        return Err("the policy names another proposal".to_owned());
    }
    Ok(((), "it names this label and this proposal by their digests".to_owned()))
}

fn profile(manifest: &Manifest, statement: &Statement, label: Option<&Label>, trust: &Trust) -> Held<()> {
    let found = manifest.profile();
    if found != statement.profile {
        return Err(format!(
            "the key is wrapped as in profile {found}, the statement says {}",
            statement.profile
        ));
    }
    match (found, label) {
        (Profile::Pq, _) => Ok(((), "pq: the content key is wrapped for the receiver alone".to_owned())),
        (Profile::Interop, Some(label)) => {
            let classification = label.information().classification();
            if !trust.interop().contains(&classification) {
                return Err(format!("interop, which the trust file does not allow for {classification}"));
            }
            Ok(((), format!("interop: wrapped for a key access service too, allowed for {classification}")))
        }
        (Profile::Interop, None) => Err("interop, under a label that does not hold".to_owned()),
    }
}

fn consistent(manifest: &Manifest, statement: &Statement, proposal: &Proposal, trust: &Trust) -> Held<()> {
    let pairs = [
        ("package id", manifest.package == statement.package),
        ("receiver", manifest.receiver == statement.receiver),
        ("receiver's key", manifest.receiver_key == statement.receiver_key),
        ("certificate", proposal.release.certificate == statement.certificate),
        ("title", proposal.propose.title == statement.title),
        ("kind of use (exercise or real)", trust.kind() == statement.kind),
        ("copy number", statement.copy > 0),
    ];
    match pairs.into_iter().find(|(_, same)| !same) {
        None => Ok(((), format!("package {}", statement.package))),
        Some((what, _)) => Err(format!("its parts, or its trust file, differ in the {what}")),
    }
}

fn audience(statement: &Statement, proposal: &Proposal) -> Held<()> {
    if proposal.release.audience.contains(&statement.receiver) {
        Ok(((), format!("{} is in the audience that was agreed", statement.receiver)))
    } else {
        Err(format!("{} is not in the audience that was agreed", statement.receiver))
    }
}
