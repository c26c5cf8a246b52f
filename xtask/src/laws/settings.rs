//! `deploy/granary.toml` is the annotated default file with a few values changed, and is made from it, so
//! that the two never tell different stories: `cargo xtask deploy` writes it, the law compares.

use std::fs;

use super::Breaches;
use crate::tree::{Tree, root};

const DEFAULTS: &str = "crates/granary/default.toml";
const DEPLOYED: &str = "deploy/granary.toml";
/// What replaces the defaults' own head, which speaks of the binary.
const HEAD: &str = "\
# Granary's settings for the containers of compose.yaml. Made by `cargo xtask deploy` from the defaults in
# crates/granary/default.toml with a few values changed; a file of your own needs only what differs.
# Environment variables go over this file: kafka.bootstrap_servers is GRANARY_KAFKA_BOOTSTRAP_SERVERS.
# `granary config check --config FILE` checks it, `granary config show` prints what results.
";
/// The lines that differ: the default, and what it is in a container.
const CHANGES: [(&str, &str); 3] = [
    ("bootstrap_servers = \"localhost:9092\"", "bootstrap_servers = \"kafka:19092\""),
    ("address = \"127.0.0.1:9464\"", "address = \"0.0.0.0:9464\""),
    ("format = \"human\"", "format = \"json\""),
];

/// Compares the deployed file with what the defaults make.
pub(super) fn check(tree: &Tree) -> Result<Breaches, String> {
    let expected = deployed(tree)?;
    let same = tree.file(DEPLOYED).is_some_and(|file| file.text == expected);
    Ok(if same {
        Breaches::new()
    } else {
        vec![format!("{DEPLOYED} is not what {DEFAULTS} makes: run `cargo xtask deploy`")]
    })
}

/// Writes the deployed file.
pub(crate) fn write() -> Result<(), String> {
    let text = deployed(&Tree::read()?)?;
    fs::write(root().join(DEPLOYED), text).map_err(|error| format!("{DEPLOYED}: {error}"))
}

fn deployed(tree: &Tree) -> Result<String, String> {
    let defaults = &tree.file(DEFAULTS).ok_or_else(|| format!("{DEFAULTS} is missing"))?.text;
    let body = defaults.find("\n[").ok_or_else(|| format!("{DEFAULTS} has no section"))?;
    let mut text = format!("{HEAD}{}", &defaults[body..]);
    for (default, changed) in CHANGES {
        if text.matches(&format!("\n{default}\n")).count() != 1 {
            return Err(format!(
                "{DEFAULTS} must have the line `{default}` once; it is changed for {DEPLOYED}"
            ));
        }
        text = text.replace(&format!("\n{default}\n"), &format!("\n{changed}\n"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::sample;

    fn defaults() -> String {
        let lines = CHANGES.map(|(default, _)| format!("{default}\n"));
        format!("# Head.\n\n[a]\n# Why.\n{}", lines.concat())
    }

    #[test]
    fn a_deployed_file_that_lags_behind_the_defaults_is_a_breach() {
        let made = deployed(&sample(&[(DEFAULTS, &defaults())])).expect("the sample has all lines");
        assert!(made.contains("# Why.\nbootstrap_servers = \"kafka:19092\""), "{made}");
        assert_eq!(
            check(&sample(&[(DEFAULTS, &defaults()), (DEPLOYED, &made)])),
            Ok(Breaches::new())
        );
        let newer = format!("{}more = 1\n", defaults());
        assert_eq!(
            check(&sample(&[(DEFAULTS, &newer), (DEPLOYED, &made)])).expect("all lines").len(),
            1
        );
        assert!(check(&sample(&[(DEFAULTS, "# Head.\n\n[a]\n"), (DEPLOYED, &made)])).is_err());
    }
}
