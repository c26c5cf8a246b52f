//! `cargo xtask sim`: the simulated world, many seeds over all cores or one seed to read. What a seed does
//! is the simulator's business; here programs are started and numbers added up.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::tree::root;

/// Seeds of a run where nobody says how many.
const SEEDS: u64 = 200;

/// Where seeds that once failed stay.
const KNOWN: &str = "crates/simulator/seeds.txt";

/// Progress is told this often.
const OFTEN: Duration = Duration::from_secs(10);

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    /// So many seeds from the first on, and all that once failed before them.
    Many { first: u64, seeds: u64 },
    /// One, to read.
    One(u64),
}

/// Builds and runs what the words ask for.
pub(crate) fn run(words: &[&str]) -> Result<(), String> {
    let wanted = read(words)?;
    let program = build("sim", &root(), &target(), &[])?;
    match wanted {
        Wanted::One(seed) => show(&program, seed),
        Wanted::Many { first, seeds } => {
            let known = known_seeds()?;
            let mut sum = Sum::default();
            for seed in &known {
                if let Some(failed) = sum.take(&program, [*seed, 1, 1])? {
                    return Err(failed.in_words());
                }
            }
            println!("{} seeds that once failed: nothing wrong", known.len());
            sum.all(&program, first, seeds)?;
            sum.tell();
            Ok(())
        }
    }
}

fn read(words: &[&str]) -> Result<Wanted, String> {
    let number = |text: &str| text.parse().map_err(|_| format!("not a whole number: `{text}`"));
    Ok(match words {
        [] => Wanted::Many { first: 0, seeds: SEEDS },
        ["--seeds", seeds] => Wanted::Many { first: 0, seeds: number(seeds)? },
        ["--from", first, "--seeds", seeds] => {
            Wanted::Many { first: number(first)?, seeds: number(seeds)? }
        }
        ["--seed", seed] => Wanted::One(number(seed)?),
        _ => return Err("usage: cargo xtask sim [[--from F] --seeds N | --seed S]".to_owned()),
    })
}

/// The folder that cargo builds into.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into)
}

/// Builds a program of the simulator in the workspace at `root`, with these variables for cargo; says where it is.
pub(crate) fn build(
    program: &str,
    root: &Path,
    target: &Path,
    variables: &[(&str, &str)],
) -> Result<PathBuf, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["build", "--quiet", "--release", "--locked", "--package", "simulator"])
        .args(["--example", program])
        .env("CARGO_TARGET_DIR", target)
        .envs(variables.iter().copied())
        .current_dir(root);
    match command.status() {
        Ok(status) if status.success() => Ok(target.join("release/examples").join(program)),
        Ok(_) => Err("the simulator can't be built".to_owned()),
        Err(error) => Err(format!("cargo build: {error}")),
    }
}

fn show(program: &Path, seed: u64) -> Result<(), String> {
    let status = Command::new(program).args(["--seed", &seed.to_string()]).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(format!("seed {seed} fails")),
        Err(error) => Err(format!("{}: {error}", program.display())),
    }
}

/// The seeds that once failed: the first word of each line that is no comment.
pub(crate) fn known_seeds() -> Result<Vec<u64>, String> {
    let text =
        std::fs::read_to_string(root().join(KNOWN)).map_err(|error| format!("{KNOWN}: {error}"))?;
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let seed = |line: &str| {
        let word = line.split_whitespace().next().unwrap_or_default();
        word.parse().map_err(|_| format!("{KNOWN}: not a seed: `{line}`"))
    };
    lines.map(seed).collect()
}

/// A line of the program.
enum Line {
    Done {
        worker: usize,
        seeds: u64,
    },
    Tally {
        count: u64,
        name: String,
    },
    Failed(Failed),
    /// The program has ended: well, or not.
    Ended(bool),
}

/// A seed that fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failed {
    pub(crate) seed: u64,
    /// Who found what.
    pub(crate) what: String,
}

impl Failed {
    fn read(text: &str) -> Self {
        let (seed, what) = text.split_once(' ').unwrap_or((text, ""));
        Self { seed: seed.parse().unwrap_or(0), what: what.to_owned() }
    }

    fn in_words(&self) -> String {
        let Self { seed, what } = self;
        format!("seed {seed} fails: {what}\nagain, line by line: cargo xtask sim --seed {seed}")
    }
}

/// What the runs came to.
#[derive(Debug, Default)]
pub(crate) struct Sum(BTreeMap<String, u64>);

