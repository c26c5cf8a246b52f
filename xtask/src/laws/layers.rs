//! Who may know whom: our own arrows by a table, and the outside crates that a room must never reach.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use super::Breaches;

/// The map: each room and those of ours that it may depend on. Development dependencies are free.
const ARROWS: [(&str, &[&str]); 13] = [
    ("allotment", &[]),
    ("contract", &["allotment"]),
    ("signals", &[]),
    ("librdkafka-patch", &[]),
    ("telemetry", &["signals"]),
    ("lane", &["allotment", "contract", "telemetry"]),
    ("driver", &["lane", "contract", "signals", "telemetry", "librdkafka-patch"]),
    ("console", &["allotment", "telemetry"]),
    ("traffic", &["allotment"]),
    ("simulator", &["allotment", "contract", "lane", "traffic"]),
    ("fixture", &[]),
    (
        "granary",
        &["allotment", "contract", "signals", "telemetry", "lane", "driver", "console", "traffic"],
    ),
    ("xtask", &["fixture"]),
];

/// What a room must never reach, by whatever way, and why.
const WALLS: [(&[&str], &[&str], &str); 3] = [
    (
        &[
            "allotment",
            "contract",
            "signals",
            "telemetry",
            "lane",
            "console",
            "traffic",
            "simulator",
            "fixture",
            "xtask",
        ],
        &["rdkafka", "rdkafka-sys"],
        "the Kafka client is driver's business",
    ),
    (
        &["allotment", "contract", "signals", "telemetry", "lane", "traffic", "simulator"],
        &["tokio", "async-std", "smol", "mio"],
        "rooms that decide are driven, they do not wait",
    ),
    (
        &["allotment"],
        &[
            "serde",
            "serde_json",
            "prost",
            "metrics",
            "tracing",
            "rand",
            "getrandom",
            "jiff",
            "chrono",
        ],
        "the core knows no encoding, listener, chance or calendar",
    ),
];

/// A package: where it lies, and what it depends on when it runs.
#[derive(Clone, Debug, Default)]
pub(super) struct Package {
    /// Folder from the root; empty for crates of others.
    pub(super) folder: String,
    depends_on: BTreeSet<String>,
}

/// All packages of the workspace and what they pull in, by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Packages(pub(super) BTreeMap<String, Package>);

impl Packages {
    /// Asks cargo.
    pub(super) fn read() -> Result<Self, String> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command
            .args(["metadata", "--format-version", "1", "--locked"])
            .current_dir(crate::tree::root());
        let output = command.output().map_err(|error| format!("cargo metadata: {error}"))?;
        if !output.status.success() {
            return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr)));
        }
        let metadata = serde_json::from_slice(&output.stdout)
            .map_err(|error| format!("cargo metadata: {error}"))?;
        Ok(Self::parse(&metadata))
    }

    fn parse(metadata: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let root = text(&metadata["workspace_root"]);
        let mut names = BTreeMap::new();
        let mut packages: BTreeMap<String, Package> = BTreeMap::new();
        for package in array(&metadata["packages"]) {
            names.insert(text(&package["id"]), text(&package["name"]));
            let manifest = text(&package["manifest_path"]);
            let inside =
                manifest.strip_prefix(&root).and_then(|path| path.strip_suffix("Cargo.toml"));
            let folder = inside.unwrap_or_default().trim_matches('/').to_owned();
            packages.entry(text(&package["name"])).or_default().folder = folder;
        }
        for node in array(&metadata["resolve"]["nodes"]) {
            let from = &names[&text(&node["id"])];
            for dependency in array(&node["deps"]).iter().filter(|dependency| runs(dependency)) {
                let to = names[&text(&dependency["pkg"])].clone();
                packages.entry(from.clone()).or_default().depends_on.insert(to);
            }
        }
        Self(packages)
    }

    /// The shortest way from one package to another, both included.
    fn way(&self, from: &str, to: &str) -> Option<Vec<String>> {
        let mut ways = vec![vec![from.to_owned()]];
        let mut seen = BTreeSet::new();
        while let Some(position) = ways.iter().position(|_| true) {
            let way = ways.remove(position);
            let last = way.last().expect("a way has a start");
            if last == to && way.len() > 1 {
                return Some(way);
            }
            for next in self.0.get(last).into_iter().flat_map(|package| &package.depends_on) {
                if seen.insert(next.clone()) {
                    ways.push(way.iter().chain([next]).cloned().collect());
                }
            }
        }
        None
    }
}

