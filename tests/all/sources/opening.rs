use std::io::{self, Read};
use std::path::Path;

use partnerstack_connector::source::{Format, Input, Source, SourceError, SourceItem, SourceOptions};

use partnerstack_tests::able::{able, can_drop_privileges, unprivileged};
use partnerstack_tests::binary::copy_binary;
use partnerstack_tests::process::Process;
use partnerstack_tests::reading::{encoded, read, read_with, refused, stated};

#[test]
fn a_stated_encoding_is_decoded() {
    let _limit = partnerstack_tests::limit();
    let options = encoded("windows-1252");
    let read = read_with(b"n\xE9e,price\nZo\xEB,\x80 5\n".as_slice(), &options);
    assert_eq!(read.columns, ["née", "price"]);
    assert_eq!(read.cells(), [["Zoë", "€ 5"]]);
    let read = read_with(b"{\"name\":\"Zo\xEB\"}\n".as_slice(), &options);
    assert_eq!(read.objects()[0]["name"], "Zoë");
}

#[test]
fn a_byte_order_mark_knows_better_than_the_flag() {
    let _limit = partnerstack_tests::limit();
    let read = read_with("\u{feff}name\nZoë\n", &encoded("windows-1252"));
    assert_eq!(read.cells(), [["Zoë"]]);
}

#[test]
fn bytes_that_mean_nothing_in_the_stated_encoding_are_never_replaced() {
    let _limit = partnerstack_tests::limit();
    let read = read_with(b"a,b\n\x82\xA0,2\n\x82,3\n4,5\n".as_slice(), &encoded("shift_jis"));
    assert_eq!(read.cells(), [["あ", "2"], ["4", "5"]]);
    assert_eq!(read.rules(), ["encoding"]);
    assert!(
        read.faults()[0].1.starts_with("line 3 has bytes that are not Shift_JIS"),
        "{}",
        read.faults()[0].1
    );

    let mut bytes = vec![0xFF, 0xFE];
    bytes.extend(
        [u16::from(b'a'), 10, 0xD800, 10, u16::from(b'b')].iter().flat_map(|unit: &u16| unit.to_le_bytes()),
    );
    let read = self::read(bytes);
    assert_eq!((read.rules(), read.cells()), (vec!["encoding"], vec![vec!["b".to_owned()]]));
}

#[test]
fn a_header_in_another_encoding_is_refused_with_the_cure() {
    let _limit = partnerstack_tests::limit();
    let error = refused(b"n\xE9e,b\n1,2\n".as_slice(), &SourceOptions::default());
    assert!(matches!(error, SourceError::HeaderEncoding { .. }));
    assert!(error.to_string().contains("`--encoding windows-1252`"), "{error}");
}

#[test]
fn utf16_without_a_mark_is_told_apart() {
    let _limit = partnerstack_tests::limit();
    let little: Vec<u8> = "a,b\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let error = refused(little.clone(), &SourceOptions::default());
    assert!(error.to_string().contains("`--encoding utf-16le`"), "{error}");
    let big: Vec<u8> = "a,b\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert!(refused(big, &SourceOptions::default()).to_string().contains("`--encoding utf-16be`"));
    assert_eq!(read_with(little, &encoded("utf-16le")).columns, ["a", "b"]);
}

#[test]
fn an_unknown_encoding_names_a_near_one() {
    let _limit = partnerstack_tests::limit();
    let message = |label: &str| refused("a\n", &encoded(label)).to_string();
    assert!(message("latin-1").contains("did you mean `latin1`?"), "{}", message("latin-1"));
    assert!(message("windows1252").contains("did you mean `windows-1252`?"));
    assert!(message("cp850").contains("there is `utf-8`, "), "{}", message("cp850"));
    for label in ["UTF-8", "cp1252", " latin1 ", "ISO-8859-15", "utf8"] {
        assert_eq!(read_with("a\n1\n", &encoded(label)).rows(), 1, "{label}");
    }
}

