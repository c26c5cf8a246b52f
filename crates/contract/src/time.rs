//! Times as text: RFC 3339 with any offset in, UTC with milliseconds out, and plain dates of a zone.

use allotment::Time;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

use crate::bounds::MILLISECONDS;

/// What [`push_rfc3339`] appends.
pub(crate) const RFC3339_BYTES: usize = 24;

const DAY_MS: i64 = 86_400_000;

const DAYS_OF_400_YEARS: u32 = 146_097;

/// Days from the first of March of the year -400 to 1970.
const DAYS_BEFORE_1970: i64 = 719_468 + DAYS_OF_400_YEARS as i64;

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
    // Neither is below 0, and both fit: counted from the first of March of a year that is 400 before the year 0.
    let (days, of_day) = (clamped.div_euclid(DAY_MS), clamped.rem_euclid(DAY_MS) as u32);
    let (year, month, day) = date_of((days + DAYS_BEFORE_1970) as u32);
    let (hour, minute, second) = (of_day / 3_600_000, of_day / 60_000 % 60, of_day / 1000 % 60);
    let ([c, e], [n, t]) = (pair(year / 100), pair(year % 100));
    let ([m, o], [d, a]) = (pair(month), pair(day));
    let ([h, u], [i, v], [s, w]) = (pair(hour), pair(minute), pair(second));
    let ([_, x], [y, z]) = (pair(of_day % 1000 / 100), pair(of_day % 100));
    out.extend_from_slice(&[
        c, e, n, t, b'-', m, o, b'-', d, a, b'T', h, u, b':', i, v, b':', s, w, b'.', x, y, z, b'Z',
    ]);
}

/// The two digits of a number below 100.
const fn pair(number: u32) -> [u8; 2] {
    PAIRS[number as usize]
}

/// `00` to `99`: looking two digits up is quicker than dividing twice.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut number = 0;
    while number < 100 {
        pairs[number] = [b'0' + number as u8 / 10, b'0' + number as u8 % 10];
        number += 1;
    }
    pairs
};

/// The year, month and day of a day that is counted from the first of March of the year -400. In a year that begins
/// with March the leap day is the last, so that a multiplication finds the year of the century, and another the month.
/// (Neri and Schneider, "Euclidean affine functions and their application to calendar algorithms", 2022.)
const fn date_of(day: u32) -> (u32, u32, u32) {
    let quarters = 4 * day + 3;
    let (century, of_century) = (quarters / DAYS_OF_400_YEARS, quarters % DAYS_OF_400_YEARS / 4);
    let product = 2_939_745 * (4 * of_century + 3) as u64;
    let (year_of_century, of_year) = (product >> 32, product as u32 / 2_939_745 / 4);
    let line = 2_141 * of_year + 197_913;
    let (month, day) = (line >> 16, (line & 0xffff) / 2_141 + 1);
    let january_follows = of_year >= 306;
    let year = 100 * century + year_of_century as u32 + january_follows as u32 - 400;
    (year, if january_follows { month - 12 } else { month }, day)
}

/// Writes RFC 3339 in UTC with milliseconds, as text.
#[must_use]
pub fn rfc3339(time: Time) -> String {
    let mut out = Vec::with_capacity(RFC3339_BYTES);
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

    proptest::proptest! {
        #[test]
        fn the_calendar_is_that_of_the_library(milliseconds in MILLISECONDS) {
            let stamp = jiff::Timestamp::from_millisecond(milliseconds).unwrap();
            assert_eq!(rfc3339(Time(milliseconds)), format!("{stamp:.3}"));
        }
    }

    #[test]
    fn what_cannot_be_written_becomes_the_nearest() {
        assert_eq!(rfc3339(Time::MIN), "0000-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(Time(i64::MAX)), "9999-12-30T22:00:00.000Z");
        assert_eq!(in_range(i64::MAX), None);
    }
}
