//! Sources as the command meets them: what is no source at all, and what is one with bad rows between good ones.

use std::io::{self, Read};

use partnerstack_connector::sync::Interrupt;

use partnerstack_tests::desk::{Desk, faults, held_as, server};

const HEADER: &str = "email,partner_key,customer_key\n";

#[tokio::test]
async fn what_is_no_source_is_refused_with_the_cure() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.write("customers.csv", HEADER);
    let sync = async |source: &str| {
        let args = ["sync", "--object", "customers", "--mode", "insert", "--source", source];
        desk.run(&[&args[..], &["--base-url", server.base_url()]].concat()).await
    };
    sync(&desk.path("custmers.csv")).await.refused(&["does not exist", "customers.csv`?"]);
    sync(&desk.path("data/customers.csv")).await.refused(&["there is no folder"]);
    sync(&desk.path("")).await.refused(&["is a folder"]);
    for (contents, words) in [
        (&b""[..], "is empty"),
        (b" \r\n\n", "is empty"),
        (b"\xEF\xBB\xBF", "is empty"),
        (b"PK\x03\x04", "Excel"),
        (b"email,partn\xE9r_key\n", "--encoding windows-1252"),
        (b"email,\"partner_key\nada@example.com,gstest\n", "opens in line 1 and never closes"),
        (b"{\"data\": {\"items\": [{\"email\": \"a\"}]}}", "jq -c '.data.items[]'"),
        (b"{\n  \"email\": \"a\"\n}\n", "jq -c ."),
    ] {
        let source = desk.write("source", contents);
        sync(&source).await.refused(&[words]);
    }
    let json = desk.write("rows.json", "email\n");
    sync(&json).await.refused(&["is not JSON"]);
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn a_source_without_rows_is_done() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    for rows in
        [HEADER, "email;partner_key;customer_key", "[]", " [ ] \n", "email,partner_key,customer_key\n,,\n\n"]
    {
        let ran = desk
            .sync(
                &server,
                "customers insert",
                rows,
                &["--format", if rows.contains('[') { "json" } else { "csv" }],
            )
            .await;
        ran.ended(0, "");
    }
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn bad_rows_do_not_keep_good_ones_from_arriving() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = [
        HEADER.as_bytes(),
        b"ada@example.com,gstest,1\n",
        b"short,gstest\n",
        b"long,gstest,3,4\n",
        b"\n,,\n",
        b"surplus@example.com,gstest,4,,\n",
        b"Zo\xEB@example.com,gstest,5\n",
        b"\"two\nlines\"@example.com,gstest,6\n",
        b"eve@example.com,gstest,7\n",
        b"max@example.com,\"gstest,8\nmia@example.com,gstest,9\n",
    ]
    .concat();
    let ran = desk.sync(&server, "customers insert", rows, &[]).await;
    ran.ended(1, "2 created, 6 invalid");
    let failures = desk.failures("customers");
    assert_eq!(
        faults(&failures),
        ["2 - ragged", "3 - ragged", "4 - ragged", "5 - encoding", "6 - quote", "8 - quote"],
        "a wholly empty row is not counted"
    );
    let message = |number: usize| failures[number]["message"].as_str().unwrap();
    assert!(message(3).contains("--encoding windows-1252"), "{}", message(3));
    assert!(message(5).contains("line 12"), "{}", message(5));
    assert_eq!(held_as(&server, "customers", "customer_key"), ["1", "7"]);
}

#[tokio::test]
async fn an_encoding_can_be_stated() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = [HEADER.as_bytes(), b"ada@example.com,gst\xEBst,1\n"].concat();
    desk.sync(&server, "customers insert", rows, &["--encoding", "windows-1252"]).await.ended(0, "1 created");
    assert_eq!(held_as(&server, "customers", "partner_key"), ["gst\u{eb}st"]);
}

