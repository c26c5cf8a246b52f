//! Replaces a function of librdkafka that can end the process, until a release mends it.
//!
//! A broker that comes back, or hands a partition over, may say in its answer to a fetch who leads it now (KIP-951).
//! librdkafka 2.12.1 takes that up with a function that reads memory which nobody wrote, where the answer says of one
//! partition who leads it and of another that nobody does (confluentinc/librdkafka#5280; `docs/kafka-facts.md` B 17).
//! It is a short cut only: whatever it would have learned, the client also asks for at once with a metadata request.
//! So the short cut is left out. In every program that is linked for Linux `.cargo/config.toml` has the linker put
//! [`__wrap_rd_kafka_metadata_update_op`] where the client calls it; whoever uses `rdkafka` depends on this crate.
//!
//! To be removed with the first `rdkafka` whose librdkafka has that mended.

#![no_std]
#![expect(unsafe_code, reason = "a symbol of this name is the linker's to find")]

use core::ffi::{c_int, c_void};

/// librdkafka's `RD_KAFKA_OP_RES_HANDLED`, all that the function ever answers.
const HANDLED: c_int = 1;

/// Stands in for librdkafka's function of that name: does nothing, and says that all is done. What it is given stays
/// the caller's.
// SAFETY: no other symbol has this name; it has the signature of the one that it stands in for, and reads nothing.
#[unsafe(no_mangle)]
pub const extern "C" fn __wrap_rd_kafka_metadata_update_op(
    _client: *mut c_void,
    _metadata: *mut c_void,
) -> c_int {
    HANDLED
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use core::ptr;

    use rdkafka as _;

    use super::*;

    unsafe extern "C" {
        fn rd_kafka_metadata_update_op(client: *mut c_void, metadata: *mut c_void) -> c_int;
    }

    #[test]
    fn whoever_calls_it_finds_this_one() {
        // SAFETY: where it is replaced it reads nothing. Where it is not the test dies of it, as it should.
        let answer = unsafe { rd_kafka_metadata_update_op(ptr::null_mut(), ptr::null_mut()) };
        assert_eq!(answer, HANDLED);
    }
}