#[test]
fn the_name_tells_the_format_and_the_flag_overrides_it() {
    let _limit = partnerstack_tests::limit();
    let folder = tempfile::tempdir().unwrap();
    let open = |name: &str, text: &str, format: Option<Format>| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        Source::open(Input::File(path), &SourceOptions { format, ..SourceOptions::default() })
            .unwrap()
            .format()
    };
    assert_eq!(open("a.csv", "[a,b\n", None), Format::Csv);
    assert_eq!(open("a.TSV", "a\tb\n", None), Format::Csv);
    assert_eq!(open("a.txt", "a;b\n", None), Format::Csv);
    assert_eq!(open("a.ndjson", "[1]\n", None), Format::Ndjson);
    assert_eq!(open("a.jsonl", "{\n", None), Format::Ndjson);
    assert_eq!(open("a.json", " [{}]", None), Format::Json);
    assert_eq!(open("b.json", "{\"a\":1}\n{\"a\":2}\n", None), Format::Ndjson);
    assert_eq!(open("c.json", "{\"a\":1}\n", None), Format::Ndjson);
    assert_eq!(open("a.dat", "{\"a\":1}\n", None), Format::Ndjson);
    assert_eq!(open("none", "[]", None), Format::Json);
    assert_eq!(open("b.dat", "a,b\n", None), Format::Csv);
    assert_eq!(open("d.json", "a,b\n", Some(Format::Csv)), Format::Csv);
    assert_eq!(open("b.csv", "[{}]", Some(Format::Json)), Format::Json);
    assert_eq!(open("c.csv", "{}\n", Some(Format::Ndjson)), Format::Ndjson);
}

#[test]
fn json_that_is_neither_an_array_nor_lines_is_refused_with_the_way_out() {
    let _limit = partnerstack_tests::limit();
    for (text, path) in [
        ("{\"data\":[{\"a\":1}]}", ".data"),
        (
            "{\"count\": 2, \"note\": \"[{\", \"tags\": [1, 2],\n \"data\": {\"items\": [\n {\"a\":1}\n]}}",
            ".data.items",
        ),
        ("\n {\n  \"results\": [\n    {\"a\": 1}\n  ]\n}\n", ".results"),
    ] {
        let error = refused(text, &SourceOptions::default()).to_string();
        assert!(error.contains(&format!("under `{path}`")), "{error}");
        assert!(error.contains(&format!("jq -c '{path}[]'")) && error.contains("--format ndjson"), "{error}");
    }
    for text in [
        "{\n \"a\": 1\n}\n{\n \"a\": 2\n}\n",
        "{\"a\":\n1}",
        "{\"mail@example.com\":\n[{}]}",
        "{\"a\":\n[\"x\",[{}]]}",
    ] {
        let error = refused(text, &SourceOptions::default());
        assert!(matches!(error, SourceError::Spread { .. }), "{text:?}: {error}");
        assert!(error.to_string().contains("`jq -c .`"));
    }
    let error = refused("a,b\n", &stated(Format::Json));
    assert!(error.to_string().contains("`--format csv`"), "{error}");
    assert_eq!(
        read_with("{\"data\":[{\"a\":1}]}", &stated(Format::Ndjson)).rows(),
        1,
        "unless it was stated"
    );
    assert_eq!(read("{\"a\":1,}\n{\"a\":2}").rules(), ["json"], "a broken first record is only that");
}

#[test]
fn a_format_is_read_from_its_name() {
    let _limit = partnerstack_tests::limit();
    for format in Format::ALL {
        assert_eq!(format.name().parse::<Format>().unwrap(), format);
    }
    let error = "ndjosn".parse::<Format>().unwrap_err().to_string();
    assert_eq!(error, "unknown format `ndjosn`; did you mean `ndjson`?");
    let error = "xlsx".parse::<Format>().unwrap_err().to_string();
    assert_eq!(error, "unknown format `xlsx`; there is `csv`, `ndjson`, `json`");
}

