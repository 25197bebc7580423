//! Exit codes: the first that holds, in the order 2, 130 or 143, 3, 4, 1, 0.

use std::io::{self, Read};
use std::sync::Arc;

use partnerstack_connector::interrupt::Interrupt;
use partnerstack_connector::sandbox::{Fault, FaultKind, Options};

use super::support::{Desk, server, server_with};

const GOOD: &str = "email,partner_key,customer_key\nada@example.com,gstest,a-1\neve@example.com,gstest,a-2\n";
const MIXED: &str =
    "email,partner_key,customer_key\nada@example.com,gstest,a-1\nnobody,gstest,a-2\neve@example.com,,a-3\n";

fn failing(kind: FaultKind) -> Options {
    Options { faults: vec![Fault { kind, permille: 1000 }], ..Options::default() }
}

#[tokio::test]
async fn all_arrived_is_0() {
    let (desk, server) = (Desk::new(), server());
    let ran = desk.sync(&server, "customers insert", GOOD, &[]).await;
    ran.ended(0, "2 created");
    assert_eq!((server.count("customers"), server.requests()), (2, 2));
}

#[tokio::test]
async fn a_failed_row_is_1_whether_it_was_sent_or_not() {
    let (desk, server) = (Desk::new(), server());
    desk.sync(&server, "customers insert", MIXED, &[]).await.ended(1, "1 created, 2 invalid");
    let ran = desk.sync(&server, "customers insert", GOOD, &[]).await;
    ran.ended(1, "1 created, 1 rejected");
    ran.says(&["already exists", "hint: "]);
}

#[tokio::test]
async fn what_cannot_start_is_2_and_sends_nothing() {
    let (desk, server) = (Desk::new(), server());
    let source = desk.write("rows.csv", GOOD);
    let url = server.base_url();
    let all = ["--object", "customers", "--mode", "insert", "--source", &source, "--base-url", url];
    let without = |flag: &str| {
        let left = all.chunks(2).filter(|pair| pair[0] != flag).flatten();
        left.copied().collect::<Vec<_>>()
    };
    for (args, words) in [
        (without("--object"), "no object is given"),
        (without("--mode"), "no mode is given"),
        (without("--source"), "no source is given"),
        ([&all[..], &["--colour", "red"]].concat(), "--colour"),
        ([&without("--mode")[..], &["--mode", "mirror"]].concat(), "insert, update, upsert"),
        ([&without("--object")[..], &["--object", "custmers"]].concat(), "did you mean `customers`?"),
        ([&all[..], &["--timeout", "0"]].concat(), "timeout must be at least one second"),
        ([&all[..], &["--give-up", "0"]].concat(), "give-up must be at least one second"),
        ([&all[..], &["--max-failures", "many"]].concat(), "a share such as 5%"),
        ([&all[..], &["--allow-failures", "101%"]].concat(), "a share such as 5%"),
        ([&all[..], &["--map", "email"]].concat(), "write FIELD=COLUMN"),
        ([&all[..], &["--delimiter", "x"]].concat(), "`x` cannot delimit cells"),
        ([&all[..], &["--encoding", "utf8mb4"]].concat(), "unknown encoding `utf8mb4`"),
        ([&all[..], &["--format", "xlsx"]].concat(), "csv, ndjson, json"),
        ([&all[..], &["--sandbox"]].concat(), "--base-url"),
    ] {
        let ran = desk.run(&[&["sync"], &args[..]].concat()).await;
        ran.refused(&[words]);
        assert_eq!(ran.stdout, "", "{args:?}");
    }
    desk.run(&["sink"]).await.refused(&["'--help'"]);
    assert_eq!(server.requests(), 0);
    assert_eq!(desk.files(), ["rows.csv"], "nothing is left behind");
}

#[tokio::test]
async fn refused_credentials_are_3_at_once() {
    let options = Options { credentials: Some(("pk".to_owned(), "sk".to_owned())), ..Options::default() };
    let (desk, server) = (Desk::new(), server_with(options));
    let ran = desk.sync(&server, "customers insert", GOOD, &[]).await;
    ran.ended(3, "1 pending");
    ran.says(&["stopped: HTTP 401", "hint: ", "Settings > Integrations > PartnerStack API Keys"]);
    assert_eq!(server.requests(), 1, "a million rows must not collect a million refusals");
    assert!(ran.report()["error"].as_str().is_some_and(|error| error.contains("401")));
}

