//! Dates keep their day, times name their zone, and both exist.

use serde_json::{Value, json};

use partnerstack_tests::desk::{Desk, Ran, Unordered, faults, held_as, server};

const KEY: [&str; 2] = ["--primary-key", "id"];

#[tokio::test]
async fn dates_exist_and_keep_their_day() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = |dates: &[&str]| {
        let header =
            "id,group_key,account_name,amount,close_date,contact_first_name,contact_last_name,stage\n"
                .to_owned();
        let rows = dates.iter().enumerate().map(|(id, date)| format!("{id},g,A,1,{date},B,C,D\n"));
        std::iter::once(header).chain(rows).collect::<String>()
    };
    let good = [
        "2026-03-31",
        "2028-02-29",
        "2000-02-29",
        "2026-12-31T23:59:59Z",
        "2026-12-31T23:59:59.999-11:00",
        "2026-01-01T00:30:00+14:00",
        "2026-01-01T00:30",
        "2026-01-01 00:30:00",
    ];
    desk.sync(&server, "deals insert", rows(&good), &KEY).await.ended(0, "8 created");
    let days: Vec<Value> = good.iter().map(|date| json!(date[..10])).collect();
    assert_eq!(held_as(&server, "deals", "close_date"), days);

    let bad = [
        "2026-02-30",
        "2027-02-29",
        "2100-02-29",
        "2026-13-01",
        "2026-00-10",
        "2026-04-31",
        "31/03/2026",
        "03/31/2026",
        "2026-3-1",
        "20261",
        "1767225600000",
        "today",
        "2026-03-31T25:00:00Z",
        "2026-03-31x",
        "0000-00-00",
    ];
    let ran = desk.sync(&server, "deals insert", rows(&bad), &KEY).await;
    ran.ended(1, &format!("{} invalid", bad.len()));
    for failure in desk.failures("deals") {
        let message = failure["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains("YYYY-MM-DD") && message.contains("`as: date`"), "{failure}");
    }
}

#[tokio::test]
async fn dates_of_other_forms_are_cast() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.write("rows.csv", "id,d\n1,31/03/2026\n2,29/02/2028\n3,31/04/2026\n4,2026-03-31\n5,03/31/2026\n");
    let file = desk.write(
        "deals.yaml",
        "object: deals\nmode: insert\nsource: rows.csv\nprimary_key: id\nmapping:\n  \
         close_date: {column: d, as: date, format: '%d/%m/%Y'}\n  group_key: {value: g}\n  account_name: {value: a}\n  \
         amount: {value: 5}\n  contact_first_name: {value: b}\n  contact_last_name: {value: c}\n  stage: {value: d}\n",
    );
    let ran = desk.run(&["sync", &file, "--base-url", server.base_url(), "--json"]).await;
    ran.ended(1, "2 created, 3 invalid");
    assert_eq!(held_as(&server, "deals", "close_date"), [json!("2026-03-31"), json!("2028-02-29")]);
    assert_eq!(
        faults(&desk.failures("deals")),
        ["3 close_date cast", "4 close_date cast", "5 close_date cast"]
    );
}

#[tokio::test]
async fn a_date_may_be_a_number_of_json() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.write("rows.ndjson", "{\"id\": 1, \"d\": 20260331}\n{\"id\": 2, \"d\": 20260431}\n");
    let file = desk.write(
        "deals.yaml",
        "object: deals\nmode: insert\nsource: rows.ndjson\nprimary_key: id\nmapping:\n  \
         close_date: {column: d, as: date, format: '%Y%m%d'}\n  group_key: {value: g}\n  account_name: {value: a}\n  \
         amount: {value: 5}\n  contact_first_name: {value: b}\n  contact_last_name: {value: c}\n  stage: {value: d}\n",
    );
    let ran = desk.run(&["sync", &file, "--base-url", server.base_url(), "--json"]).await;
    ran.ended(1, "1 created, 1 invalid");
    assert_eq!(held_as(&server, "deals", "close_date"), ["2026-03-31"]);
}

