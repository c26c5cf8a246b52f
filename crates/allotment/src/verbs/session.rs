//! `session.opened`, `session.closed`: a live session begins, or is over and is summed up.

use crate::pool::{Pool, Turn};
use crate::sessions::Sum;
use crate::{Alert, AlertKind, Facts, Session, Time};

impl Pool {
    /// A session that opens again is as new.
    pub(crate) fn session_opened(&mut self, session: &Session, at: Time) {
        let skus = session.skus.iter().map(|sku| self.stock.intern(sku)).collect();
        self.sessions.begin(session, skus, at);
    }

    /// Its claims end, its orders go on; what it came to is told once.
    pub(crate) fn session_closed(&mut self, session: &Session, turn: &mut Turn<'_>) {
        let Some(platform) = self.sessions.end(session) else { return };
        let claims = self.end_claims_of(&session.session_id, turn);
        self.offer_to_waitlist(turn);
        let Sum { orders, units, paid, waiting, short } = self.sum_up(&session.session_id);
        let session_id = session.session_id.clone();
        let alert = Alert {
            platform,
            shortage: short,
            orders_total: orders,
            facts: Facts::Session { session_id, units, paid, waiting, claims },
            ..self.blank(AlertKind::SessionSummary, turn)
        };
        self.tell_alert(alert, turn);
    }
}
