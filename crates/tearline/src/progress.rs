//! Progress of long work: a bar on stderr, on a terminal only, after a second, with the time limit beside it.

use std::cell::RefCell;
use std::io::{self, IsTerminal as _};
use std::time::Duration;

use disclosure::budget::{Budget, Progress, WORK_LIMIT_DEFAULT};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::clock::Stopwatch;
use crate::interrupt::CANCELLED;

/// Work shorter than this shows nothing.
const QUIET_MS: u64 = 1_000;
/// Redraws a second.
const REDRAWS: u8 = 8;

/// The clock, limit and bar of one run of the engine.
pub(crate) struct Watch {
    stopwatch: Stopwatch,
    time_limit_s: u32,
    bar: RefCell<Option<ProgressBar>>,
    visible: bool,
}

impl Watch {
    pub(crate) fn new(time_limit_s: u32) -> Self {
        Self {
            stopwatch: Stopwatch::start(),
            time_limit_s,
            bar: RefCell::new(None),
            visible: io::stderr().is_terminal(),
        }
    }

    /// A watch with the same limit that begins now: ranges of a search that used up its time are not left wide.
    pub(crate) fn again(&self) -> Self {
        Self::new(self.time_limit_s)
    }

    /// Runs the engine under this watch, then takes the bar away.
    pub(crate) fn run<T>(&self, work: impl FnOnce(&Budget<'_>) -> T) -> T {
        let elapsed_ms = || self.stopwatch.elapsed_ms();
        let progress = |progress| self.show(progress);
        let result = work(&Budget {
            elapsed_ms: &elapsed_ms,
            time_limit_ms: u64::from(self.time_limit_s) * 1_000,
            cancel: &CANCELLED,
            progress: &progress,
            work_limit: WORK_LIMIT_DEFAULT,
            threads: 2,
            gap_ppm: 0,
        });
        if let Some(bar) = self.bar.borrow_mut().take() {
            bar.finish_and_clear();
        }
        result
    }

    fn show(&self, progress: Progress) {
        if !self.visible || self.stopwatch.elapsed_ms() < QUIET_MS {
            return;
        }
        let mut bar = self.bar.borrow_mut();
        let bar = bar.get_or_insert_with(|| self.new_bar());
        bar.set_length(progress.total.max(1));
        bar.set_position(progress.done);
        bar.set_prefix(progress.stage.word());
        let weight =
            if progress.weight > 0 { format!("weight {}, ", progress.weight) } else { String::new() };
        let message = match self.time_limit_s {
            u32::MAX => format!("{weight}no time limit, Ctrl-C stops"),
            limit => format!("{weight}limit {limit} s, Ctrl-C keeps the best so far"),
        };
        bar.set_message(message);
    }

    fn new_bar(&self) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(Some(1), ProgressDrawTarget::stderr_with_hz(REDRAWS));
        let style = ProgressStyle::with_template("{prefix} [{bar:24}] {pos}/{len} {elapsed} {wide_msg}");
        if let Ok(style) = style {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.with_elapsed(Duration::from_millis(self.stopwatch.elapsed_ms()))
    }
}
