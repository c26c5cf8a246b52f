//! Who is in the group, and which partitions each member follows.
//!
//! All members look at the same list and reckon alike, so nobody has to tell anybody: whoever is among the first
//! [`crate::Config::followers`] of a partition's other members follows it. The first is the one to whom the group
//! would give the partition if its owner left, so that a takeover finds a follower; the others come by a hash.
//! Where members look at different moments, a partition has a follower too many or too few for a while.

use std::collections::BTreeMap;

use rdkafka::groups::GroupInfo;

use crate::assignment::assigned;

/// A member of the group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// As the group named it.
    pub(crate) id: String,
    /// What it is assigned.
    pub(crate) partitions: Vec<u32>,
}

/// The members of a group, where it is settled: while it shares out its partitions, nothing is known.
pub(crate) fn members(group: &GroupInfo, topic: &str) -> Option<Vec<Member>> {
    if group.state() != "Stable" {
        return None;
    }
    let member = |member: &rdkafka::groups::GroupMemberInfo| {
        let partitions = assigned(member.assignment().unwrap_or_default(), topic)?;
        Some(Member { id: member.id().to_owned(), partitions })
    };
    group.members().iter().map(member).collect()
}

/// The partitions that the member `own` follows.
pub(crate) fn followed(members: &[Member], own: &str, followers: usize) -> Vec<u32> {
    let mut followed = Vec::new();
    for owner in members.iter().filter(|owner| owner.id != own) {
        let heirs = heirs(members, owner);
        let is_follower = |partition: &&u32| {
            let heir = heirs.get(*partition).copied();
            ranked(members, owner, **partition, heir).take(followers).any(|id| id == own)
        };
        followed.extend(owner.partitions.iter().filter(is_follower));
    }
    followed.sort_unstable();
    followed
}

/// The other members in the order in which they are to follow a partition of `owner`.
fn ranked<'a>(
    members: &'a [Member],
    owner: &Member,
    partition: u32,
    heir: Option<&str>,
) -> impl Iterator<Item = &'a str> {
    let others = members.iter().map(|member| member.id.as_str()).filter(|id| *id != owner.id);
    // The hash that spreads pools over partitions does here too: it must only be the same everywhere.
    let rank = |id: &str| lane::home(&format!("{partition}/{id}"), i32::MAX.unsigned_abs());
    let mut others: Vec<&str> = others.collect();
    others.sort_by_key(|id| (Some(*id) != heir, rank(id), *id));
    others.into_iter()
}

/// To whom each partition of `owner` would go if it left: librdkafka's assignor gives what nobody has, the
/// greatest number first, to whoever has least, and of those to the first by name.
fn heirs<'a>(members: &'a [Member], owner: &Member) -> BTreeMap<u32, &'a str> {
    let others = members.iter().filter(|member| member.id != owner.id);
    let mut loads: Vec<(usize, &str)> =
        others.map(|member| (member.partitions.len(), member.id.as_str())).collect();
    let mut orphans = owner.partitions.clone();
    orphans.sort_unstable_by(|a, b| b.cmp(a));
    let mut heirs = BTreeMap::new();
    for partition in orphans {
        let Some(least) = loads.iter_mut().min() else { break };
        least.0 += 1;
        heirs.insert(partition, least.1);
    }
    heirs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(members: &[(&str, &[u32])]) -> Vec<Member> {
        let member = |(id, partitions): &(&str, &[u32])| Member {
            id: (*id).into(),
            partitions: partitions.to_vec(),
        };
        members.iter().map(member).collect()
    }

    #[test]
    fn each_partition_is_followed_by_so_many_others_and_never_by_its_owner() {
        let members =
            group(&[("a", &[0, 3, 6]), ("b", &[1, 4, 7]), ("c", &[2, 5]), ("d", &[8, 9])]);
        for followers in 0..=5 {
            let mut counts = BTreeMap::<u32, usize>::new();
            for member in &members {
                for partition in followed(&members, &member.id, followers) {
                    assert!(!member.partitions.contains(&partition));
                    *counts.entry(partition).or_default() += 1;
                }
            }
            let wanted = followers.min(members.len() - 1);
            assert!((0..10).all(|p| counts.get(&p).copied().unwrap_or(0) == wanted), "{counts:?}");
        }
    }

    #[test]
    fn whoever_would_be_given_a_partition_follows_it_first() {
        // "c" has least, so it is given 7; then "b" and "c" have alike, and "b" is first by name.
        let members = group(&[("a", &[6, 7]), ("b", &[0, 1]), ("c", &[2])]);
        assert_eq!(followed(&members, "c", 1), [1, 7]);
        assert_eq!(followed(&members, "b", 1), [6]);
        assert_eq!(followed(&members, "a", 1), [0, 2]);
        assert_eq!(followed(&group(&[("a", &[0, 1])]), "a", 1), [0_u32; 0], "there is nobody else");
    }
}
