//! A small invented alliance with its log, its office and a company: what the other tests start from.

use std::collections::{BTreeMap, BTreeSet};

use label::{Classification, Information, Label};
use ledger::{
    Digest, Randomness,
    act::{
        self, Act, ActBody, Ballot, Code, Counter, Delegate, Delegation, Entrust, Epoch, History, LabelXml,
        Level, Member, Propose, Quorum, Reason, Reasoned, ReleaseDraft, RoundNumber, Scope, Subject, Tick,
        Title, UtcTime,
    },
    act_key::{P256SigningKey, Signer},
    checkpoint::SignedCheckpoint,
    cosignature::Cosigner,
    dsse::Envelope,
    key::SigningKey,
    log::LogSigner,
    merkle::{ConsistencyProof, Tree},
    note::{KeyName, SignatureLines},
    policy::{Policy, WitnessKeys},
    proof::LogProof,
    witness::{Request, WitnessState},
};
use package::{
    Content, Decision, OpenKey, SealKey, SealRequest, Sealed, Trust,
    content::FileName,
    decision::Logged,
    seal,
    trust::{TrustedRoster, Use},
};

/// An improbable figure, searched for wherever it must not be.
pub(crate) const CANARY: &str = "731908264517";

/// Bytes that depend on the seed alone.
pub(crate) struct Seeded(u64);

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed << 32)
    }
}

impl Randomness for Seeded {
    fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(32) {
            self.0 += 1;
            chunk.copy_from_slice(&Digest::of(&self.0.to_be_bytes()).as_bytes()[..chunk.len()]);
        }
    }
}

pub(crate) fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

pub(crate) fn at(text: &str) -> UtcTime {
    UtcTime::new(text).unwrap()
}

pub(crate) fn content(files: &[(&str, &[u8])]) -> Content {
    let files = files.iter().map(|(name, bytes)| (FileName::new(name).unwrap(), bytes.to_vec()));
    Content::new(files.collect()).unwrap()
}

pub(crate) fn label_xml(releasable_to: &[&str]) -> String {
    let information = Information::nato(Classification::NatoUnclassified, releasable_to).unwrap();
    let times = ["2026-11-22T16:00:00Z", "2031-11-22T16:00:00Z"].map(|t| t.parse().unwrap());
    Label::reviewed(information, None, times[0], times[1]).to_xml().unwrap()
}

/// Places in [`World::agreed`]: the consent that US gave beforehand, the proposal, what BE and two keys of NO say.
pub(crate) const US: usize = 0;
pub(crate) const PROPOSAL: usize = 1;
pub(crate) const BE: usize = 2;
pub(crate) const NO: [usize; 2] = [3, 4];

/// Keys of everybody. BE and US sign with one key, NO with two of three; a fourth key of NO may not agree to anything.
pub(crate) struct World {
    pub(crate) office: SigningKey,
    pub(crate) clock: SigningKey,
    pub(crate) seal: SealKey,
    pub(crate) log: LogSigner,
    pub(crate) members: BTreeMap<Code, Vec<Box<dyn Signer>>>,
    /// Of three allies; two must cosign, each with both its keys.
    pub(crate) witnesses: [Cosigner; 3],
    pub(crate) company: OpenKey,
    pub(crate) trust: Trust,
    pub(crate) content: Content,
}

impl World {
    pub(crate) fn new() -> Self {
        let cells = format!("variable,status,value\nA,published,{CANARY}\n");
        Self::with_content(content(&[
            ("release/cells.csv", cells.as_bytes()),
            ("README.txt", b"a release\n"),
        ]))
    }

    pub(crate) fn with_content(content: Content) -> Self {
        let mut seeded = Seeded::new(1);
        let office = SigningKey::generate(&mut seeded);
        let clock = SigningKey::generate(&mut seeded);
        let seal = SealKey::generate(&mut seeded).unwrap();
        let log = LogSigner::generate(KeyName::new("office.example/log").unwrap(), &mut seeded).unwrap();
        let mut key = || Box::new(SigningKey::generate(&mut seeded)) as Box<dyn Signer>;
        let (be, us, mut no) = (vec![key()], vec![key()], vec![key()]);
        no.push(Box::new(P256SigningKey::from_secret(&[7; 32]).unwrap()));
        no.extend([key(), key()]);
        let members = BTreeMap::from([(code("BE"), be), (code("NO"), no), (code("US"), us)]);
        let witnesses = ["BE", "NO", "US"].map(|ally| {
            let name = KeyName::new(&format!("witness.example/{ally}")).unwrap();
            Cosigner::generate(name, &mut seeded).unwrap()
        });
        let company = OpenKey::generate(&mut seeded).unwrap();
        let roster = roster(Epoch::FIRST, [&office, &clock], &members);
        let policy = policy(&log, &witnesses, 2);
        let trust = trust(Use::Exercise, &seal, &log, vec![roster], policy);
        Self { office, clock, seal, log, members, witnesses, company, trust, content }
    }

    pub(crate) fn propose(&self) -> Propose {
        self.propose_with(self.draft())
    }

