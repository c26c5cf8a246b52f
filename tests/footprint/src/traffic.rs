//! Usual orders: two lines each, ids as platforms write them.

use allotment::{
    Body, Effects, Event, Id, Input, Inspection, Line, OrderEvent, OrderVerb, Partition, Received,
    Time, What,
};

/// When it begins: 2026-11-22 12:00 UTC, in milliseconds.
const BEGIN: i64 = 1_795_348_800_000;

/// SKUs of a pool.
const SKUS: u64 = 40;

/// Orders that are spread over pools, one each millisecond.
#[derive(Clone, Copy, Debug)]
pub struct Traffic {
    /// How many pools.
    pub pools: u64,
    /// How many orders.
    pub orders: u64,
}

impl Traffic {
    /// Stock for all of them.
    pub fn stock(self, partition: &mut Partition) {
        for pool in 0..self.pools {
            for sku in 0..SKUS {
                let received = Received {
                    sku: sku_id(sku),
                    quantity: 1_000_000,
                    lot_id: Id::new(&format!("lot-{sku}-1122")),
                    best_before: None,
                    inspection: Inspection::Passed,
                };
                let event_id = Id::new(&format!("received-{sku}"));
                apply(partition, input(pool, "stock", event_id, 0, What::Received(received)));
            }
        }
    }

    /// Every order is placed.
    pub fn place(self, partition: &mut Partition) {
        for order in 0..self.orders {
            apply(partition, self.order(order, 0));
        }
    }

    /// Every order is paid.
    pub fn pay(self, partition: &mut Partition) {
        for order in 0..self.orders {
            apply(partition, self.order(order, 1));
        }
    }

    /// The `step`th event of an order: it is placed (0), it is paid (1).
    #[must_use]
    pub fn order(self, order: u64, step: u64) -> Input {
        let verb = match step {
            0 => OrderVerb::Created { lines: vec![line(1, order), line(2, order + 7)] },
            _ => OrderVerb::Paid { lines: None },
        };
        let event = OrderEvent {
            order_id: Id::new(&format!("{:019}", 6_921_000_000_000_000_000 + order * 7919)),
            buyer_id: Some(Id::new(&format!("u-{:010}", order * 31))),
            person_ref: None,
            session_id: Some(Id::new("s-20261122-01")),
            recipient_ref: Some(Id::new(&format!("addr-{:012x}", order * 104_729))),
            version: Some(step.cast_signed() + 1),
            verb,
        };
        let at = (step * self.orders + order) / 8;
        let event_id = Id::new(&format!("{:019}", 7_300_000_000_000_000_000 + order * 2 + step));
        input(order % self.pools, "douyin", event_id, at.cast_signed(), What::Order(event))
    }
}

fn sku_id(sku: u64) -> Id {
    Id::new(&format!("orange-{}kg", sku % SKUS))
}

fn line(number: u32, sku: u64) -> Line {
    Line { line_id: Id::new(&number.to_string()), sku: sku_id(sku), quantity: number }
}

fn input(pool: u64, platform: &str, event_id: Id, at: i64, what: What) -> Input {
    let at = Time(BEGIN + at);
    let event = Event { platform: Id::new(platform), event_id, occurred_at: at, what };
    Input { pool: Id::new(&format!("village-{pool}")), arrival: at, body: Body::Event(event) }
}

/// Gives an input its effect, and drops what it says.
pub fn apply(partition: &mut Partition, input: Input) {
    let mut out = Effects::default();
    let now = partition.now().max(input.arrival);
    partition.apply(now, input, &mut out);
}
