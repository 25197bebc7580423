//! Signals: a run stops at the next safe point, whatever it waits for, and says what it has done.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

use partnerstack_connector::sandbox::{Options, Sandbox};
use partnerstack_connector::sync::Interrupt;
use partnerstack_tests::recorder::{Recorder, Reply};

use partnerstack_tests::desk::{Desk, held_as, server, server_with};
use partnerstack_tests::until::{until, until_so};

const HEADER: &str = "email,partner_key,customer_key\n";
const SYNC: [&str; 6] = ["sync", "--object", "customers", "--mode", "insert", "--json"];

/// Gives its parts one after the other, each when it is time.
struct Slow<F> {
    parts: Vec<&'static str>,
    /// Is called before a part is given, and at the end, with how many were given before.
    before: F,
    given: usize,
}

impl<F: FnMut(usize)> Read for Slow<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (self.before)(self.given);
        let Some(part) = self.parts.get(self.given).map(|part| part.as_bytes()) else { return Ok(0) };
        self.given += 1;
        buffer[..part.len()].copy_from_slice(part);
        Ok(part.len())
    }
}

fn args<'a>(server: &'a Sandbox, more: &[&'a str]) -> Vec<&'a str> {
    [&SYNC[..], &["--base-url", server.base_url()], more].concat()
}

#[tokio::test]
async fn before_the_first_row_it_is_130_or_143() {
    let _limit = partnerstack_tests::limit();
    for (signal, code) in [(2, 130), (15, 143)] {
        let (desk, server) = (Desk::new(), server());
        let interrupt = Interrupt::default();
        interrupt.raise(signal);
        let source =
            desk.write("rows.csv", format!("{HEADER}ada@example.com,gstest,a-1\nnobody,gstest,a-2\n"));
        let ran = desk.run_with(&args(&server, &["--source", &source]), io::empty(), &interrupt).await;
        ran.ended(code, "");
        assert_eq!(ran.report()["error"], "interrupted");
        assert_eq!(server.requests(), 0);
    }
}

#[tokio::test]
async fn between_rows_it_keeps_what_was_done() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), Arc::new(server()));
    let interrupt = Arc::new(Interrupt::default());
    let stdin = Slow {
        parts: vec![
            "email,partner_key,customer_key\nada@example.com,p,1\n",
            "eve@example.com,p,3\nmax@example.com,p,4\nmia@example.com,p,5\n",
        ],
        before: {
            let (server, interrupt) = (Arc::clone(&server), Arc::clone(&interrupt));
            move |given| {
                if given == 1 {
                    // The first row arrives although the next one is not there yet.
                    until("the first row", || server.count("customers") == 1);
                    interrupt.raise(2);
                }
            }
        },
        given: 0,
    };
    let ran = desk.run_with(&args(&server, &["--source", "-"]), stdin, &interrupt).await;
    let rows = &ran.report()["rows"];
    assert_eq!((ran.code, &rows["created"]), (130, &1.into()), "{}", ran.stderr);
    assert_eq!(rows["read"].as_u64(), rows["pending"].as_u64().map(|pending| pending + 1));
    assert_eq!(
        held_as(&server, "customers", "customer_key"),
        ["1"],
        "what is on its way is finished, no other begun"
    );
    ran.says(&["stopped: interrupted"]);
    // The next run goes on from there.
    let rows = format!("{HEADER}ada@example.com,p,1\neve@example.com,p,3\nmax@example.com,p,4\n");
    desk.sync(&server, "customers insert", rows, &[]).await.ended(0, "2 created, 1 unchanged");
}

