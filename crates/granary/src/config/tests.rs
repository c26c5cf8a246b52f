//! Layers over each other, and what is said when they are wrong.

use expect_test::{Expect, expect};

use tracing_subscriber::filter::LevelFilter;

use super::settings::Language;
use super::*;

struct Said<'a> {
    file: &'a str,
    env: &'a [(&'a str, &'a str)],
    flags: &'a [(&'a str, &'a str)],
}

const NOTHING: Said<'_> = Said { file: "", env: &[], flags: &[] };

fn stack(said: &Said<'_>) -> Result<(Layers, Settings), String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("granary.toml");
    std::fs::write(&path, said.file).unwrap();
    let own = |pairs: &[(&str, &str)]| -> Vec<_> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    };
    let text =
        |error: ConfigError| error.to_string().replace(&format!("{}/", dir.path().display()), "");
    let layers =
        Layers::stack(Some(&path), own(said.env).into_iter(), &own(said.flags)).map_err(text)?;
    let settings = layers.settings().map_err(text)?;
    Ok((layers, settings))
}

fn settings(said: &Said<'_>) -> Settings {
    stack(said).unwrap().1
}

fn refuses(said: &Said<'_>, expected: &Expect) {
    expected.assert_eq(&stack(said).unwrap_err());
}

#[test]
fn the_defaults_are_valid_and_the_contracts() {
    let settings = settings(&NOTHING);
    assert_eq!(settings.application, "granary");
    assert_eq!(settings.dedup_window.as_secs(), 7 * 86_400);
    assert_eq!(settings.topics["dead_letter"], "granary.dead-letter");
    assert_eq!(settings.time_zone, "Asia/Shanghai");
    assert!(settings.properties.0.is_empty());
}

#[test]
fn each_layer_is_over_the_one_before() {
    let file = "[application]\nname = \"from-file\"\nlanguage = \"zh\"\n[log]\nlevel = \"debug\"\n";
    let env = [("GRANARY_APPLICATION_NAME", "from-env"), ("GRANARY_LOG_LEVEL", "warn")];
    let flags = [("application.name", "from-flag")];
    let got = settings(&Said { file, env: &env, flags: &flags });
    assert_eq!(got.application, "from-flag");
    assert_eq!(got.log_level, LevelFilter::WARN);
    assert_eq!(got.language, Language::Chinese);
}

#[test]
fn librdkafkas_properties_come_from_file_and_environment() {
    let file = "[kafka.properties]\n\"security.protocol\" = \"sasl_ssl\"\nsocket.keepalive.enable = true\n";
    let env = [("GRANARY_KAFKA_PROPERTIES_SASL_PASSWORD", "hunter2")];
    let (layers, settings) = stack(&Said { file, env: &env, flags: &[] }).unwrap();
    let got: Vec<_> = settings.properties.0.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let want = [
        ("sasl.password", "hunter2"),
        ("security.protocol", "sasl_ssl"),
        ("socket.keepalive.enable", "true"),
    ];
    assert_eq!(got, want);
    assert!(!format!("{settings:?}").contains("hunter2"), "secrets are not printed");
    assert!(!show(&layers).contains("hunter2"), "secrets are not shown");
    assert!(show(&layers).contains("\"security.protocol\" = \"sasl_ssl\""), "what is harmless is");
}

#[test]
fn what_kubernetes_puts_beside_a_service_of_our_name_is_not_ours() {
    let env =
        [("GRANARY_SERVICE_HOST", "10.0.0.1"), ("GRANARY_PORT_9464_TCP", "tcp://10.0.0.1:9464")];
    settings(&Said { env: &env, ..NOTHING });
}

#[test]
fn every_key_has_a_variable_of_its_own() {
    let (layers, _) = stack(&NOTHING).unwrap();
    let names: std::collections::BTreeSet<_> =
        layers.iter().map(|(path, _)| variable_of_path(path)).collect();
    assert_eq!(names.len(), layers.iter().count());
}

#[test]
fn what_is_shown_can_be_read_again() {
    let (layers, _) =
        stack(&Said { file: "[encoding]\ncloudevents = [\"levels\"]\n", ..NOTHING }).unwrap();
    let shown = show(&layers);
    let (again, _) = stack(&Said { file: &shown, ..NOTHING }).unwrap();
    let values =
        |l: &Layers| -> Vec<_> { l.iter().map(|(p, e)| (p.to_owned(), e.raw.clone())).collect() };
    assert_eq!(values(&again), values(&layers));
}