/// Holds the packages against the map and the walls.
pub(super) fn check(packages: &Packages) -> Breaches {
    let mut breaches = Vec::new();
    let map: BTreeMap<&str, &[&str]> = ARROWS.into_iter().collect();
    for (name, package) in packages.0.iter().filter(|(_, package)| !package.folder.is_empty()) {
        // Whole crates of tests are nobody's foundation and may look everywhere.
        let Some(allowed) = map.get(name.as_str()) else {
            if !package.folder.starts_with("tests/") {
                breaches.push(format!("`{name}` is not on the map: add it to xtask/src/laws/layers.rs and crates/README.md"));
            }
            continue;
        };
        let ours = |name: &&String| {
            packages.0.get(*name).is_some_and(|package| !package.folder.is_empty())
        };
        for other in package
            .depends_on
            .iter()
            .filter(ours)
            .filter(|other| !allowed.contains(&other.as_str()))
        {
            breaches.push(format!(
                "`{name}` must not depend on `{other}` (crates/README.md has the map)"
            ));
        }
    }
    for (rooms, forbidden, why) in WALLS {
        for (room, other) in
            rooms.iter().flat_map(|room| forbidden.iter().map(move |other| (room, other)))
        {
            if let Some(way) = packages.way(room, other) {
                breaches.push(format!("`{room}` reaches `{other}`: {}; {why}", way.join(" → ")));
            }
        }
    }
    breaches
}

/// Whether a dependency is there when the program runs: not only for tests or the build.
fn runs(dependency: &Value) -> bool {
    array(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"].is_null())
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

#[cfg(test)]
pub(super) fn sample(arrows: &[(&str, &str, &[&str])]) -> Packages {
    let package = |(name, folder, others): &(&str, &str, &[&str])| {
        let depends_on = others.iter().map(|other| (*other).to_owned()).collect();
        ((*name).to_owned(), Package { folder: (*folder).to_owned(), depends_on })
    };
    Packages(arrows.iter().map(package).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_of_the_map_are_free_and_others_are_breaches() {
        let good = sample(&[
            ("allotment", "crates/allotment", &[]),
            ("contract", "crates/contract", &["allotment"]),
        ]);
        assert_eq!(check(&good), Breaches::new());
        let up =
            sample(&[("allotment", "crates/allotment", &["lane"]), ("lane", "crates/lane", &[])]);
        assert_eq!(check(&up).len(), 1);
        assert_eq!(check(&sample(&[("helpers", "crates/helpers", &[])])).len(), 1);
        assert_eq!(check(&sample(&[("end-to-end", "tests/end-to-end", &[])])), Breaches::new());
    }

    #[test]
    fn a_wall_holds_against_a_way_through_others() {
        let packages = sample(&[
            ("lane", "crates/lane", &["clever"]),
            ("clever", "", &["tokio"]),
            ("tokio", "", &[]),
        ]);
        let breaches = check(&packages);
        assert_eq!(breaches.len(), 1);
        assert!(breaches[0].contains("lane → clever → tokio"), "{breaches:?}");
    }

    #[test]
    fn what_only_tests_or_the_build_need_does_not_count() {
        let metadata = serde_json::json!({
            "workspace_root": "/x", "packages": [
                {"id": "l", "name": "lane", "manifest_path": "/x/crates/lane/Cargo.toml"},
                {"id": "t", "name": "tokio", "manifest_path": "/r/tokio/Cargo.toml"}],
            "resolve": {"nodes": [{"id": "l", "deps": [{"pkg": "t", "dep_kinds": [{"kind": "dev"}]}]}]},
        });
        assert_eq!(check(&Packages::parse(&metadata)), Breaches::new());
    }
}
