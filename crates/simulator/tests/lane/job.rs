//! The main job with nothing going wrong: what comes in, and what comes out where.

use allotment::Millis;
use contract::{Header, Topic};
use lane::home;
use simulator::kafka::Message;

use crate::input::{created, paid, received};
use crate::world::{START, Seen, World};

fn outcomes(world: &World) -> Vec<String> {
    let line = |seen: Seen| {
        let value = seen.json();
        format!("{} {}", value["order_id"].as_str().unwrap(), value["outcome"].as_str().unwrap())
    };
    world.seen(Topic::Decisions).into_iter().map(line).collect()
}

#[test]
fn orders_and_stock_in_decisions_and_parcels_out() {
    let mut world = World::new(1);
    world.send(Topic::Stock, "oranges", &received("oranges", "lot-1", 2));
    world.settle();
    world.send(Topic::Orders, "oranges", &created("oranges", 1, 2));
    world.send(Topic::Orders, "oranges", &paid("oranges", 1));
    world.send(Topic::Orders, "oranges", &created("oranges", 2, 1));
    world.settle();
    assert_eq!(outcomes(&world), ["1 reserved", "1 allocated", "2 refused"]);
    let parcels = world.seen(Topic::Fulfillment);
    assert_eq!(parcels.len(), 1);
    assert_eq!(parcels[0].key.as_deref(), Some("oranges"));
    assert_eq!(parcels[0].header("ce_type"), Some("fulfillment.requested"));
    let levels = world.seen(Topic::Levels);
    assert_eq!(levels.last().unwrap().json()["allocated"], 2);
    assert_eq!(world.cluster.committed((Topic::Orders, 0)), Some(3));
    assert_eq!(world.cluster.committed((Topic::Stock, 0)), Some(1));
    let comments = world.cluster.committed((Topic::Comments, 0));
    assert_eq!(comments, Some(0), "nothing was taken of it, and that is committed");
}

#[test]
fn a_backlog_is_seen_in_the_order_and_at_the_times_at_which_it_came() {
    let mut world = World::new(1);
    world.hosts.clear();
    world.send(Topic::Orders, "oranges", &created("oranges", 1, 1));
    world.clock = START.plus(Millis(5));
    world.send(Topic::Stock, "oranges", &received("oranges", "lot-1", 1));
    world.clock = START.plus(Millis(10));
    world.send(Topic::Orders, "oranges", &created("oranges", 2, 1));
    world.clock = START.plus(Millis(60_000));
    world.appetite = 1;
    world.restart(0);
    world.settle();
    assert_eq!(outcomes(&world), ["1 refused", "2 reserved"]);
    let decided: Vec<_> =
        world.seen(Topic::Decisions).iter().map(|seen| seen.json()["decided_at"].clone()).collect();
    assert_eq!(decided, ["2026-11-22T12:00:00.000Z", "2026-11-22T12:00:00.010Z"]);
}

#[test]
fn where_all_is_read_time_passes_by_the_clock() {
    let mut world = World::new(1);
    world.send(Topic::Stock, "oranges", &received("oranges", "lot-1", 1));
    world.send(Topic::Orders, "oranges", &created("oranges", 1, 1));
    world.settle();
    let ttl = Millis::from_secs(35 * 60);
    world.pass_to(START.plus(ttl).plus(Millis(499)), &mut |_, _| None);
    assert_eq!(outcomes(&world), ["1 reserved"], "now is half a second behind the clock");
    let offsets = world.cluster.committed((Topic::Orders, 0));
    world.pass_to(START.plus(ttl).plus(Millis(500)), &mut |_, _| None);
    assert_eq!(outcomes(&world), ["1 reserved", "1 released"]);
    let last = world.seen(Topic::Decisions).pop().unwrap().json();
    assert_eq!(
        last["decided_at"], "2026-11-22T12:35:00.000Z",
        "at the instant at which it was due"
    );
    assert_eq!(
        world.cluster.committed((Topic::Orders, 0)),
        offsets,
        "where only time passed there is nothing to send"
    );
    world.restart(0);
    world.settle();
    assert_eq!(world.hosts[&0].ready(), 1, "and it comes back");
}

#[test]
fn a_process_that_was_stopped_does_not_let_time_pass_before_it_has_read() {
    let mut world = World::new(1);
    world.send(Topic::Stock, "oranges", &received("oranges", "lot-1", 1));
    world.send(Topic::Orders, "oranges", &created("oranges", 1, 1));
    world.settle();
    let due = START.plus(Millis::from_secs(35 * 60));
    world.pass_to(due.minus(Millis(2000)), &mut |_, _| None);
    // The payment comes in time, while the process is stopped for ten seconds.
    world.clock = due.minus(Millis(1000));
    world.send(Topic::Orders, "oranges", &paid("oranges", 1));
    world.clock = due.plus(Millis(9000));
    world.settle();
    assert_eq!(outcomes(&world), ["1 reserved", "1 allocated"]);
}