    pub(crate) fn propose_with(&self, draft: ReleaseDraft) -> Propose {
        Propose {
            title: Title::new("Ground capability demand 2026-2035").unwrap(),
            subject: Subject::Release(draft),
            amends: None,
            round: RoundNumber::FIRST,
            roster_epoch: Epoch::FIRST,
            deadline_utc: at("2026-12-01T00:00:00Z"),
        }
    }

    pub(crate) fn draft(&self) -> ReleaseDraft {
        ReleaseDraft {
            content: act::Content::Figures,
            release: self.content.digest().unwrap(),
            certificate: Digest::of(b"certificate"),
            history: History::EMPTY,
            label: LabelXml::new(&label_xml(&["INDUSTRY"])).unwrap(),
            audience: BTreeSet::from([code("ACME"), code("BOLT")]),
            originators: self.members.keys().map(|c| (c.clone(), Digest::of(b"exposure"))).collect(),
            supersedes: None,
            wave: None,
        }
    }

    /// A key of a member.
    pub(crate) fn key(&self, member: &str, n: usize) -> &dyn Signer {
        self.members[&code(member)][n].as_ref()
    }

    /// Envelopes of a proposal and enough consents, in the order of the log.
    pub(crate) fn agreed(&self, propose: &Propose) -> Vec<Envelope> {
        let proposal = sign(&self.office, &Code::office(), ActBody::Propose(propose.clone()));
        let ballot =
            Ballot { proposal: proposal.digest(), round: propose.round, roster_epoch: propose.roster_epoch };
        let entrust = sign(self.key("US", 0), &code("US"), ActBody::Entrust(terms()));
        let approve = |member, n| sign(self.key(member, n), &code(member), ActBody::Approve(ballot));
        let reserve = sign(self.key("NO", 1), &code("NO"), ActBody::Reserve(reasoned(&ballot)));
        vec![entrust, proposal, approve("BE", 0), approve("NO", 0), reserve]
    }

    /// These envelopes in a log of their own, proofs under its last checkpoint, which two witnesses cosigned.
    pub(crate) fn logged(&self, envelopes: &[Envelope]) -> Vec<Logged> {
        self.logged_before(envelopes, &self.witnesses[..2])
    }

    pub(crate) fn logged_before(&self, envelopes: &[Envelope], witnesses: &[Cosigner]) -> Vec<Logged> {
        let tick =
            sign(&self.clock, &Code::office(), ActBody::Tick(Tick { at_utc: at("2026-11-22T16:00:00Z") }));
        let entries = std::iter::once(&tick).chain(envelopes).map(Envelope::to_bytes).collect::<Vec<_>>();
        let tree = Tree::of_entries(&entries);
        let mut checkpoint = SignedCheckpoint::sign(tree.size(), tree.root(), &self.log).unwrap();
        for witness in witnesses {
            let lines = self.cosign(&checkpoint, witness);
            checkpoint.add_cosignatures(&lines, &witness.keys()).unwrap();
        }
        let proof = |index| LogProof::new(&tree, index, checkpoint.clone()).unwrap();
        envelopes.iter().zip(1..).map(|(e, n)| Logged { envelope: e.clone(), proof: proof(n) }).collect()
    }

    fn cosign(&self, checkpoint: &SignedCheckpoint, witness: &Cosigner) -> SignatureLines {
        let proof = ConsistencyProof { old: 0, new: checkpoint.unverified().size, hashes: Vec::new() };
        let request = Request::new(&proof, checkpoint.clone()).unwrap();
        let mut state = WitnessState::new();
        let update = state.decide(&request, &[self.log.verifier()]).unwrap();
        let persisted = update.persist(&mut state, |_| Ok::<_, ()>(())).unwrap();
        persisted.cosign(witness, 1_795_363_200).unwrap()
    }

    pub(crate) fn decision(&self) -> Decision {
        decision(self.logged(&self.agreed(&self.propose())))
    }

    pub(crate) fn seal(&self, decision: &Decision) -> Result<Sealed, seal::SealError> {
        self.seal_copy(decision, 1)
    }

    pub(crate) fn seal_copy(&self, decision: &Decision, copy: u32) -> Result<Sealed, seal::SealError> {
        let receiver = code("ACME");
        let request = SealRequest {
            content: &self.content,
            decision,
            receiver: &receiver,
            receiver_key: self.company.public(),
            copy,
            sealed_utc: at("2026-11-23T09:00:00Z"),
            service: None,
        };
        seal::seal(&request, &self.seal, &self.trust, &mut Seeded::new(u64::from(copy) + 100))
    }

    pub(crate) fn package(&self) -> Vec<u8> {
        self.seal(&self.decision()).unwrap().bytes
    }
}

/// Bounds that cover the usual release by a little.
pub(crate) fn terms() -> Entrust {
    Entrust {
        audience: BTreeSet::from([code("ACME"), code("BOLT"), code("CORE")]),
        contents: BTreeSet::from([act::Content::Figures]),
        highest: Level::Unclassified,
        expires_utc: at("2026-12-01T00:00:01Z"),
    }
}