#[tokio::test]
async fn an_idle_standard_input_does_not_keep_a_run() {
    let _limit = partnerstack_tests::limit();
    for (parts, counts) in [
        (vec![], ""),
        (vec!["email,partner_key,"], ""),
        (vec!["email,partner_key,customer_key\n"], ""),
        (vec!["email,partner_key,customer_key\n", "ada@example.com,p,1\n", "eve@exa"], "1 created"),
        (
            vec![
                "email,partner_key,customer_key\n",
                "ada@example.com,p,1\nnobody,p,2\neve@example.com,p,3\nmax@example.com,p,4\n",
            ],
            "3 created, 1 invalid",
        ),
    ] {
        let (desk, server) = (Desk::new(), server());
        let interrupt = Interrupt::default();
        let count = parts.len();
        let idles = Arc::new(AtomicBool::new(false));
        let is_idle = Arc::clone(&idles);
        let idle = move |given: usize| {
            if given == count {
                is_idle.store(true, SeqCst);
                loop {
                    thread::park();
                }
            }
        };
        let arrived = counts.split(' ').next().and_then(|count| count.parse().ok()).unwrap_or_default();
        let raise = async {
            let idles = || idles.load(SeqCst) && server.count("customers") >= arrived;
            until_so("a source that gives nothing more", idles).await;
            interrupt.raise(15);
        };
        let stdin = Slow { parts, before: idle, given: 0 };
        let args = args(&server, &["--source", "-"]);
        let (ran, ()) = tokio::join!(desk.run_with(&args, stdin, &interrupt), raise);
        ran.ended(143, counts);
        assert_eq!(ran.report()["error"], "interrupted");
    }
}

#[tokio::test]
async fn rows_that_need_no_call_do_not_keep_it_waiting() {
    let _limit = partnerstack_tests::limit();
    for more in [&["--dry-run"][..], &[]] {
        let (desk, server) = (Desk::new(), server());
        let interrupt = Arc::new(Interrupt::default());
        let rows: &'static str = "nobody,p,1\n".repeat(500).leak();
        let before = {
            let interrupt = Arc::clone(&interrupt);
            move |given| {
                if given == 20 {
                    interrupt.raise(2);
                }
            }
        };
        let stdin = Slow { parts: [&[HEADER][..], &[rows; 400]].concat(), before, given: 0 };
        let args = [&args(&server, &["--source", "-"])[..], more].concat();
        let ran = desk.run_with(&args, stdin, &interrupt).await;
        assert_eq!(ran.code, 130, "{}", ran.stderr);
        assert!(ran.report()["rows"]["read"].as_u64().is_some_and(|read| read < 100_000), "{}", ran.stdout);
    }
}

#[tokio::test]
async fn a_wait_for_the_api_ends() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server_with(Options { quota: Some(1), ..Options::default() }));
    let interrupt = Interrupt::default();
    let source =
        desk.write("rows.csv", format!("{HEADER}ada@example.com,gstest,a-1\neve@example.com,gstest,a-2\n"));
    // The second request is told to wait for a minute.
    let raise = async {
        until_so("the second request", || server.requests() > 1).await;
        interrupt.raise(15);
    };
    let args = args(&server, &["--source", &source]);
    let (ran, ()) = tokio::join!(desk.run_with(&args, io::empty(), &interrupt), raise);
    ran.ended(143, "1 created, 1 pending");
    assert_eq!(ran.report()["throttled"], 1);
}

#[tokio::test]
async fn looking_up_what_an_earlier_run_has_left_ends_too() {
    let _limit = partnerstack_tests::limit();
    let page = r#"{"data": {"items": [], "has_more": false}, "message": "ok", "status": 200}"#;
    let server = Recorder::answering(move |before, call| match (call.reads(), before) {
        (false, _) => Reply::refused(500, "Internal Server Error"),
        (true, 0) => Reply::blind_page(),
        (true, _) => Reply::of(200, page),
    })
    .await;
    let (desk, url) = (Desk::new(), server.base_url());
    desk.sync_to(&url, "customers insert", format!("{HEADER}ada@example.com,p,1\n"), &[])
        .await
        .ended(4, "1 uncertain");
    // A miss does not count before a minute has passed.
    let source = desk.write("rows.csv", format!("{HEADER}nobody,p,2\n"));
    let interrupt = Interrupt::default();
    let raise = async {
        until_so("a lookup", || server.calls().len() > 2).await;
        interrupt.raise(2);
    };
    let args = [&SYNC[..], &["--base-url", &url, "--source", &source]].concat();
    let (ran, ()) = tokio::join!(desk.run_with(&args, io::empty(), &interrupt), raise);
    ran.ended(130, "1 invalid");
    assert_eq!(ran.report()["unsettled_before"], 1);
    assert!(ran.report()["duration_ms"].as_u64().is_some_and(|time| time < 30_000), "{}", ran.stdout);
}
