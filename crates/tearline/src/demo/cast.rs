//! The keys of everybody in the story, and the files they are kept in.
//!
//! One person holds them all here, which nobody would in earnest: in the story each ally's key is used for that ally's acts
//! only, and the log cannot tell the difference.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ledger::act::{
    self, Code, Content, Delegate, Delegation, Eligibility, Epoch, Level, PolicyText, Quorum, Receiver,
    Scope, UtcTime,
};
use ledger::act_key::Signer;
use ledger::cosignature::Cosigner;
use ledger::keyfile::{ActSecret, Cost, KeyFile, KeyKind, PublicCard};
use ledger::log::LogSigner;
use ledger::policy::{Policy, WitnessKeys};
use ledger::{Digest, Randomness};
use package::fingerprint::FingerprintKey;
use package::trust::{TrustedRoster, Use};
use package::{OpenKey, OpenPublic, SealKey, Trust};
use zeroize::Zeroizing;

use super::alliance::{self, Ally, Firm};
use super::place::Place;
use super::unexpected;
use crate::failure::Failure;
use crate::folder;
use crate::office_shell::clock::days_after;
use crate::office_shell::failed;
use crate::office_shell::keys;
use crate::office_shell::passphrase::Passphrase;
use crate::office_shell::randomness::OsRandomness;

/// The origin of the demo's log; `.invalid` never resolves (RFC 6761).
const ORIGIN: &str = "tearline-demo.invalid/log";
/// Where the passphrase of all keys stands.
pub(super) const PASSPHRASE: &str = "keys/PASSPHRASE";
/// The key that marks copies, in the folder of keys.
pub(super) const TRACE_FILE: &str = "office.trace.key";
/// The ally that takes two delegates for every decision.
pub(super) const TWO_KEYS: &str = "NO";
/// The allies that run a witness, and how many of them must have seen an agreement.
pub(super) const WITNESSES: [&str; 3] = ["FI", "NL", "PT"];
pub(super) const WITNESSES_NEEDED: usize = 2;
/// Days until the demo's keys expire, and its agreements with states end: two years.
const KEY_DAYS: i64 = 730;

const OFFICE_SCOPES: [Scope; 5] = [Scope::Clock, Scope::Propose, Scope::Seal, Scope::Govern, Scope::Access];
const ALLY_SCOPES: [Scope; 3] = [Scope::Deposit, Scope::Agree, Scope::Govern];
const COMPANY_SCOPES: [Scope; 2] = [Scope::Receive, Scope::Govern];

/// A company, or a body of the partner union, and its keys.
pub(super) struct Company {
    pub(super) firm: Firm,
    pub(super) act: ActSecret,
    pub(super) open: PublicCard,
    /// Its key file, below the folder of the demo.
    pub(super) open_file: String,
}

/// Everybody's keys.
pub(super) struct Cast {
    /// Marks the copies of the release.
    pub(super) trace: FingerprintKey,
    pub(super) seal: SealKey,
    pub(super) open: OpenKey,
    /// The delegates of each ally: one, or as many as its quorum.
    pub(super) allies: BTreeMap<Code, Vec<ActSecret>>,
    pub(super) companies: BTreeMap<Code, Company>,
    /// Bodies of the partner union.
    pub(super) partners: BTreeMap<Code, Company>,
    pub(super) passphrase: Passphrase,
    /// Key files written.
    pub(super) count: usize,
    /// When keys and agreements end.
    expires_utc: UtcTime,
    office: PublicCard,
    seal_card: PublicCard,
    open_card: PublicCard,
    witnesses: Vec<PublicCard>,
}

/// Keys that leave the cast: those of the journal, which alone logs and dates, and those of the witnesses.
pub(super) struct OtherKeys {
    pub(super) log: LogSigner,
    pub(super) office: ActSecret,
    pub(super) witnesses: Vec<Cosigner>,
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

