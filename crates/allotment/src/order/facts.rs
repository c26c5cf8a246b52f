//! How events of one order are merged: by what they say of when they happened, never by arrival.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use minicbor::{Decode, Encode};

use super::{Open, Order, OrderLine, Refund, push_tight};
use crate::limits::OverLimit;
use crate::steps::step;
use crate::stock::{RecipeIx, SkuIx, Stock};
use crate::{Id, Line, OrderEvent, RefundLine, Time};

/// What decides which of two events is newer: a version beats none, then the greater version, then the
/// later time at the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub(crate) struct Stamp {
    #[n(0)]
    pub(crate) version: Option<i64>,
    #[n(1)]
    pub(crate) occurred_at: Time,
}

/// What lines that came did to those that were known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NewLines {
    /// They are older.
    Older,
    /// They say the same.
    Same,
    /// They are newer and say something else.
    Changed,
    /// They would go over its buyer's limit, and were forgotten.
    OverLimit(OverLimit),
}

impl Order {
    /// Takes what any event of the order may carry.
    pub(crate) fn merge(&mut self, event: &OrderEvent, stamp: Stamp) {
        self.version = self.version.max(event.version);
        let Open { buyer_id, person_ref, session_id, recipient_ref, .. } = &mut **self;
        for (field, value) in [
            (buyer_id, &event.buyer_id),
            (person_ref, &event.person_ref),
            (session_id, &event.session_id),
            (recipient_ref, &event.recipient_ref),
        ] {
            if let Some(value) = value {
                field.offer(stamp, value);
            }
        }
    }

    /// Takes `lines` if they are newer than what is known.
    pub(crate) fn merge_lines(
        &mut self,
        lines: &[Line],
        stamp: Stamp,
        stock: &mut Stock,
    ) -> NewLines {
        let known = self.lines_stamp;
        let newer = known.is_none_or(|known| {
            known < stamp || (known == stamp && self.text(stock) <= text_of(lines))
        });
        if !newer {
            return NewLines::Older;
        }
        let before = self.left_to_deliver();
        let recipes = self.skus();
        let take = |line: &Line| {
            let sku = stock.intern(&line.sku);
            let stands = recipes.iter().find(|&&(other, _)| other == sku);
            OrderLine {
                line_id: line.line_id.clone(),
                sku,
                ordered: line.quantity,
                quantity: line.quantity,
                recipe: stands.map_or(RecipeIx::NONE, |&(_, recipe)| recipe),
            }
        };
        self.lines = lines.iter().map(take).collect();
        self.lines_stamp = Some(stamp);
        self.subtract_refunds(stock);
        if known.is_some() && self.left_to_deliver() == before {
            return NewLines::Same;
        }
        self.take_apart(stock);
        NewLines::Changed
    }

    /// The lines of which anything is left after refunds: newer lines that say no more than that say
    /// nothing new.
    fn left_to_deliver(&self) -> Vec<(Id, SkuIx, u32)> {
        let left = self.lines.iter().filter(|line| line.quantity > 0);
        left.map(|line| (line.line_id.clone(), line.sku, line.quantity)).collect()
    }

    /// Takes a refund; returns whether there was anything left to refund.
    pub(crate) fn merge_refund(
        &mut self,
        occurred_at: Time,
        lines: Option<&[RefundLine]>,
        stock: &Stock,
    ) -> bool {
        let left =
            |order: &Self| order.lines.iter().map(|line| u64::from(line.quantity)).sum::<u64>();
        let before = left(self);
        self.keep_refund(Refund { occurred_at, lines: lines.map(<[RefundLine]>::to_vec) });
        let counts = self.lines_stamp.is_some_and(|stamp| occurred_at >= stamp.occurred_at);
        if !counts || before == 0 {
            // Whatever else is refunded, no line asks for less than nothing.
            return false;
        }
        self.subtract_refunds(stock);
        left(self) < before
    }

