//! The ids of what goes out, joined of what names it, so that the same input gives the same ids.

use allotment::{
    Alert, Decision, Fulfillment, Id, Level, Manifest, ManifestParcel, Parcel, ParcelCancelled,
};

use super::say::{Say, say};
use super::words;
use crate::join::{join, push_part};

/// Bytes that most ids fit into.
const USUAL: usize = 64;

/// An id of an order's, joined of its pool, platform and order id and a running number; not yet written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbered<'a> {
    /// As they are, not escaped.
    pub(crate) parts: [&'a str; 3],
    /// The last part.
    pub(crate) number: u32,
}

impl Numbered<'_> {
    /// Appends the id.
    pub(crate) fn push(&self, out: &mut Vec<u8>) {
        for part in self.parts {
            push_part(out, part);
            out.push(b'/');
        }
        self.number.say(out);
    }

    /// The id by itself.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(USUAL);
        self.push(&mut out);
        out
    }
}

/// `pool/platform/order_id/` and the order's running number of decisions.
pub(crate) fn decision(decision: &Decision) -> Numbered<'_> {
    numbered(&decision.pool, &decision.platform, &decision.order_id, decision.number)
}

/// `pool/type/` and the pool's running number of alerts of the type. What has no pool is numbered where it was found:
/// `/type/partition/` and the partition's running number, so that no two partitions give the same id.
pub(crate) fn alert(partition: u32, alert: &Alert) -> String {
    let (mut place, mut number) = (itoa::Buffer::new(), itoa::Buffer::new());
    let (kind, number) = (words::alert(alert.kind), number.format(alert.number));
    if alert.pool.is_empty() {
        join(&["", kind, place.format(partition), number])
    } else {
        join(&[&alert.pool, kind, number])
    }
}

/// `pool/platform/order_id/` and the order's running number of parcels.
pub(crate) fn parcel(parcel: &Parcel) -> Numbered<'_> {
    numbered(&parcel.pool, &parcel.platform, &parcel.order_id, parcel.number)
}

/// As [`parcel`].
pub(crate) fn cancelled(parcel: &ParcelCancelled) -> Numbered<'_> {
    numbered(&parcel.pool, &parcel.platform, &parcel.order_id, parcel.number)
}

/// As [`parcel`].
pub(crate) fn manifest_parcel<'a>(
    manifest: &'a Manifest,
    parcel: &'a ManifestParcel,
) -> Numbered<'a> {
    numbered(&manifest.pool, &parcel.platform, &parcel.order_id, parcel.number)
}

/// `pool/sku`: the key of a level.
pub(crate) fn level_key(level: &Level) -> String {
    join(&[&level.pool, &level.sku])
}

/// The CloudEvents id: no two records of one source have the same, and a record that is made again has it again.
pub(crate) fn cloud_event_of_fulfillment(fulfillment: &Fulfillment) -> Vec<u8> {
    let (mut id, revision) = match fulfillment {
        Fulfillment::Requested(of) | Fulfillment::Revised(of) => (parcel(of).bytes(), of.revision),
        Fulfillment::Cancelled(of) => (cancelled(of).bytes(), of.revision),
        Fulfillment::Manifest(of) => {
            let page = join(&[&of.pool, &of.wave_id, itoa::Buffer::new().format(of.page)]);
            (page.into_bytes(), of.revision)
        }
    };
    say!(&mut id, "/", revision);
    id
}

/// As [`cloud_event_of_fulfillment`].
pub(crate) fn cloud_event_of_level(level: &Level) -> Vec<u8> {
    let mut id = level_key(level).into_bytes();
    say!(&mut id, "/", level.revision);
    id
}

fn numbered<'a>(pool: &'a Id, platform: &'a Id, order_id: &'a Id, number: u32) -> Numbered<'a> {
    Numbered { parts: [pool, platform, order_id], number }
}
