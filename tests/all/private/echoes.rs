//! A server that repeats what it was sent, in whatever form: neither keys nor values of a row come out of it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use partnerstack_tests::recorder::{Recorder, Reply};
use serde_json::json;

use partnerstack_tests::desk::{Desk, PUBLIC, Ran, SECRET};

const MAIL: &str = "Ada.O'Neil+1@example.com";
const ROWS: &str = "Customer,E-Mail,Partner Key,Name\nc/1&2, Ada.O'Neil+1@EXAMPLE.com ,harbor,Ädä Straße\n";
const FILE: &str = "object: customers\nmode: insert\nsource: rows.csv\nmapping:\n  customer_key: Customer\n  \
                    email: {column: E-Mail, as: trim}\n  partner_key: Partner Key\n  name: Name\n";

/// Everything that a run left: its output, and every file of the desk but the source.
fn left(desk: &Desk, ran: &Ran) -> Vec<(String, String)> {
    let mut left = vec![("stdout".to_owned(), ran.stdout.clone()), ("stderr".to_owned(), ran.stderr.clone())];
    for name in desk.files().into_iter().filter(|name| !name.starts_with("rows.")) {
        if let Ok(bytes) = std::fs::read(desk.path(&name)) {
            left.push((name, String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    left
}

fn escaped(text: &str, form: impl Fn(char) -> String) -> String {
    text.chars().map(form).collect()
}

/// A text in the forms in which servers repeat what they were sent.
fn forms(text: &str) -> Vec<String> {
    vec![
        text.to_owned(),
        text.to_uppercase(),
        escaped(text, |c| format!("\\u{:04x}", u32::from(c))),
        text.replace('/', r"\/"),
        text.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat(),
        escaped(text, |c| format!("&#x{:x};", u32::from(c))),
        text.replace('&', "&amp;").replace('\'', "&#39;"),
        format!("{}\r\n  {}", &text[..3], &text[3..]),
    ]
}

async fn echo(message: &str, status: u16) -> (Desk, Ran) {
    let message = message.to_owned();
    let server = Recorder::answering(move |_, call| {
        if call.reads() { Reply::blind_page() } else { Reply::refused(status, &message) }
    })
    .await;
    let desk = Desk::new();
    desk.write("rows.csv", ROWS);
    let file = desk.write("sync.yaml", FILE);
    let ran = desk.run(&["sync", &file, "--base-url", &server.base_url(), "--json"]).await;
    (desk, ran)
}

#[tokio::test]
async fn no_form_of_a_key_is_shown_or_stored() {
    let _limit = partnerstack_tests::limit();
    let pair = format!("{PUBLIC}:{SECRET}");
    let texts = [SECRET.to_owned(), PUBLIC.to_owned(), STANDARD.encode(&pair), URL_SAFE_NO_PAD.encode(&pair)];
    let forms: Vec<String> = texts.iter().flat_map(|text| forms(text)).collect();
    for status in [400, 401] {
        for form in &forms {
            let (desk, ran) = echo(&format!("bad key {form} here"), status).await;
            for (place, text) in left(&desk, &ran) {
                assert!(!text.contains(form.as_str()), "{form} in {place}: {text}");
            }
            ran.says(&["bad key ***"]);
        }
    }
}

#[tokio::test]
async fn no_form_of_a_value_is_shown_or_stored_but_in_the_row() {
    let _limit = partnerstack_tests::limit();
    for (value, column) in [(MAIL, "<E-Mail>"), ("c/1&2", "<Customer>"), ("Harbor", "<Partner Key>")] {
        for form in forms(value) {
            for status in [400, 401] {
                let (desk, ran) = echo(&format!("I know ({form}) already"), status).await;
                ran.says(&[&format!("I know ({column}) already")]);
                for (place, text) in left(&desk, &ran) {
                    // The row itself is there, under `record`.
                    let text = text.split("\"record\":").next().unwrap_or_default();
                    assert!(!text.contains(&form) || form == "c/1&2", "{form} in {place}: {text}");
                }
                if status == 400 {
                    let failure = &desk.failures("sync")[0];
                    assert_eq!(failure["message"], format!("I know ({column}) already"));
                }
            }
        }
    }
    for form in [
        "ÄDÄ STRASSE",
        "ädä straße",
        "Ädä\u{a0}Straße",
        "%C3%84d%C3%A4+Stra%C3%9Fe",
        r"\u00c4d\u00e4 Stra\u00dfe",
    ] {
        let (_, ran) = echo(&format!("I know ({form}) already"), 400).await;
        ran.says(&["I know (<Name>) already"]);
    }
}

#[tokio::test]
async fn what_was_made_of_a_value_is_taken_out_too() {
    let _limit = partnerstack_tests::limit();
    let message = r#"123456 of 01.02.2026 (1769904000000), 2026-02-01 to INV-ÄÖ/7 by inv-äö%2F7 and {"k": "INV-\u00c4\u00d6\/7"}"#;
    let server = Recorder::of([Reply::refused(400, message)]).await;
    let desk = Desk::new();
    desk.write("rows.csv", "Total,Day,Who,Cur\n\"1,234.56\",01.02.2026, INV-ÄÖ/7 ,USD\n");
    let file = desk.write(
        "sync.yaml",
        "object: transactions\nmode: insert\nsource: rows.csv\nprimary_key: [{column: Who, as: trim}]\nmapping:\n  amount: {column: Total, as: cents}\n  \
         currency: Cur\n  customer_external_key: {column: Who, as: trim}\n",
    );
    let ran = desk.run(&["sync", &file, "--base-url", &server.base_url(), "--json"]).await;
    ran.says(&["<amount> of <Day> (1769904000000), 2026-02-01 to <Who> by <Who> and {\"k\": \"<Who>\"}"]);
    let ran = desk.run(&["history", "INV-ÄÖ/7", "--json", "--base-url", &server.base_url()]).await;
    assert!(!ran.stdout.contains("123456") && !ran.stdout.to_lowercase().contains("inv-"), "{}", ran.stdout);
}

#[tokio::test]
async fn a_value_is_taken_out_before_the_message_is_cut() {
    let _limit = partnerstack_tests::limit();
    for before in [480, 490, 499] {
        let (desk, ran) = echo(&format!("{} {MAIL} is blocked", "x".repeat(before)), 400).await;
        assert!(!ran.stderr.contains("Ada"), "{}", ran.stderr);
        let message = desk.failures("sync")[0]["message"].as_str().unwrap().to_owned();
        assert!(!message.contains("Ada") && message.chars().count() <= 500, "{message}");
    }
}

#[tokio::test]
async fn trouble_that_ends_a_run_says_nothing_of_the_row_that_it_came_to() {
    let _limit = partnerstack_tests::limit();
    let server = Recorder::answering(|_, call| {
        let sent = call.json()["email"].as_str().unwrap_or_default().to_uppercase();
        if call.reads() { Reply::blind_page() } else { Reply::refused(500, &format!("no room for {sent}")) }
    })
    .await;
    let desk = Desk::new();
    let rows = "customer_key,email,partner_key\nc-1,ada@example.com,harbor\n";
    let ran = desk.sync_to(&server.base_url(), "customers insert", rows, &["--settle-after", "0"]).await;
    assert_ne!(ran.code, 0);
    for (place, text) in left(&desk, &ran) {
        let text = text.split("\"record\":").next().unwrap_or_default().to_lowercase();
        assert!(!text.contains("ada@example.com"), "{place}: {text}");
    }
}

#[tokio::test]
async fn a_value_of_one_or_two_letters_blanks_no_message() {
    let _limit = partnerstack_tests::limit();
    let message = "Al is no member of all plans, not even as a 42";
    let server = Recorder::of([Reply::refused(400, message)]).await;
    let row = json!({
        "email": "ada@example.com", "partner_key": "harbor", "name": "al", "letter": "e", "number": 42, "sign": "-",
    });
    let desk = Desk::new();
    let ran = desk.sync_to(&server.base_url(), "customers insert", row.to_string(), &[]).await;
    ran.says(&["<name> is no member of all plans, not even as a 42"]);
}
