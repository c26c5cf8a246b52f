//! What people and CI run: checks, code generation, a local Kafka, benchmarks.

use std::process::ExitCode;

mod kafka;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.split_first() {
        Some((verb, rest)) if verb == "kafka" => kafka::run(rest),
        _ => Err(kafka::USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
