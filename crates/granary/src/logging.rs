//! Log lines to standard error, for people or as JSON. What can be logged is listed in `telemetry::log`.

use std::io::IsTerminal;

use tracing_subscriber::fmt::format::debug_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::config::{LogFormat, Settings};

/// Begins to log as the settings say. Once, by commands that serve.
pub(crate) fn begin(settings: &Settings) {
    let lines = fmt::layer().with_writer(std::io::stderr).with_target(false);
    let lines = match settings.log_format {
        // The message says all that the fields say; those are for machines.
        LogFormat::Human => lines
            .fmt_fields(debug_fn(|out, field, value| match field.name() {
                "message" => write!(out, "{value:?}"),
                _ => Ok(()),
            }))
            .with_ansi(std::io::stderr().is_terminal())
            .boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry().with(lines.with_filter(settings.log_level)).init();
}
