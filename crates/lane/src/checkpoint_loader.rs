//! Loading: the checkpoints' partition is read, and the partition's state built from it page by page.
//!
//! As soon as the manifest is known, the journal and the inputs are followed from where it says, so that
//! what is to be replayed comes in while pages are being loaded.

use allotment::{IMAGE_FORMAT, Page, Restorer};

use crate::bounds::{LOAD_BYTES, READ_BYTES};
use crate::checkpoint::MANIFEST_FORMAT;
use crate::engine::Engine;
use crate::home::Here;
use crate::journal_chain::{JournalChain, Terms};
use crate::merge_queue::MergeQueue;
use crate::page_versions::{PageBytes, PageVersions};
use crate::replay::{Replay, State};
use crate::{Cause, Checkpoint, CheckpointRecord, Effect, Manifest, Opened};

/// How far the way back is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Pages of the checkpoint that are loaded.
    pub pages: u64,
    /// How many it has; 0 while that is not known.
    pub pages_total: u64,
    /// Offsets of the inputs that are replayed.
    pub offsets: u64,
    /// How many there are to replay, as far as the group knows.
    pub offsets_total: u64,
}

/// The checkpoint that a lane was loaded from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// Which.
    pub checkpoint: Checkpoint,
    /// The bytes of its pages.
    pub bytes: u64,
}

/// The checkpoints' partition is being read.
#[derive(Debug)]
pub(crate) struct Reading {
    found: Opened,
    page_versions: PageVersions,
    /// The last manifest that was read.
    manifest: Option<(u8, Result<Manifest, &'static str>)>,
    next: i64,
    asked: bool,
    /// An answer that bears another tag is for an earlier state of the lane.
    pub(crate) tag: u64,
}

/// What was read: what there is, and what is to be loaded of it.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) found: Opened,
    pub(crate) page_versions: PageVersions,
    pub(crate) checkpoint: Option<(Manifest, Vec<PageBytes>)>,
}

impl Reading {
    pub(crate) fn new(found: Opened, tag: u64) -> Self {
        let next = found.checkpoints.earliest;
        Self {
            found,
            page_versions: PageVersions::default(),
            manifest: None,
            next,
            asked: false,
            tag,
        }
    }

    /// Asks for what comes next; true where there is nothing more.
    pub(crate) fn ask(&mut self, out: &mut Vec<Effect>) -> bool {
        let end = self.found.checkpoints.end;
        if self.next >= end {
            return true;
        }
        if !std::mem::replace(&mut self.asked, true) {
            let (from, bytes, tag) = (self.next, READ_BYTES, self.tag);
            out.push(Effect::ReadCheckpoints { from, end, bytes, tag });
        }
        false
    }

    /// Takes in a piece of it.
    pub(crate) fn read(&mut self, records: Vec<CheckpointRecord>, next: i64, done: bool) {
        assert!(std::mem::take(&mut self.asked), "the driver answers once");
        let next = if done { self.found.checkpoints.end.max(next) } else { next };
        let from = std::mem::replace(&mut self.next, next);
        assert!(from <= next, "the checkpoints are read from {from} to {next}");
        for record in records {
            let Some(value) = self.page_versions.read(record, true) else { continue };
            let manifest = Manifest::decode(&value);
            if let Ok(manifest) = &manifest {
                self.page_versions.passed(manifest);
            }
            let format = value.first().copied().unwrap_or(0);
            self.manifest = Some((format, manifest));
        }
    }

