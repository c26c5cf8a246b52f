//! Counts what a thread has allocated, so that a few bytes that make a decoder want gigabytes are found.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, counting.
struct Counting;

#[global_allocator]
static HEAP: Counting = Counting;

thread_local! {
    /// Bytes that this thread has allocated and not freed; less than none where it freed another's.
    static HELD: Cell<isize> = const { Cell::new(0) };
    /// The most of them since somebody looked.
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

/// Does `work`, which must not hold more than `bytes` of memory more than before at any moment.
///
/// # Panics
/// It held more.
pub fn within<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    let before = HELD.get();
    PEAK.set(before);
    let done = work();
    let held = PEAK.get() - before;
    assert!(
        held <= bytes.cast_signed(),
        "held {held} bytes of memory, at most {bytes} are in order"
    );
    done
}

fn count(bytes: isize) {
    let held = HELD.get() + bytes;
    HELD.set(held);
    PEAK.set(PEAK.get().max(held));
}

// SAFETY: every call is handed to the system's allocator as it came; counting touches no memory of others
// and allocates nothing, since the counters are constants without a destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size().cast_signed());
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        count(-layout.size().cast_signed());
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size.cast_signed() - layout.size().cast_signed());
        // SAFETY: as the caller promised.
        unsafe { System.realloc(place, layout, size) }
    }
}
