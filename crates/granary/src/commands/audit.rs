//! `granary audit`: reads the live topics, beside a running service, and proves what they must show.

use std::collections::BTreeMap;
use std::time::Instant;

use contract::Topic;
use driver::{Archive, Extent};
use lane::{InputTopic, PerInput, Surplus};
use serde_json::{Value, json};

use crate::audit::{Check, Crossing, Cut, ORDER, Partition, Report, Rules, Span};
use crate::cli::AuditArgs;
use crate::config::Settings;
use crate::exit::Failure;
use crate::output::say;
use crate::settle::{PATIENCE, settle};

/// Audits a deployment.
pub(crate) fn run(args: &AuditArgs) -> Result<(), Failure> {
    let settings = args.config.settings()?;
    let names = settings.topic_names();
    let partitions = driver::topics::check(&settings.connection(), &names)
        .map_err(Failure::unusable)?
        .partitions;
    let archive = Archive::open(&settings.connection(), &names, &settings.application)
        .map_err(Failure::unusable)?;
    let rules = settings.rules(partitions);
    let cuts = cut(&settings, &archive, partitions)?;
    let added = added(&archive, partitions)?;
    let mut report = Report::default();
    let mut crossing = Crossing::default();
    for (index, cut) in (0..partitions).zip(cuts) {
        crossing.lacks_input |= cut.lacks_input();
        let spans = cut.spans.clone();
        let mut partition = Partition::new(&rules, index, cut);
        for topic in ORDER {
            let Span { earliest, end, .. } = spans[&topic];
            let take =
                |record: &lane::Record| partition.take(topic, record, &mut crossing, &mut report);
            archive.read(topic, index, (earliest, end), take).map_err(Failure::unusable)?;
            partition.end(topic, &mut report);
        }
        for added in added.iter().filter(|(surplus, _)| surplus.partition % partitions == index) {
            let (Surplus { input, partition: number }, Span { earliest, end, .. }) = *added;
            crossing.lacks_input |= earliest > 0;
            let take = |record: &lane::Record| {
                partition.take_added(*added, record, &mut crossing, &mut report);
            };
            archive
                .read(input.topic(), number, (earliest, end), take)
                .map_err(Failure::unusable)?;
            partition.end_added(*added, &mut report);
        }
        partition.close(&mut report);
    }
    crossing.close(&mut report);
    if args.json {
        say(as_json(&report, &settings))?;
    } else {
        say(as_text(&report, &settings, partitions))?;
    }
    match report.total() {
        0 => Ok(()),
        count => Err(Failure::working(format!("the audit found {count} violations"))),
    }
}

impl Settings {
    /// What whoever reads the topics from outside needs to know.
    pub(crate) fn rules(&self, partitions: u32) -> Rules {
        let lane = self.driver().lane;
        Rules {
            partitions,
            names: PerInput::from_fn(|input: InputTopic| self.topic(input.topic()).to_owned()),
            decoders: PerInput::from_fn(|input| self.decoder(lane.encodings[input])),
            output: lane.encoder.encoding,
            dedup_window: lane.allotment.dedup_window.0,
            closed_retention: lane.allotment.closed_retention.0,
        }
    }
}

/// Which part of every partition is looked at; `audit::Cut` says why it takes two looks.
fn cut(settings: &Settings, archive: &Archive, partitions: u32) -> Result<Vec<Cut>, Failure> {
    let told = |topic: &Topic| !topic.is_input() || *topic == Topic::Reroute;
    let committed = || {
        let ask = |index| archive.committed(index);
        (0..partitions).map(ask).collect::<Result<Vec<_>, _>>().map_err(Failure::unusable)
    };
    let all = |topics: &[Topic]| settled(settings, archive, partitions, topics);
    let told: Vec<Topic> = ORDER.into_iter().filter(told).collect();
    let before = committed()?;
    let first = all(&told)?;
    let second = all(&told)?;
    // The journal has every transaction of which anything was seen, and the inputs everything that those took.
    let journal = all(&[Topic::Journal])?;
    let inputs = all(&Topic::INPUTS)?;
    let after = committed()?;
    let cut = |index: u32| {
        let mut spans = BTreeMap::new();
        for topic in ORDER {
            let key = (topic, index);
            let settled = first.get(&key).or_else(|| inputs.get(&key)).copied().unwrap_or_default();
            let last = inputs.get(&key).or_else(|| journal.get(&key)).or_else(|| second.get(&key));
            let last = last.copied().unwrap_or_default();
            spans.insert(
                topic,
                Span { earliest: last.earliest, settled: settled.written, end: last.stable },
            );
        }
        let (before, after) = (&before[index as usize], &after[index as usize]);
        Cut { spans, committed: PerInput::from_fn(|input| (before[input], after[input])) }
    };
    Ok((0..partitions).map(cut).collect())
}

