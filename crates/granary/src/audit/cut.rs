//! Which part of a running deployment's topics is looked at, so that the parts belong together.
//!
//! Topics can't be asked for their ends all at once, and a transaction becomes visible on each of them at a
//! moment of its own. So they are asked twice. `settled` is the end that a topic had at first, when
//! everything before it had been decided; `end` is one that a topic had after all topics were settled. A
//! transaction with a record before `settled` anywhere is visible up to `end` everywhere. The journal's end is
//! asked for after all outputs', and the inputs' after the journal's, so that whatever is seen has its cause
//! there. What lies between the two came about meanwhile: of a pool that has something there the topics' ends don't belong
//! together, and its end state is not compared.

use std::collections::BTreeMap;

use contract::Topic;
use lane::PerInput;

/// The offsets of one topic's partition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    /// The first that is retained.
    pub(crate) earliest: i64,
    /// Before it everything was decided when the looking began.
    pub(crate) settled: i64,
    /// Before it is what is read.
    pub(crate) end: i64,
}

/// One partition of all topics.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cut {
    /// By topic.
    pub(crate) spans: BTreeMap<Topic, Span>,
    /// What the offsets' group had before, and after.
    pub(crate) committed: PerInput<(Option<i64>, Option<i64>)>,
}

impl Cut {
    pub(crate) fn span(&self, topic: Topic) -> Span {
        self.spans.get(&topic).copied().unwrap_or_default()
    }

    /// Whether retention has removed the beginning of a topic.
    pub(crate) fn is_trimmed(&self, topic: Topic) -> bool {
        self.span(topic).earliest > 0
    }

    /// Whether retention has removed the beginning of any input.
    pub(crate) fn lacks_input(&self) -> bool {
        Topic::INPUTS.into_iter().any(|topic| self.is_trimmed(topic))
    }
}
