//! The same with the machine's own threads: that it waits, and for how long.
#![cfg(not(loom))]

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use signals::{Figures, Flag, Wake};

const LONG: Duration = Duration::from_secs(600);

#[test]
fn news_before_the_wait_is_not_lost_and_is_taken_once() {
    let wake = Wake::default();
    wake.wake();
    wake.wait(LONG);
    wake.wait(Duration::ZERO);
}

#[test]
fn news_from_another_thread_ends_the_wait() {
    let (wake, flag) = (Wake::default(), Flag::default());
    thread::scope(|scope| {
        scope.spawn(|| {
            flag.raise();
            wake.wake();
        });
        while !flag.is_up() {
            wake.wait(LONG);
        }
    });
    assert!(flag.take() && !flag.take());
}

#[test]
fn figures_are_of_one_writing() {
    let figures = Arc::new(Figures::<3>::default());
    thread::scope(|scope| {
        scope.spawn(|| (1..=10_000).for_each(|n| figures.write([n, 2 * n, 3 * n])));
        loop {
            let [one, two, three] = figures.read();
            assert_eq!((two, three), (2 * one, 3 * one));
            if one == 10_000 {
                break;
            }
        }
    });
}
