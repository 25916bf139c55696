//! How long a search may go on, who may stop it, and who hears of its progress.
//!
//! The engine has no clock and no threads: the shell passes elapsed time, the cancel flag and the listener in.
//! A search that is stopped always returns the best *certified* pattern it has, and says why it stopped.

use std::sync::atomic::{AtomicBool, Ordering};

/// Why a search ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stopped {
    /// Nothing was left to try.
    Finished,
    /// No safe pattern is lighter, and that is proved.
    Optimal,
    /// The pattern is proved to be as close to the lightest as was asked for.
    GoodEnough,
    /// The work limit was reached.
    WorkLimit,
    /// The time limit was reached.
    TimeLimit,
    /// Somebody cancelled.
    Cancelled,
}

impl Stopped {
    /// The word in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Optimal => "proven optimal",
            Self::GoodEnough => "good enough",
            Self::WorkLimit => "work limit",
            Self::TimeLimit => "time limit",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A stage of the work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// Protecting each requirement in turn.
    Protect,
    /// Taking secondaries out again where a lighter choice exists.
    Exchange,
    /// Bounding from below how light a safe pattern can be.
    Bound,
    /// Packing witnesses into whole tables.
    Certify,
    /// Looking for witnesses of a pattern's requirements.
    Audit,
    /// Looking for attacks on the requirements that have none.
    Refute,
    /// Computing the ranges of blanks.
    Ranges,
    /// Rounding the table, part by part.
    Round,
}

impl Stage {
    /// The stage in words.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Protect => "protecting",
            Self::Exchange => "improving",
            Self::Bound => "bounding",
            Self::Certify => "certifying",
            Self::Audit => "auditing",
            Self::Refute => "attacking",
            Self::Ranges => "computing ranges",
            Self::Round => "rounding",
        }
    }
}

/// How far a stage has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// The stage.
    pub stage: Stage,
    /// Steps done.
    pub done: u64,
    /// Steps in all.
    pub total: u64,
    /// Summed weight of the secondaries so far; 0 where that has no meaning.
    pub weight: u128,
    /// No safe pattern is lighter than this; 0 as long as nothing is known.
    pub bound: u128,
}

/// Limits and listeners of one run.
pub struct Budget<'a> {
    /// Elapsed milliseconds since the run began, as the shell's clock says.
    pub elapsed_ms: &'a dyn Fn() -> u64,
    /// Stop improving after this many elapsed milliseconds.
    pub time_limit_ms: u64,
    /// Set by anybody to stop the run.
    pub cancel: &'a AtomicBool,
    /// Hears of progress, at most a few thousand times a run.
    pub progress: &'a dyn Fn(Progress),
    /// The most candidate cells that improving may look at: the same limit gives the same result on every
    /// machine, a time limit does not.
    pub work_limit: u64,
    /// Threads to use, at least 1; the result does not depend on it.
    pub threads: usize,
    /// Stop when the weight is proved to be within this many millionths of the lightest possible; 0 asks for the
    /// lightest.
    pub gap_ppm: u32,
}

/// Work that improving may do by default: about a minute of two cores in 2026, so that on ordinary tables
/// the same result comes back whatever the machine.
pub const WORK_LIMIT_DEFAULT: u64 = 12_000_000_000;

/// Work for a job that should be over within a second or two.
pub const WORK_LIMIT_BRIEF: u64 = 100_000_000;

/// The least bound at which a pattern of this weight is within so many millionths of the lightest possible.
pub(crate) fn bound_enough(weight: u128, gap_ppm: u32) -> u128 {
    weight - weight.saturating_mul(u128::from(gap_ppm)).div_euclid(1_000_000).min(weight)
}

impl Budget<'_> {
    /// The same budget up to a share of its limits of time and work, in percent.
    #[must_use]
    pub fn part(&self, percent: u64) -> Self {
        let share = |limit: u64| limit / 100 * percent + limit % 100 * percent / 100;
        Self { time_limit_ms: share(self.time_limit_ms), work_limit: share(self.work_limit), ..*self }
    }

    /// Why the run has to stop now, if it has to. `work` is the candidate cells looked at so far.
    #[must_use]
    pub fn stopped(&self, work: u64) -> Option<Stopped> {
        if self.cancelled() {
            Some(Stopped::Cancelled)
        } else if work > self.work_limit {
            Some(Stopped::WorkLimit)
        } else if (self.elapsed_ms)() > self.time_limit_ms {
            Some(Stopped::TimeLimit)
        } else {
            None
        }
    }

    /// Whether somebody cancelled the run.
    #[must_use]
    pub fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }

    /// Runs `work` with no clock and [`WORK_LIMIT_BRIEF`]; for tests and short jobs.
    pub fn untimed<T>(work: impl FnOnce(&Budget<'_>) -> T) -> T {
        let cancel = AtomicBool::new(false);
        work(&Budget {
            elapsed_ms: &|| 0,
            time_limit_ms: u64::MAX,
            cancel: &cancel,
            progress: &|_| (),
            work_limit: WORK_LIMIT_BRIEF,
            threads: 1,
            gap_ppm: 0,
        })
    }
}
