//! The two encodings and the `content-type`s that name them.

/// How a record's value is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// JSON in UTF-8.
    #[default]
    Json,
    /// Protobuf, the messages of `proto/granary/v1`.
    Protobuf,
}

impl Encoding {
    /// The encoding that a `content-type` header names, whatever its case and its parameters
    /// (`; charset=utf-8`); `None` where it names none of ours.
    #[must_use]
    pub fn of_content_type(header: &[u8]) -> Option<Self> {
        let media_type = header.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        let is = |name: &str| media_type.eq_ignore_ascii_case(name.as_bytes());
        if is("application/json") {
            Some(Self::Json)
        } else if is("application/protobuf") || is("application/x-protobuf") {
            Some(Self::Protobuf)
        } else {
            None
        }
    }

    /// The `content-type` under which it is written.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Protobuf => "application/protobuf",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_types_name_encodings() {
        for (header, encoding) in [
            ("application/json", Some(Encoding::Json)),
            ("Application/JSON; charset=utf-8", Some(Encoding::Json)),
            ("application/protobuf", Some(Encoding::Protobuf)),
            (" application/x-protobuf ;a=b", Some(Encoding::Protobuf)),
            ("text/plain", None),
            ("", None),
        ] {
            assert_eq!(Encoding::of_content_type(header.as_bytes()), encoding, "{header}");
        }
    }
}
