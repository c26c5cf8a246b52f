//! Giving a partition away page by page, as it was when it was frozen.

use alloc::vec::Vec;

use super::codec::{Closing, Heading, append};
use super::{CHECKSUM, IMAGE_FORMAT, Page, PageKey, PageKind, Paged, checksum};
use crate::bounds::BASE_PAGE_BYTES;
use crate::pool::Pool;
use crate::weight;
use crate::{Id, Partition};

/// What a partition knows of the image that is taken of it.
#[derive(Debug)]
pub(crate) struct Images {
    /// Grows with each freeze; a pool that never changed bears 0, which no freeze comes right after.
    round: u32,
    /// Pools that changed in this round, each once.
    changed: Vec<usize>,
    /// Those of the last round of which something is still to be given, the next last.
    frozen: Vec<usize>,
}

impl Images {
    pub(crate) const fn new() -> Self {
        Self { round: 2, changed: Vec::new(), frozen: Vec::new() }
    }
}

/// What a pool knows of its base pages.
#[derive(Debug, Default)]
pub(crate) struct BaseMark {
    /// The round in which it last changed.
    changed: u32,
    /// Of its frozen state everything has been given, or there is none.
    given: bool,
    /// The frozen base, if it has changed since: all but the closing.
    captured: Option<Vec<u8>>,
    /// How many base pages are stored.
    pages: u32,
}

impl BaseMark {
    /// What it takes in memory.
    pub(crate) fn weight(&self) -> usize {
        self.captured.as_ref().map_or(0, weight::list)
    }

    /// A pool that was restored.
    pub(super) fn stored(pages: u32) -> Self {
        Self { given: true, pages, ..Self::default() }
    }
}

impl Partition {
    /// From now on [`Partition::next_pages`] gives the state as it is now, whatever happens meanwhile: all
    /// that has changed since the last time. The last image has been given whole.
    pub fn freeze(&mut self) {
        let images = &mut self.images;
        assert!(images.frozen.is_empty(), "one image at a time");
        images.round += 1;
        core::mem::swap(&mut images.changed, &mut images.frozen);
        images.frozen.reverse();
        for &ix in &images.frozen {
            let pool = &mut self.pools[ix];
            pool.orders.freeze();
            pool.identities.freeze();
            pool.base.given = false;
        }
    }

    /// Everything counts as changed: the next image is whole. For where nothing can be relied on of what is
    /// stored.
    pub fn touch_all(&mut self) {
        for ix in 0..self.pools.len() {
            self.touch(ix);
            self.pools[ix].orders.touch_all();
            self.pools[ix].identities.touch_all();
            self.recount(ix);
        }
    }

    /// Whether anything has changed since it was last frozen.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        !self.images.changed.is_empty()
    }

    /// Whether something of the frozen state is still to be given.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        !self.images.frozen.is_empty()
    }

    /// The next pages of the frozen state: at least one, and no more once they are `bytes` long together.
    /// None when all of it has been given.
    pub fn next_pages(&mut self, bytes: usize) -> Vec<Page> {
        let mut pages = Vec::new();
        let mut length = 0;
        while let Some(&ix) = self.images.frozen.last() {
            let before = pages.len();
            let done = self.pools[ix].next_pages(ix, &self.settings.hash_key, &mut pages);
            self.recount(ix);
            let page_length = |page: &Page| page.bytes.as_ref().map_or(0, Vec::len);
            length += pages[before..].iter().map(page_length).sum::<usize>();
            if done {
                self.images.frozen.pop();
            }
            if length >= bytes && !pages.is_empty() {
                break;
            }
        }
        pages
    }

    /// Must be called before a pool changes.
    #[inline]
    pub(crate) fn touch(&mut self, ix: usize) {
        if self.pools[ix].base.changed != self.images.round {
            self.change(ix);
        }
    }

    /// A pool changes for the first time in this round; if its base is frozen, it is captured first.
    #[cold]
    fn change(&mut self, ix: usize) {
        let pool = &mut self.pools[ix];
        if pool.base.changed + 1 == self.images.round && !pool.base.given {
            pool.base.captured = Some(pool.encode_base(ix));
        }
        pool.base.changed = self.images.round;
        self.images.changed.push(ix);
    }
}

impl Pool {
    /// Gives the next page, or the last ones together; returns whether that was all.
    fn next_pages(&mut self, position: usize, hash_key: &[u8; 16], out: &mut Vec<Page>) -> bool {
        let id = &self.id;
        let seal_of =
            |kind| move |number: u32, body: &mut Vec<u8>| seal(hash_key, id, kind, number, body);
        let key = |kind, number| PageKey { pool: id.clone(), kind, number };
        let orders = self.orders.next(&mut seal_of(PageKind::Orders));
        if let Some((number, bytes)) = orders {
            out.push(Page { key: key(PageKind::Orders, number), bytes });
            return false;
        }
        let identities = self.identities.next(&mut seal_of(PageKind::Identities));
        if let Some((number, bytes)) = identities {
            out.push(Page { key: key(PageKind::Identities, number), bytes });
            return false;
        }
        self.give_base(position, hash_key, out);
        true
    }

    /// Gives the base pages: after the others, whose checksums they sum up.
    fn give_base(&mut self, position: usize, hash_key: &[u8; 16], out: &mut Vec<Page>) {
        let captured = self.base.captured.take();
        let mut stream = captured.unwrap_or_else(|| self.encode_base(position));
        let ((orders, sum), (identities, other)) =
            (self.orders.ledger().stored(), self.identities.ledger().stored());
        append(&mut stream, &Closing { orders, identities, sum: sum.wrapping_add(other) });
        let mut pages = 0;
        for body in stream.chunks(BASE_PAGE_BYTES) {
            let mut bytes = Vec::with_capacity(body.len() + CHECKSUM);
            bytes.extend_from_slice(body);
            seal(hash_key, &self.id, PageKind::Base, pages, &mut bytes);
            out.push(Page { key: self.base_key(pages), bytes: Some(bytes) });
            pages += 1;
        }
        for gone in pages..self.base.pages {
            out.push(Page { key: self.base_key(gone), bytes: None });
        }
        self.base.pages = pages;
        self.base.given = true;
    }

    fn base_key(&self, number: u32) -> PageKey {
        PageKey { pool: self.id.clone(), kind: PageKind::Base, number }
    }

    fn encode_base(&self, position: usize) -> Vec<u8> {
        let position = u32::try_from(position).expect("a partition has fewer than 2^32 pools");
        let mut stream = Vec::new();
        append(&mut stream, &Heading { format: IMAGE_FORMAT, position });
        append(&mut stream, self);
        stream
    }
}

/// Appends a body's checksum, and returns it.
fn seal(hash_key: &[u8; 16], pool: &Id, kind: PageKind, number: u32, body: &mut Vec<u8>) -> u64 {
    let checksum = checksum(hash_key, pool, kind, number, body);
    body.extend_from_slice(&checksum.to_le_bytes());
    checksum
}
