//! Files have a budget of lines; functions have theirs in `clippy.toml` (`too-many-lines-threshold`).

use super::Breaches;
use crate::tree::Tree;

/// Above this a file must be split. Readers of 400 lines still find their way; beyond 800 nobody has been seen to.
const LINES_MAX: usize = 800;
/// Above this it is time to look for the second verb in the file; told, not refused.
const LINES_SOFT: usize = 400;

/// Refuses files over the budget and names those that come near.
pub(super) fn check(tree: &Tree) -> Breaches {
    let mut breaches = Vec::new();
    for file in tree.ending("rs") {
        let lines = file.text.lines().count();
        if lines > LINES_MAX {
            breaches.push(format!(
                "{}: {lines} lines, at most {LINES_MAX}: one verb a file",
                file.path
            ));
        } else if lines > LINES_SOFT {
            println!(
                "note: {} has {lines} lines; {LINES_SOFT} is where files are usually split",
                file.path
            );
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::sample;

    #[test]
    fn a_file_over_its_budget_is_a_breach() {
        let (fits, too_long) = ("\n".repeat(LINES_MAX), "\n".repeat(LINES_MAX + 1));
        assert_eq!(check(&sample(&[("fits.rs", &fits), ("too_long.rs", &too_long)])).len(), 1);
    }
}
