//! The project's text files, read once, for laws that are about text.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;

/// Folders (and, in a second work tree of git, a file) that are not the project's own text.
const NOT_OURS: [&str; 4] = [".git", "target", ".cache", "node_modules"];

/// One file: its path from the root, with `/`, and its text.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    /// Whether the path ends in `.ending`.
    pub(crate) fn is(&self, ending: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|found| found == ending)
    }

    /// The file as Rust's tokens: comments are gone, texts are literals.
    pub(crate) fn tokens(&self) -> Result<TokenStream, String> {
        self.text.parse().map_err(|error| format!("{}: not Rust: {error}", self.path))
    }
}

/// All of them, by path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    pub(crate) files: Vec<File>,
}

impl Tree {
    /// Reads the project's files; those that are not UTF-8 are left out.
    pub(crate) fn read() -> Result<Self, String> {
        let mut tree = Self::default();
        let root = root();
        tree.walk(&root, &root)?;
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }

    /// The files that end in `.ending`.
    pub(crate) fn ending(&self, ending: &str) -> impl Iterator<Item = &File> {
        self.files.iter().filter(move |file| file.is(ending))
    }

    /// The file at `path`.
    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    fn walk(&mut self, root: &Path, folder: &Path) -> Result<(), String> {
        let fail = |error: std::io::Error| format!("{}: {error}", folder.display());
        for entry in fs::read_dir(folder).map_err(fail)? {
            let entry = entry.map_err(fail)?;
            let path = entry.path();
            let name = entry.file_name();
            if NOT_OURS.iter().any(|other| name == *other) {
                continue;
            }
            if entry.file_type().map_err(fail)?.is_dir() {
                self.walk(root, &path)?;
            } else if let Ok(text) = fs::read_to_string(&path) {
                let inside = path.strip_prefix(root).expect("what is walked is below the root");
                let path = inside.to_string_lossy().replace('\\', "/");
                self.files.push(File { path, text });
            }
        }
        Ok(())
    }
}

/// The workspace's folder.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("xtask is a folder of the workspace").to_path_buf()
}

/// A tree out of thin air, for the laws' own tests.
#[cfg(test)]
pub(crate) fn sample(files: &[(&str, &str)]) -> Tree {
    let file = |(path, text): &(&str, &str)| File { path: (*path).into(), text: (*text).into() };
    Tree { files: files.iter().map(file).collect() }
}
