//! No machine's own folders in code, configuration or text: a clone works wherever it lies.

use super::Breaches;
use crate::tree::Tree;

/// How folders that exist on one machine only begin. Spelt so that this file keeps its own law.
const FOREIGN: [&str; 5] = [
    concat!("/wo", "rk/"),
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/Us", "ers/"),
    concat!("C:", "\\"),
];

/// Looks at every line of every file.
pub(super) fn check(tree: &Tree) -> Breaches {
    let mut breaches = Vec::new();
    for file in &tree.files {
        for (number, line) in file.text.lines().enumerate() {
            if let Some(found) = FOREIGN.iter().find(|foreign| names(line, foreign)) {
                let place = format!("{}:{}", file.path, number + 1);
                breaches.push(format!(
                    "{place}: a machine's own folder ({found}…); use a relative one"
                ));
            }
        }
    }
    breaches
}

/// Whether the folder is named as a path from the root, not as a part of a longer one.
fn names(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '}' | ')')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::sample;

    #[test]
    fn a_machines_folder_is_a_breach_and_a_relative_one_is_not() {
        let bad = format!("open(\"{}me/x\")\n", FOREIGN[1]);
        let good = "see example.org/home/page and ./home/x\n";
        assert_eq!(check(&sample(&[("a.rs", &bad), ("b.md", good)])).len(), 1);
    }
}
