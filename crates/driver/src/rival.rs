//! Whether somebody else uses this application's name: two deployments under one name shut each other's lanes out.
//!
//! A lane is shut out once where its partition is taken over, and then the group takes the partition away, too. Where the
//! group leaves it here and the lane is shut out again, nobody has taken it over by right.

use std::time::{Duration, Instant};

use contract::Topic;
use rdkafka::groups::GroupInfo;

use crate::{Config, assignment::subscribed, bounds, client};

/// When a lane was shut out. It begins anew with the lane, that is when the group gives the partition to this process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ShutOuts {
    last: Option<Instant>,
}

impl ShutOuts {
    /// Notes that the lane was shut out; whether that happened before within [`bounds::SHUT_OUT_AGAIN`].
    pub(crate) fn note(&mut self, now: Instant) -> bool {
        let again = !self.are_over(now);
        self.last = Some(now);
        again
    }

    /// Whether the last one was longer ago than that, or there was none.
    pub(crate) fn are_over(&self, now: Instant) -> bool {
        self.last.is_none_or(|last| since(last, now) > bounds::SHUT_OUT_AGAIN)
    }
}

fn since(then: Instant, now: Instant) -> Duration {
    now.saturating_duration_since(then)
}

/// A member of this deployment's group that reads the orders of another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stranger {
    /// Where it runs, as the brokers see it.
    pub(crate) host: String,
    /// What its client calls itself.
    pub(crate) client: String,
    /// What it reads.
    pub(crate) topic: String,
}

/// The members of the group that read another topic than this deployment's orders.
pub(crate) fn strangers(group: &GroupInfo, orders: &str) -> Vec<Stranger> {
    let stranger = |member: &rdkafka::groups::GroupMemberInfo| {
        let topic = foreign(member.metadata().unwrap_or_default(), orders)?;
        let (host, client) = (member.client_host().to_owned(), member.client_id().to_owned());
        Some(Stranger { host, client, topic })
    };
    group.members().iter().filter_map(stranger).collect()
}

/// What a member reads, where that is not this topic.
fn foreign(subscription: &[u8], orders: &str) -> Option<String> {
    let topics = subscribed(subscription)?;
    if topics.contains(&orders) {
        return None;
    }
    topics.first().map(|topic| (*topic).to_owned())
}

/// What people are told: who it is where the group shows it, and what to do.
pub(crate) fn words(config: &Config, partition: u32, strangers: &[Stranger]) -> String {
    let (name, group) = (&config.application, client::members_group(config));
    let orders = config.topics.get(Topic::Orders);
    if strangers.is_empty() {
        return format!(
            "the group {group} shows no other deployment. It may be a process of this deployment that the group has given \
             up: look first whether such a process still runs, and end it. It may be another program with the \
             transactional id {name}-{partition}. Or Kafka ends transactions that last longer than \
             bounds.transaction_timeout: look at granary_commit_seconds"
        );
    }
    let line = |stranger: &Stranger| {
        let Stranger { host, client, topic } = stranger;
        format!("{host} (client.id {client}), which reads {topic} and not {orders}")
    };
    let lines: Vec<String> = strangers.iter().map(line).collect();
    format!(
        "another deployment uses the application name `{name}`: {}. Stop one of the two, and give it an application.name \
         of its own",
        lines.join("; ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_within_a_minute_is_once_too_often() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut shut_outs = ShutOuts::default();
        assert!(shut_outs.are_over(at(0)), "there was none");
        assert!(!shut_outs.note(at(0)), "a takeover does it once");
        assert!(!shut_outs.note(at(61)), "a minute later it is another one");
        assert!(shut_outs.note(at(68)), "twice within a minute");
        assert!(shut_outs.note(at(75)), "and again");
        assert!(!shut_outs.are_over(at(135)));
        assert!(shut_outs.are_over(at(136)));
        assert!(!shut_outs.note(at(200)), "it begins anew");
    }

    #[test]
    fn a_member_that_reads_other_orders_is_a_stranger() {
        let member = |topic: &str| {
            let mut bytes = vec![0, 3, 0, 0, 0, 1];
            bytes.extend((topic.len() as u16).to_be_bytes());
            bytes.extend(topic.as_bytes());
            bytes
        };
        assert_eq!(foreign(&member("hexi.orders"), "hexi.orders"), None);
        assert_eq!(foreign(&member("other.orders"), "hexi.orders"), Some("other.orders".into()));
        assert_eq!(foreign(b"", "hexi.orders"), None, "it has not said yet");
        assert_eq!(foreign(&[0, 3, 0], "hexi.orders"), None, "cut short");
    }
}
