//! Answers that are not what the API's documents promise, and messages that nobody should trust.

use std::io::Write;

use partnerstack_tests::recorder::{Recorder, Reply};
use serde_json::json;

use partnerstack_tests::raw_server::RawServer;
use partnerstack_tests::wire_sync::{Synced, customer, customers, sync, sync_csv, sync_in_turn, transaction};

/// What comes of a create that gets this answer.
async fn answered(reply: Reply) -> Synced {
    let server = Recorder::of([reply]).await;
    let synced = sync(&server.base_url(), "customers insert", &[customer(1)]).await;
    assert_eq!(server.writes().len(), 1);
    synced
}

#[tokio::test]
async fn a_success_that_cannot_be_read_is_uncertain() {
    let _limit = partnerstack_tests::limit();
    let nested = "[".repeat(10_000);
    let bodies: [(&[u8], &str); 7] = [
        (b"<!doctype html><html>Welcome</html>", "an HTML page instead of JSON"),
        (b"", "an empty body"),
        (b" \r\n", "an empty body"),
        (b"{\"data\":{\"key\":\"cu", "a body that is not JSON"),
        (b"OK", "a body that is not JSON"),
        (b"\xff\xfe{\x00}\x00", "a body that is not JSON"),
        (nested.as_bytes(), "a body that is not JSON"),
    ];
    for (body, what) in bodies {
        let synced = answered(Reply::of(200, body)).await;
        synced.ended(4, "1 uncertain");
        let message = synced.failure()["message"].as_str().unwrap().to_owned();
        assert!(
            message.starts_with(&format!("it may have been applied: HTTP 200 with {what}; ")),
            "{message}"
        );
    }
}

#[tokio::test]
async fn a_success_in_another_shape_is_uncertain() {
    let _limit = partnerstack_tests::limit();
    let bodies = [
        "{}",
        "null",
        "[]",
        "7",
        r#"{"data":null}"#,
        r#"{"data":{"key":"rec_1"}}"#,
        r#"{"data":{"key":"rec_1"},"message":{}}"#,
        // A record without a key, no record, and the status of an error.
        r#"{"data":{},"message":"done","status":200}"#,
        r#"{"data":[{"key":"rec_1"}],"message":"done","status":200}"#,
        r#"{"message":"Internal Server Error","status":200}"#,
        r#"{"data":{"key":"rec_1"},"message":"Internal Server Error","status":500}"#,
        r#"{"data":{"key":"rec_1"},"message":"done","status":"200"}"#,
        // Another record than the one that was sent.
        r#"{"data":{"key":"rec_1","customer_key":"acct-2"},"message":"done","status":200}"#,
    ];
    for body in bodies {
        for status in [200, 201, 202] {
            answered(Reply::of(status, body)).await.ended(4, "1 uncertain");
        }
    }
    answered(Reply::of(204, "")).await.ended(4, "1 uncertain");
}

