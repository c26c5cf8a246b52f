//! How much memory the state takes, estimated: sums that are kept as it changes, never a walk over it.
//!
//! What an allocator takes for a request is estimated as glibc does it. Trees are taken to be as full as they
//! usually get. `tests/footprint` holds the estimate against what an allocator counts.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use minicbor::decode::Error as Unreadable;
use minicbor::encode::{Error as Unwritable, Write};
use minicbor::{Decode, Decoder, Encode, Encoder};

use crate::Id;

/// Bytes of an id that are kept within it.
const INLINE: usize = 24;

/// What an allocation of `bytes` takes.
pub(crate) const fn block(bytes: usize) -> usize {
    match bytes {
        0 => 0,
        // Eight bytes in front, in steps of sixteen, at least 32.
        1..=24 => 32,
        _ => (bytes + 8).next_multiple_of(16),
    }
}

/// What a list takes beside itself, without what its items have of their own.
pub(crate) fn list<T>(list: &Vec<T>) -> usize {
    block(list.capacity() * size_of::<T>())
}

/// What an id takes beside itself.
pub(crate) fn id(id: &Id) -> usize {
    if id.len() <= INLINE { 0 } else { block(id.len()) }
}

/// What `count` entries of trees take, each of `bytes`: nodes are two thirds full.
pub(crate) const fn entries(count: usize, bytes: usize) -> usize {
    count * (bytes + 2) * 3 / 2
}

/// What a tree of `count` entries takes, each of `bytes`: at least a node, with room for eleven.
pub(crate) fn tree(count: usize, bytes: usize) -> usize {
    if count == 0 { 0 } else { entries(count, bytes).max(block(11 * bytes + 16)) }
}

/// Something that takes memory beside itself.
pub(crate) trait Beside {
    fn beside(&self) -> usize;
}

impl Beside for Id {
    fn beside(&self) -> usize {
        id(self)
    }
}

/// A tree of things that take memory beside themselves, and the sum of that, kept as they change. Encoded, it is
/// the tree alone.
#[derive(Debug)]
pub(crate) struct Weighed<K, V> {
    entries: BTreeMap<K, V>,
    beside: usize,
}

impl<K, V> Default for Weighed<K, V> {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), beside: 0 }
    }
}

impl<K: Ord + Beside, V: Beside> Weighed<K, V> {
    pub(crate) fn entries(&self) -> &BTreeMap<K, V> {
        &self.entries
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        let (of_key, of_value) = (key.beside(), value.beside());
        let before = self.entries.insert(key, value);
        self.beside = match before {
            Some(before) => self.beside - before.beside() + of_value,
            None => self.beside + of_key + of_value,
        };
    }

    pub(crate) fn remove(&mut self, key: &K) {
        if let Some((key, value)) = self.entries.remove_entry(key) {
            self.beside -= key.beside() + value.beside();
        }
    }

    /// Changes what is there of that key, if anything is.
    pub(crate) fn change<R>(&mut self, key: &K, act: impl FnOnce(&mut V) -> R) -> Option<R> {
        let value = self.entries.get_mut(key)?;
        let before = value.beside();
        let result = act(value);
        self.beside = self.beside - before + value.beside();
        Some(result)
    }

    /// Changes what is there of that key; something new if nothing is.
    pub(crate) fn open<R>(&mut self, key: K, act: impl FnOnce(&mut V) -> R) -> R
    where
        V: Default,
    {
        let of_key = key.beside();
        let value = self.entries.entry(key).or_insert_with(|| {
            let new = V::default();
            self.beside += of_key + new.beside();
            new
        });
        let before = value.beside();
        let result = act(value);
        self.beside = self.beside - before + value.beside();
        result
    }

    /// What they take in memory.
    pub(crate) fn weight(&self) -> usize {
        tree(self.entries.len(), size_of::<(K, V)>()) + self.beside
    }

    fn add_up(&self) -> usize {
        self.entries.iter().map(|(key, value)| key.beside() + value.beside()).sum()
    }

    /// Asserts that the sum is what a walk adds up.
    pub(crate) fn assert_weight(&self) {
        assert!(self.beside == self.add_up(), "what a tree takes is what is counted");
    }
}

impl<C, K: Encode<C> + Ord, V: Encode<C>> Encode<C> for Weighed<K, V> {
    fn encode<W: Write>(
        &self,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), Unwritable<W::Error>> {
        self.entries.encode(e, ctx)
    }
}

impl<'b, C, K, V> Decode<'b, C> for Weighed<K, V>
where
    K: Decode<'b, C> + Ord + Beside,
    V: Decode<'b, C> + Beside,
{
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Self, Unreadable> {
        let read = Self { entries: Decode::decode(d, ctx)?, beside: 0 };
        Ok(Self { beside: read.add_up(), ..read })
    }
}
