//! Looks at the topics every few seconds, so that lanes hear when an input was deleted and made again under its name.
//! A client does not notice that by itself: it reads on in the new topic where it stood in the old one.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use lane::{Described, InputTopic, PerInput};
use rdkafka::client::Client;

use crate::{Config, bounds, context::Context, describe, wire};

/// What looks at the topics.
pub(crate) struct Watch {
    config: Arc<Config>,
    looked: Option<Instant>,
}

impl Watch {
    pub(crate) fn new(config: &Arc<Config>) -> Self {
        Self { config: Arc::clone(config), looked: None }
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
        let names = InputTopic::ALL.map(|input| self.config.topics.get(wire::topic(input)));
        let found = describe::topics(client, &self.config.connection, &names).ok()?;
        // What is not there for now is not known to be another.
        let mut found = found.into_iter().map(Result::unwrap_or_default);
        Some(PerInput::from_fn(|_| found.next().unwrap_or_default()))
    }
}
