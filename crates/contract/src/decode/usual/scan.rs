//! Finds where a JSON string ends, sixteen bytes at a time.

/// How many bytes are compared at once.
const AT_ONCE: usize = 16;

/// Where the quote is that ends the string whose text begins at `from`; `None` where there is none, or something before
/// it that is not plain: an escape, or what may not be in a string.
#[inline]
pub(super) fn string_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<AT_ONCE>) {
        let found = first_mark(chunk);
        at += found;
        if found < AT_ONCE {
            return (bytes[at] == b'"').then_some(at);
        }
    }
    let rest = bytes.get(at..)?;
    let found = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))?;
    (rest[found] == b'"').then_some(at + found)
}

/// Where the first byte is that is a quote, a backslash or below a space; the length where there is none.
#[inline]
fn first_mark(chunk: &[u8; AT_ONCE]) -> usize {
    let halves = u128::from_le_bytes(*chunk);
    let first = marks(halves as u64);
    if first != 0 {
        return first.trailing_zeros() as usize / 8;
    }
    match marks((halves >> 64) as u64) {
        0 => AT_ONCE,
        second => 8 + second.trailing_zeros() as usize / 8,
    }
}

/// The highest bit of each byte that is to be found. A subtraction carries into the bytes after one that is, so that
/// only the first mark is sure.
#[inline]
fn marks(word: u64) -> u64 {
    const fn all(byte: u8) -> u64 {
        u64::from_le_bytes([byte; 8])
    }
    let below = |word: u64, least: u8| word.wrapping_sub(all(least)) & !word;
    let found = below(word, b' ') | below(word ^ all(b'"'), 1) | below(word ^ all(b'\\'), 1);
    found & all(0x80)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8]) {
        let mark = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
        let first = bytes.iter().position(mark);
        assert_eq!(string_end(bytes, 0), first.filter(|at| bytes[*at] == b'"'), "{bytes:?}");
        if let Some(chunk) = bytes.first_chunk() {
            let first = chunk.iter().position(mark).unwrap_or(AT_ONCE);
            assert_eq!(first_mark(chunk), first);
        }
    }

    #[test]
    fn every_byte_is_seen_at_every_place() {
        for length in 0..40 {
            for place in 0..length {
                for byte in 0..=255 {
                    let mut bytes = vec![b'y'; length];
                    bytes[place] = byte;
                    check(&bytes);
                    bytes.push(b'"');
                    check(&bytes);
                }
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40)) {
            check(&bytes);
        }
    }
}
