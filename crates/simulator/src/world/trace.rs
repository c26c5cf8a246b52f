//! What happened, line by line: hashed always, so that two runs of a seed can be compared, and shown to
//! whoever wants to read it.

use std::fmt::{Arguments, Write as _};

use allotment::Time;

/// Where the lines go.
pub(super) struct Trace<'a> {
    began: Time,
    hash: u64,
    line: String,
    show: Option<&'a mut dyn FnMut(&str)>,
}

impl<'a> Trace<'a> {
    /// A trace of what happens from `began` on.
    #[must_use]
    pub(super) fn new(began: Time, show: Option<&'a mut dyn FnMut(&str)>) -> Self {
        Self { began, hash: 0xcbf2_9ce4_8422_2325, line: String::new(), show }
    }

    /// Something happened.
    pub(super) fn note(&mut self, at: Time, what: Arguments<'_>) {
        self.line.clear();
        let millis = at.0 - self.began.0;
        let written =
            write!(self.line, "{:>9}.{:03} {what}", millis / 1000, millis.rem_euclid(1000));
        written.expect("a text takes whatever is written to it");
        for byte in self.line.bytes() {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        if let Some(show) = &mut self.show {
            show(&self.line);
        }
    }

    /// A number for everything that was noted (FNV-1a).
    #[must_use]
    pub(super) const fn hash(&self) -> u64 {
        self.hash
    }
}
