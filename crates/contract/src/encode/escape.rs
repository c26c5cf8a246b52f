//! Text inside JSON's quotes, and parts of joined ids. Nearly all of it needs no escape, which is found out sixteen bytes at a
//! time.

/// How many bytes are looked at at once: as many as every processor of today compares in one go.
const AT_ONCE: usize = 16;

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
        None => !any::<PART>(&spread(bytes)),
        // What is left over is looked at together with bytes before it, again.
        Some(last) => {
            let (chunks, _) = bytes.as_chunks::<AT_ONCE>();
            !chunks.iter().any(any::<PART>) && !any::<PART>(last)
        }
    }
}

/// All of a few bytes, some of them twice, and beside them only such as need no escape.
#[inline]
fn spread(bytes: &[u8]) -> [u8; AT_ONCE] {
    let mut all = [b'x'; AT_ONCE];
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        all[..8].copy_from_slice(first);
        all[8..].copy_from_slice(last);
    } else if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        all[..4].copy_from_slice(first);
        all[4..8].copy_from_slice(last);
    } else if let [first, .., last] = bytes {
        (all[0], all[1], all[2]) = (*first, bytes[bytes.len() / 2], *last);
    } else if let [only] = bytes {
        all[0] = *only;
    }
    all
}

/// Whether any of the bytes needs an escape. There is no way out in between, so that they are compared all at once.
#[inline]
fn any<const PART: bool>(bytes: &[u8; AT_ONCE]) -> bool {
    bytes.iter().fold(false, |found, &byte| {
        let json = (byte < b' ') | (byte == b'"') | (byte == b'\\');
        found | json | (PART & ((byte == b'%') | (byte == b'/')))
    })
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
