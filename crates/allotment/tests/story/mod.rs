//! Stories about one pool, told in lines of text, and what the pool answers, as text.
//!
//! A line is `MINUTES:SECONDS WHAT …`; what it brings about stands indented below it. Units of a line
//! are `SKU*N`; orders are `PLATFORM/ORDER`. Options are `key=value`; of an item `channel=PLATFORM:RESERVED:MAX`
//! may come several times, and `backorder=LIMIT@TIME`.

#![expect(
    clippy::unwrap_used,
    reason = "a story that can't be read fails its test, and that is enough"
)]

use std::fmt::Write as _;

use allotment::*;

/// Parcels of a manifest that a story names.
const PARCELS_SHOWN: usize = 5;

/// Tells `story` to a new pool and returns it with the pool's answers. From the middle on a pool that was
/// restored from its pages hears it too, and answers the same.
pub(crate) fn tell(story: &str) -> String {
    tell_with(Settings::default(), story)
}

/// The same, to a pool of a deployment with these settings.
pub(crate) fn tell_with(settings: Settings, story: &str) -> String {
    let mut partition = Partition::new(settings);
    let mut restored: Option<Partition> = None;
    let mut text = String::new();
    let lines: Vec<&str> = story.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    for (number, line) in lines.iter().enumerate() {
        if number == lines.len() / 2 {
            restored = Some(restore(settings, &mut partition));
        }
        writeln!(text, "{line}").unwrap();
        let words = Words::new(line, number);
        let (taken, effects) = hear(&mut partition, &words);
        if let Some(restored) = &mut restored {
            assert_eq!(hear(restored, &words), (taken, effects.clone()), "restored: {line}");
            assert_eq!(restored.digest(), partition.digest(), "restored: {line}");
        }
        if let Taken::Refused { code, about } = taken {
            writeln!(text, "    dead letter: {} ({about})", code.as_str()).unwrap();
        }
        for effect in &effects.list {
            writeln!(text, "    {}", show(effect)).unwrap();
        }
        partition.assert_counts();
    }
    restore(settings, &mut partition).assert_counts();
    text
}

/// Gives a line its effect.
fn hear(partition: &mut Partition, words: &Words<'_>) -> (Taken, Effects) {
    let mut effects = Effects::default();
    let taken = match words.input() {
        Some(input) => {
            let now = partition.now().max(input.arrival);
            partition.apply(now, input, &mut effects)
        }
        None => {
            partition.advance(words.at, &mut effects);
            Taken::Applied
        }
    };
    partition.levels(&mut effects);
    (taken, effects)
}

/// The same partition, from its pages.
fn restore(settings: Settings, partition: &mut Partition) -> Partition {
    partition.touch_all();
    partition.freeze();
    let mut pages = Vec::new();
    while partition.is_frozen() {
        pages.append(&mut partition.next_pages(usize::MAX));
    }
    pages.sort_by(|one, other| one.key.cmp(&other.key));
    Partition::restore(settings, partition.now(), pages).unwrap()
}

struct Words<'a> {
    at: Time,
    verb: &'a str,
    plain: Vec<&'a str>,
    options: Vec<(&'a str, &'a str)>,
    number: usize,
}

fn time(text: &str) -> Time {
    let (minutes, seconds) = text.split_once(':').expect("a time is MINUTES:SECONDS");
    Time((minutes.parse::<i64>().unwrap() * 60 + seconds.parse::<i64>().unwrap()) * 1000)
}

impl<'a> Words<'a> {
    fn new(line: &'a str, number: usize) -> Self {
        let mut words = line.split_whitespace();
        let at = time(words.next().unwrap());
        let verb = words.next().unwrap();
        let (options, plain) = words.partition::<Vec<_>, _>(|word| word.contains('='));
        let options = options.into_iter().map(|option| option.split_once('=').unwrap()).collect();
        Self { at, verb, plain, options, number }
    }

