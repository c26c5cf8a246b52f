//! Events a second and CPU, while a backlog is worked off.

use std::time::{Duration, Instant};

use crate::program::Service;
use crate::scrape::Sample;

/// How often is looked: short against the whole, long against the cost of a look.
const LOOK: Duration = Duration::from_millis(50);
/// A backlog that takes longer has met something else than work.
const PATIENCE: Duration = Duration::from_secs(600);

/// Waits until all of `events` are taken, and says how fast that was.
pub(crate) fn measure(service: &Service, events: u64, partitions: u32) -> Result<String, String> {
    let first = until(service, |sample| taken(sample) > 0.0)?;
    let last = until(service, |sample| {
        let lanes = sample.sum("granary_lane_state", "state=\"running\"");
        // The last batch may still be counted while its lag is gone already: the next look has it.
        taken(sample) >= events as f64 && lanes >= f64::from(partitions)
    })?;
    let took = (last.at - first.at).as_secs_f64();
    let done = last.taken - first.taken;
    let cpu = last.cpu - first.cpu;
    Ok(format!(
        "backlog: {:.0} events a second, {:.1} CPU seconds a million events, {:.0} transactions ({done:.0} events in {took:.1} s)",
        done / took,
        cpu / done * 1e6,
        last.transactions
    ))
}

/// What was seen at one look.
struct Look {
    at: Instant,
    taken: f64,
    cpu: f64,
    transactions: f64,
}

fn until(service: &Service, enough: impl Fn(&Sample) -> bool) -> Result<Look, String> {
    let began = Instant::now();
    let mut seen = 0.0;
    while began.elapsed() < PATIENCE {
        if let Some(sample) = Sample::take(&service.console) {
            seen = taken(&sample);
            if enough(&sample) {
                return Ok(Look {
                    at: Instant::now(),
                    taken: seen,
                    cpu: sample.sum("granary_process_cpu_seconds_total", ""),
                    transactions: sample.sum("granary_transactions_total", "committed"),
                });
            }
        }
        std::thread::sleep(LOOK);
    }
    Err(format!("after {PATIENCE:?} only {seen} events were taken"))
}

/// Events that had their effect, and those that went to the dead letters.
fn taken(sample: &Sample) -> f64 {
    sample.sum("granary_events_total", "") + sample.sum("granary_dead_letters_total", "")
}