impl Sum {
    /// Seeds from `first` on, as many programs at once as there are cores.
    pub(crate) fn all(&mut self, program: &Path, first: u64, seeds: u64) -> Result<(), String> {
        let cores = thread::available_parallelism().map_or(1, usize::from) as u64;
        let workers = cores.min(seeds).max(1);
        let (began, mut told) = (Instant::now(), Instant::now());
        let (send, lines) = channel();
        let mut children = Vec::new();
        for worker in 0..workers {
            let count = (seeds - worker).div_ceil(workers);
            let words = [first + worker, count, workers];
            children.push(start(program, &words, worker as usize, send.clone())?);
        }
        drop(send);
        let mut done = vec![0; children.len()];
        let mut wrong = None;
        for line in lines {
            match line {
                Line::Done { worker, seeds } => done[worker] = seeds,
                Line::Tally { count, name } => *self.0.entry(name).or_default() += count,
                Line::Failed(failed) if wrong.is_none() => {
                    wrong = Some(failed.in_words());
                    // One finding is enough; the others need not go on.
                    for child in &mut children {
                        let _ = child.kill();
                    }
                }
                Line::Ended(false) if wrong.is_none() => {
                    wrong = Some("a run ended without a word".to_owned());
                }
                Line::Failed(_) | Line::Ended(_) => {}
            }
            if told.elapsed() > OFTEN {
                told = Instant::now();
                let so_far: u64 = done.iter().sum();
                println!("{so_far} of {seeds} seeds after {} s", began.elapsed().as_secs());
            }
        }
        for child in &mut children {
            let _ = child.wait();
        }
        wrong.map_or(Ok(()), Err)
    }

    /// One program to its end, or to the first seed that fails: the first seed, how many, and from one to
    /// the next.
    pub(crate) fn take(
        &mut self,
        program: &Path,
        words: [u64; 3],
    ) -> Result<Option<Failed>, String> {
        let [first, seeds, _] = words;
        let before = self.0.get("runs").copied().unwrap_or(0);
        let (send, lines) = channel();
        let mut child = start(program, &words, 0, send)?;
        let mut failed = None;
        for line in lines {
            match line {
                Line::Tally { count, name } => *self.0.entry(name).or_default() += count,
                Line::Failed(found) => failed = Some(found),
                Line::Done { .. } | Line::Ended(_) => {}
            }
        }
        let _ = child.wait();
        if failed.is_some() {
            return Ok(failed);
        }
        let runs = self.0.get("runs").copied().unwrap_or(0);
        if runs == before + seeds { Ok(None) } else { Err(format!("seed {first}: no word")) }
    }

    fn tell(&self) {
        let hours = |millis: u64| millis / 3_600_000;
        for (name, count) in &self.0 {
            match name.as_str() {
                "simulated milliseconds" => println!("{:>12} simulated hours", hours(*count)),
                name => println!("{count:>12} {name}"),
            }
        }
    }
}

/// Starts a program and reads its lines on a thread of their own.
fn start(
    program: &Path,
    words: &[u64; 3],
    worker: usize,
    lines: Sender<Line>,
) -> Result<Child, String> {
    let fail = |error: std::io::Error| format!("{}: {error}", program.display());
    let mut command = Command::new(program);
    command.args(words.map(|word| word.to_string())).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(fail)?;
    let output = child.stdout.take().ok_or("the program's output was asked for")?;
    thread::spawn(move || {
        let (mut told_end, mut bad) = (false, false);
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
            let line = match word {
                "done" => Line::Done { worker, seeds: rest.parse().unwrap_or(0) },
                "tally" => {
                    told_end = true;
                    let (count, name) = rest.split_once(' ').unwrap_or((rest, ""));
                    Line::Tally { count: count.parse().unwrap_or(0), name: name.to_owned() }
                }
                _ => {
                    bad = true;
                    Line::Failed(Failed::read(rest))
                }
            };
            // Whoever listened has heard enough.
            if lines.send(line).is_err() {
                return;
            }
        }
        let _ = lines.send(Line::Ended(told_end || bad));
    });
    Ok(child)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read() {
        assert_eq!(read(&["--seeds", "7"]), Ok(Wanted::Many { first: 0, seeds: 7 }));
        assert_eq!(read(&["--from", "3", "--seeds", "7"]), Ok(Wanted::Many { first: 3, seeds: 7 }));
        assert_eq!(read(&["--seed", "9"]), Ok(Wanted::One(9)));
        assert!(read(&["--seed"]).is_err() && read(&["--seeds", "many"]).is_err());
    }

    #[test]
    fn seeds_that_once_failed_can_be_read() {
        assert!(known_seeds().is_ok(), "{:?}", known_seeds());
    }

    #[test]
    fn a_failure_says_how_to_repeat_it() {
        let told = Failed::read("12 exactly once: twice").in_words();
        assert!(
            told.contains("exactly once: twice") && told.ends_with("cargo xtask sim --seed 12")
        );
    }
}
