//! What the result of a call means: the table of the design, then whatever a server can come up with.
#![cfg(test)]
#![expect(
    clippy::unnecessary_wraps,
    reason = "what came of a call is made in one way, whether an answer or not"
)]

use std::time::Duration;

use partnerstack_connector::api::{Operation, OperationName};
use partnerstack_connector::generated::API;
use partnerstack_connector::http::answer::classify::{Refused, Verdict, classify};
use partnerstack_connector::http::answer::error::{CallError, CallErrorKind, Sent};
use partnerstack_connector::http::answer::response::{Answer, AnswerForm, Body};
use serde_json::json;

type Given = Result<Answer, CallError>;

fn operation(object: &str, name: OperationName) -> &'static Operation {
    API.object(object).unwrap().operation(name).unwrap()
}

fn create() -> &'static Operation {
    operation("customers", OperationName::Create)
}

fn update() -> &'static Operation {
    operation("customers", OperationName::Update)
}

fn list() -> &'static Operation {
    operation("customers", OperationName::List)
}

/// An answer of the API itself, in its own envelope.
fn answer(status: u16, message: &str) -> Given {
    let body = json!({"message": message, "status": status, "data": {"key": "cus_1"}}).to_string();
    other(status, body.as_bytes())
}

/// An answer with any body.
fn other(status: u16, body: &[u8]) -> Given {
    Ok(Answer::new(status, Body::read(body)))
}

fn failure(kind: CallErrorKind, sent: Sent, status: Option<u16>) -> Given {
    Err(CallError { kind, sent, status, retry_after: None, detail: "it broke".to_owned() })
}

const TROUBLE: Verdict = Verdict::Trouble { retry_after: None };
const WAITING: Verdict = Verdict::Throttled { retry_after: None };
const REFUSED: Verdict = Verdict::Refused(Refused::Row);
const DUPLICATE: Verdict = Verdict::Refused(Refused::Duplicate);
const FORBIDDEN: Verdict = Verdict::Refused(Refused::Forbidden);
const NOT_FOUND: Verdict = Verdict::Refused(Refused::NotFound { certain: true });

