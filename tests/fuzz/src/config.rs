//! The configuration: a file, variables and flags, in layers; and what `granary config show` prints of it.
//!
//! The bytes are text: what is before the first line `--- environment` is the file, then a line `NAME=VALUE` a
//! variable, and after a line `--- flags` a line `path=value` a flag.

use std::path::Path;

use crate::heap;

#[expect(dead_code, unused_imports, reason = "it is the program's, which uses all of it")]
#[path = "../../../crates/granary/src/config/mod.rs"]
mod granary;

use granary::{Layers, show};

/// Every layer, and what is wrong in each.
pub(crate) const SEEDS: [(&str, &str); 3] = [
    (
        "good-layers",
        "[application]\nname = \"hexi\"\nlanguage = \"zh\"\ndedup_window = \"14d\"\n\
         [kafka.properties]\n\"security.protocol\" = \"sasl_ssl\"\nsocket.keepalive.enable = true\n\
         \"ssl.ca.location\" = \"a \\\"quoted\\\" \\\\ \\u0001\\n\"\n\
         [encoding]\ncloudevents = [\"levels\"]\n\
         --- environment\nGRANARY_KAFKA_BOOTSTRAP_SERVERS=k1:9092,k2:9092\n\
         GRANARY_KAFKA_PROPERTIES_SASL_PASSWORD=hidden\nGRANARY_BOUNDS_BATCH_BYTES=8MiB\n\
         --- flags\nlog.level=warn\nconsole.address=\n",
    ),
    ("not-toml", "[application]\nname = granary\n"),
    (
        "wrong",
        "[application]\nname = { first = 1 }\ntime_zone = \"Asia/Hexi\"\n[kafka]\nbootstrap_server = 1979-05-27\n\
         [bounds]\nbatch_records = 0\nbatch_bytes = \"99999999999GiB\"\n--- environment\nGRANARY_LOG_LEVEL=loud\n\
         --- flags\nlog.formt=json\n",
    ),
];

/// Bytes of memory for each byte of text: the parser's own tree, and a key of the smallest length for each line
/// with its message.
const MEMORY: usize = 2000;

/// What the defaults cost.
const MEMORY_ALWAYS: usize = 1024 * 1024;

/// Feeds the layers.
pub(crate) fn feed(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let (file, rest) = text.split_once("--- environment\n").unwrap_or((text, ""));
    let (variables, flags) = rest.split_once("--- flags\n").unwrap_or((rest, ""));
    let (variables, flags) = (pairs(variables), pairs(flags));
    let read = || {
        let file = Some((Path::new("granary.toml"), file));
        let layers = Layers::stack_texts(file, variables.into_iter(), &flags)?;
        let settings = layers.settings()?;
        Ok::<_, granary::ConfigError>((layers, settings))
    };
    match heap::within(MEMORY_ALWAYS + MEMORY * text.len(), read) {
        Ok((layers, settings)) => {
            shows_what_it_is(&layers, &format!("{settings:?}"));
            true
        }
        Err(error) => {
            assert!(error.to_string().len() > 10, "an error says what is wrong: {error:?}");
            false
        }
    }
}

/// What is printed can be read again, and means the same. Secrets are not printed.
fn shows_what_it_is(layers: &Layers, meant: &str) {
    let shown = show(layers);
    let again = Layers::stack_texts(Some((Path::new("shown.toml"), &shown)), [].into_iter(), &[]);
    let again = again.unwrap_or_else(|error| panic!("{error}\n{shown}"));
    let settings = again.settings().unwrap_or_else(|error| panic!("{error}\n{shown}"));
    assert_eq!(format!("{settings:?}"), meant, "{shown}");
}

fn pairs(lines: &str) -> Vec<(String, String)> {
    let pair = |line: &str| {
        let (name, value) = line.split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    };
    lines.lines().filter_map(pair).collect()
}
