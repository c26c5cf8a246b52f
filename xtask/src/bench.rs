//! `cargo xtask bench [EVENTS]`: builds the program and the benchmark for release, and runs the one against
//! the other through a real Kafka.

use std::process::Command;

use crate::tree::root;

/// Large enough for some seconds of work on two cores.
const EVENTS: &str = "400000";

/// Builds and measures; the figures go to standard output.
pub(crate) fn run(events: Option<&str>) -> Result<(), String> {
    cargo(&["build", "--release", "--locked", "--package", "granary", "--package", "benchmark"])?;
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into);
    let binary = target.join("release/granary");
    let binary = binary.to_str().ok_or("the target folder's name must be UTF-8")?;
    cargo(&[
        "run",
        "--release",
        "--locked",
        "--package",
        "benchmark",
        "--",
        binary,
        events.unwrap_or(EVENTS),
    ])
}

fn cargo(arguments: &[&str]) -> Result<(), String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo).args(arguments).current_dir(root()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(format!("cargo {} failed", arguments[0])),
        Err(error) => Err(format!("cargo {}: {error}", arguments[0])),
    }
}
