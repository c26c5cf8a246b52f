//! Input that could not be taken: it is counted and answered, and moves nothing.

use allotment::{
    Body, Code, Decision, Effect, Effects, Event, Id, Input, Line, OrderEvent, OrderVerb, Outcome,
    Partition, Rejected, RejectedOrder, Settings, Time, What,
};

fn rejected(arrival: Time) -> Input {
    let order = RejectedOrder { platform: "d".into(), order_id: "5".into(), event_id: None };
    let body = Body::Rejected(Rejected { code: Code::EmptyLines, order: Some(order) });
    Input { pool: "p".into(), arrival, body }
}

fn created(arrival: Time) -> Input {
    let lines = vec![Line { line_id: "1".into(), sku: "tea".into(), quantity: 1 }];
    let order = OrderEvent {
        order_id: "5".into(),
        buyer_id: None,
        person_ref: None,
        session_id: None,
        recipient_ref: None,
        version: None,
        verb: OrderVerb::Created { lines },
    };
    let event = Event {
        platform: "d".into(),
        event_id: Id::new("e1"),
        occurred_at: arrival,
        what: What::Order(order),
    };
    Input { pool: "p".into(), arrival, body: Body::Event(event) }
}

fn decision(effect: &Effect) -> Option<&Decision> {
    if let Effect::Decision(decision) = effect { Some(decision) } else { None }
}

#[test]
fn answers_are_numbered_on_from_those_that_came_before_any_time_was_known() {
    let mut partition = Partition::new(Settings::default());
    let mut effects = Effects::default();
    partition.apply(Time::MIN, rejected(Time::MIN), &mut effects);
    partition.apply(Time::MIN, rejected(Time::MIN), &mut effects);
    assert_eq!(partition.now(), Time::MIN, "what could not be taken moves no time");
    let evening = Time(1_795_348_802_000);
    partition.apply(evening, created(evening), &mut effects);
    let answers: Vec<_> =
        effects.list.iter().filter_map(decision).map(|d| (d.number, d.outcome)).collect();
    assert_eq!(
        answers,
        [(1, Outcome::Rejected), (2, Outcome::Rejected), (3, Outcome::Refused)],
        "a running number does not start again"
    );
}
