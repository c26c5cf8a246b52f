//! Instants as they are typed and printed: RFC 3339, or milliseconds since the Unix epoch.

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

/// Writes an instant as the outputs do: RFC 3339 in UTC with milliseconds.
pub(crate) fn rfc3339(time: Time) -> String {
    let stamp = jiff::Timestamp::from_millisecond(time.0);
    stamp.map_or_else(|_| format!("{} ms", time.0), |stamp| format!("{stamp:.3}"))
}

/// Writes an instant for people, as clocks show it in a time zone: `2026-11-22 20:00:03.120`.
pub(crate) fn civil(time: Time, zone: &jiff::tz::TimeZone) -> String {
    let stamp = jiff::Timestamp::from_millisecond(time.0);
    let shown =
        |stamp: jiff::Timestamp| stamp.to_zoned(zone.clone()).strftime("%F %T%.3f").to_string();
    stamp.map_or_else(|_| format!("{} ms", time.0), shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_writing_are_read() {
        assert_eq!(parse("2026-11-22T20:00:00+08:00"), Ok(Time(1_795_348_800_000)));
        assert_eq!(rfc3339(Time(1_795_348_800_000)), "2026-11-22T12:00:00.000Z");
        let zone = jiff::tz::TimeZoneDatabase::bundled().get("Asia/Shanghai");
        let zone = zone.expect("it is a time zone");
        assert_eq!(civil(Time(1_795_348_803_120), &zone), "2026-11-22 20:00:03.120");
        assert_eq!(parse("1795348800000"), Ok(Time(1_795_348_800_000)));
        assert!(parse("tomorrow").is_err());
    }
}
