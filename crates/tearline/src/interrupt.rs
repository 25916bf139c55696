//! Ctrl-C: the first one asks the search to stop with the best certified pattern it has, the second ends the
//! process, unless files are just being put in place.

use std::io::{self, Write as _};
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

use crate::failure::Failure;

/// Set by the first Ctrl-C; what a `Budget` takes as its cancel flag.
pub(crate) static CANCELLED: AtomicBool = AtomicBool::new(false);

/// Set while results are written: that takes moments, and a temporary folder must not be left behind.
static WRITING: AtomicBool = AtomicBool::new(false);

/// Whether a service waits for the end; told through [`ENDED`].
static SERVING: Mutex<bool> = Mutex::new(false);
/// Ctrl-C while a service waits.
static ENDED: Condvar = Condvar::new();

/// The usual exit code of a program ended by Ctrl-C.
const INTERRUPTED: i32 = 130;

/// Begins to listen.
pub(crate) fn listen() -> Result<(), Failure> {
    let handler = || {
        let again = CANCELLED.swap(true, Ordering::SeqCst);
        let serving = *SERVING.lock().unwrap_or_else(PoisonError::into_inner);
        ENDED.notify_all();
        if !again && !serving {
            // If stderr is gone there is nobody left to tell.
            let _ = writeln!(
                io::stderr().lock(),
                "stopping with what is proved so far; Ctrl-C again ends at once"
            );
        }
        if again && !WRITING.load(Ordering::SeqCst) {
            process::exit(INTERRUPTED);
        }
    };
    ctrlc::set_handler(handler)
        .map_err(|error| Failure::failed(format!("cannot listen for Ctrl-C: {error}"), "try again"))
}

/// Whether somebody pressed Ctrl-C.
pub(crate) fn cancelled() -> bool {
    CANCELLED.load(Ordering::SeqCst)
}

/// Waits for Ctrl-C: what a service does until it is to end.
pub(crate) fn wait() {
    let mut serving = SERVING.lock().unwrap_or_else(PoisonError::into_inner);
    *serving = true;
    while !cancelled() {
        serving = ENDED.wait(serving).unwrap_or_else(PoisonError::into_inner);
    }
    *serving = false;
}

/// Runs `work` without letting a second Ctrl-C end the process in the middle of it.
pub(crate) fn uninterrupted<T>(work: impl FnOnce() -> T) -> T {
    WRITING.store(true, Ordering::SeqCst);
    let result = work();
    WRITING.store(false, Ordering::SeqCst);
    result
}
