//! The ledger as the command uses it: where it lies, who may have it, what it refuses, and what is never in it.

use std::fs;
use std::path::Path;

use serde_json::json;

use partnerstack_tests::desk::{Desk, PUBLIC, SECRET, server};

const ROWS: &str = "customer_key,email,partner_key,name,provider_key\n\
                    a-1,ada.lovelace@example.com,gstest,Ada Lovelace,cus_stripe_77\n\
                    a-2,eve.moneypenny@example.com,gstest,Eve Moneypenny,\n";
const TRANSACTIONS: &str = "id,other,amount,currency,customer_email\n\
                            1,x,100,USD,ada.lovelace@example.com\n2,y,200,USD,eve.moneypenny@example.com\n";
const PUBLIC_KEY: &str = "PARTNERSTACK_PUBLIC_KEY";

/// Every byte of the ledger and of the files beside it.
fn bytes_of(ledger: &Path) -> Vec<u8> {
    let name = ledger.file_name().unwrap().to_str().unwrap();
    let mut bytes = Vec::new();
    for entry in fs::read_dir(ledger.parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_str().unwrap().starts_with(name) {
            bytes.extend(fs::read(path).unwrap());
        }
    }
    bytes
}

fn has(bytes: &[u8], text: &str) -> bool {
    let lower = bytes.to_ascii_lowercase();
    lower.windows(text.len()).any(|window| window == text.to_ascii_lowercase().as_bytes())
}

#[tokio::test]
async fn it_lies_in_the_state_folder_or_where_flag_variable_and_file_say() {
    let _limit = partnerstack_tests::limit();
    let server = server();
    let desk = Desk::new();
    desk.sync(&server, "customers upsert", ROWS, &[]).await.ended(0, "2 created");
    assert!(desk.state().join("ledger.db").is_file());

    let desk = Desk::new();
    let (file, variable, flag) =
        (desk.path("file/ledger.db"), desk.path("variable/own.db"), desk.path("flag/ledger.db"));
    let settings = format!("object: customers\nmode: upsert\nledger: {file}\n");
    desk.sync_file(&server, &settings, ROWS, &[]).await.ended(0, "2 updated");
    let desk = desk.with("PARTNERSTACK_LEDGER", &variable);
    desk.sync_file(&server, &settings, ROWS, &[]).await.ended(0, "2 updated");
    desk.sync_file(&server, &settings, ROWS, &["--ledger", &flag]).await.ended(0, "2 updated");
    for path in ["file/ledger.db", "variable/own.db", "flag/ledger.db"] {
        assert!(desk.has(path), "{path} of {:?}", desk.files());
    }
    assert!(!desk.has("state/partnerstack/ledger.db"));
    desk.sync_file(&server, &settings, ROWS, &["--ledger", &flag]).await.ended(0, "2 unchanged");
    let desk = desk.without("HOME").without("XDG_STATE_HOME").without("PARTNERSTACK_LEDGER");
    desk.sync(&server, "customers upsert", ROWS, &[]).await.refused(&["HOME is not set", "--ledger PATH"]);
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let ledger = desk.state().join("ledger.db");
    for _ in 0..2 {
        desk.sync(&server, "customers upsert", ROWS, &[]).await;
        assert_eq!((mode(&ledger), mode(&desk.state())), (0o600, 0o700));
        // As a copy from a backup may have it.
        fs::set_permissions(&ledger, PermissionsExt::from_mode(0o644)).unwrap();
    }
}

#[tokio::test]
async fn nothing_of_a_row_and_no_secret_is_in_it() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.sync(&server, "customers upsert", ROWS, &[]).await.ended(0, "2 created");
    let by_email = "email,partner_key,name\nada.byron@example.com,gstest,Ada Byron\n";
    desk.sync(&server, "customers insert", by_email, &[]).await.ended(0, "1 created");
    desk.sync(&server, "transactions insert", TRANSACTIONS, &["--primary-key", "content"])
        .await
        .ended(0, "2 created");
    let partners = "email,first_name,last_name\ngrace.hopper@example.com,Grace,Hopper\n";
    desk.sync(&server, "partnerships upsert", partners, &[]).await.ended(0, "1 created");
    // Refusals are kept in the API's words, which may repeat what they refuse.
    let refused = "email,partner_key,customer_key\nada.lovelace@example.com,gstest,zz-secret-key\n";
    desk.sync(&server, "customers insert", refused, &[]).await.ended(1, "1 rejected");

    let ledger = desk.state().join("ledger.db");
    let bytes = bytes_of(&ledger);
    for text in
        ["lovelace", "moneypenny", "byron", "hopper", "grace", "example.com", "cus_stripe_77", SECRET, PUBLIC]
    {
        assert!(!has(&bytes, text), "`{text}` is in the ledger");
    }
    assert!(!has(&bytes, "zz-secret-key"), "an identity field is kept as a digest");
    assert!(has(&bytes, "cus_"), "what the system calls a record is there");
}

