//! Settings: the embedded defaults, under a file, under the environment, under flags.
//!
//! The default file is the schema: a key that it does not name does not exist. Layers are flattened to
//! [`Entry`]s by path, so that whoever reads a value can also say where it came from; [`Settings`] is what
//! comes out, checked, with types. All that is wrong is reported at once.

mod error;
mod layer;
mod read;
mod settings;
mod show;
mod value;

use std::collections::BTreeMap;
use std::path::Path;

pub(crate) use error::{ConfigError, Problem};
pub(crate) use layer::{Entry, Origin, variable_of_path};
pub(crate) use settings::{CloudEvents, Encoding, Language, LogFormat, OnStop, Settings};
pub(crate) use show::show;

/// The annotated defaults.
pub(crate) const DEFAULTS: &str = include_str!("../../default.toml");

/// The table under which any key is allowed.
pub(crate) const PROPERTIES: &str = "kafka.properties";

/// What the layers say together, by path, each value with its origin.
#[derive(Debug)]
pub(crate) struct Layers {
    entries: BTreeMap<String, Entry>,
}

impl Layers {
    /// Puts the layers on top of each other. `environment` is what the process was started with, `flags`
    /// are paths and values of flags, in their order.
    pub(crate) fn stack(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
        flags: &[(String, String)],
    ) -> Result<Self, ConfigError> {
        let read = |path: &Path| {
            std::fs::read_to_string(path)
                .map_err(|cause| ConfigError::Unreadable { path: path.to_owned(), cause })
        };
        let file = file.map(|path| Ok((path, read(path)?))).transpose()?;
        Self::stack_texts(
            file.as_ref().map(|(path, text)| (*path, text.as_str())),
            environment,
            flags,
        )
    }

    /// The same from texts: a file's name and what is in it.
    pub(crate) fn stack_texts(
        file: Option<(&Path, &str)>,
        environment: impl Iterator<Item = (String, String)>,
        flags: &[(String, String)],
    ) -> Result<Self, ConfigError> {
        let mut entries = layer::defaults();
        let schema: Vec<String> = entries.keys().cloned().collect();
        let mut problems = Vec::new();
        if let Some((path, text)) = file {
            layer::file(path, text, &schema, &mut entries, &mut problems)?;
        }
        layer::environment(environment, &schema, &mut entries, &mut problems);
        layer::flags(flags, &schema, &mut entries, &mut problems);
        if problems.is_empty() { Ok(Self { entries }) } else { Err(ConfigError::of(problems)) }
    }

    /// The checked settings.
    pub(crate) fn settings(&self) -> Result<Settings, ConfigError> {
        settings::read(self)
    }

    /// Where a property of librdkafka was said.
    pub(crate) fn origin_of_property(&self, name: &str) -> Option<&Origin> {
        self.get(&format!("{PROPERTIES}.{name}")).map(|entry| &entry.origin)
    }

    fn get(&self, path: &str) -> Option<&Entry> {
        self.entries.get(path)
    }

    fn under(&self, table: &str) -> impl Iterator<Item = (&str, &Entry)> {
        let prefix = format!("{table}.");
        self.entries
            .iter()
            .filter_map(move |(path, entry)| Some((path.strip_prefix(&prefix)?, entry)))
    }

    fn iter(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries.iter().map(|(path, entry)| (path.as_str(), entry))
    }
}

#[cfg(test)]
mod tests;
