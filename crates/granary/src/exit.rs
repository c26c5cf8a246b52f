//! Exit codes, all of them, and the failures that lead to them.

use std::fmt;
use std::process::ExitCode;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, dead letters and all.
    Success = 0,
    /// Something went wrong while working: Kafka refused, a check failed.
    Failure = 1,
    /// It could not begin: wrong arguments (clap's own code too), wrong configuration, unreadable input.
    Unusable = 2,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command did not succeed: the text for the person who ran it, and the code for the script that did.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    text: String,
    told: bool,
}

impl Failure {
    /// Something went wrong while working.
    pub(crate) fn working(cause: impl fmt::Display) -> Self {
        Self { exit: Exit::Failure, text: cause.to_string(), told: false }
    }

    /// It could not begin.
    pub(crate) fn unusable(cause: impl fmt::Display) -> Self {
        Self { exit: Exit::Unusable, text: cause.to_string(), told: false }
    }

    /// The same, after it was told in the log.
    pub(crate) fn told(self) -> Self {
        Self { told: true, ..self }
    }

    /// Whether it was told in the log.
    pub(crate) const fn is_told(&self) -> bool {
        self.told
    }

    /// The code to end with.
    pub(crate) const fn exit(&self) -> Exit {
        self.exit
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<crate::config::ConfigError> for Failure {
    fn from(error: crate::config::ConfigError) -> Self {
        Self::unusable(error)
    }
}
