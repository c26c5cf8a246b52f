//! The state to come back to: paid orders of two lines, allocated and not yet packed.

use std::time::{SystemTime, UNIX_EPOCH};

use clients::Writer;

/// More than all orders of a pool can want.
const STOCK: u32 = 1_000_000;

/// Names the orders that live through all that is measured.
pub(crate) const LIVE: &str = "49900";
/// Names the orders that come in batches of one size.
pub(crate) const PORTIONED: &str = "69900";
/// Names the orders that are decided again.
pub(crate) const REPLAYED: &str = "59900";

/// Publishes the pools' stock and orders whose ids begin with `kind`; how many events that are.
pub(crate) fn fill(bootstrap: &str, kind: &str, orders: u64, pools: u32, partitions: u32) -> u64 {
    let writer = Writer::with(bootstrap, &[("linger.ms", "5"), ("compression.type", "lz4")]);
    let at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    for pool in 0..pools {
        for sku in ["orange-5kg", "pear-3kg"] {
            let name = name(pool);
            let event = format!(
                r#"{{"type":"stock.received","event_id":"{kind}-{sku}","pool":"{name}","occurred_at":{at},"sku":"{sku}","quantity":{STOCK},"lot_id":"lot-{sku}"}}"#
            );
            writer.send("granary.stock", lane::home(&name, partitions), &name, event.as_bytes());
        }
    }
    writer.flush();
    for order in 0..orders {
        let name = name(u32::try_from(order % u64::from(pools)).expect("fewer than the pools"));
        let event = format!(
            r#"{{"type":"order.paid","event_id":"{kind}{order}-paid","platform":"douyin","pool":"{name}","occurred_at":{at},"order_id":"{kind}{order:010}","buyer_id":"u-{order}","recipient_ref":"address-{order}","session_id":"s-1122","lines":[{{"sku":"orange-5kg","quantity":2}},{{"sku":"pear-3kg","quantity":1}}]}}"#
        );
        writer.send("granary.orders", lane::home(&name, partitions), &name, event.as_bytes());
    }
    writer.flush();
    orders + 2 * u64::from(pools)
}

fn name(pool: u32) -> String {
    format!("village-{pool:03}")
}
