//! Times as text: RFC 3339 with any offset in, UTC with milliseconds out, and plain dates of a zone.

use allotment::Time;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

use crate::bounds::MILLISECONDS;

/// Reads RFC 3339, strictly; `None` for anything else. What is finer than a millisecond is cut off.
///
/// A space or a small `t` for the `T` is taken (RFC 3339 allows both), a leap second is the second before it.
pub(crate) fn read_rfc3339(text: &str) -> Option<Time> {
    let bytes = text.as_bytes();
    let date = read_date_parts(bytes.get(..10)?)?;
    let clock = bytes.get(10..19)?;
    let [b'T' | b't' | b' ', _, _, b':', _, _, b':', _, _] = clock else { return None };
    let (hour, minute, second) = (two(clock, 1)?, two(clock, 4)?, two(clock, 7)?.min(59));
    if two(clock, 7)? > 60 {
        return None;
    }
    let (milliseconds, offset) = read_fraction(&bytes[19..])?;
    let civil =
        DateTime::new(date.0, date.1, date.2, hour, minute, second, milliseconds * 1_000_000)
            .ok()?;
    in_range(read_offset(offset)?.to_timestamp(civil).ok()?.as_millisecond())
}

/// An instant from milliseconds since the epoch, where RFC 3339 could write it.
pub(crate) fn in_range(milliseconds: i64) -> Option<Time> {
    MILLISECONDS.contains(&milliseconds).then_some(Time(milliseconds))
}

/// The end of a plain date (`2026-12-01`) in `zone`: the instant at which the next day begins there.
pub(crate) fn read_end_of_date(text: &str, zone: &TimeZone) -> Option<Time> {
    if text.len() != 10 {
        return None;
    }
    let (year, month, day) = read_date_parts(text.as_bytes())?;
    let next = Date::new(year, month, day).ok()?.tomorrow().ok()?;
    in_range(next.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond())
}

/// Writes RFC 3339 in UTC with milliseconds. An instant that it can't write becomes the nearest that it can.
pub(crate) fn push_rfc3339(out: &mut Vec<u8>, time: Time) {
    let clamped = time.0.clamp(*MILLISECONDS.start(), *MILLISECONDS.end());
    let stamp = Timestamp::from_millisecond(clamped).unwrap_or(Timestamp::UNIX_EPOCH);
    let civil = Offset::UTC.to_datetime(stamp);
    let digits = |value: i64, place: i64| b'0' + (value / place % 10) as u8;
    let (year, millis) = (i64::from(civil.year()), i64::from(civil.millisecond()));
    let pair = |value: i8| [digits(i64::from(value), 10), digits(i64::from(value), 1)];
    out.extend([digits(year, 1000), digits(year, 100), digits(year, 10), digits(year, 1), b'-']);
    for (value, after) in [
        (civil.month(), b'-'),
        (civil.day(), b'T'),
        (civil.hour(), b':'),
        (civil.minute(), b':'),
        (civil.second(), b'.'),
    ] {
        out.extend(pair(value));
        out.push(after);
    }
    out.extend([digits(millis, 100), digits(millis, 10), digits(millis, 1), b'Z']);
}

/// Writes RFC 3339 in UTC with milliseconds, as text.
#[must_use]
pub fn rfc3339(time: Time) -> String {
    let mut out = Vec::with_capacity(24);
    push_rfc3339(&mut out, time);
    String::from_utf8(out).expect("digits and signs are ASCII")
}

fn read_date_parts(bytes: &[u8]) -> Option<(i16, i8, i8)> {
    let [_, _, _, _, b'-', _, _, b'-', _, _] = bytes else { return None };
    let year = i16::from(two(bytes, 0)?) * 100 + i16::from(two(bytes, 2)?);
    Some((year, two(bytes, 5)?, two(bytes, 8)?))
}

fn two(bytes: &[u8], at: usize) -> Option<i8> {
    let (tens, ones) = (*bytes.get(at)?, *bytes.get(at + 1)?);
    (tens.is_ascii_digit() && ones.is_ascii_digit())
        .then(|| ((tens - b'0') * 10 + ones - b'0') as i8)
}

