//! Stripe's dashboard export of invoices: paid, void, open and draft ones, several currencies, times without a zone.

use std::collections::BTreeMap;

use partnerstack_tests::desk::{Desk, server};
use serde_json::json;

const HEADER: &str = "id,Amount Due,Billing,Closed,Currency,Customer,Date (UTC),Due Date (UTC),Number,Paid,Subscription,\
                      Subtotal,Total Discount Amount,Applied Coupons,Tax,Tax Percent,Total,Amount Paid,Status";

/// How many decimals each currency has.
const CURRENCIES: [(&str, u32); 5] = [("usd", 2), ("eur", 2), ("gbp", 2), ("jpy", 0), ("kwd", 3)];

/// An invoice that arrives: its customer, its amount in the smallest unit, its currency and its time.
type Arrived = (String, i64, String, i64);

/// An export of so many invoices, and which of them are revenue, by their numbers.
fn export(seed: u64, count: usize) -> (String, BTreeMap<String, Arrived>) {
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut lines, mut arrive) = (vec![HEADER.to_owned()], BTreeMap::new());
    for row in 0..count {
        let status =
            random.choice(["paid", "paid", "paid", "open", "void", "draft", "uncollectible"]).unwrap();
        let (currency, decimals) = random.choice(CURRENCIES).unwrap();
        let cents = if random.u8(..20) == 0 { 0 } else { random.i64(1..5_000_000) };
        let amount = written(cents, decimals);
        let paid = if status == "paid" { amount.clone() } else { written(0, decimals) };
        let (day, hour, minute) = (random.i64(0..59), random.i64(0..24), random.i64(0..60));
        // The days of January and February.
        let (month, of_month) = if day < 31 { (1, day + 1) } else { (2, day - 30) };
        let date = format!("2026-{month:02}-{of_month:02} {hour:02}:{minute:02}");
        let time = (1_767_225_600 + day * 86_400 + hour * 3600 + minute * 60) * 1000;
        let (customer, number) = (format!("cus_{:014x}", random.u64(..1 << 56)), format!("A1B2-{row:04}"));
        let closed = status != "open" && status != "draft";
        lines.push(format!(
            "in_{row:06}{seed},{amount},charge_automatically,{closed},{currency},{customer},{date},,{number},{},sub_{row},\
             {amount},,,,,{amount},{paid},{status}",
            status == "paid"
        ));
        if status == "paid" && cents > 0 {
            arrive.insert(number, (customer, cents, currency.to_uppercase(), time));
        }
    }
    (lines.join("\n") + "\n", arrive)
}

/// An amount of the smallest unit as Stripe writes it, in the main one.
fn written(cents: i64, decimals: u32) -> String {
    match (10_i64.pow(decimals), decimals as usize) {
        (_, 0) => cents.to_string(),
        (unit, width) => format!("{}.{:0width$}", cents / unit, cents % unit),
    }
}

#[tokio::test]
async fn paid_invoices_arrive_without_an_edit() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let (text, arrive) = export(5, 2000);
    let source = desk.write("invoices.csv", text);
    let made = desk.run(&["init", &source]).await;
    assert_eq!((made.code, made.stdout.as_str()), (0, ""), "{}", made.stderr);
    made.says(&["Stripe invoices", "cus_", "customer_external_key"]);
    made.snapshot("init-stripe-invoices", &desk.read("invoices.yaml"));

    let file = desk.path("invoices.yaml");
    let counts = |outcome| format!("{} {outcome}, {} filtered", arrive.len(), 2000 - arrive.len());
    let dry = desk.run(&["sync", &file, "--dry-run", "--json"]).await;
    dry.ended(0, &format!("{} pending, {} filtered", arrive.len(), 2000 - arrive.len()));
    let ran = desk.run(&["sync", &file, "--base-url", server.base_url(), "--rate", "100000", "--json"]).await;
    ran.ended(0, &counts("created"));

    let records = server.records("transactions");
    assert_eq!(records.len(), arrive.len());
    for record in records {
        let number = record["metadata"]["invoice"].as_str().unwrap();
        let (customer, cents, currency, time) = &arrive[number];
        let found =
            ["customer_external_key", "amount", "currency", "created_at"].map(|name| record[name].clone());
        assert_eq!(found, [json!(customer), json!(cents), json!(currency), json!(time)], "{number}");
    }
}
