//! What state costs on this machine: `cargo run --release -p footprint -- ORDERS POOLS`.
//!
//! Bytes on the heap for each live order, placed and paid; what it takes to freeze a partition, to write all
//! of it, and to restore it; and how much slower events are while an image is taken. Times are CPU seconds
//! of one thread, which other work on the machine disturbs less than it does the clock.

use std::process::ExitCode;
use std::{env, fs};

use allotment::{Page, Partition, Settings};
use footprint::heap;
use footprint::traffic::{Traffic, apply};

/// Bytes that are taken between two batches, as a lane does.
const PORTION: usize = 128 * 1024;

/// Events of a batch.
const BATCH: u64 = 500;

fn main() -> ExitCode {
    let mut words = env::args().skip(1).map(|word| word.parse().ok());
    let (Some(Some(orders)), Some(Some(pools))) = (words.next(), words.next()) else {
        eprintln!("usage: footprint ORDERS POOLS, such as 1000000 200");
        return ExitCode::from(2);
    };
    measure(Traffic { pools, orders });
    ExitCode::SUCCESS
}

fn measure(traffic: Traffic) {
    let orders = traffic.orders as f64;
    let before = heap::held();
    let each = || (heap::held() - before) as f64 / orders;
    let mut partition = Partition::new(Settings::default());
    traffic.stock(&mut partition);
    let (placed, _) = timed(|| traffic.place(&mut partition));
    println!("placed: {:.0} bytes an order, {:.2} µs an event", each(), placed * 1e6 / orders);
    let (paid, _) = timed(|| traffic.pay(&mut partition));
    println!("paid: {:.0} bytes an order, {:.2} µs an event", each(), paid * 1e6 / orders);
    println!("it says itself: {:?}", partition.holds());

    let (froze, ()) = timed(|| partition.freeze());
    let (wrote, mut pages) = timed(|| partition.next_pages(usize::MAX));
    pages.iter_mut().filter_map(|page| page.bytes.as_mut()).for_each(Vec::shrink_to_fit);
    let bytes: usize = pages.iter().filter_map(|page| page.bytes.as_ref()).map(Vec::len).sum();
    println!(
        "image: {} pages, {:.0} bytes an order; frozen in {:.1} ms, written in {wrote:.2} s",
        pages.len(),
        bytes as f64 / orders,
        froze * 1e3
    );
    restore(&partition, pages);
    meanwhile(traffic, partition);
}

fn restore(partition: &Partition, mut pages: Vec<Page>) {
    pages.sort_by(|one, other| one.key.cmp(&other.key));
    let stored: usize = pages.iter().filter_map(|page| page.bytes.as_ref()).map(Vec::len).sum();
    let before = heap::held() - stored;
    let (took, restored) =
        timed(|| Partition::restore(Settings::default(), partition.now(), pages));
    let restored = restored.unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(restored.digest(), partition.digest(), "it is the same partition");
    println!(
        "restored in {took:.2} s; {:.0} bytes an order",
        (heap::held() - before) as f64 / partition.holds().orders as f64
    );
}

/// A second payment of each order, without and with an image that is taken in portions.
fn meanwhile(traffic: Traffic, mut partition: Partition) {
    let per_event = |seconds: f64, events: u64| seconds * 1e6 / events as f64;
    let half = traffic.orders / 2;
    let (alone, ()) = timed(|| {
        for order in 0..half {
            apply(&mut partition, traffic.order(order, 2));
        }
    });
    partition.freeze();
    let (mut events, mut portions) = (0, 0.0);
    let (taking, ()) = timed(|| {
        for order in half..traffic.orders {
            if events % BATCH == 0 && partition.is_frozen() {
                portions += timed(|| partition.next_pages(PORTION)).0;
            }
            apply(&mut partition, traffic.order(order, 2));
            events += 1;
        }
    });
    println!(
        "events: {:.2} µs each; {:.2} while an image is taken, and {:.2} for its portions",
        per_event(alone, half),
        per_event(taking - portions, events),
        per_event(portions, events)
    );
}

/// Does `work`, and says how many CPU seconds it took.
fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let before = cpu();
    let done = work();
    (cpu() - before, done)
}

/// CPU seconds of this thread.
fn cpu() -> f64 {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").expect("this is Linux");
    let nanos = stat.split_whitespace().next().and_then(|text| text.parse::<u64>().ok());
    nanos.expect("the first field is a number") as f64 / 1e9
}
