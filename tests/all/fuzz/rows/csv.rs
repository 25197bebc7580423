//! CSV: each record is read as the `csv` crate reads it, or is an error; one without quotes and with the header's width is
//! always read.

use std::time::Duration;

use ::csv::{ByteRecord, ReaderBuilder};
use fastrand::Rng;
use partnerstack_connector::row::Record;
use partnerstack_connector::source::{Format, SourceItem, SourceOptions};
use partnerstack_tests::reading::{Reading, open};

use crate::fuzz::executions::{long, short};
use crate::fuzz::mutation::mutated;

const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];
/// The longest text whose quotes are looked at one by one.
const MOST: usize = 500;
const TOKENS: &[&[u8]] = &[
    b"\"",
    b"\"\"",
    b"\"\"\"",
    b"\\\"",
    b"\" ",
    b" \"",
    b",,",
    b";",
    b"|",
    b"\r",
    b"\n\n",
    b"\"\n",
    b"\r\n\"",
    b"\xa0",
    "\u{a0}".as_bytes(),
    "\u{201c}".as_bytes(),
    b"a,b,c\n",
    b"\"{\"\"a\"\": 1}\"",
];

#[test]
fn a_table_is_read_as_a_second_implementation_reads_it() {
    let _limit = partnerstack_tests::limit();
    let tables = good();
    let seen = short(8_000, |rng| judge(rng, &tables));
    seen.saw(&["rows", "rows and errors", "errors", "refused", "nothing"]);
}

#[test]
#[ignore = "fuzz"]
fn a_million_tables() {
    let _limit = partnerstack_tests::limit_of(Duration::from_hours(5));
    let tables = good();
    long("csv", |rng| judge(rng, &tables));
}

fn good() -> Vec<Vec<u8>> {
    let tables = [
        "id,name,total\n1,Ada,10.00\n2,\"Bob, \"\"the\"\" Builder\",\n3,C,\"1,234.56\"\n",
        "id,name\r\n1,\"line one\nline two\"\r\n\r\n2, b \r\n,\r\n",
        "\u{feff}id,name\n1,José\n2,\"日本\"\n3,5\" pipe\n",
        "id\n1\n\"\"\n3",
        "id,name,\n1,a,\n2,b,\n\n",
        "a,b,c\n1,2\n1,2,3,4\n1,2,3\n",
        "meta,k\n\"{\"\"a\"\": \"\"x \\\"\"y\\\"\"\"\"}\",1\n",
    ];
    let with = |delimiter: char| tables.map(|text| text.replace(',', &delimiter.to_string()).into_bytes());
    DELIMITERS.into_iter().flat_map(with).collect()
}

fn judge(rng: &mut Rng, good: &[Vec<u8>]) -> &'static str {
    let bytes = mutated(rng, good, TOKENS);
    let delimiter = DELIMITERS[rng.usize(..DELIMITERS.len())];
    let delimiter_option = Some(delimiter.to_string());
    let options =
        SourceOptions { format: Some(Format::Csv), delimiter: delimiter_option, ..SourceOptions::default() };
    let Ok(mut source) = open(&bytes, &options) else { return "refused" };
    let reading = Reading::of(&mut source);
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let start = text.get(..4).unwrap_or_default();
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || start.eq_ignore_ascii_case(b"sep=")
    {
        return "in another encoding, or with a line for spreadsheets";
    }
    let records = records(text, delimiter);
    let Some((header, records)) = records.split_first() else { panic!("there is no header") };
    let mut names: Vec<&str> =
        header.iter().map(|name| str::from_utf8(name).expect("UTF-8").trim()).collect();
    // A second mark, or one behind blank lines.
    if let (Some(first), Some(found)) = (names.first_mut(), reading.columns.first())
        && first.strip_prefix('\u{feff}').is_some_and(|first| first.trim() == found)
    {
        *first = found;
    }
    assert_eq!(reading.columns, names);
    let (mut rows, mut errors) = (0, 0);
    let mut items = reading.items.iter();
    for record in records {
        let Some(item) = items.next() else { panic!("{record:?} is lost") };
        match item {
            SourceItem::Row(row) => {
                let Record::Cells(cells) = &row.record else { panic!("no cells") };
                assert!(cells.iter().map(str::as_bytes).eq(record.iter().take(names.len())), "{record:?}");
                assert!(record.iter().skip(names.len()).all(is_blank), "{record:?} is cut");
                assert!(!has_text_behind_a_quote(text, record), "{record:?}");
                rows += 1;
            }
            SourceItem::Unreadable(error) => {
                let plain = !text.contains(&b'"') && record.len() == names.len();
                let sound = record.iter().all(|cell| str::from_utf8(cell).is_ok() && !cell.contains(&0));
                assert!(!plain || !sound || error.rule == "quote", "{record:?}: {}", error.message);
                errors += 1;
            }
        }
    }
    // A quote that never closes, and nothing but blanks behind it.
    let behind = items.map(|item| match item {
        SourceItem::Row(row) => panic!("row {} is made up", row.number),
        SourceItem::Unreadable(error) => error.rule,
    });
    let behind: Vec<&str> = behind.collect();
    assert!(behind.is_empty() || behind == ["quote"], "{behind:?}");
    match (rows, errors + behind.len()) {
        (0, 0) => "nothing",
        (_, 0) => "rows",
        (0, _) => "errors",
        _ => "rows and errors",
    }
}

/// All records but blank ones, as the `csv` crate reads them.
fn records(text: &[u8], delimiter: char) -> Vec<ByteRecord> {
    let delimiter = u8::try_from(delimiter).expect("ASCII");
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text);
    let records = reader.byte_records().map(|record| record.expect("every text is CSV to it"));
    records.filter(|record| !record.iter().all(is_blank)).collect()
}

fn is_blank(cell: &[u8]) -> bool {
    str::from_utf8(cell).is_ok_and(|cell| cell.chars().all(|c| c.is_whitespace() || c == '\u{feff}'))
}

/// A cell that can only come of a quote that closed too early: the text has the cell's beginning in quotes, and what
/// follows right behind them.
fn has_text_behind_a_quote(text: &[u8], record: &ByteRecord) -> bool {
    // It compares everything with everything.
    if text.len() > MOST {
        return false;
    }
    let is_merged = |cell: &[u8]| {
        (1..cell.len()).any(|at| {
            let (quoted, behind) = cell.split_at(at);
            let simple = !cell.contains(&b'"') && quoted.iter().all(u8::is_ascii_alphanumeric);
            let merged = [b"\"", quoted, b"\"", behind].concat();
            let apart = [quoted, behind].concat();
            simple && holds(text, &merged) && !holds(text, &apart)
        })
    };
    record.iter().any(is_merged)
}

fn holds(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
