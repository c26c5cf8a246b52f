//! What lies on the checkpoints topic: of each page its versions, and which of them nobody needs any more.

use std::collections::{BTreeMap, VecDeque};

use allotment::PageKey;

use crate::checkpoint::{self, CheckpointKey, PagePart};
use crate::{CheckpointRecord, Manifest};

/// A version of a page.
#[derive(Debug, Default)]
struct Version {
    /// The transaction after which the page was like that.
    sequence: u64,
    /// Its records on the topic, numbered from 0.
    parts: u16,
    /// How many it has when it is whole; none where it says that there is no such page any more.
    whole: u16,
    /// The page, while it is being loaded.
    bytes: Vec<u8>,
    /// Why one of its records can't be read.
    wrong: Option<&'static str>,
}

/// A version that nobody needs any more.
#[derive(Debug)]
struct Needless {
    page: PageKey,
    sequence: u64,
    parts: u16,
}

/// What the topic holds, as far as it was read and as this lane has added to it.
#[derive(Debug, Default)]
pub(crate) struct PageVersions {
    /// Each page's versions, the oldest first.
    pages: BTreeMap<PageKey, Vec<Version>>,
    /// To be taken away before a new manifest: no manifest may ever make them count.
    orphans: VecDeque<Needless>,
    /// To be taken away at any time, the first first.
    superseded: VecDeque<Needless>,
    /// Pages with a version that is newer than the last manifest that was read.
    fresh: Vec<PageKey>,
}

/// A page to be loaded.
pub(crate) type PageBytes = (PageKey, Vec<u8>);

/// A key whose record is to be taken away.
pub(crate) type Tombstone = Vec<u8>;

impl PageVersions {
    /// Takes in a record of the topic; its bytes too, if `load`. What its value is, if it is the manifest's.
    pub(crate) fn read(&mut self, record: CheckpointRecord, load: bool) -> Option<Vec<u8>> {
        let CheckpointRecord { key, value, .. } = record;
        match (CheckpointKey::decode(&key)?, value) {
            (CheckpointKey::Manifest, value) => return value,
            (CheckpointKey::Page { page, sequence, part }, Some(value)) => {
                self.fresh.push(page.clone());
                let versions = self.pages.entry(page).or_default();
                let version = version(versions, sequence);
                version.parts = version.parts.max(part.saturating_add(1));
                match PagePart::decode(&key, &value) {
                    Ok(found) => {
                        version.whole = found.parts;
                        if load {
                            version.bytes.extend_from_slice(found.bytes);
                        }
                    }
                    Err(why) => version.wrong = Some(why),
                }
            }
            // The first part goes last.
            (CheckpointKey::Page { page, sequence, part: 0 }, None) => self.forget(&page, sequence),
            (CheckpointKey::Page { .. }, None) => {}
        }
        None
    }

    /// A manifest was read: of what it makes needless, the bytes need not be kept.
    pub(crate) fn passed(&mut self, manifest: &Manifest) {
        for page in std::mem::take(&mut self.fresh) {
            let Some(versions) = self.pages.get_mut(&page) else { continue };
            let counts = versions.iter().rposition(|v| v.sequence <= manifest.sequence);
            for version in versions.iter_mut().take(counts.unwrap_or(0)) {
                version.bytes = Vec::new();
            }
        }
    }

    /// Everything has been read, and this is the manifest that stands, if any: sorts out what it does not
    /// need, and gives the pages that it makes count, in their order.
    ///
    /// # Errors
    /// Which page can't be loaded, and why.
    pub(crate) fn select(&mut self, manifest: Option<&Manifest>) -> Result<Vec<PageBytes>, String> {
        self.fresh = Vec::new();
        let mut loaded = Vec::new();
        let stands = manifest.map_or(0, |manifest| manifest.sequence);
        for (page, versions) in &mut self.pages {
            let beyond =
                versions.iter().position(|version| manifest.is_none() || version.sequence > stands);
            for orphan in versions.drain(beyond.unwrap_or(versions.len())..) {
                self.orphans.push_back(needless(page, &orphan));
            }
            let Some(counts) = versions.last_mut() else { continue };
            let bytes = std::mem::take(&mut counts.bytes);
            if let Some(why) = counts.wrong {
                return Err(format!("page {} can't be read: {why}", name(page, counts.sequence)));
            }
            if counts.parts != counts.whole && counts.whole > 0 {
                return Err(format!("a part of page {} is missing", name(page, counts.sequence)));
            }
            let gone = counts.whole == 0;
            let keep = if gone { versions.len() } else { versions.len() - 1 };
            for version in versions.drain(..keep) {
                self.superseded.push_back(needless(page, &version));
            }
            if !gone {
                loaded.push((page.clone(), bytes));
            }
        }
        self.pages.retain(|_, versions| !versions.is_empty());
        Ok(loaded)
    }

