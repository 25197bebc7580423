//! What a run says of itself: how failures are counted, grouped and explained, and what rows weigh until then.
#![cfg(test)]

use partnerstack_connector::api::{
    AnswerSpec, ApiSpec, AuthenticationSpec, FieldSpec, Hint, HintCondition, ListSpec, RateLimit,
};
use partnerstack_connector::generated::API;
use partnerstack_connector::report::counts::Report;
use partnerstack_connector::report::failure_limit::FailureLimit;
use partnerstack_connector::report::hint::{Situation, choose};
use partnerstack_connector::report::outcome::{Failure, Outcome};
use partnerstack_connector::row::Record;
use partnerstack_connector::row::fault::Faults;
use partnerstack_connector::row::rules::check;
use serde_json::{Value, json};

fn failure(row: u64, message: String) -> Failure {
    Failure {
        id: None,
        row,
        key: None,
        outcome: Outcome::Rejected,
        operation: None,
        status: Some(400),
        message,
        hint: None,
        faults: Vec::new(),
    }
}

#[test]
fn a_share_of_failures_is_judged_from_a_hundred_rows_on() {
    let _limit = partnerstack_tests::limit();
    let mut report = Report::default();
    for number in 1..=100 {
        report.count(if number > 94 { Outcome::Invalid } else { Outcome::Created });
        let passed = FailureLimit::Percent(5.0).is_passed(&report);
        assert_eq!(passed, number == 100, "{number}");
    }
    assert!(!FailureLimit::Percent(6.0).is_passed(&report), "as many as there may be");
    assert!(FailureLimit::Rows(5).is_passed(&report) && !FailureLimit::Rows(6).is_passed(&report));
}

#[test]
fn twenty_reasons_are_told_apart_and_the_rest_is_counted() {
    let _limit = partnerstack_tests::limit();
    let mut report = Report::default();
    for round in 0..2 {
        for number in 0..25 {
            report.add_reason(&failure(25 * round + number, format!("reason {number}")), None, None);
        }
    }
    assert_eq!((report.reasons.len(), report.other_reasons), (20, 10));
    let told = report.reasons.iter().zip(0..).all(|(reason, number)| {
        (reason.count, reason.example, reason.message.as_str())
            == (2, number, format!("reason {number}").as_str())
    });
    assert!(told, "{:?}", report.reasons);
}

#[test]
fn of_hints_that_fit_equally_the_first_is_given() {
    const IF_400: &[HintCondition] = &[HintCondition { status: &[400], ..HintCondition::ANY }];
    const HINTS: [Hint; 2] = [
        Hint { name: "first", title: "First", text: "The first.", when: IF_400 },
        Hint { name: "second", title: "Second", text: "The second.", when: IF_400 },
    ];
    let _limit = partnerstack_tests::limit();
    let api: &'static ApiSpec = Box::leak(Box::new(ApiSpec {
        hints: &HINTS,
        authentication: AuthenticationSpec { ..API.authentication },
        rate_limit: RateLimit { ..API.rate_limit },
        answers: AnswerSpec { ..API.answers },
        lists: ListSpec { ..API.lists },
        ..API
    }));
    let hint = choose(api, &Situation { status: Some(400), ..Situation::default() });
    assert_eq!(hint.map(|hint| hint.name), Some("first"));
}

#[test]
fn a_failure_that_no_hint_fits_has_none() {
    let _limit = partnerstack_tests::limit();
    assert!(choose(&API, &Situation { status: Some(418), ..Situation::default() }).is_none());
    let of_test_records = choose(&API, &Situation { test_records: true, ..Situation::default() });
    assert_eq!(of_test_records.map(|hint| hint.name), Some("test_data"));
}

#[test]
fn a_range_says_the_ends_that_it_has() {
    let _limit = partnerstack_tests::limit();
    let amount = API.object("transactions").and_then(|object| object.field("amount")).unwrap();
    for (minimum, maximum, said) in [
        (Some(1), None, "must be 1 cents or more"),
        (None, Some(5), "must be 5 cents or less"),
        (Some(1), Some(5), "must be from 1 to 5 cents"),
    ] {
        let field: &'static FieldSpec = Box::leak(Box::new(FieldSpec {
            minimum,
            maximum,
            when_absent: None,
            refers_to: None,
            ..*amount
        }));
        let mut faults = Faults::default();
        check(field, &if maximum.is_some() { 6 } else { 0 }, &mut faults);
        let error = faults.into_result(None).unwrap_err();
        assert_eq!(error.faults[0].message, said);
    }
}

#[test]
fn a_record_weighs_at_least_what_its_texts_do() {
    let _limit = partnerstack_tests::limit();
    let text = "x".repeat(1000);
    let cells = Record::Cells([text.as_str(), ""].into_iter().collect());
    let Value::Object(flat) = json!({"a": text}) else { unreachable!() };
    let Value::Object(deep) = json!({"a": [{"b": text}], "c": text}) else { unreachable!() };
    for (record, least) in [(cells, 1000), (Record::Object(flat), 1000), (Record::Object(deep), 2000)] {
        assert!((least..least + 1000).contains(&record.size()), "{} instead of {least}", record.size());
    }
}
