//! What a lane is started with, and the number that stands for what of it decides.

use std::hash::Hasher;

use contract::{Encoder, Encoding};
use siphasher::sip::SipHasher13;

use crate::{Checkpoints, Limits, PerInput};

/// What a lane is started with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its partition.
    pub partition: u32,
    /// What the core decides by.
    pub allotment: allotment::Settings,
    /// The zone, by its IANA name, in which a plain `best_before` date ends.
    pub time_zone: String,
    /// What the records of each input are that name no encoding.
    pub encodings: PerInput<Encoding>,
    /// The names of the input topics, for the headers that name a source.
    pub names: PerInput<String>,
    /// Writes what is emitted.
    pub encoder: Encoder,
    /// What one transaction may hold, and what may be held for the next.
    pub limits: Limits,
    /// When and how it writes checkpoints; `None`: it writes none. One that is there is loaded all the same.
    pub checkpoints: Option<Checkpoints>,
    /// The rules that it decides by: [`crate::RULES`], except where a test plays another release.
    pub rules: u32,
}

/// A number for the settings that decide: where it differs, a replay would decide otherwise. A setting that
/// is added later is left out while it has the value that all had before.
pub(crate) fn fingerprint(settings: &Settings) -> u64 {
    let allotment::Settings { dedup_window, closed_retention, hash_key, manifest_corrections } =
        settings.allotment;
    let mut hash = SipHasher13::new_with_key(b"granary settings");
    hash.write(&dedup_window.0.to_le_bytes());
    hash.write(&closed_retention.0.to_le_bytes());
    hash.write(&hash_key);
    for (_, encoding) in settings.encodings.iter() {
        hash.write(encoding.content_type().as_bytes());
        hash.write(&[0]);
    }
    hash.write(settings.time_zone.as_bytes());
    if manifest_corrections {
        hash.write(b"manifest corrections");
    }
    hash.finish()
}
