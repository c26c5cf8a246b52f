//! How values are written: durations, sizes, counts, words.

use std::time::Duration;

/// Reads a duration such as `500ms`, `30s`, `7d`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|_| {
        format!(
            "`{text}` is not a duration; write a number and a unit, such as 500ms, 30s, 10m, 7d"
        )
    })
}

/// Reads a size such as `512KiB` or `8MiB`; a bare number is bytes.
pub(super) fn bytes(text: &str) -> Result<u64, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim() {
        "" | "B" => Some(1),
        "KiB" => Some(1 << 10),
        "MiB" => Some(1 << 20),
        "GiB" => Some(1 << 30),
        "kB" | "KB" => Some(1000),
        "MB" => Some(1_000_000),
        "GB" => Some(1_000_000_000),
        _ => None,
    };
    let number: Option<u64> = number.parse().ok();
    number.zip(factor).and_then(|(n, f)| n.checked_mul(f)).ok_or_else(|| {
        format!("`{text}` is not a size; write a number and a unit, such as 512KiB or 8MiB")
    })
}

/// A duration as it is written in messages.
pub(super) fn show_duration(value: Duration) -> String {
    humantime::format_duration(value).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        assert_eq!(bytes("8MiB"), Ok(8 << 20));
        assert_eq!(bytes("512 KiB"), Ok(512 << 10));
        assert_eq!(bytes("77"), Ok(77));
        assert!(bytes("eight MiB").is_err());
        assert!(bytes("8MB/s").is_err());
        assert!(bytes("99999999999GiB").is_err(), "does not wrap");
    }

    #[test]
    fn durations_have_units() {
        assert_eq!(duration("7d"), Ok(Duration::from_secs(7 * 86_400)));
        assert!(duration("7").is_err());
    }
}
