//! A protobuf event as JSON would say it, written down from `proto/granary/v1` apart from the decoder.

use contract::proto::input::event::What;
use contract::proto::input::stock_received::BestBefore;
use contract::proto::input::*;
use serde_json::{Map, Value};

/// The event as a JSON object.
pub(crate) fn json(event: &Event) -> Value {
    let mut object = Object::default()
        .text("event_id", &event.event_id)
        .text("platform", &event.platform)
        .text("pool", &event.pool)
        .maybe("occurred_at", event.occurred_at)
        .maybe("received_at", event.received_at)
        .always("type", event.what.as_ref().map_or("", kind));
    if let Some(what) = &event.what {
        object = match what {
            What::OrderCreated(of) => object.order(&of.order).lines(&of.lines),
            What::OrderPaid(of) if of.lines.is_empty() => object.order(&of.order),
            What::OrderPaid(of) => object.order(&of.order).lines(&of.lines),
            What::OrderAmended(of) => object.order(&of.order).lines(&of.lines),
            What::OrderHeld(of) => object.order(&of.order),
            What::OrderCleared(of) => object.order(&of.order),
            What::OrderCancelled(of) => object.order(&of.order),
            What::OrderRefunded(of) if of.all => object.order(&of.order),
            What::OrderRefunded(of) => object.order(&of.order).list("lines", &of.lines, refund),
            What::OrderSnapshot(of) => {
                object.order(&of.order).lines(&of.lines).text("status", &of.status)
            }
            other => object.stock(other),
        };
    }
    object.done()
}

/// An object under way.
#[derive(Default)]
struct Object(Map<String, Value>);

impl Object {
    fn always(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    fn maybe(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.always(name, value),
            None => self,
        }
    }

    /// An empty text is an absent one.
    fn text(self, name: &str, text: &str) -> Self {
        self.maybe(name, (!text.is_empty()).then_some(text))
    }

    fn texts(self, name: &str, texts: &[String]) -> Self {
        self.always(name, texts.to_vec())
    }

    fn list<T>(self, name: &str, entries: &[T], entry: fn(&T) -> Value) -> Self {
        self.always(name, entries.iter().map(entry).collect::<Vec<_>>())
    }

    fn done(self) -> Value {
        Value::Object(self.0)
    }

    fn order(self, order: &Option<Order>) -> Self {
        let Some(order) = order else { return self };
        self.text("order_id", &order.order_id)
            .text("buyer_id", &order.buyer_id)
            .text("person_ref", &order.person_ref)
            .text("session_id", &order.session_id)
            .text("recipient_ref", &order.recipient_ref)
            .maybe("version", order.version)
    }

    fn lines(self, lines: &[OrderLine]) -> Self {
        self.list("lines", lines, |line| {
            Self::default()
                .text("line_id", &line.line_id)
                .text("sku", &line.sku)
                .maybe("quantity", line.quantity)
                .done()
        })
    }

