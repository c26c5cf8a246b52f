//! Looks at the topics' settings now and then. At the start they are checked, but somebody may set one while Granary
//! runs, and what a topic then loses is not noticed by who writes to it.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use contract::Topic;
use rdkafka::admin::AdminClient;

use crate::{Config, bounds, context::Context, report, topics};

/// What looks at the settings.
pub(crate) struct Soundness {
    config: Arc<Config>,
    looked: Instant,
    /// What is wrong, of each topic, as it was said.
    said: BTreeMap<Topic, String>,
}

impl Soundness {
    /// The start has just looked.
    pub(crate) fn new(config: &Arc<Config>) -> Self {
        Self { config: Arc::clone(config), looked: Instant::now(), said: BTreeMap::new() }
    }

    /// Looks, where it is time to, and says what has changed. Lanes go on: what they write is still taken, and a
    /// restart would refuse.
    pub(crate) fn look(&mut self, admin: &AdminClient<Context>) {
        if !self.config.connection.describes || self.looked.elapsed() < bounds::SETTINGS_LOOK {
            return;
        }
        self.looked = Instant::now();
        // Where the brokers don't answer, nothing new is known.
        let Ok(found) = topics::unsound(admin, &self.config.topics) else { return };
        for (topic, name) in self.config.topics.iter() {
            match (found.get(&topic), self.said.get(&topic)) {
                (Some(why), said) if said != Some(why) => {
                    report::unsound(name, Some(why));
                    self.said.insert(topic, why.clone());
                }
                (None, Some(_)) => {
                    report::unsound(name, None);
                    self.said.remove(&topic);
                }
                _ => {}
            }
        }
    }
}
