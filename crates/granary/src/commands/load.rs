//! `granary load`: made-up evenings into a real Kafka, at a rate, from a seed.

use std::time::{Duration, Instant};

use driver::Publisher;

use crate::cli::LoadArgs;
use crate::clock;
use crate::demo::theatre::topic_of;
use crate::evenings::Programme;
use crate::exit::Failure;
use crate::output::say;

/// How often is told how it goes.
const TELL_EVERY: Duration = Duration::from_secs(5);
/// How long the brokers may take for the last records.
const LAST_WITHIN: Duration = Duration::from_secs(60);

/// Publishes the evenings.
pub(crate) fn run(args: &LoadArgs) -> Result<(), Failure> {
    let settings = args.config.settings()?;
    let names = settings.topic_names();
    driver::topics::check(&settings.connection(), &names).map_err(Failure::working)?;
    let publisher = Publisher::connect(&settings.connection()).map_err(Failure::working)?;
    let start = clock::now();
    let seed = args.seed.unwrap_or_else(|| start.0.unsigned_abs() / 1000);
    let length =
        Programme::length_at(seed, args.pools, if args.rate == 0 { u64::MAX } else { args.rate });
    let mut evenings =
        Programme { seed, pools: args.pools, sessions: args.sessions, start, length }.play();
    eprintln!("granary: publishing to {} with --seed {seed}", settings.bootstrap_servers);
    let (began, limit) = (Instant::now(), args.events.unwrap_or(u64::MAX));
    let (mut sent, mut told) = (0, began);
    while sent < limit
        && let Some((due, delivery)) = evenings.next()
    {
        std::thread::sleep((began + due).saturating_duration_since(Instant::now()));
        publisher
            .send(names.get(topic_of(delivery.topic)), &delivery.key, &delivery.value)
            .map_err(Failure::working)?;
        sent += 1;
        if told.elapsed() >= TELL_EVERY {
            told = Instant::now();
            eprintln!("granary: {}", progress(sent, began.elapsed()));
        }
    }
    publisher.finish(LAST_WITHIN).map_err(Failure::working)?;
    let tally = evenings.tally;
    say(format_args!("published {}; seed {seed}", progress(sent, began.elapsed())))?;
    say(format_args!(
        "the sessions that were begun hold {} orders, {} repeats, {} late events and {} records that nobody can take",
        tally.orders, tally.duplicates, tally.late, tally.bad
    ))
}

fn progress(sent: u64, took: Duration) -> String {
    let rate = sent as f64 / took.as_secs_f64().max(0.001);
    format!("{sent} events in {:.1} s ({rate:.0} a second)", took.as_secs_f64())
}
