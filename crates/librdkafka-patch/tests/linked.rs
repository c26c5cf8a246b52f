//! A program that is linked without the flag knows it, and one that is linked with it knows that.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// What `.cargo/config.toml` has.
const FLAG: &str = "-Clink-arg=-Wl,--wrap=rd_kafka_metadata_update_op";

const PROGRAM: &str = "fn main() { print!(\"{:?}\", librdkafka_patch::state()) }\n";

#[test]
fn a_program_knows_whether_it_was_linked_with_the_replacement() {
    assert_eq!(linked(&[FLAG], "with"), "InForce");
    assert_eq!(linked(&[], "without"), "NotLinked");
    // Optimised, too: the compiler takes two functions of two names for two.
    assert_eq!(linked(&[FLAG, "-Copt-level=3"], "with-optimised"), "InForce");
    assert_eq!(linked(&["-Copt-level=3"], "without-optimised"), "NotLinked");
}

#[test]
fn the_workspace_is_linked_with_it() {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.cargo/config.toml");
    assert!(std::fs::read_to_string(config).unwrap().contains(FLAG));
}

/// Links a small program with this crate, as cargo has compiled it, and these flags and no others; what it says.
fn linked(flags: &[&str], name: &str) -> String {
    let exe = std::env::current_exe().unwrap();
    let compiled = exe.parent().unwrap();
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("linked");
    std::fs::create_dir_all(&folder).unwrap();
    let (source, program) = (folder.join(format!("{name}.rs")), folder.join(name));
    std::fs::write(&source, PROGRAM).unwrap();
    let library = format!("librdkafka_patch={}", newest(compiled).display());
    let done = Command::new(std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned()))
        .args(["--edition", "2024", "--crate-name", "probe", "--extern", &library])
        .args(["-L", &format!("dependency={}", compiled.display())])
        .args(flags)
        .arg("-o")
        .args([&program, &source])
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(Command::new(&program).output().unwrap().stdout).unwrap()
}

/// This crate's library: cargo has compiled it just now, and may have left older ones.
fn newest(compiled: &Path) -> PathBuf {
    let libraries = std::fs::read_dir(compiled).unwrap().map(|entry| entry.unwrap().path());
    let is_it = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.starts_with("liblibrdkafka_patch-") && name.ends_with(".rlib")
    };
    let age = |path: &PathBuf| -> SystemTime { path.metadata().unwrap().modified().unwrap() };
    libraries.filter(is_it).max_by_key(age).unwrap()
}
