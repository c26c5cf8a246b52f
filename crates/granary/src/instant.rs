//! Instants as they are typed: RFC 3339, or milliseconds since the Unix epoch.

use allotment::Time;

/// Reads an instant from an argument.
pub(crate) fn parse(text: &str) -> Result<Time, String> {
    if let Ok(millis) = text.parse() {
        return Ok(Time(millis));
    }
    let stamp: Result<jiff::Timestamp, _> = text.parse();
    stamp.map(|stamp| Time(stamp.as_millisecond())).map_err(|_| {
        "write RFC 3339, such as 2026-11-22T21:00:00+08:00, or milliseconds since 1970".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_writing_are_read() {
        assert_eq!(parse("2026-11-22T20:00:00+08:00"), Ok(Time(1_795_348_800_000)));
        assert_eq!(parse("1795348800000"), Ok(Time(1_795_348_800_000)));
        assert!(parse("tomorrow").is_err());
    }
}
