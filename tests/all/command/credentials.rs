//! Where keys come from, and where they may go.

use partnerstack_connector::sandbox::Options;

use partnerstack_tests::desk::{Desk, PUBLIC, SECRET, server_with};

const PUBLIC_KEY: &str = "PARTNERSTACK_PUBLIC_KEY";
const SECRET_KEY: &str = "PARTNERSTACK_SECRET_KEY";
const PUBLIC_FILE: &str = "PARTNERSTACK_PUBLIC_KEY_FILE";
const SECRET_FILE: &str = "PARTNERSTACK_SECRET_KEY_FILE";
const ROWS: &str = "email,partner_key,customer_key\nada@example.com,gstest,a-1\n";

fn strict() -> Options {
    Options { credentials: Some((PUBLIC.to_owned(), SECRET.to_owned())), ..Options::default() }
}

#[tokio::test]
async fn the_pair_goes_into_the_header_and_a_file_can_hold_a_key() {
    let _limit = partnerstack_tests::limit();
    let server = server_with(strict());
    Desk::new().sync(&server, "customers insert", ROWS, &[]).await.ended(0, "1 created");

    let desk = Desk::without_keys();
    let (public, secret) = (desk.write("public", PUBLIC), desk.write("secret", format!("{SECRET}\n")));
    let desk = desk.with(PUBLIC_FILE, &public).with(SECRET_FILE, &secret);
    desk.sync(&server, "customers upsert", ROWS, &[]).await.ended(0, "1 updated");

    let desk = Desk::new().with(SECRET_FILE, "/nowhere");
    desk.sync(&server, "customers upsert", ROWS, &[]).await.ended(0, "1 updated");
}

#[tokio::test]
async fn what_is_missing_or_broken_is_named_with_the_place_where_keys_are() {
    let _limit = partnerstack_tests::limit();
    let server = server_with(strict());
    let keys_at = "Settings > Integrations > PartnerStack API Keys";
    for (desk, words) in [
        (
            Desk::without_keys(),
            &[
                "no credentials: PARTNERSTACK_PUBLIC_KEY is not set",
                "PARTNERSTACK_PUBLIC_KEY_FILE",
                "--sandbox",
            ][..],
        ),
        (Desk::new().without(SECRET_KEY), &["no credentials: PARTNERSTACK_SECRET_KEY is not set"]),
        (Desk::new().with(SECRET_KEY, ""), &["no credentials: PARTNERSTACK_SECRET_KEY is not set"]),
        (
            Desk::new().with(SECRET_KEY, "two words"),
            &["PARTNERSTACK_SECRET_KEY is not a key", "copy it again"],
        ),
        (Desk::new().with(SECRET_KEY, " \t "), &["PARTNERSTACK_SECRET_KEY is not a key"]),
        (Desk::new().with(PUBLIC_KEY, "pk\u{e9}"), &["PARTNERSTACK_PUBLIC_KEY is not a key"]),
    ] {
        let ran = desk.sync(&server, "customers insert", ROWS, &[]).await;
        ran.refused(words);
        ran.says(&[keys_at]);
        assert!(!ran.stderr.contains("two words"), "{}", ran.stderr);
    }
    let desk = Desk::new().without(SECRET_KEY).with(SECRET_FILE, "/nowhere/secret");
    desk.sync(&server, "customers insert", ROWS, &[])
        .await
        .refused(&[SECRET_FILE, "`/nowhere/secret`, which cannot be read"]);
    let desk = Desk::new().without(SECRET_KEY);
    let empty = desk.write("empty", "\n");
    let desk = desk.with(SECRET_FILE, &empty);
    desk.sync(&server, "customers insert", ROWS, &[]).await.refused(&["is not a key"]);
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn blanks_around_a_key_are_no_part_of_it() {
    let _limit = partnerstack_tests::limit();
    let server = server_with(strict());
    let desk =
        Desk::new().with(PUBLIC_KEY, &format!(" {PUBLIC} ")).with(SECRET_KEY, &format!("{SECRET}\r\n"));
    desk.sync(&server, "customers insert", ROWS, &[]).await.ended(0, "1 created");
}

#[tokio::test]
async fn keys_go_nowhere_in_plain_sight() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::new();
    let source = desk.write("rows.csv", ROWS);
    let args =
        ["sync", "--object", "customers", "--mode", "insert", "--source", &source, "--json", "--base-url"];
    for (url, words) in [
        ("http://api.partnerstack.com/api/v2", "plain http"),
        ("http://10.0.0.1/api/v2", "plain http"),
        ("http://localhost.example.com/api/v2", "plain http"),
        ("http://127.0.0.1.example.com/api/v2", "plain http"),
        ("http://[2001:db8::1]/api/v2", "plain http"),
        ("https://user:password@api.example.com", "must not hold credentials"),
        ("https://api.example.com/v2?key=1", "a query"),
        ("ftp://api.example.com", "https://"),
        ("api.example.com", "is not a URL"),
        ("", "is not a URL"),
    ] {
        let ran = desk.run(&[&args[..], &[url]].concat()).await;
        ran.refused(&[words]);
        assert!(!ran.stderr.contains("password"), "{}", ran.stderr);
    }
    let file = desk.write(
        "sync.yaml",
        format!("object: customers\nmode: insert\nsource: {source}\nsecret_key: {SECRET}\n"),
    );
    let ran = desk.run(&["sync", &file, "--sandbox", "--json"]).await;
    ran.refused(&["sync.yaml:4:1", "the file takes no key `secret_key`", "come from the environment"]);
}

#[tokio::test]
async fn a_sandbox_and_a_base_url_exclude_each_other() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::new();
    let source = desk.write("rows.csv", ROWS);
    let args =
        ["sync", "--object", "customers", "--mode", "insert", "--source", &source, "--sandbox", "--json"];
    let ran = desk.run(&[&args[..], &["--base-url", "https://api.partnerstack.com/api/v2"]].concat()).await;
    ran.refused(&["--sandbox", "--base-url"]);
}
