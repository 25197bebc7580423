//! Files and variables that hold keys: what is wrong with one is named, and never shown.

use std::fs;

use partnerstack_tests::desk::{Desk, PUBLIC, SECRET, server};

const SECRET_KEY: &str = "PARTNERSTACK_SECRET_KEY";
const SECRET_FILE: &str = "PARTNERSTACK_SECRET_KEY_FILE";
const ROWS: &str = "customer_key,email,partner_key\na-1,ada@example.com,gstest\n";

#[tokio::test]
async fn what_is_wrong_with_a_key_is_named() {
    let _limit = partnerstack_tests::limit();
    let server = server();
    let inner = "hunter22";
    for (text, words) in [
        (format!("\"{inner}\""), "it has quotes around it"),
        (format!("'{inner}'"), "it has quotes around it"),
        (format!("\u{201c}{inner}\u{201d}"), "it has quotes around it"),
        (format!("{inner} {inner}"), "it has a blank in it"),
        (format!("{inner}\u{a0}{inner}"), "it has a blank in it"),
        (format!("{inner}\n{inner}"), "it has more than one line"),
        (format!("{inner}\u{0}"), "U+0000"),
        (format!("{inner}\u{200b}"), "U+200B"),
        (format!("{inner}\u{e9}"), "U+00E9"),
        (String::new(), "it is empty"),
    ] {
        let desk = Desk::new().without(SECRET_KEY);
        let file = desk.write("secret", &text);
        let desk = desk.with(SECRET_FILE, &file);
        let ran = desk.sync(&server, "customers insert", ROWS, &[]).await;
        ran.refused(&[SECRET_FILE, "is not a key", words]);
        assert!(!ran.stderr.contains(inner) && !ran.stdout.contains(inner), "{}", ran.stderr);
        if !text.is_empty() {
            let ran = Desk::new().with(SECRET_KEY, &text).sync(&server, "customers insert", ROWS, &[]).await;
            ran.refused(&["PARTNERSTACK_SECRET_KEY is not a key", words]);
            assert!(!ran.stderr.contains(inner), "{}", ran.stderr);
        }
    }
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn a_byte_order_mark_is_no_part_of_a_key_and_told() {
    let _limit = partnerstack_tests::limit();
    let server = server();
    let desk = Desk::new().without(SECRET_KEY);
    let file = desk.write("secret", format!("\u{feff}{SECRET}\r\n"));
    #[cfg(unix)]
    private(&file);
    let desk = desk.with(SECRET_FILE, &file);
    let ran = desk.sync(&server, "customers insert", ROWS, &[]).await;
    ran.ended(0, "1 created");
    let told = ran.warnings();
    assert!(told.len() == 1 && told[0].contains("behind a byte order mark"), "{told:?}");
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(SECRET.bytes().flat_map(|byte| [byte, 0])).collect();
    desk.write("secret", utf16);
    desk.sync(&server, "customers insert", ROWS, &[]).await.refused(&["is not UTF-8"]);
}

#[tokio::test]
async fn a_key_in_place_of_a_path_is_not_shown() {
    let _limit = partnerstack_tests::limit();
    let server = server();
    for key in ["sk_live_hunter22", "sk/live/hunter22+=", "hunter22"] {
        for name in [SECRET_FILE, "PARTNERSTACK_PUBLIC_KEY_FILE"] {
            let desk = Desk::without_keys().with("PARTNERSTACK_PUBLIC_KEY", PUBLIC).with(SECRET_KEY, SECRET);
            let desk = desk.without(name.strip_suffix("_FILE").unwrap()).with(name, key);
            for args in [&["--json"][..], &[]] {
                let source = desk.write("rows.csv", ROWS);
                let base =
                    ["sync", "--object", "customers", "--mode", "insert", "--source", &source, "--base-url"];
                let ran = desk.run(&[&base[..], &[server.base_url()], args].concat()).await;
                ran.refused(&[name, "cannot be read", "the key itself belongs in"]);
                assert!(
                    !ran.stderr.contains("hunter22") && !ran.stdout.contains("hunter22"),
                    "{}",
                    ran.stderr
                );
            }
        }
    }
}

#[tokio::test]
async fn what_is_no_small_file_is_refused_at_once() {
    let _limit = partnerstack_tests::limit();
    let server = server();
    let desk = Desk::new().without(SECRET_KEY);
    desk.write("folder/x", "");
    let mut cases = vec![
        (desk.path("folder"), "it is a folder"),
        (desk.write("large", "k".repeat(4097)), "more than 4 KiB"),
    ];
    if cfg!(unix) {
        let pipe = desk.path("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        cases.push((pipe, "it is not a regular file"));
        cases.push(("/dev/zero".to_owned(), "it is not a regular file"));
    }
    let mut desk = desk;
    for (file, words) in cases {
        desk = desk.with(SECRET_FILE, &file);
        desk.sync(&server, "customers insert", ROWS, &[]).await.refused(&[SECRET_FILE, words]);
    }
    let large = desk.write("just small enough", format!("{SECRET}{}", " ".repeat(4096 - SECRET.len())));
    let ran = desk.with(SECRET_FILE, &large).sync(&server, "customers insert", ROWS, &[]).await;
    ran.ended(0, "1 created");
}

#[cfg(unix)]
fn private(file: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn a_key_that_others_can_read_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let _limit = partnerstack_tests::limit();
    let server = server();
    let desk = Desk::new().without(SECRET_KEY);
    let file = desk.write("secret", SECRET);
    let desk = desk.with(SECRET_FILE, &file);
    for (mode, warned) in [(0o600, false), (0o400, false), (0o640, true), (0o604, true), (0o644, true)] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let warning =
            "warning: others on this machine can read the key in the file of PARTNERSTACK_SECRET_KEY_FILE";
        let ran = desk.sync(&server, "customers upsert", ROWS, &[]).await;
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert_eq!(ran.stderr.contains(warning), warned, "{mode:o}: {}", ran.stderr);
        let ran = desk.run(&["check", "--base-url", server.base_url()]).await;
        assert_eq!(ran.stderr.contains(warning), warned, "{mode:o}: {}", ran.stderr);
        let verify = desk.write("sync.yaml", "object: customers\nmode: upsert\nsource: rows.csv\n");
        desk.write("rows.csv", ROWS);
        let ran = desk.run(&["verify", &verify, "--adopt", "--base-url", server.base_url()]).await;
        assert_eq!(ran.stderr.contains(warning), warned, "{mode:o}: {}", ran.stderr);
        // Without need of it, nothing is said of it.
        let ran = desk.sync(&server, "customers upsert", ROWS, &["--dry-run"]).await;
        assert!(!ran.stderr.contains(warning), "{}", ran.stderr);
    }
}
