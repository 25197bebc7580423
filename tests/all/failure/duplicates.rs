//! A server that refuses doubles, with 400 or with 409.

use std::time::Duration;

use partnerstack_tests::server::{Duplicates, Options};
use serde_json::json;

use super::faults::mixed;
use partnerstack_tests::process_desk::ProcessDesk;
use partnerstack_tests::rows::Rows;

fn refusing(status: u16) -> Options {
    Options { duplicates: Duplicates::Refuse(status), ..Options::default() }
}

#[test]
fn answers_that_are_lost_lead_to_no_second_record() {
    let _limit = partnerstack_tests::limit();
    for (status, rows) in
        [(400, Rows::customers("insert", 0..120)), (409, Rows::partnerships("upsert", 0..120))]
    {
        let desk = ProcessDesk::new(Options { seed: 6, faults: mixed(140), ..refusing(status) });
        desk.sync_rows(&rows).with_code(0);
        desk.exact(&rows);
    }
}

#[test]
fn kills_lead_to_no_second_record() {
    let _limit = partnerstack_tests::limit();
    for (status, rows) in [(400, Rows::transactions(0..200)), (409, Rows::customers("upsert", 0..200))] {
        let desk = ProcessDesk::new(Options { latency: Duration::from_millis(10), ..refusing(status) });
        desk.lay(&rows);
        desk.sync_with_kills(u64::from(status), 4).with_code(0);
        desk.exact(&rows);
    }
}

/// What somebody else made is not this tool's: the row is rejected, and says so.
#[test]
fn a_record_of_somebody_else() {
    let _limit = partnerstack_tests::limit();
    for status in [400, 409] {
        let desk = ProcessDesk::new(refusing(status));
        let rows = Rows::customers("insert", 0..20);
        let theirs = json!({"customer_key": "acct-00007", "email": "c7@example.com", "partner_key": "p"});
        desk.server.put("customers", None, &theirs, 3_600_000);
        let ended = desk.sync_rows(&rows).with_code(1);
        assert_eq!((ended.rows("created"), ended.rows("rejected")), (19, 1));
        let failures = desk.failures();
        assert_eq!(
            (failures.len(), &failures[0]["row"], &failures[0]["status"]),
            (1, &json!(8), &json!(status))
        );
        assert_eq!(desk.server.records("customers").len(), 20);
    }
}
