//! The ids of events for outsiders (`ce_id`): made of what the value says, and none of them twice.

use std::collections::BTreeMap;

use contract::{headers, join};
use lane::Record;

use super::orders::number_of;
use super::origin::{header, text};
use super::outputs::Fulfillment;

/// What a partition's manifests were called so far; all other ids follow from values that are numbered through.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    /// How often each page was told.
    pages: BTreeMap<String, u64>,
}

/// What is wrong with the id of a decision or a level. They have one only where CloudEvents are switched on for them.
pub(crate) fn optional(record: &Record, right: &str) -> Option<String> {
    header(record, headers::CE_ID)?;
    required(record, right)
}

/// What is wrong with the id of a record that must have one.
pub(crate) fn required(record: &Record, right: &str) -> Option<String> {
    let found = id_of(record);
    (found != right).then(|| format!("has {found:?} in its header ce_id, and not {right}"))
}

fn id_of(record: &Record) -> &str {
    text(record, headers::CE_ID).unwrap_or_default()
}

impl Ids {
    /// What is wrong with the id of a record of the fulfillment; a topic whose beginning is there is `complete`.
    pub(crate) fn fulfillment(
        &mut self,
        told: &Fulfillment,
        record: &Record,
        complete: bool,
    ) -> Option<String> {
        let name = match told {
            Fulfillment::Requested(parcel) | Fulfillment::Revised(parcel) => &parcel.name,
            Fulfillment::Cancelled(name) => name,
            Fulfillment::Manifest(of) => {
                let page = [of.pool.as_str(), of.wave_id.as_str(), &of.page.to_string()];
                return self.page(id_of(record), &page, complete);
            }
        };
        required(record, &format!("{}/{}", name.id, name.revision))
    }

    fn page(&mut self, found: &str, page: &[&str], complete: bool) -> Option<String> {
        let Some(number) = number_of(found, page) else {
            return Some(format!("has {found:?} in its header ce_id, which is not of its page"));
        };
        let first = if complete { 0 } else { number - 1 };
        let last = self.pages.entry(join(page)).or_insert(first);
        let next = last.checked_add(1) == Some(number);
        let wrong = format!("has {found} in its header ce_id after number {last} of its page");
        *last = number.max(*last);
        (!next).then_some(wrong)
    }
}
