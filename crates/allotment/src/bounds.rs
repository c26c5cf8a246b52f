//! The core's bounds that the contract names or that decide what is told, each with its reason; the contract's own
//! numbers say so. What bounds one format or one grammar alone (a page of identities, digits of a comment) is beside it.

use crate::Millis;

/// Units of one line, and of one component of a bundle (contract §3).
pub const QUANTITY_MAX: u32 = 1_000_000;

/// Lines of one order (contract §3).
pub const LINES_MAX: u32 = 200;

/// Components of one bundle (contract §3); a SKU may be several of them.
pub const COMPONENTS_MAX: u32 = 20;

/// Units of one SKU that one bundle can hold.
pub const PART_MAX: u64 = QUANTITY_MAX as u64 * COMPONENTS_MAX as u64;

/// Units of one SKU that one order can need. What is added up over orders has 64 bits, which thousands of orders
/// as large as this do not fill; if anything ever did, the lane would stop and not wrap (`overflow-checks`).
pub const UNITS_MAX: u64 = PART_MAX * QUANTITY_MAX as u64 * LINES_MAX as u64;

/// Units of one SKU that a platform's or a buyer's orders can count for in a state that is restored. More than a
/// thousand of the greatest orders pass it; no catalogue of a shop gives such an order. As many again can be counted.
pub const USED_MAX: u64 = 1 << 62;

/// Orders listed in one alert (contract §6); `orders_total` still counts them all.
pub const ALERT_ORDERS_MAX: usize = 100;

/// Parcels on one page of a manifest (contract §6).
pub const MANIFEST_PARCELS: u32 = 500;

/// How long alerts of one kind are added up after the first was told (contract §5).
pub const ALERT_WINDOW: Millis = Millis::from_secs(10);

/// How long a payment may wait for its order's lines before a person is told (contract §5).
pub const LINES_MISSING_AFTER: Millis = Millis::from_secs(60);

/// How far ahead of its arrival an event may claim to have happened (contract §5).
pub const FUTURE_MAX: Millis = Millis::from_secs(24 * 60 * 60);

/// Bytes of a base page: a record that any Kafka takes, and a transaction that no batch waits long for.
pub const BASE_PAGE_BYTES: usize = 256 * 1024;

/// Pages of orders that a pool can have: 2^26 orders, far beyond what memory holds. It bounds what a page's
/// number can make of memory when a partition is restored.
pub const ORDER_PAGES_MAX: u32 = 1 << 20;

/// Pages of identities that a pool can have at a time: 2^28 identities; for the same reason.
pub const IDENTITY_PAGES_MAX: u32 = 1 << 20;

/// Over which demand is added up.
pub const SURGE_WINDOW: Millis = Millis::from_secs(60);

/// Units within that time of which a surge is told: fewer are no crowd.
pub const SURGE_UNITS: u64 = 10;

/// A surge is told when no more is left than what is asked for in so many times the window.
pub const SURGE_LEFT: u64 = 5;

/// And told again only after more was left than in so many: stock that comes and goes around the mark is one
/// surge.
pub const SURGE_AGAIN: u64 = 10;

/// Buyers who must complain of a lot before people hear of it: one or two are had by every lot.
pub const QUALITY_BUYERS: u64 = 3;

/// And one in so many of the orders that left with it.
pub const QUALITY_SHARE: u64 = 20;

/// Characters of a comment that can be a claim, and of a word that can be claimed by: what is longer tells a
/// story.
pub const CLAIM_CHARS_MAX: usize = 64;

/// Units that a comment can claim: what is more is a joke, or a number of something else.
pub const CLAIM_UNITS_MAX: u32 = 999;

/// Characters of a comment that can be a complaint.
pub const COMPLAINT_CHARS_MAX: usize = 500;

// A reader of JSON that has only doubles reads what one order needs exactly; and what many need fits 64 bits.
const _: () = assert!(UNITS_MAX < 1 << 53 && UNITS_MAX < u64::MAX >> 12);
