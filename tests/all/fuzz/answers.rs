//! Answers to writes: what counts as applied could be meant, whatever the body says.

use std::time::Duration;

use fastrand::Rng;
use partnerstack_connector::api::{Operation, OperationName};
use partnerstack_connector::generated::API;
use partnerstack_connector::http::answer::classify::{Refused, Verdict, classify};
use partnerstack_connector::http::answer::response::{Answer, Body};
use partnerstack_connector::text::printable::is_hidden;
use partnerstack_connector::text::redact::Private;

use super::executions::{long, short};
use super::mutation::mutated;
use super::raw_json::{is_integer, is_text, raw_at, text_of};

const STATUSES: [u16; 22] = [
    200, 200, 200, 201, 201, 202, 204, 299, 301, 308, 400, 401, 403, 404, 408, 409, 422, 425, 429, 500, 503,
    599,
];
const TOKENS: &[&[u8]] = &[
    b"\"data\"",
    b"\"message\"",
    b"\"status\"",
    b"\"key\"",
    b"\"test\"",
    b"200",
    b"201",
    b"404",
    b"\"200\"",
    b"\"already exists\"",
    b"\"must be unique\"",
    b"\"partner not found\"",
    b"<html>",
    b"\"key\":\"x\",",
    b"200.0",
    b"2e2",
    b"\"ada@example.com\"",
];
const SENT: &str =
    r#"{"email":"ada@example.com","name":"Ada","amount":4900,"partner_key":"harbor","meta":{"a":"bc"}}"#;

#[test]
fn an_answer_counts_as_applied_only_where_it_can_be_meant() {
    let _limit = partnerstack_tests::limit();
    let answers = good();
    let seen = short(4_000, |rng| judge(rng, &answers));
    seen.saw(&[
        "create: applied",
        "update: applied",
        "create: trouble",
        "update: refused",
        "create: duplicate",
    ]);
}

#[test]
#[ignore = "fuzz"]
fn a_million_answers() {
    let _limit = partnerstack_tests::limit_of(Duration::from_hours(5));
    let answers = good();
    long("answers", |rng| judge(rng, &answers));
}

