//! `granary explain`: why an order got what it got, from the topics or from a file.

use std::io::BufRead;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use allotment::{Id, OrderRef};
use console::{Answer, Asked};
use contract::Arrival;
use jiff::tz::TimeZoneDatabase;

use crate::cli::ExplainArgs;
use crate::commands::process::{open_one, unreadable, without_ending};
use crate::config::{Encoding, Settings};
use crate::exit::Failure;
use crate::narrate::{self, Limits};
use crate::output::say;
use crate::settle::PATIENCE;
use crate::story::{self, Chapter, Place, Teller};

/// What the console may read for one answer: it is in the process whose lanes are at work, beside
/// `bounds.memory`. It is a second or two of reading, and what the bytes become while they are decided.
const CONSOLE: Limits =
    Limits { records: 1_000_000, bytes: 16 << 20, patience: Duration::from_secs(10) };

/// A process of its own may read all there is, and wait.
const ALONE: Limits = Limits { records: u64::MAX, bytes: usize::MAX, patience: PATIENCE };

/// Tells an order's story.
pub(crate) fn run(args: &ExplainArgs) -> Result<(), Failure> {
    let settings = args.config.settings()?;
    let language = settings.encoder(settings.output).language;
    let subject = story::order(&args.platform, &args.order_id);
    let pool = args.pool.as_deref().map(Id::new);
    let (mut chapters, searched) = match &args.from {
        Some(file) => {
            (from_file(&settings, &subject, file, args.until)?, file.display().to_string())
        }
        None => {
            let told = narrate::from_topics(&settings, &subject, pool.as_ref(), ALONE);
            (told.map_err(Failure::unusable)?, narrate::searched(&settings, args.pool.as_deref()))
        }
    };
    chapters.retain(|chapter| pool.as_ref().is_none_or(|pool| chapter.pool == *pool));
    if chapters.is_empty() {
        return Err(Failure::working(story::unknown(&subject, &searched, language)));
    }
    if args.json {
        say(story::as_json(&subject, &chapters))
    } else {
        let zone = TimeZoneDatabase::bundled().get(&settings.time_zone);
        let zone = zone.expect("settings name a time zone that there is");
        say(story::as_text(&subject, &chapters, language, &zone).trim_end())
    }
}

/// What tells stories to the console.
pub(crate) fn teller(settings: Settings) -> Arc<console::Tell> {
    Arc::new(move |asked: &Asked| {
        let subject = story::order(&asked.platform, &asked.order_id);
        let pool = asked.pool.as_deref().map(Id::new);
        let told = narrate::from_topics(&settings, &subject, pool.as_ref(), CONSOLE);
        match told {
            Err(untold) => Answer::Unable(untold.to_string()),
            Ok(chapters) if chapters.is_empty() => {
                let searched = narrate::searched(&settings, asked.pool.as_deref());
                let language = settings.encoder(settings.output).language;
                let unknown = story::unknown(&subject, &searched, language);
                Answer::Unknown(unknown.replace("\n  ", "; "))
            }
            Ok(chapters) => Answer::Story(story::as_json(&subject, &chapters).to_string()),
        }
    })
}

/// Decides a file's lines as `granary process` does.
fn from_file(
    settings: &Settings,
    subject: &OrderRef,
    file: &Path,
    until: Option<allotment::Time>,
) -> Result<Vec<Chapter>, Failure> {
    let mut input = open_one(file)?;
    let decoder = settings.decoder(contract::Encoding::Json);
    let language = settings.encoder(Encoding::Json).language;
    let mut teller = Teller::new(settings.allotment(), subject.clone(), language, []);
    let mut line = Vec::new();
    for number in 0.. {
        line.clear();
        let read = input.reader.read_until(b'\n', &mut line);
        if read.map_err(|error| unreadable(&input.name, &error))? == 0 {
            break;
        }
        let text = without_ending(&line, number == 0);
        if text.trim_ascii().is_empty() {
            continue;
        }
        for delivery in decoder.decode(Some(text), None, Arrival::FromEvent) {
            let (source, entry) = (input.name.clone(), delivery.entry);
            let place = Place { source, partition: None, offset: number, entry };
            let arrival = delivery.input.arrival;
            teller.take(place, arrival, delivery.input, delivery.rejection);
        }
    }
    if let Some(until) = until {
        teller.pass(until);
    }
    teller.flush();
    Ok(teller.finish().chapters.into_values().collect())
}
