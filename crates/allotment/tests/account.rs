//! How an order stands, and who has the stock that it needs.

use allotment::{
    Asks, Backorder, Body, Channel, Claims, Comment, Effects, Event, Id, Input, Inspection, Item,
    Limit, Line, Need, OrderEvent, OrderRef, OrderVerb, Partition, PolicyChange, Promised,
    Received, Settings, Share, Standing, Time, What,
};

fn event(id: &str, arrival: Time, what: What) -> Input {
    let (platform, event_id) = ("d".into(), Id::new(id));
    let event = Event { platform, event_id, occurred_at: arrival, what };
    Input { pool: "p".into(), arrival, body: Body::Event(event) }
}

fn order(id: &str, quantity: u32, paid: bool) -> What {
    let lines = vec![Line { line_id: "1".into(), sku: "tea".into(), quantity }];
    let paid_lines = OrderVerb::Paid { lines: Some(lines.clone()) };
    What::Order(OrderEvent {
        order_id: id.into(),
        buyer_id: None,
        person_ref: None,
        session_id: None,
        recipient_ref: None,
        version: None,
        verb: if paid { paid_lines } else { OrderVerb::Created { lines } },
    })
}

fn received(quantity: u32) -> What {
    What::Received(Received {
        sku: "tea".into(),
        quantity,
        lot_id: "L1".into(),
        best_before: None,
        inspection: Inspection::Passed,
    })
}

/// Of the one buyer there is.
fn order_of_buyer(id: &str, quantity: u32, paid: bool) -> What {
    let What::Order(order) = order(id, quantity, paid) else { unreachable!("it is an order") };
    What::Order(OrderEvent { buyer_id: Some("u".into()), ..order })
}

fn item() -> Item {
    Item {
        sku: "tea".into(),
        name: None,
        keywords: Vec::new(),
        components: Vec::new(),
        limit_per_buyer: None,
        safety_stock: None,
        low_stock_at: None,
        backorder: None,
        channels: Vec::new(),
        season: None,
    }
}

fn after(story: impl IntoIterator<Item = What>) -> Partition {
    let mut partition = Partition::new(Settings::default());
    for (at, what) in (1..).zip(story) {
        let (now, mut effects) = (Time(at), Effects::default());
        partition.apply(now, event(&at.to_string(), now, what), &mut effects);
    }
    partition
}

fn name(id: &str) -> OrderRef {
    OrderRef::new(&"d".into(), &id.into())
}

#[test]
fn it_says_who_has_what_an_order_needs_and_changes_nothing() {
    let partition = after([
        received(10),
        order("1", 3, true),
        order("2", 4, false),
        order("3", 5, true),
        order("4", 2, true),
        order("5", 1, false),
    ]);
    let five = vec![("tea".into(), 5)];
    let asks =
        Asks { standing: Standing::Waitlisted, place: Some(3), needs: five.clone(), lacks: five };
    assert_eq!(partition.asks(&"p".into(), &name("3")), Some(asks));
    let fits = partition.asks(&"p".into(), &name("1")).expect("it is known");
    assert_eq!((fits.place, fits.needs, fits.lacks), (Some(1), vec![("tea".into(), 3)], vec![]));
    assert_eq!(partition.asks(&"p".into(), &name("6")), None);
    let digest = partition.digest();
    let account = partition.account(&"p".into(), &name("3")).expect("it is known");
    assert_eq!((account.standing, account.paid), (Standing::Waitlisted, true));
    assert_eq!(account.place, Some(3));
    let [Need { books, .. }] = &account.needs[..] else { panic!("{account:?}") };
    let need = Need {
        sku: "tea".into(),
        known: true,
        units: 5,
        held: 0,
        books: *books,
        reserved_before: 4,
        allocated_before: 3,
        reserved_after: 1,
        allocated_after: 2,
        claimed: 0,
        waiting_before: 0,
        share: None,
        promised: None,
    };
    assert_eq!(account.needs, [need]);
    assert_eq!((books.received, books.available, books.waitlisted), (10, 0, 5));
    let first = partition.account(&"p".into(), &name("1")).expect("it is known");
    let [need] = &first.needs[..] else { panic!("{first:?}") };
    assert_eq!((need.held, need.reserved_after, need.allocated_after), (3, 5, 2));
    assert_eq!(partition.account(&"p".into(), &name("6")), None);
    assert_eq!(partition.account(&"q".into(), &name("1")), None);
    assert_eq!(partition.digest(), digest);
}

