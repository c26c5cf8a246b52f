//! How fast Granary is through a real Kafka on this machine: `cargo xtask bench`.
//!
//! Two questions. How many events a second, and how much CPU, when a backlog waits; and how long one event
//! takes from being produced to its answer being readable by an outside `read_committed` consumer, when
//! nothing else happens. Kafka, Granary and the clients share the machine.

mod backlog;
mod latency;
mod program;
mod scrape;

use std::path::PathBuf;
use std::process::ExitCode;

use fixture::{Kafka, Options};
use program::Program;

/// Partitions of all topics: two lanes a core of a small machine.
const PARTITIONS: u32 = 4;
/// Enough for Kafka to keep the backlog's indexes at hand.
const HEAP_MB: u32 = 1024;

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let (Some(binary), Some(events)) = (words.next(), words.next().and_then(|n| n.parse().ok()))
    else {
        eprintln!("usage: benchmark GRANARY EVENTS (`cargo xtask bench` says both)");
        return ExitCode::from(2);
    };
    match run(PathBuf::from(binary), events) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn run(binary: PathBuf, events: u64) -> Result<(), String> {
    let kafka = Kafka::start(&Options { heap_mb: HEAP_MB, ..Options::default() })
        .map_err(|error| error.to_string())?;
    let program = Program { binary, bootstrap: kafka.bootstrap() };
    program.once(&[
        "topics",
        "create",
        "--partitions",
        &PARTITIONS.to_string(),
        "--replication",
        "1",
    ])?;
    println!(
        "{}",
        program
            .once(&[
                "load",
                "--seed",
                "1",
                "--rate",
                "0",
                "--pools",
                "64",
                "--sessions",
                "100000",
                "--events",
                &events.to_string()
            ])?
            .trim()
    );

    let service = program.service()?;
    println!("{}", backlog::measure(&service, events, PARTITIONS)?);
    println!("{}", latency::measure(&program.bootstrap, PARTITIONS)?);
    service.stop()
}
