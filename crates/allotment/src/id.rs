//! An id as the outside wrote it: 1 to 256 bytes of UTF-8 (the pool of unreadable input is empty).

use core::fmt;
use core::ops::Deref;

use compact_str::CompactString;

/// An opaque id: of a pool, platform, order, SKU, lot, … Short ones (24 bytes) own no heap memory.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(CompactString);

impl Id {
    /// Copies `text`; the border has already checked its length.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(CompactString::new(text))
    }

    /// The id's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Id {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Id {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}
