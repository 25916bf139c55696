//! The clock of the office: asked once a command, its answer is logged and is data from then on.

use jiff::{SignedDuration, Timestamp};
use ledger::act::UtcTime;

use crate::failure::Failure;

/// Tells the time. The program's is the system's; a test gives its own.
pub(crate) trait Clock {
    /// The present second in UTC.
    fn now(&self) -> Result<UtcTime, Failure>;
}

/// The machine's clock.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Result<UtcTime, Failure> {
        second(Timestamp::now())
    }
}

/// The same time of day some days later.
pub(crate) fn days_after(time: UtcTime, days: i64) -> Result<UtcTime, Failure> {
    let read = time.to_string().parse::<Timestamp>().map_err(|_| out_of_range())?;
    second(read.checked_add(SignedDuration::from_hours(24 * days)).map_err(|_| out_of_range())?)
}

fn second(time: Timestamp) -> Result<UtcTime, Failure> {
    let text = time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    UtcTime::new(&text).map_err(|_| out_of_range())
}

fn out_of_range() -> Failure {
    Failure::failed(
        "the clock shows a time that no log can hold",
        "set the machine's clock to the present time",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_run_over_the_end_of_a_month() {
        let time = UtcTime::new("2026-02-20T23:59:59Z").unwrap();
        assert_eq!(days_after(time, 14).unwrap().to_string(), "2026-03-06T23:59:59Z");
        assert!(days_after(UtcTime::new("9999-12-31T00:00:00Z").unwrap(), 1).is_err());
    }

    #[test]
    fn the_present_is_a_time_of_the_log() {
        assert!(SystemClock.now().unwrap() > UtcTime::new("2026-01-01T00:00:00Z").unwrap());
    }
}
