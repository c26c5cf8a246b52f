//! How much memory the state takes, estimated: sums that are kept as it changes, never a walk over it.
//!
//! What an allocator takes for a request is estimated as glibc does it. Trees are taken to be as full as they
//! usually get. `tests/footprint` holds the estimate against what an allocator counts.

use alloc::vec::Vec;

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
