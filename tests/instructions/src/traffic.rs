//! A fixed evening in small: the same events each time, written as bridges write them, in both encodings.

use allotment::Time;
use contract::proto::input::event::What;
use contract::proto::input::{
    Event, Order, OrderCancelled, OrderCreated, OrderLine, OrderPaid, StockReceived,
};
use prost::Message;

/// 2026-11-22T12:00:00Z
pub(crate) const BEGIN: Time = Time(1_795_348_800_000);

/// Orders that are placed; the other events follow from it.
const ORDERS: u64 = 1_000;

/// SKUs of the pool. Each gets stock for three in four of its orders.
const SKUS: u64 = 8;

/// One event.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// As JSON.
    pub(crate) json: Vec<u8>,
    /// As protobuf.
    pub(crate) protobuf: Vec<u8>,
}

/// Stock, then orders: nine in ten are paid, one in ten is cancelled, and one event in five comes twice.
pub(crate) fn records() -> Vec<Record> {
    let mut all: Vec<Record> = (0..SKUS).map(received).collect();
    for number in 0..ORDERS {
        let mut events = vec![created(number)];
        // Payments come in when later orders have been placed.
        if let Some(earlier) = number.checked_sub(20) {
            events.push(if earlier % 10 == 9 { cancelled(earlier) } else { paid(earlier) });
        }
        for event in events {
            if all.len() % 6 == 5 {
                all.push(event.clone());
            }
            all.push(event);
        }
    }
    all
}

fn received(sku: u64) -> Record {
    let (quantity, lot_id) = (ORDERS / SKUS, format!("lot-{sku}-1122"));
    let json = format!(
        r#"{{"type":"stock.received","event_id":"s-{sku:03}","pool":"hexi-oranges","occurred_at":"2026-11-22T19:00:00+08:00","sku":"{}","quantity":{quantity},"lot_id":"{lot_id}"}}"#,
        sku_id(sku)
    );
    let event = Event {
        event_id: format!("s-{sku:03}"),
        pool: "hexi-oranges".to_owned(),
        occurred_at: Some(BEGIN.0 - 3_600_000),
        what: Some(What::StockReceived(StockReceived {
            sku: sku_id(sku),
            quantity: Some(quantity.cast_signed()),
            lot_id,
            ..StockReceived::default()
        })),
        ..Event::default()
    };
    Record { json: json.into_bytes(), protobuf: event.encode_to_vec() }
}

fn created(number: u64) -> Record {
    let (sku, quantity) = (sku_id(number % SKUS), 1 + number % 2);
    let lines = format!(r#","lines":[{{"line_id":"1","sku":"{sku}","quantity":{quantity}}}]"#);
    let line = OrderLine { line_id: "1".to_owned(), sku, quantity: Some(quantity.cast_signed()) };
    let what = |order| What::OrderCreated(OrderCreated { order: Some(order), lines: vec![line] });
    record(number, 0, "order.created", &lines, what)
}

fn paid(number: u64) -> Record {
    let what = |order| What::OrderPaid(OrderPaid { order: Some(order), lines: Vec::new() });
    record(number, 1, "order.paid", "", what)
}

fn cancelled(number: u64) -> Record {
    let what = |order| What::OrderCancelled(OrderCancelled { order: Some(order) });
    record(number, 1, "order.cancelled", "", what)
}

/// The `step`th event of an order.
fn record(
    number: u64,
    step: u64,
    kind: &str,
    lines: &str,
    what: impl FnOnce(Order) -> What,
) -> Record {
    let event_id = format!("{:019}", 7_300_000_000_000_000_000 + number * 2 + step);
    let order_id = format!("{:019}", 6_921_000_000_000_000_000 + number * 7919);
    let buyer_id = format!("u-{:010}", number * 31);
    let millisecond = (number + 20 * step) * 7;
    let (second, rest) = (millisecond / 1000, millisecond % 1000);
    let json = format!(
        r#"{{"type":"{kind}","event_id":"{event_id}","platform":"douyin","pool":"hexi-oranges","occurred_at":"2026-11-22T20:00:{second:02}.{rest:03}+08:00","order_id":"{order_id}","buyer_id":"{buyer_id}","session_id":"s-20261122-01"{lines}}}"#
    );
    let order =
        Order { order_id, buyer_id, session_id: "s-20261122-01".to_owned(), ..Order::default() };
    let event = Event {
        event_id,
        platform: "douyin".to_owned(),
        pool: "hexi-oranges".to_owned(),
        occurred_at: Some(BEGIN.0 + millisecond.cast_signed()),
        what: Some(what(order)),
        ..Event::default()
    };
    Record { json: json.into_bytes(), protobuf: event.encode_to_vec() }
}

fn sku_id(sku: u64) -> String {
    format!("orange-{sku}kg")
}
