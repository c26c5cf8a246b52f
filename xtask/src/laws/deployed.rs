//! Every metric that `deploy/` names is in telemetry's list: an alert on a misspelt metric never fires.

use std::collections::BTreeSet;

use super::Breaches;
use crate::tree::Tree;

const LIST: &str = "crates/telemetry/src/names.rs";
/// What a histogram is scraped as.
const HISTOGRAM_PARTS: [&str; 3] = ["_bucket", "_sum", "_count"];
/// The process's own metrics; the `metrics-process` crate names them.
const OF_THE_PROCESS: [&str; 8] = [
    "granary_process_cpu_seconds_total",
    "granary_process_max_fds",
    "granary_process_open_fds",
    "granary_process_resident_memory_bytes",
    "granary_process_start_time_seconds",
    "granary_process_threads",
    "granary_process_virtual_memory_bytes",
    "granary_process_virtual_memory_max_bytes",
];

/// Compares the names in `deploy/` with those in the list.
pub(super) fn check(tree: &Tree) -> Result<Breaches, String> {
    let list = tree
        .file(LIST)
        .ok_or_else(|| format!("{LIST} is missing: where is the list of metrics?"))?;
    let known: BTreeSet<&str> = names_in(&list.text).chain(OF_THE_PROCESS).collect();
    let is_known = |name: &str| {
        known.contains(name)
            || HISTOGRAM_PARTS
                .iter()
                .any(|p| name.strip_suffix(p).is_some_and(|n| known.contains(n)))
    };
    let mut breaches = Vec::new();
    for file in tree.files.iter().filter(|file| file.path.starts_with("deploy/prometheus/")) {
        for name in names_in(&file.text).filter(|name| !is_known(name)).collect::<BTreeSet<_>>() {
            breaches.push(format!("{}: `{name}` is not in {LIST}", file.path));
        }
    }
    Ok(breaches)
}

/// Everything that looks like one of our metrics: `granary_` and what follows of the same alphabet.
fn names_in(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("granary_").filter_map(|(at, _)| {
        let inside =
            text[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '/' | '.'));
        let rest = &text[at..];
        let end = rest.find(|c: char| !(c.is_ascii_lowercase() || c == '_')).unwrap_or(rest.len());
        (!inside && end > "granary_".len()).then(|| &rest[..end])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::sample;

    #[test]
    fn a_metric_that_nobody_emits_is_a_breach() {
        let list = (LIST, "X = \"granary_commit_seconds\", Kind::Histogram");
        let good = ("deploy/prometheus/a.yaml", "rate(granary_commit_seconds_bucket[5m])");
        let bad = ("deploy/prometheus/b.yaml", "granary_comit_seconds_sum > 1");
        assert_eq!(check(&sample(&[list, good])).expect("the list is there"), Breaches::new());
        assert_eq!(check(&sample(&[list, good, bad])).expect("the list is there").len(), 1);
        assert!(check(&sample(&[good])).is_err());
    }
}
