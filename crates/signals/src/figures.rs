//! Numbers that belong together: a reader gets those of one writing, never some of this one and some of that.

use std::array;

use crate::sync::{AtomicU64, Ordering, fence, spin_loop};

/// `N` numbers that one thread writes and any thread reads. The writer never waits; a reader that meets a
/// writing looks again.
#[derive(Debug)]
pub struct Figures<const N: usize> {
    /// Odd while a writing is under way.
    writings: AtomicU64,
    figures: [AtomicU64; N],
}

impl<const N: usize> Default for Figures<N> {
    fn default() -> Self {
        Self { writings: AtomicU64::new(0), figures: array::from_fn(|_| AtomicU64::new(0)) }
    }
}

impl<const N: usize> Figures<N> {
    /// Publishes `figures`. For one thread only: two writings at once would mix.
    pub fn write(&self, figures: [u64; N]) {
        let writings = self.writings.load(Ordering::Relaxed);
        self.writings.store(writings.wrapping_add(1), Ordering::Relaxed);
        // Who sees one of the figures sees that a writing is under way.
        fence(Ordering::Release);
        for (slot, figure) in self.figures.iter().zip(figures) {
            slot.store(figure, Ordering::Relaxed);
        }
        // Who sees that it has ended sees all of the figures.
        self.writings.store(writings.wrapping_add(2), Ordering::Release);
    }

    /// The figures of the last writing that has ended.
    #[must_use]
    pub fn read(&self) -> [u64; N] {
        loop {
            let before = self.writings.load(Ordering::Acquire);
            let figures = array::from_fn(|at| self.figures[at].load(Ordering::Relaxed));
            // Who saw a figure of a newer writing sees in the next line that there is one.
            fence(Ordering::Acquire);
            if before.is_multiple_of(2) && self.writings.load(Ordering::Relaxed) == before {
                return figures;
            }
            spin_loop();
        }
    }
}
