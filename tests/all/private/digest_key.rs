//! `--digest-key-file`: the key of the ledger's digests lies apart from the ledger.

use std::fs;

use partnerstack_tests::desk::{Desk, server};

const ROWS: &str = "customer_key,email,partner_key\na-1,ada@example.com,gstest\n";
const VARIABLE: &str = "PARTNERSTACK_DIGEST_KEY_FILE";

#[tokio::test]
async fn the_key_is_made_once_and_needed_from_then_on() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let key = desk.path("digests.key");
    let url = ["--base-url", server.base_url()];
    let flag = ["--digest-key-file", &key];
    desk.sync(&server, "customers upsert", ROWS, &flag).await.ended(0, "1 created");
    let text = desk.read("digests.key");
    assert!(text.len() == 65 && text.trim().bytes().all(|byte| byte.is_ascii_hexdigit()), "{text}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let bytes: Vec<u8> =
        (0..64).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect();
    for name in desk.files().iter().filter(|name| name.contains("ledger.db")) {
        let ledger = fs::read(desk.path(name)).unwrap();
        assert!(!ledger.windows(32).any(|window| window == bytes), "the key is in {name}");
    }

    desk.sync(&server, "customers upsert", ROWS, &flag).await.ended(0, "1 unchanged");
    assert_eq!(desk.read("digests.key"), text);
    for args in [&["history", "a-1"][..], &["history", "a-1", "--json"]] {
        assert_eq!(desk.run(&[args, &url, &flag].concat()).await.code, 0);
    }
    desk.sync(&server, "customers upsert", ROWS, &["--digest-key-file", &key, "--dry-run"])
        .await
        .ended(0, "1 unchanged");

    // Without it nothing starts, and the ledger stays as it is.
    let without = ["was made with --digest-key-file, which is not given", VARIABLE];
    desk.sync(&server, "customers upsert", ROWS, &[]).await.refused(&without);
    desk.sync(&server, "customers upsert", ROWS, &["--dry-run"]).await.refused(&without);
    desk.run(&[&["history", "a-1"][..], &url].concat()).await.refused(&without);
    let resolve = ["resolve", "a-1", "--object", "customers", "--arrived"];
    desk.run(&[&resolve[..], &url].concat()).await.refused(&without);
    for (name, contents, words) in [
        ("other.key", "0".repeat(64), "was made with another key"),
        ("short.key", "0".repeat(63), "holds no key"),
        ("large.key", "0".repeat(5000), "more than 4 KiB"),
        ("words.key", format!("{}é", "0".repeat(62)), "holds no key"),
    ] {
        let other = desk.write(name, contents);
        desk.sync(&server, "customers upsert", ROWS, &["--digest-key-file", &other]).await.refused(&[words]);
    }
    let missing = desk.path("missing.key");
    desk.sync(&server, "customers upsert", ROWS, &["--digest-key-file", &missing])
        .await
        .refused(&["cannot be read"]);
    assert!(!desk.has("missing.key"), "a ledger that exists gets no fresh key");
    desk.sync(&server, "customers upsert", ROWS, &flag).await.ended(0, "1 unchanged");
}

#[tokio::test]
async fn a_ledger_with_its_own_key_cannot_change() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.sync(&server, "customers upsert", ROWS, &[]).await.ended(0, "1 created");
    let key = desk.path("digests.key");
    let ran = desk.sync(&server, "customers upsert", ROWS, &["--digest-key-file", &key]).await;
    ran.refused(&["cannot change to --digest-key-file", "--ledger PATH"]);
    assert!(!desk.has("digests.key"));
    desk.sync(&server, "customers upsert", ROWS, &[]).await.ended(0, "1 unchanged");
}

#[tokio::test]
async fn environment_and_sync_file_name_it_too_and_a_key_that_exists_is_taken() {
    let _limit = partnerstack_tests::limit();
    let server = server();
    let desk = Desk::new();
    let key = desk.path("by variable.key");
    let desk = desk.with(VARIABLE, &key);
    desk.sync(&server, "customers upsert", ROWS, &[]).await.ended(0, "1 created");
    let text = desk.read("by variable.key");
    assert_eq!(desk.run(&["history", "a-1", "--base-url", server.base_url()]).await.code, 0);

    let other = Desk::new();
    let key = other.write("kept.key", &text);
    let settings = format!("object: customers\nmode: upsert\ndigest_key_file: {key}\n");
    other.sync_file(&server, &settings, ROWS, &[]).await.ended(0, "1 updated");
    assert_eq!(other.read("kept.key"), text);
    other.sync_file(&server, &settings, ROWS, &[]).await.ended(0, "1 unchanged");
}

#[tokio::test]
async fn a_key_that_cannot_be_used_leaves_no_ledger_behind() {
    let _limit = partnerstack_tests::limit();
    let server = server();
    for (file, words) in [
        ("nowhere/digests.key", "cannot be written"),
        ("folder", "it is a folder"),
        ("bad.key", "holds no key"),
    ] {
        let desk = Desk::new();
        desk.write("folder/x", "");
        desk.write("bad.key", "x");
        let key = desk.path(file);
        desk.sync(&server, "customers upsert", ROWS, &["--digest-key-file", &key]).await.refused(&[words]);
        let left: Vec<String> = desk
            .files()
            .into_iter()
            .filter(|name| name.ends_with("ledger.db") || name.contains(".new"))
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }
    // A dry run makes nothing.
    let desk = Desk::new();
    let key = desk.path("digests.key");
    desk.sync(&server, "customers upsert", ROWS, &["--digest-key-file", &key, "--dry-run"])
        .await
        .ended(0, "1 pending");
    assert!(!desk.has("digests.key"));
}
