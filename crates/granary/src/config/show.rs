//! Prints what the layers come to, each value with its origin, as TOML that can be used again.

use std::fmt::Write;

use super::layer::{Raw, variable_of_path};
use super::settings::{HIDDEN, is_harmless};
use super::{Layers, Origin};

/// The settings as TOML. Values that are not defaults say where they come from; those of librdkafka's
/// properties are hidden, but for harmless ones.
pub(crate) fn show(layers: &Layers) -> String {
    let mut out = String::new();
    let mut table = "";
    for (path, entry) in layers.iter() {
        let (head, key) = split(path);
        if head != table {
            let gap = if out.is_empty() { "" } else { "\n" };
            let _ = writeln!(out, "{gap}[{head}]");
            table = head;
        }
        let shown = head != super::PROPERTIES || is_harmless(key);
        let value = if shown { value(&entry.raw) } else { quoted(HIDDEN) };
        let origin = match &entry.origin {
            Origin::Default => format!("default; {}", variable_of_path(path)),
            other => other.to_string(),
        };
        let key = if key.contains('.') { quoted(key) } else { key.to_owned() };
        let _ = writeln!(out, "{key} = {value} # {origin}");
    }
    out
}

/// The table and the key; a property's key has dots of its own.
fn split(path: &str) -> (&str, &str) {
    let table = super::PROPERTIES;
    match path.strip_prefix(table).and_then(|rest| rest.strip_prefix('.')) {
        Some(property) => (table, property),
        None => path.split_once('.').expect("every key is in a table"),
    }
}

fn value(raw: &Raw) -> String {
    match raw {
        Raw::Text(text) => quoted(text),
        Raw::List(items) => {
            let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
            format!("[{}]", items.join(", "))
        }
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
