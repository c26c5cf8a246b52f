//! The story for people, in the deployment's language.

mod en;
mod zh;

use allotment::{Id, Limit, Need, OrderRef, Time};
use contract::{Language, Topic};
use jiff::tz::TimeZone;
use serde_json::Value;

use super::{Chapter, Gap, Heard, Place, Step, Telling};
use crate::instant::civil;

/// The sentences of one language.
trait Sentences {
    /// Which order, in which pool, where it stands, and whether it is paid.
    fn heading(&self, order: &str, pool: &str, stands: Option<(&str, bool)>) -> String;
    /// Its place in line.
    fn place(&self, place: u64) -> String;
    /// Whose clock the times are of.
    fn clock(&self, zone: &str) -> String;
    /// Where the story has holes.
    fn gap(&self, gap: &Gap) -> String;
    /// What became of an event.
    fn became(&self, heard: &Heard) -> String;
    /// What an event is that could not be taken.
    fn unreadable(&self) -> &'static str;
    /// Time passed, or an event came of which only the id is known.
    fn then(&self, cause: Option<&str>) -> String;
    /// By how much the order is short, and who has what there was; `until`: the date of what is promised.
    fn short(&self, need: &Need, platform: &str, until: Option<&str>) -> String;
    /// What its buyer may have, and has already.
    fn limit(&self, limit: &Limit, asks: bool) -> String;
    /// What its buyer had claimed was released to it.
    fn took_over(&self, claims: &[(Id, u64)]) -> String;
    /// Others behind it were served, the last of them at `until` if it is not told at once.
    fn passed_over(&self, orders: usize, until: Option<&str>, lacks: &[(Id, u64)]) -> String;
    /// What the courier was told of a parcel; `content`: what is in it, or why it must not leave.
    fn parcel(&self, kind: &str, number: &str, revision: u64, content: &str) -> String;
    /// A wave has it.
    fn wave(&self, wave: &str) -> String;
    /// An alert named it.
    fn alert(&self, kind: &str, severity: &str, message: &str) -> String;
    /// Nothing is known of it.
    fn unknown(&self, order: &str, searched: &str) -> String;
}

const fn sentences(language: Language) -> &'static dyn Sentences {
    match language {
        Language::En => &en::En,
        Language::Zh => &zh::Zh,
    }
}

/// The story of an order; its times are those of `zone`.
pub(crate) fn as_text(
    subject: &OrderRef,
    chapters: &[Chapter],
    language: Language,
    zone: &TimeZone,
) -> String {
    let page = Page { subject, words: sentences(language), zone };
    let chapters = chapters.iter().map(|chapter| page.chapter(chapter));
    chapters.collect::<Vec<_>>().join("\n")
}

/// That there is no story; `searched` says of what it was looked for in.
pub(crate) fn unknown(subject: &OrderRef, searched: &str, language: Language) -> String {
    sentences(language).unknown(&name(subject), searched)
}

fn name(subject: &OrderRef) -> String {
    format!("{}/{}", subject.platform, subject.order_id)
}

/// What all of a story has in common.
struct Page<'a> {
    subject: &'a OrderRef,
    words: &'a dyn Sentences,
    zone: &'a TimeZone,
}

