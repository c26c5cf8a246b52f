//! `order.*`: the way of every order event, and the verbs that place, pay, amend, hold and clear.
//!
//! Facts are merged first, so that arrival does not matter; then the order asks for what it may; then
//! the answer is found in the contract's order of precedence, the first that fits.

use crate::answer::Answer;
use crate::ask::{Again, Asked, Wish};
use crate::bounds::LINES_MISSING_AFTER;
use crate::order::{NewLines, OrderIx, Stamp};
use crate::pool::{Due, Pool, Turn};
use crate::stock::Part;
use crate::{
    AlertKind, Facts, Id, Line, OrderEvent, OrderRef, OrderVerb, Outcome, Reason, Settings,
    SnapshotStatus, Standing, Time,
};

/// What an event with lines or a payment told.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    lines: Option<NewLines>,
    /// It carries a payment, and whether that is the first.
    payment: bool,
    first_payment: bool,
    /// It says that the order was amended.
    amends: bool,
    snapshot: bool,
}

impl Told {
    fn is_older(self) -> bool {
        self.lines == Some(NewLines::Older)
    }

    fn changes_lines(self) -> bool {
        self.lines == Some(NewLines::Changed)
    }

    /// What is asked for on the strength of it.
    fn wish(self) -> Wish {
        let again = if self.payment {
            Some(Again::AtTheEnd)
        } else {
            (self.changes_lines() || (self.amends && !self.is_older())).then_some(Again::AtItsPlace)
        };
        Wish {
            amended: self.changes_lines(),
            again,
            for_the_rest: self.first_payment,
            ..Wish::default()
        }
    }
}

impl Pool {
    /// Gives an order event its effect, and answers it.
    pub(crate) fn order_event(
        &mut self,
        platform: &Id,
        occurred_at: Time,
        event: OrderEvent,
        turn: &mut Turn<'_>,
    ) {
        let name = OrderRef::new(platform, &event.order_id);
        let ix = self.open_order(&name, turn);
        let stamp = Stamp { version: event.version, occurred_at };
        self.merge(ix, &event, stamp, turn.settings);
        let cancels = matches!(
            event.verb,
            OrderVerb::Cancelled | OrderVerb::Snapshot { status: SnapshotStatus::Cancelled, .. }
        );
        let answer = if self.order(ix).is_cancelled() && !cancels {
            self.superseded(ix, occurred_at, &event.verb)
        } else if self.order(ix).closed {
            self.note_payment(ix, occurred_at, &event.verb);
            Answer::new(
                Outcome::Noted,
                if self.order(ix).is_cancelled() { Reason::Cancelled } else { Reason::Closed },
            )
        } else {
            self.perform_verb(ix, stamp, event.verb, turn)
        };
        self.watch_paid_after_cancel(ix, turn);
        self.answer(ix, answer, turn);
        self.ship(ix, turn);
        self.watch_oversold(ix, turn);
        self.rest(ix, turn);
        self.offer_to_waitlist(turn);
    }

    /// Takes what any event of the order may carry. What it counts for may be somebody else's then.
    fn merge(&mut self, ix: OrderIx, event: &OrderEvent, stamp: Stamp, settings: &Settings) {
        let order = self.order(ix);
        let counts =
            self.limits.is_counting() && order.tallies().iter().any(|tally| tally.wanted > 0);
        let before = counts.then(|| order.who(&settings.hash_key));
        self.unindex_left(ix, settings);
        self.order_mut(ix).merge(event, stamp);
        self.index_left(ix, settings);
        if let Some(before) = before {
            self.count_for(ix, before, settings);
        }
    }

