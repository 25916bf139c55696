//! Changes of the roster in words.

use ledger::act::{Change, Eligibility, Group, Member, NewDelegation, Receiver, Succession};

use super::keys;

/// One change on one line, or on several where it lists memberships.
pub(super) fn words(change: &Change) -> String {
    match change {
        Change::AddMember(Member { code, delegation }) => {
            format!("{code} joins; its keys: {}", keys(delegation))
        }
        Change::RemoveMember(leaving) => format!("{} leaves the alliance", leaving.code),
        Change::Delegation(NewDelegation { party, succession, delegation }) => {
            let how = match succession {
                Succession::Rotate => "rotates its keys, old and new quorum both sign",
                Succession::Recover => "RECOVERS: its old keys are lost or stolen and do not sign",
            };
            format!("{party} {how}; keys from then on: {}", keys(delegation))
        }
        Change::Receiver(receiver) => of_receiver(receiver),
        Change::RemoveReceiver(leaving) => format!("{} is no receiver any more", leaving.code),
        Change::OfficeCards(cards) => {
            format!(
                "the office seals packages with card {} and opens deposits with card {}",
                cards.seal, cards.open
            )
        }
        Change::Group(group) => of_group(group),
        Change::RemoveGroup(leaving) => format!("the group {} is forgotten", leaving.code),
        Change::AddEligibility(line) => format!("from then on {}", of_eligibility(line)),
        Change::RemoveEligibility(line) => format!("no more: {}", of_eligibility(line)),
        Change::Witnesses(new) => format!("the witness policy becomes\n{}", new.policy),
    }
}

fn of_receiver(receiver: &Receiver) -> String {
    let Receiver { code, name, kind, state, sponsor, clearance, open, delegation } = receiver;
    format!(
        "{code} ({name}), {kind:?} under {state}, sponsored by {sponsor}, cleared for {clearance:?}, opens with card {open}; \
         its keys: {}",
        keys(delegation)
    )
}

fn of_group(group: &Group) -> String {
    let membership = |m: &ledger::act::Membership| match m.until_utc {
        Some(until) => format!("{} from {} until {until}", m.state, m.from_utc),
        None => format!("{} from {}", m.state, m.from_utc),
    };
    let memberships: Vec<String> = group.memberships.iter().map(membership).collect();
    format!("the group {} is\n{}", group.code, memberships.join("\n"))
}

fn of_eligibility(line: &Eligibility) -> String {
    let Eligibility { party, contents, highest, from_utc, until_utc } = line;
    let contents: Vec<String> =
        contents.iter().map(|content| format!("{content:?}").to_lowercase()).collect();
    format!("{party} may have {} up to {highest:?} from {from_utc} until {until_utc}", contents.join(", "))
}
