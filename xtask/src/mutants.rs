//! `cargo xtask mutants`: shows that the simulator finds mistakes. Each mutant in `tests/mutants` is the
//! production code with one of them; it is built, and must be found. One that survives is a mistake that
//! the simulator would not find either if somebody made it.

mod mutant;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::sim::{self, Failed, Sum};
use crate::tree::Tree;
use mutant::Mutant;

/// Seeds after which a mutant has survived: what is found only later would hardly be found in CI.
const SEEDS: u64 = 300;

/// Built quickly, since each mutant is built anew and lives for a few seeds: less optimized, without lines.
const QUICK: [(&str, &str); 3] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "false"),
    ("CARGO_INCREMENTAL", "1"),
];

/// Lists the mutants, or has all of them or one found.
pub(crate) fn run(words: &[&str]) -> Result<(), String> {
    let tree = Tree::read()?;
    let mutants = mutant::all(&tree)?;
    let only = match words {
        [] => None,
        ["list"] => {
            for Mutant { name, says, .. } in &mutants {
                println!("{name}: {says}");
            }
            return Ok(());
        }
        ["--only", name] => Some(*name),
        _ => return Err("usage: cargo xtask mutants [list | --only NAME]".to_owned()),
    };
    let chosen: Vec<&Mutant> =
        mutants.iter().filter(|mutant| only.is_none_or(|name| mutant.name == name)).collect();
    if chosen.is_empty() {
        let names: Vec<&str> = mutants.iter().map(|mutant| mutant.name.as_str()).collect();
        return Err(format!("no such mutant; there are {}", names.join(", ")));
    }
    let laboratory = Laboratory::new(tree)?;
    laboratory.sound()?;
    let mut survivors = Vec::new();
    for mutant in chosen {
        let began = Instant::now();
        match laboratory.find(mutant)? {
            Some(Found { seeds, failed: Failed { seed, what } }) => {
                let (name, took) = (&mutant.name, began.elapsed().as_secs());
                println!("{name}: found by the {seeds}. seed, {seed}, in {took} s: {what}");
            }
            None => {
                println!("{}: SURVIVES {SEEDS} seeds: {}", mutant.name, mutant.says);
                survivors.push(mutant.name.as_str());
            }
        }
    }
    if survivors.is_empty() {
        return Ok(());
    }
    Err(format!("the simulator does not find {}", survivors.join(", ")))
}

/// Where mutants are built: a copy of the workspace, and what was built of it.
struct Laboratory {
    tree: Tree,
    root: PathBuf,
    target: PathBuf,
    known: Vec<u64>,
}

/// How a mutant was found.
struct Found {
    /// How many seeds it took.
    seeds: u64,
    failed: Failed,
}

impl Laboratory {
    fn new(tree: Tree) -> Result<Self, String> {
        let folder = sim::target().join("mutants");
        let (root, target) = (folder.join("tree"), folder.join("target"));
        Ok(Self { tree, root, target, known: sim::known_seeds()? })
    }

    /// The code as it is passes the seeds that mutants are looked for with: else they would show nothing.
    fn sound(&self) -> Result<(), String> {
        for file in &self.tree.files {
            self.write(&file.path, &file.text)?;
        }
        let program = self.build()?;
        let mut sum = Sum::default();
        for seed in &self.known {
            if let Some(Failed { seed, what }) = sum.take(&program, [*seed, 1, 1])? {
                return Err(format!("the code as it is fails with seed {seed}: {what}"));
            }
        }
        sum.all(&program, 0, SEEDS)?;
        let seeds = self.known.len() as u64 + SEEDS;
        println!("the code as it is: nothing wrong with {seeds} seeds");
        Ok(())
    }

    /// Builds a mutant and looks for it; then the copy is as it was.
    fn find(&self, mutant: &Mutant) -> Result<Option<Found>, String> {
        let changed = mutant.of(&self.tree)?;
        for file in &changed {
            self.write(&file.path, &file.text)?;
        }
        let found = self.build().and_then(|program| self.search(&program));
        for file in &changed {
            let as_it_was = self.tree.file(&file.path).expect("what changed was there");
            self.write(&as_it_was.path, &as_it_was.text)?;
        }
        found.map_err(|what| format!("{}: {what}", mutant.name))
    }

    /// The seeds that once failed, then the first ones, until one fails.
    fn search(&self, program: &Path) -> Result<Option<Found>, String> {
        for (seed, tried) in self.known.iter().zip(1..) {
            if let Some(failed) = Sum::default().take(program, [*seed, 1, 1])? {
                return Ok(Some(Found { seeds: tried, failed }));
            }
        }
        let failed = Sum::default().take(program, [0, SEEDS, 1])?;
        let tried = |failed: &Failed| self.known.len() as u64 + failed.seed + 1;
        Ok(failed.map(|failed| Found { seeds: tried(&failed), failed }))
    }

    fn build(&self) -> Result<PathBuf, String> {
        sim::build("sim", &self.root, &self.target, &QUICK)
    }

    /// Writes a file of the copy, where that is not what it is already.
    fn write(&self, path: &str, text: &str) -> Result<(), String> {
        let path = self.root.join(path);
        let fail = |error: std::io::Error| format!("{}: {error}", path.display());
        if fs::read_to_string(&path).is_ok_and(|there| there == text) {
            return Ok(());
        }
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).map_err(fail)?;
        fs::write(&path, text).map_err(fail)
    }
}
