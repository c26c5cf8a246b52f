//! `session.opened` and `session.closed`: what a live session came to.

use allotment::{Alert, AlertKind, Id, Session, Standing};

use super::pool::Pool;

/// A session that is open.
#[derive(Clone, Debug)]
pub(super) struct OpenSession {
    platform: Option<Id>,
}

impl Pool {
    pub(super) fn open_session(&mut self, session: &Session) {
        let open = OpenSession { platform: session.platform.clone() };
        self.sessions.insert(session.session_id.clone(), Some(open));
    }

    /// Ends the session's claims. Gives its summary, unless it was closed before.
    pub(super) fn close_session(&mut self, session: &Session) -> Option<(Id, Option<Id>)> {
        let was = self.sessions.insert(session.session_id.clone(), None);
        if matches!(was, Some(None)) {
            return None;
        }
        let opened_on = was.flatten().and_then(|open| open.platform);
        let ended = Some(&session.session_id);
        self.end_claims(|_, claim| claim.session_id.as_ref() == ended);
        Some((session.session_id.clone(), session.platform.clone().or(opened_on)))
    }

    /// Counts the session's orders that stand, and what they wait for.
    pub(super) fn session_summary(&self, session_id: &Id, platform: Option<&Id>) -> Alert {
        use Standing::{Cancelled, Refunded, Refused, Released};
        let (mut orders_total, mut shortage) = (0, 0);
        for order in self.orders.values() {
            let of = order.session_id.as_ref().map(|(_, id)| id);
            let gone = matches!(order.standing(), Cancelled | Refunded | Refused | Released);
            let asks = order.effective().iter().any(|line| line.quantity > 0);
            if of == Some(session_id) && asks && !gone && !order.cancelled() {
                orders_total += 1;
                shortage += order.waits().iter().map(|(_, units)| units).sum::<u64>();
            }
        }
        let platform = platform.cloned();
        let alert = self.alert(AlertKind::SessionSummary, Vec::new());
        Alert { platform, orders_total, shortage, ..alert }
    }
}
