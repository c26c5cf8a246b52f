//! The console's bounds on connections, bytes and time, each with its reason.

use std::time::Duration;

/// Connections at once. Prometheus, probes and a few people need a handful; each one takes a descriptor.
pub const CONNECTIONS: usize = 64;
/// How long the head of a request may take to come: it is one packet from whoever is well.
pub(crate) const HEAD_WITHIN: Duration = Duration::from_secs(5);
/// Bytes of a request's head; an order's address with its pool is far below.
pub(crate) const HEAD_BYTES: usize = 16 * 1024;
/// How long a connection may last, from its beginning to the last byte of the answer: above the ten seconds that an
/// order's story may take.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_secs(30);
const _: () =
    assert!(HEAD_WITHIN.as_secs() < ANSWER_WITHIN.as_secs(), "an answer comes after its head");
/// How long nothing is accepted after the process had no descriptor for a connection.
pub(crate) const ACCEPT_AGAIN: Duration = Duration::from_secs(1);
/// How often the log says that connections are dropped, where they are all the time.
pub(crate) const SAY_DROPPED: Duration = Duration::from_secs(60);
