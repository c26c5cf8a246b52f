//! Words and numbers, written one after the other into a buffer: sentences without texts in between.

/// What can be written as it is.
pub(crate) trait Say {
    /// Appends it.
    fn say(&self, out: &mut Vec<u8>);
}

/// Appends each of its parts to the buffer: `say!(out, held, " of ", Units(ordered))`.
macro_rules! say {
    ($out:expr, $($part:expr),+ $(,)?) => {{
        let out: &mut Vec<u8> = $out;
        $($crate::encode::say::Say::say(&$part, out);)+
    }};
}
pub(crate) use say;

impl Say for &str {
    #[inline]
    fn say(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }
}

impl Say for u64 {
    #[inline]
    fn say(&self, out: &mut Vec<u8>) {
        push_number(out, *self);
    }
}

impl Say for u32 {
    #[inline]
    fn say(&self, out: &mut Vec<u8>) {
        push_number(out, (*self).into());
    }
}

impl Say for i64 {
    #[inline]
    fn say(&self, out: &mut Vec<u8>) {
        if *self < 0 {
            out.push(b'-');
        }
        push_number(out, self.unsigned_abs());
    }
}

fn push_number(out: &mut Vec<u8>, number: u64) {
    // Most numbers are a few units.
    if number < 10 {
        out.push(b'0' + number as u8);
    } else {
        out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_and_numbers_follow_each_other() {
        let mut out = Vec::new();
        say!(&mut out, "a", 0_u64, " ", 10_u32, " ", i64::MIN, " ", -7_i64, " ", u64::MAX);
        let expected = "a0 10 -9223372036854775808 -7 18446744073709551615";
        assert_eq!(std::str::from_utf8(&out), Ok(expected));
    }
}
