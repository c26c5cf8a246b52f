//! The names of all record headers that Granary reads or writes.

/// The encoding of the value.
pub const CONTENT_TYPE: &str = "content-type";
/// The trace that a record belongs to (W3C); passed on from input to output.
pub const TRACEPARENT: &str = "traceparent";

/// Dead letters: the code, see [`allotment::Code`].
pub const ERROR_CODE: &str = "error-code";
/// Dead letters: which field, and what it must be.
pub const ERROR_MESSAGE: &str = "error-message";
/// Dead letters and rerouted records: the topic that the record came on.
pub const SOURCE_TOPIC: &str = "source-topic";
/// Dead letters and rerouted records: the partition that it came on.
pub const SOURCE_PARTITION: &str = "source-partition";
/// Dead letters and rerouted records: its offset there.
pub const SOURCE_OFFSET: &str = "source-offset";
/// Dead letters and rerouted records: the position in its array, from 0; absent where it was no array.
pub const SOURCE_ENTRY: &str = "source-entry";
/// Dead letters and rerouted records: what of the record was left out because it does not fit.
pub const CUT: &str = "cut";

/// CloudEvents: the version of their specification.
pub const CE_SPECVERSION: &str = "ce_specversion";
/// CloudEvents: the id, unique within the source.
pub const CE_ID: &str = "ce_id";
/// CloudEvents: the `type`.
pub const CE_TYPE: &str = "ce_type";
/// CloudEvents: which deployment it comes from.
pub const CE_SOURCE: &str = "ce_source";
/// CloudEvents: when it came about.
pub const CE_TIME: &str = "ce_time";