/// As the API gives them, as a gateway does, and what the body of a request looks like: it may come back.
fn good() -> Vec<Vec<u8>> {
    let texts = [
        r#"{"message":"Customer created successfully","status":200,"data":{"key":"cus_1","customer_key":"c-1","email":"ada@example.com","name":"Ada","created_at":1767225600000,"updated_at":1767225600000,"test":false,"meta":{"a":"bc"},"partner_key":"harbor"}}"#,
        r#"{"status":201,"message":"Deal","data":{"key":"deal_77","amount":4900,"stage":"open","contact":{"first_name":"Eve","tags":["a","b"]},"test":true}}"#,
        r#"{"data":{"key":4711,"amount":-1.5e3,"currency":null},"message":"Transaction","status":200}"#,
        r#"{"message":"A customer with that email already exists: ada@example.com","status":409,"data":null}"#,
        r#"{"message":"name \"Ada\" must be unique","status":422}"#,
        r#"{"message":"Not Found","status":404}"#,
        r#"{"message":"Unauthorized","status":401}"#,
        "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>",
        SENT,
        "",
        "null",
    ];
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn judge(rng: &mut Rng, good: &[Vec<u8>]) -> &'static str {
    let bytes = mutated(rng, good, TOKENS);
    let sent = if rng.u8(..4) == 0 { mutated(rng, good, TOKENS) } else { SENT.as_bytes().to_vec() };
    let operation = operation(rng);
    // Mostly the status that the body repeats.
    let said = raw_at(&text_of(&bytes), API.answers.status).and_then(|raw| raw.parse::<u16>().ok());
    let status = match said {
        Some(said) if rng.u8(..4) > 0 => said,
        _ if rng.u8(..8) == 0 => rng.u16(..),
        _ => STATUSES[rng.usize(..STATUSES.len())],
    };
    let retry_after = rng.bool().then(|| Duration::from_millis(rng.u64(..) >> rng.u32(..64)));
    let answer = Answer { retry_after, ..Answer::to_write(status, &bytes, &API.answers, &sent) };
    let whole = Answer { retry_after, ..Answer::new(status, Body::read(&bytes)) };
    let (key, is_json) = (answer.key(&API), matches!(whole.body, Body::Json(_)));
    for answer in [&answer, &whole] {
        is_safe(answer);
    }
    let private = private(&sent);
    if let Some(message) = message(&whole) {
        // The words of a server are cleaned with everything that was sent.
        assert!(private.take_out(&message).chars().count() <= message.chars().count() * 64 + 64);
    }
    if is_json {
        assert_eq!(key, whole.key(&API), "what is left of it has another key");
        assert_eq!(answer.is_test(&API), whole.is_test(&API));
        assert_eq!(answer.message(&API), whole.message(&API));
    }
    let verdict = classify(&API, operation, &Ok(answer));
    if is_json {
        assert_eq!(verdict, classify(&API, operation, &Ok(whole)), "what is left of it means something else");
    }
    let create = operation.name == OperationName::Create;
    match verdict {
        Verdict::Applied => {
            is_meant(&text_of(&bytes), status, operation.name);
            assert!(!create || key.is_some());
            if create { "create: applied" } else { "update: applied" }
        }
        Verdict::Trouble { retry_after: told } | Verdict::Throttled { retry_after: told } => {
            assert_eq!(told, retry_after);
            match (verdict, create) {
                (Verdict::Throttled { .. }, _) => "throttled",
                (_, true) => "create: trouble",
                (_, false) => "update: trouble",
            }
        }
        Verdict::Refused(refused) => {
            assert!((400..500).contains(&status), "refused with {status}");
            match (refused, create) {
                (Refused::Duplicate, true) => "create: duplicate",
                (Refused::NotFound { .. }, false) => "update: not found",
                (_, true) => "create: refused",
                (_, false) => "update: refused",
            }
        }
        Verdict::Denied => "denied",
        Verdict::Moved => "moved",
        Verdict::NotSent => panic!("an answer is there, so it was sent"),
    }
}

/// Any that writes.
fn operation(rng: &mut Rng) -> &'static Operation {
    let object = API.objects[rng.usize(..API.objects.len())];
    let name = if rng.bool() { OperationName::Create } else { OperationName::Update };
    object
        .operation(name)
        .or_else(|| object.operation(OperationName::Create))
        .expect("every object is created")
}

fn message(answer: &Answer) -> Option<String> {
    let Body::Json(body) = &answer.body else { return None };
    API.answers.message.iter().try_fold(body, |body, name| body.get(name))?.as_str().map(str::to_owned)
}

fn private(sent: &[u8]) -> Private {
    let mut private = Private::default();
    private.add_secret("harbor", false);
    if let Ok(sent) = serde_json::from_slice(sent) {
        private.add_values(&sent, "sent");
    }
    private
}

/// What people see of it hides nothing and stays short.
fn is_safe(answer: &Answer) {
    for text in [answer.message(&API), answer.explained(&API)] {
        assert!(!text.chars().any(is_hidden) && text.chars().count() < 700, "{text:?}");
    }
}

/// The envelope of the API, and the key of a record that was created: or no body at all, after an update.
fn is_meant(text: &str, status: u16, operation: OperationName) {
    assert!((200..300).contains(&status), "applied with {status}");
    if operation == OperationName::Update && text.trim_ascii().is_empty() {
        return;
    }
    let message = raw_at(text, API.answers.message).expect("there is no message");
    assert!(message.starts_with('"'), "the message is {message}");
    if let Some(said) = raw_at(text, API.answers.status) {
        assert_eq!(said, status.to_string(), "it says another status");
    }
    if operation == OperationName::Create {
        let place = [API.answers.record, &[API.answers.key]].concat();
        let key = raw_at(text, &place).expect("there is no key");
        assert!(is_text(&key) || is_integer(&key), "the key is {key}");
    }
}
