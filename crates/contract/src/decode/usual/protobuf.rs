//! A usual event in protobuf. Fields are read as they come, each once; prost reads all others.

use allotment::Input;

use super::{Lines, Usual, word_of};
use crate::decode::Arrival;
use crate::decode::kind::{EventKind, OrderKind};
use crate::decode::words::INSPECTION;
use crate::time;

/// Bytes of a varint that is surely not negative, as no usual number is.
const VARINT_BYTES_MAX: usize = 9;

/// Reads one event. `None`: the long way must.
pub(in crate::decode) fn read(bytes: &[u8], arrival: Arrival) -> Option<Input> {
    let mut usual = Usual::default();
    Reader(bytes).fields(|field| match field {
        (1, Wire::Bytes(value)) => text(&mut usual.event_id, value),
        (2, Wire::Bytes(value)) => text(&mut usual.platform, value),
        (3, Wire::Bytes(value)) => text(&mut usual.pool, value),
        (4, Wire::Number(value)) => once(&mut usual.occurred_at, time::in_range(value)?),
        (5, Wire::Number(value)) => once(&mut usual.received_at, time::in_range(value)?),
        (number, Wire::Bytes(value)) => {
            let kind = kind(number)?;
            once(&mut usual.kind, kind)?;
            match kind {
                EventKind::Order(_) => read_order(value, &mut usual),
                EventKind::Received => read_received(value, &mut usual),
                EventKind::Adjusted => read_adjusted(value, &mut usual),
                EventKind::Counted => read_counted(value, &mut usual),
                _ => read_comment(value, &mut usual),
            }
        }
        _ => None,
    })?;
    usual.input(arrival)
}

/// The usual types, by the numbers of `proto/granary/v1/input.proto`.
const fn kind(number: u64) -> Option<EventKind> {
    Some(match number {
        10 => EventKind::Order(OrderKind::Created),
        11 => EventKind::Order(OrderKind::Paid),
        12 => EventKind::Order(OrderKind::Amended),
        13 => EventKind::Order(OrderKind::Held),
        14 => EventKind::Order(OrderKind::Cleared),
        15 => EventKind::Order(OrderKind::Cancelled),
        32 => EventKind::Received,
        34 => EventKind::Adjusted,
        35 => EventKind::Counted,
        60 => EventKind::Comment,
        _ => return None,
    })
}

/// Created, paid and amended have lines; in the others nobody has a field 2, which is then left to prost.
fn read_order<'a>(bytes: &'a [u8], usual: &mut Usual<'a>) -> Option<()> {
    let has_lines = matches!(
        usual.kind,
        Some(EventKind::Order(OrderKind::Created | OrderKind::Paid | OrderKind::Amended))
    );
    let mut lines = Lines::default();
    let mut came = None;
    Reader(bytes).fields(|field| match field {
        (1, Wire::Bytes(value)) => {
            once(&mut came, ())?;
            read_common(value, usual)
        }
        (2, Wire::Bytes(value)) if has_lines => read_line(value, &mut lines),
        _ => None,
    })?;
    usual.lines = (!lines.0.is_empty()).then_some(lines.0);
    Some(())
}

fn read_common<'a>(bytes: &'a [u8], usual: &mut Usual<'a>) -> Option<()> {
    Reader(bytes).fields(|field| match field {
        (1, Wire::Bytes(value)) => text(&mut usual.order_id, value),
        (2, Wire::Bytes(value)) => text(&mut usual.buyer_id, value),
        (3, Wire::Bytes(value)) => text(&mut usual.person_ref, value),
        (4, Wire::Bytes(value)) => text(&mut usual.session_id, value),
        (5, Wire::Bytes(value)) => text(&mut usual.recipient_ref, value),
        (6, Wire::Number(value)) => once(&mut usual.version, value),
        _ => None,
    })
}