    fn option(&self, key: &str) -> Option<&'a str> {
        self.options.iter().find(|(k, _)| *k == key).map(|(_, value)| *value)
    }

    fn input(&self) -> Option<Input> {
        if self.verb == "wait" {
            return None;
        }
        let platform = match self.plain.first().and_then(|order| order.split_once('/')) {
            Some((platform, _)) if self.is_of_order() => platform,
            _ => "stock",
        };
        let event_id =
            self.option("id").map_or_else(|| Id::new(&format!("e{}", self.number + 1)), Id::new);
        let event = Event {
            platform: platform.into(),
            event_id,
            occurred_at: self.option("happened").map_or(self.at, time),
            what: self.what(),
        };
        Some(Input { pool: "p".into(), arrival: self.at, body: Body::Event(event) })
    }

    fn is_of_order(&self) -> bool {
        matches!(self.what(), What::Order(_) | What::Comment(_))
    }

    fn what(&self) -> What {
        let number = |text: &str| text.parse::<i64>().unwrap();
        let units = |text: &str| text.parse::<u32>().unwrap();
        match self.verb {
            "policy" => What::Policy(PolicyChange {
                allocate_on: self.option("allocate_on").map(|w| match w {
                    "paid" => AllocateOn::Paid,
                    _ => AllocateOn::Created,
                }),
                reservation_ttl_s: self.option("ttl").map(number),
                unpaid_shortage: self.option("unpaid").map(shortage),
                paid_shortage: self.option("paid").map(shortage),
                partial: self.option("partial").map(|w| w == "yes"),
                claims: self.option("claims").map(|w| match w {
                    "off" => Claims::Off,
                    "hold" => Claims::Hold,
                    _ => Claims::Signal,
                }),
                claim_ttl_s: self.option("claim_ttl").map(number),
                paid_preempts_reserved: self.option("preempt").map(|w| w == "yes"),
            }),
            "item" => What::Item(self.item()),
            "receive" => What::Received(Received {
                sku: self.plain[0].into(),
                lot_id: self.plain[1].into(),
                quantity: units(self.plain[2]),
                best_before: self.option("best").map(time),
                inspection: if self.option("pending").is_some() {
                    Inspection::Pending
                } else {
                    Inspection::Passed
                },
            }),
            "inspect" => What::Inspected(Inspected {
                lot_id: self.plain[0].into(),
                result: if self.plain[1] == "failed" {
                    InspectionResult::Failed
                } else {
                    InspectionResult::Passed
                },
                note: None,
            }),
            "adjust" => What::Adjusted(Adjusted {
                sku: self.plain[0].into(),
                delta: number(self.plain[1]),
                lot_id: self.option("lot").map(Id::new),
                reason: None,
            }),
            "count" => What::Counted(Counted {
                sku: self.plain[0].into(),
                quantity: units(self.plain[1]),
                lot_id: self.option("lot").map(Id::new),
            }),
            "recall" => {
                What::Recalled(Recalled { lot_id: self.plain[0].into(), reason: "spoilt".into() })
            }
            "opens" | "closes" | "says" | "wave" | "left" => self.of_session(),
            _ => What::Order(self.order_event()),
        }
    }

    fn item(&self) -> Item {
        let units = |text: &str| text.parse::<u32>().unwrap();
        Item {
            sku: self.plain[0].into(),
            name: self.option("name").map(Id::new),
            keywords: self
                .option("keywords")
                .map_or_else(Vec::new, |words| words.split(',').map(Id::new).collect()),
            components: self.option("of").map_or_else(Vec::new, components),
            limit_per_buyer: self.option("limit").map(units),
            safety_stock: self.option("safety").map(units),
            low_stock_at: self.option("low").map(units),
            backorder: self.option("backorder").map(backorder),
            channels: self.channels(),
            season: self.option("season").map(Id::new),
        }
    }

    fn channels(&self) -> Vec<Channel> {
        let channel = |text: &str| {
            let parts: Vec<&str> = text.split(':').collect();
            Channel {
                platform: parts[0].into(),
                reserved: parts[1].parse().ok(),
                max: parts.get(2).and_then(|max| max.parse().ok()),
            }
        };
        let named = self.options.iter().filter(|(key, _)| *key == "channel");
        named.map(|(_, text)| channel(text)).collect()
    }

    /// What happens in a live session and after it.
    fn of_session(&self) -> What {
        let session = || Session {
            session_id: self.plain[0].into(),
            platform: self.option("on").map(Id::new),
            skus: self.plain[1..].iter().map(|sku| Id::new(sku)).collect(),
        };
        match self.verb {
            "opens" => What::SessionOpened(session()),
            "closes" => What::SessionClosed(session()),
            "says" => What::Comment(Comment {
                buyer_id: self.plain[0].split_once('/').unwrap().1.into(),
                text: Id::new(&self.plain[1..].join(" ")),
                person_ref: self.option("person").map(Id::new),
                session_id: self.option("session").map(Id::new),
            }),
            "wave" => What::WaveClosed(WaveClosed {
                wave_id: self.plain[0].into(),
                session_id: self.option("session").map(Id::new),
            }),
            _ => self.left(),
        }
    }

    fn left(&self) -> What {
        let mut event =
            HandedOver { wave_id: self.option("wave").map(Id::new), ..HandedOver::default() };
        for name in &self.plain {
            match name.split_once('@') {
                Some((id, revision)) => event.parcels.push(ParcelRef {
                    fulfillment_id: Id::new(&format!("p/{id}")),
                    revision: Some(revision.parse().unwrap()),
                }),
                None => {
                    let (platform, order_id) = name.split_once('/').unwrap();
                    event
                        .orders
                        .push(OrderRef { platform: platform.into(), order_id: order_id.into() });
                }
            }
        }
        What::HandedOver(event)
    }

    fn order_event(&self) -> OrderEvent {
        let parts = || self.plain[1..].iter().map(|line| line.split_once('*').unwrap());
        let lines = || -> Vec<Line> {
            let line = |(at, (sku, n)): (usize, (&str, &str))| Line {
                line_id: Id::new(&(at + 1).to_string()),
                sku: sku.into(),
                quantity: n.parse().unwrap(),
            };
            parts().enumerate().map(line).collect()
        };
        let some = |lines: Vec<Line>| (!lines.is_empty()).then_some(lines);
        let refund = |(name, n): (&str, &str)| RefundLine {
            line_id: name.strip_prefix('#').map(Id::new),
            sku: (!name.starts_with('#')).then(|| name.into()),
            quantity: n.parse().unwrap(),
        };
        let snapshot = |status| OrderVerb::Snapshot { status, lines: lines() };
        let verb = match self.verb {
            "created" => OrderVerb::Created { lines: lines() },
            "paid" => OrderVerb::Paid { lines: some(lines()) },
            "amended" => OrderVerb::Amended { lines: lines() },
            "held" => OrderVerb::Held,
            "cleared" => OrderVerb::Cleared,
            "cancelled" => OrderVerb::Cancelled,
            "refunded" if self.plain.len() == 1 => OrderVerb::Refunded { lines: None },
            "refunded" => OrderVerb::Refunded { lines: Some(parts().map(refund).collect()) },
            "shows-created" => snapshot(SnapshotStatus::Created),
            "shows-paid" => snapshot(SnapshotStatus::Paid),
            "shows-held" => snapshot(SnapshotStatus::Held),
            "shows-cancelled" => snapshot(SnapshotStatus::Cancelled),
            other => panic!("no such verb: {other}"),
        };
        let (_, order_id) = self.plain[0].split_once('/').unwrap();
        OrderEvent {
            order_id: order_id.into(),
            buyer_id: self.option("buyer").map(Id::new),
            person_ref: self.option("person").map(Id::new),
            session_id: self.option("session").map(Id::new),
            recipient_ref: None,
            version: self.option("version").map(|v| v.parse().unwrap()),
            verb,
        }
    }
}

