//! The run: load, faults, settling, checking.

use std::collections::BTreeMap;
use std::panic::catch_unwind;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::ScopedJoinHandle;
use std::time::{Duration, Instant};

use contract::Topic;
use fixture::{Kafka, Options};
use lane::InputTopic;

use crate::check;
use crate::crew::Crew;
use crate::deck::{Deck, Fault};
use crate::load::{Load, Published};
use crate::program::Program;
use crate::tally::{Returns, Summary};
use crate::topics;
use crate::watch::Watch;
use crate::{PARTITIONS, Until, Wanted};
use traffic::rng::Rng;

/// Events a second: far below what the service can do, so that it catches up between two faults.
const RATE: u64 = 150;
/// How often is looked what is due.
const LOOK: Duration = Duration::from_millis(50);
/// Milliseconds between two faults, at least those that it takes until somebody works again.
const BETWEEN: (u64, u64) = (300, 3500);
/// Milliseconds until a killed process is back where it takes its time; Kafka gives it up after 6000.
const AWAY: (u64, u64) = (1000, 9000);
/// Milliseconds that a process stands still, beyond what Kafka bears and below it.
const STILL_LONG: (u64, u64) = (7500, 10_000);
const STILL_SHORT: (u64, u64) = (200, 3000);
/// So many may be away or stand still at once when the next fault comes; the others work meanwhile.
const MISSING: usize = 1;
/// Whoever does not work again within this time does not come back.
const WORK_WITHIN: Duration = Duration::from_secs(180);
/// Everything is taken within this time when the faults have stopped.
const SETTLE_WITHIN: Duration = Duration::from_secs(240);
/// Progress is told this often.
const TELL_EVERY: Duration = Duration::from_secs(30);

