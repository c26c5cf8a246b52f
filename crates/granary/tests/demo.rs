//! `granary demo` where there is no terminal: it ends by itself, and its account adds up.

use assert_cmd::Command;

#[test]
fn an_evening_cut_short_still_adds_up() {
    let mut command = Command::cargo_bin("granary").unwrap();
    let output =
        command.args(["demo", "--events", "150", "--rate", "300", "--seed", "7"]).output().unwrap();
    let (told, errors) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{told}\n{errors}");
    assert!(told.contains("in-process broker"), "says which broker it runs on:\n{told}");
    assert!(told.contains("kcat -b 127.0.0.1:"), "says how to look in:\n{told}");
    assert!(told.contains("150 published"), "{told}");
    assert_eq!(told.matches('✓').count(), 3, "events, orders and stock add up:\n{told}");
    assert!(!told.contains('\u{1b}'), "no colours where there is no terminal");
}
