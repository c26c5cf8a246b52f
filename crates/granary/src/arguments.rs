//! What is said of wrong arguments: never a value, which may be a secret that was meant for `--set`.

use std::ffi::OsStr;

use clap::builder::TypedValueParser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, Error};

/// Reads `KEY=VALUE`. What is not that is not repeated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair;

impl TypedValueParser for Pair {
    type Value = (String, String);

    fn parse_ref(
        &self,
        command: &Command,
        _: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Self::Value, Error> {
        let pair = value.to_str().and_then(|text| text.split_once('='));
        let wanted = "--set needs KEY=VALUE, such as log.level=debug; it got something else, which is not shown here, as it may be a secret\n";
        pair.map(|(key, value)| (key.trim().to_owned(), value.to_owned()))
            .ok_or_else(|| command.clone().error(ErrorKind::ValueValidation, wanted))
    }
}

/// The error without what may be a value: all of a word that no command takes, and what is behind the `=` of a flag.
pub(crate) fn masked(mut error: Error) -> Error {
    let word = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(word)) => word.clone(),
        _ => return error,
    };
    if error.kind() == ErrorKind::UnknownArgument {
        let shown = match word.split_once('=') {
            Some((flag, _)) if word.starts_with('-') => format!("{flag}=(hidden)"),
            None if word.starts_with('-') => word,
            _ => "(hidden)".to_owned(),
        };
        error.insert(ContextKind::InvalidArg, ContextValue::String(shown));
        // It repeats the word.
        error.remove(ContextKind::Suggested);
    }
    error
}
