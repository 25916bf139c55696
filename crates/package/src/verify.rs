//! Checking a package offline, without any secret key.
//!
//! # Guarantee
//! A package verifies only if every byte of its file is accounted for, the trusted office signed all of it with both algorithms,
//! and every originator that the office's proposal names consented, by its quorum of keys, to exactly that proposal, with its label
//! and audience, or beforehand to releases within bounds that cover it; in the trusted log, cosigned as the trusted policy asks. That
//! the content is the one proposed is checked when it is opened: nobody else can see it. What a reader without the whole log cannot
//! see is listed in [`crate::decision`].

use std::{collections::BTreeMap, error::Error};

use label::Label;
use ledger::{Digest, act::Code, policy::Quorum};

use crate::{
    crypto::TAG_LEN,
    decision::{Consent, Decision, Proposal},
    manifest::Manifest,
    report::{CheckName, Report},
    signature::Signatures,
    statement::{Part, STATEMENT_TYPE, Statement},
    trust::Trust,
    zip,
};

/// The encrypted content. The specification says `payload`; clients write and read this.
pub(crate) const PAYLOAD: &str = "0.payload";
/// The manifest. The specification says `manifest.json`; clients write and read this.
const MANIFEST: &str = "0.manifest.json";
const LABEL: &str = "label.xml";
const DECISION: &str = "decision.json";
const STATEMENT: &str = "release.json";
const SIGNATURES: &str = "signatures.json";

/// The members of a package, in their order.
pub(crate) const MEMBERS: [&str; 6] = [PAYLOAD, MANIFEST, LABEL, DECISION, STATEMENT, SIGNATURES];

/// Longest package in bytes: the longest content with its segments' overhead, and all other members at their longest.
pub const PACKAGE_BYTES_MAX: usize = crate::content::CONTENT_BYTES_MAX + 16 * 1024 * 1024;

/// A package that verified. Only this can be opened ([`Verified::open`]).
#[derive(Debug)]
pub struct Verified<'a> {
    pub(crate) manifest: Manifest,
    pub(crate) payload: &'a [u8],
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

/// The members, found but not judged.
struct Members<'a> {
    payload: &'a [u8],
    manifest: &'a [u8],
    label: &'a [u8],
    decision: &'a [u8],
    statement: &'a [u8],
    signatures: &'a [u8],
}

/// Checks a package. Never stops at the first fault: the report of a refused package says all that does not hold.
///
/// # Errors
/// The report, when anything does not hold. Being refused is an answer; nothing here is an error of the program.
pub fn verify<'a>(package: &'a [u8], trust: &Trust) -> Result<Verified<'a>, Report> {
    let mut report = Report::new();
    let Some(members) = container(package, &mut report) else { return Err(report) };
    let manifest = report.note(CheckName::Manifest, manifest(&members));
    let statement = report.note(CheckName::Statement, statement(&members));
    signatures(&members, trust, &mut report);
    if let Some(statement) = &statement {
        report.note(CheckName::Digests, digests(&members, statement));
    }
    if let Some(manifest) = &manifest {
        report.note(CheckName::Segments, segments(manifest, members.payload));
    }
    let decision = Decision::from_bytes(members.decision);
    let proposal = match &decision {
        Ok(decision) => decide(decision, trust, &mut report),
        Err(error) => report.note(CheckName::Proposal, Err(in_full(error))),
    };
    let mut label = None;
    if let (Some(manifest), Some(statement), Some(proposal)) = (&manifest, &statement, &proposal) {
        label = report.note(CheckName::Label, label_bound(&members, manifest, statement, proposal));
        report.note(CheckName::Consistent, consistent(manifest, statement, proposal, trust));
        report.note(CheckName::Audience, audience(statement, proposal));
    }
    match (manifest, statement, proposal, label) {
        (Some(manifest), Some(statement), Some(proposal), Some(label)) if report.passed() => Ok(Verified {
            manifest,
            payload: members.payload,
            proposal,
            report,
            statement,
            label,
            digest: Digest::of(package),
        }),
        _ => Err(report),
    }
}

/// A check that holds: what is handed on, and the detail.
type Held<T> = Result<(T, String), String>;

