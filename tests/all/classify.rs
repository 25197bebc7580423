//! What the result of a call means: the table of the design, then whatever a server can come up with.
#![cfg(test)]
#![expect(
    clippy::unnecessary_wraps,
    reason = "what came of a call is made in one way, whether an answer or not"
)]

use std::time::Duration;

use partnerstack_connector::api::{Operation, OperationName};
use partnerstack_connector::generated::API;
use partnerstack_connector::http::classify::{REPEATABLE_ATTEMPTS, Verdict, classify};
use partnerstack_connector::http::error::{CallError, CallErrorKind, Sent};
use partnerstack_connector::http::response::{Answer, Body};
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

fn answer(status: u16, message: &str) -> Given {
    let body = json!({"message": message, "status": status}).to_string();
    Ok(Answer { status, retry_after: None, date: None, body: Body::read(body.as_bytes()) })
}

fn unreadable(status: u16, body: &[u8]) -> Given {
    Ok(Answer { status, retry_after: None, date: None, body: Body::read(body) })
}

fn failure(kind: CallErrorKind, sent: Sent, status: Option<u16>) -> Given {
    Err(CallError { kind, sent, status, retry_after: None, detail: "it broke".to_owned() })
}

#[test]
fn every_answer_means_what_the_table_says() {
    use Verdict::{Again, Done, Duplicate, Forbidden, NotFound, Rejected, Stop, Throttled, Uncertain};

    let _limit = partnerstack_tests::limit();
    let waiting = Throttled { retry_after: None };
    // What came, and what it means on a create and on an update.
    let table = [
        (answer(200, "ok"), Done, Done),
        (answer(201, "created"), Done, Done),
        (answer(202, "accepted"), Uncertain, Again),
        (answer(204, ""), Uncertain, Again),
        (unreadable(200, b""), Uncertain, Again),
        (unreadable(200, b"<html>"), Uncertain, Again),
        (unreadable(201, b"{\"data\":"), Uncertain, Again),
        (answer(301, "moved"), Rejected, Rejected),
        (answer(304, "not modified"), Rejected, Rejected),
        (answer(308, "moved"), Rejected, Rejected),
        (answer(400, "email is invalid"), Rejected, Rejected),
        (answer(400, "Customer already exists"), Duplicate, Duplicate),
        (answer(401, "Unauthorized"), Stop, Stop),
        (unreadable(401, b"<html>"), Stop, Stop),
        (answer(403, "Forbidden"), Forbidden, Forbidden),
        (answer(404, "Not Found"), Stop, NotFound),
        (unreadable(404, b""), Stop, NotFound),
        (answer(404, "partner not found"), Rejected, NotFound),
        (answer(404, "unknown group_key"), Rejected, NotFound),
        (answer(405, "no"), Rejected, Rejected),
        (answer(409, "anything"), Duplicate, Duplicate),
        (answer(422, "key must be unique"), Duplicate, Duplicate),
        (answer(422, "key is too short"), Rejected, Rejected),
        (answer(429, "slow down"), waiting, waiting),
        (unreadable(429, b"<html>"), waiting, waiting),
        (answer(500, "oops"), Uncertain, Again),
        (answer(500, "already exists"), Uncertain, Again),
        (unreadable(502, b"<html>"), Uncertain, Again),
        (answer(503, "maintenance"), Uncertain, Again),
        (answer(599, "odd"), Uncertain, Again),
        (answer(600, "odder"), Rejected, Rejected),
        (answer(999, "oddest"), Rejected, Rejected),
        (failure(CallErrorKind::Connect, Sent::No, None), Again, Again),
        (failure(CallErrorKind::Timeout, Sent::Maybe, None), Uncertain, Again),
        (failure(CallErrorKind::Broken, Sent::Maybe, None), Uncertain, Again),
        (failure(CallErrorKind::Unreadable, Sent::Yes, Some(200)), Uncertain, Again),
    ];
    for (given, on_create, on_update) in table {
        let what = said(&given);
        assert_eq!(classify(&API, create(), 1, &given), on_create, "create: {what}");
        assert_eq!(classify(&API, update(), 1, &given), on_update, "update: {what}");
    }
}

