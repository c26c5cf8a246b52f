//! Exactly once: what each transaction told is what had to come of what it took, byte for byte, in order.

use std::collections::BTreeMap;

use contract::{Outgoing, Topic};

use super::history::{History, Transaction};
use super::order::{Step, Walk};
use crate::kafka::{Committed, Place};

/// Compares what was told with what a walk through the inputs tells.
pub(super) fn check(history: &History<'_>, walk: &Walk) -> Result<(), String> {
    for (partition, walked) in history.partitions.iter().zip(&walk.partitions) {
        for (transaction, step) in partition.transactions.iter().zip(&walked.steps) {
            compare(transaction, step).map_err(|what| {
                let sequence = transaction.record.sequence;
                format!("partition {}, transaction {sequence}: {what}", partition.index)
            })?;
        }
    }
    Ok(())
}

fn compare(transaction: &Transaction<'_>, step: &Step) -> Result<(), String> {
    let nothing = (Vec::new(), Vec::new());
    let places: BTreeMap<Place, ()> =
        transaction.told.keys().chain(step.told.keys()).map(|place| (*place, ())).collect();
    for place in places.into_keys() {
        let told = transaction.told.get(&place).unwrap_or(&nothing.0);
        let wanted = step.told.get(&place).unwrap_or(&nothing.1);
        for at in 0..told.len().max(wanted.len()) {
            let (told, wanted) = (told.get(at), wanted.get(at));
            if !is_same(told, wanted) {
                let (told, wanted) = (told.map(told_in_words), wanted.map(in_words));
                return Err(format!(
                    "{place:?} number {at}\n  told   {told:?}\n  wanted {wanted:?}"
                ));
            }
        }
    }
    Ok(())
}

fn is_same(told: Option<&Committed<'_>>, wanted: Option<&Outgoing>) -> bool {
    let (Some(told), Some(wanted)) = (told, wanted) else { return false };
    let message = told.message;
    message.key == wanted.key
        && message.headers == wanted.headers
        && message.value == wanted.value
        && wanted.topic != Topic::Journal
}

fn told_in_words(told: &Committed<'_>) -> String {
    let message = told.message;
    words(message.key.as_deref(), message.value.as_deref(), &message.headers)
}

fn in_words(wanted: &Outgoing) -> String {
    words(wanted.key.as_deref(), wanted.value.as_deref(), &wanted.headers)
}

fn words(key: Option<&[u8]>, value: Option<&[u8]>, headers: &[contract::Header]) -> String {
    let text =
        |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
    let headers: Vec<String> =
        headers.iter().map(|h| format!("{}={}", h.name, text(h.value.as_deref()))).collect();
    format!("{} {} [{}]", text(key), text(value), headers.join(" "))
}