    fn perform_verb(
        &mut self,
        ix: OrderIx,
        stamp: Stamp,
        verb: OrderVerb,
        turn: &mut Turn<'_>,
    ) -> Answer {
        let at = stamp.occurred_at;
        match verb {
            OrderVerb::Created { lines } => {
                let lines = self.told_lines(ix, &lines, stamp, turn);
                let told = Told { lines, ..Told::default() };
                self.act_on(ix, told, turn)
            }
            OrderVerb::Amended { lines } => {
                let lines = self.told_lines(ix, &lines, stamp, turn);
                let told = Told { lines, amends: true, ..Told::default() };
                self.act_on(ix, told, turn)
            }
            OrderVerb::Paid { lines } => {
                let lines = lines.and_then(|lines| self.told_lines(ix, &lines, stamp, turn));
                let first_payment = self.told_payment(ix, at, turn);
                self.act_on(
                    ix,
                    Told { lines, payment: true, first_payment, ..Told::default() },
                    turn,
                )
            }
            OrderVerb::Held => self.told_hold(ix, stamp, true),
            OrderVerb::Cleared => self.told_hold(ix, stamp, false),
            OrderVerb::Snapshot { status: SnapshotStatus::Cancelled, .. }
            | OrderVerb::Cancelled => self.cancelled(ix, at, turn),
            OrderVerb::Refunded { lines } => self.refunded(ix, at, lines.as_deref(), turn),
            OrderVerb::Snapshot { status, lines } => {
                let lines = self.told_lines(ix, &lines, stamp, turn);
                let paid = status != SnapshotStatus::Created;
                let payment = paid && !self.order(ix).paid;
                let first_payment = payment && self.told_payment(ix, at, turn);
                if paid {
                    self.order_mut(ix).hold.offer(stamp, &(status == SnapshotStatus::Held));
                }
                self.act_on(
                    ix,
                    Told { lines, payment, first_payment, snapshot: true, ..Told::default() },
                    turn,
                )
            }
        }
    }

    /// An event of an order that is cancelled already: only a payment is of interest, because the money
    /// must go back.
    fn superseded(&mut self, ix: OrderIx, at: Time, verb: &OrderVerb) -> Answer {
        self.note_payment(ix, at, verb);
        Answer::new(Outcome::Superseded, Reason::Cancelled)
    }

    /// Notes that an order which gets nothing any more was paid.
    fn note_payment(&mut self, ix: OrderIx, at: Time, verb: &OrderVerb) {
        let paid = match verb {
            OrderVerb::Paid { .. } => true,
            OrderVerb::Snapshot { status: SnapshotStatus::Paid | SnapshotStatus::Held, .. } => {
                !self.order(ix).paid
            }
            _ => false,
        };
        if paid {
            self.order_mut(ix).merge_payment(at);
        }
    }

    /// Takes lines. Where an order holds, waits or has left already, those that go over its buyer's limit
    /// are forgotten.
    fn told_lines(
        &mut self,
        ix: OrderIx,
        lines: &[Line],
        stamp: Stamp,
        turn: &Turn<'_>,
    ) -> Option<NewLines> {
        let order = self.orders.get_mut(ix);
        let placed = order.lines_stamp.is_none();
        let before = order.is_counted().then(|| (order.lines.clone(), order.lines_stamp));
        let told = order.merge_lines(lines, stamp, &mut self.stock);
        self.stop_waiting_for_lines(ix);
        for at in 0..if placed { self.order(ix).lines.len() } else { 0 } {
            let line = &self.order(ix).lines[at];
            self.ask_for(line.sku, line.quantity, turn.now);
        }
        if let Some((lines, stamp)) = before
            && told == NewLines::Changed
            && self.order(ix).is_open()
            && let Some(over) = self.over_limit(ix, turn.settings)
        {
            let order = self.order_mut(ix);
            (order.lines, order.lines_stamp) = (lines, stamp);
            return Some(NewLines::OverLimit(over));
        }
        Some(told)
    }

    /// Returns whether the payment is the first.
    fn told_payment(&mut self, ix: OrderIx, at: Time, turn: &Turn<'_>) -> bool {
        let first = self.order_mut(ix).merge_payment(at);
        if first {
            self.commit(ix);
            if self.order(ix).lines_stamp.is_none() {
                let due = turn.now.plus(LINES_MISSING_AFTER);
                self.order_mut(ix).lines_due = Some(due);
                self.schedule(due, Due::LinesMissing(ix));
            }
        }
        first
    }

