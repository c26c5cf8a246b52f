//! The four topics that a lane reads, arrays that have one place for each of them, and the partitions that a topic got later.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Index, IndexMut};

use contract::Topic;

/// A topic that a lane reads. The order is the contract's: what arrived in the same millisecond is taken
/// in it (contract §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum InputTopic {
    /// Records that arrived on a partition that is not their pool's.
    Reroute,
    /// Catalogue, lot, policy, session and hand-over events.
    Stock,
    /// Order events.
    Orders,
    /// Comment events.
    Comments,
}

impl InputTopic {
    /// All of them, in the contract's order.
    pub const ALL: [Self; 4] = [Self::Reroute, Self::Stock, Self::Orders, Self::Comments];

    /// The topic that it is.
    #[must_use]
    pub const fn topic(self) -> Topic {
        match self {
            Self::Reroute => Topic::Reroute,
            Self::Stock => Topic::Stock,
            Self::Orders => Topic::Orders,
            Self::Comments => Topic::Comments,
        }
    }

    /// The input's number in stored formats. Never changes, never is used again.
    pub(crate) const fn number(self) -> u32 {
        match self {
            Self::Reroute => 1,
            Self::Stock => 2,
            Self::Orders => 3,
            Self::Comments => 4,
        }
    }

    /// The input that a stored format means by `number`.
    pub(crate) fn of_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|input| input.number() == number)
    }
}

impl fmt::Display for InputTopic {
    /// The input's word in errors and configuration.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reroute => "reroute",
            Self::Stock => "stock",
            Self::Orders => "orders",
            Self::Comments => "comments",
        })
    }
}

/// One `T` for each input topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerInput<T>([T; 4]);

impl<T> PerInput<T> {
    /// What `make` makes of each input.
    pub fn from_fn(mut make: impl FnMut(InputTopic) -> T) -> Self {
        Self(InputTopic::ALL.map(&mut make))
    }

    /// Each input and its `T`, in the contract's order.
    pub fn iter(&self) -> impl Iterator<Item = (InputTopic, &T)> {
        InputTopic::ALL.into_iter().zip(&self.0)
    }

    /// Each input and its `T`, to change it, in the contract's order.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (InputTopic, &mut T)> {
        InputTopic::ALL.into_iter().zip(&mut self.0)
    }
}

impl<T> Index<InputTopic> for PerInput<T> {
    type Output = T;

    fn index(&self, input: InputTopic) -> &T {
        &self.0[input as usize]
    }
}

impl<T> IndexMut<InputTopic> for PerInput<T> {
    fn index_mut(&mut self, input: InputTopic) -> &mut T {
        &mut self.0[input as usize]
    }
}

/// A partition of an input beyond those that the journal names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Surplus {
    /// Which input.
    pub input: InputTopic,
    /// Which partition of it.
    pub partition: u32,
}

/// Below which offset everything was sent home, of each that anything was read of.
pub(crate) type Ends = BTreeMap<Surplus, i64>;