#[tokio::test]
async fn a_wrong_base_url_is_3_at_once() {
    let (desk, server) = (Desk::new(), server());
    let source = desk.write("rows.csv", GOOD);
    let url = format!("{}/v3", server.base_url());
    let ran = desk
        .run(&[
            "sync",
            "--object",
            "customers",
            "--mode",
            "insert",
            "--source",
            &source,
            "--base-url",
            &url,
            "--json",
        ])
        .await;
    ran.ended(3, "1 pending");
    ran.says(&["is the base URL right?", "--base-url"]);
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_dead_server_is_3_after_give_up() {
    let (desk, server) = (Desk::new(), server());
    let url = server.base_url().to_owned();
    drop(server);
    let source = desk.write("rows.csv", GOOD);
    let args = ["sync", "--object", "customers", "--mode", "insert", "--source", &source, "--base-url", &url];
    let ran = desk.run(&[&args[..], &["--json", "--give-up", "1"]].concat()).await;
    ran.ended(3, "1 pending");
    ran.says(&["no progress for 1 s (--give-up)", "no connection"]);
}

#[tokio::test]
async fn more_failures_than_max_failures_are_3() {
    let (desk, server) = (Desk::new(), server());
    let rows = "email,partner_key,customer_key\na,p,1\nb,p,2\nc,p,3\nada@example.com,p,4\n";
    let ran = desk.sync(&server, "customers insert", rows, &["--max-failures", "1"]).await;
    ran.ended(3, "2 invalid");
    ran.says(&["2 rows failed, which is more than --max-failures allows"]);
    assert_eq!(desk.failures("customers").len(), 2);
    desk.sync(&server, "customers insert", rows, &["--max-failures", "3"])
        .await
        .ended(1, "1 created, 3 invalid");
}

#[tokio::test]
async fn a_share_of_max_failures_is_judged_from_a_hundred_rows_on() {
    let desk = Desk::new();
    let rows = |bad: usize, good: usize| {
        let bad = (0..bad).map(|number| format!("nobody,p,{number}\n"));
        let good = (0..good).map(|number| format!("{number}@example.com,p,{number}\n"));
        let header = "email,partner_key,customer_key\n".to_owned();
        std::iter::once(header).chain(bad).chain(good).collect::<String>()
    };
    let half = ["--max-failures", "50%"];
    desk.sync(&server(), "customers insert", rows(40, 10), &half).await.ended(1, "10 created, 40 invalid");
    desk.sync(&server(), "customers insert", rows(60, 60), &half).await.ended(3, "40 created, 60 invalid");
}

#[tokio::test]
async fn a_create_without_an_answer_is_4_and_is_not_sent_twice() {
    let (desk, server) = (Desk::new(), server_with(failing(FaultKind::ResetAfter)));
    let ran = desk.sync(&server, "customers insert", MIXED, &[]).await;
    ran.ended(4, "2 invalid, 1 uncertain");
    assert_eq!((server.requests(), server.count("customers")), (1, 1));
    let failure = &desk.failures("customers")[0];
    assert_eq!((&failure["outcome"], &failure["operation"]), (&"uncertain".into(), &"create".into()));
    assert!(failure["status"].is_null());

    let stopped = desk.sync(&server, "customers insert", MIXED, &["--max-failures", "0"]).await;
    stopped.ended(3, "1 invalid, 1 uncertain");
}

#[tokio::test]
async fn allow_failures_turns_1_into_0_within_its_limit_and_nothing_else() {
    let desk = Desk::new();
    for (limit, code) in [("1", 1), ("2", 0), ("66%", 1), ("67%", 0), ("100%", 0), ("0", 1)] {
        let ran = desk.sync(&server(), "customers insert", MIXED, &["--allow-failures", limit]).await;
        ran.ended(code, "1 created, 2 invalid");
        assert_eq!(desk.failures("customers").len(), 2, "they are told all the same");
    }
    let uncertain = server_with(failing(FaultKind::ErrorAfter));
    desk.sync(&uncertain, "customers insert", MIXED, &["--allow-failures", "100%"])
        .await
        .ended(4, "2 invalid, 1 uncertain");
}

#[tokio::test]
async fn throttling_fails_no_row_and_is_told() {
    let faults = vec![Fault { kind: FaultKind::Throttled, permille: 500 }];
    // With this seed the first request is turned away and the second is not.
    let (desk, server) = (Desk::new(), server_with(Options { faults, seed: 2, ..Options::default() }));
    let ran = desk.sync(&server, "customers insert", GOOD, &["--limit", "1"]).await;
    ran.ended(0, "1 created");
    let report = ran.report();
    assert_eq!(
        (&report["throttled"], &report["retries"], &report["requests"]),
        (&1.into(), &1.into(), &2.into())
    );
    ran.says(&["--rate", "hint: "]);
}

#[tokio::test]
async fn an_interrupt_before_the_first_row_is_130_or_143() {
    for (signal, code) in [(2, 130), (15, 143)] {
        let (desk, server) = (Desk::new(), server());
        let interrupt = Interrupt::default();
        interrupt.raise(signal);
        let source = desk.write("rows.csv", MIXED);
        let args = ["sync", "--object", "customers", "--mode", "insert", "--source", &source];
        let ran = desk
            .run_with(
                &[&args[..], &["--base-url", server.base_url(), "--json"]].concat(),
                io::empty(),
                &interrupt,
            )
            .await;
        ran.ended(code, "");
        assert_eq!(ran.report()["error"], "interrupted");
        assert_eq!(server.requests(), 0);
    }
}

/// Gives its first part at once, and asks for the rest only after the program was told to stop.
struct Interrupting {
    parts: Vec<&'static str>,
    interrupt: Arc<Interrupt>,
}

impl Read for Interrupting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.parts.len() == 1 {
            self.interrupt.raise(2);
        }
        if self.parts.is_empty() {
            return Ok(0);
        }
        let part = self.parts.remove(0).as_bytes();
        buffer[..part.len()].copy_from_slice(part);
        Ok(part.len())
    }
}

