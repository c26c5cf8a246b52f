//! Retention of the inputs, as tight as an operator may set it: what the checkpoint that stands says is read again
//! stays, and nothing before that.

use contract::Topic;
use lane::{InputTopic, MANIFEST_KEY, Manifest};

use super::World;
use super::trouble::Kind;

impl World<'_> {
    /// Deletes of a partition's inputs what nobody may need any more; false where there is no such thing.
    pub(super) fn retain(&mut self, partition: u32) -> bool {
        let Some(manifest) = self.manifest(partition) else { return false };
        let mut deleted = 0;
        for input in InputTopic::ALL {
            let place = (input.topic(), partition);
            let (from, earliest) = (manifest.needs[input].from, self.cluster.log(place).earliest());
            if from > earliest {
                deleted += from - earliest;
                self.cluster.log_mut(place).delete_before(from);
            }
        }
        self.tally.add("offsets of inputs deleted", deleted.unsigned_abs());
        deleted > 0
    }

    /// Where retention is among what goes wrong, it has been everywhere before it is seen whether anybody could
    /// come back.
    pub(super) fn retain_at_last(&mut self) {
        if self.rates.kinds.contains(&Kind::Retention) {
            for partition in 0..self.rates.partitions {
                self.retain(partition);
            }
        }
    }

    /// The manifest that stands, as anybody can read it.
    fn manifest(&self, partition: u32) -> Option<Manifest> {
        let history = self.cluster.log((Topic::Checkpoints, partition)).history();
        let newest =
            history.filter(|record| record.message.key.as_deref() == Some(MANIFEST_KEY)).last()?;
        Manifest::decode(newest.message.value.as_ref()?).ok()
    }
}
