//! `wave.closed`: the parcels that leave now, and the manifest that says which they are.

use alloc::vec::Vec;

use crate::WaveClosed;
use crate::pool::{Pool, Turn};
use crate::stock::InLine;

impl Pool {
    /// A wave is closed once; what is asked for after that is for the next one.
    pub(crate) fn wave_closed(&mut self, closed: &WaveClosed, turn: &mut Turn<'_>) {
        let wave = self.waves.open(&closed.wave_id);
        if self.waves.get(wave).is_closed() {
            return;
        }
        let of_session = |who: &&InLine| match &closed.session_id {
            Some(session) => self.order(who.1).session_id.get() == Some(session),
            None => true,
        };
        let orders: Vec<InLine> = self.waves.ready().iter().filter(of_session).copied().collect();
        self.fill_wave(wave, &orders, turn);
        if self.waves.get(wave).left {
            // The courier was faster than the news that it was closed.
            self.wave_left(wave, turn);
            self.offer_to_waitlist(turn);
        }
    }
}