#[tokio::test]
async fn lines_of_ndjson_that_are_no_object_are_invalid() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "{\"email\": \"a@example.com\", \"partner_key\": \"p\"}\n[1]\n\"text\"\n17\nnull\n\n{\"email\": \n\
                {\"email\": \"b@example.com\", \"email\": \"c@example.com\", \"partner_key\": \"p\"}\n\
                {\"email\": \"d@example.com\", \"partner_key\": \"p\"}";
    desk.sync(&server, "customers insert", rows, &[]).await.ended(1, "2 created, 6 invalid");
    let found = faults(&desk.failures("customers"));
    assert_eq!(found, ["2 - json", "3 - json", "4 - json", "5 - json", "6 - json", "7 - json"]);
    let array = format!("[{}]", "{\"email\": \"e@example.com\", \"partner_key\": \"p\"}, null, 5, []");
    desk.sync(&server, "customers insert", array, &[]).await.ended(1, "1 created, 3 invalid");
}

/// A CSV file with a good row, one with a cell of 50 MB, and a good one, made while it is read.
struct Endless {
    parts: Vec<Box<dyn Read + Send>>,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(part) = self.parts.first_mut() {
            match part.read(buffer)? {
                0 => drop(self.parts.remove(0)),
                count => return Ok(count),
            }
        }
        Ok(0)
    }
}

#[tokio::test]
async fn a_cell_of_50_mb_is_streamed_past() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let text = |text: &'static str| Box::new(text.as_bytes()) as Box<dyn Read + Send>;
    let parts = vec![
        text(HEADER),
        text("ada@example.com,gstest,1\n\"max@example.com\",\""),
        Box::new(io::repeat(b'x').take(50 << 20)),
        text("\",2\neve@example.com,gstest,3\n"),
    ];
    let args = ["sync", "--object", "customers", "--mode", "insert", "--source", "-", "--json"];
    let args = [&args[..], &["--base-url", server.base_url()]].concat();
    let ran = desk.run_with(&args, Endless { parts }, &Interrupt::default()).await;
    ran.ended(1, "2 created, 1 invalid");
    assert_eq!(faults(&desk.failures("customers")), ["2 - size"]);
    assert!(std::fs::read(desk.list("customers")).unwrap().len() < 2000);
}

#[tokio::test]
async fn a_source_that_breaks_off_stops_the_run() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = format!("{HEADER}ada@example.com,gstest,1\nno,gstest,2\n");
    let args = ["sync", "--object", "customers", "--mode", "insert", "--source", "-", "--json"];
    let args = [&args[..], &["--base-url", server.base_url()]].concat();
    let ran = desk.run_with(&args, io::Cursor::new(rows).chain(Broken), &Interrupt::default()).await;
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    ran.says(&["the disk is gone", "run the same command"]);
    let ran = desk.run_with(&args, Broken, &Interrupt::default()).await;
    ran.refused(&["the disk is gone"]);
}

#[tokio::test]
async fn a_limit_reads_no_further() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = format!("{HEADER}nobody,p,1\nada@example.com,gstest,2\neve@example.com,gstest,3\n");
    desk.sync(&server, "customers insert", &rows, &["--limit", "2"]).await.ended(1, "1 created, 1 invalid");
    desk.sync(&server, "customers insert", &rows, &["--limit", "0"]).await.ended(0, "");
}

#[tokio::test]
async fn a_stream_without_a_line_end_may_be_cut_off() {
    let _limit = partnerstack_tests::limit();
    let warned = async |rows: String, from_file: bool| {
        let (desk, server) = (Desk::new(), server());
        let file = desk.write("rows.csv", &rows);
        let source = if from_file { file.as_str() } else { "-" };
        let args = ["sync", "--object", "customers", "--mode", "insert", "--source", source, "--json"];
        let args = [&args[..], &["--base-url", server.base_url()]].concat();
        let ran = desk.run_with(&args, io::Cursor::new(rows), &Interrupt::default()).await;
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stderr.contains("warning: row 2, the last, has no line end")
    };
    let rows = format!("{HEADER}ada@example.com,gstest,1\neve@example.com,gstest,23");
    assert!(warned(rows.clone(), false).await);
    // People write files without one.
    assert!(!warned(rows.clone(), true).await);
    for end in ["\n", "\r\n", "\r", "\n\n"] {
        assert!(!warned(format!("{rows}{end}"), false).await, "{end:?}");
    }
}
