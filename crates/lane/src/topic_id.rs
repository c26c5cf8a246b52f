//! Which topic an input is, beyond its name. One that was deleted and made again has the same name and another id, and
//! the offsets in the journal mean nothing in it.

use std::fmt;

use crate::{InputTopic, PerInput};

/// The id that Kafka gave a topic when it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopicId(u128);

/// An input topic as the brokers describe it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Described {
    /// Its id; `None` where the brokers give none.
    pub id: Option<TopicId>,
    /// How many partitions it has; 0 where that was not asked.
    pub partitions: u32,
}

/// The ids of the inputs, as far as they are known.
pub(crate) type TopicIds = PerInput<Option<TopicId>>;

impl TopicId {
    /// The id of these two halves, as Kafka's protocol has them; `None` for zero, which stands for no id.
    #[must_use]
    pub const fn of_halves(most: i64, least: i64) -> Option<Self> {
        let id = (most.cast_unsigned() as u128) << 64 | least.cast_unsigned() as u128;
        if id == 0 { None } else { Some(Self(id)) }
    }

    /// As it is stored.
    pub(crate) fn bytes(self) -> Vec<u8> {
        self.0.to_be_bytes().to_vec()
    }

    /// The id that is stored so.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Result<Self, &'static str> {
        let id =
            u128::from_be_bytes(bytes.try_into().map_err(|_| "a topic id is too long or short")?);
        if id == 0 { Err("a topic id is zero") } else { Ok(Self(id)) }
    }
}

impl fmt::Display for TopicId {
    /// As Kafka's own tools write it: base 64 for URLs, without padding.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        // 128 bits are 21 digits of six bits, and the two that are left.
        let digit = |at: u32| {
            let six = if at < 21 { self.0 >> (122 - 6 * at) } else { self.0 << 4 };
            char::from(DIGITS[(six & 63) as usize])
        };
        (0..22).map(digit).try_for_each(|digit| write!(f, "{digit}"))
    }
}

/// What is known after `found`: where that has none, what was known before.
pub(crate) fn merged(known: &TopicIds, found: &TopicIds) -> TopicIds {
    PerInput::from_fn(|input| found[input].or(known[input]))
}

/// The ids of what is described.
pub(crate) fn ids(found: &PerInput<Described>) -> TopicIds {
    PerInput::from_fn(|input: InputTopic| found[input].id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_written_as_kafka_writes_it() {
        // The sixteen bytes in base 64 for URLs, as another program writes them.
        let id = TopicId::of_halves(0x0123_4567_89ab_cdef, -0x0123_4567_89ab_cdf0);
        assert_eq!(id.map(|id| id.to_string()).as_deref(), Some("ASNFZ4mrze_-3LqYdlQyEA"));
        assert_eq!(TopicId::of_halves(0, 0), None);
    }
}
