//! `cargo xtask bench [recovery] [NUMBER]`: builds the program and the benchmark for release, and runs the one against
//! the other through a real Kafka.

use std::process::Command;

use crate::sim::target;
use crate::tree::root;

/// Large enough for some seconds of work on two cores.
const EVENTS: &str = "400000";
/// Live orders where nobody says how many: a season of a village.
const ORDERS: &str = "10000";

/// Builds and measures; the figures go to standard output.
pub(crate) fn run(words: &[String]) -> Result<(), String> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let measured: &[&str] = match words[..] {
        [] => &[EVENTS],
        ["recovery"] => &["recovery", ORDERS],
        _ => &words,
    };
    cargo(&["build", "--release", "--locked", "--package", "granary", "--package", "benchmark"])?;
    let binary = released("granary")?;
    let run = ["run", "--release", "--locked", "--package", "benchmark", "--", &binary];
    cargo(&[&run[..], measured].concat())
}

/// Where a program that was built for release is.
pub(crate) fn released(program: &str) -> Result<String, String> {
    let binary = target().join("release").join(program);
    binary
        .to_str()
        .map(str::to_owned)
        .ok_or_else(|| "the target folder's name must be UTF-8".into())
}

/// Runs cargo.
pub(crate) fn cargo(arguments: &[&str]) -> Result<(), String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo).args(arguments).current_dir(root()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(format!("cargo {} failed", arguments[0])),
        Err(error) => Err(format!("cargo {}: {error}", arguments[0])),
    }
}
