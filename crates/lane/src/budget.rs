//! The memory of a process, shared out: what its lanes take beside their state, and what is left for that.
//!
//! One figure bounds a process, whatever partitions it has. What a lane takes beside its state has bounds of
//! its own, so that is set aside for each lane, a standby's included; the rest is one room for the state of
//! all of them. Who needs much may take much of it, but what the others may still need stays free: each can grow by
//! half an even share, until it has that share. So a partition that is flooded stops, and the others go on.

/// What the program, its libraries and the clients that all lanes share take.
const PROCESS_BYTES: u64 = 48 << 20;

/// What the clients of a lane take beside records: a dozen threads with their stacks and buffers, the
/// journal's reader, a portion of a checkpoint.
const CLIENTS_BYTES: u64 = 12 << 20;

/// What a lane's outputs cost, times their bytes: they are written down here, and copied by the client.
const OUTPUT_COPIES: u64 = 2;

/// How much of the room may be filled, in percent. The state's bytes are an estimate within a quarter; an
/// allocator keeps some of what it was given back; and what one record leads to comes on top.
const FILLED_PERCENT: u64 = 65;

/// What bounds the memory of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Bytes that the process may take altogether.
    pub memory: u64,
    /// Bytes of input that a lane's consumer holds at most.
    pub fetched: u64,
    /// Bytes of input that a lane itself holds at most, over all its inputs.
    pub held: u64,
    /// Bytes of output of one transaction, where no single record leads to more.
    pub outputs: u64,
}

impl Budget {
    /// What a lane or a standby takes beside its state, at most.
    #[must_use]
    pub const fn beside(&self) -> u64 {
        CLIENTS_BYTES + self.fetched + self.held + OUTPUT_COPIES * self.outputs
    }

    /// Bytes, as they are estimated, that the state of so many lanes and standbys may take together.
    #[must_use]
    pub const fn room(&self, lanes: u64) -> u64 {
        let left = self.memory.saturating_sub(PROCESS_BYTES);
        let left = left.saturating_sub(self.beside().saturating_mul(lanes));
        left / 100 * FILLED_PERCENT
    }

    /// How many lanes and standbys leave room for any state at all.
    #[must_use]
    pub const fn lanes_max(&self) -> u64 {
        self.memory.saturating_sub(PROCESS_BYTES) / self.beside()
    }

    /// What the state of a lane may take while that of each of the others takes so much.
    #[must_use]
    pub fn allowance(&self, others: &[u64]) -> u64 {
        let lanes = others.len() as u64 + 1;
        let (room, share) = (self.room(lanes), self.room(lanes) / lanes);
        let kept = others.iter().map(|&taken| taken.max(share.min(taken + share / 2)));
        kept.fold(room, u64::saturating_sub)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;
    const BUDGET: Budget =
        Budget { memory: 1024 * MIB, fetched: 20 * MIB, held: 16 * MIB, outputs: 8 * MIB };

    #[test]
    fn what_is_bounded_and_what_is_allowed_stay_within_the_memory() {
        assert_eq!(BUDGET.beside(), 64 * MIB);
        assert_eq!(BUDGET.lanes_max(), 15);
        for lanes in 0..20 {
            let room = BUDGET.room(lanes);
            // An estimate that is a quarter too low.
            let state = room / 3 * 4;
            assert!(room == 0 || PROCESS_BYTES + lanes * BUDGET.beside() + state <= BUDGET.memory);
            assert_eq!(room > 0, lanes <= BUDGET.lanes_max(), "{lanes}");
        }
    }

    #[test]
    fn what_one_takes_the_others_have_not() {
        let (room, share) = (BUDGET.room(3), BUDGET.room(3) / 3);
        assert_eq!(BUDGET.allowance(&[share, share]), room - 2 * share);
        assert_eq!(BUDGET.allowance(&[2 * share, share]), room - 3 * share);
        assert_eq!(BUDGET.allowance(&[room, room]), 0, "there is no room for what was taken over");
        assert_eq!(BUDGET.allowance(&[]), BUDGET.room(1), "who is alone has all of it");
    }

    #[test]
    fn a_lane_that_is_flooded_stops_and_the_others_go_on() {
        let share = BUDGET.room(3) / 3;
        for taken in [0, share / 3, share * 9 / 10] {
            let flooded = BUDGET.allowance(&[taken, taken]);
            assert!(flooded >= share, "it may take more than its share while there is room");
            let other = BUDGET.allowance(&[flooded, taken]);
            assert!(other >= share.min(taken + share / 2), "{other} of {taken}, {share}");
        }
    }
}