#[tokio::test]
async fn times_name_their_zone() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = |times: &[&str]| {
        let rows = times.iter().enumerate().map(|(id, time)| format!("{id},1,USD,a-1,{time}\n"));
        std::iter::once("id,amount,currency,customer_external_key,created_at\n".to_owned())
            .chain(rows)
            .collect::<String>()
    };
    let good = [
        "1772351100000",
        "2026-03-01T07:45:00Z",
        "2026-03-01T08:45:00+01:00",
        "2026-02-28T23:45:00.000-08:00",
    ];
    desk.sync(&server, "transactions insert", rows(&good), &KEY).await.ended(0, "4 created");
    assert_eq!(held_as(&server, "transactions", "created_at"), [1_772_351_100_000_i64; 4].map(Value::from));
    let bad = ["2026-03-01", "2026-03-01T07:45:00", "1772351100", "yesterday", "2026-02-30T00:00:00Z"];
    desk.sync(&server, "transactions insert", rows(&bad), &KEY).await.ended(1, "5 invalid");
    assert_eq!(
        faults(&desk.failures("transactions")),
        [
            "0 created_at timestamp",
            "1 created_at timestamp",
            "2 created_at range",
            "3 created_at timestamp",
            "4 created_at timestamp"
        ]
        .map(|fault| format!("{}{}", fault[..1].parse::<u8>().unwrap() + 1, &fault[1..]))
    );
}

/// Runs one row through a sync file of deals whose date is mapped so.
async fn day(date: &str, cell: &str) -> (Desk, Ran, Unordered<Value>) {
    let (desk, server) = (Desk::new(), server());
    desk.write("rows.csv", format!("id,d\n1,\"{cell}\"\n"));
    let file = desk.write(
        "deals.yaml",
        format!(
            "object: deals\nmode: insert\nsource: rows.csv\nprimary_key: id\nmapping:\n  close_date: {date}\n  group_key: \
             {{value: g}}\n  account_name: {{value: a}}\n  amount: {{value: 5}}\n  contact_first_name: {{value: b}}\n  \
             contact_last_name: {{value: c}}\n  stage: {{value: d}}\n"
        ),
    );
    let ran = desk.run(&["sync", &file, "--base-url", server.base_url(), "--json"]).await;
    let held = held_as(&server, "deals", "close_date");
    (desk, ran, held)
}

#[tokio::test]
async fn a_time_in_a_date_format_is_read_and_dropped_and_a_short_year_is_an_error() {
    let _limit = partnerstack_tests::limit();
    for (format, cell, date) in [
        ("%d-%b-%Y %H:%M", "05-Jan-2026 10:11", "2026-01-05"),
        ("%d-%b-%Y %H:%M", "5-jan-2026 23:59", "2026-01-05"),
        ("%m/%d/%Y %I:%M %p", "12/31/2026 11:59 PM", "2026-12-31"),
        ("%m/%d/%y", "12/31/26", "2026-12-31"),
        ("%Y-%m-%dT%H:%M:%S%z", "2026-12-31T23:30:00-1100", "2026-12-31"),
    ] {
        let (_, ran, held) = day(&format!("{{column: d, as: date, format: '{format}'}}"), cell).await;
        ran.ended(0, "1 created");
        assert_eq!(held, [json!(date)], "{format}");
    }
    for (format, cell) in [("%m/%d/%Y", "12/31/26"), ("%Y-%m-%d", "26-01-05"), ("%d.%m.%Y", "5.1.6")] {
        let (desk, ran, _) = day(&format!("{{column: d, as: date, format: '{format}'}}"), cell).await;
        ran.ended(1, "1 invalid");
        let failures = desk.failures("deals");
        let message = failures[0]["errors"][0]["message"].as_str().unwrap();
        assert!(
            message.contains("`%y`") && message.ends_with(&format!("(the row has `{cell}`)")),
            "{message}"
        );
    }
    let (_, ran, held) = day("{column: d, as: time, zone: America/New_York, unit: s}", "1767225600").await;
    ran.ended(0, "1 created");
    assert_eq!(held, [json!("2025-12-31")], "the day of the zone");
}

