//! What an order's own events say, read together. Nothing here depends on the order in which they came.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use allotment::{Id, Line, RefundLine, Time};

/// How new a statement about an order is. A version beats none, then the greater version, then the later
/// time, then the greater content: exactly the order of the fields.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Age {
    pub(super) version: Option<i64>,
    pub(super) occurred_at: Time,
    pub(super) content: String,
}

/// The newest lines known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lines {
    pub(super) age: Age,
    pub(super) lines: Vec<Line>,
}

/// A refund, as it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refund {
    pub(super) occurred_at: Time,
    pub(super) lines: Option<Vec<RefundLine>>,
}

/// Lines as compact JSON, keys in the order of the contract: decides ties between equally new lines.
pub(super) fn text_of(lines: &[Line]) -> String {
    let one = |line: &Line| {
        format!(
            "{{\"line_id\":{},\"sku\":{},\"quantity\":{}}}",
            quoted(&line.line_id),
            quoted(&line.sku),
            line.quantity
        )
    };
    format!("[{}]", lines.iter().map(one).collect::<Vec<_>>().join(","))
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' => {
                write!(out, "\\u{:04x}", u32::from(c)).expect("writing to a string never fails");
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The lines with the refunds taken off that are not before them. Line by line, quantities may be 0.
pub(super) fn effective(lines: &Lines, refunds: &[Refund]) -> Vec<Line> {
    let mut left = lines.lines.clone();
    let counted: Vec<&Refund> =
        refunds.iter().filter(|r| r.occurred_at >= lines.age.occurred_at).collect();
    if counted.iter().any(|r| r.lines.is_none()) {
        for line in &mut left {
            line.quantity = 0;
        }
    }
    let parts: Vec<&RefundLine> =
        counted.iter().filter_map(|r| r.lines.as_ref()).flatten().collect();
    for part in parts.iter().filter(|p| p.line_id.is_some()) {
        for line in left.iter_mut().filter(|l| Some(&l.line_id) == part.line_id.as_ref()) {
            refund(line, part.quantity);
        }
    }
    for part in parts.iter().filter(|p| p.line_id.is_none()) {
        let mut rest = part.quantity;
        for line in left.iter_mut().filter(|l| Some(&l.sku) == part.sku.as_ref()) {
            rest -= refund(line, rest);
        }
    }
    left
}

/// Takes units off what a line asks for, as many as it has; returns how many those were.
fn refund(line: &mut Line, units: u64) -> u64 {
    let left = u64::from(line.quantity).saturating_sub(units);
    let before = std::mem::replace(
        &mut line.quantity,
        u32::try_from(left).expect("no more than it asked for"),
    );
    u64::from(before) - left
}

/// What lines ask for, as something to compare: line by line, without those of nothing.
pub(super) fn gist(lines: &[Line]) -> BTreeMap<Id, (Id, u32)> {
    let some = lines.iter().filter(|l| l.quantity > 0);
    some.map(|l| (l.line_id.clone(), (l.sku.clone(), l.quantity))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: &str, sku: &str, quantity: u32) -> Line {
        Line { line_id: id.into(), sku: sku.into(), quantity }
    }

    #[test]
    fn refunds_by_line_come_before_refunds_by_sku() {
        let lines = vec![line("1", "a", 2), line("2", "a", 2)];
        let age = Age { version: None, occurred_at: Time(10), content: text_of(&lines) };
        let by_sku = RefundLine { line_id: None, sku: Some("a".into()), quantity: 2 };
        let by_line = RefundLine { line_id: Some("1".into()), sku: None, quantity: 1 };
        let refund = |at, part: &RefundLine| Refund {
            occurred_at: Time(at),
            lines: Some(vec![part.clone()]),
        };
        let refunds = [refund(10, &by_sku), refund(11, &by_line), refund(9, &by_line)];
        let left: Vec<u32> =
            effective(&Lines { age, lines }, &refunds).iter().map(|l| l.quantity).collect();
        assert_eq!(left, [0, 1]);
    }

    #[test]
    fn a_version_beats_none_and_time_decides_after_it() {
        let age = |version, at| Age { version, occurred_at: Time(at), content: String::new() };
        assert!(age(Some(1), 1) > age(None, 9));
        assert!(age(Some(2), 1) > age(Some(1), 9));
        assert!(age(None, 2) > age(None, 1));
    }
}
