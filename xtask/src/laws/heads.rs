//! Every source file opens with a `//!` comment of what it is for.

use super::Breaches;
use crate::tree::Tree;

/// The first line must begin the comment, and say something.
pub(super) fn check(tree: &Tree) -> Breaches {
    let silent = |text: &str| {
        text.lines().next().is_none_or(|line| !line.starts_with("//! ") || line.len() < 10)
    };
    let files = tree.ending("rs").filter(|file| silent(&file.text));
    files.map(|file| format!("{}: open with `//! …`: what is this file for?", file.path)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::sample;

    #[test]
    fn a_file_without_a_head_is_a_breach() {
        let tree = sample(&[
            ("a.rs", "//! Counts beans.\n"),
            ("b.rs", "use a;\n"),
            ("c.rs", ""),
            ("d.md", ""),
        ]);
        assert_eq!(check(&tree).len(), 2);
    }
}