/// Runs one row through a sync file of transactions whose time is mapped so.
async fn moment(time: &str, cell: &str) -> (Desk, Ran, Unordered<Value>) {
    let (desk, server) = (Desk::new(), server());
    desk.write("rows.ndjson", format!("{{\"id\": 1, \"t\": {cell}}}\n"));
    let file = desk.write(
        "times.yaml",
        format!(
            "object: transactions\nmode: insert\nsource: rows.ndjson\nprimary_key: id\nmapping:\n  created_at: {time}\n  \
             amount: {{value: 5}}\n  currency: {{value: USD}}\n  customer_external_key: {{value: a}}\n"
        ),
    );
    let ran = desk.run(&["sync", &file, "--base-url", server.base_url(), "--json"]).await;
    let held = held_as(&server, "transactions", "created_at");
    (desk, ran, held)
}

#[tokio::test]
async fn times_are_cast_by_format_zone_and_unit() {
    let _limit = partnerstack_tests::limit();
    for (time, cell, milliseconds) in [
        ("{column: t, as: time, zone: UTC}", "\"2026-01-05 10:11\"", 1_767_607_860_000_i64),
        ("{column: t, as: time, zone: UTC}", "\"2026-01-05\"", 1_767_571_200_000),
        ("{column: t, as: time, zone: Europe/Berlin}", "\"2026-01-05 11:11:00\"", 1_767_607_860_000),
        ("{column: t, as: time, zone: Europe/Berlin}", "\"2026-07-05 12:11:00\"", 1_783_246_260_000),
        ("{column: t, as: time, zone: Europe/Berlin}", "\"2026-01-05T10:11:00Z\"", 1_767_607_860_000),
        (
            "{column: t, as: time, format: '%d/%m/%Y %H:%M', zone: UTC}",
            "\"05/01/2026 10:11\"",
            1_767_607_860_000,
        ),
        ("{column: t, as: time, format: '%d/%m/%Y', zone: UTC}", "\"05/01/2026\"", 1_767_571_200_000),
        (
            "{column: t, as: time, format: '%Y-%m-%d %H:%M %z'}",
            "\"2026-01-05 11:11 +0100\"",
            1_767_607_860_000,
        ),
        ("{column: t, as: time, unit: s}", "1767607860", 1_767_607_860_000),
        ("{column: t, as: time, unit: s}", "\"1767607860.5\"", 1_767_607_860_500),
        ("{column: t, as: time, unit: ms}", "1767607860000", 1_767_607_860_000),
        // The hour comes twice; the first is meant.
        ("{column: t, as: time, zone: Europe/Berlin}", "\"2026-10-25 02:30:00\"", 1_792_888_200_000),
    ] {
        let (_, ran, held) = moment(time, cell).await;
        ran.ended(0, "1 created");
        assert_eq!(held, [json!(milliseconds)], "{time} {cell}");
    }
    for (time, cell, words) in [
        ("{column: t, as: time}", "\"2026-01-05 10:11\"", "add `zone`"),
        ("{column: t, as: time, zone: Europe/Berlin}", "\"2026-03-29 02:30\"", "that its zone passes over"),
        ("{column: t, as: time, zone: UTC}", "1767607860", "`unit: s`"),
        ("{column: t, as: time, unit: s}", "\"2026-01-05\"", "must be a number"),
        ("{column: t, as: time, format: '%d/%m/%Y', zone: UTC}", "\"31/02/2026\"", "of the calendar"),
        ("{column: t, as: time, format: '%d/%m/%Y', zone: UTC}", "\"05/01/26\"", "`%y`"),
    ] {
        let (desk, ran, _) = moment(time, cell).await;
        ran.ended(1, "1 invalid");
        let failures = desk.failures("times");
        let message = failures[0]["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains(words), "{time} {cell}: {message}");
    }
    for (time, words) in [
        ("{column: t, as: time, zone: Berlin}", "has a `zone` that is none"),
        ("{column: t, as: time, unit: h}", "has a `unit` that is none"),
        ("{column: t, as: time, unit: s, format: '%Y'}", "both a `unit` and a `format`"),
        ("{column: t, as: time, format: '%d/%m/%Y %H:%M'}", "add `zone`"),
        ("{column: t, as: time, format: '%d/%m/%Y %I:%M', zone: UTC}", "add `%p`"),
        ("{column: t, as: trim, zone: UTC}", "has a `zone` without a time to read"),
    ] {
        let (_, ran, _) = moment(time, "1").await;
        ran.refused(&[words]);
    }
}