    pub(super) fn stop_waiting_for_lines(&mut self, ix: OrderIx) {
        if let Some(due) = self.order_mut(ix).lines_due.take() {
            self.unschedule(due, Due::LinesMissing(ix));
        }
    }

    fn told_hold(&mut self, ix: OrderIx, stamp: Stamp, held: bool) -> Answer {
        if self.order_mut(ix).hold.offer(stamp, &held) {
            Answer::new(Outcome::Noted, Reason::Ok)
        } else {
            Answer::new(Outcome::Superseded, Reason::Older)
        }
    }

    /// Lets the order ask for what it was told to be, and finds the answer.
    fn act_on(&mut self, ix: OrderIx, told: Told, turn: &mut Turn<'_>) -> Answer {
        if told.is_older() && !told.payment {
            return Answer::new(Outcome::Superseded, Reason::Older);
        }
        let asked = self.settle(ix, told.wish(), turn);
        if asked == Asked::Short {
            self.tell_shortage(ix, turn);
        }
        if let (Asked::OverLimit(over), _) | (_, Some(NewLines::OverLimit(over))) =
            (asked, told.lines)
        {
            if self.order(ix).paid {
                self.tell_over_limit(ix, over, turn);
            }
            return Answer::new(Outcome::Refused, Reason::Limit);
        }
        self.outcome(ix, told, asked)
    }

    /// The answer to an event that was acted on, the first that fits.
    fn outcome(&self, ix: OrderIx, told: Told, asked: Asked) -> Answer {
        let order = self.order(ix);
        let noted = |reason| Answer::new(Outcome::Noted, reason);
        let amended = !told.is_older() && (told.amends || (told.snapshot && told.changes_lines()));
        match order.standing {
            Standing::HandedOver => noted(Reason::AfterHandOver),
            Standing::New if order.lines_stamp.is_none() => noted(Reason::NoLinesYet),
            Standing::New => noted(Reason::Policy),
            Standing::Refunded => noted(Reason::Refunded),
            Standing::Refused | Standing::Released if asked == Asked::Nothing => {
                noted(if told.wish().again.is_some() { Reason::Policy } else { Reason::Closed })
            }
            Standing::Waitlisted => Answer::new(Outcome::Waitlisted, self.why_short(ix)),
            Standing::Backordered => Answer::new(Outcome::Backordered, self.why_short(ix)),
            Standing::Refused => Answer::new(Outcome::Refused, self.why_short(ix)),
            Standing::Reserved | Standing::Allocated if order.rest_refused => {
                Answer::new(Outcome::Refused, self.why_short(ix))
            }
            Standing::Reserved | Standing::Allocated if amended => {
                Answer::new(Outcome::Amended, Reason::Ok)
            }
            Standing::Reserved => Answer::new(Outcome::Reserved, Reason::Ok),
            Standing::Allocated => Answer::new(Outcome::Allocated, Reason::Ok),
            Standing::Released | Standing::Cancelled => {
                unreachable!("{:?} is {:?} after it was acted on", order.name, order.standing)
            }
        }
    }

    fn why_short(&self, ix: OrderIx) -> Reason {
        let unknown = |&(sku, _): &Part| !self.stock.sku(sku).known;
        let lacks = self.order(ix).lacks(&self.stock);
        if lacks.iter().any(unknown) {
            Reason::UnknownSku
        } else if self.is_short_of_room(ix, &lacks) {
            Reason::Channel
        } else {
            Reason::Short
        }
    }

    /// Money that was taken on an order that was closed before: told once, whichever came first.
    fn watch_paid_after_cancel(&mut self, ix: OrderIx, turn: &mut Turn<'_>) {
        let order = self.order_mut(ix);
        let late = order
            .cancelled_at
            .is_some_and(|cancelled| order.paid_at.is_some_and(|paid| paid > cancelled));
        if late && !order.paid_after_cancel {
            order.paid_after_cancel = true;
            self.tell_of_order(AlertKind::PaidAfterCancel, ix, Facts::None, turn);
        }
    }
}