    /// Keeps a refund as far as it can matter for lines that are still to come. Those count the refunds that happened
    /// no earlier than they: of one instant all or none, so they are one; and a refund of everything counts
    /// wherever one does that happened no later, and leaves nothing for it.
    fn keep_refund(&mut self, refund: Refund) {
        let refunds = &mut self.refunds;
        if refunds.iter().any(|known| known.covers(&refund)) {
            return;
        }
        refunds.retain(|known| !refund.covers(known));
        let same = refunds.iter_mut().find(|known| known.occurred_at == refund.occurred_at);
        match (same.and_then(|known| known.lines.as_mut()), refund.lines) {
            (Some(known), Some(lines)) => {
                lines.into_iter().for_each(|line| add_refund(known, line))
            }
            (_, lines) => push_tight(refunds, Refund { lines, ..refund }),
        }
    }

    /// Notes a payment; returns whether it is the first that is known.
    pub(crate) fn merge_payment(&mut self, occurred_at: Time) -> bool {
        self.paid_at = self.paid_at.max(Some(occurred_at));
        !core::mem::replace(&mut self.paid, true)
    }

    /// What each line still asks for: refunds are taken off that happened not before the lines. Those
    /// that name a line come first; the sum of each kind is what counts, so arrival does not.
    fn subtract_refunds(&mut self, stock: &Stock) {
        let Open { lines, lines_stamp, refunds, .. } = &mut **self;
        for line in &mut *lines {
            line.quantity = line.ordered;
        }
        let Some(stamp) = *lines_stamp else { return };
        let refunds = refunds.iter().filter(|refund| {
            step();
            refund.occurred_at >= stamp.occurred_at
        });
        if refunds.clone().any(|refund| refund.lines.is_none()) {
            lines.iter_mut().for_each(|line| line.quantity = 0);
        }
        let named = refunds.flat_map(|refund| refund.lines.iter().flatten());
        for refunded in named.clone() {
            let Some(id) = &refunded.line_id else { continue };
            if let Some(line) = lines.iter_mut().find(|line| line.line_id == *id) {
                line.refund(refunded.quantity);
            }
        }
        for refunded in named.filter(|refunded| refunded.line_id.is_none()) {
            let mut units = refunded.quantity;
            let is_of = |sku: SkuIx| Some(&stock.sku(sku).id) == refunded.sku.as_ref();
            for line in lines.iter_mut().filter(|line| is_of(line.sku)) {
                units -= line.refund(units);
            }
        }
    }

    fn text(&self, stock: &Stock) -> String {
        json(
            self.lines
                .iter()
                .map(|l| (l.line_id.as_str(), stock.sku(l.sku).id.as_str(), l.ordered)),
        )
    }
}

impl OrderLine {
    /// Takes up to `units` off what it asks for; returns how many.
    fn refund(&mut self, units: u64) -> u64 {
        let cut = u64::from(self.quantity).min(units);
        self.quantity -= u32::try_from(cut).expect("no more than the line asks for");
        cut
    }
}

impl Refund {
    /// Whether, where it is subtracted, nothing is left for `other`, which is subtracted nowhere else.
    fn covers(&self, other: &Self) -> bool {
        self.lines.is_none() && other.occurred_at <= self.occurred_at
    }
}

/// Adds what is refunded of a line, or of a SKU, to what is refunded at the same instant.
fn add_refund(refunded: &mut Vec<RefundLine>, line: RefundLine) {
    let same = |known: &&mut RefundLine| {
        known.line_id == line.line_id && (line.line_id.is_some() || known.sku == line.sku)
    };
    match refunded.iter_mut().find(same) {
        Some(known) => known.quantity += line.quantity,
        None => push_tight(refunded, line),
    }
}

fn text_of(lines: &[Line]) -> String {
    json(lines.iter().map(|l| (l.line_id.as_str(), l.sku.as_str(), l.quantity)))
}

/// The compact JSON text of lines, keys in the contract's order: what decides between equally new lines.
fn json<'a>(lines: impl Iterator<Item = (&'a str, &'a str, u32)>) -> String {
    let mut text = String::from("[");
    for (line_id, sku, quantity) in lines {
        text.push_str(if text.len() > 1 { ",{\"line_id\":\"" } else { "{\"line_id\":\"" });
        escape(&mut text, line_id);
        text.push_str("\",\"sku\":\"");
        escape(&mut text, sku);
        write!(text, "\",\"quantity\":{quantity}}}").expect("a string takes every text");
    }
    text.push(']');
    text
}

