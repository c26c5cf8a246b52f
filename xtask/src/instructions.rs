//! `cargo xtask instructions [--keep]`: what an event costs in instructions, stage by stage, against the figures that
//! are kept. valgrind counts them: unlike time they are the same in each run, whatever else the machine does.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tree::root;

/// Where the figures are kept.
const FIGURES: &str = "tests/instructions/figures.txt";

/// How much more a stage may cost than what is kept. Another C library or valgrind moves a figure by less.
const MORE_MAX_PERCENT: u64 = 3;

/// What a stage costs.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Figure {
    stage: String,
    /// Instructions an event.
    instructions: u64,
}

/// Counts, and compares with what is kept or (`--keep`) keeps it.
pub(crate) fn run(words: &[&str]) -> Result<(), String> {
    let keep = match words {
        [] => false,
        ["--keep"] => true,
        _ => return Err("usage: cargo xtask instructions [--keep]".to_owned()),
    };
    let program = build()?;
    let list = output(Command::new(&program))?.0;
    let mut list = list.split_whitespace();
    let events: u64 = list.next().and_then(|word| word.parse().ok()).ok_or("no stages")?;
    let found: Vec<Figure> = list
        .map(|stage| {
            let instructions = (count(&program, stage, 2)? - count(&program, stage, 1)?) / events;
            Ok(Figure { stage: stage.to_owned(), instructions })
        })
        .collect::<Result<_, String>>()?;
    let path = root().join(FIGURES);
    if keep {
        return std::fs::write(&path, written(&found))
            .map_err(|error| format!("{}: {error}", path.display()));
    }
    let kept =
        std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    compare(&read(&kept)?, &found)
}

fn build() -> Result<PathBuf, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["build", "--release", "--locked", "--quiet", "--package", "instructions"])
        .current_dir(root());
    output(command)?;
    Ok(crate::sim::target().join("release/instructions"))
}

/// The instructions of a whole run, what comes before and after the stage included.
fn count(program: &Path, stage: &str, rounds: u64) -> Result<u64, String> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(program);
    command.args([stage, &rounds.to_string()]);
    let (_, told) = output(command)?;
    let line = told.lines().find_map(|line| line.split_once("Collected :"));
    line.and_then(|(_, number)| number.trim().parse().ok())
        .ok_or_else(|| format!("valgrind did not say how many instructions it counted:\n{told}"))
}

/// What a program wrote; an error where it failed.
fn output(mut command: Command) -> Result<(String, String), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let done = command.output().map_err(|error| {
        format!(
            "{name}: {error}{}",
            if name == "valgrind" { " (install it: apt-get install valgrind)" } else { "" }
        )
    })?;
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    if done.status.success() {
        Ok((String::from_utf8_lossy(&done.stdout).into_owned(), told))
    } else {
        Err(format!("{name}: {}\n{told}", done.status))
    }
}

/// Prints each stage beside what is kept. An error where one costs more than it may, or is not kept.
fn compare(kept: &[Figure], found: &[Figure]) -> Result<(), String> {
    let mut worse = Vec::new();
    for Figure { stage, instructions } in found {
        let before = kept.iter().find(|figure| figure.stage == *stage);
        let before = before
            .ok_or_else(|| format!("{FIGURES} has no {stage}: write it with --keep"))?
            .instructions;
        let ratio = *instructions as f64 / before as f64;
        println!("{stage:<16} {instructions:>7} instructions an event, {ratio:.2} of what is kept");
        if instructions * 100 > before * (100 + MORE_MAX_PERCENT) {
            worse.push(format!("{stage} by {:.1} %", (ratio - 1.0) * 100.0));
        }
    }
    if worse.is_empty() {
        return Ok(());
    }
    Err(format!(
        "dearer than what {FIGURES} keeps: {}. Where that is worth it, write it anew with --keep and say why",
        worse.join(", ")
    ))
}

fn written(figures: &[Figure]) -> String {
    let mut text = String::from(
        "# Instructions an event, by stage. `cargo xtask instructions --keep` writes this; without --keep it compares.\n",
    );
    for Figure { stage, instructions } in figures {
        writeln!(text, "{stage} {instructions}").expect("a text takes whatever is written");
    }
    text
}

fn read(text: &str) -> Result<Vec<Figure>, String> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (stage, number) = line.split_once(' ').unwrap_or((line, ""));
            let instructions = number.parse().map_err(|_| format!("{FIGURES}: `{line}`"))?;
            Ok(Figure { stage: stage.to_owned(), instructions })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(stage: &str, instructions: u64) -> Figure {
        Figure { stage: stage.to_owned(), instructions }
    }

    #[test]
    fn what_is_kept_is_read_again() {
        let figures = [figure("decode", 1200), figure("encode", 900)];
        assert_eq!(read(&written(&figures)).unwrap(), figures);
        assert!(read("decode many").is_err());
    }

    #[test]
    fn three_in_a_hundred_more_is_too_much() {
        let kept = [figure("decode", 1000), figure("encode", 1000)];
        assert_eq!(compare(&kept, &[figure("decode", 1030), figure("encode", 10)]), Ok(()));
        let worse = compare(&kept, &[figure("decode", 1031), figure("encode", 1000)]).unwrap_err();
        assert!(worse.contains("decode by 3.1 %") && !worse.contains("encode"), "{worse}");
        assert!(compare(&kept, &[figure("decide", 1)]).is_err(), "it must be kept");
    }
}
