//! Order events: their own fields, lines, and refund lines.

use allotment::{Code, Id, Line, OrderEvent, OrderVerb, RefundLine, SnapshotStatus};

use super::check::Check;
use super::fields::{EventFields, Value};
use super::kind::OrderKind;
use super::words::SNAPSHOT_STATUS;
use crate::bounds::{LINES_MAX, QUANTITY, VERSION};

/// Reads what an order event has beside the common fields.
pub(crate) fn read(kind: OrderKind, fields: &EventFields<'_>, check: &mut Check<'_>) -> OrderEvent {
    OrderEvent {
        order_id: check.id("order_id", &fields.order_id),
        buyer_id: check.opt_id("buyer_id", &fields.buyer_id),
        person_ref: check.opt_id("person_ref", &fields.person_ref),
        session_id: check.opt_id("session_id", &fields.session_id),
        recipient_ref: check.opt_id("recipient_ref", &fields.recipient_ref),
        version: check.opt_int("version", &fields.version, &VERSION),
        verb: read_verb(kind, fields, check),
    }
}

fn read_verb(kind: OrderKind, fields: &EventFields<'_>, check: &mut Check<'_>) -> OrderVerb {
    match kind {
        OrderKind::Created => OrderVerb::Created { lines: required_lines(&fields.lines, check) },
        OrderKind::Paid => OrderVerb::Paid { lines: lines(&fields.lines, check) },
        OrderKind::Amended => OrderVerb::Amended { lines: required_lines(&fields.lines, check) },
        OrderKind::Held => OrderVerb::Held,
        OrderKind::Cleared => OrderVerb::Cleared,
        OrderKind::Cancelled => OrderVerb::Cancelled,
        OrderKind::Refunded => OrderVerb::Refunded { lines: refund_lines(&fields.lines, check) },
        OrderKind::Snapshot => OrderVerb::Snapshot {
            status: check
                .word("status", &fields.status, &SNAPSHOT_STATUS)
                .unwrap_or(SnapshotStatus::Created),
            lines: required_lines(&fields.lines, check),
        },
    }
}

fn required_lines(value: &Value<'_>, check: &mut Check<'_>) -> Vec<Line> {
    lines(value, check).unwrap_or_else(|| {
        if let Value::Absent = value {
            check.fail(Code::MissingField, "lines", "must be there");
        }
        Vec::new()
    })
}

fn lines(value: &Value<'_>, check: &mut Check<'_>) -> Option<Vec<Line>> {
    let lines = check.entries("lines", value, |check, position, line| Line {
        line_id: check.opt_id("line_id", &line.line_id).unwrap_or_else(|| position_id(position)),
        sku: check.id("sku", &line.sku),
        quantity: check.units("quantity", &line.quantity, &QUANTITY),
    })?;
    judge_lines(lines.iter().map(|line| &line.line_id), lines.len(), check);
    Some(lines)
}

fn refund_lines(value: &Value<'_>, check: &mut Check<'_>) -> Option<Vec<RefundLine>> {
    if let Value::Contradiction = value {
        check.fail(Code::OutOfRange, "lines", "must be empty where `all` is set");
        return None;
    }
    let lines = check.entries("lines", value, |check, _, line| {
        if let (Value::Absent, Value::Absent) = (&line.line_id, &line.sku) {
            check.fail(Code::MissingField, "line_id", "must be there, or a sku");
        }
        RefundLine {
            line_id: check.opt_id("line_id", &line.line_id),
            sku: check.opt_id("sku", &line.sku),
            quantity: check.units("quantity", &line.quantity, &QUANTITY).into(),
        }
    })?;
    judge_lines(lines.iter().filter_map(|line| line.line_id.as_ref()), lines.len(), check);
    Some(lines)
}

/// A line without an id is named by its position, from 1.
pub(super) fn position_id(position: usize) -> Id {
    let mut buffer = itoa::Buffer::new();
    Id::new(buffer.format(position + 1))
}

/// What can only be seen over all lines: how many there are, and that no two have one id.
fn judge_lines<'l>(ids: impl Iterator<Item = &'l Id>, count: usize, check: &mut Check<'_>) {
    if count > LINES_MAX {
        check.fail(Code::OutOfRange, "lines", &format!("must be {LINES_MAX} at most"));
        return;
    }
    // An entry that was no object is not in `count`, but then a fault that comes first is noted already.
    if count == 0 {
        check.fail(Code::EmptyLines, "lines", "must not be empty; leave the field out instead");
    }
    if count > 1 {
        let mut sorted: Vec<&Id> = ids.collect();
        sorted.sort_unstable();
        if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
            check.fail(
                Code::DuplicateLine,
                "lines",
                "two have the same line_id, given or by position",
            );
        }
    }
}