#[tokio::test]
async fn an_interrupt_between_rows_keeps_what_was_done() {
    let (desk, server) = (Desk::new(), server());
    let interrupt = Arc::new(Interrupt::default());
    let stdin = Interrupting {
        parts: vec![
            "email,partner_key,customer_key\nada@example.com,p,1\nnobody,p,2\n",
            "eve@example.com,p,3\nmax@example.com,p,4\nmia@example.com,p,5\n",
        ],
        interrupt: Arc::clone(&interrupt),
    };
    let args = ["sync", "--object", "customers", "--mode", "insert", "--source", "-", "--json"];
    let args = [&args[..], &["--base-url", server.base_url()]].concat();
    let ran = desk.run_with(&args, stdin, &interrupt).await;
    ran.ended(130, "2 created, 1 invalid");
    assert_eq!(server.count("customers"), 2, "the row that was being read is finished, no other is begun");
    assert_eq!(desk.failures("customers").len(), 1);
    ran.says(&["stopped: interrupted"]);
}

#[tokio::test]
async fn an_interrupt_ends_a_wait() {
    let (desk, server) = (Desk::new(), server_with(Options { quota: Some(1), ..Options::default() }));
    let interrupt = Interrupt::default();
    let source = desk.write("rows.csv", GOOD);
    let args = ["sync", "--object", "customers", "--mode", "insert", "--source", &source, "--json"];
    let args = [&args[..], &["--base-url", server.base_url()]].concat();
    // The second request is told to wait for a minute.
    let raise = async {
        while server.requests() < 2 {
            tokio::task::yield_now().await;
        }
        interrupt.raise(15);
    };
    let (ran, ()) = tokio::join!(desk.run_with(&args, io::empty(), &interrupt), raise);
    ran.ended(143, "1 created, 1 pending");
    assert_eq!(ran.report()["throttled"], 1);
}