/// Escapes what JSON must, in the short form where there is one.
fn escape(text: &mut String, part: &str) {
    for c in part.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            c if c < ' ' => write!(text, "\\u{:04x}", c as u32).expect("a string takes every text"),
            c => text.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::OrderRef;
    use crate::steps::steps_of;

    #[test]
    fn lines_read_as_compact_json() {
        assert_eq!(
            json([("1", "a\"b", 2), ("2", "c\u{1}", 10)].into_iter()),
            r#"[{"line_id":"1","sku":"a\"b","quantity":2},{"line_id":"2","sku":"c\u0001","quantity":10}]"#
        );
    }

    fn order(refunds: Vec<Refund>, at: i64, stock: &mut Stock) -> Order {
        let line = |(line_id, sku, quantity): &(&str, &str, u32)| Line {
            line_id: Id::new(line_id),
            sku: Id::new(sku),
            quantity: *quantity,
        };
        let mut order = Order::new(OrderRef::default());
        order.refunds = refunds;
        let lines = [("1", "tea", 3), ("2", "tea", 4), ("3", "nut", 5)];
        let lines: Vec<Line> = lines.iter().map(line).collect();
        order.merge_lines(&lines, Stamp { version: None, occurred_at: Time(at) }, stock);
        order
    }

    /// Every refund of few kinds, at few instants.
    fn refunds() -> Vec<Refund> {
        let line =
            |id: &str, quantity| RefundLine { line_id: Some(Id::new(id)), sku: None, quantity };
        let sku =
            |sku: &str, quantity| RefundLine { line_id: None, sku: Some(Id::new(sku)), quantity };
        let kinds = [
            None,
            Some(vec![line("1", 1), sku("tea", 2)]),
            Some(vec![sku("tea", 1)]),
            Some(vec![line("2", 2), line("9", 1), line("1", 1)]),
            Some(vec![sku("nut", 1), sku("nut", 2)]),
        ];
        let of = |at| {
            kinds.clone().into_iter().map(move |lines| Refund { occurred_at: Time(at), lines })
        };
        (1..4).flat_map(of).collect()
    }

    #[test]
    fn what_is_kept_of_refunds_is_all_that_lines_of_any_age_count() {
        let all = refunds();
        let mut stock = Stock::default();
        let triples = (0..all.len().pow(3)).map(|n| [n, n / all.len(), n / all.len().pow(2)]);
        for triple in triples {
            let some = || triple.map(|n| all[n % all.len()].clone());
            let mut kept = Order::default();
            some().into_iter().for_each(|refund| kept.keep_refund(refund));
            for at in 0..5 {
                let left =
                    |order: Order| order.lines.iter().map(|line| line.quantity).collect::<Vec<_>>();
                let plain = left(order(some().to_vec(), at, &mut stock));
                let few = left(order(kept.refunds.clone(), at, &mut stock));
                assert_eq!(few, plain, "{:?} kept of {:?}, lines of {at}", kept.refunds, some());
            }
        }
    }

    #[test]
    fn refunds_of_one_instant_are_one_and_a_refund_of_everything_is_the_last_that_counts() {
        let mut stock = Stock::default();
        let mut order = order(vec![], 0, &mut stock);
        let line = &[RefundLine { line_id: None, sku: Some(Id::new("tea")), quantity: 1 }][..];
        let refunded = (0..1000).filter(|_| order.merge_refund(Time(5), Some(line), &stock));
        assert_eq!((refunded.count(), order.refunds.len()), (7, 1));
        assert!(order.merge_refund(Time(9), None, &stock));
        assert!(!order.merge_refund(Time(9), None, &stock));
        assert!(!order.merge_refund(Time(7), Some(line), &stock));
        assert_eq!(order.refunds.len(), 1);
        let steps = steps_of(|| {
            for at in 10..1000 {
                assert!(!order.merge_refund(Time(at), Some(line), &stock));
            }
        });
        assert_eq!((steps, order.refunds.len()), (0, 991), "later lines may count each of them");
    }

    #[test]
    fn a_version_beats_none_and_then_the_later_time() {
        let stamp = |version, at| Stamp { version, occurred_at: Time(at) };
        assert!(stamp(None, 9) < stamp(Some(1), 1));
        assert!(stamp(Some(1), 9) < stamp(Some(2), 1));
        assert!(stamp(Some(2), 1) < stamp(Some(2), 2));
    }
}