/// `SKU*N,SKU*N`
fn components(text: &str) -> Vec<Component> {
    let component = |part: &str| {
        let (sku, quantity) = part.split_once('*').unwrap();
        Component { sku: sku.into(), quantity: quantity.parse().unwrap() }
    };
    text.split(',').map(component).collect()
}

fn backorder(text: &str) -> Backorder {
    let (limit, until) = text.split_once('@').unwrap_or((text, ""));
    let until = (!until.is_empty()).then(|| time(until));
    Backorder { limit: limit.parse().unwrap(), until }
}

fn shortage(word: &str) -> Shortage {
    if word == "waitlist" { Shortage::Waitlist } else { Shortage::Refuse }
}

fn show(effect: &Effect) -> String {
    match effect {
        Effect::Decision(d) => decision(d),
        Effect::Fulfillment(Fulfillment::Requested(p)) => format!("courier: send {}", parcel(p)),
        Effect::Fulfillment(Fulfillment::Revised(p)) => {
            format!("courier: instead send {}", parcel(p))
        }
        Effect::Fulfillment(Fulfillment::Cancelled(c)) => {
            format!(
                "courier: keep back {}/{}/{}@{} ({:?})",
                c.platform, c.order_id, c.number, c.revision, c.reason
            )
        }
        Effect::Fulfillment(Fulfillment::Manifest(m)) => manifest(m),
        Effect::Alert(a) => alert(a),
        Effect::Level(level) => books(level),
    }
}