fn container<'a>(package: &'a [u8], report: &mut Report) -> Option<Members<'a>> {
    if package.len() > PACKAGE_BYTES_MAX {
        let detail =
            format!("{} bytes, more than the {PACKAGE_BYTES_MAX} of the largest package", package.len());
        return report.note(CheckName::Container, Err(detail));
    }
    let read = match zip::read(package) {
        Ok(read) => read,
        Err(error) => return report.note(CheckName::Container, Err(error.to_string())),
    };
    let names = read.members.iter().map(|(name, _)| *name).collect::<Vec<_>>();
    let contents = read.members.iter().map(|(_, bytes)| *bytes).collect::<Vec<_>>();
    let ([payload, manifest, label, decision, statement, signatures], true) =
        (contents.as_slice(), names == MEMBERS)
    else {
        let found =
            names.iter().take(MEMBERS.len() + 1).map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
        return report
            .note(CheckName::Container, Err(format!("its members are not those of a package: {found}")));
    };
    let outcome = match read.fault {
        None => Ok(((), format!("{} bytes in {} members, none beside them", package.len(), names.len()))),
        Some(fault) => Err(fault.to_string()),
    };
    // A fault here fails the package; the other checks still say what they find.
    report.note(CheckName::Container, outcome);
    Some(Members { payload, manifest, label, decision, statement, signatures })
}

fn manifest(members: &Members<'_>) -> Held<Manifest> {
    let manifest = Manifest::from_bytes(members.manifest).map_err(|error| error.to_string())?;
    let detail =
        format!("OpenTDF, {} segments, sealed to key {}", manifest.segments.len(), manifest.receiver_key);
    Ok((manifest, detail))
}

fn statement(members: &Members<'_>) -> Held<Statement> {
    let statement = Statement::from_bytes(members.statement);
    let statement = statement.ok_or("`release.json` is not a statement in its one form")?;
    let detail =
        format!("copy {} for {}, sealed {}", statement.copy, statement.receiver, statement.sealed_utc);
    Ok((statement, detail))
}

fn signatures(members: &Members<'_>, trust: &Trust, report: &mut Report) {
    let wanted = trust.office_seal().id();
    let held = |holds: fn(&Signatures, &crate::key::SealPublic, &str, &[u8]) -> bool| {
        let read = Signatures::from_bytes(members.signatures);
        let read = read.ok_or("`signatures.json` is not a file of signatures in its one form")?;
        if read.key != wanted {
            return Err(format!("signed with key {}, not with the office's {wanted}", read.key));
        }
        if !holds(&read, trust.seal_key(), STATEMENT_TYPE, members.statement) {
            return Err("the signature does not fit `release.json`".to_owned());
        }
        Ok(((), format!("by the office's key {wanted}")))
    };
    report.note(CheckName::SignatureEd25519, held(Signatures::ed25519_holds));
    report.note(CheckName::SignatureMlDsa, held(Signatures::ml_dsa_holds));
}

fn digests(members: &Members<'_>, statement: &Statement) -> Held<()> {
    let parts = [
        (PAYLOAD, members.payload, statement.payload),
        (MANIFEST, members.manifest, statement.manifest),
        (LABEL, members.label, statement.label),
        (DECISION, members.decision, statement.decision),
    ];
    let changed = parts
        .into_iter()
        .filter(|(_, bytes, part)| Part::of(bytes) != *part)
        .map(|(name, ..)| format!("`{name}`"));
    let changed = changed.collect::<Vec<_>>();
    if changed.is_empty() {
        Ok(((), "payload, manifest, label and decision are the ones signed for".to_owned()))
    } else {
        Err(format!("not the one signed for: {}", changed.join(", ")))
    }
}

fn segments(manifest: &Manifest, payload: &[u8]) -> Held<()> {
    let mut rest = payload;
    for (segment, number) in manifest.segments.iter().zip(1..) {
        let length = segment.plain_bytes + crate::crypto::OVERHEAD;
        let (sealed, after) = rest
            .split_at_checked(length)
            .ok_or_else(|| format!("the payload ends within segment {number}"))?;
        if sealed.last_chunk::<TAG_LEN>() != Some(&segment.tag) {
            return Err(format!("segment {number} is not the one that the manifest lists"));
        }
        rest = after;
    }
    if rest.is_empty() {
        Ok(((), format!("{} bytes in {} segments", payload.len(), manifest.segments.len())))
    } else {
        Err(format!("{} bytes after the last segment", rest.len()))
    }
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
    members: &Members<'_>,
    manifest: &Manifest,
    statement: &Statement,
    proposal: &Proposal,
) -> Held<Label> {
    let label = Label::from_xml(members.label).map_err(|error| error.to_string())?;
    if members.label != manifest.label_xml.as_bytes() {
        return Err("the label beside the manifest is not the one in it".to_owned());
    }
    if members.label != proposal.release.label.as_str().as_bytes() {
        return Err("the label is not the one that was agreed".to_owned());
    }
    if statement.marking != label.marking() {
        return Err("the marking is not that of the label".to_owned());
    }
    let detail = statement.marking.clone();
    Ok((label, detail))
}

fn consistent(manifest: &Manifest, statement: &Statement, proposal: &Proposal, trust: &Trust) -> Held<()> {
    let pairs = [
        ("package id", manifest.package == statement.package),
        ("receiver", manifest.receiver == statement.receiver),
        ("receiver's key", manifest.receiver_key == statement.receiver_key),
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
