//! The layers: each turns its source into entries by path, and says which keys do not exist.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, Problem, name};
use super::{DEFAULTS, PROPERTIES};

/// Where a value was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// In the embedded file.
    Default,
    /// In a file, at a line.
    File(PathBuf, usize),
    /// In an environment variable.
    Variable(String),
    /// In a flag.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path, line) => write!(f, "{}:{line}", path.display()),
            Self::Variable(name) => write!(f, "environment variable {}", name.escape_debug()),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// A value as a layer wrote it: text, a list of texts, or something else that no setting takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Raw {
    /// A string, number or boolean, as text.
    Text(String),
    /// An array of those.
    List(Vec<String>),
}

/// A value and where it was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// What was said.
    pub(crate) raw: Raw,
    /// Where.
    pub(crate) origin: Origin,
}

/// The embedded file's entries.
pub(super) fn defaults() -> BTreeMap<String, Entry> {
    let table = DeTable::parse(DEFAULTS).expect("the embedded file is TOML");
    let mut found = Vec::new();
    flatten(table.get_ref(), "", &mut found);
    found
        .into_iter()
        .map(|leaf| {
            let raw = leaf.value.expect("the embedded file has only values that settings take");
            (leaf.path, Entry { raw, origin: Origin::Default })
        })
        .collect()
}

/// Lays the entries of a file, of which `text` is what is in it, over what is there.
pub(super) fn file(
    path: &Path,
    text: &str,
    schema: &[String],
    entries: &mut BTreeMap<String, Entry>,
    problems: &mut Vec<Problem>,
) -> Result<(), ConfigError> {
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let (line, column) = (line_of(text, at), column_of(text, at));
        ConfigError::NotToml {
            path: path.to_owned(),
            line,
            column,
            message: error.message().to_owned(),
        }
    })?;
    let mut found = Vec::new();
    flatten(table.get_ref(), "", &mut found);
    for leaf in found {
        let origin = Origin::File(path.to_owned(), line_of(text, leaf.at));
        if !known(&leaf.path, schema) {
            problems.push(unknown(origin, &leaf.path, schema));
        } else if let Some(raw) = leaf.value {
            entries.insert(leaf.path, Entry { raw, origin });
        } else {
            problems.push(not_a_value(origin, &leaf.path));
        }
    }
    Ok(())
}

/// Lays the environment's entries over what is there.
pub(super) fn environment(
    variables: impl Iterator<Item = (String, String)>,
    schema: &[String],
    entries: &mut BTreeMap<String, Entry>,
    problems: &mut Vec<Problem>,
) {
    let mut variables: Vec<_> = variables.filter(|(name, _)| is_ours(name)).collect();
    variables.sort();
    for (name, value) in variables {
        let origin = Origin::Variable(name.clone());
        match path_of_variable(&name, schema) {
            Some(path) => {
                entries.insert(path, Entry { raw: Raw::Text(value), origin });
            }
            None => {
                let guess = name["GRANARY_".len()..].to_ascii_lowercase().replace('_', ".");
                problems.push(unknown(origin, &guess, schema));
            }
        }
    }
}

/// Lays flags over what is there.
pub(super) fn flags(
    flags: &[(String, String)],
    schema: &[String],
    entries: &mut BTreeMap<String, Entry>,
    problems: &mut Vec<Problem>,
) {
    for (path, value) in flags {
        let origin = Origin::Flag(format!("--set {}", name(path)));
        if known(path, schema) {
            entries.insert(path.clone(), Entry { raw: Raw::Text(value.clone()), origin });
        } else {
            problems.push(unknown(origin, path, schema));
        }
    }
}

/// The variable that sets the key at `path`.
pub(crate) fn variable_of_path(path: &str) -> String {
    format!("GRANARY_{}", path.to_ascii_uppercase().replace('.', "_"))
}

/// Variables that look like ours and are not: the one that names the file, those of the tests' and the
/// log's own, and what Kubernetes adds to each pod beside a service that is called `granary`.
fn is_ours(name: &str) -> bool {
    const OTHERS: &[&str] =
        &["GRANARY_CONFIG", "GRANARY_SERVICE_", "GRANARY_PORT", "GRANARY_TEST_"];
    name.starts_with("GRANARY_") && !OTHERS.iter().any(|other| name.starts_with(other))
}

fn path_of_variable(name: &str, schema: &[String]) -> Option<String> {
    // librdkafka's properties have dots where the variable has underscores, and none has an underscore.
    let properties = format!("{}_", variable_of_path(PROPERTIES));
    if let Some(property) = name.strip_prefix(&properties) {
        return Some(format!("{PROPERTIES}.{}", property.to_ascii_lowercase().replace('_', ".")));
    }
    schema.iter().find(|path| variable_of_path(path) == name).cloned()
}

fn known(path: &str, schema: &[String]) -> bool {
    let property =
        path.strip_prefix(PROPERTIES).is_some_and(|rest| rest.len() > 1 && rest.starts_with('.'));
    property || schema.iter().any(|key| key == path)
}

fn unknown(origin: Origin, path: &str, schema: &[String]) -> Problem {
    let nearest = schema
        .iter()
        .map(|key| (strsim::jaro_winkler(key, path).max(same_leaf(key, path)), key))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(score, _)| *score > 0.8);
    let hint = nearest.map_or_else(
        || "`granary config show` lists the keys that exist".to_owned(),
        |(_, key)| match origin {
            Origin::Variable(_) => format!("did you mean {}?", variable_of_path(key)),
            _ => format!("did you mean `{key}`?"),
        },
    );
    Problem { origin, what: format!("unknown key `{}`", name(path)), remedy: hint }
}

/// A key under the wrong table is meant more often than one that merely looks alike.
fn same_leaf(key: &str, path: &str) -> f64 {
    let leaf = |p: &str| p.rsplit('.').next().unwrap_or_default().to_owned();
    if leaf(key) == leaf(path) { 0.95 } else { 0.0 }
}

fn not_a_value(origin: Origin, path: &str) -> Problem {
    Problem {
        origin,
        what: format!("`{}` is a date, a table or a mixed list", name(path)),
        remedy: "write a string, a number, a boolean or a list of strings".to_owned(),
    }
}

/// A leaf of a file: its path, its value if settings take such, and its place in the text.
struct Leaf {
    path: String,
    value: Option<Raw>,
    at: usize,
}

fn flatten(table: &DeTable<'_>, prefix: &str, out: &mut Vec<Leaf>) {
    for (key, value) in table {
        let path = if prefix.is_empty() {
            key.get_ref().to_string()
        } else {
            format!("{prefix}.{}", key.get_ref())
        };
        match value.get_ref() {
            DeValue::Table(inner) => flatten(inner, &path, out),
            other => out.push(Leaf { path, value: raw(other), at: key.span().start }),
        }
    }
}

fn raw(value: &DeValue<'_>) -> Option<Raw> {
    match value {
        DeValue::Array(items) => {
            let texts: Option<Vec<String>> =
                items.iter().map(|item| scalar(item.get_ref())).collect();
            texts.map(Raw::List)
        }
        other => scalar(other).map(Raw::Text),
    }
}

fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Float(number) => Some(number.to_string()),
        DeValue::Boolean(truth) => Some(truth.to_string()),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at.min(text.len())].iter().filter(|b| **b == b'\n').count() + 1
}

fn column_of(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or(text);
    before.rsplit('\n').next().unwrap_or_default().chars().count() + 1
}