#[test]
fn misplaced_records_go_home_with_their_arrival_and_their_source() {
    let mut world = World::new(4);
    let here = home("oranges", 4);
    let elsewhere = (here + 1) % 4;
    world.send(Topic::Stock, "oranges", &received("oranges", "lot-1", 5));
    world.settle();
    let array = format!("[{},{},7]", created("oranges", 1, 1), created("oranges", 2, 0));
    world.send_to(Topic::Orders, elsewhere, Some("any key"), array.as_bytes());
    world.settle();
    assert_eq!(outcomes(&world), ["1 reserved", "2 rejected"]);
    assert!(world.seen(Topic::Decisions).iter().all(|seen| seen.partition == here));
    let rerouted = world.seen(Topic::Reroute);
    assert_eq!(rerouted.len(), 2, "entry by entry");
    assert!(
        rerouted
            .iter()
            .all(|seen| seen.partition == here && seen.key.as_deref() == Some("any key"))
    );
    assert_eq!(rerouted[0].value.as_deref(), Some(created("oranges", 1, 1).as_bytes()));
    assert_eq!(rerouted[0].header("granary-arrival"), Some(START.0.to_string().as_str()));
    let letters = world.seen(Topic::DeadLetter);
    let of = |partition| letters.iter().find(|seen| seen.partition == partition).unwrap();
    let source = |seen: &Seen| {
        ["source-topic", "source-partition", "source-offset", "source-entry", "error-code"]
            .map(|name| seen.header(name).unwrap_or("-").to_owned())
    };
    let elsewhere_text = elsewhere.to_string();
    assert_eq!(source(of(here)), ["granary.orders", &elsewhere_text, "0", "1", "out_of_range"]);
    assert_eq!(source(of(elsewhere)), ["granary.orders", &elsewhere_text, "0", "2", "wrong_type"]);
    assert_eq!(
        of(here).header("granary-arrival"),
        None,
        "what rerouting added is not its sender's"
    );
}

#[test]
fn a_record_is_rerouted_once_at_most() {
    let mut world = World::new(4);
    let wrong = (home("oranges", 4) + 1) % 4;
    let mut message = world.message(None, created("oranges", 1, 1).as_bytes());
    message.headers = vec![Header::new("granary-arrival", START.0.to_string())];
    world.cluster.send((Topic::Reroute, wrong), message);
    world.settle();
    let letters = world.seen(Topic::DeadLetter);
    assert_eq!(letters.len(), 1);
    assert_eq!(
        (letters[0].partition, letters[0].header("error-code")),
        (wrong, Some("out_of_range"))
    );
    assert_eq!(outcomes(&world).len(), 0);
    // One that somebody else put there was not rerouted yet.
    world.send_to(Topic::Reroute, wrong, None, created("oranges", 2, 1).as_bytes());
    world.settle();
    assert_eq!(outcomes(&world), ["2 refused"]);
}

#[test]
fn aborted_input_is_no_input_and_control_records_do_no_harm() {
    let mut world = World::new(1);
    let place = (Topic::Orders, 0);
    world.send(Topic::Stock, "oranges", &received("oranges", "lot-1", 5));
    world.settle();
    for (order, commit) in [(1, true), (2, false), (3, true), (4, false)] {
        let bridge = world.cluster.init("bridge");
        let message = world.message(Some("oranges"), created("oranges", order, 1).as_bytes());
        world.cluster.produce(&bridge, place, message).unwrap();
        world.settle();
        if commit {
            world.cluster.commit(&bridge).unwrap()
        } else {
            world.cluster.abort(&bridge).unwrap()
        }
        world.settle();
    }
    assert_eq!(outcomes(&world), ["1 reserved", "3 reserved"]);
    let told = world.told();
    world.restart(0);
    world.settle();
    assert_eq!((world.hosts[&0].ready(), world.told() == told), (1, true));
    assert!(world.hosts[&0].lane().status().caught_up);
}

#[test]
fn dead_letters_are_byte_for_byte_with_key_and_headers() {
    let mut world = World::new(1);
    let bytes = b" {\"type\":\"order.created\", \"pool\": \"oranges\"} ".to_vec();
    let own = |name: &'static str, value: &str| Header::new(name, value);
    let headers = vec![own("traceparent", "00-1-1-01"), own("x", "1"), own("x", "2")];
    let message =
        Message { timestamp: START, key: Some(b"k".to_vec()), headers, value: Some(bytes.clone()) };
    world.cluster.send((Topic::Orders, 0), message.clone());
    world.cluster.send(
        (Topic::Stock, 0),
        Message { key: None, headers: Vec::new(), value: None, ..message },
    );
    world.settle();
    let letters = world.seen(Topic::DeadLetter);
    assert_eq!(letters.len(), 2);
    let (of_null, of_bytes) = (&letters[0], &letters[1]);
    assert_eq!((&of_null.key, &of_null.value), (&None, &None), "a null stays one");
    assert_eq!(of_null.header("error-code"), Some("not_json"));
    assert_eq!((of_bytes.key.as_deref(), &of_bytes.value), (Some("k"), &Some(bytes)));
    let kept: Vec<_> =
        of_bytes.headers[..3].iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(kept, ["traceparent=00-1-1-01", "x=1", "x=2"]);
    assert_eq!(of_bytes.header("error-code"), Some("missing_field"));
    let alerts = world.seen(Topic::Alerts);
    assert!(
        alerts.iter().any(|alert| alert.header("traceparent") == Some("00-1-1-01")),
        "{alerts:?}"
    );
}

#[test]
fn a_lane_that_is_stopped_ends_and_the_next_one_goes_on() {
    let mut world = World::new(1);
    world.send(Topic::Stock, "oranges", &received("oranges", "lot-1", 1));
    world.settle();
    let clock = world.clock;
    world.hosts.get_mut(&0).unwrap().stop(clock);
    world.settle();
    assert_eq!(world.hosts[&0].ended(), Some(&Ok(())));
    world.send(Topic::Orders, "oranges", &created("oranges", 1, 1));
    world.settle();
    assert_eq!(outcomes(&world).len(), 0, "it wants nothing more");
    world.restart(0);
    world.settle();
    assert_eq!(outcomes(&world), ["1 reserved"]);
}