    fn allies(&mut self) -> Result<BTreeMap<Code, Vec<ActSecret>>, Failure> {
        let mut allies = BTreeMap::new();
        for Ally { code } in alliance::allies()? {
            let delegates: &[&str] = if code.as_str() == TWO_KEYS { &["", ".2"] } else { &[""] };
            let mut secrets = Vec::new();
            for number in delegates {
                let key = self.make(KeyKind::Act, code.as_str(), &format!("{code}{number}.act.key"))?;
                secrets.push(keys::act_secret(&key)?);
            }
            allies.insert(code, secrets);
        }
        Ok(allies)
    }

    fn receivers(&mut self, firms: Vec<Firm>) -> Result<BTreeMap<Code, Company>, Failure> {
        let mut companies = BTreeMap::new();
        for firm in firms {
            let code = firm.code.clone();
            let act = self.make(KeyKind::Act, code.as_str(), &format!("{code}.act.key"))?;
            let file = format!("{code}.open.key");
            let open = self.make(KeyKind::Open, code.as_str(), &file)?.card().clone();
            let act = keys::act_secret(&act)?;
            companies.insert(code, Company { firm, act, open, open_file: format!("keys/{file}") });
        }
        Ok(companies)
    }

    fn witnesses(&mut self) -> Result<(Vec<Cosigner>, Vec<PublicCard>), Failure> {
        let mut made = (Vec::new(), Vec::new());
        for ally in WITNESSES {
            let name = format!("tearline-demo.invalid/witness/{ally}");
            let key = self.make(KeyKind::Witness, &name, &format!("{ally}.witness.key"))?;
            made.0.push(key.cosigner().map_err(|error| failed(&error, error.advice()))?);
            made.1.push(key.card().clone());
        }
        Ok(made)
    }
}

impl Cast {
    /// Draws all keys and writes their files.
    pub(super) fn assemble(
        place: &Place,
        now: UtcTime,
        randomness: &mut OsRandomness,
    ) -> Result<(Self, OtherKeys), Failure> {
        let folder = place.folder("keys")?;
        let passphrase = draw_passphrase(randomness);
        let line = Zeroizing::new([passphrase.as_bytes(), b"\n"].concat());
        folder::put_secret_file(&place.at(PASSPHRASE), &line)?;
        let mut maker = Maker { folder: &folder, passphrase: &passphrase, randomness, count: 0 };
        let office = maker.make(KeyKind::Act, act::OFFICE, "office.act.key")?;
        let seal = maker.make(KeyKind::Seal, act::OFFICE, "office.seal.key")?;
        let open = maker.make(KeyKind::Open, act::OFFICE, "office.open.key")?;
        let trace = maker.make(KeyKind::Trace, act::OFFICE, TRACE_FILE)?;
        let log = maker.make(KeyKind::Log, ORIGIN, "log.key")?;
        let (allies, companies) = (maker.allies()?, maker.receivers(alliance::companies()?)?);
        let partners = maker.receivers(alliance::partners()?)?;
        let (cosigners, witnesses) = maker.witnesses()?;
        let count = maker.count;
        let other = OtherKeys {
            log: keys::log_signer(&log)?,
            office: keys::act_secret(&office)?,
            witnesses: cosigners,
        };
        let cast = Self {
            seal: keys::seal_key(&seal)?,
            open: keys::open_key(&open)?,
            trace: keys::trace_key(&trace)?,
            allies,
            companies,
            partners,
            passphrase,
            count,
            expires_utc: days_after(now, KEY_DAYS)?,
            office: office.card().clone(),
            seal_card: seal.card().clone(),
            open_card: open.card().clone(),
            witnesses,
        };
        Ok((cast, other))
    }

