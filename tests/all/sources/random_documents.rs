use std::io::{self, Read};

use partnerstack_connector::source::{Format, Input, Source, SourceOptions};
use serde_json::{Map, Value, json};

use partnerstack_tests::reading::{read_stream, stated};

#[test]
fn random_documents_come_back_whatever_the_chunks() {
    let _limit = partnerstack_tests::limit();
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for round in 0..400 {
        let document = random.document();
        let expected: Vec<&[String]> = document.rows.iter().map(Vec::as_slice).collect();
        let chunk = if round % 2 == 0 { 1 + random.below(7) } else { 1 << 20 };
        let options =
            SourceOptions { delimiter: Some(document.delimiter.to_string()), ..SourceOptions::default() };
        let reader = Chunks {
            bytes: document.text.clone().into_bytes(),
            at: 0,
            most: chunk,
            random: Random(round + 1),
        };
        let read = read_stream(reader, &options);
        assert_eq!(read.columns, document.header, "{round}: {:?}", document.text);
        assert_eq!(read.cells(), expected, "{round}: {:?}", document.text);
        assert!(read.faults().is_empty());
    }
}

#[test]
fn random_documents_come_back_from_every_encoding() {
    let _limit = partnerstack_tests::limit();
    let mut random = Random(42);
    for _ in 0..100 {
        let document = random.document();
        let expected: Vec<&[String]> = document.rows.iter().map(Vec::as_slice).collect();
        for little in [true, false] {
            let units =
                "\u{feff}".encode_utf16().chain(document.text.trim_start_matches('\u{feff}').encode_utf16());
            let bytes =
                units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect();
            let options =
                SourceOptions { delimiter: Some(document.delimiter.to_string()), ..SourceOptions::default() };
            let most = 1 + random.below(5);
            let read = read_stream(Chunks { bytes, at: 0, most, random: Random(7) }, &options);
            assert_eq!(read.columns, document.header);
            assert_eq!(read.cells(), expected);
        }
    }
}

#[test]
fn random_objects_come_back_as_lines_and_as_an_array() {
    let _limit = partnerstack_tests::limit();
    let mut random = Random(7);
    for _ in 0..200 {
        let objects: Vec<Map<String, Value>> = (0..=random.below(6)).map(|_| random.object()).collect();
        let lines: String =
            objects.iter().map(|object| Value::Object(object.clone()).to_string() + "\r\n").collect();
        let values: Vec<Value> = objects.iter().cloned().map(Value::Object).collect();
        let pretty = serde_json::to_string_pretty(&values).unwrap();
        for text in [lines, Value::from(values).to_string(), pretty] {
            let most = 1 + random.below(7);
            let reader = Chunks { bytes: text.clone().into_bytes(), at: 0, most, random: Random(3) };
            let options =
                if text.starts_with('{') { stated(Format::Ndjson) } else { SourceOptions::default() };
            assert_eq!(read_stream(reader, &options).objects(), objects, "{text}");
        }
    }
}

#[test]
fn no_input_makes_it_panic_or_hang() {
    const PIECES: [&str; 24] = [
        "\"",
        "\"\"",
        ",",
        ";",
        "\n",
        "\r",
        "\r\n",
        "a",
        "é",
        "{",
        "}",
        "[",
        "]",
        ":",
        "\\",
        "\\u12",
        "1",
        "null",
        " ",
        "\u{feff}",
        "{\"a\":1}",
        "sep=;\n",
        "\"record\"",
        "\0",
    ];
    let _limit = partnerstack_tests::limit();
    let mut random = Random(99);
    for round in 0..2000_u64 {
        let mut bytes: Vec<u8> =
            (0..random.below(40)).flat_map(|_| PIECES[random.below(PIECES.len())].bytes()).collect();
        if random.below(4) == 0 {
            bytes.insert(random.below(bytes.len() + 1), 0xC3);
        }
        let format = [None, Some(Format::Csv), Some(Format::Ndjson), Some(Format::Json)][random.below(4)];
        let encoding = [None, Some("windows-1252"), Some("utf-16le"), Some("shift_jis")][random.below(4)];
        let options = SourceOptions {
            format,
            delimiter: None,
            encoding: encoding.map(str::to_owned),
            records: None,
            whole: false,
        };
        let count = bytes.len();
        let reader = Chunks { bytes, at: 0, most: 1 + random.below(7), random: Random(round + 1) };
        if let Ok(mut source) = Source::open(Input::Stdin(Box::new(reader)), &options) {
            let mut items = 0;
            while source.read().unwrap().is_some() {
                items += 1;
                assert!(items <= count + 1, "more records than bytes");
            }
            assert!(source.read().unwrap().is_none(), "the end stays the end");
        }
    }
}

