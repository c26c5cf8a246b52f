//! How long answers stay away when the process that gives them is killed: `cargo xtask bench recovery ORDERS`.
//!
//! A state of live orders (paid, allocated, not yet packed) in 200 pools is built through the service itself.
//! Then the process is killed with SIGKILL again and again, and somebody takes over: the same instance,
//! restarted; another instance that knows nothing; a standby that followed. Measured from the kill to the
//! first readable answer of the slowest partition to an event that was sent after the kill, and, where
//! Kafka has to notice first, from the moment that it gave the partitions to the other instance. Beside that: what
//! a portion of a checkpoint costs the transaction that carries it, and how fast events are decided again
//! where no checkpoint has them.

mod fill;
mod portions;
mod probe;
mod rival;

use std::time::{Duration, Instant};

use fixture::{Kafka, Options};

use crate::backlog;
use crate::program::{Program, Service};
use probe::Probe;
use rival::Rival;

/// Lanes: two a core of a small machine.
const PARTITIONS: u32 = 4;
/// Pools of the state, as the figure has it.
const POOLS: u32 = 200;
/// Enough for Kafka to keep a large state's indexes at hand.
const HEAP_MB: u32 = 2048;
/// Orders that come in batches of one size, some with a portion of a checkpoint and some without.
const PORTIONED: u64 = 60_000;
/// Events in each of these batches: a tenth of a second of a busy evening on all partitions.
const BATCH: &str = "bounds.batch_records=100";
/// A checkpoint now and then, so that about as many of them carry a portion as don't.
const SEVERAL_CHECKPOINTS: &str = "checkpoints.events=10000";
/// Orders that come after the last checkpoint: some seconds of replay.
const REPLAYED: u64 = 200_000;
/// Kills of each kind; the spread is told.
const REPEATS: usize = 3;

/// Measures with `orders` live orders; prints as it goes.
pub(crate) fn measure(binary: &std::path::Path, orders: u64) -> Result<(), String> {
    let options = Options { heap_mb: HEAP_MB, ..Options::default() };
    let kafka = Kafka::start(&options).map_err(|error| error.to_string())?;
    let program = Program { binary: binary.to_path_buf(), bootstrap: kafka.bootstrap() };
    let partitions = PARTITIONS.to_string();
    program.once(&["topics", "create", "--partitions", &partitions, "--replication", "1"])?;
    println!("{orders} live orders in {POOLS} pools on {PARTITIONS} partitions");
    build(&program, orders)?;
    portions(&program)?;
    replay(&program)?;

    let mut probe = Probe::new(&program.bootstrap, PARTITIONS)?;
    restarts(&program, &mut probe)?;
    takeovers(&program, &mut probe, "cold other instance", 0)?;
    takeovers(&program, &mut probe, "standby", 1)
}

/// Builds the state, and says what it costs to hold; the stop at the end leaves a checkpoint of all of it.
fn build(program: &Program, orders: u64) -> Result<(), String> {
    let service = program.service_with(&["application.instance=a"])?;
    backlog::running(&service, PARTITIONS)?;
    let empty = service.resident()?;
    let events = fill::fill(&program.bootstrap, fill::LIVE, orders, POOLS, PARTITIONS);
    let (_, told) = backlog::measure(&service, events, PARTITIONS)?;
    println!("{told}");
    let held = service.resident()?.saturating_sub(empty);
    println!("memory: {} bytes of resident memory for each live order", held / orders.max(1));
    let stopping = Instant::now();
    service.stop()?;
    println!("graceful stop, with what was left to checkpoint: {}", seconds(stopping.elapsed()));
    Ok(())
}

/// Batches of one size, with a portion of a checkpoint and without.
fn portions(program: &Program) -> Result<(), String> {
    let service = program.service_with(&["application.instance=a", BATCH, SEVERAL_CHECKPOINTS])?;
    backlog::running(&service, PARTITIONS)?;
    let events = fill::fill(&program.bootstrap, fill::PORTIONED, PORTIONED, POOLS, PARTITIONS);
    backlog::measure(&service, events, PARTITIONS)?;
    println!("{}", portions::told(&service)?);
    service.stop()
}

/// Events that no checkpoint has are decided again: killed after them, started again, until all lanes run.
fn replay(program: &Program) -> Result<(), String> {
    let settings =
        ["application.instance=a", "checkpoints.interval=24h", "checkpoints.events=1000000000"];
    let mut service = program.service_with(&settings)?;
    backlog::running(&service, PARTITIONS)?;
    let events = fill::fill(&program.bootstrap, fill::REPLAYED, REPLAYED, POOLS, PARTITIONS);
    backlog::measure(&service, events, PARTITIONS)?;
    service.kill()?;
    let service = program.service_with(&settings)?;
    backlog::running(&service, PARTITIONS)?;
    println!("{}", portions::replayed(&service, events)?);
    service.stop()
}

/// The same instance, restarted at once: a static member, so the group gives it its partitions back.
fn restarts(program: &Program, probe: &mut Probe) -> Result<(), String> {
    let mut gaps = Vec::new();
    let mut service = start(program, probe)?;
    for _ in 0..REPEATS {
        let killed = Instant::now();
        service.kill()?;
        service = program.service_with(&["application.instance=a"])?;
        gaps.push(probe.first_answers(killed)?.duration_since(killed));
    }
    println!("restart: {}", spread(&gaps));
    service.stop()
}

fn start(program: &Program, probe: &mut Probe) -> Result<Service, String> {
    let service = program.service_with(&["application.instance=a"])?;
    backlog::running(&service, PARTITIONS)?;
    probe.first_answers(Instant::now())?;
    Ok(service)
}

/// Another instance takes over: from the kill, and from the moment that it was given the partitions.
fn takeovers(
    program: &Program,
    probe: &mut Probe,
    name: &str,
    followers: u32,
) -> Result<(), String> {
    let followers = format!("standby.followers={followers}");
    let (mut gaps, mut noticed) = (Vec::new(), Vec::new());
    let mut owner = Rival::start(program, &followers)?;
    backlog::running(&owner.service, PARTITIONS)?;
    for _ in 0..REPEATS {
        let mut other = Rival::start(program, &followers)?;
        other.await_share(&owner, PARTITIONS, followers.ends_with('1'))?;
        probe.first_answers(Instant::now())?;
        let killed = Instant::now();
        owner.service.kill()?;
        let answered = probe.first_answers_while(killed, || other.look())?;
        gaps.push(answered.duration_since(killed));
        let given = other.given_since(killed).ok_or("the other instance was given nothing")?;
        noticed.push(answered.saturating_duration_since(given));
        owner = other;
    }
    println!("{name}: from the kill {}; from Kafka's notice {}", spread(&gaps), spread(&noticed));
    owner.service.stop()
}

fn seconds(span: Duration) -> String {
    format!("{:.2} s", span.as_secs_f64())
}

fn spread(spans: &[Duration]) -> String {
    let mut sorted = spans.to_vec();
    sorted.sort_unstable();
    let [least, .., most] = sorted[..] else { return sorted.iter().map(|s| seconds(*s)).collect() };
    let median = sorted[sorted.len() / 2];
    format!(
        "median {} ({} to {}, {} times)",
        seconds(median),
        seconds(least),
        seconds(most),
        sorted.len()
    )
}
