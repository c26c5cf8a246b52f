//! The fields of an event as they came, not yet judged: what both encodings are read into.
//!
//! JSON fields are kept as the text that came, so that a field that the event's type ignores is never
//! looked at and no number ever passes through a float. Protobuf fields come typed.

use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::json;

/// One field as it came. A JSON `null` is absent.
#[derive(Clone, Debug, Default)]
pub(crate) enum Value<'a> {
    /// Not there.
    #[default]
    Absent,
    /// JSON text of any kind but `null`.
    Json(&'a RawValue),
    /// Protobuf text.
    Text(&'a str),
    /// A protobuf integer.
    Int(i64),
    /// A protobuf truth value.
    Bool(bool),
    /// A protobuf list of texts.
    Texts(&'a [String]),
    /// A protobuf message.
    Entry(Box<EntryFields<'a>>),
    /// A protobuf list of messages.
    Entries(Vec<EntryFields<'a>>),
    /// A protobuf refund that is of the whole order and names lines as well.
    Contradiction,
}

impl Value<'_> {
    /// Whether it is absent, or a list without entries. What is no list at all is neither.
    pub(crate) fn is_empty_list(&self) -> bool {
        match self {
            Self::Absent => true,
            Self::Json(raw) => json::entries(raw).is_some_and(|entries| entries.is_empty()),
            Self::Texts(texts) => texts.is_empty(),
            Self::Entries(entries) => entries.is_empty(),
            Self::Text(_) | Self::Int(_) | Self::Bool(_) | Self::Entry(_) | Self::Contradiction => {
                false
            }
        }
    }
}

/// Declares a set of named fields and reads it from a JSON object: unknown names are skipped unread, and of
/// a name given twice the last one counts.
macro_rules! fields {
    ($(#[$about:meta])* $name:ident { $($field:ident = $text:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default)]
        pub(crate) struct $name<'a> {
            $(pub(crate) $field: Value<'a>,)+
        }

        impl<'a> Slots<'a> for $name<'a> {
            fn slot(&mut self, name: &str) -> Option<&mut Value<'a>> {
                match name {
                    $($text => Some(&mut self.$field),)+
                    _ => None,
                }
            }
        }
    };
}

fields! {
    /// The fields that any event of the contract names at its top level.
    EventFields {
        kind = "type",
        event_id = "event_id",
        platform = "platform",
        pool = "pool",
        occurred_at = "occurred_at",
        received_at = "received_at",
        order_id = "order_id",
        lines = "lines",
        buyer_id = "buyer_id",
        person_ref = "person_ref",
        session_id = "session_id",
        recipient_ref = "recipient_ref",
        version = "version",
        status = "status",
        sku = "sku",
        quantity = "quantity",
        lot_id = "lot_id",
        best_before = "best_before",
        inspection = "inspection",
        result = "result",
        note = "note",
        delta = "delta",
        reason = "reason",
        text = "text",
        skus = "skus",
        wave_id = "wave_id",
        orders = "orders",
        parcels = "parcels",
        name = "name",
        keywords = "keywords",
        components = "components",
        limit_per_buyer = "limit_per_buyer",
        safety_stock = "safety_stock",
        low_stock_at = "low_stock_at",
        backorder = "backorder",
        channels = "channels",
        season = "season",
        allocate_on = "allocate_on",
        reservation_ttl_s = "reservation_ttl_s",
        unpaid_shortage = "unpaid_shortage",
        paid_shortage = "paid_shortage",
        partial = "partial",
        paid_preempts_reserved = "paid_preempts_reserved",
        claims = "claims",
        claim_ttl_s = "claim_ttl_s",
    }
}

fields! {
    /// The fields of all objects inside events: lines, components, channels, a backorder, orders, parcels.
    EntryFields {
        line_id = "line_id",
        sku = "sku",
        quantity = "quantity",
        platform = "platform",
        order_id = "order_id",
        fulfillment_id = "fulfillment_id",
        revision = "revision",
        reserved = "reserved",
        max = "max",
        limit = "limit",
        until = "until",
    }
}

/// A set of named fields.
pub(crate) trait Slots<'a>: Default {
    /// Where the field `name` is kept.
    fn slot(&mut self, name: &str) -> Option<&mut Value<'a>>;
}

/// Reads an object's fields into `fields`, in place: there are many, and moving them would cost more than
/// reading them. Text that is not one object is an error, whatever else it is.
pub(crate) fn read_object<'a, F: Slots<'a>>(
    text: &'a str,
    fields: &mut F,
) -> Result<(), serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    reader.deserialize_map(ObjectVisitor(fields))?;
    reader.end()
}

struct ObjectVisitor<'f, F>(&'f mut F);

impl<'a, F: Slots<'a>> Visitor<'a> for ObjectVisitor<'_, F> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(slot) = map.next_key_seed(SlotOf(&mut *self.0))? {
            match slot {
                Some(slot) => {
                    let value: &'a RawValue = map.next_value()?;
                    *slot = if value.get() == "null" { Value::Absent } else { Value::Json(value) };
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// Finds the field that a key names, without keeping the key.
struct SlotOf<'f, F>(&'f mut F);

impl<'a, 'f, F: Slots<'a>> serde::de::DeserializeSeed<'a> for SlotOf<'f, F>
where
    'a: 'f,
{
    type Value = Option<&'f mut Value<'a>>;

    fn deserialize<D: Deserializer<'a>>(self, key: D) -> Result<Self::Value, D::Error> {
        key.deserialize_str(self)
    }
}

impl<'a, 'f, F: Slots<'a>> Visitor<'a> for SlotOf<'f, F>
where
    'a: 'f,
{
    type Value = Option<&'f mut Value<'a>>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a key")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.slot(name))
    }
}
