//! The reader of policy files: one line at a time, names before their use.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    CosignatureAlgorithm, CosignerKey, GROUPS_MAX, Group, LOGS_MAX, Member, NONE, NoteError, NoteVerifier,
    POLICY_BYTES_MAX, Policy, PolicyError, PolicyFault, PolicyLog, PolicyLogKey, PolicyWitness,
    WITNESSES_MAX,
};
use crate::encoding::from_decimal;

/// Reads a whole policy.
pub(super) fn policy(bytes: &[u8]) -> Result<Policy, PolicyError> {
    if bytes.len() > POLICY_BYTES_MAX {
        return Err(PolicyError::TooLong { found: bytes.len() });
    }
    let mut reader = Reader::default();
    for (i, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        reader.line(line).map_err(|fault| PolicyError::Line { line: i + 1, fault })?;
    }
    let Reader { logs, witnesses, groups, quorum, .. } = reader;
    let quorum = quorum.ok_or(PolicyError::NoQuorum)?;
    Ok(Policy { logs, witnesses, groups, quorum })
}

#[derive(Default)]
struct Reader {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    groups: Vec<Group>,
    quorum: Option<Option<Member>>,
    names: BTreeMap<String, Member>,
    /// Members of some group.
    used: BTreeSet<Member>,
}

impl Reader {
    fn line(&mut self, line: &[u8]) -> Result<(), PolicyFault> {
        let line = line.strip_suffix(b"\n").ok_or(PolicyFault::Characters)?;
        if line.iter().any(|byte| (*byte < 0x20 && *byte != b'\t') || *byte == 0x7f) {
            return Err(PolicyFault::Characters);
        }
        let words: Vec<&[u8]> =
            line.split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty()).collect();
        if words.first().is_none_or(|word| word.starts_with(b"#")) {
            return Ok(());
        }
        let words: Vec<&str> = words
            .into_iter()
            .map(std::str::from_utf8)
            .collect::<Result<_, _>>()
            .map_err(|_| PolicyFault::Utf8)?;
        match *words.as_slice() {
            ["log", vkey] => self.log(vkey, None),
            ["log", vkey, url] => self.log(vkey, Some(url)),
            ["witness", name, vkey] => self.witness(name, vkey, None),
            ["witness", name, vkey, url] => self.witness(name, vkey, Some(url)),
            ["group", name, needed, ref members @ ..] if !members.is_empty() => {
                self.group(name, needed, members)
            }
            ["quorum", name] => self.quorum(name),
            _ => Err(PolicyFault::Form),
        }
    }

    fn log(&mut self, vkey: &str, url: Option<&str>) -> Result<(), PolicyFault> {
        room(self.logs.len(), LOGS_MAX)?;
        let key = match vkey.parse::<NoteVerifier>() {
            Ok(key) => PolicyLogKey::Ed25519(key),
            Err(NoteError::SignatureType { .. }) => {
                let key = vkey.parse::<CosignerKey>().map_err(PolicyFault::Key)?;
                if key.algorithm() != CosignatureAlgorithm::MlDsa44 {
                    // A log does not cosign with Ed25519: it signs the note itself.
                    return Err(PolicyFault::Key(NoteError::SignatureType { found: 0x04 }));
                }
                PolicyLogKey::MlDsa44(key)
            }
            Err(error) => return Err(PolicyFault::Key(error)),
        };
        if self.logs.iter().any(|log| log.key.public_bytes() == key.public_bytes()) {
            return Err(PolicyFault::DuplicateKey);
        }
        self.logs.push(PolicyLog { key, url: url.map(str::to_owned) });
        Ok(())
    }

    fn witness(&mut self, name: &str, vkey: &str, url: Option<&str>) -> Result<(), PolicyFault> {
        room(self.witnesses.len(), WITNESSES_MAX)?;
        let key = vkey.parse::<CosignerKey>().map_err(PolicyFault::Key)?;
        if self.witnesses.iter().any(|witness| witness.key.public_bytes() == key.public_bytes()) {
            return Err(PolicyFault::DuplicateKey);
        }
        self.define(name, Member::Witness(self.witnesses.len()))?;
        self.witnesses.push(PolicyWitness { name: name.to_owned(), key, url: url.map(str::to_owned) });
        Ok(())
    }

    fn group(&mut self, name: &str, needed: &str, members: &[&str]) -> Result<(), PolicyFault> {
        room(self.groups.len(), GROUPS_MAX)?;
        let needed = match needed {
            "all" => Some(members.len()),
            "any" => Some(1),
            number => from_decimal(number).and_then(|number| usize::try_from(number).ok()),
        };
        let needed = needed.filter(|needed| (1..=members.len()).contains(needed));
        let needed = needed.ok_or(PolicyFault::Threshold { members: members.len() })?;
        let mut found = Vec::new();
        for member in members {
            let id = self.known(member)?;
            if !self.used.insert(id) {
                return Err(PolicyFault::MemberTwice { name: (*member).to_owned() });
            }
            found.push(id);
        }
        self.define(name, Member::Group(self.groups.len()))?;
        self.groups.push(Group { name: name.to_owned(), needed, members: found });
        Ok(())
    }

    fn quorum(&mut self, name: &str) -> Result<(), PolicyFault> {
        if self.quorum.is_some() {
            return Err(PolicyFault::QuorumTwice);
        }
        self.quorum = Some(if name == NONE { None } else { Some(self.known(name)?) });
        Ok(())
    }

    fn define(&mut self, name: &str, member: Member) -> Result<(), PolicyFault> {
        if name == NONE || self.names.contains_key(name) {
            return Err(PolicyFault::NameTaken { name: name.to_owned() });
        }
        self.names.insert(name.to_owned(), member);
        Ok(())
    }

    fn known(&self, name: &str) -> Result<Member, PolicyFault> {
        self.names.get(name).copied().ok_or_else(|| PolicyFault::UnknownName { name: name.to_owned() })
    }
}

fn room(held: usize, most: usize) -> Result<(), PolicyFault> {
    if held < most { Ok(()) } else { Err(PolicyFault::TooMany) }
}
