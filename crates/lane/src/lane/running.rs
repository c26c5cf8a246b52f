//! What a live lane makes of the news beside its inputs: that time has passed, that its transaction is committed, and
//! how the brokers describe its inputs.

use allotment::Time;

use super::{Lane, Phase};
use crate::clock::Clock;
use crate::{Cause, Described, Effect, InputTopic, Mono, PerInput};

impl Lane {
    /// Before an event is taken in: what has the passing of time made of what is known?
    pub(super) fn observe(&mut self, last: Mono, out: &mut Vec<Effect>) {
        let Phase::Live(both) = &mut self.phase else { return };
        let (state, live) = both.as_mut();
        if live.observe(state, last, self.mono) {
            self.tag += 1;
            let follow = |input| Effect::Follow {
                input,
                from: state.merge_queue.fetch_from(input),
                tag: self.tag,
            };
            out.extend(InputTopic::ALL.map(follow));
            live.surplus.follow_again(self.tag, out);
        }
    }

    /// The transaction under way is committed, and the broker appended its journal record at `appended`.
    pub(super) fn committed(
        &mut self,
        appended: Option<Time>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Cause> {
        self.attempts = 0;
        let Phase::Live(both) = &mut self.phase else { return Ok(()) };
        let (state, live) = both.as_mut();
        let (began, effect) = live.committed(state, self.mono);
        out.extend(effect);
        match (&mut self.clock, appended) {
            (Some(clock), Some(appended)) => clock.learn(appended, began, self.mono),
            // It goes on as it did; the next commit brings news.
            (Some(_), None) => {}
            (None, Some(appended)) => {
                let last = state.chain.clock();
                self.clock = Some(Clock::new(last, appended, began, self.mono));
            }
            (None, None) => return Err(Cause::NoAppendTime),
        }
        Ok(())
    }

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
        chain.same_topics(&self.topics, &self.codec.names)
    }
}
