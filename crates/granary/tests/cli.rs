//! The command line as people and scripts meet it: help, mistakes, exit codes.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::process::Output;

use assert_cmd::Command;

fn granary(arguments: &[&str]) -> Output {
    let mut command = Command::cargo_bin("granary").unwrap();
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("GRANARY_")) {
        command.env_remove(name);
    }
    command.args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn every_command_has_help_with_an_example() {
    let commands: &[&[&str]] = &[
        &[],
        &["demo"],
        &["explain"],
        &["load"],
        &["process"],
        &["run"],
        &["config"],
        &["topics"],
        &["topics", "check"],
        &["topics", "create"],
        &["config", "check"],
        &["config", "show"],
    ];
    for command in commands {
        let output = granary(&[command, &["--help"][..]].concat());
        assert!(output.status.success(), "{command:?}");
        let help = text(&output.stdout);
        assert!(help.contains("Example"), "{command:?} shows no example:\n{help}");
        assert!(
            help.contains(&["granary", &command.join(" ")].join(" ")),
            "{command:?}: the example is its own"
        );
    }
}

#[test]
fn what_is_no_command_is_bad_usage() {
    let output = granary(&["sort"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("unrecognized subcommand 'sort'"));
}

#[test]
fn a_wrong_configuration_is_told_with_place_and_remedy() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, "[application]\nnam = \"x\"\ndedup_window = \"a week\"\n").unwrap();
    let path = file.path().to_str().unwrap();
    let output = granary(&["config", "check", "--config", path, "--set", "log.level=loud"]);
    assert_eq!(output.status.code(), Some(2));
    let told = text(&output.stderr);
    assert!(told.contains(&format!("{path}:2: unknown key `application.nam`")), "{told}");
    assert!(told.contains("did you mean `application.name`?"), "{told}");

    std::fs::write(&file, "[application]\ndedup_window = \"a week\"\n").unwrap();
    let output = granary(&["config", "check", "--config", path, "--set", "log.level=loud"]);
    let told = text(&output.stderr);
    assert!(
        told.contains(&format!("{path}:2: `application.dedup_window` can't be `a week`")),
        "{told}"
    );
    assert!(told.contains("flag --set log.level: `log.level` can't be `loud`"), "{told}");
}

#[test]
fn a_missing_configuration_is_told() {
    let output = granary(&["config", "check", "--config", "no/such/granary.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("no/such/granary.toml can't be read"));
}

#[test]
fn the_shipped_defaults_are_a_configuration() {
    let shown = granary(&["config", "show", "--default"]).stdout;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, &shown).unwrap();
    let output = granary(&["config", "check", "--config", file.path().to_str().unwrap()]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("can be used: application `granary` on localhost:9092"));
}

#[test]
fn what_the_bounds_of_memory_come_to_is_told() {
    let output = granary(&["config", "check", "--set", "bounds.memory=1GiB"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let told = text(&output.stdout);
    let each = "each partition that a process has or follows takes up to 84 MiB beside its state";
    assert!(told.contains(each), "{told}");
    assert!(told.contains("579 MiB with 1, 415 MiB with 4, 197 MiB with 8; 11 at most"), "{told}");
    let bounds = ["--set", "bounds.memory=160MiB", "--set", "bounds.fetch_ahead=64MiB"];
    for command in [&["config", "check"][..], &["run"]] {
        let output = granary(&[command, &bounds].concat());
        assert_eq!(output.status.code(), Some(2));
        let told = text(&output.stderr);
        assert!(told.contains("bounds.memory is 160 MiB, and a lane takes up to"), "{told}");
        assert!(told.contains("raise it, or lower bounds.fetch_ahead"), "{told}");
    }
}