/// Tortures and checks; the summary, or what is wrong. Then Kafka's folder and the logs are left where they are.
pub(crate) fn run(binary: &Path, wanted: Wanted) -> Result<Summary, String> {
    let kafka = Kafka::start(&Options::default()).map_err(|error| error.to_string())?;
    let folder = std::env::temp_dir().join(format!("granary-torture-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let done = on(&kafka, binary, &folder, wanted);
    match done {
        Ok(summary) => {
            let removed = std::fs::remove_dir_all(&folder);
            removed.map_err(|error| format!("{}: {error}", folder.display()))?;
            Ok(summary)
        }
        Err(why) => {
            let left = kafka.leave();
            Err(format!("{why}\nlogs: {}\nKafka's folder: {}", folder.display(), left.display()))
        }
    }
}

fn on(kafka: &Kafka, binary: &Path, folder: &Path, wanted: Wanted) -> Result<Summary, String> {
    let bootstrap = kafka.bootstrap();
    let program = Program::new(binary, folder.to_path_buf(), &bootstrap)?;
    let partitions = PARTITIONS.to_string();
    program.once(
        &["topics", "create", "--partitions", &partitions, "--replication", "1"],
        Vec::new(),
    )?;
    let (watch, enough, over) = (Watch::default(), AtomicBool::new(false), AtomicBool::new(false));
    let seen = std::thread::scope(|scope| {
        let follow = scope.spawn(|| watch.follow(&bootstrap, &over));
        let mut run = Run {
            kafka,
            bootstrap: &bootstrap,
            program: &program,
            watch: &watch,
            enough: &enough,
            faults: BTreeMap::new(),
            rng: Rng::new(wanted.seed),
            deck: Deck::default(),
        };
        // The test clients panic where something takes too long: Kafka's folder is to be left all the same.
        let publish =
            || catch_unwind(|| Load::new(&bootstrap, &watch, wanted.seed, RATE).run(&enough));
        let done = run.all(wanted.until, || scope.spawn(publish));
        enough.store(true, Ordering::Release);
        over.store(true, Ordering::Release);
        let followed = follow.join().map_err(|_| "the journal could not be followed".to_owned());
        followed.flatten().and(done)
    });
    let (mut summary, published) = seen?;
    watch.finish(&bootstrap)?;
    summary.compared = check::check(&program, &bootstrap, &published, &watch.journal())?;
    check::audit(&program)?;
    Ok(summary)
}

/// What a run goes by.
struct Run<'a> {
    kafka: &'a Kafka,
    bootstrap: &'a str,
    program: &'a Program,
    watch: &'a Watch,
    /// Tells the load to end.
    enough: &'a AtomicBool,
    faults: BTreeMap<Fault, usize>,
    rng: Rng,
    deck: Deck,
}

impl Run<'_> {
    /// Everything up to the last process' end; what was published.
    fn all<'s>(
        &mut self,
        until: Until,
        publish: impl FnOnce() -> ScopedJoinHandle<'s, std::thread::Result<Published>>,
    ) -> Result<(Summary, Published), String> {
        let mut crew = Crew::start(self.program)?;
        self.await_crew(&mut crew, "every process works", Crew::all_work)?;
        let load = publish();
        let began = Instant::now();
        self.torment(&mut crew, until)?;
        let (tortured, quiet) = (began.elapsed(), Instant::now());
        self.enough.store(true, Ordering::Release);
        let published = load.join().flatten();
        let published = published.map_err(|_| "the load could not be published".to_owned())?;
        published.has_every_type()?;
        self.await_crew(&mut crew, "every process works again", |crew| {
            !crew.rolls() && crew.all_work()
        })?;
        self.await_taken(&mut crew, &published, quiet)?;
        let settled = quiet.elapsed();
        // Beside the service there is a tail to replay; after its end there is none.
        check::verify(self.program)?;
        let logs = crew.end()?;
        let (_, longest) = self.watch.answers();
        let summary = Summary {
            tortured,
            rate: RATE,
            faults: std::mem::take(&mut self.faults),
            returns: Returns::of(&logs)?,
            longest,
            settled,
            compared: check::Compared::default(),
        };
        Ok((summary, published))
    }

    /// One fault after the other.
    fn torment(&mut self, crew: &mut Crew, until: Until) -> Result<(), String> {
        let (began, mut told) = (Instant::now(), Instant::now());
        let kills =
            |this: &Self| this.faults.iter().map(|(f, count)| f.kills() * count).sum::<usize>();
        while match until {
            Until::Time(span) => began.elapsed() < span,
            Until::Kills(count) => kills(self) < count,
        } {
            let fault = self.deck.draw(&mut self.rng);
            self.perform(crew, fault)?;
            *self.faults.entry(fault).or_default() += 1;
            let next = Instant::now() + span(&mut self.rng, BETWEEN);
            while Instant::now() < next {
                crew.go_round()?;
                std::thread::sleep(LOOK);
            }
            self.watch.sees()?;
            if told.elapsed() > TELL_EVERY {
                told = Instant::now();
                let (answers, longest) = self.watch.answers();
                println!(
                    "{:.0} s: {} processes killed, {answers} answers, the longest after {:.1} s",
                    began.elapsed().as_secs_f64(),
                    kills(self),
                    longest.as_secs_f64()
                );
            }
        }
        Ok(())
    }

    /// Waits until the fault may come, and lets it.
    fn perform(&mut self, crew: &mut Crew, fault: Fault) -> Result<(), String> {
        // Whoever starts while the broker is away ends with an error, as it should; and a roll asks everybody.
        let all = matches!(fault, Fault::KillBroker | Fault::Roll);
        let may = |crew: &Crew| {
            if all {
                return !crew.rolls() && crew.all_work();
            }
            crew.missing() <= MISSING && crew.workers().len() >= fault.kills().max(1)
        };
        self.await_crew(crew, &format!("somebody works ({})", fault.name()), may)?;
        let mut workers = crew.workers();
        self.rng.shuffle(&mut workers);
        let victim = workers[0];
        let now = Duration::ZERO;
        match fault {
            Fault::Kill => crew.kill(victim, now, false),
            Fault::KillForLong => crew.kill(victim, span(&mut self.rng, AWAY), false),
            Fault::KillForGood => crew.kill(victim, now, true),
            Fault::KillTwo => {
                crew.kill(victim, now, false)?;
                crew.kill(workers[1], span(&mut self.rng, AWAY), false)
            }
            Fault::StopLong => crew.hold(victim, span(&mut self.rng, STILL_LONG)),
            Fault::StopShort => crew.hold(victim, span(&mut self.rng, STILL_SHORT)),
            Fault::Restart => crew.tell_to_end(victim),
            Fault::Roll => {
                crew.roll();
                Ok(())
            }
            Fault::JoinOrLeave => crew.join_or_leave(),
            Fault::KillBroker => {
                self.kafka.kill();
                self.kafka.restart().map_err(|error| error.to_string())
            }
        }
    }

    fn await_crew(
        &self,
        crew: &mut Crew,
        what: &str,
        is: impl Fn(&Crew) -> bool,
    ) -> Result<(), String> {
        let since = Instant::now();
        loop {
            crew.go_round()?;
            if is(crew) {
                return Ok(());
            }
            if since.elapsed() > WORK_WITHIN {
                return Err(format!("not within {WORK_WITHIN:?}: {what}; {crew:#?}"));
            }
            std::thread::sleep(LOOK);
        }
    }

    /// Everything that was published must be taken, and then everything that was sent home.
    fn await_taken(
        &self,
        crew: &mut Crew,
        published: &Published,
        since: Instant,
    ) -> Result<(), String> {
        let mut ends: BTreeMap<(InputTopic, u32), i64> = BTreeMap::new();
        // Nobody's transactions are on these topics, so a record's offset is its number.
        let end = |count: &u64| i64::try_from(*count).expect("what is published can be counted");
        ends.extend(published.records.iter().map(|(place, count)| (*place, end(count))));
        self.await_ends(crew, &ends, since)?;
        let reroute: BTreeMap<u32, Vec<topics::Record>> =
            topics::read(self.bootstrap, Topic::Reroute)?;
        let end = |records: &[topics::Record]| records.last().map_or(0, |record| record.offset + 1);
        let ends = reroute.iter().map(|(partition, r)| ((InputTopic::Reroute, *partition), end(r)));
        self.await_ends(crew, &ends.collect(), since)
    }

    fn await_ends(
        &self,
        crew: &mut Crew,
        ends: &BTreeMap<(InputTopic, u32), i64>,
        since: Instant,
    ) -> Result<(), String> {
        loop {
            crew.go_round()?;
            let lacks = ends
                .iter()
                .filter(|((input, partition), end)| self.watch.taken(*input)[partition] < **end);
            let lacks: Vec<_> = lacks.collect();
            if lacks.is_empty() {
                return Ok(());
            }
            if since.elapsed() > SETTLE_WITHIN {
                return Err(format!(
                    "not taken within {SETTLE_WITHIN:?} after the faults stopped: {lacks:?}"
                ));
            }
            std::thread::sleep(LOOK);
        }
    }
}

/// A span of whole milliseconds between two.
fn span(rng: &mut Rng, (least, most): (u64, u64)) -> Duration {
    Duration::from_millis(least + rng.below(most - least + 1))
}
