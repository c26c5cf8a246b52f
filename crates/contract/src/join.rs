//! Ids that are joined into one: `pool/sku`, `order_id/type/version`, `pool/platform/order_id/n`.

use crate::encode::needs_no_escape;

/// Joins `parts` with `/`; `%` and `/` inside a part become `%25` and `%2F`, so that no two lists of parts
/// give one id.
#[must_use]
pub fn join(parts: &[&str]) -> String {
    let mut id = Vec::with_capacity(parts.iter().map(|part| part.len() + 1).sum());
    for (position, part) in parts.iter().enumerate() {
        if position > 0 {
            id.push(b'/');
        }
        push_part(&mut id, part);
    }
    String::from_utf8(id).expect("only whole characters were replaced")
}

/// Appends one part of a joined id.
pub(crate) fn push_part(id: &mut Vec<u8>, part: &str) {
    if needs_no_escape::<true>(part.as_bytes()) {
        id.extend_from_slice(part.as_bytes());
        return;
    }
    for byte in part.bytes() {
        match byte {
            b'%' => id.extend_from_slice(b"%25"),
            b'/' => id.extend_from_slice(b"%2F"),
            other => id.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stay_apart() {
        assert_eq!(join(&["hexi-oranges", "orange-5kg"]), "hexi-oranges/orange-5kg");
        assert_eq!(join(&["a/b", "c"]), "a%2Fb/c");
        assert_eq!(join(&["a", "b/c"]), "a/b%2Fc");
        assert_eq!(join(&["100%", "%2F"]), "100%25/%252F");
        assert_eq!(join(&["", "input_rejected", "1"]), "/input_rejected/1");
        assert_eq!(join(&["红橙"]), "红橙");
    }
}