/// What there is on partitions that inputs got later. Asked for after the journal's end, so that what that took is there.
fn added(archive: &Archive, partitions: u32) -> Result<Vec<(Surplus, Span)>, Failure> {
    let mut added = Vec::new();
    for input in InputTopic::ALL {
        let count = archive.partitions(input.topic()).map_err(Failure::unusable)?;
        for partition in partitions..count.max(partitions) {
            let found = archive.extent(input.topic(), partition).map_err(Failure::unusable)?;
            let Extent { earliest, stable, .. } = found;
            let surplus = Surplus { input, partition };
            added.push((surplus, Span { earliest, settled: stable, end: stable }));
        }
    }
    Ok(added)
}

/// Looks at topics, and waits until everything that is written by then is decided: what is `written` of each is what
/// was so at the look, what is `stable` what was so after the wait.
fn settled(
    settings: &Settings,
    archive: &Archive,
    partitions: u32,
    topics: &[Topic],
) -> Result<BTreeMap<(Topic, u32), Extent>, Failure> {
    let mut first: BTreeMap<(Topic, u32), Extent> = BTreeMap::new();
    for topic in topics {
        for index in 0..partitions {
            let found = archive.extent(*topic, index).map_err(Failure::unusable)?;
            first.insert((*topic, index), found);
        }
    }
    let began = Instant::now();
    let settled = |((topic, index), first): ((Topic, u32), Extent)| {
        let of = (topic, settings.topic(topic), index);
        let last = settle(archive, of, first, (began, PATIENCE)).map_err(Failure::unusable)?;
        Ok(((topic, index), Extent { stable: last.stable, ..first }))
    };
    first.into_iter().map(settled).collect()
}

fn as_text(report: &Report, settings: &Settings, partitions: u32) -> String {
    let mut text = format!(
        "audit of {} on {}, {partitions} partitions\n{report}",
        settings.application, settings.bootstrap_servers
    );
    for violation in &report.violations {
        let place = violation.place;
        let name = settings.topic(place.topic);
        text.push_str(&format!(
            "{name}/{} offset {}: {}: {}\n",
            place.partition, place.offset, violation.about, violation.what
        ));
    }
    text.trim_end().to_owned()
}

fn as_json(report: &Report, settings: &Settings) -> Value {
    let violation = |violation: &crate::audit::Violation| {
        json!({
            "check": violation.check.key(),
            "topic": settings.topic(violation.place.topic),
            "partition": violation.place.partition,
            "offset": violation.place.offset,
            "about": violation.about,
            "what": violation.what,
        })
    };
    let check = |check: Check| {
        let unproved: Vec<_> = report
            .unproved
            .iter()
            .filter(|((of, _), _)| *of == check)
            .map(|((_, why), count)| json!({"what": why, "count": count}))
            .collect();
        let broken = report.broken.get(&check).copied().unwrap_or(0);
        (
            check.key().to_owned(),
            json!({"proved": broken == 0, "violations": broken, "not_proved": unproved}),
        )
    };
    let c = &report.counts;
    json!({
        "application": settings.application,
        "proved": report.total() == 0,
        "checks": Value::Object(Check::ALL.into_iter().map(check).collect()),
        "counts": {
            "transactions": c.transactions, "inputs": c.inputs, "order_events": c.order_events,
            "not_yet_taken": c.not_yet_taken, "decisions": c.decisions, "orders": c.orders,
            "fulfillments": c.fulfillments, "alerts": c.alerts, "levels": c.levels, "shelves": c.shelves,
            "dead_letters": c.dead_letters, "turns": c.turns,
        },
        "violations": report.violations.iter().map(violation).collect::<Vec<_>>(),
        "violations_total": report.total(),
    })
}