    /// Who may act, as the log's first entry says it.
    pub(super) fn roster(&self, now: UtcTime, log: &LogSigner) -> Result<act::Roster, Failure> {
        let office = self.office.act_key().map_err(|error| failed(&error, error.advice()))?;
        let member = |(code, secrets): (&Code, &Vec<ActSecret>)| {
            let keys = secrets.iter().map(Signer::key).collect();
            Ok(act::Member { code: code.clone(), delegation: self.delegation(keys, &ALLY_SCOPES)? })
        };
        let receiver = |company: &Company| self.receiver(company);
        let states: BTreeSet<&Code> = self.companies.values().map(|company| &company.firm.state).collect();
        let agreed = |party: &Code, content, highest| Eligibility {
            party: party.clone(),
            contents: BTreeSet::from([content]),
            highest,
            from_utc: now,
            until_utc: self.expires_utc,
        };
        let figures = states.into_iter().map(|state| agreed(state, Content::Figures, Level::Unclassified));
        // An agreement is with one body or state, never with the union that they belong to.
        let partners = self.partners.values().map(|body| &body.firm);
        let standards = partners.map(|body| agreed(&body.code, Content::Standards, body.clearance));
        let mut eligibility: Vec<Eligibility> = figures.chain(standards).collect();
        eligibility.sort();
        let mut receivers: Vec<&Company> = self.companies.values().chain(self.partners.values()).collect();
        receivers.sort_by(|a, b| a.firm.code.cmp(&b.firm.code));
        let witnesses = PolicyText::new(&self.policy(log)?.to_text());
        Ok(act::Roster {
            epoch: Epoch::FIRST,
            office: act::Office {
                seal: digest(&self.seal_card)?,
                open: digest(&self.open_card)?,
                delegation: self.delegation(vec![office], &OFFICE_SCOPES)?,
            },
            members: self.allies.iter().map(member).collect::<Result<_, Failure>>()?,
            receivers: receivers.into_iter().map(receiver).collect::<Result<_, Failure>>()?,
            groups: Vec::new(),
            eligibility,
            witnesses: witnesses.map_err(|_| unexpected("the witness policy does not go into a roster"))?,
        })
    }

    fn receiver(&self, company: &Company) -> Result<Receiver, Failure> {
        let Firm { code, name, kind, state, sponsor, clearance } = &company.firm;
        Ok(Receiver {
            code: code.clone(),
            name: name.clone(),
            kind: *kind,
            state: state.clone(),
            sponsor: sponsor.clone(),
            clearance: *clearance,
            open: digest(&company.open)?,
            delegation: self.delegation(vec![company.act.key()], &COMPANY_SCOPES)?,
        })
    }

    /// Delegates with all scopes of their role; every one of them is needed.
    fn delegation(
        &self,
        keys: Vec<ledger::act_key::ActKey>,
        scopes: &[Scope],
    ) -> Result<Delegation, Failure> {
        let quorum = Quorum::new(keys.len() as u64).map_err(|_| unexpected("a delegation has no key"))?;
        let delegate = |(number, key)| {
            let id =
                Code::new(&format!("delegate-{number}")).map_err(|_| unexpected("a delegate has no name"))?;
            let scopes = scopes.iter().copied().collect();
            Ok(Delegate { id, key, scopes, expires_utc: self.expires_utc })
        };
        let delegates = (1..).zip(keys).map(delegate).collect::<Result<_, Failure>>()?;
        Ok(Delegation { quorum, delegates })
    }

    /// Two of the three witnesses, each with both of its keys.
    pub(super) fn policy(&self, log: &LogSigner) -> Result<Policy, Failure> {
        let keys = self.witnesses.iter().map(PublicCard::cosigner_keys).collect::<Result<Vec<_>, _>>();
        let keys = keys.map_err(|error| failed(&error, error.advice()))?;
        let witnesses: Vec<WitnessKeys<'_>> =
            WITNESSES.iter().zip(&keys).map(|(name, keys)| WitnessKeys { name, keys, url: None }).collect();
        Policy::of_witnesses(&log.verifier(), &witnesses, WITNESSES_NEEDED)
            .map_err(|error| failed(&error, error.advice()))
    }

    /// What receivers are told to trust.
    pub(super) fn trust(&self, roster: &act::Roster, log: &LogSigner) -> Result<Trust, Failure> {
        let act::Roster { epoch, office, members, .. } = roster;
        let roster =
            TrustedRoster { epoch: *epoch, office: office.delegation.clone(), members: members.clone() };
        let (seal, policy) = (self.seal_card.clone(), self.policy(log)?);
        Trust::new(Use::Exercise, log.verifier(), seal, vec![roster], policy)
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