#[test]
fn the_table() {
    use Verdict::{Applied, Denied, Moved, NotSent};

    let _limit = partnerstack_tests::limit();

    // What came, and what it means on a create and on an update.
    let table = [
        (answer(200, "ok"), Applied, Applied),
        (answer(201, "created"), Applied, Applied),
        (answer(202, "accepted"), Applied, Applied),
        // A create has to say which record it has made.
        (other(200, br#"{"message": "ok", "status": 200, "data": {}}"#), TROUBLE, Applied),
        (other(200, br#"{"message": "ok", "status": 200, "data": {"key": 7}}"#), Applied, Applied),
        (other(200, br#"{"message": "ok", "status": 200, "data": {"key": ""}}"#), TROUBLE, Applied),
        (other(204, b""), TROUBLE, Applied),
        (other(200, b""), TROUBLE, Applied),
        (other(200, b"  \n"), TROUBLE, Applied),
        // The status may be missing, and must not be another one.
        (other(200, br#"{"message": "ok", "data": {"key": "k"}}"#), Applied, Applied),
        (other(200, br#"{"message": "no", "status": 500, "data": {"key": "k"}}"#), TROUBLE, TROUBLE),
        (other(200, br#"{"message": "no", "status": "200", "data": {"key": "k"}}"#), TROUBLE, TROUBLE),
        (other(200, br#"{"message": "no", "status": null, "data": {"key": "k"}}"#), TROUBLE, TROUBLE),
        (other(200, br#"{"message": 1, "data": {"key": "k"}}"#), TROUBLE, TROUBLE),
        (other(200, br#"{"error": {"message": "blocked"}}"#), TROUBLE, TROUBLE),
        (other(200, b"null"), TROUBLE, TROUBLE),
        (other(200, b"{}"), TROUBLE, TROUBLE),
        (other(200, b"[]"), TROUBLE, TROUBLE),
        (other(200, b"<html>"), TROUBLE, TROUBLE),
        (other(201, b"{\"data\":"), TROUBLE, TROUBLE),
        (answer(301, "moved"), Moved, Moved),
        (other(304, b""), Moved, Moved),
        (other(308, b"<html>"), Moved, Moved),
        (answer(400, "email is invalid"), REFUSED, REFUSED),
        (answer(400, "Customer already exists"), DUPLICATE, DUPLICATE),
        (other(400, b"<html>"), TROUBLE, TROUBLE),
        (other(400, br#"{"message": "no", "status": 404}"#), TROUBLE, TROUBLE),
        (answer(401, "Unauthorized"), Denied, Denied),
        (other(401, b"<html>"), Denied, Denied),
        (answer(403, "Forbidden"), FORBIDDEN, FORBIDDEN),
        (other(403, b"<html>"), TROUBLE, TROUBLE),
        (answer(404, "Not Found"), REFUSED, NOT_FOUND),
        (other(404, b""), TROUBLE, TROUBLE),
        (other(404, b"default backend - 404"), TROUBLE, TROUBLE),
        (
            other(404, br#"{"message": "no Route matched with those values"}"#),
            REFUSED,
            Verdict::Refused(Refused::NotFound { certain: false }),
        ),
        (answer(404, "partner not found"), REFUSED, NOT_FOUND),
        (answer(405, "no"), REFUSED, REFUSED),
        (answer(408, "timeout"), TROUBLE, TROUBLE),
        (answer(409, "anything"), DUPLICATE, DUPLICATE),
        (answer(421, "misdirected"), TROUBLE, TROUBLE),
        (answer(422, "key must be unique"), DUPLICATE, DUPLICATE),
        (answer(422, "key is too short"), REFUSED, REFUSED),
        (answer(423, "locked"), TROUBLE, TROUBLE),
        (answer(425, "too early"), TROUBLE, TROUBLE),
        (answer(429, "slow down"), WAITING, WAITING),
        (other(429, b"<html>"), WAITING, WAITING),
        (answer(500, "oops"), TROUBLE, TROUBLE),
        (answer(500, "already exists"), TROUBLE, TROUBLE),
        (other(502, b"<html>"), TROUBLE, TROUBLE),
        (answer(503, "maintenance"), TROUBLE, TROUBLE),
        (answer(600, "odder"), TROUBLE, TROUBLE),
        (answer(999, "oddest"), TROUBLE, TROUBLE),
        (failure(CallErrorKind::Connect, Sent::No, None), NotSent, NotSent),
        (failure(CallErrorKind::Timeout, Sent::Maybe, None), TROUBLE, TROUBLE),
        (failure(CallErrorKind::Broken, Sent::Maybe, None), TROUBLE, TROUBLE),
        (failure(CallErrorKind::Unreadable, Sent::Yes, Some(200)), TROUBLE, TROUBLE),
    ];
    for (given, on_create, on_update) in table {
        let what = said(&given);
        assert_eq!(classify(&API, create(), &given), on_create, "create: {what}");
        assert_eq!(classify(&API, update(), &given), on_update, "update: {what}");
    }
}

#[test]
fn a_page_of_a_list_says_whether_more_follow() {
    let _limit = partnerstack_tests::limit();
    let page = |more: serde_json::Value| {
        other(200, json!({"data": {"items": [], "has_more": more}, "status": 200}).to_string().as_bytes())
    };
    assert_eq!(classify(&API, list(), &page(json!(true))), Verdict::Applied);
    assert_eq!(classify(&API, list(), &page(json!(false))), Verdict::Applied);
    for more in [json!("true"), json!(1), json!(null)] {
        assert_eq!(classify(&API, list(), &page(more.clone())), TROUBLE, "{more}");
    }
    for body in [r#"{"data": {"items": []}}"#, r#"{"data": {"items": {}, "has_more": false}}"#, "", "[]"] {
        assert_eq!(classify(&API, list(), &other(200, body.as_bytes())), TROUBLE, "{body}");
    }
    let lying = r#"{"data": {"items": [], "has_more": false}, "status": 500}"#;
    assert_eq!(classify(&API, list(), &other(200, lying.as_bytes())), TROUBLE);
    assert_eq!(classify(&API, list(), &answer(403, "no")), FORBIDDEN);
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    let _limit = partnerstack_tests::limit();
    let body = b"\xef\xbb\xbf{\"message\": \"ok\", \"data\": {\"key\": \"k\"}}";
    assert_eq!(classify(&API, create(), &other(200, body)), Verdict::Applied);
}

#[test]
fn words_are_found_regardless_of_case_blanks_and_dashes() {
    let _limit = partnerstack_tests::limit();
    for message in [
        "CUSTOMER ALREADY EXISTS",
        "customer already-exists",
        "Customer  already_exists!",
        "x: already exists",
    ] {
        assert_eq!(classify(&API, create(), &answer(400, message)), DUPLICATE, "{message}");
    }
    for message in ["already", "exists", "it does not exist already", ""] {
        assert_eq!(classify(&API, create(), &answer(400, message)), REFUSED, "{message}");
    }
}

#[test]
fn nothing_a_server_says_breaks_the_promises() {
    let _limit = partnerstack_tests::limit();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let operations: Vec<&Operation> =
        API.objects.iter().flat_map(|object| object.operations.iter().copied()).collect();
    for round in 0..50_000 {
        let operation = *random.one_of(&operations);
        let given = random.given();
        let verdict = classify(&API, operation, &given);
        let what = format!(
            "round {round}: {} {}, {}: {verdict:?}",
            operation.method.name(),
            operation.path,
            said(&given)
        );
        let unsent = matches!(given, Err(CallError { sent: Sent::No, .. }));
        assert_eq!(verdict == Verdict::NotSent, unsent, "{what}");
        let Ok(answer) = &given else {
            assert!(unsent || matches!(verdict, Verdict::Trouble { .. }), "{what}");
            continue;
        };
        // Only what the API itself can have said is believed.
        let own = matches!(answer.form(&API), AnswerForm::Envelope { .. });
        match verdict {
            Verdict::Applied => {
                assert!((200..300).contains(&answer.status), "{what}");
                match operation.name {
                    OperationName::Create => assert!(own && answer.key(&API).is_some(), "{what}"),
                    OperationName::Update => assert!(own || answer.form(&API) == AnswerForm::Empty, "{what}"),
                    OperationName::List => assert!(answer.page(&API).is_some(), "{what}"),
                }
            }
            Verdict::Refused(_) => assert!(own && (400..500).contains(&answer.status), "{what}"),
            Verdict::Throttled { retry_after } => {
                assert_eq!((answer.status, retry_after), (429, answer.retry_after), "{what}");
            }
            Verdict::Denied => assert_eq!(answer.status, 401, "{what}"),
            Verdict::Moved => assert!((300..400).contains(&answer.status), "{what}"),
            Verdict::Trouble { retry_after } => {
                assert_eq!(retry_after, answer.retry_after, "{what}");
                assert!(![401, 429].contains(&answer.status), "{what}");
            }
            Verdict::NotSent => unreachable!("{what}"),
        }
    }
}

fn said(given: &Given) -> String {
    match given {
        Ok(answer) => format!("{} {:?} {}", answer.status, answer.retry_after, answer.message(&API)),
        Err(error) => format!("{error:?}"),
    }
}

/// Marsaglia's xorshift: the same sequence in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 32).unwrap()
    }

    fn one_of<'t, T>(&mut self, choices: &'t [T]) -> &'t T {
        &choices[self.next() % choices.len()]
    }

    fn given(&mut self) -> Given {
        if self.next().is_multiple_of(4) {
            let sent = *self.one_of(&[Sent::No, Sent::Maybe, Sent::Yes]);
            let kinds = [
                CallErrorKind::Connect,
                CallErrorKind::Timeout,
                CallErrorKind::Broken,
                CallErrorKind::Unreadable,
            ];
            let kind = *self.one_of(&kinds);
            let status = *self.one_of(&[None, Some(200), Some(429), Some(500)]);
            return failure(kind, sent, status);
        }
        let likely = [
            0,
            100,
            199,
            200,
            201,
            204,
            299,
            300,
            307,
            400,
            401,
            403,
            404,
            409,
            422,
            429,
            499,
            500,
            503,
            599,
            600,
            u16::MAX,
        ];
        let status = if self.next().is_multiple_of(3) {
            u16::try_from(self.next() % 1000).unwrap()
        } else {
            *self.one_of(&likely)
        };
        let seconds = *self.one_of(&[None, Some(0), Some(1), Some(u64::MAX)]);
        let body = self.body();
        let retry_after = seconds.map(Duration::from_secs);
        Ok(Answer { retry_after, ..Answer::new(status, Body::read(&body)) })
    }

    fn body(&mut self) -> Vec<u8> {
        let words: Vec<&str> = API
            .errors
            .iter()
            .flat_map(|rule| rule.words)
            .copied()
            .chain(["", "no", "\u{1b}[", "😀"])
            .collect();
        let message = (0..self.next() % 4).map(|_| *self.one_of(&words)).collect::<Vec<_>>().join(" ");
        match self.next() % 6 {
            0 => (0..self.next() % 64).map(|_| u8::try_from(self.next() % 256).unwrap()).collect(),
            1 => "[".repeat(self.next() % 300).into_bytes(),
            2 => json!({"message": [message], "data": null}).to_string().into_bytes(),
            3 => json!([message]).to_string().into_bytes(),
            _ => json!({"message": message, "data": {"test": message}}).to_string().into_bytes(),
        }
    }
}
