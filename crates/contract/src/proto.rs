//! The protobuf messages of `proto/granary/v1`, as prost has them. What they mean is in the proto files.
//!
//! Public for whoever writes input or reads output in Rust, the project's own tests among them.

/// What comes in: a record's value is one [`Event`](input::Event).
#[path = "generated/input.rs"]
#[rustfmt::skip]
pub mod input;

/// What goes out: one message an output topic.
#[path = "generated/output.rs"]
#[rustfmt::skip]
pub mod output;

impl From<allotment::Books> for output::Books {
    fn from(books: allotment::Books) -> Self {
        Self {
            received: books.received,
            adjusted_in: books.adjusted_in,
            available: books.available,
            reserved: books.reserved,
            allocated: books.allocated,
            awaiting_inspection: books.awaiting_inspection,
            handed_over: books.handed_over,
            removed: books.removed,
            waitlisted: books.waitlisted,
            backordered: books.backordered,
        }
    }
}
