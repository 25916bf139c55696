//! Every refusal, provoked through signed entries: the rule that is broken is the rule that is named, and nothing changes, which
//! [`World::admit`](super::world::World::admit) sees to.

use std::collections::BTreeSet;

use crate::Refusal;

mod access;
mod entry;
mod keys;
mod release;
mod round;
mod wave;

/// The refusals that a case met.
struct Met {
    rule: &'static str,
    times: usize,
}

impl Met {
    /// Refused with exactly this.
    #[track_caller]
    fn refused<T: std::fmt::Debug>(&mut self, answer: Result<T, Refusal>, expected: &Refusal) {
        let refusal = answer.unwrap_err();
        assert_eq!(&refusal, expected);
        self.meets(&refusal);
    }

    /// Refused by the rule of this case; message and advice keep the house's form: no capital, no full stop, something to do.
    #[track_caller]
    fn breaks<T: std::fmt::Debug>(&mut self, answer: Result<T, Refusal>) -> Refusal {
        let refusal = answer.unwrap_err();
        assert_eq!(refusal.rule(), self.rule, "{refusal}");
        self.meets(&refusal);
        refusal
    }

    #[track_caller]
    fn meets(&mut self, refusal: &Refusal) {
        self.times += usize::from(refusal.rule() == self.rule);
        let message = refusal.to_string();
        assert!(!message.ends_with('.') && !message.contains('\n'), "{message}");
        assert!(!message.starts_with(|c: char| c.is_ascii_uppercase()), "{message}");
        assert!(!refusal.advice().is_empty() && !refusal.advice().ends_with('.'), "{}", refusal.advice());
    }
}

/// One test for each rule.
macro_rules! rules {
    ($($rule:literal => $module:ident::$name:ident;)*) => {
        $(
            #[test]
            fn $name() {
                let mut met = Met { rule: $rule, times: 0 };
                $module::$name(&mut met);
                assert!(met.times > 0, "the rule was never broken");
            }
        )*

        const COVERED: &[&str] = &[$($rule),*];
    };
}

rules! {
    "envelope" => entry::envelope;
    "act" => entry::act;
    "next-entry" => entry::next_entry;
    "founded-once" => entry::founded_once;
    "roster" => entry::roster;
    "known-actor" => keys::known_actor;
    "actor-key" => keys::actor_key;
    "key-revoked" => keys::key_revoked;
    "key-expired" => keys::key_expired;
    "key-scope" => keys::key_scope;
    "actor-role" => keys::actor_role;
    "counter-rises" => entry::counter_rises;
    "time-known" => entry::time_known;
    "time-runs-forward" => entry::time_runs_forward;
    "deposit-once" => entry::deposit_once;
    "known-proposal" => round::known_proposal;
    "round" => round::number;
    "roster-epoch" => round::roster_epoch;
    "deadline-ahead" => round::deadline_ahead;
    "deadline-later" => round::deadline_later;
    "amends-last" => round::amends_last;
    "audience" => release::audience;
    "eligible" => release::eligible;
    "label" => release::label;
    "originators" => release::originators;
    "originators-whole" => release::originators_whole;
    "history-whole" => release::history_whole;
    "wave-of-standards" => wave::wave_of_standards;
    "registry-current" => wave::registry_current;
    "wave-not-empty" => wave::wave_not_empty;
    "part-consistent" => wave::part_consistent;
    "part-originators" => wave::part_originators;
    "part-level" => wave::part_level;
    "originators-of-parts" => wave::originators_of_parts;
    "needs-first" => wave::needs_first;
    "notice-of-held" => wave::notice_of_held;
    "supersedes-figures" => wave::supersedes_figures;
    "objected-part" => wave::objected_part;
    "parts-named" => wave::parts_named;
    "part-in-wave" => wave::part_in_wave;
    "consent-own" => wave::consent_own;
    "reserve-whole" => wave::reserve_whole;
    "registry-next" => wave::registry_next;
    "register-once" => wave::register_once;
    "supersedes-sealed" => release::supersedes_sealed;
    "one-round-open" => round::one_round_open;
    "agreed-once" => round::agreed_once;
    "one-subject" => round::one_subject;
    "round-members" => round::round_members;
    "deadline" => round::deadline;
    "one-outcome" => round::one_outcome;
    "decide-once" => round::decide_once;
    "retract-own" => round::retract_own;
    "endorse-named" => keys::endorse_named;
    "endorse-once" => keys::endorse_once;
    "grant-ahead" => keys::grant_ahead;
    "grant-bounds" => keys::grant_bounds;
    "entrust-once" => keys::entrust_once;
    "known-grant" => keys::known_grant;
    "revoke-own" => keys::revoke_own;
    "revoke-once" => keys::revoke_once;
    "withdraw-standing" => release::withdraw_standing;
    "checkpoint" => release::checkpoint;
    "checkpoint-of-log" => release::checkpoint_of_log;
    "witness-forward" => release::witness_forward;
    "witness-quorum" => release::witness_quorum;
    "witnessed-before-seal" => release::witnessed_before_seal;
    "only-agreed-is-sealed" => release::only_agreed_is_sealed;
    "in-force" => release::in_force;
    "seal-once" => release::seal_once;
    "packages-bounded" => release::packages_bounded;
    "known-package" => release::known_package;
    "agreed-audience" => release::agreed_audience;
    "deliver-once" => release::deliver_once;
    "acknowledge-delivered" => release::acknowledge_delivered;
    "acknowledge-once" => release::acknowledge_once;
    "access-as-judged" => access::access_as_judged;
}

#[test]
fn every_rule_has_a_case() {
    let rules: BTreeSet<&str> = Refusal::RULES.iter().copied().collect();
    assert_eq!(COVERED.iter().copied().collect::<BTreeSet<_>>(), rules);
    assert_eq!(COVERED.len(), rules.len(), "a rule is listed twice");
    for rule in rules {
        assert!(rule.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{rule}");
    }
}

#[test]
fn only_what_may_change_by_itself_is_retryable() {
    use crate::{EntryIndex, Outcome};
    let not_next = Refusal::NotNext { expected: EntryIndex(1), found: EntryIndex(2) };
    assert!(not_next.is_retryable() && Refusal::NoTime.is_retryable());
    assert!(!Refusal::RoundClosed { outcome: Outcome::Agreed }.is_retryable());
    assert!(!Refusal::NotFounded.is_retryable());
}