    fn stock(self, what: &What) -> Self {
        match what {
            What::PoolPolicy(of) => self
                .text("allocate_on", &of.allocate_on)
                .maybe("reservation_ttl_s", of.reservation_ttl_s)
                .text("unpaid_shortage", &of.unpaid_shortage)
                .text("paid_shortage", &of.paid_shortage)
                .maybe("partial", of.partial)
                .maybe("paid_preempts_reserved", of.paid_preempts_reserved)
                .text("claims", &of.claims)
                .maybe("claim_ttl_s", of.claim_ttl_s),
            What::CatalogueItem(of) => self.item(of),
            What::StockReceived(of) => self
                .text("sku", &of.sku)
                .maybe("quantity", of.quantity)
                .text("lot_id", &of.lot_id)
                .maybe("best_before", of.best_before.as_ref().map(best_before))
                .text("inspection", &of.inspection),
            What::StockInspected(of) => {
                self.text("lot_id", &of.lot_id).text("result", &of.result).text("note", &of.note)
            }
            What::StockAdjusted(of) => self
                .text("sku", &of.sku)
                .maybe("delta", of.delta)
                .text("lot_id", &of.lot_id)
                .text("reason", &of.reason),
            What::StockCounted(of) => {
                self.text("sku", &of.sku).maybe("quantity", of.quantity).text("lot_id", &of.lot_id)
            }
            What::StockRecalled(of) => self.text("lot_id", &of.lot_id).text("reason", &of.reason),
            What::SessionOpened(of) | What::SessionClosed(of) => {
                self.text("session_id", &of.session_id).texts("skus", &of.skus)
            }
            What::WaveClosed(of) => {
                self.text("wave_id", &of.wave_id).text("session_id", &of.session_id)
            }
            What::ShipmentHandedOver(of) => self
                .text("wave_id", &of.wave_id)
                .list("orders", &of.orders, order_ref)
                .list("parcels", &of.parcels, parcel_ref),
            What::CommentPosted(of) => self
                .text("buyer_id", &of.buyer_id)
                .always("text", of.text.as_str())
                .text("person_ref", &of.person_ref)
                .text("session_id", &of.session_id),
            _ => unreachable!("orders are written elsewhere"),
        }
    }

    fn item(self, of: &CatalogueItem) -> Self {
        self.text("sku", &of.sku)
            .text("name", &of.name)
            .texts("keywords", &of.keywords)
            .list("components", &of.components, |part| {
                Self::default().text("sku", &part.sku).maybe("quantity", part.quantity).done()
            })
            .maybe("limit_per_buyer", of.limit_per_buyer)
            .maybe("safety_stock", of.safety_stock)
            .maybe("low_stock_at", of.low_stock_at)
            .maybe(
                "backorder",
                of.backorder.as_ref().map(|of| {
                    Self::default().maybe("limit", of.limit).maybe("until", of.until).done()
                }),
            )
            .list("channels", &of.channels, |of| {
                Self::default()
                    .text("platform", &of.platform)
                    .maybe("reserved", of.reserved)
                    .maybe("max", of.max)
                    .done()
            })
            .text("season", &of.season)
    }
}

fn refund(line: &RefundLine) -> Value {
    let object = Object::default().text("line_id", &line.line_id).text("sku", &line.sku);
    object.maybe("quantity", line.quantity).done()
}

fn order_ref(of: &OrderRef) -> Value {
    Object::default().text("platform", &of.platform).text("order_id", &of.order_id).done()
}

fn parcel_ref(of: &ParcelRef) -> Value {
    let object = Object::default().text("fulfillment_id", &of.fulfillment_id);
    object.maybe("revision", of.revision).done()
}

fn best_before(of: &BestBefore) -> Value {
    match of {
        BestBefore::BestBeforeAt(milliseconds) => (*milliseconds).into(),
        BestBefore::BestBeforeDate(date) => date.as_str().into(),
    }
}

/// The contract's `type`.
const fn kind(what: &What) -> &'static str {
    match what {
        What::OrderCreated(_) => "order.created",
        What::OrderPaid(_) => "order.paid",
        What::OrderAmended(_) => "order.amended",
        What::OrderHeld(_) => "order.held",
        What::OrderCleared(_) => "order.cleared",
        What::OrderCancelled(_) => "order.cancelled",
        What::OrderRefunded(_) => "order.refunded",
        What::OrderSnapshot(_) => "order.snapshot",
        What::PoolPolicy(_) => "pool.policy",
        What::CatalogueItem(_) => "catalogue.item",
        What::StockReceived(_) => "stock.received",
        What::StockInspected(_) => "stock.inspected",
        What::StockAdjusted(_) => "stock.adjusted",
        What::StockCounted(_) => "stock.counted",
        What::StockRecalled(_) => "stock.recalled",
        What::SessionOpened(_) => "session.opened",
        What::SessionClosed(_) => "session.closed",
        What::WaveClosed(_) => "wave.closed",
        What::ShipmentHandedOver(_) => "shipment.handed_over",
        What::CommentPosted(_) => "comment.posted",
    }
}
