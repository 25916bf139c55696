//! Programs run from here: with a hard limit where one is needed, and their last words when they fail.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;

/// How often a program with a limit is looked at; the error of its measured time.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// How a program with a limit ended.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ended {
    /// By itself, with success or not; what it last said on either stream.
    Itself { success: bool, last_words: String },
    /// It overran the limit and was killed.
    Killed,
}

/// A finished run of a program.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Finished {
    pub(super) ended: Ended,
    /// From start to end on the wall clock.
    pub(super) seconds: f64,
}

/// Runs a program in the folder `work`, which must exist, and kills it after `limit_s` seconds. Its output goes to
/// `said.txt` there; scratch files go there too.
///
/// # Errors
/// When the program cannot be started or waited for.
#[expect(clippy::disallowed_methods, reason = "a comparison measures time")]
pub(super) fn run_limited(command: &mut Command, work: &Path, limit_s: f64) -> anyhow::Result<Finished> {
    let said = work.join("said.txt");
    let out = File::create(&said).with_context(|| format!("creating `{}`", said.display()))?;
    let error = out.try_clone()?;
    command.current_dir(work).env("TMPDIR", work).stdin(Stdio::null()).stdout(out).stderr(error);
    let start = Instant::now();
    let mut child = command.spawn().with_context(|| format!("starting {command:?}"))?;
    loop {
        if let Some(status) = child.try_wait()? {
            let seconds = start.elapsed().as_secs_f64();
            let mut last_words = last_line(&std::fs::read(&said).unwrap_or_default());
            if last_words.is_empty() || status.code().is_none() {
                // A crash says nothing by itself; the signal does.
                last_words = status.to_string();
            }
            return Ok(Finished { ended: Ended::Itself { success: status.success(), last_words }, seconds });
        }
        if start.elapsed().as_secs_f64() > limit_s {
            // It may have ended by itself meanwhile; waiting settles either case.
            let _ = child.kill();
            child.wait()?;
            return Ok(Finished { ended: Ended::Killed, seconds: start.elapsed().as_secs_f64() });
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Runs a program that must succeed and returns what it said on stdout.
///
/// # Errors
/// When it cannot be started or fails; the message ends with what it said on stderr.
pub(super) fn run(command: &mut Command) -> anyhow::Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("starting {command:?}"))?;
    anyhow::ensure!(
        output.status.success(),
        "{command:?} failed: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The last line that says anything.
fn last_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_that_says_anything_is_kept() {
        assert_eq!(last_line(b"Traceback\n  ValueError: no\n\n  \n"), "ValueError: no");
        assert_eq!(last_line(b"\n"), "");
    }

    #[test]
    fn a_program_that_crashes_says_how() {
        let work = std::env::temp_dir();
        let mut crash = Command::new("sh");
        let finished =
            run_limited(crash.args(["-c", "echo begun; kill -SEGV $$"]), &work, 60.0).expect("a shell");
        let Ended::Itself { success: false, last_words } = finished.ended else {
            panic!("it ended as {:?}", finished.ended)
        };
        assert!(last_words.contains("signal"), "{last_words}");
    }

    #[test]
    fn a_program_that_overruns_its_limit_is_killed() {
        let work = std::env::temp_dir();
        let finished = run_limited(Command::new("tail").args(["-f", "/dev/null"]), &work, 0.05);
        let finished = finished.expect("a program that waits");
        assert_eq!(finished.ended, Ended::Killed);
        assert!(finished.seconds < 5.0, "{}", finished.seconds);
    }
}
