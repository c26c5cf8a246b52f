//! A mutant as it lies in `tests/mutants`: the production code with one mistake.

use crate::tree::{File, Tree};

/// Where they lie, one a file.
const FOLDER: &str = "tests/mutants/";

/// What begins an edit, and what begins its other half.
const IS: &str = "---- is: ";
const BECOMES: &str = "---- becomes:";

/// The production code with one mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mutant {
    /// The file's name without its ending.
    pub(super) name: String,
    /// What goes wrong.
    pub(super) says: String,
    edits: Vec<Edit>,
}

/// A text of a file that becomes another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Edit {
    path: String,
    is: String,
    becomes: String,
}

/// All of them, by name.
pub(super) fn all(tree: &Tree) -> Result<Vec<Mutant>, String> {
    let name = |file: &File| {
        let name = file.path.strip_prefix(FOLDER)?.strip_suffix(".txt")?;
        Some(name.to_owned())
    };
    let files = tree.files.iter().filter_map(|file| Some((name(file)?, file)));
    files.map(|(name, file)| Mutant::read(name, &file.text)).collect()
}

impl Mutant {
    fn read(name: String, text: &str) -> Result<Self, String> {
        let wrong = |what: &str| format!("{FOLDER}{name}.txt: {what}");
        let mut edits: Vec<Edit> = Vec::new();
        let (mut says, mut becomes) = (Vec::new(), false);
        for line in text.lines() {
            if let Some(path) = line.strip_prefix(IS) {
                edits.push(Edit { path: path.to_owned(), ..Edit::default() });
                becomes = false;
            } else if line == BECOMES {
                becomes = true;
            } else if let Some(edit) = edits.last_mut() {
                let half = if becomes { &mut edit.becomes } else { &mut edit.is };
                half.push_str(line);
                half.push('\n');
            } else {
                says.push(line);
            }
        }
        let says = says.join(" ").trim().to_owned();
        if says.is_empty() {
            return Err(wrong("it does not say what goes wrong"));
        }
        if edits.is_empty() || edits.iter().any(|edit| edit.is == edit.becomes) {
            return Err(wrong("it changes nothing"));
        }
        Ok(Self { name, says, edits })
    }

    /// The files that it changes, as they become.
    ///
    /// # Errors
    /// What it changes is not in the tree, or there more than once.
    pub(super) fn of(&self, tree: &Tree) -> Result<Vec<File>, String> {
        let mut changed: Vec<File> = Vec::new();
        for Edit { path, is, becomes } in &self.edits {
            let wrong = |what: &str| Err(format!("{FOLDER}{}.txt: {path}: {what}", self.name));
            let at = changed.iter().position(|file| file.path == *path);
            let at = match (at, tree.file(path)) {
                (Some(at), _) => at,
                (None, Some(file)) => {
                    changed.push(file.clone());
                    changed.len() - 1
                }
                (None, None) => return wrong("there is no such file"),
            };
            let text = &mut changed[at].text;
            match text.matches(is).count() {
                1 => *text = text.replacen(is, becomes, 1),
                0 => return wrong("the text that it changes is not there any more"),
                _ => return wrong("the text that it changes is there more than once"),
            }
        }
        Ok(changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::sample;

    const TEXT: &str = "Two is\nthree.\n\n---- is: a.rs\none\ntwo\n---- becomes:\none\nthree\n";

    #[test]
    fn every_mutant_changes_the_present_source() {
        let tree = Tree::read().expect("the tree can be read");
        let mutants = all(&tree).expect("the mutants can be read");
        assert!(mutants.len() >= 14, "{} mutants", mutants.len());
        for mutant in mutants {
            let changed = mutant.of(&tree).unwrap_or_else(|what| panic!("{what}"));
            for file in changed {
                assert!(file.path.starts_with("crates/"), "{}: {}", mutant.name, file.path);
            }
        }
    }

    #[test]
    fn a_mutant_is_read_and_changes_what_it_says() {
        let mutant = Mutant::read("three".to_owned(), TEXT).expect("it is one");
        assert_eq!(mutant.says, "Two is three.");
        let changed = mutant.of(&sample(&[("a.rs", "zero\none\ntwo\n")])).expect("it fits");
        assert_eq!(changed[0].text, "zero\none\nthree\n");
    }

    #[test]
    fn a_mutant_that_does_not_fit_is_told() {
        let mutant = Mutant::read("three".to_owned(), TEXT).expect("it is one");
        for (text, why) in [("zero\n", "not there"), ("one\ntwo\none\ntwo\n", "more than once")] {
            let told = mutant.of(&sample(&[("a.rs", text)])).expect_err("it does not fit");
            assert!(told.contains(why), "{told}");
        }
        assert!(mutant.of(&sample(&[("b.rs", "one\ntwo\n")])).is_err());
        for text in [
            "Nothing.\n",
            "---- is: a.rs\n1\n---- becomes:\n2\n",
            "One.\n---- is: a.rs\n1\n---- becomes:\n1\n",
        ] {
            assert!(Mutant::read("bad".to_owned(), text).is_err(), "{text}");
        }
    }
}
