//! `cargo xtask loom`: tries every interleaving of what crosses threads by hand (`crates/signals/tests/loom.rs`).

use std::path::PathBuf;
use std::process::Command;

use crate::tree::root;

/// Builds `signals` on loom's primitives, in a folder of its own, and runs the models.
pub(crate) fn run() -> Result<(), String> {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["test", "--release", "--locked", "--package", "signals", "--test", "loom"])
        .current_dir(root())
        .env("CARGO_TARGET_DIR", target.join("loom"))
        .env("RUSTFLAGS", "--cfg loom")
        .status()
        .map_err(|error| format!("cargo test: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err("a model of loom does not hold (see above)".to_owned())
    }
}
