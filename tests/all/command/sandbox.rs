//! `sandbox`: serves until it is told to stop.

use std::io;
use std::io::Write;
use std::sync::{Arc, Mutex};

use partnerstack_connector::cli::{self, Environment, Streams};
use partnerstack_connector::sync::Interrupt;

use partnerstack_tests::desk::Desk;
use partnerstack_tests::until::{ends, until_so};

/// Output that can be read while the program still writes.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Shared {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// Runs the command until `work` with its base URL is done; says its exit code and its output.
async fn serving<F: Future<Output = ()>>(
    arguments: &[&str],
    environment: Environment,
    work: impl FnOnce(String) -> F,
) -> (u8, String, String) {
    let interrupt = Interrupt::default();
    let (stdout, stderr) = (Shared::default(), Shared::default());
    let (mut out, mut err) = (stdout.clone(), stderr.clone());
    let streams = Streams { stdin: Box::new(io::empty()), stdout: &mut out, stderr: &mut err };
    let arguments = ["partnerstack", "sandbox"].iter().chain(arguments).map(Into::into);
    let client = async {
        until_so("the address", || stdout.text().ends_with('\n')).await;
        work(stdout.text().trim().to_owned()).await;
        interrupt.raise(2);
    };
    let command = cli::run(arguments, &environment, streams, &interrupt);
    // On the heap: it is large, and a test may hold several of them.
    let (code, ()) = ends(Box::pin(async { tokio::join!(command, client) })).await;
    (code, stdout.text(), stderr.text())
}

#[tokio::test]
async fn it_prints_its_address_takes_a_sync_and_stops() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::new();
    let source = desk.write("rows.csv", "email,partner_key\nada@example.com,gstest\n");
    let (code, stdout, stderr) = serving(&[], Environment::default(), async |url| {
        assert!(url.starts_with("http://127.0.0.1:") && url.ends_with("/api/v2"), "{url}");
        let args = ["sync", "--object", "customers", "--mode", "insert", "--source", &source, "--json"];
        desk.run(&[&args[..], &["--base-url", &url]].concat()).await.ended(0, "1 created");
        let ran = desk.run(&["check", "--base-url", &url]).await;
        assert_eq!(ran.code, 0, "{}", ran.stdout);
    })
    .await;
    assert_eq!((code, stdout.lines().count()), (0, 1));
    assert!(stderr.contains("5 requests served"), "{stderr}");
    assert!(!stderr.contains("ada@"), "{stderr}");
}

#[tokio::test]
async fn with_keys_in_the_environment_it_checks_them() {
    let _limit = partnerstack_tests::limit();
    let environment =
        Environment::of([("PARTNERSTACK_PUBLIC_KEY", "pk"), ("PARTNERSTACK_SECRET_KEY", "sk_secret")]);
    let (code, stdout, stderr) = serving(&[], environment, async |url| {
        assert_eq!(Desk::new().run(&["check", "--base-url", &url]).await.code, 5);
        let desk =
            Desk::new().with("PARTNERSTACK_PUBLIC_KEY", "pk").with("PARTNERSTACK_SECRET_KEY", "sk_secret");
        assert_eq!(desk.run(&["check", "--base-url", &url]).await.code, 0);
    })
    .await;
    assert_eq!(code, 0);
    assert!(!stdout.contains("sk_secret") && !stderr.contains("sk_secret"));
}

#[tokio::test]
async fn its_flags_change_what_it_does() {
    let _limit = partnerstack_tests::limit();
    let header = "email,partner_key,customer_key\n";
    let twice = format!("{header}ada@example.com,gstest,a-1\nADA@example.com,gstest,a-2\n");
    let sync = async |url: &str, rows: &str| {
        let desk = Desk::new();
        let source = desk.write("rows.csv", rows);
        let args = ["sync", "--object", "customers", "--mode", "insert", "--source", &source, "--json"];
        let ran = desk.run(&[&args[..], &["--base-url", url, "--settle-after", "1"]].concat()).await;
        (ran, desk.failures("customers"))
    };
    let duplicates = ["--duplicates", "409", "--latency", "1"];
    serving(&duplicates, Environment::default(), async |url| {
        let (ran, failures) = sync(&url, &twice).await;
        ran.ended(1, "1 created, 1 rejected");
        assert_eq!(failures[0]["status"], 409);
    })
    .await;
    serving(&["--duplicates", "accept"], Environment::default(), async |url| {
        sync(&url, &twice).await.0.ended(0, "2 created");
    })
    .await;
    let rows = (0..10).map(|number| format!("{number}@example.com,gstest,{number}\n"));
    let many: String = std::iter::once(header.to_owned()).chain(rows).collect();
    serving(&["--faults", "500-after:400"], Environment::default(), async |url| {
        let (ran, _) = sync(&url, &many).await;
        ran.ended(0, "10 created");
        assert!(ran.report()["lookups"].as_u64().is_some_and(|lookups| lookups > 0), "{}", ran.stdout);
    })
    .await;
}

#[tokio::test]
async fn what_it_cannot_do_is_2() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    for (args, words) in [
        (&["--port", "99999"][..], "99999"),
        (&["--faults", "resets:5"], "the kinds are reset-before"),
        (&["--faults", "reset-before:1001"], "KIND:PERMILLE"),
        (&["--duplicates", "never"], "409"),
        (&["--faults", "429:600", "--faults", "html:600"], "1000"),
    ] {
        desk.run(&[&["sandbox"], args].concat()).await.refused(&[words]);
    }
    let server = partnerstack_tests::desk::server();
    let port = server.address().port().to_string();
    desk.run(&["sandbox", "--port", &port]).await.refused(&[&format!("port {port}")]);
}

#[tokio::test]
async fn a_sync_with_the_sandbox_flag_needs_no_keys_and_leaves_nothing_at_the_api() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    let source = desk.write("rows.csv", "email,partner_key,customer_key\nada@example.com,gstest,a-1\n");
    let args =
        ["sync", "--object", "customers", "--mode", "upsert", "--source", &source, "--sandbox", "--json"];
    for _ in 0..2 {
        let ran = desk.run(&args).await;
        ran.ended(0, "1 created");
        // The first 404 of a run is believed after one page of the list was read.
        assert_eq!((&ran.report()["requests"], &ran.report()["lookups"]), (&3.into(), &1.into()));
        ran.says(&["(sandbox)"]);
    }
    let other = partnerstack_tests::desk::server();
    assert_eq!(other.count("customers"), 0);
}
