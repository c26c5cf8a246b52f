//! What can be wrong with a configuration, said so that it can be put right.

use std::fmt;
use std::path::PathBuf;

use super::Origin;

/// A configuration that can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The file can't be read.
    #[error("the configuration {} can't be read: {cause}\n  give an existing file with --config, or leave it out to use the defaults", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The file is not TOML.
    #[error("the configuration {} is not TOML: {message}\n  at line {line}, column {column}", path.display())]
    NotToml {
        /// The file.
        path: PathBuf,
        /// The line of the first error, from 1. What is on it is not told: it may be a secret.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What the parser said.
        message: String,
    },
    /// Keys or values are wrong: all that are.
    #[error("{}", list(.0))]
    Problems(Vec<Problem>),
}

impl ConfigError {
    /// All that is wrong, in the order in which a person goes through it: file by line, variables, flags.
    pub(crate) fn of(mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|problem| match problem.origin {
            Origin::Default => (0, 0),
            Origin::File(_, line) => (1, line),
            Origin::Variable(_) => (2, 0),
            Origin::Flag(_) => (3, 0),
        });
        Self::Problems(problems)
    }
}

/// One wrong key or value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Where it was said.
    pub(crate) origin: Origin,
    /// What is wrong.
    pub(crate) what: String,
    /// What to do.
    pub(crate) remedy: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n  {}", self.origin, self.what, self.remedy)
    }
}

/// A key as messages show it. What follows a character that no key has is left out: somebody may have written a value
/// there, and it may be a secret.
pub(super) fn name(key: &str) -> String {
    let of_a_key = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let end = key.bytes().position(|byte| !of_a_key(byte));
    end.map_or_else(|| key.to_owned(), |end| format!("{}…", &key[..end]))
}

fn list(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
