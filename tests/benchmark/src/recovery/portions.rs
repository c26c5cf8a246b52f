//! What the service's own metrics say of its transactions with and without a portion of a checkpoint, and of its
//! way back.

use crate::program::Service;
use crate::scrape::Sample;

/// How long a transaction took that carried a portion of a checkpoint, beside one that did not.
pub(crate) fn told(service: &Service) -> Result<String, String> {
    let sample = sample(service)?;
    let of = |metric: &str, carried: &str| sample.sum(metric, &format!("checkpoint=\"{carried}\""));
    let mean = |carried: &str| {
        let count = of("granary_transaction_seconds_count", carried);
        (of("granary_transaction_seconds_sum", carried) * 1e3 / count.max(1.0), count)
    };
    let ((with, carried), (without, plain)) = (mean("yes"), mean("no"));
    if carried < 1.0 {
        return Ok("no transaction carried a portion of a checkpoint: too few events".to_owned());
    }
    Ok(format!(
        "a transaction with a portion of a checkpoint: {with:.1} ms ({carried} of them); without: {without:.1} ms ({plain}); {:.2} times",
        with / without
    ))
}

/// How fast `events` were decided again by a service that has just come back.
pub(crate) fn replayed(service: &Service, events: u64) -> Result<String, String> {
    let sample = sample(service)?;
    let lanes = sample.sum("granary_recovery_seconds_count", "");
    let each = sample.sum("granary_recovery_seconds_sum", "") / lanes.max(1.0);
    Ok(format!(
        "replay: {events} events in {each:.2} s (mean of {lanes} lanes, checkpoint loaded first): {:.0} events a second; {:.1} CPU seconds a million",
        events as f64 / each,
        sample.sum("granary_process_cpu_seconds_total", "") * 1e6 / events as f64
    ))
}

fn sample(service: &Service) -> Result<Sample, String> {
    Sample::take(&service.console).ok_or_else(|| "the service does not tell its metrics".to_owned())
}
