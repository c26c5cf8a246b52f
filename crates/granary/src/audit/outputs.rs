//! The output records as an outsider reads them, JSON or protobuf: only what the audit needs of each.

use std::collections::BTreeMap;

use contract::proto::output as proto;
use contract::{Encoding, headers};
use lane::Record;
use prost::Message;
use serde_json::Value;

use super::origin::header;

/// A record of `granary.decisions`.
#[derive(Clone, Debug)]
pub(crate) struct Decision {
    pub(crate) id: String,
    pub(crate) pool: String,
    pub(crate) platform: String,
    pub(crate) order_id: String,
    pub(crate) event_id: String,
    pub(crate) outcome: String,
    pub(crate) reason: String,
    pub(crate) standing: String,
    pub(crate) paid: bool,
    pub(crate) held: bool,
    pub(crate) lines: Vec<Line>,
    pub(crate) decided_at: i64,
}

/// A line of it.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) sku: String,
    pub(crate) quantity: u64,
    pub(crate) reserved: u64,
    pub(crate) allocated: u64,
    pub(crate) waitlisted: u64,
}

/// A record of `granary.fulfillment`.
#[derive(Clone, Debug)]
pub(crate) enum Fulfillment {
    Requested(Parcel),
    Revised(Parcel),
    Cancelled(ParcelName),
    Manifest(Manifest),
}

/// A page of a wave's manifest.
#[derive(Clone, Debug)]
pub(crate) struct Manifest {
    pub(crate) pool: String,
    pub(crate) wave_id: String,
    pub(crate) page: u64,
    /// Its parcels.
    pub(crate) parcels: Vec<ParcelName>,
}

/// What names a parcel.
#[derive(Clone, Debug)]
pub(crate) struct ParcelName {
    pub(crate) id: String,
    pub(crate) revision: u64,
    pub(crate) pool: String,
    pub(crate) platform: String,
    pub(crate) order_id: String,
}

/// A parcel, whole.
#[derive(Clone, Debug)]
pub(crate) struct Parcel {
    pub(crate) name: ParcelName,
    /// As ordered.
    pub(crate) lines: Vec<(String, u64)>,
    /// SKU, lot and units, bundles taken apart.
    pub(crate) shares: Vec<(String, String, u64)>,
    pub(crate) requested_at: i64,
}

/// A record of `granary.alerts`.
#[derive(Clone, Debug)]
pub(crate) struct Alert {
    pub(crate) id: String,
    pub(crate) pool: String,
    pub(crate) kind: String,
}

/// A record of `granary.levels`.
#[derive(Clone, Debug)]
pub(crate) struct Level {
    pub(crate) pool: String,
    pub(crate) sku: String,
    pub(crate) revision: u64,
    /// Absent for a bundle.
    pub(crate) books: Option<proto::Books>,
    /// By platform; `*` for any other.
    pub(crate) sellable: BTreeMap<String, u64>,
}

/// The encoding that a record's header names, else the deployment's.
pub(crate) fn encoding_of(record: &Record, otherwise: Encoding) -> Encoding {
    let named = header(record, headers::CONTENT_TYPE).and_then(Encoding::of_content_type);
    named.unwrap_or(otherwise)
}

fn read<T>(
    record: &Record,
    encoding: Encoding,
    json: impl FnOnce(&Value) -> Option<T>,
    protobuf: impl FnOnce(&[u8]) -> Option<T>,
) -> Option<T> {
    let bytes = record.value.as_deref()?;
    match encoding_of(record, encoding) {
        Encoding::Json => json(&serde_json::from_slice(bytes).ok()?),
        Encoding::Protobuf => protobuf(bytes),
    }
}

impl Decision {
    pub(crate) fn read(record: &Record, encoding: Encoding) -> Option<Self> {
        read(record, encoding, Self::of_json, |bytes| {
            let of = proto::Decision::decode(bytes).ok()?;
            let line = |line: proto::DecidedLine| Line {
                sku: line.sku,
                quantity: line.quantity.into(),
                reserved: line.reserved.into(),
                allocated: line.allocated.into(),
                waitlisted: line.waitlisted.into(),
            };
            Some(Self {
                id: of.decision_id,
                pool: of.pool,
                platform: of.platform,
                order_id: of.order_id,
                event_id: of.event_id,
                outcome: of.outcome,
                reason: of.reason,
                standing: of.standing,
                paid: of.paid,
                held: of.held,
                lines: of.lines.into_iter().map(line).collect(),
                decided_at: of.decided_at,
            })
        })
    }

