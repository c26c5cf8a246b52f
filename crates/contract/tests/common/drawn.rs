//! Effects of every shape, of any ids and numbers.

use allotment::{Decision, Effect, Fulfillment, Id, Level, Parcel, Time};
use proptest::prelude::*;

use super::effects;

/// Texts and numbers to make effects of, over and over.
#[derive(Clone, Debug)]
pub(crate) struct Draw {
    texts: Vec<String>,
    numbers: Vec<u64>,
    drawn: usize,
}

impl Draw {
    fn id(&mut self) -> Id {
        self.drawn += 1;
        Id::new(&self.texts[self.drawn % self.texts.len()])
    }

    fn opt_id(&mut self) -> Option<Id> {
        let id = self.id();
        self.number().is_multiple_of(2).then_some(id)
    }

    fn number(&mut self) -> u64 {
        self.drawn += 1;
        self.numbers[self.drawn % self.numbers.len()]
    }

    fn small(&mut self) -> u32 {
        self.number() as u32
    }

    fn time(&mut self) -> Time {
        Time((self.number() % 253_402_207_200_000).cast_signed())
    }
}

/// One effect of every shape, of what is drawn.
pub(crate) fn drawn(draw: &mut Draw) -> Vec<Effect> {
    let mut all = effects::effects();
    for effect in &mut all {
        match effect {
            Effect::Decision(of) => draw_decision(of, draw),
            Effect::Fulfillment(Fulfillment::Requested(of) | Fulfillment::Revised(of)) => {
                draw_parcel(of, draw);
            }
            Effect::Fulfillment(Fulfillment::Cancelled(of)) => {
                (of.pool, of.platform, of.order_id) = (draw.id(), draw.id(), draw.id());
                (of.number, of.revision, of.cancelled_at) =
                    (draw.small(), draw.small(), draw.time());
            }
            Effect::Fulfillment(Fulfillment::Manifest(of)) => {
                (of.pool, of.wave_id) = (draw.id(), draw.id());
                (of.page, of.pages, of.revision) = (draw.small(), draw.small(), draw.small());
                for total in &mut of.totals {
                    (total.sku, total.lot_id, total.quantity) =
                        (draw.id(), draw.id(), draw.number());
                }
                for parcel in &mut of.parcels {
                    (parcel.platform, parcel.order_id) = (draw.id(), draw.id());
                    (parcel.number, parcel.revision) = (draw.small(), draw.small());
                    parcel.recipient_ref = draw.opt_id();
                }
            }
            Effect::Alert(of) => {
                (of.pool, of.number, of.shortage) = (draw.id(), draw.number(), draw.number());
                (of.sku, of.platform, of.raised_at) = (draw.opt_id(), draw.opt_id(), draw.time());
                of.orders_total = draw.number();
                for order in &mut of.orders {
                    (order.platform, order.order_id) = (draw.id(), draw.id());
                    order.lines.iter_mut().for_each(|line| line.sku = draw.id());
                }
            }
            Effect::Level(of) => draw_level(of, draw),
        }
    }
    all
}

fn draw_decision(of: &mut Decision, draw: &mut Draw) {
    (of.pool, of.platform, of.order_id) = (draw.id(), draw.id(), draw.id());
    (of.number, of.event_id, of.decided_at) = (draw.small(), draw.opt_id(), draw.time());
    of.version = draw.opt_id().map(|_| draw.number().cast_signed());
    for line in &mut of.lines {
        (line.line_id, line.sku, line.quantity) = (draw.id(), draw.id(), draw.small());
        (line.reserved, line.allocated, line.waitlisted) =
            (draw.small(), draw.small(), draw.small());
    }
}

fn draw_parcel(of: &mut Parcel, draw: &mut Draw) {
    (of.pool, of.platform, of.order_id) = (draw.id(), draw.id(), draw.id());
    (of.number, of.revision, of.requested_at) = (draw.small(), draw.small(), draw.time());
    (of.buyer_id, of.session_id, of.recipient_ref) = (draw.opt_id(), draw.opt_id(), draw.opt_id());
    for line in &mut of.lines {
        (line.line_id, line.sku, line.quantity) = (draw.id(), draw.id(), draw.small());
        for lot in &mut line.lots {
            (lot.lot_id, lot.quantity) = (draw.id(), draw.number());
        }
        for part in &mut line.components {
            (part.sku, part.quantity) = (draw.id(), draw.number());
        }
    }
}

fn draw_level(of: &mut Level, draw: &mut Draw) {
    (of.pool, of.sku, of.revision, of.as_of) = (draw.id(), draw.id(), draw.number(), draw.time());
    if let Some(books) = &mut of.books {
        (books.received, books.reserved, books.removed) =
            (draw.number(), draw.number(), draw.number());
    }
    of.sellable = (0..3).map(|_| (draw.id(), draw.number())).collect();
}

/// Whatever effects may be made of.
pub(crate) fn draws() -> impl Strategy<Value = Draw> {
    let text = prop_oneof![
        "[a-z0-9-]{1,24}",
        "[ -~]{1,40}",
        "[\u{0}-\u{3f}%/红\\\\\"]{1,20}",
        "\\PC{1,60}",
        Just("x".repeat(256)),
    ];
    let number = prop_oneof![
        0..10_u64,
        0..1000_u64,
        any::<u64>(),
        Just(0),
        Just(127),
        Just(128),
        Just(1 << 31)
    ];
    let texts = prop::collection::vec(text, 7..20);
    let numbers = prop::collection::vec(number, 5..20);
    (texts, numbers).prop_map(|(texts, numbers)| Draw { texts, numbers, drawn: 0 })
}