impl Page<'_> {
    fn time(&self, at: Time) -> String {
        civil(at, self.zone)
    }

    fn chapter(&self, chapter: &Chapter) -> String {
        let told = chapter.last_decision();
        let stands = match (&chapter.account, told) {
            (Some(account), _) => Some((contract::words::standing(account.standing), account.paid)),
            (None, Some(told)) => {
                let paid = told["paid"] == Value::Bool(true);
                told["standing"].as_str().map(|standing| (standing, paid))
            }
            (None, None) => None,
        };
        let words = self.words;
        let mut text = words.heading(&name(self.subject), &chapter.pool, stands);
        if let Some(place) = chapter.account.as_ref().and_then(|account| account.place) {
            text.push_str(&words.place(place));
        }
        text.push_str(&words.clock(self.zone.iana_name().unwrap_or("UTC")));
        text.push('\n');
        for gap in &chapter.gaps {
            text.push_str(&format!("  ! {}\n", words.gap(gap)));
        }
        for step in &chapter.steps {
            text.push_str(&self.step(step));
        }
        text
    }

    fn step(&self, step: &Step) -> String {
        let words = self.words;
        match step {
            Step::Event(of) => self.heard(of),
            Step::Then(at, cause) => {
                format!("{}  {}\n", self.time(*at), words.then(cause.as_deref()))
            }
            Step::Telling(of) => self.telling(of),
            Step::TookOver(_, claims) => format!("    {}\n", words.took_over(claims)),
            Step::PassedOver { at, until, orders, lacks } => {
                let until = (until > at).then(|| self.time(*until));
                let passed_over = words.passed_over(*orders, until.as_deref(), lacks);
                format!("{}  {passed_over}\n", self.time(*at))
            }
        }
    }

    fn heard(&self, of: &Heard) -> String {
        let at = of.arrival.map_or_else(|| "-".to_owned(), |at| self.time(at));
        let what = of.kind.unwrap_or_else(|| self.words.unreadable());
        let id = match (&of.platform, &of.event_id) {
            (Some(platform), Some(id)) => format!(" {platform}/{id}"),
            _ => String::new(),
        };
        let occurred = of.occurred_at.filter(|occurred| Some(*occurred) != of.arrival);
        let occurred = occurred.map_or_else(String::new, |at| format!(" @{}", self.time(at)));
        format!("{at}  {what}{id}{occurred} [{}]{}\n", of.place, self.words.became(of))
    }

    fn telling(&self, of: &Telling) -> String {
        let words = self.words;
        let text = |field: &str| of.value[field].as_str().unwrap_or_default();
        match of.topic {
            Topic::Decisions => self.decision(of),
            Topic::Fulfillment => match text("type") {
                "fulfillment.manifest" => format!("    {}\n", words.wave(text("wave_id"))),
                kind => {
                    let number = text("fulfillment_id").rsplit('/').next().unwrap_or_default();
                    let revision = of.value["revision"].as_u64().unwrap_or(0);
                    let content = match text("reason") {
                        "" => content(&of.value),
                        reason => reason.to_owned(),
                    };
                    format!("    {}\n", words.parcel(kind, number, revision, &content))
                }
            },
            _ => {
                let (kind, severity) = (text("type"), text("severity"));
                format!("    {}\n", words.alert(kind, severity, text("message")))
            }
        }
    }

    fn decision(&self, of: &Telling) -> String {
        let text = |field: &str| of.value[field].as_str().unwrap_or_default();
        let number = text("decision_id").rsplit('/').next().unwrap_or_default();
        let (outcome, reason, detail) = (text("outcome"), text("reason"), text("detail"));
        let mut lines = format!("    #{number} {outcome} ({reason}): {detail}\n");
        for need in &of.short {
            let until = need.promised.and_then(|promised| promised.until);
            let until = until.map(|until| self.time(until));
            let short = self.words.short(need, &self.subject.platform, until.as_deref());
            lines.push_str(&format!("       {short}\n"));
        }
        // An amendment that was forgotten is no longer what the order asks for.
        let asks = text("standing") == "refused";
        let over = |limit: &&Limit| !asks || limit.others + limit.asks > limit.limit;
        for limit in of.limits.iter().filter(over) {
            lines.push_str(&format!("       {}\n", self.words.limit(limit, asks)));
        }
        lines
    }
}

/// What is in a parcel: `2 orange-5kg (L1: 2)`, and of a bundle what it is made of.
fn content(parcel: &Value) -> String {
    let list = |of: &Value, field: &str| of[field].as_array().cloned().unwrap_or_default();
    let lots = |of: &Value| {
        let lot = |lot: &Value| {
            format!("{}: {}", lot["lot_id"].as_str().unwrap_or_default(), lot["quantity"])
        };
        list(of, "lots").iter().map(lot).collect::<Vec<_>>().join(", ")
    };
    let line = |line: &Value| {
        let sku = |of: &Value| of["sku"].as_str().unwrap_or_default().to_owned();
        let part = |part: &Value| format!("{} {} ({})", part["quantity"], sku(part), lots(part));
        let parts: Vec<_> = list(line, "components").iter().map(part).collect();
        let made_of = if parts.is_empty() { lots(line) } else { parts.join(", ") };
        format!("{} {} ({made_of})", line["quantity"], sku(line))
    };
    list(parcel, "lines").iter().map(line).collect::<Vec<_>>().join(", ")
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.partition {
            Some(partition) => write!(f, "{}/{partition}@{}", self.source, self.offset)?,
            None => write!(f, "{}:{}", self.source, self.offset + 1)?,
        }
        self.entry.map_or(Ok(()), |entry| write!(f, "[{entry}]"))
    }
}
