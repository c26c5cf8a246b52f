//! The driver's survey on the model: how far a lane's inputs are written, how far they can be read, and when the
//! first record between the two arrived.

use allotment::{Millis, Time};
use lane::{First, InputTopic, PerInput, Surveyed};

use super::cluster::Cluster;
use super::log::Log;

/// How often it asks, as the driver does.
const EVERY: Millis = Millis(100);

/// Asks for one lane.
#[derive(Debug)]
pub(super) struct Survey {
    partition: u32,
    asked: Option<Time>,
    /// From which offset on something is hidden, and since when that is known.
    known: PerInput<Option<(i64, Time)>>,
}

impl Survey {
    pub(super) fn new(partition: u32) -> Self {
        Self { partition, asked: None, known: PerInput::default() }
    }

    /// What is found, if it is time to ask.
    pub(super) fn ask(
        &mut self,
        cluster: &Cluster,
        clock: Time,
        urgent: bool,
    ) -> Option<PerInput<Surveyed>> {
        if !urgent && self.asked.is_some_and(|asked| clock < asked.plus(EVERY)) {
            return None;
        }
        self.asked = Some(clock);
        let mut found = PerInput::default();
        for (input, found) in found.iter_mut() {
            *found = self.ask_for(input, cluster.log((input.topic(), self.partition)), clock);
        }
        Some(found)
    }

    fn ask_for(&mut self, input: InputTopic, log: &Log, clock: Time) -> Surveyed {
        let (stable, written) = (log.stable(), log.end());
        let known = &mut self.known[input];
        if stable >= written {
            *known = None;
            return Surveyed { stable, written, hidden: None };
        }
        let since = known.filter(|(offset, _)| *offset == stable).map_or(clock, |(_, since)| since);
        *known = Some((stable, since));
        let first = log.read_uncommitted(stable).and_then(|records| records.into_iter().next());
        let (offset, message) = first.expect("an open transaction begins with a record");
        let arrival = lane::arrival(input, &message.as_record(offset));
        let hidden = Some(First { arrival, known: Millis(clock.0 - since.0) });
        Surveyed { stable, written, hidden }
    }
}
