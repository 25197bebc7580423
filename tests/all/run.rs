//! Runs through the library: several syncs in one process, with one ledger, one pace and one patience.
#![cfg(test)]

use std::fs;
use std::io::{self, Read};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use partnerstack_connector::api::mode::Mode;
use partnerstack_connector::clock::Clock;
use partnerstack_connector::config::{Environment, Given, Settings, SourcePlace};
use partnerstack_connector::generated::API;
use partnerstack_connector::ledger::{Account, Ledger, LedgerPlace, OpenOptions, ScopeName};
use partnerstack_connector::mapping::record_key::PrimaryKey;
use partnerstack_connector::report::outcome::Outcome;
use partnerstack_connector::run::{Finished, NotReady, Purpose, Run, Services};
use partnerstack_connector::sandbox::{FaultKind, InjectedFault, Options, Sandbox};
use partnerstack_connector::sync::Interrupt;
use tempfile::TempDir;

/// How many rows each sync has.
const ROWS: u32 = 30;
/// Requests a minute: few enough that a second pace beside the first would be seen in a second.
const RATE: u32 = 2400;

/// Two syncs of two objects into one sandbox.
struct Desk {
    folder: TempDir,
    sandbox: Sandbox,
}

impl Desk {
    /// `quota`: what the sandbox takes in a minute.
    fn new(quota: u32) -> Self {
        Self::with(Options { quota: Some(quota), ..Options::default() })
    }

    /// `options`: what the sandbox does.
    fn with(options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let rows = |header: &str, row: &dyn Fn(u32) -> String| {
            let rows: Vec<String> = (0..ROWS).map(row).collect();
            format!("{header}\n{}\n", rows.join("\n"))
        };
        let customers = rows("id,customer_key,email,partner_key", &|n| {
            format!("c{n},customer-{n},c{n}@example.com,gstest")
        });
        let partners = rows("id,partner_key,email,first_name,last_name,group_key", &|n| {
            format!("p{n},partner-{n},p{n}@example.com,Ada,Example,standard")
        });
        fs::write(folder.path().join("customers.csv"), customers).unwrap();
        fs::write(folder.path().join("partnerships.csv"), partners).unwrap();
        let sandbox = Sandbox::start(&API, options).unwrap();
        Self { folder, sandbox }
    }

    fn given(&self, object: &str) -> Given {
        Given {
            object: Some(object.to_owned().into()),
            mode: Some(Mode::Insert),
            source: Some(SourcePlace::File(self.folder.path().join(format!("{object}.csv")))),
            primary_key: Some(PrimaryKey::of_columns(&["id"]).into()),
            base_url: Some(self.sandbox.base_url().to_owned()),
            ledger: Some(self.folder.path().join("ledger.db")),
            rate: Some(u64::from(RATE).into()),
            ..Given::default()
        }
    }

    fn both(&self) -> [Given; 2] {
        [self.given("customers"), self.given("partnerships")]
    }

    fn ledger(&self) -> Ledger {
        let place = LedgerPlace::File(self.folder.path().join("ledger.db"));
        Ledger::open(OpenOptions { place, digest_key_file: None, require: true, read_only: false, now: 0 })
            .unwrap()
    }

    fn account(&self) -> Account {
        let base_url = self.sandbox.base_url().to_owned();
        Account { base_url, name: "default".to_owned() }
    }
}

async fn run(syncs: impl IntoIterator<Item = Given>) -> Result<Finished, NotReady> {
    let environment = Environment::of([
        ("PARTNERSTACK_PUBLIC_KEY", "pk_of_a_run"),
        ("PARTNERSTACK_SECRET_KEY", "sk_of_a_run"),
    ]);
    let interrupt = Interrupt::default();
    let syncs: Vec<Settings> = syncs.into_iter().map(|given| Settings::of(given).unwrap()).collect();
    let run = Run::prepare(Purpose::Sync, syncs, Services::new(&environment, &interrupt)).await?;
    Ok(run.execute(|_| ()).await)
}

