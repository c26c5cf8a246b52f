//! The laws of the house, each with the function that enforces it.
//!
//! A law looks at the project's text or at cargo's own view of the dependencies, and lists every breach
//! with what to do about it. Clippy enforces the rest (`clippy.toml`, `[workspace.lints]`); the law
//! [`bans`] sees to it that clippy is told.

mod bans;
mod budgets;
mod deployed;
mod doors;
mod heads;
mod image;
mod layers;
mod macros;
mod no_std;
mod pages;
mod paths;
mod reasons;
pub(crate) mod settings;
mod skips;

use crate::tree::Tree;

/// What breaks a law: where, and what to do instead.
type Breaches = Vec<String>;

/// What laws look at.
pub(crate) struct Evidence {
    tree: Tree,
    packages: layers::Packages,
}

/// A law: its name, what it says, and who looks.
struct Law {
    name: &'static str,
    says: &'static str,
    check: fn(&Evidence) -> Result<Breaches, String>,
}

const LAWS: &[Law] = &[
    Law {
        name: "no_std",
        says: "allotment has no std: no clock, file, thread or network is even there",
        check: |e| Ok(no_std::check(&e.tree)),
    },
    Law {
        name: "layers",
        says: "each room depends on what it may know, and on nothing else",
        check: |e| Ok(layers::check(&e.packages)),
    },
    Law {
        name: "bans",
        says: "clippy bans clocks and chance outside the rooms that own them, and hash order in the core",
        check: |e| bans::check(&e.tree, &e.packages),
    },
    Law {
        name: "macros",
        says: "metrics and log lines are told through telemetry",
        check: |e| macros::check(&e.tree),
    },
    Law {
        name: "deployed",
        says: "every metric that deploy/ names exists",
        check: |e| deployed::check(&e.tree),
    },
    Law {
        name: "budgets",
        says: "a file that has grown too long is more than one thing",
        check: |e| Ok(budgets::check(&e.tree)),
    },
    Law {
        name: "heads",
        says: "every source file says what it is for",
        check: |e| Ok(heads::check(&e.tree)),
    },
    Law {
        name: "paths",
        says: "nothing depends on one machine's folders",
        check: |e| Ok(paths::check(&e.tree)),
    },
    Law {
        name: "reasons",
        says: "every dependency says why it is there",
        check: |e| Ok(reasons::check(&e.tree)),
    },
    Law { name: "skips", says: "no test is switched off", check: |e| skips::check(&e.tree) },
    Law {
        name: "doors",
        says: "the README's two commands are what CI runs",
        check: |e| doors::check(&e.tree),
    },
    Law {
        name: "pages",
        says: "pages name files that exist",
        check: |e| Ok(pages::check(&e.tree)),
    },
    Law {
        name: "settings",
        says: "the deployed configuration follows the defaults",
        check: |e| settings::check(&e.tree),
    },
    Law {
        name: "image",
        says: "the container is built with everybody's compiler, and does not run as root",
        check: |e| image::check(&e.tree),
    },
];

/// Holds the project against all laws; the error lists every breach.
pub(crate) fn run() -> Result<(), String> {
    let evidence = Evidence { tree: Tree::read()?, packages: layers::Packages::read()? };
    let mut broken = Vec::new();
    for law in LAWS {
        let breaches = (law.check)(&evidence)?;
        let verdict = if breaches.is_empty() {
            "kept".to_owned()
        } else {
            format!("{} BREACHES", breaches.len())
        };
        println!("law {:<9} {verdict:<11} {}", law.name, law.says);
        broken.extend(breaches.into_iter().map(|breach| format!("law {}: {breach}", law.name)));
    }
    if broken.is_empty() { Ok(()) } else { Err(broken.join("\n")) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_project_keeps_its_laws() {
        if let Err(breaches) = super::run() {
            panic!("{breaches}");
        }
    }
}