/// xorshift, so that a failure comes back with its seed.
struct Random(u64);

/// A CSV text and what is in it.
struct Document {
    delimiter: char,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    text: String,
}

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn cell(&mut self) -> String {
        const PIECES: [&str; 14] =
            ["a", "B7", " ", ",", ";", "\t", "|", "\"", "\n", "\r\n", "é", "日本", "😀", "'"];
        let cell: String = (0..self.below(6)).map(|_| PIECES[self.below(PIECES.len())]).collect();
        // Lines within a cell that look like rows are an open quote, so they have no delimiters here.
        match cell.split_once('\n') {
            Some((first, rest)) => format!("{first}\n{}", rest.replace([',', ';', '\t', '|'], "x")),
            None => cell,
        }
    }

    fn document(&mut self) -> Document {
        let delimiter = [',', ';', '\t', '|'][self.below(4)];
        let end = ["\n", "\r\n", "\r"][self.below(3)];
        let width = 1 + self.below(5);
        let header: Vec<String> = (0..width).map(|column| format!("column {column}")).collect();
        let mut rows: Vec<Vec<String>> =
            (0..self.below(8)).map(|_| (0..width).map(|_| self.cell()).collect()).collect();
        rows.retain(|row| row.iter().any(|cell| !cell.trim().is_empty()));
        let mut text = if self.below(2) == 0 { "\u{feff}".to_owned() } else { String::new() };
        let surplus = self.below(3);
        let all = std::iter::once(&header).chain(&rows).enumerate();
        for (number, record) in all {
            if number > 0 {
                text += end;
                text += &end.repeat(self.below(2));
            }
            let cells: Vec<String> = record.iter().map(|cell| self.quoted(cell, delimiter)).collect();
            text += &cells.join(&delimiter.to_string());
            if number > 0 {
                text.extend(std::iter::repeat_n(delimiter, surplus));
            }
        }
        if self.below(2) == 0 {
            text += end;
        }
        Document { delimiter, header, rows, text }
    }

    fn quoted(&mut self, cell: &str, delimiter: char) -> String {
        let must = cell.contains([delimiter, '"', '\n', '\r']);
        if must || self.below(3) == 0 {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell.to_owned()
        }
    }

    fn object(&mut self) -> Map<String, Value> {
        let mut object = Map::new();
        for position in 0..self.below(4) {
            let value = match self.below(5) {
                0 => Value::Null,
                1 => Value::from(self.below(1000)),
                2 => json!([self.cell(), {"x": [self.cell()]}]),
                3 => json!({"]": "[", "}": {}}),
                _ => Value::from(self.cell()),
            };
            object.insert(format!("{position}{}", self.cell()), value);
        }
        object
    }
}

/// Gives a few bytes at a time, and sometimes an interruption.
struct Chunks {
    bytes: Vec<u8>,
    at: usize,
    most: usize,
    random: Random,
}

impl Read for Chunks {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.random.below(16) == 0 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let most = 1 + self.random.below(self.most);
        let count = most.min(out.len()).min(self.bytes.len() - self.at);
        out[..count].copy_from_slice(&self.bytes[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}