fn clock(at: Time) -> String {
    format!("{}:{:02}", at.0 / 60_000, at.0 / 1000 % 60)
}

fn decision(d: &Decision) -> String {
    let mut text =
        format!("{}/{} #{}: {:?} ({:?})", d.platform, d.order_id, d.number, d.outcome, d.reason);
    write!(text, " -> {:?}", d.standing).unwrap();
    for (word, holds) in [(" paid", d.paid), (" held", d.held)] {
        text.push_str(if holds { word } else { "" });
    }
    for line in &d.lines {
        write!(text, ", {}*{}", line.sku, line.quantity).unwrap();
        for (word, n) in [
            ("reserved", line.reserved),
            ("allocated", line.allocated),
            ("waits for", line.waitlisted),
        ] {
            if n > 0 {
                write!(text, " {word} {n}").unwrap();
            }
        }
    }
    if d.event_id.as_deref() == Some("tick") {
        write!(text, " at {}", clock(d.decided_at)).unwrap();
    }
    text
}

fn parcel(p: &Parcel) -> String {
    let mut text = format!("{}/{}/{}@{}:", p.platform, p.order_id, p.number, p.revision);
    for line in &p.lines {
        let mut of = vec![lots(&line.lots)];
        if !line.components.is_empty() {
            let component =
                |c: &ParcelComponent| format!("{}*{}: {}", c.sku, c.quantity, lots(&c.lots));
            of = line.components.iter().map(component).collect();
        }
        write!(text, " {}*{} ({})", line.sku, line.quantity, of.join("; ")).unwrap();
    }
    text
}

fn lots(lots: &[LotShare]) -> String {
    let lots: Vec<String> =
        lots.iter().map(|share| format!("{} of {}", share.quantity, share.lot_id)).collect();
    lots.join(", ")
}

fn manifest(m: &Manifest) -> String {
    let mut text = format!("courier: {} {}/{}@{}:", m.wave_id, m.page, m.pages, m.revision);
    for parcel in m.parcels.iter().take(PARCELS_SHOWN) {
        let ManifestParcel { platform, order_id, number, revision, .. } = parcel;
        write!(text, " {platform}/{order_id}/{number}@{revision}").unwrap();
    }
    if m.parcels.len() > PARCELS_SHOWN {
        write!(text, " and {} more", m.parcels.len() - PARCELS_SHOWN).unwrap();
    }
    let total = |t: &ManifestTotal| format!("{} {} of {}", t.quantity, t.sku, t.lot_id);
    let totals: Vec<String> = m.totals.iter().map(total).collect();
    write!(text, " ({})", totals.join(", ")).unwrap();
    text
}

fn alert(a: &Alert) -> String {
    let mut text = format!("ALERT {:?}", a.kind);
    for part in [&a.sku, &a.platform].into_iter().flatten() {
        write!(text, " {part}").unwrap();
    }
    if a.shortage > 0 {
        write!(text, " short {}", a.shortage).unwrap();
    }
    for order in &a.orders {
        write!(text, " [{}/{}]", order.platform, order.order_id).unwrap();
    }
    if a.facts != Facts::None {
        write!(text, " {:?}", a.facts).unwrap();
    }
    write!(text, " at {}", clock(a.raised_at)).unwrap();
    text
}

fn books(level: &Level) -> String {
    let mut text = format!("level of {}:", level.sku);
    let Some(b) = level.books else {
        for (platform, units) in &level.sellable {
            write!(text, " {platform} can sell {units}").unwrap();
        }
        text.push_str(if level.sold_out { " (sold out)" } else { "" });
        return text;
    };
    let terms = [
        ("available", b.available),
        ("reserved", b.reserved),
        ("allocated", b.allocated),
        ("awaiting", b.awaiting_inspection),
        ("handed over", b.handed_over),
        ("removed", b.removed),
        ("waitlisted", b.waitlisted),
        ("backordered", b.backordered),
    ];
    for (word, n) in terms {
        if n > 0 {
            write!(text, " {word} {n}").unwrap();
        }
    }
    write!(text, " of {}", b.received + b.adjusted_in).unwrap();
    if level.sellable != [(Id::new("*"), b.available)] {
        let by_platform = level.sellable.iter().map(|(platform, n)| format!("{platform} {n}"));
        write!(text, ", sellable {}", by_platform.collect::<Vec<_>>().join(" ")).unwrap();
    }
    text
}
