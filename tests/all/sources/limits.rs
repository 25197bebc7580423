use std::io::{self, Read};

use partnerstack_connector::source::{Format, Input, RECORD_LIMIT, Source, SourceError, SourceOptions};

use partnerstack_tests::reading::{read, read_stream, read_with, refused, stated};

#[test]
fn a_cell_of_fifty_megabytes_is_streamed_past() {
    let _limit = partnerstack_tests::limit();
    for (head, fill, megabytes, tail) in [
        ("a,b\n1,2\n3,", "x", 50, "\n5,6\n"),
        ("a,b\n1,2\n3,\"", "line\n\"\"", 5, "\"\n5,6\n"),
        ("a,b\n1,2\n3,", ",", 5, "\n5,6\n"),
        ("{\"a\":1}\n{\"a\":\"", "x", 50, "\"}\n{\"a\":2}\n"),
        ("{\"a\":1}\n", "x", 5, "\n{\"a\":2}"),
        ("{\"a\":\"", "x", 5, "\"}\n{\"a\":1}\n{\"a\":2}"),
        ("[{\"a\":1}, {\"a\":\"", "\\\"]", 20, "\"}, {\"a\":2}]"),
    ] {
        let reader = Repeating::new(head, fill, megabytes * 1_000_000, tail);
        let stated = if head.starts_with('{') { stated(Format::Ndjson) } else { SourceOptions::default() };
        let read = read_stream(reader, &stated);
        assert_eq!((read.rows(), read.rules()), (2, vec!["size"]), "{head:?} {fill:?}");
        assert_eq!(read.numbers(), [1, 2, 3], "{head:?} {fill:?}");
    }
    let read = read_stream(Repeating::new("[{\"a\":1}, ", "[", 5_000_000, ""), &SourceOptions::default());
    assert_eq!((read.rows(), read.rules()), (1, vec!["json"]), "what never ends is told by its beginning");
}

#[test]
fn the_line_count_goes_on_behind_what_was_streamed_past() {
    let _limit = partnerstack_tests::limit();
    let reader = Repeating::new("a,b\n1,\"", "line\n", 5_000_000, "\"\nx\n");
    let read = read_stream(reader, &SourceOptions::default());
    assert_eq!(read.rules(), ["size", "ragged"]);
    assert!(read.faults()[0].1.starts_with("the record that begins in line 2 is longer than 1 MiB"));
    assert!(read.faults()[1].1.starts_with("line 1000003 has 1 cell,"), "{}", read.faults()[1].1);
}

#[test]
fn an_open_quote_is_told_however_much_it_swallows() {
    let _limit = partnerstack_tests::limit();
    let reader = Repeating::new("a,b\n1,2\n\"3\n3\",\"4", "\n5,6", 20_000_000, "");
    let read = read_stream(reader, &SourceOptions::default());
    assert_eq!(read.rules(), ["quote"]);
    assert!(
        read.faults()[0].1.starts_with("a quote that opens in line 4 never closes"),
        "{}",
        read.faults()[0].1
    );

    let reader = Repeating::new("a,b\n\"", "x\n", 3_000_000, "\",\"y");
    let read = read_stream(reader, &SourceOptions::default());
    assert!(read.faults()[0].1.starts_with("a quote that opens in line 1500002"), "{}", read.faults()[0].1);
}

#[test]
fn a_record_of_one_mebibyte_is_read_and_a_byte_more_is_not() {
    let _limit = partnerstack_tests::limit();
    for (more, rows) in [(0, 1), (1, 0)] {
        let cell = "x".repeat(RECORD_LIMIT - 2 + more);
        assert_eq!(read(format!("a,b\n1,{cell}\n")).rows(), rows);
        assert_eq!(read(format!("a,b\n1,{cell}")).rows(), rows);
        assert_eq!(read(format!("a,b\n1,{cell}\r\n2,\n")).rows(), rows + 1);
        let object = format!("{{\"a\":\"{}\"}}", "x".repeat(RECORD_LIMIT - 8 + more));
        assert_eq!(read_with(&object, &stated(Format::Ndjson)).rows(), rows);
        assert_eq!(read_with(format!("{object}\r\n{{}}\n"), &stated(Format::Ndjson)).rows(), rows + 1);
        assert_eq!(read(format!("{{}}\n{object}\r\n{{}}\n")).rows(), rows + 2);
        assert_eq!(read(format!("[{object}, {{}}]")).rows(), rows + 1);
        assert_eq!(read(format!("[{object}\n]")).rows(), rows);
    }
}

#[test]
fn a_header_that_never_ends_is_refused() {
    let _limit = partnerstack_tests::limit();
    let error = refused("a,\"b\n1,2\n3,4\n", &SourceOptions::default()).to_string();
    assert!(error.contains("opens in line 1 and never closes"), "{error}");
    let reader = Repeating::new("a,\"b", "\n1,2", 5_000_000, "\"\n");
    let error = Source::open(Input::Stdin(Box::new(reader)), &SourceOptions::default()).err().unwrap();
    assert!(matches!(error, SourceError::HeaderTooLong { .. }), "{error}");
}

/// A beginning, a piece many times over until it has about `length` bytes, and an end, without holding them.
struct Repeating {
    head: io::Cursor<Vec<u8>>,
    block: Vec<u8>,
    left: usize,
    tail: io::Cursor<Vec<u8>>,
}

impl Repeating {
    fn new(head: &str, piece: &str, length: usize, tail: &str) -> Self {
        let cursor = |text: &str| io::Cursor::new(text.as_bytes().to_vec());
        let block = piece.repeat(10_000).into_bytes();
        Self { head: cursor(head), left: length - length % piece.len(), block, tail: cursor(tail) }
    }
}

impl Read for Repeating {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.head.read(out)?;
        if count > 0 || out.is_empty() {
            return Ok(count);
        }
        if self.left == 0 {
            return self.tail.read(out);
        }
        // What is left is whole pieces, so what is left of it in the block begins where the last call ended.
        let start = (self.block.len() - self.left % self.block.len()) % self.block.len();
        let count = out.len().min(self.left).min(self.block.len() - start);
        out[..count].copy_from_slice(&self.block[start..start + count]);
        self.left -= count;
        Ok(count)
    }
}
