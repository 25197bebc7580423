//! The signals of a terminal that is closed, sent to the real process.
#![cfg(unix)]

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use partnerstack_tests::binary::binary;
use partnerstack_tests::server::{Options, Server};
use partnerstack_tests::until::until;
use serde_json::Value;

/// A run whose standard input stays open, once its first row has arrived.
fn idle(server: &Server, ignores_hangup: bool) -> (Child, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    // These tests may have been started to outlive their terminal themselves, and a process passes that on. A shell cannot
    // take it back, so `env` does, where it can.
    let mut command = Command::new(if ignores_hangup { "sh" } else { "env" });
    if ignores_hangup {
        command.args(["-c", r#"trap '' HUP; exec "$0" "$@""#]);
    } else if cfg!(target_os = "linux") {
        command.arg("--default-signal=HUP");
    }
    let mut child = command
        .arg(binary())
        .args(["sync", "--object", "customers", "--mode", "insert", "--source", "-", "--format", "csv"])
        .args(["--json", "--base-url", &server.base_url(), "--ledger"])
        .arg(folder.path().join("ledger.db"))
        .env_clear()
        .env("HOME", folder.path())
        .env("PARTNERSTACK_PUBLIC_KEY", "pk_test")
        .env("PARTNERSTACK_SECRET_KEY", "sk_test")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let rows = "email,partner_key,customer_key\nada@example.com,gstest,a-1\n";
    child.stdin.as_mut().unwrap().write_all(rows.as_bytes()).unwrap();
    until("the first row", || server.requests() > 0);
    (child, folder)
}

fn hang_up(child: &Child) {
    let killed = Command::new("kill").args(["-HUP", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
}

fn ended(mut child: Child) -> (Option<i32>, Value) {
    let mut line = String::new();
    child.stdout.take().unwrap().read_to_string(&mut line).unwrap();
    (child.wait().unwrap().code(), serde_json::from_str(&line).unwrap_or_else(|_| panic!("no line: {line}")))
}

#[test]
fn a_terminal_that_is_closed_ends_a_run_like_sigterm() {
    let _limit = partnerstack_tests::limit();
    let server = Server::start(Options::default()).unwrap();
    let (mut child, _folder) = idle(&server, false);
    let input = child.stdin.take();
    hang_up(&child);
    let (code, report) = ended(child);
    drop(input);
    assert_eq!(code, Some(143), "{report}");
    assert_eq!(
        (&report["rows"]["created"], &report["error"]),
        (&Value::from(1), &Value::from("interrupted"))
    );
}

#[test]
#[cfg(target_os = "linux")]
fn a_run_that_was_started_to_outlive_its_terminal_does() {
    let _limit = partnerstack_tests::limit();
    let server = Server::start(Options::default()).unwrap();
    let (mut child, _folder) = idle(&server, true);
    hang_up(&child);
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"eve@example.com,gstest,a-2\n").unwrap();
    drop(input);
    let (code, report) = ended(child);
    assert_eq!((code, &report["rows"]["created"]), (Some(0), &Value::from(2)), "{report}");
}