fn read_line(bytes: &[u8], lines: &mut Lines) -> Option<()> {
    let (mut line_id, mut sku, mut quantity) = (None, None, None);
    Reader(bytes).fields(|field| match field {
        (1, Wire::Bytes(value)) => text(&mut line_id, value),
        (2, Wire::Bytes(value)) => text(&mut sku, value),
        (3, Wire::Number(value)) => once(&mut quantity, value),
        _ => None,
    })?;
    lines.push(line_id, sku?, quantity?)
}

fn read_received<'a>(bytes: &'a [u8], usual: &mut Usual<'a>) -> Option<()> {
    Reader(bytes).fields(|field| match field {
        (1, Wire::Bytes(value)) => text(&mut usual.sku, value),
        (2, Wire::Number(value)) => once(&mut usual.quantity, value),
        (3, Wire::Bytes(value)) => text(&mut usual.lot_id, value),
        (4, Wire::Number(value)) => once(&mut usual.best_before, time::in_range(value)?),
        (6, Wire::Bytes(value)) => {
            once(&mut usual.inspection, word_of(&INSPECTION, str::from_utf8(value).ok()?)?)
        }
        _ => None,
    })
}

fn read_adjusted<'a>(bytes: &'a [u8], usual: &mut Usual<'a>) -> Option<()> {
    Reader(bytes).fields(|field| match field {
        (1, Wire::Bytes(value)) => text(&mut usual.sku, value),
        (2, Wire::Number(value)) => once(&mut usual.delta, value),
        (3, Wire::Bytes(value)) => text(&mut usual.lot_id, value),
        (4, Wire::Bytes(value)) => text(&mut usual.reason, value),
        _ => None,
    })
}

fn read_counted<'a>(bytes: &'a [u8], usual: &mut Usual<'a>) -> Option<()> {
    Reader(bytes).fields(|field| match field {
        (1, Wire::Bytes(value)) => text(&mut usual.sku, value),
        (2, Wire::Number(value)) => once(&mut usual.quantity, value),
        (3, Wire::Bytes(value)) => text(&mut usual.lot_id, value),
        _ => None,
    })
}

fn read_comment<'a>(bytes: &'a [u8], usual: &mut Usual<'a>) -> Option<()> {
    Reader(bytes).fields(|field| match field {
        (1, Wire::Bytes(value)) => text(&mut usual.buyer_id, value),
        (2, Wire::Bytes(value)) => text(&mut usual.text, value),
        (3, Wire::Bytes(value)) => text(&mut usual.person_ref, value),
        (4, Wire::Bytes(value)) => text(&mut usual.session_id, value),
        _ => None,
    })
}

/// A field's value, as far as usual events have any.
enum Wire<'a> {
    Number(i64),
    Bytes(&'a [u8]),
}

/// What of a message is still to be read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Hands each field to `take`, by its number.
    #[inline]
    fn fields(mut self, mut take: impl FnMut((u64, Wire<'a>)) -> Option<()>) -> Option<()> {
        while !self.0.is_empty() {
            let key = self.varint()?;
            let value = match key & 7 {
                0 => Wire::Number(self.varint()?.cast_signed()),
                2 => {
                    let length = usize::try_from(self.varint()?).ok()?;
                    let (value, rest) = self.0.split_at_checked(length)?;
                    self.0 = rest;
                    Wire::Bytes(value)
                }
                _ => return None,
            };
            take((key >> 3, value))?;
        }
        Some(())
    }

    #[inline]
    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for (position, byte) in self.0.iter().take(VARINT_BYTES_MAX).enumerate() {
            number |= u64::from(byte & 0x7f) << (7 * position);
            if byte & 0x80 == 0 {
                self.0 = &self.0[position + 1..];
                return Some(number);
            }
        }
        None
    }
}

/// Takes a field that has not come before.
#[inline]
fn once<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    slot.replace(value).is_none().then_some(())
}

/// As [`once`]; an empty text is absent, and not usual.
#[inline]
fn text<'a>(slot: &mut Option<&'a str>, value: &'a [u8]) -> Option<()> {
    let value = str::from_utf8(value).ok()?;
    once(slot, (!value.is_empty()).then_some(value)?)
}
