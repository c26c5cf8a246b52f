//! Which deliveries a pool has seen, for as long as the dedup window remembers them.
//!
//! They are written down one after the other in pages of a fixed size. A full page never changes again, so a
//! checkpoint writes it once; when the last of a page has ended the page is dropped. An identity that has
//! ended is forgotten to the millisecond, whether its page is still there or not.

use alloc::collections::{BTreeSet, VecDeque};
use alloc::vec::Vec;
use core::hash::{BuildHasherDefault, Hasher};
use core::ops::Range;

use hashbrown::{HashMap, HashTable};
use minicbor::{Decode, Encode};

use crate::Time;
use crate::bounds::IDENTITY_PAGES_MAX;
use crate::image::{IdentitiesPage, Ledger, Mark, Paged};
use crate::weight;

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

    fn write_u128(&mut self, key: u128) {
        self.0 = spread(key);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low half of the key is what is wanted")]
const fn spread(key: u128) -> u64 {
    key as u64
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

/// Identities of a page.
const ENTRIES: u32 = 256;

/// Bytes of one identity, in memory as in a checkpoint: the identity, its content, and when it ends.
const ENTRY: usize = 16 + 16 + 8;

/// Bytes of a full page.
const PAGE: usize = ENTRIES as usize * ENTRY;

/// Where an identity is written down: its page and its entry there, the page's number cut to 24 bits, of
/// which a pool never has as many at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slot(u32);

impl Slot {
    const fn new(page: u32, entry: u32) -> Self {
        Self(page.wrapping_mul(ENTRIES) + entry)
    }

    /// How many pages after page `first` it is.
    const fn page_after(self, first: u32) -> usize {
        ((self.0 / ENTRIES).wrapping_sub(first) & (u32::MAX / ENTRIES)) as usize
    }

    const fn entry(self) -> usize {
        (self.0 % ENTRIES) as usize
    }
}

/// The identities that a pool remembers.
#[derive(Debug, Default, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Identities {
    /// Those from page `first` on that may still be needed, and emptied ones between them.
    #[cbor(skip)]
    pages: VecDeque<Page>,
    #[cbor(skip)]
    first: u32,
    #[cbor(skip)]
    by_identity: HashTable<Slot>,
    /// When the last of each full page ends.
    #[cbor(skip)]
    ends: BTreeSet<(Time, u32)>,
    #[cbor(skip)]
    ledger: Ledger,
    /// What the pages' entries take.
    #[cbor(skip)]
    weight: usize,
    /// The number of the page that is written now.
    #[n(0)]
    current: u32,
}

/// Identities that are written together, in the order in which they came.
#[derive(Debug, Default)]
struct Page {
    entries: Vec<u8>,
    /// When the last of them ends.
    end: Time,
    mark: Mark,
}

/// One identity as it is written down.
pub(crate) struct Entry {
    pub(crate) identity: u128,
    content: u128,
    pub(crate) until: Time,
}

impl Entry {
    fn read(bytes: &[u8]) -> Self {
        let part = |from: usize| {
            bytes[from..from + 16].try_into().expect("sixteen bytes are sixteen bytes")
        };
        let until = bytes[32..40].try_into().expect("eight bytes are eight bytes");
        Self {
            identity: u128::from_le_bytes(part(0)),
            content: u128::from_le_bytes(part(16)),
            until: Time(i64::from_le_bytes(until)),
        }
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        if bytes.len() == bytes.capacity() {
            // Twice as many each time, as a list does by itself, but no room beyond a full page.
            let more = bytes.len().max(4 * ENTRY).min(PAGE - bytes.len());
            bytes.reserve_exact(more);
        }
        bytes.extend_from_slice(&self.identity.to_le_bytes());
        bytes.extend_from_slice(&self.content.to_le_bytes());
        bytes.extend_from_slice(&self.until.0.to_le_bytes());
    }
}

impl Page {
    fn is_full(&self) -> bool {
        self.entries.len() == PAGE
    }

    fn entry(&self, at: usize) -> Entry {
        Entry::read(&self.entries[at * ENTRY..(at + 1) * ENTRY])
    }

    fn identities(&self) -> impl Iterator<Item = Entry> {
        self.entries.chunks_exact(ENTRY).map(Entry::read)
    }
}

impl Identities {
    /// Compares a delivery with what was seen, and remembers it until `until` if it is the first. What ends
    /// at `now` itself is still known: an event is stale only when it is older than the window, not when it
    /// is just as old.
    pub(crate) fn meet(&mut self, now: Time, identity: u128, content: u128, until: Time) -> Seen {
        if let Some(known) = self.find(identity)
            && known.until >= now
        {
            return if known.content == content { Seen::Same } else { Seen::Other };
        }
        let number = self.page_with_room();
        self.touch(number);
        let page = self.pages.back_mut().expect("there is a page with room");
        let slot = Slot::new(number, (page.entries.len() / ENTRY) as u32);
        let before = weight::list(&page.entries);
        Entry { identity, content, until }.write(&mut page.entries);
        self.weight += weight::list(&page.entries) - before;
        page.end = page.end.max(until);
        let (end, full) = (page.end, page.is_full());
        self.index(identity, slot);
        if full {
            self.ends.insert((end, number));
            self.current += 1;
        }
        Seen::First
    }

    fn find(&self, identity: u128) -> Option<Entry> {
        let same = |slot: &Slot| self.entry(*slot).identity == identity;
        self.by_identity.find(spread(identity), same).map(|&slot| self.entry(slot))
    }

    fn entry(&self, slot: Slot) -> Entry {
        self.pages[slot.page_after(self.first)].entry(slot.entry())
    }

    /// Makes `slot` the one that an identity is found at, in place of one that has ended.
    fn index(&mut self, identity: u128, slot: Slot) {
        let (pages, first) = (&self.pages, self.first);
        let read = |slot: &Slot| pages[slot.page_after(first)].entry(slot.entry()).identity;
        let same = |known: &Slot| read(known) == identity;
        match self.by_identity.find_mut(spread(identity), same) {
            Some(known) => *known = slot,
            None => {
                self.by_identity.insert_unique(spread(identity), slot, |slot| spread(read(slot)));
            }
        }
    }

    /// The page that is written now; a new one if there is none.
    fn page_with_room(&mut self) -> u32 {
        if self.pages.is_empty() {
            self.first = self.current;
        }
        if self.current - self.first == self.pages.len() as u32 {
            assert!(
                self.pages.len() < IDENTITY_PAGES_MAX as usize,
                "a pool has fewer than 2^28 identities"
            );
            self.pages.push_back(Page { end: Time::MIN, ..Page::default() });
        }
        self.current
    }

    /// How many are remembered, those that have ended in a page that has not included.
    pub(crate) fn len(&self) -> usize {
        self.by_identity.len()
    }

    /// What it takes in memory.
    pub(crate) fn weight(&self) -> usize {
        self.weight
            + self.by_identity.allocation_size()
            + weight::block(self.pages.capacity() * size_of::<Page>())
            + weight::tree(self.ends.len(), size_of::<(Time, u32)>())
            + self.ledger.weight()
    }

    /// When the first page has ended of which [`Identities::forget`] gives the memory back.
    pub(crate) fn next_ending(&self) -> Option<Time> {
        let open = self.pages.back().filter(|page| !page.entries.is_empty() && !page.is_full());
        let full = self.ends.first().map(|(end, _)| *end);
        full.into_iter().chain(open.map(|page| page.end)).min()
    }

    /// Drops the pages of which every identity has ended before `now`.
    pub(crate) fn forget(&mut self, now: Time) {
        while let Some(&(end, number)) = self.ends.first()
            && end < now
        {
            self.ends.pop_first();
            self.drop_page(number);
        }
        if let Some(page) = self.pages.back()
            && !page.entries.is_empty()
            && !page.is_full()
            && page.end < now
        {
            let number = self.current;
            self.current += 1;
            self.drop_page(number);
        }
    }

    fn drop_page(&mut self, number: u32) {
        self.touch(number);
        let at = (number - self.first) as usize;
        let page = core::mem::take(&mut self.pages[at]);
        self.weight -= weight::list(&page.entries);
        for (entry, known) in page.identities().enumerate() {
            let slot = Slot::new(number, entry as u32);
            // It may have come again since it ended: then another page has it.
            if let Ok(found) = self.by_identity.find_entry(spread(known.identity), |at| *at == slot)
            {
                found.remove();
            }
        }
        self.pages[at].mark = page.mark;
        self.drop_husks();
    }

    /// Pages at the front that are empty, and of which no checkpoint needs to hear any more.
    fn drop_husks(&mut self) {
        while let Some(page) = self.pages.front()
            && page.entries.is_empty()
            && page.mark.is_settled()
        {
            self.pages.pop_front();
            self.first += 1;
        }
    }

    /// Puts back a page that was stored; pages come in rising order. Says what is wrong with it.
    pub(crate) fn put_back(
        &mut self,
        number: u32,
        image: IdentitiesPage,
        mark: Mark,
        now: Time,
    ) -> Result<(), &'static str> {
        let length = image.entries.len();
        if length == 0 || !length.is_multiple_of(ENTRY) || length > PAGE {
            return Err("it is no whole number of identities, from 1 to a full page");
        }
        if self.pages.is_empty() {
            self.first = number;
        }
        if number - self.first >= IDENTITY_PAGES_MAX {
            return Err("it is further from the pool's first than pages can be");
        }
        self.pages.resize_with((number - self.first) as usize, Page::default);
        let entries: Vec<u8> = image.entries.into();
        let mut page = Page { entries, end: Time::MIN, mark };
        page.end = page.identities().map(|entry| entry.until).max().unwrap_or(Time::MIN);
        let full = page.is_full();
        if full {
            self.ends.insert((page.end, number));
        }
        if number > self.current || full != (number < self.current) {
            return Err("only the page that is written now may have room");
        }
        let count = length / ENTRY;
        self.weight += weight::list(&page.entries);
        self.pages.push_back(page);
        for at in 0..count {
            let slot = Slot::new(number, at as u32);
            let identity = self.entry(slot).identity;
            if self.find(identity).is_some_and(|known| known.until >= now) {
                return Err("it has an identity that another entry has too");
            }
            self.index(identity, slot);
        }
        Ok(())
    }
}

impl Paged for Identities {
    fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn ledger_mut(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    fn mark(&mut self, number: u32) -> Option<&mut Mark> {
        let at = number.checked_sub(self.first)?;
        self.pages.get_mut(at as usize).map(|page| &mut page.mark)
    }

    fn numbers(&self) -> Range<u32> {
        self.first..self.first + self.pages.len() as u32
    }

    fn encode(&self, number: u32) -> Option<Vec<u8>> {
        let page = &self.pages[(number - self.first) as usize];
        (!page.entries.is_empty()).then(|| IdentitiesPage::encode(&page.entries))
    }

    fn given(&mut self) {
        self.drop_husks();
    }
}
