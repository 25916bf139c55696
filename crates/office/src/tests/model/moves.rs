//! The three worlds of the model, and what is tried in each.

use ledger::{
    Digest,
    act::{self, AccessDecision, ActBody, Ballot, Change, Epoch, Scope, Subject, Succession},
};
use stateright::Property;

use super::{
    super::world::{
        MEMBER_SCOPES, OFFICE_SCOPES, World, acknowledge, answer, code, codes, consent_of, cosigned,
        delegate, delegation, deliver, digest, eligibility, entrust, far, key, label, minute, new_keys,
        part_id, policy, reason, reasoned_of, register_of, roster, tick, title, wave_of,
    },
    Node, Walk,
};
use crate::{Fold, Outcome, Release, State, standards::remaining};
use ledger::act_key::Signer as _;

/// A world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// `AA` speaks with two keys of three, `BB` with one that expires; one release, two rounds of it.
    Round,
    /// `AA` changes a key while a release circulates and another change is silent.
    Keys,
    /// Two releases, one of which may take the other's place; a witness; a consent given beforehand.
    Releases,
    /// Standards: a wave in two rounds, and one that needs a part of it.
    Waves,
}

/// One thing that somebody might try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    Tick(u32),
    Propose(&'static str),
    /// A delegate of a member says something about the last round of a title.
    Say(&'static str, &'static str, &'static str, Word),
    /// A member consents to these parts of the last round of a title.
    Consent(&'static str, &'static str, &'static [&'static str]),
    /// A member objects to this part.
    ObjectTo(&'static str, &'static str, &'static str),
    Register,
    Endorse(&'static str, &'static str),
    Revoke(&'static str, &'static str),
    Entrust,
    Reclaim,
    Extend(&'static str, u32),
    Withdraw(&'static str),
    Witness,
    Seal(&'static str),
    Deliver(&'static str),
    Acknowledge(&'static str),
    /// The service gives a company the key of a package, whatever the log says.
    Give(&'static str),
}

/// What is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Approve,
    Object,
    Waive,
    Retract,
    /// Approves the first round, whatever the last one is.
    ApproveFirst,
    /// Approves under the number of the round after it.
    Misnumbered,
    /// Approves under the roster after it.
    OtherRoster,
}

/// Drafts circulate at most so often, which keeps the worlds finite.
const ROUNDS_MAX: usize = 2;

impl Stage {
    pub(super) fn start(self) -> World {
        let mut roster = roster(&["AA", "BB"], &["ACME"]);
        // The clock has a key of its own, so that ticks do not change what the office signs otherwise.
        roster.office.delegation.delegates = vec![
            delegate(act::OFFICE, &OFFICE_SCOPES[1..], far()),
            delegate("OFFICE.clock", &[Scope::Clock], far()),
            delegate("OFFICE.service", &[Scope::Access], far()),
        ];
        match self {
            Self::Round => {
                roster.members[0].delegation = delegation(2, &["AA", "AA.2", "AA.3"], &MEMBER_SCOPES);
                roster.members[1].delegation.delegates[0].expires_utc = minute(30);
            }
            Self::Keys => roster.members[0].delegation = delegation(2, &["AA", "AA.2"], &MEMBER_SCOPES),
            Self::Releases => roster.witnesses = policy(&["W1"], 1),
            Self::Waves => {}
        }
        let mut world = World::empty();
        world.office(ActBody::Found(act::Found { roster })).unwrap();
        world.acts_by(act::OFFICE, "OFFICE.clock", tick(0)).unwrap();
        world
    }

    pub(super) fn moves(self) -> Vec<Move> {
        use Move::*;
        use Word::*;
        match self {
            Self::Round => vec![
                Tick(10),
                Tick(20),
                Tick(30),
                Propose("X"),
                Say("AA", "AA", "X", Approve),
                Say("AA", "AA.2", "X", Approve),
                Say("AA", "AA.3", "X", Approve),
                Say("BB", "BB", "X", Approve),
                Say("AA", "AA", "X", Waive),
                Say("AA", "AA.3", "X", Waive),
                Say("BB", "BB", "X", Waive),
                Say("AA", "AA.2", "X", Object),
                Say("BB", "BB", "X", Object),
                Say("AA", "AA", "X", Retract),
                Say("BB", "BB", "X", Retract),
                Say("AA", "AA", "X", ApproveFirst),
                Say("BB", "BB", "X", Misnumbered),
                Say("BB", "BB", "X", OtherRoster),
                Revoke("AA", "AA.2"),
                Extend("X", 25),
                Withdraw("X"),
                Seal("X"),
            ],
            Self::Keys => vec![
                Tick(20),
                Tick(30),
                Propose("X"),
                Propose("rotation"),
                Propose("less"),
                Say("AA", "AA", "X", Approve),
                Say("AA", "AA.2", "X", Approve),
                Say("AA", "AA.3", "X", Approve),
                Say("BB", "BB", "X", Approve),
                Say("BB", "BB", "rotation", Object),
                Say("BB", "BB", "X", OtherRoster),
                Endorse("AA", "rotation"),
                Endorse("AA.2", "rotation"),
                Endorse("AA.3", "rotation"),
                Revoke("AA", "AA.2"),
                Seal("X"),
            ],
            Self::Releases => vec![
                Tick(20),
                Propose("X"),
                Propose("Y"),
                Entrust,
                Reclaim,
                Say("AA", "AA", "X", Approve),
                Say("BB", "BB", "X", Approve),
                Say("AA", "AA", "Y", Approve),
                Say("BB", "BB", "Y", Approve),
                Witness,
                Seal("X"),
                Seal("Y"),
                Deliver("X"),
                Deliver("Y"),
                Acknowledge("X"),
                Give("X"),
                Give("Y"),
                Withdraw("X"),
            ],
            Self::Waves => moves_of_waves(),
        }
    }

    /// Actor, delegate and body of a move; none when there is nothing that it could be about.
    pub(super) fn act(self, fold: &Fold, one: Move) -> Option<(&'static str, &'static str, ActBody)> {
        let state = fold.state();
        let office = |body| Some((act::OFFICE, act::OFFICE, body));
        let last = |name| state.rounds(&title(name)).last().copied();
        match one {
            Move::Tick(minutes) => Some((act::OFFICE, "OFFICE.clock", tick(minutes))),
            Move::Propose(name) => {
                let most = if name == "Y" || name == "later" { 1 } else { ROUNDS_MAX };
                let few = state.rounds(&title(name)).len() < most;
                few.then(|| (act::OFFICE, act::OFFICE, ActBody::Propose(self.propose(state, name))))
            }
            Move::Say(member, by, name, word) => Some((member, by, say(state, name, word)?)),
            Move::Consent(..) | Move::ObjectTo(..) | Move::Register => about_standards(state, one),
            Move::Endorse(by, name) => {
                Some(("AA", by, ActBody::Endorse(state.round(&last(name)?)?.ballot())))
            }
            Move::Revoke(by, lost) => {
                let revoke = act::Revoke { key: key(lost).key().id(), reason: reason("stolen") };
                Some(("AA", by, ActBody::Revoke(revoke)))
            }
            Move::Entrust => Some(("BB", "BB", ActBody::Entrust(entrust()))),
            Move::Reclaim => {
                let grant = entrust().digest().unwrap();
                Some(("BB", "BB", ActBody::Reclaim(act::Reclaim { grant })))
            }
            Move::Extend(name, minutes) => {
                let (proposal, deadline_utc) = (last(name)?, minute(minutes));
                office(ActBody::Extend(act::Extend { proposal, deadline_utc }))
            }
            Move::Withdraw(name) => {
                let (proposal, reason) = (last(name)?, reason("an error in it"));
                office(ActBody::Withdraw(act::Withdraw { proposal, reason }))
            }
            Move::Witness => {
                // Only where it can make a difference: cosigning is slow.
                let waits = |release: &Release| {
                    matches!(release, Release::Agreed(agreed)
                    if agreed.settled().entry.0 >= state.witnessed())
                };
                let tree = fold.tree();
                state
                    .releases()
                    .values()
                    .any(waits)
                    .then(|| (act::OFFICE, act::OFFICE, cosigned(tree, tree.size(), &["W1"])))
            }
            Move::Seal(name) => {
                office(ActBody::Seal(act::Seal { proposal: last(name)?, package: package(state, name) }))
            }
            Move::Deliver(name) => {
                // BOLT is in no audience.
                let to = if name == "Y" { "BOLT" } else { "ACME" };
                office(deliver(package(state, name), to))
            }
            Move::Acknowledge(name) => Some(("ACME", "ACME", acknowledge(package(state, name)))),
            Move::Give(name) => {
                Some((act::OFFICE, "OFFICE.service", answer(last(name)?, "ACME", AccessDecision::Granted)))
            }
        }
    }

    /// A release of both members' figures until minute 20, or a change of the roster that is due a little later.
    fn propose(self, state: &State, name: &str) -> act::Propose {
        let round = state.next_round(&title(name));
        let sealed = |proposal: &Digest| matches!(state.release(proposal), Some(Release::Sealed(_)));
        let earlier = state.rounds(&title("X")).last().copied().filter(sealed);
        let subject = match name {
            "rotation" => {
                let delegation = delegation(2, &["AA", "AA.3"], &MEMBER_SCOPES);
                let changes = vec![new_keys("AA", Succession::Rotate, delegation)];
                Subject::Roster(act::RosterDraft { changes })
            }
            "less" => {
                let changes = vec![Change::RemoveEligibility(eligibility())];
                Subject::Roster(act::RosterDraft { changes })
            }
            "wave" | "later" => Subject::Release(wave(state, name)),
            _ => Subject::Release(act::ReleaseDraft {
                content: act::Content::Figures,
                release: digest(&format!("{name} {round}")),
                certificate: digest("certificate"),
                history: state.history(),
                label: label(label::Classification::NatoRestricted),
                audience: codes(&["ACME"]),
                originators: [(code("AA"), digest("AA")), (code("BB"), digest("BB"))].into(),
                supersedes: earlier.filter(|_| name == "Y"),
                wave: None,
            }),
        };
        act::Propose {
            title: title(name),
            subject,
            amends: state.rounds(&title(name)).last().copied(),
            round,
            roster_epoch: state.roster().unwrap().epoch(),
            deadline_utc: minute(10 + 10 * round.get() as u32 + if name == "rotation" { 10 } else { 0 }),
        }
    }

    /// States without which the walk would show little.
    pub(super) fn reached(self) -> Vec<Property<Walk>> {
        fn settled(node: &Node, name: &str, outcome: Outcome) -> bool {
            let state = node.state();
            let rounds = state.rounds(&title(name)).iter();
            rounds.filter_map(|proposal| state.round(proposal)?.settled()).any(|(found, _)| found == outcome)
        }
        fn holds(node: &Node, part: &str) -> bool {
            node.state().holds(&code("ACME"), &part_id(part))
        }
        fn any(node: &Node, wanted: fn(&Release) -> bool) -> bool {
            node.state().releases().values().any(wanted)
        }
        let sealed = Property::sometimes("a release is sealed", |_, node: &Node| {
            any(node, |release| matches!(release, Release::Sealed(_)))
        });
        let agreed =
            Property::sometimes("a round agrees", |_, node: &Node| settled(node, "X", Outcome::Agreed));
        let mut reached = vec![sealed, agreed];
        if self == Self::Waves {
            // Titles of its own.
            reached.pop();
        }
        reached.extend(match self {
            Self::Round => vec![
                Property::sometimes("objected", |_, node: &Node| settled(node, "X", Outcome::Objected)),
                Property::sometimes("lapsed", |_, node: &Node| settled(node, "X", Outcome::Lapsed)),
                Property::sometimes("withdrawn", |_, node: &Node| settled(node, "X", Outcome::Withdrawn)),
                Property::sometimes("a second round agrees", |_, node: &Node| {
                    let rounds = node.state().rounds(&title("X")).to_vec();
                    rounds.len() == 2 && settled(node, "X", Outcome::Agreed)
                }),
            ],
            Self::Keys => vec![
                Property::sometimes("rotated", |_, node: &Node| settled(node, "rotation", Outcome::Agreed)),
                Property::sometimes("void", |_, node: &Node| settled(node, "X", Outcome::Void)),
                Property::sometimes("rotation void", |_, node: &Node| settled(node, "rotation", Outcome::Void)),
                Property::sometimes("rotation lapses", |_, node: &Node| {
                    settled(node, "rotation", Outcome::Lapsed)
                }),
                Property::sometimes("agreed with the new key", |_, node: &Node| {
                    let epoch = node.state().roster().map(crate::Roster::epoch);
                    epoch > Some(Epoch::FIRST) && any(node, |release| matches!(release, Release::Sealed(_)))
                }),
            ],
            Self::Releases => vec![
                Property::sometimes("superseded", |_, node: &Node| {
                    any(node, |release| matches!(release, Release::Superseded(_)))
                }),
                Property::sometimes("two releases", |_, node: &Node| node.state().history().releases == 2),
                Property::sometimes("withdrawn", |_, node: &Node| {
                    any(node, |release| matches!(release, Release::Withdrawn(_)))
                }),
                Property::sometimes("consent given beforehand", |_, node: &Node| {
                    any(node, |release| {
                        matches!(release, Release::Agreed(agreed) if !agreed.round().terms().standing.is_empty())
                    })
                }),
            ],
            Self::Waves => vec![
                Property::sometimes("a part is held", |_, node: &Node| holds(node, "A")),
                Property::sometimes("what needs it is held", |_, node: &Node| holds(node, "D")),
                Property::sometimes("a part was taken out", |_, node: &Node| holds(node, "A") && !holds(node, "B") && {
                    settled(node, "wave", Outcome::Objected)
                }),
                Property::sometimes("lapsed", |_, node: &Node| settled(node, "wave", Outcome::Lapsed)),
                Property::sometimes("taken back", |_, node: &Node| holds(node, "D") && !holds(node, "A")),
            ],
        });
        reached
    }
}

/// What is said of parts, and of the registry.
fn about_standards(state: &State, one: Move) -> Option<(&'static str, &'static str, ActBody)> {
    let last = |name| state.rounds(&title(name)).last().copied();
    match one {
        Move::Consent(member, name, parts) => Some((member, member, consent_of(state, last(name)?, parts))),
        Move::ObjectTo(member, name, part) => {
            let said = reasoned_of(state, last(name)?, "no");
            let parts = [part_id(part)].into();
            Some((member, member, ActBody::Object(act::Reasoned { parts, ..said })))
        }
        // Once: a second would make every wave outdated, and nothing more.
        Move::Register if state.registry_revision().is_none() => {
            Some((act::OFFICE, act::OFFICE, ActBody::Register(register_of(1, digest("box")))))
        }
        _ => None,
    }
}

fn moves_of_waves() -> Vec<Move> {
    use Move::*;
    use Word::*;
    vec![
        Tick(20),
        Tick(30),
        Register,
        Propose("wave"),
        Propose("later"),
        Consent("AA", "wave", &["A"]),
        Consent("AA", "wave", &["A", "B"]),
        Consent("BB", "wave", &["B"]),
        Consent("BB", "wave", &["A"]),
        ObjectTo("BB", "wave", "B"),
        ObjectTo("BB", "wave", "C"),
        Say("BB", "BB", "wave", Retract),
        Say("AA", "AA", "later", Approve),
        Say("BB", "BB", "later", Waive),
        Seal("wave"),
        Seal("later"),
        Deliver("wave"),
        Deliver("later"),
        Withdraw("wave"),
    ]
}

/// A wave of A and of B, which needs A; in the second round, of what is left of it. The later one needs A to be held.
fn wave(state: &State, name: &str) -> act::ReleaseDraft {
    let (first, needs) = (name == "wave", |wave: &mut act::Wave, part: &str| {
        wave.parts.get_mut(&part_id(part)).unwrap().needs.insert(part_id("A"));
    });
    let mut wave = if first {
        wave_of(1, &[("A", &["AA"]), ("B", &["AA", "BB"])])
    } else {
        wave_of(1, &[("D", &["AA"])])
    };
    needs(&mut wave, if first { "B" } else { "D" });
    let last = state.rounds(&title(name)).last();
    if let Some(left) = last.and_then(|last| remaining(state, last)) {
        wave = left.of(&wave);
    }
    let originators = wave.parts.values().flat_map(|part| &part.originators);
    act::ReleaseDraft {
        content: act::Content::Standards,
        release: digest(&format!("{name} {}", state.next_round(&title(name)))),
        certificate: digest("certificate"),
        history: state.history(),
        label: label(label::Classification::NatoRestricted),
        audience: codes(&["ACME"]),
        originators: originators.map(|member| (member.clone(), digest("exposure"))).collect(),
        supersedes: None,
        wave: Some(Box::new(wave)),
    }
}

fn say(state: &State, name: &str, word: Word) -> Option<ActBody> {
    let rounds = state.rounds(&title(name));
    let proposal: Digest = *if word == Word::ApproveFirst { rounds.first() } else { rounds.last() }?;
    let ballot = state.round(&proposal)?.ballot();
    Some(match word {
        Word::Approve | Word::ApproveFirst => ActBody::Approve(ballot),
        Word::Waive => ActBody::Waive(ballot),
        Word::Retract => ActBody::Retract(ballot),
        Word::Misnumbered => ActBody::Approve(Ballot { round: ballot.round.next()?, ..ballot }),
        Word::OtherRoster => ActBody::Approve(Ballot { roster_epoch: ballot.roster_epoch.next()?, ..ballot }),
        Word::Object => {
            let Ballot { proposal, round, roster_epoch } = ballot;
            ActBody::Object(act::Reasoned {
                proposal,
                round,
                roster_epoch,
                reason: reason("no"),
                parts: Default::default(),
            })
        }
    })
}

/// The package of the last round of a title.
fn package(state: &State, name: &str) -> Digest {
    digest(&format!("package of {name} {}", state.next_round(&title(name))))
}