    fn of_json(of: &Value) -> Option<Self> {
        let line = |of: &Value| {
            Some(Line {
                sku: text(of, "sku")?,
                quantity: small(of, "quantity")?,
                reserved: small(of, "reserved")?,
                allocated: small(of, "allocated")?,
                waitlisted: small(of, "waitlisted")?,
            })
        };
        Some(Self {
            id: text(of, "decision_id")?,
            pool: text(of, "pool")?,
            platform: text(of, "platform")?,
            order_id: text(of, "order_id")?,
            event_id: text(of, "event_id").unwrap_or_default(),
            outcome: text(of, "outcome")?,
            reason: text(of, "reason")?,
            standing: text(of, "standing")?,
            paid: of["paid"].as_bool()?,
            held: of["held"].as_bool()?,
            lines: list(of, "lines").iter().map(line).collect::<Option<_>>()?,
            decided_at: time(of, "decided_at")?,
        })
    }
}

impl Fulfillment {
    pub(crate) fn read(record: &Record, encoding: Encoding) -> Option<Self> {
        read(record, encoding, Self::of_json, |bytes| {
            use proto::fulfillment::What;
            Some(match proto::Fulfillment::decode(bytes).ok()?.what? {
                What::Requested(of) => Self::Requested(Parcel::of_protobuf(of)),
                What::Revised(of) => Self::Revised(Parcel::of_protobuf(of)),
                What::Cancelled(of) => Self::Cancelled(ParcelName {
                    id: of.fulfillment_id,
                    revision: of.revision.into(),
                    pool: of.pool,
                    platform: of.platform,
                    order_id: of.order_id,
                }),
                What::Manifest(of) => Self::Manifest(Manifest::of_protobuf(of)),
            })
        })
    }

    fn of_json(of: &Value) -> Option<Self> {
        Some(match of["type"].as_str()? {
            "fulfillment.requested" => Self::Requested(Parcel::of_json(of)?),
            "fulfillment.revised" => Self::Revised(Parcel::of_json(of)?),
            "fulfillment.cancelled" => Self::Cancelled(ParcelName::of_json(of)?),
            "fulfillment.manifest" => Self::Manifest(Manifest::of_json(of)?),
            _ => return None,
        })
    }

    pub(crate) fn pool(&self) -> &str {
        match self {
            Self::Requested(parcel) | Self::Revised(parcel) => &parcel.name.pool,
            Self::Cancelled(name) => &name.pool,
            Self::Manifest(manifest) => &manifest.pool,
        }
    }
}

impl Manifest {
    fn of_json(of: &Value) -> Option<Self> {
        let pool = text(of, "pool")?;
        let parcel = |parcel: &Value| {
            Some(ParcelName {
                id: text(parcel, "fulfillment_id")?,
                revision: small(parcel, "revision")?,
                pool: pool.clone(),
                platform: text(parcel, "platform")?,
                order_id: text(parcel, "order_id")?,
            })
        };
        let parcels = list(of, "parcels").iter().map(parcel).collect::<Option<_>>()?;
        Some(Self { wave_id: text(of, "wave_id")?, page: small(of, "page")?, parcels, pool })
    }

    fn of_protobuf(of: proto::Manifest) -> Self {
        let pool = of.pool;
        let parcel = |parcel: proto::ManifestParcel| ParcelName {
            id: parcel.fulfillment_id,
            revision: parcel.revision.into(),
            pool: pool.clone(),
            platform: parcel.platform,
            order_id: parcel.order_id,
        };
        let parcels = of.parcels.into_iter().map(parcel).collect();
        Self { wave_id: of.wave_id, page: of.page.into(), parcels, pool }
    }
}

impl ParcelName {
    fn of_json(of: &Value) -> Option<Self> {
        Some(Self {
            id: text(of, "fulfillment_id")?,
            revision: small(of, "revision")?,
            pool: text(of, "pool")?,
            platform: text(of, "platform")?,
            order_id: text(of, "order_id")?,
        })
    }
}

