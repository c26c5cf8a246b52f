//! `cargo xtask check`: laws, format, lints and documentation, one step after the other, each with its time.

use std::process::Command;
use std::time::Instant;

use crate::laws;

/// What cargo is asked after the laws: a name, its arguments, and flags for rustdoc.
const STEPS: [(&str, &[&str], &str); 3] = [
    ("fmt", &["fmt", "--all", "--check"], ""),
    ("clippy", &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"], ""),
    (
        "doc",
        &["doc", "--workspace", "--no-deps", "--document-private-items", "--locked"],
        "-D warnings -A rustdoc::private_intra_doc_links",
    ),
];

/// Runs all steps; the error names those that failed.
pub(crate) fn run() -> Result<(), String> {
    let mut failed = Vec::new();
    let started = Instant::now();
    if let Err(message) = laws::run() {
        eprintln!("{message}");
        failed.push("laws");
    }
    report("laws", started);
    for (name, arguments, rustdoc) in STEPS {
        let started = Instant::now();
        if !cargo(arguments, rustdoc)? {
            failed.push(name);
        }
        report(name, started);
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("check failed: {}", failed.join(", "))) }
}

fn report(name: &str, started: Instant) {
    println!("== {name}: {:.1} s", started.elapsed().as_secs_f64());
}

fn cargo(arguments: &[&str], rustdoc: &str) -> Result<bool, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(arguments).current_dir(crate::tree::root());
    if !rustdoc.is_empty() {
        command.env("RUSTDOCFLAGS", rustdoc);
    }
    let status = command.status().map_err(|error| format!("cargo {}: {error}", arguments[0]))?;
    Ok(status.success())
}
