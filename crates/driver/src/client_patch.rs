//! Whether the client's function that can end the process is replaced, as `librdkafka-patch` has it.

use librdkafka_patch::State;
use telemetry::{log, metrics};

use crate::DriverError;

/// Looks whether this program was linked as it must be.
///
/// # Errors
/// It was not, although this system's linkers can do it.
pub fn check_client() -> Result<(), DriverError> {
    judge(librdkafka_patch::state()).map(|_| ())
}

/// As [`check_client`]; where this system's linkers can't do it, says so to everybody who listens.
pub(crate) fn check_and_report() -> Result<(), DriverError> {
    let is_patched = judge(librdkafka_patch::state())?;
    metrics::client_amended(is_patched);
    if !is_patched {
        log::client_not_amended();
    }
    Ok(())
}

/// Whether it is replaced; an error where it is not and could be.
const fn judge(state: State) -> Result<bool, DriverError> {
    match state {
        State::InForce => Ok(true),
        State::NotOnThisSystem => Ok(false),
        State::NotLinked => Err(DriverError::ClientNotPatched),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_without_the_flag_is_refused_and_a_system_without_it_is_not() {
        assert!(matches!(judge(State::InForce), Ok(true)));
        assert!(matches!(judge(State::NotOnThisSystem), Ok(false)));
        let refused = judge(State::NotLinked).expect_err("it is refused").to_string();
        assert!(refused.contains("-Wl,--wrap=rd_kafka_metadata_update_op"), "{refused}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_program_was_linked_as_it_must_be() {
        assert!(check_client().is_ok());
    }
}
