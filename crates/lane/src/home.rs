//! Second step of an event's way: whether it is at home here. A pool lives where Kafka's own default partitioner puts
//! it, so that a bridge that keys by pool is right by itself.

use allotment::Input;
use contract::Delivery;

/// Which partition this is, of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Here {
    pub(crate) index: u32,
    pub(crate) partitions: u32,
}

/// Where a delivery belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Belongs {
    /// Here: it has its effect.
    Here,
    /// To this other partition: it is sent home.
    Elsewhere(u32),
    /// To this other partition, although it was rerouted to this one. No lane does that while the number of
    /// partitions stands, which the journal checks; so it was written by hand.
    Astray(u32),
}

impl Here {
    /// The partition `index` of so many.
    pub(crate) fn new(index: u32, partitions: u32) -> Self {
        assert!(index < partitions, "partition {index} is one of its topic's {partitions}");
        Self { index, partitions }
    }

    /// The home of an input. What has no pool that can be read has none; it stays where it is.
    pub(crate) fn home_of(self, input: &Input) -> u32 {
        if input.pool.is_empty() { self.index } else { home(&input.pool, self.partitions) }
    }

    /// Each delivery of a record, and where it belongs.
    pub(crate) fn sort<'a>(
        self,
        deliveries: impl Iterator<Item = Delivery<'a>>,
        rerouted: bool,
    ) -> impl Iterator<Item = (Belongs, Delivery<'a>)> {
        deliveries.map(move |delivery| {
            let belongs = match self.home_of(&delivery.input) {
                home if home == self.index => Belongs::Here,
                home if rerouted => Belongs::Astray(home),
                home => Belongs::Elsewhere(home),
            };
            (belongs, delivery)
        })
    }
}

/// The partition that is the home of `pool` among `partitions`.
///
/// # Panics
/// Where `partitions` is 0: a topic has at least one.
#[must_use]
pub fn home(pool: &str, partitions: u32) -> u32 {
    assert!(partitions > 0, "a topic has at least one partition");
    let home = (murmur2(pool.as_bytes()) & 0x7fff_ffff) % partitions;
    assert!(home < partitions, "partition {home} is one of its topic's {partitions}");
    home
}

/// MurmurHash2 with Kafka's seed, as in `org.apache.kafka.common.utils.Utils.murmur2`.
#[must_use]
pub const fn murmur2(bytes: &[u8]) -> u32 {
    const SEED: u32 = 0x9747_b28c;
    const M: u32 = 0x5bd1_e995;
    const R: u32 = 24;
    // Kafka's arrays are shorter than 2 GiB, and so are our ids.
    let mut hash = SEED ^ bytes.len() as u32;
    let mut rest = bytes;
    while let [a, b, c, d, tail @ ..] = rest {
        let mut k = u32::from_le_bytes([*a, *b, *c, *d]).wrapping_mul(M);
        k ^= k >> R;
        hash = hash.wrapping_mul(M) ^ k.wrapping_mul(M);
        rest = tail;
    }
    if let [.., _] = rest {
        let mut at = rest.len();
        while at > 0 {
            at -= 1;
            hash ^= (rest[at] as u32) << (8 * at);
        }
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^ (hash >> 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_as_kafka_does() {
        // The cases of `UtilsTest.testMurmur2` in Apache Kafka.
        let cases: [(&str, i32); 6] = [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            ("abc", 479_470_107),
        ];
        for (text, hash) in cases {
            assert_eq!(murmur2(text.as_bytes()).cast_signed(), hash, "{text}");
        }
    }

    #[test]
    fn every_pool_has_one_home() {
        assert_eq!(home("foobar", 1), 0);
        assert_eq!(home("foobar", 4), (-790_332_482_i32 & 0x7fff_ffff).cast_unsigned() % 4);
    }
}
