//! `--help`: every flag of the contract is there, parses, and is explained.

use partnerstack_connector::sync::Interrupt;

use partnerstack_tests::desk::Desk;

/// The flags of `sync` as the contract has them, each with a value where it takes one.
const SYNC: [&[&str]; 36] = [
    &["--object", "customers"],
    &["--mode", "upsert"],
    &["--format", "csv"],
    &["--delimiter", ";"],
    &["--encoding", "utf-8"],
    &["--map", "name=Name"],
    &["--primary-key", "Name"],
    &["--match-on", "email"],
    &["--limit", "1"],
    &["--dry-run"],
    &["--full"],
    &["--sandbox"],
    &["--account", "main"],
    &["--rotated-key"],
    &["--ledger", "ledger.db"],
    &["--require-ledger"],
    &["--new-ledger=empty"],
    &["--timeout", "1"],
    &["--concurrency", "1"],
    &["--rate", "1"],
    &["--settle-after", "1"],
    &["--max-failures", "1"],
    &["--allow-failures", "1%"],
    &["--give-up", "1"],
    &["--json"],
    &["--quiet"],
    &["--color", "never"],
    &["--log", "text"],
    &["--allow", "max_rows"],
    &["--source", "-"],
    &["--failures", "f.ndjson"],
    &["--plan", "plan.ndjson"],
    &["--metrics", "m.prom"],
    &["--base-url", "http://127.0.0.1:1"],
    &["--known", "partners.csv"],
    &["--requests", "requests.ndjson"],
];

#[tokio::test]
async fn every_flag_of_sync_is_explained_and_parses() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    let help = desk.run(&["sync", "--help"]).await;
    assert_eq!((help.code, help.stderr.as_str()), (0, ""));
    for flag in SYNC {
        assert!(
            [" ", "\n", "[="].iter().any(|end| {
                let name = flag[0].split_once('=').map_or(flag[0], |(name, _)| name);
                help.stdout.contains(&format!("{name}{end}"))
            }),
            "{}",
            flag[0]
        );
    }
    // The last six need a folder, rows, or exclude another.
    let ledger = desk.path("ledger.db");
    let flags = SYNC.iter().take(30).copied().flatten().copied();
    let flags: Vec<&str> = flags.map(|flag| if flag == "ledger.db" { &ledger } else { flag }).collect();
    let rows = "Name;email;partner_key\nAda;ada@example.com;gstest\n";
    let sync = async |args: &[&str]| desk.run_with(args, rows.as_bytes(), &Interrupt::default()).await;
    let args = [&["sync"], &flags[..]].concat();
    sync(&args).await.refused(&["there is no ledger at", "--require-ledger"]);
    let make =
        ["sync", "--object", "customers", "--mode", "insert", "--source", "-", "--primary-key", "Name"];
    let make = [&make[..], &["--sandbox", "--account", "main", "--ledger", &ledger, "--json"]].concat();
    sync(&make).await.ended(0, "1 created");
    let ran = sync(&args).await;
    // It exists, and --full asks for it all the same.
    ran.ended(0, "1 pending");
    assert!(!ran.stderr.contains("heed"), "{}", ran.stderr);
}

#[tokio::test]
async fn the_other_commands_name_their_flags() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    for (command, flags) in [
        ("check", &["--base-url <URL>", "--json"][..]),
        ("describe", &["[OBJECT]", "--json"]),
        ("test", &["<FILE>", "--json"]),
        ("schema", &["partnerstack schema > ", "# yaml-language-server: $schema="]),
        (
            "sandbox",
            &[
                "--port <N>",
                "--latency <MS>",
                "--faults <KIND:PERMILLE>",
                "--duplicates <",
                "--known <",
                "--requests <",
            ],
        ),
        (
            "history",
            &[
                "<KEY>",
                "--object <OBJECT>",
                "--json",
                "--base-url <URL>",
                "--account <NAME>",
                "--ledger <PATH>",
            ],
        ),
        ("failures", &["[FILE|NAME]", "--dismiss <ID>", "--csv <PATH>", "--json", "--account <NAME>"]),
        ("runs", &["--limit <N>", "--json", "--account <NAME>", "--ledger <PATH>"]),
        (
            "verify",
            &[
                "<FILE>",
                "--adopt",
                "--differences <PATH>",
                "--json",
                "--base-url <URL>",
                "--account <NAME>",
                "--ledger <PATH>",
            ],
        ),
        (
            "resolve",
            &[
                "<KEY>",
                "--object <OBJECT>",
                "--arrived",
                "--key <KEY>",
                "--not-arrived",
                "--base-url <URL>",
                "--account <NAME>",
                "--ledger <PATH>",
            ],
        ),
    ] {
        let help = desk.run(&[command, "--help"]).await;
        assert_eq!((help.code, help.stderr.as_str()), (0, ""));
        for flag in flags {
            assert!(help.stdout.contains(flag), "{flag} in\n{}", help.stdout);
        }
        assert!(!help.stdout.contains("SECRET_KEY <"), "a key is never a flag");
    }
}

#[tokio::test]
async fn each_command_has_its_help_text() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    let ran = desk.run(&["--help"]).await;
    ran.snapshot("help", &ran.stdout);
    for command in [
        "sync", "check", "describe", "schema", "test", "sandbox", "failures", "history", "runs", "verify",
        "resolve",
    ] {
        let ran = desk.run(&[command, "--help"]).await;
        ran.snapshot(&format!("help-{command}"), &ran.stdout);
        let short = desk.run(&[command, "-h"]).await;
        assert_eq!(short.code, 0);
    }
}

#[tokio::test]
async fn without_a_command_it_says_what_there_is() {
    let _limit = partnerstack_tests::limit();
    let ran = Desk::without_keys().run(&[]).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    ran.says(&["Usage:", "sync", "check", "describe", "schema", "test", "sandbox", "history", "resolve"]);
    let version = Desk::without_keys().run(&["--version"]).await;
    assert_eq!(
        (version.code, version.stdout.as_str()),
        (0, concat!("partnerstack ", env!("CARGO_PKG_VERSION"), "\n"))
    );
}
