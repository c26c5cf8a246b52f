//! `allotment` is `no_std`: the compiler then refuses clocks, files, threads and the network.

use super::Breaches;
use crate::tree::Tree;

const DOOR: &str = "crates/allotment/src/lib.rs";

/// The attribute must be there, and nothing may bring `std` back outside tests.
pub(super) fn check(tree: &Tree) -> Breaches {
    let mut breaches = Vec::new();
    if !tree
        .file(DOOR)
        .is_some_and(|door| door.text.lines().any(|line| line.trim() == "#![no_std]"))
    {
        breaches.push(format!("{DOOR} must say `#![no_std]`"));
    }
    for file in tree.ending("rs").filter(|file| file.path.starts_with("crates/allotment/src/")) {
        let mut before = "";
        for (number, line) in file.text.lines().enumerate() {
            let returns = line.trim_start().starts_with("extern crate std");
            if returns && before.trim() != "#[cfg(test)]" {
                breaches.push(format!(
                    "{}:{}: brings std back; only tests may",
                    file.path,
                    number + 1
                ));
            }
            before = line;
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::sample;

    #[test]
    fn a_core_with_std_is_a_breach() {
        assert_eq!(check(&sample(&[(DOOR, "//! Core.\n#![no_std]\n")])), Breaches::new());
        assert_eq!(check(&sample(&[(DOOR, "//! Core.\n")])).len(), 1);
        assert_eq!(check(&sample(&[(DOOR, "#![no_std]\nextern crate std;\n")])).len(), 1);
        assert_eq!(
            check(&sample(&[(DOOR, "#![no_std]\n#[cfg(test)]\nextern crate std;\n")])).len(),
            0
        );
    }
}
