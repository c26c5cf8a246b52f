//! Writing to standard output: a reader that has seen enough (`| head`) is no failure.

use std::io::{Error, ErrorKind, Write};

use crate::exit::Failure;

/// Writes `text` and a line's end to standard output.
pub(crate) fn say(text: impl std::fmt::Display) -> Result<(), Failure> {
    quiet_when_closed(writeln!(std::io::stdout(), "{text}"))
}

/// Turns the result of writing to standard output into the command's: a closed pipe is quiet.
pub(crate) fn quiet_when_closed(written: Result<(), Error>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::working(format!("standard output can't be written: {error}")))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}
