//! Where a pool lives: Kafka's own default partitioner, so that a bridge that keys by pool is right by itself.

/// The partition that is the home of `pool` among `partitions`.
///
/// # Panics
/// Where `partitions` is 0: a topic has at least one.
#[must_use]
pub fn home(pool: &str, partitions: u32) -> u32 {
    assert!(partitions > 0, "a topic has at least one partition");
    (murmur2(pool.as_bytes()) & 0x7fff_ffff) % partitions
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
