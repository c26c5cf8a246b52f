//! The ids of what goes out, joined of what names it, so that the same input gives the same ids.

use allotment::{
    Alert, Decision, Fulfillment, Id, Level, Manifest, ManifestParcel, Parcel, ParcelCancelled,
};

use super::words;
use crate::join::join;

/// `pool/platform/order_id/` and the order's running number of decisions.
pub(crate) fn decision(decision: &Decision) -> String {
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
pub(crate) fn parcel(parcel: &Parcel) -> String {
    numbered(&parcel.pool, &parcel.platform, &parcel.order_id, parcel.number)
}

/// As [`parcel`].
pub(crate) fn cancelled(parcel: &ParcelCancelled) -> String {
    numbered(&parcel.pool, &parcel.platform, &parcel.order_id, parcel.number)
}

/// As [`parcel`].
pub(crate) fn manifest_parcel(manifest: &Manifest, parcel: &ManifestParcel) -> String {
    numbered(&manifest.pool, &parcel.platform, &parcel.order_id, parcel.number)
}

/// `pool/sku`: the key of a level.
pub(crate) fn level_key(level: &Level) -> String {
    join(&[&level.pool, &level.sku])
}

/// The CloudEvents id: no two records of one source have the same, and a record that is made again has it again.
pub(crate) fn cloud_event_of_fulfillment(fulfillment: &Fulfillment) -> String {
    let with_revision = |id: String, revision: u32| format!("{id}/{revision}");
    match fulfillment {
        Fulfillment::Requested(of) | Fulfillment::Revised(of) => {
            with_revision(parcel(of), of.revision)
        }
        Fulfillment::Cancelled(of) => with_revision(cancelled(of), of.revision),
        Fulfillment::Manifest(of) => {
            let page = join(&[&of.pool, &of.wave_id, itoa::Buffer::new().format(of.page)]);
            with_revision(page, of.revision)
        }
    }
}

/// As [`cloud_event_of_fulfillment`].
pub(crate) fn cloud_event_of_level(level: &Level) -> String {
    format!("{}/{}", level_key(level), level.revision)
}

fn numbered(pool: &Id, platform: &Id, order_id: &Id, number: u32) -> String {
    join(&[pool, platform, order_id, itoa::Buffer::new().format(number)])
}
