//! The keys of everybody in the story, and the files they are kept in.
//!
//! One person holds them all here, which nobody would in earnest: in the story each ally's key is used for that ally's acts
//! only, and the log cannot tell the difference.

use std::collections::BTreeMap;
use std::path::Path;

use ledger::act::{self, Code, Epoch, Name};
use ledger::key::SigningKey;
use ledger::keyfile::{Cost, KeyFile, KeyKind, PublicCard};
use ledger::note::NoteSigner;
use ledger::{Digest, Randomness};
use package::trust::Use;
use package::{OpenKey, OpenPublic, SealKey, Trust};
use zeroize::Zeroizing;

use super::alliance::{self, Party};
use super::place::Place;
use crate::failure::Failure;
use crate::folder;
use crate::office_shell::failed;
use crate::office_shell::keys;
use crate::office_shell::passphrase::Passphrase;
use crate::office_shell::randomness::OsRandomness;

/// The origin of the demo's log; `.invalid` never resolves (RFC 6761).
const ORIGIN: &str = "tearline-demo.invalid/log";
/// Where the passphrase of all keys stands.
pub(super) const PASSPHRASE: &str = "keys/PASSPHRASE";

/// A company and its keys.
pub(super) struct Company {
    pub(super) name: Name,
    pub(super) act: SigningKey,
    pub(super) open: PublicCard,
    /// Its key file, below the folder of the demo.
    pub(super) open_file: String,
}

/// Everybody's keys.
pub(super) struct Cast {
    pub(super) seal: SealKey,
    pub(super) open: OpenKey,
    pub(super) allies: BTreeMap<Code, SigningKey>,
    pub(super) companies: BTreeMap<Code, Company>,
    pub(super) passphrase: Passphrase,
    /// Key files written.
    pub(super) count: usize,
    cards: Cards,
}

/// The office's keys that log and date.
pub(super) struct JournalKeys {
    pub(super) log: NoteSigner,
    pub(super) office: SigningKey,
}

struct Cards {
    act: PublicCard,
    seal: PublicCard,
    open: PublicCard,
    allies: BTreeMap<Code, PublicCard>,
}

/// Makes key files, one after the other.
struct Maker<'a> {
    folder: &'a Path,
    passphrase: &'a Passphrase,
    randomness: &'a mut OsRandomness,
    count: usize,
}

impl Maker<'_> {
    fn make(&mut self, kind: KeyKind, name: &str, file: &str) -> Result<KeyFile, Failure> {
        let key = keys::generate(kind, name, self.randomness)?;
        // The passphrase stands beside the keys, so a dear cost would protect nothing here; `tearline key new` takes the
        // standard one.
        keys::write(&self.folder.join(file), &key, self.passphrase, Cost::LIGHT, self.randomness)?;
        self.count += 1;
        Ok(key)
    }
}

impl Cast {
    /// Draws all keys and writes their files. Those of the journal come apart: only it uses them.
    pub(super) fn assemble(
        place: &Place,
        randomness: &mut OsRandomness,
    ) -> Result<(Self, JournalKeys), Failure> {
        let folder = place.folder("keys")?;
        let passphrase = draw_passphrase(randomness);
        let line = Zeroizing::new([passphrase.as_bytes(), b"\n"].concat());
        folder::put_secret_file(&place.at(PASSPHRASE), &line)?;
        let mut maker = Maker { folder: &folder, passphrase: &passphrase, randomness, count: 0 };
        let office = maker.make(KeyKind::Act, act::OFFICE, "office.act.key")?;
        let seal = maker.make(KeyKind::Seal, act::OFFICE, "office.seal.key")?;
        let open = maker.make(KeyKind::Open, act::OFFICE, "office.open.key")?;
        let log = maker.make(KeyKind::Log, ORIGIN, "log.key")?;
        let (mut allies, mut ally_cards) = (BTreeMap::new(), BTreeMap::new());
        for Party { code, .. } in alliance::allies()? {
            let key = maker.make(KeyKind::Act, code.as_str(), &format!("{code}.act.key"))?;
            allies.insert(code.clone(), keys::act_key(&key)?);
            ally_cards.insert(code, key.card().clone());
        }
        let mut companies = BTreeMap::new();
        for Party { code, name } in alliance::companies()? {
            let act = maker.make(KeyKind::Act, code.as_str(), &format!("{code}.act.key"))?;
            let file = format!("{code}.open.key");
            let open = maker.make(KeyKind::Open, code.as_str(), &file)?.card().clone();
            let company =
                Company { name, act: keys::act_key(&act)?, open, open_file: format!("keys/{file}") };
            companies.insert(code, company);
        }
        let count = maker.count;
        let cards = Cards {
            act: office.card().clone(),
            seal: seal.card().clone(),
            open: open.card().clone(),
            allies: ally_cards,
        };
        let cast = Self {
            seal: keys::seal_key(&seal)?,
            open: keys::open_key(&open)?,
            allies,
            companies,
            passphrase,
            count,
            cards,
        };
        Ok((cast, JournalKeys { log: keys::log_signer(&log)?, office: keys::act_key(&office)? }))
    }

    /// Who may act, as the log's first entry says it.
    pub(super) fn roster(&self) -> Result<act::Roster, Failure> {
        let member =
            |(code, key): (&Code, &SigningKey)| act::Member { code: code.clone(), key: key.verifying_key() };
        let company = |(code, company): (&Code, &Company)| {
            let (name, key) = (company.name.clone(), company.act.verifying_key());
            Ok(act::Company { code: code.clone(), name, key, open: digest(&company.open)? })
        };
        Ok(act::Roster {
            epoch: Epoch::FIRST,
            office: act::Office {
                key: self.cards.act.verifying_key().map_err(|error| failed(&error, error.advice()))?,
                seal: digest(&self.cards.seal)?,
                open: digest(&self.cards.open)?,
            },
            members: self.allies.iter().map(member).collect(),
            companies: self.companies.iter().map(company).collect::<Result<_, Failure>>()?,
        })
    }

    /// What receivers are told to trust.
    pub(super) fn trust(&self, log: &NoteSigner) -> Result<Trust, Failure> {
        let Cards { act, seal, allies, .. } = &self.cards;
        Trust::new(Use::Exercise, log.verifier(), act.clone(), seal.clone(), Epoch::FIRST, allies.clone())
            .map_err(|error| failed(&error, error.advice()))
    }

    /// The key to which the office has deposits sealed.
    pub(super) fn deposits_to(&self) -> &OpenPublic {
        self.open.public()
    }
}

/// The digest by which a roster names a card.
fn digest(card: &PublicCard) -> Result<Digest, Failure> {
    Ok(Digest::of(&card.to_json().map_err(|error| failed(&error, error.advice()))?))
}

fn draw_passphrase(randomness: &mut dyn Randomness) -> Passphrase {
    let mut bytes = Zeroizing::new([0; 32]);
    randomness.fill(bytes.as_mut());
    let digits: String = Digest::of(bytes.as_ref()).to_string().chars().take(24).collect();
    Passphrase::from_bytes(Zeroizing::new(format!("exercise-{digits}").into_bytes()))
}
