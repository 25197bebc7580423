//! Quota, latency, and faults that were asked for.

#![expect(clippy::expect_used, reason = "a test ends where what it needs is missing")]

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use partnerstack_connector::generated::API;
use partnerstack_connector::sandbox::{FaultKind, InjectedFault, Options, Sandbox};
use serde_json::json;

use partnerstack_tests::sandbox_client::{
    AUTHORIZATION, BASE, IMPATIENCE, Seen, call, exchange, keys, post, request, start,
};
use partnerstack_tests::until::{PATIENCE, until_so};

#[tokio::test]
async fn the_quota_is_a_sliding_window_and_says_when_to_come_back() {
    let _limit = partnerstack_tests::limit();
    let sandbox = start(Options { quota: Some(2), ..Options::default() });
    assert_eq!(call(&sandbox, "GET", "/deals", b"").await.status, 200);
    assert_eq!(call(&sandbox, "GET", "/nowhere", b"").await.status, 404, "it counts whatever it asks for");
    let reply = call(&sandbox, "GET", "/deals", b"").await;
    assert_eq!((reply.status, keys(&reply.json())), (429, vec!["message".into(), "status".into()]));
    let wait: u32 = reply.header("retry-after").and_then(|text| text.parse().ok()).expect("whole seconds");
    assert!((1..=API.rate_limit.seconds).contains(&wait), "{wait}");
    assert_eq!(sandbox.requests(), 3);
}

#[tokio::test]
async fn each_fault_shows_its_face_and_keeps_or_loses_the_effect() {
    let _limit = partnerstack_tests::limit();
    for kind in FaultKind::ALL {
        let faults = vec![InjectedFault { kind, permille: 1000 }];
        let sandbox = start(Options { faults, ..Options::default() });
        let body = json!({"email": "ada@example.com", "partner_key": "gstest"}).to_string();
        let path = format!("{BASE}/customers");
        let silent = matches!(kind, FaultKind::TimeoutBefore | FaultKind::TimeoutAfter);
        let patience = if silent { IMPATIENCE } else { PATIENCE };
        let request = request("POST", &path, AUTHORIZATION, body.as_bytes());
        let seen = exchange(sandbox.address(), request, patience).await;
        let kept = match kind {
            FaultKind::ResetBefore | FaultKind::ResetAfter => {
                assert!(matches!(seen, Seen::Nothing), "{kind:?}");
                kind == FaultKind::ResetAfter
            }
            FaultKind::TimeoutBefore | FaultKind::TimeoutAfter => {
                assert!(matches!(seen, Seen::Silence), "{kind:?}");
                kind == FaultKind::TimeoutAfter
            }
            FaultKind::ErrorBefore | FaultKind::ErrorAfter => {
                assert_eq!(seen.answer().status, 500);
                kind == FaultKind::ErrorAfter
            }
            FaultKind::UnavailableBefore => {
                assert_eq!(seen.answer().status, 503);
                false
            }
            FaultKind::Throttled => {
                let reply = seen.answer();
                assert_eq!((reply.status, reply.header("retry-after")), (429, None));
                false
            }
            FaultKind::Truncate => {
                let reply = seen.answer();
                let promised: usize =
                    reply.header("content-length").and_then(|text| text.parse().ok()).expect("a length");
                assert_eq!((reply.status, reply.body.len()), (200, promised / 2));
                true
            }
            FaultKind::Html => {
                let reply = seen.answer();
                assert_eq!(
                    (reply.status, reply.header("content-type")),
                    (200, Some("text/html; charset=utf-8"))
                );
                assert!(reply.body.starts_with("<!DOCTYPE html>"), "{}", reply.body);
                true
            }
            FaultKind::Empty => {
                let reply = seen.answer();
                assert_eq!((reply.status, reply.body.as_str()), (200, ""));
                true
            }
        };
        until_so("the request and its effect", || {
            sandbox.requests() == 1 && sandbox.count("customers") >= usize::from(kept)
        })
        .await;
        assert_eq!(sandbox.count("customers"), usize::from(kept), "{kind:?}");
    }
}

#[tokio::test]
async fn the_same_seed_gives_the_same_run_and_faults_hit_reads_too() {
    let _limit = partnerstack_tests::limit();
    let run = async |seed| {
        let faults = vec![parse("500-after:300"), parse("429:300")];
        let sandbox = start(Options { seed, faults, ..Options::default() });
        let mut story = Vec::new();
        for number in 0..20 {
            let body = json!({"email": format!("{number}@example.com")});
            story.push(post(&sandbox, "/partnerships", &body).await.status);
            story.push(call(&sandbox, "GET", "/partnerships?limit=1", b"").await.status);
        }
        let made: Vec<_> =
            sandbox.records("partnerships").iter().map(|record| record["key"].clone()).collect();
        (story, made)
    };
    let (story, made) = run(7).await;
    assert_eq!((story.clone(), made.clone()), run(7).await);
    assert_ne!((story.clone(), made.clone()), run(8).await);
    for statuses in [story.iter().step_by(2).collect::<Vec<_>>(), story.iter().skip(1).step_by(2).collect()] {
        assert!([200, 500, 429].iter().all(|status| statuses.contains(&status)), "{statuses:?}");
    }
    let refused = story.iter().step_by(2).filter(|status| **status == 429).count();
    assert_eq!(made.len(), 20 - refused);
}

#[test]
fn a_text_that_is_no_fault_is_told_the_kinds() {
    let _limit = partnerstack_tests::limit();
    assert_eq!(parse("reset-after:50"), InjectedFault { kind: FaultKind::ResetAfter, permille: 50 });
    for kind in FaultKind::ALL {
        assert_eq!(parse(&format!("{}:0", kind.name())).kind, kind);
    }
    for text in ["", "reset-after", "reset:5", "html:1001", "html:-1", "html:5%"] {
        let error = text.parse::<InjectedFault>().expect_err(text).to_string();
        assert!(FaultKind::ALL.iter().all(|kind| error.contains(kind.name())), "{error}");
    }
}

#[tokio::test]
async fn faults_that_hit_more_than_every_request_are_refused() {
    let _limit = partnerstack_tests::limit();
    let faults = vec![parse("html:600"), parse("empty:600")];
    let error = Sandbox::start(&API, Options { faults, ..Options::default() }).err().expect("too many");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn every_answer_takes_the_latency_longer() {
    let _limit = partnerstack_tests::limit();
    let latency = Duration::from_millis(80);
    let sandbox = start(Options { latency, ..Options::default() });
    let begin = Instant::now();
    assert_eq!(call(&sandbox, "GET", "/deals", b"").await.status, 200);
    assert!(begin.elapsed() >= latency);
}

fn parse(fault: &str) -> InjectedFault {
    fault.parse().expect("a fault")
}
