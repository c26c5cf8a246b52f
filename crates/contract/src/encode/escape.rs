//! Text inside JSON's quotes, and parts of joined ids. Nearly all of it needs no escape, which is found out eight bytes at a time.

/// How many bytes are looked at at once: a word of today's processors. (Sixteen by one comparison each would be a little
/// quicker, but the compiler makes them of this only where it likes to.)
const AT_ONCE: usize = 8;

/// Appends `text` as JSON has it between its quotes.
pub(crate) fn push_escaped(out: &mut Vec<u8>, text: &str) {
    if needs_no_escape::<false>(text.as_bytes()) {
        out.extend_from_slice(text.as_bytes());
    } else {
        push_byte_by_byte(out, text);
    }
}

/// Appends one part of a joined id ([`crate::join()`]) as JSON has it between its quotes.
pub(crate) fn push_escaped_part(out: &mut Vec<u8>, part: &str) {
    if needs_no_escape::<true>(part.as_bytes()) {
        out.extend_from_slice(part.as_bytes());
    } else {
        push_byte_by_byte(out, &crate::join(&[part]));
    }
}

/// Whether JSON takes the bytes as they are; of a part of an id (`PART`), also whether joining does.
#[inline]
pub(crate) fn needs_no_escape<const PART: bool>(bytes: &[u8]) -> bool {
    match bytes.last_chunk::<AT_ONCE>() {
        None => marks::<PART>(&few(bytes)) == 0,
        // What is left over is looked at together with bytes before it, again.
        Some(last) => {
            let (chunks, _) = bytes.as_chunks::<AT_ONCE>();
            !chunks.iter().any(|chunk| marks::<PART>(chunk) != 0) && marks::<PART>(last) == 0
        }
    }
}

/// All of a few bytes, some of them twice, and beside them only such as need no escape.
#[inline]
fn few(bytes: &[u8]) -> [u8; AT_ONCE] {
    let mut all = [b'x'; AT_ONCE];
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        all[..4].copy_from_slice(first);
        all[4..].copy_from_slice(last);
    } else if let [first, .., last] = bytes {
        (all[0], all[1], all[2]) = (*first, bytes[bytes.len() / 2], *last);
    } else if let [only] = bytes {
        all[0] = *only;
    }
    all
}

/// The highest bit of each byte that needs an escape: of quotes, backslashes and what is below a space; of a part also of
/// `%` and `/`. A subtraction carries into the bytes after one that is marked, so that these may be marked for nothing.
#[inline]
fn marks<const PART: bool>(bytes: &[u8; AT_ONCE]) -> u64 {
    const fn all(byte: u8) -> u64 {
        u64::from_le_bytes([byte; AT_ONCE])
    }
    let word = u64::from_le_bytes(*bytes);
    let below = |word: u64, least: u8| word.wrapping_sub(all(least)) & !word;
    let is = |byte: u8| below(word ^ all(byte), 1);
    let mut found = below(word, b' ') | is(b'"') | is(b'\\');
    if PART {
        found |= is(b'%') | is(b'/');
    }
    found & all(0x80)
}

#[cold]
fn push_byte_by_byte(out: &mut Vec<u8>, text: &str) {
    for byte in text.bytes() {
        let short = match byte {
            b'"' | b'\\' => byte,
            b'\x08' => b'b',
            b'\t' => b't',
            b'\n' => b'n',
            b'\x0c' => b'f',
            b'\r' => b'r',
            0..=0x1f => {
                let digit = |value: u8| b"0123456789abcdef"[usize::from(value)];
                out.extend_from_slice(&[
                    b'\\',
                    b'u',
                    b'0',
                    b'0',
                    digit(byte >> 4),
                    digit(byte & 15),
                ]);
                continue;
            }
            _ => {
                out.push(byte);
                continue;
            }
        };
        out.extend_from_slice(&[b'\\', short]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(push: fn(&mut Vec<u8>, &str), text: &str) -> String {
        let mut out = vec![b'"'];
        push(&mut out, text);
        out.push(b'"');
        String::from_utf8(out).unwrap()
    }

    fn check(text: &str) {
        let json = |text: &str| serde_json::to_string(text).unwrap();
        assert_eq!(escaped(push_escaped, text), json(text));
        assert_eq!(escaped(push_escaped_part, text), json(&crate::join(&[text])));
    }

    #[test]
    fn every_byte_at_every_place_is_escaped_as_json_wants() {
        for length in 0..20 {
            check(&"x".repeat(length));
            for place in 0..length {
                for byte in 0..0x80_u8 {
                    let mut text = "y".repeat(length).into_bytes();
                    text[place] = byte;
                    check(std::str::from_utf8(&text).unwrap());
                }
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_escaped_as_json_wants(text in "\\PC*", other in "[\u{0}-\u{ff}]{0,40}") {
            check(&text);
            check(&other);
        }
    }
}
