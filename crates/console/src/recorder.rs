//! Keeps the metrics, with the buckets that the list gives them.

use metrics_exporter_prometheus::{
    Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};
use telemetry::names::{self, Kind};

use crate::ConsoleError;

/// Where the metrics are kept; cheap to clone.
#[derive(Clone, Debug)]
pub struct Recorder(PrometheusHandle);

impl Recorder {
    /// Puts a recorder in force for the process. Once; before anything is recorded.
    pub fn install() -> Result<Self, ConsoleError> {
        let handle = builder()?
            .install_recorder()
            .map_err(|error| ConsoleError::Recorder(error.to_string()))?;
        telemetry::metrics::describe();
        Ok(Self(handle))
    }

    /// A recorder that is in force nowhere; for tests, which put it in force for themselves.
    pub fn apart() -> Result<(Self, PrometheusRecorder), ConsoleError> {
        let recorder = builder()?.build_recorder();
        Ok((Self(recorder.handle()), recorder))
    }

    /// All metrics as Prometheus's text.
    pub(crate) fn render(&self) -> String {
        self.0.render()
    }

    /// Sums up what histograms have gathered, so that memory stays bounded where nobody scrapes.
    pub(crate) fn tidy(&self) {
        self.0.run_upkeep();
    }
}

fn builder() -> Result<PrometheusBuilder, ConsoleError> {
    let mut builder = PrometheusBuilder::new();
    for metric in names::ALL {
        if let Kind::Histogram(buckets) = metric.kind {
            builder = builder
                .set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), buckets)
                .map_err(|error| ConsoleError::Recorder(error.to_string()))?;
        }
    }
    Ok(builder)
}
