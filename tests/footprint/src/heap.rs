//! Counts the bytes that this process has on the heap.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The system's allocator, counting.
struct Counting;

#[global_allocator]
static HEAP: Counting = Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);

/// Bytes that are allocated and not freed, as the allocator hands them out: in steps of 16, with 8 of its
/// own in front, at least 32 (what glibc does).
#[must_use]
pub fn held() -> usize {
    HELD.load(Relaxed)
}

const fn handed_out(bytes: usize) -> usize {
    let bytes = (bytes + 8).next_multiple_of(16);
    if bytes < 32 { 32 } else { bytes }
}

// SAFETY: every call is handed to the system's allocator as it came; counting touches no other memory.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.fetch_add(handed_out(layout.size()), Relaxed);
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        HELD.fetch_sub(handed_out(layout.size()), Relaxed);
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        HELD.fetch_add(handed_out(size), Relaxed);
        HELD.fetch_sub(handed_out(layout.size()), Relaxed);
        // SAFETY: as the caller promised.
        unsafe { System.realloc(place, layout, size) }
    }
}
