use partnerstack_connector::source::{Format, SourceError};

use partnerstack_tests::reading::{delimited, read, read_with, refused};

#[test]
fn a_csv_file_gives_its_cells_by_column_and_counts_rows_from_one() {
    let _limit = partnerstack_tests::limit();
    let read = read("email,name\nada@example.com,Ada\nbob@example.com,Bob\n");
    assert_eq!(read.format, Format::Csv);
    assert_eq!(read.columns, ["email", "name"]);
    assert_eq!(read.cells(), [["ada@example.com", "Ada"], ["bob@example.com", "Bob"]]);
    assert_eq!(read.numbers(), [1, 2]);
}

#[test]
fn a_byte_order_mark_is_not_part_of_the_first_column() {
    let _limit = partnerstack_tests::limit();
    assert_eq!(read("\u{feff}email,name\na,b\n").columns, ["email", "name"]);
    assert_eq!(read("\u{feff}\"email\",name\na,b\n").columns, ["email", "name"]);
}

#[test]
fn every_line_end_ends_a_record_and_the_last_one_is_not_needed() {
    let _limit = partnerstack_tests::limit();
    for end in ["\n", "\r\n", "\r"] {
        for last in [end, ""] {
            let text = format!("a,b{end}1,2{end}\"3{end}3\",\"\"\"4\"\"\"{last}");
            let read = read(&text);
            assert_eq!(read.columns, ["a", "b"], "{text:?}");
            assert_eq!(read.cells(), [["1", "2"], [&format!("3{end}3"), "\"4\""]], "{text:?}");
        }
    }
}

#[test]
fn the_delimiter_is_the_one_that_the_header_has_most_of_outside_quotes() {
    let _limit = partnerstack_tests::limit();
    let columns = |header: &str| read(format!("{header}\n")).columns;
    assert_eq!(columns("a;b;c"), ["a", "b", "c"]);
    assert_eq!(columns("a\tb, c\td"), ["a", "b, c", "d"]);
    assert_eq!(columns("a|b|c,d"), ["a", "b", "c,d"]);
    assert_eq!(columns("\"a,a,a\";\"b\"\",,;\""), ["a,a,a", "b\",,;"]);
    assert_eq!(columns("a,b;c"), ["a", "b;c"], "a tie goes to the comma");
    assert_eq!(columns("a;b|c"), ["a", "b|c"]);
    assert_eq!(columns("5\" disk;size"), ["5\" disk", "size"], "a quote inside a cell opens nothing");
    assert_eq!(columns("email"), ["email"]);
    assert_eq!(columns("\n \t \r\n\na;b"), ["a", "b"], "blank lines before it do not count");
}

#[test]
fn a_first_line_may_declare_the_delimiter() {
    let _limit = partnerstack_tests::limit();
    for text in ["sep=;\r\na;b,c,d\r\n1;2\r\n", "SEP=;\na;b,c,d\n1;2\n", "\u{feff}sep=;\ra;b,c,d\r1;2"] {
        let read = read(text);
        assert_eq!(read.columns, ["a", "b,c,d"], "{text:?}");
        assert_eq!(read.cells(), [["1", "2"]], "{text:?}");
    }
    assert_eq!(read("sep=\t\na\tb;c;d\n").columns, ["a", "b;c;d"]);
    assert_eq!(
        read("sep=;\na;b\n1;2;3\n").faults()[0].1,
        read("a;b\n1;2\n1;2;3\n").faults()[0].1,
        "lines count on"
    );
    assert_eq!(read("sep=long,b\n").columns, ["sep=long", "b"]);
    assert_eq!(read("sep,b\n").columns, ["sep", "b"]);
}

#[test]
fn a_delimiter_can_be_stated() {
    let _limit = partnerstack_tests::limit();
    let columns = |text: &str, delimiter: &str| read_with(text, &delimited(delimiter)).columns;
    assert_eq!(columns("a;b,c\n", ","), ["a;b", "c"]);
    assert_eq!(columns("a^b,c\n", "^"), ["a", "b,c"]);
    assert_eq!(columns("a\tb,c,d\n", "tab"), ["a", "b,c,d"]);
    assert_eq!(columns("a\tb,c,d\n", "\\t"), ["a", "b,c,d"]);
    assert_eq!(columns("sep=;\na;b|c\n", "pipe"), ["a;b", "c"], "what the first line declares is overridden");
    for text in ["", "\"", "\n", "ab", "t", "é", "7"] {
        let error = refused("a,b\n", &delimited(text));
        assert!(matches!(error, SourceError::UnknownDelimiter { .. }), "{text:?}: {error}");
    }
    let error = refused("a,b\n", &delimited("t")).to_string();
    assert!(error.contains("`t` cannot delimit cells") && error.contains("`tab`"), "{error}");
}

