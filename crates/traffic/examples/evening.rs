//! Prints an evening, one event a line, for `granary process`:
//! `cargo run -p traffic --example evening -- 7 3 > evening.ndjson` (seed 7, three pools).

use std::io::{self, Write};
use std::process::ExitCode;

use allotment::Time;
use traffic::evening::{Plan, evening};

/// 2026-11-22 20:00 in China; `process` believes the events' own times, so any evening will do.
const START: Time = Time(1_795_348_800_000);

fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).map(|word| word.parse::<u32>());
    let (Ok(seed), Ok(pools)) = (numbers.next().unwrap_or(Ok(1)), numbers.next().unwrap_or(Ok(1)))
    else {
        eprintln!("usage: evening [SEED [POOLS]], both whole numbers");
        return ExitCode::from(2);
    };
    let evening = evening(&Plan { pools, ..Plan::usual(u64::from(seed), START) });
    let mut out = io::BufWriter::new(io::stdout().lock());
    for delivery in &evening.deliveries {
        if out.write_all(&delivery.value).and_then(|()| out.write_all(b"\n")).is_err() {
            // Whoever reads has seen enough (`| head`).
            return ExitCode::SUCCESS;
        }
    }
    eprintln!("{} records: {:?}", evening.deliveries.len(), evening.tally);
    ExitCode::SUCCESS
}
