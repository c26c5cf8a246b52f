//! `cargo xtask bench [recovery] [NUMBER]`: builds the program and the benchmark for release, and runs the one against
//! the other through a real Kafka.

use std::process::Command;

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
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into);
    let binary = target.join("release/granary");
    let binary = binary.to_str().ok_or("the target folder's name must be UTF-8")?;
    let run = ["run", "--release", "--locked", "--package", "benchmark", "--", binary];
    cargo(&[&run[..], measured].concat())
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
