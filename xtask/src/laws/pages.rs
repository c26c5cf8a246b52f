//! Pages for people name files that exist: a map to a room that has moved is worse than none.

use super::Breaches;
use crate::tree::{File, Tree};

/// Folders whose files the pages name by path.
const ROOTS: [&str; 7] = ["crates/", "deploy/", "tests/", "xtask/", "proto/", "docs/", ".ci/"];

/// Looks at what stands between backquotes, and at the targets of links.
pub(super) fn check(tree: &Tree) -> Breaches {
    let mut breaches = Vec::new();
    for page in tree.ending("md") {
        for (number, line) in page.text.lines().enumerate() {
            for path in quoted(line).chain(linked(line)).filter(|path| !is_there(tree, page, path))
            {
                breaches.push(format!("{}:{}: `{path}` is not here", page.path, number + 1));
            }
        }
    }
    breaches
}

/// Paths between backquotes; words with other signs in them are commands or patterns.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    let words = line.split('`').skip(1).step_by(2);
    words.filter(|word| {
        let plain = word.chars().all(|c| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_'));
        plain && ROOTS.iter().any(|root| word.starts_with(root))
    })
}

/// Targets of links within the project.
fn linked(line: &str) -> impl Iterator<Item = &str> {
    let targets = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets
        .map(|target| target.split('#').next().unwrap_or_default())
        .filter(|t| !t.is_empty() && !t.contains("://"))
}

fn is_there(tree: &Tree, page: &File, path: &str) -> bool {
    let path = path.trim_end_matches('/');
    let folder = page.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let beside = if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") };
    let is =
        |file: &File, path: &str| file.path == path || file.path.starts_with(&format!("{path}/"));
    tree.files.iter().any(|file| is(file, path) || is(file, &beside))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::sample;

    #[test]
    fn a_page_that_names_what_is_gone_is_a_breach() {
        let files =
            |page| sample(&[("crates/a/src/lib.rs", "//! A.\n"), ("crates/README.md", page)]);
        let good = "see `crates/a/src/lib.rs`, `crates/a/`, [a](a/src/lib.rs), `crates/*`, [x](https://x.org)";
        assert_eq!(check(&files(good)), Breaches::new());
        assert_eq!(check(&files("see `crates/b/src/lib.rs` and [b](b/lib.rs)")).len(), 2);
    }
}
