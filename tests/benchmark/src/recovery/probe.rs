//! Asks every partition again and again, and hears which one answers.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use clients::Writer;
use rdkafka::consumer::BaseConsumer;
use rdkafka::message::Message;

use crate::latency;

/// Between two questions to a partition that has not answered.
const EVERY: Duration = Duration::from_millis(10);
/// A partition that stays away longer does not come back.
const PATIENCE: Duration = Duration::from_secs(180);

/// One pool on each partition, and a reader of all decisions.
pub(crate) struct Probe {
    writer: Writer,
    reader: BaseConsumer,
    pools: Vec<String>,
    asked: u64,
}

impl Probe {
    pub(crate) fn new(bootstrap: &str, partitions: u32) -> Result<Self, String> {
        let pool_of = |partition: u32| {
            let names = (0_u32..).map(|number| format!("probe-{number}"));
            names.into_iter().find(|name| lane::home(name, partitions) == partition)
        };
        Ok(Self {
            writer: Writer::new(bootstrap),
            reader: latency::reader(bootstrap, partitions)?,
            pools: (0..partitions).filter_map(pool_of).collect(),
            asked: 0,
        })
    }

    /// When the last of all partitions gave its first answer to a question asked after `since`.
    pub(crate) fn first_answers(&mut self, since: Instant) -> Result<Instant, String> {
        self.first_answers_while(since, || ())
    }

    /// As [`Probe::first_answers`], looking at something else between two questions.
    pub(crate) fn first_answers_while(
        &mut self,
        since: Instant,
        mut look: impl FnMut(),
    ) -> Result<Instant, String> {
        let first = self.asked;
        let mut silent: BTreeMap<i32, String> = (0_i32..).zip(self.pools.clone()).collect();
        let (mut last, mut next) = (since, Instant::now());
        while !silent.is_empty() {
            if since.elapsed() > PATIENCE {
                return Err(format!("partitions {:?} do not answer", silent.keys()));
            }
            if Instant::now() >= next {
                silent.iter().for_each(|(partition, pool)| self.ask(*partition, pool));
                self.asked += 1;
                next = Instant::now() + EVERY;
                look();
            }
            let Some(Ok(message)) = self.reader.poll(Duration::from_millis(2)) else { continue };
            if number(message.payload().unwrap_or_default()).is_some_and(|asked| asked >= first)
                && silent.remove(&message.partition()).is_some()
            {
                last = Instant::now();
            }
        }
        look();
        Ok(last)
    }

    fn ask(&self, partition: i32, pool: &str) {
        let number = self.asked;
        let at = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let at = at.map_or(0, |since| since.as_millis());
        let event = format!(
            r#"{{"type":"order.created","event_id":"probe-{number}","platform":"probe","pool":"{pool}","occurred_at":{at},"order_id":"probe-{number}","lines":[{{"sku":"probe","quantity":1}}]}}"#
        );
        let partition = u32::try_from(partition).expect("partitions are counted from 0");
        self.writer.send("granary.orders", partition, pool, event.as_bytes());
    }
}

/// The number of the question that a decision answers.
fn number(decision: &[u8]) -> Option<u64> {
    const MARK: &[u8] = b"\"event_id\":\"probe-";
    let at = decision.windows(MARK.len()).position(|window| window == MARK)? + MARK.len();
    let digits: String =
        decision[at..].iter().take_while(|b| b.is_ascii_digit()).map(|&b| char::from(b)).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_answers_to_questions_are_heard() {
        assert_eq!(number(br#"{"event_id":"probe-17","x":1}"#), Some(17));
        assert_eq!(number(br#"{"event_id":"tick"}"#), None);
    }
}