impl Parcel {
    fn of_json(of: &Value) -> Option<Self> {
        let (mut lines, mut shares) = (Vec::new(), Vec::new());
        let mut share = |sku: &str, of: &Value| {
            for lot in list(of, "lots") {
                shares.push((sku.to_owned(), text(lot, "lot_id")?, units(lot, "quantity")?));
            }
            Some(())
        };
        for line in list(of, "lines") {
            let sku = text(line, "sku")?;
            share(&sku, line)?;
            for part in list(line, "components") {
                share(part["sku"].as_str()?, part)?;
            }
            lines.push((sku, small(line, "quantity")?));
        }
        let (name, requested_at) = (ParcelName::of_json(of)?, time(of, "requested_at")?);
        Some(Self { name, lines, shares, requested_at })
    }

    fn of_protobuf(of: proto::Parcel) -> Self {
        let (mut lines, mut shares) = (Vec::new(), Vec::new());
        let mut share = |sku: &str, lots: Vec<proto::LotShare>| {
            for lot in lots {
                shares.push((sku.to_owned(), lot.lot_id, lot.quantity.min(1 << 53)));
            }
        };
        for line in of.lines {
            share(&line.sku, line.lots);
            for part in line.components {
                share(&part.sku, part.lots);
            }
            lines.push((line.sku, u64::from(line.quantity)));
        }
        let name = ParcelName {
            id: of.fulfillment_id,
            revision: of.revision.into(),
            pool: of.pool,
            platform: of.platform,
            order_id: of.order_id,
        };
        Self { name, lines, shares, requested_at: of.requested_at }
    }
}

impl Alert {
    pub(crate) fn read(record: &Record, encoding: Encoding) -> Option<Self> {
        let of_json = |of: &Value| {
            // Input whose pool can't be read belongs to none.
            let pool = text(of, "pool").unwrap_or_default();
            Some(Self { id: text(of, "alert_id")?, pool, kind: text(of, "type")? })
        };
        read(record, encoding, of_json, |bytes| {
            let of = proto::Alert::decode(bytes).ok()?;
            Some(Self { id: of.alert_id, pool: of.pool, kind: of.r#type })
        })
    }
}

impl Level {
    pub(crate) fn read(record: &Record, encoding: Encoding) -> Option<Self> {
        let of_json = |of: &Value| {
            let books = of.get("received").map(|_| {
                Some(proto::Books {
                    received: number(of, "received")?,
                    adjusted_in: number(of, "adjusted_in")?,
                    available: number(of, "available")?,
                    reserved: number(of, "reserved")?,
                    allocated: number(of, "allocated")?,
                    awaiting_inspection: number(of, "awaiting_inspection")?,
                    handed_over: number(of, "handed_over")?,
                    removed: number(of, "removed")?,
                    waitlisted: number(of, "waitlisted")?,
                    backordered: number(of, "backordered")?,
                })
            });
            let books = match books {
                None => None,
                Some(books) => Some(books?),
            };
            let (pool, sku) = (text(of, "pool")?, text(of, "sku")?);
            let sellable = of["sellable"].as_object()?.iter();
            let sellable =
                sellable.map(|(platform, units)| Some((platform.clone(), units.as_u64()?)));
            let sellable = sellable.collect::<Option<_>>()?;
            Some(Self { pool, sku, revision: number(of, "revision")?, books, sellable })
        };
        read(record, encoding, of_json, |bytes| {
            let of = proto::Level::decode(bytes).ok()?;
            let proto::Level { pool, sku, revision, books, sellable, .. } = of;
            Some(Self { pool, sku, revision, books, sellable })
        })
    }
}

fn text(of: &Value, field: &str) -> Option<String> {
    of[field].as_str().map(str::to_owned)
}

/// A count; one that is negative is no count, and the record that has it can't be read.
fn number(of: &Value, field: &str) -> Option<u64> {
    of[field].as_u64()
}

/// What is a `uint32` in protobuf; the record that has more can't be read, and what is added up here is far from
/// what a `u64` holds.
fn small(of: &Value, field: &str) -> Option<u64> {
    number(of, field).filter(|count| u32::try_from(*count).is_ok())
}

/// Units of a SKU: no order has more than a JSON number holds exactly.
fn units(of: &Value, field: &str) -> Option<u64> {
    number(of, field).filter(|count| *count < 1 << 53)
}

fn time(of: &Value, field: &str) -> Option<i64> {
    crate::instant::parse(of[field].as_str()?).ok().map(|time| time.0)
}

fn list<'a>(of: &'a Value, field: &str) -> &'a [Value] {
    of[field].as_array().map_or(&[], Vec::as_slice)
}
