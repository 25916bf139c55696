//! A small invented alliance with its log, its office and a company: what the other tests start from.

use std::collections::{BTreeMap, BTreeSet};

use label::{Classification, Information, Label};
use ledger::{
    Digest, Randomness,
    act::{
        Act, ActBody, Approve, Code, Counter, Epoch, LabelXml, Propose, RoundNumber, Tick, Title, UtcTime,
    },
    checkpoint::SignedCheckpoint,
    dsse::Envelope,
    key::SigningKey,
    keyfile::{KeyKind, PublicCard},
    merkle::Tree,
    note::{KeyName, NoteSigner},
    proof::LogProof,
};
use package::{
    Content, Decision, OpenKey, SealKey, SealRequest, Sealed, Trust, content::FileName, decision::Logged,
    seal, trust::Use,
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

/// Keys of everybody.
pub(crate) struct World {
    pub(crate) office: SigningKey,
    pub(crate) seal: SealKey,
    pub(crate) log: NoteSigner,
    pub(crate) members: BTreeMap<Code, SigningKey>,
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
        let seal = SealKey::generate(&mut seeded).unwrap();
        let log =
            NoteSigner::new(KeyName::new("office.example/log").unwrap(), SigningKey::generate(&mut seeded));
        let members = ["BE", "NO", "US"].map(|c| (code(c), SigningKey::generate(&mut seeded)));
        let members = BTreeMap::from(members);
        let company = OpenKey::generate(&mut seeded).unwrap();
        let trust = trust(Use::Exercise, &office, &seal, &log, &members);
        Self { office, seal, log, members, company, trust, content }
    }

    pub(crate) fn propose(&self) -> Propose {
        Propose {
            title: Title::new("Ground capability demand 2026-2035").unwrap(),
            release: self.content.digest().unwrap(),
            certificate: Digest::of(b"certificate"),
            history: Vec::new(),
            label: LabelXml::new(&label_xml(&["INDUSTRY"])).unwrap(),
            audience: BTreeSet::from([code("ACME"), code("BOLT")]),
            originators: self.members.keys().cloned().collect(),
            round: RoundNumber::FIRST,
            roster_epoch: Epoch::FIRST,
            deadline_utc: at("2026-12-01T00:00:00Z"),
        }
    }

    pub(crate) fn proposal(&self, propose: Propose) -> Envelope {
        sign(&self.office, &Code::office(), ActBody::Propose(propose))
    }

    /// Envelopes of a proposal and everybody's approval.
    pub(crate) fn agreed(&self, propose: &Propose) -> Vec<Envelope> {
        let proposal = self.proposal(propose.clone());
        let approve = ActBody::Approve(Approve {
            proposal: proposal.digest(),
            round: propose.round,
            roster_epoch: propose.roster_epoch,
        });
        let approvals = self.members.iter().map(|(code, key)| sign(key, code, approve.clone()));
        std::iter::once(proposal).chain(approvals).collect()
    }

    /// These envelopes in a log of their own, proofs under its last checkpoint.
    pub(crate) fn logged(&self, envelopes: &[Envelope]) -> Vec<Logged> {
        let tick =
            sign(&self.office, &Code::office(), ActBody::Tick(Tick { at_utc: at("2026-11-22T16:00:00Z") }));
        let entries = std::iter::once(&tick).chain(envelopes).map(Envelope::to_bytes).collect::<Vec<_>>();
        let tree = Tree::of_entries(&entries);
        let checkpoint = SignedCheckpoint::sign(tree.size(), tree.root(), &self.log).unwrap();
        let proof = |index| LogProof::new(&tree, index, checkpoint.clone()).unwrap();
        envelopes.iter().zip(1..).map(|(e, n)| Logged { envelope: e.clone(), proof: proof(n) }).collect()
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
        };
        seal::seal(&request, &self.seal, &self.trust, &mut Seeded::new(u64::from(copy) + 100))
    }

    pub(crate) fn package(&self) -> Vec<u8> {
        self.seal(&self.decision()).unwrap().bytes
    }
}

pub(crate) fn sign(key: &SigningKey, actor: &Code, body: ActBody) -> Envelope {
    Act::new(actor.clone(), Counter::FIRST, body).sign(key).unwrap()
}

pub(crate) fn decision(mut logged: Vec<Logged>) -> Decision {
    let proposal = logged.remove(0);
    Decision::new(proposal, logged).unwrap()
}

pub(crate) fn trust(
    kind: Use,
    office: &SigningKey,
    seal: &SealKey,
    log: &NoteSigner,
    members: &BTreeMap<Code, SigningKey>,
) -> Trust {
    let act =
        |name: &str, key: &SigningKey| PublicCard::ed25519(KeyKind::Act, name, &key.verifying_key()).unwrap();
    let members = members.iter().map(|(code, key)| (code.clone(), act(code.as_str(), key)));
    Trust::new(
        kind,
        log.verifier(),
        act("OFFICE", office),
        seal.public().card("office").unwrap(),
        Epoch::FIRST,
        members.collect(),
    )
    .unwrap()
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
        let offset = out.len() as u32;
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        common.extend(crc32(bytes).to_le_bytes());
        common.extend((bytes.len() as u32).to_le_bytes());
        common.extend((bytes.len() as u32).to_le_bytes());
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        out.extend([b"PK\x03\x04", common.as_slice(), name.as_bytes(), bytes].concat());
        directory.extend(
            [b"PK\x01\x02\x14\x00", common.as_slice(), &[0; 10], &offset.to_le_bytes(), name.as_bytes()]
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
