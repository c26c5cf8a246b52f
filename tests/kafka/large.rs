//! Records that grow when they are sent on: to their home, or as dead letters. A compressed batch holds far more
//! than its topic takes, and what one producer can compress another can't.

use std::time::SystemTime;

use clients::{Seen, Writer};
use rdkafka::{
    message::{Header, OwnedHeaders},
    producer::BaseRecord,
};

use crate::{
    audit,
    deployment::Deployment,
    granary::Granary,
    orders::{self, pool_of},
};

const CONSOLE: &str = "console.address=127.0.0.1:0";

/// More than dead letters and rerouted records may have.
const TOO_LARGE: usize = 3 * 1024 * 1024;

/// Text that gzip makes half as large, and the client's lz4 not at all.
fn text(len: usize) -> Vec<u8> {
    // A multiplicative generator: chance would make a failure one that nobody sees again.
    let mut state = 88_172_645_463_325_252_u64;
    let digit = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        b"0123456789abcdef"[usize::try_from(state & 15).expect("it is small")]
    };
    (0..len).map(digit).collect()
}

/// A producer that may send what is large until it is compressed.
fn writer(deployment: &Deployment) -> Writer {
    let properties = [("compression.type", "gzip"), ("message.max.bytes", "100000000")];
    Writer::with(&deployment.kafka.bootstrap(), &properties)
}

/// Writes a record with headers to partition 0 of a topic.
fn write(deployment: &Deployment, topic: &str, value: &[u8], headers: &[(&str, Option<&[u8]>)]) {
    let writer = writer(deployment);
    let topic = deployment.topic(topic);
    let list = headers
        .iter()
        .fold(OwnedHeaders::new(), |list, (key, value)| list.insert(Header { key, value: *value }));
    let record = BaseRecord::<str, [u8]>::to(&topic).partition(0).key("k").payload(value);
    writer.producer().send(record.headers(list)).map_err(|(error, _)| error).expect("it is taken");
    writer.flush();
}

/// Waits for so many dead letters; the lane must not have come back for any of them.
fn letters(deployment: &Deployment, service: &Granary, count: usize) -> Vec<Seen> {
    let mut reader = deployment.reader("dead-letter");
    let seen = reader.until("the dead letters", |seen| {
        let refused = service.events("output_refused");
        assert!(refused.is_empty(), "a topic does not take what is sent on: {refused:?}");
        seen.len() >= count
    });
    seen.to_vec()
}

#[test]
fn what_outgrows_its_topic_is_cut_and_says_so_and_the_lane_goes_on() {
    let Some(deployment) = Deployment::new("outgrown", 2) else { return };
    let service = deployment.run("one", &[CONSOLE]);
    orders::answered(&deployment, 1);
    // A value: five times as large as its topic takes, when it is read.
    let value = [text(1_000_000), vec![b'0'; 4_000_000]].concat();
    write(&deployment, "orders", &value, &[]);
    // Headers, of a record that is no event.
    let long = text(1_500_000);
    let empty = vec![("", None); 90_000];
    let many: Vec<(&str, Option<&[u8]>)> =
        [&[("long", Some(long.as_slice()))], empty.as_slice()].concat();
    write(&deployment, "stock", b"{", &many);
    let seen = letters(&deployment, &service, 2);
    let of = |topic: &str| {
        let topic = deployment.topic(topic);
        let letter = seen.iter().find(|seen| seen.headers["source-topic"] == topic);
        letter.unwrap_or_else(|| panic!("no letter of {topic}"))
    };
    let large = of("orders");
    assert_eq!(large.value.as_bytes(), &value[..large.value.len()]);
    assert_eq!(
        large.headers["cut"],
        format!("the value after {} of 5000000 bytes", large.value.len())
    );
    // Where the whole of it lies.
    assert_eq!(
        (large.headers["source-partition"].as_str(), large.headers["source-offset"].as_str()),
        ("0", "1")
    );
    assert_eq!(large.headers["error-code"], "too_large");
    let many = of("stock");
    assert!(many.headers.get("cut").is_some_and(|cut| cut.ends_with(" headers")), "{many:?}");
    orders::answered(&deployment, 2);
    assert!(service.events("lane_dropped").is_empty(), "{}", service.log());
    service.stop();
    audit::finds_nothing(&deployment);
}

/// What says of itself that it was rerouted, and where it came from at such length that it would not fit. Only
/// who may write to the reroute topic can do that; the audit says that no lane wrote it.
#[test]
fn a_source_that_is_no_topics_name_is_not_repeated() {
    let Some(deployment) = Deployment::new("outgrown-source", 1) else { return };
    let service = deployment.run("one", &[CONSOLE]);
    let forged = text(TOO_LARGE);
    let headers = [("granary-arrival", Some(&b"1"[..])), ("source-topic", Some(forged.as_slice()))];
    write(&deployment, "reroute", b"{", &headers);
    let seen = letters(&deployment, &service, 1);
    assert_eq!(seen[0].headers["error-code"], "not_json");
    assert_eq!(seen[0].headers["source-topic"], deployment.topic("reroute"));
    orders::answered(&deployment, 1);
    assert!(service.events("lane_dropped").is_empty(), "{}", service.log());
    service.stop();
}

/// An event on the wrong partition goes home with all that decides, whatever comes with it.
#[test]
fn what_outgrows_the_reroute_topic_is_applied_all_the_same() {
    let Some(deployment) = Deployment::new("outgrown-astray", 2) else { return };
    let service = deployment.run("one", &[CONSOLE]);
    let pool = pool_of(1, 2);
    let now = SystemTime::UNIX_EPOCH.elapsed().expect("it is after 1970").as_millis();
    let padding = String::from_utf8(text(200_000)).expect("it is text");
    let order = format!(
        r#"{{"type":"order.created","event_id":"large","platform":"x","pool":"{pool}","occurred_at":{now},"order_id":"large","padding":"{padding}","lines":[{{"sku":"s","quantity":1}}]}}"#
    );
    let long = text(1_600_000);
    write(&deployment, "orders", order.as_bytes(), &[("long", Some(long.as_slice()))]);
    let mut decisions = deployment.reader("decisions");
    let seen = decisions.until("the answer", |seen| !seen.is_empty());
    assert_eq!((seen[0].partition, seen[0].key.as_str()), (1, pool.as_str()));
    let rerouted = deployment.reader("reroute").to_end().to_vec();
    assert_eq!(rerouted.len(), 1);
    assert_eq!(rerouted[0].value, order, "its value is whole");
    assert_eq!(rerouted[0].headers["cut"], "1 headers");
    assert!(service.events("lane_dropped").is_empty(), "{}", service.log());
    service.stop();
    audit::finds_nothing(&deployment);
}
