//! The same storm in thousands of millions: what an order needs is more than 32 bits hold.

use allotment::{Body, Input, InspectionResult, Item, Line, OrderVerb, What};

/// What is delivered, and what a bundle holds, is a million times as many, as far as the contract allows.
const STOCK: u32 = 1_000_000;
const DELIVERED_MAX: u32 = 1_000_000;

/// What is found, kept and promised; what is missing stays as little as it is.
const SHELF: u32 = 100_000_000;
const SHELF_MAX: u32 = 1_000_000_000;

/// What is ordered, refunded and had at most by one buyer.
const ORDERED: u32 = 1000;

/// The same inputs, with units that are as much greater as the contract allows. Without what takes many units
/// away at once: the reference model takes them one by one.
#[must_use]
pub fn enlarged(inputs: &[Input]) -> Vec<Input> {
    inputs.iter().filter(|input| !takes_many(input)).cloned().map(enlarge).collect()
}

fn takes_many(input: &Input) -> bool {
    let Body::Event(event) = &input.body else { return false };
    match &event.what {
        What::Counted(_) | What::Recalled(_) | What::HandedOver(_) => true,
        What::Inspected(inspected) => inspected.result == InspectionResult::Failed,
        What::Received(received) => received.best_before.is_some(),
        _ => false,
    }
}

fn enlarge(mut input: Input) -> Input {
    if let Body::Event(event) = &mut input.body {
        match &mut event.what {
            What::Order(order) => enlarge_order(&mut order.verb),
            What::Item(item) => enlarge_item(item),
            What::Received(received) => {
                received.quantity = (received.quantity * STOCK).min(DELIVERED_MAX);
            }
            What::Adjusted(adjusted) if adjusted.delta > 0 => {
                adjusted.delta = (adjusted.delta * i64::from(SHELF)).min(i64::from(SHELF_MAX));
            }
            _ => {}
        }
    }
    input
}

fn on_shelf(units: u32) -> u32 {
    u32::try_from(u64::from(units) * u64::from(SHELF)).unwrap_or(SHELF_MAX).min(SHELF_MAX)
}

fn enlarge_order(verb: &mut OrderVerb) {
    match verb {
        OrderVerb::Created { lines }
        | OrderVerb::Amended { lines }
        | OrderVerb::Snapshot { lines, .. }
        | OrderVerb::Paid { lines: Some(lines) } => {
            lines.iter_mut().for_each(|line: &mut Line| line.quantity *= ORDERED);
        }
        OrderVerb::Refunded { lines: Some(lines) } => {
            lines.iter_mut().for_each(|line| line.quantity *= u64::from(ORDERED));
        }
        _ => {}
    }
}

fn enlarge_item(item: &mut Item) {
    for component in &mut item.components {
        component.quantity = (component.quantity * STOCK).min(DELIVERED_MAX);
    }
    item.limit_per_buyer = item.limit_per_buyer.map(|limit| limit * ORDERED);
    item.safety_stock = item.safety_stock.map(on_shelf);
    item.low_stock_at = item.low_stock_at.map(on_shelf);
    if let Some(backorder) = &mut item.backorder {
        backorder.limit = on_shelf(backorder.limit);
    }
    for channel in &mut item.channels {
        channel.reserved = channel.reserved.map(on_shelf);
        channel.max = channel.max.map(on_shelf);
    }
}
