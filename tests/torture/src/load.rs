//! The load: evenings one after the other, storms of everything beside each, at a fixed rate, from outside, until it is
//! told to stop.
//!
//! An evening is what a county sells; storms are small and have every type of event and every setting that there is.
//! Their spans are squeezed into the evening's, so that reservations, claims, lots and backorders end in it too.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use allotment::{Millis, Time};
use clients::Writer;
use lane::{InputTopic, home};
use serde_json::Value;
use traffic::evening::{Delivery, Plan, Topic, evening};
use traffic::storm::{Scene, Storm, TYPES};

use crate::PARTITIONS;
use crate::watch::Watch;
use traffic::rng::Rng;

/// Pools that sell at once.
const POOLS: u32 = 6;
/// Storms beside them, of one to three pools each.
const STORMS: u32 = 60;
/// One event in so many goes to a partition that is not its pool's, as from a bridge with a partitioner of its own.
const ASTRAY: u64 = 40;
/// One event in so many comes on the comments topic, which is as good as any other.
const BESIDE: u64 = 25;

/// What was published.
#[derive(Clone, Debug, Default)]
pub(crate) struct Published {
    /// How many records are on each partition of each input.
    pub(crate) records: BTreeMap<(InputTopic, u32), u64>,
    /// The types of events that were among them.
    pub(crate) types: BTreeSet<String>,
}

impl Published {
    /// # Errors
    /// There is a type of event of which none was published: then nothing is proved of it.
    pub(crate) fn has_every_type(&self) -> Result<(), String> {
        let lacks: Vec<_> = TYPES.into_iter().filter(|name| !self.types.contains(*name)).collect();
        if lacks.is_empty() {
            return Ok(());
        }
        Err(format!("it was too short for events of every type: there was none of {lacks:?}"))
    }
}

/// Who publishes.
pub(crate) struct Load<'a> {
    writer: Writer,
    watch: &'a Watch,
    rng: Rng,
    published: Published,
    seed: u64,
    rate: u64,
}

impl<'a> Load<'a> {
    pub(crate) fn new(bootstrap: &str, watch: &'a Watch, seed: u64, rate: u64) -> Self {
        let (writer, rng) = (Writer::new(bootstrap), Rng::new(seed ^ u64::from(POOLS)));
        Self { writer, watch, rng, published: Published::default(), seed, rate }
    }

    /// Publishes until `stop` says so, and a last order to each partition; everything is acknowledged then.
    pub(crate) fn run(mut self, stop: &AtomicBool) -> Published {
        let began = Instant::now();
        let mut number = 0_u32;
        for session in 0.. {
            for delivery in self.evening(session) {
                if stop.load(Ordering::Acquire) {
                    self.last_words();
                    self.writer.flush();
                    return self.published;
                }
                // A rate is kept by the clock; if the writer was held up, it catches up.
                let due = began
                    + Duration::from_secs(1) * number
                        / u32::try_from(self.rate).expect("rates are small");
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                let input = match delivery.topic {
                    _ if self.rng.one_in(BESIDE) => InputTopic::Comments,
                    Topic::Orders => InputTopic::Orders,
                    Topic::Stock => InputTopic::Stock,
                    Topic::Comments => InputTopic::Comments,
                };
                self.send(input, &delivery.key, &delivery.value);
                number += 1;
            }
        }
        unreachable!("there is always another evening")
    }

    /// An evening with pools of its own, and storms, as long as their events take at the rate.
    fn evening(&self, session: u32) -> Vec<Delivery> {
        let start = now();
        let both = |length| {
            let plan = Plan {
                seed: self.seed.wrapping_add(u64::from(session)),
                first_pool: session * POOLS,
                pools: POOLS,
                start,
                length,
            };
            let mut deliveries = evening(&plan).deliveries;
            for number in session * STORMS..(session + 1) * STORMS {
                let storm = Storm::new(self.seed.wrapping_add(u64::from(number)));
                let name = format!("storm{number}-");
                deliveries.extend(storm.play(Scene { name: &name, start, length }));
            }
            // What is no line can't be told to `granary process`.
            deliveries.retain(|d| !d.value.contains(&b'\n') && !d.value.trim_ascii().is_empty());
            deliveries.sort_by_key(|delivery| delivery.at);
            deliveries
        };
        let shortest = Millis(30_000);
        let events = both(shortest).len() as u64;
        let length = i64::try_from(events * 1000 / self.rate).expect("evenings are short");
        both(shortest.max(Millis(length)))
    }

    fn send(&mut self, input: InputTopic, pool: &str, value: &[u8]) {
        let at_home = home(pool, PARTITIONS);
        let astray = self.rng.one_in(ASTRAY);
        let partition = if astray { (at_home + 1) % PARTITIONS } else { at_home };
        self.watch.published(value);
        let topic = input.topic().default_name();
        self.writer.send_at(topic, partition, pool, value, now().0);
        *self.published.records.entry((input, partition)).or_default() += 1;
        let event = serde_json::from_slice::<Value>(value).unwrap_or_default();
        self.published.types.extend(event["type"].as_str().map(str::to_owned));
    }

    /// An order to each partition: where it is answered, a lane runs.
    fn last_words(&mut self) {
        for partition in 0..PARTITIONS {
            let mut pools = (0..).map(|number| format!("last-{number}"));
            let pool = pools.find(|pool| home(pool, PARTITIONS) == partition);
            let pool = pool.expect("every partition has pools");
            let at = now().0;
            let order = format!(
                r#"{{"type":"order.created","event_id":"last","platform":"x","pool":"{pool}","occurred_at":{at},"order_id":"1","lines":[{{"sku":"s","quantity":1}}]}}"#
            );
            self.send(InputTopic::Orders, &pool, order.as_bytes());
        }
    }
}

/// The time of day.
pub(crate) fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
