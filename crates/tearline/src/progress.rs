//! Progress of long work on stderr, after two seconds: weight, bound, gap and elapsed time.
//!
//! On a terminal one line that is written over, elsewhere a line every few seconds.

use std::cell::{Cell, RefCell};
use std::io::{self, IsTerminal as _, Write as _};
use std::num::NonZero;
use std::thread;
use std::time::Duration;

use disclosure::budget::{Budget, Progress, Stage, WORK_LIMIT_DEFAULT};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::clock::Stopwatch;
use crate::gap::Gap;
use crate::input::Input;
use crate::interrupt::{self, CANCELLED};
use crate::report;

/// Work shorter than this shows nothing.
const QUIET_MS: u64 = 2_000;
/// Time between lines where none can be written over.
const LINE_MS: u64 = 5_000;
/// Redraws a second.
const REDRAWS: u8 = 8;

/// What a search is told beside its problem.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wishes {
    /// Seconds it may take.
    pub(crate) time_limit_s: u32,
    /// Threads it may use; the machine's where none are named.
    pub(crate) threads: Option<u32>,
    /// How close to the lightest is close enough.
    pub(crate) gap: Gap,
    /// Decimals of a weight.
    pub(crate) decimals: u32,
}

impl Wishes {
    /// What the specification says.
    pub(crate) fn of(input: &Input) -> Self {
        let search = &input.loaded.specification.search;
        Self {
            time_limit_s: search.time_limit_s,
            threads: search.threads,
            gap: Gap::NONE,
            decimals: report::weight_decimals(input),
        }
    }
}

/// The line on stderr on which long work tells how far it is.
pub(crate) struct Line {
    stopwatch: Stopwatch,
    bar: RefCell<Option<ProgressBar>>,
    in_place: bool,
    next_line_ms: Cell<u64>,
}

impl Line {
    pub(crate) fn new() -> Self {
        Self {
            stopwatch: Stopwatch::start(),
            bar: RefCell::new(None),
            in_place: io::stderr().is_terminal(),
            next_line_ms: Cell::new(QUIET_MS),
        }
    }

    /// Says how far the work is; `end` says how it will end, where it can be ended.
    pub(crate) fn show(&self, words: &str, end: &str) {
        let elapsed_ms = self.stopwatch.elapsed_ms();
        if elapsed_ms < QUIET_MS {
            return;
        }
        if self.in_place {
            let mut bar = self.bar.borrow_mut();
            let bar = bar.get_or_insert_with(|| self.new_bar());
            bar.set_message(format!("{words}, {end}"));
            bar.tick();
        } else if elapsed_ms >= self.next_line_ms.get() {
            self.next_line_ms.set(elapsed_ms + LINE_MS);
            // If stderr is gone there is nobody left to tell.
            let _ = writeln!(io::stderr().lock(), "{} s: {words}", elapsed_ms / 1_000);
        }
    }

    /// Takes the line away.
    pub(crate) fn clear(&self) {
        if let Some(bar) = self.bar.borrow_mut().take() {
            bar.finish_and_clear();
        }
    }

    fn new_bar(&self) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(REDRAWS));
        if let Ok(style) = ProgressStyle::with_template("{elapsed} {wide_msg}") {
            bar.set_style(style);
        }
        bar.with_elapsed(Duration::from_millis(self.stopwatch.elapsed_ms()))
    }
}

/// The clock, limits and line of one run of the engine.
pub(crate) struct Watch {
    line: Line,
    wishes: Wishes,
    bound: Cell<u128>,
}

impl Watch {
    pub(crate) fn new(wishes: Wishes) -> Self {
        Self { line: Line::new(), wishes, bound: Cell::new(0) }
    }

    /// A watch with the same limits that begins now: ranges of a search that used up its time are not left wide.
    pub(crate) fn again(&self) -> Self {
        Self::new(self.wishes)
    }

    /// What the search was told.
    pub(crate) const fn wishes(&self) -> Wishes {
        self.wishes
    }

    /// Runs the engine under this watch, then takes the line away.
    pub(crate) fn run<T>(&self, work: impl FnOnce(&Budget<'_>) -> T) -> T {
        let elapsed_ms = || self.line.stopwatch.elapsed_ms();
        let progress = |progress| self.show(progress);
        let offered = || thread::available_parallelism().map_or(1, NonZero::get);
        let threads = self.wishes.threads.and_then(|threads| usize::try_from(threads).ok());
        let result = work(&Budget {
            elapsed_ms: &elapsed_ms,
            time_limit_ms: u64::from(self.wishes.time_limit_s) * 1_000,
            cancel: &CANCELLED,
            progress: &progress,
            work_limit: WORK_LIMIT_DEFAULT,
            threads: threads.unwrap_or_else(offered).max(1),
            gap_ppm: self.wishes.gap.ppm(),
        });
        self.line.clear();
        result
    }

    fn show(&self, progress: Progress) {
        // A bound holds for good, so stages that have none show the last.
        self.bound.set(self.bound.get().max(progress.bound));
        self.line.show(&words(&progress, self.bound.get(), self.wishes.decimals), &self.end());
    }

    /// How the work will end.
    fn end(&self) -> String {
        if interrupt::cancelled() {
            return "stopping".to_owned();
        }
        match self.wishes.time_limit_s {
            u32::MAX => "Ctrl-C stops".to_owned(),
            limit => format!("limit {limit} s, Ctrl-C keeps the best"),
        }
    }
}

/// Stage, and weight, bound and gap as far as they are known.
fn words(progress: &Progress, bound: u128, decimals: u32) -> String {
    let mut words = progress.stage.word().to_owned();
    if progress.total > 1 {
        words += &format!(" {} of {}", progress.done, progress.total);
    }
    if progress.weight > 0 {
        words += &format!(", weight {}", report::scaled(progress.weight, decimals));
        // The weight of a pattern that is not safe yet has no gap.
        if progress.stage != Stage::Protect && bound > 0 {
            let gap = Gap::between(progress.weight, bound);
            words += &format!(", bound {}, gap {gap}", report::scaled(bound, decimals));
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_say_what_is_known() {
        let progress = |stage, done, total, weight| Progress { stage, done, total, weight, bound: 0 };
        let cases = [
            (progress(Stage::Protect, 3, 9, 1_250), 1_000, "protecting 3 of 9, weight 12.50"),
            (progress(Stage::Exchange, 3, 9, 1_250), 0, "improving 3 of 9, weight 12.50"),
            (progress(Stage::Bound, 0, 1, 1_250), 1_000, "bounding, weight 12.50, bound 10.00, gap 20.00 %"),
            (progress(Stage::Ranges, 3, 9, 0), 1_000, "computing ranges 3 of 9"),
        ];
        for (progress, bound, expected) in cases {
            assert_eq!(words(&progress, bound, 2), expected);
        }
    }
}
