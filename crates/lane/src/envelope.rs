//! The envelope of what a lane stores: a byte of format, eight bytes of checksum, then the body.

use std::hash::Hasher;

use siphasher::sip::SipHasher13;

/// Format byte and checksum.
pub(crate) const HEAD: usize = 9;

/// Puts `body` into its envelope. `kind` keeps one kind of record from being taken for another, and `under`
/// is the key that it lies under, if that counts too.
pub(crate) fn seal(format: u8, kind: &[u8; 16], under: &[u8], body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD + body.len());
    bytes.push(format);
    bytes.extend_from_slice(&checksum(kind, under, body).to_le_bytes());
    bytes.extend_from_slice(body);
    bytes
}

/// What is in the envelope.
///
/// # Errors
/// What is wrong with it, in words.
pub(crate) fn open<'a>(
    bytes: &'a [u8],
    format: u8,
    kind: &[u8; 16],
    under: &[u8],
) -> Result<&'a [u8], &'static str> {
    let (&found, rest) = bytes.split_first().ok_or("it is empty")?;
    if found != format {
        return Err("its format is of another release");
    }
    let (sum, body) = rest.split_at_checked(HEAD - 1).ok_or("it is cut off")?;
    if sum != checksum(kind, under, body).to_le_bytes() {
        return Err("its checksum is wrong");
    }
    Ok(body)
}

fn checksum(kind: &[u8; 16], under: &[u8], body: &[u8]) -> u64 {
    let mut hash = SipHasher13::new_with_key(kind);
    hash.write(under);
    hash.write(body);
    hash.finish()
}
