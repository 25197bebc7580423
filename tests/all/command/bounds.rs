//! The bounds of what a person may give: numbers, the length of a sync file, names in one row.

use std::time::{Duration, Instant};

use partnerstack_tests::desk::Desk;

const HUGE: &str = "99999999999999999999999";
/// Each number, the least and the most that it may be, and a word of its unit.
const NUMBERS: [(&str, u64, u64, &str); 8] = [
    ("limit", 0, 1_000_000_000_000, "rows"),
    ("timeout", 1, 86_400, "seconds"),
    ("give_up", 1, 86_400, "seconds"),
    ("settle_after", 0, 86_400, "seconds"),
    ("settle_wait", 0, 86_400, "seconds"),
    ("grace", 0, 86_400, "seconds"),
    ("concurrency", 1, 16_384, ""),
    ("rate", 1, 100_000_000, "requests a minute"),
];

#[tokio::test]
async fn every_number_has_bounds_that_its_message_names() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    desk.write("rows.csv", "email,partner_key,customer_key\n");
    let base = "object: customers\nmode: insert\nsource: rows.csv\ndry_run: true\n";
    for (key, least, most, unit) in NUMBERS {
        let bounds = format!("must be from {least} to {most}");
        let flag = format!("--{}", key.replace('_', "-"));
        let sync = desk.write("nightly.yaml", base);
        for good in [least, most] {
            let good = good.to_string();
            assert_eq!(desk.run(&["sync", &sync, &flag, &good]).await.code, 0, "{flag} {good}");
            let written = desk.write("good.yaml", format!("{base}{key}: {good}\n"));
            assert_eq!(desk.run(&["sync", &written]).await.code, 0, "{key}: {good}");
        }
        let (above, below) = ((most + 1).to_string(), least.checked_sub(1).map(|below| below.to_string()));
        let most_of_all = u64::MAX.to_string();
        for bad in [above.as_str(), &most_of_all].into_iter().chain(below.as_deref()) {
            desk.run(&["sync", &sync, &flag, bad]).await.refused(&[&flag, &bounds, unit]);
            let written = desk.write("bad.yaml", format!("{base}{key}: {bad}\n"));
            let place = format!("bad.yaml:5:{}", key.len() + 3);
            desk.run(&["sync", &written]).await.refused(&[&place, &format!("`{key}`"), &bounds, unit]);
        }
        desk.run(&["sync", &sync, &flag, HUGE]).await.refused(&[&flag, &bounds, unit]);
        for (bad, words) in [("ten", "whole number"), ("1.5", "whole number"), ("", "")] {
            desk.run(&["sync", &sync, &format!("{flag}={bad}")]).await.refused(&[&flag, words]);
        }
        for bad in ["-1", "1.5", "ten", HUGE] {
            let written = desk.write("bad.yaml", format!("{base}{key}: {bad}\n"));
            desk.run(&["sync", &written]).await.refused(&["bad.yaml:5:", "number"]);
        }
    }
    for flag in ["--max-failures", "--allow-failures"] {
        let sync = desk.write("nightly.yaml", base);
        for good in ["0", "1000000000000", "0%", "100%", "0.5%"] {
            assert_eq!(desk.run(&["sync", &sync, flag, good]).await.code, 0, "{flag} {good}");
        }
        for bad in ["1000000000001", "101%", "-1%", "nan%", "inf%", HUGE, "ten"] {
            desk.run(&["sync", &sync, &format!("{flag}={bad}")])
                .await
                .refused(&[flag, "write a number of rows"]);
        }
        let key = flag.trim_start_matches('-').replace('-', "_");
        let written = desk.write("bad.yaml", format!("{base}{key}: 1000000000001\n"));
        desk.run(&["sync", &written]).await.refused(&["bad.yaml:5:", "from 0 to 1000000000000"]);
    }
    let ran = desk.run(&["sandbox", "--latency", "86400001"]).await;
    ran.refused(&["--latency", "86400000"]);
    desk.run(&["sandbox", "--port", "65536"]).await.refused(&["--port", "65535"]);
}

