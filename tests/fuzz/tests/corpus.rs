//! The corpus through the targets, with near relations of each input: what a fuzzer does, without one.
//!
//! `UPDATE_EXPECT=1 cargo test -p fuzz` writes seeds that are missing. Those that are there stay as they are
//! when a format changes: what an older release wrote must still be read.

use std::fs;
use std::path::{Path, PathBuf};

use fuzz::{Target, seeds};

/// Relations of each input. More cost time, and finding is the fuzzer's business.
const RELATIONS: usize = 24;

fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target)
}

/// A target's inputs, by name.
fn corpus(target: Target) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder(target.name)).expect("every target has a corpus");
    let mut inputs: Vec<_> = entries
        .map(|entry| {
            let path = entry.expect("the folder can be read").path();
            let name = path.file_name().and_then(|name| name.to_str()).expect("names are text");
            (name.to_owned(), fs::read(&path).expect("an input can be read"))
        })
        .collect();
    inputs.sort();
    inputs
}

fn feed(name: &str) {
    let target = fuzz::target(name).expect("it is one of the targets");
    for (name, bytes) in corpus(target) {
        let taken = (target.feed)(&bytes);
        assert!(taken || !name.starts_with("good-"), "{}: {name} is not taken", target.name);
        for relation in relations(&bytes) {
            (target.feed)(&relation);
        }
    }
}

/// Cut short, one byte another, one byte out, a piece twice: spread evenly over the input.
fn relations(bytes: &[u8]) -> Vec<Vec<u8>> {
    let places = (0..RELATIONS).map(|n| n * bytes.len() / RELATIONS).filter(|at| *at < bytes.len());
    let relation = |at: usize| {
        let (before, after) = bytes.split_at(at);
        match at % 4 {
            0 => before.to_vec(),
            1 => [before, &[bytes[at] ^ (1 << (at % 8))], &after[1..]].concat(),
            2 => [before, &after[1..]].concat(),
            _ => [before, &after[..after.len().min(9)], after].concat(),
        }
    };
    places.map(relation).collect()
}

#[test]
fn json() {
    feed("json");
}

#[test]
fn protobuf() {
    feed("protobuf");
}

#[test]
fn records() {
    feed("records");
}

#[test]
fn journal() {
    feed("journal");
}

#[test]
fn checkpoint() {
    feed("checkpoint");
}

#[test]
fn image() {
    feed("image");
}

#[test]
fn config() {
    feed("config");
}

#[test]
fn comment() {
    feed("comment");
}

#[test]
fn assignment() {
    feed("assignment");
}

#[test]
fn the_corpus_has_what_the_examples_and_the_encoders_gave() {
    for seed in seeds() {
        let path = folder(seed.target).join(&seed.name);
        if std::env::var_os("UPDATE_EXPECT").is_some() && !path.exists() {
            fs::create_dir_all(folder(seed.target)).expect("the folder can be made");
            fs::write(&path, &seed.bytes).expect("a seed can be written");
        }
        assert!(path.exists(), "{} is missing: UPDATE_EXPECT=1 writes it", path.display());
    }
}

#[test]
fn a_decoder_that_wants_too_much_is_found() {
    let greedy = std::panic::catch_unwind(|| {
        fuzz::heap::within(1000, || Vec::<u8>::with_capacity(1001).capacity())
    });
    assert!(greedy.is_err());
    fuzz::heap::within(1000, || {
        drop(vec![0_u8; 900]);
        drop(vec![0_u8; 900]);
    });
}
