//! A partition as pages of bytes: what a checkpoint is made of, and what a partition is restored from.
//!
//! # Shape
//!
//! A pool is a set of pages. Each ends with eight bytes of keyed checksum over its pool, kind, number and
//! body, so that a page that is damaged, cut, or stored under another's key is noticed.
//!
//! | kind | a page's body | changes |
//! | --- | --- | --- |
//! | [`PageKind::Base`] | one stream, cut into pages of `BASE_PAGE_BYTES`: heading (format, the pool's position in its partition), the pool (policy, SKUs and lots with their books, recipes of bundles, alerts, counters, digest), closing (how many pages of the other kinds there are, and the sum of their checksums) | with every event of the pool |
//! | [`PageKind::Orders`] | 64 slots: which are used, and the orders in them | with its orders |
//! | [`PageKind::Identities`] | up to 256 identities as they came, 40 bytes each | until it is full |
//!
//! A page that exists no more is given once without bytes. Whatever can be worked out from the pages (what
//! is due when, who holds and waits, names) is not in them: restoring builds it anew, and checks on the way
//! that pages fit each other (names, numbers, books against what orders hold). Bytes never make it panic or
//! allocate much more than they are themselves. Whether right pages tell a right history only the digest
//! can show, which whoever stores them compares.
//!
//! Fields are CBOR with numbers, on the state's own types (`#[n(…)]`): texts as text, times in milliseconds,
//! words by their number, 128-bit numbers as 16 bytes, little end first.
//!
//! # Taking an image while events go on
//!
//! [`Partition::freeze`](crate::Partition::freeze) only notes which pages have changed since the last time.
//! [`Partition::next_pages`](crate::Partition::next_pages) then encodes a few at a time. An event that would
//! change a page that is frozen and still to be given encodes that page first (`Paged::touch`,
//! `Partition::touch`): one comparison in every other case.
//!
//! # Changing it
//!
//! - A number that was used is never used for anything else, a field's type never changes, and fields that
//!   are added say `default`: what a page that lacks them meant.
//! - Every change of what is written raises [`IMAGE_FORMAT`] and leaves a sample of the old format in
//!   `crates/simulator/tests/images/`, which must go on to be restored: **a new reader reads every format since 1**.
//! - **An old reader refuses a newer format** (its heading says so): a field that it would skip is part of
//!   the state, and leaving it out would give other answers.
//! - **An old writer** knows only its own format, so going back to it takes a checkpoint that it wrote, or
//!   the journal from the beginning.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

mod check;
mod codec;
mod freeze;
mod paged;
mod recount;
mod restore;

pub(crate) use codec::{IdentitiesPage, OrdersPage, is_default, list, maybe_wide, wide};
pub(crate) use freeze::{BaseMark, Images};
pub(crate) use paged::{Ledger, Mark, Paged};
pub use restore::Restorer;

use crate::Id;
use crate::digest::Digester;

/// The format that pages are written in. Raised with every change; all since 1 are read.
pub const IMAGE_FORMAT: u32 = 4;

/// What a page holds. The numbers and words never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PageKind {
    /// Everything of a pool but its orders and identities.
    Base,
    /// Orders.
    Orders,
    /// Identities of deliveries.
    Identities,
}

impl PageKind {
    /// All kinds, in their order.
    pub const ALL: [Self; 3] = [Self::Base, Self::Orders, Self::Identities];

    /// Its stored number.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Base => 0,
            Self::Orders => 1,
            Self::Identities => 2,
        }
    }

    /// The kind with that number.
    #[must_use]
    pub fn of_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Orders => "orders",
            Self::Identities => "identities",
        }
    }

    /// The kind with that word.
    #[must_use]
    pub fn of_str(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Names a page; pages are restored in this order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageKey {
    /// The pool.
    pub pool: Id,
    /// What of it.
    pub kind: PageKind,
    /// Which of that kind.
    pub number: u32,
}

impl fmt::Display for PageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "page {} of the {} of pool {}", self.number, self.kind.as_str(), self.pool)
    }
}

/// A page of a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its name.
    pub key: PageKey,
    /// Its content; `None` where there was one and is none any more.
    pub bytes: Option<Vec<u8>>,
}

/// Why pages do not make a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken(String);

impl Broken {
    fn page(key: &PageKey, what: impl fmt::Display) -> Self {
        Self(format!("{key} can't be restored: {what}"))
    }

    fn pool(id: &Id, what: impl fmt::Display) -> Self {
        Self(format!("pool {id} can't be restored: {what}"))
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for Broken {}

/// Bytes of a page's checksum.
const CHECKSUM: usize = size_of::<u64>();

/// The checksum of a page's body; keyed by the deployment, bound to the page's name.
#[expect(
    clippy::cast_possible_truncation,
    reason = "64 bits of the hash are enough for a checksum"
)]
fn checksum(hash_key: &[u8; 16], pool: &Id, kind: PageKind, number: u32, body: &[u8]) -> u64 {
    let mut digester = Digester::new(hash_key);
    digester.text(pool).count(u64::from(kind.number())).count(u64::from(number)).bytes(body);
    digester.finish() as u64
}
