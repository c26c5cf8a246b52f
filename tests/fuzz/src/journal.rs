//! The journal's record: as any bytes, and as any message behind a checksum that is right; and what a lane
//! says that finds it in its journal.

use contract::Topic;
use lane::JournalRecord;
use simulator::kafka::{Cluster, Host, Message};
use siphasher::sip::SipHasher13;

use crate::heap;
use crate::records::{START, settings};

/// Bytes of memory for each byte of a record: the smallest range of an input is three bytes.
const MEMORY: usize = 64;

/// What a message of a fault may cost.
const MEMORY_ALWAYS: usize = 4 * 1024;

/// The format's version, which the first byte of a record is.
const FORMAT: u8 = 1;

/// A lane that has read its journal stops or goes on within a few turns.
const TURNS: usize = 50;

/// Feeds the decoder, as it came and with a head that is right.
pub(crate) fn feed(bytes: &[u8]) -> bool {
    decode(bytes) || decode(&sealed(bytes))
}

/// `body` behind a version and a checksum.
fn sealed(body: &[u8]) -> Vec<u8> {
    let sum = SipHasher13::new_with_key(b"granary journal\0").hash(body);
    [&[FORMAT], sum.to_le_bytes().as_slice(), body].concat()
}

fn decode(bytes: &[u8]) -> bool {
    let decoded =
        heap::within(MEMORY_ALWAYS + MEMORY * bytes.len(), || JournalRecord::decode(bytes));
    match decoded {
        Ok(record) => {
            let again = record.encode();
            assert_eq!(JournalRecord::decode(&again).as_ref(), Ok(&record), "written, read again");
            meet(bytes);
            true
        }
        Err(why) => {
            assert!(!why.is_empty());
            false
        }
    }
}

/// A lane that finds these bytes in its journal says what is wrong with them, or waits; it doesn't panic.
fn meet(bytes: &[u8]) {
    let mut cluster = Cluster::new(1);
    let message =
        Message { timestamp: START, key: None, headers: Vec::new(), value: Some(bytes.to_vec()) };
    cluster.send((Topic::Journal, 0), message);
    let mut host = Host::new(settings(0), START);
    let mut clock = START;
    for _ in 0..TURNS {
        let busy = host.turn(&mut cluster, clock, 1000, &mut |_| None);
        if let Some(Err(halt)) = host.ended() {
            assert!(halt.to_string().len() > 20, "{halt}");
            return;
        }
        if !busy.expect("no process crashes here") {
            match host.next_wake() {
                Some(wake) => clock = clock.max(wake),
                None => return,
            }
        }
    }
}
