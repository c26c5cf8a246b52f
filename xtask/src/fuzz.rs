//! `cargo xtask fuzz [--seconds N | --runs N] [TARGET]`: libFuzzer on the targets of `tests/fuzz`, guided by coverage.
//!
//! The compiler's instrumentation for it is a pass of LLVM, which the stable compiler runs when it is told to;
//! only the address sanitizer would need a nightly one, and there is no unsafe code in what is fuzzed.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tree::root;

/// Long enough to try the corpus and tens of thousands of its relations.
const SECONDS: &str = "20";

/// How long each target is fuzzed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Long<'a> {
    /// So many seconds, with chance: what somebody runs who looks for something new.
    Seconds(&'a str),
    /// So many inputs, the same ones each time: a check must not fail by chance.
    Runs(&'a str),
}

/// Counters at each edge of the program and the operands of comparisons, as libFuzzer wants them.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Cdebug-assertions";

/// What libFuzzer holds an input to: seconds of work, and megabytes of the whole process.
const LIMITS: [&str; 2] = ["-timeout=10", "-rss_limit_mb=1024"];

/// Builds the fuzzer and runs the targets, one after the other.
pub(crate) fn run(words: &[&str]) -> Result<(), String> {
    let (long, target) = match words {
        [] => (Long::Seconds(SECONDS), None),
        ["--seconds", seconds, target @ ..] => (Long::Seconds(seconds), target.first().copied()),
        ["--runs", runs, target @ ..] => (Long::Runs(runs), target.first().copied()),
        [target] => (Long::Seconds(SECONDS), Some(*target)),
        _ => return Err("usage: cargo xtask fuzz [--seconds N | --runs N] [TARGET]".to_owned()),
    };
    let (Long::Seconds(number) | Long::Runs(number)) = long;
    number.parse::<u32>().map_err(|_| format!("`{number}` is not a number"))?;
    let targets = targets()?;
    if let Some(target) = target
        && !targets.iter().any(|known| known == target)
    {
        return Err(format!("no target `{target}`; there are {}", targets.join(", ")));
    }
    let folder =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let folder = folder.join("fuzz");
    let binary = build(&folder)?;
    let chosen = targets.iter().filter(|known| target.is_none_or(|target| *known == target));
    let failed: Vec<&str> = chosen
        .filter_map(|name| match fuzz(&binary, &folder, name, long) {
            Ok(summary) => {
                println!("{name:<10} {summary}");
                None
            }
            Err(message) => {
                eprintln!("{message}");
                Some(name.as_str())
            }
        })
        .collect();
    if failed.is_empty() { Ok(()) } else { Err(format!("fuzz failed: {}", failed.join(", "))) }
}

/// The targets: each has a folder in the corpus.
fn targets() -> Result<Vec<String>, String> {
    let corpus = corpus();
    let entries =
        std::fs::read_dir(&corpus).map_err(|error| format!("{}: {error}", corpus.display()))?;
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    Ok(names)
}

fn corpus() -> PathBuf {
    root().join("tests/fuzz/corpus")
}

/// Builds the fuzzer in a folder of its own: its flags are nobody else's. The target is named, so that they
/// do not reach what runs while it is built.
fn build(folder: &Path) -> Result<PathBuf, String> {
    let host = host()?;
    let arguments = [
        "build",
        "--release",
        "--locked",
        "--package",
        "fuzz",
        "--features",
        "libfuzzer",
        "--bin",
        "fuzz",
        "--target",
        &host,
    ];
    let mut command = Command::new(cargo());
    command
        .args(arguments)
        .current_dir(root())
        .env("CARGO_TARGET_DIR", folder)
        .env("RUSTFLAGS", FLAGS);
    let status = command.status().map_err(|error| format!("cargo build: {error}"))?;
    if !status.success() {
        return Err("the fuzzer could not be built (it needs a C++ compiler)".to_owned());
    }
    Ok(folder.join(host).join("release/fuzz"))
}

/// Runs one target; what is new to the corpus, and what fails, stays in `folder`.
fn fuzz(binary: &Path, folder: &Path, name: &str, long: Long<'_>) -> Result<String, String> {
    let bound = match long {
        Long::Seconds(seconds) => vec![format!("-max_total_time={seconds}")],
        Long::Runs(runs) => vec![format!("-runs={runs}"), "-seed=1".to_owned()],
    };
    let (learnt, found) = (folder.join("corpus").join(name), folder.join("found"));
    for new in [&learnt, &found] {
        std::fs::create_dir_all(new).map_err(|error| format!("{}: {error}", new.display()))?;
    }
    let prefix = format!("-artifact_prefix={}/{name}-", found.display());
    let output = Command::new(binary)
        .env("GRANARY_FUZZ", name)
        .args(LIMITS)
        .args(bound)
        .arg(&prefix)
        .args([learnt, corpus().join(name)])
        .output()
        .map_err(|error| format!("{}: {error}", binary.display()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        let lines: Vec<&str> = said.lines().collect();
        let tail = lines[lines.len().saturating_sub(60)..].join("\n");
        let advice = format!(
            "keep the input as tests/fuzz/corpus/{name}/found-WHAT, so that every test run feeds it again"
        );
        return Err(format!("{tail}\n{name}: something does not hold (see above); {advice}"));
    }
    let done = said.lines().rev().find(|line| line.contains("cov:"));
    Ok(done.map_or("nothing said", |line| line.trim_start_matches('#')).to_owned())
}

fn host() -> Result<String, String> {
    let output = Command::new("rustc").arg("-vV").current_dir(root()).output();
    let output = output.map_err(|error| format!("rustc -vV: {error}"))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "rustc -vV names no host".to_owned())
}

fn cargo() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}
