//! The story of which the stored seeds are has what they are to have: what a page holds of it can go wrong.

use allotment::{AlertKind, Effect, Effects, Fulfillment, Outcome, Partition, Settings};
use contract::{Arrival, Decoder};

fn told() -> Vec<Effect> {
    let (mut partition, mut told) = (Partition::new(Settings::default()), Effects::default());
    for event in fuzz::STORY {
        let deliveries =
            Decoder::default().decode(Some(event.as_bytes()), None, Arrival::FromEvent);
        for delivery in deliveries {
            assert_eq!(delivery.rejection, None, "{event}");
            partition.apply(delivery.input.arrival, delivery.input, &mut told);
        }
        partition.levels(&mut told);
    }
    told.list
}

#[test]
fn it_has_bundles_claims_backorders_waves_and_sessions() {
    let told = told();
    let has = |wanted: fn(&Effect) -> bool| told.iter().any(wanted);
    assert!(has(
        |effect| matches!(effect, Effect::Decision(one) if one.outcome == Outcome::Backordered)
    ));
    assert!(has(
        |effect| matches!(effect, Effect::Alert(one) if one.kind == AlertKind::SessionSummary)
    ));
    assert!(has(|effect| matches!(effect, Effect::Fulfillment(Fulfillment::Manifest(_)))));
    assert!(has(|effect| match effect {
        Effect::Fulfillment(Fulfillment::Requested(parcel)) =>
            !parcel.lines[0].components.is_empty(),
        _ => false,
    }));
    let last = told.iter().rev().find_map(|effect| match effect {
        Effect::Level(level) if level.sku.as_str() == "t" => level.books,
        _ => None,
    });
    let last = last.map(|books| (books.reserved, books.handed_over));
    assert_eq!(last, Some((1, 2)), "a claim that waits for its order, and one that left with it");
}
