//! A pool's policy: the merchant's choices, each with the contract's default.

use minicbor::{Decode, Encode};

use crate::image::is_default;
use crate::{AllocateOn, Claims, Millis, PolicyChange, Shortage};

/// What a pool does where the merchant may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Policy {
    #[n(0)]
    pub(crate) allocate_on: AllocateOn,
    /// `None`: a reservation never ends.
    #[n(1)]
    pub(crate) reservation_ttl: Option<Millis>,
    #[n(2)]
    pub(crate) unpaid_shortage: Shortage,
    #[n(3)]
    pub(crate) paid_shortage: Shortage,
    #[n(4)]
    #[cbor(skip_if = "is_default")]
    pub(crate) partial: bool,
    #[n(5)]
    #[cbor(skip_if = "is_default")]
    pub(crate) paid_preempts_reserved: bool,
    #[n(6)]
    pub(crate) claims: Claims,
    #[n(7)]
    pub(crate) claim_ttl: Option<Millis>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            allocate_on: AllocateOn::Created,
            reservation_ttl: Some(Millis::from_secs(2100)),
            unpaid_shortage: Shortage::Refuse,
            paid_shortage: Shortage::Waitlist,
            partial: false,
            paid_preempts_reserved: false,
            claims: Claims::Signal,
            claim_ttl: Some(Millis::from_secs(120)),
        }
    }
}

impl Policy {
    /// Takes what `change` names; the rest stays.
    pub(crate) fn change(&mut self, change: &PolicyChange) {
        let ttl = |seconds: i64| (seconds > 0).then(|| Millis::from_secs(seconds));
        self.allocate_on = change.allocate_on.unwrap_or(self.allocate_on);
        self.reservation_ttl = change.reservation_ttl_s.map_or(self.reservation_ttl, ttl);
        self.unpaid_shortage = change.unpaid_shortage.unwrap_or(self.unpaid_shortage);
        self.paid_shortage = change.paid_shortage.unwrap_or(self.paid_shortage);
        self.partial = change.partial.unwrap_or(self.partial);
        self.paid_preempts_reserved =
            change.paid_preempts_reserved.unwrap_or(self.paid_preempts_reserved);
        self.claims = change.claims.unwrap_or(self.claims);
        self.claim_ttl = change.claim_ttl_s.map_or(self.claim_ttl, ttl);
    }

    /// What becomes of an order that asks and is short.
    pub(crate) const fn shortage(&self, paid: bool) -> Shortage {
        if paid { self.paid_shortage } else { self.unpaid_shortage }
    }
}