#[test]
fn unknown_keys_are_refused_with_the_nearest() {
    let file = "[kafka]\nbootstrap_server = \"k:9092\"\n[topics]\nstok = \"s\"\n\n[bounds]\nsession_timeout = \"9s\"\nname = \"x\"\nzzz = 1\n";
    let env = [("GRANARY_KAFKA_BOOTSTRAP", "k:1")];
    refuses(
        &Said { file, env: &env, flags: &[("log.formt", "json")] },
        &expect![[r#"
            granary.toml:2: unknown key `kafka.bootstrap_server`
              did you mean `kafka.bootstrap_servers`?
            granary.toml:4: unknown key `topics.stok`
              did you mean `topics.stock`?
            granary.toml:8: unknown key `bounds.name`
              did you mean `application.name`?
            granary.toml:9: unknown key `bounds.zzz`
              did you mean `bounds.memory`?
            environment variable GRANARY_KAFKA_BOOTSTRAP: unknown key `kafka.bootstrap`
              did you mean GRANARY_KAFKA_BOOTSTRAP_SERVERS?
            flag --set log.formt: unknown key `log.formt`
              did you mean `log.format`?"#]],
    );
}

#[test]
fn wrong_values_say_what_would_be_right_all_at_once() {
    let file = "[application]\ndedup_window = 7\nlanguage = \"fr\"\ntime_zone = \"Asia/Hexi\"\n[kafka]\nbootstrap_servers = \"kafka\"\n\
        [topics]\norders = \"a b\"\nstock = \"same\"\ncomments = \"same\"\n[bounds]\nbatch_records = 0\nbatch_bytes = \"1TB\"\n\
        [kafka.properties]\n\"isolation.level\" = \"read_uncommitted\"\n[encoding]\ncloudevents = [\"alert\"]\n";
    let env = [("GRANARY_CONSOLE_ADDRESS", "9464"), ("GRANARY_LOG_LEVEL", "loud")];
    refuses(
        &Said { file, env: &env, flags: &[("bounds.stop_timeout", "90s")] },
        &expect![[r#"
            granary.toml:2: `application.dedup_window` can't be `7`
              `7` is not a duration; write a number and a unit, such as 500ms, 30s, 10m, 7d
            granary.toml:3: `application.language` can't be `fr`
              write one of "en", "zh"
            granary.toml:4: `application.time_zone` can't be `Asia/Hexi`
              write the IANA name of a time zone, such as Asia/Shanghai or UTC
            granary.toml:6: `kafka.bootstrap_servers` can't be `kafka`
              write host:port, several with commas, such as kafka-1:9092,kafka-2:9092
            granary.toml:8: `topics.orders` can't be `a b`
              write letters, digits, `.`, `_` and `-`, 200 at most
            granary.toml:9: `topics.stock` has the name of `topics.comments`, `same`
              give each topic a name of its own
            granary.toml:12: `bounds.batch_records` can't be `0`
              it must be from 1 to 100000
            granary.toml:13: `bounds.batch_bytes` can't be `1TB`
              `1TB` is not a size; write a number and a unit, such as 512KiB or 8MiB
            granary.toml:15: `kafka.properties.isolation.level` can't be set
              leave it out: Granary reads committed records only
            granary.toml:17: `encoding.cloudevents` can't hold `alert`
              write one of "decisions", "levels"
            environment variable GRANARY_CONSOLE_ADDRESS: `console.address` can't be `9464`
              write an address and a port, such as 127.0.0.1:9464, or "" for none
            environment variable GRANARY_LOG_LEVEL: `log.level` can't be `loud`
              write one of "error", "warn", "info", "debug"
            flag --set bounds.stop_timeout: `bounds.stop_timeout` is longer than bounds.transaction_timeout
              make it at most bounds.transaction_timeout: what lasts longer is aborted by Kafka anyway"#]],
    );
}

#[test]
fn properties_are_named_and_worded_as_librdkafka_can_read_them() {
    let file = "[kafka.properties]\n\"ssl.key\\u0000\" = \"a\"\n\"client.rack\" = \"a\\u0000b\"\n";
    refuses(
        &Said { file, env: &[("GRANARY_KAFKA_PROPERTIES_SASL_P\0D", "hidden")], ..NOTHING },
        &expect![[r#"
            granary.toml:2: `ssl.key…` is not the name of a property
              write small letters, digits, `.`, `_` and `-`, as librdkafka does
            granary.toml:3: `kafka.properties.client.rack` holds a zero byte
              write text without it
            environment variable GRANARY_KAFKA_PROPERTIES_SASL_P\0D: `sasl.p…` is not the name of a property
              write small letters, digits, `.`, `_` and `-`, as librdkafka does"#]],
    );
}

#[test]
fn what_is_not_toml_says_where() {
    refuses(
        &Said { file: "[application]\nname = granary\n", ..NOTHING },
        &expect![[r#"
        the configuration granary.toml is not TOML: string values must be quoted, expected literal string
          at line 2, column 8"#]],
    );
    refuses(
        &Said { file: "[application]\nname = { first = 1 }\n", ..NOTHING },
        &expect![[r#"
        granary.toml:2: unknown key `application.name.first`
          did you mean `application.name`?"#]],
    );
    refuses(
        &Said { file: "[application]\nname = 2026-11-22\n", ..NOTHING },
        &expect![[r#"
        granary.toml:2: `application.name` is a date, a table or a mixed list
          write a string, a number, a boolean or a list of strings"#]],
    );
}
