//! Prints how much is oversold under each setting and reaction of the bridge, over so many evenings:
//! `cargo xtask oversell [SEEDS]` (`docs/oversell.md`).

use std::process::ExitCode;

/// Evenings of a run where nobody says how many.
const SEEDS: u64 = 100;

fn main() -> ExitCode {
    let Ok(seeds) = std::env::args().nth(1).map_or(Ok(SEEDS), |word| word.parse()) else {
        eprintln!("usage: oversell [SEEDS], a whole number");
        return ExitCode::from(2);
    };
    print!("{}", simulator::oversell::table(seeds));
    ExitCode::SUCCESS
}
