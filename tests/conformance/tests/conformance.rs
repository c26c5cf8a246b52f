//! Every script gives the answers that are written down, on the model and on a real Kafka.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use conformance::{Answers, Model, Real, Script, Written, all};
use fixture::{Options, Start, start_or_skip};

/// Scripts that are played on the node at the same time: most of them wait most of the time.
const AT_ONCE: usize = 8;

/// `UPDATE_EXPECT=1` writes what the model answers into the scripts; whether a real Kafka does so too is the
/// other test's question.
#[test]
fn the_model_answers_as_it_is_written() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut wrong = String::new();
    for script in all() {
        let mut model = Model::default();
        let given: Vec<String> = script.steps().map(|written| model.play(&written.step)).collect();
        let played = script.answered(&given, true);
        if update {
            played.save();
        } else {
            wrong += &differences(&script, &played, Answers::model);
        }
    }
    assert!(wrong.is_empty(), "the model answers otherwise:\n{wrong}");
}

#[test]
fn a_real_kafka_answers_as_it_is_written() {
    // The cleaner looks for something to do all the time, not each quarter of a minute.
    let cleaner = ("log.cleaner.backoff.ms".to_owned(), "50".to_owned());
    let options = Options { properties: vec![cleaner], ..Options::default() };
    let Start::Running(kafka) = start_or_skip(&options) else { return };
    let bootstrap = kafka.bootstrap();
    let scripts = all();
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(String::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(script) = scripts.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let played = script.answered(&Real::new(&bootstrap, script).play(), false);
                    let found = differences(script, &played, Answers::kafka);
                    *wrong.lock().unwrap_or_else(PoisonError::into_inner) += &found;
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap_or_else(PoisonError::into_inner);
    assert!(wrong.is_empty(), "a real Kafka answers otherwise:\n{wrong}");
}

/// Where a script was answered otherwise than is written.
fn differences(written: &Script, played: &Script, whose: fn(&Answers) -> &str) -> String {
    let told = |(written, played): (&Written, &Written)| {
        let (wanted, given) = (whose(&written.answers), whose(&played.answers));
        (wanted != given).then(|| format!("`{}`: {given}, not {wanted}\n", written.text))
    };
    let found = written.steps().zip(played.steps()).filter_map(told);
    found.map(|line| format!("  {}: {line}", written.name)).collect()
}
