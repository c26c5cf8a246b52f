//! Two deployments under one name, on one Kafka: each says that there is another, and who it is.

use std::{cell::Cell, time::Duration};

use crate::{
    audit,
    deployment::Deployment,
    granary::Granary,
    orders::{answered, send},
};

const CONSOLE: &str = "console.address=127.0.0.1:0";
/// A minute passes before a lane believes that its rival has gone, and some time before that.
const QUIET: Duration = Duration::from_secs(150);

#[test]
fn two_deployments_under_one_name_say_so() {
    let Some(one) = Deployment::new("twin", 1) else { return };
    let Some(other) = Deployment::new("twin-two", 1) else { return };
    // Topics of its own, and somebody copied the name.
    let first = one.run("first", &[CONSOLE]);
    first.await_log("lane_running");
    let second = other.run("second", &[CONSOLE, "application.name=twin"]);
    second.await_log("lane_running");
    let round = Cell::new(0);
    let both_say_it = |_: &Granary| {
        round.set(round.get() + 1);
        send(&one, 0, round.get());
        send(&other, 0, round.get());
        let says = |service: &Granary| !service.events("lane_has_rival").is_empty();
        says(&first) && says(&second)
    };
    first.until("both say that there is another", both_say_it);
    for (service, reads, own) in [(&first, &other, &one), (&second, &one, &other)] {
        let (status, missing) = service.get("/readyz");
        assert_eq!(status, 503, "{missing}");
        for part in [
            "another deployment uses the application name `twin`: /127.0.0.1 (client.id granary)",
            &format!("reads {} and not {}", reads.topic("orders"), own.topic("orders")),
        ] {
            assert!(missing.contains(part), "it says `{part}`: {missing}");
        }
        assert_eq!(service.metric("granary_lane_shut_out", "")[&0], 1.0);
        assert_eq!(service.get("/healthz").0, 200, "a restart would not help");
    }
    second.stop_anyhow();
    let gone = |service: &Granary| !service.events("lane_has_no_rival").is_empty();
    first.until_within(QUIET, "the other one has gone", gone);
    assert_eq!(first.get("/readyz").0, 200);
    let rounds = round.get() + 1;
    answered(&one, rounds);
    first.stop();
    audit::finds_nothing(&one);
}
