//! Conservation, from the published levels alone: what came in is somewhere, nothing is negative, and what
//! can only grow does.

use std::collections::BTreeMap;

use contract::Topic;
use serde_json::Value;

use super::history::History;

/// The terms of `received + adjusted_in = …` on either side.
const IN: [&str; 2] = ["received", "adjusted_in"];
const OUT: [&str; 6] =
    ["available", "reserved", "allocated", "awaiting_inspection", "handed_over", "removed"];

/// Terms that never shrink.
const GROWING: [&str; 4] = ["received", "adjusted_in", "handed_over", "removed"];

/// Looks at every level that was ever published.
pub(super) fn check(history: &History<'_>) -> Result<(), String> {
    let mut last: BTreeMap<Vec<u8>, Value> = BTreeMap::new();
    for transaction in history.partitions.iter().flat_map(|partition| &partition.transactions) {
        for (place, told) in &transaction.told {
            if place.0 != Topic::Levels {
                continue;
            }
            for record in told {
                let key = record.message.key.clone().unwrap_or_default();
                let bytes = record.message.value.as_deref().unwrap_or_default();
                let level: Value = serde_json::from_slice(bytes)
                    .map_err(|fault| format!("{place:?} at {}: {fault}", record.offset))?;
                judge(&level, last.get(&key))
                    .map_err(|what| format!("{place:?} at {}: {what}: {level}", record.offset))?;
                last.insert(key, level);
            }
        }
    }
    Ok(())
}

fn judge(level: &Value, before: Option<&Value>) -> Result<(), String> {
    let term = |of: &Value, name: &str| of[name].as_i64().unwrap_or(0);
    let sum = |names: &[&str]| names.iter().map(|name| term(level, name)).sum::<i64>();
    if IN.iter().chain(&OUT).any(|name| term(level, name) < 0) {
        return Err("a term is negative".to_owned());
    }
    if sum(&IN) != sum(&OUT) {
        return Err(format!("{} came in, {} are somewhere", sum(&IN), sum(&OUT)));
    }
    let Some(before) = before else { return Ok(()) };
    if let Some(name) = GROWING.iter().find(|name| term(level, name) < term(before, name)) {
        return Err(format!("{name} has shrunk"));
    }
    if term(level, "revision") <= term(before, "revision") {
        return Err("its revision is no higher than the last one's".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_unit_that_is_nowhere_or_gone_again_is_found() {
        let level = |received: i64, available: i64, revision: i64| json!({"received": received, "adjusted_in": 0, "available": available, "removed": 1, "revision": revision});
        let good = level(5, 4, 1);
        assert_eq!(judge(&good, None), Ok(()));
        assert_eq!(judge(&level(6, 5, 2), Some(&good)), Ok(()));
        assert!(judge(&level(5, 5, 1), None).is_err());
        assert!(judge(&level(0, -1, 1), None).is_err());
        assert!(judge(&level(4, 3, 2), Some(&good)).is_err(), "received has shrunk");
        assert!(judge(&good, Some(&good)).is_err(), "the same revision twice");
    }
}
