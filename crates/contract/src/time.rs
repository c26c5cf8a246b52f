//! Times as text: RFC 3339 with any offset in, UTC with milliseconds out, and plain dates of a zone.

use allotment::Time;
use jiff::civil::Date;
use jiff::tz::TimeZone;

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
    let (head, rest) = text.as_bytes().split_first_chunk::<19>()?;
    let (year, month, day) = read_date_parts(&head[..10])?;
    let [b'T' | b't' | b' ', _, _, b':', _, _, b':', _, _] = head[10..] else { return None };
    let (hour, minute, second) = (two(head, 11)?, two(head, 14)?, two(head, 17)?);
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let of_day = (i64::from(hour) * 60 + i64::from(minute)) * 60 + i64::from(second.min(59));
    let (milliseconds, offset) = read_fraction(rest)?;
    let seconds = days_to(year, month, day)? * 86_400 + of_day - read_offset(offset)?;
    in_range(seconds * 1000 + milliseconds)
}

/// Days from 1970 to a date, where there is such a date. Years begin with March, as in [`date_of`].
#[inline]
fn days_to(year: i16, month: i8, day: i8) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 => 28 + i8::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=last).contains(&day) {
        return None;
    }
    let before_march = month < 3;
    // Counted from the year -400, neither is below 0.
    let year = (i32::from(year) + 400 - i32::from(before_march)).cast_unsigned();
    let month = (i32::from(month) + if before_march { 12 } else { 0 }).cast_unsigned();
    let of_year = (153 * (month - 3) + 2) / 5 + u32::from(day.cast_unsigned()) - 1;
    let days = 365 * year + year / 4 - year / 100 + year / 400 + of_year;
    Some(i64::from(days) - DAYS_BEFORE_1970)
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

#[inline]
fn read_date_parts(bytes: &[u8]) -> Option<(i16, i8, i8)> {
    let [_, _, _, _, b'-', _, _, b'-', _, _] = bytes else { return None };
    let year = i16::from(two(bytes, 0)?) * 100 + i16::from(two(bytes, 2)?);
    Some((year, two(bytes, 5)?, two(bytes, 8)?))
}

#[inline]
fn two(bytes: &[u8], at: usize) -> Option<i8> {
    let (tens, ones) = (*bytes.get(at)?, *bytes.get(at + 1)?);
    (tens.is_ascii_digit() && ones.is_ascii_digit())
        .then(|| ((tens - b'0') * 10 + ones - b'0') as i8)
}

/// The milliseconds of an optional fraction, and what follows it.
#[inline]
fn read_fraction(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let Some((b'.', rest)) = bytes.split_first() else { return Some((0, bytes)) };
    let (mut length, mut milliseconds) = (0, 0);
    while let Some(digit @ b'0'..=b'9') = rest.get(length) {
        if length < 3 {
            milliseconds = milliseconds * 10 + i64::from(digit - b'0');
        }
        length += 1;
    }
    let scale = match length {
        0 => return None,
        1 => 100,
        2 => 10,
        _ => 1,
    };
    Some((milliseconds * scale, &rest[length..]))
}

/// The seconds by which a zone is ahead of UTC.
#[inline]
fn read_offset(bytes: &[u8]) -> Option<i64> {
    match bytes {
        [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let (hours, minutes) = (i64::from(two(bytes, 1)?), i64::from(two(bytes, 4)?));
            if hours > 23 || minutes > 59 {
                return None;
            }
            let seconds = (hours * 60 + minutes) * 60;
            Some(if *sign == b'-' { -seconds } else { seconds })
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

        #[test]
        fn dates_are_those_of_the_library(year in 0..10_000_i16, month in 0..14_i8, day in 0..33_i8) {
            let days = |date: Date| date.duration_since(Date::constant(1970, 1, 1)).as_secs() / 86_400;
            assert_eq!(days_to(year, month, day), Date::new(year, month, day).ok().map(days));
        }
    }

    #[test]
    fn what_cannot_be_written_becomes_the_nearest() {
        assert_eq!(rfc3339(Time::MIN), "0000-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(Time(i64::MAX)), "9999-12-30T22:00:00.000Z");
        assert_eq!(in_range(i64::MAX), None);
    }
}
