//! `granary verify`: comes back to every partition as a recovery would, and compares what it finds.

use driver::{Flaw, Verified, topics, verify};

use crate::cli::VerifyArgs;
use crate::exit::Failure;
use crate::output::say;

/// Verifies a deployment, a line for each partition.
pub(crate) fn run(args: &VerifyArgs) -> Result<(), Failure> {
    let settings = args.config.settings()?;
    let config = settings.driver();
    let partitions =
        topics::check(&config.connection, &config.topics).map_err(Failure::unusable)?.partitions;
    let which = match args.partition {
        Some(partition) if partition >= partitions => {
            let last = partitions - 1;
            let why = format!("there is no partition {partition}: the topics have 0 to {last}");
            return Err(Failure::unusable(why));
        }
        Some(partition) => partition..partition + 1,
        None => 0..partitions,
    };
    let (mut wrong, mut unreadable) = (0, 0);
    for partition in which {
        match verify(&config, partition, partitions).map_err(Failure::unusable)? {
            Ok(verified) => say(format_args!("partition {partition}: {}", line(&verified)))?,
            Err(Flaw::Wrong(why)) => {
                wrong += 1;
                say(format_args!("partition {partition}: WRONG, a start would stop: {why}"))?;
            }
            Err(Flaw::Unreadable(why)) => {
                unreadable += 1;
                say(format_args!("partition {partition}: could not be read: {why}"))?;
            }
        }
    }
    match (wrong, unreadable) {
        (0, 0) => Ok(()),
        (0, _) => Err(Failure::unusable(format!("{unreadable} partitions could not be read"))),
        (_, _) => Err(Failure::working(format!("{wrong} partitions are not as they must be"))),
    }
}

fn line(verified: &Verified) -> String {
    let Verified { loaded, sequence, replayed, digest, orders, needs, took } = verified;
    let checkpoint = loaded.map_or_else(
        || "no checkpoint".to_owned(),
        |loaded| {
            let (of, pages, kib) =
                (loaded.checkpoint.sequence, loaded.checkpoint.pages, loaded.bytes / 1024);
            format!("checkpoint of {of} ({pages} pages, {kib} KiB)")
        },
    );
    let (transactions, events) = *replayed;
    let seconds = took.as_secs_f64();
    // Loading is in the time, so this is what whoever waits for a recovery sees.
    let rate = events as f64 / seconds.max(0.001);
    let from: Vec<String> =
        needs.iter().map(|(input, need)| format!("{input} {}", need.from)).collect();
    format!(
        "digest {digest:032x} as the journal says at sequence {sequence}, {orders} orders; {checkpoint}, replayed \
         {transactions} transactions with {events} events in {seconds:.2} s ({rate:.0} events/s); needs {}",
        from.join(", ")
    )
}