#[test]
fn nameless_columns_surplus_empty_cells_and_empty_rows_are_passed() {
    let _limit = partnerstack_tests::limit();
    let rows = "1,2,ignored,3,,,,, ,\n,,,,,\n\n \t\n\u{a0}, ,\u{2003}\n1,2,,3\n4,5,,6,,,,, ,\n\"\",,,\n";
    let read = read(format!("a, b ,,c,,\n{rows}"));
    assert_eq!(read.columns, ["a", "b", "", "c", "", ""]);
    assert_eq!(
        read.cells(),
        [vec!["1", "2", "ignored", "3", "", ""], vec!["1", "2", "", "3"], vec!["4", "5", "", "6", "", ""]]
    );
    assert_eq!(read.numbers(), [1, 2, 3], "empty rows are not counted");
}

#[test]
fn surplus_empty_cells_are_a_shift_where_other_rows_have_none() {
    let _limit = partnerstack_tests::limit();
    for rows in ["1,Acme, Inc,\n2,b,\n", "2,b,\n1,Acme, Inc,\n"] {
        let read = read(format!("id,name,note\n{rows}"));
        assert_eq!(read.cells(), [["2", "b", ""]], "{rows:?}");
        let (_, message) = read.faults().remove(0);
        assert!(message.contains("has 4 cells, but the header has 3 columns"), "{message}");
    }
}

#[test]
fn quotes_are_doubled_and_stand_where_cells_begin_and_end() {
    let _limit = partnerstack_tests::limit();
    let read = read(concat!(
        "id,name\n1,\"Acme\" Inc\n2,\"John \"Wayne\"\"\n3,\"Acme \\\"Best\\\" Inc\"\n4,5\\\" pipe\n5, \"a, b\"\n",
        "6,\"say \"\"hi\"\"\"\n7,5\" pipe\n8,\"C:\\dir\"\n9,\"{\"\"a\"\":\"\"x\\\"\"y\"\"}\"\n",
    ));
    assert_eq!(
        read.cells(),
        [["6", "say \"hi\""], ["7", "5\" pipe"], ["8", "C:\\dir"], ["9", "{\"a\":\"x\\\"y\"}"]]
    );
    let words = ["closes its cell", "closes its cell", "a backslash", "a backslash", "a blank stands before"];
    assert_eq!(read.faults().len(), words.len());
    for ((row, message), words) in read.faults().into_iter().zip(words) {
        assert!(message.starts_with(&format!("line {}: ", row + 1)) && message.contains(words), "{message}");
    }
}

#[test]
fn a_cell_that_holds_rows_names_the_line_where_it_opened() {
    let _limit = partnerstack_tests::limit();
    let text = "id,mail,name\n1,a@x.io,\"5 inch\n2,b@x.io,N\n3,c@x.io,M\"\n4,d@x.io,\"Dear all,\nthis, and, that\n\"\n";
    let read = read(text);
    assert_eq!(read.cells(), [["4", "d@x.io", "Dear all,\nthis, and, that\n"]]);
    let (row, message) = read.faults().remove(0);
    assert!(row == 1 && message.contains("a quote that opens in line 2"), "{message}");
    assert_eq!(read.rules(), ["quote"]);
}

#[test]
fn rows_of_nul_bytes_and_typographic_quotes_are_named() {
    let _limit = partnerstack_tests::limit();
    let read = read("id,name\n1,\u{201c}Acme, Inc\u{201d}\n\0\0\0\0\n");
    let messages: Vec<String> = read.faults().into_iter().map(|(_, message)| message).collect();
    assert!(messages[0].contains("typographic") && messages[1].contains("NUL bytes"), "{messages:?}");
}

#[test]
fn rows_of_nothing_before_the_header_are_passed() {
    let _limit = partnerstack_tests::limit();
    let read = read(";;\r\n\r\na;b;c\r\n1;2;3\r\n");
    assert_eq!(read.columns, ["a", "b", "c"]);
    assert_eq!(read.cells(), [["1", "2", "3"]]);
}

#[test]
fn a_header_alone_is_a_source_without_rows() {
    let _limit = partnerstack_tests::limit();
    for text in ["a,b", "a,b\n", "a,b\r\n\r\n", "a,b\n,\n"] {
        assert!(read(text).items.is_empty(), "{text:?}");
    }
}

