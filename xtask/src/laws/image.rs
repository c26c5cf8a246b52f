//! The Dockerfile builds with the compiler that everybody uses, from folders that exist, and not as root.

use super::Breaches;
use crate::tree::Tree;

const DOCKERFILE: &str = "deploy/Dockerfile";
const TOOLCHAIN: &str = "rust-toolchain.toml";

/// Compares the Dockerfile with the toolchain file and the tree.
pub(super) fn check(tree: &Tree) -> Result<Breaches, String> {
    let file = tree.file(DOCKERFILE).ok_or_else(|| format!("{DOCKERFILE} is missing"))?;
    let toolchain = tree.file(TOOLCHAIN).ok_or_else(|| format!("{TOOLCHAIN} is missing"))?;
    let channel = toolchain
        .text
        .lines()
        .find_map(|line| line.strip_prefix("channel = "))
        .unwrap_or_default()
        .trim_matches('"');
    let mut breaches = Vec::new();
    if !file.text.contains(&format!("FROM rust:{channel}-")) {
        breaches
            .push(format!("{DOCKERFILE}: must build `FROM rust:{channel}-…`, as {TOOLCHAIN} says"));
    }
    let last_user =
        file.text.lines().rfind(|line| line.starts_with("USER ")).unwrap_or("USER root");
    if last_user == "USER root" || last_user == "USER 0" {
        breaches.push(format!("{DOCKERFILE}: must end with a USER that is not root"));
    }
    for source in file.text.lines().filter_map(|line| line.strip_prefix("COPY ")).flat_map(sources)
    {
        if !tree
            .files
            .iter()
            .any(|file| file.path == source || file.path.starts_with(&format!("{source}/")))
        {
            breaches.push(format!("{DOCKERFILE}: copies `{source}`, which is not here"));
        }
    }
    Ok(breaches)
}

/// What a COPY takes from the project; nothing where it takes from another stage.
fn sources(copy: &str) -> Vec<String> {
    if copy.contains("--from=") {
        return Vec::new();
    }
    let words: Vec<&str> = copy.split_whitespace().filter(|word| !word.starts_with("--")).collect();
    let from = words.split_last().map_or(&[][..], |(_, from)| from);
    from.iter().map(|word| word.trim_end_matches('/').to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::sample;

    #[test]
    fn an_image_of_another_compiler_or_of_what_is_not_here_is_a_breach() {
        let count = |dockerfile: &str| {
            let files = [
                (TOOLCHAIN, "[toolchain]\nchannel = \"1.95.0\"\n"),
                ("crates/a.rs", ""),
                (DOCKERFILE, dockerfile),
            ];
            check(&sample(&files)).expect("both files are there").len()
        };
        let good = "FROM rust:1.95.0-slim AS build\nCOPY crates crates\nCOPY --from=build /x /y\nUSER 10001\n";
        assert_eq!(count(good), 0);
        assert_eq!(count(&good.replace("1.95.0", "1.90.0")), 1);
        assert_eq!(count(&good.replace("COPY crates", "COPY boxes")), 1);
        assert_eq!(count(&good.replace("USER 10001", "USER root")), 1);
    }
}
