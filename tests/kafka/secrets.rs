//! A secret is shown nowhere: not while the client is refused by a real broker, and not while it works.

use crate::{
    deployment::Deployment,
    orders::{answered, send},
};

/// Looks like nothing that anybody else would print.
const MARK: &str = "hUnt3r2-marked-secret";

#[test]
fn a_mistyped_property_is_refused_before_anything_connects() {
    let Some(deployment) = Deployment::new("mistyped", 1) else { return };
    let mistyped = format!("kafka.properties.sasl.passwrd={MARK}");
    let mut service = deployment.run("one", &[&mistyped]);
    assert_eq!(service.wait().code(), Some(2));
    let log = service.log();
    assert!(log.contains("did you mean `kafka.properties.sasl.password`?"), "{log}");
    assert!(!log.contains(MARK), "{log}");
    assert!(!log.contains("service_starting"), "it has not begun: {log}");
}

#[test]
fn no_line_of_the_client_has_a_secret() {
    let Some(deployment) = Deployment::new("secret", 1) else { return };
    let password = format!("kafka.properties.sasl.password={MARK}");
    // The client does not take this one for a secret, and prints it where nobody keeps it from that.
    let principal = format!("kafka.properties.sasl.kerberos.principal={MARK}");
    let plain = ["kafka.properties.debug=all", "log.level=debug", &password, &principal];
    // None of it is needed here, and the client has it all the same.
    let service = deployment.run("works", &[&plain[..], &["console.address=127.0.0.1:0"]].concat());
    answered(&deployment, 1);
    send(&deployment, 0, 2);
    for page in ["/metrics", "/readyz", "/healthz", "/v1/orders/x/y"] {
        let (_, text) = service.get(page);
        assert!(!text.contains(MARK), "{page}: {text}");
    }
    service.await_log("builtin.features");
    let log = service.log();
    assert!(!log.contains(MARK), "it is in the log");
    service.stop();
    // The broker's listener knows no SASL, so the client tells at length why it can't go on.
    let refused = ["kafka.properties.security.protocol=sasl_plaintext"];
    let named = ["kafka.properties.sasl.mechanism=PLAIN", "kafka.properties.sasl.username=granary"];
    let mut service = deployment.run("refused", &[&plain[..], &refused, &named].concat());
    assert!(!service.wait().success());
    let log = service.log();
    assert!(log.contains("no Kafka broker answers"), "it says why: {log}");
    assert!(!log.contains(MARK), "it is in the log");
}
