//! Failures in CSV: a spreadsheet runs nothing of them, and as a source they say what the rows said.

use std::fs;

use partnerstack_tests::desk::{Desk, server};

const CELLS: [&str; 14] = [
    "=HYPERLINK(\"http://x\",\"y\")",
    "+49 30 1234567",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "-5",
    "-1,234.56",
    "'tis",
    "'=quoted",
    "''=twice",
    "'",
    "plain",
    "＝1",
];

#[tokio::test]
async fn what_a_spreadsheet_would_run_comes_back_as_it_was() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["email", "partner_key", "=note", "@more", "-"]).unwrap();
    for cell in CELLS {
        writer.write_record(["nobody", "gstest", cell, cell, "x"]).unwrap();
    }
    let rows = writer.into_inner().unwrap();
    let failures = desk.path("failures.csv");
    let wrong = format!("{} invalid", CELLS.len());
    desk.sync(&server, "customers insert", &rows, &["--failures", &failures]).await.ended(1, &wrong);
    let text = fs::read_to_string(&failures).unwrap();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let begins = ['=', '+', '-', '@', '\t', '\r', '\n', '＝'];
    for record in reader.records() {
        for cell in record.unwrap().iter().filter(|cell| !["-5", "-1,234.56"].contains(cell)) {
            assert!(!cell.starts_with(begins), "{cell:?}");
        }
    }
    assert!(text.contains("-5,-5,x\n"), "a number stays a number: {text}");

    // As a source it says what the rows said.
    let kept = desk.path("again.ndjson");
    let args =
        ["sync", "--object", "customers", "--mode", "insert", "--source", &failures, "--failures", &kept];
    let ran = desk.run(&[&args[..], &["--base-url", server.base_url(), "--json"]].concat()).await;
    ran.ended(1, &wrong);
    let lines = partnerstack_tests::desk::failures_in(&kept);
    for (line, cell) in lines.iter().zip(CELLS) {
        let record = &line["record"];
        assert_eq!(
            (&record["=note"], &record["@more"], &record["-"]),
            (&cell.into(), &cell.into(), &"x".into())
        );
    }
    // What is no failures file is taken as it is.
    let plain = "email,partner_key,name\n'=x,gstest,'=1\n";
    desk.sync(&server, "customers insert", plain, &["--failures", &kept]).await.ended(1, "1 invalid");
    let lines = partnerstack_tests::desk::failures_in(&kept);
    assert_eq!(lines.len(), CELLS.len() + 1, "those of before are still to be done");
    assert!(lines.iter().any(|line| line["record"]["name"] == "'=1"), "{} lines", lines.len());
}
