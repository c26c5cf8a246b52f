//! Reads the service's own metrics, as Prometheus would.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// All samples of one moment, as text.
pub(crate) struct Sample(String);

impl Sample {
    /// What `console` tells now; nothing while it does not listen yet.
    pub(crate) fn take(console: &str) -> Option<Self> {
        let mut stream = TcpStream::connect(console).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
        write!(stream, "GET /metrics HTTP/1.0\r\nHost: {console}\r\n\r\n").ok()?;
        let mut text = String::new();
        stream.read_to_string(&mut text).ok()?;
        let fine = text.split(' ').nth(1) == Some("200");
        fine.then_some(Self(text))
    }

    /// The sum over all series of a metric that have this label (any, where it is empty).
    pub(crate) fn sum(&self, metric: &str, label: &str) -> f64 {
        let series = self.0.lines().filter_map(|line| {
            let (name, value) = line.rsplit_once(' ')?;
            let labels = name.strip_prefix(metric)?;
            let is = labels.is_empty() || labels.starts_with('{');
            (is && labels.contains(label)).then(|| value.parse::<f64>().ok())?
        });
        series.sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_metric_that_is_asked_for_is_summed() {
        let sample = Sample("# HELP a x\na{x=\"1\"} 2\na{x=\"2\"} 3\na_total 7\nb 1\n".into());
        assert_eq!(
            (sample.sum("a", ""), sample.sum("a", "x=\"2\""), sample.sum("b", "")),
            (5.0, 3.0, 1.0)
        );
    }
}