#[tokio::test]
async fn an_account_is_a_name_with_records_of_its_own() {
    let _limit = partnerstack_tests::limit();
    let (desk, server, other) = (Desk::new(), server(), server());
    desk.sync(&server, "customers upsert", ROWS, &[]).await.ended(0, "2 created");
    let production = ["--account", "production"];
    let desk = desk.with(PUBLIC_KEY, "pk_production");
    desk.sync(&server, "customers upsert", ROWS, &production).await.ended(0, "2 updated");
    desk.sync(&server, "customers upsert", ROWS, &production).await.ended(0, "2 unchanged");
    let desk = desk.with(PUBLIC_KEY, PUBLIC);
    desk.sync(&server, "customers upsert", ROWS, &["--account", "default"]).await.ended(0, "2 unchanged");
    let desk = desk.with(PUBLIC_KEY, "pk_production");
    let settings = "object: customers\nmode: upsert\naccount: production\n";
    desk.sync_file(&server, settings, ROWS, &[]).await.ended(0, "2 unchanged");
    // So has every address.
    desk.sync(&other, "customers upsert", ROWS, &[]).await.ended(0, "2 created");
}

#[tokio::test]
async fn a_public_key_that_it_does_not_know_is_refused() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.sync(&server, "customers upsert", ROWS, &[]).await.ended(0, "2 created");
    let requests = server.requests();
    let desk = desk.with(PUBLIC_KEY, "pk_production");
    for _ in 0..2 {
        let ran = desk.sync(&server, "customers upsert", ROWS, &[]).await;
        ran.refused(&[
            "is not that of the account `default`",
            "go on with: partnerstack sync",
            "--account production",
        ]);
        assert!(!ran.stderr.contains("pk_production") && !ran.stderr.contains(PUBLIC), "{}", ran.stderr);
    }
    desk.sync(&server, "deals insert", "id\n", &["--primary-key", "id"]).await.refused(&[]);
    assert_eq!(server.requests(), requests);
    // Nothing is sent by a dry run, and it needs no key; one that is there must be right.
    desk.sync(&server, "customers upsert", ROWS, &["--dry-run"]).await.refused(&["--account production"]);
    let desk = desk.without(PUBLIC_KEY);
    desk.sync(&server, "customers upsert", ROWS, &["--dry-run"]).await.ended(0, "2 unchanged");
    let desk = desk.with(PUBLIC_KEY, "pk_production");

    desk.sync(&server, "customers upsert", ROWS, &["--rotated-key"]).await.ended(0, "2 unchanged");
    desk.sync(&server, "customers upsert", ROWS, &[]).await.ended(0, "2 unchanged");
    let desk = desk.with(PUBLIC_KEY, PUBLIC);
    desk.sync(&server, "customers upsert", ROWS, &[]).await.ended(0, "2 unchanged");
    let desk = desk.with(PUBLIC_KEY, "pk_third");
    desk.sync(&server, "customers upsert", ROWS, &["--account", "third"]).await.ended(0, "2 updated");
}