/// The milliseconds of an optional fraction, and what follows it.
fn read_fraction(bytes: &[u8]) -> Option<(i32, &[u8])> {
    let Some((b'.', rest)) = bytes.split_first() else { return Some((0, bytes)) };
    let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if length == 0 {
        return None;
    }
    let digit = |at: usize| if at < length { i32::from(rest[at] - b'0') } else { 0 };
    Some((digit(0) * 100 + digit(1) * 10 + digit(2), &rest[length..]))
}

fn read_offset(bytes: &[u8]) -> Option<Offset> {
    match bytes {
        [b'Z' | b'z'] => Some(Offset::UTC),
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let (hours, minutes) = (i32::from(two(bytes, 1)?), i32::from(two(bytes, 4)?));
            if hours > 23 || minutes > 59 {
                return None;
            }
            let seconds = (hours * 60 + minutes) * 60;
            Offset::from_seconds(if *sign == b'-' { -seconds } else { seconds }).ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        read_rfc3339(text).map(rfc3339)
    }

    #[test]
    fn any_offset_is_read_and_utc_is_written() {
        for (text, written) in [
            ("2026-11-22T20:00:03.120+08:00", "2026-11-22T12:00:03.120Z"),
            ("2026-11-22T20:00:03+08:00", "2026-11-22T12:00:03.000Z"),
            ("2026-11-22t12:00:03z", "2026-11-22T12:00:03.000Z"),
            ("2026-11-22 12:00:03Z", "2026-11-22T12:00:03.000Z"),
            ("2026-11-22T12:00:03.1Z", "2026-11-22T12:00:03.100Z"),
            ("2026-11-22T12:00:03.123456789123Z", "2026-11-22T12:00:03.123Z"),
            ("2026-11-22T12:00:60Z", "2026-11-22T12:00:59.000Z"),
            ("2026-11-22T00:30:00-03:30", "2026-11-22T04:00:00.000Z"),
            ("2026-11-22T00:00:00-00:00", "2026-11-22T00:00:00.000Z"),
            ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"),
            ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"),
            ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(read(text).as_deref(), Some(written), "{text}");
        }
    }

    #[test]
    fn nothing_else_is_read() {
        for text in [
            "",
            "yesterday",
            "2026-11-22",
            "2026-11-22T20:00:03",
            "2026-11-22T20:00+08:00",
            "20261122T200003Z",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-11-22T24:00:00Z",
            "2026-11-22T12:60:00Z",
            "2026-11-22T12:00:61Z",
            "2026-11-22T12:00:00.Z",
            "2026-11-22T12:00:00+8:00",
            "2026-11-22T12:00:00+0800",
            "2026-11-22T12:00:00+24:00",
            "2026-11-22T12:00:00Z ",
            " 2026-11-22T12:00:00Z",
            "1763812803120",
            "2026-11-22T12:00:00+08:00[Asia/Shanghai]",
            "+002026-11-22T12:00:00Z",
            "9999-12-31T23:59:59-23:59",
            "2026-11-22T１2:00:00Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_plain_date_lasts_until_its_zones_midnight() {
        let zone = jiff::tz::TimeZoneDatabase::bundled().get("Asia/Shanghai").unwrap();
        let end = |text| read_end_of_date(text, &zone).map(rfc3339);
        assert_eq!(end("2026-12-01").as_deref(), Some("2026-12-01T16:00:00.000Z"));
        assert_eq!(end("2026-12-31").as_deref(), Some("2026-12-31T16:00:00.000Z"));
        for text in ["2026-12-32", "2026-2-01", "2026-12-01Z", "9999-12-31", "tomorrow", ""] {
            assert_eq!(end(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_again(milliseconds in MILLISECONDS) {
            let time = Time(milliseconds);
            assert_eq!(read_rfc3339(&rfc3339(time)), Some(time));
        }
    }

    #[test]
    fn what_cannot_be_written_becomes_the_nearest() {
        assert_eq!(rfc3339(Time::MIN), "0000-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(Time(i64::MAX)), "9999-12-30T22:00:00.000Z");
        assert_eq!(in_range(i64::MAX), None);
    }
}