#[test]
fn it_says_what_a_platform_may_have_of_it_while_that_binds_the_order() {
    let channel =
        |platform: &str, reserved, max| Channel { platform: platform.into(), reserved, max };
    let channels = vec![channel("d", None, Some(6)), channel("w", Some(2), None)];
    let partition = after([
        What::Item(Item { channels, safety_stock: Some(1), ..item() }),
        received(10),
        order("1", 5, true),
        order("2", 3, false),
        order("3", 3, true),
    ]);
    let account = |id| partition.account(&"p".into(), &name(id)).expect("it is known");
    let (unpaid, paid) = (account("2"), account("3"));
    assert_eq!(unpaid.standing, Standing::Refused);
    let share = Share { sellable: 0, safety_stock: 1, kept_for_others: 2, most: Some(6), used: 8 };
    assert_eq!(unpaid.needs[0].share, Some(share), "{unpaid:?}");
    assert_eq!((paid.standing, paid.needs[0].share), (Standing::Allocated, None));
}

#[test]
fn it_says_what_is_promised_beyond_stock_and_how_much_of_it_to_the_order() {
    let until = Some(Time(1000));
    let partition = after([
        What::Item(Item { backorder: Some(Backorder { limit: 5, until }), ..item() }),
        received(1),
        order("1", 3, true),
        order("2", 2, true),
        order("3", 1, true),
    ]);
    let account = |id| partition.account(&"p".into(), &name(id)).expect("it is known");
    let promised = |own| Some(Promised { limit: 5, until, joined: 5, own });
    for (id, standing, own) in [
        ("1", Standing::Backordered, 3),
        ("2", Standing::Backordered, 2),
        ("3", Standing::Allocated, 0),
    ] {
        let account = account(id);
        assert_eq!((account.standing, account.needs[0].promised), (standing, promised(own)));
    }
}

#[test]
fn it_says_what_a_buyer_may_have_and_what_he_has_elsewhere() {
    let partition = after([
        What::Item(Item { limit_per_buyer: Some(4), ..item() }),
        received(10),
        order_of_buyer("1", 3, true),
        order_of_buyer("2", 2, false),
        order("3", 9, false),
    ]);
    let limits = |id| partition.account(&"p".into(), &name(id)).expect("it is known").limits;
    let limit = |others, asks| vec![Limit { sku: "tea".into(), limit: 4, others, asks }];
    assert_eq!(limits("1"), limit(0, 3));
    assert_eq!(limits("2"), limit(3, 2));
    assert_eq!(limits("3"), [], "no limit is for an order that is nobody's");
}

#[test]
fn it_says_what_comments_hold_and_for_whom() {
    let claims = Some(Claims::Hold);
    let comment = Comment {
        buyer_id: "u".into(),
        text: "tea x3".into(),
        person_ref: Some("one".into()),
        session_id: None,
    };
    let mut story = vec![
        What::Policy(PolicyChange { claims, ..PolicyChange::default() }),
        What::Item(Item { keywords: vec!["tea".into()], ..item() }),
        received(10),
        What::Comment(comment),
        order("1", 9, true),
    ];
    let partition = after(story.clone());
    let of = |partition: &Partition, buyer: &str, person: Option<&str>| {
        let person = person.map(Id::new);
        partition.claims(&"p".into(), &"d".into(), Some(&buyer.into()), person.as_ref())
    };
    let three = [("tea".into(), 3)];
    assert_eq!(of(&partition, "u", None), three);
    assert_eq!(of(&partition, "v", Some("one")), three);
    assert_eq!(of(&partition, "v", None), []);
    let short = partition.account(&"p".into(), &name("1")).expect("it is known");
    let need = &short.needs[0];
    assert_eq!((need.reserved_before, need.claimed), (3, 3), "{need:?}");
    story.push(order_of_buyer("2", 3, false));
    assert_eq!(of(&after(story), "u", None), [], "its order has taken it over");
}
