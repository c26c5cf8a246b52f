//! Writing to standard output: a reader that has seen enough (`| head`) is no failure.

use std::io::{Error, ErrorKind};

use crate::exit::Failure;

/// Turns the result of writing to standard output into the command's: a closed pipe is quiet.
pub(crate) fn quiet_when_closed(written: Result<(), Error>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::working(format!("standard output can't be written: {error}")))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}
