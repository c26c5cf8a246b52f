//! Replaces a function of librdkafka that can end the process, until a release mends it.
//!
//! A broker that comes back, or hands a partition over, may say in its answer to a fetch who leads it now (KIP-951).
//! librdkafka 2.12.1 takes that up with a function that reads memory which nobody wrote, where the answer says of one
//! partition who leads it and of another that nobody does (confluentinc/librdkafka#5280; `docs/kafka-facts.md` B 17).
//! It is a short cut only: whatever it would have learned, the client also asks for at once with a metadata request.
//! So the short cut is left out. In every program that is linked for Linux `.cargo/config.toml` has the linker put
//! [`__wrap_rd_kafka_metadata_update_op`] where the client calls it; whoever uses `rdkafka` depends on this crate.
//!
//! Flags of one's own (`RUSTFLAGS`) take the place of those in `.cargo/config.toml`, and the program links without any
//! complaint. So [`state`] looks whether the replacement is there, and a service refuses to start without it.
//!
//! **What else there is.** Looked for on 2026-11-30: `rdkafka-sys` 4.10.0, which has librdkafka 2.12.1, is the newest, and
//! librdkafka 2.15.0 has the same loop (`rd_kafka_handle_Fetch_metadata_update` of its `rdkafka_fetcher.c`). No property switches it off: the client takes it up from version 12 of the fetch on, and the
//! versions follow from what the broker says (`api.version.request=false` falls back to brokers from before
//! transactions). confluentinc/librdkafka#5430 is another fault of the same function, which is left out with it.
//!
//! To be removed with the first `rdkafka` whose librdkafka has that mended.

#![no_std]
#![expect(unsafe_code, reason = "a symbol of this name is the linker's to find")]

use core::ffi::{c_int, c_void};
use core::hint::black_box;

// Whoever depends on this crate links the client, which is what is patched.
use rdkafka as _;

/// librdkafka's `RD_KAFKA_OP_RES_HANDLED`, all that the function ever answers.
const HANDLED: c_int = 1;

/// The function's type.
type Update = unsafe extern "C" fn(*mut c_void, *mut c_void) -> c_int;

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

unsafe extern "C" {
    /// What the client calls. The linker puts the other one in its place, here as everywhere.
    fn rd_kafka_metadata_update_op(client: *mut c_void, metadata: *mut c_void) -> c_int;
}

/// Whether the client calls what stands in for its function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It does.
    InForce,
    /// It does not: the program was linked without the flag.
    NotLinked,
    /// It does not: the linkers of this system have no such flag.
    NotOnThisSystem,
}

/// Looks what the client of this program calls. Calls nothing itself.
#[must_use]
pub fn state() -> State {
    // Two functions of two names are never the same to the compiler, so it must not see them.
    let called = black_box(rd_kafka_metadata_update_op as Update) as usize;
    let meant = black_box(__wrap_rd_kafka_metadata_update_op as Update) as usize;
    match called == meant {
        true => State::InForce,
        false if cfg!(target_os = "linux") => State::NotLinked,
        false => State::NotOnThisSystem,
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use core::ptr;

    use super::*;

    #[test]
    fn whoever_calls_it_finds_this_one() {
        assert_eq!(state(), State::InForce);
        // SAFETY: where it is replaced it reads nothing. Where it is not the test dies of it, as it should.
        let answer = unsafe { rd_kafka_metadata_update_op(ptr::null_mut(), ptr::null_mut()) };
        assert_eq!(answer, HANDLED);
    }
}
