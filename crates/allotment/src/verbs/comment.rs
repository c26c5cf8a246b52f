//! `comment.posted`: what somebody typed in a live session, as far as the pool's policy listens.

use crate::comment::{Act, complains, read};
use crate::pool::{Pool, Turn};
use crate::stock::SkuIx;
use crate::{Claims, Comment, Id, Time};

impl Pool {
    /// Counts what is asked for, holds it if the policy says so, and counts complaints.
    pub(crate) fn comment(
        &mut self,
        (platform, at): (&Id, Time),
        comment: &Comment,
        turn: &mut Turn<'_>,
    ) {
        if self.policy.claims == Claims::Off {
            return;
        }
        if complains(&comment.text) {
            self.complained(platform, &comment.buyer_id, turn);
        }
        let only = self.only_ware(comment.session_id.as_ref()).map(|sku| sku.0);
        for act in read(&comment.text, &self.wares.catalogue, only) {
            match act {
                Act::Claim { ware, units } => {
                    let sku = SkuIx(ware);
                    self.ask_for(sku, units, turn.now);
                    if self.policy.claims == Claims::Hold {
                        self.claim((platform, at), comment, (sku, units), turn);
                    }
                }
                Act::Withdraw { ware } => {
                    self.withdraw(platform, &comment.buyer_id, ware.map(SkuIx), turn);
                }
            }
        }
        self.offer_to_waitlist(turn);
    }
}
