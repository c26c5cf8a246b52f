//! Every dependency in a `Cargo.toml` has its reason beside it; shared ones have it in the root.

use super::Breaches;
use crate::tree::{File, Tree};

/// A line that names a version needs a comment: on it, or at the head of its block of lines.
pub(super) fn check(tree: &Tree) -> Breaches {
    let manifests = tree.files.iter().filter(|file| file.path.ends_with("Cargo.toml"));
    manifests.flat_map(check_manifest).collect()
}

fn check_manifest(file: &File) -> Breaches {
    let mut breaches = Vec::new();
    let mut in_dependencies = false;
    let mut explained = false;
    for (number, line) in file.text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('[') {
            in_dependencies = line.trim_end_matches(']').ends_with("dependencies");
            explained = false;
        } else if line.is_empty() {
            explained = false;
        } else if line.starts_with('#') {
            explained = true;
        } else if in_dependencies && names_a_version(line) && !explained && !line.contains(" # ") {
            breaches.push(format!(
                "{}:{}: `{line}`: say why, in a comment above it",
                file.path,
                number + 1
            ));
        }
    }
    breaches
}

/// Ours and those that the root explains name no version.
fn names_a_version(line: &str) -> bool {
    let ours = line.contains("path =") || line.contains("workspace = true");
    !ours && line.split_once('=').is_some_and(|(name, _)| !name.contains(['[', '"']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::sample;

    #[test]
    fn an_unexplained_dependency_is_a_breach() {
        let good = "[dependencies]\nallotment.workspace = true\n# Words.\nwords = \"1\"\nmore-words = \"1\"\n";
        let bad = "# Not about it.\n[dev-dependencies]\nwords = { version = \"1\" }\n";
        assert_eq!(check(&sample(&[("a/Cargo.toml", good)])), Breaches::new());
        assert_eq!(check(&sample(&[("b/Cargo.toml", bad)])).len(), 1);
    }
}
