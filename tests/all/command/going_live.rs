//! From test to production: the commands of the README in order, and what keeps production from silently receiving nothing.

use std::fs;
use std::path::PathBuf;

use partnerstack_connector::sandbox::{Options, Sandbox};
use serde_json::{Value, json};

use partnerstack_tests::desk::{Desk, Ran, server, server_with};

const PUBLIC_KEY: &str = "PARTNERSTACK_PUBLIC_KEY";
const SECRET_KEY: &str = "PARTNERSTACK_SECRET_KEY";
const TEST: (&str, &str) = ("pk_of_test", "sk_of_test");
const PRODUCTION: (&str, &str) = ("pk_of_production", "sk_of_production");
const SYNC_FILE: &str = "object: customers\nmode: upsert\nsource: customers.csv\n";

fn rows(count: usize) -> String {
    let rows = (0..count).map(|n| format!("a-{n},person{n}@example.com,gstest\n"));
    std::iter::once("customer_key,email,partner_key\n".to_owned()).chain(rows).collect()
}

/// One address with a pair for test and a pair for production, as PartnerStack has it.
fn both() -> Sandbox {
    let owned = |pair: (&str, &str)| Some((pair.0.to_owned(), pair.1.to_owned()));
    server_with(Options { credentials: owned(TEST), production: owned(PRODUCTION), ..Options::default() })
}

fn export(desk: Desk, pair: (&str, &str)) -> Desk {
    desk.with(PUBLIC_KEY, pair.0).with(SECRET_KEY, pair.1)
}

/// The lines of the README's section that a person types, in order.
fn commands() -> Vec<String> {
    let readme = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let text = fs::read_to_string(readme).unwrap();
    let section = text.split_once("\n## Going live\n").unwrap().1;
    let section = section.split_once("\n`cargo install").unwrap().0;
    let typed = section.lines().map(str::trim);
    typed
        .filter(|line| line.starts_with("partnerstack ") || line.starts_with("export "))
        .map(str::to_owned)
        .collect()
}

/// Runs a command as a shell would, against this server and with the files of the desk.
async fn type_in(desk: &Desk, server: &Sandbox, command: &str) -> Ran {
    let file = desk.path("customers.yaml");
    let words = command.split_whitespace().skip(1);
    let mut args: Vec<&str> = words.map(|word| if word == "customers.yaml" { &file } else { word }).collect();
    let is_elsewhere = args.iter().any(|word| ["--sandbox", "--base-url"].contains(word));
    if !is_elsewhere {
        args.extend(["--base-url", server.base_url()]);
    }
    if args.first() == Some(&"sync") && !args.contains(&"--json") {
        args.push("--json");
    }
    desk.run(&args).await
}

fn marks(records: &[Value]) -> Vec<&Value> {
    records.iter().map(|record| &record["test"]).collect()
}

#[tokio::test]
async fn the_readme_leads_to_production_and_each_side_gets_every_row_once() {
    let _limit = partnerstack_tests::limit();
    let (mut desk, server) = (Desk::new(), both());
    desk.write("customers.csv", rows(25));
    desk.write("customers.yaml", SYNC_FILE);
    let mut seen = Vec::new();
    for command in commands() {
        if command.starts_with("export ") {
            let pair = if command.ends_with("# the test pair") { TEST } else { PRODUCTION };
            assert!(pair == TEST || command.ends_with("# the production pair"), "{command}");
            desk = export(desk, pair);
            continue;
        }
        let ran = type_in(&desk, &server, &command).await;
        assert_eq!(ran.code, 0, "{command}: {}", ran.stderr);
        let held = (server.count("customers"), server.production_records("customers").len());
        seen.push((command, held));
    }
    let seen: Vec<(&str, (usize, usize))> =
        seen.iter().map(|(command, held)| (command.as_str(), *held)).collect();
    assert_eq!(
        seen,
        [
            ("partnerstack sync customers.yaml --sandbox", (0, 0)),
            ("partnerstack sync customers.yaml --dry-run", (0, 0)),
            ("partnerstack check", (0, 0)),
            ("partnerstack sync customers.yaml --account test --limit 10", (10, 0)),
            ("partnerstack sync customers.yaml --account test", (25, 0)),
            ("partnerstack check", (25, 0)),
            ("partnerstack sync customers.yaml --account production", (25, 25)),
        ]
    );
    assert!(marks(&server.records("customers")).iter().all(|mark| **mark == json!(true)));
    assert!(marks(&server.production_records("customers")).iter().all(|mark| **mark == json!(false)));
    let again = type_in(&desk, &server, "partnerstack sync customers.yaml --account production").await;
    again.ended(0, "25 unchanged");
}

/// The one command that a refusal prints.
#[track_caller]
fn advised(ran: &Ran) -> String {
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    let commands: Vec<&str> =
        ran.stderr.lines().filter_map(|line| Some(line.split_once("partnerstack ")?.1)).collect();
    let [command] = commands.as_slice() else { panic!("not one command:\n{}", ran.stderr) };
    format!("partnerstack {command}")
}

