//! Runs seeds of the simulated world: `sim FIRST COUNT STEP` runs FIRST, FIRST + STEP, …, COUNT of them, and
//! writes a line for whoever adds up; `sim --seed SEED` shows one, line by line. `cargo xtask sim` does both.
//!
//! Lines to standard output: `done N` after each few seeds, `tally NAME COUNT` at the end, and for a seed
//! that fails `failed SEED CHECKER: WHAT`, in one line; then it ends with 1.

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::process::ExitCode;

use simulator::check::Finding;
use simulator::world::{Outcome, Tally, run};

/// Progress is told after so many seeds.
const OFTEN: u64 = 20;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse::<u64>().ok();
    let done = match words[..] {
        ["--seed", seed] => number(seed).map(show),
        [first, count, step] => match (number(first), number(count), number(step)) {
            (Some(first), Some(count), Some(step)) => Some(all(first, count, step)),
            _ => None,
        },
        _ => None,
    };
    done.unwrap_or_else(|| {
        eprintln!("usage: sim FIRST COUNT STEP | sim --seed SEED");
        ExitCode::from(2)
    })
}

/// One seed, with all that happens in it.
fn show(seed: u64) -> ExitCode {
    let mut out = io::stdout().lock();
    let mut line = |line: &str| {
        // Whoever reads has seen enough.
        if writeln!(out, "{line}").is_err() {
            std::process::exit(0);
        }
    };
    let outcome = run(seed, Some(&mut line));
    for (name, count) in &outcome.tally.0 {
        line(&format!("{count:>12} {name}"));
    }
    line(&format!("seed {seed}, trace {:016x}", outcome.hash));
    match outcome.finding {
        None => ExitCode::SUCCESS,
        Some(finding) => {
            line(&format!("FAILED {finding}"));
            ExitCode::FAILURE
        }
    }
}

fn all(first: u64, count: u64, step: u64) -> ExitCode {
    // A panic of a lane is a finding like any other; its words are told with it.
    set_hook(Box::new(|_| ()));
    let mut tally = Tally::default();
    for nth in 0..count {
        let seed = first + nth * step;
        let outcome = catch_unwind(AssertUnwindSafe(|| run(seed, None)));
        let Outcome { tally: more, finding, .. } = outcome.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|&text| text.to_owned()));
            let what = text.unwrap_or_else(|| "without words".to_owned());
            let finding = Some(Finding::new("panic", what));
            Outcome { hash: 0, tally: Tally::default(), finding }
        });
        if let Some(finding) = finding {
            println!("failed {seed} {}", finding.to_string().replace('\n', " "));
            return ExitCode::FAILURE;
        }
        tally.add("runs", 1);
        for (name, count) in &more.0 {
            tally.add(name, *count);
        }
        if (nth + 1) % OFTEN == 0 {
            println!("done {}", nth + 1);
        }
    }
    for (name, count) in &tally.0 {
        println!("tally {count} {name}");
    }
    ExitCode::SUCCESS
}