#[tokio::test]
async fn a_changed_primary_key_is_refused_with_the_number_of_rows_that_would_be_sent_again() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let sync = async |flags: &[&str]| desk.sync(&server, "transactions insert", TRANSACTIONS, flags).await;
    sync(&["--primary-key", "id"]).await.ended(0, "2 created");
    for (flags, now) in [
        (&["--primary-key", "other"][..], "`other`"),
        (&["--primary-key", "id", "--primary-key", "other"], "`id,other`"),
        (&["--primary-key", "content"], "content"),
        (&["--map", "key=other"], "identity"),
        (&["--primary-key", "other", "--dry-run"], "`other`"),
    ] {
        let ran = sync(flags).await;
        ran.refused(&["keyed by `id` before", now, "2 delivered rows would be sent again", "`name:`"]);
    }
    sync(&["--primary-key", "id"]).await.ended(0, "2 unchanged");
    // Another name is another sync, of other records.
    let settings = "object: transactions\nmode: insert\nprimary_key: other\n";
    desk.sync_file(&server, settings, TRANSACTIONS, &[]).await.ended(0, "2 created");
    let fixed = settings.replace("other", "[{value: stripe}, other]");
    desk.sync_file(&server, &fixed, TRANSACTIONS, &[])
        .await
        .refused(&["2 delivered rows would be sent again"]);
    desk.sync_file(&server, &format!("{fixed}name: stripe\n"), TRANSACTIONS, &[]).await.ended(0, "2 created");
    assert_eq!(server.count("transactions"), 6);
}

#[tokio::test]
async fn which_identity_columns_a_file_has_is_no_change() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "email,partner_key\nada@example.com,gstest\n";
    desk.sync(&server, "customers upsert", rows, &[]).await.ended(0, "1 created");
    desk.sync(&server, "customers upsert", ROWS, &[]).await.ended(0, "2 created");
    desk.sync(&server, "customers update", "customer_key,name\na-1,Ada\n", &[]).await.ended(0, "1 updated");
}

#[tokio::test]
async fn require_ledger_refuses_to_start_without_one() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    for flags in [&["--require-ledger"][..], &["--require-ledger", "--dry-run"]] {
        let ran = desk.sync(&server, "customers upsert", ROWS, flags).await;
        ran.refused(&["there is no ledger at", "ledger.db", "--require-ledger"]);
    }
    let settings = "object: customers\nmode: upsert\nrequire_ledger: true\n";
    desk.sync_file(&server, settings, ROWS, &[]).await.refused(&["there is no ledger at"]);
    assert_eq!(server.requests(), 0);
    assert!(!desk.state().join("ledger.db").exists());
    desk.sync(&server, "customers upsert", ROWS, &[]).await.ended(0, "2 created");
    desk.sync(&server, "customers upsert", ROWS, &["--require-ledger"]).await.ended(0, "2 unchanged");
}

#[tokio::test]
async fn what_is_no_ledger_is_refused_and_left_as_it_is() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.sync(&server, "customers upsert", ROWS, &[]).await.ended(0, "2 created");
    let requests = server.requests();
    let good = fs::read(desk.state().join("ledger.db")).unwrap();
    for (contents, words) in [
        (b"customer_key,email\na-1,ada@example.com\n".repeat(50), "no ledger"),
        (Vec::new(), "the file has 0 bytes"),
        (good[..good.len() / 2].to_vec(), "it was left as it is"),
    ] {
        let path = desk.write("other.db", &contents);
        for flags in [&["--ledger", &path][..], &["--ledger", &path, "--dry-run"]] {
            let ran = desk.sync(&server, "customers upsert", ROWS, flags).await;
            ran.refused(&["other.db", words]);
        }
        desk.run(&["history", "a-1", "--ledger", &path]).await.refused(&["other.db", words]);
        assert_eq!(fs::read(&path).unwrap(), contents);
    }
    desk.sync(&server, "customers upsert", ROWS, &["--ledger", &desk.path("")]).await.refused(&["a folder"]);
    assert_eq!(server.requests(), requests);
}

#[tokio::test]
async fn a_dry_run_reads_it_and_changes_nothing() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.sync(&server, "customers upsert", ROWS, &[]).await.ended(0, "2 created");
    let ledger = desk.state().join("ledger.db");
    let (before, files) = (bytes_of(&ledger), desk.files());
    let rows = ROWS.replace("Eve Moneypenny", "Eve Bond") + "a-3,max@example.com,gstest,Max,\n";
    let ran = desk.sync(&server, "customers upsert", &rows, &["--dry-run"]).await;
    ran.ended(0, "1 unchanged, 2 pending");
    let skipped = rows.replace("a-1,ada.lovelace@example.com,gstest", "a-1,ada.lovelace@example.com,other");
    let ran = desk.sync(&server, "customers upsert", skipped, &["--dry-run"]).await;
    ran.ended(0, "1 skipped, 2 pending");
    assert!(bytes_of(&ledger) == before && desk.files() == files, "{:?}", desk.files());
    assert_eq!(ran.report()["requests"], json!(0));
}