#[tokio::test]
async fn the_same_command_with_production_keys_stops_and_says_how_to_go_on() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (export(Desk::new(), TEST), both());
    desk.write("customers.csv", rows(3));
    desk.write("customers.yaml", SYNC_FILE);
    let same = "partnerstack sync customers.yaml";
    type_in(&desk, &server, same).await.ended(0, "3 created");

    let desk = export(desk, PRODUCTION);
    let requests = server.requests();
    let refused = type_in(&desk, &server, same).await;
    refused.refused(&["`default`, whose records are test records"]);
    assert!(!refused.stderr.contains(PRODUCTION.0), "{}", refused.stderr);
    assert_eq!(
        advised(&refused),
        advised(&type_in(&desk, &server, &format!("{same} --dry-run")).await).replace(" --dry-run", "")
    );
    assert_eq!(server.requests(), requests, "nothing was asked");

    // To say that it is the same account does not make it so.
    let not_rotated = type_in(&desk, &server, &format!("{same} --rotated-key")).await;
    not_rotated.refused(&["does not see the records", "--rotated-key is refused"]);
    assert_eq!(server.production_records("customers").len(), 0);
    assert_eq!(advised(&not_rotated), advised(&refused));

    type_in(&desk, &server, &advised(&refused)).await.ended(0, "3 created");
    assert_eq!((server.count("customers"), server.production_records("customers").len()), (3, 3));
    // The test account goes on with its own keys, and with no others.
    type_in(&desk, &server, same).await.refused(&["export the key pair of `default`"]);
    let desk = export(desk, TEST);
    type_in(&desk, &server, same).await.ended(0, "3 unchanged");
    type_in(&desk, &server, &format!("{same} --account production")).await.refused(&[
        "`production`",
        "`default`, whose records are test records",
        "export the key pair",
    ]);
}

#[tokio::test]
async fn a_key_that_was_replaced_is_told_from_another_account_by_what_it_sees() {
    let _limit = partnerstack_tests::limit();
    // It takes every pair for test, so all of them are keys of one account.
    let (desk, server) = (Desk::new(), server());
    desk.write("customers.csv", rows(7));
    desk.write("customers.yaml", SYNC_FILE);
    let same = "partnerstack sync customers.yaml --account main";
    type_in(&desk, &server, same).await.ended(0, "7 created");
    let desk = desk.with(PUBLIC_KEY, "pk_rotated");
    type_in(&desk, &server, &format!("{same} --rotated-key")).await.ended(0, "7 unchanged");
    type_in(&desk, &server, same).await.ended(0, "7 unchanged");

    // So is one of records whose last request was an update, which says nothing of when they were made.
    desk.write("customers.csv", rows(7).replace("@example.com", "@example.net"));
    type_in(&desk, &server, same).await.ended(0, "7 updated");
    let desk = desk.with(PUBLIC_KEY, "pk_rotated_again");
    type_in(&desk, &server, &format!("{same} --rotated-key")).await.ended(0, "7 unchanged");
}

#[tokio::test]
async fn in_production_an_unknown_key_is_looked_at_before_anything_is_sent_twice() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (export(Desk::new(), PRODUCTION), both());
    desk.write("customers.csv", rows(3));
    desk.write("customers.yaml", SYNC_FILE);
    let same = "partnerstack sync customers.yaml";
    type_in(&desk, &server, same).await.ended(0, "3 created");
    let desk = export(desk, TEST);
    let refused = type_in(&desk, &server, same).await;
    refused.refused(&["`default`, whose records are production records"]);
    let looked_up = advised(&refused);
    assert!(looked_up.ends_with("--account default --rotated-key"), "{looked_up}");
    let not_rotated = type_in(&desk, &server, &looked_up).await;
    let other = advised(&not_rotated);
    assert!(other.ends_with("--account test"), "{other}");
    assert_eq!(server.count("customers"), 0);
    type_in(&desk, &server, &other).await.ended(0, "3 created");
    assert_eq!((server.count("customers"), server.production_records("customers").len()), (3, 3));
}

#[tokio::test]
async fn a_wrong_key_that_brought_nothing_is_in_nobodys_way() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (export(Desk::new(), ("pk_mistyped", "sk")), both());
    desk.write("customers.csv", "customer_key,email,partner_key\na-1,nobody,gstest\n");
    desk.write("customers.yaml", SYNC_FILE);
    let same = "partnerstack sync customers.yaml";
    type_in(&desk, &server, same).await.ended(1, "1 invalid");
    desk.write("customers.csv", rows(2));
    let desk = export(desk, PRODUCTION);
    type_in(&desk, &server, same).await.ended(0, "2 created");
    let desk = export(desk, ("pk_mistyped", "sk"));
    type_in(&desk, &server, same).await.refused(&["the public key is not that of the account `default`"]);
}

#[tokio::test]
async fn a_lookup_that_is_refused_or_unanswered_decides_nothing() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (export(Desk::new(), TEST), both());
    desk.write("customers.csv", rows(2));
    desk.write("customers.yaml", SYNC_FILE);
    let same = "partnerstack sync customers.yaml --rotated-key";
    type_in(&desk, &server, same).await.ended(0, "2 created");
    let desk = export(desk, ("pk_of_nobody", "sk"));
    let ran = type_in(&desk, &server, same).await;
    assert_eq!(ran.code, 5, "{}", ran.stderr);
    ran.says(&["the API refuses that", "Integrations"]);
}
