//! All changes of the registry in their order, and the registry as it was at any time.

use ledger::act::{Revision, UtcTime};

use super::super::registry::Registry;
use super::Change;

/// One change that took effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    revision: Revision,
    time: UtcTime,
    change: Change,
    registry: Registry,
}

impl Step {
    /// Its number.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// When it took effect.
    #[must_use]
    pub fn time(&self) -> UtcTime {
        self.time
    }

    /// What it changed.
    #[must_use]
    pub fn change(&self) -> &Change {
        &self.change
    }

    /// The registry since then.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }
}

/// The registry through time. Every state is kept whole, so that a question about the past costs no more than one about today; a
/// registry changes some times a year.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chronicle {
    empty: Registry,
    // INVARIANT: times and revisions never fall.
    steps: Vec<Step>,
}

impl Chronicle {
    /// Lets a change take effect; its number. A time before that of the last change counts as the last one's: the log's ticks never fall.
    pub fn take(&mut self, time: UtcTime, change: Change) -> Revision {
        let last = self.steps.last();
        let time = last.map_or(time, |last| last.time.max(time));
        let next = |last: &Step| last.revision.next().unwrap_or(last.revision);
        let revision = last.map_or(Revision::FIRST, next);
        let registry = self.newest().1.apply(&change);
        self.steps.push(Step { revision, time, change, registry });
        revision
    }

    /// The registry as it was at this time, and the number of the last change until then; none before the first.
    #[must_use]
    pub fn at(&self, time: UtcTime) -> (Option<Revision>, &Registry) {
        let after = self.steps.partition_point(|step| step.time <= time);
        let step = after.checked_sub(1).and_then(|at| self.steps.get(at));
        step.map_or((None, &self.empty), |step| (Some(step.revision), &step.registry))
    }

    /// The registry after this change.
    #[must_use]
    pub fn of(&self, revision: Revision) -> Option<&Registry> {
        self.steps.iter().find(|step| step.revision == revision).map(|step| &step.registry)
    }

    /// The registry as it is, and the number of the last change; none before the first.
    #[must_use]
    pub fn newest(&self) -> (Option<Revision>, &Registry) {
        self.steps.last().map_or((None, &self.empty), |step| (Some(step.revision), &step.registry))
    }

    /// All changes in their order.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
}
