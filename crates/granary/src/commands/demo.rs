//! `granary demo`: an evening on a broker inside this process, shown as it happens, with an account at the end.

use std::time::{Duration, Instant};

use contract::Topic;

use crate::cli::DemoArgs;
use crate::clock;
use crate::config::{Layers, Settings};
use crate::demo::balance::balance;
use crate::demo::draw::Place;
use crate::demo::scene::{OutputTopic, Scene};
use crate::demo::screen::Screen;
use crate::demo::theatre::{News, Theatre};
use crate::evenings::Programme;
use crate::exit::Failure;
use crate::output::{quiet_when_closed, say};

/// An evening where nobody says how long: alive, and over before anybody gets bored.
const EVENING: Duration = Duration::from_secs(60);
/// After the last event, how long is waited for its answers at most. They take milliseconds; a machine that
/// is busy with something else may need more.
const ANSWERS_WITHIN: Duration = Duration::from_secs(30);
/// How long nothing must happen for the evening to be over, and how long where the person wants to leave.
const QUIET: [Duration; 2] = [Duration::from_millis(1500), Duration::from_millis(300)];

/// Plays an evening.
pub(crate) fn run(args: &DemoArgs) -> Result<(), Failure> {
    // The demo needs nothing and heeds nothing: neither a file nor the environment.
    let language = ("application.language".to_owned(), args.language.clone());
    let settings = Layers::stack(None, std::iter::empty(), &[language])?.settings()?;
    let mut theatre = Theatre::open(&settings)?;
    let length = args.rate.map_or(EVENING, |rate| Programme::length_at(args.seed, 1, rate));
    // Sessions follow each other for as long as is asked for; one, where nothing is.
    let endless = args.events.is_some() || args.seconds.is_some();
    let sessions = if endless { u32::MAX } else { 1 };
    let programme = Programme { seed: args.seed, pools: 1, sessions, start: clock::now(), length };
    let place = place(&settings, &theatre, args, &programme);
    say(format_args!("Granary: an evening in one county, on {}", place.broker))?;
    say(format_args!("look in from outside while it runs: {}", place.look_in))?;
    theatre.play(programme.play(), args.events, args.seconds)?;
    let watched = watch(&theatre, &place, args.plain);
    theatre.close();
    let (scene, took) = watched?;
    let account = balance(&scene);
    say(format_args!("\nthe evening's account, after {} s:\n{}", took.as_secs(), account.text))?;
    say(format_args!("  seed {}; the broker was {}", args.seed, place.broker))?;
    say("  next: `granary process FILE` for your own events, `granary run` for your own Kafka")?;
    if account.whole {
        Ok(())
    } else {
        Err(Failure::working("the account does not add up; please report it with the seed"))
    }
}

fn place(settings: &Settings, theatre: &Theatre, args: &DemoArgs, programme: &Programme) -> Place {
    let bootstrap = theatre.bootstrap();
    let of_one = programme.play().take_while(|(due, _)| *due < programme.length).count() as u64;
    let by_seconds = args
        .seconds
        .map(|seconds| of_one * seconds * 1000 / (programme.length.as_millis() as u64).max(1));
    Place {
        broker: format!(
            "an in-process broker (librdkafka's mock cluster, no real Kafka) at {bootstrap}"
        ),
        look_in: format!("kcat -b {bootstrap} -C -u -t {}", settings.topic(Topic::Decisions)),
        goal: args.events.or(by_seconds).unwrap_or(of_one),
    }
}

/// Watches until everything is answered, or the person leaves.
fn watch(theatre: &Theatre, place: &Place, plain: bool) -> Result<(Scene, Duration), Failure> {
    let mut screen = Screen::open(plain);
    let mut scene = Scene::default();
    let began = Instant::now();
    let (mut over, mut last_news, mut shown) = (None, began, None::<Instant>);
    let mut leaving = false;
    loop {
        let due = shown.map_or(Duration::ZERO, |at| screen.pause().saturating_sub(at.elapsed()));
        if let Some(news) = theatre.next(due) {
            scene.advance(began.elapsed());
            last_news = Instant::now();
            match news {
                News::Published(value) => scene.publish(&value),
                News::Seen(seen) => {
                    scene.read(output(seen.topic), &seen.value, seen.error_code.as_deref())
                }
                News::Over => over = Some(Instant::now()),
                News::Broken(why) => return Err(Failure::working(why)),
            }
        }
        if shown.is_none_or(|at| at.elapsed() >= screen.pause()) {
            scene.advance(began.elapsed());
            shown = Some(Instant::now());
            match screen.show(&scene, place) {
                Ok(true) => {
                    leaving = true;
                    theatre.drop_curtain();
                }
                Ok(false) => {}
                Err(error) => {
                    quiet_when_closed(Err(error))?;
                    theatre.drop_curtain();
                }
            }
        }
        if is_over(over, last_news, leaving, &scene) {
            return Ok((scene, began.elapsed()));
        }
    }
}

/// Whether everything is published, and answered as far as it will be.
fn is_over(over: Option<Instant>, last_news: Instant, leaving: bool, scene: &Scene) -> bool {
    over.is_some_and(|over| {
        let settled = scene.unanswered() == 0 && last_news.elapsed() >= QUIET[usize::from(leaving)];
        settled || over.elapsed() >= ANSWERS_WITHIN
    })
}

fn output(topic: Topic) -> OutputTopic {
    match topic {
        Topic::Decisions => OutputTopic::Decisions,
        Topic::Levels => OutputTopic::Levels,
        Topic::Alerts => OutputTopic::Alerts,
        Topic::Fulfillment => OutputTopic::Fulfillment,
        Topic::DeadLetter => OutputTopic::DeadLetter,
        _ => unreachable!("the reader reads these five only"),
    }
}
