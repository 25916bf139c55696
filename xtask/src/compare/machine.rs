//! What the measurements were made on.

use serde::{Deserialize, Serialize};

/// A machine, as far as it matters to a measurement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Machine {
    pub(super) processor: String,
    pub(super) cores: usize,
    pub(super) memory_gib: u64,
    pub(super) system: String,
}

impl Machine {
    /// The machine that this runs on; what it does not tell stays `unknown`.
    pub(super) fn here() -> Self {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        Self {
            processor: after(&read("/proc/cpuinfo"), "model name", ':').unwrap_or_else(unknown),
            cores: std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
            memory_gib: memory_gib(&read("/proc/meminfo")),
            system: after(&read("/etc/os-release"), "PRETTY_NAME", '=').unwrap_or_else(unknown),
        }
    }

    /// One line for people.
    pub(super) fn describe(&self) -> String {
        let Self { processor, cores, memory_gib, system } = self;
        format!("{processor}, {cores} cores, {memory_gib} GiB, {system}")
    }
}

/// Today, in UTC.
#[expect(clippy::disallowed_methods, reason = "a measurement has a date")]
pub(super) fn today() -> anyhow::Result<String> {
    Ok(jiff::Timestamp::try_from(std::time::SystemTime::now())?.strftime("%Y-%m-%d").to_string())
}

fn unknown() -> String {
    "unknown".to_owned()
}

/// What stands after `key` and the mark, without quotes.
fn after(text: &str, key: &str, mark: char) -> Option<String> {
    let line = text.lines().find(|line| line.starts_with(key))?;
    let (_, value) = line.split_once(mark)?;
    Some(value.trim().trim_matches('"').to_owned())
}

/// Total memory, rounded to whole GiB.
fn memory_gib(meminfo: &str) -> u64 {
    let kib = after(meminfo, "MemTotal", ':').and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
    (kib.unwrap_or(0) + 512 * 1024) / (1024 * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_files_are_read() {
        let cpu =
            "processor\t: 0\nmodel name\t: A Processor @ 2.60GHz\nmodel name\t: A Processor @ 2.60GHz\n";
        assert_eq!(after(cpu, "model name", ':').as_deref(), Some("A Processor @ 2.60GHz"));
        assert_eq!(
            after("PRETTY_NAME=\"A System 12\"\n", "PRETTY_NAME", '=').as_deref(),
            Some("A System 12")
        );
        assert_eq!(after("", "PRETTY_NAME", '='), None);
        assert_eq!(memory_gib("MemFree: 1 kB\nMemTotal:       16367428 kB\n"), 16);
        assert_eq!(memory_gib(""), 0);
    }
}