#[tokio::test]
async fn another_key_alone_makes_no_other_record() {
    let _limit = partnerstack_tests::limit();
    // Some servers give keys of their own, and their own time.
    for (record, code, counts) in [
        (r#"{"key":"tran_7"}"#, 0, "1 created"),
        (r#"{"key":"tran_7","created_at":1,"amount":4900}"#, 0, "1 created"),
        (r#"{"key":"tran_7","amount":1}"#, 4, "1 uncertain"),
        (r#"{"key":"tran_7","currency":"EUR"}"#, 4, "1 uncertain"),
    ] {
        let server =
            Recorder::of([Reply::of(200, format!(r#"{{"data":{record},"message":"done","status":200}}"#))])
                .await;
        let mut row = transaction(1);
        row["created_at"] = json!("2026-10-01T00:00:00Z");
        let synced = sync(&server.base_url(), "transactions insert", &[row]).await;
        synced.ended(code, counts);
    }
}

#[tokio::test]
async fn a_success_counts_with_and_without_its_status_in_the_body() {
    let _limit = partnerstack_tests::limit();
    for body in [
        r#"{"data":{"key":"rec_1"},"message":"done"}"#,
        r#"{"data":{"key":7},"message":""}"#,
        "\u{feff}{\"data\":{\"key\":\"rec_1\"},\"message\":\"done\"}",
        r#"{"data":{"key":"rec_1","email":"ADA.1@example.com"},"message":"done"}"#,
    ] {
        for status in [200, 201, 202] {
            answered(Reply::of(status, body)).await.ended(0, "1 created");
        }
    }
    answered(Reply::of(201, r#"{"data":{"key":"rec_1"},"message":"done","status":201}"#))
        .await
        .ended(0, "1 created");
}

#[tokio::test]
async fn an_update_needs_no_body_but_no_other_one_either() {
    let _limit = partnerstack_tests::limit();
    for (status, body, tries) in [
        (204, "", 1),
        (200, "", 1),
        (202, " ", 1),
        (200, r#"{"message":"done"}"#, 1),
        (200, "{}", 2),
        (200, "null", 2),
        (200, "<html>", 2),
        (202, r#"{"message":"no","status":500}"#, 2),
    ] {
        let server = Recorder::of([Reply::of(status, body)]).await;
        let synced = sync(&server.base_url(), "customers update", &[customer(1)]).await;
        synced.ended(0, "1 updated");
        assert_eq!(server.writes().len(), tries, "{status} {body}");
    }
}

#[tokio::test]
async fn a_refusal_in_another_shape_says_nothing_of_the_row() {
    let _limit = partnerstack_tests::limit();
    let nested = format!("{}\"x\"{}", "{\"message\":".repeat(10_000), "}".repeat(10_000));
    let bodies = [
        ("<html>", "HTTP 400 with an HTML page instead of JSON"),
        ("", "HTTP 400 with an empty body"),
        ("[1]", "HTTP 400 without a message"),
        ("null", "HTTP 400 without a message"),
        (r#"{"message":["a"]}"#, "HTTP 400 without a message"),
        (r#"{"error":"bad"}"#, "HTTP 400 without a message"),
        (r#"{"message":"no","status":404}"#, "no"),
        (nested.as_str(), "HTTP 400 with a body that is not JSON"),
    ];
    for (body, message) in bodies {
        let synced = answered(Reply::of(400, body)).await;
        synced.ended(4, "1 uncertain");
        assert_eq!(synced.failure()["status"], 400);
        synced.says(&[&format!("it may have been applied: {message}; ")]);
    }
}

#[tokio::test]
async fn a_refusal_without_words_is_a_refusal() {
    let _limit = partnerstack_tests::limit();
    for body in [r#"{"message":"  "}"#, r#"{"message":"","status":400}"#] {
        let synced = answered(Reply::of(400, body)).await;
        synced.ended(1, "1 rejected");
        assert_eq!(synced.failure()["message"], "HTTP 400 without a message");
    }
}

#[tokio::test]
async fn a_body_of_100_mb_is_not_read() {
    const PROMISED: usize = 100 << 20;
    // What the kernel holds of a connection on loopback is some MiB; what was read is at most one.
    const TAKEN: usize = 32 << 20;
    let _limit = partnerstack_tests::limit();
    for status in ["200 OK", "400 Bad Request"] {
        let server = RawServer::start(move |_, stream| {
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {PROMISED}\r\n\r\n{{\"message\":\"");
            let part = vec![b'a'; 64 << 10];
            let mut written = 0;
            let mut open = stream.write_all(head.as_bytes()).is_ok();
            while open && written < PROMISED {
                open = stream.write_all(&part).is_ok();
                written += part.len();
            }
            written
        });
        let synced = sync(server.base_url(), "customers insert", &[customer(1)]).await;
        synced.ended(4, "1 uncertain");
        let message = synced.failure()["message"].as_str().unwrap().to_owned();
        assert!(message.contains("with a body larger than 1 MiB"), "{message}");
        assert!(synced.failures_text.len() < 2000 && synced.output.stderr.len() < 4000);
        assert_eq!(server.requests(), 1);
        // The answer may still be on its way into a connection that the client has left.
        assert!(server.said().iter().all(|written| *written < TAKEN), "{:?}", server.said());
    }
}

#[tokio::test]
async fn a_message_cannot_command_a_terminal() {
    let _limit = partnerstack_tests::limit();
    let nasty = "\u{1b}[2J\u{1b}]0;owned\u{7} a\r\nb\tc \u{9b}31m \u{202e}txt.exe\u{2066} \u{0}\u{7f}end";
    for status in [400, 401, 404, 500] {
        let synced = answered(Reply::refused(status, nasty)).await;
        let output = [&synced.output.stderr, &synced.output.stdout, &synced.failures_text];
        for text in output {
            let raw = |c: &char| {
                (c.is_control() && *c != '\n') || ('\u{202a}'..='\u{202e}').contains(c) || *c == '\u{2066}'
            };
            assert_eq!(text.chars().find(raw), None, "{text:?}");
            assert!(!text.contains("\nb"), "a line of its own: {text:?}");
        }
        synced.says(&[
            r"\u{1b}[2J\u{1b}]0;owned\u{7} a\r\nb\tc \u{9b}31m \u{202e}txt.exe\u{2066} \u{0}\u{7f}end",
        ]);
    }
}

#[tokio::test]
async fn a_message_is_cut_at_500_characters() {
    let _limit = partnerstack_tests::limit();
    let synced = answered(Reply::refused(400, &"é\u{7}".repeat(10_000))).await;
    let message = synced.failure()["message"].as_str().unwrap().to_owned();
    assert_eq!(message.chars().count(), 500);
    assert!(message.starts_with(r"é\u{7}é\u{7}"), "{message}");
}

#[tokio::test]
async fn what_a_row_holds_stays_in_the_failures_file() {
    let _limit = partnerstack_tests::limit();
    let server = Recorder::answering(|_, call| {
        let email = call.json()["email"].as_str().unwrap().to_owned();
        Reply::refused(400, &format!("The address {email} ({}) is blocked", email.to_uppercase()))
    })
    .await;
    let synced = sync_in_turn(&server.base_url(), "customers insert", &customers(3)).await;
    synced.ended(1, "3 rejected");
    // The row itself is in the failures file, beside the message.
    assert_eq!(synced.failures()[1]["message"], "The address <email> (<email>) is blocked");
    assert_eq!(synced.failures()[1]["record"]["email"], "ada.2@example.com");
    assert!(!synced.output.stderr.to_lowercase().contains("example.com"), "{}", synced.output.stderr);
    // Rows that failed for one reason stand together.
    synced.says(&[
        "3 rows rejected (HTTP 400), the first is row 1:\n  The address <email> (<email>) is blocked",
    ]);
}

#[tokio::test]
async fn what_is_deep_inside_a_row_is_not_said_either() {
    let _limit = partnerstack_tests::limit();
    let message = "plan gold-42 of +49 30 1234567 is unknown, see ref-9 and 30001";
    let server = Recorder::of([Reply::refused(400, message)]).await;
    let row = json!({
        "email": "ada@example.com", "partner_key": "harbor", "customer_key": "acct-1",
        "meta": {"plan": "gold-42", "contact": {"phones": ["+49 30 1234567"]}, "number": 30001}, "note": "ref-9",
    });
    let synced = sync(&server.base_url(), "customers insert", &[row]).await;
    assert_eq!(synced.failure()["message"], "plan <meta> of <meta> is unknown, see <note> and <meta>");
    synced.says(&["plan <meta> of <meta> is unknown, see <note> and <meta>"]);
}

#[tokio::test]
async fn a_cell_is_called_by_its_column() {
    let _limit = partnerstack_tests::limit();
    let server = Recorder::of([Reply::refused(400, "ada@example.com belongs to Harbor Ltd")]).await;
    let rows = "E-Mail,Partner Key,,Remark\nAda@Example.com,harbor ltd,x,y\n";
    let synced = sync_csv(&server.base_url(), "customers insert", rows).await;
    synced.ended(1, "1 rejected");
    synced.says(&["<E-Mail> belongs to <Partner Key>"]);
}

#[tokio::test]
async fn a_value_that_is_part_of_another_one_does_not_cut_it() {
    let _limit = partnerstack_tests::limit();
    let server = Recorder::of([Reply::refused(400, "ada@example.com is taken, Ada")]).await;
    let rows = "name,email,partner_key,remark\nAda,ada@example.com,harbor,example.com\n";
    let synced = sync_csv(&server.base_url(), "customers insert", rows).await;
    synced.ended(1, "1 rejected");
    synced.says(&["<email> is taken, <name>"]);
}

#[tokio::test]
async fn blanks_around_a_value_keep_it_in_no_message() {
    let _limit = partnerstack_tests::limit();
    let server = Recorder::of([Reply::refused(400, "Ada Lovelace is blocked")]).await;
    let rows = "email,partner_key,name\nada@example.com,harbor, Ada Lovelace \n";
    let synced = sync_csv(&server.base_url(), "customers insert", rows).await;
    synced.ended(1, "1 rejected");
    synced.says(&["<name> is blocked"]);
}

#[tokio::test]
async fn a_short_number_is_said_although_a_row_holds_it() {
    let _limit = partnerstack_tests::limit();
    let server = Recorder::of([Reply::refused(400, "at most 100 of 1000 characters")]).await;
    let rows = "email,partner_key,remark,number\nada@example.com,harbor,100,1000\n";
    let synced = sync_csv(&server.base_url(), "customers insert", rows).await;
    synced.ended(1, "1 rejected");
    synced.says(&["at most 100 of <number> characters"]);
}

#[tokio::test]
async fn what_a_row_holds_is_not_said_when_the_run_stops_either() {
    let _limit = partnerstack_tests::limit();
    for status in [401, 301] {
        let server =
            Recorder::answering(move |_, _| Reply::refused(status, "ada.1@example.com may not do this"))
                .await;
        let synced = sync(&server.base_url(), "customers insert", &[customer(1)]).await;
        synced.ended(5, "1 pending");
        for text in [&synced.output.stderr, &synced.output.stdout] {
            assert!(!text.contains("ada.1@example.com"), "{text}");
        }
        synced.says(&["<email> may not do this"]);
    }
}

#[tokio::test]
async fn records_that_are_marked_as_test_records_are_counted() {
    let _limit = partnerstack_tests::limit();
    let record =
        |test: bool| json!({"data": {"key": "cus_1", "test": test}, "message": "done", "status": 200});
    let answers = [true, false, true].map(|test| Reply::of(200, record(test).to_string()));
    let server = Recorder::of(answers).await;
    let synced = sync(&server.base_url(), "customers insert", &customers(3)).await;
    synced.ended(0, "3 created");
    assert_eq!(synced.count("test_records"), 2);
    synced.says(&["2 of the records are test records", "hint: Test keys are in use"]);
}
