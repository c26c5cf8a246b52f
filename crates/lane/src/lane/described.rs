//! What a lane makes of how the brokers describe its inputs: whether they are the topics that they were, and which
//! partitions they have got.

use super::{Lane, Phase};
use crate::{Cause, Described, Effect, PerInput, topic_id};

impl Lane {
    /// The inputs are described so.
    pub(super) fn described(&mut self, topics: PerInput<Described>, out: &mut Vec<Effect>) {
        self.topics = topics;
        self.follow_surplus(out);
    }

    /// A live lane begins to read the partitions without a lane that are its business.
    pub(super) fn follow_surplus(&mut self, out: &mut Vec<Effect>) {
        let Phase::Live(both) = &mut self.phase else { return };
        let (state, live) = both.as_mut();
        let place = (self.partition, self.partitions);
        live.surplus.follow(&self.topics, place, &state.chain.surplus, self.tag, out);
    }

    /// Whether the inputs are still the topics that the journal names, as far as it is known.
    pub(super) fn same_topics(&self) -> Result<(), Cause> {
        let chain = match &self.phase {
            Phase::Loading(loading) => &loading.chain,
            Phase::Replaying(both) => &both.0.chain,
            Phase::Live(both) => &both.0.chain,
            _ => return Ok(()),
        };
        topic_id::check(&chain.topics, &self.topics, &self.border.names)
    }
}
