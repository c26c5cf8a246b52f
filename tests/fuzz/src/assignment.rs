//! What other members of the group say that they are assigned and have subscribed to: bytes that another process wrote, of another
//! release or with another client.

use crate::heap;

#[path = "../../../crates/driver/src/assignment.rs"]
mod driver;

use driver::{assigned, subscribed};

/// The topic whose partitions count.
const TOPIC: &str = "granary.orders";

/// Bytes of memory for each byte that came: a partition has four, and a vector has room for twice as many.
const MEMORY: usize = 4;

/// The same for topics: a name has two bytes at least, and its place is 16.
const TOPICS_MEMORY: usize = 16;

/// The smallest vector.
const MEMORY_ALWAYS: usize = 64;

/// Feeds the decoder.
pub(crate) fn feed(bytes: &[u8]) -> bool {
    let most = MEMORY_ALWAYS + TOPICS_MEMORY * bytes.len();
    if let Some(topics) = heap::within(most, || subscribed(bytes)) {
        assert!(topics.iter().map(|topic| topic.len() + 2).sum::<usize>() <= bytes.len());
    }
    let read = heap::within(MEMORY_ALWAYS + MEMORY * bytes.len(), || assigned(bytes, TOPIC));
    let Some(partitions) = read else { return false };
    assert!(partitions.is_sorted_by(|a, b| a < b), "each once, in order: {partitions:?}");
    assert!(partitions.iter().all(|partition| i32::try_from(*partition).is_ok()));
    let other: &[u32] = &[7, 8];
    let again = written(&[("other", other), (TOPIC, &partitions)]);
    assert_eq!(assigned(&again, TOPIC), Some(partitions), "written, read again");
    assert_eq!(assigned(&again[..again.len() - 1], TOPIC), None, "it is cut short");
    true
}

/// An assignment as librdkafka and Kafka's own clients write it, without a member's own data.
fn written(topics: &[(&str, &[u32])]) -> Vec<u8> {
    let count = |count: usize| u32::try_from(count).expect("they are few").to_be_bytes();
    let mut bytes = vec![0, 3];
    bytes.extend(count(topics.len()));
    for (name, partitions) in topics {
        bytes.extend(u16::try_from(name.len()).expect("names are short").to_be_bytes());
        bytes.extend(name.as_bytes());
        bytes.extend(count(partitions.len()));
        bytes.extend(partitions.iter().flat_map(|partition| partition.to_be_bytes()));
    }
    bytes
}

/// What members write, and what is none.
pub(crate) fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let two = written(&[("other", &[0, 1]), (TOPIC, &[1, 258, 70_000])]);
    let own = [two.as_slice(), &(-1_i32).to_be_bytes()].concat();
    vec![
        ("good-nothing", Vec::new()),
        ("good-no-topic", written(&[])),
        ("good-two-topics", two.clone()),
        ("good-own-data", own),
        ("cut", two[..two.len() - 2].to_vec()),
        ("found-negative", written(&[(TOPIC, &[u32::MAX])])),
        ("many", vec![0, 3, 127, 255, 255, 255]),
    ]
}
