//! `pool.policy`: the merchant chooses what happens to orders from now on.

use crate::PolicyChange;
use crate::pool::Pool;

impl Pool {
    /// Later events only: who waits is not tried now, but whoever may be filled in part from now on is when
    /// stock comes the next time, whatever stock that is.
    pub(crate) fn policy_change(&mut self, change: &PolicyChange) {
        let was_partial = self.policy.partial;
        self.policy.change(change);
        if self.policy.partial && !was_partial {
            self.stock.offer_to_all();
        }
    }
}
