//! The bare loop that the whole path is measured against: reqwest and nothing else, in a process of its own.

use std::cell::RefCell;
use std::env;
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

use reqwest::Client;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};

use crate::rows::transaction;

/// How this program is asked for it.
pub(crate) const NAME: &str = "bare-loop";

/// So many requests with prebuilt bodies, so many in flight; says how long it took from its first request to its end.
pub(crate) fn time(base_url: &str, rows: u64, flights: usize) -> Duration {
    let this = env::current_exe().expect("a path");
    let output = Command::new(this)
        .args([NAME, base_url, &rows.to_string(), &flights.to_string()])
        .stderr(Stdio::inherit())
        .output()
        .expect("it starts");
    assert!(output.status.success(), "{}", output.status);
    let text = String::from_utf8(output.stdout).expect("text");
    Duration::from_micros(text.trim().parse().expect("microseconds"))
}

/// The process.
pub(crate) fn run(arguments: &[String]) {
    let [base_url, rows, flights] = arguments else { return };
    let (rows, flights) = (rows.parse().expect("a number"), flights.parse().expect("a number"));
    let bodies: Vec<Vec<u8>> =
        (0..rows).map(|number| serde_json::to_vec(&transaction(number)).expect("JSON")).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let took = tokio::task::LocalSet::new().block_on(&runtime, send_all(base_url, bodies, flights));
    println!("{}", took.as_micros());
}

async fn send_all(base_url: &str, bodies: Vec<Vec<u8>>, flights: usize) -> Duration {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(AUTHORIZATION, HeaderValue::from_static(partnerstack_tests::keys::AUTHORIZATION));
    let client = Client::builder()
        .user_agent("partnerstack/bare")
        .default_headers(headers)
        .timeout(Duration::from_mins(1))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .tcp_nodelay(true)
        .no_proxy()
        .build()
        .expect("a client");
    let url = format!("{base_url}/transactions");
    let bodies = Rc::new(RefCell::new(bodies.into_iter()));
    let started = Instant::now();
    let flights: Vec<_> = (0..flights)
        .map(|_| {
            let (client, url, bodies) = (client.clone(), url.clone(), Rc::clone(&bodies));
            tokio::task::spawn_local(async move {
                loop {
                    let Some(body) = bodies.borrow_mut().next() else { return };
                    let call = client.post(&url).header(CONTENT_TYPE, "application/json").body(body);
                    let answer = call.send().await.expect("an answer");
                    assert!(answer.status().is_success());
                    answer.bytes().await.expect("a whole answer");
                }
            })
        })
        .collect();
    for flight in flights {
        flight.await.expect("no panic");
    }
    started.elapsed()
}
