//! Granary and its Kafka killed, stopped and restarted under load, again and again: `cargo xtask torture`.
//!
//! From outside evenings are published at a fixed rate. Four processes share the partitions, two of them static members
//! of the group, each partition followed by a standby. Faults come from a deck that the seed shuffles (`deck`). Then they
//! stop, everything must be taken within a bound, and a checker reads all topics (`check`).

mod check;
mod crew;
mod deck;
mod load;
mod program;
mod replay;
mod tally;
mod topics;
mod torture;
mod watch;

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// Partitions of all topics: one or two lanes for each process.
pub(crate) const PARTITIONS: u32 = 6;

/// How long faults go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// For so long.
    Time(Duration),
    /// Until so many processes were killed.
    Kills(usize),
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) until: Until,
    pub(crate) seed: u64,
}

const USAGE: &str = "usage: torture GRANARY [--minutes M | --cycles N] [--seed S] (`cargo xtask torture` says the first)";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some((binary, wanted)) = words.split_first().and_then(|(b, more)| Some((b, read(more)?)))
    else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    println!("torture: --seed {}", wanted.seed);
    match torture::run(Path::new(binary), wanted) {
        Ok(summary) => {
            println!("{summary}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("torture: FAILED with --seed {}: {why}", wanted.seed);
            ExitCode::FAILURE
        }
    }
}

/// What the words ask for; ten minutes of a seed that nobody has seen where they ask for nothing.
fn read(words: &[&str]) -> Option<Wanted> {
    let seed = load::now().0.unsigned_abs() / 1000;
    let mut wanted = Wanted { until: Until::Time(Duration::from_secs(600)), seed };
    for pair in words.chunks(2) {
        let [word, number] = pair else { return None };
        match *word {
            "--minutes" => {
                wanted.until = Until::Time(Duration::from_secs(60) * number.parse().ok()?);
            }
            "--cycles" => wanted.until = Until::Kills(number.parse().ok()?),
            "--seed" => wanted.seed = number.parse().ok()?,
            _ => return None,
        }
    }
    Some(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read() {
        let kills = Wanted { until: Until::Kills(20), seed: 7 };
        assert_eq!(read(&["--cycles", "20", "--seed", "7"]), Some(kills));
        let minutes = Wanted { until: Until::Time(Duration::from_secs(180)), seed: 9 };
        assert_eq!(read(&["--seed", "9", "--minutes", "3"]), Some(minutes));
        assert!(read(&[]).is_some());
        assert!(read(&["--cycles"]).is_none() && read(&["--cycles", "many"]).is_none());
    }
}
