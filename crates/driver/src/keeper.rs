//! What is done beside the lanes, so that none of them waits for it: trimming journals, looking at the topics, and
//! seeing who else is in the group and which partitions this process is to follow.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread::{self, JoinHandle},
    time::Instant,
};

use contract::Topic;
use futures_executor::block_on;
use rdkafka::{
    Offset, TopicPartitionList,
    admin::{AdminClient, AdminOptions},
};

use crate::{
    Config, DriverError, bounds, client, context::Context, group, lanes::Lanes,
    soundness::Soundness, watch::Watch, wire,
};

/// What the keeper is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// Delete the records of this partition's journal before this offset.
    Trim {
        /// Which.
        partition: u32,
        /// The first to keep.
        before: i64,
    },
    /// The group has changed what this process runs; it is called this in it.
    Joined(String),
    /// End.
    End,
}

/// The way to the keeper; cheap to clone.
pub(crate) type Tasks = Sender<Task>;

/// A way to the keeper, and its end of it.
pub(crate) fn tasks() -> (Tasks, Receiver<Task>) {
    mpsc::channel()
}

/// Starts the keeper's thread. It ends when it is told to.
pub(crate) fn start(
    config: &Arc<Config>,
    lanes: &Arc<Lanes>,
    watch: Watch,
    tasks: Receiver<Task>,
) -> Result<JoinHandle<()>, DriverError> {
    let keeper = Keeper {
        admin: client::admin(&config.connection, Context::default())?,
        watch,
        soundness: Soundness::new(config),
        config: Arc::clone(config),
        lanes: Arc::clone(lanes),
        own: None,
        trims: BTreeMap::new(),
        said: false,
    };
    let thread = thread::Builder::new().name("keeper".into()).spawn(move || keeper.run(&tasks));
    Ok(thread.expect("the system has a thread for the keeper"))
}

struct Keeper {
    admin: AdminClient<Context>,
    config: Arc<Config>,
    lanes: Arc<Lanes>,
    watch: Watch,
    soundness: Soundness,
    /// What the group calls this process, once it has joined.
    own: Option<String>,
    /// Where the journals of these partitions are to begin.
    trims: BTreeMap<u32, i64>,
    /// It was said that journals can't be trimmed.
    said: bool,
}

impl Keeper {
    fn run(mut self, tasks: &Receiver<Task>) {
        let mut looked = Instant::now();
        loop {
            let wait = bounds::REGROUP.saturating_sub(looked.elapsed()).min(self.watch.due());
            let mut regroup = match tasks.recv_timeout(wait) {
                Ok(task) => match self.take(task) {
                    Some(regroup) => regroup,
                    None => return,
                },
                Err(RecvTimeoutError::Timeout) => false,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            for task in tasks.try_iter() {
                let Some(told) = self.take(task) else { return };
                regroup |= told;
            }
            self.trim();
            if let Some(topics) = self.watch.look(self.admin.inner()) {
                self.lanes.describe(topics);
            }
            self.soundness.look(&self.admin);
            if regroup || looked.elapsed() >= bounds::REGROUP {
                looked = Instant::now();
                self.regroup();
            }
        }
    }

    /// Notes what is to be done; whether the group is to be looked at. `None`: it is over.
    fn take(&mut self, task: Task) -> Option<bool> {
        match task {
            Task::Trim { partition, before } => {
                let noted = self.trims.entry(partition).or_insert(before);
                *noted = before.max(*noted);
                Some(false)
            }
            Task::Joined(own) => {
                self.own = Some(own);
                Some(true)
            }
            Task::End => None,
        }
    }

    /// Deletes what the checkpoints stand in for. Where it can't be done the journals grow, and nothing else.
    fn trim(&mut self) {
        let trims = std::mem::take(&mut self.trims);
        if trims.is_empty() {
            return;
        }
        let mut list = TopicPartitionList::new();
        let journal = self.config.topics.get(Topic::Journal);
        for (partition, before) in trims {
            list.add_partition_offset(journal, wire::partition(partition), Offset::Offset(before))
                .expect("an offset that is not negative can be listed");
        }
        let options = AdminOptions::new()
            .request_timeout(Some(bounds::QUESTION))
            .operation_timeout(Some(bounds::QUESTION));
        let refusal = match block_on(self.admin.delete_records(&list, &options)) {
            Err(error) => Some(error.to_string()),
            Ok(done) => done.elements().iter().find_map(|e| Some(e.error().err()?.to_string())),
        };
        match refusal {
            // Its owner reads it once; what it says does not change from trim to trim.
            Some(why) if !self.said => {
                self.said = true;
                telemetry::log::journal_not_trimmed(journal, &why);
            }
            Some(_) => {}
            None => self.said = false,
        }
    }

    /// Looks at the group, and has the lanes follow what this process is to follow.
    fn regroup(&self) {
        let Some(own) = self.own.as_ref().filter(|_| self.config.followers > 0) else { return };
        let name = client::members_group(&self.config);
        // Where the brokers are away, what is followed stays so.
        let Ok(list) = self.admin.inner().fetch_group_list(Some(&name), bounds::QUESTION) else {
            return;
        };
        let orders = self.config.topics.get(Topic::Orders);
        let group = list.groups().iter().find(|group| group.name() == name);
        // While the group shares out its partitions nobody knows whose they will be.
        let Some(members) = group.and_then(|group| group::members(group, orders)) else { return };
        let Some(this) = members.iter().find(|member| member.id == *own) else { return };
        let followed = group::followed(&members, own, self.config.followers);
        self.lanes.follow(&followed, &this.partitions);
    }
}
