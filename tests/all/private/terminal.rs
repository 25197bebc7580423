//! The terminal: no text of others controls it, hides in it or turns it around.

use partnerstack_tests::recorder::{Recorder, Reply};
use serde_json::Value;

use partnerstack_tests::desk::{Desk, Ran};

/// Escapes that clear, colour and title a terminal; a bell; C1; turned and hidden text; a tag; a soft hyphen.
const NASTY: &str = "\u{1b}[2J\u{1b}]0;t\u{7}\u{9b}31m\u{85}\u{202e}\u{2066}\u{61c}\u{200b}\u{200d}\u{feff}\u{ad}\u{e0041}\u{2028}\u{fe0f}";

#[track_caller]
fn is_safe(ran: &Ran) {
    for (place, text) in [("stdout", &ran.stdout), ("stderr", &ran.stderr)] {
        let found: Vec<char> = text
            .chars()
            .filter(|c| !c.is_ascii_graphic() && *c != ' ' && *c != '\n' && NASTY.contains(*c))
            .collect();
        assert!(found.is_empty(), "{found:?} in {place}: {text:?}");
    }
}

#[tokio::test]
async fn nothing_that_others_wrote_reaches_it_as_it_is() {
    let _limit = partnerstack_tests::limit();
    let nasty = NASTY.to_owned();
    let server = Recorder::answering(move |_, call| {
        if call.reads() { Reply::blind_page() } else { Reply::refused(400, &format!("no{nasty}!")) }
    })
    .await;
    let url = server.base_url();
    let desk = Desk::new();
    // Columns, cells and messages.
    let shown = NASTY.replace(['\u{1b}', '\u{7}', '\u{9b}', '\u{85}'], "");
    let rows = format!("email,partner_key,{shown}x\nada@example.com,h{NASTY},v\n");
    for flags in [&[][..], &["--dry-run"], &["--primary-key", NASTY], &["--map", &format!("name={NASTY}")]] {
        is_safe(&desk.sync_to(&url, "customers insert", &rows, flags).await);
    }
    // Without --json the example of a dry run is shown as it would be sent, and says the same.
    let file = desk.write(&format!("a{NASTY}.csv"), &rows);
    let base = ["sync", "--object", "customers", "--mode", "insert", "--base-url", &url, "--source", &file];
    let ran = desk.run(&[&base[..], &["--dry-run"]].concat()).await;
    is_safe(&ran);
    let body: Value = serde_json::from_str(ran.stdout.lines().nth(1).unwrap_or_default())
        .unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr));
    assert_eq!(body["partner_key"], format!("h{NASTY}"));
    // Names of files, sync files, keys on the command line.
    let missing = format!("{file}.missing");
    is_safe(&desk.run(&["sync", "--object", NASTY, "--mode", "insert", "--source", "x"]).await);
    is_safe(&desk.run(&["sync", "--object", "customers", "--mode", "insert", "--source", &missing]).await);
    is_safe(&desk.run(&["sync", &missing]).await);
    is_safe(&desk.run(&["history", NASTY, "--base-url", &url]).await);
    is_safe(&desk.run(&["history", "x", "--ledger", &missing]).await);
    is_safe(&desk.run(&["describe", NASTY]).await);
    is_safe(&desk.run(&[NASTY]).await);
    is_safe(&desk.run(&["sync", &format!("--{NASTY}"), "--json"]).await);
    let yaml = format!(
        "object: customers\nmode: insert\nsource: rows.csv\n{shown}: 1 # {shown}\nmapping:\n  x{shown}: y\n"
    );
    let file = desk.write("sync.yaml", yaml);
    let ran = desk.run(&["sync", &file]).await;
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    is_safe(&ran);
}

#[tokio::test]
async fn a_file_name_stays_on_its_line() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::new();
    let missing = desk.path("a\nerror: everything is lost\n.csv");
    let ran = desk.run(&["sync", "--object", "customers", "--mode", "insert", "--source", &missing]).await;
    assert_eq!(ran.code, 2);
    assert!(!ran.stderr.lines().any(|line| line == "error: everything is lost"), "{}", ran.stderr);
    let ran = desk.run(&["sync", &missing]).await;
    assert!(!ran.stderr.lines().any(|line| line == "error: everything is lost"), "{}", ran.stderr);
    let ran = desk.run(&["history", "x", "--ledger", &missing]).await;
    assert!(!ran.stderr.lines().any(|line| line == "error: everything is lost"), "{}", ran.stderr);
}
