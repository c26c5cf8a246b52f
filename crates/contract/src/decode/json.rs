//! JSON text by what it is: a string, an integer, something else. Nothing is converted that is not asked for.

use std::borrow::Cow;

use serde_json::value::RawValue;

/// What a JSON value is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind<'a> {
    /// A string, its escapes resolved.
    Text(Cow<'a, str>),
    /// A string with an escape that names no character (half a surrogate pair).
    BrokenText,
    /// A number without fraction and exponent, as its digits.
    Integer(&'a str),
    /// A number with fraction or exponent, be its value whole or not.
    Fraction,
    /// `true` or `false`.
    Bool(bool),
    /// An array.
    Array,
    /// An object.
    Object,
    /// `null`.
    Null,
}

/// What `raw` is.
pub(crate) fn kind(raw: &RawValue) -> Kind<'_> {
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'"') => read_text(text),
        Some(b'{') => Kind::Object,
        Some(b'[') => Kind::Array,
        Some(b't') => Kind::Bool(true),
        Some(b'f') => Kind::Bool(false),
        Some(b'n') => Kind::Null,
        _ if text.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E')) => Kind::Fraction,
        _ => Kind::Integer(text),
    }
}

/// The entries of an array; `None` where `raw` is none.
pub(crate) fn entries(raw: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(raw.get()).ok()
}

fn read_text(quoted: &str) -> Kind<'_> {
    let inner = &quoted[1..quoted.len() - 1];
    if !inner.as_bytes().contains(&b'\\') {
        return Kind::Text(Cow::Borrowed(inner));
    }
    match serde_json::from_str(quoted) {
        Ok(text) => Kind::Text(Cow::Owned(text)),
        Err(_) => Kind::BrokenText,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_told_apart_by_their_text() {
        let check = |text: &str, expected: Kind<'_>| {
            let raw: &RawValue = serde_json::from_str(text).unwrap();
            assert_eq!(kind(raw), expected, "{text}");
        };
        check("\"a\"", Kind::Text("a".into()));
        check(r#""\u6a59\t""#, Kind::Text("橙\t".into()));
        check(r#""\ud800""#, Kind::BrokenText);
        check("42", Kind::Integer("42"));
        check("-9223372036854775809", Kind::Integer("-9223372036854775809"));
        check("2.0", Kind::Fraction);
        check("1e3", Kind::Fraction);
        check("1e999", Kind::Fraction);
        check("true", Kind::Bool(true));
        check("null", Kind::Null);
        check("[1]", Kind::Array);
        check("{}", Kind::Object);
    }
}
