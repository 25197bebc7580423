//! The deals that `HubSpot` exports: labels of stages, people in one column, days without a zone, gaps.

use std::collections::BTreeMap;

use partnerstack_tests::desk::{Desk, server};
use serde_json::{Value, json};

const HEADER: &str = "Record ID,Deal Name,Deal Stage,Pipeline,Amount,Currency,Close Date,Create Date,Deal owner,\
                      Associated Company,Associated Company IDs,Associated Contact";

const STAGES: [&str; 4] =
    ["Appointment Scheduled", "Closed Won", "Closed Lost", "Contract Sent: legal, signed"];
const PEOPLE: [(&str, &str, &str); 4] = [
    ("Ada Lovelace (ada@example.com);Charles Babbage (cb@example.com)", "Ada", "Lovelace"),
    ("Jean-Luc Picard", "Jean-Luc", "Picard"),
    ("José Núñez", "José", "Núñez"),
    ("Cher", "Cher", "Cher"),
];

/// An export of so many deals, and what arrives of it, by the deals' ids.
fn export(seed: u64, count: usize) -> (String, BTreeMap<String, [Value; 6]>) {
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut lines, mut arrive) = (vec![HEADER.to_owned()], BTreeMap::new());
    for row in 0..count {
        let id = (9_007_199_254_740_993_u64 + row as u64).to_string();
        let stage = random.choice(STAGES).unwrap();
        let (person, first, last) = random.choice(PEOPLE).unwrap();
        let cents = random.i64(1..9_000_000);
        let amount = match random.u8(..10) {
            0 => String::new(),
            1 => format!("{}", cents / 100),
            _ => format!("{}.{:02}", cents / 100, cents % 100),
        };
        let company = if random.u8(..8) == 0 { String::new() } else { format!("Company {row}, Ltd") };
        let (month, day) = (random.u8(1..13), random.u8(1..29));
        let currency = random.choice(["USD", "EUR"]).unwrap();
        lines.push(format!(
            "{id},Deal {row},\"{stage}\",Sales Pipeline,{amount},{currency},2026-{month:02}-{day:02} 09:30,2025-11-30 08:00,\
             Sam Sales,\"{company}\",77{row},{person}"
        ));
        if amount.is_empty() {
            continue;
        }
        let cents = if amount.contains('.') { cents } else { cents / 100 * 100 };
        let account = if company.is_empty() { format!("Deal {row}") } else { company };
        let label = if stage == "Closed Won" { "won" } else { stage };
        let values = [
            json!(account),
            json!(cents),
            json!(format!("2026-{month:02}-{day:02}")),
            json!(first),
            json!(last),
            json!(label),
        ];
        arrive.insert(id, values);
    }
    (lines.join("\n") + "\n", arrive)
}

#[tokio::test]
async fn deals_arrive_after_two_edits() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let (text, arrive) = export(11, 2000);
    let source = desk.write("deals.csv", text);
    let made = desk.run(&["init", &source]).await;
    assert_eq!((made.code, made.stdout.as_str()), (0, ""), "{}", made.stderr);
    made.says(&["HubSpot deals", "`group_key`"]);
    let file = desk.path("deals.yaml");
    let text = desk.read("deals.yaml");
    made.snapshot("init-hubspot-deals", &text);
    let counts = |outcome: &str| format!("{} {outcome}, {} filtered", arrive.len(), 2000 - arrive.len());
    let dry = desk.run(&["sync", &file, "--dry-run", "--json"]).await;
    dry.ended(0, &counts("pending"));
    dry.says(&["EDIT-ME stands in for the value of `group_key`"]);

    // The real API takes no value that only stands in for one.
    desk.run(&["sync", &file]).await.refused(&["EDIT-ME still stands in", "`group_key`", "deals.yaml:"]);

    let edited = text.replace("EDIT-ME", "grup_1").replace("Closed Won: Closed Won", "Closed Won: won");
    desk.write("deals.yaml", edited);
    let ran = desk.run(&["sync", &file, "--base-url", server.base_url(), "--rate", "100000", "--json"]).await;
    ran.ended(0, &counts("created"));

    let names = ["account_name", "amount", "close_date", "contact_first_name", "contact_last_name", "stage"];
    let records = server.records("deals");
    assert_eq!(records.len(), arrive.len());
    for record in records {
        assert_eq!(record["group_key"], "grup_1");
        let id = record["external_key"].as_str().unwrap();
        assert_eq!(names.map(|name| record[name].clone()), arrive[id], "{id}");
    }
}
