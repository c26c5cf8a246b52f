//! Which pages of one kind have changed, which are frozen, and which are to be given.

use alloc::vec::Vec;

use crate::weight;
use core::ops::Range;

/// What a pool knows of its pages of one kind. Freezing begins a new round.
#[derive(Debug)]
pub(crate) struct Ledger {
    round: u32,
    /// Pages that changed in this round, each once.
    changed: Vec<u32>,
    /// Those of the last round that are to be given, but those that were captured.
    frozen: Vec<u32>,
    /// Frozen pages as they were before they changed again.
    captured: Vec<(u32, Option<Vec<u8>>)>,
    /// What those take.
    weight: usize,
    /// Pages that are stored, and the sum of their checksums.
    stored: u32,
    sum: u64,
}

impl Default for Ledger {
    fn default() -> Self {
        // A page that never changed bears round 0.
        let round = 1;
        Self {
            round,
            changed: Vec::new(),
            frozen: Vec::new(),
            captured: Vec::new(),
            weight: 0,
            stored: 0,
            sum: 0,
        }
    }
}

/// What is known of one page.
#[derive(Debug, Default)]
pub(crate) struct Mark {
    /// The round in which it last changed.
    changed: u32,
    /// The newest of its changes that was given, or captured to be given.
    written: u32,
    /// Its checksum as it was last given.
    stored: Option<u64>,
}

impl Mark {
    /// A page that was restored.
    pub(crate) fn stored(checksum: u64) -> Self {
        Self { stored: Some(checksum), ..Self::default() }
    }

    /// Whether nothing of it is stored, and nothing is on its way.
    pub(crate) const fn is_settled(&self) -> bool {
        self.stored.is_none() && (self.written == 0 || self.written == self.changed)
    }
}

impl Ledger {
    /// Counts a page that was restored.
    pub(super) fn count(&mut self, checksum: u64) {
        self.stored += 1;
        self.sum = self.sum.wrapping_add(checksum);
    }

    /// Pages that are stored, and the sum of their checksums: of the frozen state, once all of it is given.
    pub(super) const fn stored(&self) -> (u32, u64) {
        (self.stored, self.sum)
    }

    /// What it takes in memory.
    pub(crate) fn weight(&self) -> usize {
        self.weight + weight::list(&self.changed) + weight::list(&self.frozen)
    }

    fn replace(&mut self, mark: &mut Mark, checksum: Option<u64>) {
        if let Some(old) = mark.stored.take() {
            self.stored -= 1;
            self.sum = self.sum.wrapping_sub(old);
        }
        if let Some(new) = checksum {
            self.count(new);
        }
        mark.stored = checksum;
    }
}

/// A frozen page to be given: its number, and its body unless it is gone.
pub(crate) type Body = (u32, Option<Vec<u8>>);

/// What is kept in pages that can be frozen.
pub(crate) trait Paged {
    fn ledger(&self) -> &Ledger;

    fn ledger_mut(&mut self) -> &mut Ledger;

    /// What is known of a page; `None` if it is gone without ever having been stored.
    fn mark(&mut self, number: u32) -> Option<&mut Mark>;

    /// The pages that there are.
    fn numbers(&self) -> Range<u32>;

    /// A page's body; `None` if it is empty.
    fn encode(&self, number: u32) -> Option<Vec<u8>>;

    /// A page has been given.
    fn given(&mut self) {}

    /// Must be called before a page changes.
    #[inline]
    fn touch(&mut self, number: u32) {
        let round = self.ledger().round;
        let mark = self.mark(number).expect("a page that changes is there");
        if mark.changed != round {
            self.change(number);
        }
    }

    /// Every page counts as changed.
    fn touch_all(&mut self) {
        for number in self.numbers() {
            self.touch(number);
        }
    }

    /// A page changes for the first time in this round; if it is frozen, it is captured first.
    #[cold]
    fn change(&mut self, number: u32) {
        let round = self.ledger().round;
        let mark = self.mark(number).expect("a page that changes is there");
        let pending = mark.changed > mark.written;
        if pending {
            mark.written = mark.changed;
        }
        mark.changed = round;
        if pending {
            let body = self.encode(number);
            let ledger = self.ledger_mut();
            ledger.weight += body.as_ref().map_or(0, weight::list);
            ledger.captured.push((number, body));
        }
        self.ledger_mut().changed.push(number);
    }

    /// What has changed is to be given as it is now.
    fn freeze(&mut self) {
        let ledger = self.ledger_mut();
        assert!(ledger.frozen.is_empty() && ledger.captured.is_empty(), "one image at a time");
        ledger.round += 1;
        core::mem::swap(&mut ledger.changed, &mut ledger.frozen);
    }

    /// The next page of the frozen state, with its checksum as `seal` gives it.
    fn next(&mut self, seal: &mut dyn FnMut(u32, &mut Vec<u8>) -> u64) -> Option<Body> {
        loop {
            let (number, mut body) = self.next_frozen()?;
            let checksum = body.as_mut().map(|body| seal(number, body));
            let mut mark = core::mem::take(self.mark(number).expect("a page to be given is there"));
            let known = mark.stored.is_some();
            self.ledger_mut().replace(&mut mark, checksum);
            *self.mark(number).expect("a page to be given is there") = mark;
            self.given();
            if body.is_some() || known {
                return Some((number, body));
            }
        }
    }

    /// The next frozen page as it was when it was frozen.
    fn next_frozen(&mut self) -> Option<Body> {
        let ledger = self.ledger_mut();
        if let Some((number, body)) = ledger.captured.pop() {
            ledger.weight -= body.as_ref().map_or(0, weight::list);
            return Some((number, body));
        }
        loop {
            let number = self.ledger_mut().frozen.pop()?;
            let round = self.ledger().round;
            let Some(mark) = self.mark(number) else { continue };
            if mark.changed < round && mark.changed > mark.written {
                mark.written = mark.changed;
                return Some((number, self.encode(number)));
            }
        }
    }
}
