//! `cargo xtask kafka up|down`: a real single-node Kafka for whoever has Java and Maven.

use fixture::{Options, detached};

/// What `cargo xtask kafka` can do.
pub(crate) const USAGE: &str = "\
usage: cargo xtask kafka up|down
  up    start one Kafka node on loopback (port 9092 where it is free) and say where it is
  down  end it and remove its data";

/// Runs `kafka` with what came after it on the command line; an error is what to print.
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["up"] => up(),
        ["down"] => down(),
        _ => Err(USAGE.into()),
    }
}

fn up() -> Result<(), String> {
    if let Some(node) = detached::running() {
        println!("Kafka runs already: {} (process {})", node.bootstrap, node.pid);
        return Ok(());
    }
    println!("starting Kafka (the first time its jars are fetched, some 50 MB) …");
    let options = Options { heap_mb: HEAP_MB, ..Options::default() };
    let node = detached::up(&options).map_err(|error| error.to_string())?;
    println!("Kafka is up: {} (process {})", node.bootstrap, node.pid);
    if !node.bootstrap.ends_with(DEFAULT_PORT) {
        println!(
            "port 9092 was taken, so Granary must be told: export GRANARY_KAFKA_BOOTSTRAP_SERVERS={}",
            node.bootstrap
        );
    }
    println!("its log is in {}", node.directory.display());
    println!("end it with: cargo xtask kafka down");
    Ok(())
}

fn down() -> Result<(), String> {
    match detached::down().map_err(|error| error.to_string())? {
        Some(node) => println!("Kafka on {} has ended; its data is removed", node.bootstrap),
        None => println!("no Kafka runs that `cargo xtask kafka up` started"),
    }
    Ok(())
}

/// Where Granary looks for Kafka when it is told nothing.
const DEFAULT_PORT: &str = ":9092";
/// Enough for a load test on one machine.
const HEAP_MB: u32 = 1024;