#[test]
fn a_repeatable_call_has_so_many_attempts_and_no_more() {
    let _limit = partnerstack_tests::limit();
    assert_eq!(REPEATABLE_ATTEMPTS, 8);
    let broken = [
        answer(500, "oops"),
        unreadable(200, b""),
        failure(CallErrorKind::Timeout, Sent::Maybe, None),
        failure(CallErrorKind::Unreadable, Sent::Yes, Some(200)),
    ];
    for given in &broken {
        let what = said(given);
        assert_eq!(classify(&API, update(), 7, given), Verdict::Again, "{what}");
        for attempt in [8, 9, u32::MAX] {
            assert_eq!(classify(&API, update(), attempt, given), Verdict::Rejected, "{what}");
            assert_eq!(classify(&API, create(), attempt, given), Verdict::Uncertain, "{what}");
        }
    }
    // What did not leave, or was put off, has no such limit.
    for operation in [create(), update()] {
        let unsent = failure(CallErrorKind::Connect, Sent::No, None);
        assert_eq!(classify(&API, operation, u32::MAX, &unsent), Verdict::Again);
        assert_eq!(
            classify(&API, operation, u32::MAX, &answer(429, "")),
            Verdict::Throttled { retry_after: None }
        );
    }
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
        assert_eq!(classify(&API, create(), 1, &answer(400, message)), Verdict::Duplicate, "{message}");
    }
    for message in ["already", "exists", "it does not exist already", ""] {
        assert_eq!(classify(&API, create(), 1, &answer(400, message)), Verdict::Rejected, "{message}");
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
        let attempt = *random.one_of(&[1, 2, 7, 8, 9, 1000, u32::MAX]);
        let given = random.given();
        let verdict = classify(&API, operation, attempt, &given);
        let what = format!(
            "round {round}: {} {}, attempt {attempt}, {}: {verdict:?}",
            operation.method.name(),
            operation.path,
            said(&given)
        );

        let unsent = matches!(given, Err(CallError { sent: Sent::No, .. }));
        let status = given.as_ref().ok().map(|answer| answer.status);
        let may_be_applied = matches!(given, Err(CallError { sent: Sent::Maybe | Sent::Yes, .. }))
            || matches!(status, Some(200..=299 | 500..=599));

        // Nothing that may have been applied is sent again unless the spec says that it does no harm.
        assert_eq!(
            verdict == Verdict::Again,
            unsent || (may_be_applied && operation.repeatable && attempt < 8 && verdict != Verdict::Done),
            "{what}"
        );
        // And if it cannot be sent again, it is not called refused either.
        if may_be_applied && !operation.repeatable {
            assert!(matches!(verdict, Verdict::Done | Verdict::Uncertain), "{what}");
        }
        if verdict == Verdict::Done {
            assert!(matches!(&given, Ok(Answer { status: 200 | 201, body: Body::Json(_), .. })), "{what}");
        }
        match given {
            Ok(Answer { status: 429, retry_after, .. }) => {
                assert_eq!(verdict, Verdict::Throttled { retry_after }, "{what}");
            }
            Ok(Answer { status: 401, .. }) => assert_eq!(verdict, Verdict::Stop, "{what}"),
            Ok(Answer { status: 403, .. }) => assert_eq!(verdict, Verdict::Forbidden, "{what}"),
            Ok(Answer { status: 404, .. }) if operation.name == OperationName::Create => {
                assert!(matches!(verdict, Verdict::Stop | Verdict::Rejected), "{what}");
            }
            Ok(Answer { status: 404, .. }) => assert_eq!(verdict, Verdict::NotFound, "{what}"),
            _ => assert!(
                !matches!(verdict, Verdict::Throttled { .. } | Verdict::Stop | Verdict::NotFound),
                "{what}"
            ),
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
        Ok(Answer {
            status,
            retry_after: seconds.map(Duration::from_secs),
            date: None,
            body: Body::read(&body),
        })
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
