//! `comment.posted`: what somebody typed in a live session, as far as the pool's policy listens.

use crate::comment::{Act, complains, read};
use crate::pool::{Pool, Turn};
use crate::stock::SkuIx;
use crate::{Claims, Comment, Id};

impl Pool {
    /// Counts what is asked for, and complaints.
    pub(crate) fn comment(&mut self, platform: &Id, comment: &Comment, turn: &mut Turn<'_>) {
        if self.policy.claims == Claims::Off {
            return;
        }
        if complains(&comment.text) {
            self.complained(platform, &comment.buyer_id, turn);
        }
        let only = self.only_ware(comment.session_id.as_ref()).map(|sku| sku.0);
        for act in read(&comment.text, &self.wares.catalogue, only) {
            match act {
                Act::Claim { ware, units } => self.ask_for(SkuIx(ware), units, turn.now),
                Act::Withdraw { .. } => {}
            }
        }
    }
}
