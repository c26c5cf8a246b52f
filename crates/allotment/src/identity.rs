//! Which deliveries a pool has seen, for as long as the dedup window remembers them.

use alloc::collections::BTreeSet;
use core::hash::{BuildHasherDefault, Hasher};

use hashbrown::HashMap;

use crate::Time;

/// A map whose keys are keyed 128-bit hashes already, so that hashing them again would be waste.
pub(crate) type Hashed<V> = HashMap<u128, V, BuildHasherDefault<Spread>>;

/// Takes the low half of a key that is a good hash already.
#[derive(Default)]
pub(crate) struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("only keys of 128 bits are spread");
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the low half of the key is what is wanted"
    )]
    fn write_u128(&mut self, key: u128) {
        self.0 = key as u64;
    }
}

/// How a delivery relates to those that were seen before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Never, or so long ago that it is forgotten.
    First,
    /// Before, with the same content.
    Same,
    /// Before, with other content.
    Other,
}

/// The identities that a pool remembers.
#[derive(Debug, Default)]
pub(crate) struct Identities {
    contents: Hashed<u128>,
    by_end: BTreeSet<(Time, u128)>,
}

impl Identities {
    /// Compares a delivery with what was seen, and remembers it until `until` if it is the first.
    pub(crate) fn meet(&mut self, identity: u128, content: u128, until: Time) -> Seen {
        match self.contents.get(&identity) {
            Some(&known) if known == content => Seen::Same,
            Some(_) => Seen::Other,
            None => {
                self.contents.insert(identity, content);
                self.by_end.insert((until, identity));
                Seen::First
            }
        }
    }

    /// How many are remembered.
    pub(crate) fn len(&self) -> usize {
        self.contents.len()
    }

    /// Forgets what was to be remembered until before `now`. What ends at `now` itself is still known:
    /// an event is stale only when it is older than the window, not when it is just as old.
    pub(crate) fn forget(&mut self, now: Time) {
        while let Some(&(until, identity)) = self.by_end.first()
            && until < now
        {
            self.by_end.pop_first();
            let known = self.contents.remove(&identity);
            assert!(known.is_some(), "an identity that ends is one that is remembered");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_content_stands_until_it_is_forgotten() {
        let mut seen = Identities::default();
        assert_eq!(seen.meet(1, 10, Time(100)), Seen::First);
        assert_eq!(seen.meet(1, 10, Time(200)), Seen::Same);
        assert_eq!(seen.meet(1, 11, Time(200)), Seen::Other);
        seen.forget(Time(100));
        assert_eq!(seen.meet(1, 10, Time(200)), Seen::Same);
        seen.forget(Time(101));
        assert_eq!(seen.meet(1, 11, Time(300)), Seen::First);
    }
}
