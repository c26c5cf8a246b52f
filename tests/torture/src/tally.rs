//! What was done and seen, in numbers, and how it is told.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::check::Compared;
use crate::deck::Fault;
use crate::program::lines;

/// What the processes' logs tell of coming back.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Returns {
    /// Lanes that began to run from the topics.
    pub(crate) recoveries: u64,
    /// Lanes that began to run from a standby.
    pub(crate) takeovers: u64,
    /// Lanes that were dropped and came back in their process.
    pub(crate) drops: u64,
    /// Those of them that were shut out by another owner.
    pub(crate) fenced: u64,
    /// Times that a process lost its partitions without having been asked.
    pub(crate) lost: u64,
}

impl Returns {
    /// Reads the logs.
    ///
    /// # Errors
    /// A lane stopped for good.
    pub(crate) fn of(logs: &[PathBuf]) -> Result<Self, String> {
        let mut sum = Self::default();
        for log in logs {
            for line in lines(log) {
                match line["event"].as_str() {
                    Some("lane_running") if line["standby"] == true => sum.takeovers += 1,
                    Some("lane_running") => sum.recoveries += 1,
                    Some("lane_dropped") => {
                        sum.drops += 1;
                        sum.fenced += u64::from(line["cause"] == "fenced");
                    }
                    Some("rebalanced") => sum.lost += u64::from(line["change"] == "lost"),
                    Some("lane_failed" | "service_failed") => {
                        return Err(format!("{}: {line}", log.display()));
                    }
                    _ => {}
                }
            }
        }
        Ok(sum)
    }
}

/// All of it, once everything is checked.
#[derive(Debug)]
pub(crate) struct Summary {
    pub(crate) tortured: Duration,
    pub(crate) rate: u64,
    pub(crate) faults: BTreeMap<Fault, usize>,
    pub(crate) returns: Returns,
    pub(crate) longest: Duration,
    pub(crate) settled: Duration,
    pub(crate) compared: Compared,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.tortured.as_secs_f64() / 60.0;
        let kills: usize = self.faults.iter().map(|(fault, count)| fault.kills() * count).sum();
        writeln!(
            f,
            "{minutes:.1} minutes at {} events a second; {kills} processes killed with -9:",
            self.rate
        )?;
        for fault in Fault::all() {
            let count = self.faults.get(&fault).copied().unwrap_or_default();
            writeln!(f, "{count:>8} times {}", fault.name())?;
        }
        let Returns { recoveries, takeovers, drops, fenced, lost } = self.returns;
        writeln!(
            f,
            "lanes began to run {} times, {takeovers} of them from a standby; {drops} were dropped and came back, {fenced} of \
             them shut out; {lost} times a process had lost its partitions",
            recoveries + takeovers
        )?;
        writeln!(
            f,
            "longest time without an answer {:.1} s; when the faults stopped everything was taken after {:.1} s",
            self.longest.as_secs_f64(),
            self.settled.as_secs_f64()
        )?;
        let Compared { inputs, decisions, parcels, alerts, letters } = self.compared;
        writeln!(
            f,
            "{inputs} records taken; {decisions} decisions, {parcels} parcels, {alerts} alerts and {letters} dead letters are those \
             of `granary process`, the audit finds nothing wrong, every partition comes back"
        )?;
        write!(f, "nothing lost, nothing doubled")
    }
}
