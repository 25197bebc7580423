//! What a run says of itself: how failures are counted, grouped and explained.
#![cfg(test)]

use partnerstack_connector::api::{
    AnswerSpec, ApiSpec, AuthenticationSpec, Hint, HintCondition, ListSpec, RateLimit,
};
use partnerstack_connector::generated::API;
use partnerstack_connector::report::counts::Report;
use partnerstack_connector::report::failure_limit::FailureLimit;
use partnerstack_connector::report::hint::{Situation, choose};
use partnerstack_connector::report::outcome::{Failure, Outcome};

fn failure(row: u64, message: String) -> Failure {
    Failure {
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
