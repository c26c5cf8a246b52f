//! Looks at the topics every few seconds: whether an input was deleted and made again under its name, and whether a topic
//! has got more partitions. A client does not tell the first: it reads on in the new topic where it stood in the
//! old one. The second it tells after minutes, and only of the topic of the orders.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use contract::Topic;
use lane::{Described, PerInput};
use rdkafka::client::Client;
use telemetry::Board;

use crate::{Config, bounds, context::Context, describe, report, wire};

/// What looks at the topics.
pub(crate) struct Watch {
    config: Arc<Config>,
    board: Arc<Board>,
    /// How many partitions the deployment has.
    partitions: u32,
    looked: Option<Instant>,
    /// The topics that have more, and how many.
    grown: BTreeMap<Topic, u32>,
}

impl Watch {
    pub(crate) fn new(config: &Arc<Config>, board: &Arc<Board>, partitions: u32) -> Self {
        let (config, board) = (Arc::clone(config), Arc::clone(board));
        Self { config, board, partitions, looked: None, grown: BTreeMap::new() }
    }

    /// How long until it is to look again.
    pub(crate) fn due(&self) -> Duration {
        let since = self.looked.map_or(bounds::WATCH, |looked| looked.elapsed());
        bounds::WATCH.saturating_sub(since)
    }

    /// Looks, where it is time to: the inputs as the brokers describe them. `None` where they don't answer, and for
    /// the in-process broker, whose topics stay as they are.
    pub(crate) fn look(&mut self, client: &Client<Context>) -> Option<PerInput<Described>> {
        if !self.due().is_zero() {
            return None;
        }
        self.looked = Some(Instant::now());
        if !self.config.connection.describes {
            return None;
        }
        let (topics, names): (Vec<Topic>, Vec<&str>) = self.config.topics.iter().unzip();
        let found = describe::topics(client, &self.config.connection, &names).ok()?;
        // What is not there for now is not known to be another.
        let found: BTreeMap<Topic, Described> = topics
            .into_iter()
            .zip(found)
            .filter_map(|(topic, of)| Some((topic, of.ok()?)))
            .collect();
        self.see_growth(&found);
        let of = |input| found.get(&wire::topic(input)).copied().unwrap_or_default();
        Some(PerInput::from_fn(of))
    }

    /// Says once of each topic that it has got partitions that the journal does not name, and shows it from then on.
    fn see_growth(&mut self, found: &BTreeMap<Topic, Described>) {
        let grown: BTreeMap<Topic, u32> = found
            .iter()
            .map(|(topic, described)| (*topic, described.partitions))
            .filter(|(_, partitions)| *partitions > self.partitions)
            .collect();
        for (topic, partitions) in &grown {
            if self.grown.insert(*topic, *partitions) != Some(*partitions) {
                let name = self.config.topics.get(*topic);
                report::grown(name, *topic, (*partitions, self.partitions));
            }
        }
        let line = |(topic, partitions): (&Topic, &u32)| {
            let name = self.config.topics.get(*topic);
            report::growth(name, *topic, (*partitions, self.partitions))
        };
        self.board.set_notes(self.grown.iter().map(line).collect());
    }
}
