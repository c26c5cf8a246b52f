//! No command shows a secret, whatever is wrong with the configuration.
//!
//! A marked secret is given in every way in which one can be given, and in every wrong way that we know; then it is
//! looked for in all that every command says. The commands are those that the program lists itself.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::process::{Output, Stdio};

use assert_cmd::cargo::CommandCargoExt;

/// Looks like nothing that anybody else would print.
const MARK: &str = "hUnt3r2-marked-secret";
/// As many passwords are: base64, with an `=` at its end.
const MARK_IN_BASE64: &str = "aFVudDNyMi1tYXJrZWQtc2VjcmV0=";

/// A command with what it needs to begin.
struct Command {
    words: Vec<String>,
    help: String,
}

impl Command {
    /// All commands that do something, as the program's help lists them.
    fn all() -> Vec<Self> {
        let mut found = Vec::new();
        Self::below(&[], &mut found);
        let names: Vec<String> = found.iter().map(|command| command.words.join(" ")).collect();
        for known in ["run", "config show", "config check", "topics create", "process"] {
            assert!(names.iter().any(|name| name == known), "`{known}` is among {names:?}");
        }
        found
    }

    fn below(words: &[String], found: &mut Vec<Self>) {
        let help = said(&granary(words).arg("--help").output().unwrap());
        let listed = help.split_once("\nCommands:\n").map(|(_, rest)| rest);
        let Some(listed) = listed else {
            found.push(Self { words: words.to_vec(), help });
            return;
        };
        for line in listed.lines().take_while(|line| !line.trim().is_empty()) {
            // What goes on from the line before is indented further.
            if let Some(name) = line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ')) {
                let name = name.split(' ').next().unwrap().to_owned();
                Self::below(&[words, &[name]].concat(), found);
            }
        }
    }

    fn takes_a_configuration(&self) -> bool {
        self.help.contains("--set <KEY=VALUE>")
    }

    /// Runs it to its end with these variables and arguments.
    fn run(&self, variables: &[(String, String)], arguments: &[String]) -> Output {
        let usage = self.help.lines().find(|line| line.starts_with("Usage:")).unwrap();
        // Whatever it must be told, such as an order's id.
        let needed = usage.split(' ').filter(|word| word.starts_with('<')).map(|_| "x".to_owned());
        let mut command = granary(&self.words);
        command.envs(variables.iter().cloned()).args(arguments).args(needed);
        if self.help.contains("--seconds") {
            command.args(["--seconds", "1"]);
        }
        command.stdin(Stdio::null()).output().unwrap()
    }

    /// What the secret must not be in.
    fn must_hide_it(&self, output: &Output, mistake: &str) -> String {
        let said = said(output);
        let command = self.words.join(" ");
        for mark in [MARK, MARK_IN_BASE64, MARK_IN_BASE64.trim_end_matches('=')] {
            assert!(!said.contains(mark), "`granary {command}` shows it ({mistake}):\n{said}");
        }
        said
    }
}

fn granary(words: &[String]) -> std::process::Command {
    let mut command = std::process::Command::cargo_bin("granary").unwrap();
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("GRANARY_")) {
        command.env_remove(name);
    }
    command.args(words);
    command
}

fn said(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    String::from_utf8_lossy(out).into_owned() + &String::from_utf8_lossy(err)
}

/// Tries each command on a thread of its own.
fn with_each(commands: &[Command], try_one: impl Fn(&Command) + Sync) {
    std::thread::scope(|scope| {
        for command in commands {
            scope.spawn(|| try_one(command));
        }
    });
}

/// Keys that can't be set to a secret, each with a word of the message that says why.
fn wrong_keys() -> Vec<(&'static str, String, &'static str)> {
    let mark = || MARK.to_owned();
    vec![
        ("kafka.properties.sasl.passwrd", mark(), "is not a property of librdkafka"),
        ("kafka.properties.no.such.name.at.all", mark(), "is not a property of librdkafka"),
        ("kafka.properties.security.protocol", mark(), "it takes: plaintext, ssl"),
        ("kafka.properties.socket.timeout.ms", mark(), "it takes: 10 .. 300000"),
        ("kafka.properties.socket.keepalive.enable", mark(), "librdkafka does not take"),
        ("kafka.properties.debug", format!("generic,{MARK}"), "librdkafka does not take"),
        ("kafka.properties.sasl.jaas.config", mark(), "librdkafka"),
        ("kafka.properties.enable.idempotence", mark(), "exactly-once needs it"),
        ("kafka.sasl.password", mark(), "unknown key"),
        ("kafka.properties", format!("sasl.password={MARK}"), "unknown key"),
        ("kafka.bootstrap_servers", format!("broker:{MARK}@kafka:9092"), "write host:port"),
    ]
}

#[test]
fn no_command_shows_a_secret_under_a_wrong_name_or_of_a_wrong_kind() {
    let commands = Command::all();
    with_each(&commands, |command| {
        if !command.takes_a_configuration() {
            return;
        }
        for (path, value, why) in wrong_keys() {
            let variable = format!("GRANARY_{}", path.to_ascii_uppercase().replace('.', "_"));
            let variables = [(variable, value.clone())];
            let file = file(&format!("{path} = \"{value}\"\n"));
            let config = ["--config".to_owned(), file.path().to_str().unwrap().to_owned()];
            let flags = ["--set".to_owned(), format!("{path}={value}")];
            for (way, output) in [
                ("variable", command.run(&variables, &[])),
                ("file", command.run(&[], &config)),
                ("flag", command.run(&[], &flags)),
            ] {
                let said = command.must_hide_it(&output, &format!("{path} by {way}"));
                assert_eq!(output.status.code(), Some(2), "{path} by {way}: {said}");
                assert!(said.contains(why), "{path} by {way} says `{why}`: {said}");
            }
        }
    });
}

