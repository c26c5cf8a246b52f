//! What people and CI run: checks, a local Kafka, benchmarks. `cargo xtask` lists it.

use std::process::ExitCode;

mod bench;
mod check;
mod fuzz;
mod instructions;
mod kafka;
mod laws;
mod loom;
mod mutants;
mod oversell;
mod sim;
mod torture;
mod tree;

const USAGE: &str = "\
usage: cargo xtask VERB
  check           all that CI asks of the code besides its tests: laws, fmt, clippy, doc
  laws            only the laws of the house (crates/README.md lists them); quick
  deploy          write deploy/granary.toml anew from crates/granary/default.toml
  sim [--seeds N | --seed S]  many seeds of the simulated world, or one, line by line (docs/simulator.md)
  mutants [list | --only NAME]  whether the simulator finds each mistake of tests/mutants
  oversell [SEEDS]  how much each setting oversells, with a bridge that reacts soon or late (docs/oversell.md)
  bench [EVENTS]  how fast the program is through a real Kafka on this machine (Java, Maven)
  bench recovery [ORDERS]  how long answers stay away when it is killed, with so many live orders
  instructions [--keep]
                  what an event costs in instructions, against what is kept (valgrind); --keep keeps it
  fuzz [--seconds N | --runs N] [TARGET]
                  feeds every decoder with whatever bytes: N seconds each, or N inputs, always the same (C++ compiler)
  torture [--minutes M | --cycles N] [--seed S]
                  kills, stops and restarts it and its Kafka under load, and proves that nothing is lost or doubled
  loom            every interleaving of what crosses threads by hand
  kafka up|down   a real single-node Kafka on this machine, for whoever has Java and Maven";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["check"] => check::run(),
        ["laws"] => laws::run(),
        ["deploy"] => laws::settings::write(),
        ["fuzz", ..] => fuzz::run(&words[1..]),
        ["instructions", ref more @ ..] => instructions::run(more),
        ["loom"] => loom::run(),
        ["sim", ref more @ ..] => sim::run(more),
        ["mutants", ref more @ ..] => mutants::run(more),
        ["oversell", ref more @ ..] => oversell::run(more),
        ["bench", ..] => bench::run(&arguments[1..]),
        ["torture", ..] => torture::run(&arguments[1..]),
        ["kafka", ..] => kafka::run(&arguments[1..]),
        [] | ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => Err(format!("not a verb of xtask: `{}`\n{USAGE}", words.join(" "))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
