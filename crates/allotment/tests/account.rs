//! How an order stands, and who has the stock that it needs.

use allotment::{
    Body, Effects, Event, Id, Input, Inspection, Line, Need, OrderEvent, OrderRef, OrderVerb,
    Partition, Received, Settings, Standing, Time, What,
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

fn name(id: &str) -> OrderRef {
    OrderRef::new(&"d".into(), &id.into())
}

#[test]
fn it_says_who_has_what_an_order_needs_and_changes_nothing() {
    let mut partition = Partition::new(Settings::default());
    let story = [
        received(10),
        order("1", 3, true),
        order("2", 4, false),
        order("3", 5, true),
        order("4", 2, true),
        order("5", 1, false),
    ];
    for (at, what) in (1..).zip(story) {
        let (now, mut effects) = (Time(at), Effects::default());
        partition.apply(now, event(&at.to_string(), now, what), &mut effects);
    }
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
        waiting_before: 0,
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