async fn refusal(syncs: impl IntoIterator<Item = Given>) -> String {
    match run(syncs).await {
        Err(NotReady::Refused(error)) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn two_syncs_share_a_ledger_and_a_pace() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::new(RATE);
    let finished = run(desk.both()).await.unwrap();
    assert_eq!(finished.code, 0);
    for sync in &finished.syncs {
        assert_eq!(sync.report.of(Outcome::Created), u64::from(ROWS), "{}", sync.name);
        assert_eq!((sync.report.throttled, &sync.failures), (0, &None), "{}", sync.name);
        assert_eq!(desk.sandbox.count(sync.object.name), ROWS as usize);
    }
    let names: Vec<&str> = finished.syncs.iter().map(|sync| sync.name.as_str()).collect();
    assert_eq!(names, ["customers", "partnerships"], "as they were given");

    // What one pace lets through in that time, at most; two paces would need half of it.
    let (requests, burst) = (2 * ROWS, RATE / 400);
    let least = Duration::from_mins(1) * (requests - burst) / RATE;
    let took = finished.syncs.iter().map(|sync| sync.report.duration).max().unwrap();
    assert!(took >= least, "{requests} requests in {took:?}, less than {least:?}");

    let ledger = desk.ledger();
    for (key, object, run) in [("c7", "customers", 1), ("p7", "partnerships", 2)] {
        let known = ledger.history(&desk.account(), key, Vec::new()).await.unwrap();
        let [known] = known.as_slice() else { panic!("{known:?}") };
        assert_eq!((known.object.as_str(), known.sync.as_deref()), (object, Some(object)));
        assert_eq!(known.entry.attempt.as_ref().unwrap().run, run, "one run each");
    }
    let Account { base_url, name: account } = desk.account();
    let name = ScopeName { base_url, account, object: "customers".to_owned() };
    let next = ledger.scope(name).await.unwrap().begin_run("customers", 0).await.unwrap();
    assert_eq!(next, 3, "and no run more");
    ledger.close().unwrap();

    // Run again, everything is as it was.
    let finished = run(desk.both()).await.unwrap();
    for sync in &finished.syncs {
        assert_eq!(sync.report.of(Outcome::Unchanged), u64::from(ROWS), "{}", sync.name);
    }
}

#[tokio::test]
async fn nothing_but_429_ends_both() {
    let _limit = partnerstack_tests::limit();
    // Without a Retry-After the time runs out; with one that is longer than the run has, it ends at once.
    let silent = Options {
        faults: vec![InjectedFault { kind: FaultKind::Throttled, permille: 1000 }],
        ..Options::default()
    };
    for (options, ended) in [
        (silent, "the API takes no requests for 1 s (--give-up)"),
        (
            Options { quota: Some(0), ..Options::default() },
            "the API takes no requests for the next 60 s, which is more than --give-up 1 allows",
        ),
    ] {
        let desk = Desk::with(options);
        let impatient = desk.both().map(|given| Given { give_up: Some(1.into()), ..given });
        let begun = Instant::now();
        let finished = run(impatient).await.unwrap();
        assert_eq!(finished.code, 3);
        assert!(begun.elapsed() < Duration::from_secs(20), "one of them waited: {:?}", begun.elapsed());
        for sync in &finished.syncs {
            let stopped = sync.report.stopped.as_ref().unwrap();
            assert_eq!(stopped.message, ended, "{}", sync.name);
            assert_eq!((sync.code, sync.report.of(Outcome::Pending)), (3, u64::from(ROWS)), "{}", sync.name);
        }
    }
}

#[tokio::test]
async fn a_failure_of_one_sync_is_its_own() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::new(RATE);
    let rows = "id,customer_key,email,partner_key\nc1,customer-1,nobody,gstest\n";
    fs::write(desk.folder.path().join("customers.csv"), rows).unwrap();
    let finished = run(desk.both()).await.unwrap();
    let [customers, partnerships] = finished.syncs.as_slice() else { panic!("{finished:?}") };
    assert_eq!((finished.code, customers.code, partnerships.code), (1, 1, 0));
    let list = customers.failures.as_ref().expect("a list");
    assert!(
        list.ends_with("default/customers.customers.ndjson") && partnerships.failures.is_none(),
        "{finished:?}"
    );
    assert_eq!(fs::read_to_string(list).unwrap().lines().count(), 1);
}

#[tokio::test]
async fn syncs_that_do_not_fit_together_are_refused_before_anything_is_sent() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::new(RATE);
    let [one, other] = desk.both();
    let twice = [one.clone(), Given { name: Some("again".to_owned().into()), ..one.clone() }];
    let elsewhere = [one.clone(), Given { account: Some("other".to_owned()), ..other.clone() }];
    let faster = [one.clone(), Given { rate: Some(1.into()), ..other.clone() }];
    let namesake = [one.clone(), Given { name: Some("customers".to_owned().into()), ..other.clone() }];
    let stdin = |given: &Given| Given { source: Some(SourcePlace::Stdin), ..given.clone() };
    let refused = async |syncs: [Given; 2], says: &str| {
        let refusal = refusal(syncs).await;
        assert!(refusal.contains(says), "{refusal}");
    };
    refused(twice, "two syncs of one run write customers").await;
    refused(elsewhere, "do not have the same base URL, account and ledger").await;
    refused(faster, "do not have the same dry_run, rate").await;
    refused(namesake, "two syncs of one run are called `customers`").await;
    refused([stdin(&one), stdin(&other)], "two syncs of one run read standard input").await;
    assert!(refusal([]).await.contains("nothing to sync"));
    assert_eq!(desk.sandbox.requests(), 0);
}

/// A clock whose waits are over at once.
#[derive(Clone, Copy)]
struct Impatient;

impl Clock for Impatient {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn epoch_milliseconds(&self) -> i64 {
        1_767_225_600_000
    }

    fn sleep(&self, _time: Duration) -> impl Future<Output = ()> {
        std::future::ready(())
    }
}

/// A pipe that brings its text once somebody is told that it brings nothing.
struct Silent {
    told: mpsc::Receiver<()>,
    text: io::Cursor<&'static str>,
}

impl Read for Silent {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.text.position() == 0 {
            self.told.recv().unwrap();
        }
        self.text.read(buffer)
    }
}

#[tokio::test]
async fn a_source_that_brings_nothing_is_named_while_it_is_waited_for() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::new(RATE);
    let given = Given { source: Some(SourcePlace::Stdin), dry_run: Some(true), ..desk.given("customers") };
    let environment = Environment::of([]);
    let interrupt = Interrupt::default();
    let (tell, told) = mpsc::channel();
    let mut said = Vec::new();
    let services = Services {
        environment: &environment,
        interrupt: &interrupt,
        clock: Impatient,
        stdin: Box::new(Silent { told, text: io::Cursor::new("id,email,partner_key\n") }),
        sandbox: None,
        waits: Box::new(|what| {
            said.push(what.to_owned());
            tell.send(()).unwrap();
        }),
    };
    let run = Run::prepare(Purpose::Sync, vec![Settings::of(given).unwrap()], services).await;
    assert!(run.is_ok(), "{:?}", run.err());
    drop(run);
    assert_eq!(said, ["waiting for standard input: nothing has come yet"]);
}