#[test]
fn a_missing_file_names_a_near_one() {
    let _limit = partnerstack_tests::limit();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("invoices.csv"), "a\n").unwrap();
    let message = refused_file(&folder.path().join("invoces.csv"));
    assert!(message.ends_with("invoces.csv` does not exist; did you mean `invoices.csv`?"), "{message}");
    let message = refused_file(&folder.path().join("unlike.json"));
    assert!(message.ends_with("unlike.json` does not exist"), "{message}");
    let message = refused_file(&folder.path().join("nowhere/invoices.csv"));
    assert!(
        message.contains("there is no folder `") && message.contains("relative paths begin in"),
        "{message}"
    );
}

#[test]
fn a_folder_and_an_empty_file_are_refused() {
    let _limit = partnerstack_tests::limit();
    let folder = tempfile::tempdir().unwrap();
    let message = refused_file(folder.path());
    assert!(message.ends_with("is a folder; name one file in it"), "{message}");
    for (name, text) in [
        ("a.csv", ""),
        ("b.csv", " \r\n\t\n"),
        ("c.ndjson", "\n"),
        ("d.json", "\u{feff}"),
        ("e.csv", ",,\n,\n"),
        ("f.csv", "sep=;\n"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let message = refused_file(&path);
        assert!(message.contains(&format!("{name}` is empty; expected a CSV header")), "{text:?}: {message}");
    }
    let error = refused("", &SourceOptions::default()).to_string();
    assert!(error.starts_with("standard input is empty"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_file_without_permission_says_so() {
    use std::os::unix::fs::PermissionsExt as _;
    let _limit = partnerstack_tests::limit();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, "a\n1\n").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::File::open(&path).is_err() {
        assert!(refused_file(&path).starts_with("no permission to read `"));
    } else if able(can_drop_privileges(), "`setpriv`, for it runs as root, who may read everything") {
        // The command is where another user can run it, and so is the file.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let command = folder.path().join("partnerstack");
        copy_binary(&command);
        let mut command = unprivileged(&command);
        command
            .args(["sync", "--object", "customers", "--mode", "insert", "--dry-run", "--source"])
            .arg(&path);
        Process::start(command).end().refused(&["no permission to read `"]);
    }
}

#[test]
fn workbooks_and_archives_are_told_apart() {
    let _limit = partnerstack_tests::limit();
    for (bytes, what) in [
        (b"PK\x03\x04....".as_slice(), "Excel workbook"),
        (b"\x1F\x8B\x08...", "gunzip -c"),
        (b"PAR1...", "Parquet"),
        (b"\xD0\xCF\x11\xE0....", "Excel workbook"),
    ] {
        let error = refused(bytes, &stated(Format::Csv)).to_string();
        assert!(error.contains(what), "{error}");
    }
}

#[test]
fn a_source_that_breaks_off_says_where_and_what_to_do() {
    let _limit = partnerstack_tests::limit();
    for text in ["a,b\n1,2\n3,", "{\"a\":1}\n{", "[{\"a\":1},{"] {
        let reader = io::Cursor::new(text).chain(Breaking);
        let options = if text.starts_with('{') { stated(Format::Ndjson) } else { SourceOptions::default() };
        let mut source = Source::open(Input::Stdin(Box::new(reader)), &options).unwrap();
        assert!(matches!(source.read(), Ok(Some(SourceItem::Row(_)))));
        let error = source.read().err().unwrap().to_string();
        assert!(error.starts_with("reading standard input failed after row 1: "), "{error}");
        assert!(error.contains("run the same command"), "{error}");
    }
}

#[test]
fn a_source_can_be_read_on_another_thread() {
    fn is_send<T: Send>() {}
    let _limit = partnerstack_tests::limit();
    is_send::<Source>();
    is_send::<Input>();
    is_send::<SourceItem>();
}

fn refused_file(path: &Path) -> String {
    let source = Source::open(Input::File(path.to_owned()), &SourceOptions::default());
    source.err().expect("a file that is refused").to_string()
}

/// A disk that fails.
struct Breaking;

impl Read for Breaking {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("device is gone"))
    }
}
