//! Clippy is told what is banned where. A `clippy.toml` in a crate replaces the root's as a whole, so what
//! the root says must be said again; this law sees to it.

use std::collections::BTreeSet;

use toml::Table;

use super::Breaches;
use super::layers::Packages;
use crate::tree::{File, Tree};

/// Rooms that own a clock: all others are told the time. The latter two start and time processes.
const CLOCK_OWNERS: [&str; 4] = ["driver", "granary", "fixture", "xtask"];
/// Rooms whose answers must not depend on a hash.
const ORDERED: [&str; 2] = ["allotment", "lane"];
/// What only the owners of a clock may call. The core has no `std` to call it with.
const CLOCKS: [&str; 4] = [
    "std::time::Instant::now",
    "std::time::SystemTime::now",
    "std::thread::sleep",
    "std::thread::spawn",
];
/// Which map each of the ordered rooms has at hand.
const MAPS: [(&str, &str); 2] =
    [("allotment", "hashbrown::HashMap"), ("lane", "std::collections::HashMap")];
/// Ways to walk a map in the order of its hashes.
const WALKS: [&str; 4] = ["iter", "keys", "values", "drain"];
/// A function's budget of lines, and with which lints the rest of the law stands.
const FUNCTION_LINES_MAX: i64 = 70;
const LINTS: [&str; 3] = ["too_many_lines", "iter_over_hash_type", "unwrap_used"];

/// Looks at the configuration that clippy finds for each of our packages.
pub(super) fn check(tree: &Tree, packages: &Packages) -> Result<Breaches, String> {
    let root = tree.file("clippy.toml").ok_or("clippy.toml is missing in the root")?;
    let mut breaches = missing_lints(tree)?;
    for (name, package) in packages.0.iter().filter(|(_, package)| !package.folder.is_empty()) {
        let own = tree.file(&format!("{}/clippy.toml", package.folder));
        let file = own.unwrap_or(root);
        let table: Table = parse(file)?;
        if table.get("too-many-lines-threshold").and_then(toml::Value::as_integer)
            != Some(FUNCTION_LINES_MAX)
        {
            breaches.push(format!(
                "{}: too-many-lines-threshold must be {FUNCTION_LINES_MAX}",
                file.path
            ));
        }
        let banned = banned(&table);
        for method in must_be_banned(name, &package.folder) {
            // A type that is banned as a whole has no methods to ban.
            let of = method.rsplit_once("::").map_or("", |(of, _)| of);
            if !banned.contains(&method) && !banned.contains(of) {
                breaches.push(format!(
                    "{}: must ban `{method}` for `{name}`, with the reason",
                    file.path
                ));
            }
        }
    }
    Ok(breaches)
}

fn must_be_banned(name: &str, folder: &str) -> Vec<String> {
    let mut methods = Vec::new();
    let has_clock = CLOCK_OWNERS.contains(&name) || folder.starts_with("tests/");
    if !has_clock && name != "allotment" {
        methods.extend(CLOCKS.map(str::to_owned));
    }
    if ORDERED.contains(&name) {
        for (_, map) in MAPS.iter().filter(|(room, _)| *room == name) {
            methods.extend(WALKS.map(|walk| format!("{map}::{walk}")));
        }
    }
    methods
}

/// The methods and types that are disallowed with a reason.
fn banned(table: &Table) -> BTreeSet<String> {
    let lists = ["disallowed-methods", "disallowed-types"]
        .into_iter()
        .filter_map(|key| table.get(key)?.as_array());
    let explained = lists.flatten().filter(|entry| entry.get("reason").is_some());
    explained.filter_map(|entry| Some(entry.get("path")?.as_str()?.to_owned())).collect()
}

/// The lints that the laws rest on must be on for the whole workspace, and every crate must take them over.
fn missing_lints(tree: &Tree) -> Result<Breaches, String> {
    let root = tree.file("Cargo.toml").ok_or("Cargo.toml is missing in the root")?;
    let table = parse(root)?;
    let clippy = table
        .get("workspace")
        .and_then(|w| w.get("lints")?.get("clippy")?.as_table())
        .cloned()
        .unwrap_or_default();
    let missing = LINTS.iter().filter(|lint| !clippy.contains_key(**lint));
    let mut breaches: Breaches =
        missing.map(|lint| format!("Cargo.toml: the lint clippy::{lint} must be on")).collect();
    let manifests = tree.files.iter().filter(|file| file.path.ends_with("/Cargo.toml"));
    for manifest in manifests {
        let table = parse(manifest)?;
        let taken = table.get("lints").and_then(|lints| lints.get("workspace")?.as_bool());
        if taken != Some(true) {
            breaches.push(format!("{}: must say `[lints] workspace = true`", manifest.path));
        }
    }
    Ok(breaches)
}

fn parse(file: &File) -> Result<Table, String> {
    file.text.parse().map_err(|error| format!("{}: {error}", file.path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::laws::layers;
    use crate::tree::sample;

    const WORKSPACE: &str = "[workspace.lints.clippy]\ntoo_many_lines = 'warn'\niter_over_hash_type = 'warn'\nunwrap_used = 'warn'\n";
    const BUDGET: &str = "too-many-lines-threshold = 70\n";

    fn breaches(root: &str, own: Option<&str>) -> usize {
        let packages = layers::sample(&[("contract", "crates/contract", &[])]);
        let mut files = vec![("Cargo.toml", WORKSPACE), ("clippy.toml", root)];
        files.extend(own.map(|own| ("crates/contract/clippy.toml", own)));
        check(&sample(&files), &packages).expect("the samples are TOML").len()
    }

    fn with_bans() -> String {
        let ban = |path| format!("{{ path = '{path}', reason = 'told the time' }}");
        format!("{BUDGET}disallowed-methods = [{}]\n", CLOCKS.map(ban).join(", "))
    }

    #[test]
    fn bans_must_be_there_and_a_crates_own_file_must_repeat_them() {
        assert_eq!(breaches(&with_bans(), None), 0);
        assert_eq!(breaches(BUDGET, None), CLOCKS.len());
        assert_eq!(breaches(&with_bans(), Some(BUDGET)), CLOCKS.len());
        assert_eq!(
            breaches(&with_bans().replace(", reason = 'told the time'", ""), None),
            CLOCKS.len()
        );
        assert_eq!(breaches(&with_bans().replace("70", "300"), None), 1);
    }

    #[test]
    fn the_core_must_ban_walks_through_its_maps() {
        let packages = layers::sample(&[("allotment", "crates/allotment", &[])]);
        let tree = sample(&[("Cargo.toml", WORKSPACE), ("clippy.toml", BUDGET)]);
        assert_eq!(check(&tree, &packages).expect("the samples are TOML").len(), WALKS.len());
    }

    #[test]
    fn lints_that_are_off_are_breaches() {
        let packages = layers::sample(&[]);
        let tree = sample(&[("Cargo.toml", ""), ("clippy.toml", BUDGET), ("a/Cargo.toml", "")]);
        assert_eq!(check(&tree, &packages).expect("the samples are TOML").len(), LINTS.len() + 1);
    }
}
