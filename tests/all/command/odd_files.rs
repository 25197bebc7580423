//! Files that were put together, cut, or written by half: what can be read of them is, and the rest has its cure.

use serde_json::Value;

use partnerstack_tests::desk::{Desk, faults, held_as, server};

/// The messages of the rows that could not be read.
fn messages(failures: &[Value]) -> Vec<&str> {
    failures.iter().filter_map(|line| line["message"].as_str()).collect()
}

fn object(key: &str) -> String {
    format!("{{\"customer_key\":\"{key}\",\"email\":\"{key}@example.com\",\"partner_key\":\"p\"}}")
}

#[tokio::test]
async fn lines_of_json_are_read_whatever_stands_between_them() {
    let _limit = partnerstack_tests::limit();
    let (a, b) = (object("a"), object("b"));
    for rows in [
        format!("{a}\r{b}\r"),
        format!("{a}\r\r{b}"),
        format!("{a}\r\n{b}\r\n"),
        format!("{a}\n\u{feff}{b}\n"),
        format!("\u{feff}\u{feff}{a}\n {b}\n"),
        format!("\u{1e}{a}\n\u{1e}{b}\n"),
    ] {
        for name in ["rows", "rows.ndjson", "rows.json"] {
            let (desk, server) = (Desk::new(), server());
            let source = desk.write(name, &rows);
            let args = ["sync", "--object", "customers", "--mode", "insert", "--source", &source, "--json"];
            let ran = desk.run(&[&args[..], &["--base-url", server.base_url()]].concat()).await;
            ran.ended(0, "2 created");
            assert_eq!(held_as(&server, "customers", "customer_key"), ["a", "b"], "{rows:?}");
        }
    }
}

#[tokio::test]
async fn a_line_with_several_objects_costs_one_row_and_names_the_cure() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let o = object;
    let rows = format!("{}\n{}{}\n{},\n{} x\n{}\n", o("a"), o("b"), o("c"), o("d"), o("e"), o("f"));
    desk.sync(&server, "customers insert", &rows, &[]).await.ended(1, "2 created, 3 invalid");
    let failures = desk.failures("customers");
    assert_eq!(faults(&failures), ["2 - json", "3 - json", "4 - json"]);
    let said = messages(&failures);
    assert!(said[0].contains("line 2 has more than one object") && said[0].contains("jq -c ."), "{said:?}");
    assert!(said[1].contains("line 3 has a comma behind its object"), "{said:?}");
    assert!(said[2].contains("trailing characters"), "{said:?}");
    let rows = format!("[{}\n{}, {}]", o("g"), o("h"), o("i"));
    desk.sync(&server, "customers insert", &rows, &[]).await.ended(1, "1 created, 1 invalid");
    assert!(messages(&desk.failures("customers"))[0].contains("no comma between"));
}

#[tokio::test]
async fn the_footer_of_a_report_is_no_row() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "customer_key,email,partner_key,name\na,a@example.com,p,N\n\
                Grand Totals (1 record)\n\n\
                \"Copyright (c) 2000-2026 a company, inc. All rights reserved.\"\n\
                Confidential Information - Do Not Distribute\nTotal,1\nb,b@example.com\n";
    desk.sync(&server, "customers insert", rows, &[]).await.ended(1, "1 created, 5 invalid");
    let failures = desk.failures("customers");
    let said = messages(&failures);
    assert_eq!(said.len(), 5);
    for message in &said[..4] {
        assert!(message.contains("the total or a note of a report, take it out"), "{message}");
    }
    assert!(!said[4].contains("report"), "{}", said[4]);
}

#[tokio::test]
async fn advice_on_encodings_spoils_no_other_row() {
    let _limit = partnerstack_tests::limit();
    let header = "email,partner_key,name\n".as_bytes();
    let (latin, utf8) = (&b"a@example.com,p,Zo\xEB\n"[..], "b@example.com,p,Jos\u{e9}\n".as_bytes());
    let ascii = &b"c@example.com,p,Ada\n"[..];
    let json = |name: &[u8]| {
        [b"{\"email\":\"a@example.com\",\"partner_key\":\"p\",\"name\":\"", name, b"\"}\n"].concat()
    };
    for (rows, spoils) in [
        ([header, utf8, latin].concat(), true),
        ([header, latin, ascii, utf8, utf8].concat(), true),
        ([header, b"b@example.com,p,Jos\xC3\xA9 \xC3\xA9 Zo\xEB\n"].concat(), true),
        ([header, ascii, latin, latin, ascii].concat(), false),
        ([json("\u{e9}".as_bytes()), json(b"\xEB")].concat(), true),
        ([json(b"Ada"), json(b"\xEB")].concat(), false),
        ([b"[", &json(b"\xEB")[..], b",", &json("\u{e9}\u{e9}".as_bytes()), b"]"].concat(), true),
    ] {
        let (desk, server) = (Desk::new(), server());
        assert_eq!(desk.sync(&server, "customers insert", &rows, &[]).await.code, 1);
        let failures = desk.failures("customers");
        let encoding = failures.iter().find(|line| line["errors"][0]["rule"] == "encoding").unwrap();
        let message = encoding["message"].as_str().unwrap();
        assert_eq!(message.contains("write this record in UTF-8"), spoils, "{message}");
        assert_eq!(message.contains("--encoding windows-1252"), !spoils, "{message}");
    }
}

#[tokio::test]
async fn an_encoding_that_the_source_does_not_have_is_refused() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "email,partner_key\nada@example.com,p\n";
    for (encoding, words) in [
        ("utf-16", &["looks like UTF-8", "leave `--encoding` out"][..]),
        ("utf-16be", &["looks like UTF-8"]),
        ("mac-roman", &["did you mean `macintosh`?"]),
        ("ANSI", &["did you mean `windows-1252`?"]),
        ("utf-32", &["iconv"]),
    ] {
        let ran = desk.sync(&server, "customers insert", rows, &["--encoding", encoding]).await;
        ran.refused(words);
        assert!(!ran.stderr.contains("`utf-8`?"), "{}", ran.stderr);
    }
}

#[tokio::test]
async fn a_quote_that_swallows_rows_is_found_whatever_ends_lines() {
    let _limit = partnerstack_tests::limit();
    for end in ["\n", "\r\n", "\r"] {
        let (desk, server) = (Desk::new(), server());
        let rows = "customer_key,email,partner_key,name\na,a@x.io,p,N\nb,b@x.io,p,\"5 inch\nc,c@x.io,p,N\nd,d@x.io,p,M\"\n\
                    e,e@x.io,p\n";
        let ran = desk.sync(&server, "customers insert", rows.replace('\n', end), &[]).await;
        ran.ended(1, "1 created, 2 invalid");
        let failures = desk.failures("customers");
        let said = messages(&failures);
        assert!(said[0].contains("opens in line 3 holds whole lines"), "{end:?}: {said:?}");
        assert!(said[1].starts_with("line 6 has 3 cells"), "{end:?}: {said:?}");
    }
}
