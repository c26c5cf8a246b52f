//! `cargo xtask oversell`: how much is oversold, setting by setting. The evenings are the simulator's business.

use std::process::Command;

use crate::sim::{build, target};
use crate::tree::root;

/// Builds and runs it for so many seeds as are asked for.
pub(crate) fn run(words: &[&str]) -> Result<(), String> {
    let program = build("oversell", &root(), &target(), &[])?;
    match Command::new(&program).args(words).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("oversell: {status}")),
        Err(error) => Err(format!("{}: {error}", program.display())),
    }
}
