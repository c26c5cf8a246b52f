//! One effect of every shape, with every field that it can have.

use allotment::{
    Alert, AlertKind, AlertLine, AlertOrder, Books, Code, DecidedLine, Decision, Effect, Facts,
    Fulfillment, Id, Level, LotShare, Manifest, ManifestParcel, ManifestTotal, Outcome, Parcel,
    ParcelCancelled, ParcelComponent, ParcelLine, Reason, Standing, Time,
};

/// 2026-11-22T12:00:03.120Z
pub(crate) const AT: Time = Time(1_795_348_803_120);

pub(crate) fn decision() -> Decision {
    Decision {
        pool: "hexi-oranges".into(),
        platform: "weixin".into(),
        order_id: "4990021/b".into(),
        number: 2,
        event_id: Some("7291004".into()),
        outcome: Outcome::Waitlisted,
        reason: Reason::Short,
        standing: Standing::Waitlisted,
        paid: true,
        held: false,
        version: Some(-3),
        lines: vec![DecidedLine {
            line_id: "1".into(),
            sku: "orange-5kg".into(),
            quantity: 5,
            reserved: 0,
            allocated: 3,
            waitlisted: 2,
        }],
        decided_at: AT,
    }
}

pub(crate) fn parcel() -> Parcel {
    let lots = vec![LotShare { lot_id: "lot-1".into(), quantity: 2 }];
    let plain = ParcelLine {
        line_id: "1".into(),
        sku: "orange-5kg".into(),
        quantity: 2,
        lots: lots.clone(),
        components: Vec::new(),
    };
    let component = ParcelComponent { sku: "tea-250g".into(), quantity: 2, lots };
    let bundle = ParcelLine {
        line_id: "2".into(),
        sku: "gift \"box\"".into(),
        quantity: 1,
        lots: Vec::new(),
        components: vec![component],
    };
    Parcel {
        pool: "hexi-oranges".into(),
        platform: "douyin".into(),
        order_id: "4990021".into(),
        number: 1,
        revision: 3,
        buyer_id: Some("u-77".into()),
        session_id: None,
        recipient_ref: Some("addr-1".into()),
        lines: vec![plain, bundle],
        requested_at: AT,
    }
}

pub(crate) fn parcel_cancelled() -> ParcelCancelled {
    ParcelCancelled {
        pool: "hexi-oranges".into(),
        platform: "douyin".into(),
        order_id: "4990021".into(),
        number: 1,
        revision: 4,
        reason: Reason::Held,
        cancelled_at: AT,
    }
}

pub(crate) fn manifest() -> Manifest {
    Manifest {
        pool: "hexi-oranges".into(),
        wave_id: "w-1".into(),
        page: 1,
        pages: 2,
        revision: 1,
        totals: vec![ManifestTotal {
            sku: "orange-5kg".into(),
            lot_id: "lot-1".into(),
            quantity: 900,
        }],
        parcels: vec![ManifestParcel {
            platform: "douyin".into(),
            order_id: "4990021".into(),
            number: 1,
            revision: 3,
            recipient_ref: Some("addr-1".into()),
        }],
        told_at: AT,
    }
}

pub(crate) fn alert(kind: AlertKind, facts: Facts) -> Alert {
    let lines = vec![AlertLine { sku: "orange-5kg".into(), shortage: 5 }];
    Alert {
        pool: "hexi-oranges".into(),
        number: 4,
        kind,
        sku: Some("orange-5kg".into()),
        platform: Some("douyin".into()),
        shortage: 5,
        orders: vec![AlertOrder {
            platform: "douyin".into(),
            order_id: "4990021".into(),
            shortage: 5,
            lines,
        }],
        orders_total: 1,
        facts,
        raised_at: AT,
    }
}

/// Every kind of alert with the facts that it comes with.
pub(crate) fn alerts() -> Vec<Alert> {
    let lot = || Facts::Lot { lot_id: "lot-1".into(), removed: 12 };
    let event = Facts::Event { event_id: "7291004".into() };
    [
        (AlertKind::Oversold, Facts::None),
        (AlertKind::PaidAfterCancel, Facts::None),
        (AlertKind::RecallHandedOver, lot()),
        (AlertKind::OversellRisk, Facts::None),
        (AlertKind::Conflict, event),
        (AlertKind::UnknownSku, Facts::None),
        (AlertKind::OverLimit, Facts::None),
        (AlertKind::LinesMissing, Facts::None),
        (AlertKind::InputRejected, Facts::Rejects { count: 3, first: Code::OutOfRange }),
        (AlertKind::StockMismatch, Facts::Mismatch { books: 10, reported: 7 }),
        (AlertKind::StockMismatch, Facts::Mismatch { books: 10, reported: -17 }),
        (AlertKind::StockMismatch, Facts::Parcel { number: 2 }),
        (AlertKind::StockMismatch, Facts::Parcel { number: 0 }),
        (AlertKind::Recall, lot()),
        (AlertKind::LotExpired, lot()),
        (AlertKind::SoldOut, Facts::None),
        (
            AlertKind::QualitySignal,
            Facts::Complaints { lot_id: "lot-1".into(), buyers: 3, left: 41 },
        ),
        (AlertKind::OversellResolved, Facts::None),
        (AlertKind::LowStock, Facts::Left { available: 9 }),
        (AlertKind::Restocked, Facts::None),
        (
            AlertKind::DemandSurge,
            Facts::Surge { asked: 40, left: 60, sold_out_at: AT.plus(allotment::Millis(90_000)) },
        ),
        (
            AlertKind::SessionSummary,
            Facts::Session { session_id: "s-1".into(), units: 9, paid: 4, waiting: 1, claims: 2 },
        ),
    ]
    .map(|(kind, facts)| alert(kind, facts))
    .to_vec()
}

pub(crate) fn level() -> Level {
    let books = Books {
        received: 20,
        adjusted_in: 1,
        available: 9,
        reserved: 2,
        allocated: 3,
        awaiting_inspection: 4,
        handed_over: 1,
        removed: 2,
        waitlisted: 5,
        backordered: 6,
    };
    Level {
        pool: "hexi-oranges".into(),
        sku: "orange/5kg".into(),
        books: Some(books),
        sellable: vec![(Id::new("douyin"), 4), (Id::new("*"), 9)],
        sold_out: false,
        revision: 7,
        as_of: AT,
    }
}

pub(crate) fn bundle_level() -> Level {
    Level {
        sku: "gift".into(),
        books: None,
        sellable: vec![(Id::new("*"), 0)],
        sold_out: true,
        ..level()
    }
}

/// All of the above.
pub(crate) fn effects() -> Vec<Effect> {
    let bare = Decision { event_id: None, version: None, lines: Vec::new(), ..decision() };
    let mut all = vec![
        Effect::Decision(decision()),
        Effect::Decision(bare),
        Effect::Fulfillment(Fulfillment::Requested(parcel())),
        Effect::Fulfillment(Fulfillment::Revised(parcel())),
        Effect::Fulfillment(Fulfillment::Cancelled(parcel_cancelled())),
        Effect::Fulfillment(Fulfillment::Manifest(manifest())),
        Effect::Level(level()),
        Effect::Level(bundle_level()),
    ];
    all.extend(alerts().into_iter().map(Effect::Alert));
    all
}