#[test]
fn no_command_shows_a_secret_of_a_file_that_is_not_as_it_must_be() {
    let mistakes = [
        format!("[kafka.properties]\n\"sasl.password\" = \"{MARK}\n"),
        format!("[kafka.properties]\n\"sasl.password\" = {MARK}\n"),
        format!("[kafka.properties]\n\"sasl.password\" = '{MARK}\" # and\n"),
        format!("[kafka.properties]\n\"sasl.password\" = \"\"\"\n{MARK}\n"),
        format!("[kafka.properties]\n\"sasl.password\" = \"{MARK}\\q\"\n"),
        format!("[kafka.properties]\n\"sasl.password\" = \"a\"\n\"sasl.password\" = \"{MARK}\"\n"),
        format!("[kafka.properties]\n\"sasl.password\" = [\"{MARK}\"]\n"),
        format!("[kafka.properties]\n\"sasl.password\" = [[\"{MARK}\"]]\n"),
        format!("[kafka.properties]\n\"sasl.password\" = \"{MARK}\\u0000\"\n"),
        format!("[kafka.properties]\n\"sasl.password: {MARK}\" = 1\n"),
        format!("[kafka.properties]\nsasl.password: {MARK}\n"),
        format!("[kafka.properties]\n{MARK_IN_BASE64}\n"),
        format!("sasl.password={MARK}\n"),
        format!("[[kafka.properties]]\n\"sasl.password\" = \"{MARK}\"\n"),
    ];
    let commands = Command::all();
    with_each(&commands, |command| {
        for text in mistakes.iter().filter(|_| command.takes_a_configuration()) {
            let file = file(text);
            let config = ["--config".to_owned(), file.path().to_str().unwrap().to_owned()];
            let output = command.run(&[], &config);
            let said = command.must_hide_it(&output, text);
            assert_eq!(output.status.code(), Some(2), "{text}: {said}");
        }
    });
}

#[test]
fn no_command_shows_a_secret_of_arguments_that_are_not_as_they_must_be() {
    let key = "kafka.properties.sasl.password";
    let mistakes = [
        vec!["--set".to_owned(), format!("{key}:{MARK}")],
        vec!["--set".to_owned(), format!("{key}:{MARK_IN_BASE64}")],
        vec!["--set".to_owned(), format!("{key} {MARK_IN_BASE64}")],
        vec!["--set".to_owned(), key.to_owned(), MARK.to_owned()],
        vec!["--sett".to_owned(), format!("{key}={MARK}")],
        vec![format!("--sett={key}={MARK}")],
        vec![format!("--{key}={MARK}")],
        vec![format!("--set={MARK}")],
    ];
    let commands = Command::all();
    with_each(&commands, |command| {
        for arguments in &mistakes {
            let output = command.run(&[], arguments);
            let said = command.must_hide_it(&output, &arguments.join(" "));
            assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        }
        // Whoever forgets `--set` writes a word; some commands take it for a file's name.
        if !command.help.contains("[FILES]") {
            let output = command.run(&[], &["x".into(), "x".into(), format!("{key}={MARK}")]);
            command.must_hide_it(&output, "a word too many");
            assert_eq!(output.status.code(), Some(2));
        }
    });
}

/// Where nothing is wrong but the brokers, everything goes its way until they are asked; also where the client is told
/// to say all that it can.
#[test]
fn no_command_shows_a_secret_that_is_where_it_belongs() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let variables = [
        ("GRANARY_KAFKA_BOOTSTRAP_SERVERS", nobody.to_string()),
        ("GRANARY_KAFKA_PROPERTIES_SECURITY_PROTOCOL", "sasl_plaintext".into()),
        ("GRANARY_KAFKA_PROPERTIES_SASL_MECHANISM", "PLAIN".into()),
        ("GRANARY_KAFKA_PROPERTIES_SASL_USERNAME", format!("{MARK}-name")),
        ("GRANARY_KAFKA_PROPERTIES_SASL_PASSWORD", MARK.into()),
        ("GRANARY_KAFKA_PROPERTIES_DEBUG", "all".into()),
        ("GRANARY_LOG_LEVEL", "debug".into()),
        ("GRANARY_CONSOLE_ADDRESS", "127.0.0.1:0".into()),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value));
    let commands = Command::all();
    with_each(&commands, |command| {
        let said = command.must_hide_it(&command.run(&variables, &[]), "all is right");
        if command.words == ["config", "show"] {
            assert!(said.contains("\"sasl.password\" = \"(hidden)\""), "{said}");
            assert!(said.contains("\"sasl.mechanism\" = \"PLAIN\""), "{said}");
        }
    });
}

#[test]
fn a_mistyped_property_is_told_with_the_nearest_one_and_where_it_was_said() {
    let file = file("[kafka.properties]\n\"sasl.usrname\" = \"granary\"\n");
    let mut command = granary(&["config".into(), "check".into()]);
    command.env("GRANARY_KAFKA_PROPERTIES_SASL_PASSWRD", MARK).arg("--config").arg(file.path());
    let said = said(&command.output().unwrap());
    let expected = format!(
        "granary: {}:2: `kafka.properties.sasl.usrname` is not a property of librdkafka\n  \
         did you mean `kafka.properties.sasl.username`?\n\
         environment variable GRANARY_KAFKA_PROPERTIES_SASL_PASSWRD: `kafka.properties.sasl.passwrd` is not a property \
         of librdkafka\n  did you mean GRANARY_KAFKA_PROPERTIES_SASL_PASSWORD?\n",
        file.path().display()
    );
    assert_eq!(said, expected);
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, text).unwrap();
    file
}