    /// Another owner has written since [`PageVersions::select`]: what counts is for its manifest to say until
    /// there is a newer one.
    pub(crate) fn reopen(&mut self) {
        self.fresh = Vec::new();
        for Needless { page, sequence, parts } in
            self.orphans.drain(..).chain(self.superseded.drain(..))
        {
            let version = version(self.pages.entry(page).or_default(), sequence);
            version.parts = version.parts.max(parts);
            version.whole = version.parts;
        }
    }

    /// The records of a page as it is after `sequence`, which is newer than any that is there.
    pub(crate) fn write(
        &mut self,
        page: &PageKey,
        sequence: u64,
        bytes: Option<&[u8]>,
    ) -> Vec<(Vec<u8>, Vec<u8>)> {
        let records = checkpoint::records_of(page, sequence, bytes);
        let parts = u16::try_from(records.len()).expect("a page has few parts");
        let whole = if bytes.is_some() { parts } else { 0 };
        let versions = self.pages.entry(page.clone()).or_default();
        assert!(
            versions.last().is_none_or(|last| last.sequence < sequence),
            "a page is written once in a checkpoint, and checkpoints follow each other"
        );
        versions.push(Version { sequence, parts, whole, ..Version::default() });
        records
    }

    /// Pages that there are, of which the checkpoint at `sequence` has written nothing.
    pub(crate) fn unwritten(&self, sequence: u64) -> Vec<PageKey> {
        let older =
            |versions: &Vec<Version>| versions.last().is_some_and(|v| v.sequence < sequence);
        self.pages.iter().filter(|(_, v)| older(v)).map(|(page, _)| page.clone()).collect()
    }

    /// How many pages there are once the checkpoint that is being written counts.
    pub(crate) fn count(&self) -> u64 {
        let there = |versions: &&Vec<Version>| versions.last().is_some_and(|v| v.whole > 0);
        self.pages.values().filter(there).count() as u64
    }

    /// A manifest makes the newest version of these pages count.
    pub(crate) fn supersede(&mut self, pages: impl IntoIterator<Item = PageKey>) {
        for page in pages {
            let Some(versions) = self.pages.get_mut(&page) else { continue };
            assert!(versions.is_sorted_by(|a, b| a.sequence < b.sequence), "{versions:?}");
            let gone = versions.last().is_some_and(|version| version.whole == 0);
            let keep = if gone { versions.len() } else { versions.len() - 1 };
            for version in versions.drain(..keep) {
                self.superseded.push_back(needless(&page, &version));
            }
            if gone {
                self.pages.remove(&page);
            }
        }
    }

    /// Whether something is to be taken away before a manifest is written.
    pub(crate) fn has_orphans(&self) -> bool {
        !self.orphans.is_empty()
    }

    /// Whether there is anything to be taken away.
    pub(crate) fn has_needless(&self) -> bool {
        self.has_orphans() || !self.superseded.is_empty()
    }

    /// The keys of the next version to take away, its first part last: so that what is left of it, where
    /// only some of them go, is still known.
    pub(crate) fn next_needless(&mut self) -> Option<Vec<Tombstone>> {
        let next = self.orphans.pop_front().or_else(|| self.superseded.pop_front())?;
        let Needless { page, sequence, parts } = next;
        let key = |part| CheckpointKey::Page { page: page.clone(), sequence, part }.encode();
        Some((0..parts).rev().map(key).collect())
    }

    fn forget(&mut self, page: &PageKey, sequence: u64) {
        let Some(versions) = self.pages.get_mut(page) else { return };
        versions.retain(|version| version.sequence != sequence);
        if versions.is_empty() {
            self.pages.remove(page);
        }
    }
}

/// The version of this sequence, in its place.
fn version(versions: &mut Vec<Version>, sequence: u64) -> &mut Version {
    let at = versions.partition_point(|version| version.sequence < sequence);
    if versions.get(at).is_none_or(|version| version.sequence != sequence) {
        versions.insert(at, Version { sequence, ..Version::default() });
    }
    let found = &mut versions[at];
    assert_eq!(found.sequence, sequence, "versions lie in their order");
    found
}

fn needless(page: &PageKey, version: &Version) -> Needless {
    Needless { page: page.clone(), sequence: version.sequence, parts: version.parts }
}

fn name(page: &PageKey, sequence: u64) -> String {
    let key = CheckpointKey::Page { page: page.clone(), sequence, part: 0 }.encode();
    String::from_utf8_lossy(&key).into_owned()
}
