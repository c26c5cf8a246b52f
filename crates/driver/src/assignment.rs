//! What a member of the group is assigned and has subscribed to, as members encode it: bytes that another process wrote.
//!
//! `tests/fuzz` includes this file, so it names nothing of the rest of the crate.

/// The partitions of `topic` in an assignment: a version, and for each topic its name and its partitions; each
/// number once, in order. `None` where it is cut short or a partition has a number that Kafka has not; nothing at
/// all is an empty assignment. What comes after the topics is the member's own.
pub(crate) fn assigned(bytes: &[u8], topic: &str) -> Option<Vec<u32>> {
    let mut partitions = Vec::new();
    if bytes.is_empty() {
        return Some(partitions);
    }
    let mut rest = bytes.get(2..)?;
    for _ in 0..number(&mut rest)? {
        let name = topic_name(&mut rest)?;
        for _ in 0..number(&mut rest)? {
            let partition = number(&mut rest)?;
            if name == topic.as_bytes() {
                partitions.push(partition);
            }
        }
    }
    partitions.sort_unstable();
    partitions.dedup();
    Some(partitions)
}

/// The topics that a member has subscribed to: a version, and the names. `None` where it is cut short or a name is no
/// text; nothing at all is no topic. What comes after them is the member's own.
pub(crate) fn subscribed(bytes: &[u8]) -> Option<Vec<&str>> {
    let mut topics = Vec::new();
    if bytes.is_empty() {
        return Some(topics);
    }
    let mut rest = bytes.get(2..)?;
    for _ in 0..number(&mut rest)? {
        topics.push(std::str::from_utf8(topic_name(&mut rest)?).ok()?);
    }
    Some(topics)
}

/// A topic's name, with its length before it.
fn topic_name<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::from(u16::from_be_bytes(take(rest)?));
    let (name, tail) = rest.split_at_checked(length)?;
    *rest = tail;
    Some(name)
}

/// A count or a partition: Kafka's numbers are signed, and neither is less than 0.
fn number(rest: &mut &[u8]) -> Option<u32> {
    let number = u32::from_be_bytes(take(rest)?);
    i32::try_from(number).is_ok().then_some(number)
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk()?;
    *rest = tail;
    Some(*head)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(topics: &[(&str, &[u32])]) -> Vec<u8> {
        let mut bytes = vec![0, 3];
        bytes.extend((topics.len() as u32).to_be_bytes());
        for (name, partitions) in topics {
            bytes.extend((name.len() as u16).to_be_bytes());
            bytes.extend(name.as_bytes());
            bytes.extend((partitions.len() as u32).to_be_bytes());
            bytes.extend(partitions.iter().flat_map(|p| p.to_be_bytes()));
        }
        bytes
    }

    #[test]
    fn assignments_are_read_as_members_write_them() {
        let mut bytes = written(&[("other", &[7, 8]), ("orders", &[258, 1, 258])]);
        bytes.extend((-1_i32).to_be_bytes());
        assert_eq!(assigned(&bytes, "orders"), Some(vec![1, 258]));
        assert_eq!(assigned(&bytes, "nothing"), Some(vec![]));
        assert_eq!(assigned(b"", "orders"), Some(vec![]));
        assert_eq!(assigned(&bytes[..bytes.len() - 6], "orders"), None, "cut short");
        assert_eq!(assigned(&[0, 0, 255, 255, 255, 255], "orders"), None);
        assert_eq!(assigned(&written(&[("orders", &[u32::MAX])]), "orders"), None, "-1 is none");
    }

    #[test]
    fn subscriptions_are_read_as_members_write_them() {
        let mut bytes = vec![0, 3, 0, 0, 0, 2];
        for name in ["orders", "other"] {
            bytes.extend((name.len() as u16).to_be_bytes());
            bytes.extend(name.as_bytes());
        }
        let end = bytes.len();
        bytes.extend((-1_i32).to_be_bytes());
        assert_eq!(subscribed(&bytes), Some(vec!["orders", "other"]));
        assert_eq!(subscribed(b""), Some(vec![]));
        assert_eq!(subscribed(&bytes[..end - 1]), None, "cut short");
        assert_eq!(subscribed(&[0, 3, 0, 0, 0, 1, 0, 1, 0xff]), None, "no text");
        assert_eq!(subscribed(&[0, 3, 255, 255, 255, 255]), None);
    }
}