    /// All is read.
    pub(crate) fn finish(mut self) -> Result<Read, Cause> {
        let damaged = |why| Cause::CheckpointDamaged { why };
        let newer = |what, found, ours| Cause::CheckpointFormat { what, found, ours };
        let manifest = match self.manifest.take() {
            None => None,
            Some((_, Ok(manifest))) if manifest.image > IMAGE_FORMAT => {
                return Err(newer("pages", manifest.image, IMAGE_FORMAT));
            }
            Some((_, Ok(manifest))) => Some(manifest),
            Some((format, Err(_))) if format > MANIFEST_FORMAT => {
                return Err(newer("manifest", format.into(), MANIFEST_FORMAT.into()));
            }
            Some((_, Err(why))) => return Err(damaged(format!("the manifest: {why}"))),
        };
        let pages = self.page_versions.select(manifest.as_ref()).map_err(damaged)?;
        if let Some(manifest) = &manifest
            && manifest.pages != pages.len() as u64
        {
            let why = format!("{} of its {} pages are there", pages.len(), manifest.pages);
            return Err(damaged(why));
        }
        let checkpoint = manifest.map(|manifest| (manifest, pages));
        Ok(Read { found: self.found, page_versions: self.page_versions, checkpoint })
    }
}

/// A partition's state is being built from its pages.
#[derive(Debug)]
pub(crate) struct Loading {
    restorer: Restorer,
    pages: std::vec::IntoIter<PageBytes>,
    manifest: Manifest,
    loaded: Loaded,
    pub(crate) merge_queue: MergeQueue,
    pub(crate) chain: JournalChain,
    page_versions: PageVersions,
    pub(crate) replay: Replay,
}

impl Loading {
    /// Begins to build, and to follow what comes after.
    pub(crate) fn new(
        settings: allotment::Settings,
        terms: Terms,
        found: Opened,
        page_versions: PageVersions,
        (manifest, pages): (Manifest, Vec<PageBytes>),
    ) -> Result<Self, Cause> {
        let chain = JournalChain::after(terms, &manifest)?;
        let bytes = pages.iter().map(|(_, bytes)| bytes.len() as u64).sum();
        Ok(Self {
            restorer: Restorer::new(settings, manifest.now),
            pages: pages.into_iter(),
            loaded: Loaded { checkpoint: Checkpoint::of(&manifest), bytes },
            merge_queue: MergeQueue::default(),
            chain,
            page_versions,
            replay: Replay::new(found, Some(&manifest)),
            manifest,
        })
    }

    /// Loads some pages; true when all are.
    pub(crate) fn step(&mut self) -> Result<bool, Cause> {
        let mut bytes = 0;
        while bytes < LOAD_BYTES {
            let Some((key, page)) = self.pages.next() else { return Ok(true) };
            bytes += page.len();
            let page = Page { key, bytes: Some(page) };
            self.restorer.page(page).map_err(|broken| damaged(&broken))?;
        }
        Ok(self.pages.len() == 0)
    }

    /// All pages are loaded: the state, which must be what it was.
    pub(crate) fn finish(self, partition: u32) -> Result<(State, Replay, Loaded), Cause> {
        assert_eq!(self.pages.len(), 0, "a partition is whole with its last page");
        let Self { restorer, manifest, loaded, merge_queue, chain, page_versions, replay, .. } =
            self;
        let core = restorer.finish().map_err(|broken| damaged(&broken))?;
        let engine =
            Engine::loaded(core, Here::new(partition, manifest.partitions), manifest.events);
        if engine.digest() != manifest.digest {
            return Err(Cause::CheckpointDigest {
                sequence: manifest.sequence,
                manifest: manifest.digest,
                loaded: engine.digest(),
            });
        }
        Ok((State { engine, merge_queue, chain, page_versions }, replay, loaded))
    }

    /// What it holds so far: the checkpoint's pages, and what they have become.
    pub(crate) fn holds(&self) -> allotment::Holds {
        allotment::Holds { bytes: self.loaded.bytes, ..allotment::Holds::default() }
    }

    /// How far it is.
    pub(crate) fn recovery(&self) -> Recovery {
        let total = self.manifest.pages;
        let pages = total - self.pages.len() as u64;
        Recovery { pages, pages_total: total, ..self.replay.progress(&self.merge_queue) }
    }
}

fn damaged(broken: &impl std::fmt::Display) -> Cause {
    Cause::CheckpointDamaged { why: broken.to_string() }
}
