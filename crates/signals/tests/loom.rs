//! Every interleaving of what crosses threads by hand, with up to three preemptions: `cargo xtask loom`.
#![cfg(loom)]

use std::time::Duration;

use loom::sync::Arc;
use loom::sync::atomic::{AtomicU64, Ordering};
use loom::thread;
use signals::{Figures, Flag, Wake};

const FOR_EVER: Duration = Duration::MAX;

/// Tries them all. Without a bound of preemptions a reader that looks again has no last interleaving; faults
/// that need more than two are hardly known (loom's own advice).
fn model(world: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(world);
}

#[test]
fn what_was_done_before_a_flag_went_up_is_seen_by_who_sees_it() {
    model(|| {
        let (flag, done) = (Arc::new(Flag::default()), Arc::new(AtomicU64::new(0)));
        let (own_flag, own_done) = (Arc::clone(&flag), Arc::clone(&done));
        let lane = thread::spawn(move || {
            own_done.store(7, Ordering::Relaxed);
            own_flag.raise();
        });
        if flag.is_up() {
            assert_eq!(done.load(Ordering::Relaxed), 7);
        }
        lane.join().unwrap();
        assert!(flag.is_up());
    });
}

#[test]
fn of_one_raising_one_taker_hears() {
    model(|| {
        let flag = Arc::new(Flag::default());
        flag.raise();
        let other = Arc::clone(&flag);
        let taker = thread::spawn(move || other.take());
        let here = flag.take();
        assert!(here ^ taker.join().unwrap());
        assert!(!flag.is_up());
    });
}

/// A lane's thread: it looks for the flag, and waits where there is none. A wake that is lost would leave it
/// waiting for ever, which loom reports.
#[test]
fn a_lane_that_is_told_to_stop_does_not_wait_on() {
    model(|| {
        let (stop, wake) = (Arc::new(Flag::default()), Arc::new(Wake::default()));
        let (own_stop, own_wake) = (Arc::clone(&stop), Arc::clone(&wake));
        let lane = thread::spawn(move || {
            while !own_stop.is_up() {
                own_wake.wait(FOR_EVER);
            }
        });
        stop.raise();
        wake.wake();
        lane.join().unwrap();
    });
}

/// The group's thread tells it to be quick, and librdkafka's thread that records came, at once.
#[test]
fn news_of_two_threads_are_both_heard() {
    model(|| {
        let wake = Arc::new(Wake::default());
        let flags = [Arc::new(Flag::default()), Arc::new(Flag::default())];
        let tellers = flags.clone().map(|flag| {
            let wake = Arc::clone(&wake);
            thread::spawn(move || {
                flag.raise();
                wake.wake();
            })
        });
        while !flags.iter().all(|flag| flag.is_up()) {
            wake.wait(FOR_EVER);
        }
        for teller in tellers {
            teller.join().unwrap();
        }
    });
}

#[test]
fn figures_are_of_one_writing() {
    model(|| {
        let figures = Arc::new(Figures::<2>::default());
        let own = Arc::clone(&figures);
        let lane = thread::spawn(move || {
            own.write([1, 10]);
            own.write([2, 20]);
        });
        let [small, large] = figures.read();
        assert_eq!(small * 10, large, "torn");
        lane.join().unwrap();
        assert_eq!(figures.read(), [2, 20]);
    });
}
