//! Pages of lists: what counts as one says clearly whether more follow, and after which record.

use std::time::Duration;

use fastrand::Rng;
use partnerstack_connector::api::OperationName;
use partnerstack_connector::generated::API;
use partnerstack_connector::http::answer::classify::{Verdict, classify};
use partnerstack_connector::http::answer::response::{Answer, Body, is_test, text_of};
use partnerstack_connector::row::value::Cell;
use serde_json::value::RawValue;

use super::executions::{long, short};
use super::mutation::mutated;
use super::raw_json::{self, raw_at};

const TOKENS: &[&[u8]] = &[
    b"\"data\"",
    b"\"items\"",
    b"\"has_more\"",
    b"\"status\"",
    b"\"key\"",
    b"\"created_at\"",
    b"200",
    b"200.0",
    b"\"true\"",
    b"[[]]",
    b"{\"key\":\"a\"},",
    b"1e3",
];

#[test]
fn a_page_says_whether_more_follow_and_after_what() {
    let _limit = partnerstack_tests::limit();
    let pages = good();
    let seen = short(4_000, |rng| judge(rng, &pages));
    seen.saw(&[
        "the last page",
        "more pages, after a record",
        "more pages, after nothing",
        "trouble",
        "refused",
    ]);
}

#[test]
#[ignore = "fuzz"]
fn a_million_pages() {
    let _limit = partnerstack_tests::limit_of(Duration::from_hours(5));
    let pages = good();
    long("lists", |rng| judge(rng, &pages));
}

fn good() -> Vec<Vec<u8>> {
    let record = |number: u64| {
        format!(
            r#"{{"key":"cus_{number}","customer_key":"c-{number}","email":"ada{number}@example.com","created_at":{},"test":false,"amount":4900,"meta":{{}}}}"#,
            1_767_225_600_000 + number
        )
    };
    let page = |numbers: std::ops::Range<u64>, more: bool| {
        let items: Vec<String> = numbers.map(record).collect();
        format!(
            r#"{{"data":{{"items":[{}],"has_more":{more}}},"message":"List","status":200}}"#,
            items.join(",")
        )
    };
    let texts = [
        page(0..3, true),
        page(3..5, false),
        page(0..30, true),
        page(0..0, false),
        r#"{"status":200,"data":{"has_more":true,"items":[{"key":7},{"key":8}]}}"#.to_owned(),
        r#"{"message":"bad cursor","status":400}"#.to_owned(),
        r#"[{"key":"cus_1"}]"#.to_owned(),
    ];
    texts.into_iter().map(String::into_bytes).collect()
}

fn judge(rng: &mut Rng, good: &[Vec<u8>]) -> &'static str {
    let bytes = mutated(rng, good, TOKENS);
    // Mostly the status that the body repeats.
    let said = raw_at(&raw_json::text_of(&bytes), API.answers.status).and_then(|raw| raw.parse::<u16>().ok());
    let status =
        said.filter(|_| rng.u8(..4) > 0).unwrap_or_else(|| [200, 201, 204, 400, 404, 500][rng.usize(..6)]);
    let answer = Ok(Answer::new(status, Body::read(&bytes)));
    let object = API.objects[rng.usize(..API.objects.len())];
    let Some(operation) = object.operation(OperationName::List) else { return "no list" };
    let verdict = classify(&API, operation, &answer);
    let Ok(answer) = &answer else { unreachable!() };
    let page = answer.page(&API);
    if verdict != Verdict::Applied {
        assert!(page.is_none() || !(200..300).contains(&status), "a page was not taken");
        return match verdict {
            Verdict::Refused(_) => "refused",
            Verdict::Trouble { .. } => "trouble",
            Verdict::Throttled { .. } => "throttled",
            Verdict::Denied => "denied",
            Verdict::Moved => "moved",
            other => panic!("{other:?} with {status}"),
        };
    }
    let page = page.expect("what counts as a page is one");
    let text = raw_json::text_of(&bytes);
    let items = raw_at(&text, API.lists.items).expect("there are no items");
    let items: Vec<Box<RawValue>> = serde_json::from_str(&items).expect("the items are a list");
    assert_eq!(items.len(), page.items.len(), "records are lost");
    assert_eq!(raw_at(&text, API.lists.more).as_deref(), Some(if page.more { "true" } else { "false" }));
    if let Some(said) = raw_at(&text, API.answers.status) {
        assert_eq!(said, status.to_string(), "it says another status");
    }
    for record in page.items {
        // What a walk looks at.
        let _ = (is_test(record, &API.answers), record.get(API.answers.key).and_then(text_of));
        for field in object.fields {
            let _ = record.get(field.name).and_then(Cell::from_json);
        }
    }
    let last = items.last().and_then(|item| raw_at(item.get(), &[API.lists.cursor_property]));
    match (page.more, page.cursor(&API)) {
        (false, _) => "the last page",
        (true, Some(cursor)) => {
            let last = last.expect("the cursor comes from somewhere");
            let told = serde_json::from_str::<String>(&last).unwrap_or(last);
            assert_eq!(cursor, told, "it goes on after another record");
            "more pages, after a record"
        }
        // The walk breaks off.
        (true, None) => {
            let usable = last.is_some_and(|raw| raw_json::is_text(&raw) || raw.parse::<i64>().is_ok());
            assert!(!usable, "the cursor is lost");
            "more pages, after nothing"
        }
    }
}