#[test]
fn cells_are_left_as_they_are() {
    let _limit = partnerstack_tests::limit();
    assert_eq!(read("a,b\n 1 ,\" 2 \"\n").cells(), [[" 1 ", " 2 "]]);
}

#[test]
fn missing_and_surplus_cells_make_a_row_unreadable_and_the_next_is_read() {
    let _limit = partnerstack_tests::limit();
    let read = read("a,b,c\r\n1,2\r\n\r\n1,2,3\r\n1,2,3,secret\r\nx\r\n7,8,9\r\n");
    assert_eq!(read.cells(), [["1", "2", "3"], ["7", "8", "9"]]);
    assert_eq!(read.numbers(), [1, 2, 3, 4, 5]);
    assert_eq!(
        read.faults(),
        [
            (1, "line 2 has 2 cells, but the header has 3 columns; a cell may be empty, but its delimiter must be there".to_owned()),
            (3, "line 5 has 4 cells, but the header has 3 columns; a cell that contains the delimiter needs quotes around it".to_owned()),
            (4, "line 6 has 1 cell, but the header has 3 columns; if it is no row but the total or a note of a report, take it out where the source comes from; of a row, a cell may be empty, but its delimiter must be there".to_owned()),
        ]
    );
    assert_eq!(read.rules(), ["ragged", "ragged", "ragged"]);
}

#[test]
fn lines_are_counted_through_quoted_line_ends_whatever_ends_them() {
    let _limit = partnerstack_tests::limit();
    for end in ["\n", "\r\n", "\r"] {
        let text = ["a,b", "1,2", "", "3", "4,5", "6"].join(end);
        let (_, message) = read(&text).faults()[1].clone();
        assert!(message.starts_with("line 6 has 1 cell,"), "{end:?}: {message}");
    }
    let read = read("a,b\n\"x\ny\nz\",2\n3\n\"p\nq\"\n");
    let messages: Vec<_> = read.faults().into_iter().map(|(_, message)| message).collect();
    assert!(messages[0].starts_with("line 5 has 1 cell,"), "{}", messages[0]);
    assert!(messages[1].starts_with("the record in lines 6 to 7 has 1 cell,"), "{}", messages[1]);
    assert!(messages[1].ends_with("is a quote left open in its first line?"), "{}", messages[1]);
}

#[test]
fn bytes_that_are_not_utf8_cost_one_row_and_name_the_cure() {
    let _limit = partnerstack_tests::limit();
    let read = read(b"email,name\na@x,Ren\xE9e\nb@x,Bob\n\xC3,\xA9\n".as_slice());
    assert_eq!(read.cells(), [["b@x", "Bob"]]);
    assert_eq!(read.rules(), ["encoding", "encoding"], "half a character in each of two cells is none");
    let (row, message) = &read.faults()[0];
    assert_eq!(*row, 1);
    assert!(message.starts_with("line 2 has bytes that are not UTF-8"), "{message}");
    assert!(message.contains("`--encoding windows-1252`") && !message.contains("Ren"), "{message}");
}

#[test]
fn a_character_that_is_split_over_two_cells_is_no_blank() {
    let _limit = partnerstack_tests::limit();
    let reading = read(b"a,b\n\xc2,\xa0\n1,2\n\xc2\xa0,\xc2\xa0\n");
    assert_eq!(reading.rules(), ["encoding"]);
    assert_eq!(reading.cells(), [["1", "2"]]);
}

#[test]
fn a_quote_that_never_closes_is_one_row_that_says_where_it_opened() {
    let _limit = partnerstack_tests::limit();
    let read = read("a,b\n1,2\n\"x\ny\",\"open\nmail@example.com,secret\n9,9\n");
    assert_eq!(read.cells(), [["1", "2"]]);
    assert_eq!(read.numbers(), [1, 2]);
    assert_eq!(read.rules(), ["quote"]);
    let (_, message) = &read.faults()[0];
    assert!(message.starts_with("a quote that opens in line 4 never closes"), "{message}");
    assert!(message.contains("nothing of it was sent") && !message.contains("secret"), "{message}");
}

#[test]
fn a_quote_at_the_very_end_counts_as_open_and_a_closed_one_does_not() {
    let _limit = partnerstack_tests::limit();
    assert_eq!(read("a,b\n1,\"").rules(), ["quote"]);
    assert_eq!(read("a,b\n1,\"\"").cells(), [["1", ""]]);
    assert_eq!(read("a,b\n1,\"\"\"").rules(), ["quote"]);
    assert_eq!(read("a,b\n1,2,").cells(), [["1", "2"]]);
}