#[tokio::test]
async fn a_sync_file_has_at_most_a_mebibyte() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    desk.write("rows.csv", "email,partner_key,customer_key\n");
    let base = "object: customers\nmode: insert\nsource: rows.csv\ndry_run: true\n#";
    let padded = |length: usize| format!("{base}{}\n", "x".repeat(length - base.len() - 1));
    let whole = desk.write("whole.yaml", padded(1 << 20));
    assert_eq!(desk.run(&["sync", &whole]).await.code, 0);
    let long = desk.write("long.yaml", padded((1 << 20) + 1));
    desk.run(&["sync", &long]).await.refused(&["long.yaml` is longer than 1 MiB", "--source"]);
    // Not even one without an end.
    #[cfg(unix)]
    desk.run(&["sync", "/dev/zero"]).await.refused(&["`/dev/zero` is longer than 1 MiB"]);
}

/// A comparison of every name with every other takes minutes.
const SOON: Duration = Duration::from_secs(20);
const NAMES: usize = 40_000;

#[tokio::test]
async fn forty_thousand_names_cost_no_more_than_their_bytes() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    let object = |own: &str, name: &dyn Fn(usize) -> String| {
        let names: Vec<String> = (0..NAMES).map(|n| format!("\"{}\":1", name(n))).collect();
        format!("{{{own},{}}}\n", names.join(","))
    };
    let customer = "\"email\":\"a@example.com\",\"partner_key\":\"p\",\"customer_key\":\"c\"";
    let partner = "\"email\":\"a@example.com\",\"first_name\":\"A\",\"last_name\":\"B\"";
    let table = |name: &dyn Fn(usize) -> String| {
        let names: Vec<String> = (0..NAMES).map(name).collect();
        format!(
            "email,partner_key,customer_key,{}\na@example.com,p,c{}\n",
            names.join(","),
            ",1".repeat(NAMES)
        )
    };
    let spelt = |n: usize| format!("e{}mail", format!("{n:016b}").replace('0', "-").replace('1', "_"));
    let (unknown, entry, custom) =
        (|n: usize| format!("u{n}"), |n: usize| format!("meta.m{n}"), |n: usize| format!("fields.f{n}"));
    let mapped: Vec<String> = (0..1000).map(|n| format!("  meta.m{n}: u{n}\n")).collect();
    let mapped = mapped.concat();
    for (name, kind, rows) in [
        ("unknown.ndjson", "customers", object(customer, &unknown).repeat(4)),
        ("entries.ndjson", "customers", object(customer, &entry).repeat(4)),
        ("custom.ndjson", "partnerships", object(partner, &custom).repeat(4)),
        ("spelt.ndjson", "customers", object("\"partner_key\":\"p\"", &spelt).repeat(4)),
        ("unknown.csv", "customers", table(&unknown)),
        ("entries.csv", "customers", table(&entry)),
        ("mapped.csv", "customers", table(&unknown)),
        ("mapped.ndjson", "customers", object(customer, &unknown)),
    ] {
        let source = desk.write(name, rows);
        let mapping = if name.starts_with("mapped") {
            format!("mapping:\n  email: email\n  partner_key: partner_key\n{mapped}")
        } else {
            String::new()
        };
        let yaml = format!("object: {kind}\nmode: insert\nsource: {source}\ndry_run: true\n{mapping}");
        let sync = desk.write("nightly.yaml", yaml);
        let begun = Instant::now();
        let ran = desk.run(&["sync", &sync, "--json"]).await;
        let took = begun.elapsed();
        assert!(matches!(ran.code, 0 | 1), "{name}: {}", ran.stderr.chars().take(500).collect::<String>());
        assert!(took < SOON, "{name} took {took:?}");
        assert!(ran.warnings().len() < 25, "{name}: {} warnings", ran.warnings().len());
    }
}

#[tokio::test]
async fn of_very_many_mistakes_the_first_are_shown() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::new();
    let keys: Vec<String> = (0..2_000).map(|number| format!("unknown_{number}: 1\n")).collect();
    let keys = keys.concat();
    for secret in ["", "my_password: hunter2\n"] {
        let file = desk.write("many.yaml", format!("object: customers\nmode: insert\n{secret}{keys}"));
        let ran = desk.run(&["sync", &file]).await;
        ran.refused(&["unknown_0", "... and 19"]);
        assert!(
            !ran.stderr.contains("unknown_20`") && !ran.stderr.contains("hunter2"),
            "{}",
            ran.stderr.len()
        );
        assert!(ran.stderr.len() < 20_000, "{}", ran.stderr.len());
    }
}
