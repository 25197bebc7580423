//! Files that people take for tables: each is named as what it is, with the cure, and nothing is sent.

use partnerstack_tests::desk::{Desk, server};

const OBJECT: &str = r#"{"customer_key":"a","email":"ada@example.com","partner_key":"p"}"#;

/// Syncs each file and looks for its words in the one sentence that is said.
async fn refused(files: &[(&str, &[u8], &[&str])]) {
    let (desk, server) = (Desk::new(), server());
    for (name, contents, words) in files {
        let source = desk.write(name, contents);
        let args = ["sync", "--object", "customers", "--mode", "insert", "--source", &source];
        let ran = desk.run(&[&args[..], &["--base-url", server.base_url(), "--json"]].concat()).await;
        ran.refused(words);
        assert_eq!(
            ran.stderr.lines().filter(|line| !line.starts_with("ledger")).count(),
            1,
            "{}",
            ran.stderr
        );
        assert!(!ran.stderr.contains("windows-1252"), "{name}: {}", ran.stderr);
    }
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn a_file_that_is_no_text_is_named() {
    let _limit = partnerstack_tests::limit();
    let ods = b"PK\x03\x04..........................mimetypeapplication/vnd.oasis.opendocument.spreadsheet";
    let tar = [b"rows.csv".as_slice(), &[0; 249], b"ustar\0"].concat();
    refused(&[
        (
            "a.csv",
            b"PK\x03\x04..........................[Content_Types].xml",
            &["an Excel workbook,", "CSV UTF-8"],
        ),
        ("b.csv", ods, &["an OpenDocument spreadsheet", "CSV UTF-8"]),
        ("c.csv", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", &["old Excel workbook", "CSV UTF-8"]),
        ("d.csv", b"%PDF-1.4\n%\xE2\xE3\xCF\xD3\n", &["a PDF document", "as CSV"]),
        ("e.csv", b"BZh91AY&SY\x01\x02\x03", &["bzip2", "bunzip2 -c"]),
        ("f.csv", b"\xFD7zXZ\0\0\x04", &["xz", "xz -dc"]),
        ("g.csv", b"\x1F\x8B\x08\0", &["gzip", "gunzip -c"]),
        ("h.ndjson", b"\x28\xB5\x2F\xFD\0", &["zstd", "zstd -dc"]),
        ("i.json", b"PAR1\x15\x04", &["a Parquet file", "as CSV or NDJSON"]),
        ("j.csv", &tar, &["a TAR archive", "tar -xOf"]),
        ("k.csv", b"\xFF\xFE\0\0e\0\0\0", &["in UTF-32", "iconv -f UTF-32"]),
        ("l.csv", b"e\0\0\0m\0\0\0", &["in UTF-32", "iconv -f UTF-32"]),
        ("m.csv", b"\0\0\0e\0\0\0m", &["in UTF-32", "iconv -f UTF-32"]),
        ("n.csv", b"e\0m\0\n\0", &["UTF-16", "--encoding utf-16le"]),
        ("o.csv", b"\0e\0m\0\n", &["UTF-16", "--encoding utf-16be"]),
        ("p.csv", &[0; 64], &["NUL bytes"]),
        ("q.csv", b"\x80\x04\x95\x01\n", &["a binary file"]),
    ])
    .await;
}

#[tokio::test]
async fn a_text_that_is_no_table_is_named() {
    let _limit = partnerstack_tests::limit();
    let xml = b"<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">";
    let utf16: Vec<u8> = "\u{feff}<html>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    refused(&[
        ("a.csv", b"<!DOCTYPE html>\n<html><title>Sign in</title>", &["an HTML page", "sign-in"]),
        ("b.json", b"\n\n <HTML>\n", &["an HTML page", "sign-in"]),
        ("c.ndjson", &utf16, &["an HTML page"]),
        ("d.csv", xml, &["an Excel workbook in XML", "CSV UTF-8"]),
        ("e.csv", b"<?xml version=\"1.0\"?><rows/>", &["an XML document"]),
        ("f.csv", b"version https://git-lfs.github.com/spec/v1\noid", &["Git LFS", "git lfs pull"]),
        ("g.csv", format!("[{OBJECT}]").as_bytes(), &["is JSON and not CSV", "--format json"]),
        ("h.csv", format!("{OBJECT}\n{OBJECT}\n").as_bytes(), &["is JSON and not CSV", "--format ndjson"]),
        ("i.tsv", format!("[\n{OBJECT}\n]").as_bytes(), &["is JSON and not CSV", "--format json"]),
        ("j.json", b"email,partner_key\n", &["is not JSON", "--format csv"]),
        ("k.csv", br#"{"error":"unauthorized","status":401}"#, &["the error of a server"]),
    ])
    .await;
}

#[tokio::test]
async fn json_that_cannot_be_read_as_it_is_comes_with_the_way_out() {
    let _limit = partnerstack_tests::limit();
    let o = OBJECT;
    refused(&[
        ("a.json", format!("{o}{o}").as_bytes(), &["more than one object", "jq -c ."]),
        ("b.json", format!("{o} {o}\n{o}\n").as_bytes(), &["more than one object", "jq -c ."]),
        ("c.json", format!("{o},\n{o},\n").as_bytes(), &["commas between", "put `[`"]),
        ("d.json", b"{\n \"a\": 1\n},\n{\n \"a\": 2\n}\n", &["commas between", "put `[`"]),
        ("e.json", b"{\n \"a\": 1\n}\n{\n \"a\": 2\n}\n", &["over several lines", "jq -c ."]),
        ("f.ndjson", b"{\n \"a\": 1\n}\n{\n \"a\": 2\n}\n", &["over several lines", "jq -c ."]),
        ("g.json", format!("{{\"data\":{o}}}").as_bytes(), &["under `.data`", "jq -c '.data'"]),
        (
            "h.json",
            format!("{{\"response\":{{\n\"customer\":{o}}}}}").as_bytes(),
            &["jq -c '.response.customer'"],
        ),
        ("i.json", format!("{{\"a\":{{\"rows\":[{o}]}}}}").as_bytes(), &["`.a.rows`", "records: a.rows"]),
        ("j.json", br#"{"object":"list","data":[],"has_more":false}"#, &["`.data`", "records: data"]),
        ("k.json", b"{\n\"customers\": []\n}", &["`.customers`", "records: customers"]),
        ("l.json", br#"{"data":{"items":[],"paging":{}}}"#, &["`.data.items`", "records: data.items"]),
        ("m.json", format!("[[{o}],[{o}]]").as_bytes(), &["array of arrays", "jq -c '.[][]'"]),
        ("n.json", br#"[["email","partner_key"],["a","b"]]"#, &["array of arrays", "@csv"]),
        ("o.ndjson", br#"[ ["email"], ["a"] ]"#, &["array of arrays", "@csv"]),
        ("p.json", b"{\n \"error\": {\"message\": \"no\"}\n}", &["the error of a server"]),
    ])
    .await;
}

#[tokio::test]
async fn arrays_and_pages_without_records_are_sources_without_rows() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    for (name, text, records) in [
        ("a.json", "[]", ""),
        ("b.ndjson", " [ ]\n", ""),
        ("c.json", r#"{"object":"list","data":[],"has_more":false}"#, "records: data\n"),
    ] {
        desk.write(name, text);
        let file =
            desk.write("s.yaml", format!("object: customers\nmode: insert\nsource: {name}\n{records}"));
        desk.run(&["sync", &file, "--base-url", server.base_url(), "--json"]).await.ended(0, "");
    }
    // Not a page: a record with a list in it.
    let record = r#"{"email":"ada@example.com","partner_key":"p","tags":[]}"#;
    desk.sync(&server, "customers insert", record, &["--format", "json"]).await.ended(0, "1 created");
}
