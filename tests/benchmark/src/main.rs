//! How fast Granary is through a real Kafka on this machine: `cargo xtask bench`.
//!
//! Two questions. How many events a second, and how much CPU, when a backlog waits; and how long one event
//! takes from being produced to its answer being readable by an outside `read_committed` consumer, when
//! nothing else happens. Kafka, Granary and the clients share the machine.

mod backlog;
mod bare;
mod cost;
mod latency;
mod program;
mod recovery;
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
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let number = |word: &str| word.parse::<u64>().map_err(|error| format!("`{word}`: {error}"));
    let done = match words[..] {
        [binary, "recovery", orders] => {
            number(orders).and_then(|orders| recovery::measure(binary.as_ref(), orders))
        }
        [binary, events] => number(events).and_then(|events| run(PathBuf::from(binary), events)),
        _ => {
            eprintln!("usage: benchmark GRANARY [recovery] NUMBER (`cargo xtask bench` says both)");
            return ExitCode::from(2);
        }
    };
    match done {
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

    let bare = bare_loop(&kafka)?;
    let service = program.service()?;
    let (granary, told) = backlog::measure(&service, events, PARTITIONS)?;
    println!("{told}");
    println!(
        "granary / bare loop: {:.2} of the throughput, {:.1} times the CPU",
        granary.per_second() / bare.per_second(),
        granary.cpu_per_million() / bare.cpu_per_million()
    );
    println!("{}", latency::measure(&program.bootstrap, PARTITIONS)?);
    service.stop()
}

/// The same backlog through a bare loop: once so that Kafka is warm, once for the figures.
fn bare_loop(kafka: &Kafka) -> Result<cost::Cost, String> {
    let bootstrap = kafka.bootstrap();
    let partitions = PARTITIONS.to_string();
    let create = ["--bootstrap-server", &bootstrap, "--create", "--topic", bare::OUTPUT];
    let arguments = [&create[..], &["--partitions", &partitions]].concat();
    kafka
        .jars()
        .run("org.apache.kafka.tools.TopicCommand", &arguments)
        .map_err(|error| error.to_string())?;
    bare::measure(&bootstrap, "bare-warm", PARTITIONS);
    let bare = bare::measure(&bootstrap, "bare", PARTITIONS);
    println!(
        "bare loop: {:.0} events a second, {:.1} CPU seconds a million events, {} transactions",
        bare.per_second(),
        bare.cpu_per_million(),
        bare.transactions
    );
    Ok(bare)
}
