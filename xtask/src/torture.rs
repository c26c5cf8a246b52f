//! `cargo xtask torture [--minutes M | --cycles N] [--seed S]`: builds the program for release and has it tortured.

use crate::bench::{cargo, released};

/// Builds and tortures; `words` are the torturer's own.
pub(crate) fn run(words: &[String]) -> Result<(), String> {
    cargo(&["build", "--release", "--locked", "--package", "granary", "--package", "torture"])?;
    let binary = released("granary")?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let run = ["run", "--quiet", "--release", "--locked", "--package", "torture", "--", &binary];
    cargo(&[&run[..], &words].concat())
}