pub(crate) fn reasoned(ballot: &Ballot) -> Reasoned {
    let Ballot { proposal, round, roster_epoch } = *ballot;
    Reasoned {
        proposal,
        round,
        roster_epoch,
        reason: Reason::new("see the footnote").unwrap(),
        parts: BTreeSet::new(),
    }
}

pub(crate) fn sign(key: &dyn Signer, actor: &Code, body: ActBody) -> Envelope {
    Act::new(actor.clone(), Counter::FIRST, body).sign(key).unwrap()
}

pub(crate) fn decision(mut logged: Vec<Logged>) -> Decision {
    let proposal = logged.remove(PROPOSAL);
    Decision::new(proposal, logged).unwrap()
}

pub(crate) fn delegate(id: &str, key: &dyn Signer, scopes: &[Scope]) -> Delegate {
    let scopes = scopes.iter().copied().collect();
    Delegate { id: code(id), key: key.key(), scopes, expires_utc: at("2028-01-01T00:00:00Z") }
}

/// The roster in which the office has a desk and a clock, and members as [`World`] says.
pub(crate) fn roster(
    epoch: Epoch,
    [desk, clock]: [&SigningKey; 2],
    members: &BTreeMap<Code, Vec<Box<dyn Signer>>>,
) -> TrustedRoster {
    let office = vec![
        delegate("clock", clock, &[Scope::Clock, Scope::Seal]),
        delegate("desk", desk, &[Scope::Propose, Scope::Govern]),
    ];
    let member = |(code, keys): (&Code, &Vec<Box<dyn Signer>>)| {
        let delegates = keys.iter().enumerate().map(|(n, key)| {
            let scope = if n < 3 { Scope::Agree } else { Scope::Deposit };
            delegate(&format!("d{n}"), key.as_ref(), &[scope, Scope::Govern])
        });
        let quorum = Quorum::new(if keys.len() > 1 { 2 } else { 1 }).unwrap();
        let delegation = Delegation { quorum, delegates: delegates.collect() };
        Member { code: code.clone(), delegation }
    };
    TrustedRoster {
        epoch,
        office: Delegation { quorum: Quorum::FIRST, delegates: office },
        members: members.iter().map(member).collect(),
    }
}

/// The policy that `needed` of these witnesses cosign, each with both its keys.
pub(crate) fn policy(log: &LogSigner, witnesses: &[Cosigner], needed: usize) -> Policy {
    let keys = witnesses.iter().map(Cosigner::keys).collect::<Vec<_>>();
    let names = ["BE", "NO", "US"];
    let witnesses =
        names.iter().zip(&keys).map(|(name, keys)| WitnessKeys { name, keys, url: None }).collect::<Vec<_>>();
    Policy::of_witnesses(&log.verifier(), &witnesses, needed).unwrap()
}

pub(crate) fn trust(
    kind: Use,
    seal: &SealKey,
    log: &LogSigner,
    rosters: Vec<TrustedRoster>,
    witnesses: Policy,
) -> Trust {
    Trust::new(kind, log.verifier(), seal.public().card("office").unwrap(), rosters, witnesses).unwrap()
}

/// The members of a package, read by another implementation.
pub(crate) fn members(package: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(package)).unwrap();
    (0..archive.len())
        .map(|n| {
            let mut file = archive.by_index(n).unwrap();
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut file, &mut bytes).unwrap();
            (file.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

/// An archive in the one spelling, as an attacker would write it who knows the format: checksums fit, nothing is beside.
pub(crate) fn archive(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for (name, bytes) in members {
        // Sizes and checksum of a payload stand behind it.
        let behind = name == "0.payload";
        let offset = out.len() as u32;
        let length = (bytes.len() as u32).to_le_bytes();
        let facts = [crc32(bytes).to_le_bytes(), length, length].concat();
        let common = |facts: &[u8]| {
            let mut common = vec![20, 0, if behind { 8 } else { 0 }, 0, 0, 0, 0, 0, 0x21, 0];
            common.extend(facts);
            common.extend((name.len() as u16).to_le_bytes());
            common.extend([0, 0]);
            common
        };
        let before = if behind { common(&[0; 12]) } else { common(&facts) };
        out.extend([b"PK\x03\x04", before.as_slice(), name.as_bytes(), bytes].concat());
        if behind {
            out.extend([b"PK\x07\x08".as_slice(), &facts].concat());
        }
        directory.extend(
            [
                b"PK\x01\x02\x14\x00",
                common(&facts).as_slice(),
                &[0; 10],
                &offset.to_le_bytes(),
                name.as_bytes(),
            ]
            .concat(),
        );
    }
    let (count, start) = ((members.len() as u16).to_le_bytes(), (out.len() as u32).to_le_bytes());
    let length = (directory.len() as u32).to_le_bytes();
    out.extend(
        [directory.as_slice(), b"PK\x05\x06\0\0\0\0", &count, &count, &length, &start, &[0, 0]].concat(),
    );
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 },
        )
    })
}
