//! Proxies: what the settings say is done, or the run ends; it never goes another way silently.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use partnerstack_tests::binary::binary;
use std::process::{Command, Output};

use partnerstack_tests::desk::Desk;

const URL: &str = "https://api.partnerstack.test/api/v2";
const ROWS: &str = "customer_key,email,partner_key\na-1,ada@example.com,gstest\n";

fn run(desk: &Desk, command: &str, variables: &[(&str, &str)]) -> Output {
    let source = desk.write("rows.csv", ROWS);
    let sync = ["--object", "customers", "--mode", "insert", "--source", &source, "--give-up", "120"];
    let mut process = Command::new(binary());
    process.arg(command).args(["--base-url", URL]).args(if command == "sync" { &sync[..] } else { &[] });
    process.env_clear().env("HOME", desk.path("")).env("PARTNERSTACK_PUBLIC_KEY", "pk_of_a_test");
    process.env("PARTNERSTACK_SECRET_KEY", "sk_of_a_test").envs(variables.iter().copied());
    process.output().unwrap()
}

/// A proxy that wants a password.
fn closed_proxy() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ =
                stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
        }
    });
    address
}

#[test]
fn what_is_no_proxy_does_not_start() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::new();
    for (name, value) in [
        ("HTTPS_PROXY", "http://user:hunter22@"),
        ("https_proxy", "hunter22"),
        ("ALL_PROXY", "http://hunter22 :80"),
        ("HTTP_PROXY", "http://user:hunter22@:x"),
        ("NO_PROXY", "http://hunter22"),
        ("no_proxy", "a hunter22"),
    ] {
        for command in ["sync", "check"] {
            let ran = run(&desk, command, &[(name, value)]);
            let stderr = String::from_utf8(ran.stderr).unwrap();
            assert_eq!(ran.status.code(), Some(2), "{name} {command}: {stderr}");
            assert!(stderr.contains(name) && !stderr.contains("hunter22"), "{stderr}");
        }
    }
}

#[test]
fn what_no_retry_mends_ends_the_run_at_once() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::new();
    let (proxy, roots) = (closed_proxy(), desk.write("roots.pem", rootless()));
    for (name, value, words) in [
        ("HTTPS_PROXY", format!("http://user:hunter22@{proxy}"), "HTTP 407"),
        ("all_proxy", proxy, "HTTP 407"),
        ("ALL_PROXY", "socks5h://user:hunter22@127.0.0.1:1".to_owned(), "unknown kind (socks5h)"),
        ("HTTPS_PROXY", "htp://127.0.0.1:1".to_owned(), "unknown kind (htp)"),
        ("SSL_CERT_FILE", "/nowhere/roots.pem".to_owned(), "SSL_CERT_FILE"),
    ] {
        for command in ["sync", "check"] {
            // The roots of this machine may be none; then nothing but that would be said.
            let ran = run(
                &desk,
                command,
                &[("SSL_CERT_FILE", &roots), ("SSL_CERT_DIR", "/nowhere"), (name, &value)],
            );
            let text = String::from_utf8([ran.stdout, ran.stderr].concat()).unwrap();
            assert_eq!(ran.status.code(), Some(5), "{name} {command}: {text}");
            assert!(text.contains(words) && !text.contains("hunter22"), "{text}");
        }
    }
}

/// Some certificate of a CA, so that there are roots at all.
fn rootless() -> &'static str {
    include_str!("some-ca.pem")
}
