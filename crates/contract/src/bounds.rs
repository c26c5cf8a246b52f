//! Every bound of the contract that can be seen in one event, with its reason.

use std::ops::RangeInclusive;

/// Bytes of one record's value. A platform's largest order is a few KiB; a record that is larger is not one.
pub const VALUE_BYTES_MAX: usize = 256 * 1024;

/// Bytes of a dead letter or of a record that is sent home: what their topics must take. Twice what brokers take
/// by default, so that whatever came uncompressed goes on as it came.
pub const SENT_ON_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Bytes of a dead letter's value; the rest is left for key, headers and Kafka's own frames.
pub(crate) const VALUE_KEPT_BYTES_MAX: usize = SENT_ON_BYTES_MAX - 256 * 1024;

/// Bytes of key and headers that are kept of a record. A key is a pool of 256 bytes, headers are some hundred.
pub(crate) const KEPT_OF_RECORD_BYTES_MAX: usize = 128 * 1024;

/// Bytes that a header takes beside its name and value: the two lengths, of five bytes at most. A record may have
/// millions of headers that are empty.
pub(crate) const HEADER_FRAME_BYTES: usize = 10;

/// Bytes of key and headers that are kept of an entry of an array: a value has room for a hundred thousand
/// entries, and each of them repeats this.
pub(crate) const KEPT_OF_ENTRY_BYTES_MAX: usize = 1024;

/// Bytes of a `traceparent` that is passed on to each output. W3C's has 55.
pub const TRACE_BYTES_MAX: usize = 256;

/// Bytes of an id. The longest that a platform is known to use has 64.
pub const ID_BYTES_MAX: usize = 256;

/// Bytes of an id that was joined of a pool, a platform, an order id and a number: every byte of a part may
/// have become three (`%2F`), and a `u32` has ten digits.
pub const JOINED_ID_BYTES_MAX: usize = 3 * (3 * ID_BYTES_MAX) + 3 + 10;

/// Lines of one order. Two hundred different articles are a shop's delivery, not a buyer's order.
pub const LINES_MAX: usize = allotment::bounds::LINES_MAX as usize;

/// Parts of one bundle.
pub const COMPONENTS_MAX: usize = allotment::bounds::COMPONENTS_MAX as usize;

/// Units of a line, a component or a delivery.
pub(crate) const QUANTITY: RangeInclusive<i64> = 1..=allotment::bounds::QUANTITY_MAX as i64;

/// Units on a shelf, or kept, or capped at; far below what a `u32` holds, so that sums of them fit a `u64`.
pub(crate) const UNITS: RangeInclusive<i64> = 0..=1_000_000_000;

/// An adjustment's units, either way; 0 is refused beside it.
pub(crate) const DELTA: RangeInclusive<i64> = -1_000_000_000..=1_000_000_000;

/// Seconds of a reservation or a claim; 0 is for ever.
pub(crate) const SECONDS: RangeInclusive<i64> = 0..=i64::MAX;

/// A parcel's revision; they count from 1.
pub(crate) const REVISION: RangeInclusive<i64> = 1..=u32::MAX as i64;

/// An order's version: whatever the platform counts in, a time in microseconds included.
pub(crate) const VERSION: RangeInclusive<i64> = i64::MIN..=i64::MAX;

/// The first and the last instant that RFC 3339 can write (years 0000 to 9999) and every zone can show.
pub(crate) const MILLISECONDS: RangeInclusive<i64> = -62_167_219_200_000..=253_402_207_200_000;

// A dead letter has room for its value, what is kept beside it, and its own headers and frames.
const _: () =
    assert!(VALUE_KEPT_BYTES_MAX + KEPT_OF_RECORD_BYTES_MAX + 64 * 1024 < SENT_ON_BYTES_MAX);
// A joined id must be able to hold what it is joined of.
const _: () = assert!(JOINED_ID_BYTES_MAX > 3 * ID_BYTES_MAX);
// An integer that passed `UNITS` or `QUANTITY` fits the core's `u32`.
const _: () = assert!(*UNITS.end() <= u32::MAX as i64 && *QUANTITY.end() <= *UNITS.end());
