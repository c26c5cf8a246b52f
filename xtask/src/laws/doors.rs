//! The README's first two commands are the doors: one runs the demo, one runs all tests, and `.ci/run` goes
//! through the same.

use super::Breaches;
use crate::tree::Tree;

/// The first block of commands must have both, and CI must run the tests by the very same words.
pub(super) fn check(tree: &Tree) -> Result<Breaches, String> {
    let text = |path: &str| {
        tree.file(path).map(|file| file.text.as_str()).ok_or(format!("{path} is missing"))
    };
    let (readme, ci) = (text("README.md")?, text(".ci/run")?);
    let commands = first_commands(readme);
    let mut breaches = Vec::new();
    if !commands.iter().any(|command| command.ends_with("demo")) {
        breaches.push("README.md: the first block of commands must run the demo".to_owned());
    }
    match commands.iter().find(|command| command.starts_with("cargo test")) {
        None => {
            breaches.push("README.md: the first block of commands must run all tests".to_owned())
        }
        Some(command) if !ci.contains(command) => {
            breaches.push(format!(".ci/run must run the tests as README.md does: `{command}`"));
        }
        Some(_) => {}
    }
    Ok(breaches)
}

fn first_commands(readme: &str) -> Vec<&str> {
    let block = readme
        .split("```sh\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .unwrap_or_default();
    block.lines().map(|line| line.split('#').next().unwrap_or_default().trim()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::sample;

    #[test]
    fn a_ci_that_tests_by_other_words_is_a_breach() {
        let readme =
            "# G\n```sh\ncargo run --release -- demo   # see\ncargo test --workspace  # all\n```\n";
        let count = |readme, ci| {
            check(&sample(&[("README.md", readme), (".ci/run", ci)])).expect("both are there").len()
        };
        assert_eq!(count(readme, "x\n  cargo test --workspace | tee\n"), 0);
        assert_eq!(count(readme, "cargo nextest run\n"), 1);
        assert_eq!(count("# G\n```sh\nmake\n```\n", "cargo test --workspace\n"), 2);
    }
}
